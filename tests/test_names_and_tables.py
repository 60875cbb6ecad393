"""Names of files, pages and tasks, and tables of letters: each row of a table counts, and what is made of a name leads back."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from pathlib import PurePath
from urllib.parse import unquote, urljoin

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pipeline.builder.state.damage import with_sum, without_sum
from pipeline.errors import Diagnostic, find_line, show_path
from pipeline.locale import places_in, read_catalogue
from pipeline.locale.faults import check_catalogue
from pipeline.page.formulas import hold_signs
from pipeline.page.tables import mark_tables
from pipeline.parse.sentences import first_sentence, near_anchor, python_slugs, slugify
from pipeline.paths import (
    ancestors,
    collision_key,
    is_active,
    is_image,
    is_lesson,
    is_section_text,
    item_of,
    natural_key,
    own_folder,
    page_id,
    readable_title,
    relative_url,
    section_page_id,
    show_template,
    task_name,
    url_quote,
)
from pipeline.patterns import NOT_HTML, one_line
from pipeline.report import report_json
from pipeline.site_values import LessonRepairs, RepairSummary, ReportInputs
from pipeline.syllables import ONSETS, RIMES, is_syllable
from pipeline.values import Repair

ACTIVE = "html htm shtml xhtml xht mht mhtml svg svgz xml xsl xslt rdf rss atom"
IMAGES = "png jpg jpeg gif svg webp avif bmp"
OTHERS = "md txt pdf js css json csv py zip mp4 svgx"

segments = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=6).filter(
    lambda name: name not in (".", "..")
)
paths = st.lists(segments, min_size=1, max_size=4).map("/".join)


@pytest.mark.parametrize("ending", f"{ACTIVE} {IMAGES} {OTHERS}".split())
def test_what_a_file_is_follows_from_its_ending(ending: str) -> None:
    for path in (f"a/b.{ending}", f"B.{ending.upper()}", f"a.html.b/x.{ending}"):
        assert is_active(path) == (ending in ACTIVE.split())
        assert is_image(path) == (ending in IMAGES.split())
        assert is_lesson(path) == (ending == "md")
    assert not is_active(f"a/{ending}")
    assert not is_image(f"a/{ending}")


def test_what_a_lesson_is_called() -> None:
    for ending in (".md", ".MD", ".Md", ".markdown", ".MARKDOWN"):
        assert is_lesson(f"a/b{ending}")
        assert not is_lesson(f"a/{ending}")
        assert not is_lesson(ending)
        assert page_id(f"a/b{ending}") == "a/b"
        assert is_section_text(f"a/ReadMe{ending}")
        assert not is_section_text(f"readme/a{ending}")
    assert page_id("a/b.txt") == "a/b.txt"
    assert (section_page_id(""), section_page_id("a/b")) == ("index", "a/b/index")
    assert (ancestors(""), ancestors("a"), ancestors("a/b")) == ([], [""], ["", "a"])


@given(paths, paths)
@example("a/b.html", "a/b.html")
@example("a/b/c.html", "a/d.html")
@example("a/b.html", "a/b/c.html")
def test_an_address_leads_from_one_file_to_the_other(here: str, there: str) -> None:
    assume(not there.endswith(";"))  # `urljoin` drops parameters that are empty; no page has such a name
    base = "https://example.org/x/"
    url = relative_url(here, there)
    assert unquote(urljoin(base + url_quote(here), url)) == base + there
    assert not url.startswith("/")
    assert not url.split("/", 1)[0].endswith(":")


@given(paths)
@example("a=b *%/\x7f é")
def test_the_name_of_a_task_leads_back_to_its_file(path: str) -> None:
    name = task_name("parse", path)
    assert re.fullmatch(r"parse:[^=*\x00-\x20\x7f]+", name)
    assert item_of(name) == path or path == "."
    assert item_of(task_name("index", "")) == ""


@given(paths)
def test_names_that_are_one_on_some_system_have_one_key(path: str) -> None:
    for other in (path.upper().lower(), unicodedata.normalize("NFD", path), unicodedata.normalize("NFC", path)):
        if other.casefold() == path.casefold() or unicodedata.normalize("NFC", other) == unicodedata.normalize(
            "NFC", path
        ):
            assert collision_key(other) == collision_key(path)
    assert collision_key(collision_key(path)) == collision_key(path)
    assert (collision_key("a/B.html") == collision_key("A/b.html")) is True
    assert collision_key("a/b") != collision_key("a/c")


@pytest.mark.parametrize("folder", ["_repairs", "_search", "_site", "_static"])
def test_nothing_of_a_course_stands_in_a_folder_of_the_site(folder: str) -> None:
    assert (own_folder(f"{folder}/a"), own_folder(f"{folder.upper()}/a")) == (folder, folder.upper())
    assert (own_folder(folder), own_folder(f"a/{folder}/b"), own_folder(f"{folder}2/a")) == ("", "", "")


def test_the_order_of_names_is_that_of_their_numbers_and_then_of_their_letters() -> None:
    for ordered in (["1", "A", "a", "b", "z", "đ"], "x01.md x1.md x2.md x10.md x10b2.md x10b11.md X11.md".split()):
        assert sorted(set(ordered), key=natural_key) == ordered
    assert natural_key("e\u0301")[:-1] == natural_key("\u00c9")[:-1]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("03_vong_lap-while", "3. Vong lap while"),
        ("0010. ghi chú", "10. Ghi chú"),
        ("7-a", "7. A"),
        ("7 a", "7. A"),
        ("7a", "7a"),
        ("2024", "2024"),
        ("12_", "12"),
        ("_a__b- c_", "A b c"),
        ("___", "___"),
        ("", "_"),
        ("v1.2", "V1.2"),
        ("iPhone", "IPhone"),
        ("e\u0301t", "Ét"),
    ],
)
def test_a_title_is_made_of_a_name(name: str, title: str) -> None:
    assert readable_title(name) == title


# --- texts ---


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Một. Hai.", "Một."),
        ("Một! Hai.", "Một!"),
        ("Một? Hai.", "Một?"),
        ("Một… Hai.", "Một…"),
        ("Một… hai. Ba.", "Một… hai."),
        ("“Một.” Hai.", "“Một.”"),
        ("(Một.) (Hai.)", "(Một.)"),
        ("Một.Hai. Ba.", "Một.Hai."),
        ("一。二。", "一。"),
        ("一！二", "一！"),
        ("一？二", "一？"),
        *((f"Ông {title}. An đi. Hết.", f"Ông {title}. An đi.") for title in "Dr Mr Mrs Ms Prof St No vs cf TS ThS PGS GS BS KS Tp Q P".split()),
        ("Ông AnTS. An đi. Hết.", "Ông AnTS."),
        ("Một 3.5 hai. Ba.", "Một 3.5 hai."),
        ("  Một \n hai  ", "Một hai"),
        ("", ""),
    ],
)  # fmt: skip
def test_where_the_first_sentence_ends(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence


def test_what_is_cut_ends_at_a_word_without_its_comma() -> None:
    for end in (",", ";", ":", " –", "-", ""):
        assert first_sentence("x" * 150 + end + " " + "y" * 60) == "x" * 150 + "…"


@pytest.mark.parametrize(
    ("title", "github", "python"),
    [
        ("Một hai", "một-hai", "mot-hai"),
        ("  A  b-c_d ", "a--b-c_d", "a-b-c_d"),
        ("1.2 – What's new?", "12--whats-new", "12-whats-new"),
        ("O(N²) ① ½", "on--", "on2-1-12"),
        ("Đường", "đường", "uong"),
        ("C++", "c", "c"),
    ],
)
def test_the_anchors_of_a_heading(title: str, github: str, python: str) -> None:
    assert (slugify(title), python_slugs(title)[0]) == (github, python)


def test_an_anchor_is_near_that_has_seven_letters_of_ten() -> None:
    assert near_anchor("abcdefghij", ["abcdefgxyz", "a"]) == "did you mean #abcdefgxyz?"
    assert near_anchor("abcdefghij", ["abcdefwxyz"]) == ""
    # To compare two takes a time that grows with the square of their length, and a lesson may have long ones.
    letters = "".join(map(chr, range(0x4E00, 0x4E00 + 201)))
    assert near_anchor(letters[:200], [letters[1:], letters]) == f"did you mean #{letters[1:]}?"
    assert near_anchor(letters, [letters[1:]]) == ""


def test_a_line_is_found_behind_another_place() -> None:
    text = "a = x\nb\nlinks = [\n y,\n x]\n"
    assert [find_line(text, words) for words in ("a", "x", "b", "y", "nowhere")] == [1, 1, 2, 4, None]
    assert [find_line(text, words, "links") for words in ("x", "a", "nowhere")] == [5, 3, 3]
    assert find_line(text, "nowhere", "neither") is None
    assert find_line(text, "x", "neither") == 1
    assert [find_line("\nlinks\n\na", words, "links") for words in ("links", "a")] == [2, 4]


def test_what_is_told_has_its_place_its_kind_and_its_hint() -> None:
    assert Diagnostic("m", 3, "h", "error").format("a.md") == "a.md:3: m\n  hint: h"
    assert Diagnostic("m", None, "", "warning").format("a.md") == "a.md: warning: m"
    assert Diagnostic("m", 1, severity="note", path="t.html").format("a.md") == "t.html:1: note: m"
    assert show_path("a\x00\x1f\x7f é\udcff") == "a\\x00\\x1f\\x7f é\\xff"


# --- tables of letters ---


def test_what_no_page_may_have_is_what_html_forbids() -> None:
    """WHATWG, 13.2.3.5: controls other than white space, and noncharacters, but for four that the program uses."""
    forbidden = re.compile(f"[{NOT_HTML}]")
    near = [*range(0x300), *range(0xFD00, 0x10100)]
    near += [plane + low for plane in range(0x10000, 0x110000, 0x10000) for low in (0, 1, 0xFFFD, 0xFFFE, 0xFFFF)]
    for code in near:
        control = unicodedata.category(chr(code)) == "Cc" and chr(code) not in "\t\n\r"  # lxml refuses a form feed
        none = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
        own = code in (0xFDD0, 0xFDD1, 0xFDD2, 0xFDD3)
        assert (forbidden.search(chr(code)) is not None) == ((control or none) and not own), hex(code)
        assert (one_line(f"a{chr(code)}b") == "ab") == (control or none) or chr(code).isspace(), hex(code)
    assert one_line("a\ud800b\udfffc") == "abc"


# Of each beginning, how many of the rimes go with it: without a tone, where none ends in a stop, and with the tone sắc.
# None has the `ă` behind it that names the letter.
TAKEN = {
    "": (112, 168),
    "c": (84, 126),
    "g": (93, 138),
    "gh": (27, 42),
    "gi": (109, 165),
    "k": (27, 42),
    "ng": (84, 126),
    "ngh": (27, 42),
}


def count_rimes(onset: str, tone: str) -> int:
    return sum(is_syllable(unicodedata.normalize("NFC", onset + rime[:1] + tone + rime[1:])) for rime in sorted(RIMES))


def test_how_many_rimes_go_with_each_beginning() -> None:
    assert (len(ONSETS), len(RIMES)) == (28, 169)
    for onset in ONSETS:
        assert (count_rimes(onset, ""), count_rimes(onset, "\u0301")) == TAKEN.get(onset, (111, 168)), onset


@pytest.mark.parametrize(
    "word",
    "gì gìn giếng giêng gỉ quý quyển quốc quả kể ké ghế nghỉ nghề cá gà ngà của và là nghiêng khuya ngoằng khuỷu tuýp "
    "xoong oóc yêu ý uống ướt ăn ấm ở đường xích tịch các cạc học tập thịt huých quỳnh khoét choèn rượu hươu".split(),
)
def test_a_word_of_vietnamese_is_a_syllable(word: str) -> None:
    assert is_syllable(unicodedata.normalize("NFC", word))


@pytest.mark.parametrize(
    "word",
    "nă qă mắ ce cê ci cy ge gê nge ngê ngi ka ko kô ku gha gho ngha tich tìch tỉch tĩch cac hoc tap tỉp fa wa za ja ab gr ng đ "
    "họcc tậpp aa ee éé x́ə strength token gẽp quẹtt giế̀ng".split(),
)
def test_another_word_is_none(word: str) -> None:
    assert not is_syllable(unicodedata.normalize("NFC", word))


def test_the_catalogue_of_an_unknown_language_is_the_english_one() -> None:
    assert read_catalogue("xx") == read_catalogue("en") == read_catalogue("en-GB") == read_catalogue("EN")
    assert read_catalogue("vi") == read_catalogue("vi-VN") != read_catalogue("en")
    assert (places_in("{a} %d {b} %s"), places_in("%d.%m.%Y {a}")) == (["%d", "%s", "{a}", "{b}"], [])


# --- sums, and an account without repairs ---


@given(st.binary(max_size=20), st.data())
def test_no_bit_of_what_is_kept_changes_unseen(content: bytes, data: st.DataObject) -> None:
    kept = with_sum(content)
    assert without_sum(kept) == content
    bit = data.draw(st.integers(0, 8 * len(kept) - 1))
    changed = bytearray(kept)
    changed[bit // 8] ^= 1 << bit % 8
    assert without_sum(bytes(changed)) is None
    assert without_sum(kept[:-1]) is None


def test_an_account_may_have_nothing_but_damage_that_is_left() -> None:
    unread = Repair(1, 2, "Ã", "Ã", "unread", 0.0)
    lessons = tuple(
        LessonRepairs(path, path[:-3], RepairSummary("utf-8", 0, ("unread",), (unread,))) for path in ("a/b.md", "c.md")
    )
    found = report_json(ReportInputs("vi", "Khóa", lessons))
    assert Counter(re.findall(r'"(?:share|repaired)": ([0-9.]+)', found)) == {"0": 5, "0.0": 2}


@pytest.mark.parametrize("own", ["/a/mine", "/z/mine"])
def test_a_template_is_shown_with_the_folder_of_the_course_that_brings_it(own: str) -> None:
    folders = [PurePath(own) / "templates", PurePath("/m/project/templates"), PurePath("/p/templates")]
    assert show_template(folders[0], "a/b.html", folders) == "mine/templates/a/b.html"
    assert show_template(folders[1], "b.html", folders) == "templates/b.html"
    assert show_template(folders[2], "b.html", folders) == "default/b.html"


def test_every_fault_of_a_catalogue_is_told_at_once() -> None:
    source = """# words
