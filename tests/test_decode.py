"""bytes -> text."""

from __future__ import annotations

import codecs
import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.decode import _is_mixed, decode_source
from pipeline.errors import DecodeError
from pipeline.legacy import decode_cp1258, decode_tcvn3, decode_viscii, decode_vni

CASES = json.loads((Path(__file__).parent / "cases" / "decode.json").read_text("utf-8"))


@given(st.binary(max_size=200))
def test_any_bytes_give_text_or_a_decode_error(source: bytes) -> None:
    with contextlib.suppress(DecodeError):
        assert "\0" not in decode_source(source).text


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_utf8_comes_back_exactly_with_and_without_mark(text: str) -> None:
    decoded = decode_source(text.encode())
    assert decoded.diagnostics == ()
    assert decoded.text == text.removeprefix("\ufeff")
    assert decode_source(codecs.BOM_UTF8 + text.encode()).text == text


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_utf16_with_a_mark_comes_back_exactly(mark: bytes, text: str) -> None:
    codec = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
    assert decode_source(mark + text.encode(codec)).text == text


def test_a_legacy_page_is_a_guess_and_is_told() -> None:
    decoded = decode_source("# Café\n\nUn été à la plage, où j'ai été.\n".encode("cp1252"))
    assert "été" in decoded.text
    assert decoded.diagnostics[0].line == 1
    assert "guess" in decoded.diagnostics[0].message


def test_a_few_words_of_another_language_are_not_taken_for_vietnamese() -> None:
    text = "Ação não é só às vezes, à noite"
    assert decode_source(text.encode("cp1252")).text == text


SIGNS = st.sampled_from("€†‡•–—…‰ƒ«»§°±²³µ¶·×÷")


@given(st.lists(st.sampled_from(["a", "to", "Python", "12", "x"]), min_size=2), st.data())
def test_signs_that_stand_alone_are_no_letters_of_vietnamese(words: list[str], data: st.DataObject) -> None:
    text = words[0] + "".join(f" {data.draw(SIGNS)} {word}" for word in words[1:])
    assert decode_source(text.encode("cp1252")).text == text


def test_a_stray_byte_in_utf8_does_not_spoil_the_rest() -> None:
    decoded = decode_source("\nHọc tập\n".encode() + b"caf\xe9\n" + "liên tục".encode() + b" caf\xe9")
    assert decoded.text == "\nHọc tập\ncafé\nliên tục café"
    assert [item.line for item in decoded.diagnostics] == [3, 4]


@pytest.mark.parametrize(
    ("source", "encoding"),
    [
        ("é" * 2, "utf-8 + cp1252"),
        ("é", "windows-1252"),
        ("ế😀", "utf-8 + cp1252"),
        ("é" * 2 + "\x7f" * 9, "utf-8 + cp1252"),
    ],
)
def test_of_bytes_beyond_ascii_most_must_be_utf8_for_the_others_to_be_strays(source: str, encoding: str) -> None:
    decoded = decode_source(b"a\n" + source.encode() + b" caf\xe9")
    assert decoded.encoding == encoding
    assert decoded.text.endswith("café")
    assert decoded.diagnostics[0].line == 2


@pytest.mark.parametrize(("count", "is_mixture"), [(1, False), (2, True)])
def test_every_byte_beyond_ascii_counts_as_a_stray(count: int, is_mixture: bool) -> None:
    for stray in {*range(0x80, 0x100)} - {0x81, 0x8D, 0x8F, 0x90, 0x9D}:  # which cp1252 has not
        decoded = decode_source("é".encode() * count + b" " + bytes([stray]) + b"\n")
        assert (decoded.encoding == "utf-8 + cp1252") == is_mixture, hex(stray)


@pytest.mark.parametrize("source", [b"a \x93b\x94", b"don\x92t", b"a\xa0b"])
def test_signs_without_a_word_are_no_vietnamese(source: bytes) -> None:
    decoded = decode_source(source)
    assert (decoded.text, decoded.encoding) == (source.decode("cp1252"), "windows-1252")
    assert decoded.diagnostics[0].message.endswith("because it gives no Vietnamese in any other")


def test_line_breaks_stay_as_they_are() -> None:
    assert decode_source(b"a\r\nb\rc\n").text == "a\r\nb\rc\n"


@pytest.mark.parametrize("case", CASES["decoded"], ids=lambda case: case["encoding"])
def test_legacy_vietnamese_is_recognised_and_told(case: dict[str, str]) -> None:
    decoded = decode_source(bytes.fromhex(case["hex"]))
    assert (decoded.text, decoded.encoding) == (case["text"], case["encoding"])
    assert "a guess" in decoded.diagnostics[0].message


