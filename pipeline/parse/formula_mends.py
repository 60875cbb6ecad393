"""TeX of lessons -> TeX that the library reads, and MathML of the library -> MathML for a page.

A page's policy allows no inline styles: each becomes a class of the style sheet. Elements that not every browser
draws, `<menclose>` and a raised prime, are written in others.
"""

import colorsys
import re
from functools import lru_cache

from pipeline.patterns import lazy_pattern

# --- before the library ---

MACROS = {
    "argmax": r"\operatorname*{arg\,max}",
    "argmin": r"\operatorname*{arg\,min}",
    "dotsb": r"\cdots",
    "dotsc": r"\ldots",
    "dotsi": r"\cdots",
    "dotsm": r"\cdots",
    "dotso": r"\ldots",
    "mathbbm": r"\mathbb{#1}",
    "rgbcolor": r"{\color[RGB]{#1}#2}",
    "mbox": r"\text{#1}",
    "pmb": r"\boldsymbol{#1}",
    "smash": "#1",
    "substack": r"\begin{subarray}{c}#1\end{subarray}",
    "textnormal": r"\text{#1}",
    "widetilde": "\\overset{\\text{\ue000}}{#1}",
}
"""Commands that GitHub and KaTeX know and the library does not; and `\\rgbcolor`, for `\\textcolor` with numbers."""
_SIGNS = (
    ("&ApplyFunction;", "\u2061"),
    # A name of one letter is written as it is.
    ("><</mi>", ">&lt;</mi>"),
    (">&</mi>", ">&amp;</mi>"),
    ("<mtext>\ue000</mtext>", '<mo stretchy="true">~</mo>'),
    # Of no width in most fonts: Chromium draws it beside its letter.
    ('<mo stretchy="false">\u20d7</mo>', '<mo stretchy="false" class="tex-vec">→</mo>'),
)
"""What the library writes for a sign, and what a page has."""

_NAMES: tuple[tuple[str, str], ...] = (
    # A number beside each equation of a page that has many formulas would be (1): only `\tag` numbers one.
    (r"\\(begin|end)\s*\{(align|equation|gather|multline)\}", r"\\\1{\2*}"),
    (r"\\(begin|end)\s*\{split\}", r"\\\1{aligned}"),
    (r"\\begin\s*\{alignat\*?\}\s*\{\d+\}", r"\\begin{align*}"),
    (r"\\end\s*\{alignat\*?\}", r"\\end{align*}"),
    (r"\\begin\s*\{alignedat\}\s*\{\d+\}", r"\\begin{aligned}"),
    (r"\\end\s*\{alignedat\}", r"\\end{aligned}"),
    (r"\\begin\s*\{eqnarray\*?\}", r"\\begin{darray}{rcl}"),
    (r"\\end\s*\{eqnarray\*?\}", r"\\end{darray}"),
    (r"\\begin\s*\{smallmatrix\}", r"\\begin{subarray}{cccccccccc}"),
    (r"\\end\s*\{smallmatrix\}", r"\\end{subarray}"),
    (r"\\begin\s*\{([bBpvV]?matrix)\*\}\s*\[[lcr]\]", r"\\begin{\1}"),
    (r"\\end\s*\{([bBpvV]?matrix)\*\}", r"\\end{\1}"),
    # Lessons have `\` where a row of cases ended with `\\` before someone's tool had read it.
    (r"(?<!\\)((?:\\\\)*)\\[ ]*\n", r"\1\\\\\n"),
)
_NAME_RES = tuple((lazy_pattern(pattern), words) for pattern, words in _NAMES)
_LABEL_RE = lazy_pattern(r"\\label\s*\{[^{}]*\}")
_NUMBERED_RE = lazy_pattern(r"\\begin\{(?:align|equation|gather|multline)\*\}")
# `\left{` is no TeX, but nothing else can be meant.
_BARE_BRACE_RE = lazy_pattern(r"(\\(?:left|right|middle|[bB]igg?[lmr]?)\s*)([{}])")
# A star belongs to few commands: `\sum*{i=1}` is a product.
_STAR_RE = lazy_pattern(r"(\\(?!operatorname\*|hspace\*|tag\*)[a-zA-Z]+)\*")
_HEX_COLOUR_RE = lazy_pattern(r"\\(text)?color\s*+(?:\[HTML\])?\s*+\{\s*#?([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})\s*\}")
_TEXT_RE = lazy_pattern(r"\\(?:text(?:rm|sf|normal|bf|it|tt|up)?|mbox)\s*\{")
_TEXT_SIGN_RE = lazy_pattern(r"\\.|[{}_&#^~]|\$([^$]*)\$", re.S)


