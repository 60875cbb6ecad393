#!/usr/bin/env python3
"""From a save to the new text in a real browser, with each preview server on the same lessons.

    python bench/serve.py [--lessons 468] [--edits 20] [--venvs DIR] [--install] [--without Zensical]

A lesson is open in Chromium. A sentence is added to it and the file saved; the clock stops when the browser shows the
sentence. The servers take turns, edit by edit. Hugo and Zensical are taken from environments below `--venvs`; one that
is not there is left out, or installed. For ours it is also told when its watcher had the change: the rest is building,
serving and the browser.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

from builders import Builder, CannotRunError, Hugo, Ours, Zensical, find_program
from courses import PROJECT, SHARED, lesson_path, make_course, read_seed
from playwright.sync_api import Page, sync_playwright

from pipeline.commands.serve.watcher import watch_course

EDITED = 3
"""The number of the lesson."""
START_SECONDS = 1800
"""A server that is not there by then is left out."""
SEEN_MS = 120_000
PAUSE_SECONDS = 2.5
"""Between two edits: whatever a server does after one is over then."""
_CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


class Served:
    """A course, the server that shows it, and a browser on one of its lessons."""

    def __init__(self, builder: Builder, command: list[str], url: str, path: str) -> None:
        self.builder = builder
        self.seconds: list[float] = []
        self._url, self._path = url, path
        self._log = (builder.folder / "serve.log").open("w")
        env = os.environ | {"PYTHONPATH": str(PROJECT)}
        self._process = subprocess.Popen(command, cwd=builder.folder, env=env, stdout=self._log, stderr=self._log)

    def open(self, page: Page) -> None:
        """Wait for the server, and open the lesson."""
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                with urllib.request.urlopen(self._url + self._path):  # noqa: S310  (it is http)
                    break
            except OSError:
                if time.monotonic() > end or self._process.poll() is not None:
                    raise CannotRunError(f"{self.builder.name}: its server does not answer") from None
                time.sleep(0.2)
        self.page = page
        page.goto(self._url + self._path)
        time.sleep(PAUSE_SECONDS)

    def edit(self, text: str, words: str) -> None:
        """Save the lesson, and note how long it takes until the browser shows the words."""
        started = time.perf_counter()
        self.builder.put(lesson_path(EDITED), text)
        self.page.wait_for_function(
            "words => document.body.textContent.includes(words)", arg=words, timeout=SEEN_MS, polling=5
        )
        self.seconds.append(time.perf_counter() - started)

    def close(self) -> None:
        """End the server."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


def start(kind: type[Builder], folder: Path, course: Path, venvs: Path, *, install: bool) -> Served:
    """The server of one builder on its own copy of the course. Raises CannotRunError."""
    port = free_port()
    url, page = f"http://127.0.0.1:{port}/", lesson_path(EDITED).removesuffix(".md")
    program = [] if kind is Ours else find_program(kind, venvs, install=install)[0][:1]
    builder = kind(folder / kind.name, program)
    builder.prepare(course)
    if kind is Ours:
        return Served(builder, [sys.executable, "-m", "pipeline", "serve", "--port", str(port)], url, f"{page}.html")
    if kind is Hugo:
        return Served(builder, [*program, "server", "--port", str(port), "--bind", "127.0.0.1"], url, f"{page}/")
    return Served(builder, [*program, "serve", "--dev-addr", f"127.0.0.1:{port}"], url, f"{page}/")


def free_port() -> int:
    """A port that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Watcher:
    """Our watcher alone: when it has an edit."""

    def __init__(self, content: Path) -> None:
        self._content = content
        self._times: SimpleQueue[float] = SimpleQueue()
        self.seconds: list[float] = []
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        for changed in watch_course(self._content, ()):
            if changed:
                self._times.put(time.perf_counter())

    def time(self, path: Path) -> None:
        """Save a file once more, and note how long it takes until it is named."""
        while not self._times.empty():
            self._times.get()
        started = time.perf_counter()
        path.write_bytes(path.read_bytes())
        self.seconds.append(self._times.get(timeout=10) - started)


@contextlib.contextmanager
def new_page() -> Iterator[list[Page]]:
    """Pages of one Chromium, each in a window of its own."""
    chromium = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield [browser.new_context().new_page() for _ in range(3)]
        browser.close()


def figure(name: str, seconds: list[float]) -> str:
    """A line of the result."""
    low, high = min(seconds), max(seconds)
    return f"{name:24} {statistics.median(seconds) * 1000:8,.0f} ms  ({low * 1000:,.0f} to {high * 1000:,.0f})"


def main() -> int:
    """Measure, and print a line for each server."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lessons", type=int, default=468)
    parser.add_argument("--edits", type=int, default=20)
    parser.add_argument("--venvs", type=Path, default=Path.home() / ".cache" / "lesson-pipeline-bench")
    parser.add_argument("--install", action="store_true", help="install what is missing there")
    parser.add_argument("--without", action="append", default=[], help="a server to leave out: Hugo or Zensical")
    parser.add_argument("--shared", type=Path, default=SHARED, help="where the real lessons are")
    options = parser.parse_args()
    seed = read_seed(options.shared)
    with tempfile.TemporaryDirectory() as temporary, contextlib.ExitStack() as stack:
        folder = Path(temporary)
        make_course(options.lessons, folder / "course", seed)
        servers = list[Served]()
        pages = stack.enter_context(new_page())
        for kind in (Ours, Hugo, Zensical):
            if kind.name in options.without:
                continue
            try:
                served = start(kind, folder, folder / "course", options.venvs, install=options.install)
                stack.callback(served.close)
                served.open(pages[len(servers)])
                servers.append(served)
            except CannotRunError as error:
                print(error)
        text = seed.lesson(EDITED).rstrip()
        for number in range(-1, options.edits):
            words = f"Câu mới số {number + 2}."
            text = f"{text}\n\n{words}"
            for served in servers:
                served.edit(f"{text}\n", words)
                if number < 0:
                    served.seconds.clear()
                time.sleep(PAUSE_SECONDS)
        watcher = Watcher(servers[0].builder.lessons)
        time.sleep(PAUSE_SECONDS)
        for _ in range(options.edits):
            watcher.time(servers[0].builder.lessons / lesson_path(EDITED))
            time.sleep(0.5)
        print(f"{options.lessons:,} lessons ({seed.name}), median of {options.edits} edits, save to browser")
        for served in servers:
            print(figure(served.builder.name, served.seconds))
        print(figure("of ours, the watcher", watcher.seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
