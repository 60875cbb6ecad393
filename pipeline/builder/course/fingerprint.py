"""What a stage's results depend on besides its input: code, templates, packages, Python."""

import contextlib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from importlib import metadata
from pathlib import Path
from typing import NamedTuple
from zlib import ZLIB_RUNTIME_VERSION

from pipeline.builder.disk.files import digest_of
from pipeline.paths import DEFAULT_PREFIX
from pipeline.patterns import lazy_pattern

_IMPORT_RE = lazy_pattern(r"^\s*(?:from\s+(pipeline[\w.]*)\s+import\s+(.+?)$|import\s+(pipeline[\w.]+))", re.M)
_NAME_RE = lazy_pattern(r"\w+")
_REFERENCE_RE = lazy_pattern(r"\{%[-+]?\s*(?:extends|include|import|from)\s+(.*?)%\}", re.S)
_LITERAL_RE = lazy_pattern(
    r"""(["'])(?P<name>[^"']+)\1\s*(?:[-+]?$|import\b|as\b|ignore missing|with(?:out)? context)"""
)

_WORDS, _STATIC = "locale/", "static/"

PACKAGE_FOLDER = Path(__file__).resolve().parents[2]


class StageCode(NamedTuple):
    """Where a stage's code is and which packages it calls."""

    modules: tuple[str, ...] = ()
    """Modules whose imports are followed."""
    packages: tuple[str, ...] = ()
    """Distributions whose version matters."""
    actions: tuple[str, ...] = ()
    """Modules that call the stage, whose imports are not followed."""


def installed_version(distribution: str) -> str:
    """The version of an installed distribution; `absent` without it.

    Read from the name of its folder, because `importlib.metadata` parses its mail header: 15 ms.
    """
    found = _installed().get(re.sub(r"[-_.]+", "_", distribution).lower())
    if found is not None:
        return found
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "absent"


def every_version() -> list[str]:
    """Every installed distribution, with its version."""
    return [f"{name} {installed_version(name)}" for name in sorted(_installed())]


@cache
def _installed() -> dict[str, str]:
    found: dict[str, str] = {}
    for folder in sys.path:
        with contextlib.suppress(OSError):
            for entry in os.listdir(folder or "."):
                if entry.endswith(".dist-info"):
                    name, _, version = entry.removesuffix(".dist-info").partition("-")
                    found.setdefault(re.sub(r"[-_.]+", "_", name).lower(), version)
    return found


def modules_of(roots: Iterable[str]) -> frozenset[str]:
    """The modules of this project that the given ones import, themselves included."""
    found = set[str]()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in found or name not in _module_paths():
            continue
        found.add(name)
        waiting.extend(_module(name)[1])
    return frozenset(found)


# A process runs the code that it was started with: what it reads of it stays true to its end.


@cache
def _module(name: str) -> tuple[bytes, frozenset[str]]:
    """The digest of a module's code, and what it imports of this project."""
    path = _module_paths().get(name) or Path(str(sys.modules[name].__file__))  # a stage of a person's own
    source = path.read_bytes()
    imports = set[str]()
    for origin, names, plain in _IMPORT_RE.findall(source.decode("utf-8")):
        imports.add(origin or plain)
        imports.update(f"{origin}.{item}" for item in _NAME_RE.findall(names))
    if path.name == "__init__.py":
        # Tables that stand beside the code count as code.
        for table in sorted(path.parent.rglob("*")):
            if table.is_file() and table.suffix not in (".py", ".pyc"):
                source += digest_of(table.read_bytes())
    return digest_of(source), frozenset(imports)


def _own_modules(names: Iterable[str]) -> list[tuple[str, bytes]]:
    """The modules beside `dodo.py` that a stage of a person's own has, with all that they import from there, wherever
    in the code; and what they say."""
    found = dict[tuple[str, Path], bytes]()
    waiting = list[tuple[Path, Path]]()
    for name in names:
        if name in sys.modules and name not in _module_paths():
            path = Path(str(sys.modules[name].__file__))
            waiting.append((path.parents[name.count(".") + (path.name == "__init__.py")], path))
    while waiting:
        root, path = waiting.pop()
        name = path.relative_to(root).as_posix()
        if (name, root) not in found and (root / "dodo.py").is_file():
            found[name, root] = path.read_bytes()
            waiting += ((root, each) for each in _files_imported(found[name, root], path, root))
    return sorted((name, text) for (name, _), text in found.items())


def _files_imported(text: bytes, path: Path, root: Path) -> Iterator[Path]:
    """The files below a folder that the module at a path imports."""
    import ast  # few courses have stages of their own

    package = path.parent.relative_to(root).parts
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            modules = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) + 1 - node.level]] if node.level else []
            base += node.module.split(".") if node.module else []
            modules = [[*base, alias.name] for alias in node.names]
        else:
            continue
        for parts in modules:
            for end in range(1, len(parts) + 1) if parts[0] != "pipeline" else ():
                place = root.joinpath(*parts[:end])
                yield from filter(Path.is_file, (place.parent / f"{place.name}.py", place / "__init__.py"))


def whole_code() -> bytes:
    """The digest of every module of this package, and of the tables beside them."""
    return digest_of(b"".join(name.encode() + _module(name)[0] for name in sorted(_module_paths())))


