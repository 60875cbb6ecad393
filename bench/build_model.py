"""packages and lessons -> `model.bin`: word, word-pair, word-triple, character and case counts.

    python bench/build_model.py [--course DIR] [--leave-out MODULE] [--packages DIR] [--target FILE]

Counts and tables only; no sentence is kept. What was counted, with versions and licences, is written to
`model-sources.txt` beside the model.
"""

import argparse
import array
import marshal
import re
import sys
import zlib
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count as count_from
from pathlib import Path
from unicodedata import normalize

import model_sources as sources
from emoji_words import pack_emoji
from word_lists import is_word, list_words, pack_words

from pipeline.repair.codepages import Channel, damage
from pipeline.repair.model import MODEL_NAME, PAIR_DISCOUNT, TRIPLE_DISCOUNT, WORD_BITS
from pipeline.repair.words import SPECIAL_WORDS, UNKNOWN, case_class, ends_sentence, next_case, split_pieces
from pipeline.syllables import is_syllable

REPAIR_FOLDER = Path(__file__).resolve().parent.parent / "pipeline" / "repair"

# A lesson's words count as much as six of the packages' (chosen on held-out modules).
COURSE_WEIGHT = 6
# Technical prose (manuals and comments of programs, names of language models) is nearer to a lesson than labels are.
WEIGHTS = {"labels": 1, "prose": 3, "law": 1, "fiction": 4, "words": 4}
# Of these kinds the letter case is a text's, with headings and names: their segments are whole lines.
CASED = ("law", "fiction")
# A navigation line stands in every lesson of a module; it is counted once for each.
REPEATS = 1
# A shorter segment of a package is a label or a dictionary's entry; how it starts says nothing of sentences ('Gửi').
SHORTEST_SENTENCE = 6
# wordfreq's words are scaled to a corpus of this many words and added to the single-word counts only.
WORDFREQ_TOTAL = 2_000_000
# A vocabulary's counts are scaled by this, and what it says of the words behind one to so many.
VOCABULARY_SHARE = 0.05
VOCABULARY_MOST = 100
# A triple from the packages is kept when met this often; the lessons' are all kept.
MIN_TRIPLE = 1
# A count of this size and more stands beside the others, one of a triple is held to be less.
LARGE = 1 << WORD_BITS
# Rarer words of other languages are not listed.
FOREIGN_SHARE = 1e-5
COMMONEST_SHARE, COMMON_SHARE = 1e-3, 1e-4
LOSSY = (Channel("cp1254", "drop"), Channel("cp1252", "drop"), Channel("cp1258", "drop"))
EASTERN_RE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+")
# Both cases of these letters are lost alike ('ích' and 'Ích'), so their words' own habits are counted.
CASE_WORD_RE = re.compile(r"\b[íỏÍỎ][^\W\d_]*")


# A word of another language stands, for what it has not been seen beside, for its class: 'nhờ attention'.
FOREIGN = SPECIAL_WORDS[UNKNOWN]


@cache
def is_foreign(word: str) -> bool:
    """Say whether a lower-case word is of the class that plain English words, names and code are."""
    return word == FOREIGN or (word.isascii() and word.isalpha() and not is_syllable(word))


@dataclass(slots=True)
class Counts:
    """What is counted, while it is being counted."""

    words: Counter[str] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    triples: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    characters: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    cases: Counter[str] = field(default_factory=Counter)
    # How often a word stands before what is not known: before another word, for all that its pairs say.
    loose: Counter[str] = field(default_factory=Counter)

    def add(self, segments: Iterable[str], weight: int, *, lines: bool = False, cased: bool = False) -> None:
        """Count the segments, each `weight` times; lines: the shortest is one too; cased: their letter case counts."""
        met: set[tuple[str, str]] = set()
        for segment in segments:
            pieces = [SPECIAL_WORDS[piece] if isinstance(piece, int) else piece for piece in split_pieces(segment)]
            if not pieces:
                continue
            if lines or len(pieces) >= SHORTEST_SENTENCE:
                pieces = [SPECIAL_WORDS[0], *pieces, SPECIAL_WORDS[0]]
            for word in pieces:
                self.words[word] += weight
            for first, second in zip(pieces, pieces[1:]):
                self.pairs[first, second] += weight
                if is_foreign(second):
                    self.pairs[FOREIGN if is_foreign(first) else first, FOREIGN] += weight
                elif is_foreign(first):
                    self.pairs[FOREIGN, second] += weight
            for triple in zip(pieces, pieces[1:], pieces[2:]):
                self.triples[triple] += weight
            for character in segment:
                if character > "\x7f":
                    self.characters[character] += weight
            if cased:
                self._add_cases(segment, weight, met)

    def merge(self, other: "Counts", sign: int) -> None:
        """Add another's counts, or take them away (sign -1): what was added can be taken out again exactly."""
        for name in ("words", "pairs", "triples", "characters", "cases", "loose"):
            mine, theirs = getattr(self, name), getattr(other, name)
            for key, count in theirs.items():
                mine[key] += sign * count
                if sign < 0 and mine[key] <= 0.001:
                    del mine[key]

    def _add_cases(self, segment: str, weight: int, met: set[tuple[str, str]]) -> None:
        """Count the case of each word by what stands beside it; before capitals once for each word, for few words stand
        there again and again: 'Chương' before the titles of a law."""
        words = segment.split()
        cases = [case_class(word) for word in words]
        left = "<"
        for at, case in enumerate(cases):
            if case == "N":
                left = "<" if words[at] == "|" else left  # a table's cell begins like a line
                continue
            right = next_case(words[at + 1 : at + 3])
            place = words[at], left + right
            if right != "W" or place not in met:
                self.cases[left + right + case] += weight
            met.add(place)
            match = CASE_WORD_RE.search(words[at])
            if match:
                self.cases[match[0].lower() + left + case] += weight
            left = "." if ends_sentence(words[at]) else case


