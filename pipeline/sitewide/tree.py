"""published sections -> `tree.js`, the course tree that pages share.

A script and not JSON: a page that is opened from a disk may load a script, but may not fetch. Each
node is `[title, name]` for a lesson and `[title, name, children]` for a section; `name` is that of
the file without `.html`, or of the folder, so that no path is said twice. The first node is the
home page, `[title, "index"]`.
"""

from __future__ import annotations

import json
import posixpath

from pipeline.paths import ROOT_SECTION
from pipeline.site_values import TreeInputs

TREE_FUNCTION = "courseTree"
"""What the script calls; `site.js` defines it."""


def render_tree(inputs: TreeInputs) -> str:
    """The text of `tree.js`, one node a line.

    >>> from pipeline.site_values import TreeBranch, TreeLeaf
    >>> home = TreeBranch("", "Khóa", ("a",), ())
    >>> print(render_tree(TreeInputs((home, TreeBranch("a", "A", (), (TreeLeaf("X", "a/x"),))))), end="")
    courseTree([["Khóa","index"],
    ["A","a",[
    ["X","x"]]]])
    """
    branches = {branch.path: branch for branch in inputs.branches}
    lines = [_json([branches[ROOT_SECTION].title, "index"])]
    # From the leaves up and without recursion: nothing limits how deep folders are.
    shown: dict[str, str] = {}
    for path in sorted(branches, key=lambda path: -path.count("/") - bool(path)):
        branch = branches[path]
        nodes = [shown.pop(child) for child in branch.sections if child in shown]
        nodes += [_json([leaf.title, posixpath.basename(leaf.page)]) for leaf in branch.lessons]
        if path == ROOT_SECTION:
            lines += nodes
        else:
            shown[path] = _json([branch.title, posixpath.basename(path)])[:-1] + ",[" + _joined(nodes) + "]]"
    whole = ",\n".join(lines)
    return f"{TREE_FUNCTION}([{whole}])\n"


def _joined(nodes: list[str]) -> str:
    return "\n" + ",\n".join(nodes) if nodes else ""


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
