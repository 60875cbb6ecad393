"""A tag that is another program's -> what it means here: a note, code, the title of a tab, words, a link.

`foreign.py` reads them.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from pipeline.parse.foreign import Tag, read_component, read_tag
from pipeline.parse.sanitise import is_component
from pipeline.paths import is_image
from pipeline.patterns import lazy_pattern

NOTE_KINDS = frozenset(
    """
    abstract attention bug caution danger error example exercise failure faq help hint important info note question
    quote seealso success summary tip todo warning
    """.split()
)
"""What an admonition can be: others are names of something else."""
THEOREMS = {
    "cnj": "conjecture",
    "cor": "corollary",
    "def": "definition",
    "exm": "example",
    "exr": "exercise",
    "lem": "lemma",
    "prp": "proposition",
    "rem": "remark",
    "sol": "solution",
    "thm": "theorem",
}
"""What Quarto calls them in an id."""
_NOTES = frozenset("admonition alert aside callout notice".split()) | NOTE_KINDS
_CODE = frozenset("code code-toggle codeblock highlight mermaid".split())
_COMMENT = "comment"
_TITLED = {
    **dict.fromkeys(
        "accordion collapse collapsible details dropdown expand expandable spoiler toggle".split(), "details"
    ),
    **dict.fromkeys("tab tabitem tabs.tab".split(), "tab"),
}
"""What has a title, though it may not be named so, and the kind of note that it is."""
_NAMED = frozenset("filetree.file filetree.folder paramfield property responsefield".split())
"""What has a name that is shown."""
_WORDS = frozenset("badge button kbd label pill tag term tooltip".split())
"""Of these what is said first is shown."""
_SHOWN_RE = lazy_pattern(r"(\{\{([<%]))/\*([^\n]{0,300}?)\*/([>%]\}\})")
_ITEMS_RE = lazy_pattern(r"""\bitems\s*=\s*(?:\{\s*\[([^\]]*)\]|"([^"]*)")""")
_LINK_RE = lazy_pattern(r"<((?:[A-Z]\w*)?(?:Link|Button))(?=\s)")
_OF_HEAD = frozenset("base link meta".split())
_TITLES = ("title", "label", "header", "summary", "file-name", "filename")
_SOURCES = ("src", "image_path", "path", "url", "file", "image")
_TARGETS = ("href", "to", "link")
_SAID = ("description", "subtitle", "caption", "content", "text", "message")
_FILMS = {"vimeo": "https://vimeo.com/", "youtube": "https://www.youtube.com/watch?v="}
_FILM_RE = lazy_pattern(r"[\w-]{6,20}")


def note_of(tag: Tag) -> tuple[str, str] | None:
    """The kind and the title of the note that a tag begins, as `read_directive` has them; None for another tag.

    >>> note_of(Tag("hint", False, ' style="warning"')), note_of(Tag("notice", False, " tip"))
    (('warning', ''), ('tip', ''))
    >>> note_of(Tag("tabitem", False, ' label="A"')), note_of(Tag("tabs", False, ""))
    (('tab', 'A'), None)
    """
    if tag.is_end:
        return None
    folded = _TITLED.get(tag.name)
    if folded:
        return (folded, title) if (title := _title_of(tag)) else None
    if tag.name in ("blockquote", "pullquote"):  # as Hexo has it
        return "quote", tag.said.strip(" \"'")
    if tag.name not in _NOTES:
        return None
    values = tag.values()
    said = (*map(values.get, ("style", "type", "color", "level")), tag.first_word(), tag.name)
    kind = next((word.lower() for word in said if word and word.lower() in NOTE_KINDS), "note")
    return kind, values.get("title") or tag.second_word()


def tabs_of(tag: Tag) -> list[str]:
    """The titles of the tabs in a tag, which have none of their own.

    >>> tabs_of(Tag("tabs", False, " items={['A', 'B']}")), tabs_of(Tag("tabs", False, ' items="A,B"'))
    (['A', 'B'], ['A', 'B'])
    """
    found = _ITEMS_RE.search(tag.said) if tag.name == "tabs" else None
    if not found:
        return []
    return [name.strip(" '\"`").replace('"', "") for name in (found[1] or found[2] or "").split(",")]


def with_title(tag: Tag, title: str) -> Tag:
    """The tag of a tab with a title, if it has none of its own."""
    is_bare = _TITLED.get(tag.name) == "tab" and not (tag.is_end or _title_of(tag))
    return tag._replace(said=f'{tag.said} title="{title}"') if is_bare else tag


def code_of(tag: Tag) -> str | None:
    """The info of the fence that a tag stands for; None if what follows it is no code.

    >>> code_of(Tag("highlight", False, " go")), code_of(Tag("tab", False, ""))
    ('go', None)
    """
    if tag.is_end or tag.name not in _CODE:
        return None
    return tag.name if tag.name == "mermaid" else tag.first_word() if tag.name == "highlight" else ""


def is_comment(tag: Tag) -> bool:
    """Whether what follows up to its end is for nobody."""
    return tag.name == _COMMENT and not tag.is_end


