"""lines with emoji, names of emoji -> `emoji.bin`: what a word beside an emoji says for it, and how common it is."""

import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from math import log
from unicodedata import category

from pipeline.repair.emoji import WORTH_STEPS, find_words

# A word of an emoji's names counts as one line where it stands beside it.
# What an emoji was not seen beside is judged as if so many more lines had the words of all lines: the fewer lines an
# emoji has, the less one of them says. Chosen, as is the rest, on seven packages, each with a table of the others.
UNSEEN_LINES = 30
# What one word adds at most (log), and what an emoji's count adds on a logarithmic scale.
MOST_FOR_WORD, COMMONNESS = 3.0, 0.5
# A word in the names of more emoji says nothing of one ('mặt', 'face').
MOST_NAMED = 12
# Words of a line, as many as which each is held to be.
LINE_WORDS = 8
# A line of more emoji or words is a list or a paragraph, whose words are not about one of them.
MOST_EMOJI_BESIDE, MOST_WORDS_BESIDE = 6, 25


def pack_emoji(names: Mapping[str, Iterable[str]], lines: Iterable[str], kept: Collection[str]) -> bytes:
    """Pack the emoji in `kept`: a row for each with what it is worth without a word, and its words with theirs."""
    beside, counts, all_words = _count_words(lines)
    total = sum(all_words.values())
    named = Counter(word for emoji in kept for word in set(names.get(emoji, ())))
    rows = []
    for emoji in sorted(kept):
        seen = beside[emoji] + Counter(word for word in set(names.get(emoji, ())) if named[word] <= MOST_NAMED)
        row = [emoji, str(round(WORTH_STEPS * COMMONNESS * log(1 + counts[emoji])))]
        for word, count in sorted(seen.items()):
            share = LINE_WORDS * (all_words[word] + 1) / total
            worth = log((count + UNSEEN_LINES * share) / ((counts[emoji] + UNSEEN_LINES) * share))
            if steps := round(WORTH_STEPS * min(MOST_FOR_WORD, max(0.0, worth))):
                row.append(f"{word}={steps}")
        rows.append(" ".join(row))
    return zlib.compress("\n".join(rows).encode("utf-8"), 9)


def is_emoji(character: str) -> bool:
    """Say whether a character is a pictograph; lines of boxes are none."""
    return character >= "\u2300" and category(character) == "So" and not "\u2500" <= character <= "\u257f"


def _count_words(lines: Iterable[str]) -> tuple[defaultdict[str, Counter[str]], Counter[str], Counter[str]]:
    """Count the words beside each emoji, the lines of each, and the words of all lines, of equal lines once."""
    beside: defaultdict[str, Counter[str]] = defaultdict(Counter)
    counts: Counter[str] = Counter()
    all_words: Counter[str] = Counter()
    met: set[tuple[str, frozenset[str]]] = set()
    for line in lines:
        emoji, words = set(filter(is_emoji, line)), find_words(line)
        if len(emoji) > MOST_EMOJI_BESIDE or len(words) > MOST_WORDS_BESIDE:
            continue
        for character in emoji:
            if (character, words) not in met:
                met.add((character, words))
                counts[character] += 1
                beside[character].update(words)
                all_words.update(words)
    return beside, counts, all_words
