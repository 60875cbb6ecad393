"""settings of another builder -> `course.toml`, `redirects.toml`, and what could not be taken over.

MkDocs has `mkdocs.yml`, mdBook `SUMMARY.md` and `book.toml`. No file is opened here.
"""

import itertools
import json
import posixpath
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pipeline.errors import SettingsError, read_toml
from pipeline.nav import MAX_NAV_DEPTH, MOST_ENTRIES
from pipeline.patterns import lazy_pattern

# What is read without an extension, or by this program's own.
_KNOWN_EXTENSIONS = frozenset(
    """
    abbr admonition attr_list codehilite def_list extra fenced_code footnotes md_in_html meta sane_lists smarty tables
    toc callouts pymdownx.arithmatex pymdownx.betterem pymdownx.caret pymdownx.details pymdownx.emoji pymdownx.extra
    pymdownx.highlight pymdownx.inlinehilite pymdownx.keys pymdownx.magiclink pymdownx.mark pymdownx.snippets
    pymdownx.superfences pymdownx.tabbed pymdownx.tasklist pymdownx.tilde
    """.split()
)
_EDIT_PATHS = {
    "github.com": "edit/master/docs/",
    "gitlab.com": "edit/master/docs/",
    "bitbucket.org": "src/default/docs/",
}
"""What MkDocs takes for a host, if it is told no path."""
_KNOWN_PLUGINS = frozenset("search redirects tags".split())
_ITEM_RE = lazy_pattern(r"(?P<indent>[ \t]*)[-*+][ \t]+\[(?P<title>(?:\\.|[^\]\\])*)\]\((?P<path>[^()]*)\)[ \t]*$")
_PLAIN_RE = lazy_pattern(r"\[(?P<title>(?:\\.|[^\]\\])*)\]\((?P<path>[^()]*)\)[ \t]*$")
_PART_RE = lazy_pattern(r"#[ \t](?P<title>.*)")

Nav = list[Any]


class Adopted(NamedTuple):
    """What a course brings along from another builder."""

    settings: dict[str, Any]
    """Of `course.toml`, by name."""
    redirects: dict[str, str]
    left: tuple[str, ...]
    """What could not be taken over, each in a line."""
    folder: str = ""
    """Where its lessons stand, from the file that was read."""


def adopt_mkdocs(text: str) -> Adopted:
    """What a `mkdocs.yml` says. Raises `SettingsError` if it is no YAML.

    >>> found = adopt_mkdocs("site_name: A\\nnav: [{B: b.md}, c/]\\nhooks: [x.py]\\n")
    >>> found.settings["title"], found.settings["nav"], found.left
    ('A', [{'B': 'b.md'}, 'c/'], ('hooks',))
    """
    asked = _read_yaml(text)
    left: list[str] = []
    redirects: dict[str, str] = {}
    settings: dict[str, Any] = {
        "title": _text(asked.pop("site_name", "")),
        "language": _language(asked.get("theme")),
        "base_url": _text(asked.pop("site_url", "")),
        "edit_url": _edit_url(asked),
        "nav": _clean_nav(asked.pop("nav", None), left),
        "strict": asked.pop("strict", False) is True,
    }
    folder = _text(asked.pop("docs_dir", "")) or "docs"
    for name, config in _named(asked.pop("plugins", None)):
        if name == "redirects":
            redirects.update(_redirects(config.get("redirect_maps"), left))
        elif name.split("/")[-1] not in _KNOWN_PLUGINS:
            left.append(f"plugins: {name}")
    for name, _ in _named(asked.pop("markdown_extensions", None)):
        if name.removeprefix("markdown.extensions.") not in _KNOWN_EXTENSIONS:
            left.append(f"markdown_extensions: {name}")
    theme = asked.pop("theme", None)
    if isinstance(theme, dict):
        left += [f"theme: {name}" for name in theme if name not in ("name", "language", "locale")]
    for name in ("site_dir", "repo_name", "site_author", "watch", "dev_addr", "use_directory_urls"):
        asked.pop(name, None)
    return Adopted({name: value for name, value in settings.items() if value}, redirects, (*asked, *left), folder)


