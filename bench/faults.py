"""Lessons -> the same with faults in them, of kinds and at places that are drawn by lot.

It knows nothing of how they are found: a fault is a line that is put into a lesson, once sound and once not, or a file.
"""

from __future__ import annotations

import posixpath
import random
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.paths import is_lesson

IMAGE = "bench-picture.png"
"""A picture that is put beside the lessons, for those that show one."""
_PLAIN_RE = re.compile(r"[^\W\d_]")
_SIMPLE_HEADING_RE = re.compile(r"^#{2,4} ([^\W\d_]+(?: [^\W\d_]+)+)$", re.M)
_NO_TEXT_RE = re.compile(r"[ \t]|[-*+>|<$#\\`~\[!:=]|\d+[.)]")


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
        """So many faults, each in a lesson of its own, of each kind as many as of any other."""
        free = [
            path for path in self.paths if path not in self.to_rename and find_place(self.lessons[path]) is not None
        ]
        self.random.shuffle(free)
        kinds = list(KINDS)
        faults: list[Fault] = []
        for count in range(number * 3):
            if len(faults) >= number or not free:
                break
            path = free.pop()
            fault = KINDS[kinds[count % len(kinds)]](self, path)
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
    words = list(re.finditer(r"[^\W\d_]{5,}", anchor))
    if not words:
        return anchor
    word = planter.pick(words)
    at = planter.random.randrange(word.start() + 1, word.end())
    return anchor[:at] + anchor[at + 1 :]


def _line(
    kind: str, codes: str, make: Callable[[Planter], tuple[str, str]], *, is_mendable: bool = False
) -> Callable[[Planter, str], Fault | None]:
    def plant(planter: Planter, path: str) -> Fault | None:
        sound, faulty = make(planter)
        return Fault(kind, path, frozenset(codes.split()), sound, faulty, is_mendable)

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
    name = planter.pick(["python", "javascript", "typescript", "haskell", "kotlin", "scala", "swift", "bash"])
    at = planter.random.randrange(1, len(name))
    wrong = name[:at] + name[at + 1 :] if planter.random.random() < 0.5 else name[:at] + "q" + name[at:]
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
    "anchor misspelt": _wrong_anchor("anchor misspelt", _misspelt, is_mendable=True),
    "anchor with a number": _wrong_anchor("anchor with a number", lambda _, anchor: f"3-{anchor}", is_mendable=True),
    "anchor in capitals": _wrong_anchor("anchor in capitals", lambda _, anchor: anchor.title(), is_mendable=True),
    "anchor to nothing": _wrong_anchor("anchor to nothing", lambda planter, _: planter.word(), is_mendable=False),
    "image not there": _no_image,
    "image in other case": _image_case,
    "no alt text": _no_alt,
    "letters in two parts": _line("letters in two parts", "split-letters", _two_parts, is_mendable=True),
    "letter of another script": _line("letter of another script", "look-alike", _alike, is_mendable=True),
    "misspelt language": _line("misspelt language", "unknown-language", _language),
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


def find_place(text: str) -> int | None:
    """The number of a line before which a paragraph can be put; None if there is none that is surely plain text. An
    open fence goes to the end."""
    lines = text.split("\n")
    if "\r" in text or "````" in text:  # fences within fences are for a parser
        return None
    begin = 0
    if lines[0].strip() in ("---", "+++"):
        begin = next((number for number, line in enumerate(lines[1:], 2) if line.strip() == lines[0].strip()), 0)
    fences = comments = 0
    found = []
    for number, line in enumerate(lines):
        fences += line.lstrip(" >").startswith(("```", "~~~"))
        comments += line.count("<!--") - line.count("-->") + line.count("$$") % 2
        around = (lines[number - 1], lines[number + 1]) if 0 < number < len(lines) - 1 else ("", "")
        is_plain = all(_PLAIN_RE.match(other) and not _NO_TEXT_RE.match(other) for other in around)
        if (
            number > begin
            and not line
            and is_plain
            and not fences % 2
            and not comments % 2
            and not around[1].startswith(("===", "---"))
        ):
            found.append(number)
    return found[len(found) // 2] if found else None


def put_line(text: str, fault: Fault, *, is_sound: bool) -> tuple[str, int]:
    """The lesson with the line, and its number."""
    written = fault.sound if is_sound else fault.faulty
    lines = text.rstrip("\n").split("\n")
    place = len(lines) if fault.kind == "open fence" else find_place(text)
    assert place is not None
    assert is_lesson(fault.path)
    lines[place:place] = ["", *written.split("\n"), ""]
    return "\n".join(lines) + "\n", place + 2
