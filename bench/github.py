#!/usr/bin/env python3
"""Courses written for GitHub -> pages whose structure differs from that of cmark-gfm, by construct.

    python bench/github.py COURSE [COURSE ...]

The structure of a page is its elements and words, without attributes and without paragraphs. Emoji by name
and notes between `:::` are shown otherwise on purpose. `cmark-gfm` is a package of Debian.
"""

from __future__ import annotations

import collections
import difflib
import re
import subprocess
import sys
from pathlib import Path

import lxml.html

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from pipeline.errors import PipelineError  # noqa: E402
from pipeline.parse.lesson import parse_lesson  # noqa: E402

EXTENSIONS = ("table", "strikethrough", "autolink", "tasklist")
_FRONT_MATTER_RE = re.compile(r"\A---\n.*?\n---\n", re.S)
_PASSED_OVER = frozenset("div p span label input tbody thead picture source font".split())
_MOST_CONSTRUCTS = 20


def structure(html: str) -> list[str]:
    """The elements and words of a page, in order."""
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    for sign in root.xpath(".//a[@class='anchor']"):
        sign.drop_tree()
    lxml.etree.strip_tags(root, *_PASSED_OVER - {"br"})
    parts: list[str] = []
    for event, element in lxml.etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if element is not root and event in ("start", "end"):
            # A head without words is a cell here.
            name = "td" if element.tag == "th" else element.tag
            parts.append(f" <{'/' * (event == 'end')}{name}> ")
        parts.append((element.text if event == "start" else element.tail if event != "start" else "") or "")
    return "".join(parts).split()


def compare(source: Path) -> list[str]:
    """The constructs in which a page differs."""
    text = _FRONT_MATTER_RE.sub("", source.read_text("utf-8", "replace"))
    command = ["cmark-gfm", "--unsafe", *(part for name in EXTENSIONS for part in ("-e", name))]
    theirs = structure(subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout)
    try:
        lesson = parse_lesson(text, source.name)
    except PipelineError as error:
        return [f"refused: {error}"]
    ours = structure(lesson.body)
    if "<h1>" in theirs:  # the title of the page here
        del theirs[theirs.index("<h1>") : theirs.index("</h1>") + 1]
    found = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, theirs, ours, autojunk=False).get_opcodes():
        if kind != "equal":
            found.append(f"{' '.join(theirs[i:j])[:60]!r} -> {' '.join(ours[k:m])[:60]!r}")
    return found


def main() -> None:
    for course in map(Path, sys.argv[1:]):
        pages = sorted(course.rglob("*.md"))
        kinds: collections.Counter[str] = collections.Counter()
        different = 0
        for page in pages:
            found = compare(page)
            different += bool(found)
            kinds.update(found)
        print(f"{course.name}: {different} of {len(pages)} pages differ")
        for construct, number in kinds.most_common(_MOST_CONSTRUCTS):
            print(f"  {number:5} {construct}")


if __name__ == "__main__":
    main()