def adopt_summary(text: str, book: str = "") -> Adopted:
    """What a `SUMMARY.md` of mdBook says, and the `book.toml` of its book. Raises `SettingsError` if that is no TOML.

    >>> adopt_summary("# Summary\\n\\n[A](a.md)\\n\\n# Part\\n\\n- [B](b.md)\\n  - [C](c.md)\\n").settings["nav"]
    [{'A': 'a.md'}, {'Part': [{'B': ['b.md', {'C': 'c.md'}]}]}]
    """
    asked = read_toml(book, "") if book else {}
    left: list[str] = []
    about, html = _table(asked, "book"), _table(_table(asked, "output"), "html")
    source = _text(about.get("src")) or "src"
    settings = {
        "title": _text(about.get("title")),
        "language": _text(about.get("language")) or "en",
        "base_url": _text(html.get("site-url")) if "://" in _text(html.get("site-url")) else "",
        "edit_url": _text(html.get("edit-url-template")).replace("{path}", f"{source}/{{path}}"),
        "nav": _without_lone(_clean_nav(_summary_nav(text), left)),
    }
    beside = {
        old: new if "://" in str(new) else posixpath.normpath(posixpath.join("/", posixpath.dirname(old), str(new)))
        for old, new in _table(html, "redirect").items()
    }
    redirects = _redirects(beside, left)
    taken = ("site-url", "edit-url-template", "redirect", "git-repository-url")
    left += [f"output.html.{name}" for name in html if name not in taken]
    left += [f"preprocessor.{name}" for name in _table(asked, "preprocessor")]
    return Adopted({name: value for name, value in settings.items() if value}, redirects, tuple(left))


def write_course(adopted: Adopted) -> str:
    """The text of a `course.toml`.

    >>> print(write_course(Adopted({"title": "A", "nav": ["a.md", {"B": ["b.md"]}]}, {}, ())), end="")
    title = "A"
    nav = [
      "a.md",
      { "B" = [
        "b.md",
      ] },
    ]
    """
    return "".join(f"{name} = {_toml(value)}\n" for name, value in adopted.settings.items())


def write_redirects(adopted: Adopted) -> str:
    """The text of a `redirects.toml`; `""` if there are none."""
    return "".join(f"{_toml(old)} = {_toml(new)}\n" for old, new in adopted.redirects.items())


