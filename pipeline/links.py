"""link as written + what exists -> where it leads.

A link names a source (`../lists.md#while`); the page shows its target (`../lists.html#while`).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol
from urllib.parse import quote, unquote, urlsplit

from pipeline.paths import (
    LESSON_ENDINGS,
    is_image,
    is_lesson,
    nfc,
    page_id,
    page_target,
    relative_url,
    section_page_id,
    url_quote,
)
from pipeline.patterns import lazy_pattern
from pipeline.values import Link, ResolvedLink


class Site(Protocol):
    """What a link may lead to. Paths are given in NFC."""

    def unnoted(self) -> AbstractContextManager[object]:
        """While it lasts, what is asked is only for a hint: it is no input of the page."""

    def find_lesson(self, path: str) -> str | None:
        """The source path of the published lesson whose NFC path is `path`."""

    def page_of(self, lesson: str) -> str:
        """The page of the lesson at a source path: that of its folder, if it is the folder's text."""

    def source_of(self, page: str) -> str:
        """The source path of a page's lesson; that of the `index.md` that a folder could have, if it has no text."""

    def find_section(self, path: str) -> str | None:
        """The folder with a page whose NFC path is `path`."""

    def find_file(self, path: str) -> str | None:
        """The source path of the copied file whose NFC path is `path`."""

    def image_size(self, path: str) -> tuple[int, ...]:
        """Width and height of the image at a source path, in pixels; empty when they are not known."""

    def has_anchor(self, page: str, anchor: str) -> bool:
        """Whether the body of a page has the id `anchor`."""

    def find_anchor(self, page: str, anchor: str) -> str:
        """The id of the heading of a page that GitHub or Python-Markdown would call `anchor`; `""` if there is none."""

    def is_unpublished(self, path: str) -> bool:
        """Whether `path` is a lesson without a page: a draft, or one that cannot be read."""

    def find_former(self, path: str) -> str | None:
        """The source path of the lesson whose former path is `path`."""

    def is_left_out(self, path: str) -> bool:
        """Whether there is a file that the settings leave out."""

    def suggest(self, path: str) -> str | None:
        """A lesson or file that the writer may have meant."""

    def find_meant(self, wanted: str, written: str, kind: str) -> Iterator[str]:
        """Each path that a link or image to `wanted`, written as `written`, may have meant, if nothing is there."""

    def suggest_anchor(self, page: str, anchor: str) -> tuple[str, str]:
        """The id of a page that the writer may have meant, and the one that surely was; `""` for none."""


def resolve_link(link: Link, source_path: str, from_page: str, site: Site) -> ResolvedLink:
    """Where a link of the lesson at `source_path` leads from its page `from_page`."""
    if link.target.startswith("[["):
        return _resolve_wiki(link, source_path, from_page, site)
    found = _resolve(link, source_path, from_page, site)
    if not found.problem:
        return found
    code = found.code or ("broken-image" if link.kind == "image" else "broken-link")
    with site.unnoted():
        meant = _find_meant(link, found, source_path, from_page, site)
    # What mends it is what is hinted at, as it is to be written here.
    is_named = not meant or found.kind != "broken" or meant in found.hint.rstrip("?").split()
    return found._replace(code=code, meant=meant, hint=found.hint if is_named else _meant(meant))


def _resolve_wiki(link: Link, source_path: str, from_page: str, site: Site) -> ResolvedLink:
    """Where `[[Page#Heading|text]]` leads: to the lesson of that name, with `-` or `_` for spaces, beside this one or
    at the top of the course. Wikis write the text first, Obsidian the page: the page is the one that is there."""
    names = [name.strip().rstrip("\\") for name in nfc(link.target)[2:-2].split("|")]
    folder = posixpath.dirname(nfc(source_path))
    for name in names:
        path, _, heading = name.partition("#")
        fragment = "" if heading.startswith("^") else quote(_JOINT_RE.sub("-", heading.strip().lower()))
        if not path:
            return _with_anchor(from_page, from_page, fragment, site)
        for written in (path, path.replace(" ", "-"), path.replace(" ", "_")):
            for start in (folder, ""):
                wanted = posixpath.normpath(posixpath.join(start, written))
                for place in (wanted, *(wanted + ending for ending in LESSON_ENDINGS)):
                    page = None if place.startswith(("../", "/")) else _find_page(place, site)
                    if page is not None:
                        return _with_anchor(from_page, page, fragment, site)
    problem = f"no lesson is called '{names[0]}', here or at the top of the course"
    meant = site.suggest(posixpath.join(folder, names[0].partition("#")[0]))
    hint = f"did you mean [[{_name_here(meant, folder)}]]?" if meant else "if it is code, write it between backticks"
    is_name = is_lesson(names[0]) or is_image(names[0]) or not _NO_NAME_RE.search(names[0])
    return ResolvedLink(
        "text",
        link.target.replace("\\|", "|"),
        problem,
        hint,
        severity="warning" if is_name or meant else "note",
        code="broken-link",
    )


