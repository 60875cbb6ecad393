"""One night: the source brought up to date, a build, a release, a row in the history, a word to the maintainer."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.builder.disk.location import Location
from pipeline.builder.disk.lock import POLL_SECONDS, BusyError, CourseLock
from pipeline.builder.tasks import Definition
from pipeline.errors import PipelineError, SettingsError, SourceError, TargetError, as_typed, count_of, some_of
from pipeline.nightly.ending import end_after, end_by_signals, end_no_more
from pipeline.nightly.faults import FAULTS_KEPT, count_codes, split_faults, weigh_notice
from pipeline.nightly.history import History, Row
from pipeline.nightly.programs import run_program
from pipeline.nightly.releases import Changes, Prepared, Releases
from pipeline.nightly.settings import NEVER, WARNING, NightlySettings
from pipeline.nightly.source import read_revision, update_source
from pipeline.paths import REPORT_FOLDER

PUBLISHED, FAULTY, NOT_PUBLISHED, NOT_STARTED, BUSY = 0, 10, 11, 12, 75
"""Exit statuses; doit's own are 0 to 3, and 75 is `EX_TEMPFAIL`."""
ROLLED_BACK = "rolled back"
LOCK_NAME = "lock"
RESUMED = "LESSON_PIPELINE_NIGHT"
"""The environment variable by which a run that begins again, with the code that it fetched, knows of itself."""
CANNOT_OPEN = "settings"
"""The task that stands alone where a course cannot be opened."""
FAULTS_TOLD = 5
DIFFERS = "the published site is not what a clean build makes"
NOT_COMPARED = "a clean build of the same course failed"


class Options(NamedTuple):
    """What the command line says."""

    wait: float = 0
    """Seconds to wait for another run."""
    timeout: float = 0
    """Seconds that the run may take; 0 is no limit."""
    updates: bool = True
    verifies: bool = False


class Result(NamedTuple):
    """How a run ended."""

    status: int
    words: str
    faults: tuple[str, ...] = ()


class Stop(Exception):  # noqa: N818  (no error: what was found says so)
    """The run ends here."""

    def __init__(self, status: int, words: str, *faults: str) -> None:
        super().__init__(words)
        self.result = Result(status, words, faults)


