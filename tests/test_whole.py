"""The files that there is one of for the whole site, former paths, sizes of images; what a run tells."""

from __future__ import annotations

import json
import os
import pty
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from building import Project, read_tree

from pipeline.builder.disk.images import image_size
from pipeline.redirects import parse_redirects

TEXT = "Một câu đủ dài để làm tóm tắt."


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("finished") / "project")
    project.write("course.toml", 'base_url = "https://example.org/k/"\n')
    project.write("a/mot.md", f"---\ndate: 2026-03-01\naliases: [cu/mot.md]\n---\n# Một\n\n{TEXT}\n")
    project.write("a/hai.md", f"# Hai\n\n{TEXT}\n\n![hình](h.png)\n")
    project.write("a/h.png", png(30, 20))
    project.build()
    return project


@pytest.fixture
def built(finished: Project, tmp_path: Path, way: str) -> Project:
    return finished.reopened(tmp_path / "project", way)


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(b"\0" + bytes(3 * width) for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def check(project: Project) -> None:
    assert read_tree(project.output) == project.clean_build()
    assert project.build().executed == []


def test_the_sitemap_names_every_page_and_the_feed_the_dated_ones(built: Project) -> None:
    sitemap = built.page("sitemap.xml")
    assert re.findall(r"<loc>(.*?)</loc>", sitemap) == [
        "https://example.org/k/",
        "https://example.org/k/a/",
        "https://example.org/k/a/hai.html",
        "https://example.org/k/a/mot.html",
    ]
    assert re.findall(r"<entry><id>(.*?)</id>", built.page("feed.xml")) == ["https://example.org/k/a/mot.html"]
    assert "Sitemap: https://example.org/k/sitemap.xml" in built.page("robots.txt")


def test_without_a_base_url_there_is_no_sitemap_and_no_feed(built: Project) -> None:
    built.write("course.toml", "")
    built.build()
    assert not (built.output / "sitemap.xml").exists()
    assert not (built.output / "feed.xml").exists()
    check(built)


def test_the_course_tree_follows_titles_and_is_in_no_page(built: Project) -> None:
    assert '["Một","mot"]' in built.page("_site/tree.js")
    built.write("a/mot.md", f"# Một mới\n\n{TEXT}\n")
    built.build()
    assert '["Một mới","mot"]' in built.page("_site/tree.js")
    check(built)


def test_a_former_path_leads_to_the_lesson(built: Project) -> None:
    page = built.page("cu/mot.html")
    assert 'content="0; url=../a/mot.html"' in page.replace("0;url", "0; url")
    built.write("a/mot.md", f"---\naliases: [cu/khac.md]\n---\n# Một\n\n{TEXT}\n")
    built.build()
    assert not (built.output / "cu/mot.html").exists()
    assert (built.output / "cu/khac.html").is_file()
    check(built)


@pytest.mark.parametrize(
    ("former", "stands"),
    [
        ("cu/x.md", "cu/x.html"),
        ("cu/x.md", "Cu/X.html"),
        ("cu/x.md", "cu/x.html/bảng.txt"),
        ("cu/x.md", "cu/X.html/sâu/bảng.txt"),
        ("cu/x/y.md", "cu"),
        ("cu/x/y.md", "cu/X"),
        ("_site/x.md", ""),
    ],
)
def test_no_former_page_takes_the_place_of_a_file_nor_stands_below_one(
    project: Project, former: str, stands: str
) -> None:
    project.write("a/mot.md", f"---\naliases: [{former}, sound.md]\n---\n# Một\n\n{TEXT}\n")
    if stands:
        project.write(stands, "chữ")
    run = project.doit()
    assert run.status == 0, run.text
    assert "a/mot.md:2: warning: " in run.text
    if stands:
        assert f"the former path '{former}' is that of '{stands}'" in run.text
        assert (project.output / stands).read_text("utf-8") == "chữ"
    assert (project.output / "sound.html").is_file()


def test_a_lesson_at_a_former_path_wins_and_it_is_told(built: Project) -> None:
    built.write("cu/mot.md", f"# Ở chỗ cũ\n\n{TEXT}\n")
    run = built.build()
    assert "Ở chỗ cũ" in built.page("cu/mot.html")
    assert "the former path 'cu/mot.md' is that of 'cu/mot.html'" in run.text
    check(built)
    (built.content / "cu/mot.md").unlink()
    built.build()
    assert "a/mot.html" in built.page("cu/mot.html")
    check(built)


def test_a_spoiled_redirect_or_index_file_is_made_again(built: Project) -> None:
    index = sorted((built.output / "_search").rglob("*.js"))
    for path in (built.output / "cu/mot.html", index[0], index[-1]):
        path.write_bytes(b"edited by hand")
    (built.output / "_search/index.js").unlink()
    built.build()
    check(built)


def noted(course: Project) -> dict[str, str]:
    """What builds saw renamed."""
    return parse_redirects(course.renames.read_text("utf-8")) if course.renames.exists() else {}


def test_the_old_address_of_a_renamed_lesson_leads_to_it_and_that_is_noted_beside_the_state(built: Project) -> None:
    (built.content / "a/hai.md").rename(built.content / "a/hai_moi.md")
    run = built.build()
    assert "a/hai.md became a/hai_moi.md: its old address leads there; 'doit redirects' writes that" in run.text
    assert not (built.content / "redirects.toml").exists()
    assert "hai_moi.html" in built.page("a/hai.html")
    assert noted(built) == {"a/hai.md": "a/hai_moi.md"}
    check(built)
    again = built.build()
    assert "became" not in again.text
    assert again.executed == []


def test_renamed_twice_both_addresses_lead_to_the_lesson_and_renamed_back_none(built: Project) -> None:
    built.write("redirects.toml", '# giữ lại\n"x/cu.md" = "a/hai.md"\n')
    (built.content / "a/hai.md").rename(built.content / "a/ba.md")
    built.build()
    (built.content / "a/ba.md").rename(built.content / "a/bon.md")
    built.build()
    assert noted(built) == {"a/hai.md": "a/bon.md", "a/ba.md": "a/bon.md"}
    assert "bon.html" in built.page("a/hai.html")
    assert "bon.html" in built.page("x/cu.html")
    check(built)
    (built.content / "a/bon.md").rename(built.content / "a/hai.md")
    run = built.build()
    assert noted(built) == {"a/ba.md": "a/hai.md", "a/bon.md": "a/hai.md"}
    assert "former path" not in run.text
    assert (built.content / "redirects.toml").read_text("utf-8") == '# giữ lại\n"x/cu.md" = "a/hai.md"\n'
    check(built)


def test_a_lesson_that_was_the_home_page_for_a_while_is_led_to_where_it_is(built: Project) -> None:
    (built.content / "a/hai.md").rename(built.content / "index.md")
    built.build()
    assert noted(built) == {"a/hai.md": "index.md"}
    (built.content / "index.md").rename(built.content / "a/ba.md")
    built.build()
    assert noted(built) == {"a/hai.md": "a/ba.md"}
    check(built)


def test_explain_tells_of_the_note_and_does_not_write_it(built: Project) -> None:
    (built.content / "a/hai.md").rename(built.content / "a/hai_moi.md")
    told = built.doit("explain").text
    assert "former:all: a/hai.md became a/hai_moi.md\n" in told
    assert noted(built) == {}


def test_a_lesson_that_is_renamed_and_edited_at_once_is_known_by_its_other_lines(built: Project) -> None:
    text = "".join(f"Câu thứ {number} của bài này.\n\n" for number in range(9))
    built.write("a/bai_3.md", f"# Bài 3\n\n{text}")
    built.build()
    (built.content / "a/bai_3.md").unlink()
    built.write("a/bai_4.md", f"# Bài 4\n\n{text}Một câu thêm.\n")
    built.write("a/bai_5.md", "# Bài 5\n\nMột bài khác hẳn, không liên quan gì.\n")
    run = built.build()
    assert "a/bai_3.md became a/bai_4.md" in run.text
    assert noted(built) == {"a/bai_3.md": "a/bai_4.md"}
    check(built)
    assert built.build().executed == []


def test_a_lesson_that_is_deleted_leads_to_no_other_of_the_same_text(built: Project) -> None:
    built.write("a/ban_sao.md", (built.content / "a/hai.md").read_bytes())
    built.build()
    (built.content / "a/hai.md").unlink()
    built.build()
    assert noted(built) == {}
    check(built)


def test_with_strict_a_redirect_that_leads_nowhere_fails_every_run(built: Project) -> None:
    built.write("course.toml", "strict = true\n")
    built.write("redirects.toml", '"x.md" = "y.md"\n')
    for _ in range(2):
        run = built.doit()
        assert run.status == 1
        assert "redirects.toml:1: warning: 'x.md' leads to 'y.md', which has no page" in run.text


def test_a_course_may_say_that_renames_are_not_noted(built: Project) -> None:
    built.write("course.toml", "keep_renames = false\n")
    (built.content / "a/hai.md").rename(built.content / "a/hai_moi.md")
    assert "a/hai.md became a/hai_moi.md\n" in built.build().text
    assert noted(built) == {}
    check(built)


def test_an_image_has_the_size_it_has_and_a_new_one_changes_the_pages_that_show_it(built: Project) -> None:
    assert 'src="h.png" width="30" height="20"' in built.page("a/hai.html")
    built.write("a/h.png", png(40, 20))
    run = built.build()
    assert 'src="h.png" width="40" height="20"' in built.page("a/hai.html")
    assert {"asset:a/h.png", "render:a/hai"} <= set(run.executed)
    assert "render:a/mot" not in run.executed
    check(built)


@pytest.mark.parametrize(
    ("root", "size"),
    [
        ('width="30" height="20"', (30, 20)),
        ('viewBox="0 0 480 120"', (480, 120)),
        ('viewBox="0,0,480,120" width="240px"', (240, 60)),
        ('viewBox="0 0 480 120" width="100%" height="60"', (240, 60)),
        ('width="100%"', ()),
        ("", ()),
    ],
)
def test_a_drawing_has_the_size_its_root_says(tmp_path: Path, root: str, size: tuple[int, ...]) -> None:
    path = tmp_path / "a.svg"
    path.write_text(
        f'<?xml version="1.0"?><!-- x --><svg xmlns="http://www.w3.org/2000/svg" {root}><rect width="9" height="9"/></svg>'
    )
    assert image_size(path) == size


def test_what_is_no_drawing_has_no_size(tmp_path: Path) -> None:
    for number, content in enumerate((b"", b"<html/>", b"\x00\xff", b"<svg")):
        path = tmp_path / f"{number}.svg"
        path.write_bytes(content)
        assert image_size(path) == ()


def test_the_heading_that_a_page_shows_is_found_where_the_front_matter_has_another_title(built: Project) -> None:
    built.write("a/hai.md", f"---\ntitle: Hai\n---\n# Khác zzqq\n\n{TEXT}\n")
    assert "search:all" in built.build().executed
    before = read_tree(built.output / "_search/terms")
    built.write("a/hai.md", f"---\ntitle: Hai\n---\n# Khác yyqq\n\n{TEXT}\n")
    assert "search:all" in built.build().executed
    assert read_tree(built.output / "_search/terms") != before
    check(built)


def test_the_last_change_comes_from_git_when_it_is_asked_for(built: Project) -> None:
    git = ["git", "-C", os.fspath(built.root), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    env = os.environ | {"GIT_COMMITTER_DATE": "2026-02-03T04:05:06Z"}
    built.write("course.toml", 'last_updated = "git"\nbase_url = "https://example.org/k/"\n')
    for command in (["init", "-q"], ["add", "content"], ["commit", "-qm", "x", "--date", "2026-02-03T04:05:06Z"]):
        subprocess.run([*git, *command], check=True, env=env)
    built.build()
    assert 'datetime="2026-02-03"' in built.page("a/hai.html")
    assert "<lastmod>2026-02-03</lastmod>" in built.page("sitemap.xml")
    assert "<updated>2026-02-03T00:00:00Z</updated>" in built.page("feed.xml"), (
        "a lesson without a date of its own is in it"
    )
    check(built)


# --- what a run tells ---


def test_the_summary_says_what_was_done(built: Project) -> None:
    assert re.search(r"^2 lessons, nothing to do, \d", built.build().text, re.M)
    built.write("a/hong.md", "# Hong\n\nHá»c vÃ\xa0 lÃ\xa0m.\n")
    built.write("a/rong.md", b"# Rong\n\n\0\n")
    run = built.doit()
    assert run.status == 1
    assert re.search(r"^4 lessons, \d+ pages rebuilt, 1 repaired, 1 failed, \d", run.text, re.M), run.text


def test_a_page_that_failed_is_not_counted_as_rebuilt(built: Project) -> None:
    (built.root / "templates/lesson.html").write_text("{{ nope }}")
    run = built.doit()
    assert run.status == 1
    assert re.search(r"^2 lessons, 0 pages rebuilt, 2 failed", run.text, re.M), run.text


def test_json_is_one_object_that_says_the_same(built: Project) -> None:
    built.write("a/rong.md", b"# Rong\n\n\0\n")
    run = built.doit("-r", "json", "-o", os.fspath(built.root / "out.json"))
    assert run.status == 1
    told = json.loads((built.root / "out.json").read_text("utf-8"))
    assert told["lessons"] == 3
    assert "repair:a/rong.md" in told["executed"]
    (error,) = told["errors"]
    assert error.startswith("content/a/rong.md:3: ")


def test_verbose_has_a_line_for_each_page(built: Project) -> None:
    built.write("a/hai.md", f"# Hai\n\n{TEXT} Thêm.\n")
    run = built.doit("-r", "console", "-v", "2", "-o", os.fspath(built.root / "out.txt"))
    assert run.status == 0
    lines = (built.root / "out.txt").read_text("utf-8").splitlines()
    assert "a/hai: repair, parse, markdown, render" in lines


@pytest.mark.parametrize(("variable", "colours"), [("NO_COLOR", False), ("SOMETHING", True)])
def test_a_terminal_gets_colours_unless_it_asks_for_none(project: Project, variable: str, colours: bool) -> None:
    project.write("a.md", f"# A\n\n{TEXT} [x](nowhere.md)\n")
    read, write = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        [sys.executable, "-m", "doit"],
        cwd=project.root,
        stdout=write,
        env=environment | {variable: "1", "TERM": "xterm"},
    )
    os.close(write)
    text = b""
    while True:
        try:
            block = os.read(read, 4096)
        except OSError:  # the other end is closed
            break
        if not block:
            break
        text += block
    assert process.wait() == 0
    os.close(read)
    assert (b"\x1b[33m" in text) is colours
    assert b"leads nowhere" in text


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("-r tasks", 0),
        ("help", 1),
        pytest.param("list", 1, marks=pytest.mark.deep),
        pytest.param("info render:0", 1, marks=pytest.mark.deep),
        pytest.param("explain", 1, marks=pytest.mark.deep),
    ],
)
def test_a_reader_that_has_gone_stops_no_build_and_is_no_fault(project: Project, command: str, status: int) -> None:
    """As `head` has, when it has had enough."""
    project.write("0.md", f"# A\n\n{TEXT}\n")
    read, write = os.pipe()
    os.close(read)
    arguments = [sys.executable, "-m", "doit", *command.split()]
    done = subprocess.run(arguments, cwd=project.root, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (status, "")
    assert bool(project.build().executed) == (status != 0)


def test_what_led_to_a_lesson_leads_on_when_a_section_takes_its_place(built: Project) -> None:
    """`a/index.md` moves into `a/b/`: `a/` is a section's page then, so nothing leads from there, but what led there does."""
    built.write("x.md", "# Một bài\n\nNội dung của bài.\n")
    built.build()
    for old, new in (("x.md", "c/index.md"), ("c/index.md", "c/b/bai.md")):
        (built.content / new).parent.mkdir(parents=True, exist_ok=True)
        (built.content / old).rename(built.content / new)
        built.build()
        assert built.build().executed == []
    assert noted(built) == {"x.md": "c/b/bai.md"}
    check(built)


def test_a_host_that_leaves_out_underscores_is_told_to_serve_them(built: Project) -> None:
    assert (built.output / ".nojekyll").read_bytes() == b""
    assert any(path.name.startswith("_") for path in built.output.iterdir())
    (built.output / ".nojekyll").unlink()
    built.build()
    assert (built.output / ".nojekyll").is_file()
    built.write(".nojekyll", b"")
    built.write("course.toml", "ignore = []\n")
    built.build()
    check(built)


@pytest.mark.parametrize(
    ("ignore", "is_copied"), [("", True), ('ignore = [".*"]\n', True), ('ignore = [".*", ".well-known"]\n', False)]
)
def test_what_a_host_publishes_under_agreed_names_is_copied(built: Project, ignore: str, is_copied: bool) -> None:
    built.write("course.toml", ignore)
    built.write(".well-known/security.txt", b"Contact: mailto:a@example.org\n")
    built.write(".well-known/.hidden", b"x")
    built.write("a/.well-known/x.txt", b"only at the top")
    built.build()
    assert (built.output / ".well-known/security.txt").is_file() == is_copied
    assert not (built.output / ".well-known/.hidden").exists()
    assert not (built.output / "a/.well-known").exists()
    check(built)


def test_one_lesson_more_in_a_long_section_rewrites_only_what_shows_it(project: Project) -> None:
    for number in range(100, 220):
        project.write(f"a/bai_{number}.md", f"# Bài {number}\n\n{TEXT}\n")
    project.build()
    assert 'href="./">' in project.page("a/bai_100.html") or 'href="index.html">' in project.page("a/bai_100.html")
    project.write("a/bai_220.md", f"# Bài 220\n\n{TEXT}\n")
    rewritten = [task for task in project.build().executed if task.startswith("render:a/bai")]
    assert "render:a/bai_220" in rewritten
    assert "render:a/bai_100" not in rewritten
    assert len(rewritten) <= 41
    check(project)


def test_a_new_page_whose_own_template_fails_is_there_with_the_usual_one(built: Project) -> None:
    template = built.root / "templates/quiz.html"
    template.write_text('{% extends "lesson.html" %}{% block article %}{{ nothing.at_all }}{% endblock %}', "utf-8")
    built.write("a/do_vui.md", "---\ntemplate: quiz\n---\n# Đố vui\n\nHỏi.\n")
    built.write("a/hai.md", "# Hai\n\n[đố](do_vui.md)\n")
    for _ in range(2):
        run = built.doit()
        assert run.status == 1
        assert "quiz.html" in run.text
        assert "<p>Hỏi.</p>" in built.page("a/do_vui.html")
    template.write_text('{% extends "lesson.html" %}{% block article %}<p>own</p>{% endblock %}', "utf-8")
    built.build()
    assert "<p>own</p>" in built.page("a/do_vui.html")
    check(built)
