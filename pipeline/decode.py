"""bytes -> text.

UTF-8 first, with or without a byte order mark, and UTF-16 with one. Bytes that are neither are
read as the legacy code page that gives the most plausible text, and that guess is reported.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from pipeline.errors import DecodeError, Diagnostic
from pipeline.values import DecodedSource

# UTF-32 is not asked for and its LE mark begins with UTF-16's, so its texts fail on their NULs.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# In the order in which equal scores are settled: the course is Vietnamese, the web is Western.
LEGACY_CODECS = ("cp1258", "cp1252")

_VALID_MULTIBYTE_RE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_VIETNAMESE_MARKS = frozenset("\u0300\u0301\u0303\u0309\u0323")
_VIETNAMESE_BASES = frozenset("aăâeêioôơuưyAĂÂEÊIOÔƠUƯY")


def decode_source(source: bytes) -> DecodedSource:
    """The text in the bytes of a lesson.

    Raises `DecodeError` with line and hint for bytes that no decoder accepts and for NUL bytes,
    which no Markdown has.
    """
    decoded = _decode_marked(source) or _decode_utf8(source) or _decode_legacy(source)
    position = decoded.text.find("\0")
    if position >= 0:
        raise DecodeError(
            "a NUL byte: this is no text",
            line=decoded.text.count("\n", 0, position) + 1,
            hint="if an editor saved it as UTF-16, save it as UTF-8; if it is no lesson, "
            "give it another ending than .md",
        )
    return decoded


def _decode_marked(source: bytes) -> DecodedSource | None:
    for mark, codec in _MARKS:
        if source.startswith(mark):
            try:
                return DecodedSource(source.decode(codec), codec)
            except UnicodeDecodeError as error:
                if codec == "utf-8-sig":
                    return _decode_legacy(source[len(mark) :])
                raise DecodeError(
                    f"the file begins like {codec.upper()}, but byte {error.start} does not fit",
                    hint="save it as UTF-8",
                ) from None
    return None


def _decode_utf8(source: bytes) -> DecodedSource | None:
    try:
        return DecodedSource(source.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return None


def _decode_legacy(source: bytes) -> DecodedSource:
    """Text in a legacy code page, or UTF-8 with stray legacy bytes in it."""
    if len(_VALID_MULTIBYTE_RE.findall(source)) > _count_invalid(source):
        return _decode_mixture(source)
    candidates = []
    for rank, codec in enumerate(LEGACY_CODECS):
        try:
            text = unicodedata.normalize("NFC", source.decode(codec))
        except UnicodeDecodeError:
            continue
        candidates.append((_plausibility(text), -rank, codec, text))
    if not candidates:
        raise _no_decoder(source)
    _, _, codec, text = max(candidates)
    return DecodedSource(
        text,
        codec,
        (
            Diagnostic(
                f"not UTF-8: read as {codec}, a guess",
                line=_first_invalid_line(source),
                hint="look at the page and save the lesson as UTF-8",
            ),
        ),
    )


def _decode_mixture(source: bytes) -> DecodedSource:
    """UTF-8 in which some bytes are windows-1252, as when files were pasted together."""
    diagnostics: list[Diagnostic] = []

    def read_as_cp1252(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        stray = source[error.start : error.end]
        diagnostics.append(
            Diagnostic(
                f"bytes {stray.hex(' ')} are no UTF-8: read as cp1252, a guess",
                line=source.count(b"\n", 0, error.start) + 1,
                hint="look at the word and save the lesson as UTF-8",
            )
        )
        return stray.decode("cp1252"), error.end

    codecs.register_error("pipeline.cp1252", read_as_cp1252)
    try:
        text = source.decode("utf-8", "pipeline.cp1252")
    except UnicodeDecodeError:
        raise _no_decoder(source) from None
    return DecodedSource(text, "utf-8 + cp1252", tuple(diagnostics))


def _plausibility(text: str) -> float:
    """How much the letters look like words: points for each non-ASCII character.

    A Vietnamese tone mark after a vowel it can stand on speaks for windows-1258, where a
    composed `ế` is written `ê` + U+0301; a tone mark elsewhere, or a symbol between letters,
    speaks against the code page that produced it.
    """
    points = 0.0
    total = 0
    decomposed = unicodedata.normalize("NFD", text)
    for previous, character in zip(" " + decomposed, decomposed, strict=False):
        if character < "\x80":
            continue
        total += 1
        if character in _VIETNAMESE_MARKS:
            points += 1.5 if previous in _VIETNAMESE_BASES or previous > "\x7f" else -2
        elif character in "đĐ\u031b\u0302\u0306":
            points += 1
        elif unicodedata.category(character).startswith("L"):
            points += 0.5
        else:
            points -= 1 if previous.isalpha() else 0
    return points / total if total else 0.0


def _count_invalid(source: bytes) -> int:
    return sum(byte > 0x7F for byte in _VALID_MULTIBYTE_RE.sub(b"", source))


def _first_invalid_line(source: bytes) -> int:
    try:
        source.decode("utf-8")
    except UnicodeDecodeError as error:
        return source.count(b"\n", 0, error.start) + 1
    return 1


def _no_decoder(source: bytes) -> DecodeError:
    tried = ", ".join(("UTF-8", "UTF-16", *LEGACY_CODECS))
    return DecodeError(
        f"no decoder accepts these bytes (tried {tried})",
        line=_first_invalid_line(source),
        hint="restore the file from a backup, or save it as UTF-8",
    )
