"""source path -> target path, URL, task name, natural order, readable title.

Paths inside a course are POSIX strings relative to its root: a lesson is `a/b.md`, a section is
its folder (`a`, and `""` for the whole course), a target is relative to the output folder.
"""

from __future__ import annotations

import posixpath
import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import PurePath
from types import MappingProxyType
from urllib.parse import quote, unquote

from pipeline.patterns import TERMINAL_SIGNS, lazy_pattern, one_line

REPORT_FOLDER = "_repairs"
"""Where the account of every repair stands in the output."""

SITE_FOLDER = "_site"
"""Where the files that all pages share stand in the output."""
SEARCH_FOLDER = "_search"
"""Where the search index stands in the output."""
TREE_NAME = f"{SITE_FOLDER}/tree.js"
MISSING_NAME = "404.html"
ROBOTS_NAME = "robots.txt"
NOJEKYLL_NAME = ".nojekyll"
"""An empty file, which tells GitHub Pages to serve what begins with `_` too."""
WELL_KNOWN = ".well-known"
"""What a host publishes under agreed names (RFC 8615): copied, though names that begin with a dot are left out."""
SITEMAP_NAME = "sitemap.xml"
FEED_NAME = "feed.xml"
SITE_TEMPLATES = {MISSING_NAME: "missing.html", **{name: name for name in (ROBOTS_NAME, SITEMAP_NAME, FEED_NAME)}}
"""Template of each file for the whole site that has one."""
TEMPLATE_ENDINGS = (".html", ".xml", ".txt")

NaturalKey = tuple[tuple[int, int, str], ...]

_DIGITS_RE = lazy_pattern(r"(\d+)")
_ORDER_PREFIX_RE = lazy_pattern(r"^(\d+)[._\-\s]+(?=\S)")
# `05_4._lora`: a place in the folder, then the number that the course itself gives; a date has no such dot.
_SECOND_NUMBER_RE = lazy_pattern(r"(\d{1,3})\.[_\-\s]+(?=\S)")
_SHORT_FORMS = {
    form.lower(): form
    for form in (
        "AI API ASCII AWS BERT CI CLI CNN CPU CSS CSV DNS FAQ FTP GAN GPT GPU GUI HTML HTTP HTTPS IDE IoT IP JavaScript"
        " JS JSON JWT KNN LLM LLMs LoRA LSTM ML MLP MoE NLP NumPy OCR OOP ORM PCA PDF PEFT PHP PyTorch QLoRA RAG RLHF"
        " RNN SFT SQL SSH SVG SVM TCP TLS TypeScript UDP UI URL USB UTF UX VAE VNI XML YAML"
    ).split()
}
"""Of words that few file names write so; what the lessons themselves write comes first."""
_SEPARATORS_RE = lazy_pattern(r"[_\-\s]+")
# Letters that mean something to doit (`=` sets a variable, `*` is a wildcard) or to a terminal.
_TASK_NAME_UNSAFE_RE = lazy_pattern(rf"[%=*\x00-\x20{TERMINAL_SIGNS}]")
# RFC 3986 allows these in a path segment; `:` is left out because it could look like a scheme.
_URL_SAFE = "/!$&'()*+,;=@~"
_PLAIN_URL_RE = lazy_pattern(r"[A-Za-z0-9_./~-]*")

_ACTIVE_ENDINGS = tuple(".html .htm .shtml .xhtml .xht .mht .mhtml .svg .svgz .xml .xsl .xslt .rdf .rss .atom".split())

ROOT_SECTION = ""
STATIC_FOLDER = "_static"
"""Where the site's own style sheets stand in the output."""
OWN_FOLDERS = (REPORT_FOLDER, SEARCH_FOLDER, SITE_FOLDER, STATIC_FOLDER)
"""Folders of the output that nothing of a course may stand in: scripts of every page are there."""


