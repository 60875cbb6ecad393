"""Text in a line -> what GitHub reads in it where Python-Markdown reads something else: code, formulas, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.inlinepatterns import BacktickInlineProcessor, InlineProcessor
from markdown.util import STX, AtomicString, code_escape

from pipeline.parse.verbatim import hide_code
from pipeline.patterns import lazy_pattern

# A command, but for the folder in `C:\\temp`; an exponent; an index of one letter, as names such as `to_do` have none;
# two things with a sign between them, which in `A-Z` and `y/n` may be prose.
INLINE_TAG_RE = (
    r"(?<!\]\()\{\{(?:<[^<>{}\n]{0,300}>|%[^%{}\n]{0,300}%)\}\}|\{/\*[^\n]{0,300}?\*/\}|\{(?:\" \"|' ')\}"
    r"|</?[A-Z][A-Za-z0-9_.]*(?:\s+[A-Za-z0-9_:-]+(?:=(?:\"[^\"<>\n]{0,300}\"|'[^'<>\n]{0,300}'|\{[^<>{}\n]{0,300}\}))?){0,20}\s*/?>"
)
"""Tags that may stand among words: those of Hugo, comments of MDX, components."""
# `%%NAME%%` is to be filled in.
INLINE_COMMENT_RE = r"(?<![\w%])%%(?![A-Z_]+%%)[^%\n]{1,300}%%(?![\w%])"
CRITIC_RE = (
    r"\{(?:\+\+(?P<ins>[^{}]+?)\+\+|--(?P<del>[^{}]+?)--|==(?P<mark>[^{}]+?)==|>>(?P<small>[^{}]+?)<<"
    r"|~~(?P<old>[^{}]+?)~>(?P<new>[^{}]+?)~~)\}"
)
_REFERENCES = frozenset("abbr any cite eq index numref ref t p term".split())
_ROLES = {
    **dict.fromkeys((*_REFERENCES, "math", "doc", "download"), ""),
    **dict.fromkeys(
        """
        attr class code command const data envvar exc file func guilabel kbd literal meth mod obj option program samp
        type
        """.split(),
        "code",
    ),
    **{name: name for name in ("kbd", "sub", "sup")},
    **dict.fromkeys(
        """
        fa fab far fas material-outlined material-regular material-round material-sharp material-twotone octicon
        """.split(),
        "icon",
    ),
}
"""Names of roles, and the element that one is, if that depends on nothing else."""
_TITLED_RE = lazy_pattern(r"(.*?\S)\s*<([^<>]+)>")
_TEX_RE = lazy_pattern(
    r"(?<!:)\\[A-Za-z]|[\w)}\]'’]\s*\^\s*[\w{(\\+*-]|_\{|(?<!\w)[^\W\d_]_(?:[^\W\d_]|\d+)(?!\w)"
    r"|[\w)\]}|']\s*[=+*<>≤≥≠≈±×·∈]\s*[\w(\[{|\\-]|[\w)]\s+-\s+[\w(]|(?<!\w)[^\W\d_](?:\s*-\s*\d|\()"
)
_CLOSING_TAG_RE = lazy_pattern(r"</([A-Za-z][A-Za-z0-9_.]*)\s*>")
_NAME_RE = lazy_pattern(r"[^\W\d_]{2,}")
_FUNCTIONS = frozenset("arg cos cot det dim exp inf lim ln log max min mod sin sup tan".split())
_ACCENT_RE = lazy_pattern(r"[^A-Za-zΑ-ω]")
_SURE_RE = lazy_pattern(r"[\\{^]|\s=\s")
_ALONE_RE = lazy_pattern(r"[|({\[]*-?[A-Za-zΑ-ω]['’*]*[|)}\]]*")


def is_formula(text: str, *, attached: bool = False, brackets: bool = False) -> bool:
    r"""Whether what stands between `\(` and `\)` is TeX; if it is prose, both are escapes, as they are on GitHub.

    `attached` says that a word stands right before it, as in `veg\[0\]`; `brackets` that its signs are `\[` and `\]`.

    >>> [is_formula(text) for text in ("x_1 + 2", "a = b", "n", " pos ", "or so", "a to_do", "0", "A-Z")]
    [True, True, True, True, False, False, False, False]
    """
    names = [name for name in _NAME_RE.findall(text) if name not in _FUNCTIONS]
    if STX in text or _ACCENT_RE.search("".join(names)):
        return False  # there is code in it, or a word
    if _TEX_RE.search(text):
        return len(names) < 2 or _SURE_RE.search(text) is not None
    if text[:1].isspace() and text[-1:].isspace() and any(map(str.isalnum, text)):
        # Nobody puts spaces inside parentheses of prose.
        return len(names) < 2
    return not attached and not brackets and _ALONE_RE.fullmatch(text) is not None


class Formula(Element):
    """The element of a formula, which in an attribute is what was written."""

    written = ""


class MathProcessor(InlineProcessor):
    """`$x_1$`, ``$`x_1`$`` and `\\(x_1\\)` put away before `_` and `\\(` mean something else."""

    def handleMatch(  # type: ignore[override]  # noqa: N802  (the library's name)
        self, m: re.Match[str], data: str
    ) -> tuple[Element | None, int | None, int | None]:
        found = m.groupdict()
        escaped = found.get("paren") or found.get("bracket")
        if escaped and not found["twice"]:
            attached = m.start() > 0 and (data[m.start() - 1].isalnum() or data[m.start() - 1] in "_]\x03")
            if not is_formula(escaped, attached=attached, brackets=bool(found["bracket"])):
                return None, None, None
        display = found.get("display") or found.get("bracket")
        element = Formula("span", {"class": "math display" if display else "math inline"})
        element.written = m.group()
        element.text = AtomicString((display or found.get("inline") or found.get("paren") or "").strip())
        return element, m.start(), m.end()


class RoleProcessor(InlineProcessor):
    """A role of MyST or Sphinx, ``{doc}`words <a.md>` ``: a link, a formula, keys, words, or code."""

    def handleMatch(  # type: ignore[override]  # noqa: N802  (the library's name)
        self, m: re.Match[str], data: str
    ) -> tuple[Element | str | None, int | None, int | None]:
        role = m["role"].rpartition(":")[2]
        if m["role"][:3] == "bdg":  # a badge
            return code_escape(m["said"]), m.start(), m.end()
        if m["role"] not in _ROLES and (":" not in m["role"] or role not in _ROLES):
            return None, None, None
        if _ROLES[role] == "icon":
            return "", m.start(), m.end()
        titled = _TITLED_RE.fullmatch(m["said"]) if role in ("doc", "download", *_REFERENCES) else None
        said = titled[1] if titled else m["said"]
        if role == "math":
            element: Element = Formula("span", {"class": "math inline"})
            element.text = AtomicString(m["said"])
        elif role in ("doc", "download"):
            element = Element("a", {"href": titled[2] if titled else said})
            element.text = AtomicString(code_escape(said))
        elif role in _REFERENCES:
            return code_escape(said), m.start(), m.end()
        else:
            element = Element(_ROLES[role])
            text = said.rpartition(".")[2] if said[:1] == "~" else said
            element.text = AtomicString(code_escape(text))
        return element, m.start(), m.end()


class LessonTags:
    """What is known of the tags of a lesson: the names of those that are closed, once it is asked for them."""

    found = False
    """Whether one that is another program's has been left out."""

    def __init__(self) -> None:
        self.begin(())

    def begin(self, parts: Iterable[str]) -> None:
        """Forget the last lesson; `parts` are the text of this one."""
        self.found = False
        self._parts = parts
        self._closed: frozenset[str] | None = None

    def __contains__(self, name: object) -> bool:
        if self._closed is None:
            self._closed = frozenset(name for part in self._parts for name in _CLOSING_TAG_RE.findall(hide_code(part)))
        return name in self._closed


