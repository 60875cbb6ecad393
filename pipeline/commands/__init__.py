"""Commands of doit, a file each: `nightly`, `history`, `schedule`; `course_here` says of which course."""
