"""`doit check`: build what is stale, then tell what is wrong with the course, and what of it is new.

The check is of what readers would get, so the build comes first: the same tasks as those of plain `doit`, whose own
words are not shown.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from doit.control import TaskControl
from doit.exceptions import InvalidCommand
from doit.runner import Runner
from doit.task import Stream

from pipeline.builder.course.told import find_named, hint_nearest, place, started_in
from pipeline.builder.disk.location import Location
from pipeline.builder.runs.checking import Checked, check_all, keep_checked, read_checked
from pipeline.builder.runs.commands import CourseCommand, course_of
from pipeline.builder.runs.doit_private import leave_reader
from pipeline.builder.runs.reporter import CourseReporter
from pipeline.builder.runs.run import CourseRun
from pipeline.checks.baseline import accepted_line, format_baseline, parse_baseline, place_in, split_known
from pipeline.checks.forms import as_diff, as_github, as_json, as_text, summarise
from pipeline.checks.silence import count_for, find_severities, read_severities
from pipeline.errors import Diagnostic, PipelineError, SettingsError, SourceError
from pipeline.paths import item_of

BASELINE_NAME = "check-baseline.tsv"
"""Beside `dodo.py`: in the content folder anyone who writes lessons could accept what is wrong with them."""
NOT_DONE = 3
"""The exit status of doit for what could not begin: no finding, which is 1."""
FORMATS = ("text", "json", "github")
SETTINGS_FILE = "pyproject.toml"
_APART = (
    ("baseline", "fix", "mend first with --fix, then accept what is left with --baseline"),
    ("baseline", "since", "--baseline accepts all that is found now, whenever it came"),
    ("baseline", "a path", "--baseline accepts what is found in the whole course: leave the path out"),
    ("fix", "since", "--fix mends what is sure, whenever it came; name a path to mend less"),
    ("fix", "format", "--fix shows what it mends as a diff; --format json without it has each fix"),
)
"""Options of which one would have no effect beside the other."""


class Check(CourseCommand):
    """The command; paths that it is given limit what is told."""

    name = "check"
    doc_purpose = "show what is wrong with the course, and mend what is sure"
    doc_usage = "[PATH ...]"
    doc_description = (
        "Builds what is stale, then checks it. A path, from here or from the content folder, is the file or the folder "
        "whose findings are shown. Ends with 1 if there is an error or a warning that is not accepted, after --fix if "
        "one is left; with 3 if it did not come to that, else with 0."
    )
    cmd_options = (
        {"name": "format", "short": "", "long": "format", "type": str, "default": "text",
         "choices": [(name, "") for name in FORMATS], "help": "how findings are written"},
        {"name": "listed", "short": "", "long": "list", "type": bool, "default": False,
         "help": "show what each code means, and check nothing"},
        {"name": "baseline", "short": "", "long": "baseline", "type": bool, "default": False,
         "help": f"accept what is found now, in {BASELINE_NAME} beside dodo.py"},
        {"name": "since", "short": "", "long": "since", "type": str, "default": "",
         "help": "show only what was not there at this revision of git"},
        {"name": "fix", "short": "", "long": "fix", "type": bool, "default": False,
         "help": "mend what has one safe answer, and show that as a diff, then what is left"},
        {"name": "dry_run", "short": "", "long": "dry-run", "type": bool, "default": False,
         "help": "show what --fix would mend, and write nothing"},
    )  # fmt: skip
    execute_tasks = True

    def execute(self, params: Any, args: list[str]) -> int:
        """Paths are no names of tasks."""
        self._paths = args
        if params["listed"]:
            self.outstream.write(_list_checks())
            return 0
        asked = {name for name in ("fix", "baseline", "since") if params[name]}
        asked |= {"fix"} if params["dry_run"] else set()
        asked |= {"format"} if params["format"] != "text" else set()
        asked |= {"a path"} if args else set()
        for one, other, hint in _APART:
            if {one, other} <= asked:
                names = [name if " " in name else f"--{name}" for name in (one, other)]
                raise InvalidCommand(f"{names[0]} and {names[1]} cannot be asked for together\n  hint: {hint}")
        result: int = super().execute(params, [])
        return result

    def _execute(self, format: str, baseline: bool, since: str, fix: bool, dry_run: bool) -> int:  # noqa: A002
        course = course_of(self).run
        self._asked = self._find_asked(course.location) if course.error is None else []
        try:
            checked = self._build(course)
            if course.error is not None or checked is None:
                self.outstream.write(f"{course.why_closed}\n")
                return 1
            findings = _count(checked, course.location)
            status = 0
            if fix or dry_run:
                findings, status = self._fix(checked, findings, course.location, is_dry=dry_run)
            told = self._tell(checked, findings, course.location, format, since, is_accepting=baseline, is_dry=dry_run)
            return max(status, told)
        except PipelineError as error:
            self.outstream.write(f"{error.diagnostic.format()}\n")
            return NOT_DONE
        except BrokenPipeError:
            return leave_reader()

    def _build(self, course: CourseRun) -> Checked | None:
        """Run the course's tasks, then check what they left; None if the course cannot be opened."""
        reporter = _Quiet(sys.stderr, {})
        reporter.run = course
        names = [name for name in self.sel_tasks or () if course.definitions.has(name)]
        control = TaskControl(self.task_list if names else [])
        control.process(names)
        runner = _Checking(self.dep_manager, reporter, continue_=True, stream=Stream(0))
        runner.course, runner.executed = course, reporter.executed
        runner.run_all(control.task_dispatcher())
        return runner.checked

    def _tell(
        self,
        checked: Checked,
        findings: list[Diagnostic],
        location: Location,
        form: str,
        since: str,
        *,
        is_accepting: bool,
        is_dry: bool,
    ) -> int:
        path, prefix = location.root / BASELINE_NAME, _prefix(location)
        places = _Places(location.content, prefix)
        accepted = _read_accepted(path)
        own = Counter({key: count for key, count in accepted.items() if key.startswith(prefix)})
        others = (accepted - own).elements()  # of another course with the same dodo.py
        named = [found._replace(path=prefix + found.path) for found in findings]
        if is_accepting:
            _write(path, format_baseline([*others, *map(places.line_of, named)]))
            self.outstream.write(f"{BASELINE_NAME}: {len(findings):,} accepted\n")
            return 0
        new, left = split_known(named, self._lines_at(since, location) if since else own, places.find)
        mended = 0 if since or is_dry else (own - left).total()
        if mended and not any(found.severity == "error" for found in findings):
            # What is mended leaves the file, so that it cannot come back unseen.
            _write(path, format_baseline([*others, *left.elements()]))
        told = [found._replace(path=found.path.removeprefix(prefix)) for found in new]
        told = [place(location, found) for found in told if self._is_asked(found, location)]
        if form == "json":
            self.outstream.write(as_json(told, known=left.total(), mended=mended))
        elif form == "github":
            self.outstream.write(as_github(told))
        else:
            self.outstream.write(as_text(told))
            self.outstream.write(f"{summarise(told, len(checked.lessons), left.total(), mended)}\n")
        return int(any(found.severity in ("error", "warning") for found in told))

    def _is_asked(self, found: Diagnostic, location: Location) -> bool:
        """Whether a finding is in a file or folder that was named."""
        if not self._asked:
            return True
        real = Path(os.path.realpath(location.content / found.path))
        return any(real.is_relative_to(os.path.realpath(location.content / path)) for path in self._asked)

    def _find_asked(self, location: Location) -> list[str]:
        """What was named, from here or from the content folder. A check of nothing would pass whatever is wrong."""
        asked = list[str]()
        for path in self._paths:
            found = find_named(location, path)
            if not found:
                self.dep_manager.close()
                hint = hint_nearest(location, path)
                raise InvalidCommand(f"there is no file or folder {path!r} in the course\n  hint: {hint}")
            asked += found
        return asked

    def _lines_at(self, revision: str, location: Location) -> Counter[str]:
        """What was wrong with the course at a revision: it is built elsewhere."""
        import json
        import shutil
        import subprocess
        import tempfile

        from pipeline.builder.disk.history import export_revision

        with tempfile.TemporaryDirectory(prefix="lesson-pipeline-") as name:
            folder = Path(os.path.realpath(name))
            old = Location(location.root, folder / "content", folder / "output", location.trusted)
            export_revision(location.content, revision, old.content)
            variables = [f"content={old.content}", f"output={old.output}"]
            variables += [f"trusted={old.trusted}"] if old.trusted else []
            command = [sys.executable, "-m", "doit", "-f", str(location.root / "dodo.py"), "check", "--format", "json"]
            try:
                done = subprocess.run([*command, *variables], capture_output=True, cwd=location.root)
                told = json.loads(done.stdout)["findings"]
            except (OSError, ValueError, KeyError) as error:
                why = error.strerror if isinstance(error, OSError) else _decoded(done.stdout or done.stderr)
                raise SettingsError(f"the course at {revision} cannot be checked: {why}") from None
            finally:
                shutil.rmtree(old.state_folder, ignore_errors=True)
            before, prefix = os.path.relpath(old.content, location.root) + os.sep, _prefix(location)
            places = _Places(old.content, prefix)
            paths = [prefix + item["path"].removeprefix(before) for item in told]
            found = (
                Diagnostic(item["message"], item["line"], path=path, code=item["code"])
                for item, path in zip(told, paths)
            )
            return Counter(map(places.line_of, found))

    def _fix(
        self, checked: Checked, findings: list[Diagnostic], location: Location, *, is_dry: bool
    ) -> tuple[list[Diagnostic], int]:
        """Mend what is sure; gives the findings that are left, and the exit status, which is not 0 if a file could not
        be mended, or, in a dry run, would be."""
        lessons = {lesson.path: lesson for lesson in checked.lessons}
        by_path: dict[str, list[Diagnostic]] = {}
        for found in findings:
            if found.fix and self._is_asked(found, location):
                by_path.setdefault(found.path, []).append(found)
        status, mended, files = 0, set[Diagnostic](), 0
        for path, wanted in sorted(by_path.items()):
            try:
                diff, done = _mend_file(location, path, lessons[path].source, wanted, is_dry=is_dry)
            except PipelineError as error:
                self.outstream.write(f"{place(location, error.diagnostic, path).format()}\n")
                status = 1
                continue
            self.outstream.write(diff)
            files += bool(done)
            mended.update(done)
        how = "would be mended" if is_dry else "mended"
        left = [found for found in findings if found not in mended]
        number = len(findings) - len(left)
        self.outstream.write(f"{number:,} {how} in {files:,} file{'' if files == 1 else 's'}\n")
        return left, int(bool(status or (is_dry and number)))


