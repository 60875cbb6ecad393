"""`lesson-pipeline serve`: a preview that follows what is saved, in real processes and a real browser."""

from __future__ import annotations

import contextlib
import http.client
import io
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pytest
from building import PROJECT, needs_no_root, read_tree, run_as_nobody, some_of_many
from hypothesis import given
from hypothesis import strategies as st
from test_own_stage import MODULE, ROW

from pipeline.builder.disk.project import locate
from pipeline.builder.runs.builds import Builds
from pipeline.commands.program import main
from pipeline.commands.serve import _own_tasks, _parser, watcher
from pipeline.commands.serve.preview import Preview, Report, _summary
from pipeline.commands.serve.server import EVENTS, HEARTBEAT_SECONDS, Server, _with_script
from pipeline.commands.serve.watcher import LOOK_EVERY, Changed, _within, watch_course

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATIENCE = 20
"""Seconds until what never comes is a fault."""
LONG = "\n\n".join(f"Paragraph {number} of many." for number in range(200))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course that has been built."""
    root = tmp_path / "course"
    main(["new", str(root)])
    (root / "content/01_start/02_draft.md").write_text("---\ndraft: true\n---\n# Not yet\n\nText.\n", "utf-8")
    (root / "content/long.md").write_text(f"# Long\n\nFirst words.\n\n{LONG}\n", "utf-8")
    Builds(locate(root, {}, root)).run()
    return root


def wait_for(check: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(FileNotFoundError):  # it is at work
            if check():
                return
        assert time.monotonic() < end, what
        time.sleep(0.1)


# --- the preview ---


def preview_of(root: Path) -> Preview:
    return Preview(locate(root, {}, root), io.StringIO())


def test_drafts_are_shown_with_a_mark_and_nothing_of_it_is_in_the_output(root: Path) -> None:
    before = read_tree(root / "output")
    preview = preview_of(root)
    assert preview.build().faults == ()
    shown = preview.location.output
    assert "✎ Not yet" in (shown / "01_start/02_draft.html").read_text("utf-8")
    assert "✎ Not yet" in (shown / "01_start/index.html").read_text("utf-8")
    assert read_tree(root / "output") == before
    assert Builds(locate(root, {}, root)).run().told["executed"] == []


def test_without_drafts_it_is_the_site_byte_for_byte(root: Path) -> None:
    (root / "content/01_start/02_draft.md").unlink()
    Builds(locate(root, {}, root)).run()
    preview = preview_of(root)
    preview.build()
    assert read_tree(preview.location.output) == read_tree(root / "output")
    (root / "content/long.md").write_text("# Short\n", "utf-8")
    preview.build(["long.md"])
    Builds(locate(root, {}, root)).run()
    assert read_tree(preview.location.output) == read_tree(root / "output")


def test_it_begins_with_what_the_last_build_made(root: Path) -> None:
    (root / "content/01_start/02_draft.md").unlink()
    Builds(locate(root, {}, root)).run()
    preview = preview_of(root)
    executed = preview._builds.run().told["executed"]
    assert not any(task.startswith(("repair:", "parse:", "render:")) for task in executed), executed


def test_it_begins_with_the_state_where_the_output_is_gone(root: Path) -> None:
    (root / "content/01_start/02_draft.md").unlink()
    Builds(locate(root, {}, root)).run()
    output = root / "output"
    built = read_tree(output)
    shutil.rmtree(output)
    preview = preview_of(root)
    executed = preview._builds.run().told["executed"]
    assert not any(task.startswith(("repair:", "parse:")) for task in executed), executed
    assert read_tree(preview.location.output) == built


def test_it_begins_with_what_builds_told_and_saw(root: Path) -> None:
    """The warnings that stand, and the lessons that were renamed: the next build counts and leads on from there."""
    (root / "content/01_start/02_draft.md").unlink()
    (root / "content/long.md").write_text("# Long\n\n[x](gone.md)\n", "utf-8")
    Builds(locate(root, {}, root)).run()
    (root / "content/long.md").rename(root / "content/longer.md")
    Builds(locate(root, {}, root)).run()
    preview = preview_of(root)
    told = preview._builds.run().told
    assert (told["executed"], told["standing"]) == ([], 1), told
    assert (preview.location.output / "long.html").is_file()
    (root / "content/longer.md").write_text("# Long\n\n[x](gone.md) More.\n", "utf-8")
    preview.build(["longer.md"])
    assert (preview.location.output / "long.html").is_file()


def test_links_in_the_output_stay_links(root: Path) -> None:
    (root / "output/there").symlink_to(root / "content")
    (root / "output/gone").symlink_to(root / "gone")
    shown = preview_of(root).location.output
    assert (shown / "there").is_symlink()
    assert (shown / "gone").is_symlink()


def test_a_state_that_cannot_be_copied_is_no_fault(root: Path) -> None:
    locate(root, {}, root).state_path.write_bytes(b"x" * 5000)
    assert preview_of(root).build().faults == ()


def test_what_a_beginning_left_that_was_killed_is_no_fault(root: Path) -> None:
    killed = preview_of(root)
    os.close(killed._lock)
    part = killed.location.state_path.with_suffix(".part")
    killed.location.state_path.rename(part)
    part.write_bytes(b"half")
    (killed.location.output / "index.html").unlink()
    preview = preview_of(root)
    assert preview.location == killed.location
    assert read_tree(preview.location.output) == read_tree(root / "output")
    assert preview.build().faults == ()
    assert not part.exists()


def test_a_page_is_shown_before_the_rest_of_the_site_is_made(root: Path) -> None:
    preview = preview_of(root)
    preview.build()
    site, shown = preview.location.output, list[tuple[Report, str, bool]]()
    before, numbers = read_tree(site / "_search"), [preview.report.number]

    def show(report: Report) -> None:
        is_as_before = read_tree(site / "_search") == before
        shown.append((report, (site / "long.html").read_text("utf-8"), is_as_before))

    (root / "content/long.md").write_text("# Long\n\nSomething quite unheard-of.\n", "utf-8")
    last = preview.build(["long.md"], show)
    ((early, text, is_as_before),) = shown
    assert "quite unheard-of" in text
    assert is_as_before, "nobody waits for the search"
    assert read_tree(site / "_search") != before
    numbers += [early.number, last.number]
    assert numbers == sorted(set(numbers)), "each is news"


@pytest.mark.parametrize(
    ("pages", "seconds", "said"),
    [
        (0, 0.126, "0 pages rebuilt, 0.13 s"),
        (1, 1, "1 page rebuilt, 1.00 s"),
        (1234, 61.5, "1,234 pages rebuilt, 61.50 s"),
    ],
)
def test_what_a_build_is_summed_up_to(pages: int, seconds: float, said: str) -> None:
    assert _summary({"pages": pages, "seconds": seconds}) == said


@pytest.mark.parametrize("said", [{}, {"content": "elsewhere/lessons"}])
def test_a_preview_has_and_names_the_templates_that_a_build_has(root: Path, said: dict[str, str]) -> None:
    shutil.copytree(root / "content", root / "elsewhere/lessons")
    (root / "templates").mkdir(exist_ok=True)
    (root / "templates/lesson.html").write_text("<p>\n{{ nosuch }}\n", "utf-8")
    course = locate(root, said, root)
    preview = Preview(course, io.StringIO())
    assert preview.location.template_folders == course.template_folders
    (fault,) = [fault for fault in preview.build().faults if "nosuch" in fault]
    assert fault.startswith("templates/lesson.html:2: ")


def test_two_at_once_have_sites_of_their_own(root: Path) -> None:
    one, other = preview_of(root), preview_of(root)
    assert one.location.output != other.location.output
    assert one.build().faults == other.build().faults == ()
    assert read_tree(one.location.output) == read_tree(other.location.output)


def test_what_fails_is_news_once_and_again_when_it_is_mended(root: Path) -> None:
    preview = preview_of(root)
    told = preview._outstream
    assert isinstance(told, io.StringIO)
    numbers = [preview.build().number]
    assert numbers == [1], "nothing is shown before the whole site is there"
    (root / "content/long.md").write_bytes(b"\0")
    for _ in range(3):
        report = preview.build()
        numbers.append(report.number)
    assert "content/long.md:1: a NUL byte" in report.faults[0]
    assert "\n  hint: " in report.faults[0]
    assert told.getvalue().count("a NUL byte") == 1
    (root / "content/other.csv").write_text("a,b\n")
    assert preview.build().number > report.number, "what a full look rebuilt is to be seen, though a fault stands"
    assert preview.build().faults == report.faults
    (root / "templates/lesson.html").write_text("{% if %}", "utf-8")
    for _ in range(3):
        assert len(preview.build().faults) == 2
    assert told.getvalue().count("templates/lesson.html:1: ") == 1
    (root / "templates/lesson.html").unlink()
    (root / "content/long.md").write_text("# Long\n")
    assert preview.build().faults == ()
    assert told.getvalue().count("rebuilt") == 4, "the first build, each fault, and what mended them"


def test_what_a_full_look_rebuilt_is_told(root: Path) -> None:
    preview = preview_of(root)
    told = preview._outstream
    assert isinstance(told, io.StringIO)
    preview.build()
    (root / "content/long.md").write_text("# Long\n\nOther words.\n")
    preview.build()
    assert told.getvalue().count("rebuilt") == 2
    preview.build()
    assert told.getvalue().count("rebuilt") == 2, "nothing was"


def test_a_stage_of_the_courses_own_is_in_the_preview_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dodo = (root / "dodo.py").read_text("utf-8")
    rows = f"from pipeline.builder.tasks import LESSONS, TASKS, Definition, add_stage\nROWS = add_stage(TASKS, {ROW})\n"
    (root / "dodo.py").write_text(rows + dodo.replace("parent)", "parent, ROWS)"), "utf-8")
    (root / "words.py").write_text(MODULE, "utf-8")
    monkeypatch.setattr(sys, "path", [*sys.path])
    preview = Preview(locate(root, {}, root), io.StringIO(), _own_tasks(root))
    assert preview.build().faults == ()
    assert (preview.location.output / "long.md.words").read_text() == str(len(LONG.split()) + 4)
    sys.modules.pop("words")


# --- the server ---


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]


def ask(server: Server, path: str, method: str = "GET", host: str = "") -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host or f"127.0.0.1:{server.server_port}")
    connection.endheaders()
    answer = connection.getresponse()
    found = Answer(answer.status, answer.read(), dict(answer.getheaders()))
    connection.close()
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    top = tmp_path_factory.mktemp("served")
    site = top / "site"
    (site / "a b").mkdir(parents=True)
    (site / "index.html").write_text("<body>home</body>")
    (site / "404.html").write_text("<body>missing</body>")
    (site / "a b" / "index.html").write_text("<body>inner</body>")
    (site / "a b" / "à.txt").write_text("à", "utf-8")
    (top / "secret").write_text("secret")
    (top / "site-2").mkdir()
    (top / "site-2" / "secret").write_text("secret")
    (site / "out").symlink_to(top)
    (site / "link").symlink_to(top / "secret")
    served = Server(site)
    served.start()
    yield served
    served.shutdown()
    served.server_close()


SERVED = [
    ("/", 200, b"home"),
    ("/index.html?x=1", 200, b"home"),
    ("/a%20b/", 200, b"inner"),
    ("/a%20b", 301, b""),
    ("/a%20b/%C3%A0.txt", 200, "à".encode()),
    ("/nowhere", 404, b"missing"),
    ("/nowhere/", 404, b"missing"),
    ("/%FF", 404, b"missing"),
    ("/%00", 404, b"missing"),
    ("/" + "x" * 300, 404, b"missing"),
]


@pytest.mark.parametrize(("path", "status", "words"), SERVED)
def test_what_is_served(server: Server, path: str, status: int, words: bytes) -> None:
    answer = ask(server, path)
    assert (answer.status, words in answer.body) == (status, True)
    head = ask(server, path, "HEAD")
    assert (head.status, head.body) == (status, b"")
    assert head.headers.get("Content-Length") == answer.headers["Content-Length"] == str(len(answer.body))


WAYS = ("..", "a b/..", "out", "nowhere/..", ".", "", "\\..", "404.html/..")
SECRETS = ("secret", "site-2/secret", "out/secret", "link", "../secret", "../site-2/secret")


@given(st.lists(st.sampled_from(WAYS), max_size=4), st.sampled_from(SECRETS), st.sampled_from(["/%", "/", ""]))
def test_nothing_outside_of_the_site_is_served(server: Server, way: list[str], secret: str, safe: str) -> None:
    path = "/" + "/".join([*way, secret])
    answer = ask(server, "/" + quote(path, safe=safe) if not safe else quote(path, safe=safe))
    assert b"secret" not in answer.body


@pytest.mark.parametrize(
    "host", ["example.org", "example.org:{port}", "127.0.0.1", "127.0.0.1.example.org:{port}", " "]
)
def test_a_name_that_is_made_to_lead_here_is_not_answered(server: Server, host: str) -> None:
    answer = ask(server, "/", host=host.format(port=server.server_port))
    assert answer.status == 421
    assert b"home" not in answer.body
    assert ask(server, "/", host=f"localhost:{server.server_port}").status == 200


KINDS = {
    "x.css": "text/css; charset=utf-8",
    "x.js": "text/javascript; charset=utf-8",
    "x.JS": "text/javascript; charset=utf-8",
    "x.md": "text/markdown; charset=utf-8",
    "x.txt": "text/plain; charset=utf-8",
    "x.svg": "image/svg+xml; charset=utf-8",
    "x.json": "application/json; charset=utf-8",
    "x.png": "image/png",
    "x.woff2": "font/woff2",
    "x.wasm": "application/wasm",
    "x.nothing": "application/octet-stream",
    "x": "application/octet-stream",
}


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_each_file_says_what_it_is_and_is_asked_for_anew(server: Server, name: str, kind: str) -> None:
    (Path(server.folder) / name).write_bytes(b"abc")
    answer = ask(server, f"/{name}")
    assert answer.body == b"abc"
    assert answer.headers == {
        "Content-Type": kind,
        "Content-Length": "3",
        "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
    }


def test_the_mark_of_a_page_is_of_all_but_its_style_sheets(server: Server) -> None:
    page = Path(server.folder) / "marked.html"
    marks = []
    for style, words in (("a.css", "x"), ("b.css", "x"), ("b.css", "y")):
        page.write_text(f'<link rel="stylesheet" href="{style}"><body>{words}</body></html>')
        answer = ask(server, "/marked.html")
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["X-Page"].encode() in answer.body
        marks.append(answer.headers["X-Page"])
    assert marks[0] == marks[1] != marks[2]


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        (b"a</body>b", b"a<S></body>b"),
        (b"a</body>b</body>", b"a</body>b<S></body>"),
        (b"a", b"a<S>"),
        (b"<meta content=\"default-src 'none'\"></body>", b"<meta content=\"default-src 'none'\"></body>"),
        (b"</head><body>default-src 'none'</body>", b"</head><body>default-src 'none'<S></body>"),
    ],
)
def test_the_script_stands_before_the_end_of_a_page(page: bytes, shown: bytes) -> None:
    script = b'<script src="/.lesson-pipeline/live.js" data-page="m" data-number="7"></script>'
    assert _with_script(page, "m", 7) == shown.replace(b"<S>", script)


@pytest.mark.parametrize("port", ["-1", "65536", "x", "1.5"])
def test_what_is_no_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--port", port])
    assert ended.value.code == 2
    assert "--port" in capsys.readouterr().err


def test_each_port_there_is_may_be_named() -> None:
    parser = _parser()
    assert [parser.parse_args(["--port", port]).port for port in ("0", "1", "65535")] == [0, 1, 65_535]
    assert parser.parse_args([]).port == 0


def test_browsers_leave_out_the_usual_port(tmp_path: Path) -> None:
    try:
        usual = Server(tmp_path, 80)
    except OSError:
        pytest.skip("port 80 is taken, or not for everyone")
    usual.server_close()
    assert usual.hosts == {"127.0.0.1", "localhost"}


def test_it_listens_on_loopback_only(server: Server) -> None:
    assert server.server_address[0] == "127.0.0.1"


def test_only_pages_that_run_scripts_get_one(server: Server) -> None:
    assert b"live.js" in ask(server, "/").body
    (Path(server.folder) / "old.html").write_text("<meta content=\"default-src 'none'; x\"><body></body>")
    assert b"live.js" not in ask(server, "/old.html").body


def test_each_report_is_told_to_each_that_listens(server: Server) -> None:
    server.show(Report(1, ("first fault",)))
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request("GET", EVENTS)
    stream = connection.getresponse()
    heard: list[Report] = []
    for report in (None, Report(2, ("a.md: fault",)), Report(3, ())):
        if report is not None:
            server.show(report)
        line = stream.readline()
        assert stream.readline() == b"\n"
        told = json.loads(line.removeprefix(b"data: "))
        heard.append(Report(told["number"], tuple(told["faults"])))
    assert heard == [Report(1, ("first fault",)), Report(2, ("a.md: fault",)), Report(3, ())]
    connection.close()


# --- the watcher ---


class Watched:
    """A watcher at work in a thread of its own."""

    def __init__(self, content: Path, *others: Path) -> None:
        self._found: SimpleQueue[Changed] = SimpleQueue()
        threading.Thread(target=self._watch, args=(content, others), daemon=True).start()
        self.until_quiet()

    def _watch(self, content: Path, others: tuple[Path, ...]) -> None:
        for changed in watch_course(content, others):
            self._found.put(changed)

    def next(self, seconds: float = PATIENCE) -> Changed:
        return self._found.get(timeout=seconds)

    def until_quiet(self) -> set[str]:
        """What is named until a full look is asked for."""
        named = set[str]()
        while (found := self.next()) is not None:
            named.update(found)
        return named


CHANGED = st.lists(
    st.sampled_from(["a.md", "b/à.md", ".git/index", "b/.x/y", "b.c/d.e", ".."]), min_size=1, max_size=6, unique=True
)


@given(CHANGED)
def test_what_changed_outside_may_be_anything_and_what_is_hidden_is_nothing(names: list[str]) -> None:
    content = Path("/srv/content")
    paths = {str(content.parent / "dodo.py") if name == ".." else str(content / name) for name in names}
    named = sorted(name for name in names if not any(part.startswith(".") for part in name.split("/")))
    assert _within(content, paths) == (None if ".." in names else named)


def test_what_is_saved_is_named_and_then_all_is_looked_at(tmp_path: Path) -> None:
    content, templates = tmp_path / "content", tmp_path / "templates"
    content.mkdir()
    templates.mkdir()
    watched = Watched(content, templates, tmp_path / "nowhere")
    (content / "a.md").write_text("x")
    assert watched.until_quiet() == {"a.md"}
    (content / ".git").mkdir()
    (content / ".git" / "index").write_text("x")
    assert watched.until_quiet() == set()
    (templates / "base.html").write_text("x")
    assert watched.next() is None
    watched.until_quiet()
    with pytest.raises(Empty):  # a folder in which nothing happens is left alone
        watched._found.get(timeout=1.5)


def test_a_content_folder_that_goes_and_comes_back_is_watched_again(tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.mkdir()
    watched = Watched(content)
    content.rename(tmp_path / "away")
    assert watched.next() is None
    (tmp_path / "away").rename(content)
    assert watched.next() is None

    def is_named() -> bool:
        (content / "a.md").write_text("x")  # before it is watched again, only a full look finds it
        with contextlib.suppress(Empty):
            return "a.md" in (watched.next(0.3) or [])
        return False

    wait_for(is_named, "it is watched again")


def test_without_a_watcher_the_folder_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    content = tmp_path / "content"
    content.mkdir()
    watched = Watched(content)
    for _ in range(2):
        assert watched.next() is None
    assert capsys.readouterr().err.count("watchfiles is not installed") == 1, "it begins once, and goes on"


@needs_no_root
def test_beside_a_folder_that_may_not_be_read_the_others_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "content/sealed").mkdir(parents=True)
    (tmp_path / "content/sealed").chmod(0)
    program = (
        "from pathlib import Path; from pipeline.commands.serve.watcher import watch_course;"
        "found = watch_course(Path.cwd() / 'content', ()); print(next(found), next(found))"
    )
    status, text = run_as_nobody(tmp_path, "-c", program)
    (tmp_path / "content/sealed").chmod(0o700)
    assert status == 0
    assert text.startswith("None None\nwarning: changes cannot be watched for: Permission denied")


def test_all_is_looked_at_in_the_first_quiet_moment_and_seldom_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments: list[set[str]] = [{str(tmp_path / "a.md")}, *[set()] * (2 * LOOK_EVERY)]
    passed = 0

    def pass_by(_: object) -> Iterator[set[str]]:
        nonlocal passed
        for moment in moments:
            passed += 1
            yield moment

    monkeypatch.setattr(watcher, "_watch", pass_by)
    seen = [(passed, changed) for changed in itertools.islice(watch_course(tmp_path, ()), 4)]
    assert seen == [(1, ["a.md"]), (2, None), (1 + LOOK_EVERY, None), (1 + 2 * LOOK_EVERY, None)]


# --- the program, in a browser ---


@dataclass
class Serving:
    url: str
    process: subprocess.Popen[str]


@contextlib.contextmanager
def serving(root: Path, *arguments: str) -> Iterator[Serving]:
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline", "serve", *arguments],
        cwd=root / "content",
        env=os.environ | {"PYTHONPATH": str(PROJECT), "BROWSER": f"sh -c 'echo %s >> {root}/opened'"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A shell has what it starts in the background ignore Ctrl-C, and so all that this starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    try:
        said = ""
        while "http://" not in said:
            said = process.stdout.readline()
            assert said, "it has ended"
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield Serving(said.partition("at ")[2].partition(",")[0], process)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def see(page: Page, text: str) -> None:
    page.wait_for_function("text => document.body.innerText.includes(text)", arg=text, timeout=PATIENCE * 1000)


def test_a_page_follows_what_is_saved_and_keeps_its_place(root: Path, window: Page) -> None:
    with serving(root) as served:
        window.goto(f"{served.url}long.html")
        window.evaluate("scrollTo(0, 2000)")
        lesson = root / "content/long.md"
        lesson.write_text(lesson.read_text("utf-8").replace("First words", "Other words"), "utf-8")
        see(window, "Other words")
        window.wait_for_function("() => Math.abs(scrollY - 2000) < 50", timeout=5000)


TEXTS = {
    "a paragraph": ("Paragraph 50 of many.", "Paragraph *fifty* of many.", True),
    "two places": ("Paragraph 50 of many.", "One.\n\nTwo, [home](index.md).\n\n- a list\n\n> quoted `x`", True),
    "a formula": ("Paragraph 50 of many.", "Text $x^2$.", False),
    "taken out": ("Paragraph 50 of many.\n\nParagraph 51 of many.", "", True),
    "the end": ("Paragraph 199 of many.", "Paragraph 199 of many.\n\nThe end.", True),
    "a heading": ("Paragraph 50 of many.", "## Part\n\nText.", False),
    "code": ("Paragraph 50 of many.", "```python\nx = 1\n```", False),
    "a footnote": ("Paragraph 50 of many.", "Text.[^1]\n\n[^1]: Note.", False),
    "the title": ("# Long", "# Longer", False),
    "the summary": ("First words.", "Other words.", True),
}


@pytest.mark.parametrize("name", some_of_many(TEXTS, "a formula", "the title"))
def test_a_page_that_is_changed_in_its_place_is_as_one_that_is_loaded(root: Path, window: Page, name: str) -> None:
    old, new, stays = TEXTS[name]
    lesson = root / "content/long.md"
    text = lesson.read_text("utf-8")
    whole = "() => document.querySelector('main').outerHTML"
    with serving(root) as served:
        # The script of the page asks for what was served once more.
        with window.expect_response(lambda answer: answer.request.resource_type == "fetch"):
            window.goto(f"{served.url}long.html")
        window.wait_for_timeout(100)
        window.evaluate("window.stays = true")
        before = window.evaluate(whole)
        for turn, changed in enumerate(
            (text.replace(old, new), text.replace(old, new).replace("Paragraph 9 ", "P 9 "))
        ):
            lesson.write_text(changed, "utf-8")
            window.wait_for_function("before => document.querySelector('main').outerHTML !== before", arg=before)
            if turn == 0:
                assert bool(window.evaluate("() => window.stays")) == stays
            before = window.evaluate(whole)
            window.wait_for_timeout(300)
        window.reload()
        window.wait_for_timeout(300)
        assert window.evaluate(whole) == before


def test_what_stands_around_the_text_follows_too(root: Path, window: Page) -> None:
    (root / "content/more.md").write_text("# More\n\nText.\n", "utf-8")
    with serving(root) as served:
        window.goto(f"{served.url}long.html")
        see(window, "More")
        window.wait_for_timeout(300)
        (root / "content/more.md").write_text("# Even so\n\nText.\n", "utf-8")
        see(window, "Even so")


def test_a_style_sheet_is_swapped_without_a_reload(root: Path, window: Page) -> None:
    sheet = root / "templates/static/course.css"
    sheet.parent.mkdir()
    sheet.write_text("h1 { color: rgb(1, 2, 3) }")
    colour = "getComputedStyle(document.querySelector('h1')).color"
    with serving(root) as served:
        window.goto(f"{served.url}long.html")
        assert window.evaluate(colour) == "rgb(1, 2, 3)"
        window.evaluate("window.stays = true")
        sheet.write_text("h1 { color: rgb(4, 5, 6) }")
        window.wait_for_function(f"() => {colour} === 'rgb(4, 5, 6)'", timeout=PATIENCE * 1000)
        assert window.evaluate("window.stays") is True
        assert window.evaluate("document.querySelectorAll('link[rel=stylesheet][href*=course]').length") == 1


def test_a_fault_lies_over_the_page_until_it_is_mended(root: Path, window: Page) -> None:
    lesson = root / "content/long.md"
    text = lesson.read_text("utf-8")
    with serving(root) as served:
        window.goto(f"{served.url}index.html")
        lesson.write_bytes(b"# Long\n\0")
        see(window, "long.md:2: a NUL byte")
        see(window, "hint: ")
        window.goto(f"{served.url}long.html")
        see(window, "long.md:2: a NUL byte")
        see(window, "First words")
        lesson.write_text(text, "utf-8")
        window.wait_for_function("() => !document.querySelector('#preview-faults')", timeout=PATIENCE * 1000)


def test_a_page_that_is_gone_and_comes_back(root: Path, window: Page) -> None:
    lesson = root / "content/long.md"
    with serving(root) as served:
        window.goto(f"{served.url}long.html")
        lesson.rename(root / "long.md")
        window.wait_for_function("() => !document.body.innerText.includes('First words')", timeout=PATIENCE * 1000)
        (root / "long.md").rename(lesson)
        see(window, "First words")


def test_its_pages_complain_of_nothing_and_ask_nobody_else(root: Path, window: Page) -> None:
    from browsing import Visit

    with serving(root) as served:
        visit = Visit(window, served.url)
        for path in ("", "long.html", "01_start/", "01_start/02_draft.html"):
            visit.go(path)
            window.wait_for_timeout(100)
        visit.check()
        visit.leave()


def test_a_burst_a_build_beside_it_and_a_folder_that_goes_leave_it_true(root: Path) -> None:
    (root / "content/01_start/02_draft.md").unlink()
    with serving(root, "--open") as served:
        wait_for(lambda: (root / "opened").read_text() == f"{served.url}\n", "the browser is opened")
        built = next((root / ".lesson-pipeline/serve").iterdir()) / "output"
        many = root / "content" / "many"
        for turn in range(2):
            for number in range(160):
                path = many / f"{number % 20}" / f"{number}.md"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"# Lesson {number}\n\nTurn {turn}. [next](../{(number + 1) % 20}/{number + 1}.md)\n")
            subprocess.run([sys.executable, "-m", "pipeline"], cwd=root, env=os.environ | {"PYTHONPATH": str(PROJECT)}, check=True, capture_output=True)  # fmt: skip
        (root / "content").rename(root / "away")
        time.sleep(1)
        assert served.process.poll() is None
        (root / "away").rename(root / "content")
        shutil.rmtree(many / "3")
        Builds(locate(root, {}, root)).run()
        wait_for(lambda: read_tree(built) == read_tree(root / "output"), "the preview is the site")
        assert served.process.poll() is None


def test_another_content_folder_is_shown_and_templates_are_watched(root: Path) -> None:
    shutil.copytree(root / "content", root / "elsewhere")
    (root / "elsewhere/only.md").write_text("# Only here\n\nText.\n", "utf-8")
    with serving(root, "--content", "../elsewhere"):
        page = next((root / ".lesson-pipeline/serve").iterdir()) / "output/only.html"
        assert "Only here" in page.read_text("utf-8")
        time.sleep(2)  # the full look at the beginning is over
        (root / "templates").mkdir(exist_ok=True)
        (root / "templates/lesson.html").write_text("plain", "utf-8")
        wait_for(lambda: page.read_text("utf-8").strip() == "plain", "the template is seen")


def test_it_ends_though_a_page_listens(root: Path) -> None:
    with serving(root) as preview:
        parts = urlsplit(preview.url)
        connection = http.client.HTTPConnection(f"{parts.hostname}:{parts.port}", timeout=60)
        connection.request("GET", EVENTS)
        connection.getresponse().readline()
        preview.process.send_signal(signal.SIGINT)
        assert preview.process.wait(timeout=HEARTBEAT_SECONDS - 1) == 0  # it waits for no page that is written to
        connection.close()


def test_a_port_that_is_taken_is_a_line(root: Path) -> None:
    with serving(root) as served:
        port = served.url.rsplit(":", 1)[1].strip("/")
        command = [sys.executable, "-m", "pipeline", "serve", "--port", port]
        again = subprocess.run(
            command,
            cwd=root,
            env=os.environ | {"PYTHONPATH": str(PROJECT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert again.returncode == 2
        assert f"cannot serve at port {port}: " in again.stderr
        assert "Traceback" not in again.stderr
        assert not (root / "opened").exists(), "nobody asked for a browser"
