"""What is held of the real lessons, which only the developers have, held of the demo course and of fragments like theirs."""

from __future__ import annotations

import re

import pytest
from building import PROJECT

from pipeline.repair import repair_text
from pipeline.repair.codepages import Channel, damage

DEMO = PROJECT / "content"
DAMAGED = sorted((DEMO / "03_xay_dung_tang_dan").glob("*.md"))
SOUND = [path for path in sorted(DEMO.rglob("*.md")) if path not in DAMAGED]
SEED = "# Học tập liên tục\n\nMỗi ngày đọc một trang, viết một dòng.\n\n- Giờ học: buổi sáng\n- Bài tập: ba câu\n"
FRAGMENTS = (
    "Chúng tôi học tiếng Việt mỗi ngày.",
    "Đường phố Hà Nội vào mùa thu.",
    "| Tên | Số |\n|---|---|\n| Bàn | 4 |",
    "1. Đọc từng dòng\n2. Viết lại",
)
INNOCENT = (
    "L'Âge d'or, façade, naïve, Ångström",
    "ÀÉÎÕÜ và ©®™ đứng riêng",
    "Giá: 5 €; 20 °C; ½ ly",
    "Ký tự `Ã` là chữ A có dấu ngã.",
)


def test_there_is_something_to_read() -> None:
    assert len(SOUND) > 10
    assert len(DAMAGED) > 3


def test_sound_lessons_are_left_alone() -> None:
    texts = {path: path.read_text("utf-8") for path in SOUND}
    assert [path for path, text in texts.items() if repair_text(text).text != text] == []


@pytest.mark.parametrize("channel", [Channel("cp1252", "keep"), Channel("latin-1", "keep")], ids=str)
def test_lessons_damaged_without_loss_come_back_exactly(channel: Channel) -> None:
    for path in SOUND[::2]:
        text = path.read_text("utf-8")
        if not re.search("Ã|á»|â€", text):  # what quotes damage is itself damaged twice then
            damaged = damage(text, channel)
            assert damaged != text, path
            assert repair_text(damaged).text == text, path


def test_the_damaged_module_comes_back_exactly() -> None:
    """It lost bytes on a way through cp1254: the repaired text, sent the same way, is the damaged one."""
    for path in DAMAGED:
        text = path.read_text("utf-8")
        repaired = repair_text(text).text
        assert repaired != text, path
        assert damage(repaired, Channel("cp1254", "drop")) == text, path


@pytest.mark.parametrize("channel", [Channel("cp1252", "keep"), Channel("cp1254", "drop")], ids=str)
def test_a_short_lesson_is_repaired_exactly(channel: Channel) -> None:
    assert damage(SEED, channel) != SEED
    assert repair_text(damage(SEED, channel)).text == SEED


def test_damaged_fragments_are_repaired() -> None:
    channel = Channel("cp1252", "keep")
    assert [text for text in FRAGMENTS if repair_text(damage(text, channel)).text != text] == []


def test_innocent_fragments_are_left_alone() -> None:
    assert [text for text in INNOCENT if repair_text(text).text != text] == []