def read_module(module: Path) -> list[str]:
    """Return the lines of a module's lessons, each a few times at most, normalised to NFC."""
    repeats: Counter[str] = Counter()
    lines = []
    for path in sorted(module.rglob("*.md")):
        for line in normalize("NFC", path.read_text("utf-8")).split("\n"):
            repeats[line] += 1
            if repeats[line] <= REPEATS:
                lines.append(line)
    return lines


def count_module(module: Path) -> Counts:
    """Count one module of the course."""
    counts = Counts()
    counts.add(read_module(module), COURSE_WEIGHT, lines=True, cased=True)
    return counts


def list_modules(course: Path) -> list[Path]:
    """Return the folders of the course's modules in order."""
    return sorted(path for path in course.iterdir() if path.is_dir())


def count_sources(
    course: Path | None,
    leave_out: str | None,
    kinds: Mapping[str, list[str]],
    vocabulary: Iterable[tuple[tuple[str, ...], int]],
) -> Counts:
    """Count the packages' text of each kind, wordfreq, a vocabulary, and the lessons but for the module left out."""
    counts = Counts()
    for kind, segments in kinds.items():
        counts.add(segments, WEIGHTS[kind], cased=kind in CASED)
    kept = {c: n for c, n in counts.characters.items() if c.isalpha() or n > 20}
    counts.characters = defaultdict(float, kept)
    add_wordfreq(counts)
    add_vocabulary(counts, vocabulary)
    for module in list_modules(course) if course else ():
        if module.name != leave_out:
            counts.merge(count_module(module), 1)
    return counts


def add_wordfreq(counts: Counts) -> None:
    """Add wordfreq's Vietnamese words, and the characters of its other large lists at a low weight."""
    import wordfreq

    for word, share in wordfreq.get_frequency_dict("vi", "best").items():
        if word.isalpha():
            counts.words[word] += max(1, round(share * WORDFREQ_TOTAL))
    for language, scale in (
        ("en", 3e5),
        ("fr", 3e4),
        ("es", 3e4),
        ("de", 3e4),
        ("pl", 1e4),
        ("cs", 1e4),
    ):
        for word, share in wordfreq.get_frequency_dict(language, "large").items():
            for character in word:
                if character > "\x7f":
                    counts.characters[character] += share * scale


def add_vocabulary(counts: Counts, vocabulary: Iterable[tuple[tuple[str, ...], int]]) -> None:
    """Add what a vocabulary says of a text that is not there: (the syllables of a word, how often it was counted).

    What stands behind a syllable is known within a word only; beside what the texts say of a syllable the vocabulary
    weighs `VOCABULARY_MOST` at most.
    """
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    triples: Counter[tuple[str, str, str]] = Counter()
    for syllables, count in vocabulary:
        for rows, size in ((words, 1), (pairs, 2), (triples, 3)):
            for at in range(len(syllables) - size + 1):
                part = syllables[at : at + size]
                rows[part[0] if size == 1 else part] += count  # type: ignore[index]
    shares = {word: min(VOCABULARY_SHARE, VOCABULARY_MOST / count) for word, count in words.items()}
    for word, count in words.items():
        counts.words[word] += max(1, round(count * VOCABULARY_SHARE))
        counts.loose[word] += round(count * shares[word])
    for pair, count in pairs.items():
        if kept := round(count * shares[pair[0]]):
            counts.pairs[pair] += kept
            counts.loose[pair[0]] -= kept
    counts.loose = +counts.loose  # where a word is two syllables of one, roundings may take one more than there is
    for triple, count in triples.items():
        if kept := round(count * shares[triple[0]]):
            counts.triples[triple] += kept


