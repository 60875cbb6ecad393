"""text of `course.toml` -> `Settings`.

Every setting is optional. A name that does not exist or a value of the wrong type raises
`SettingsError` with the line it stands on: a typing mistake must not be taken for silence. Who reads the file for a
build tells it, and takes the other settings (`builder/course/course_files.py`).
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from pipeline.errors import SettingsError, nearest_name, read_toml, shown
from pipeline.patterns import lazy_pattern, one_line

SETTINGS_NAME = "course.toml"
DECISIONS_NAME = "repairs.toml"
LEXICON_NAME = "lexicon.tsv"
REDIRECTS_NAME = "redirects.toml"
COURSE_FILES = (SETTINGS_NAME, DECISIONS_NAME, LEXICON_NAME, REDIRECTS_NAME)
"""Files at the top of the content folder that are about the course, not in it."""


_NAME_RE = lazy_pattern(r"""\s*+\[*+\s*+(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*[=.\]]""")
# Behind the host `//` would be another host, for the page of what does not exist: its links begin with the path.
_URL_RE = lazy_pattern(r"https?://[^\s/\\?#]++(?:/[^\s/\\?#]++)*+/*+")
_FILE_RE = lazy_pattern(r"(?!.*(?:^|/)\.\.?(?:/|$))[^:\\?#\x00-\x1f\x7f]+")
_COLOUR_RE = lazy_pattern("#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")
_LENGTH_RE = lazy_pattern(r"0|(?:\d{1,3}|\d{0,3}\.\d{1,3})(?:r?em|px|ch)")
_FONTS_RE = lazy_pattern(r"[A-Za-z][A-Za-z0-9 -]{0,40}(?:, ?[A-Za-z][A-Za-z0-9 -]{0,40}){0,7}")
_EDIT_URL_RE = lazy_pattern(r"https?://(?:[^\s{}]|\{path\})+")


class Settings(NamedTuple):
    """What a course may choose. Each stage depends only on the fields it reads."""

    title: str = ""
    """Name of the course; by default the title of its home page."""
    language: str = "vi"
    """BCP 47 tag of the lessons' language and of the interface."""
    base_url: str = ""
    """Where the site will be published; used for absolute addresses only."""
    quick_links: tuple[str, ...] = ()
    """Folders or lessons every page links to, as paths from the content folder."""
    nav: tuple[tuple[int, str, str], ...] = ()
    """The order and the titles of lessons and folders in lists, where they are not their own: the fields of
    `nav.NavEntry`."""
    markers: tuple[str, ...] = ("Aero-Navigation", "Aero-Footer")
    """Names N whose `<!-- N-Start -->` to `<!-- N-End -->` is generated navigation."""
    ignore: tuple[str, ...] = (".*", "*~", "*.swp", "__pycache__", "Thumbs.db")
    """Name patterns, or path patterns with a `/`, of files and folders to leave out."""
    repair: str = "auto"
    """`auto` undoes damage, `off` takes every source as it is."""
    repair_threshold: float = 0.9
    """Repairs less sure than this, 0 to 1, are marked in the page and listed for review."""
    edit_url: str = ""
    """Where a reader can propose a change: the address of a source, with `{path}` for its path."""
    last_updated: str = ""
    """`git` shows when each lesson was last changed, by the history it is kept in."""
    keep_renames: bool = True
    """Whether a lesson that a build saw under another path is noted, so that its old address leads there."""
    trusted_html: bool = False
    """Whether raw HTML in lessons is passed on without being sanitised."""
    sections: tuple[tuple[str, str], ...] = ()
    """Titles of folders, by their paths from the content folder."""
    accent: str = ""
    """Colour of links and of what is chosen, `#` and three or six hexadecimal digits; of the light page."""
    accent_dark: str = ""
    """The same in the dark."""
    font: str = ""
    """Fonts of the text, the best first, as a reader's machine may have them."""
    code_font: str = ""
    """Fonts of code."""
    width: str = ""
    """Length of a line of text at most, such as `38rem`."""
    radius: str = ""
    """How round corners are, such as `.4rem` or `0`."""
    logo: str = ""
    """A picture of the course, shown before its name, as a path from the content folder."""
    favicon: str = ""
    """The sign in the browser's tab, as a path from the content folder; else the first letter of the title."""
    footer: str = ""
    """A sentence below every page."""
    strict: bool = False
    """Whether a warning, such as a link that leads nowhere, fails the build."""

    def part(self, *names: str) -> tuple[object, ...]:
        """The values of some fields, for the tasks that depend on just these."""
        return tuple(getattr(self, name) for name in names)


class _Rule(NamedTuple):
    wanted: str
    accepts: Callable[[Any], bool]
    convert: Callable[[Any], Any] = lambda value: value


def _is_strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_nav(value: Any) -> bool:
    from pipeline.nav import is_nav  # few courses have one

    return is_nav(value)


def _read_nav(value: Any) -> Any:
    from pipeline.nav import read_nav

    return read_nav(value)


def _is_like(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    """Whether a value is a text of this form, or empty."""
    return lambda value: isinstance(value, str) and (not value or pattern.fullmatch(value) is not None)


LONGEST_TEXT = 1_000
"""Characters that stand on every page."""
_TEXT = _Rule(
    f"a text in quotes of at most {LONGEST_TEXT:,} characters",
    lambda value: isinstance(value, str) and len(value) <= LONGEST_TEXT,
    one_line,
)
_SWITCH = _Rule("true or false", lambda value: isinstance(value, bool))
_FONTS = _Rule(
    'names of fonts, such as "Literata, serif"',
    _is_like(_FONTS_RE),
)
_COLOUR = _Rule(
    'a colour such as "#0a5a9e"',
    _is_like(_COLOUR_RE),
)
_LENGTH = _Rule(
    'a length such as "38rem" or ".4em"',
    _is_like(_LENGTH_RE),
)
_FILE = _Rule(
    "a path from the content folder",
    _is_like(_FILE_RE),
    lambda value: value.strip("/"),
)
_STRINGS = _Rule("a list of texts", _is_strings, tuple)
HISTORIES = (".git", ".hg", ".svn")
"""Left out whatever `ignore` says: with the address that a course was fetched from they may hold a password."""
MOST_LINKS = 100
"""On every page."""
_PATHS = _Rule(
    f"a list of at most {MOST_LINKS} paths",
    lambda value: _is_strings(value) and len(value) <= MOST_LINKS,
    lambda value: tuple(item.strip("/") for item in value),
)

RULES: dict[str, _Rule] = {
    "title": _TEXT,
    "language": _Rule(
        'a language tag such as "vi" or "en"',
        lambda value: isinstance(value, str) and re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", value) is not None,
    ),
    "base_url": _Rule(
        'an address such as "https://example.org/course", or ""',
        lambda value: isinstance(value, str) and (not value or _URL_RE.fullmatch(value) is not None),
        lambda value: value and value.rstrip("/") + "/",
    ),
    "quick_links": _PATHS,
    "nav": _Rule('a list of paths and groups, such as ["a.md", { "Title" = ["b/c.md"] }]', _is_nav, _read_nav),
    "markers": _STRINGS,
    "ignore": _STRINGS._replace(convert=lambda value: (*value, *HISTORIES)),
    "repair": _Rule('"auto" or "off"', lambda value: value in ("auto", "off")),
    "repair_threshold": _Rule(
        "a number from 0 to 1",
        lambda value: isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1,
        float,
    ),
    "edit_url": _Rule(
        'an address such as "https://example.org/edit/{path}", or ""',
        lambda value: isinstance(value, str) and (not value or _EDIT_URL_RE.fullmatch(value) is not None),
        lambda value: value if not value or "{path}" in value else value.rstrip("/") + "/{path}",
    ),
    "last_updated": _Rule('"git" or ""', lambda value: value in ("git", "")),
    "keep_renames": _SWITCH,
    "trusted_html": _SWITCH,
    "sections": _Rule(
        "a table of folders and their titles",
        lambda value: isinstance(value, dict) and all(map(_TEXT.accepts, value.values())),
        lambda value: tuple((folder.strip("/"), one_line(title)) for folder, title in value.items()),
    ),
    "accent": _COLOUR,
    "accent_dark": _COLOUR,
    "font": _FONTS,
    "code_font": _FONTS,
    "width": _LENGTH,
    "radius": _LENGTH,
    "logo": _FILE,
    "favicon": _FILE,
    "footer": _TEXT,
    "strict": _SWITCH,
}
assert set(RULES) == set(Settings._fields)


def parse_settings(text: str) -> Settings:
    """The settings a `course.toml` asks for; raises `SettingsError` with its line."""
    table = read_toml(text, 'a setting looks like this: title = "Tên khóa học"')
    values = {}
    for name, value in table.items():
        rule = RULES.get(name)
        if rule is None:
            meant = nearest_name(name, RULES)
            raise SettingsError(
                f"there is no setting {name!r}",
                line=_line_of(text, name),
                hint=f"did you mean {meant}?" if meant else f"the settings are {', '.join(RULES)}",
            )
        if not rule.accepts(value):
            raise SettingsError(f"{name!r} must be {rule.wanted}, not {shown(value)}", line=_line_of(text, name))
        values[name] = rule.convert(value)
    return Settings(**values)


def _line_of(text: str, name: str) -> int | None:
    for number, line in enumerate(text.splitlines(), 1):
        found = _NAME_RE.match(line)
        if found and name in found.groups():
            return number
    return None
