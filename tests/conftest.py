from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from building import SHARED, Project
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

settings.register_profile(
    "default",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("long", settings.get_profile("default"), max_examples=1000, stateful_step_count=50)
settings.load_profile("default")


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