def pack_letters(words: Mapping[str, float], eastern_words: Iterable[str]) -> bytes:
    """Pack the threes of letters that the words have, those beyond ASCII, in bands by the number of their words; the
    twos of characters that words of East Asia have; the words that are commonest in their language, and common."""
    counts: Counter[str] = Counter()
    for word in words:
        framed = f" {word.lower()} "
        counts.update({framed[at : at + 3] for at in range(len(word)) if not framed[at : at + 3].isascii()})
    bands = ["", "", "", ""]
    for three, count in sorted(counts.items()):
        if len(three) == 3:
            bands[(count < 100) + (count < 10) + (count < 2)] += three
    twos = {word[at : at + 2] for word in eastern_words for at in range(len(word) - 1)}
    bands.append("".join(sorted(two for two in twos if EASTERN_RE.fullmatch(two))))
    words = {**words, **list_particles()}
    for low, high in ((COMMONEST_SHARE, 1.0), (COMMON_SHARE, COMMONEST_SHARE)):
        bands.append(" ".join(sorted(word for word, share in words.items() if low <= share < high)))
    return zlib.compress("\n".join(bands).encode("utf-8"), 9)


def list_foreign_words() -> dict[str, float]:
    """Return the accented words of wordfreq's small lists, with the largest share that some language has of each.

    Vietnamese and the languages without spaces are left out.
    """
    import wordfreq

    words: dict[str, float] = {}
    for language in wordfreq.available_languages("small"):
        if language not in ("vi", "ja", "zh", "ko", "th"):
            for word, share in wordfreq.get_frequency_dict(language, "small").items():
                if share >= FOREIGN_SHARE and is_word(word) and not word.isascii():
                    words[word] = max(share, words.get(word, 0.0))
    return words


def list_particles() -> dict[str, float]:
    """Return the words of one syllable of Korean with their shares."""
    import wordfreq

    words = wordfreq.get_frequency_dict("ko", "small")
    return {word: share for word, share in words.items() if len(word) == 1 and "\uac00" <= word <= "\ud7a3"}


def list_eastern_words() -> set[str]:
    """Return the words of wordfreq's small lists of Chinese, Japanese and Korean."""
    import wordfreq

    lists = (wordfreq.get_frequency_dict(language, "small") for language in ("zh", "ja", "ko"))
    return {word for words in lists for word, share in words.items() if share >= FOREIGN_SHARE}


def ambiguous_words(words: Iterable[str]) -> set[str]:
    """Return the words that some lossy channel shortens, and those that it makes equal to another one in capitals: of
    LÝ and LÍ the same is left, of lý nothing is lost."""
    lossy = set()
    words = list(words)
    for channel in LOSSY:
        left: defaultdict[str, set[str]] = defaultdict(set)
        for word in words:
            if len(damage(word, channel)) < len(word.encode("utf-8")):
                lossy.add(word)
            for form in {word.capitalize(), word.upper()}:
                left[damage(form, channel)].add(word)
        lossy.update(word for same in left.values() if len(same) > 1 for word in same)
    return lossy


def pack(counts: Counts) -> bytes:
    """Pack the counts as `model.py` reads them."""
    kept = [word for word, _ in counts.words.most_common() if word not in SPECIAL_WORDS]
    vocabulary = [*SPECIAL_WORDS, *kept]
    numbers = {word: number for number, word in enumerate(vocabulary)}
    lossy = ambiguous_words(kept)
    assert len(vocabulary) < 1 << WORD_BITS
    pairs = sorted((numbers[u], numbers[v], count) for (u, v), count in counts.pairs.items())
    followed: Counter[str] = Counter()
    follow_types: Counter[str] = Counter()
    for (u, v), count in counts.pairs.items():
        if u == FOREIGN or v != FOREIGN:  # what follows a word is counted as itself; its class only beside it
            followed[u] += count
            follow_types[u] += 1
    for word, count in counts.loose.items():
        followed[word] += count
        follow_types[word] += round(count / PAIR_DISCOUNT)
    triples = []
    kept_mass: defaultdict[tuple[int, int], float] = defaultdict(float)
    for (u, v, w), count in counts.triples.items():
        if count >= MIN_TRIPLE and (u in lossy or v in lossy or w in lossy):
            triples.append((numbers[u], numbers[v] << WORD_BITS | numbers[w], count))
            kept_mass[numbers[u], numbers[v]] += count - TRIPLE_DISCOUNT
    triples.sort()
    left_over = bytes(max(1, min(255, round(255 * (1 - kept_mass[u, v] / count)))) for u, v, count in pairs)
    table = {
        "words": "\n".join(vocabulary),
        "counts": array.array("I", [round(counts.words[word]) for word in vocabulary]).tobytes(),
        "followed": array.array("I", [followed[word] for word in vocabulary]).tobytes(),
        "follow_types": array.array("I", [follow_types[word] for word in vocabulary]).tobytes(),
        "pair_starts": _list_starts([first for first, _, _ in pairs], len(vocabulary)),
        "pairs": array.array("H", [second for _, second, _ in pairs]).tobytes(),
        "pair_counts": array.array("H", [count if count < LARGE else 0 for _, _, count in pairs]).tobytes(),
        "large_counts": {at: count for at, (_, _, count) in enumerate(pairs) if count >= LARGE},
        "left_over": left_over,
        "foreign": bytes(map(is_foreign, vocabulary)),
        "triple_starts": _list_starts([first for first, _, _ in triples], len(vocabulary)),
        "triples": array.array("I", [key for _, key, _ in triples]).tobytes(),
        "triple_counts": array.array("H", [min(count, LARGE - 1) for _, _, count in triples]).tobytes(),
        "characters": dict(counts.characters),
        "cases": dict(counts.cases),
    }
    return zlib.compress(marshal.dumps(table, 4), 9)


