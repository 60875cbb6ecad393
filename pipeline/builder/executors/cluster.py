"""batches of jobs -> their results, by the workers of a Dask cluster.

Values travel: a worker needs this package, of the same version, and nothing of the course. What all batches have in
common, templates among it, is sent once and kept by each worker. Dask schedules; nothing here does.
"""

from __future__ import annotations

import contextlib
import gc
import ipaddress
import logging
import pickle
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from functools import cache
from importlib import import_module
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pipeline.builder.course.ahead import Executor, Job, Key, Work
from pipeline.builder.course.fingerprint import installed_version, whole_code
from pipeline.builder.course.garbage import collect_rarely
from pipeline.builder.course.work import Workshop
from pipeline.builder.executors.pool import Pool
from pipeline.builder.tasks import TASKS, Definitions
from pipeline.errors import ClusterError, LessonError

FEWEST_JOBS = 400
"""With fewer the processes of this machine are done sooner (`bench/cluster.py`)."""
MOST_AHEAD = 1_000
"""Results under way or not asked for yet, each of up to 30 KB: enough for as many workers as doit keeps up with."""
BATCHES_EACH = 2
"""Batches that a worker has: one under way, one that waits."""
FIRST_BATCH, SMALLEST_BATCH, LARGEST_BATCH = 16, 4, 200
BATCH_SECONDS = 0.3
"""What a batch should take, by what the last ones took for a job: Dask needs some milliseconds for each."""
CALM = {"distributed.worker.profile.enabled": False, "distributed.admin.tick.interval": "1s"}
"""Settings of Dask for schedulers and workers that only work: by its own, each of these looks at itself 50 to 100 times
a second, which with two workers took 100 ms of each second of a processor; so it takes 25 ms (`docs/scale.md`)."""
CONNECT_SECONDS = 20
LOOK_SECONDS = 1.0
"""So often it is asked who is there."""
PATIENCE_SECONDS = 30
"""So long it is waited for a worker when all are gone."""


def open_cluster(
    address: str, *, is_insecure: bool, tell: Callable[[str], object], otherwise: Executor | None
) -> Executor:
    """The cluster at an address, or a new one of processes of this machine (`local:4`). Raises `ClusterError`.
    What is to be told of it on the way goes to `tell`; where it is not worth while, or gone, `otherwise` works."""
    kind, _, count = address.partition(":")
    if kind == "local" and not count.isdecimal():
        raise ClusterError(f"'{address}' is no cluster", hint="say how many processes, as in --cluster local:4")
    if kind != "local":
        _check_address(address, is_insecure=is_insecure)

    def start(work: Work, common: Workshop) -> Cluster:
        return Cluster(address, work, common, tell)

    return Executor(start, FEWEST_JOBS, MOST_AHEAD, otherwise, tell)


