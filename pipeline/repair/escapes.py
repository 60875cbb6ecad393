r"""line -> its letters that stand there as the bytes of UTF-8, written out: `=C3=A9`, `\303\251`, `\u00C3\u00A9`.

What a mail, a program or git made of letters was pasted into a text. They are told and stay as they are: a text may
mean them. In code they are what the code says, and a text that speaks of encodings shows them on purpose.
"""

from __future__ import annotations

from unicodedata import category

from pipeline.patterns import lazy_pattern

# Each begins with what is quickly looked for: the first byte of a letter beyond ASCII, and another one behind it.
_QUOTED_RE = lazy_pattern(r"(?:=(?:[C-F][0-9A-F]|[89AB][0-9A-F]))+")
_HEX_RE = lazy_pattern(r"\\x[c-fC-F][0-9a-fA-F](?:\\x[89abAB][0-9a-fA-F])+(?:\\x[89a-fA-F][0-9a-fA-F])*")
_OCTAL_RE = lazy_pattern(r"\\3[0-7]{2}(?:\\2[0-7]{2})+(?:\\[23][0-7]{2})*")
_UNICODE_RE = lazy_pattern(r"\\u00[c-fC-F][0-9a-fA-F](?:\\u00[89abAB][0-9a-fA-F])+(?:\\u00[89a-fA-F][0-9a-fA-F])*")
# `informaciu00f3n`: the backslash of the letter is lost too.
_BARE_RE = lazy_pattern(r"(?<![\w\\/#&%-])[A-Za-z]*[A-Za-z](?:u00[cdefCDEF][0-9a-fA-F])+[a-z]*\b")
_SIGNS = ("\\x", "\\3", "\\u00", "u00", "=C", "=D", "=E", "=F")
_ANY = (_HEX_RE, _OCTAL_RE, _UNICODE_RE, _QUOTED_RE)
_SPEAKS_RE = lazy_pattern(
    r"(?i)quoted-printable|\butf-?8\b|unicode|\bascii\b|\bescap|\bencod|\bdecod|\boctal|\bhexa|\bbytes?\b|mã h[óo]"
    r"|bảng mã"
)
_DIGITS_RE = lazy_pattern(r"\\x|\\u00|\\|=")


def may_have_escapes(text: str) -> bool:
    """Say whether letters may stand in a text as bytes written out; False is certain, and quick."""
    if not any(sign in text for sign in _SIGNS):
        return False
    return any(pattern.search(text) for pattern in (*_ANY, _BARE_RE))


def speaks_of_encodings(text: str) -> bool:
    """Say whether a text is about encodings, and may show bytes on purpose."""
    return _SPEAKS_RE.search(text) is not None


def find_escapes(line: str) -> list[tuple[int, int]]:
    r"""Return (start, end) of each run of bytes that is UTF-8 beyond ASCII.

    >>> find_escapes(r'caf=C3=A9, caf\303\251, caf\u00C3\u00A9, informaciu00f3n, a=B1=C2, \xff\xfe')
    [(3, 9), (14, 22), (27, 39), (41, 56)]
    """
    if not any(sign in line for sign in _SIGNS):
        return []
    found = [match.span() for match in _BARE_RE.finditer(line)]
    for pattern in _ANY:
        base = 8 if pattern is _OCTAL_RE else 16
        for match in pattern.finditer(line):
            digits = [part for part in _DIGITS_RE.split(match[0]) if part]
            try:
                letters = bytes(int(part, base) for part in digits).decode("utf-8")
            except ValueError:
                continue
            if letters.isprintable() and category(letters[0])[0] != "M":
                found.append(match.span())
    return sorted(found)
