"""The files about a course, at the top of its content folder -> what they say.

Whoever may propose a lesson can write there: what is wrong in one is told and left out, and the course is built.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from pipeline.builder.disk.location import RENAMES_NAME, Location
from pipeline.builder.disk.sources import ABOUT_LIMIT, read_source
from pipeline.decisions import Decisions, parse_decisions
from pipeline.errors import TAKE_ONE_OUT, Diagnostic, PipelineError, SettingsError, as_typed, read_toml
from pipeline.lexicon import parse_lexicon
from pipeline.patterns import lazy_pattern
from pipeline.redirects import parse_redirects
from pipeline.settings import DECISIONS_NAME, LEXICON_NAME, REDIRECTS_NAME, SETTINGS_NAME, Settings, parse_settings

Parsed = TypeVar("Parsed")

MOST_FAULTS = 50
"""In one file: a person mends the first few, and finds the cause of the rest."""
MOST_LINES = 20
"""Of something that is there twice, for it to be taken out whole."""
MOST_PARSED = 10_000_000
"""Characters of one file, all parses of it together: a second for each million."""
_DECISION_RE = lazy_pattern(r"\s*\[\[")
_LINE_RE = lazy_pattern("")
_BEGINNING_RE = lazy_pattern(r"""\s*(?:[\w"'.-]+\s*=|\[)""")
"""A line of TOML with which something begins."""


class CourseFiles(NamedTuple):
    """What a course says of itself."""

    settings: Settings
    decisions: dict[str, Decisions]
    """What a person decided about damaged words, by lesson."""
    lexicon: dict[str, int]
    """The course's own words and their counts, as `doit lexicon` left them."""
    redirects: dict[str, str]
    """Former paths of lessons, as people left them in `redirects.toml`."""
    renames: dict[str, str]
    """The same, as builds noted them in `renames.toml`."""
    faults: tuple[tuple[str, Diagnostic], ...]
    """What is wrong, with the path of its file from the content folder."""


def read_course_files(location: Location) -> CourseFiles:
    """What is said of a course, and the faults in it, each left out with its line."""
    content, faults = location.content, list[tuple[str, Diagnostic]]()
    settings = _read_sound(content, SETTINGS_NAME, parse_settings, Settings(), faults)
    if settings.trusted_html and location.trusted != "yes":
        settings = settings._replace(trusted_html=False)
        message = "'trusted_html' would let lessons run scripts on readers: it is not heeded"
        hint = f"if you trust all who write here, say {as_typed('trusted=yes')}; else take it out"
        faults.append((SETTINGS_NAME, Diagnostic(message, hint=hint, severity="error", code="wrong-setting")))
    return CourseFiles(
        settings,
        _read_sound(content, DECISIONS_NAME, parse_decisions, {}, faults, next_re=_DECISION_RE),
        _read_sound(content, LEXICON_NAME, parse_lexicon, {}, faults),
        _read_sound(content, REDIRECTS_NAME, parse_redirects, {}, faults),
        _read_sound(location.state_folder, RENAMES_NAME, parse_redirects, {}, faults),
        tuple(faults),
    )


def read_whole(folder: Path, name: str, parse: Callable[[str], Parsed]) -> Parsed | None:
    """What such a file says, for what is to be written by it; None if there is none. Raises `SettingsError`."""
    try:
        text = text_of(folder, name)
        return None if text is None else parse(text)
    except UnicodeDecodeError:
        raise SettingsError(f"{folder.name}/{name}: {_NOT_UTF8.message}", hint=_NOT_UTF8.hint) from None
    except PipelineError as error:
        raise SettingsError(error.diagnostic.format(f"{folder.name}/{name}")) from None


def text_of(content: Path, name: str, errors: str = "strict") -> str | None:
    """What a file about the course says; None if there is none. Raises `SourceError`, and UnicodeDecodeError."""
    if not os.path.exists(content / name):
        return None
    text = read_source(content, name, ABOUT_LIMIT).content.decode("utf-8-sig", errors)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read_sound(
    folder: Path,
    name: str,
    parse: Callable[[str], Parsed],
    otherwise: Parsed,
    faults: list[tuple[str, Diagnostic]],
    next_re: re.Pattern[str] = _LINE_RE,
) -> Parsed:
    """What is sound in a file; `otherwise` if there is none, or nothing of it can be read."""
    try:
        text = text_of(folder, name)
    except UnicodeDecodeError:
        found, value = [_NOT_UTF8], None
    except PipelineError as error:
        found, value = [error.diagnostic], None
    else:
        if text is None:
            return otherwise
        value, found = parse_sound(text, parse, next_re)
    faults += [(name, fault._replace(severity="error")) for fault in found]
    return otherwise if value is None else value


def parse_sound(
    text: str, parse: Callable[[str], Parsed], next_re: re.Pattern[str] = _LINE_RE
) -> tuple[Parsed | None, list[Diagnostic]]:
    """What the sound lines of a text say, and what is wrong with the others; None if that cannot be told apart. What
    belongs together ends before the next line that `next_re` matches.

    >>> value, faults = parse_sound('title = "A"\\ntitel = "B"\\nstrict = 5\\nlanguage = "en"', parse_settings)
    >>> value.title, value.language, [fault.line for fault in faults]
    ('A', 'en', [2, 3])
    """
    lines, faults = text.split("\n"), list[Diagnostic]()
    last = len(lines)
    """Where what has no end, and was taken out, begins."""
    while True:
        try:
            return parse("\n".join([*lines, ""])), faults
        except PipelineError as error:
            fault = error.diagnostic
        if fault.line is None:  # it is noticed at the end
            at, end = next((number for number in reversed(range(last)) if _BEGINNING_RE.match(lines[number])), -1), last
            if last < len(lines) and faults[-1].message == fault.message:
                faults.pop()  # it began earlier
            last, fault = at, fault._replace(line=at + 1)
        else:
            at = fault.line - 1
            end = next((number for number in range(at + 1, len(lines)) if next_re.match(lines[number])), len(lines))
            end = max(end, _end_of_entry(lines, at)) if fault.hint == TAKE_ONE_OUT else end
        is_located = 0 <= at < len(lines) and lines[at].strip() and len(faults) < MOST_FAULTS
        if not is_located or (len(faults) + 2) * len(text) > MOST_PARSED:
            message = f"{fault.message}; nothing of the file is heeded"
            return None, [*faults, fault._replace(line=fault.line or None, message=message)]
        faults.append(fault)
        lines[at:end] = [""] * (end - at)


def _end_of_entry(lines: list[str], at: int) -> int:
    """Where the lines end that begin with line `at` and are sound by themselves."""
    for end in range(at + 1, min(at + MOST_LINES, len(lines)) + 1):
        with contextlib.suppress(SettingsError):
            read_toml("\n".join(lines[at:end]), "")
            return end
    return at + 1


_NOT_UTF8 = Diagnostic("not UTF-8", hint="save it as UTF-8", code="wrong-setting")
