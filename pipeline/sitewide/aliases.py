"""a former path as a lesson writes it -> the output file to put a redirect at."""

from __future__ import annotations

import posixpath
import re

from pipeline.errors import Diagnostic
from pipeline.paths import LESSON_ENDINGS, own_folder, page_target, section_page_id

_FORBIDDEN_RE = re.compile(r"[\x00-\x1f\x7f\\?#<>\"|*:]")
_ENDING_RE = re.compile(r"\.(?:markdown|[a-z][a-z0-9]{1,4})$", re.I)
_PAGE_ENDINGS = (".html", *LESSON_ENDINGS)
MAX_NAME_BYTES = 255
"""Of each part of a path, as the file systems in use have it."""
MAX_PATH_BYTES = 1_000
"""Of all; the system's own limit is 4,096, with the path of the output folder."""
_SHOWN = 80
"""Characters of a longer alias that are told."""


def alias_target(alias: str) -> tuple[str, Diagnostic | None]:
    """The file of the output that an alias of the front matter means, or what is wrong with it.

    A path of a source, of a page or of a folder, from the top of the course:

    >>> [alias_target(a)[0] for a in ("old/x.md", "/old/x.html", "old/x", "old/", "./old/../x.md")]
    ['old/x.html', 'old/x.html', 'old/x.html', 'old/index.html', 'x.html']
    >>> alias_target("../x.md")[1].message
    "alias '../x.md' is outside the course"
    """
    target, problem = _target_of(alias)
    if problem is None and max(len(part.encode()) for part in target.split("/")) > MAX_NAME_BYTES:
        return _refuse(alias, "has a name that is too long", f"a file's name has at most {MAX_NAME_BYTES} bytes")
    if problem is None and len(target.encode()) > MAX_PATH_BYTES:
        return _refuse(alias, "is too long", f"a path has at most {MAX_PATH_BYTES:,} bytes")
    return target, problem


def _target_of(alias: str) -> tuple[str, Diagnostic | None]:
    path = alias.strip().lstrip("/")
    whole = posixpath.normpath(path) if path else "."
    if _FORBIDDEN_RE.search(path):
        return _refuse(alias, "is not the path of a page", "use / between folders and no ? # : * | < > or quotes")
    if whole == ".." or whole.startswith("../"):
        return _refuse(alias, "is outside the course", "write it from the top of the content folder")
    if whole == ".":
        return _refuse(alias, "is the home page", "only a page that no longer exists can lead elsewhere")
    if own_folder(f"{whole}/"):
        return _refuse(alias, "is in a folder of the site's own", "write the former path of the lesson")
    if path.endswith(("/", "/.", "/..")):
        return page_target(section_page_id(whole)), None
    ending = _ENDING_RE.search(whole)
    if ending is None:
        return page_target(whole), None
    if ending.group().lower() not in _PAGE_ENDINGS:
        return _refuse(alias, "is not the path of a page", "a page ends in .md or .html")
    stem = whole[: ending.start()]
    if not posixpath.basename(stem):
        return _refuse(alias, "is not the path of a page", "there is no name before the ending")
    return page_target(stem), None


def _refuse(alias: str, why: str, hint: str) -> tuple[str, Diagnostic]:
    shown = alias if len(alias) <= _SHOWN else f"{alias[:_SHOWN]}…"
    return "", Diagnostic(f"alias {shown!r} {why}", hint=hint, code="former-path")