def mend_tex(tex: str, *, display: bool) -> str:
    """The formula in words that the library knows; it means the same to a reader.

    >>> mend_tex(r"\\text{batch_size} = \\sum*{i}", display=False)
    '\\\\text{batch{\\\\_}size} = \\\\sum *{i}'
    """
    if r"\begin" in tex:
        for pattern, words in _NAME_RES:
            tex = pattern.sub(words, tex)
    if r"\label" in tex:
        tex = _LABEL_RE.sub("", tex)
    if "*" in tex:
        tex = _STAR_RE.sub(r"\1 *", tex)
    if r"\text" in tex or r"\mbox" in tex:
        tex = _mend_texts(tex)
    if "color" in tex:
        tex = _HEX_COLOUR_RE.sub(_rgb_of, tex)
    tex = _BARE_BRACE_RE.sub(r"\1\\\2", tex)
    if display and r"\tag" in tex and not _NUMBERED_RE.search(tex):
        tex = rf"\begin{{equation*}}{tex}\end{{equation*}}"
    return tex


def _mend_texts(tex: str) -> str:
    """Signs within `\\text{…}` are signs: `batch_size`. What stands between `$` there is a formula again."""
    parts: list[str] = []
    end = 0
    while opening := _TEXT_RE.search(tex, end):
        parts.append(tex[end : opening.end()])
        end = opening.end()
        depth = 1
        for sign in _TEXT_SIGN_RE.finditer(tex, end):
            parts.append(tex[end : sign.start()])
            end = sign.end()
            depth += (sign[0] == "{") - (sign[0] == "}")
            if sign[1] is not None:
                parts.append(f"}}{{{sign[1]}}}{opening[0]}")
            else:
                parts.append(_TEXT_SIGNS.get(sign[0], sign[0]))
            if not depth:
                break
        else:
            break
    return "".join((*parts, tex[end:]))


# In braces: behind a command the library drops a space.
_TEXT_SIGNS = {sign: f"{{\\{sign[-1]}}}" for sign in ("_", "&", "#", r"\_", r"\&", r"\#", r"\%", r"\$")}
_TEXT_SIGNS["^"] = r"{\textasciicircum}"


def _rgb_of(colour: re.Match[str]) -> str:
    """The start of `\\textcolor{#ff0000}{x}` or `\\color{#f00}` with the colour in decimal numbers."""
    digits = colour[2] if len(colour[2]) == 6 else "".join(digit * 2 for digit in colour[2])
    numbers = ",".join(map(str, bytes.fromhex(digits)))
    return rf"\rgbcolor{{{numbers}}}" if colour[1] else rf"\color[RGB]{{{numbers}}}"


# --- after the library ---

ATTRIBUTES = frozenset(
    """
    accent accentunder class depth display form height linethickness lspace mathvariant maxsize minsize
    movablelimits rspace stretchy symmetric voffset width
    """.split()
)
STYLES = {
    "math-depth: 0": "tex-depth-0",
    "math-depth: 1": "tex-depth-1",
    "math-depth: 2": "tex-depth-2",
    "math-style: compact": "tex-compact",
    "math-style: normal": "tex-normal",
    "text-align: left": "tex-l",
    "text-align: right": "tex-r",
    "padding-left: 0": "tex-pl0",
    "padding-right: 0": "tex-pr0",
    "padding-left: 1em": "tex-pl1",
    "padding-left: 0.1em": "tex-pl0",
    "padding-right: 0.1em": "tex-pr0",
    "padding-left: 0.1667em": "tex-thin",
    "padding-left: 0.2222em": "tex-med",
    "padding-left: 0.2778em": "tex-thick",
    "padding-top: 0": "tex-tight",
    "padding-top: 0.1667em": "tex-cfrac",
    "width: 100%": "tex-wide",
    "width: 50%": "tex-side",
    "width: 7.5%": "tex-edge",
    "margin-left: -0.16666667em": "tex-thin-back",
    "margin-left: -0.22222222em": "tex-med-back",
    "margin-left: -0.2777778em": "tex-thick-back",
    "border-top: 0.05em solid currentcolor": "tex-bt",
    "border-bottom: 0.05em solid currentcolor": "tex-bb",
    "border-left: 0.05em solid currentcolor": "tex-bl",
    "border-right: 0.05em solid currentcolor": "tex-br",
    "border-top: 0.05em dashed currentcolor": "tex-bt tex-dashed",
    "border-bottom: 0.05em dashed currentcolor": "tex-bb tex-dashed",
    "border-left: 0.05em dashed currentcolor": "tex-bl tex-dashed",
    "border-right: 0.05em dashed currentcolor": "tex-br tex-dashed",
}
"""Inline styles of the library, and their classes in the style sheet."""
_ATTRIBUTE_STYLES = {"displaystyle": {"true": "math-style: normal", "false": "math-style: compact"}}
_ATTRIBUTE_STYLES["scriptlevel"] = {level: f"math-depth: {level}" for level in "012"}
"""Attributes that HTML has for few elements, and what they do."""
HUES = {"red": 15, "orange": 70, "green": 170, "blue": 255, "purple": 290, "pink": 345}
"""Colours of the style sheet, which can be read on a light and on a dark ground, and the degree on the circle of hues
where each ends; what follows the last is red again."""
_ENCLOSURES = {
    "box": "tex-box",
    "updiagonalstrike": "tex-up",
    "downdiagonalstrike": "tex-down",
    "updiagonalstrike downdiagonalstrike": "tex-up tex-down",
    "horizontalstrike": "tex-strike",
}

