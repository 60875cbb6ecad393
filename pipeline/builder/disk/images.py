"""file -> width and height of the image in it."""

from __future__ import annotations

from pathlib import Path

from pipeline.paths import is_image


def image_size(path: Path) -> tuple[int, ...]:
    """Width and height of an image in pixels; empty if the file is none, or does not say."""
    if not is_image(path.name):
        return ()
    import imagesize

    try:
        size = imagesize.get(path)
    except (OSError, ValueError, OverflowError):
        return ()
    width, height = (int(side) for side in size)
    return (width, height) if width > 0 and height > 0 else ()