class Night:
    """One run, from its lock to its row."""

    def __init__(
        self, location: Location, tasks: Iterable[Definition], settings: NightlySettings, options: Options
    ) -> None:
        self._location, self._settings, self._options = location, settings, options
        self._tasks = tuple(tasks)
        self._course_lock = CourseLock(location)
        self._history = History(location)
        self._releases = Releases(location.root / Path(settings.publish).expanduser())
        resumed: dict[str, Any] = json.loads(os.environ.pop(RESUMED, "{}"))
        self._resumed = resumed
        self._until = resumed.get("until") or (time.time() + options.timeout if options.timeout else 0.0)
        self._began = time.time()
        self._is_through = self._has_compared = False
        self._is_over = self._is_going_back = False
        started = resumed.get("started") or _now()
        run = resumed.get("run") or f"{started.replace('-', '').replace(':', '')[:15]}Z-{os.getpid()}"
        self.row = Row(run=run, started=started, before=resumed.get("before", ""))
        self.message = ""
        """A paragraph for a person; the first line alone where all is well."""

    # --- from outside ---

    def run(self) -> int:
        """Publish what there is to publish; the exit status."""
        return self._lead(self._publish_course)

    def roll_back(self, back: int) -> int:
        """Show a former release; the exit status."""
        self._is_going_back = True
        return self._lead(lambda: self._show_former(back))

    def refuse(self, error: SettingsError) -> int:
        """Do nothing, for a wrong setting: it is noted and told as other faults are; the exit status."""

        def steps() -> Result:
            raise Stop(NOT_STARTED, "could not start", _told(error))

        return self._lead(steps)

    def _lead(self, steps: Callable[[], Result]) -> int:
        try:
            self._log = self._history.open_log(self.row.run)
            with self._alone():
                self._begin()
                return self._finish(self._result_of(steps))
        except BusyError as error:
            return self._leave(Result(BUSY, "busy", (error.message,)))
        except OSError as error:
            told = f"{self._history.folder}: {error.strerror}"
            return self._leave(Result(NOT_STARTED, "could not start", (told,)))

    def _leave(self, result: Result) -> int:
        """End a run that has no row of its own to write, or shares the history with another."""
        last = self._last()
        row = self.row._replace(verified=last.verified, told=last.told, is_failing=last.is_failing)
        self.row = row._replace(ended=_now(), result=result.words, status=result.status, faults=result.faults)
        with contextlib.suppress(OSError):
            self._history.add(self.row)
        self.message = self._describe()
        return result.status

    def _last(self) -> Row:
        try:
            return self._history.last()
        except OSError:
            return Row()

    def _begin(self) -> None:
        last = self._last()
        self.row = self.row._replace(
            verified=last.verified, told=last.told, is_failing=last.is_failing, release=self._releases.current()
        )
        self._history.begin(self.row)
        self._log.write(f"run {self.row.run} of {self._location.root}")
        end_by_signals(self._note_end)
        if self._until:
            end_after(self._until - time.time(), self._end_late)

    def _result_of(self, steps: Callable[[], Result]) -> Result:
        try:
            return steps()
        except Stop as stop:
            return stop.result
        except SourceError as error:
            return Result(NOT_STARTED, "could not start", (_told(error),))
        except BusyError as error:
            return Result(BUSY, "busy", (error.message,))
        except PipelineError as error:
            return Result(NOT_PUBLISHED, "not published", (_told(error),))
        except OSError as error:
            self._log.write(traceback.format_exc())
            return Result(NOT_PUBLISHED, "not published", (f"{error.filename or 'the disk'}: {error.strerror}",))
        except Exception as error:
            self._log.write(traceback.format_exc())
            told = f"a bug in this program: {type(error).__name__}: {error}"
            return Result(NOT_PUBLISHED, "not published", (told,))

    # --- the steps ---

    def _publish_course(self) -> Result:
        self._check()
        with self._course_lock.hold(self._options.wait):
            self._update()
            faults = self._build()
            found = self._release()
            faults += self._verify()
            self._is_through = True
        if faults:
            return Result(FAULTY, f"{found}, with faults", tuple(faults))
        return Result(PUBLISHED, found)

    def _check(self) -> None:
        """Raise `Stop` if the folders cannot be used together."""
        try:
            self._location.check()
            self._releases.claim(self._location.content, self._location.output)
        except SettingsError as error:
            raise Stop(NOT_STARTED, "could not start", _told(error)) from None

    def _update(self) -> None:
        content = self._location.content
        if self._resumed or not (self._settings.update and self._options.updates):
            after = read_revision(content, self._log)
            self.row = self.row._replace(before=self.row.before or after, after=after)
            return
        before, after = update_source(content, self._log)
        self.row = self.row._replace(before=before, after=after)
        if before != after:
            self._log.write(f"source: {before[:10]} -> {after[:10]}")
            self._begin_again()

    def _begin_again(self) -> None:
        """What was fetched may be this program: what builds is what is there now, in a process of its own."""
        told = {"run": self.row.run, "started": self.row.started, "before": self.row.before, "until": self._until}
        os.set_inheritable(self._lock, True)
        os.environ[RESUMED] = json.dumps({**told, "lock": self._lock})
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606

    def _build(self) -> list[str]:
        """Build; the faults that are left. Raises `Stop` if what was built is not to be published."""
        from pipeline.builder.runs.builds import Builds

        written = io.StringIO()
        builds = Builds(self._location, self._tasks, self._course_lock)
        builds.tells_standing = self._settings.stop_on == WARNING  # they are why it stops, each night anew
        try:
            outcome = builds.run(written)
        finally:
            self._log.write(f"build: {written.getvalue().rstrip()}")
        told = outcome.told
        faults = split_faults(told["errors"]) or (["the build failed"] if outcome.status else [])
        self.row = self.row._replace(
            lessons=told["lessons"],
            pages=told["pages"],
            warnings=told["standing"],
            faults=tuple(faults[:FAULTS_KEPT]),
            warning_codes=count_codes(told["findings"], "warning"),
            fault_codes=count_codes(told["findings"], "error"),
            renames=tuple(note for note in told["notes"] if " became " in note)[:FAULTS_KEPT],
            build_seconds=told["seconds"],
            **_count_repairs(self._location.output),
        )
        if CANNOT_OPEN in told["executed"]:
            raise Stop(NOT_PUBLISHED, "not published", *faults)
        stop = self._settings.stop_on
        if faults and stop != NEVER:
            raise Stop(NOT_PUBLISHED, f"not published, as stop_on is {stop}", *faults)
        if told["standing"] and stop == WARNING:
            raise Stop(NOT_PUBLISHED, f"not published, as stop_on is {stop}", *split_faults(told["warnings"]))
        return faults

    def _release(self) -> str:
        """Publish the output, if readers do not see it yet; how that went."""
        prepared = self._releases.prepare(self._location.output)
        if prepared is None:
            self.row = self.row._replace(release=self._releases.current())
            return "nothing new"
        self._show(prepared, is_new=True)
        return "published"

    def _show(self, prepared: Prepared, *, is_new: bool) -> None:
        changes = prepared.changes
        counted = ", ".join(f"{len(paths)} {kind}" for kind, paths in changes._asdict().items())
        self._log.write(f"release {prepared.name}: {counted}")
        if self._settings.publish_command:
            ended = run_program(
                self._settings.publish_command,
                self._log,
                folder=self._location.root,
                environment=self._publish_environment(prepared),
            )
            if ended.status:
                if is_new:
                    self._releases.drop(prepared)
                raise TargetError(f"publish_command ended with {ended.status}: {ended.reason}")
        self._releases.show(prepared)
        self.row = self.row._replace(release=prepared.name, changed=changes.total)

    def _publish_environment(self, prepared: Prepared) -> dict[str, str]:
        path = self._history.folder / "changes.tsv"
        path.write_text(_format_changes(prepared.changes), "utf-8", "surrogateescape")
        return {
            "RELEASE": os.fspath(prepared.path),
            "LAST_RELEASE": os.fspath(prepared.last or ""),
            "CHANGES": os.fspath(path),
        }

    def _verify(self) -> list[str]:
        """Hold the release against a clean build, if it is time to; what is to be told of it."""
        days = self._settings.verify_days
        is_due = _is_over(self.row.verified, days) or (days and any(map(_is_of_comparison, self.row.told)))
        if not self._options.verifies and not is_due:
            return []
        current, names = self._releases.current(), self._releases.names()
        if self.row.faults or current != names[-1]:
            self._log.write("not verified: while a fault is left, or after --rollback, a clean build may differ")
            return []
        from pipeline.nightly.verify import verify_release

        manifest = self._releases.manifest(current)
        kept = set(manifest.kept if manifest else ())
        release = self._releases.path(current)
        verdict = verify_release(self._location, self._tasks, release, kept, self._releases.folder, self._log)
        self._has_compared = True
        if not verdict.compared:
            return [f"{NOT_COMPARED}: see the log"]
        self._log.write(f"verified: {count_of(verdict.compared, 'file')}, {len(verdict.different):,} differ")
        if verdict.different:
            self._log.write("\n".join(verdict.different))
            named = some_of(verdict.different)
            fault = f"{DIFFERS}: {named}"
            self.row = self.row._replace(faults=(*self.row.faults, fault))
            return [fault]
        self.row = self.row._replace(verified=_now())
        return []

    def _show_former(self, back: int) -> Result:
        self._check()
        with self._course_lock.hold(self._options.wait):
            self._show(self._releases.roll_back(back), is_new=False)
        return Result(PUBLISHED, ROLLED_BACK)

    # --- the end ---

    def _finish(self, result: Result) -> int:
        end_no_more()
        self.row = self.row._replace(
            ended=_now(),
            status=result.status,
            result=result.words,
            faults=tuple(dict.fromkeys(result.faults))[:FAULTS_KEPT],
            seconds=round(time.time() - self._began, 3),
        )
        self.message = self._describe()
        self._notify(result)
        self._log.write(self.message)
        try:
            self._is_over = True
            self._history.finish(self.row)
        except OSError as error:
            self.message += f" The history cannot be written: {error.strerror}."
        return result.status

    def _notify(self, result: Result) -> None:
        if result.status == BUSY or self._is_going_back:  # neither says how the course is
            return
        row = self.row
        is_failing = result.status != PUBLISHED
        notice = weigh_notice(
            row.faults, row.told, unseen=self._unseen(), was_failing=row.is_failing, is_failing=is_failing
        )
        command = self._settings.notify_command
        if notice.is_due and command:
            known = set(row.told)
            told = {**row._asdict(), "message": self.message, "root": os.fspath(self._location.root)}
            told["log"] = os.fspath(self._log.path)
            told["new"] = [fault for fault in notice.told if fault not in known]
            ended = run_program(
                command, self._log, folder=self._location.root, told=json.dumps(told).encode(), seconds=NOTIFY_SECONDS
            )
            if ended.status:
                self.message += f" notify_command ended with {ended.status}: {ended.reason}."
                return  # the next run tries again
        self.row = row._replace(told=notice.told, is_failing=notice.is_failing)

    def _unseen(self) -> Iterable[str]:
        """Faults that were told and that this run did not come to look at."""
        if not self._is_through:
            return self.row.told
        if self._has_compared or not self._settings.verify_days:
            return ()
        return filter(_is_of_comparison, self.row.told)

    def _note_end(self, how: str) -> None:
        if self._is_over:
            return
        self._log.write(how)
        row = self.row._replace(ended=_now(), result=how, status=NOT_PUBLISHED, seconds=time.time() - self._began)
        with contextlib.suppress(OSError):
            self._history.finish(row)

    def _end_late(self) -> int:
        told = f"it took longer than {self._options.timeout:.0f} s"
        status = self._finish(Result(NOT_PUBLISHED, "not published", (told,)))
        sys.stderr.write(self.message + "\n")
        return status

    def _describe(self) -> str:
        row = self.row
        parts = [f"{self._location.root}: {row.result}"]
        if row.release:
            parts.append(f"readers see {row.release}")
        if row.lessons:
            made = f"{count_of(row.pages, 'page')} made, {count_of(row.changed, 'file')} changed"
            parts.append(f"{count_of(row.lessons, 'lesson')}, {made}")
        text = "; ".join(parts) + "."
        lines = [text]
        if row.renames:
            renamed = count_of(len(row.renames), "lesson")
            lines.append(f"  renamed: {renamed}, which {as_typed('redirects')} keeps: {row.renames[0]}")
        if not row.faults:
            return "\n".join(lines)
        more = len(row.faults) - FAULTS_TOLD
        lines += [f"  {fault}" for fault in row.faults[:FAULTS_TOLD]]
        lines += [f"  and {more:,} more"] if more > 0 else []
        log = getattr(self, "_log", None)
        return "\n".join([*lines, *([f"  log: {log.path}"] if log else [])])

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock of nights. Raises `BusyError`."""
        if "lock" in self._resumed:
            self._lock = int(self._resumed["lock"])
            os.set_inheritable(self._lock, False)
        else:
            self._lock = _take(self._history.folder / LOCK_NAME, self._options.wait)
        try:
            yield
        finally:
            os.close(self._lock)


NOTIFY_SECONDS = 120
"""A command that tells somebody takes no longer."""


def _take(path: Path, seconds: float) -> int:
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                os.close(lock)
                raise BusyError("another nightly run of this course is at work") from None
            time.sleep(POLL_SECONDS)
        else:
            return lock


def _count_repairs(output: Path) -> dict[str, Any]:
    """What the build's own report says of the whole course."""
    try:
        said = json.loads((output / REPORT_FOLDER / "report.json").read_bytes())
        return {"repaired": int(said["repaired"]), "doubtful": int(said["review"])}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _format_changes(changes: Changes) -> str:
    return "".join(f"{kind}\t{path}\n" for kind, paths in changes._asdict().items() for path in paths)


def _told(error: PipelineError) -> str:
    return error.message + (f" (hint: {error.hint})" if error.hint else "")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _is_of_comparison(fault: str) -> bool:
    """Whether a fault is one that only a comparison finds, or finds mended."""
    return fault.startswith((DIFFERS, NOT_COMPARED))


def _is_over(since: str, days: int) -> bool:
    """Whether so many days have gone since a time; never with 0. A time to come counts for none."""
    if not days:
        return False
    try:
        past = datetime.now(UTC) - datetime.fromisoformat(since)
    except (ValueError, TypeError):
        return True
    return not timedelta(0) <= past < timedelta(days=days)
