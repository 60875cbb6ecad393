"""Sixty formulas, a construct of TeX each, as Chromium and Firefox draw them.

A picture is kept as where its ink is, coarsely: other versions of a browser move a line by a pixel, but a table whose
sides are exchanged, a lost frame or an arrow that does not stretch is another picture. After a change that is meant,
`python tests/test_formula_pictures.py` draws them anew and writes what is kept; look at the pictures it names first.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline.parse.formulas import convert_formula

HERE = Path(__file__).resolve().parent
STYLES = HERE.parent / "templates" / "static" / "site.css"
KEPT = HERE / "golden" / "formulas.json"
FONT = "TeX Gyre Termes Math"
"""Debian's `fonts-texgyre-math`: which font draws a formula must not depend on the machine."""

CELL_WIDTH, CELL_HEIGHT, COLUMNS = 320, 150, 4
GRID_WIDTH, GRID_HEIGHT = 12, 6
MOST_MOVED = 0.07
"""Of the ink, as far as it may stand in other fields of the grid. Seen: 0 where nothing changed, 0.08 where a letter
lost the stroke through it, 0.23 and more between any two of the sixty."""
MOST_GROWN = 0.05
"""Of the width or height of a picture, or three pixels."""

BROWSERS = {
    "chromium": (
        *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
        *("--disable-background-networking", "--force-device-scale-factor=1"),
    ),
    "firefox": ("firefox-esr", "--headless"),
}


class Picture(NamedTuple):
    """Where the ink of a formula is."""

    width: int
    height: int
    ink: list[int]
    """The thousandths of it in each field of a grid laid over the formula, row by row."""

    def moved(self, other: Picture) -> float:
        """The share of the ink that stands in other fields than in another picture: 0 to 1."""
        return sum(abs(mine - its) for mine, its in zip(self.ink, other.ink, strict=True)) / 2000

    def is_like(self, other: Picture) -> bool:
        grown = (abs(self.width - other.width), self.width), (abs(self.height - other.height), self.height)
        return self.moved(other) <= MOST_MOVED and all(by <= max(3, MOST_GROWN * size) for by, size in grown)


def read_formulas() -> dict[str, str]:
    lines = (HERE / "cases" / "formulas.txt").read_text("utf-8").splitlines()
    return dict(line.split(" | ", 1) for line in lines if not line.startswith("#"))


