"""Lessons -> the same with faults in them, of kinds and at places that are drawn by lot.

It knows nothing of how they are found: a fault is a line that is put into a lesson, once sound and once not, or a file.

What is planted is what real courses suffer. Of the 2,242 things that `doit check` found in nine of them, 711 are parts
of one course that were not copied along. Of the other 1,531 two in three (1,041) are links, anchors and images: so
often a kind of these is drawn, of them each as often as any other. Their kinds are those of the real course, where
each broken link was looked at: names in another case or with other signs between their words, a folder that is not
said, a heading that got a number, lessons that were never written. A slip is one of the four of typing: a letter is
missing, twice, another one, or has changed its place with the next. The other kinds are the rest of what was found
there, and what the project is about: what a person's hand can bring into a lesson.
"""

from __future__ import annotations

import posixpath
import random
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plain_places import find_place

from pipeline.paths import is_lesson

IMAGE = "bench-picture.png"
"""A picture that is put beside the lessons, for those that show one."""
AT_TOP = "misspelt field"
"""The kind that stands at the top of a lesson."""
_LONG_WORD_RE = re.compile(r"[^\W\d_]{5,}")
_SIMPLE_HEADING_RE = re.compile(r"^#{2,4} ([^\W\d_]+(?: [^\W\d_]+)+)$", re.M)


@dataclass(frozen=True)
class Fault:
    """A fault in a lesson, or a file that is one."""

    kind: str
    path: str
    codes: frozenset[str]
    """Any of these tells it."""
    sound: str
    """The line without it; `""` for a file that would not be there."""
    faulty: str
    """The line with it, or the text of the file."""
    is_mendable: bool = False
    renamed: str = ""
    """The lesson that gets another name."""

    @property
    def offset(self) -> int:
        """Which of its lines has the fault, from 0."""
        pairs = zip(self.sound.split("\n"), self.faulty.split("\n"))
        return next((number for number, (one, two) in enumerate(pairs) if one != two), 0)