def _read_yaml(text: str) -> dict[str, Any]:
    import yaml

    class Loader(yaml.SafeLoader):
        """What is in tags of other programs, such as `!ENV` and `!!python/name`, is nothing."""

    Loader.add_multi_constructor("", lambda loader, suffix, node: None)
    try:
        found = yaml.load(text, Loader)  # noqa: S506  (it is a safe one)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SettingsError(f"this is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(found, dict):
        raise SettingsError("this is no mkdocs.yml: it has no settings")
    return {str(name): value for name, value in found.items()}


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _table(asked: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = asked.get(name)
    return found if isinstance(found, dict) else {}


def _language(theme: Any) -> str:
    found = _text(theme.get("language") or theme.get("locale")) if isinstance(theme, dict) else ""
    return found.replace("_", "-") or "en"  # theirs, if they say nothing


def _edit_url(asked: dict[str, Any]) -> str:
    repository, uri = _text(asked.pop("repo_url", "")), asked.pop("edit_uri", None)
    template = _text(asked.pop("edit_uri_template", ""))
    if not repository and "://" not in (template or _text(uri)):
        return ""
    if uri is None and not template:
        uri = next((path for host, path in _EDIT_PATHS.items() if f"//{host}/" in repository), "")
    said = template.replace("{path!q}", "{path}") if template else _text(uri) and posixpath.join(_text(uri), "{path}")
    return said if "://" in said else said and posixpath.join(repository, said)


def _named(entries: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names and settings of plugins and extensions, which are a list or a table."""
    items = (
        entries.items()
        if isinstance(entries, dict)
        else [
            next(iter(entry.items()), ("", None)) if isinstance(entry, dict) else (entry, None)
            for entry in (entries if isinstance(entries, list) else ())
        ]
    )
    for name, config in items:
        if isinstance(name, str) and name:
            yield name, config if isinstance(config, dict) else {}


def _redirects(maps: Any, left: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for old, new in maps.items() if isinstance(maps, dict) else ():
        if "://" in str(new):
            left.append(f"redirects: {old} -> {new}")
        else:
            found[_lesson(str(old))] = _lesson(str(new))
    return found


def _lesson(path: str) -> str:
    """The lesson that an address of a page is."""
    path = path.partition("#")[0].strip("/")
    return f"{path[: -len('.html')]}.md" if path.endswith(".html") else path


def _clean_nav(entries: Any, left: list[str], depth: int = 0, seen: Iterator[int] | None = None) -> Nav:
    """A navigation without what is no lesson or folder of the course. YAML can say one group many times over: entries
    are counted as they are seen."""
    found: Nav = []
    seen = itertools.count() if seen is None else seen
    for entry in entries if isinstance(entries, list) and depth < MAX_NAV_DEPTH else ():
        if next(seen) >= MOST_ENTRIES:
            raise SettingsError(f"a navigation has at most {MOST_ENTRIES:,} entries")
        title, inner = next(iter(entry.items()), ("", None)) if isinstance(entry, dict) else ("", entry)
        if isinstance(inner, list):
            group = _clean_nav(inner, left, depth + 1, seen)
            found += [{str(title): group}] if group else []
        elif not isinstance(inner, str) or "://" in inner or not inner.strip() or inner.strip() == "...":
            left.append(f"nav: {title or inner}")
        else:
            path = inner.partition("#")[0].removeprefix("./").lstrip("/")
            found.append({str(title): path} if title else path)
    return found


def _without_lone(entries: Nav) -> Nav:
    """A chapter below which nothing is left is no group."""
    found: Nav = []
    for entry in entries:
        for title, inner in entry.items() if isinstance(entry, dict) else ():
            inner = _without_lone(inner) if isinstance(inner, list) else inner
            entry = {title: inner[0] if isinstance(inner, list) and [*map(type, inner)] == [str] else inner}
        found.append(entry)
    return found


def _summary_nav(text: str) -> Nav:
    top: Nav = []
    lists = [(-1, top)]
    """Those that are open, each with the column of the items in it."""
    for line in text.split("\n"):
        part, item, plain = _PART_RE.match(line), _ITEM_RE.match(line), _PLAIN_RE.match(line)
        if part:
            group: Nav = []
            title = part["title"].strip()
            if top or title.lower() != "summary":
                top.append({title: group})
                lists = [(-1, group)]
            continue
        found = item or plain
        if not found:
            continue
        column = len(item["indent"].expandtabs(4)) if item else 0
        while len(lists) > 1 and column <= lists[-1][0]:
            lists.pop()
        title = _ESCAPE_RE.sub(r"\1", found["title"]).replace("`", "")
        entry: dict[str, Any] = {title: found["path"].strip()}
        lists[-1][1].append(entry)
        if item:
            lists.append((column, _Children(entry, title)))
    return [entry for entry in top if entry]


class _Children(list[Any]):
    """What is below an item: with the first of it, that becomes a group which begins with itself."""

    def __init__(self, entry: dict[str, Any], title: str) -> None:
        super().__init__()
        self._entry, self._title = entry, title

    def append(self, child: Any) -> None:
        if not self:
            own = self._entry[self._title]
            self._entry[self._title] = self
            if own:
                super().append(own)
        super().append(child)


_ESCAPE_RE = lazy_pattern(r"\\(.)")


def _toml(value: Any, indent: str = "") -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        inner = "".join(f"{indent}  {_toml(entry, indent + '  ')},\n" for entry in value)
        return f"[\n{inner}{indent}]"
    if isinstance(value, dict):
        name, entry = next(iter(value.items()))
        return f"{{ {_toml(name)} = {_toml(entry, indent)} }}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
