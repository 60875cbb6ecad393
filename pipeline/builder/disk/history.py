"""git's log of a content folder -> when each file was changed last, in one call."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import SettingsError
from pipeline.paths import nfc

_DATE_MARK = "\x01"
MOST_COMMITS = 2_000
"""The last ones, in which a check looks for where lessons went."""
ALIKE = "70%"
"""Of the lines of two files, for one to be the other under a new name."""
MOST_PATH_BYTES = 4096
"""Of the path in a `.git` file; Linux takes no longer ones."""


def last_changes(content: Path) -> dict[str, str]:
    """Path in the content folder -> ISO date of the last commit that changed it; empty without git, and in a shallow
    clone, whose first commit seems to have changed every file."""
    import subprocess  # 6 ms, and few courses want to know

    if is_shallow(content):
        return {}
    # The repository may be anybody's: its settings start no program.
    command = ["git", "-C", str(content), "-c", "core.quotePath=false", "-c", "core.fsmonitor=false", "log", "-z"]
    command += [
        "--no-show-signature",
        f"--format={_DATE_MARK}%cs",
        "--name-only",
        "--no-renames",
        "--relative",
    ]
    try:
        done = subprocess.run([*command, "--", "."], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return {}
    found: dict[str, str] = {}
    date = ""
    # With -z: `\x01date`, an empty field or a line break, then the paths, each ended by NUL.
    for field in done.stdout.decode("utf-8", "surrogateescape").split("\0"):
        name = field.strip("\n")
        if name.startswith(_DATE_MARK):
            date = name[1:11]
            name = name[11:].strip("\n")
        if name:
            found.setdefault(name, date)
    return found


def past_renames(content: Path) -> dict[str, str]:
    """Path in the content folder -> where the file that stood there went, as the last commits say; of two the later.
    Empty without git."""
    import subprocess

    command = ["git", "-C", str(content), "-c", "core.fsmonitor=false", "log", "-z", f"--max-count={MOST_COMMITS}"]
    command += ["--no-show-signature", "--format=", "--name-status", f"--find-renames={ALIKE}", "--diff-filter=R"]
    try:
        done = subprocess.run([*command, "--relative", "--", "."], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return {}
    # With -z: `R095`, the old path, the new one, each ended by NUL.
    fields = [field.strip("\n") for field in done.stdout.decode("utf-8", "surrogateescape").split("\0")]
    found: dict[str, str] = {}
    for number in range(0, len(fields) - 2, 3):
        found.setdefault(nfc(fields[number + 1]), nfc(fields[number + 2]))
    return found


def is_shallow(content: Path) -> bool:
    """Whether the clone that the folder is in was made without its past (`git clone --depth`)."""
    try:
        git = _find_git(content)
        if git is None:
            return False
        shared = git / "commondir"  # of a work tree of its own
        return ((git / shared.read_text("utf-8").strip() if shared.is_file() else git) / "shallow").exists()
    except (OSError, ValueError):  # what it says may be no path at all
        return False


def log_stamp(content: Path) -> str | None:
    """What changes when a commit is made, or its past fetched: the stamp of git's own log. `""` without git, None where
    it keeps no log."""
    try:
        git = _find_git(content)
        if git is None:
            return ""
        status = (git / "logs" / "HEAD").stat()
    except (OSError, ValueError):
        return None
    return f"{status.st_size} {status.st_mtime_ns}{' shallow' * is_shallow(content)}"


def _find_git(content: Path) -> Path | None:
    """Where the repository that the folder is in keeps its own files."""
    for folder in (content.absolute(), *content.absolute().parents):
        git = folder / ".git"
        if git.is_file():  # a work tree of its own: the file says where its part of the repository is
            with git.open("rb") as stream:
                said = stream.read(MOST_PATH_BYTES).decode("utf-8", "surrogateescape")
            return folder / said.removeprefix("gitdir:").strip()
        if git.exists():
            return git
    return None


def export_revision(content: Path, revision: str, target: Path) -> None:
    """Write the regular files that a content folder had at a revision of git into a new one. Raises `SettingsError`."""
    import io
    import subprocess
    import tarfile

    if _find_git(content) is None:
        hint = "git init begins one"
        raise SettingsError(f"there is no git repository with {content}, so it has no revisions", hint=hint)
    git = ["git", "-C", str(content), "-c", "core.fsmonitor=false"]
    named = [*git, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
    try:
        commit = subprocess.run(named, capture_output=True, check=True, text=True).stdout.strip()
    except OSError:
        raise SettingsError("git cannot be run", hint="install it: it knows the revisions of a course") from None
    except subprocess.CalledProcessError:
        hint = "name a branch, a tag or a commit"
        if is_shallow(content):
            hint = "this clone is shallow: git fetch --unshallow gets its past; in a workflow: fetch-depth: 0"
        raise SettingsError(f"git knows no revision {revision!r} of {content}", hint=hint) from None
    try:
        packed = subprocess.run([*git, "archive", "--format=tar", commit], capture_output=True, check=True).stdout
    except subprocess.CalledProcessError:
        hint = "name a later revision"
        raise SettingsError(f"{content} was not there at revision {revision!r}", hint=hint) from None
    target.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            parts = member.name.split("/")
            if member.isfile() and ".." not in parts and not member.name.startswith("/"):
                path = target.joinpath(*parts)
                path.parent.mkdir(parents=True, exist_ok=True)
                taken = archive.extractfile(member)
                path.write_bytes(taken.read() if taken is not None else b"")
