"""bytes -> text: which encoding a source was written in, and what it says.

UTF-8 and UTF-16 are known by their marks and their strictness. Anything else is a guess between
the legacy encodings: those of Vietnamese, judged by the words that come out, of which most must be syllables, then any
that chardet knows. A guess is reported. Vietnamese is normalised to NFC, because its encodings hold letters and tones
apart.

Its decoders of windows-1258, TCVN3, VISCII and VNI are in `pipeline/legacy.py`.
"""

from __future__ import annotations

import codecs

from pipeline.errors import DecodeError, Diagnostic
from pipeline.legacy import decode_cp1258, decode_tcvn3, decode_viscii, decode_vni
from pipeline.patterns import lazy_pattern
from pipeline.syllables import is_syllable
from pipeline.values import DecodedSource

# The mark a source may begin with, longest first: UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# In the order of preference when they explain the words equally well.
_LEGACY = (
    ("windows-1258", decode_cp1258),
    ("tcvn3", decode_tcvn3),
    ("viscii", decode_viscii),
    ("vni", decode_vni),
)
_TONES = "\u0300\u0301\u0303\u0309\u0323"
# This share of the accented words must be syllables for a guess to be believed: a few short words of another
# language may be syllables by chance, as `não` and `à` read as VISCII are.
_BELIEVED = 0.6
_BELIEVED_OF_FEW = 0.9
_FEW_WORDS = 20
# And so large a share of the words without accents: 'può diventare' is no 'pụ'.
_BELIEVED_PLAIN = 0.5
# chardet is believed when it is so sure: of pieces of a few words in 20 languages 98 in 100 were read rightly then,
# and 80 where all that had fewer than five different letters beyond ASCII was windows-1252.
_LEAST_CONFIDENCE = 0.05
# Of fewer different letters no page of an old computer is believed, nor those of ISO 8859 that hardly a file is in.
_MANY_KINDS = 5
_UNUSUAL = ("iso8859-3", "iso8859-4", "iso8859-10", "iso8859-13", "iso8859-14", "iso8859-16")
# In a page of Greek, Cyrillic, Hebrew or Arabic hardly a word has a letter of ASCII beside one of theirs; western text
# shown in one has it in each ('mцme').
_MOST_MIXED = 0.25
# The judgement reads this many words.
_JUDGED_WORDS = 3000

