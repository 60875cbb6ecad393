"""What readings and texts are weighed by: laws, then rows. `golden/readings.txt` shows the weights of many words."""

from collections.abc import Callable
from unicodedata import name, normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import SOUND_WORDS

from pipeline.repair import emoji, repair_text
from pipeline.repair.chains import Chains, _show_pairs, _Signatures
from pipeline.repair.codepages import CODE_PAGES, Channel, damage, damage_table, damage_through, parse_step
from pipeline.repair.evidence import weigh
from pipeline.repair.foreign import _may_be_signs, _read_word
from pipeline.repair.general import find_span
from pipeline.repair.model import load_model
from pipeline.repair.plausibility import name_script
from pipeline.repair.readings import make_reader
from pipeline.repair.suspicion import is_suspicious
from pipeline.repair.wordtable import WordTable

pytestmark = pytest.mark.usefixtures("models_let_go")

# The beginning of a letter's name in Unicode, a block that has such letters, and its script here.
BLOCKS = [
    ("LATIN", 0xC0, 0x24F, "latin"),
    ("LATIN", 0x1E00, 0x1EFF, "latin"),
    ("GREEK", 0x370, 0x3FF, "greek"),
    ("GREEK", 0x1F00, 0x1FFF, "greek"),
    ("CYRILLIC", 0x400, 0x52F, "cyrillic"),
    ("ARMENIAN", 0x530, 0x58F, "armenian"),
    ("HEBREW", 0x590, 0x5FF, "hebrew"),
    ("ARABIC", 0x600, 0x6FF, "arabic"),
    ("ARABIC", 0xFB50, 0xFDFF, "arabic"),
    ("ARABIC", 0xFE70, 0xFEFF, "arabic"),
    ("CJK", 0x2E80, 0x9FFF, "han"),
    ("HIRAGANA", 0x3040, 0x309F, "han"),
    ("KATAKANA", 0x30A0, 0x30FF, "han"),
    ("HANGUL SYLLABLE", 0xAC00, 0xD7A3, "hangul"),
    ("CJK COMPATIBILITY", 0xF900, 0xFAFF, "han"),
    ("HALFWIDTH", 0xFF61, 0xFFDC, "half"),
    ("CJK", 0x20000, 0x2FFFF, "han"),
]


@pytest.mark.parametrize(("begins", "first", "last", "script"), BLOCKS)
def test_a_letter_has_the_script_of_its_name(begins: str, first: int, last: int, script: str) -> None:
    named = [chr(code) for code in range(first, last + 1) if name(chr(code), "").startswith(begins)]
    assert named
    assert {letter for letter in named if name_script(letter) != script} == set()


@given(st.text(st.sampled_from("ÃÄâ€™º»áÐÑ°±aa"), max_size=40))
def test_signatures_are_counted_as_one_counts_them(sample: str) -> None:
    pairs = {page: [*shown, "ÃÃ", "aa"] for page, shown in _show_pairs((b"\xc3\xa1", b"\xe2\x80", b"\xd0\xb0")).items()}
    assert _Signatures(pairs).count(sample) == {page: sum(map(sample.count, shown)) for page, shown in pairs.items()}


@given(st.lists(st.sampled_from(SOUND_WORDS), min_size=6, max_size=30), st.data())
def test_marks_of_lost_letters_are_read_alike_when_they_were_damaged_again(
    words: list[str], data: st.DataObject
) -> None:
    lost = data.draw(st.lists(st.booleans(), min_size=len(words), max_size=len(words)))
    text = " ".join(
        "".join(letter if letter.isascii() else "\ufffd" for letter in word) if gone else word
        for word, gone in zip(words, lost, strict=True)
    )
    assert repair_text(text.replace("\ufffd", "ï¿½")).text.replace("ï¿½", "\ufffd") == repair_text(text).text


@pytest.mark.parametrize("pair", [("gọi", "gửi"), ("nhờ", "nhỏ"), ("mỏ", "mờ"), ("mời", "mọi")])
def test_a_word_in_doubt_is_the_one_that_the_text_says_elsewhere(pair: tuple[str, str]) -> None:
    channel = Channel("cp1254", "drop")
    left = {damage(word, channel) for word in pair}
    assert len(left) == 1
    doubtful = damage("Đây là một câu về cách viết.\n", channel) + left.pop()
    for word in pair:
        sound = f"Đã có chữ {word} ở đây, và {word} nữa, hay {word}.\n" * 2
        assert repair_text(sound + doubtful).text.endswith("\n" + word)