def _list_starts(firsts: list[int], count: int) -> bytes:
    """Return where the rows of each word begin in rows sorted by their first word, and the end of the last."""
    return array.array("I", [bisect_left(firsts, number) for number in range(count + 1)]).tobytes()


def unpack(packed: bytes) -> Counts:
    """Return the counts of a packed model, but for the triples it did not keep."""
    table = marshal.loads(zlib.decompress(packed))
    words = table["words"].split("\n")

    def rows(starts: str, kind: str, keys: str, counts: str) -> Iterator[tuple[str, int, int, int]]:
        places = array.array("I", table[starts])
        firsts = (word for word, low, high in zip(words, places, places[1:]) for _ in range(low, high))
        return zip(firsts, array.array(kind, table[keys]), array.array("H", table[counts]), count_from(0))

    pairs = Counter(
        {
            (first, words[second]): count or table["large_counts"][at]
            for first, second, count, at in rows("pair_starts", "H", "pairs", "pair_counts")
        }
    )
    loose = Counter(dict(zip(words, array.array("I", table["followed"]))))
    for (first, second), count in pairs.items():
        if first == FOREIGN or second != FOREIGN:
            loose[first] -= count
    return Counts(
        words=Counter(dict(zip(words, array.array("I", table["counts"])))),
        pairs=pairs,
        triples=Counter(
            {
                (first, words[key >> WORD_BITS], words[key & (LARGE - 1)]): count
                for first, key, count, _ in rows("triple_starts", "I", "triples", "triple_counts")
            }
        ),
        characters=defaultdict(float, table["characters"]),
        cases=Counter(table["cases"]),
        loose=+loose,
    )


def take_out(packed: bytes, segments: Iterable[str], kind: str) -> bytes:
    """Return the model as it is without having counted some segments of a package that holds this kind of text; of the
    letter case a word that the other segments have as well is taken out too."""
    counts, mine = unpack(packed), Counts()
    mine.add(segments, WEIGHTS[kind], cased=kind in CASED)
    counts.merge(mine, -1)
    return pack(counts)


def hold_out(packed: bytes, module: Path) -> bytes:
    """Return the model as it is without having counted one module."""
    counts = unpack(packed)
    counts.merge(count_module(module), -1)
    return pack(counts)


def main() -> int:
    """Build the model; see the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--course", type=Path, default=Path("../shared/course/docs"))
    parser.add_argument("--leave-out", help="a module (folder) of the course not to count")
    parser.add_argument("--packages", type=Path, default=Path("fetch/deb"), help="download here")
    parser.add_argument("--target", type=Path, default=REPAIR_FOLDER / MODEL_NAME)
    options = parser.parse_args()
    packages = sources.fetch_packages(options.packages)
    readmes = sources.fetch_readmes(options.packages / "readmes")
    counts = count_sources(
        options.course, options.leave_out, sources.read_kinds(packages), sources.read_vocabulary(packages)
    )
    options.target.write_bytes(pack(counts))
    options.target.with_name("letters.bin").write_bytes(pack_letters(list_foreign_words(), list_eastern_words()))
    options.target.with_name("words.bin").write_bytes(pack_words(list_words()))
    names = sources.read_emoji(packages)
    kept = {emoji for emoji in names if len(emoji) == 1 and emoji in ambiguous_words([emoji])}
    emoji = pack_emoji(names, sources.read_emoji_lines([*packages, *readmes]), kept)
    options.target.with_name("emoji.bin").write_bytes(emoji)
    listing = sources.describe(packages, readmes)
    options.target.with_name("model-sources.txt").write_text(listing, "utf-8")
    print(
        f"{options.target}: {options.target.stat().st_size} bytes, {len(counts.words)} words, "
        f"{len(counts.pairs)} pairs",
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
