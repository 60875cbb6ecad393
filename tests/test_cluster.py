"""A cluster gives the same site as this machine, byte for byte; what ends on the way is told, and nothing is lost.

The schedulers and workers are real processes of Dask, on loopback.
"""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from building import PROJECT, Project, read_tree

from pipeline.builder.course.garbage import THRESHOLD
from pipeline.builder.course.work import Workshop
from pipeline.builder.executors import cluster
from pipeline.builder.executors.cluster import Cluster, Description, open_cluster
from pipeline.errors import ClusterError, LessonError
from pipeline.settings import Settings

pytest.importorskip("distributed", reason="the extra lesson-pipeline[cluster] is not installed")
DASK = Path(sys.executable).with_name("dask")
START_SECONDS = 90
SAYS_SO = "Chữ của bài {}."


class Machines:
    """A scheduler and its workers."""

    def __init__(self, folder: Path, path: Path = PROJECT, protocol: str = "tcp") -> None:
        self._folder = folder
        self._file = folder / "scheduler.json"
        self._environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([os.fspath(path), os.fspath(PROJECT / "tests")]),
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
        }
        self.scheduler = self._begin(
            "scheduler", "--port", "0", "--host", "127.0.0.1", "--scheduler-file", self._file, "--protocol", protocol
        )
        self.address = self._until(self._read_address)
        self.workers: list[subprocess.Popen[bytes]] = []

    def _begin(self, kind: str, *arguments: object) -> subprocess.Popen[bytes]:
        command = [os.fspath(DASK), kind, *map(str, arguments), "--no-dashboard"]
        with (self._folder / f"{kind}.log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=self._folder, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )

    def _read_address(self) -> str:
        import json

        return str(json.loads(self._file.read_text())["address"]) if self._file.exists() else ""

    def _until(self, found: Callable[[], Any]) -> Any:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if value := found():
                return value
            time.sleep(0.1)
        raise AssertionError("".join(path.read_text() for path in self._folder.glob("*.log")))

    def add_worker(self, *arguments: object) -> subprocess.Popen[bytes]:
        client_of: Any = import_module("distributed").Client
        before = len(self.workers)
        worker = self._begin("worker", self.address, "--nthreads", 1, *arguments)
        self.workers.append(worker)
        with client_of(self.address, set_as_default=False) as client:
            client.wait_for_workers(before + 1, timeout=START_SECONDS)
        return worker

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def shared_machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    machines = Machines(tmp_path_factory.mktemp("machines"))
    try:
        machines.add_worker()
        yield machines
    finally:
        machines.end()


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    (tmp_path / "machines").mkdir()
    machines = Machines(tmp_path / "machines")
    try:
        yield machines
    finally:
        machines.end()


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A course of which every edit is worth a cluster."""
    monkeypatch.setattr(cluster, "FEWEST_JOBS", 1)
    project = Project(tmp_path / "project")
    for number in range(12):
        project.write(f"a/{number}.md", f"# Bài {number}\n\n{SAYS_SO.format(number)} [Sau]({number + 1}.md)\n")
    project.write("b/1.md", "# Bài\n\nChữ.\n")
    project.write("a/part.md", "# Phần\n\nHá»c Táº­p LiÃªn Tá»¥c.\n")
    project.write("a/with.md", '# Bài\n\n--8<-- "a/part.md"\n')
    return project


def built_here(project: Project) -> dict[str, bytes]:
    return project.clean_build()


def test_a_cluster_builds_what_this_machine_builds(
    course: Project, shared_machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_here, given_here = Cluster.give_here, list[Any]()

    def note(self: Cluster, batch: list[Any]) -> None:
        given_here.extend(key for keys, _, _ in batch for key in keys)
        give_here(self, batch)

    def render_here(*_: object) -> bytes:
        raise AssertionError("a worker has all that a page is made of")

    monkeypatch.setattr(Cluster, "give_here", note)
    template = course.root / "templates" / "base.html"
    template.write_text(template.read_text("utf-8").replace("</body>", "of this course</body>"), "utf-8")
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.builder.stages.pages.do_render", render_here)
        first = course.doit("--cluster", shared_machines.address)
    assert first.status == 0, first.text
    assert read_tree(course.output) == built_here(course)
    assert "of this course" in course.page("a/3.html")
    assert given_here == [("shards", "0")]
    course.write("a/3.md", "# Bài ba\n\nKhác.\n")
    course.write("a/part.md", "# Phần\n\nMới.\n")
    second = course.doit("--cluster", shared_machines.address)
    assert second.status == 0, second.text
    assert "render:a/3" in second.executed
    assert "render:b/1" not in second.executed
    assert read_tree(course.output) == built_here(course)


def test_a_small_course_stays_on_this_machine_and_says_so(
    course: Project, shared_machines: Machines, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cluster, "FEWEST_JOBS", 1000)
    monkeypatch.setattr("pipeline.builder.course.ahead.FEWEST_JOBS", 1)
    run = course.doit("-n", "2", "--cluster", shared_machines.address)
    assert run.status == 0, run.text
    assert "fewer than 1,000 tasks of repair to do: they are done on this machine" in run.text + capfd.readouterr().err


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("local:", "'local:' is no cluster"),
        ("local:x", "'local:x' is no cluster"),
        ("127.0.0.1:8786", "'127.0.0.1:8786' is no address of a cluster"),
        ("tcp://127.0.0.1", "'tcp://127.0.0.1' is no address of a cluster"),
        ("tcp://127.0.0.1:x", "'tcp://127.0.0.1:x' is no address of a cluster"),
        ("tcp://[::1", "'tcp://[::1' is no address of a cluster"),
        ("http://127.0.0.1:1", "'http://127.0.0.1:1' is no address of a cluster"),
        ("tcp://192.0.2.1:8786", "the connection to 192.0.2.1 would not be encrypted"),
        ("tcp://localhost.example:8786", "the connection to localhost.example would not be encrypted"),
    ],
)
def test_an_address_that_is_none_or_not_safe_is_told(course: Project, address: str, told: str) -> None:
    run = course.doit("--cluster", address)
    assert run.status != 0
    assert told in run.text
    assert "Traceback" not in run.text


@pytest.mark.parametrize("address", ["tls://192.0.2.1:8786", "tcp://127.0.0.2:8786", "tcp://[::1]:8786", "local:2"])
def test_an_encrypted_or_local_connection_is_safe(address: str) -> None:
    open_cluster(address, is_insecure=False, tell=print, otherwise=None)
    open_cluster("tcp://192.0.2.1:8786", is_insecure=True, tell=print, otherwise=None)


def test_without_dask_it_is_said_what_to_install(course: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    run = course.doit("--cluster", "tcp://127.0.0.1:8786")
    assert run.status == 1
    assert "Dask is not installed\n  hint: pip install 'lesson-pipeline[cluster]'" in run.text


def test_no_scheduler_is_told_and_nothing_is_lost(course: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    run = course.doit("--cluster", "tcp://127.0.0.1:9")
    assert run.status == 1
    assert "no scheduler answers at tcp://127.0.0.1:9" in run.text
    assert course.build().stages() >= {"repair", "parse", "render"}
    assert read_tree(course.output) == built_here(course)


def work(shop: Workshop, batch: list[Any]) -> dict[tuple[str, str], int]:
    """Double each number; a negative one ends the process."""
    found = {}
    for keys, _, (number,) in batch:
        if number < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        found[keys[0]] = 2 * number
    return found


def slow_work(shop: Workshop, batch: list[Any]) -> dict[tuple[str, str], int]:
    """A tenth of a second for each job."""
    time.sleep(0.1 * len(batch))
    return work(shop, batch)


def jobs_of(*numbers: int) -> list[Any]:
    return [((("render", str(number)),), work, (number,)) for number in numbers]


@pytest.fixture
def slow_cluster(shared_machines: Machines, tmp_path: Path) -> Iterator[Cluster]:
    shop = Workshop(None, (), Settings(), {}, {}, {}, tmp_path, "1")
    workers = Cluster(shared_machines.address, slow_work, shop, print)
    yield workers
    workers.close()


def test_each_worker_has_two_batches_and_whoever_waits_gets_one(slow_cluster: Cluster) -> None:
    for count in (1, 2, 3):
        slow_cluster.count = count
        given = 0
        while slow_cluster.has_room():
            slow_cluster.give(jobs_of(given))
            given += 1
        assert given == count * cluster.BATCHES_EACH
        found: dict[tuple[str, str], Any] = {}
        while len(found) < given:
            results = list(slow_cluster.take(block=True))
            assert results, "it did not wait"
            for result in results:
                found |= result
        assert found == {("render", str(number)): 2 * number for number in range(given)}
    assert list(slow_cluster.take(block=True)) == list(slow_cluster.take(block=False)) == []


@pytest.mark.parametrize("block", [True, False], ids=["waits", "does not wait"])
def test_how_many_workers_there_are_is_known_at_once_and_asked_again_each_second(
    slow_cluster: Cluster, monkeypatch: pytest.MonkeyPatch, block: bool
) -> None:
    assert slow_cluster.count == 1
    slow_cluster.count = 7
    slow_cluster.give(jobs_of(1))
    list(slow_cluster.take(block=False))
    assert slow_cluster.count == 7
    monkeypatch.setattr(slow_cluster, "_looked", slow_cluster._looked - cluster.LOOK_SECONDS)
    list(slow_cluster.take(block=block))
    assert slow_cluster.count == 1


def test_results_come_while_nobody_asks_for_them(slow_cluster: Cluster) -> None:
    slow_cluster.give(jobs_of(1))
    found: list[Any] = []
    end = time.monotonic() + START_SECONDS
    while not found and time.monotonic() < end:
        time.sleep(0.01)
        found += slow_cluster.take(block=False)
    assert found == [{("render", "1"): 2}]


def who_works(shop: Workshop, batch: list[Any]) -> dict[tuple[str, str], Any]:
    """Which process it is, and with what threshold it searches for garbage."""
    return {keys[0]: (os.getpid(), gc.get_threshold()[0]) for keys, _, _ in batch}


def test_what_reads_the_state_is_worked_on_by_a_process_of_this_machine(
    shared_machines: Machines, tmp_path: Path
) -> None:
    shop = Workshop(None, (), Settings(), {}, {}, {}, tmp_path, "1")
    workers = Cluster(shared_machines.address, who_works, shop, print)
    there = set(workers._client.run(os.getpid).values())
    workers.give(jobs_of(1))
    workers.give_here(jobs_of(2))
    found: dict[tuple[str, str], Any] = {}
    while len(found) < 2:
        for results in workers.take(block=True):
            found |= results
    workers.close()
    assert found["render", "1"][0] in there
    assert found["render", "2"][0] not in {*there, os.getpid()}


def test_a_worker_searches_for_garbage_rarely_while_it_works_and_then_as_before(
    shared_machines: Machines, tmp_path: Path
) -> None:
    shop = Workshop(None, (), Settings(), {}, {}, {}, tmp_path, "1")
    workers = Cluster(shared_machines.address, who_works, shop, print)
    before = workers._client.run(gc.get_threshold)
    workers.give(jobs_of(1))
    [found] = workers.take(block=True)
    after = workers._client.run(gc.get_threshold)
    workers.close()
    assert found["render", "1"][1] == THRESHOLD
    assert after == before
    assert all(threshold[0] != THRESHOLD for threshold in before.values())


def name_in_environment(setting: str) -> str:
    """What a setting of Dask is called there."""
    return f"DASK_{setting.upper().replace('.', '__')}"


def test_workers_of_its_own_have_the_settings_that_the_documents_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = (PROJECT / "docs" / "scale.md").read_text("utf-8")
    assert all(f"{name_in_environment(setting)}={value}" in told for setting, value in cluster.CALM.items())
    get = import_module("dask").config.get
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([os.fspath(PROJECT), os.fspath(PROJECT / "tests")]))
    before = [get(setting) for setting in cluster.CALM]
    workers = Cluster("local:1", work, Workshop(None, (), Settings(), {}, {}, {}, tmp_path, "1"), print)
    for setting, value in cluster.CALM.items():
        assert list(workers._client.run(get, setting).values()) == [value]
    psutil = import_module("psutil")  # comes with Dask
    listening = [found for found in psutil.Process().net_connections("inet") if found.status == psutil.CONN_LISTEN]
    assert {found.laddr.ip for found in listening} == {"127.0.0.1"}, "nobody else is listened to"
    workers.give(jobs_of(4))
    assert list(workers.take(block=True)) == [{("render", "4"): 8}]
    workers.close()
    assert [get(setting) for setting in cluster.CALM] == before


_AT_WORK: list[Any] = []


def how_many_work(shop: Workshop, batch: list[Any]) -> dict[tuple[str, str], int]:
    """How many threads of this process are at it."""
    _AT_WORK.append(batch)
    time.sleep(0.3)
    found = dict.fromkeys((keys[0] for keys, _, _ in batch), len(_AT_WORK))
    _AT_WORK.remove(batch)
    return found


def test_a_worker_with_threads_works_on_one_batch_at_a_time(machines: Machines, tmp_path: Path) -> None:
    """Dask gives it one for each processor; the stages are not made for threads."""
    machines.add_worker("--nthreads", 4)
    shop = Workshop(None, (), Settings(), {}, {}, {}, tmp_path, "1")
    workers = Cluster(machines.address, how_many_work, shop, print)
    for number in range(4):
        workers.give(jobs_of(number))
    found: dict[tuple[str, str], Any] = {}
    while len(found) < 4:
        for results in workers.take(block=True):
            found |= results
    workers.close()
    assert set(found.values()) == {1}


def test_batches_are_as_large_as_jobs_are_short(slow_cluster: Cluster) -> None:
    assert slow_cluster.batch_jobs == cluster.FIRST_BATCH
    for number in range(8):
        slow_cluster.give(jobs_of(*range(number, number + 2)))
        list(slow_cluster.take(block=True))
    assert slow_cluster.batch_jobs == cluster.SMALLEST_BATCH
    assert slow_cluster._job_seconds < 1, "it nears what a job takes, and does not grow"
    slow_cluster._job_seconds = 0.0
    assert slow_cluster.batch_jobs == cluster.LARGEST_BATCH
    slow_cluster._job_seconds = cluster.BATCH_SECONDS / 50
    assert slow_cluster.batch_jobs in (49, 50)


def work_that_is_killed(shop: Workshop, batch: list[Any]) -> dict[tuple[str, str], int]:
    """What Dask says of a batch whose worker ended, where one of its numbers is negative."""
    if any(number < 0 for _, _, (number,) in batch):
        raise import_module("distributed").KilledWorker("a batch", SimpleNamespace(address="a worker"), 1)
    return work(shop, batch)


@pytest.mark.parametrize("deadly", [(), (5,), (0,), (7,), (2, 3), (0, 3, 7), tuple(range(8))])
def test_each_job_that_ends_its_worker_is_told_and_all_others_are_done(
    shared_machines: Machines, tmp_path: Path, deadly: tuple[int, ...]
) -> None:
    """Here no process ends: a test of the deep tier is about real ends."""
    shop = Workshop(None, (), Settings(), {}, {}, {}, tmp_path, "1")
    workers = Cluster(shared_machines.address, work_that_is_killed, shop, print)
    jobs = [
        ((("render", str(number)),), work_that_is_killed, (-1 if number in deadly else number,)) for number in range(8)
    ]
    workers.give(jobs[:5])  # type: ignore[arg-type]
    workers.give(jobs[5:])  # type: ignore[arg-type]
    found: dict[tuple[str, str], Any] = {}
    while len(found) < len(jobs):
        for results in workers.take(block=True):
            assert not found.keys() & results.keys()
            found |= results
    workers.close()
    assert {key for key, value in found.items() if isinstance(value, LessonError)} == {
        ("render", str(number)) for number in deadly
    }
    assert {key: value for key, value in found.items() if isinstance(value, int)} == {
        ("render", str(number)): 2 * number for number in range(8) if number not in deadly
    }


def test_whoever_waits_for_a_cluster_without_workers_is_told_after_a_while(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE_SECONDS", 2)
    told: list[str] = []
    shop = Workshop(None, (), Settings(), {}, {}, {}, tmp_path, "1")
    workers = Cluster(machines.address, work, shop, told.append)
    workers.give(jobs_of(1))
    with pytest.raises(BrokenExecutor):
        list(workers.take(block=True))
    assert told == ["no worker of the cluster was there for 2 s: the rest is built here"]
    told_of = [workers._gone(error).message for error in (None, OSError(), OSError("so"))]
    assert told_of == [f"the scheduler of the cluster is gone{why}" for why in ("", "", ": so")]
    workers.close()


OURS = Description("3.11.1", "aa", ("Markdown 3.8", "lxml 6.0"))


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        (OURS._replace(python="3.12.0", code="bb"), "Python 3.12.0, not 3.11.1"),
        (OURS._replace(packages=("Markdown 3.9", "lxml 6.0"), code="bb"), "Markdown 3.8 here, Markdown 3.9 there"),
        (OURS._replace(packages=("lxml 6.0",)), "Markdown 3.8 here"),
        (OURS._replace(packages=tuple(f"p{n} 1" for n in range(9))), "Markdown 3.8 here, lxml 6.0 here, p0 1 there, p1 1 there, p2 1 there, p3 1 there"),
        (OURS._replace(code="bb"), "another version of lesson-pipeline"),
    ],
)  # fmt: skip
def test_what_differs_on_a_worker_is_named(theirs: Description, told: str) -> None:
    assert cluster._difference(OURS, theirs) == told


@pytest.mark.deep
def test_a_job_that_ends_its_workers_is_found_and_told_and_the_others_are_done(
    machines: Machines, tmp_path: Path
) -> None:
    machines.add_worker()
    shop = Workshop(None, (), Settings(), {}, {}, {}, tmp_path, "1")
    workers = Cluster(machines.address, work, shop, print)
    jobs: list[Any] = [((("render", str(number)),), work, (number if number != 5 else -1,)) for number in range(8)]
    workers.give(jobs)
    found: dict[tuple[str, str], Any] = {}
    while len(found) < len(jobs):
        for results in workers.take(block=True):
            found |= results
    workers.close()
    fault = found.pop(("render", "5"))
    assert isinstance(fault, LessonError)
    assert "ends the workers" in fault.message
    assert found == {("render", str(number)): 2 * number for number in range(8) if number != 5}


def test_a_worker_of_another_version_is_named(tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(PROJECT / "pipeline", other / "pipeline")
    with (other / "pipeline" / "section.py").open("a") as module:
        module.write("\n# another version\n")
    (tmp_path / "machines").mkdir()
    machines = Machines(tmp_path / "machines", other)
    try:
        machines.add_worker()
        shop = Workshop(None, (), Settings(), {}, {}, {}, tmp_path, "1")
        with pytest.raises(ClusterError, match=r"the worker tcp://\S+ is not as this machine: another version"):
            Cluster(machines.address, work, shop, print)
    finally:
        machines.end()


@pytest.mark.deep
def test_an_encrypted_cluster_builds_the_same(course: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a certificate that is made on the spot, by Dask's own settings."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    tls = "DASK_DISTRIBUTED__COMM__TLS__"
    monkeypatch.setenv(f"{tls}CA_FILE", os.fspath(certificate))
    for who in ("SCHEDULER", "WORKER", "CLIENT"):
        monkeypatch.setenv(f"{tls}{who}__CERT", os.fspath(certificate))
        monkeypatch.setenv(f"{tls}{who}__KEY", os.fspath(key))
    import_module("dask").config.refresh()
    (tmp_path / "machines").mkdir()
    machines = Machines(tmp_path / "machines", protocol="tls")
    try:
        assert machines.address.startswith("tls://")
        machines.add_worker()
        run = course.doit("--cluster", machines.address)
        assert run.status == 0, run.text
        assert read_tree(course.output) == built_here(course)
    finally:
        machines.end()
        monkeypatch.undo()
        import_module("dask").config.refresh()  # what comes next is not encrypted


HELD_BUILD = """
import sys, time
from pathlib import Path
from doit.doit_cmd import DoitMain
from pipeline.builder.executors import cluster

take = cluster.Cluster.take

def held(self, *, block):
    while len(list(Path("output").rglob("*.html"))) >= 30 and not Path("ended").exists():
        time.sleep(0.05)
    return take(self, block=block)

cluster.Cluster.take = held
cluster.FEWEST_JOBS, cluster.MOST_AHEAD, cluster.PATIENCE_SECONDS = 1, 40, 2
sys.exit(DoitMain().run(sys.argv[1:]))
"""
"""A build that waits in the middle, with most of its jobs not handed out, until there is a file `ended`."""


@pytest.mark.deep
@pytest.mark.parametrize("who", ["worker", "every worker", "scheduler"])
def test_what_ends_in_mid_build_costs_time_only(
    tmp_path: Path, machines: Machines, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    project = Project(tmp_path / "project")
    for number in range(600):
        project.write(f"a{number % 7}/{number}.md", f"# Bài {number}\n\n" + f"Câu *số* {number}. " * 200 + "\n")
    machines.add_worker()
    machines.add_worker()
    command = [sys.executable, "-c", HELD_BUILD, "--cluster", machines.address]
    with subprocess.Popen(command, cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as build:
        while build.poll() is None and len(list(project.output.rglob("*.html"))) < 30:
            time.sleep(0.05)
        assert build.poll() is None, "it was over before anything was ended"
        ended = {"worker": machines.workers[:1], "every worker": machines.workers, "scheduler": [machines.scheduler]}
        for process in ended[who]:
            os.killpg(process.pid, signal.SIGKILL)
        project.write("../ended", "")
        told = build.communicate(timeout=300)[0].decode()
    if who == "scheduler":
        assert build.returncode == 1, told
        assert "the scheduler of the cluster is gone" in told
        assert "Traceback" not in told
    else:
        assert build.returncode == 0, told
    assert ("the rest is built here" in told) == (who == "every worker")
    assert project.build().status == 0
    assert read_tree(project.output) == project.clean_build()
