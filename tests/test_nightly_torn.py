"""No reader ever sees half a site: publications with random edits and kills, while a crawler reads all the time through
a real nginx and from the disk."""

from __future__ import annotations

import contextlib
import html
import json
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from building import read_tree
from nights import Nights

LESSONS = 8
INDEX = "_search/index.js"
_LOADED_RE = re.compile(r':"(_static/[^"]+)"')
_ALL_RE = re.compile(r'(?:href|src)="([^"#?]+)["#?]')
_MARK_RE = re.compile(r"Khóa (\d+)")
CONFIG = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ }}
http {{
  access_log off; include /etc/nginx/mime.types;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen 127.0.0.1:{port}; root "{site}"; error_page 404 /404.html; }}
}}
"""


def image(number: int) -> bytes:
    """A PNG of one pixel, of this grey."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    grey = bytes([0, number % 256])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(grey)) + chunk(b"IEND", b"")


class Editor:
    """Somebody who edits at random."""

    def __init__(self, nights: Nights, rng: random.Random) -> None:
        self._nights, self._rng, self._count = nights, rng, 0
        self._sheet = nights.root / "templates/static/site.css"
        self._plain = self._sheet.read_text("utf-8")
        for number in range(LESSONS):
            self._write_lesson(number)
        self._write_title()

    def edit(self) -> None:
        """One to three edits."""
        self._count += 1
        for _ in range(self._rng.randint(1, 3)):
            self._rng.choice(
                (self._write_one, self._write_title, self._write_sheet, self._move, self._remove, self._spoil)
            )()

    def mend(self) -> None:
        """Leave a course in which nothing is broken."""
        for moved in self._nights.content.rglob("doi*.md"):
            moved.unlink()
        for number in range(LESSONS):
            self._write_lesson(number)

    def _write_lesson(self, number: int) -> None:
        folder = f"m{number % 2}"
        self._nights.write(f"{folder}/anh{number}.png", image(self._count))
        self._nights.write(
            f"{folder}/bai{number}.md",
            f"# Bài {number}\n\nChữ {self._count}. [sau](../m{(number + 1) % 2}/bai{(number + 1) % LESSONS}.md)\n\n"
            f"![ảnh](anh{number}.png)\n",
        )

    def _any(self) -> int:
        return self._rng.randrange(LESSONS)

    def _write_one(self) -> None:
        self._write_lesson(self._any())

    def _write_title(self) -> None:
        """Every page shows it."""
        self._nights.write("course.toml", f'title = "Khóa {self._count}"\n')

    def _write_sheet(self) -> None:
        self._sheet.write_text(f"{self._plain}\n/* {self._count} */\n", "utf-8")

    def _move(self) -> None:
        number = self._any()
        source = self._nights.content / f"m{number % 2}/bai{number}.md"
        if source.exists():
            source.rename(source.with_name(f"doi{number}.md"))

    def _remove(self) -> None:
        number = self._any()
        for name in (f"bai{number}.md", f"doi{number}.md", f"anh{number}.png"):
            (self._nights.content / f"m{number % 2}" / name).unlink(missing_ok=True)

    def _spoil(self) -> None:
        self._nights.write(f"m0/bai{self._any() // 2 * 2}.md", b"\0")


