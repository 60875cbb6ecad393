from __future__ import annotations

from pathlib import Path

import pytest
from building import SHARED, Project
from hypothesis import HealthCheck, settings

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