class _Places:
    """Where findings stand, as what was accepted says it; paths begin with `prefix`. Each file is read once."""

    def __init__(self, content: Path, prefix: str) -> None:
        self._content, self._prefix = content, prefix
        self._lines: dict[str, list[str]] = {}
        self._known: dict[tuple[str, int], str] = {}

    def find(self, found: Diagnostic) -> str:
        """The place of a finding; `""` where it has none."""
        if found.line is None:
            return ""
        if found.path not in self._lines:
            self._lines[found.path] = self._read(found.path.removeprefix(self._prefix)).split("\n")
        at = (found.path, found.line)
        if at not in self._known:
            self._known[at] = place_in(self._lines[found.path], found.line)
        return self._known[at]

    def line_of(self, found: Diagnostic) -> str:
        """A finding as a line of what is accepted."""
        return accepted_line(found, self.find(found))

    def _read(self, path: str) -> str:
        from pipeline.builder.disk.sources import read_source

        try:
            return read_source(self._content, path).content.decode("utf-8", "replace")
        except PipelineError:
            return ""


def _decoded(output: bytes) -> str:
    return output.decode("utf-8", "replace").strip()


def _read_accepted(path: Path) -> Counter[str]:
    """What was accepted; nothing if there is no such file."""
    if not path.exists():
        return Counter()
    shown = os.path.relpath(path, started_in())
    try:
        return parse_baseline(path.read_bytes().decode("utf-8"))
    except UnicodeDecodeError:
        raise SettingsError("not UTF-8", path=shown, hint="save it as UTF-8") from None
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", path=shown) from None
    except SettingsError as error:
        raise SettingsError(error.message, line=error.line, hint=error.hint, path=shown) from None


