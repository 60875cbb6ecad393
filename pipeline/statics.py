"""the site's own scripts and style sheets -> what readers are sent.

What `site.js` says and loads is the same on each page of a course. So it stands in the script, which a browser keeps,
and not in the pages.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.locale import translator
from pipeline.paths import STATIC_FOLDER
from pipeline.patterns import lazy_pattern

SCRIPT_NAME = "site.js"
LOADED = {"search": "search.js", "searchStyle": "search.css", "slips": "slips.js"}
"""What scripts load when it is wanted: the name by which they ask for it, and the file's."""
FACTS = "courseFacts"
"""What the script reads them from."""
_SPARED_RE = lazy_pattern(r"^[ \t]*(?://.*|/\*(?:[^*]|\*(?!/))*\*/[ \t]*)?\n|^[ \t]+", re.M)
"""A line of a comment, an empty one; the beginning of any other."""


def spare_comments(source: bytes) -> bytes:
    """A script or style sheet of the project without what only its maintainers read: lines that are a comment, empty
    lines, and white space at the beginning of lines. Text over several lines must not depend on these.

    >>> spare_comments(b"/* a\\n b */\\n\\nif (x) {\\n\\t// why\\n\\ty(); // then\\n}\\n")
    b'if (x) {\\ny(); // then\\n}\\n'
    """
    return _SPARED_RE.sub("", source.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def write_facts(language: str, names: Mapping[str, str], templates: tuple[Path, ...] = ()) -> bytes:
    """The line before `site.js`. `names` are those of the files in the output, by their plain names; `templates` the
    folders where the course's own words may be.

    >>> write_facts("en", {"search.js": "search.01.js"})[-44:]
    b'"files":{"search":"_static/search.01.js"}};\\n'
    """
    translate = translator(language, templates)
    words = {
        "close": translate("Close"),
        "theme": translate("Theme"),
        "automatic": translate("automatic"),
        "light": translate("light"),
        "dark": translate("dark"),
        "copy": translate("Copy"),
        "copied": translate("Copied"),
        "enlarge": translate("Enlarge"),
    }
    files = {key: f"{STATIC_FOLDER}/{names[name]}" for key, name in LOADED.items() if name in names}
    said = json.dumps({"words": words, "files": files}, ensure_ascii=False, separators=(",", ":"))
    return f"const {FACTS}={said};\n".encode("utf-8", "replace")
