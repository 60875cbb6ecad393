from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from building import SHARED, Project
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

UNSURE = [HealthCheck.too_slow, HealthCheck.data_too_large]
# The short tier tries the same texts each time: what fails there was broken by the edit, not by chance. `--deep` tries others.
settings.register_profile("short", deadline=None, suppress_health_check=UNSURE, max_examples=50, derandomize=True)
settings.register_profile("deep", deadline=None, suppress_health_check=UNSURE, max_examples=500)
TIERS = ("deep", "proof")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--deep", action="store_true", help="only the tests marked deep, and the laws with ten times the texts")
    parser.addoption("--proof", action="store_true", help="only the tests marked proof")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("deep" if config.getoption("--deep") else "short")


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


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


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


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built demo course."""
    from browsing import build_demo

    return build_demo(tmp_path_factory.mktemp("demo") / "project")


@pytest.fixture(params=["file", "http"])
def address(request: pytest.FixtureRequest, demo_site: Path) -> Iterator[str]:
    """The demo course's address, on a disk and in a sub-path of a server."""
    from browsing import SUB_PATH, serve

    if request.param == "file":
        yield demo_site.as_uri() + "/"
        return
    with serve(demo_site, SUB_PATH) as url:
        yield url