"alone"
msgid "a"
msgid_plural "b"
msgstr[0] "c"
msgstr "d"

msgid "e"
what is this
msgid "f

msgstr "g"
msgstr "h"
msgctxt "i"
msgid "j"
msgid "k"
msgstr "a \\"quoted\\" word"
msgid "{count} lessons"
msgstr "leçons"
msgid "m"
"""
    assert [(line, told) for line, told, _ in check_catalogue(source)] == [
        (19, "{count} is missing"),
        (2, "a text that belongs to nothing"),
        (4, "plural forms are not read"),
        (5, "plural forms are not read"),
        (9, "this is no line of a catalogue"),
        (10, "a text in quotes does not end on its line"),
        (13, "a msgstr without a msgid before it"),
        (16, "the msgid before this line has no msgstr"),
        (20, "the last msgid has no msgstr"),
    ]


@pytest.mark.parametrize(
    ("cells", "has_sentences"),
    [
        (["x" * 16] * 3, False),
        (["x" * 17, "x", "x"], True),
        (["x", "x", "x" * 17], True),
        (["&lt;" * 16, "<b>" + "x" * 16 + "</b>"], False),
    ],
)
def test_a_table_with_a_cell_longer_than_its_column_has_sentences(cells: list[str], has_sentences: bool) -> None:
    row = "".join(f"<td>{cell}</td>" for cell in cells)
    table = f'<div class="table"><table><tr>{row}</tr></table></div>'
    assert mark_tables(table) == (table.replace('"table"', '"table sentences"') if has_sentences else table)


FORMULA = '<span class="math inline"><math><mi>x</mi></math></span>'


@given(st.lists(st.sampled_from([FORMULA, "(", "[", ")", ",", ".", " ", "từ", "<b>", "</b>", "</span>", "<math>"])))
@example(["(", FORMULA, ")", ",", "từ"])
def test_signs_beside_formulas_change_their_box_and_nothing_else(parts: list[str]) -> None:
    body = "".join(parts)
    held = hold_signs(body)
    tag_re = re.compile("<[^>]*>")
    assert tag_re.sub("", held) == tag_re.sub("", body)
    assert sorted(tag_re.findall(held)) == sorted(tag_re.findall(body))
    assert hold_signs(held) == held
    assert not re.search(r"</math></span>[),.]|[(\[]" + re.escape(FORMULA[:25]) + "<math", held)
