"""A text of a few words is mended whole and surely, or left as it was and told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.repair import repair_text
from pipeline.repair.calibration import FEW_WORDS
from pipeline.repair.codepages import Channel, damage
from pipeline.repair.fragments import LEAST_SURE, is_half_mended, leave, may_leave

pytestmark = pytest.mark.usefixtures("models_let_go")

WORDS = (
    "nhà trường đọc sách mỗi ngày gọi nhỏ đề bài tề thề rọi hỏa élève niño größer слово день λόγος 学习 हिन्दी".split()
)
PAGES = ("cp1252", "cp1254", "cp1250", "latin-1", "cp1253")
fragments = st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join)
channels = st.builds(Channel, st.sampled_from(PAGES), st.sampled_from(["drop", "keep", "fffd", "drop-c1"]), st.just(()))


@given(fragments, channels)
def test_what_is_left_is_as_it_was_and_told_and_what_is_mended_is_so_surely(text: str, channel: Channel) -> None:
    damaged = damage(text, channel)
    repaired = repair_text(damaged)
    assert not may_leave(damaged, repaired)
    assert repair_text(repaired.text).text == repaired.text
    changed = [repair for repair in repaired.repairs if repair.before != repair.after]
    assert bool(changed) == (repaired.text != damaged)
    if not changed:
        assert all(repair.confidence == 0.0 for repair in repaired.repairs)
    for repair in changed:
        assert repair.confidence >= LEAST_SURE or repair.step in ("general", "letters-lost")


@given(st.text(max_size=30))
def test_a_text_that_was_not_changed_is_not_half_mended(text: str) -> None:
    assert not is_half_mended(text, text)


@pytest.mark.parametrize(
    ("damaged", "mended", "is_half"),
    [
        ("æ–‡ä»¶ä¸Šä¼", "文件上ä¼", True),
        ("Εimdi katΔ±l", "Εimdi katıl", True),
        ("adrÑ� Ð½Ð°", "adr� на", True),
        ("Ãƒ  la casse", "Ã\xa0la casse", True),
        ("â€ @ann", "\u2006@ann", True),
        ("teÅvik katÄ±l", "teÅvik katıl", True),
        ("ãƒ«ã?¸ã®ã‚ª", "ãƒ«ã?¸のオ", True),
        ("ä¸şäş†Djangoçš„ć‰§čˇŚ", "ä¸şäş†Django的执行", True),
        ("Ù?ÙŠ Ø£Ù†", "ف?ي أن", True),
        ("nÃºmero AÃ?O", "número AÐ?O", True),
        ("Ñ Ð½Ð¾Ñ‡ÑŒÑŽ", "Ñ ночью", True),
        ("Ñ maÃ±ana", "Ñ mañana", False),
        ("pÃ¡gina?id=1 qualitÃ©?", "página?id=1 qualité?", False),
        ("APIã\x81® æ–‡ä»¶", "APIの 文件", False),
        ("nÃ³i: ã€ŒÄ‘Æ°á»£cã€\x8d", "nói: 「được」", False),
        ("10\xa0km Ã©tÃ©", "10\xa0km été", False),
        ("10â€‰km Ã©tÃ©", "10\u2009km été", False),
    ],
)
def test_a_word_that_keeps_damage_is_half_mended(damaged: str, mended: str, is_half: bool) -> None:
    assert is_half_mended(damaged, mended) == is_half


def test_in_a_text_of_more_words_a_doubtful_one_is_marked_and_the_others_mended() -> None:
    damaged = damage("Tề gọi " + "và chúng ta đọc sách ở nhà " * 4, Channel("cp1254", "drop"))
    repaired = repair_text(damaged)
    assert len(damaged.split()) >= FEW_WORDS
    assert not may_leave(damaged, repaired)
    assert repaired.text.count("đọc sách") == 4


def test_each_span_that_would_be_repaired_is_told() -> None:
    repaired = repair_text("Há»c táºp")
    left = leave("Há»c táºp", repaired)
    assert left.text == "Há»c táºp"
    assert [(repair.before, repair.column) for repair in left.repairs] == [
        (repair.before, repair.column) for repair in repaired.repairs
    ]
    assert all(repair.after == repair.before for repair in left.repairs)


@pytest.mark.parametrize("text", ["điều kiện và thời hạn", "tỉnh vận động", "giải thể hội đồng", "cử đoàn đến tỉnh"])
def test_letters_that_all_lost_their_last_byte_say_that_all_controls_are_lost(text: str) -> None:
    """windows-1254 would show most of these bytes as signs, and none is there."""
    repaired = repair_text(damage(text, Channel("latin-1", "drop-c1")))
    assert repaired.steps in ((), ("latin-1-drop-c1",))
