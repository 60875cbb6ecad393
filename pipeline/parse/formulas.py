"""TeX -> MathML, worked out once for each formula.

The library's own text form is not used: it undoes the escaping. Its element tree is written here,
with the attributes of one table, so that no formula can bring a link, a style or a script.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from threading import Thread
from xml.etree.ElementTree import Element

from pipeline.parse.spacing import space_formula
from pipeline.patterns import lazy_pattern

MAX_TEX_CHARACTERS = 5_000
"""The longest formula of the real course has 400; some expressions of the library are quadratic."""
CACHED_FORMULAS = 4_096
"""About 6 MB. In the real course every fourth formula was met before."""
ATTRIBUTES = frozenset(
    """
    accent accentunder columnalign columnlines columnspacing depth display displaystyle fence form height largeop
    linethickness lspace mathbackground mathcolor mathsize mathvariant maxsize minsize movablelimits notation rowlines
    rowspacing rspace scriptlevel separator stretchy symmetric voffset width
    """.split()
)

# A formula stands alone: what it defined nobody could use, and definitions that use one another
# grow without limit (`\def\a{\b\b}\def\b{\c\c}`…).
_DEFINITION_RE = lazy_pattern(r"\\(?:e|g|x)?def(?![a-zA-Z])|\\(?:re)?new|\\DeclareMathOperator")
# The library writes signs as references: `&#x0222B;`.
_REFERENCE_RE = lazy_pattern(r"&#x([0-9A-Fa-f]{1,6});")
_NOT_HTML_RE = lazy_pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# What GitHub knows and the library does not, put in words that it does know.
_WORDS: tuple[tuple[str, str], ...] = (
    (r"\\(begin|end)\s*\{(?:aligned|eqnarray\*?)\}", r"\\\1{split}"),
    (r"\\(begin)\s*\{alignedat\}\s*\{\d+\}|\\(end)\s*\{alignedat\}", r"\\\1\2{split}"),
    (r"\\(begin|end)\s*\{(?:gathered|gather\*?|multline\*?)\}", r"\\\1{matrix}"),
    (r"\\(begin|end)\s*\{[dr]cases\}", r"\\\1{cases}"),
    (r"\\(?:begin|end)\s*\{equation\*?\}", ""),
    (r"\\arg(?![a-zA-Z])", r"\\operatorname{arg}"),
)
_WORD_RES = tuple((re.compile(pattern), words) for pattern, words in _WORDS)
_ASKS_FOR_WORDS_RE = lazy_pattern(r"\\(?:begin|arg)")
# Lessons have `\` where a row of cases ended with `\\` before someone's tool had read it.
_LOST_ROW_END_RE = lazy_pattern(r"(?<!\\)\\[ ]*\n")
_ANNOTATION = '<annotation encoding="application/x-tex">'


@lru_cache(CACHED_FORMULAS)
def convert_formula(tex: str, *, display: bool) -> str | None:
    """The formula as MathML, which holds its TeX for copying; None when it cannot be read.

    >>> convert_formula("x<1", display=False)  # doctest: +ELLIPSIS
    '<math><semantics><mrow><mi>x</mi><mo>&lt;</mo><mn>1</mn></mrow><annotation encoding="application/x-tex">x&lt;1...
    """
    if len(tex) > MAX_TEX_CHARACTERS or _DEFINITION_RE.search(tex):
        return None
    try:
        mathml = _convert(tex, display)
    except RecursionError:
        # Whether the stack is enough must not depend on who asks: a thread begins with an empty one.
        mathml = _convert_in_thread(tex, display)
    except Exception:
        # What it raises on a formula it cannot read is anything from IndexError to KeyError.
        return None
    return None if mathml is None or _NOT_HTML_RE.search(mathml) else mathml


def why_unread(tex: str, *, display: bool) -> str:
    """What is wrong with a formula of which `convert_formula` made nothing, as a hint.

    >>> why_unread(r"\\alhpa + 1", display=False)
    'there is no command \\\\alhpa here; did you mean \\\\alpha?'
    """
    from pipeline.parse.formula_faults import find_unclosed, said_of

    if len(tex) > MAX_TEX_CHARACTERS:
        return f"it has {len(tex):,} characters; the limit is {MAX_TEX_CHARACTERS:,}"
    if _DEFINITION_RE.search(tex):
        return "a formula may define nothing: write out what it defines"
    try:
        find_unclosed(tex)
        mathml = _convert(tex, display)
    except Exception as error:
        return said_of(error)
    return "there is nothing in it" if mathml is None else "it has a character that no page may have"


def show_tex(tex: str) -> str:
    """The HTML of a formula that cannot be read."""
    return f'<code class="tex">{escape(tex)}</code>'


def _convert(tex: str, display: bool) -> str | None:
    from latex2mathml.converter import convert_to_element  # 15 ms, and not every course has formulas

    from pipeline.parse.formula_faults import find_unclosed, find_unknown, may_be_unclosed, mend_signs

    if may_be_unclosed(tex):
        find_unclosed(tex)
    words = _in_known_words(tex)
    find_unknown(words)
    root = convert_to_element(words, display="block" if display else "inline")
    mend_signs(root, tex)
    parts = ['<math display="block"><semantics>' if display else "<math><semantics>"]
    if not len(root) or not len(root[0]):
        return None
    space_formula(root[0])
    _write(root[0], parts)
    parts += [_ANNOTATION, escape(tex), "</annotation></semantics></math>"]
    return "".join(parts)


def _convert_in_thread(tex: str, display: bool) -> str | None:
    found: list[str | None] = []

    def work() -> None:
        try:
            found.append(_convert(tex, display))
        except Exception:
            found.append(None)

    thread = Thread(target=work)
    thread.start()
    thread.join()
    return found[0]


def _in_known_words(tex: str) -> str:
    if _ASKS_FOR_WORDS_RE.search(tex):
        for pattern, words in _WORD_RES:
            tex = pattern.sub(words, tex)
        if r"\begin" in tex:
            tex = _LOST_ROW_END_RE.sub(r"\\\\\n", tex)
    return tex


def _write(element: Element, parts: list[str]) -> None:
    tag = element.tag
    attributes = element.attrib
    if attributes:
        pairs = [f' {name}="{_text(value)}"' for name, value in attributes.items() if name in ATTRIBUTES]
        start = f"<{tag}{''.join(pairs)}>"
    elif tag == "mrow" and len(element) == 1:
        _write(element[0], parts)
        return
    else:
        start = f"<{tag}>"
    text = element.text
    if text is not None and not text.isalnum():
        text = escape(text)
    if not len(element):
        parts.append(f"{start}{text or ''}</{tag}>")
        return
    parts.append(start + text if text else start)
    for child in element:
        _write(child, parts)
    parts.append(f"</{tag}>")


def _text(text: str) -> str:
    if "&" in text:
        text = _REFERENCE_RE.sub(_character, text)
    return text if text.isalnum() else escape(text)


def _character(reference: re.Match[str]) -> str:
    return chr(int(reference.group(1), 16))
