"""file -> width and height of the image in it."""

from __future__ import annotations

from pathlib import Path

from pipeline.paths import is_image
from pipeline.patterns import lazy_pattern

_LENGTH_RE = lazy_pattern(r"\s*(\d+(?:\.\d+)?)(?:px)?\s*")


def image_size(path: Path) -> tuple[int, ...]:
    """Width and height of an image in pixels; empty if the file is none, or does not say."""
    if not is_image(path.name):
        return ()
    if path.suffix.lower() == ".svg":
        return _drawing_size(path)
    import imagesize

    try:
        size = imagesize.get(path)
    except (OSError, ValueError, OverflowError):
        return ()
    width, height = (int(side) for side in size)
    return (width, height) if width > 0 and height > 0 else ()


def _drawing_size(path: Path) -> tuple[int, ...]:
    """That of an SVG drawing, as a browser takes it: from its root's `width` and `height`, else from its `viewBox`."""
    from lxml import etree

    try:
        with open(path, "rb") as drawing:
            found = etree.iterparse(drawing, events=("start",), resolve_entities=False, no_network=True, recover=True)
            _, root = next(iter(found))
    except (OSError, StopIteration, etree.LxmlError):
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
    return (round(width), round(height)) if width and height else ()


def _length(text: str | None) -> float | None:
    """In pixels; None for a share of the page and other units."""
    match = _LENGTH_RE.fullmatch(text or "")
    return float(match[1]) if match else None
