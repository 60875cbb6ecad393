#!/usr/bin/env python3
"""The same lessons as this project, Material for MkDocs, Zensical and Starlight show them, side by side."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[1]


class Other(NamedTuple):
    """A builder from PyPI that reads `mkdocs.yml`."""

    name: str
    package: str
    command: tuple[str, ...]
    search_input: str
    search_result: str


MATERIAL = Other(
    "Material for MkDocs",
    "mkdocs-material",
    ("-m", "mkdocs", "build", "--quiet"),
    ".md-search__input",
    ".md-search-result__link",
)
ZENSICAL = Other("Zensical", "zensical", ("-m", "zensical", "build"), "input[role=combobox]", "a[role=option]")

CONFIG = """site_name: Course
site_url: http://127.0.0.1/
docs_dir: docs
theme:
  name: material
  language: vi
  features: [navigation.sections, content.code.copy]
  palette:
    - media: "(prefers-color-scheme: light)"
      scheme: default
    - media: "(prefers-color-scheme: dark)"
      scheme: slate
markdown_extensions:
  - admonition
  - attr_list
  - def_list
  - footnotes
  - md_in_html
  - tables
  - toc: {permalink: true}
  - pymdownx.arithmatex: {generic: true}
  - pymdownx.highlight
  - pymdownx.superfences
plugins: [search: {lang: vi}]
"""


def build_ours(course: Path, folder: Path) -> Path:
    """The site that this project makes of a course."""
    folder.mkdir(parents=True)
    for name in ("dodo.py", "pyproject.toml"):
        shutil.copy(PROJECT / name, folder)
    shutil.copytree(PROJECT / "templates", folder / "templates")
    shutil.copytree(course, folder / "content")
    done = subprocess.run([sys.executable, "-m", "doit"], cwd=folder, capture_output=True, text=True, check=False)
    if not (folder / "output" / "index.html").is_file():
        raise SystemExit(done.stdout + done.stderr)
    return folder / "output"


def make_venv(folder: Path, *packages: str) -> Path:
    """The Python of a new virtual environment with some packages."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "-q", *packages], check=True)
    return python


def build_with(other: Other, course: Path, folder: Path) -> Path:
    """The site that another builder makes of the same course."""
    python = make_venv(folder / "venv", other.package)
    shutil.copytree(course, folder / "docs")
    (folder / "mkdocs.yml").write_text(CONFIG, "utf-8")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([str(python), *other.command], cwd=folder, check=True, **quiet)  # type: ignore[call-overload]
    return folder / "site"