class Crawler:
    """Reads all that readers can, and notes what no reader may see."""

    def __init__(self, nights: Nights, address: str, seed: int) -> None:
        self._nights, self._address, self._rng = nights, address, random.Random(seed)
        self._stop = threading.Event()
        self._shown = set[str]()
        """Style sheets and scripts of all pages that were ever read."""
        self._indexes = set[str]()
        """Every first file of the search that was ever read."""
        self.faults: list[str] = []
        self.pages = self.searches = self.releases = 0
        self._threads = [
            threading.Thread(target=self._go_on, args=(work,)) for work in (self._read_served, self._read_disk)
        ]

    def __enter__(self) -> Crawler:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _go_on(self, work: object) -> None:
        assert callable(work)
        while not self._stop.is_set():
            try:
                work()
            except Exception as error:  # a reader who gives up would find nothing
                self.faults.append(f"the crawler failed: {error!r}")
                return

    # --- through the server ---

    def _read_served(self) -> None:
        waiting, seen = ["index.html"], {"index.html"}
        while waiting and not self._stop.is_set():
            page = waiting.pop(self._rng.randrange(len(waiting)))
            found = self._read_page(page)
            for path in found:
                if path.endswith(".html") and path not in seen:
                    seen.add(path)
                    waiting.append(path)
            if self._shown:
                old = self._rng.choice(sorted(self._shown))
                if self._get(old) is None:
                    self.faults.append(f"{old} of a former page is not there")
                self._search()
            time.sleep(0.005)  # the builds need the processors too

    def _read_page(self, page: str) -> set[str]:
        text = self._get(page)
        if text is None:
            if page == "index.html":
                self.faults.append("there is no index.html")
            return set()
        self.pages += 1
        self._check_marks(page, text)
        addresses = addresses_of(page, text)
        for path in sorted(addresses):
            is_own = path.startswith("_static/")
            if is_own:
                self._shown.add(path)
            content = self._get(path)
            if content is None and (is_own or self._is_still_shown(page, path)):
                self.faults.append(f"{page} refers to {path}")
            for loaded in loaded_by(path, content or ""):
                self._shown.add(loaded)
                if self._get(loaded) is None:
                    self.faults.append(f"{path} loads {loaded}")
        return addresses

    def _search(self) -> None:
        """Ask for a file of the search, as a page does that began with this index or with a former one."""
        index = self._get(INDEX)
        if index is None:
            self.faults.append(f"{INDEX} is not there")
            return
        self._indexes.add(index)
        listed = lists_of(self._rng.choice(sorted(self._indexes)))
        content = self._get(path := self._rng.choice(listed))
        if content is None or not is_named_after(content, path):
            self.faults.append(f"{path} of a former index is not what it was")
        else:
            file = self._rng.choice(files_of(path, content))
            content = self._get(file)
            if content is None or not is_named_after(content, file):
                self.faults.append(f"{file} of a former index is not what it was")
        self.searches += 1

    def _is_still_shown(self, page: str, path: str) -> bool:
        """Whether a link leads nowhere, other than to what went between two looks."""
        for _ in range(3):
            text = self._get(page)
            if text is None or path not in addresses_of(page, text) or self._get(path) is not None:
                return False
        return True

    def _get(self, path: str) -> str | None:
        try:
            with urllib.request.urlopen(self._address + urllib.parse.quote(path), timeout=30) as answer:  # noqa: S310
                return str(answer.read().decode("utf-8", "replace"))
        except urllib.error.HTTPError as error:
            error.close()
            return None

    def _check_marks(self, page: str, text: str) -> None:
        marks = set(_MARK_RE.findall(text))
        if len(marks) > 1:
            self.faults.append(f"{page} is of {marks} at once")

    # --- from the disk ---

    def _read_disk(self) -> None:
        release = Path(os.path.realpath(self._nights.site))
        found = []
        try:
            tree = read_tree(release)
        except OSError:
            tree = {}
        pages = {path: content.decode() for path, content in tree.items() if path.endswith(".html")}
        for page, text in pages.items():
            self._check_marks(page, text)
            missing = {path for path in addresses_of(page, text) if path not in tree}
            found += [f"{release.name}: {page} refers to {path}" for path in missing]
        loaded = {
            name for path, content in tree.items() for name in loaded_by(path, content.decode("utf-8", "replace"))
        }
        found += [f"{release.name}: {path} is loaded and not there" for path in sorted(loaded - tree.keys())]
        found += [f"{release.name}: {path} is named and not there" for path in missing_of_search(tree)]
        whole = {page: set(_MARK_RE.findall(text)) for page, text in pages.items() if not is_left_alone(page, self)}
        marks = set().union(*whole.values()) if whole else set()
        if len(marks) > 1:
            found.append(f"{release.name} is of {marks} at once: {whole}")
        if "index.html" not in tree:
            found.append(f"{release.name} has no index.html")
        if release.name in self._nights.releases.names()[-3:]:  # older ones are deleted under a slow reader's hands
            self.faults += found
            self.releases += 1
        time.sleep(0.02)


