"""TeX -> what is wrong with it, which the library would pass over: it reads `\\frac{a` as a fraction of one part.

`find_unclosed` looks at the TeX before the library does, `mend_signs` at what it made of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from xml.etree.ElementTree import Element


class FormulaError(Exception):
    """What is wrong with a formula, as a hint to whoever wrote it."""


_OPENING_RE = re.compile(
    r"\\(?:begin|end)\s*\{[^{}]*\}|\\(?:left|right|middle|[bB]igg?[lmr]?)\s*[{}]|\\[a-zA-Z]+|\\.|[{}]", re.S
)
# `\left{` is no TeX, but means `\left\{`, and the library reads it so: its brace is no group.
_COMMENT_RE = re.compile(r"(?<!\\)%[^\n]+")
_VERBATIM_RE = re.compile(r"\\verb(.).*?\1")
_ENVIRONMENT_RE = re.compile(r"\\begin\s*\{([^{}]*)\}")
_COMMAND_RE = re.compile(r"\\[a-zA-Z]+")
_FONT_RE = re.compile(r"\\math[a-zA-Z]+")
_CLOSED = {"{": "}", r"\left": r"\right"}
_NOT_ONLY_BRACES_RE = re.compile(r"\\(?:[{}]|left|right|begin|end|verb)|%")
_TWO_PARTS_RE = re.compile(r"\\(?:[cdt]?frac|[dt]?binom|genfrac|overset|underset|stackrel|root|limits)")
_RAW_RE = re.compile(r"[\\{}]|&(?!#x)|(?<!&)#")
_PARTS = {"mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3, "mroot": 2}
"""Elements of MathML that have just so many parts."""
_RAW = {
    "&": "& stands outside of a table, or where an argument is missing: a sign of its own is \\&",
    "#": "# means an argument in TeX: a sign of its own is \\#",
    "{": "a { cannot be read where it stands: inside \\text{…} there may be none",
    "}": "a } stands where an argument is missing, or inside \\text{…}, where there may be none",
    "\\": "a \\ stands before what is no command",
}
"""Signs that the library shows where TeX stops. As signs of their own, such as `\\&`, they are references by then."""
_RAISED = {
    "DenominatorNotFoundError": "nothing follows an \\over or the like",
    "NumeratorNotFoundError": "nothing stands before an \\over or the like",
    "DoubleSubscriptsError": "two indices follow one another: put the first, with what has it, into braces",
    "DoubleSuperscriptsError": "two exponents follow one another: put the first, with what has it, into braces",
    "MissingSuperScriptOrSubscriptError": "nothing follows a ^ or a _",
    "InvalidAlignmentError": "the columns of an array are named with l, c, r and |",
    "LimitsMustFollowMathOperatorError": "\\limits follows an operator, such as \\sum",
    "RecursionError": "it is nested too deeply",
}
"""What the library raises, and what that says to a person."""


def may_be_unclosed(tex: str) -> bool:
    """Whether it takes a closer look to see that all is closed: most formulas have nothing but braces. Of these
    the library shows one too many as a sign, which `mend_signs` sees."""
    return tex.count("{") != tex.count("}") or _NOT_ONLY_BRACES_RE.search(tex) is not None


def find_unclosed(tex: str) -> None:
    """Raise `FormulaError` unless braces, `\\left` and `\\begin` are closed in the order in which they were opened.

    >>> find_unclosed(r"\\left( \\frac{a}{b} \\right]")
    >>> find_unclosed(r"\\frac{a")
    Traceback (most recent call last):
    pipeline.parse.formula_faults.FormulaError: a { is not closed: } is missing
    """
    if "%" in tex:
        tex = _COMMENT_RE.sub("", tex)
    if "\\verb" in tex:
        tex = _VERBATIM_RE.sub("", tex)
    opened = []
    for sign in _OPENING_RE.findall(tex):
        if sign == "{":
            opened.append("{")
        elif sign == "}":
            _close(opened, "{", sign)
        elif sign.startswith("\\left") and not sign[5:6].isalpha():
            opened.append("\\left")
        elif sign.startswith("\\right") and not sign[6:7].isalpha():
            _close(opened, "\\left", "\\right")
        elif sign.startswith("\\begin") and sign.endswith("}"):
            opened.append(_joined(sign))
        elif sign.startswith("\\end") and sign.endswith("}"):
            _close(opened, "\\begin" + _joined(sign)[4:], _joined(sign))
    if opened:
        raise FormulaError(f"a {opened[-1]} is not closed: {_end_of(opened[-1])} is missing")


def _close(opened: list[str], wanted: str, sign: str) -> None:
    if not opened:
        raise FormulaError(f"a {sign} closes nothing: {wanted} is missing before it")
    last = opened.pop()
    if last != wanted:
        raise FormulaError(f"a {sign} stands where {_end_of(last)} is missing: a {last} is open there")


def _end_of(opening: str) -> str:
    return _CLOSED.get(opening) or "\\end" + opening.removeprefix("\\begin")


def _joined(sign: str) -> str:
    return "".join(sign.split())


def find_unknown(tex: str) -> None:
    """Raise `FormulaError` if the formula has an environment or a font that the library passes over in silence."""
    if "\\begin" in tex:
        for name in _ENVIRONMENT_RE.findall(tex):
            if name not in _environments():
                raise FormulaError(_unknown(f"there is no environment {name!r} here", name, _environments()))
    if "\\math" in tex:
        for font in _FONT_RE.findall(tex):
            if font not in _fonts():
                raise FormulaError(_unknown_command(font))


@cache
def _environments() -> frozenset[str]:
    from latex2mathml.commands import MATRICES

    return frozenset(name[1:] for name in MATRICES)


@cache
def _fonts() -> frozenset[str]:
    """Every command that begins as a font does."""
    from latex2mathml.commands import CONVERSION_MAP, LOCAL_FONTS, MATH_NON_FONT_COMMANDS, MATHCHOICE
    from latex2mathml.symbols_parser import SYMBOLS

    found = {*CONVERSION_MAP, *LOCAL_FONTS, *MATH_NON_FONT_COMMANDS, MATHCHOICE, *SYMBOLS}
    return frozenset(name for name in found if name.startswith("\\math"))


def mend_signs(root: Element, tex: str) -> None:
    """Give the signs that the library left in TeX their form: `\\bigl\\{`. Raises `FormulaError` for what is none,
    and for an element that lacks a part."""
    if _TWO_PARTS_RE.search(tex) and any(
        len(element) != _PARTS.get(element.tag, len(element)) for element in root.iter()
    ):
        raise FormulaError(_lacking(tex))
    if _RAW_RE.search("".join(root.itertext())):
        for element in root.iter():
            text = element.text
            if not text or not (text[0] == "\\" or text in _RAW) or element.tag == "mtext":
                continue
            if not (text in "{}" and (element.get("fence") or element.get("minsize"))):  # not that of `\left{`
                element.text = _sign_of(text)


def _sign_of(text: str) -> str:
    from latex2mathml.symbols_parser import convert_symbol

    symbol = convert_symbol(text) if text not in _RAW else None
    if symbol is None:
        raise FormulaError(_RAW.get(text) or _unknown_command(text))
    return f"&#x{symbol};"


def _lacking(tex: str) -> str:
    from latex2mathml.commands import COMMANDS_WITH_TWO_PARAMETERS

    found = dict.fromkeys(command for command in _COMMAND_RE.findall(tex) if command in COMMANDS_WITH_TWO_PARAMETERS)
    return f"{' or '.join(found) or 'a command'} lacks one of its arguments"


@cache
def _commands() -> dict[str, list[str]]:
    """Every command by its beginning: there are 4,000, and to compare a slip with each takes 5 ms."""
    from latex2mathml.commands import CONVERSION_MAP, FUNCTIONS, LOCAL_FONTS
    from latex2mathml.symbols_parser import SYMBOLS

    found: dict[str, list[str]] = {}
    for name in sorted({*CONVERSION_MAP, *LOCAL_FONTS, *FUNCTIONS, *SYMBOLS}):
        found.setdefault(name[:2], []).append(name)
    return found


def _unknown_command(command: str) -> str:
    return _unknown(f"there is no command {command} here", command, _commands().get(command[:2], ()))


def _unknown(message: str, name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches

    found = get_close_matches(name, sorted(known), n=1, cutoff=NEAR_NAME)
    return f"{message}; did you mean {found[0]}?" if found else message


NEAR_NAME = 0.75
"""How alike two names are, for one to be meant by the other: `\\alhpa` and `\\alpha` have 0.83."""


def said_of(error: Exception) -> str:
    """What an error that reading a formula raised says to a person."""
    if isinstance(error, FormulaError):
        return str(error)
    return _RAISED.get(type(error).__name__, "a command lacks an argument, or has one that it cannot have")