_TAG_RE = lazy_pattern(r"<([a-z]+) ([^<>]*?)(/?)>")
_ATTRIBUTE_RE = lazy_pattern(r'([a-z]+)="([^"]*)"')
_POLYFILL_RE = lazy_pattern(r'<mrow class="menclose-[a-z]+"></mrow>')
_SIGN = r"<(?:mi|mn|mo)(?: [^<>]*)?>[^<]*</(?:mi|mn|mo)>"
_LETTER = rf"(?:{_SIGN}|<mrow><mspace/>{_SIGN}</mrow>)"
_BASE = rf'({_LETTER}|<mover accent="true">{_LETTER}{_SIGN}</mover>)'
_SCRIPT = rf"(?:{_LETTER}|<mtext>[^<]*</mtext>|<mrow>(?:{_SIGN})*</mrow>)"
_PRIME = "<mo>([′″‴⁗])</mo>"
_FLAT = '<mo lspace="0" rspace="0">'
_PRIMES = (
    (lazy_pattern(rf"<msup>{_BASE}{_PRIME}</msup>"), rf"<mrow>\1{_FLAT}\2</mo></mrow>"),
    (
        lazy_pattern(rf"<msup>{_BASE}<mrow>{_PRIME}({_SIGN})</mrow></msup>"),
        rf"<msup><mrow>\1{_FLAT}\2</mo></mrow>\3</msup>",
    ),
    (
        lazy_pattern(rf"<msubsup>{_BASE}({_SCRIPT}){_PRIME}</msubsup>"),
        rf"<msub><mrow>\1{_FLAT}\3</mo></mrow>\2</msub>",
    ),
    (
        lazy_pattern(rf"<msubsup>{_BASE}({_SCRIPT})<mrow>{_PRIME}({_SIGN})</mrow></msubsup>"),
        rf"<msubsup><mrow>\1{_FLAT}\3</mo></mrow>\2\4</msubsup>",
    ),
)
"""A prime is drawn small and high already: as an exponent, in Chromium, it would be a dot far above."""


def mend_mathml(mathml: str) -> str:
    """The library's MathML with classes for styles, without names, in elements that every browser draws."""
    for written, sign in _SIGNS:
        mathml = mathml.replace(written, sign)
    if "menclose" in mathml:
        mathml = _POLYFILL_RE.sub("", mathml).replace("</menclose>", "</mrow>")
    mathml = _TAG_RE.sub(_mend_tag, mathml)
    if "′" in mathml or "″" in mathml or "‴" in mathml:
        for pattern, primed in _PRIMES:
            mathml = pattern.sub(primed, mathml)
    return mathml


def _mend_tag(tag: re.Match[str]) -> str:
    return _tag_of(tag[1], tag[2], tag[3])


@lru_cache(512)
def _tag_of(name: str, attributes: str, end: str) -> str:
    """A start tag of the library's as a page may have it."""
    kept: list[str] = []
    classes: list[str] = []
    for attribute, value in _ATTRIBUTE_RE.findall(attributes):
        if attribute == "style":
            classes += _classes_of(value)
        elif attribute == "notation":
            name = "mrow"
            classes.append(_ENCLOSURES.get(value, "tex-box"))
        elif attribute in _ATTRIBUTE_STYLES:
            classes += _classes_of(_ATTRIBUTE_STYLES[attribute].get(value, ""))
        elif attribute in ATTRIBUTES:
            kept.append(f' {attribute}="{value}"')
    if classes:
        kept.append(f' class="{" ".join(dict.fromkeys(classes))}"')
    return f"<{name}{''.join(kept)}{end}>"


def _classes_of(style: str) -> list[str]:
    found = []
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip(), value.strip()
        if name == "color":
            found.append(f"tex-{_hue_of(value)}")
        elif f"{name}: {value}" in STYLES:
            found.append(STYLES[f"{name}: {value}"])
    return found


def _hue_of(colour: str) -> str:
    """The colour of the style sheet that is nearest to `#ff0000`.

    >>> _hue_of("#FF0000"), _hue_of("#129F57"), _hue_of("#808080")
    ('red', 'green', 'grey')
    """
    hue, lightness, saturation = colorsys.rgb_to_hls(*(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)))
    if saturation < 0.15 or not 0.05 < lightness < 0.95:
        return "grey"
    return next((name for name, end in HUES.items() if hue * 360 < end), "red")
