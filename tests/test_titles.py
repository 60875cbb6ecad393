"""What is shown as a name: one line of text, without the characters that no page may have."""

from __future__ import annotations

import json
import re

import lxml.etree
import pytest
from building import Project, read_tree
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parse.lesson import parse_lesson
from pipeline.paths import readable_title
from pipeline.settings import parse_settings

# Characters that HTML allows nowhere, and two that it does.
ODD = "\x01\x08\x0c\x1b\x7f\x80\x85\x99\ufdd0\ufdd1\ufdd2\ufdd3\ufdef\ufffe\uffff\U0001ffff\u2028\u200b"
UNSHOWN_RE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\U0001ffff]")
odd_names = st.text(st.sampled_from([*ODD, "a", "ề", " ", "<", '"', "&"]), max_size=12)


def escaped(text: str) -> str:
    return "".join(f"\\U{ord(letter):08x}" for letter in text)


@given(odd_names)
def test_no_title_holds_what_no_page_may_have(name: str) -> None:
    facts = parse_lesson(
        f'---\ntitle: "{escaped(name)}"\ndescription: "{escaped(name)}"\n---\n# Bài\n\n## {name}\n', "a.md"
    ).facts
    heading = parse_lesson(f"# {name.replace(chr(0x2028), '')}x\n", "a.md").facts
    setting = parse_settings(f'title = "{escaped(name)}"').title
    for shown in (facts.title, facts.summary, heading.title, setting, *(found.title for found in facts.headings)):
        assert not UNSHOWN_RE.search(shown)
        assert shown == " ".join(shown.split())
    assert facts.title
    assert readable_title(name) != ""
    assert not UNSHOWN_RE.search(readable_title(name))


@pytest.mark.parametrize("reference", ["&#{};", "&#x{:x};", "&#x0{:X}", "&#0{}"])
@pytest.mark.parametrize("sign", ["\ufdd0", "\ufdd1", "\ufdd2"])
def test_an_author_cannot_write_the_signs_of_the_program(reference: str, sign: str) -> None:
    text = f"# Bài\n\n{{}}Từ{{}} `x`\n\n```python\nx = 1\n```\n\nCuối {reference.format(ord(sign)).replace(';', '')}1\n"
    odd = parse_lesson(text.format(reference.format(ord(sign)), " "), "a.md").body
    sound = parse_lesson(text.format("", " "), "a.md").body
    assert odd == sound
    assert "<mark" not in odd


def test_what_a_site_gets_of_an_odd_title(project: Project) -> None:
    project.write(
        "course.toml", f'title = "Khóa{escaped(ODD)}học"\nrepair = "off"\nbase_url = "https://example.org/"\n'
    )
    project.write("a/tên\ufdd0\x85.md", f'---\ntitle: "Bài{escaped(ODD)}một"\ndate: 2026-01-01\n---\nChữ.\n')
    project.write(
        "a/hai.md", f"# Bài{ODD.replace(chr(0x2028), '')}hai\n\nChữ.\n\n## Phần{ODD.replace(chr(0x2028), '')}\n"
    )
    project.write("phần\ufdd0\x85b/ba.md", "---\nrepair: off\n---\nChữ.\n")
    assert project.doit().status == 0
    for path, content in read_tree(project.output).items():
        if path.endswith((".html", ".js", ".xml")) and not path.startswith("_repairs"):
            text = re.sub("(tên|phần)﷐", "", content.decode("utf-8"))  # the address of a page is its path
            assert not UNSHOWN_RE.search(text), path
    tree = json.loads(project.page("_site/tree.js").removeprefix("courseTree(").removesuffix(")\n"))
    assert [node[0] for node in tree[1][2]] == ["Bài​hai", "Bài ​một"]
    assert tree[2][0] == "Phần b"
    feed = lxml.etree.fromstring(project.page("feed.xml").encode())
    titles = [element.text for element in feed.iter("{http://www.w3.org/2005/Atom}title")]
    assert titles == ["Khóa \u200bhọc", "Bài \u200bmột"]


# --- names made from folders ---


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("05_4._peft_fine_tuning_with_lora", "4. PEFT fine tuning with LoRA"),
        ("01_llm_course", "1. LLM course"),
        ("19_ai_safety", "19. AI safety"),
        ("2024_05_01_ghi_chep", "2024. 05 01 ghi chep"),
        ("1.2_muc", "1. 2 muc"),
        ("sql", "SQL"),
        ("Sql_LLM", "Sql LLM"),
        ("07_1.x", "7. 1.x"),
    ],
)
def test_a_name_has_one_number_and_known_short_forms(name: str, title: str) -> None:
    assert readable_title(name) == title


def test_a_folder_is_named_as_its_lessons_write_its_words_and_as_the_course_says(project: Project) -> None:
    def names() -> list[str]:
        links = lxml.html.fromstring(project.page("index.html")).xpath(
            "//section[contains(@class, 'sections')]//a/text()"
        )
        return [str(link) for link in links]

    project.write("flan_t5_rope/a.md", "# FLAN-T5 và RoPE\n\nChữ.\n")
    project.write("flan_t5_rope/sau/b.md", "# Sâu\n\nChữ.\n")
    project.write("own/index.md", "# Tên của nó\n\nChữ.\n")
    project.build()
    assert names() == ["FLAN T5 RoPE", "Tên của nó"]
    # What a lesson is called names its folder, and so is on every page below.
    project.write("flan_t5_rope/a.md", "# Flan-T5 và RoPE\n\nChữ.\n")
    project.build()
    assert read_tree(project.output) == project.clean_build()
    assert names() == ["Flan T5 RoPE", "Tên của nó"]
    project.write("course.toml", '[sections]\nown = "Khác"\n"flan_t5_rope/sau/" = "Rất sâu"\n')
    project.build()
    assert names() == ["Flan T5 RoPE", "Khác"]
    assert "<h1>Rất sâu</h1>" in project.page("flan_t5_rope/sau/index.html")
    assert read_tree(project.output) == project.clean_build()