class ForeignProcessor(InlineProcessor):
    """A tag of another program among words: `{{< icon "a" >}}`, `<Badge text="new" />`, `<Badge>` if there is a
    `</Badge>`; a comment of Obsidian, `%%a%%`."""

    def __init__(self, pattern: str, md: Markdown, tags: LessonTags) -> None:
        super().__init__(pattern, md)
        self.tags = tags

    def handleMatch(  # type: ignore[override]  # noqa: N802  (the library's name)
        self, m: re.Match[str], data: str
    ) -> tuple[Element | str | None, int | None, int | None]:
        from pipeline.parse.tag_meanings import link_of, read_inline_tag

        words = read_inline_tag(m[0], self.tags)
        if words is None:
            return None, None, None
        self.tags.found = True
        name, target = link_of(m[0])
        end = data.find(f"</{name}>", m.end()) if target else -1
        if end < 0:
            return code_escape(words), m.start(), m.end()
        link = Element("a", {"href": target})
        link.text = data[m.end() : end]
        return link, m.start(), end + len(name) + 3


class CriticProcessor(InlineProcessor):
    """`{++new++}`, `{--old--}`, `{~~old~>new~~}`, `{==mark==}` and `{>>comment<<}`, which CriticMarkup has."""

    def handleMatch(  # type: ignore[override]  # noqa: N802  (the library's name)
        self, m: re.Match[str], data: str
    ) -> tuple[Element, int, int]:
        element = Element("span" if m["old"] else m.lastgroup or "")
        element.text = m[m.lastgroup or ""]
        if m["old"]:
            element.text = ""
            for tag, words in (("del", m["old"]), ("ins", m["new"])):
                SubElement(element, tag).text = words
        return element, m.start(), m.end()