def _write(path: Path, text: str) -> None:
    from pipeline.builder.rewrite import write_text

    try:
        write_text(path, text.encode())
    except OSError as error:
        raise SettingsError(f"{path.name} cannot be written: {error.strerror}") from None


def _mend_file(
    location: Location, path: str, digest: str, findings: list[Diagnostic], *, is_dry: bool
) -> tuple[str, list[Diagnostic]]:
    """Mend what is sure in a lesson, if it is still what was checked; gives a diff, and the findings that it mends."""
    from pipeline.builder.disk.sources import read_source
    from pipeline.builder.rewrite import byte_order_mark, write_text
    from pipeline.checks.mend import mend_text

    source = read_source(location.content, path)
    if source.digest.hex() != digest:
        raise SourceError("the file changed meanwhile", hint="it was not written; run this again")
    mark = byte_order_mark(source.content)
    try:
        text = source.content[len(mark) :].decode("utf-8")
    except UnicodeDecodeError:
        return "", []  # its columns are a guess
    mended, done = mend_text(text, findings)
    if mended != text and not is_dry:
        write_text(Path(os.path.realpath(location.content / path)), mark + mended.encode(), unless_changed=source)
    shown = place(location, Diagnostic(""), path).path
    return as_diff(shown, text, mended), done