def draw(browser: str, mathml: Mapping[str, str], folder: Path) -> dict[str, Picture]:
    """Each formula's picture; `folder` gets the page and the screenshot."""
    from PIL import Image, ImageChops

    cells = "".join(f'<div class="math display">{formula}</div>' for formula in mathml.values())
    rows = -(-len(mathml) // COLUMNS)
    page, shot = folder / "formulas.html", folder / f"{browser}.png"
    page.write_text(
        f'<!doctype html><meta charset="utf-8"><title>formulas</title><style>{STYLES.read_text("utf-8")}'
        f"html {{ font-size: 20px }} body {{ display: grid; margin: 0; max-width: none; background: #fff; color: #000;"
        f" grid: auto-flow {CELL_HEIGHT}px / repeat({COLUMNS}, {CELL_WIDTH}px) }}"
        f' .math.display {{ margin: 0; padding: 10px; overflow: hidden }} math {{ font-family: "{FONT}" !important }}'
        f"</style>{cells}",
        "utf-8",
    )
    size = f"--window-size={COLUMNS * CELL_WIDTH},{rows * CELL_HEIGHT}"
    with tempfile.TemporaryDirectory() as profile:
        own = f"--user-data-dir={profile}" if browser == "chromium" else f"--profile={profile}"
        command = [*BROWSERS[browser], *own.split("=", 1 if browser == "firefox" else 0)]
        subprocess.run([*command, f"--screenshot={shot}", size, page.as_uri()], check=True, capture_output=True)
    sheet = Image.open(shot).convert("L")
    found = {}
    for number, name in enumerate(mathml):
        left, top = number % COLUMNS * CELL_WIDTH, number // COLUMNS * CELL_HEIGHT
        cell = ImageChops.invert(sheet.crop((left, top, left + CELL_WIDTH, top + CELL_HEIGHT)))
        box = cell.point(lambda value: 255 if value > 40 else 0).getbbox()
        assert box, f"{name} has no ink in {browser}"
        is_whole = min(box[:2]) > 0 and box[2] < CELL_WIDTH and box[3] < CELL_HEIGHT
        assert is_whole, f"{name} is cut off in {browser}"
        fields = cell.crop(box).resize((GRID_WIDTH, GRID_HEIGHT), Image.Resampling.BOX).tobytes()
        found[name] = Picture(box[2] - box[0], box[3] - box[1], [round(1000 * value / sum(fields)) for value in fields])
    return found


def convert_all() -> dict[str, str]:
    return {name: convert_formula(tex, display=True) or "" for name, tex in read_formulas().items()}


@pytest.fixture(scope="module", params=BROWSERS)
def browser_name(request: pytest.FixtureRequest) -> str:
    from browsing import lack

    name = str(request.param)
    if shutil.which(BROWSERS[name][0]) is None:
        lack(f"there is no {name} on this machine")
    fonts = subprocess.run(["fc-list", FONT], capture_output=True, text=True, check=False).stdout
    if not fonts:
        lack(f"the font {FONT} is not on this machine")
    return name


@pytest.fixture(scope="module")
def kept(browser_name: str) -> dict[str, Picture]:
    return {name: Picture(*picture) for name, picture in json.loads(KEPT.read_text("utf-8"))[browser_name].items()}


@pytest.fixture(scope="module")
def drawn(browser_name: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Picture]:
    return draw(browser_name, convert_all(), tmp_path_factory.mktemp("drawn"))


def test_there_are_sixty_and_each_is_read() -> None:
    converted = convert_all()
    assert len(converted) == 60
    assert [name for name, mathml in converted.items() if not mathml] == []


def test_each_formula_is_drawn_as_before(drawn: dict[str, Picture], kept: dict[str, Picture]) -> None:
    assert drawn.keys() == kept.keys()
    assert {name: picture for name, picture in drawn.items() if not picture.is_like(kept[name])} == {}


def test_a_picture_is_like_no_other(drawn: dict[str, Picture], kept: dict[str, Picture]) -> None:
    """Or the test above could not fail."""
    alike = [(a, b) for a in drawn for b in kept if a != b and drawn[a].is_like(kept[b])]
    assert alike == []


def test_without_its_classes_a_formula_is_another_picture(
    browser_name: str, kept: dict[str, Picture], tmp_path: Path
) -> None:
    """What the style sheet says of a formula is drawn: sides of a table, frames, strokes, lines."""
    bare = {name: re.sub(r' class="[^"]*"', "", mathml) for name, mathml in convert_all().items()}
    drawn = draw(browser_name, bare, tmp_path)
    shown = {
        *("aligned", "align star", "two pairs of columns", "split", "multline", "cases", "hats", "boxed", "cancelled"),
        *("array with lines", "number of an equation"),
    }
    assert {name for name in shown if drawn[name].is_like(kept[name])} == set()


def keep() -> None:
    """Write what is drawn now as what is kept."""
    folder = Path(tempfile.mkdtemp())
    pictures = {browser: draw(browser, convert_all(), folder) for browser in BROWSERS}
    rows = (
        f' "{browser}": {{\n'
        + ",\n".join(
            f"  {json.dumps(name)}: {json.dumps(picture, separators=(',', ':'))}" for name, picture in found.items()
        )
        + "\n }"
        for browser, found in pictures.items()
    )
    KEPT.write_text("{\n" + ",\n".join(rows) + "\n}\n", "utf-8")
    print(f"written: {KEPT}; the pictures: {folder}")  # noqa: T201


if __name__ == "__main__":
    keep()
