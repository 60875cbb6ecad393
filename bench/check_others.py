#!/usr/bin/env python3
"""How many of the faults that are put into real lessons other programs find: MkDocs, Sphinx, Zensical, lychee.

    python bench/check_others.py --tools FOLDER [--shared DIR] [--faults 200] [--seeds 1]

FOLDER is the `bin` of an environment in which the programs are installed. A program finds a fault if it writes a line
that names the lesson and that it did not write when the line in the lesson was sound. Ours is asked the same.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from check import PIXEL, read_lessons  # noqa: E402
from faults import IMAGE, Fault, Planter, put_line  # noqa: E402

_PLACE_RE = re.compile(r":\d+(?::\d+)?")
_COLOUR_RE = re.compile(r"\x1b\[[0-9;]*m")
LIMIT_SECONDS = 600


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS)
    return done.stdout + done.stderr


def ours(tools: Path, root: Path) -> str:
    for name in ("dodo.py", "pyproject.toml"):
        shutil.copy(PROJECT / name, root)
    if not (root / "templates").exists():
        shutil.copytree(PROJECT / "templates", root / "templates")
    return run([sys.executable, "-m", "doit", "check"], root)


def mkdocs(tools: Path, root: Path) -> str:
    levels = "validation:\n  links:\n    anchors: warn\n    absolute_links: warn\n    not_found: warn\n"
    text = f"site_name: x\ndocs_dir: content\nsite_dir: site\nuse_directory_urls: false\n{levels}"
    (root / "mkdocs.yml").write_text(text, "utf-8")
    return run([str(tools / "mkdocs"), "build", "--strict"], root)


def sphinx(tools: Path, root: Path) -> str:
    first = min((root / "content").rglob("*.md")).relative_to(root / "content").with_suffix("").as_posix()
    settings = f'extensions = ["myst_parser"]\nroot_doc = "{first}"\nmyst_heading_anchors = 6\n'
    settings += 'myst_enable_extensions = ["dollarmath"]\nsuppress_warnings = ["toc"]\n'
    (root / "conf.py").write_text(settings, "utf-8")
    command = [str(tools / "sphinx-build"), "-n", "-W", "--keep-going", "-q", "-c", ".", "content", "html"]
    return run(command, root)


def zensical(tools: Path, root: Path) -> str:
    mkdocs_text = "site_name: x\ndocs_dir: content\nsite_dir: site\n"
    (root / "mkdocs.yml").write_text(mkdocs_text, "utf-8")
    return run([str(tools / "zensical"), "build", "--clean"], root)


def lychee(tools: Path, root: Path) -> str:
    command = [str(tools / "lychee"), "--offline", "--include-fragments", "--no-progress", "--format", "detailed"]
    text = run([*command, "content"], root)
    found, name = [], ""
    for line in text.splitlines():  # errors stand below the name of their file
        if line.startswith("Errors in "):
            name = line
        elif name and line.strip():
            found.append(f"{name} {line}")
    return "\n".join(found)


TOOLS: dict[str, Callable[[Path, Path], str]] = {
    "ours": ours,
    "mkdocs": mkdocs,
    "sphinx-build": sphinx,
    "zensical": zensical,
    "lychee": lychee,
}


def lines_of(text: str) -> Counter[str]:
    return Counter(_PLACE_RE.sub("", _COLOUR_RE.sub("", line)) for line in text.splitlines())


def build_both(source: Path, number: int, seed: int, tools: Path) -> Iterator[tuple[str, list[Fault], Counter[str]]]:
    """Each program, the faults, and the lines that it writes of the faulty course only."""
    lessons = read_lessons(source)
    faults = [fault for fault in Planter(lessons, seed).draw(number) if not fault.renamed]
    for name, build in TOOLS.items():
        if name != "ours" and not (tools / name).exists():
            continue
        texts = []
        for is_sound in (True, False):
            with tempfile.TemporaryDirectory(prefix="bench-check-") as folder:
                root = Path(folder)
                shutil.copytree(source, root / "content")
                (root / "content" / IMAGE).write_bytes(PIXEL)
                for fault in faults:
                    path = root / "content" / fault.path
                    if fault.sound:
                        path.write_text(put_line(lessons[fault.path], fault, is_sound=is_sound)[0], "utf-8")
                    elif not is_sound:
                        path.write_text(fault.faulty, "utf-8")
                texts.append(lines_of(build(tools, root).replace(f"{root}/", "")))
        yield name, faults, texts[1] - texts[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=PROJECT.parent / "shared")
    parser.add_argument("--tools", type=Path, required=True)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    options = parser.parse_args()
    found: dict[str, Counter[str]] = {}
    planted = Counter[str]()
    names = []
    for seed in options.seeds:
        for name, faults, new in build_both(options.shared / "course" / "docs", options.faults, seed, options.tools):
            names += [name] if name not in names else []
            text = "\n".join(new)
            for fault in faults:
                planted[fault.kind] += name == "ours"
                found.setdefault(fault.kind, Counter())[name] += fault.path in text
    print(f"| fault | planted | {' | '.join(names)} |\n|{'---|' * (2 + len(names))}")
    for kind, row in found.items():
        print(f"| {kind} | {planted[kind]} | {' | '.join(str(row[name]) for name in names)} |")
    totals = [sum(row[name] for row in found.values()) for name in names]
    print(f"| all | {planted.total()} | {' | '.join(map(str, totals))} |")


if __name__ == "__main__":
    main()
