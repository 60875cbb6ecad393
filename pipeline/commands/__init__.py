"""Commands of doit and of the project, a file each: `nightly`, `history`, `schedule`."""
