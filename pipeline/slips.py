"""a name that nothing has, and the names that there are -> the one that surely was meant.

One law for the anchors, files, labels and languages that lessons name: the answer is the only one, or there is none.
"""

from __future__ import annotations

import itertools
import posixpath
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from pipeline.paths import SECTION_TEXTS, is_image, is_lesson, page_id
from pipeline.patterns import lazy_pattern

SLIP_LETTERS = 4
"""Of a word in which one letter may be a slip: `option-a` is not `option-b`, and `hbs` is none of `hs`."""
OTHER_LETTERS = 5
"""Of a word in which one letter may stand for another: `stop` is not `step`."""
MOST_COMPARED = 100_000
"""Names that paths to nothing are compared with, in one run."""
TAIL_PARTS = 2
"""So many parts of a path have to be there elsewhere for that to be meant. The documentation of Hugo has 60 links to
`/templates/menu/` for `en/templates/menu.md`, each right by its last two parts; of the twelve that only the last part
finds elsewhere, `/configuration/menus/` in `content-management/menus.md`, each would be wrong."""
TELLING_WORDS = 3
"""So many words in the name of a lesson say which one is meant, wherever it is."""
_BETWEEN_NAMES = "\0"
"""A sign that no name of a file has."""
_WORD_RE = lazy_pattern(r"[^\W_]+")
_NUMBER_RE = lazy_pattern(r"\d+")
_MEANT_SIGN_RE = lazy_pattern(r"[+#]")
_BETWEEN_NUMBERS_RE = lazy_pattern(r"(?<=\d)[-_ ]+(?=\d)")
_JOINT_RE = lazy_pattern(r"[-_ ]+")


def is_slip(one: str, two: str, *, letters: int = SLIP_LETTERS, others_from: int = OTHER_LETTERS) -> bool:
    """Whether, in words of so many letters, one is missing, too much, another one (in a word of so many), or has
    changed places with the next.

    >>> is_slip("pythn", "python"), is_slip("hmtl", "html"), is_slip("rubi", "ruby"), is_slip("c3lib", "c2lib")
    (True, True, False, False)
    >>> is_slip("python", "python3"), is_slip("c-lib", "clib"), is_slip("utf-8", "utf-x")
    (False, False, False)
    """
    short, long = sorted((one, two), key=len)
    if one == two or len(short) < letters or len(long) - len(short) > 1:
        return False
    at = next((at for at, (a, b) in enumerate(zip(short, long)) if a != b), len(short))
    end, other_end = short[at:], long[at:]
    is_same_long = len(short) == len(long)
    if not other_end[:1].isalpha() or (is_same_long and not end[:1].isalpha()):
        return False
    is_swapped = end[1:2].isalpha() and end[:2] == other_end[1::-1] and end[2:] == other_end[2:]
    if is_same_long:
        return is_swapped or (len(short) >= others_from and end[1:] == other_end[1:])
    return end == other_end[1:]


def is_near(one: str, two: str) -> bool:
    """Whether one letter is between two words, however short they are: then neither is surely meant by what is as near
    to both.

    >>> is_near("csss", "css"), is_near("csss", "scss"), is_near("csss", "less")
    (True, True, False)
    """
    return is_slip(one, two, letters=1, others_from=1)


def sure_name(name: str, names: Iterable[str]) -> str:
    """The only name that can be meant by another one; `""` if there is none, or more: the letters are the same but for
    their marks and case, or for a number in front, or one letter of a word differs.

    >>> sure_name("ket-luan", ["mở-đầu", "5-kết-luận"]), sure_name("chose-one", ["choose-one"])
    ('5-kết-luận', 'choose-one')
    >>> sure_name("option-a", ["option-b"]), sure_name("step-1", ["step-2"]), sure_name("x", ["x-1", "x-2"])
    ('', '', '')
    >>> sure_name("csss", ["scss"]), sure_name("csss", ["css", "scss"])
    ('scss', '')
    """
    return _sure_of(_words(name), _read_words(names))


Worded = list[tuple[str, tuple[str, ...]]]
"""Names, each with its words."""


def _sure_of(wanted: tuple[str, ...], worded: Worded) -> str:
    """The only name that can be meant by these words."""
    if not wanted:
        return ""
    for is_meant in (_is_same, _is_numbered_otherwise, _is_misspelt):
        found = [other for other, words in worded if is_meant(wanted, words)]
        if found:
            rivals = {other for other, words in worded if is_meant is _is_misspelt and _differs(wanted, words, is_near)}
            return found[0] if len(rivals.union(found)) == 1 else ""
    return ""


def _words(name: str) -> tuple[str, ...]:
    """The words of a name without marks, in small letters."""
    return tuple(_WORD_RE.findall(_without_marks(name)))