def nfc(text: str) -> str:
    """The one form of Unicode in which names are compared: a Mac writes `é` as two characters.

    >>> nfc("e\u0301") == "\u00e9"
    True
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text)


LESSON_ENDINGS = (".md", ".markdown")


def is_lesson(path: str) -> bool:
    """Whether `path` is a Markdown file by its ending, in any letter case.

    >>> is_lesson("a/B.MD"), is_lesson("a/b.markdown"), is_lesson("a/.md")
    (True, True, False)
    """
    return _ending_of(path) > 0


def _ending_of(path: str) -> int:
    """The length of the ending that makes a lesson of a file; 0 if it has none."""
    for ending in LESSON_ENDINGS:
        size = len(ending)
        if path[-size:].lower() == ending and path[-size - 1 : -size] not in ("", "/"):
            return size
    return 0


SECTION_TEXTS = ("index", "_index", "readme")
"""Names of the text of a folder; the first that is there is it: `_index.md` is Hugo's, `README.md` GitHub's."""


def is_section_text(path: str) -> bool:
    """Whether a lesson is the text of its folder if no `index.md` is.

    >>> is_section_text("a/README.md"), is_section_text("a/_index.markdown"), is_section_text("README/a.md")
    (True, True, False)
    """
    return posixpath.basename(page_id(path)).lower() in SECTION_TEXTS[1:]


def is_active(path: str) -> bool:
    """Whether a browser runs scripts in a file when it is opened by itself, by its ending.

    >>> is_active("a/x.SVG"), is_active("x.html"), is_active("x.png"), is_active("site.js")
    (True, True, False, False)
    """
    return path.lower().endswith(_ACTIVE_ENDINGS)


def is_image(path: str) -> bool:
    """Whether a file is an image by its ending."""
    return path.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".bmp"))


def page_id(source_path: str) -> str:
    """The name of a lesson's page in task names: its path without `.md`. The text of a folder has that of the folder
    (`Plan.page_of`)."""
    return source_path[: -_ending_of(source_path) or None]


def section_of(source_path: str) -> str:
    """The section a lesson stands in: its folder, `""` for the root."""
    return posixpath.dirname(source_path)


def section_page_id(section: str) -> str:
    """The page of a section: `a` -> `a/index`, the root -> `index`."""
    return posixpath.join(section, "index")


def ancestors(section: str) -> list[str]:
    """The sections above `section` from the root down, without itself.

    >>> ancestors("a/b/c")
    ['', 'a', 'a/b']
    """
    if not section:
        return []
    parts = section.split("/")
    return ["/".join(parts[:depth]) for depth in range(len(parts))]


def page_target(page: str) -> str:
    """The output file of a page: `a/b` -> `a/b.html`."""
    return f"{page}.html"


def url_quote(path: str) -> str:
    """Percent-encode a path for use in an `href`.

    >>> url_quote("bài 1#.html")
    'b%C3%A0i%201%23.html'
    """
    return path if _PLAIN_URL_RE.fullmatch(path) else quote(path, safe=_URL_SAFE)


@lru_cache(maxsize=65536)
def relative_url(from_target: str, to_target: str) -> str:
    """The URL that leads from one output file to another, so that the site reads from anywhere.

    >>> relative_url("a/b.html", "a/c/d.html")
    'c/d.html'
    >>> relative_url("a/b.html", "index.html")
    '../index.html'
    """
    folders, parts = from_target.split("/")[:-1], to_target.split("/")
    shared = 0
    while shared < len(folders) and shared < len(parts) - 1 and folders[shared] == parts[shared]:
        shared += 1
    return url_quote("../" * (len(folders) - shared) + "/".join(parts[shared:]))


@lru_cache(maxsize=65536)
def natural_key(name: str) -> NaturalKey:
    """A sort key in which numbers count as numbers: `lesson_2` before `lesson_10`.

    Case and Unicode form do not matter unless nothing else differs.

    >>> sorted(["lesson_10", "lesson_2", "Lesson_1"], key=natural_key)
    ['Lesson_1', 'lesson_2', 'lesson_10']
    """
    folded = unicodedata.normalize("NFC", name).casefold()
    parts = tuple(
        (0, int(part), part) if part.isdecimal() else (1, 0, part) for part in _DIGITS_RE.split(folded) if part
    )
    return (*parts, (2, 0, name))


def readable_title(name: str, spellings: Mapping[str, str] = MappingProxyType({})) -> str:
    """A title made of a file's or folder's name; `spellings` has the forms of words by their small letters.

    >>> readable_title("03_vong_lap-while"), readable_title("05_4._peft_with_flan", {"flan": "FLAN"})
    ('3. Vong lap while', '4. PEFT with FLAN')
    """
    name = one_line(unicodedata.normalize("NFC", name)) or "_"
    prefix = _ORDER_PREFIX_RE.match(name)
    if prefix:
        prefix = _SECOND_NUMBER_RE.match(name, prefix.end()) or prefix
    shown = list[str]()
    for word in _SEPARATORS_RE.sub(" ", name[prefix.end() if prefix else 0 :]).split():
        form = spellings.get(word) or _SHORT_FORMS.get(word)
        shown.append(form or (word if shown else word[:1].upper() + word[1:]))
    if not shown:
        return name
    words = " ".join(shown)
    return f"{int(prefix.group(1))}. {words}" if prefix else words


def task_name(stage: str, item: str) -> str:
    """The doit task of a stage and a path; what doit would misread is percent-encoded.

    >>> task_name("repair", "a/x=1 *.md")
    'repair:a/x%3D1%20%2A.md'
    """

    def encode(match: re.Match[str]) -> str:
        return "".join(f"%{byte:02X}" for byte in match.group().encode())

    # Each name is in a dozen lists and dictionaries of a run.
    return sys.intern(f"{stage}:{_TASK_NAME_UNSAFE_RE.sub(encode, item) or '.'}")


def item_of(task: str) -> str:
    """What a task of a stage is for: the other way round from `task_name`.

    >>> item_of("repair:a/x%3D1%20%2A.md")
    'a/x=1 *.md'
    """
    item = task.partition(":")[2]
    return "" if item == "." else unquote(item)


def collision_key(target: str) -> str:
    """Targets with equal keys are one file on some system a site is served from.

    `A.html` and `a.html` are one file on Windows and macOS, NFC and NFD names on macOS.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", target).casefold())


def own_folder(path: str) -> str:
    """The folder of the site's own that a path of a course would lead into on some system; `""` if there is none.

    >>> own_folder("_Static/site.js"), own_folder("a/_static/site.js"), own_folder("_static.md")
    ('_Static', '', '')
    """
    top, _, below = path.partition("/")
    return top if below and collision_key(top) in OWN_FOLDERS else ""


DEFAULT_PREFIX = "default"
"""`default/lesson.html` is the project's own `lesson.html`, whatever a course puts in its place."""


def show_template(folder: PurePath, name: str, templates: Sequence[PurePath]) -> str:
    """The path of a template for a person. `templates` are the folders that are looked in: the last has the originals,
    the one before it stands beside `dodo.py`, and one before that elsewhere.

    >>> folders = [PurePath("/mine/templates"), PurePath("/course/templates"), PurePath("/package/templates")]
    >>> [show_template(folder, "lesson.html", folders) for folder in folders]
    ['mine/templates/lesson.html', 'templates/lesson.html', 'default/lesson.html']
    """
    if folder == templates[-1]:
        return f"{DEFAULT_PREFIX}/{name}"
    shown = f"{folder.name}/{name}"
    return shown if folder == templates[-2] else f"{folder.parent.name}/{shown}"
