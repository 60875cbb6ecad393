"""texts of templates -> the blocks in them that are shown nowhere, and those that a page may ask for.

Jinja2 says nothing of a block that no template above it has: `{% block contnet %}` is left out of every page.
This reads templates as text, because to parse them takes 10 ms.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import Diagnostic, near_name
from pipeline.paths import DEFAULT_PREFIX, show_template
from pipeline.patterns import lazy_pattern

_TAG_RE = lazy_pattern(
    r"\{#.*?#\}"
    r"|\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\}"
    r"|\{%[-+]?\s*(?P<word>extends|block|endblock)\b\s*(?P<what>.*?)\s*[-+]?%\}",
    re.S,
)
_LITERAL_RE = lazy_pattern(r"""(["'])([^"']+)\1""")
_NAME_RE = lazy_pattern(r"\w+")

Texts = Mapping[tuple[Path, str], bytes]
"""Folder and name -> the bytes of a template."""


class _Blocks(NamedTuple):
    extends: tuple[str, ...]
    """What it extends, as it is written there, in the words of Jinja2."""
    top: tuple[tuple[str, int], ...]
    """Blocks inside no other block, with their lines."""
    every: frozenset[str]


def check_blocks(templates: tuple[Path, ...], texts: Texts) -> Iterator[Diagnostic]:
    """A warning for each block that a template has for no template above it."""
    for (folder, name), text in sorted(texts.items()):
        if not name.endswith(".html"):
            continue
        above = _above((folder, name), templates, texts)
        if above is None:
            continue
        for block, line in _read(text).top:
            if block not in above and f"self.{block}".encode() not in text:
                yield Diagnostic(
                    f"no template that this one extends has a block {block!r}: what is in it is shown nowhere",
                    line=line,
                    hint=near_name(block, above, "the blocks"),
                    path=show_template(folder, name, templates),
                    code="unused-block",
                )


def _above(place: tuple[Path, str], templates: tuple[Path, ...], texts: Texts) -> frozenset[str] | None:
    """The blocks of all that a template extends; None if it extends nothing, or if that is not known."""
    chain = _chain(place, templates, texts)
    return frozenset[str]().union(*(_read(texts[other]).every for other in chain[1:])) if len(chain) > 1 else None


def _chain(place: tuple[Path, str], templates: tuple[Path, ...], texts: Texts) -> list[tuple[Path, str]]:
    """A template and all that it extends; empty if that is not known."""
    seen = [place]
    while extends := _read(texts[seen[-1]]).extends:
        literal = _LITERAL_RE.fullmatch(extends[0])
        following = _find(literal[2], templates, texts) if literal and len(extends) == 1 else None
        if following is None or following in seen:
            return []
        seen.append(following)
    return seen


def page_templates(usual: str, templates: tuple[Path, ...], texts: Texts) -> list[str]:
    """The templates, without `.html`, that a page may ask for instead of the usual one of its kind: those that extend
    it, and so have its policy and are given the names they use."""
    return sorted(
        {
            name.removesuffix(".html")
            for folder, name in texts
            if name.endswith(".html")
            and any(above == f"{usual}.html" for _, above in _chain((folder, name), templates, texts))
        }
    )


def _find(name: str, templates: tuple[Path, ...], texts: Texts) -> tuple[Path, str] | None:
    places = [(folder, name) for folder in templates]
    places.append((templates[-1], name.removeprefix(f"{DEFAULT_PREFIX}/")))
    return next((place for place in places if place in texts), None)


@cache
def _read(text: bytes) -> _Blocks:
    source = text.decode("utf-8", "replace")
    extends, top, every, depth = [], [], set(), 0
    for tag in _TAG_RE.finditer(source):
        if tag["word"] == "extends":
            extends.append(tag["what"])
        elif tag["word"] == "endblock":
            depth -= 1
        elif tag["word"] == "block" and (name := _NAME_RE.match(tag["what"])):
            every.add(name.group())
            if not depth:
                top.append((name.group(), source.count("\n", 0, tag.start()) + 1))
            depth += 1
    return _Blocks(tuple(extends), tuple(top), frozenset(every))
