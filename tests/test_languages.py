"""Fragments of other languages in the channels that they are met in: what comes back, and how sure that is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.repair import repair_text
from pipeline.repair.codepages import ISO_PAGES, Channel, damage
from pipeline.repair.engine import Engine
from pipeline.repair.foreign import loses_controls
from pipeline.repair.model import load_model
from pipeline.repair.plausibility import is_strange, weigh_text
from pipeline.repair.transcoding import undo_utf8

pytestmark = pytest.mark.usefixtures("models_let_go")

# Of repairs said to be so sure nobody looks at one.
SURE = 0.9
PHRASES = {
    "Russian": "Настройки новой программы",
    "Ukrainian": "Знову цвіте старий каштан",
    "Greek": "Πρώτη σελίδα της ιστορίας",
    "Hebrew": "הספר החדש של הספרייה",
    "Arabic": "كتاب جديد في المكتبة",
    "Hindi": "किताब घर में रखी है",
    "Czech": "Stará lípa u cesty znovu kvete",
    "French": "le train de nuit arrive à sept heures",
    "Japanese": "山の上の寺へ行く道",
}
# What shows a letter of Latin as letters of another script, signs and lines of boxes.
FOREIGN_PAGES = ("cp866", "koi8-r", "cp1256", "cp874", "gbk", "cp932", "cp949")


def show(text: str, page: str, *, lost: str = "") -> str:
    """Read the UTF-8 of a text in a page, with something in place of the bytes that it leaves undefined."""
    return "".join(bytes((byte,)).decode(page, "ignore") or lost for byte in text.encode("utf-8"))


@pytest.mark.parametrize("page", ["latin-1", "cp1252", "cp1250", "iso8859-2", "cp1258"])
@pytest.mark.parametrize("language", PHRASES)
def test_a_few_words_that_lost_nothing_come_back(language: str, page: str) -> None:
    text = PHRASES[language]
    assert repair_text(damage(text, Channel(page, "keep"))).text == text


@pytest.mark.parametrize("text", ["Если есть слова", "χρήσης και άδειες", "Настройка сервера"])
def test_a_question_mark_within_a_word_of_any_language_is_a_lost_byte(text: str) -> None:
    damaged = show(text, "cp1252", lost="?")
    assert "?" in damaged
    assert repair_text(damaged).text == text


@pytest.mark.parametrize("loss", ["question", "question-hyphen"])
@pytest.mark.parametrize(
    "text", ["しるしとして本を入れる", "これはとても長いです", "אל תלך לבד מכאן", "un período aquí"]
)
def test_a_question_mark_is_a_lost_byte_before_what_is_left_of_the_letter_too(text: str, loss: str) -> None:
    damaged = damage(text, Channel("cp1252", loss))
    repaired = repair_text(damaged)
    assert repaired.text == text
    assert "?" in damaged or loss == "question"
    assert all(repair.confidence < SURE for repair in repaired.repairs if "?" in repair.before)


@pytest.mark.parametrize("text", ["NÃO ENTRAR AGORA", "FELIZ AÑO NUEVO", "ENVÍO DE PRUEBA"])
def test_a_question_mark_between_capitals_is_what_is_left_of_one(text: str) -> None:
    assert repair_text(damage(text, Channel("latin-1", "question-c1"))).text == text


@pytest.mark.parametrize("text", ["AMANHÃ? SIM", "AMANHÃ?", "É AMANHÃ?SIM, É JÁ", "irmã?"])
def test_a_question_stays(text: str) -> None:
    assert repair_text(text).text == text


@pytest.mark.parametrize("page", ["cp1252", "cp1254"])
@pytest.mark.parametrize("text", ["Índice à direita, página três"])
def test_of_readings_one_that_is_a_listed_word_is_better_than_letters_that_stand_well_together(
    text: str, page: str
) -> None:
    assert repair_text(damage(text, Channel(page, "drop", ("spaces",)))).text == text


@pytest.mark.parametrize("text", ["em relação àquela hora", "voltou àquele lugar três vezes", "vai à feira"])
def test_a_no_break_space_made_plain_within_a_word_joins_it(text: str) -> None:
    assert repair_text(damage(text, Channel("cp1252", "keep", ("spaces",)))).text == text


@pytest.mark.parametrize("text", ["Obre el mòdul xòfix", "la zòmba"])
def test_a_word_in_no_list_is_read_where_it_lost_nothing_and_is_no_word_as_it_stands(text: str) -> None:
    assert repair_text(damage(text, Channel("cp1252", "keep"))).text == text


@pytest.mark.parametrize("frame", ["`{}`", "- `{}`", "```\n{}\n```", "<code>{}</code>"])
def test_a_text_without_a_word_outside_of_code_is_read_there(frame: str) -> None:
    text = frame.format("open {{dossier/été}}")
    damaged = damage(text, Channel("cp1252", "keep"))
    assert repair_text(damaged).text == text
    assert repair_text(f"As it was:\n\n{damaged}").text == f"As it was:\n\n{damaged}"
    assert repair_text(damaged.replace("open", "utf-8")).text == damaged.replace("open", "utf-8")


@pytest.mark.parametrize("page", FOREIGN_PAGES)
@pytest.mark.parametrize("text", ["le repas est préparé ici", "una canción popular"])
def test_one_letter_in_another_script_within_a_word_is_read(text: str, page: str) -> None:
    damaged = text.encode("utf-8").decode(page)
    assert repair_text(damaged).text == text


def test_a_word_of_signs_that_pages_show_of_hebrew_is_damage_and_a_product_is_none() -> None:
    assert repair_text("×©×œ×•×\x9d").text == "שלום"
    assert repair_text("3×½ ×2 ×·").text == "3×½ ×2 ×·"


def test_where_another_reading_is_nearly_as_good_none_is_sure() -> None:
    shown = "לא מסווג".encode("cp1255").decode("cp1252")  # Hebrew, or Cyrillic that is no worse
    assert all(repair.confidence < SURE for repair in repair_text(shown).repairs)


@pytest.mark.parametrize("text", ["બુદ્ધિ અને સ્વાસ્થ્ય", "ముద్దు పుస్తకం"])
def test_a_few_words_that_would_be_damaged_still_after_their_repair_stay_and_are_told(text: str) -> None:
    twice = show(show(text, "cp1252"), "cp1252")
    repaired = repair_text(twice)
    assert repaired.text == twice
    assert repaired.repairs
    assert all(repair.confidence == 0.0 for repair in repaired.repairs)


@pytest.mark.parametrize("loss", ["drop", "fffd"])
@pytest.mark.parametrize("page", ["cp1252", "cp1250", "cp1258"])
@pytest.mark.parametrize("text", ["बुद्धि और स्वास्थ्य", "हिन्दी में पढ़ें", "বন্ধুর সাথে দেখা হবে", "அவன் வந்தான்"])
def test_words_of_india_are_read_by_the_letters_and_vowel_signs_of_their_language(
    text: str, page: str, loss: str
) -> None:
    assert repair_text(damage(text, Channel(page, loss))).text == text


def test_a_word_of_cyrillic_that_each_line_begins_with_is_no_damage() -> None:
    text = "\n".join(f"Ці {word} старая дарога?" for word in ("відна", "чутна", "добрая", "доўгая", "новая"))
    repaired = repair_text(text)
    assert repaired.text == text
    assert not repaired.repairs


@pytest.mark.parametrize("text", ["कर", "और", "ঝড়"])
def test_a_reading_is_not_sure_where_nothing_shows_that_the_page_has_signs_for_controls(text: str) -> None:
    damaged = damage(text, Channel("latin-1", "drop-c1"))
    repairs = repair_text(f"{damaged} ({'x' * 8})\n\n{'a b ' * 30}").repairs
    assert all(repair.confidence < SURE for repair in repairs)


@pytest.mark.parametrize(
    "text",
    [
        "Каждый ученик может решить задачу и потом проверить свой ответ",
        "Кожен учень може розв'язати задачу і потім перевірити свою відповідь",
    ],
)
def test_no_chain_of_misreadings_of_vietnamese_is_tried_on_text_in_another_script(text: str) -> None:
    """Each word of a chain has as many readings as its channels have together: a page took 20 seconds."""
    twice = Channel("cp1252", "drop")
    engine = Engine(load_model)
    engine.repair("\n\n".join([damage(damage(text, twice), twice)] * 12))
    assert {len(chain) for chain in engine.chains.tables} == {1}


HALVES = [
    "вот слово щщщэщ и ещё слова",
    "до вокзала эщщ дорогою",
    "किताब घर में हिन्दी में रखी है",
    "στο χωριό μας ώώωχ και πάλι",
]


@pytest.mark.parametrize("text", HALVES)
@pytest.mark.parametrize("page", ["cp1252", "cp1250", "cp1253", "cp1257"])
def test_a_few_words_are_mended_whole_or_stay_and_are_told(text: str, page: str) -> None:
    """Where one of them has no reading the text says too little of what happened to it."""
    damaged = show(text, page)
    repaired = repair_text(damaged)
    words = set(damaged.split())
    assert repaired.text == damaged or words.isdisjoint(word for word in repaired.text.split() if not word.isascii())
    assert repaired.repairs


@pytest.mark.parametrize("text", HALVES[2:3])
def test_in_a_document_what_lost_nothing_comes_back_whatever_stands_beside_it(text: str) -> None:
    """The page is known there, and a word that lost no byte has one reading."""
    document = "\n\n".join([text] * 8)
    mended = repair_text(show(document, "cp1252")).text.split()
    kept = [word for word in text.split() if len(show(word, "cp1252")) == len(word.encode())]
    assert 0 < len(kept) < len(text.split())
    assert all(mended.count(word) == document.split().count(word) for word in kept)


@pytest.mark.parametrize("page", ISO_PAGES)
@pytest.mark.parametrize("language", ["Russian", "Ukrainian", "Greek", "Hebrew", "Arabic", "Hindi"])
def test_text_whose_letters_are_lost_by_half_stays_and_is_told(language: str, page: str) -> None:
    damaged = damage(PHRASES[language], Channel(page, "drop-c1"))
    assert loses_controls(damaged)
    repaired = repair_text(damaged)
    assert repaired.text == damaged
    assert repaired.repairs
    assert not loses_controls(damage(PHRASES[language], Channel("cp1252", "drop")))


@pytest.mark.parametrize("page", ["cp1252", "cp1254", "cp1250", "cp1251", "cp1253"])
@given(st.sampled_from(sorted(PHRASES)), st.data())
def test_no_reading_of_a_few_words_that_lost_bytes_is_wrong_and_sure(
    page: str, language: str, data: st.DataObject
) -> None:
    words = data.draw(st.lists(st.sampled_from(PHRASES[language].split()), min_size=2, max_size=5))
    text = " ".join(words)
    repaired = repair_text(damage(text, Channel(page, "drop")))
    assert repaired.text == text or all(repair.confidence < SURE for repair in repaired.repairs)
    assert "\ufffd" not in repaired.text


@pytest.mark.parametrize("page", ISO_PAGES)
def test_a_page_that_loses_its_controls_is_told_from_one_that_shows_them(page: str) -> None:
    text = "Văn bản gốc được lưu lại để các bạn đọc, sau đó sửa lỗi và gửi cho nhóm."
    repaired = repair_text(damage(text, Channel(page, "drop-c1")))
    assert {step.partition("-drop")[0] for step in repaired.steps} == {page}
    right = sum(left == word for left, word in zip(repaired.text.split(), text.split(), strict=True))
    assert right >= 0.8 * len(text.split())
    assert all(repair.after in text for repair in repaired.repairs if repair.confidence >= SURE)


@pytest.mark.parametrize("text", ["Настройки", "Новая страница", "Эта старая книга"])
def test_a_word_with_a_capital_is_read_by_its_letters(text: str) -> None:
    assert repair_text(show(text, "cp1254")).text == text


def test_a_document_of_greek_that_shows_no_letter_of_one_page_is_another_page_s() -> None:
    text = "Ο χώρος είναι ανοιχτός και η πρώτη αίθουσα έχει θέα στη θάλασσα."
    for page in ("cp1252", "cp1254"):
        assert repair_text(show(text, page)).text == text


@pytest.mark.parametrize("text", ["Νέα Πλατεία", "Белая Река", "בני נוער", "celé Šumavy"])
@pytest.mark.parametrize("page", ["cp1252", "latin-1"])
def test_the_no_break_space_of_a_capital_may_be_a_plain_one(text: str, page: str) -> None:
    damaged = damage(text, Channel(page, "keep", ("spaces",)))
    assert damaged != damage(text, Channel(page, "keep"))
    assert repair_text(damaged).text == text


@pytest.mark.parametrize("text", ["le train arrive à Lyon", "va à la gare"])
@pytest.mark.parametrize("page", ["latin-1", "iso8859-2", "cp1250"])
def test_a_capital_alone_before_a_no_break_space_is_a_letter(text: str, page: str) -> None:
    assert repair_text(damage(text, Channel(page, "keep"))).text == text


@pytest.mark.parametrize("text", ["là một", "và xem", "mà không"])
def test_the_commoner_of_two_words_is_read_where_spaces_may_be_merged(text: str) -> None:
    assert repair_text(damage(text, Channel("cp1252", "drop", ("merged",)))).text == text


@pytest.mark.parametrize(
    ("sound", "strange"), [("δρόμος", "δρόμοψ"), ("Straße", "Straíe"), ("दिन", "िदन"), ("İzmir", "İzmиr")]
)
def test_letters_are_weighed_as_their_languages_have_them(sound: str, strange: str) -> None:
    assert weigh_text(sound) > weigh_text(strange)


@pytest.mark.parametrize("words", PHRASES.values())
def test_no_word_of_a_language_is_strange(words: str) -> None:
    assert not any(map(is_strange, words.split()))


def test_a_page_that_would_have_characters_that_do_not_exist_is_not_the_page() -> None:
    assert undo_utf8("Ξ€", "cp1253") == "\u0380"  # in ISO 8859-7 without its controls it is what is left of `Τ`
    assert "\u0380" not in repair_text("Ξ€ΞΏ ΞΊΞ±ΞΉ Ξ½Ξ­Ξ±").text


@pytest.mark.parametrize(
    ("damaged", "sound"),
    [
        ("une Ã©cole Ã  la mer", "une école à la mer"),
        ("un mot, bien sensible Ã  la casse", "un mot, bien sensible à la casse"),
        ("Ãœberall unter den Linden", "Überall unter den Linden"),
        ("ÃƒÅ“bung", "Übung"),
        ("la canci√≥n, ≈ºe", "la canción, że"),
        ("una vez, ├¿ la luna", "una vez, è la luna"),
        ("novΓ╜ ┼╛ivot", "novΓ╜ ┼╛ivot"),
        ("Ende тАУ Anfang", "Ende – Anfang"),
        ("die √∂ffentliche Seite", "die öffentliche Seite"),
        ("il va √† Lyon", "il va à Lyon"),
        ("bu PR'Ä± okumak", "bu PR'ı okumak"),
        ("@alle Ð²", "@alle в"),
    ],
)
def test_one_letter_is_read_where_no_word_has_what_is_shown_of_it(damaged: str, sound: str) -> None:
    assert repair_text(damaged).text == sound


@pytest.mark.parametrize(
    "text",
    ["√2 ≈ 1,414", "a≈π", "│été│", "├── été", "x√π", "√∂f", "5 Å±0.1", "Ş ½", "3×½×¾", "APIのキー", "Δt in μs", "1½kg"],
)
def test_what_resembles_it_stays(text: str) -> None:
    repaired = repair_text(f"Here is {text} as it is written.")
    assert repaired.text == f"Here is {text} as it is written."
    assert not repaired.repairs


@pytest.mark.parametrize("aftermath", ["quotes", "stripped"])
@pytest.mark.parametrize("page", ["cp1252", "cp1254"])
def test_what_an_editor_did_afterwards_is_read_in_a_document(page: str, aftermath: str) -> None:
    text = (
        "Nhà trường và các thầy cô đã làm việc cả ngày. Tài liệu này được viết để hành khách đọc.\n"
        "Đề bài có hai phần, Ở đây là phần đầu; đừng quên bảng điểm của từng nhóm và ngày nộp bài.\n"
    )
    damaged = "\n".join(damage(line, Channel(page, "drop", (aftermath,))) for line in text.split("\n"))
    repaired = repair_text(damaged)
    right = sum(left == word for left, word in zip(repaired.text.split(), text.split(), strict=True))
    assert right >= 0.9 * len(text.split())
    assert any(aftermath in step for step in repaired.steps)


def test_a_line_is_as_sure_as_all_of_its_words_together() -> None:
    words = "снова страна среди слово свет семья сила система состав сторона".split()
    few, many = (
        repair_text(show("Текст.\n" * 30 + " ".join(words[:count]), "cp1252")).repairs[-1].confidence
        for count in (3, len(words))
    )
    assert many < few


@pytest.mark.parametrize("text", ["Verás una página más tarde, también el niño", "Žluťoučký kůň úpěl celý večer"])
@pytest.mark.parametrize("page", ["iso8859-2", "iso8859-7", "cp850", "cp437", "cp1253"])
def test_where_pages_read_a_document_otherwise_the_one_of_the_words_is_taken(text: str, page: str) -> None:
    damaged = show(text, page)
    for byte in text.encode():
        if not bytes((byte,)).decode(page, "ignore"):
            pytest.skip("the page does not show every byte")
    assert repair_text(damaged).text == text


@pytest.mark.parametrize("behind", ["`code`", "@name", "[link](a.md)", "2 слова"])
def test_the_space_between_words_is_no_part_of_a_letter(behind: str) -> None:
    text = f"А {behind} сохранит значение по умолчанию." + " Потом мы увидим результат в окне." * 3
    assert f" {behind} " in repair_text(show(text, "cp1252").replace("\xad", "")).text


def test_a_reading_of_letters_that_no_language_has_is_not_sure() -> None:
    repaired = repair_text(show(show("Více informací", "cp1252").replace("\xad", ""), "cp1252").replace("\xad", ""))
    assert all(repair.confidence < SURE or repair.after in "Více informací" for repair in repaired.repairs)


@pytest.mark.parametrize("text", ["पानी ठंडा है, सब कुछ ठीक है", "नदी के पास आठ पेड़ हैं"])
@pytest.mark.parametrize("page", ["latin-1", "cp1252"])
def test_a_vowel_sign_stands_behind_its_letter(text: str, page: str) -> None:
    """The space before it was the last byte of that letter."""
    damaged = damage(text, Channel(page, "keep", ("spaces",)))
    assert damaged != damage(text, Channel(page, "keep"))
    assert repair_text(damaged).text == text


@pytest.mark.parametrize("page", ["mac-roman", "cp1252"])
@pytest.mark.parametrize(
    "text",
    [
        "> แม่น้ำสายนี้ยาวมาก\n\n- ดูแม่น้ำ:\n\n`show {{แม่น้ำ}}`\n\n- วัดความยาว:\n\n`measure {{ชื่อ}} {{ยาว}}`\n",
        "# नदी\n\nयह नदी बहुत लंबी है\n\n```\nx = 1  // नदी की लंबाई\n```\n\nऔर यह पहाड़ ऊँचा है\n",
    ],
)
def test_what_lost_nothing_is_read_to_the_last_byte_in_code_too(text: str, page: str) -> None:
    assert repair_text(damage(text, Channel(page, "keep"))).text == text
