r"""text of a lesson -> TeX in it that stands alone, because the signs around a formula were lost.

What a tool left of `$$` on lines of their own is a paragraph such as `\mathbf{C}\mathbf{v}_i`, of which Markdown
makes a heading where the next line is `=`; what it left of `\(` are brackets, as in `(\theta)`. Set as formulas before
anything else is read, they are repairs like others: with a confidence, in the account; a person may decide otherwise.
"""

import re
from collections.abc import Iterator, Mapping

from pipeline.patterns import lazy_pattern
from pipeline.values import Repair

STEP = "formula"
SURE = 0.95
"""Of 311 in the real course the 200 that were looked at are formulas, all of them; other courses may be less lucky."""
MAX_CHARACTERS = 2_000
_COMMAND_RE = lazy_pattern(r"\\([A-Za-z]+)")
_OF_FORMULAS = frozenset(
    "frac dfrac tfrac sqrt mathcal mathbb mathbf mathrm mathfrak mathsf mathit boldsymbol operatorname sum prod int "
    "oint partial nabla cdot times le leq ge geq ne neq approx sim propto equiv in notin subset subseteq cup cap "
    "forall exists infty pm ll gg to mapsto leftarrow rightarrow Leftarrow Rightarrow leftrightarrow Leftrightarrow "
    "left right mid top text log exp ln max min arg cos sin tan lim det dots ldots cdots quad hat bar vec tilde "
    "overline underbrace begin alpha beta gamma delta epsilon varepsilon eta theta lambda mu nu pi rho sigma tau phi "
    "varphi psi omega Gamma Delta Theta Lambda Sigma Phi Psi Omega".split()
)
"""Commands that only a formula has. A pattern of them all takes a millisecond to compile."""
_FENCE_RE = lazy_pattern(r" {0,3}(?P<fence>`{3,}|~{3,})")
_OTHER_RE = lazy_pattern(r" {4}|\t| {0,3}(?:[-*+][ \t]|\d{1,9}[.)][ \t]|[>#|<!\[]|[A-Za-z]:\\)")
"""How what is no paragraph begins: code, items, quotations, headings, tables, HTML; and a path of Windows."""
_SIGN_RE = lazy_pattern(r"[$`]|(?<!\\)\\[()\[\]]")
"""Its formulas have their signs."""
_OWN_FORMULA_RE = lazy_pattern(
    r"(?<!\\)\\\[.*?(?:\\\]|\Z)|(?<!\\)\\\(.*?(?:\\\)|\Z)|\\begin\{.*?(?:\\end\{[^{}]*\}|\Z)", re.S
)
_NOT_BREAK_RE = lazy_pattern(r"[^\n]")
_BRACKETS_RE = lazy_pattern(r"(?<![\\\w\])])\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_WORDS_RE = lazy_pattern(r"\\(?:text(?:bf|it|rm|tt|sf)?|mbox|math(?:rm|sf|it|bf|cal|bb)|operatorname\*?)\s*\{[^{}]*\}")
_ENVIRONMENT_RE = lazy_pattern(r"\\(?:begin|end)\s*\{[A-Za-z*]+\}(?:\{[lcr|]*\})?")
_NAME_RE = lazy_pattern(r"\\(?:[A-Za-z]+\*?|.)", re.S)
_INDEX_RE = lazy_pattern(r"[_^]\s*(?:\{[^{}]*\}|\w)")
_LETTERS_RE = lazy_pattern(r"[^\W\d_]{2,}(?P<call>\()?")
_BRACE_RE = lazy_pattern(r"\\.|([{}])", re.S)


def set_lone_tex(text: str, decisions: Mapping[str, str | None]) -> tuple[Repair, ...]:
    r"""A repair for each paragraph, and what stands between brackets in others, that surely is a formula, in their
    order; lines and columns are those of `text`.

    `decisions` are a person's: what stands there -> what to put there, None to leave it. No line comes or goes.

    >>> [(repair.line, repair.after) for repair in set_lone_tex("Với (\\theta)\n\n\\mathbf{C}", {})]
    [(1, '($\\theta$)'), (3, '$$\\mathbf{C}$$')]
    """
    if not _has_command(text):
        return ()
    found = []
    for number, block in _paragraphs(text):
        if is_formula(block):
            before = block.strip()
            column = len(block) - len(block.lstrip()) + 1
            found.append(Repair(number, column, before, f"$${before}$$", STEP, SURE))
            continue
        # A formula that has its signs may have more than one line: what stands in it is in it already.
        for at, line in enumerate(_OWN_FORMULA_RE.sub(_spaces, block).split("\n"), number):
            if "\\" in line and not _SIGN_RE.search(line):
                found += [
                    Repair(at, match.start() + 1, match[0], f"(${match[1]}$)", STEP, SURE)
                    for match in _BRACKETS_RE.finditer(line)
                    if is_formula(match[1].strip() or "x")
                ]
    chosen = (repair._replace(after=decisions.get(repair.before, repair.after) or "") for repair in found)
    return tuple(repair for repair in chosen if repair.after)


def join_repairs(formulas: tuple[Repair, ...], others: tuple[Repair, ...], text: str) -> tuple[tuple[Repair, ...], str]:
    """All repairs in their order, and the text that they give; `text` is what the others alone give. A formula in which
    something else was damaged stays as it is: what it says is not sure."""
    if not formulas:
        return others, text
    lines = {repair.line for repair in others}
    kept = tuple(
        formula
        for formula in formulas
        if lines.isdisjoint(range(formula.line, formula.line + formula.before.count("\n") + 1))
    )
    joined = sorted((*kept, *others), key=lambda repair: (repair.line, repair.column))
    return tuple(joined), replay(text, kept)


def replay(text: str, repairs: tuple[Repair, ...]) -> str:
    """The text with these formulas set."""
    lines = text.split("\n")
    for repair in reversed(repairs):
        at, last = repair.line - 1, repair.line - 1 + repair.before.count("\n")
        block = "\n".join(lines[at : last + 1])
        start = repair.column - 1
        lines[at : last + 1] = (block[:start] + repair.after + block[start + len(repair.before) :]).split("\n")
    return "\n".join(lines)


def _has_command(text: str) -> bool:
    return not _OF_FORMULAS.isdisjoint(_COMMAND_RE.findall(text))


def is_formula(paragraph: str) -> bool:
    """Whether a text is TeX and nothing else: a command that only a formula has, and no word outside of `\\text`."""
    if len(paragraph) > MAX_CHARACTERS or not _has_command(paragraph) or _OTHER_RE.match(paragraph):
        return False
    if _SIGN_RE.search(paragraph) or not _is_balanced(paragraph):
        return False
    rest = _ENVIRONMENT_RE.sub(" ", _WORDS_RE.sub(" ", paragraph))
    rest = _NAME_RE.sub(" ", rest)
    while (inner := _INDEX_RE.sub(" ", rest)) != rest:
        rest = inner
    if any(letter.isalpha() and not _is_mathematical(letter) for letter in rest):
        return False
    words = _LETTERS_RE.finditer(rest)
    return all(word["call"] or len(word[0]) <= 2 or (word[0].isupper() and len(word[0]) <= 5) for word in words)


def _spaces(found: re.Match[str]) -> str:
    return _NOT_BREAK_RE.sub(" ", found[0]) if "\n" in found[0] else found[0]


def _is_mathematical(letter: str) -> bool:
    return letter.isascii() or "\u0370" <= letter <= "\u03ff" or "\u2070" <= letter <= "\u22ff" or letter > "\uffff"


def _is_balanced(text: str) -> bool:
    depth = 0
    for match in _BRACE_RE.finditer(text):
        depth += (match[1] == "{") - (match[1] == "}")
        if depth < 0:
            return False
    return depth == 0


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of what stands between empty lines, outside of code, formulas, comments and the front matter."""
    lines = text.split("\n")
    start = _end_of_front_matter(lines)
    fence, is_closed, block = "", True, list[str]()
    for number, line in enumerate([*lines[start:], ""], start + 1):
        opened = _FENCE_RE.match(line)
        is_plain = not fence and is_closed and not opened
        if fence:
            if opened and opened["fence"].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif opened:
            fence = opened["fence"]
        elif line.count("$$") % 2 or (("<!--" in line) if is_closed else ("-->" in line)):
            is_closed, is_plain = not is_closed, False
        if is_plain and line.strip():
            block.append(line)
            continue
        if block and not line.strip():
            yield number - len(block), "\n".join(block)
        block = []


def _end_of_front_matter(lines: list[str]) -> int:
    sign = lines[0].strip()
    if sign not in ("---", "+++"):
        return 0
    return next((number for number, line in enumerate(lines[1:200], 2) if line.strip() == sign), 0)
