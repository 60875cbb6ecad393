"""MathML of the library -> MathML with the spaces, limits, primes and letters that TeX gives it.

MathML spaces an operator by a table, whatever stands beside it: `P(a | s)`, `exp( − x)`, `t + 1` in an index, and
`logπ`. TeX (The TeXbook, chapter 18) asks what its neighbours are; so does this.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from pipeline.patterns import lazy_pattern

THIN = "0.167em"
NAMES = frozenset(
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim ln log max min sec sin sinh"
    " sup tan tanh".split()
)
LIMITS = frozenset("det gcd inf lim max min sup".split())
"""Names that have their index below them where there is room."""
BOLD = {"bold": (0x1D400, 0x1D41A, 0x1D6A8, 0x1D6C2), "bold-italic": (0x1D468, 0x1D482, 0x1D71C, 0x1D736)}
"""Variants that browsers no longer know (MathML Core 4.2), and where Unicode has their A, a, Α and α."""
BOLD_ZERO = 0x1D7CE

# The library writes signs as references: `&#x0222B;`.
_REFERENCE_RE = lazy_pattern(r"&#x([0-9A-Fa-f]{1,6});")
_SCRIPTED = frozenset({"msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts", "mroot"})
_OPERATORS = {"~": "∼", ":": ":", ";": ";", "±": "±", "∓": "∓"}
"""Identifiers of the library that are operators, and what they are to be."""
_ORDINARY = frozenset("∞∅⊤⊥…⋯")
"""Operators of the library that are none: the table of MathML has spaces for what it does not know."""
_PRIMES = frozenset("′″‴⁗")
_OPEN, _CLOSE, _PUNCTUATION = frozenset("([{⟨⌊⌈"), frozenset(")]}⟩⌋⌉!"), frozenset(",;")
_BARS = frozenset("|/‖.")
_SIGNS = frozenset("+−-±∓")
_SUMS = frozenset("∑∏∐⋃⋂⨁⨂⋁⋀")
_BIG = _SUMS | frozenset("∫∬∭∮")
_LOWERED = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_FREE = frozenset({"", "open", "between", "punctuation"})
"""What a sign stands behind when it belongs to what follows: `(−x`, `= −1`."""


def space_formula(element: Element, in_script: bool = False) -> None:
    """Change the tree of a formula in place; the signs in it become themselves."""
    children = list(element)
    if not children:
        _mend_sign(element)
        return
    scripted = element.tag in _SCRIPTED
    for index, child in enumerate(children):
        space_formula(child, in_script or (scripted and index > 0))
    if scripted:
        _lower_limits(element)
        _raise_primes(element)
    else:
        _space_row(element, in_script)


def _mend_sign(sign: Element) -> None:
    text = sign.text
    if not text:
        return
    if "&" in text:
        text = sign.text = _REFERENCE_RE.sub(lambda reference: chr(int(reference.group(1), 16)), text)
    variant = sign.attrib.get("mathvariant")
    if variant in BOLD:
        sign.text = "".join(_bold(character, variant) for character in text)
        del sign.attrib["mathvariant"]
    elif sign.tag == "mi":
        if "Α" <= text <= "Ω" and variant is None:
            sign.set("mathvariant", "normal")
        elif text in _OPERATORS:
            sign.tag, sign.text = "mo", _OPERATORS[text]
    elif sign.tag == "mo" and text in _ORDINARY:
        sign.tag = "mi"


def _bold(character: str, variant: str) -> str:
    latin, latin_small, greek, greek_small = BOLD[variant]
    for first, last, start in (
        ("A", "Z", latin), ("a", "z", latin_small), ("Α", "Ω", greek), ("α", "ω", greek_small), ("0", "9", BOLD_ZERO),
    ):  # fmt: skip
        if first <= character <= last:
            return chr(start + ord(character) - ord(first))
    return character


def _lower_limits(scripted: Element) -> None:
    """The indices of `max` and `∑` stand below and above it in a formula of its own, beside it in a line."""
    core = _core(scripted)
    if scripted.tag in _LOWERED and (core.text in LIMITS or core.text in _SUMS or core.get("movablelimits")):
        scripted.tag, core.tag = _LOWERED[scripted.tag], "mo"
        core.set("movablelimits", "true")


def _raise_primes(scripted: Element) -> None:
    """A prime is drawn small and high already: as an exponent it would be a dot."""
    if scripted.tag not in ("msup", "msubsup"):
        return
    exponent = scripted[-1]
    first = exponent[0] if exponent.tag == "mrow" and len(exponent) else exponent
    if first.text is None or first.text not in _PRIMES:
        return
    base = Element("mrow")
    base.append(scripted[0])
    prime = SubElement(base, "mo")
    prime.text = first.text
    _set_spaces(prime, "0", "0")
    scripted[0] = base
    if first is not exponent:
        exponent.remove(first)
    if first is exponent or not len(exponent):
        scripted.remove(exponent)
        scripted.tag = "msub" if scripted.tag == "msubsup" else "mrow"


def _space_row(row: Element, in_script: bool) -> None:
    kinds = [_kind(child) for child in row]
    for index, child in enumerate(row):
        kind = kinds[index]
        before = kinds[index - 1] if index else ""
        after = kinds[index + 1] if index + 1 < len(kinds) else "end"
        core = _core(child)
        if kind == "name":
            core.tag = "mo"
            _set_spaces(
                core,
                THIN if before in ("ordinary", "close", "name", "group") else "0",
                THIN if after in ("ordinary", "name", "big", "group") else "0",
            )
        elif kind == "group":
            if before in ("ordinary", "close", "group"):
                child[0].set("lspace", THIN)
            if after in ("ordinary", "name", "big"):
                child[-1].set("rspace", THIN)
        elif core.tag != "mo" or core.get("lspace") or core.get("stretchy") == "true":
            continue
        elif in_script or core.text in _BARS:
            _set_spaces(core, "0", "0")
        elif core.text in _SIGNS and before in _FREE:
            core.set("form", "prefix")


def _kind(child: Element) -> str:
    """What a part of a row is to its neighbours."""
    core = _core(child)
    text = core.text or ""
    if core.tag == "mspace":
        return "space"
    if core is child and child.tag == "mrow" and len(child) and child[0].get("fence") and child[-1].tag == "mo":
        return "group"
    if core.tag == "mi" and text in NAMES:
        return "name"
    if core.tag != "mo" or text in _PRIMES:
        return "ordinary"
    if len(text) > 1 and text[0].isalpha():
        return "between" if text == "mod" else "name"
    if text in _BIG:
        return "big"
    if text in _OPEN:
        return "open"
    if text in _CLOSE:
        return "close"
    if text in _PUNCTUATION:
        return "punctuation"
    return "ordinary" if text in _BARS else "between"


def _core(element: Element) -> Element:
    """The sign that an element is built around: `∑` of a sum with its limits."""
    while element.tag in _SCRIPTED or (element.tag == "mrow" and len(element) == 1):
        if not len(element):
            break
        element = element[0]
    return element


def _set_spaces(operator: Element, before: str, after: str) -> None:
    operator.set("lspace", before)
    operator.set("rspace", after)
