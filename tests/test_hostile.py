"""Whoever can add a file below the content folder can neither run a script on readers nor stop the build."""

from __future__ import annotations

import pytest
from building import Project, read_tree

GOOD = "# Tốt\n\nBài tốt.\n"


@pytest.fixture
def course(project: Project) -> Project:
    project.write("good.md", GOOD)
    project.write("a/good.md", GOOD)
    return project


# --- what is the site's own ---

HOSTILE = b"alert(1)"


def own_files(course: Project) -> dict[str, bytes]:
    """Every file that the site makes of no file of the course."""
    kept = ("_static/", "_site/", "_search/", "_repairs/", "404.html", "robots.txt", "sitemap.xml", "feed.xml")
    return {path: content for path, content in read_tree(course.output).items() if path.startswith(kept)}


def test_no_file_of_a_course_takes_the_place_of_one_of_the_sites_own(course: Project) -> None:
    course.write("course.toml", 'base_url = "https://example.org/"\n')
    course.build()
    own = own_files(course)
    assert len(own) > 10
    for path in own:
        course.write(path, HOSTILE)
    run = course.doit()
    assert run.status == 1, run.text
    assert "Traceback" not in run.text
    assert own_files(course) == own
    for folder in ("_static", "_site", "_search", "_repairs"):
        assert f"{folder}: '{folder}' is a folder of the site's own\n" in run.text
    for name in ("404.html", "robots.txt", "sitemap.xml", "feed.xml"):
        assert f"{name}: '{name}' would overwrite what the site itself makes\n" in run.text
    assert "Bài tốt." in course.page("a/good.html")


@pytest.mark.parametrize("folder", ["_static", "_SITE", "_Search", "_repairs", "_repairs/deeper"])
@pytest.mark.parametrize("name", ["new.js", "x.md", "index.md"])
def test_nothing_of_a_course_stands_in_a_folder_of_the_sites_own(course: Project, folder: str, name: str) -> None:
    course.write(f"{folder}/{name}", "# Chữ\n\nalert(1)\n")
    run = course.doit()
    assert run.status == 1, run.text
    top = folder.partition("/")[0]
    assert f"{top}: '{top}' is a folder of the site's own\n  hint: rename it" in run.text
    assert not any(b"alert(1)" in content for content in own_files(course).values())
    assert "Bài tốt." in course.page("a/good.html")


@pytest.mark.parametrize(
    "path", ["404.md", "robots.txt/x.md", "report.json/x.md", "report.json/index.md", "404.html/x"]
)
def test_nor_does_one_whose_page_or_account_would(course: Project, path: str) -> None:
    course.write(path, "# Chữ\n\nÄ\x90Ã¢y lÃ\xa0 chá»¯ há»\x8fng.\n")
    run = course.doit()
    assert run.status == 1, run.text
    assert f"{path}: " in run.text
    assert "would overwrite what the site itself makes" in run.text
    assert "Traceback" not in run.text
    assert "Bài tốt." in course.page("a/good.html")