@pytest.mark.parametrize(("word", "said"), [("gọi", "gọi điện thoại cho nhau"), ("gửi", "gửi thư cho nhau")])
def test_a_word_in_doubt_is_the_one_that_was_read_surely_elsewhere(word: str, said: str) -> None:
    text = f"Họ đã {said}, rồi lại {said}.\nHọ còn {said} mỗi ngày.\n\n{word}"
    assert repair_text(damage(text, Channel("cp1254", "drop"))).text == text


@given(st.text(max_size=8), st.text(max_size=8))
def test_no_fewer_soft_hyphens_than_none_were_lost(text: str, word: str) -> None:
    for aftermath in ((), ("spaces",), ("merged",)):
        table = WordTable((Channel("cp1252", "drop", aftermath),), load_model)
        lost = 0 if not aftermath else sum(character.encode()[1:] == b"\xad" for character in text)
        assert table.count_hyphens(text, word) == max(0, lost - word.count("\xad"))


@pytest.mark.parametrize("page", CODE_PAGES[:2])
def test_an_emoji_may_be_signs_and_a_word_of_letters_may_not(page: str) -> None:
    table = Chains(load_model).table((Channel(page, "drop"),))
    for text in ("🐍", "⭐⭐", "🏛️", "👨‍👩‍👧"):
        assert _may_be_signs(damage(text, table.chain[0]), table)
    for text in ("привет", "ありがとう", "학습", "été"):
        assert not _may_be_signs(damage(text, table.chain[0]), table)


@pytest.mark.parametrize("page", CODE_PAGES)
def test_one_emoji_is_sign_enough_of_a_page_that_shows_its_first_bytes(page: str) -> None:
    shown = b"\xf0\x9f".decode(page, "ignore")
    for sign in "🐍😀🚀🏛🧮":
        assert len(shown) < 2 or is_suspicious(f"Xin {damage(sign, Channel(page, 'drop'))}!")


UNLISTED = "नमस्ते दुनिया कक्षा বাংলা ভাষা தமிழ் மொழி తెలుగు ಕನ್ನಡ മലയാളം ગુજરાતી ქართული ენა አማርኛ ภาษา ລາວ ភាសា සිංහල".split()


@pytest.mark.parametrize("page", CODE_PAGES)
def test_a_word_of_a_script_without_a_list_is_read_as_it_was_or_left(page: str) -> None:
    """Nothing tells which of two readings is a word."""
    table = Chains(load_model).table((Channel(page, "drop"),))
    for word in UNLISTED:
        damaged = damage(word, table.chain[0])
        assert _read_word(damaged, table, "")[0] in (word, damaged)