def missing_of_search(tree: dict[str, bytes]) -> list[str]:
    """What the search of a site names and is not there."""
    if INDEX not in tree:
        return [INDEX]
    lists = lists_of(tree[INDEX].decode())
    files = (file for path in lists if path in tree for file in files_of(path, tree[path].decode()))
    return [path for path in (*lists, *files) if path not in tree]


def put_in(script: str) -> Any:
    """What a file of the search hands over."""
    return json.loads(script.removeprefix("courseSearch.put(").removesuffix(");\n"))


def lists_of(index: str) -> list[str]:
    """The lists that the first file of a search names."""
    lists = put_in(index)
    return [
        f"_search/{kind}/{folder}.{digest}.js"
        for kind in ("terms", "cards")
        for folder, digest in enumerate(lists[kind])
        if digest
    ]


def files_of(path: str, listed: str) -> list[str]:
    """The files that a list names."""
    folder = path.split(".")[0]
    return [f"{folder}/{place}.{digest}.js" for place, digest in enumerate(put_in(listed)) if digest]


def is_named_after(content: str, path: str) -> bool:
    """Whether a file of the search has the content that its name tells."""
    said = content.removeprefix("courseSearch.put(").removesuffix(");\n")
    return blake2b(said.encode(), digest_size=4).hexdigest() == path.split(".")[1]


def is_left_alone(page: str, crawler: Crawler) -> bool:
    """A page whose lesson is spoiled keeps what it showed: the course's former title with it."""
    return page.startswith("m0/bai")


def loaded_by(path: str, content: str) -> list[str]:
    """The files that a script of the pages loads, as its first line says."""
    return _LOADED_RE.findall(content.partition("\n")[0]) if path.startswith("_static/site.") else []


def addresses_of(page: str, text: str) -> set[str]:
    """Where a page leads in its own site, as paths from its top."""
    found = set()
    for address in _ALL_RE.findall(text):
        address = html.unescape(address)
        if ":" not in address and not address.startswith("//"):
            path = urllib.parse.urljoin("http://x/" + page, address).removeprefix("http://x/")
            path = urllib.parse.unquote(path)
            found.add(f"{path}index.html" if path.endswith("/") or not path else path)
    return found


@contextlib.contextmanager
def serve(site: Path, folder: Path) -> Iterator[str]:
    """nginx on a free port; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder.mkdir()
    folder.chmod(0o755)
    config = folder / "nginx.conf"
    config.write_text(("user root;" if os.getuid() == 0 else "") + CONFIG.format(folder=folder, port=port, site=site))
    server = subprocess.Popen(["nginx", "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < until, (folder / "error.log").read_text()
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait()


@pytest.mark.parametrize(
    "publications", [4, pytest.param(30, marks=pytest.mark.deep), pytest.param(1000, marks=pytest.mark.proof)]
)
def test_no_reader_sees_half_a_site(tmp_path: Path, publications: int) -> None:
    if shutil.which("nginx") is None:
        pytest.skip("there is no nginx here")
    rng = random.Random(publications)
    nights = Nights(tmp_path / "project")
    nights.set_up()
    editor = Editor(nights, rng)
    nights.published()
    ended: dict[int, int] = {}
    took = 1.5
    with serve(nights.site, tmp_path / "nginx") as address, Crawler(nights, address, publications) as crawler:
        for _ in range(publications):
            editor.edit()
            process = nights.start()
            if rng.random() < 0.5:
                time.sleep(rng.uniform(0, took))
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            else:
                started = time.monotonic()
                process.wait()
                took = 0.8 * took + 0.2 * (time.monotonic() - started)
            text, _ = process.communicate(timeout=300)
            ended[process.returncode] = ended.get(process.returncode, 0) + 1
            assert process.returncode in (0, 10, -signal.SIGKILL), text
            assert crawler.faults == []
        editor.mend()
        nights.published()
        assert nights.shown().keys() >= read_tree(nights.output).keys()
    assert crawler.faults == []
    assert crawler.pages > publications
    assert crawler.searches > publications
    assert crawler.releases > 1
    print(  # noqa: T201
        f"{ended}; {crawler.pages} pages and {crawler.searches} searches through nginx, "
        f"{crawler.releases} whole sites from the disk"
    )
