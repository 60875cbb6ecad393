"""published sections -> `tree.js`, the course tree that pages share.

A script and not JSON: a page that is opened from a disk may load a script, but may not fetch. Each
node is `[title, name]` for a lesson and `[title, name, children]` for a section; `name` is that of
the file without `.html`, or of the folder, so that no path is said twice. The first node is the
home page, `[title, "index"]`. Where the navigation has a page elsewhere than in its
folder, `name` is a `/` and its path.
"""

from __future__ import annotations

import json
import posixpath

from pipeline.paths import ROOT_SECTION
from pipeline.site_values import TreeBranch, TreeInputs

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
    order, waiting = list[TreeBranch](), [branches[ROOT_SECTION]]
    while waiting:
        order.append(waiting.pop())
        waiting += [branches[path] for path in order[-1].sections if path in branches]
    shown: dict[str, str] = {}
    for branch in reversed(order):
        nodes = [
            f"{_json([branches[child].title, _name_in(branch.path, child)])[:-1]},{shown.pop(child)}]"
            for child in branch.sections
            if child in shown
        ]
        nodes += [_json([leaf.title, _name_in(branch.path, leaf.page)]) for leaf in branch.lessons]
        if branch.path == ROOT_SECTION:
            lines += nodes
        else:
            shown[branch.path] = f"[{_joined(nodes)}]"
    whole = ",\n".join(lines)
    return f"{TREE_FUNCTION}([{whole}])\n"


def _name_in(section: str, path: str) -> str:
    """What a node is called in the list of a section."""
    return posixpath.basename(path) if posixpath.dirname(path) == section else f"/{path}"


def _joined(nodes: list[str]) -> str:
    return "\n" + ",\n".join(nodes) if nodes else ""


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