_WORD_RE = lazy_pattern(r"[^\W\d_]+")
_ESCAPE_RE = lazy_pattern(rb"\x1b[$(]")  # ISO 2022 switches so between its character sets
# A byte beyond ASCII that is no no-break space, beside another or a letter: alone it is a dash or a bullet.
_WITHIN_RE = lazy_pattern(
    rb"(?<=[A-Za-z\x80-\x9f\xa1-\xff])[\x80-\x9f\xa1-\xff]|[\x80-\x9f\xa1-\xff](?=[A-Za-z\x80-\x9f\xa1-\xff])"
)
_MIXED_RE = lazy_pattern("[A-Za-z][\u0370-\u06ff]|[\u0370-\u06ff][A-Za-z]")
_STRAY_RE = lazy_pattern(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
# Controls that neither text nor VISCII (02 05 06 14 19 1E) has.
_CONTROL_RE = lazy_pattern(rb"[\x00\x01\x03\x04\x07\x08\x0e-\x13\x15-\x18\x1a-\x1d\x1f]")
_MULTIBYTE_RE = lazy_pattern(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HINT = "look at the page and save the lesson as UTF-8"
_NO_TEXT_HINT = "if an editor saved it as UTF-16, save it as UTF-8; if it is no lesson, give it another ending than .md"


def decode_source(source: bytes) -> DecodedSource:
    """The text in the bytes of a lesson.

    Raises `DecodeError` with line and hint for bytes that no decoder accepts and for NUL bytes,
    which no Markdown has.
    """
    decoded = _decode_marked(source) or _decode_wide(source) or _decode_utf8(source) or _decode_legacy(source)
    position = decoded.text.find("\0")
    if position >= 0:
        line = decoded.text.count("\n", 0, position) + 1
        raise DecodeError("a NUL byte: this is no text", line=line, hint=_NO_TEXT_HINT)
    return decoded


def _decode_marked(source: bytes) -> DecodedSource | None:
    for mark, encoding in _MARKS:
        if not source.startswith(mark):
            continue
        rest = source[len(mark) :]
        try:
            return DecodedSource(rest.decode(encoding), encoding)
        except UnicodeDecodeError as error:
            if encoding == "utf-8":
                return _decode_legacy(rest)
            before = rest[: error.start].decode(encoding, "ignore")
            raise DecodeError(
                f"the file begins like {encoding}, but its bytes are not",
                line=before.count("\n") + 1,
                hint="save it as UTF-8",
            ) from None
    return None


def _decode_wide(source: bytes) -> DecodedSource | None:
    """Text in UTF-16 or UTF-32 without a mark, or in ISO 2022; None for anything else."""
    return _detect(source) if b"\0" in source or _ESCAPE_RE.search(source) else None


def _detect(source: bytes) -> DecodedSource | None:
    """Text in an encoding that chardet names, None where it names none or the text has controls in it."""
    from chardet import EncodingEra, detect

    if len(set(_WITHIN_RE.findall(source))) < _MANY_KINDS and b"\0" not in source:
        usual = EncodingEra.MODERN_WEB | EncodingEra.LEGACY_ISO
        found = detect(source, encoding_era=usual, exclude_encodings=_UNUSUAL)
    else:
        found = detect(source)
    if found["confidence"] < _LEAST_CONFIDENCE:
        return None
    name = (found["encoding"] or "").lower()
    try:
        text = source.decode(name)
    except (LookupError, UnicodeDecodeError):
        return None
    if name in ("ascii", "utf-8") or _STRAY_RE.search(text) or _is_mixed(text):
        return None
    told = Diagnostic(
        f"not UTF-8: read as {name}, a guess by the letters that come out ({found['language']})",
        line=_first_invalid_line(source),
        hint=_HINT,
        code="guessed-encoding",
    )
    return DecodedSource(text, name, (told,))


def _decode_utf8(source: bytes) -> DecodedSource | None:
    try:
        return DecodedSource(source.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return None


def _decode_legacy(source: bytes) -> DecodedSource:
    """Text in a legacy encoding, or UTF-8 with stray legacy bytes in it."""
    control = _CONTROL_RE.search(source)
    if control:
        raise DecodeError(
            f"no decoder accepts byte {control.group()[0]:02X}: this is no text",
            line=source.count(b"\n", 0, control.start()) + 1,
            hint=_NO_TEXT_HINT,
        )
    broken = sum(byte > 0x7F for byte in _MULTIBYTE_RE.sub(b"", source))
    if len(_MULTIBYTE_RE.findall(source)) > broken:
        return _decode_mixture(source)
    best = max(
        ((share, -order, name, text) for order, (name, share, text) in enumerate(_guess(source))),
        default=None,
    )
    if best and _is_believed(best[0], best[3]):
        share, _, name, text = best
        reason = f"{share:.0%} of its accented words are Vietnamese"
    elif _WITHIN_RE.search(source) and (detected := _detect(source)):
        return detected
    else:
        try:
            name, text = "windows-1252", source.decode("cp1252")
        except UnicodeDecodeError:
            raise _no_decoder(source) from None
        reason = "it gives no Vietnamese in any other"
    told = Diagnostic(
        f"not UTF-8: read as {name}, a guess, because {reason}",
        line=_first_invalid_line(source),
        hint=_HINT,
        code="guessed-encoding",
    )
    return DecodedSource(text, name, (told,))


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
                hint=_HINT,
                code="guessed-encoding",
            )
        )
        return stray.decode("cp1252"), error.end

    codecs.register_error("pipeline.cp1252", read_as_cp1252)
    try:
        text = source.decode("utf-8", "pipeline.cp1252")
    except UnicodeDecodeError:
        raise _no_decoder(source) from None
    return DecodedSource(text, "utf-8 + cp1252", tuple(diagnostics))


def _guess(source: bytes) -> list[tuple[str, float, str]]:
    guesses = []
    for name, decode in _LEGACY:
        text = decode(source)
        if text is not None:
            guesses.append((name, _share_of_syllables(text), text))
    return guesses


def _is_mixed(text: str) -> bool:
    """Say whether letters of two scripts stand beside one another as in no text of the other one.

    >>> _is_mixed("Il a йtй crйй"), _is_mixed("Файл main.py, переменная x1")
    (True, False)
    """
    beyond = [word for word in _WORD_RE.findall(text) if not word.isascii()]
    return sum(map(bool, map(_MIXED_RE.search, beyond))) > _MOST_MIXED * len(beyond)


def _is_believed(share: float, text: str) -> bool:
    """Say whether a text is Vietnamese of whose accented words so many are syllables."""
    if len(_list_accented(text)) >= _FEW_WORDS:
        return share >= _BELIEVED
    plain = [word.lower() for word in _WORD_RE.findall(text) if len(word) > 1 and word.isascii()]
    return share >= _BELIEVED_OF_FEW and sum(map(is_syllable, plain)) >= _BELIEVED_PLAIN * len(plain)


def _list_accented(text: str) -> list[str]:
    """The words that say what a text is: one letter is a dash or a bullet of another page ('a – b')."""
    return [word for word in _WORD_RE.findall(text) if len(word) > 1 and not word.isascii()][:_JUDGED_WORDS]


def _share_of_syllables(text: str) -> float:
    """Return how many of the accented words are spelt as Vietnamese."""
    words = _list_accented(text)
    # A tone that no letter takes is a stray: 'th́' is no windows-1258.
    strays = sum((c < " " and c not in "\t\r\n\f") or c in _TONES for c in text)
    syllables = sum(map(is_syllable, map(str.lower, words)))
    return syllables / (len(words) + strays) if words else 0.0


def _first_invalid_line(source: bytes) -> int:
    try:
        source.decode("utf-8")
    except UnicodeDecodeError as error:
        return source.count(b"\n", 0, error.start) + 1
    return 1


def _no_decoder(source: bytes) -> DecodeError:
    tried = ", ".join(("UTF-8", "UTF-16", *(name for name, _ in _LEGACY), "windows-1252"))
    return DecodeError(
        f"no decoder accepts these bytes (tried {tried})",
        line=_first_invalid_line(source),
        hint="restore the file from a backup, or save it as UTF-8",
    )
