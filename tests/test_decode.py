"""bytes -> text."""

from __future__ import annotations

import codecs
import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.decode import decode_source
from pipeline.errors import DecodeError

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


def test_a_stray_byte_in_utf8_does_not_spoil_the_rest() -> None:
    decoded = decode_source("Học tập\n".encode() + b"caf\xe9\n" + "liên tục".encode())
    assert decoded.text == "Học tập\ncafé\nliên tục"
    assert [item.line for item in decoded.diagnostics] == [2]


def test_line_breaks_stay_as_they_are() -> None:
    assert decode_source(b"a\r\nb\rc\n").text == "a\r\nb\rc\n"


@pytest.mark.parametrize("case", CASES["decoded"], ids=lambda case: case["encoding"])
def test_legacy_vietnamese_is_recognised_and_told(case: dict[str, str]) -> None:
    decoded = decode_source(bytes.fromhex(case["hex"]))
    assert (decoded.text, decoded.encoding) == (case["text"], case["encoding"])
    assert "a guess" in decoded.diagnostics[0].message
