"""Elements of a lesson's tree -> the same as a reader needs them: tables that scroll, labels, figures.

Each function is given one element and changes it in place. The class names are the contract with
the style sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from lxml import etree

from pipeline.parse.sanitise import COLLAPSIBLE
from pipeline.parse.sentences import first_sentence
from pipeline.parse.words import LessonWords
from pipeline.patterns import lazy_pattern
from pipeline.values import Heading

_TASK_RE = lazy_pattern(r"\s*\[([ xX])\][ \t\n]+")
_ALERT_RE = lazy_pattern(r"\s*\[!([A-Za-z][\w-]*)((?:\|[^\]\n]*)?)\]([+-]?)[ \t]*")
_BLOCK_ID_RE = lazy_pattern(r"(?:^|(?<=\s))\^(?=[A-Za-z]*[\d-])(?=[\d-]*[A-Za-z])[A-Za-z0-9][A-Za-z0-9-]{5,}\s*$")
"""Of a block of Obsidian: six letters and digits where it made them up itself, else a name with a `-`; `x ^2` and
`a ^infinity` are none."""
_LABEL_RE = lazy_pattern(r"\|label:([^|]+)")
"""As Docsify has it."""
_ALIGNED = etree.XPath(".//*[@align]")
_ALIGNED_TAGS = ("td", "th", "tr", "table", "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "img")
SHORTEST_SUMMARY = 24
"""A shorter first paragraph is a label, such as `Tóm tắt` or `Định nghĩa:`, if another follows."""
_LABELLED_TAGS = frozenset(
    """
    a abbr b bdi bdo br cite code data del dfn em i img ins kbd mark q s samp small span strong sub sup u var
    """.split()
)


def wrap(element: etree._Element, tag: str, attributes: dict[str, str]) -> etree._Element:
    """Put a new element around one, and return it."""
    parent = element.getparent()
    wrapper = etree.Element(tag, attributes)
    wrapper.tail, element.tail = element.tail, None
    parent.replace(element, wrapper)
    wrapper.append(element)
    return wrapper


def show_table(table: etree._Element) -> None:
    """A wide table scrolls by itself, also with the keyboard; its headers say what they head."""
    if next(table.iterancestors("table"), None) is None:
        wrap(table, "div", {"class": "table", "tabindex": "0"})
    for head in table.iterchildren("thead"):
        for cell in head.iter("th"):
            if not len(cell) and not (cell.text or "").strip():
                cell.tag = "td"  # a header without words heads nothing
            elif cell.get("scope") is None:
                cell.set("scope", "col")


def show_image(image: etree._Element) -> None:
    """Loaded when it is near; alone in its paragraph and with a title, it is a figure."""
    image.set("loading", "lazy")
    image.set("decoding", "async")
    parent = image.getparent()
    title = image.get("title")
    if (
        title
        and parent.tag == "p"
        and len(parent) == 1
        and not (parent.text or "").strip()
        and not (image.tail or "").strip()
    ):
        parent.tag = "figure"
        parent.text = image.tail = None
        del image.attrib["title"]
        etree.SubElement(parent, "figcaption").text = title


def show_contents(paragraph: etree._Element, headings: Sequence[Heading]) -> None:
    """`[TOC]` becomes a list of links to the headings below the title."""
    contents = etree.Element("ul", {"class": "contents"})
    contents.tail = paragraph.tail
    paragraph.getparent().replace(paragraph, contents)
    open_lists = [(0, contents)]
    for heading in headings:
        while len(open_lists) > 1 and heading.level <= open_lists[-1][0]:
            open_lists.pop()
        parent = open_lists[-1][1]
        if parent is not contents:
            inner = parent.find("ul")
            parent = etree.SubElement(parent, "ul") if inner is None else inner
        item = etree.SubElement(parent, "li")
        etree.SubElement(item, "a", {"href": f"#{quote(heading.anchor)}"}).text = heading.title
        open_lists.append((heading.level, item))
    if not headings:
        contents.getparent().remove(contents)


def show_external(link: etree._Element) -> None:
    """A link that leaves the site is known by its class; the other site learns of no opener."""
    for name, value in (("class", "external"), ("rel", "noopener")):
        values = (link.get(name) or "").split()
        if value not in values:
            link.set(name, " ".join([*values, value]))


def show_task(item: etree._Element) -> None:
    """`[x]` is a box that is checked; what stands beside it is its label."""
    holder = item
    if not (item.text or "").strip() and len(item) and item[0].tag == "p":
        holder = item[0]
    match = _TASK_RE.match(holder.text or "")
    if not match:
        return
    label = etree.Element("label")
    box = etree.SubElement(label, "input", {"type": "checkbox", "disabled": ""})
    if match.group(1) != " ":
        box.set("checked", "")
    box.tail = " " + (holder.text or "")[match.end() :]
    for child in list(holder):
        if child.tag not in _LABELLED_TAGS:
            break
        label.append(child)
    holder.text = None
    holder.insert(0, label)
    item.set("class", f"{item.get('class', '')} task".strip())


def show_alert(quote: etree._Element, words: LessonWords) -> None:
    """GitHub's `> [!NOTE]` is an admonition; so is Obsidian's `> [!note]- Title`, which `-` folds, and `+` too,
    open at first."""
    first = quote[0] if len(quote) else None
    match = _ALERT_RE.match(first.text or "") if first is not None and first.tag == "p" else None
    if first is None or not match:
        return
    kind = match.group(1).lower()
    first.text = (first.text or "")[match.end() :]
    title = _cut_line(first) if len(quote) > 1 or _has_lines(first) else etree.Element("p")
    title.set("class", "admonition-title")
    if not len(title) and not (title.text or "").strip():
        label = _LABEL_RE.search(match.group(2))
        title.text = label[1] if label else words.title_of(kind)
    title.tail = "\n"
    first.text = (first.text or "").lstrip()
    if not first.text and not len(first):
        quote.remove(first)
    quote.insert(0, title)
    quote.tag = "div"
    folded = {"-": f" {COLLAPSIBLE}", "+": f" {COLLAPSIBLE} open"}.get(match.group(3), "")
    quote.set("class", f"admonition {kind}{folded}")


def _has_lines(paragraph: etree._Element) -> bool:
    """Whether a paragraph has more than one line."""
    texts = (paragraph.text, *(child.tail for child in paragraph))
    return any("\n" in (text or "") for text in texts) or any(child.tag == "br" for child in paragraph)


def _cut_line(paragraph: etree._Element) -> etree._Element:
    """Take the first line out of a paragraph, and return it."""
    line = etree.Element("p")
    line.text, found, rest = (paragraph.text or "").partition("\n")
    paragraph.text = rest
    while not found and len(paragraph):
        child = paragraph[0]
        if child.tag == "br":
            drop(child)
            break
        tail = child.tail or ""
        line.append(child)
        child.tail, found, paragraph.text = tail.partition("\n")
    return line


def show_collapsible(division: etree._Element) -> None:
    """`??? note "Title"` is folded away until the reader asks for it."""
    classes = (division.get("class") or "").split()
    if COLLAPSIBLE not in classes or "admonition" not in classes:
        return
    division.tag = "details"
    before = division.getprevious()
    is_first_tab = "tab" in classes and (before is None or "tab" not in (before.get("class") or "").split())
    if "open" in classes or is_first_tab:
        division.set("open", "")
    division.set("class", " ".join(name for name in classes if name not in (COLLAPSIBLE, "open")))
    if len(division) and division[0].get("class") == "admonition-title":
        division[0].tag = "summary"


def name_backlink(link: etree._Element, words: LessonWords) -> None:
    """The arrow behind a footnote says where it leads to."""
    link.set("aria-label", words.back_to_note(link.attrib.pop("title", "")).strip())
    link.set("role", "doc-backlink")


def drop(element: etree._Element) -> None:
    """Take an element out, but not the text behind it."""
    parent, tail = element.getparent(), element.tail
    if tail:
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + tail
        else:
            before.tail = (before.tail or "") + tail
    parent.remove(element)


def mend_bars(root: etree._Element) -> None:
    """A cell has to write `\\|` for a bar, also in code and in formulas."""
    for element in root.iter("code", "span"):
        if element.text and "\\|" in element.text and next(element.iterancestors("td", "th"), None) is not None:
            element.text = element.text.replace("\\|", "|")


def name_alignment(root: etree._Element) -> None:
    """Let classes say how cells and texts are aligned, and which side an image floats to."""
    for element in root.iter("center"):
        element.tag = "div"
        element.set("align", "center")
    for element in _ALIGNED(root):
        if element.tag not in _ALIGNED_TAGS:
            continue
        side = element.attrib.pop("align", "").lower()
        if side in ("left", "right", "center"):
            floats = side != "center" and element.tag in ("img", "table")
            name = f"{'float' if floats else 'align'}-{side}"
            element.set("class", f"{element.get('class', '')} {name}".strip())


def open_comments(root: etree._Element) -> None:
    """Let no attribute hold a comment: libxml2 takes it for one of a server and writes `<`, `>` and `"` as they are."""
    for element in root.iter(etree.Element):
        for name, value in element.attrib.items():
            if "<!--" in value:
                element.set(name, value.replace("<!--", "<! --"))


def take_out(root: etree._Element, sign: str) -> None:
    """Take a sign out of all texts below `root`."""
    for element in root.iter():
        if element.text and sign in element.text:
            element.text = element.text.replace(sign, "")
        if element.tail and sign in element.tail:
            element.tail = element.tail.replace(sign, "")


def text_of(element: etree._Element) -> str:
    """The words in an element, with one space between two."""
    text = "".join(element.itertext()) if len(element) else element.text or ""
    return " ".join(text.split())


def drop_block_ids(root: etree._Element) -> None:
    """Take out what names a paragraph or an item in Obsidian, ` ^37066d` at its end: nothing here leads there."""
    for element in root.iter("p", "li", "h2", "h3", "h4", "h5", "h6"):
        last = element[-1] if len(element) else None
        text = (element.text if last is None else last.tail) or ""
        found = _BLOCK_ID_RE.search(text)
        if found and last is None:
            element.text = text[: found.start()].rstrip()
        elif found and last is not None:
            last.tail = text[: found.start()].rstrip()
        if found and last is None and not element.text and element.tag == "p":
            drop(element)


def find_summary(root: etree._Element, contents: etree._Element | None = None) -> str:
    """The first sentence of the first paragraph that is one: not a label, a badge, a path, or what stands for the
    contents."""
    spare = ""
    for paragraph in root.iterchildren("p"):
        text = text_of(paragraph)
        if paragraph is contents or not any(character.isalpha() for character in text):
            continue
        linked = sum(len(text_of(link)) for link in paragraph.iter("a"))
        if len(text) >= SHORTEST_SUMMARY and not text.endswith(":") and 2 * linked < len(text):
            return first_sentence(text)
        spare = spare or text
    return first_sentence(spare)


def inner_html(element: etree._Element) -> str:
    """The HTML inside an element."""
    html: str = etree.tostring(element, method="html", encoding="unicode", with_tail=False)
    html = html[html.index(">") + 1 : html.rindex("</")]
    if "</source>" in html or "</track>" in html:  # lxml does not know that they are empty
        html = html.replace("</source>", "").replace("</track>", "")
    return html