def _name_here(path: str, folder: str) -> str:
    """A lesson as a wiki link in that folder names it."""
    return page_id(posixpath.relpath(path, folder or ".") if posixpath.dirname(path) == folder else path)


def _resolve(link: Link, source_path: str, from_page: str, site: Site) -> ResolvedLink:
    if not link.target:
        return ResolvedLink("broken", "", "link has no address")
    try:
        parts = urlsplit(link.target)
    except ValueError:
        return ResolvedLink("broken", "", f"'{link.target}' is no address")
    path = nfc(unquote(parts.path, errors="surrogateescape"))
    if not path:
        return _with_anchor(from_page, from_page, parts.fragment, site)
    joined = path[1:] if path.startswith("/") else posixpath.join(posixpath.dirname(nfc(source_path)), path)
    wanted = posixpath.normpath(joined)
    if wanted == ".." or wanted.startswith("../"):
        hint = _hint_at(site.suggest(wanted), source_path, link.target)
        return ResolvedLink("broken", "", f"link to '{link.target}' points outside the course", hint)
    wanted = "" if wanted == "." else wanted
    page = _find_page(wanted, site)
    if page is not None:
        return _with_anchor(from_page, page, parts.fragment, site)
    file = site.find_file(wanted)
    if file is not None:
        tail = (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
        size = site.image_size(file) if link.kind == "image" else ()
        return ResolvedLink("file", relative_url(page_target(from_page), file) + tail, size=size)
    lessons = [found for ending in LESSON_ENDINGS if (found := site.find_lesson(wanted + ending)) is not None]
    if link.kind == "link" and wanted and len(lessons) == 1:
        leads = _with_anchor(from_page, site.page_of(lessons[0]), parts.fragment, site)
        problem = f"link to '{link.target}' lacks the ending of its file; it leads to {lessons[0]}"
        written = _as_written(lessons[0], source_path, link.target)
        hint = f"write the name as GitHub needs it: {written}"
        short = leads._replace(problem=problem, hint=hint, severity="note", code="short-link")
        return leads if leads.problem else short
    if site.is_unpublished(wanted):
        return ResolvedLink("broken", "", f"link to '{link.target}', which has no page: a draft, or it cannot be read")
    what = "image" if link.kind == "image" else "link to"
    problem = f"{what} '{link.target}' leads nowhere"
    lesson = site.find_former(wanted)
    if lesson is not None:
        written = _as_written(lesson, source_path, link.target)
        whole = f"{written}#{parts.fragment}"
        with site.unnoted():
            is_whole = bool(parts.fragment) and _is_sound(link, whole, source_path, from_page, site)
        named = whole if is_whole else written
        hint = f"the lesson is {lesson} now, where its old address leads; a link has to name it: {named}"
        return ResolvedLink("broken", "", problem, hint)
    if site.is_left_out(wanted):
        return ResolvedLink("broken", "", problem, "it is there, but the setting ignore leaves it out: see course.toml")
    suggested = site.suggest(wanted)
    if _HOST_RE.match(link.target) and (suggested is None or link.target.startswith("www.")):
        return ResolvedLink("broken", "", problem, "write https:// before it, if another site is meant")
    return ResolvedLink("broken", "", problem, _hint_at(suggested, source_path, link.target))


def _find_page(wanted: str, site: Site) -> str | None:
    """The page that a path means: a lesson, a section, or a page by its own name."""
    if is_lesson(wanted):
        lesson = site.find_lesson(wanted)
        if lesson is not None:
            return site.page_of(lesson)
        folder, name = posixpath.split(page_id(wanted))
        # The generated page of a section answers to `index.md` even if no such file exists.
        section = site.find_section(folder) if name == "index" else None
        return None if section is None else section_page_id(section)
    section = site.find_section(wanted)
    if section is not None:
        return section_page_id(section)
    if wanted.endswith(".html"):
        found = (_find_page(wanted[: -len(".html")] + ending, site) for ending in LESSON_ENDINGS)
        return next((page for page in found if page is not None), None)
    return None


def _with_anchor(from_page: str, page: str, fragment: str, site: Site) -> ResolvedLink:
    url = "" if page == from_page else relative_url(page_target(from_page), page_target(page))
    if not fragment:
        return ResolvedLink("page", url or url_quote(posixpath.basename(page_target(page))))
    anchor = nfc(unquote(fragment))  # ids are in this form
    is_known = anchor.lower() == "top" or site.has_anchor(page, anchor)  # every page has a beginning
    found = "" if is_known else site.find_anchor(page, anchor)
    url = f"{url}#{quote(found or anchor, safe=_FRAGMENT_SAFE)}"
    if is_known or found:
        return ResolvedLink("page", url)
    near, sure = site.suggest_anchor(page, anchor)
    hint = f"did you mean #{near}?" if near else ""
    problem = f"'{site.source_of(page)}' has no heading '#{anchor}'"
    return ResolvedLink("page", url, problem, hint, code="broken-anchor", meant=sure)


def _find_meant(link: Link, found: ResolvedLink, source_path: str, from_page: str, site: Site) -> str:
    """What a link that has a problem is to be, where there is one safe answer: one that has none."""
    try:
        parts = urlsplit(link.target)
    except ValueError:
        return ""
    path = nfc(unquote(parts.path, errors="surrogateescape"))
    if parts.query or (not path and not found.meant):
        return ""
    if found.meant:  # an anchor
        written = f"{parts.path}#{found.meant}"
        return written if _is_sound(link, written, source_path, from_page, site) else ""
    folder = "" if path.startswith("/") else posixpath.dirname(nfc(source_path))
    wanted = posixpath.normpath(posixpath.join(folder, path.lstrip("/")))
    tail = f"#{parts.fragment}" if parts.fragment else ""
    answers = set()
    for place in _places_meant(path, wanted, folder, link.kind, site):
        written = _as_written(place, source_path, parts.path)
        if _is_sound(link, written + tail, source_path, from_page, site):
            answers.add(written + tail)
    return answers.pop() if len(answers) == 1 else ""


def _places_meant(path: str, wanted: str, folder: str, kind: str, site: Site) -> Iterator[str]:
    """Paths in the course that a link to `wanted`, written as `path`, may have meant."""
    former = site.find_former(wanted)
    if former is not None:
        yield former
        return
    short = [wanted + ending for ending in LESSON_ENDINGS if site.find_lesson(wanted + ending) is not None]
    if kind == "link" and short:
        yield from short
        return
    yield from site.find_meant(wanted, path, kind)
    if "\\" in path:  # as Windows writes it
        yield posixpath.normpath(posixpath.join(folder, path.replace("\\", "/")))
    if path.startswith("../"):  # one step too many
        yield posixpath.normpath(posixpath.join(folder, path.removeprefix("../")))


def _is_sound(link: Link, target: str, source_path: str, from_page: str, site: Site) -> bool:
    return not _resolve(link._replace(target=target), source_path, from_page, site).problem


def _as_written(path: str, source_path: str, target: str) -> str:
    """A path in the course as the lesson at `source_path` has to write it in place of `target`."""
    relative = f"/{path}" if target.startswith("/") else posixpath.relpath(path, posixpath.dirname(source_path) or ".")
    relative += "/" if path.endswith("/") and not relative.endswith("/") else ""
    return url_quote(relative) if "%" in target or _UNQUOTED_RE.search(relative) else relative


def _hint_at(path: str | None, source_path: str, target: str) -> str:
    return _meant(_as_written(path, source_path, target)) if path else ""


def _meant(written: str) -> str:
    return f"did you mean {written}?"


_UNQUOTED_RE = lazy_pattern(r"[\s()<>#?%\"'\\]")
"""What a target has to write otherwise."""
_JOINT_RE = lazy_pattern(r"\s+")
_NO_NAME_RE = lazy_pattern(r"^\w(?:\W+\w)*\W*$|[%*@~&]|:(?!\s)|^\w+\(|^[\w-]+(?:\.[\w-]+)+$")
"""What of the things between two brackets is no name of a lesson: an index (`[[i, j]]`), a table of TOML
(`[[menus.main]]`), an attribute of C++ (`[[gnu::pure]]`)."""
_HOST_RE = lazy_pattern(r"www\.[\w-]|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/", re.I)
"""What begins like an address of the web without its scheme."""
# Letters stay readable in an address bar; what RFC 3986 forbids in a fragment is encoded.
_FRAGMENT_SAFE = "/?!$&'()*+,;=:@-._~"
