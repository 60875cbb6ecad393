"""Damage that stays as it is: it is told in any form that it has; and what only resembles it is not."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.repair import repair_text
from pipeline.repair.codepages import Channel, damage
from pipeline.repair.engine import Engine
from pipeline.repair.model import Model
from pipeline.repair.review import UNREAD

FORMS = {
    "quoted-printable": "={:02X}",
    "hexadecimal": "\\x{:02x}",
    "octal": "\\{:03o}",
    "escapes of what was misread": "\\u00{:02X}",
}
LINES = {
    "German": "Über die Höhe der Bäume, größer als je: süße Äpfel und ein müder Wärter.",
    "Russian": "Каждый вечер ветер гонит по площади сухие листья и обрывки газет.",
    "Greek": "Το πρωί οι ψαράδες γυρίζουν στο λιμάνι με άδεια δίχτυα.",
    "Japanese": "山の上の寺まで、石の階段が続いている。 猫が一匹、日なたで眠る。",
    "Chinese": "村口有一棵老槐树， 夏天的傍晚， 人们坐在树下乘凉， 讲着旧事。",
    "Thai": "ตลาดเช้าริมคลองมีเรือขายผลไม้และดอกไม้หลายลำ",
}


def list_unread(text: str) -> list[str]:
    repaired = repair_text(text)
    assert repaired.text == text
    assert all(repair.step == UNREAD for repair in repaired.repairs)
    return [repair.before for repair in repaired.repairs]


@pytest.mark.parametrize("form", FORMS)
@given(
    st.text(st.characters(min_codepoint=0xC0, max_codepoint=0x4DFF, categories=("Ll", "Lo")), min_size=1, max_size=5)
)
def test_letters_written_out_as_bytes_are_told_outside_of_code(form: str, letters: str) -> None:
    written = "".join(map(FORMS[form].format, letters.encode()))
    assert list_unread(f"The road to the har{written}bour.") == [written]
    assert not list_unread(f"The road to the `har{written}bour`.")
    assert not list_unread(f"UTF-8 writes it as har{written}bour.")


@pytest.mark.parametrize("word", ["formaciu00f3n", "mu00fasica", "cafu00e9"])
def test_a_letter_whose_escape_lost_its_backslash_is_told(word: str) -> None:
    assert list_unread(f"una {word} larga") == [word]


@pytest.mark.parametrize(
    "text",
    ["a=B1=C2", r"$\xi + \xe$ and \300 men", "u00f3", "#u00f300", r"C:\u00e9", "?a=C3&b=A9", "key=DE=AD", r"\xff\xfe"],
)
def test_what_is_no_letter_in_bytes_is_not_told(text: str) -> None:
    assert not list_unread(f"Wert {text} hier")


@pytest.mark.parametrize("language", ["Chinese", "Japanese"])
@pytest.mark.parametrize("page", ["gbk", "cp932", "cp949"])
def test_what_is_left_of_text_that_east_asia_shows_is_told(language: str, page: str) -> None:
    left = LINES[language].encode().decode(page, "ignore")
    repaired = repair_text(left)
    assert repaired.repairs


def test_what_is_left_of_thai_that_its_own_page_shows_is_told() -> None:
    assert list_unread(LINES["Thai"].encode().decode("cp874", "ignore"))


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_sound_text_of_these_scripts_is_not_told(line: str) -> None:
    assert not list_unread(line)


@pytest.mark.parametrize("text", ["Hµ T©y", "d¹y häc", "m¸y tÝnh"])
def test_a_few_words_of_before_unicode_are_told_or_read(text: str) -> None:
    assert repair_text(text).repairs


@pytest.mark.parametrize(
    "text", ["col·laboració i instal·lar", "10 µm und 20 µl", "x¹ y² é", "Brand® Café®", "año 1ª, 2º"]
)
def test_signs_beside_letters_are_no_vietnamese(text: str) -> None:
    assert not list_unread(text)


@pytest.mark.parametrize("text", [r"(?P<year>\d+) (?P<name>x)", r"(?P<a>x)|(?P<b>y)|(?P<c>z)"])
def test_code_of_regular_expressions_has_no_lost_letters(text: str) -> None:
    assert not list_unread(f"pattern: {text}\n\nprint the pattern and return the first match\n")


def unread_model() -> Model:
    raise AssertionError("the model is read")


@pytest.mark.parametrize("language", ["German", "Russian", "Greek", "Japanese", "Chinese"])
@pytest.mark.parametrize("page", ["cp1252", "latin-1", "cp1251", "cp1250", "mac-roman", "cp437", "cp850"])
def test_text_that_lost_nothing_is_read_without_the_model(language: str, page: str) -> None:
    shown = "".join(bytes((byte,)).decode(page, "ignore") or chr(byte) for byte in range(256))
    text = "\n".join([LINES[language]] * 2 + ["Ende"])
    damaged = codecs.charmap_decode(text.encode(), "strict", shown)[0]
    assert Engine(unread_model).repair(damaged).text == text


@pytest.mark.parametrize("language", ["German", "Russian", "Greek"])
def test_lines_that_lost_nothing_come_back_in_a_text_that_lost_bytes(language: str) -> None:
    channel = Channel("cp1252", "drop")
    lines = [LINES[language], "Ärger, Öde, Übel: größere Sätze.", "два слова: дым и ветер", "ωραίος καιρός"] * 2
    repaired = repair_text("\n".join(damage(line, channel) for line in lines)).text.split("\n")
    kept = [at for at, line in enumerate(lines) if damage(line, channel) == damage(line, Channel("cp1252", "keep"))]
    assert kept
    assert all(repaired[at] == lines[at] for at in kept)


@pytest.mark.parametrize("word", ["हिन्दी", "नमस्ते", "বাংলা"])
def test_letters_of_a_script_without_word_lists_are_not_guessed(word: str) -> None:
    damaged = damage(f"{word} {word}", Channel("cp1252", "drop"))
    repaired = repair_text(damaged)
    assert repaired.text in (damaged, f"{word} {word}")
    assert repaired.repairs


@pytest.mark.parametrize("damaged", ["Há»c táºp má»—i ngÃ y", "Ð½Ð¾Ð²Ð°Ñ ÐºÐ½Ð¸Ð³Ð°", "cafÃ© crÃ¨me", "Sound words"])
def test_letters_written_out_as_bytes_are_told_beside_what_is_repaired(damaged: str) -> None:
    repairs = repair_text(f"{damaged}\n\nThe road to the har=C3=A9bour.\n").repairs
    assert [repair.before for repair in repairs if repair.line == 3] == ["=C3=A9"]
    assert len(repairs) > (damaged != "Sound words")
