from __future__ import annotations

import gc
import importlib.util
import linecache
import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from building import SHARED, SUB_PATH, Project, ask_every_task, build_demo, build_odd
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from xdist.workermanage import WorkerController

UNSURE = [HealthCheck.too_slow, HealthCheck.data_too_large]
# The short tier tries the same texts each time: what fails there was broken by the edit, not by chance. `--deep` tries others.
settings.register_profile("short", deadline=None, suppress_health_check=UNSURE, max_examples=50, derandomize=True)
settings.register_profile("deep", deadline=None, suppress_health_check=UNSURE, max_examples=500)
MEMORY_DISK, MEMORY_DISK_BYTES = Path("/dev/shm"), 2_000_000_000
TIERS = ("deep", "proof")
SEARCHES = 20_000, 10, 10
"""How often garbage is searched. As Python has it, a sixth of the processor time of the tests went into that."""
HOURS_SECONDS = 4 * 3600
"""How long one test may take where it is meant to take long."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--deep", action="store_true", help="only the tests marked deep, and the laws with ten times the texts"
    )
    parser.addoption("--proof", action="store_true", help="only the tests marked proof")
    parser.addoption("--peak-memory", action="store_true", help="tell what memory each worker held at most")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than processors: tests wait for browsers, servers and locks, and each worker grows less."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    # A doit that may not keep its bytecode compiles the whole package each time that a test starts one: a second.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    gc.set_threshold(*SEARCHES)
    # The tests write half a million small files, and nobody needs them afterwards.
    if "TMPDIR" not in os.environ and MEMORY_DISK.is_dir() and shutil.disk_usage(MEMORY_DISK).free > MEMORY_DISK_BYTES:
        tempfile.tempdir = os.environ["TMPDIR"] = str(MEMORY_DISK)
    settings.load_profile("deep" if config.getoption("--deep") else "short")
    if any(config.getoption(f"--{tier}") for tier in TIERS) and config.option.timeout is None:
        config.option.timeout = HOURS_SECONDS


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each test runs in one tier, but for laws that Hypothesis has texts for: those are tried at length in the deep one."""
    asked = {tier for tier in TIERS if config.getoption(f"--{tier}")}

    def is_asked(item: pytest.Item) -> bool:
        marked = {tier for tier in TIERS if item.get_closest_marker(tier)}
        is_law = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        return bool(marked & asked) or marked == asked or (is_law and not marked and "deep" in asked)

    left_out = [item for item in items if not is_asked(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if is_asked(item)]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: WorkerController) -> None:
    """In the process that the workers report to: keep what one of them says at its end; one that crashed says nothing."""
    _PEAKS[node.gateway.id] = getattr(node, "workeroutput", {}).get("peak_kb", 0)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["peak_kb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.getoption("--peak-memory"):
        peaks = _PEAKS or {"this process": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}
        told = ", ".join(f"{name} {kb * 1024 / 1e6:.0f} MB" for name, kb in sorted(peaks.items()))
        terminalreporter.write_line(f"peak memory: {told}")


_PEAKS: dict[str, int] = {}


def pytest_collection_finish() -> None:
    """What stays to the end, modules and five thousand tests, is not searched for garbage again and again. Whoever
    looked up the source of the tests, as Hypothesis and pytest do, left every line of it."""
    linecache.clearcache()
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def models_let_go() -> Iterator[None]:
    """The language models that tests of a module have with lexicons of their own take 25 MB each: they go with it."""
    yield
    for name in [name for name in sys.modules if name.startswith("pipeline.repair.")]:
        for kept in vars(sys.modules[name]).values():
            if hasattr(kept, "cache_clear"):
                kept.cache_clear()
    gc.collect()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


@pytest.fixture(params=["asked", "sealed"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every build asks every task, or it trusts the clock at once: it is sealed, and the next one asks what can be stale.
    Otherwise it would depend on how quick the machine is."""
    is_sealed = request.param == "sealed"
    monkeypatch.setattr("pipeline.builder.disk.sweep.RACY_NS", 0 if is_sealed else 10**18)
    if not is_sealed:
        ask_every_task(monkeypatch)
    return str(request.param)


@pytest.fixture
def shared() -> Path:
    """The folder with real lessons, which only the developers have."""
    if not SHARED.is_dir():
        pytest.skip("the real lessons are not on this machine")
    return SHARED


# The fixtures import when they are used: without Playwright the other tests still run.


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, started once for each module: while it runs, its event loop is in the way of others'."""
    from browsing import start_browser

    with start_browser() as started:
        yield started


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Page]:
    """A window for one visit after another: to open one takes three times as long as to load a page."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core, as a package carries it. A debugger's script is not held by a page's policy."""
    from browsing import lack

    package = importlib.util.find_spec("axe_playwright_python")
    if package is None or package.origin is None:
        lack("axe-playwright-python is not installed")
    return Path(package.origin).with_name("axe.min.js").read_text("utf-8")


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built demo course."""
    return build_demo(tmp_path_factory.mktemp("demo") / "project")


@pytest.fixture(scope="session")
def odd_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course that is hard on its pages, built."""
    return build_odd(tmp_path_factory.mktemp("odd") / "project")


@pytest.fixture(params=["file", pytest.param("http", marks=pytest.mark.deep)])
def address(request: pytest.FixtureRequest, demo_site: Path) -> Iterator[str]:
    """The demo course's address: on a disk, which takes most from a page, and with `--deep` in a sub-path of a server too."""
    from browsing import serve

    if request.param == "file":
        yield demo_site.as_uri() + "/"
        return
    with serve(demo_site, SUB_PATH) as url:
        yield url
