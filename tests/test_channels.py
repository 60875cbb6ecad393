"""What may happen to a text, channel by channel: laws over words and languages of our own."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.legacy import decode_tcvn3
from pipeline.lexicon import count_words
from pipeline.repair import RepairOptions, repair_text
from pipeline.repair.calibration import CONTROLS_DROPPED, DROPPED, LETTERS_LOST, OF_FEW_WORDS, calibrate
from pipeline.repair.codepages import Channel, damage, damage_through, parse_step
from pipeline.repair.entities import find_entities
from pipeline.repair.evidence import weigh
from pipeline.repair.suspicion import is_suspicious, may_have_lost_letters

pytestmark = pytest.mark.usefixtures("models_let_go")

VIETNAMESE = "Chúng tôi đọc sách ở nhà và viết bài tập mỗi ngày, rồi cùng nhau thảo luận."


def save_as_ansi(text: str) -> str:
    """Write a question mark for each letter that windows-1252 has not."""
    return text.encode("cp1252", "replace").decode("cp1252")


@pytest.mark.parametrize(
    "line",
    [
        "Khoảng cách giữa hai điểm",
        "Nhà trường dạy học cả ngày và đêm",
        "Phương pháp học tập của chúng tôi",
        "Kiểm tra kết quả trước khi lưu",
    ],
)
def test_each_question_mark_of_a_text_saved_as_ansi_is_one_letter(line: str) -> None:
    repaired = repair_text(save_as_ansi(line))
    assert repaired.text == line
    assert all(repair.confidence < 0.9 for repair in repaired.repairs), "the letters were looked up, not computed"


@pytest.mark.parametrize("mark", ["\ufffd", "ï¿½"])
def test_a_replacement_character_within_a_word_is_one_letter(mark: str) -> None:
    assert repair_text(f"Tìm c{mark}c bài tập của lớp").text == "Tìm các bài tập của lớp"


@pytest.mark.parametrize(
    "text",
    [
        "Bạn có hiểu không?Hãy trả lời.",
        "Xem /trang?ma=1&b=2 và foo?.bar, a?b:c",
        "colou?r, https?://, really?yes and what?no",
        "Có gì? Không có gì?",
        "Saved as r?sum? in the docs",
    ],
)
def test_a_question_mark_that_stands_for_no_letter_stays(text: str) -> None:
    assert repair_text(text).text == text


def test_a_letter_that_windows_1252_has_not_says_that_no_text_was_saved_in_it() -> None:
    assert may_have_lost_letters("kho?ng")
    assert not may_have_lost_letters("kho?ng cách được")


LINES = {
    "French": "Il va jusqu’à la fin, voilà le problème",
    "Italian": "La verità è che la città sarà bella",
    "Portuguese": "Vamos à praia e à escola; não há razão",
    "Vietnamese": "Nhà trường là nơi bài học này ra đời và ngày càng hoàn chỉnh",
}


@pytest.mark.parametrize("language", LINES)
@pytest.mark.parametrize("page", ["cp1252", "cp1254", "latin-1"])
@pytest.mark.parametrize("aftermath", ["spaces", "merged"])
def test_a_no_break_space_that_was_changed_is_read_in_any_page(language: str, page: str, aftermath: str) -> None:
    line = LINES[language]
    assert repair_text(damage(line, Channel(page, "keep", (aftermath,)))).text == line


@pytest.mark.parametrize("damaged", ["lÃ vÃ", "mÃ lÃ vÃ", "NgÃ i ra ngoÃ i"])
def test_a_capital_behind_a_small_letter_is_evidence_where_no_word_is_sound(damaged: str) -> None:
    assert weigh([damaged]).damaged
    assert not weigh([damaged + " kết quả được"]).damaged


@pytest.mark.parametrize("text", ["They don’t know", "The boy’s book isn’t here", "It’s Ann’s"])
def test_control_characters_that_became_question_marks_are_read(text: str) -> None:
    assert repair_text(damage(text, Channel("latin-1", "question-c1"))).text == text


@pytest.mark.parametrize("word", ["Giá", "Đời", "NĐ", "Ngày", "đẹp"])
def test_a_question_mark_within_a_word_is_a_lost_byte(word: str) -> None:
    line = f"Số 12/{word}-CP và những điều khoản của {word} được ban hành"
    shown = damage(line, Channel("cp1252", "question"))
    assert repair_text(shown).text == line


@pytest.mark.parametrize(
    "line",
    [
        "我们今天学习中文的单位名称",
        "日本語の先生は学校で勉強しています",
        "한국어 문장을 읽습니다",
        "שלום לכולם, זה שיעור ראשון",
        "Ученик читает это каждый день и потом пишет",
        "Учень читає це, але як і завжди пише",
        "Ο μαθητής διαβάζει δύο βιβλία κάθε μέρα",
        "Žák je člověk, který čeká na učitele a večer počítá",
        "Читати далі або ← назад",
    ],
)
@pytest.mark.parametrize("step", ["cp1252-drop", "cp1252-fffd"])
def test_text_of_any_script_that_lost_bytes_comes_back(line: str, step: str) -> None:
    assert repair_text(damage_through(line, parse_step(step))).text == line


def test_what_is_left_of_text_that_is_too_damaged_is_told() -> None:
    damaged = "ƒrƒ…[‚Å“G‚ð•\\Ž¦‚·‚é‚½‚ß‚ÉƒXƒvƒ‰ƒCƒgRAM‚Éƒf[ƒ^‚ð‘‚«ž‚Þƒ‹[ƒ`ƒ“"
    repaired = repair_text(damaged)
    assert repaired.text == damaged
    assert [repair.confidence for repair in repaired.repairs] == [0.0]


@pytest.mark.parametrize("page", ["cp1252", "cp1258", "cp1250", "cp1251", "cp1253"])
@pytest.mark.parametrize("line", ["这是一个中文例子。", "日本語のテキストです。"])
def test_undefined_bytes_that_were_kept_lose_nothing(page: str, line: str) -> None:
    assert repair_text(damage(line, Channel(page, "keep"))).text == line


@pytest.mark.parametrize("word", ["élève", "ñandú", "größer", "Việt"])
@pytest.mark.parametrize("form", ["&#{};", "&#x{:X};"])
def test_letters_that_were_damaged_and_written_as_entities_come_back(word: str, form: str) -> None:
    shown = word.encode().decode("latin-1")
    text = "".join(c if c.isascii() else form.format(ord(c)) for c in shown)
    assert repair_text(f"Un mot : {text}.").text == f"Un mot : {word}."
    assert repair_text(f"Un mot : `{text}`.").text == f"Un mot : `{text}`."


@given(st.lists(st.sampled_from(["&lt;", "&gt;", "&amp;", "&nbsp;", "&eacute;", "&egrave;", "x"])))
@example(["&eacute;", "&nbsp;", "&nbsp;"])
def test_entities_of_sound_text_stay(entities: list[str]) -> None:
    assert find_entities("".join(entities)) == []


def test_the_soft_hyphen_that_is_a_letter_of_tcvn3_may_be_lost() -> None:
    """Its ư; no word has `ơc` or `ơng` without it."""
    assert decode_tcvn3("n\xedc m\xedi".encode("latin-1")) == "nước mới"
    assert decode_tcvn3("n\xad\xedc".encode("latin-1")) == "nước"
    assert repair_text("T«i yªu tiÕng níc m×nh").text == "Tôi yêu tiếng nước mình"


@pytest.mark.parametrize("line", ["「Ta」 trả lời", "『Ta』 trả lời", "【Ta】 trả lời", "nói: 「được」"])
def test_a_bracket_stands_on_its_side(line: str) -> None:
    text = VIETNAMESE + "\n" + line
    assert repair_text(damage(text, Channel("cp1254", "drop"))).text == text


@pytest.mark.parametrize("word", ["Sāriputta", "Moggallāna", "Vāseṭṭha"])
def test_a_word_of_another_language_is_read_by_its_letters(word: str) -> None:
    line = f"Đây là lời của {word} nói với chúng ta"
    assert repair_text(damage(line, Channel("cp1254", "drop"))).text == line


@pytest.mark.parametrize("line", ["Ði đâu về đâu?", "Ðể làm gì? Ðứng lên."])
def test_an_eth_of_older_files_is_a_letter_of_its_word(line: str) -> None:
    text = VIETNAMESE + "\n" + line
    assert repair_text(damage(text, Channel("cp1252", "drop"))).text == text


@pytest.mark.parametrize("heading", ["GIÁM ĐỐC", "SỐ LƯỢNG LỚN", "CHÍNH SÁCH Ở ĐỊA PHƯƠNG"])
def test_among_capitals_a_letter_is_a_capital(heading: str) -> None:
    text = VIETNAMESE + "\n\n# " + heading
    assert repair_text(damage(text, Channel("cp1254", "drop"))).text == text


@given(st.lists(st.sampled_from(["Ích", "Í", "Ổ", "Ñandú", "Ê", "Đ", "Ü"]), min_size=1, max_size=6))
def test_a_line_without_a_sign_of_damage_stays_in_a_damaged_text(words: list[str]) -> None:
    line = "# " + " ".join(words)
    assert repair_text(f"{line}\n" * 20 + "Ã\xadch").text.startswith(f"{line}\n" * 20)


@pytest.mark.parametrize("table", [DROPPED, OF_FEW_WORDS, CONTROLS_DROPPED, LETTERS_LOST])
def test_confidence_rises_with_the_share_of_the_probability(table: tuple[tuple[float, float], ...]) -> None:
    found = [calibrate(share / 1000, table) for share in range(1001)]
    assert found == sorted(found)
    assert calibrate(0.99, table) < 0.99, "a share is too sure of itself"


def test_pairs_of_the_course_tell_words_apart_that_lose_the_same() -> None:
    """`vờ` and `vỏ` are left alike; the course has one of them beside a word that no other text has it beside."""
    sound = ["Cái vờ kxua đẹp. Cái vờ kxua này."] * 20
    line = "Anh nhìn cái vờ kxua hôm nay"
    damaged = damage(VIETNAMESE + "\n" + line, Channel("cp1254", "drop"))
    assert repair_text(damaged).text != VIETNAMESE + "\n" + line
    assert repair_text(damaged, RepairOptions(lexicon=count_words(sound))).text == VIETNAMESE + "\n" + line


@pytest.mark.parametrize("text", ["a;&b &lt;&gt;", "quâ?", "Romania: mâine", "“â” is a letter", "x ? y ?z"])
def test_what_only_resembles_a_sign_is_not_suspicious(text: str) -> None:
    assert not is_suspicious(text) or repair_text(text).text == text


@pytest.mark.parametrize("name", ["Łukasz Ł. Nowak", "Ōno Ł. Kaiser", "Łódź"])
def test_a_letter_alone_before_a_full_stop_is_a_capital(name: str) -> None:
    text = VIETNAMESE + "\n" + damage(name, Channel("cp1254", "drop"))
    assert " ō." not in repair_text(text).text


@pytest.mark.parametrize("page", ["cp1252", "cp1254", "cp1250", "cp1257"])
@pytest.mark.parametrize("name", ["NĐ-CP", "QĐ-TTg", "CĐ-TTg", "NĐ", "QĐ/TW"])
def test_an_abbreviation_is_of_capitals_alone(name: str, page: str) -> None:
    """Its word in small letters, with the first one a capital, is no word: no `nă` and no `qă` is."""
    text = f"{VIETNAMESE} Theo văn bản số 7/{name} này thì cơ quan báo cáo kết quả hằng năm."
    assert repair_text(damage(text, Channel(page, "drop"))).text == text


@pytest.mark.parametrize(
    ("text", "damaged"),
    [
        ("nó nhỏ đi", "nÃ³ nhá»? Ä‘i"),
        ("họ bỏ nhà ra đi", "há»? bá»? nhÃ\xa0 ra Ä‘i"),
        ("chờ một lát", "chá»? má»™t lÃ¡t"),
        ("⚠️ chú ý", "âš\xa0ï¸? chÃº Ã½"),
    ],
)
def test_a_question_mark_before_a_small_letter_ends_no_sentence(text: str, damaged: str) -> None:
    """A byte is lost there that became one; before a capital, or at the end, someone may ask."""
    assert repair_text(damaged).text == text
    asked = damage("Con có chờ? Bố về rồi", Channel("cp1252", "drop"))
    assert repair_text(asked).text.count("?") == 1
