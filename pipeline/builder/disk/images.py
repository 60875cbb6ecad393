"""file -> width and height of the image in it."""

from __future__ import annotations

import re
import struct
from io import BytesIO
from pathlib import Path

from pipeline.paths import is_image
from pipeline.patterns import lazy_pattern

HEAD_BYTES = 1_000_000
"""What is looked at; metadata of a photograph may stand before its size."""
MOST_PIXELS = 1_000_000
"""On a side. An SVG may say any number."""
_LENGTH_RE = lazy_pattern(r"\s*(\d+(?:\.\d+)?)(?:px)?\s*")


def image_size(path: Path) -> tuple[int, ...]:
    """Width and height of an image in pixels; empty if the file is none, or does not say."""
    if not is_image(path.name):
        return ()
    try:
        with open(path, "rb") as image:
            head = image.read(HEAD_BYTES)
    except OSError:
        return ()
    if path.suffix.lower() == ".svg":
        return _drawing_size(head)
    if head[4:8] == b"ftyp":
        return _avif_size(head)
    import imagesize

    try:
        return _plausible(*imagesize.get(BytesIO(head)))
    except Exception:  # whatever it stumbles over in a broken image
        return ()


def _avif_size(head: bytes) -> tuple[int, ...]:
    """That of the largest picture in an AVIF file (ISO 23008-12, 6.5.3): others are its tiles and thumbnails.

    `imagesize` goes through lists whose length a file may state without having them."""
    found = [struct.unpack_from(">LL", head, at.end() + 4) for at in re.finditer(b"ispe", head[:-12])]
    width, height = max(found, key=lambda size: size[0] * size[1], default=(0, 0))
    turn = head.find(b"irot")
    return _plausible(height, width) if 0 < turn < len(head) - 4 and head[turn + 4] & 1 else _plausible(width, height)


def _drawing_size(head: bytes) -> tuple[int, ...]:
    """That of an SVG drawing, as a browser takes it: from its root's `width` and `height`, else from its `viewBox`."""
    from lxml import etree

    try:
        found = etree.iterparse(BytesIO(head), events=("start",), resolve_entities=False, no_network=True, recover=True)
        _, root = next(iter(found))
    except (StopIteration, etree.LxmlError):
        return ()
    if etree.QName(root).localname != "svg":
        return ()
    width, height = _length(root.get("width")), _length(root.get("height"))
    box = [_length(part) or 0.0 for part in root.get("viewBox", "").replace(",", " ").split()]
    if len(box) == 4 and box[2] and box[3]:
        if width is None and height is None:
            width, height = box[2:]
        width = width or (height or 0.0) * box[2] / box[3]
        height = height or width * box[3] / box[2]
    return _plausible(width or 0, height or 0)


def _plausible(width: float, height: float) -> tuple[int, ...]:
    """Whole numbers of pixels; empty if no image can have them."""
    sides = (width, height)
    return (round(width), round(height)) if all(0.5 < side <= MOST_PIXELS for side in sides) else ()


def _length(text: str | None) -> float | None:
    """In pixels; None for a share of the page and other units."""
    match = _LENGTH_RE.fullmatch(text or "")
    return float(match[1]) if match else None
