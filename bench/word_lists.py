"""wordfreq's lists -> `words.bin`: the words of any language that lose a byte, by letter and by how common they are."""

import marshal
import zlib
from collections.abc import Iterable
from unicodedata import category

# What windows-1252 and -1254 leave undefined, the soft hyphen and the no-break space.
LOST_BYTES = frozenset(b"\x81\x8d\x8e\x8f\x90\x9d\x9e\xa0\xad")
# A word is listed with the largest share that some language has of it, in bands from each of these on.
SHARES = (1e-4, 1e-5, 1e-6)
# Vietnamese has its own model; the words of the others are not set apart by spaces.
LEFT_OUT = ("vi", "ja", "zh", "ko", "th")


def list_words() -> dict[str, float]:
    """Return the words that lose a byte, in small letters or with a capital, with their shares."""
    import wordfreq

    words: dict[str, float] = {}
    for language in wordfreq.available_languages("small"):
        if language not in LEFT_OUT:
            for word, share in wordfreq.get_frequency_dict(language, "small").items():
                if share >= SHARES[-1] and is_word(word) and _loses(word):
                    words[word] = max(share, words.get(word, 0.0))
    return words


def is_word(text: str) -> bool:
    """Say whether a text is letters and their vowel signs, which scripts of India have."""
    return all(category(character)[0] in "LM" for character in text)


def _loses(word: str) -> bool:
    return not word.isascii() and not LOST_BYTES.isdisjoint((word + word[0].upper()).encode("utf-8"))


def pack_words(words: dict[str, float]) -> bytes:
    """Pack the words by their first letter beyond ASCII, in bands, the commonest first."""
    parts: dict[str, list[list[str]]] = {}
    for word, share in sorted(words.items()):
        bands = parts.setdefault(next(letter for letter in word if letter > "\x7f"), [[] for _ in SHARES])
        bands[next(at for at, least in enumerate(SHARES) if share >= least)].append(word)
    return marshal.dumps({letter: _pack_bands(bands) for letter, bands in parts.items()}, 4)


def _pack_bands(bands: Iterable[list[str]]) -> bytes:
    return zlib.compress("\n".join(map(" ".join, bands)).encode("utf-8"), 9)
