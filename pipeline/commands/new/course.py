"""The folder of a new course: written once, and never over what is there."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shlex
import shutil
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.adopt import Adopted, adopt_mkdocs, adopt_summary, write_course, write_redirects
from pipeline.builder.disk.location import Location
from pipeline.builder.disk.project import FOLDERS, PROJECT_NAME, read_folders
from pipeline.builder.rewrite import check_apart
from pipeline.commands import PROGRAM
from pipeline.commands.plugins import DOIT_PLUGINS
from pipeline.errors import SettingsError, count_of, show_path
from pipeline.paths import MISSING_NAME, WELL_KNOWN, is_lesson, page_id, page_target, readable_title
from pipeline.patterns import lazy_pattern
from pipeline.settings import COURSE_FILES, REDIRECTS_NAME, SETTINGS_NAME

SKELETON = Path(__file__).with_name("skeleton")
_NAMES = {"dodo.txt": "dodo.py", "gitignore": ".gitignore", "project.toml": PROJECT_NAME}
"""Of files that other programs would heed in the skeleton."""
_SUMMARY_NAME = "SUMMARY.md"
_ORIGINS = f"name a mkdocs.yml, or a {_SUMMARY_NAME} of mdBook"
CONTENT = "content"
"""The folder of the first lessons in the skeleton, and in a course whose lessons are not elsewhere."""
LESSONS_READ, BYTES_READ = 50, 20_000
"""So many lessons, and of each so much, tell the language."""
VIETNAMESE_SHARE = 0.02
"""Of the letters of a Vietnamese text at least so many are of no other language; one in five where all is well."""
FOREIGN_SHARE = 0.005
"""Of the letters of an English text at most so many are not ASCII."""
_VIETNAMESE_RE = lazy_pattern("[đĐăĂơƠưƯẠ-ỹ]|á[º»]|Æ[°¡]|Ä[‘ƒ]|\ufffd")


def make_course(folder: Path, *, content: Path | None, origin: Path | None) -> None:
    """Make the course, and say of each file whether it was written or skipped.

    `content` is a folder of lessons elsewhere, `origin` a file of another builder whose lessons are copied.
    """
    if content is not None and not content.is_dir():
        raise SettingsError(f"there is no folder {content}", hint="name the folder in which the lessons are")
    root = Path(os.path.realpath(folder))
    if root.exists() and not root.is_dir():
        raise SettingsError(f"{folder} is a file", hint="name a folder")
    wanted = FOLDERS if content is None else {**FOLDERS, CONTENT: os.path.relpath(os.path.realpath(content), root)}
    folders = read_folders(root) or wanted
    place = Location(root, root / folders["content"], root / folders["output"], home=root)
    if content is not None:
        place.check()
    adopted = _read_other(origin) if origin is not None else None
    if origin is not None and adopted is not None:
        check_apart(origin.parent / adopted.folder, place.content)
    files = _skeleton(_words(root, folders))
    if content is not None or adopted is not None or _has_files(place.content):
        files = {path: text for path, text in files.items() if not path.startswith(f"{CONTENT}/")}
    for path, text in files.items():
        name, sign, below = path.partition("/")
        inside = place.content / below if name == CONTENT and sign else root / path
        _write(inside, text, root)
    if origin is not None and adopted is not None:
        _take_over(origin, adopted, place.content, root)
    _say_what_lacks(root, folders, wanted, files[PROJECT_NAME])
    _say_language(place.content)
    there = "" if root == Path.cwd() else f"cd {shlex.quote(os.path.relpath(root))} && "
    print(f"see it with: {there}{PROGRAM} serve --open\nbuild it with: {there}{PROGRAM}")


def _words(root: Path, folders: Mapping[str, str]) -> dict[str, str]:
    title = readable_title(root.name) or root.name
    plugins = "".join(
        f"\n[tool.doit.plugins.{kind}]\n" + "".join(f'{name} = "{place}"\n' for name, place in named.items())
        for kind, named in DOIT_PLUGINS.items()
    )
    return {
        "title": title,
        "title_toml": _quoted(title),
        "content": _quoted(folders["content"]),
        "output": _quoted(folders["output"]),
        "content_folder": folders["content"],
        "output_folder": folders["output"],
        "plugins": plugins.rstrip("\n"),
    }


def _quoted(text: str) -> str:
    """A string of TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _skeleton(words: Mapping[str, str]) -> dict[str, str]:
    """The files of a new course by their paths."""
    found = {}
    for path in sorted(SKELETON.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            name = path.relative_to(SKELETON).as_posix()
            text = path.read_text("utf-8")
            for word, value in words.items():
                text = text.replace(f"@{word}@", value)
            found[_NAMES.get(name, name)] = text
    return found


def _write(path: Path, text: str, root: Path) -> None:
    """Make a file; one that is there, or a link in its place, stays as it is."""
    shown = show_path(os.path.relpath(path, root))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        if path.is_dir() or not path.parent.is_dir():  # or a file is in the place of its folder
            there = "a folder" if path.is_dir() else f"{show_path(os.fspath(error.filename))} is a file"
            raise SettingsError(f"{path}: cannot be written: {there}", hint="move it away") from None
        print(f"skipped {shown}: it is there already")
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}") from None
    else:
        print(f"wrote {shown}")


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _say_what_lacks(root: Path, folders: Mapping[str, str], wanted: Mapping[str, str], lines: str) -> None:
    """A `pyproject.toml` that was there before is a person's own: what it should say is shown."""
    if folders["content"] != wanted["content"] and wanted["content"] != FOLDERS["content"]:
        print(f"warning: {PROJECT_NAME} names another content folder: {folders['content']}")
        print(f"  hint: write there content = {_quoted(wanted['content'])}")
    if read_folders(root) is None:
        print(f"warning: {PROJECT_NAME} says nothing of this course\n  hint: add to it:\n\n{lines}")


