"""TeX -> MathML, worked out once for each formula.

The library writes MathML Core, which browsers draw. What it reads or writes otherwise than a lesson needs is mended
before and after it, in `formula_mends.py`.
"""

import re
from functools import cache, lru_cache
from html import escape
from typing import Any

from pipeline.parse.formula_mends import MACROS, mend_mathml, mend_tex
from pipeline.patterns import lazy_pattern

MAX_TEX_CHARACTERS = 5_000
"""The longest formula of the real course has 400."""
MAX_NESTED = 100
"""Of groups in one another. The library calls itself for each, and where the stack ends, the process does: a megabyte
of stack is enough for 295 fractions in one another, and what needs no group, such as `\\hat\\hat`, for 880."""
CACHED_FORMULAS = 4_096
"""About 6 MB. In the real course every fourth formula was met before."""

# A formula stands alone: what it defined nobody could use, and definitions that use one another
# grow without limit (`\def\a{\b\b}\def\b{\c\c}`…).
_DEFINITION_RE = lazy_pattern(r"\\(?:e|g|x)?def(?![a-zA-Z])|\\(?:re|provide)?new|\\provide|\\Declare|\\let(?![a-zA-Z])")
_NOT_HTML_RE = lazy_pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_GROUP_RE = lazy_pattern(
    r"(?P<open>\{|\\left(?![a-zA-Z])|\\begin\s*\{[^{}]*\})|(?P<close>\}|\\right(?![a-zA-Z])|\\end\s*\{[^{}]*\})|\\.",
    re.S,
)
_UNKNOWN_RE = lazy_pattern(r'Unknown (command|environment) "(.*)"', re.S)
_FAULT_RE = lazy_pattern(r"(\d+): (.*)", re.S)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_NAME_RE = lazy_pattern(r"[A-Za-z]{2,24}\*?")
_SAID: tuple[tuple[str, str], ...] = (
    (r'Expected closing token "(.*)", but reached end of input', r"\1 is missing at the end"),
    (r'Expected "(.*)", but found "(.*)"', r"\2 stands where \1 is missing"),
    (r'Unmatched closing token: "(.*)"', r"\1 closes nothing"),
    (r"Expected argument but reached end of input", "the last command lacks an argument"),
    (r"Expected argument but got closing token.*", "a command lacks an argument"),
    (r'Found "&", which .*', r"& stands outside of a table: a sign of its own is \\&"),
    (r"Invalid parameter number.*", r"# means an argument in TeX: a sign of its own is \\#"),
    (r"Duplicate subscript or superscript", "two indices or exponents follow one another: put braces around the first"),
)
"""Faults as the library says them, and in plainer words."""
_ANNOTATION = '<annotation encoding="application/x-tex">'


class _FormulaError(Exception):
    """What is wrong with a formula, as a hint to whoever wrote it."""


@lru_cache(CACHED_FORMULAS)
def convert_formula(tex: str, *, display: bool) -> str | None:
    """The formula as MathML, which holds its TeX for copying; None when it cannot be read.

    >>> convert_formula("x<1", display=False)  # doctest: +ELLIPSIS
    '<math><semantics><mrow><mi>x</mi><mo>&lt;</mo><mn>1</mn></mrow><annotation encoding="application/x-tex">x&lt;1...
    """
    try:
        return _convert(tex, display)
    except _FormulaError:
        return None


def why_unread(tex: str, *, display: bool) -> str:
    """What is wrong with a formula of which `convert_formula` made nothing, as a hint.

    >>> why_unread(r"\\alhpa + 1", display=False)
    'there is no command \\\\alhpa here; did you mean \\\\alpha?'
    """
    try:
        _convert(tex, display)
    except _FormulaError as error:
        return str(error)
    return ""


def show_tex(tex: str) -> str:
    """The HTML of a formula that cannot be read."""
    return f'<code class="tex">{escape(tex)}</code>'


