"""A course of every kind of file -> all that templates are given for its pages, and all that is told of it.

The pages of this course are lists of what a template is given, so that this does not depend on how pages look.
After a change that is meant, write `golden/site.txt` anew and look at the difference:

    .venv/bin/python tests/test_golden_site.py
"""

from __future__ import annotations

import re
import struct
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from building import Project
from test_golden import CASE, FOLDER

from pipeline.page.context import LessonContext, SectionContext
from pipeline.page.template import names_of
from pipeline.repair.codepages import Channel, damage
from pipeline.report import RepairsContext
from pipeline.sitewide.pages import MissingContext, RedirectContext

GOLDEN = FOLDER / "site.txt"
MANY = 45
SHOWN_OF_MANY = ("00", "22", "44")
# The style sheets, the scripts and what allows them have tests of their own.
LEFT_OUT = {"static", "policy", "script", "base_script"}
KINDS = {
    "lesson": LessonContext,
    "section": SectionContext,
    "home": SectionContext,
    "missing": MissingContext,
    "redirect": RedirectContext,
    "repairs": RepairsContext,
}


def png(width: int, height: int) -> bytes:
    """The beginning of an image: what says its size."""
    head = b"IHDR" + struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">L", 13) + head + struct.pack(">L", zlib.crc32(head))


FILES: dict[str, str | bytes] = {
    "course.toml": 'title = "Khóa & <thử>"\nbase_url = "https://example.org/k"\nlanguage = "vi"\n'
    'quick_links = ["phần", "phần/một.md", "mất"]\nedit_url = "https://example.org/sửa/{path}"\nmarkers = ["N"]\n',
    "redirects.toml": '"xưa/một.md" = "phần/một.md"\n"xưa/mất.md" = "mất.md"\n"phần/hai.md" = "phần/một.md"\n',
    "repairs.toml": '[[repair]]\nlesson = "hỏng.md"\ndamaged = "há»i"\naction = "replace"\nreading = "hời"\n\n'
    '[[repair]]\nlesson = "mất.md"\ndamaged = "x"\naction = "reject"\n',
    "lexicon.tsv": "trỏ\t5000\n",
    "index.md": "---\ndescription: Câu của nhà. Câu sau.\n---\n# Nhà\n\nChữ của nhà dài hơn một nhãn.\n",
    "phần/index.md": "---\norder: 2\n---\n# Phần *một*\n\nPhần này có hai bài và một mục nhỏ.\n",
    "phần/một.md": "---\ntitle: Bài & một\ndate: 2026-03-01\naliases: [cũ.md, phần/hai.md]\ncấp: 2\n---\n"
    "# Bài một\n\n<!-- N-Start -->x<!-- N-End -->Câu đầu của bài một là thế này. Câu sau.\n\n## Mục\n\n### Nhỏ\n\n#### Sâu\n\n"
    "[hai](hai.md) [mục](#mục) [của hai](hai.md#mục-hai) [mất](hai.md#mất) [sai](gone.md) [nhà](../) [phần](../phần/)\n"
    "[sâu](sâu) [tệp](x.txt?a=1#b) [nháp](nháp.md) [ngoài](../../x.md) [cũ](../cũ.md) [web](https://example.org)\n\n"
    "![ảnh](ảnh.png) ![vẽ](vẽ.svg) ![mất](mất.png) ![xa](https://example.org/x.png)\n\n"
    '<img src="ảnh.png" width="5">\n',
    "phần/hai.md": "---\norder: 1\n---\n# Bài hai\n\nCâu đầu của bài hai.\n\n## Mục hai\n\n$x$\n\n```python\nx = 1\n```\n",
    "phần/10.md": "# Mười\n\nChữ.\n",
    "phần/9.md": "---\ntemplate: riêng\n---\n# Chín\n\nChữ.\n",
    "phần/nháp.md": "---\ndraft: true\n---\n# Nháp\n",
    "phần/sâu/README.md": "# Sâu\n\nChữ của mục sâu nhất trong khóa học này.\n",
    "phần/sâu/ba.md": "Chữ không có tựa.\n",
    "phần/sâu/x/y/bốn.md": "---\ntemplate: không-có\norder: x\n---\n# Bốn\n\nChữ.\n",
    "phần/ảnh.png": png(300, 200),
    "phần/vẽ.svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30"/>',
    "phần/x.txt": "x",
    "phần/.kín": "x",
    "rỗng/nháp.md": "---\ndraft: true\n---\n# Nháp\n",
    "trống.md": "",
    "hỏng.md": damage(
        "# Hỏng\n\nHọc tập và hỏi. Anh Kvần gọi Trỏ là bạn học tập, nhỏ hay bỏ.\n", Channel("cp1254", "drop")
    ),
    "lạ/hỏng.md": damage("# Hỏng nữa\n\nTiếng Việt được học tập.\n", Channel("cp1252", "keep")),
    "lạ/nul.md": b"a\0b",
    "lạ/cũ.md": "# Cu\u0303\n\nA\u0300 va\u0300 a\u0300 nha\u0300.\n".encode("cp1258"),
    "Lạ/HỎNG.md": "# Trùng\n",
    **{f"dài/{number:02}_bài.md": f"# Bài {number}\n\nCâu của bài {number}.\n" for number in range(MANY)},
}


def build(root: Path) -> tuple[Project, str]:
    """The built course, and what was told."""
    project = Project(root)
    for path, content in FILES.items():
        project.write(path, content)
    for name, kind in KINDS.items():
        fields = sorted(names_of(kind) - LEFT_OUT)
        text = "".join(f"{field}: {{{{ {field} | pprint | safe }}}}\n" for field in fields)
        (project.root / "templates" / f"{name}.html").write_text(f"{text}{{% block a %}}{{% endblock %}}", "utf-8")
    own = '{% extends "lesson.html" %}{% block a %}riêng: {{ body }}{% endblock %}'
    (project.root / "templates" / "riêng.html").write_text(own, "utf-8")
    return project, project.doit().text


def show_site(root: Path) -> str:
    project, told = build(root)
    return "".join(f"{CASE}{head}\n{text}\n" for head, text in [("told", _without_times(told)), *_show_files(project)])


def _show_files(project: Project) -> Iterator[tuple[str, str]]:
    for path in sorted(project.output.rglob("*")):
        name = path.relative_to(project.output).as_posix()
        folder, _, file = name.partition("/")
        if path.is_dir() or folder in ("_static", "_search") or (folder == "dài" and file[:2] not in SHOWN_OF_MANY):
            continue
        is_text = path.suffix in (".html", ".xml", ".json", ".js") or name == "robots.txt"
        yield name, path.read_text("utf-8").rstrip("\n") if is_text else f"{path.stat().st_size} bytes"


def _without_times(text: str) -> str:
    return re.sub(r"\d+\.\d s\n", "TIME\n", re.sub(r"^\.  .*\n", "", text, flags=re.M)).rstrip("\n")


def test_what_is_made_of_a_course_is_what_a_person_has_looked_at(tmp_path: Path) -> None:
    texts = show_site(tmp_path / "project"), GOLDEN.read_text("utf-8")
    parts, kept = ({part.partition("\n")[0]: part for part in text.split(CASE)[1:]} for text in texts)
    for name, part in parts.items():
        assert part == kept.get(name)
    assert parts.keys() == kept.keys()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        GOLDEN.write_text(show_site(Path(folder) / "project"), "utf-8")