@pytest.mark.parametrize(
    ("heading", "others"),
    [
        ("🎛️ Tuning strategies", "🏛️"),
        ("🏛️ System architecture", "🎛️"),
        ("🔐 Security and authentication", "🔍🔎🔏"),
        ("🔍 Search", "🔐🔁"),
        ("🏗️ Build and architecture", "🐍🎉"),
    ],
)
def test_what_stands_beside_an_emoji_elsewhere_says_which_it_is(
    heading: str, others: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A word of the line that stands beside one of the emoji which lose the same byte, in other documents, decides;
    without a row that anybody wrote."""
    monkeypatch.setattr(emoji, "_WORDS", {})
    words = emoji.find_words(heading)
    worths = {sign: emoji.association_worth(sign, words) for sign in heading[0] + others if sign > "\ufe0f"}
    assert worths.pop(heading[0]) > max(worths.values())
    truth = f"# {heading}\n\nĐây là một bài học về cách dùng chương trình.\n"
    for channel in (Channel("cp1254", "drop"), Channel("cp1252", "drop")):
        assert repair_text(damage(truth, channel)).text == truth


@pytest.mark.parametrize("word", ["pháp", "phát", "ích", "đánh", "sống", "cảnh", "tàu"])
@pytest.mark.parametrize("case", [str.upper, str.lower])
def test_a_word_whose_mark_stands_alone_is_read_in_either_case(word: str, case: Callable[[str], str]) -> None:
    """Some editors write the tone as a combining mark, whose last byte may be lost; what is read is written so too. A
    word that it would make of no word is sound."""
    for form in ("NFC", "NFD"):
        truth = f"Một điều của luật nói về {case(normalize(form, word))} và những việc khác.\n"
        assert repair_text(damage(truth, Channel("cp1254", "drop"))).text == truth
    table = WordTable((Channel("cp1254", "drop"),), load_model)
    assert table["HUÌNH"] == "HUÌNH"


def test_no_tone_that_is_a_mark_of_its_own_is_ruled_out_by_another() -> None:
    """Where all controls are lost, so is which tone it was: 'Ế' and 'Ề' stay open."""
    readings = {text for _, text in WordTable((Channel("latin-1", "drop-c1"),), load_model).list_readings("TEÌN")}
    assert {f"TE{tone}N" for tone in "\u0300\u0301\u0303\u0309"} <= readings


@given(st.text("abc", min_size=1), st.text("abc./_-", min_size=1))
def test_the_address_of_a_link_says_nothing_of_an_emoji(name: str, address: str) -> None:
    for link in (f"[{name}]({address})", f"{name} https://{address}"):
        assert emoji.find_words(f"🎁 {link}") == emoji.find_words(name)


@given(st.lists(st.sampled_from(["Chữ", "text", "函数", "слово", "a", "12", "`x`"]), min_size=1), st.data())
def test_a_lost_letter_that_nothing_reads_is_told(words: list[str], data: st.DataObject) -> None:
    """Each word with U+FFFD in it is repaired or told, code excepted."""
    marked = [f"{word}\ufffd" if word[0].isalpha() and data.draw(st.booleans()) else word for word in words]
    text = "Một dòng đúng và đủ chữ.\n" + " ".join(marked)
    repaired = repair_text(text)
    told = [repair.before for repair in repaired.repairs]
    assert told == [word for word in marked if "\ufffd" in word]
    assert "\ufffd" not in repaired.text or any(repair.confidence == 0 for repair in repaired.repairs)
    assert repair_text(f"Một dòng đúng.\n\n```\n{' '.join(marked)}\n```\n").repairs == ()


LETTERS = [*range(0xC0, 0x180), *range(0x391, 0x3CA), *range(0x410, 0x450), *range(0x1EA0, 0x1EFA)]


@pytest.mark.parametrize("page", ["cp1252", "cp1250", "cp1251", "cp1253", "latin-1", "mac-roman", "cp437"])
def test_one_letter_is_sign_enough_of_the_page_that_shows_it(page: str) -> None:
    """No other letter stands beside it: the pairs that all texts have say nothing then, and the rare ones must."""
    chains = Chains(load_model)
    for letter in map(chr, LETTERS):
        shown = letter.encode().decode(page, "ignore")
        if len(shown) == len(letter.encode()) and shown.isprintable():
            assert chains._near_channels(f"x{shown}x"), letter


@pytest.mark.parametrize(
    ("damaged", "sound", "is_damaged"), [(3, 17, True), (3, 18, False), (2, 11, True), (2, 12, False)]
)
def test_damage_is_a_share_of_the_words(damaged: int, sound: int, is_damaged: bool) -> None:
    """15 of 100 words beyond ASCII, on lines where most are sound."""
    words = ["Há»c"] + ["học"] * 5
    lines = [" ".join(words)] * damaged + ["học " * (sound - 5 * damaged)]
    assert weigh(lines).damaged == is_damaged


@given(st.text(max_size=20), st.text(max_size=20), st.sampled_from(["", "một hai ", "x" * 300, "x" * 300 + " "]))
@example("", "é", "x" * 300)
def test_a_span_is_the_words_that_differ(line: str, after: str, before: str) -> None:
    line, after = before + line, before + after.replace("\ufeff", "")
    span = find_span(line, after, 0.5)
    assert line[: span.start] + span.after + line[span.end :] == after
    assert 0 <= span.start <= span.end <= len(line)
    assert span.start == 0 or line[span.start - 1].isspace()
    assert span.end == len(line) or line[span.end].isspace()


@pytest.mark.parametrize(
    "text", ["VÍ DỤ", "# VÍ DỤ 1", "ÍCH LỢI", "Ở VIỆT NAM", "Ý NGHĨA CỦA VÍ DỤ", "Ví dụ", "Ý nghĩa"]
)
@pytest.mark.parametrize("loss", ["cp1254-drop", "cp1252-drop"])
def test_a_word_is_in_the_case_of_the_one_behind_it(text: str, loss: str) -> None:
    assert repair_text(damage(text, *parse_step(loss))).text == text


@pytest.mark.parametrize("page", CODE_PAGES)
@pytest.mark.parametrize("aftermath", [(), ("spaces",), ("merged",)])
def test_what_is_left_of_any_first_byte_has_readings_that_leave_it(page: str, aftermath: tuple[str, ...]) -> None:
    """Alone, and with spaces behind it: Mac Roman shows CA as a no-break space, which may be a plain one by now."""
    channel = Channel(page, "drop", aftermath)
    reader = make_reader(channel, load_model())
    for byte in range(0xC2, 0xE0):
        lead = damage_table(channel)[byte] or ""
        for unit in (lead, f"{lead} ", f"{lead}  ") if lead else ():
            for _, text in reader.read_unit(unit):
                left = damage_through(text, (channel,))
                assert left.rstrip() == unit.rstrip() or lead in left, (unit, text)