def _convert(tex: str, display: bool) -> str:
    if len(tex) > MAX_TEX_CHARACTERS:
        raise _FormulaError(f"it has {len(tex):,} characters; the limit is {MAX_TEX_CHARACTERS:,}")
    if _DEFINITION_RE.search(tex):
        raise _FormulaError("a formula may define nothing: write out what it defines")
    if not tex.isprintable() and _NOT_HTML_RE.search(tex):
        raise _FormulaError("it has a character that no page may have")
    if _nested(tex) > MAX_NESTED:
        raise _FormulaError(f"it is nested more than {MAX_NESTED} deep")
    words = mend_tex(tex, display=display)
    mathml = mend_mathml(_read(words, display))
    if not mathml:
        raise _FormulaError("there is nothing in it")
    start = '<math display="block">' if display else "<math>"
    return f"{start}<semantics><mrow>{mathml}</mrow>{_ANNOTATION}{escape(tex)}</annotation></semantics></math>"


def _nested(tex: str) -> int:
    """How deep groups are in one another; those that are not closed count."""
    if tex.count("{") + tex.count("\\left") <= MAX_NESTED:  # `\begin` has a brace
        return 0
    deepest = depth = 0
    for sign in _GROUP_RE.finditer(tex):
        depth += (sign["open"] is not None) - (sign["close"] is not None)
        deepest = max(deepest, depth)
    return deepest


@cache
def _converter() -> Any:
    from math_core import LatexToMathML

    return LatexToMathML(fancy_error=False, macros=MACROS)


def _read(tex: str, display: bool) -> str:
    """The MathML inside of `<math>`."""
    from math_core import LatexError

    try:
        mathml: str = _converter().convert_with_local_state(tex, displaystyle=display)
    except LatexError as error:
        raise _FormulaError(_said_of(str(error), tex)) from None
    return mathml[mathml.index(">") + 1 : mathml.rindex("</")]


def _said_of(error: str, tex: str) -> str:
    """What the library says of a fault, for a person."""
    unknown = _UNKNOWN_RE.search(error)
    if unknown:
        kind, name = unknown.groups()
        found = _near(name.removeprefix("\\"), is_command=kind == "command")
        said = f"there is no {kind} {name} here"
        return f"{said}; did you mean {found}?" if found else said
    fault = _FAULT_RE.match(error)
    if not fault:
        return error
    said = fault[2].rstrip(".")
    said = said[:1].lower() + said[1:]
    for pattern, words in _SAID:
        if match := re.fullmatch(pattern, said, re.S | re.I):
            said = match.expand(words)
            break
    rest = " ".join(tex[int(fault[1]) :].split())[:20]
    return f"{said}; read as far as '{rest}'" if rest else said


def _near(name: str, *, is_command: bool) -> str:
    """The command or environment that is one slip away from a name: the library has no list, but knows its own.

    >>> _near("aling", is_command=False), _near("sqtr", is_command=True), _near("xyzzy", is_command=True)
    ('align', '\\\\sqrt', '')
    """
    if not _NAME_RE.fullmatch(name):
        return ""
    parts = [(name[:index], name[index:]) for index in range(len(name) + 1)]
    slips = [a + b[1] + b[0] + b[2:] for a, b in parts if len(b) > 1]
    slips += [a + b[1:] for a, b in parts if b]
    slips += [a + letter + b for a, b in parts for letter in _LETTERS]
    slips += [a + letter + b[1:] for a, b in parts if b for letter in _LETTERS]
    for slip in slips:
        meant = f"\\{slip}" if is_command else slip
        if len(slip) > 1 and _is_known(meant if is_command else f"\\begin{{{slip}}}"):
            return meant
    return ""


def _is_known(tex: str) -> bool:
    from math_core import LatexError

    try:
        _converter().convert_with_local_state(tex, displaystyle=True)
    except LatexError as error:
        return not _UNKNOWN_RE.search(str(error))
    return True