DECODERS = {"windows-1258": decode_cp1258, "tcvn3": decode_tcvn3, "viscii": decode_viscii, "vni": decode_vni}


@pytest.mark.parametrize("case", CASES["alphabets"], ids=lambda case: case["encoding"])
def test_every_letter_of_a_legacy_encoding_is_read(case: dict[str, str]) -> None:
    """The bytes of the first three are those that glibc's iconv has for these letters."""
    decode = DECODERS[case["encoding"]]
    for letter, code in zip(case["letters"], case["hex"].split(), strict=True):
        assert decode(b"<" + bytes.fromhex(code) + b">") == f"<{letter}>"


def test_no_legacy_encoding_of_vietnamese_has_controls_beyond_ascii() -> None:
    """So a guess need not count them."""
    for decode in DECODERS.values():
        for byte in range(0x80, 0x100):
            text = decode(b"a" + bytes([byte])) or ""
            assert not any("\x7f" <= letter < "\xa0" for letter in text)


@pytest.mark.parametrize(("encoding", "source"), [("tcvn3", "41bf"), ("tcvn3", "a0"), ("vni", "f9"), ("vni", "62f9")])
def test_a_byte_without_a_meaning_is_not_read(encoding: str, source: str) -> None:
    assert DECODERS[encoding](bytes.fromhex(source)) is None


@pytest.mark.parametrize(
    ("words", "syllables", "is_believed"),
    [
        (1, 1, True),
        (10, 9, True),
        (10, 8, False),
        (19, 18, True),
        (19, 17, False),
        (20, 12, True),
        (20, 11, False),
        (3000, 1800, True),
        (3000, 1799, False),
        (3001, 1800, True),
    ],
)
def test_how_many_words_must_be_vietnamese_depends_on_how_many_there_are(
    words: int, syllables: int, is_believed: bool
) -> None:
    """`à` is the same byte in windows-1258 and in windows-1252."""
    text = "bà " * syllables + "bàz " * (words - syllables)
    decoded = decode_source(("\n" + text).encode("cp1252"))
    assert decoded.text == "\n" + text
    assert decoded.encoding == ("windows-1258" if is_believed else "windows-1252")
    assert decoded.diagnostics[0].line == 2
    reason = f"{syllables / words:.0%} of its accented words are Vietnamese" if is_believed else "in any other"
    assert reason in decoded.diagnostics[0].message


def test_words_behind_the_first_three_thousand_are_not_judged() -> None:
    decoded = decode_source(("bà " * 3000 + "bàz " * 9000).encode("cp1252"))
    assert decoded.encoding == "windows-1258"


def test_control_characters_count_against_a_guess_and_some_are_refused() -> None:
    sound = ("bà " * 20).encode("cp1252")
    assert decode_source(sound + b"\t\r\n\f").encoding == "windows-1258"
    assert decode_source(sound + b"\x0b" * 13).encoding == "windows-1258", "20 of 33"
    assert decode_source(sound + b"\x0b" * 14).encoding != "windows-1258", "20 of 34"
    for byte in (*range(9), *range(14, 32)):
        if byte in (2, 5, 6, 20, 25, 30):
            continue
        for first, line in ((b"one\ntwo\n", 3), (b"\n", 2), (b"", 1)):
            with pytest.raises(DecodeError) as caught:
                decode_source(first + sound + bytes([byte]))
            assert caught.value.line == line


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (codecs.BOM_UTF16_LE + "a\nb\n".encode("utf-16-le") + b"\x00\xd8x\x00", 3),
        (codecs.BOM_UTF16_BE + "a\n".encode("utf-16-be") + b"\xd8", 2),
        (codecs.BOM_UTF32_LE + "a\n".encode("utf-32-le") + b"\xff\xff\xff\xff", 2),
        (b"a\nb\n\x81\x8d", 3),
        ("Học\n".encode() * 3 + b"\x81", 4),
        (b"a\nb\0c", 2),
        (b"\0a", 1),
    ],
)
def test_bytes_that_are_no_text_are_told_with_their_line(source: bytes, line: int) -> None:
    for first, lines in ((b"", 0), (b"\n", 1), (b"\n\n", 2)):
        if first and not source[0] < 0x80 and not source.startswith("Học".encode()):
            continue  # it begins with a mark
        with pytest.raises(DecodeError) as caught:
            decode_source(first + source)
        assert caught.value.line == line + lines
        assert caught.value.hint