def _say_language(content: Path) -> None:
    """Lessons that were there bring no setting along: the words around them are Vietnamese, whatever they are in."""
    settings = content / SETTINGS_NAME
    with contextlib.suppress(OSError, ValueError):  # which is for the build to tell
        if settings.is_file() and "language" in tomllib.loads(settings.read_text("utf-8-sig")):
            return
        letters, vietnamese, foreign = _count_letters(content)
        if vietnamese >= VIETNAMESE_SHARE * letters:
            return
        shown = show_path(os.path.relpath(settings))
        asked = (
            'language = "en", or another tag' if foreign <= FOREIGN_SHARE * letters else 'language = "…", with its tag'
        )
        print(f"warning: the words around the lessons will be Vietnamese: {shown} says no language")
        print(f"  hint: write there {asked}")


def _count_letters(content: Path) -> tuple[int, int, int]:
    """Of the first lessons, how many letters they have, how many of them only Vietnamese has, as they are or damaged,
    and how many are not ASCII."""
    letters = vietnamese = foreign = 0
    paths = (path for path, _ in _lessons_of(content, without=content) if is_lesson(path.name))
    for path in itertools.islice(paths, LESSONS_READ):
        with path.open("rb") as stream:
            text = unicodedata.normalize("NFC", stream.read(BYTES_READ).decode("utf-8", "replace"))
        letters += sum(map(str.isalpha, text))
        vietnamese += len(_VIETNAMESE_RE.findall(text))
        foreign += sum(sign.isalpha() and not sign.isascii() for sign in text)
    return letters, vietnamese, foreign


# --- from another builder ---


def _read_other(origin: Path) -> Adopted:
    is_summary, is_yaml = origin.name == _SUMMARY_NAME, origin.suffix in (".yml", ".yaml")
    if not is_summary and not is_yaml:
        raise SettingsError(f"{origin} is of no other builder", hint=_ORIGINS)
    text = _read_text(origin)
    if is_summary:
        book = origin.parent.parent / "book.toml"
        adopted = adopt_summary(text, _read_text(book) if book.is_file() else "")
    else:
        adopted = adopt_mkdocs(text)
        if origin.stem != "mkdocs" and "title" not in adopted.settings:  # each of MkDocs has a site_name
            raise SettingsError(f"{origin} is of no other builder: it has no site_name", hint=_ORIGINS)
    if not (origin.parent / adopted.folder).is_dir():
        raise SettingsError(f"there is no folder {origin.parent / adopted.folder}, in which {origin} has its lessons")
    return adopted


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise SettingsError(f"there is no file {path}", hint=_ORIGINS) from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} cannot be read: it is no text in UTF-8") from None


def _take_over(origin: Path, adopted: Adopted, content: Path, root: Path) -> None:
    """Copy the lessons of a course of another builder, and write down what it said of itself."""
    written = skipped = 0
    left = [*adopted.left]
    for source, inside in _lessons_of(origin.parent / adopted.folder, without=origin):
        if page_target(page_id(inside.as_posix())) == MISSING_NAME:  # mdBook's own page for what does not exist
            left.append(f"{inside}: a site has such a page")
        elif _copy(source, content / inside):
            written += 1
        else:
            skipped += 1
    copied = os.path.relpath(content, root)
    there = f", skipped {skipped:,} that are there already" if skipped else ""
    print(f"wrote {count_of(written, 'file')} in {copied}{there}")
    content.mkdir(parents=True, exist_ok=True)
    _write(content / SETTINGS_NAME, write_course(adopted), root)
    if adopted.redirects:
        _write(content / REDIRECTS_NAME, write_redirects(adopted), root)
    for line in left:
        print(f"  not taken: {line}")


def _lessons_of(folder: Path, without: Path) -> Iterator[tuple[Path, Path]]:
    """The files of a folder, and their paths from there: but for links, what is named like files about a course, and
    what stands in hidden folders and virtual environments of Python, which is no lesson's."""
    for top, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_no_lessons(Path(top, name)))
        for path in (Path(top, name) for name in sorted(names)):
            inside = path.relative_to(folder)
            if not path.is_symlink() and path.is_file() and path != without and str(inside) not in COURSE_FILES:
                yield path, inside


def _is_no_lessons(folder: Path) -> bool:
    is_hidden = folder.name.startswith(".") and folder.name != WELL_KNOWN
    return is_hidden or (folder / "pyvenv.cfg").is_file()


def _copy(source: Path, target: Path) -> bool:
    """Whether there was nothing in its place."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as read, target.open("xb") as written:
            shutil.copyfileobj(read, written)
    except FileExistsError:
        return False
    except OSError as error:
        raise SettingsError(f"{target}: cannot be written: {error.strerror}") from None
    return True
