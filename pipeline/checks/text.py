"""a lesson -> what is wrong with its links, headings, code and images, as the source writes them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from pipeline.checks.view import LessonView
from pipeline.errors import NEAR_NAME, Diagnostic, Edit, Severity
from pipeline.parse.code import read_fence_info
from pipeline.parse.verbatim import find_fences
from pipeline.patterns import lazy_pattern
from pipeline.repair.review import UNREAD
from pipeline.slips import SLIP_LETTERS, is_near, is_slip, sure_name
from pipeline.values import TextPlace

_HEADING_RE = lazy_pattern(
    r"^(?P<inside>[ \t]*>[ \t>]*|[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)?[ ]{0,3}(?P<marks>#{1,6})[ \t]+(?P<title>.*)$", re.M
)
_TITLE_RE = lazy_pattern(r"^[ ]{0,3}(?:#[ \t]|\S.*\n[ ]{0,3}=+[ \t]*$)", re.M)
_UNDERLINED_RE = lazy_pattern(r"^[ ]{0,3}(?P<title>\S.*)\n[ ]{0,3}(?P<marks>=+|-+)[ \t]*$", re.M)
_IMAGE_RE = lazy_pattern(r"(?<!\\)!\[[ \t]*\]\([ \t]*(?:<(?P<fenced>[^<>\n]+)>|(?P<target>[^)\s>]+))")
_TAG_RE = lazy_pattern(r"<img\b[^<>]*>", re.I)
_ALT_RE = lazy_pattern(r"\balt\s*=", re.I)
_ROLE_RE = lazy_pattern(r"\baria-hidden\s*=|\brole\s*=\s*[\"']?(?:presentation|none)", re.I)
_SOURCE_RE = lazy_pattern(r"\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.I)
_REFERENCE_RE = lazy_pattern(r"(?<![\]\w\\])(?P<image>!?)\[(?P<text>[^\[\]\n]{1,300})\]\[(?P<label>[^\[\]\n]{0,300})\]")
_DEFINITION_RE = lazy_pattern(r"^[ >]*(?:[-*+][ ]+)?\[(?P<label>[^\[\]\n]+)\]:", re.M)
_ID_RE = lazy_pattern(r"""(?:\bid\s*=\s*["']?|\{[^{}\n]*?\#)([^\s"'>{}]+)""")
_LETTER_RE = lazy_pattern(r"[^\W_]")
_SHOWN_RE = lazy_pattern(r"<(?:img|svg|math|video|audio|iframe|picture|object|hr)\b", re.I)
_HEADING_HTML_RE = lazy_pattern(r"<(h[1-6])\b.*?</\1>", re.S)

HINTS_GIVEN = 20
"""To so many findings of a kind in a lesson: each is compared with all that is known."""
LOOKED_AHEAD = 50
"""Headings of the source that one of the page is looked for among."""
USUAL_LANGUAGES = frozenset(
    "bash console cpp csharp css diff docker dockerfile elixir erlang fortran golang graphql groovy haskell html http "
    "ini java javascript json jsx julia kotlin latex lisp lua makefile markdown matlab nginx objective-c ocaml pascal "
    "perl php powershell prolog protobuf python python3 ruby rust scala scheme scss shell sql sqlite3 swift terraform "
    "text toml tsx typescript verilog vhdl xml yaml yml".split()
)
"""Of those that are known, the ones that a slip is surely of: of the thousand names that Pygments has, one or other is
near nearly everything, as `kconfig` is to `config`."""
OTHER_LANGUAGES = frozenset(
    "admonition any astro chart cmd csv d2 ditaa dotenv ebnf echarts env error figlet flow geojson goat "
    "graphviz hbs highlight jsonc jsonl jsx katex latex log markmap math mdx mermaid ndjson nomnoml none "
    "output plain plaintext plantuml playground prisma pseudo pseudocode puml railroad result sequence source "
    "stl svelte svgbob toc topojson tree tsv tsx txt vega vega-lite vue wavedrom "
    "code conf config dust flix hjson jaiva jison jsonp just lang leaf logo logs marko mjml monkeyc nasl patch pine "
    "plsql profile qsharp query tasl toon wasm xojo xsharp "
    "ipython ipython2 ipython3 ipythonconsole ir irkernel iruby ihaskell pyodide pyspark python2 sagemath sparkr spark "
    "xeus-python xpython xr xcpp xcpp11 xcpp14 xcpp17 xcpp20 xcpp23 almond deno evcxr gophernotes tslab".split()
)
"""Names that a fence has for what is no program, or that other tools know. Those in the middle are of highlight.js,
Shiki and GitHub, and a slip away from one that Pygments knows; the last ones are of notebooks: names of kernels, and of
the lexers that IPython brings along (`"pygments_lexer": "ipython3"`)."""


_ABOUT_MARKDOWN = frozenset("md markdown mdx rst rest text txt tex latex html jinja django liquid".split())
"""Code in these may show fences."""


def _at(place: TextPlace | None, code: str, message: str, hint: str = "", severity: Severity = "warning") -> Diagnostic:
    line, column = place or (None, None)
    return Diagnostic(message, line, hint, severity, code=code, column=column)


def find_heading_jumps(view: LessonView) -> Iterator[Diagnostic]:
    """A heading two or more levels below the one before it."""
    before = 1 if _TITLE_RE.search(view.prose) else 0
    for heading, place in zip(view.facts.headings, _places_of_headings(view)):
        if before and heading.level > before + 1:
            message = f"heading '{_shortened(heading.title)}' has level {heading.level} below one of level {before}"
            yield _at(place, "heading-jump", message, f"write it with {'#' * (before + 1)}")
        before = heading.level


def find_same_headings(view: LessonView) -> Iterator[Diagnostic]:
    """A heading with the words of another one below the same heading."""
    seen: dict[tuple[tuple[str, ...], int, str], int] = {}
    above: list[tuple[int, str]] = []
    for heading, place in zip(view.facts.headings, _places_of_headings(view)):
        while above and above[-1][0] >= heading.level:
            above.pop()
        key = (tuple(anchor for _, anchor in above), heading.level, heading.title.casefold())
        if key in seen and heading.title:
            message = f"there are two headings '{_shortened(heading.title)}' beside one another"
            yield _at(place, "same-heading", message, f"the anchor of this one is #{heading.anchor}", "note")
        seen[key] = 1
        above.append((heading.level, heading.anchor))


def find_missing_texts(view: LessonView) -> Iterator[Diagnostic]:
    """An image that says nothing to who does not see it."""
    hint = "say in the brackets what it shows"
    if "](" in view.prose:
        for match in _IMAGE_RE.finditer(view.prose):
            message = f"image '{_shortened(match['fenced'] or match['target'])}' has no text for who does not see it"
            yield _at(view.place(match.start()), "missing-alt", message, hint)
    for match in _TAG_RE.finditer(view.prose):
        if not _ALT_RE.search(match[0]) and not _ROLE_RE.search(match[0]):
            source = _SOURCE_RE.search(match[0])
            message = f"image '{_shortened(source[1] if source else '')}' has no text for who does not see it"
            yield _at(view.place(match.start()), "missing-alt", message, 'say in alt="…" what it shows')


def find_unknown_languages(view: LessonView) -> Iterator[Diagnostic]:
    """A block of code in a language that has no colours."""
    given = 0
    for line, match, _ in find_fences(view.markdown):
        info = match["info"].strip()
        name = read_fence_info(info).language.lower()
        if not name or (info[0] == "{" and info[1:2] != ".") or name in OTHER_LANGUAGES or name in _languages():
            continue
        given += 1
        near = _near_languages(name) if len(name) < 40 and given <= HINTS_GIVEN else ()
        usual = [other for other in near if other in USUAL_LANGUAGES]
        meant = " or ".join(usual or near[:1])
        hint = f"did you mean {meant}?" if meant else "leave it out if the code is to have no colours"
        place = TextPlace(line, match.start("info") + 1)
        message = f"'{_shortened(name)}' is no language that is known: the code has no colours"
        found = _at(place, "unknown-language", message, hint, "warning" if near else "note")
        is_sure = len(usual) == 1 and is_slip(name, usual[0])
        yield found._replace(fix=_mend_language(match["info"], place, name, usual[0]) if is_sure else ())


def find_swallowed_fences(view: LessonView) -> Iterator[Diagnostic]:
    """A block of a program in which another block begins: its own end is missing, and that of the other one ends it."""
    for line, match, inner in find_fences(view.markdown):
        name = read_fence_info(match["info"].strip()).language.lower()
        if inner is not None and name in _languages() and name not in _ABOUT_MARKDOWN:
            message = f"in the block of code in '{_shortened(name)}' another one begins"
            place = TextPlace(line, match.start("fence") + 1)
            yield _at(place, "fence-in-code", message, f"close it above line {inner} with {match['fence']}")


def _mend_language(info: str, place: TextPlace, name: str, meant: str) -> tuple[Edit, ...]:
    at = info.lower().find(name)
    return (Edit(place.line, (place.column or 1) + at, info[at : at + len(name)], meant),) if at >= 0 else ()


@cache
def _near_languages(name: str) -> tuple[str, ...]:
    """The languages that a name may be a slip of, the usual ones first, also those with a short name."""
    found = {other for other in _languages() if is_slip(name, other, others_from=SLIP_LETTERS)}
    found |= {other for other in USUAL_LANGUAGES if len(name) >= SLIP_LETTERS and is_near(name, other)}
    return tuple(sorted(found, key=lambda other: (other not in USUAL_LANGUAGES, other)))


@cache
def _languages() -> frozenset[str]:
    from pygments.lexers import get_all_lexers

    return frozenset(alias.lower() for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases)


def find_undefined_references(view: LessonView) -> Iterator[Diagnostic]:
    """`[text][label]` without a line that says where the label leads."""
    if "][" not in view.prose or "][" not in view.shown:
        return
    from difflib import get_close_matches

    given = 0
    known = {_label(match["label"]): match["label"] for match in _DEFINITION_RE.finditer(view.prose)}
    for match in _REFERENCE_RE.finditer(view.prose):
        written = match["label"] or match["text"]
        label = _label(written)
        is_index = written.isdecimal() and match["text"].isdecimal()
        if label in known or label[:1] in ("^", "") or is_index or f"][{match['label']}]" not in view.shown:
            continue
        given += 1
        is_looked_for = given <= HINTS_GIVEN
        near = get_close_matches(label, known, n=1, cutoff=NEAR_NAME) if is_looked_for else []
        sure = sure_name(label, known) if is_looked_for else ""
        meant = sure or next(iter(near), "")
        hint = f"did you mean [{meant}]?" if meant else f"write '[{written}]: where-it-leads' on a line of its own"
        message = f"nothing says where '[{_shortened(written)}]' leads"
        place = view.place(match.start("label") - 1)
        edit = Edit(place.line, place.column or 1, f"[{match['label']}]", f"[{known.get(sure)}]")
        found = _at(view.place(match.start()), "undefined-reference", message, hint)
        yield found._replace(fix=(edit,) if sure else ())


def _label(text: str) -> str:
    return " ".join(text.casefold().split())


def find_same_ids(view: LessonView) -> Iterator[Diagnostic]:
    """An id that a lesson writes twice: a link finds the first."""
    counts = Counter(view.facts.anchors)
    if len(counts) == len(view.facts.anchors):
        return
    places = {match[1]: match.start(1) for match in _ID_RE.finditer(view.prose)}  # the last of each
    for anchor, count in counts.items():
        if count > 1:
            place = view.place(places[anchor]) if anchor in places else None
            yield _at(
                place, "same-id", f"the id '{_shortened(anchor)}' is there twice", "a link leads to the first one"
            )


def find_unread_damage(view: LessonView) -> Iterator[Diagnostic]:
    """Damaged words that no repair could read, and letters that are lost."""
    lines = set[int]()
    for repair in view.repairs:
        if repair.step == UNREAD:
            lines.add(repair.line)
            message = f"damage that cannot be read: {_shortened(repair.before)!r}"
            yield _at(
                TextPlace(repair.line, repair.column),
                "damage-left",
                message,
                "write the word anew, or decide in repairs.toml",
            )
    at = view.prose.find("\ufffd")
    while at >= 0:
        place = view.place(at)
        if place.line not in lines:
            lines.add(place.line)
            yield _at(place, "damage-left", "a letter is lost: U+FFFD stands in its place", "write the word anew")
        at = view.prose.find("\ufffd", at + 1)


def find_no_text(view: LessonView) -> Iterator[Diagnostic]:
    """A lesson with nothing below its heading."""
    if view.is_section or view.facts.draft or not view.facts.has_text or not view.text.strip():
        return
    rest = _HEADING_HTML_RE.sub("", view.body)
    if not _SHOWN_RE.search(rest) and not _LETTER_RE.search(re.sub("<[^>]*>", "", rest)):
        yield _at(None, "no-words", "the lesson has no text below its heading", "write it, or set draft: true")


def _written_headings(view: LessonView) -> list[tuple[int, str, TextPlace]]:
    """Level, words and place of each heading that the source writes in its own line."""
    found = [(m.start("marks"), len(m["marks"]), m["title"]) for m in _HEADING_RE.finditer(view.prose)]
    if "\n===" in view.prose or "\n---" in view.prose:
        found += [
            (m.start("title"), 1 if m["marks"][0] == "=" else 2, m["title"])
            for m in _UNDERLINED_RE.finditer(view.prose)
        ]
    return [(level, title, view.place(at)) for at, level, title in sorted(found)]


def _places_of_headings(view: LessonView) -> Iterator[TextPlace | None]:
    """Where each heading of the page is written, None where that is not found, as in raw HTML."""
    written = _written_headings(view)
    at = 0
    for heading in view.facts.headings:
        near = range(at, min(at + LOOKED_AHEAD, len(written)))
        found = next(
            (n for n in near if written[n][0] == heading.level and _is_title(written[n][1], heading.title)), None
        )
        yield None if found is None else written[found][2]
        at = at if found is None else found + 1


def _is_title(written: str, shown: str) -> bool:
    """Whether a heading as it is written may be the one that is shown."""
    one, two = ("".join(_LETTER_RE.findall(text)).casefold() for text in (written, shown))
    return not two or not one or one[:4] == two[:4] or two[:8] in one


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"