@pytest.mark.parametrize("name", ["windows-1258", "windows-1252"])
def test_no_break_spaces_are_no_sign_of_a_wrong_page(name: str) -> None:
    """A text processor puts them between a number and its unit, or everywhere."""
    text = {
        "windows-1258": "Ho\u0323c tâ\u0323p môi ngày, làm viê\u0323c vui ve\u0309",
        "windows-1252": "L’été où j’étais à la plage déserte",
    }[name]
    plain, tied = (decode_source(words.encode(name)) for words in (text, text.replace(" ", "\xa0")))
    assert plain.encoding == tied.encoding == name
    assert tied.text == plain.text.replace(" ", "\xa0")


# Our own sentences, each in encodings that its language was written in before Unicode.
WORLD = {
    "Сегодня мы учимся складывать числа и писать первую программу.": ("cp1251", "koi8-r", "iso8859-5", "cp866"),
    "Zażółć gęślą jaźń, a potem przeczytaj następną lekcję.": ("cp1250", "iso8859-2"),
    "Σήμερα μαθαίνουμε να γράφουμε το πρώτο μας πρόγραμμα.": ("cp1253", "iso8859-7"),
    "Bugün ilk programımızı yazmayı öğreniyoruz, şimdi başlıyoruz.": ("cp1254",),
    "今日は最初のプログラムの書き方を学びます。": ("shift_jis", "euc_jp", "iso2022_jp", "utf-16-le", "utf-16-be"),
    "今天我们学习怎样写第一个程序，请先打开课本。": ("gbk", "gb18030", "utf-16-le"),
    "오늘은 첫 번째 프로그램을 작성하는 방법을 배웁니다.": ("cp949",),
    "היום נלמד איך לכתוב את התוכנית הראשונה שלנו.": ("cp1255",),
}


@pytest.mark.parametrize(
    ("text", "encoding"), [(text, encoding) for text, encodings in WORLD.items() for encoding in encodings]
)
def test_text_of_other_languages_is_read_in_what_it_was_written_and_told_as_a_guess(text: str, encoding: str) -> None:
    lesson = f"# 1\n\n{text}\n"
    decoded = decode_source(lesson.encode(encoding))
    assert decoded.text == lesson
    assert "a guess" in decoded.diagnostics[0].message
    assert decoded.diagnostics[0].line in (range(1, 4) if encoding.startswith(("utf-16", "iso2022")) else (3,))


def test_a_few_letters_of_a_western_language_are_read_as_windows_1252() -> None:
    """They are text in every page, and the commonest one is it."""
    assert decode_source("Un café naïf, déjà.".encode("cp1252")).text == "Un café naïf, déjà."


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Un sasso può cadere nel lago", "latin-1"),
        ("en bok på svenska", "latin-1"),
        ("une forêt près de la mer", "latin-1"),
        ("nowe domy są tutaj", "cp1250"),
        ("nowe domy są tutaj", "iso8859-2"),
        ("bardzo ważne słowa", "cp1250"),
        ("komşu çok yardımcı oldu", "cp1254"),
        ("příliš dlouhá cesta", "cp1250"),
        ("o casă albă în vale", "cp1250"),
        ("gyönyörű erdő", "cp1250"),
    ],
)
def test_a_few_words_are_read_by_the_letters_of_their_language(text: str, encoding: str) -> None:
    """One accented word may be a syllable of Vietnamese by chance, but not the plain words beside it."""
    assert decode_source(text.encode(encoding)).text == text


@pytest.mark.parametrize("page", ["mac-cyrillic", "cp1251", "koi8-r", "cp1253", "iso8859-8"])
@pytest.mark.parametrize(
    ("text", "other"),
    [("Il a été créé à Noël dans un château près de là", "cp1252"), ("Blåbær og fløde på bordet", "cp1252")],
)
def test_a_page_that_shows_two_scripts_in_each_word_is_not_the_page(text: str, other: str, page: str) -> None:
    shown = text.encode(other).decode(page, "ignore")
    assert _is_mixed(shown)
    assert not _is_mixed("Файл main.py, функция f(x)"), "names and code beside words of its own are no mixture"
    assert decode_source(text.encode(other)).text == text


def test_a_tone_that_no_letter_takes_is_no_windows_1258() -> None:
    assert decode_source("Ch?n ?\u00fang thì th?ng.".encode("cp1252")).text == "Ch?n ?úng thì th?ng."