def _check_address(address: str, *, is_insecure: bool) -> None:
    """Whoever can reach a scheduler can run what they like on its workers, and on this machine."""
    try:
        parts = urlsplit(address)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host, port = "", None, None
    if scheme not in ("tcp", "tls") or not host or not port:
        raise ClusterError(f"'{address}' is no address of a cluster", hint="as in --cluster tcp://127.0.0.1:8786")
    if scheme == "tcp" and not _is_loopback(host) and not is_insecure:
        raise ClusterError(
            f"the connection to {host} would not be encrypted: whoever can reach it could run programs here",
            hint="use tls:// with Dask's settings for certificates, or say --insecure in a network of your own",
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Description(NamedTuple):
    """What must be the same on all machines, or their pages would not be."""

    python: str
    code: str
    """Digest of this package."""
    packages: tuple[str, ...]


@cache
def describe() -> Description:
    """This machine."""
    packages = sorted({name for stage in Definitions(TASKS).stages.values() for name in stage.code.packages})
    versions = tuple(f"{name} {installed_version(name)}" for name in packages)
    return Description(".".join(map(str, sys.version_info[:3])), whole_code().hex(), versions)


class Cluster:
    """Batches under way. `take` raises `BrokenExecutor` when no worker is left, `ClusterError` without a scheduler."""

    def __init__(self, address: str, work: Work, common: Workshop, tell: Callable[[str], object]) -> None:
        try:
            distributed: Any = import_module("distributed")
        except ImportError:
            raise ClusterError("Dask is not installed", hint="pip install 'lesson-pipeline[cluster]'") from None
        for handler in logging.getLogger("distributed").handlers:
            handler.setLevel(logging.CRITICAL)  # what concerns a build is told here
        self._dask = distributed
        self._tell = tell
        self._closing = contextlib.ExitStack()
        try:
            self._begin(address, work, common)
        except BaseException:
            self.close()
            raise

    def _begin(self, address: str, work: Work, common: Workshop) -> None:
        self._here = Pool(1, work, common)
        """For what reads the state."""
        self._closing.callback(self._here.close)
        self._here.give([])  # Its process begins now: one that has threads, as Dask's clients have, should not fork.
        kind, _, count = address.partition(":")
        own: Any = None
        try:
            if kind == "local":
                with import_module("dask").config.set(CALM):
                    own = self._dask.LocalCluster(
                        n_workers=int(count),
                        threads_per_worker=1,
                        dashboard_address=None,
                        # What answers health checks would listen to all machines, and warn where another does already.
                        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                        silence_logs=50,
                    )
                self._closing.callback(own.close)
            self._client = self._dask.Client(own or address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise ClusterError(f"no scheduler answers at {address}: {error}", hint="start it first") from None
        self._closing.callback(self._client.close, timeout=5)
        self.count = self._check_versions()
        self._looked = time.monotonic()
        self._name = f"lesson-pipeline-{describe().code[:16]}-{secrets.token_hex(4)}"
        """The code is in every key: what another version left on the cluster answers for nothing."""
        packed = pickle.dumps((describe(), work, *_pack(common)))
        # A task, not scattered data: should its worker die, another has it again.
        self._common = self._client.submit(_same, packed, key=f"{self._name}-common", pure=False)
        self._under_way: dict[Any, list[Job]] = {}
        self._come: SimpleQueue[tuple[Any, Any]] = SimpleQueue()
        """Batches that are over, and what came of them: results, or an exception."""
        self._doubtful: list[list[Job]] = []
        """Batches that were with a worker when it ended."""
        self._is_alone = False
        """Whether one of them is under way, and nothing else."""
        self._given = 0
        self._job_seconds = BATCH_SECONDS / FIRST_BATCH
        self._alone_since: float | None = None

    def _check_versions(self) -> int:
        """How many workers there are. Raises `ClusterError` that names what differs."""
        ours = describe()
        try:
            theirs = self._client.run(describe)
        except Exception as error:  # whatever another version raises when it cannot even read the question
            raise ClusterError(
                f"a worker cannot run this program: {type(error).__name__}: {error}",
                hint="install the same version of lesson-pipeline on every worker",
            ) from None
        for address, other in theirs.items():
            if tuple(other) != tuple(ours):
                raise ClusterError(
                    f"the worker {address} is not as this machine: {_difference(ours, Description(*other))}",
                    hint="install the same versions of Python, lesson-pipeline and packages on every worker",
                )
        return len(theirs)

    @property
    def batch_jobs(self) -> int:
        """How many jobs the next batch should have."""
        return max(SMALLEST_BATCH, min(LARGEST_BATCH, int(BATCH_SECONDS / max(self._job_seconds, 1e-6))))

    def has_room(self) -> bool:
        """Whether fewer batches are under way than there should be."""
        is_busy = len(self._under_way) >= max(self.count, 1) * BATCHES_EACH
        return not (is_busy or self._doubtful or self._is_alone)

    def give(self, batch: list[Job]) -> None:
        """Hand out a batch."""
        self._given += 1
        key = f"{self._name}-{self._given}"
        future = self._client.submit(_work_on, self._common, batch, key=key, pure=False)
        self._under_way[future] = batch
        self._client.loop.add_callback(self._fetch, future)

    def give_here(self, batch: list[Job]) -> None:
        """Hand out a batch that reads the state, to a process of this machine."""
        self._here.give(batch)

    async def _fetch(self, future: Any) -> None:
        """In Dask's thread: wait for what comes of a batch, and bring it here, while doit works."""
        try:
            found = await self._client.gather(future, asynchronous=True)
        except Exception as error:  # it is raised where it can be told
            found = error
        self._come.put((future, found))

    def take(self, *, block: bool) -> Iterator[dict[Key, Any]]:
        """The results that have come since; at least one, if asked to wait for it."""
        waits_here = block and not (self._under_way or self._doubtful)
        yield from filter(None, self._here.take(block=waits_here))  # the batch that began its process gives nothing
        while True:
            if self._doubtful and not self._under_way:
                self._is_alone = True
                self.give(self._doubtful.pop())
            if self._under_way and time.monotonic() - self._looked > LOOK_SECONDS:
                self._look_around()
            waits = block and bool(self._under_way)
            with contextlib.suppress(Empty):
                while True:
                    future, found = self._come.get(block=waits, timeout=LOOK_SECONDS)
                    waits = block = False
                    yield from self._result(found, self._under_way.pop(future))
            if not block or not (self._under_way or self._doubtful):
                return

    def _look_around(self) -> None:
        """Who is there. Raises `BrokenExecutor` when nobody has been for long, `ClusterError` without a scheduler."""
        self._looked = time.monotonic()
        if self._client.status != "running":
            raise self._gone(None)
        try:
            self.count = len(self._client.scheduler_info(n_workers=-1)["workers"])
        except Exception as error:
            raise self._gone(error) from None
        if self.count:
            self._alone_since = None
            return
        now = time.monotonic()
        self._alone_since = self._alone_since or now
        if now - self._alone_since > PATIENCE_SECONDS:
            self._tell(f"no worker of the cluster was there for {PATIENCE_SECONDS} s: the rest is built here")
            raise BrokenExecutor

    def _gone(self, error: Exception | None) -> ClusterError:
        why = f": {error}" if error is not None and str(error) else ""
        return ClusterError(f"the scheduler of the cluster is gone{why}", hint="what is built is kept: build again")

    def _result(self, found: Any, batch: list[Job]) -> Iterator[dict[Key, Any]]:
        """What came of a batch. Those that were with a worker when it ended are tried one after the other; what ends
        its worker then is halved, until the job that does it is alone."""
        was_alone, self._is_alone = self._is_alone, False
        try:
            if isinstance(found, Exception):
                raise found
            seconds, results = found
        except self._dask.KilledWorker:
            middle = len(batch) // 2
            if not was_alone:
                self._doubtful.append(batch)
            elif middle:
                self._doubtful += [batch[middle:], batch[:middle]]
            if not was_alone or middle:
                return
            keys, _, _ = batch[0]
            fault = LessonError("working on it ends the workers of the cluster", hint="see their logs: is it memory?")
            yield dict.fromkeys(keys, fault)
            return
        except (self._dask.CancelledError, self._dask.comm.core.CommClosedError) as error:
            raise self._gone(error) from None
        if results is None:
            raise ClusterError(
                "a worker that came later is not as this machine",
                hint="install the same versions of Python, lesson-pipeline and packages on every worker",
            )
        self._job_seconds = 0.5 * self._job_seconds + 0.5 * seconds / max(len(batch), 1)
        yield results

    def close(self) -> None:
        """Leave; what is under way is dropped."""
        self._closing.close()


def _difference(ours: Description, theirs: Description) -> str:
    """What is not the same, by name."""
    if ours.python != theirs.python:
        return f"Python {theirs.python}, not {ours.python}"
    packages = sorted(set(theirs.packages) ^ set(ours.packages))
    told = [f"{package} {'there' if package in theirs.packages else 'here'}" for package in packages]
    return ", ".join(told[:6]) or "another version of lesson-pipeline"


# --- in the workers ---


class _Packed(NamedTuple):
    shop: Workshop
    templates: tuple[dict[str, bytes], ...]
    """The files of each template folder."""


def _pack(shop: Workshop) -> _Packed:
    templates = tuple(
        {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
        for folder in shop.templates
    )
    return _Packed(shop._replace(content=None), templates)


def _same(packed: bytes) -> bytes:
    return packed


def _work_on(packed: bytes, batch: list[Job]) -> tuple[float, dict[Key, Any] | None]:
    """The results of a batch, and what it took; none on a machine that is not as the one that asks."""
    with _AT_WORK:
        description, work, shop = _unpack(packed)
        if tuple(description) != tuple(describe()):
            return 0.0, None
        before = gc.get_threshold()
        collect_rarely()
        try:
            begun = time.perf_counter()
            found = work(shop, batch)
            return time.perf_counter() - begun, found
        finally:
            gc.set_threshold(*before)  # others use this process too


_AT_WORK = Lock()
"""A worker of Dask has a thread for each processor, if nobody says otherwise; the stages are not made for threads."""


@cache
def _unpack(packed: bytes) -> tuple[Description, Work, Workshop]:
    description, work, shop, texts = pickle.loads(packed)  # noqa: S301  (of the scheduler, which may run anything here)
    root = Path(_folder().name) / secrets.token_hex(8)
    folders = []
    for number, files in enumerate(texts):
        folder = root / str(number) / "templates"
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        folders.append(folder)
    compiled = root / "compiled"
    compiled.mkdir(parents=True)
    return description, work, shop._replace(templates=tuple(folders), compiled=compiled)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """A folder that goes with the process."""
    return tempfile.TemporaryDirectory(prefix="lesson-pipeline-")
