"""the files about a course, at the top of its content folder -> what they say."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pipeline.builder.disk.sources import ABOUT_LIMIT, read_source
from pipeline.decisions import Decisions, parse_decisions
from pipeline.errors import PipelineError, SettingsError
from pipeline.lexicon import parse_lexicon
from pipeline.redirects import parse_redirects
from pipeline.settings import DECISIONS_NAME, LEXICON_NAME, REDIRECTS_NAME, SETTINGS_NAME, Settings, parse_settings

Parsed = TypeVar("Parsed")


def read_settings(content: Path) -> Settings:
    """What the course chose. Raises `SettingsError` with its place, as all of these do."""
    return _read(content, SETTINGS_NAME, parse_settings) or Settings()


def read_decisions(content: Path) -> dict[str, Decisions]:
    """What a person decided about damaged words, by lesson."""
    return _read(content, DECISIONS_NAME, parse_decisions) or {}


def read_lexicon(content: Path) -> dict[str, int]:
    """The course's own words and their counts, as `doit lexicon` left them."""
    return _read(content, LEXICON_NAME, parse_lexicon) or {}


def read_redirects(folder: Path, name: str = REDIRECTS_NAME) -> dict[str, str]:
    """Former paths of lessons, as people left them; from the folder of the state, as builds did."""
    return _read(folder, name, parse_redirects) or {}


def text_of(content: Path, name: str, errors: str = "strict") -> str | None:
    """What a file about the course says; None if there is none. Raises `SourceError`, and UnicodeDecodeError."""
    if not os.path.exists(content / name):
        return None
    text = read_source(content, name, ABOUT_LIMIT).content.decode("utf-8-sig", errors)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read(content: Path, name: str, parse: Callable[[str], Parsed]) -> Parsed | None:
    """A file about the course, parsed; None if there is none."""
    try:
        text = text_of(content, name)
        return None if text is None else parse(text)
    except UnicodeDecodeError:
        raise SettingsError(f"{content.name}/{name}: not UTF-8", hint="save it as UTF-8") from None
    except PipelineError as error:
        raise SettingsError(error.diagnostic.format(f"{content.name}/{name}")) from None
