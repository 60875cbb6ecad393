"""A folder -> its files over HTTP, on loopback, with a script in each page that shows what is built anew."""

from __future__ import annotations

import hashlib
import http.server
import json
import mimetypes
import os
import re
import socket
import threading
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pipeline.commands.serve.preview import Report

HOST = "127.0.0.1"
NAMES = (HOST, "localhost")
"""What a browser may call this machine. A page of another site, whose name is made to lead here, is not answered."""
OWN = "/.lesson-pipeline/"
"""Where the preview's own files are: no file of a site begins with a dot, but for `.well-known` and `.nojekyll`."""
EVENTS = f"{OWN}events"
OWN_FILES = {f"{OWN}{name}": Path(__file__).with_name(name) for name in ("live.js", "live.css")}
HEARTBEAT_SECONDS = 15
"""How often a page that listens is written to: so it is noticed that it is gone."""
_STYLES_RE = re.compile(rb'<link rel="stylesheet" href="[^"]*">')
_LOCKED = b"default-src 'none'"
"""In the policy of a page that leads on to another, and lets nothing run."""
_TYPES = {".js": "text/javascript", ".md": "text/markdown", ".woff2": "font/woff2", ".wasm": "application/wasm"}


class Server(http.server.ThreadingHTTPServer):
    """Serves a folder until the process ends."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = os.path.realpath(folder)
        self.report = Report(0, ())
        self.changed = threading.Condition()
        super().__init__((HOST, port), _Handler)
        self.hosts = {name if self.server_port == 80 else f"{name}:{self.server_port}" for name in NAMES}

    @property
    def url(self) -> str:
        """Where the site is."""
        return f"http://{HOST}:{self.server_port}/"

    def show(self, report: Report) -> None:
        """Tell every page that listens, if there is anything new."""
        with self.changed:
            if report.number != self.report.number:
                self.report = report
                self.changed.notify_all()

    def start(self) -> None:
        """Serve from now on, in threads of its own."""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_: object) -> None:
        """A browser that goes on to another page hangs up: nobody needs a traceback of it."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server
    timeout = 60

    def setup(self) -> None:
        super().setup()
        # An event is a small packet: it is not to wait for the answer to the one before it.
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self) -> None:
        """Answer with a file, a page or the events."""
        if self.headers.get("Host", "") not in self.server.hosts:
            self._answer(HTTPStatus.MISDIRECTED_REQUEST, b"this server has another name\n", "text/plain")
            return
        path = unquote(urlsplit(self.path).path, errors="surrogateescape")
        if path == EVENTS:
            self._tell()
        elif path in OWN_FILES:
            self._answer(HTTPStatus.OK, OWN_FILES[path].read_bytes(), _type_of(path))
        else:
            self._answer_file(path)

    do_HEAD = do_GET  # noqa: N815  (a name of the standard library's)

    def _answer_file(self, path: str) -> None:
        if not path.endswith("/") and self._is_folder(path):
            self.send_response(HTTPStatus.MOVED_PERMANENTLY)
            self.send_header("Location", urlsplit(self.path).path + "/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if path.endswith("/"):
            path += "index.html"
        number = self.server.report.number  # before it is read: what is built meanwhile has another
        status, content = HTTPStatus.OK, self._read(path)
        if content is None:
            status, content, path = HTTPStatus.NOT_FOUND, self._read("/404.html") or b"not found\n", "/404.html"
        if not path.endswith(".html"):
            self._answer(status, content, _type_of(path))
            return
        mark = hashlib.blake2b(_STYLES_RE.sub(b"", content), digest_size=8).hexdigest()
        self._answer(status, _with_script(content, mark, number), "text/html; charset=utf-8", mark)

    def _place_of(self, path: str) -> str | None:
        """The file of a path, if it is in the folder; whatever `..` or a link leads to elsewhere is not."""
        if "\0" in path:
            return None
        place = os.path.realpath(self.server.folder + os.sep + path.lstrip("/"))
        return place if place.startswith(self.server.folder + os.sep) else None

    def _is_folder(self, path: str) -> bool:
        place = self._place_of(path)
        return place is not None and os.path.isdir(place)

    def _read(self, path: str) -> bytes | None:
        place = self._place_of(path)
        try:
            return Path(place).read_bytes() if place is not None and os.path.isfile(place) else None
        except OSError:  # it has gone meanwhile
            return None

    def _answer(self, status: HTTPStatus, content: bytes, kind: str, mark: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        if mark:
            self.send_header("X-Page", mark)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _tell(self) -> None:
        """Server-sent events: the report as it is now, and each one after it, until the browser hangs up."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        told = -1
        while True:
            with self.server.changed:
                if self.server.report.number == told:
                    self.server.changed.wait(HEARTBEAT_SECONDS)
                report = self.server.report
            line = ":\n\n" if report.number == told else f"data: {json.dumps(report._asdict())}\n\n"
            told = report.number
            self.wfile.write(line.encode())
            self.wfile.flush()

    def send_response(self, code: int, message: str | None = None) -> None:
        self.send_response_only(code, message)

    def log_message(self, *_: Any) -> None:
        pass


def _with_script(page: bytes, mark: str, number: int) -> bytes:
    """A page with the script that listens. It is told what the page is without its style sheets, and the number of the
    report that stood before it was read."""
    if _LOCKED in page.partition(b"</head>")[0]:  # below it, it is the words of a lesson
        return page
    before, body, after = page.rpartition(b"</body>")
    script = f'<script src="{OWN}live.js" data-page="{mark}" data-number="{number}"></script>'.encode()
    return before + script + body + after if body else page + script


def _type_of(path: str) -> str:
    ending = os.path.splitext(path)[1].lower()
    kind = _TYPES.get(ending) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    is_text = kind.startswith("text/") or kind in ("application/json", "application/xml", "image/svg+xml")
    return f"{kind}; charset=utf-8" if is_text else kind