def texts_of(tag: Tag) -> Iterator[str]:
    """The paragraphs of Markdown that are shown for a tag: its image, its address, its title in bold, what it says of
    itself.

    >>> list(texts_of(Tag("figure", False, ' src="a.png" alt="A"'))), list(texts_of(Tag("tab", False, ' "B"')))
    (['![A](<a.png>)'], ['**B**'])
    >>> list(texts_of(Tag("card", False, ' title="C" description="d"'))), list(texts_of(Tag("img", False, " a.png 9")))
    (['**C**', 'd'], ['![](<a.png>)'])
    """
    if tag.is_end or tag.name in _OF_HEAD:
        return
    values, title = tag.values(), _title_of(tag)
    named = (values.get(name, "") for name in _SOURCES)
    source = next(filter(is_image, named), "") or next(filter(is_image, tag.words()), "")
    said = next((values[name] for name in _SAID if values.get(name)), "")
    if said and values.get("number"):
        said = f"{tag.name.capitalize()} {values['number']}: {said}"
    address = _address_of(tag, values)
    if source:
        alt = values.get("alt") or said or title
        yield f"![{_without_brackets(alt)}](<{source.replace('<', '').replace('>', '')}>)"
    elif address:
        yield address
    elif title:
        target = next((values[name] for name in _TARGETS if values.get(name)), "")
        is_link = any(sign in target for sign in "./#") and not set("<>") & set(target)
        yield f"[**{_without_brackets(title)}**](<{target}>)" if is_link else f"**{title}**"
    if said and not (source and said == alt):
        yield said


def _address_of(tag: Tag, values: dict[str, str]) -> str:
    """Where a film or a file is, as Markdown."""
    if tag.name == "embed" and values.get("url", "").startswith(("https://", "http://")):
        return values["url"]
    if tag.name == "file" and values.get("src"):
        return f"[{values['src'].rpartition('/')[2]}](<{values['src']}>)"
    film = values.get("id") or values.get("videoid") or tag.first_word()
    return f"{_FILMS[tag.name]}{film}" if tag.name in _FILMS and film and _FILM_RE.fullmatch(film) else ""


def says_more(tag: Tag) -> bool:
    """Whether there is more to show of a tag than what stands between it and its end."""
    return note_of(tag) is not None or next(texts_of(tag), "") != ""


def _title_of(tag: Tag) -> str:
    values = tag.values()
    title = next((values[name] for name in _TITLES if values.get(name)), "")
    if not title and tag.name in _TITLED:
        title = (
            values.get("name")
            or values.get("value")
            or (tag.first_word() if tag.said.strip()[:1] in ("'", '"') else "")
        )
    if not title and tag.name in _NAMED:
        title = next((values[name] for name in ("name", "path", "query", "body", "header") if values.get(name)), "")
    return title.strip(" *")


def _without_brackets(text: str) -> str:
    return text.replace("[", "(").replace("]", ")")


def read_inline_tag(text: str, closed: Container[str]) -> str | None:
    """The words that are shown for a tag among words; None for prose, such as the type `List<T>`: a component has
    values, ends itself, or is one of those that are `closed` in the lesson.

    >>> read_inline_tag('<Badge text="A" />', ""), read_inline_tag("<Key>", {"Key"}), read_inline_tag("</Key>", "")
    ('A', '', '')
    >>> read_inline_tag('<Tab label="A">', "")
    ' A: '
    >>> read_inline_tag("<T>", ()), read_inline_tag('<IMG src="a.png">', ())
    (None, None)
    >>> read_inline_tag('{{< icon "a" >}}', ()), read_inline_tag("{{</* a */>}}", ())
    ('', '{{< a >}}')
    """
    if text[0] == "%":
        return ""
    if text[1:2] in ("'", '"'):
        return " "
    if text[0] == "{":
        inside = text[3:-3]
        if inside.startswith("/*"):
            return show_shortcodes(text)
        tag = Tag("", True, "") if text[1] == "/" else read_tag(inside)
        return None if tag is None else _words_of(tag)
    name = text.strip("</>").split()[0]
    if not is_component(name):
        return None
    if text.endswith("/>"):
        return _words_of(read_component(text))
    if "=" not in text and text[1] != "/" and name not in closed:
        return None
    title = _title_of(read_component(text)) if "=" in text else ""
    return f" {title}: " if title else ""


def show_shortcodes(text: str) -> str:
    """The text with the shortcodes that Hugo shows as they are without the signs that say so.

    >>> show_shortcodes('{{</* a "b" */>}} {{%/* c */%}} {{</*/* d */*/>}}')
    '{{< a "b" >}} {{% c %}} {{</* d */>}}'
    """
    return _SHOWN_RE.sub(r"\1\3\4", text)


def link_of(text: str) -> tuple[str, str]:
    """The name and the target of a component that is a link; no target for any other.

    >>> link_of('<Link to="b.md">'), link_of('<Tooltip href="b.md">')
    (('Link', 'b.md'), ('', ''))
    """
    found = _LINK_RE.match(text)
    values = read_component(text).values() if found and not text.endswith("/>") else {}
    return (found[1], values.get("to") or values.get("href", "")) if found else ("", "")


def _words_of(tag: Tag) -> str:
    values = tag.values()
    said = tag.first_word() if tag.name in _WORDS and tag.said.strip()[:1] in ("'", '"') else ""
    return next((values[name] for name in ("text", "label", "title") if values.get(name)), said)
