"""What the last finished build was made with, besides the lessons, for `doit explain` to say what of it has changed.

It is kept when every task was asked: with the seal of that build at hand, nothing of this can have changed.
Whether a task is stale never depends on it.
"""

import contextlib
from typing import NamedTuple

from pipeline.builder.course.course import Course
from pipeline.builder.disk.files import digest_of
from pipeline.builder.disk.location import Location
from pipeline.paths import TEMPLATE_ENDINGS, show_template
from pipeline.settings import Settings
from pipeline.values import decode, encode

KNOWN_NAME = "known.json"

Pairs = tuple[tuple[str, str], ...]
"""Names, and digests in hexadecimal or values."""


class Known(NamedTuple):
    """What a build was made with. A few kilobytes, however long the course is."""

    settings: Settings
    lexicon: str
    decisions: Pairs
    """Lesson -> what was decided about it, encoded."""
    redirects: str
    packages: Pairs
    code: Pairs
    """Stage -> digest of its code and packages."""
    templates: Pairs
    """Template -> digest of all that it is made of."""
    files: Pairs
    """File of a template, as it is shown -> digest."""


def known_of(course: Course) -> Known:
    """What a build of the course is made with now."""
    folders, prints = course.location.template_folders, course.fingerprints
    texts = prints.template_texts
    return Known(
        settings=course.settings,
        lexicon=course.lexicon_digest.hex(),
        decisions=tuple((path, encode(sorted(said.items())).decode()) for path, said in course.decisions.items()),
        redirects=digest_of(encode(sorted(course.redirects.items()))).hex(),
        packages=tuple(prints.installed_versions().items()),
        code=tuple((stage, prints.stage(stage).hex()) for stage in prints.codes),
        templates=tuple(
            (name, prints.template(name).hex()) for _, name in sorted(texts) if name.endswith(TEMPLATE_ENDINGS)
        ),
        files=tuple(
            (show_template(folder, name, folders), digest_of(text).hex())
            for (folder, name), text in sorted(texts.items())
        ),
    )


def keep_known(course: Course) -> None:
    """Keep what this build was made with. It is of use to a person only: a full disk is no fault here."""
    path = course.location.state_folder / KNOWN_NAME
    part = path.with_suffix(".part")
    with contextlib.suppress(OSError):
        part.write_bytes(encode(known_of(course)))
        part.replace(path)


def read_known(location: Location) -> Known | None:
    """What the last finished build was made with; None if that is not known."""
    try:
        return decode(Known, (location.state_folder / KNOWN_NAME).read_bytes())
    except (OSError, ValueError, TypeError):
        return None  # none was finished, or another version of this program wrote it


def changed_names(old: Pairs, new: Pairs) -> list[str]:
    """The names that stand for something else, or only in one of them.

    >>> changed_names((("a", "1"), ("b", "2")), (("b", "3"), ("c", "4")))
    ['a', 'b', 'c']
    """
    before, now = dict(old), dict(new)
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