@cache
def _module_paths() -> dict[str, Path]:
    """The file of each module, found at once: to look for each name that is imported took half of a small run."""
    found = {}
    for path in PACKAGE_FOLDER.rglob("*.py"):
        parts = path.relative_to(PACKAGE_FOLDER).with_suffix("").parts
        found[".".join(("pipeline", *(parts[:-1] if parts[-1] == "__init__" else parts)))] = path
    found.pop("pipeline", None)  # its __init__ is documentation: nothing is imported through it
    return found


def _names_below(folder: Path) -> Iterator[str]:
    """Every file below a folder, also by links to other folders, as Jinja2 finds them; not round in circles."""
    for place, folders, files in os.walk(folder, followlinks=True):
        here = Path(place)
        real = here.resolve()
        folders[:] = [name for name in folders if not real.is_relative_to((here / name).resolve())]
        yield from ((here / name).relative_to(folder).as_posix() for name in files if (here / name).is_file())


class Fingerprints:
    """Digests of code and templates, read once for each run."""

    def __init__(self, templates: tuple[Path, ...], codes: Mapping[str, StageCode]) -> None:
        self._templates = templates
        self.codes = codes
        """The code of each stage."""
        self._stage_cache: dict[str, bytes] = {}
        self._template_cache: dict[str, bytes] = {}

    def known(self) -> tuple[dict[str, bytes], dict[str, bytes]]:
        """The digests so far, of stages and of templates."""
        return self._stage_cache, self._template_cache

    def know(self, stages: dict[str, bytes], templates: dict[str, bytes]) -> None:
        """Take digests from a run that had the same code and templates."""
        self._stage_cache, self._template_cache = stages, templates

    def stage(self, stage: str) -> bytes:
        """Digest of the code of a stage and of the versions it runs on."""
        found = self._stage_cache.get(stage)
        if found is None:
            code = self.codes[stage]
            modules = sorted({*modules_of(code.modules), *code.actions})
            parts = [name.encode() + _module(name)[0] for name in modules]
            parts += [name.encode() + digest_of(text) for name, text in _own_modules({*code.modules, *code.actions})]
            parts += [f"{name} {installed_version(name)}".encode() for name in code.packages]
            found = self._stage_cache[stage] = digest_of(b"\n".join([self._python, *parts]))
        return found

    def installed_versions(self) -> dict[str, str]:
        """The version of every distribution that a stage calls."""
        return {
            name: installed_version(name) for name in sorted({n for code in self.codes.values() for n in code.packages})
        }

    def template(self, name: str) -> bytes:
        """Digest of a template, of all it extends, includes or imports, and of the course's own words."""
        found = self._template_cache.get(name)
        if found is None:
            names, waiting = set[str](), [name]
            parts = [self.words()]
            while waiting:
                current = waiting.pop()
                if current in names:
                    continue
                names.add(current)
                text = self._template_text(current)
                parts.append(current.encode() + b"\0" + digest_of(text))
                waiting.extend(self._used_by(text.decode("utf-8", "replace")))
            found = self._template_cache[name] = digest_of(b"".join(sorted(parts)))
        return found

    def words(self) -> bytes:
        """Digest of the words that the course brings for its interface."""
        found = self._template_cache.get(_WORDS)
        if found is None:
            parts = [
                folder.name.encode() + b"\0" + path.encode() + b"\0" + digest_of(text)
                for (folder, path), text in self.template_texts.items()
                if path.startswith(_WORDS)
            ]
            found = self._template_cache[_WORDS] = digest_of(b"".join(sorted(parts)))
        return found

    def _template_text(self, name: str) -> bytes:
        """The bytes of the template that Jinja2 would find: the first, or the original by its prefix."""
        prefix, _, rest = name.partition("/")
        candidates = [(folder, name) for folder in self._templates]
        if prefix == DEFAULT_PREFIX:
            candidates.append((self._templates[-1], rest))
        for folder, rest in candidates:
            if (folder, rest) in self.template_texts:
                return self.template_texts[folder, rest]
            if rest.startswith(_STATIC) and (folder / rest).is_file():  # a drawing that is put into the page
                return (folder / rest).read_bytes()
        return b""

    @cached_property
    def template_texts(self) -> dict[tuple[Path, str], bytes]:
        """Every template, read at once and before the first is used: one that is edited during a build
        has then another digest on the next run, whatever Jinja2 read meanwhile."""
        texts = {}
        for folder in self._templates:
            for name in _names_below(folder):
                if not name.startswith(_STATIC):
                    with contextlib.suppress(OSError):
                        texts[folder, name] = (folder / name).read_bytes()
        return texts

    def _used_by(self, text: str) -> list[str]:
        """The templates that a template names; all of them if it works a name out."""
        names = []
        for reference in _REFERENCE_RE.findall(text):
            literal = _LITERAL_RE.match(reference)
            if literal is None:
                every = [set(_names_below(folder)) for folder in self._templates]
                return sorted(set[str]().union(*every, {f"{DEFAULT_PREFIX}/{name}" for name in every[-1]}))
            names.append(literal["name"])
        return names

    @cached_property
    def _python(self) -> bytes:
        # Another zlib deflates the same text to other bytes.
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        return f"{sys.implementation.name} {version} zlib {ZLIB_RUNTIME_VERSION}".encode()
