"""Firefox, driven by its own protocol, Marionette: lines of JSON on a socket.

Playwright sends a command that this Firefox has not got, Selenium needs geckodriver, which Debian has not, and Mozilla's
`marionette-driver` brings ten packages and ends with errors of its own.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

START_SECONDS = 60
ANSWER_SECONDS = 60


class Firefox:
    """One window."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines = connection.makefile("rb")
        self._count = 0
        self._read()  # who it is

    def _read(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            byte = self._lines.read(1)
            assert byte, "Firefox has hung up"
            length += byte
        return json.loads(self._lines.read(int(length[:-1])))

    def ask(self, command: str, **options: Any) -> Any:
        """What a command of WebDriver answers."""
        self._count += 1
        message = json.dumps([0, self._count, f"WebDriver:{command}", options]).encode()
        self._connection.sendall(b"%d:%s" % (len(message), message))
        _, number, error, result = self._read()
        assert number == self._count
        assert error is None, error["message"]
        return result["value"] if isinstance(result, dict) and set(result) == {"value"} else result

    def go(self, url: str) -> None:
        """Open a page and wait until it is loaded."""
        self.ask("Navigate", url=url)

    def evaluate(self, script: str) -> Any:
        """What a page's own script returns; of one that begins with `const done`, what that is given."""
        kind = "ExecuteAsyncScript" if script.startswith("const done") else "ExecuteScript"
        return self.ask(kind, script=script, args=[], sandbox=None)

    def resize(self, width: int, height: int) -> None:
        """Make the window so many pixels of CSS wide, within its frame."""
        self.ask("SetWindowRect", width=width + self.evaluate("return outerWidth - innerWidth"), height=height)


@contextlib.contextmanager
def start_firefox(program: str, preferences: Mapping[str, object]) -> Iterator[Firefox]:
    """A new Firefox with some preferences, which has seen nothing and asks nobody for anything."""
    quiet = {"marionette.port": 0, "app.normandy.enabled": False, "datareporting.policy.dataSubmissionEnabled": False}
    with tempfile.TemporaryDirectory() as folder:
        lines = (
            f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in {**quiet, **preferences}.items()
        )
        (Path(folder) / "user.js").write_text("\n".join(lines), "utf-8")
        command = [program, "--headless", "--no-remote", "--marionette", "--profile", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            port, end = Path(folder) / "MarionetteActivePort", time.monotonic() + START_SECONDS
            while not (port.is_file() and port.read_text()):
                assert process.poll() is None, "Firefox has ended"
                assert time.monotonic() < end, "Firefox does not start"
                time.sleep(0.05)
            with socket.create_connection(("127.0.0.1", int(port.read_text())), ANSWER_SECONDS) as connection:
                firefox = Firefox(connection)
                firefox.ask("NewSession")
                yield firefox
        finally:
            process.terminate()
            process.wait()
