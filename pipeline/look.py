"""settings -> the style that a course asks for, and what cannot be read in it.

`course.toml` is written by whoever may propose a lesson: a colour, a length, a name of a font, and nothing that could
be an address or end a rule.
"""

from collections.abc import Callable, Iterator

from pipeline.errors import Diagnostic, find_line
from pipeline.paths import nfc
from pipeline.patterns import lazy_pattern
from pipeline.settings import Settings
from pipeline.values import Look

FindFile = Callable[[str], str | None]
"""A path from the content folder in NFC -> that of a file which is copied."""

GROUNDS = {"accent": ("#ffffff", "#f4f6f8"), "accent_dark": ("#12161b", "#1b2128")}
"""What links and buttons stand on in the light and in the dark: `--ground` and `--panel` of `site.css`."""
LEAST_CONTRAST = 4.5
"""Of text on its ground (WCAG 2.2, 1.4.3)."""
_GENERIC_RE = lazy_pattern("(?:ui-)?(?:sans-)?serif|(?:ui-)?monospace|ui-rounded|system-ui|cursive|fantasy")


def write_style(settings: Settings) -> str:
    """The CSS of the looks that a course has chosen; `""` if it has chosen none.

    >>> write_style(Settings(accent="#0a0", font="Literata, serif", radius="0"))
    ':root{--accent:#0a0;--sans:"Literata",serif,sans-serif;--radius:0}'
    """
    chosen = {
        "accent": settings.accent,
        "sans": _fonts(settings.font, "sans-serif"),
        "mono": _fonts(settings.code_font, "monospace"),
        "measure": settings.width,
        "radius": settings.radius,
    }
    said = ";".join(f"--{name}:{value}" for name, value in chosen.items() if value)
    style = f":root{{{said}}}" if said else ""
    if settings.accent_dark:
        dark = f"{{--accent:{settings.accent_dark}}}"
        style += f'@media screen{{:root[data-theme="dark"]{dark}}}'
        style += f'@media screen and (prefers-color-scheme:dark){{:root:not([data-theme="light"]){dark}}}'
    return style


def choose_look(settings: Settings) -> Look:
    """What every page is given of it."""
    return Look(write_style(settings), settings.logo, settings.favicon, settings.footer)


def check_look(settings: Settings, text: str, find_file: FindFile) -> Iterator[Diagnostic]:
    """Colours that are too near to a ground they stand on, and pictures that are not there; `text` is `course.toml`."""
    for name, grounds in GROUNDS.items():
        colour = getattr(settings, name)
        least = min(contrast(colour, ground) for ground in grounds) if colour else LEAST_CONTRAST
        if least < LEAST_CONTRAST:
            problem = f"the contrast of {name} {colour} with the page is {least:.1f}, below {LEAST_CONTRAST}"
            hint = "take a lighter colour" if name == "accent_dark" else "take a darker colour"
            yield Diagnostic(problem, find_line(text, colour, name), hint, code="low-contrast")
    for name, path in (("logo", settings.logo), ("favicon", settings.favicon)):
        if path and find_file(nfc(path)) is None:
            message = f"{name} '{path}' is no file of the course"
            yield Diagnostic(message, find_line(text, path, name), code="broken-setting")


def contrast(one: str, other: str) -> float:
    """How well two colours can be told apart, 1 to 21 (WCAG 2.2, "contrast ratio").

    >>> round(contrast("#000", "#ffffff"), 1)
    21.0
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _fonts(names: str, last: str) -> str:
    if not names:
        return ""
    listed = [name.strip() for name in names.split(",")]
    shown = [name if _GENERIC_RE.fullmatch(name) else f'"{name}"' for name in listed]
    return ",".join([*shown, *([] if listed[-1] == last else [last])])