class CodeProcessor(BacktickInlineProcessor):
    """`` `code` ``, whose spaces are its own but for one at either end (CommonMark 6.1)."""

    def handleMatch(  # type: ignore[override]  # noqa: N802  (the library's name)
        self, m: re.Match[str], data: str
    ) -> tuple[Element | str | None, int | None, int | None]:
        if m[1]:
            return super().handleMatch(m, data)
        start = m.end()
        while data[start : start + 1] == "`":
            start += 1
        fence = data[m.start() : start]
        closing = re.compile(rf"(?<!`){fence}(?!`)").search(data, start)
        if closing is None:
            return None, m.start(), start
        code = _LINE_END_RE.sub(" ", data[start : closing.start()])
        if code[0] == code[-1] == " " and code.strip(" "):
            code = code[1:-1]
        element = Element("code")
        element.text = AtomicString(code_escape(code))
        raw = _RAW_RE.match(data, closing.end())
        if raw is None:
            return element, m.start(), closing.end()
        return element if raw[1] == "html" else "", m.start(), raw.end()


LONGEST_REFERENCE = 33
"""Characters in the name of one: `&CounterClockwiseContourIntegral;`."""


class AddressProcessor(InlineProcessor):
    """A bare address, of a page or of a mailbox, becomes a link, without the punctuation behind it."""

    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(  # type: ignore[override]  # noqa: N802  (the library's name)
        self, m: re.Match[str], data: str
    ) -> tuple[Element, int, int]:
        address = _without_punctuation(m.group())
        scheme = (
            "http://"
            if address.startswith("www.")
            else "mailto:"
            if m.lastgroup == "mailbox" and address[:7] != "mailto:"
            else ""
        )
        element = Element("a", {"href": scheme + address})
        element.text = AtomicString(address)
        return element, m.start(), m.start() + len(address)


def _without_punctuation(address: str) -> str:
    """An address without what belongs to the sentence around it, such as a `)` that it does not open, or a reference.

    >>> [_without_punctuation(text) for text in ("a.b/(c).", "a.b/c).", "a.b?c=1&amp;d&gt;.")]
    ['a.b/(c)', 'a.b/c', 'a.b?c=1&amp;d']
    """
    end, unopened = len(address), address.count(")") - address.count("(")
    while (sign := address[end - 1]) in ".,:;!?*_~'\")":
        start = address.rfind("&", max(0, end - LONGEST_REFERENCE), end) if sign == ";" else -1
        if sign == ")":
            if unopened <= 0:
                break
            unopened -= 1
        end = start if start >= 0 and address[start + 1 : end - 1].isalnum() else end - 1
    return address[:end]


class KeysProcessor(InlineProcessor):
    """`++ctrl+c++` are keys to press at once; where one of them is no key, it is prose."""

    def handleMatch(  # type: ignore[override]  # noqa: N802  (the library's name)
        self, m: re.Match[str], data: str
    ) -> tuple[Element | None, int | None, int | None]:
        from pymdownx.keymap_db import aliases, keymap  # few lessons have any

        written = m[1].lower().split("+")
        names = [key.upper() if len(key) == 1 else keymap.get(aliases.get(key, key), "") for key in written]
        if not all(names):
            return None, None, None
        element = Element("span", {"class": "keys"})
        last = None
        for name in names:
            if last is not None:
                last.tail = "+"
            last = Element("kbd")
            last.text = AtomicString(name)
            element.append(last)
        return element, m.start(), m.end()


_RAW_RE = lazy_pattern(r"\{=(\w+)\}")
"""What Pandoc says of code that is for one kind of page."""
_LINE_END_RE = lazy_pattern(r" *\n *")