def _read_words(names: Iterable[str]) -> Worded:
    named = list(names)
    return [(name, tuple(_WORD_RE.findall(plain))) for name, plain in zip(named, plain_all(named, _without_marks))]


def _without_marks(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    marks = "" if plain.isascii() else "".join(sign for sign in set(plain) if unicodedata.category(sign) == "Mn")
    return re.sub(f"[{marks}]+", "", plain) if marks else plain


def plain_all(names: Sequence[str], make_plain: Callable[[str], str]) -> list[str]:
    """What a function makes of each name, which looks at all of them at once: one by one that takes ten times as
    long."""
    plain = make_plain(_BETWEEN_NAMES.join(names)).split(_BETWEEN_NAMES)
    return plain if len(plain) == len(names) else [*map(make_plain, names)]


def _is_same(wanted: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return "".join(wanted) == "".join(other)


def _is_numbered_otherwise(wanted: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """One has a number in front that the other has not."""
    if wanted[-1:] != other[-1:]:  # most names
        return False
    words, others = (tuple(itertools.dropwhile(str.isdecimal, name)) for name in (wanted, other))
    return words == others != () and (words == wanted) != (others == other)


def _is_misspelt(wanted: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """One word that has no digits is a slip of the other's."""
    return _differs(wanted, other, is_slip)


def _differs(wanted: tuple[str, ...], other: tuple[str, ...], is_so: Callable[[str, str], bool]) -> bool:
    """Whether one word that has no digits is another one, and that is so of the two."""
    if len(wanted) != len(other):
        return False
    pairs = [(one, two) for one, two in zip(wanted, other) if one != two]
    return len(pairs) == 1 and pairs[0][0].isalpha() and pairs[0][1].isalpha() and is_so(*pairs[0])


class KnownPaths:
    """What a course has, for paths that nothing has. Paths are in NFC."""

    def __init__(self, lessons: Iterable[str], files: Iterable[str], folders: Iterable[str]) -> None:
        self._paths = (*lessons, *files)
        self._folders = tuple(folders)
        self._compared = 0
        self._stems = dict[tuple[str, str], Worded]()

    def find_meant(self, wanted: str, written: str, kind: str) -> Iterator[str]:
        """Each path that a link or image (`kind`) may have meant that leads to `wanted`, from the top of the course,
        and writes that as `written`. The same name in another folder is none: it is another lesson's.

        >>> known = KnownPaths(["a/loops.md", "b/c/lists.md"], ["a/img/x.png"], ["a", "a/img", "b", "b/c"])
        >>> [*known.find_meant("a/Loops.md", "Loops.md", "link"), *known.find_meant("a/lopos.md", "lopos.md", "link")]
        ['a/loops.md', 'a/loops.md']
        >>> [*known.find_meant("a/c/lists.md", "c/lists.md", "link"), *known.find_meant("lists.md", "lists.md", "link")]
        ['b/c/lists.md']
        >>> [*known.find_meant("a/img/x.jpg", "img/x.jpg", "image")]
        ['a/img/x.png']
        """
        found = (
            self._find_alike(wanted),
            self._find_misspelt(wanted),
            self._find_other_kind(wanted) if kind == "image" else "",
            *self._find_texts(wanted),
            self._find_by_tail(wanted, written),
        )
        yield from filter(None, dict.fromkeys(found))

    def _find_alike(self, wanted: str) -> str:
        """The same path but for the case of letters, else but for their marks and what joins words."""
        case = wanted.casefold()
        return (self._by_case[case] if case in self._by_case else self._by_letters.get(_letters(wanted), "")) or ""

    def _find_misspelt(self, wanted: str) -> str:
        """The path of which one part is written otherwise."""
        parts = wanted.split("/")
        for number, part in enumerate(parts):
            folder, is_last = "/".join(parts[:number]), number + 1 == len(parts)
            there = self._below.get(folder, {})
            if part in there and not is_last:
                continue
            stem, ending = posixpath.splitext(part) if is_last else (part, "")
            worded = self._read_stems(folder, ending) if ending or not is_last else []
            self._compared += len(worded)
            if self._compared > MOST_COMPARED:
                return ""
            meant = _sure_of(_words(stem), worded)
            if not meant or not _has_signs_of(meant, stem):
                return ""
            found = "/".join([*parts[:number], meant + ending, *parts[number + 1 :]])
            return found if found in self._all else ""
        return ""

    def _read_stems(self, folder: str, ending: str) -> Worded:
        """The names in a folder that have an ending, without it."""
        if (folder, ending) not in self._stems:
            names = (name for name in self._below.get(folder, ()) if name.endswith(ending))
            self._stems[folder, ending] = _read_words(name[: len(name) - len(ending)] for name in names)
        return self._stems[folder, ending]

    def _find_other_kind(self, wanted: str) -> str:
        """The image of the same name that was saved as another kind of file."""
        folder, name = posixpath.split(wanted)
        stem = posixpath.splitext(name)[0]
        names = [other for other in self._below.get(folder, ()) if posixpath.splitext(other)[0] == stem]
        images = [other for other in names if is_image(other)]
        return posixpath.join(folder, images[0]) if len(images) == 1 and is_image(name) else ""

    def _find_texts(self, wanted: str) -> tuple[str, ...]:
        """The text of a folder, `index.md` for `README.md`; and one of a folder in it that has the name that is
        written: that may be meant, too."""
        folder, name = posixpath.split(wanted)
        there = self._below.get(folder, {})
        if not is_lesson(name) or page_id(name).lower() not in SECTION_TEXTS:
            return ()
        self._compared += len(there)
        if self._compared > MOST_COMPARED:
            return ()
        texts = [posixpath.join(folder, other) for other in there if page_id(other).lower() in SECTION_TEXTS]
        below = (posixpath.join(folder, other, name) for other in there)
        return (*filter(is_lesson, texts), *itertools.islice((path for path in below if path in self._all), 1))

    def _find_by_tail(self, wanted: str, written: str) -> str:
        """The path that ends as it is written, where the folder is not there that it names here; without a folder the
        lesson of that name, if that says enough."""
        parts = [part for part in posixpath.normpath(written).split("/") if part not in ("", ".", "..")]
        if len(parts) < TAIL_PARTS:
            return self._only_by_name.get(posixpath.basename(wanted)) or ""
        above = wanted.split("/")[: -len(parts)]
        if "/".join([*above, parts[0]]) in self._below:
            return ""
        tail = _end("/".join(parts))
        if tail not in self._text:
            return ""
        found = [path for path in self._by_tail.get(_last_parts(tail), ()) if f"/{_end(path)}".endswith(f"/{tail}")]
        return found[0] if len(found) == 1 else ""

    @cached_property
    def _text(self) -> str:
        """All paths: what is nowhere in it is in none."""
        return _BETWEEN_NAMES.join(self._paths)

    @cached_property
    def _all(self) -> frozenset[str]:
        return frozenset((*self._paths, *self._folders))

    @cached_property
    def _by_case(self) -> dict[str, str | None]:
        return _index((path.casefold(), path) for path in (*self._paths, *self._folders))

    @cached_property
    def _by_letters(self) -> dict[str, str | None]:
        paths = (*self._paths, *self._folders)
        return _index(zip(plain_all(paths, _letters), paths))

    @cached_property
    def _below(self) -> dict[str, dict[str, None]]:
        """Folder -> the names in it."""
        found: dict[str, dict[str, None]] = {"": {}}
        for path in (*self._paths, *self._folders):
            while path:
                folder, _, name = path.rpartition("/")
                if name in found.setdefault(folder, {}):
                    break
                found[folder][name] = None
                path = folder
        return found

    @cached_property
    def _only_by_name(self) -> dict[str, str | None]:
        """Names of lessons that say enough -> the only lesson that has it."""
        lessons = [path for path in self._paths if is_lesson(path)]
        names = _read_words(page_id(posixpath.basename(path)) for path in lessons)
        return _index(
            (posixpath.basename(path), path) for path, (_, words) in zip(lessons, names) if _is_telling(words)
        )

    @cached_property
    def _by_tail(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self._paths:
            found.setdefault(_last_parts(_end(path)), []).append(path)
        return found


def _index(keyed: Iterable[tuple[str, str]]) -> dict[str, str | None]:
    """Key -> the only path with it, None for several."""
    found: dict[str, str | None] = {}
    for key, path in keyed:
        found[key] = None if key in found else path
    return found


def _letters(path: str) -> str:
    """A path but for marks and what joins words: `Vòng-lặp.md` is `vong_lap.md`, `1-2.md` is not `12.md`."""
    return _JOINT_RE.sub("", _BETWEEN_NUMBERS_RE.sub(":", _without_marks(path)))


def _has_signs_of(name: str, other: str) -> bool:
    """Whether two names have the same numbers, but for one in front, and the same signs that say something: `1-2` is
    not `12`, nor `c` `c++`."""
    if _MEANT_SIGN_RE.findall(name) != _MEANT_SIGN_RE.findall(other):
        return False
    numbers, others = _NUMBER_RE.findall(name), _NUMBER_RE.findall(other)
    return numbers == others or numbers[1:] == others or numbers == others[1:]


def _is_telling(words: tuple[str, ...]) -> bool:
    """Whether the name of a lesson alone says which one is meant: `02_loops_and_lists.md`, not `02_loops.md`."""
    return sum(not word.isdecimal() for word in words) >= TELLING_WORDS


def _end(path: str) -> str:
    """A path as it may be written, with and without the ending of a lesson."""
    return page_id(path) if is_lesson(path) else path


def _last_parts(path: str) -> str:
    return "/".join(path.split("/")[-TAIL_PARTS:])