class _Checking(Runner):  # type: ignore[misc]
    """Checks the course when its tasks are done, as long as it is locked and open."""

    course: CourseRun
    executed: list[str]
    """The tasks that ran, when they have."""
    checked: Checked | None = None

    def finish(self) -> Any:
        try:
            self.checked = _checked(self.course, self.executed)
        finally:
            result = super().finish()
        return result


def _checked(course: CourseRun, executed: list[str]) -> Checked | None:
    if course.is_refused:
        return None
    before = read_checked(course.location)
    seal = course.sealed or (course.difference.seal if course.difference and course.difference.is_none else None)
    made_with, mark = (seal.contents.hex(), seal.mark) if seal else ("", "")
    is_as_it_was = course.sealed is None and seal is not None and before is not None
    if is_as_it_was and before is not None and (before.made_with, before.mark) == (made_with, mark):
        return before
    if course.error is not None:
        return None
    checked = check_all(course.graph, before, made_with, mark, _reached(course, before, executed))
    keep_checked(course.location, checked)
    return checked


def _reached(course: CourseRun, before: Checked | None, executed: list[str]) -> set[str] | None:
    """The lessons of which a task ran since the last check; None if others may be another, too."""
    difference = course.difference
    if before is None or difference is None or not difference.is_same_tree or before.mark != difference.seal.mark:
        return None
    tasks = [(name.partition(":")[0], item_of(name)) for name in executed if ":" in name]
    sources = course.course.plan.sources
    return {sources.get(item, item) if stage == "render" else item for stage, item in tasks}


class _Quiet(CourseReporter):
    """Finishes a run as the console's does, and shows no more of it than its progress."""

    def _tell(self, message: str, colour: str = "") -> None:
        pass

    def complete_run(self) -> None:
        self._count_standing(is_open=False)
        self._wipe()
        self._flush()


def _count(checked: Checked, location: Location) -> list[Diagnostic]:
    """The findings that count, in the order of their files and lines; paths are those in the content folder."""
    path = location.root / SETTINGS_FILE
    text = path.read_text("utf-8") if path.is_file() else ""
    severities = {}
    if "lesson-pipeline" in text:
        try:
            if find_severities(text):
                from pipeline.checks.table import BY_CODE  # most have none, and it is the larger half of a check

                severities = read_severities(text, BY_CODE)
        except SettingsError as error:
            shown = os.path.relpath(path, started_in())
            raise SettingsError(error.message, line=error.line, hint=error.hint, path=shown) from None
    found = [one for finding, silenced in checked.findings() for one in count_for([finding], severities, silenced)]
    return sorted(found, key=lambda one: (one.path, one.line or 0, one.column or 0, one.code, one.message))


def _prefix(location: Location) -> str:
    """How the paths of a course's files begin in the file of what was accepted: it leads there from `dodo.py`."""
    return os.path.relpath(location.content, location.root).replace(os.sep, "/") + "/"


def _list_checks() -> str:
    """What each code means, with a small example."""
    from pipeline.checks.table import CHECKS

    lines = []
    for check in CHECKS:
        lines.append(f"{check.code} ({check.severity}): {check.means}")
        if check.example:
            lines.append(f"    {check.example}")
    return "\n".join(lines) + "\n"
