"""names and front matter of neighbours -> the name and the text of a new lesson or section that fits them."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from pipeline.parse.converted import FrontMatter
from pipeline.paths import SECTION_TEXTS, collision_key
from pipeline.patterns import one_line

NAME_LENGTH = 60
"""Characters of a name made of a title, its number aside."""
_NUMBERED_RE = re.compile(
    r"(?P<before>(?:[^\W\d_]+[._\-\s]*)?)(?P<number>\d{1,6})(?P<after>[._\-\s]+)(?P<rest>[^\W_].*)"
)
_WORD_RE = re.compile(r"[^\W_]+")
_APOSTROPHE_RE = re.compile("['’]")
_BETWEEN_RE = re.compile(r"(?<=\w)[_\-\s](?=\w)")
_PLAIN = str.maketrans({"đ": "d", "Đ": "D", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "AE"})
"""Letters with a stroke and the like, which Unicode does not take apart."""


class Neighbour(NamedTuple):
    """What stands beside it."""

    front: FrontMatter
    has_heading: bool
    """Whether its text begins with a heading, which is its title."""
    title: str = ""


def fit_name(title: str, names: Sequence[str], elsewhere: Sequence[str] = (), taken: Collection[str] = ()) -> str:
    """A name, without ending, that is formed as the neighbours' are, and is numbered behind them if they are numbered.

    `names` are theirs, without endings; where there are none it is formed as names `elsewhere` in the course are.
    `taken` are others that it must differ from, on every file system.

    >>> fit_name("Vòng lặp", ["01_bien", "02_ham"]), fit_name("Lists", ["lesson-9-a", "lesson-10-b"], taken=["x"])
    ('03_vong_lap', 'lesson-11-lists')
    """
    like = list(names) or list(elsewhere)
    numbered = [found for name in like if (found := _NUMBERED_RE.fullmatch(name))]
    usual = Counter((found["before"], found["after"]) for found in numbered).most_common(1)
    if usual and usual[0][1] * 2 >= len(like):
        (before, after), _ = usual[0]
        numbers = [found["number"] for found in numbered if (found["before"], found["after"]) == (before, after)]
        width = max(map(len, numbers)) if any(number.startswith("0") for number in numbers) else 1
        number = max(map(int, numbers)) + 1 if names else 1
        start = f"{before}{number:0{width}}{after}"
        rests = [found["rest"] for found in numbered]
    else:
        start, rests = "", like
    between = Counter(mark for rest in rests for mark in _BETWEEN_RE.findall(rest)).most_common(1)
    mark = between[0][0] if between else "_"
    slug = _slug(title, mark, rests)
    used = {collision_key(name) for name in (*names, *taken, *SECTION_TEXTS)}
    name, count = start + slug, 1
    while collision_key(name) in used:
        count += 1
        name = f"{start}{slug}{mark}{count}"
    return name


def _slug(title: str, mark: str, like: Sequence[str]) -> str:
    text = _APOSTROPHE_RE.sub("", unicodedata.normalize("NFC", title))
    if all(name.isascii() for name in like):
        apart = unicodedata.normalize("NFKD", text.translate(_PLAIN))
        text = "".join(letter for letter in apart if not unicodedata.combining(letter))
    if sum(name == name.lower() for name in like) * 2 >= len(like):
        text = text.lower()
    slug = ""
    for word in _WORD_RE.findall(text):
        longer = f"{slug}{mark}{word}" if slug else word[:NAME_LENGTH]
        if len(longer) > NAME_LENGTH:
            break
        slug = longer
    return unicodedata.normalize("NFC", slug) or "new"


def write_text(title: str, neighbours: Sequence[Neighbour], *, is_draft: bool, today: str) -> str:
    """The text of a new lesson: front matter with what most neighbours say, and its heading.

    >>> print(write_text("A", [Neighbour(FrontMatter(order=10), True)], is_draft=True, today="2026-03-01"), end="")
    ---
    draft: true
    order: 11
    ---
    <BLANKLINE>
    # A
    <BLANKLINE>
    """
    fronts = [neighbour.front for neighbour in neighbours]
    has_own_title = _most([front.title for front in fronts]) and not _most([each.has_heading for each in neighbours])
    lines = []
    if has_own_title:
        lines.append(f"title: {json.dumps(one_line(title), ensure_ascii=False)}")
    if is_draft:
        lines.append("draft: true")
    if _most([front.order is not None for front in fronts]):
        lines.append(f"order: {_next_order([front.order for front in fronts if front.order is not None]):g}")
    if _most([front.date for front in fronts]):
        lines.append(f"date: {today}")
    template = Counter(front.template for front in fronts).most_common(1)
    if template and template[0][0] and template[0][1] * 2 > len(fronts):
        lines.append(f"template: {template[0][0]}")
    block = "---\n" + "".join(f"{line}\n" for line in lines) + "---\n\n" if lines else ""
    return block if has_own_title else f"{block}# {one_line(title)}\n\n"


def _most(said: Sequence[object]) -> bool:
    return sum(map(bool, said)) * 2 > len(said)


def _next_order(orders: Sequence[float]) -> float:
    """As far behind the last as that is behind the one before it: people number by tens too."""
    last, *others = sorted(set(orders), reverse=True)
    step = last - others[0] if others else 1.0
    return last + (step if step == int(step) else 1.0)