class Planter:
    """Draws faults for the lessons of one course."""

    def __init__(self, lessons: Mapping[str, str], seed: int) -> None:
        self.lessons = lessons
        self.paths = sorted(lessons)
        self.random = random.Random(seed)
        shuffled = self.random.sample(self.paths, len(self.paths))
        self.to_rename = set(shuffled[: len(shuffled) // 10])
        """Lessons that only a fault of that kind leads to."""
        self._counts = 0

    def draw(self, number: int) -> list[Fault]:
        """So many faults, each in a lesson of its own."""
        free = [
            path for path in self.paths if path not in self.to_rename and find_place(self.lessons[path]) is not None
        ]
        self.random.shuffle(free)
        others = [kind for kind in KINDS if kind not in OF_LINKS]
        faults: list[Fault] = []
        for _ in range(number * 3):
            if len(faults) >= number or not free:
                break
            path = free.pop()
            kinds = OF_LINKS if self.random.random() < LINKS_SHARE else others
            fault = KINDS[self.pick(kinds)](self, path)
            if fault is None:
                free.insert(0, path)
                continue
            faults.append(fault)
        return faults

    # --- what they are made of ---

    def word(self) -> str:
        self._counts += 1
        return "zq" + "".join(self.random.choices("bcdfgkmpvx", k=6)) + str(self._counts)

    def pick(self, items: Sequence[Any]) -> Any:
        return self.random.choice(items)

    def other(self, path: str) -> str:
        return self.pick([other for other in self.paths if other != path and other not in self.to_rename])

    def way(self, path: str, target: str) -> str:
        return posixpath.relpath(target, posixpath.dirname(path) or ".")

    def heading(self, path: str) -> tuple[str, str] | None:
        """Another lesson that has a heading of plain words, and its anchor."""
        for _ in range(50):
            target = self.other(path)
            found = _SIMPLE_HEADING_RE.findall(self.lessons[target])
            if found:
                return target, unicodedata.normalize("NFC", self.random.choice(found)).lower().replace(" ", "-")
        return None

    def slip(self, text: str) -> str:
        """A text in which a hand slipped, in a word of five letters or more; the same if it has none."""
        words = list(_LONG_WORD_RE.finditer(text))
        if not words:
            return text
        word = self.pick(words)
        at = self.random.randrange(word.start() + 1, word.end() - 1)
        one, two = text[at], text[at + 1]
        said = self.pick(["", one * 2, self.pick("abcdeghiklmnopqrstuvxy"), None])
        return text[:at] + (two + one + text[at + 2 :] if said is None else said + text[at + 1 :])

    def link(self, kind: str, path: str, sound: str, faulty: str, code: str, *, is_mendable: bool) -> Fault | None:
        if sound == faulty or re.search(r"[\s()<>%#?]", sound.partition("#")[0]):
            return None
        made = [f"Xem thêm [bài này]({target}) nhé." for target in (sound, faulty)]
        return Fault(kind, path, frozenset((code,)), *made, is_mendable)


def _wrong_case(planter: Planter, path: str) -> Fault | None:
    way = planter.way(path, planter.other(path))
    places = [at for at, letter in enumerate(way) if letter.isascii() and letter.isalpha() and at < len(way) - 3]
    if not places:
        return None
    at = planter.pick(places)
    return planter.link(
        "letter case", path, way, way[:at] + way[at].swapcase() + way[at + 1 :], "broken-link", is_mendable=True
    )


def _one_step_more(planter: Planter, path: str) -> Fault | None:
    way = planter.way(path, planter.other(path))
    return planter.link("one ../ too many", path, way, f"../{way}", "broken-link", is_mendable=True)


def _no_ending(planter: Planter, path: str) -> Fault | None:
    way = planter.way(path, planter.other(path))
    return planter.link("no .md", path, way, way.removesuffix(".md"), "short-link", is_mendable=True)


def _misspelt_name(planter: Planter, path: str) -> Fault | None:
    way = planter.way(path, planter.other(path))
    folder, name = posixpath.split(way)
    wrong = posixpath.join(folder, planter.slip(name.removesuffix(".md")) + ".md")
    if posixpath.normpath(posixpath.join(posixpath.dirname(path), wrong)) in planter.lessons:
        return None
    return planter.link("misspelt name", path, way, wrong, "broken-link", is_mendable=True)


def _joined_otherwise(planter: Planter, path: str) -> Fault | None:
    way = planter.way(path, planter.other(path))
    folder, name = posixpath.split(way)
    joint = next((sign for sign in "-_" if sign in name), None)
    if joint is None:
        return None
    wrong = posixpath.join(folder, name.replace(joint, "_" if joint == "-" else "-"))
    return planter.link("other signs in a name", path, way, wrong, "broken-link", is_mendable=True)


def _folder_not_said(planter: Planter, path: str) -> Fault | None:
    target = planter.other(path)
    way = planter.way(path, target)
    parts = way.split("/")
    folders = [at for at, part in enumerate(parts[:-1]) if part != ".."]
    if not folders:
        return None
    at = planter.pick(folders)
    wrong = "/".join(parts[:at] + parts[at + 1 :])
    if (
        posixpath.basename(target) == "index.md"
        or posixpath.normpath(posixpath.join(posixpath.dirname(path), wrong)) in planter.lessons
    ):
        return None
    return planter.link("folder not said", path, way, wrong, "broken-link", is_mendable=True)


def _gone(planter: Planter, path: str) -> Fault | None:
    way = planter.way(path, planter.other(path))
    gone = posixpath.join(posixpath.dirname(way), f"{planter.word()}.md")
    return planter.link("link to nothing", path, way, gone, "broken-link", is_mendable=False)


def _renamed(planter: Planter, path: str) -> Fault | None:
    texts = ("index.md", "readme.md", "_index.md")
    targets = [other for other in sorted(planter.to_rename) if posixpath.basename(other).lower() not in texts]
    if not targets:
        return None
    target = planter.pick(targets)
    planter.to_rename.discard(target)
    planter.paths.remove(target)
    new = posixpath.join(posixpath.dirname(target), f"{planter.word()}.md")
    fault = planter.link(
        "renamed lesson", path, planter.way(path, new), planter.way(path, target), "broken-link", is_mendable=True
    )
    return fault and Fault(**{**fault.__dict__, "renamed": target})


def _readme(planter: Planter, path: str) -> Fault | None:
    texts = [other for other in planter.paths if posixpath.basename(other) == "index.md" and other != path]
    folders = {posixpath.dirname(other) for other in planter.paths if posixpath.basename(other).lower() == "readme.md"}
    texts = [other for other in texts if posixpath.dirname(other) not in folders]
    if not texts:
        return None
    way = planter.way(path, planter.pick(texts))
    return planter.link(
        "README for index", path, way, way[: -len("index.md")] + "README.md", "broken-link", is_mendable=True
    )


def _wrong_anchor(
    kind: str, change: Callable[[Planter, str], str], *, is_mendable: bool
) -> Callable[[Planter, str], Fault | None]:
    def plant(planter: Planter, path: str) -> Fault | None:
        found = planter.heading(path)
        if found is None:
            return None
        target, anchor = found
        wrong = change(planter, anchor)
        way = planter.way(path, target)
        return planter.link(kind, path, f"{way}#{anchor}", f"{way}#{wrong}", "broken-anchor", is_mendable=is_mendable)

    return plant


def _misspelt(planter: Planter, anchor: str) -> str:
    return planter.slip(anchor)


def _line(
    kind: str, codes: str, make: Callable[[Planter], tuple[str, str]], *, is_mendable: bool = False
) -> Callable[[Planter, str], Fault | None]:
    def plant(planter: Planter, path: str) -> Fault | None:
        sound, faulty = make(planter)
        return None if sound == faulty else Fault(kind, path, frozenset(codes.split()), sound, faulty, is_mendable)

    return plant


def _no_alt(planter: Planter, path: str) -> Fault | None:
    way = planter.way(path, IMAGE)
    return Fault("no alt text", path, frozenset({"missing-alt"}), f"![Hình vẽ]({way})", f"![]({way})")


def _no_image(planter: Planter, path: str) -> Fault | None:
    way = planter.way(path, IMAGE)
    gone = way.replace("bench-picture", planter.word())
    return Fault("image not there", path, frozenset({"broken-image"}), f"![Hình vẽ]({way})", f"![Hình vẽ]({gone})")


def _image_case(planter: Planter, path: str) -> Fault | None:
    way = planter.way(path, IMAGE)
    wrong = f"![Hình vẽ]({way.replace('bench', 'Bench')})"
    return Fault("image in other case", path, frozenset({"broken-image"}), f"![Hình vẽ]({way})", wrong, True)


def _image_misspelt(planter: Planter, path: str) -> Fault | None:
    way = planter.way(path, IMAGE)
    wrong = f"![Hình vẽ]({way.replace('bench-picture', planter.slip('bench-picture'))})"
    sound = f"![Hình vẽ]({way})"
    return Fault("misspelt image", path, frozenset({"broken-image"}), sound, wrong, True) if wrong != sound else None


def _image_kind(planter: Planter, path: str) -> Fault | None:
    way = planter.way(path, IMAGE)
    wrong = f"![Hình vẽ]({way.removesuffix('.png')}{planter.pick(['.jpg', '.jpeg', '.webp', '.svg'])})"
    return Fault("image of another kind", path, frozenset({"broken-image"}), f"![Hình vẽ]({way})", wrong, True)


def _two_parts(planter: Planter) -> tuple[str, str]:
    word = planter.pick(["chữ", "những", "tiếng", "người", "được", "café", "niño"])
    name = planter.word()
    return (
        f"Một câu {name} với từ {word} trong đó.",
        f"Một câu {name} với từ {unicodedata.normalize('NFD', word)} trong đó.",
    )


def _alike(planter: Planter) -> tuple[str, str]:
    word = planter.pick(["Python", "tensor", "model", "network", "science", "Backprop"])
    pairs = dict(zip("aeopcxyATH", "аеорсхуАТН"))
    at = planter.pick([at for at, letter in enumerate(word) if letter in pairs])
    name = planter.word()
    return f"Câu {name} về {word} ở đây.", f"Câu {name} về {word[:at]}{pairs[word[at]]}{word[at + 1 :]} ở đây."


def _language(planter: Planter) -> tuple[str, str]:
    name = planter.pick(["python", "javascript", "typescript", "haskell", "kotlin", "scala", "swift", "shell"])
    wrong = planter.slip(name)
    code = f"x = '{planter.word()}'"
    return f"```{name}\n{code}\n```", f"```{wrong}\n{code}\n```"


def _twice(planter: Planter) -> tuple[str, str]:
    one, two = planter.word(), planter.word()
    return (
        f'<span id="{one}">một</span> và <span id="{two}">hai</span> nữa.',
        f'<span id="{one}">một</span> và <span id="{one}">hai</span> nữa.',
    )


def _reference(planter: Planter) -> tuple[str, str]:
    name = planter.word()
    return f"Một câu về {name} thôi.", f"Một câu về [chữ này][{name}] thôi."


def _label(planter: Planter) -> tuple[str, str]:
    label = f"{planter.pick(['reference', 'handbook', 'next chapter', 'bảng nhúng'])} {planter.word()[:6]}"
    wrong = planter.slip(label)
    lines = [f"Một câu về [chữ này][{name}] thôi.\n\n[{label}]: https://example.org/x" for name in (label, wrong)]
    return lines[0], lines[1]


def _field(planter: Planter, path: str) -> Fault | None:
    if planter.lessons[path].lstrip().startswith(("---", "+++")):
        return None
    name, value = planter.pick([("title", "Bài"), ("description", "Một bài"), ("order", "3"), ("draft", "false")])
    wrong = planter.slip(name)
    made = [f"---\n{named}: {value}\n---" for named in (name, wrong)]
    return Fault(AT_TOP, path, frozenset({"unknown-field"}), *made, True) if wrong != name else None


def _switch(planter: Planter) -> tuple[str, str]:
    code = planter.pick(["missing-alt", "heading-jump", "broken-link", "unknown-language", "same-title", "look-alike"])
    return f"<!-- check: off {code} -->", f"<!-- check: off {planter.slip(code)} -->"


def _jump(planter: Planter) -> tuple[str, str]:
    name = planter.word()
    made = [f"## Phần {name}\n\nMột câu.\n\n{marks} Mục {name}\n\nMột câu." for marks in ("###", "#####")]
    return made[0], made[1]


def _formula(planter: Planter) -> tuple[str, str]:
    wrong = planter.pick([r"\frac{1}", r"x^{2", r"\begin{matrix} a", r"\left( a", r"\nosuchcommand{a}"])
    name = planter.word()
    return f"Công thức {name} là $x^2$ nhé.", f"Công thức {name} là ${wrong}$ nhé."


def _new_file(
    kind: str, code: str, text: Callable[[Planter, str], str | None], name: str
) -> Callable[[Planter, str], Fault | None]:
    def plant(planter: Planter, path: str) -> Fault | None:
        written = text(planter, path)
        if written is None:
            return None
        new = posixpath.join(posixpath.dirname(path), name.replace("*", planter.word()))
        return Fault(kind, new, frozenset({code}), "", written)

    return plant


def _same_title(planter: Planter, path: str) -> str | None:
    found = re.match(r"# ([^\n`*_\[$<&:]+)$", planter.lessons[path], re.M)
    if (
        not found
        or planter.lessons[path].startswith("---")
        or posixpath.basename(path).lower() in ("index.md", "readme.md")
    ):
        return None
    return f"# {found[1]}\n\nMột bài khác với chữ {planter.word()}.\n"


KINDS: dict[str, Callable[[Planter, str], Fault | None]] = {
    "letter case": _wrong_case,
    "one ../ too many": _one_step_more,
    "no .md": _no_ending,
    "link to nothing": _gone,
    "renamed lesson": _renamed,
    "README for index": _readme,
    "misspelt name": _misspelt_name,
    "other signs in a name": _joined_otherwise,
    "folder not said": _folder_not_said,
    "anchor misspelt": _wrong_anchor("anchor misspelt", _misspelt, is_mendable=True),
    "anchor with a number": _wrong_anchor("anchor with a number", lambda _, anchor: f"3-{anchor}", is_mendable=True),
    "anchor to nothing": _wrong_anchor("anchor to nothing", lambda planter, _: planter.word(), is_mendable=False),
    "image not there": _no_image,
    "image in other case": _image_case,
    "misspelt image": _image_misspelt,
    "image of another kind": _image_kind,
    "no alt text": _no_alt,
    "letters in two parts": _line("letters in two parts", "split-letters", _two_parts, is_mendable=True),
    "letter of another script": _line("letter of another script", "look-alike", _alike, is_mendable=True),
    "misspelt language": _line("misspelt language", "unknown-language", _language, is_mendable=True),
    "misspelt label": _line("misspelt label", "undefined-reference", _label, is_mendable=True),
    AT_TOP: _field,
    "misspelt check": _line("misspelt check", "unknown-check", _switch, is_mendable=True),
    "heading jump": _line("heading jump", "heading-jump", _jump),
    "component": _line(
        "component", "html-component",
        lambda planter: (f"Câu {(name := planter.word())} ở đây.", f"<Steps{name}>\n\nCâu {name} ở đây."),
    ),
    "part not there": _line(
        "part not there", "broken-include",
        lambda planter: (f"Câu {(name := planter.word())} ở đây.", f'--8<-- "{name}.md"'),
    ),
    "undefined reference": _line("undefined reference", "undefined-reference", _reference),
    "id twice": _line("id twice", "same-id", _twice),
    "broken formula": _line("broken formula", "unread-formula loose-tex unclosed-formula", _formula),
    "lost letters": _line(
        "lost letters", "damage-left doubtful-repair",
        lambda planter: (f"Câu {(name := planter.word())} ở đây.", f"Câu {name} \ufffd\ufffd\ufffd ở đây."),
    ),
    "script": _line(
        "script", "dropped-html",
        lambda planter: (f"Câu {(name := planter.word())} ở đây.", f"Câu {name} ở đây.\n\n<script>{name}()</script>"),
    ),
    "open fence": _line(
        "open fence", "unclosed-fence",
        lambda planter: (f"```text\n{(name := planter.word())}\n```", f"```text\n{name}\n"),
        is_mendable=True,
    ),
    "fence left open before a plain one": _line(
        "fence left open before a plain one", "unclosed-fence",
        lambda planter: (
            f"```python\n{(name := planter.word())}\n```\n\nMột câu.\n\n```\n{name}\n```",
            f"```python\n{name}\n\nMột câu.\n\n```\n{name}\n```",
        ),
    ),
    "open comment": _line(
        "open comment", "unclosed-html",
        lambda planter: (f"<!-- {(name := planter.word())} -->", f"<!-- {name}"),
    ),
    "comment left open": _line(
        "comment left open", "unclosed-html",
        lambda planter: (
            f"{(sign := planter.pick(['<!--', '<?php']))} {(name := planter.word())} "
            f"{'-->' if sign == '<!--' else '?>'}\n\nMột câu {name} ở đây.",
            f"{sign} {name}\n\nMột câu {name} ở đây.",
        ),
    ),
    "fence left open": _line(
        "fence left open", "fence-in-code",
        lambda planter: (
            f"```python\n{(name := planter.word())}\n```\n\nMột câu.\n\n```bash\n{name}\n```",
            f"```python\n{name}\n\nMột câu.\n\n```bash\n{name}\n```",
        ),
    ),
    "title twice": _new_file("title twice", "same-title", _same_title, "*.md"),
    "no text": _new_file("no text", "no-words", lambda planter, path: f"# Bài {planter.word()}\n", "*.md"),
    "nothing at all": _new_file("nothing at all", "empty-lesson", lambda planter, path: " \n", "*.md"),
    "file that nobody uses": _new_file("file that nobody uses", "unused-file", lambda planter, path: "x", "*.pdf"),
}  # fmt: skip


OF_LINKS = tuple(
    "letter case|one ../ too many|no .md|link to nothing|renamed lesson|README for index|misspelt name|"
    "other signs in a name|folder not said|anchor misspelt|anchor with a number|anchor to nothing|"
    "image not there|image in other case|misspelt image|image of another kind".split("|")
)
"""Kinds of broken links, anchors and images."""
AT_END = ("open fence", "fence left open before a plain one", "open comment", "comment left open")
"""Kinds that would reach to what stands below: they come last."""
LINKS_SHARE = 0.68
"""Of what real courses have wrong: 1,041 of 1,531."""


def put_line(text: str, fault: Fault, *, is_sound: bool) -> tuple[str, int]:
    """The lesson with the lines, and the number of that which has the fault."""
    written = fault.sound if is_sound else fault.faulty
    lines = text.rstrip("\n").split("\n")
    if fault.kind == AT_TOP:
        return "\n".join([*written.split("\n"), "", *lines]) + "\n", fault.offset + 1
    place = len(lines) if fault.kind in AT_END else find_place(text)
    assert place is not None
    assert is_lesson(fault.path)
    lines[place:place] = ["", *written.split("\n"), ""]
    return "\n".join(lines) + "\n", place + 2 + fault.offset
