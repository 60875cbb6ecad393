"""The scripts of docs/publish/, with the programs that they are for: real ssh, git, nginx and an S3 on loopback."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from building import PROJECT, read_tree
from nights import Nights, git

SCRIPTS = PROJECT / "docs" / "publish"
EDITED = "# Hai\n\nCâu khác.\n"


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    nights = Nights.of(tmp_path / "project")
    nights.write("a/tên có dấu 'và' \"cách\".txt", "x")
    nights.write(".well-known/x.txt", "x")
    nights.write("anh.svg", '<svg xmlns="http://www.w3.org/2000/svg"/>')
    return nights


def need(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program} here")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    """A server, until it is no longer needed."""
    log = folder / "server.log"
    with log.open("wb") as written:
        server = subprocess.Popen(command, stdout=written, stderr=written, cwd=folder)
    try:
        until = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait()


def edit_all(nights: Nights) -> None:
    """Something changed, something new, something gone."""
    nights.write("a/hai.md", EDITED)
    nights.write("a/ba.md", "# Ba\n\nCâu.\n")
    nights.write("a/moi.txt", "x")
    (nights.content / "a/tên có dấu 'và' \"cách\".txt").unlink()
    sheet = nights.root / "templates/static/site.css"
    sheet.write_text(sheet.read_text("utf-8") + "\n/* x */\n", "utf-8")


# --- a server of one's own ---


@pytest.mark.deep
def test_rsync_brings_each_release_whole_to_a_server_and_back(nights: Nights, tmp_path: Path) -> None:
    need("rsync", "ssh", "ssh-keygen", "sshd")
    port, keys = free_port(), tmp_path / "keys"
    keys.mkdir(mode=0o700)
    for name in ("host", "own"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(keys / name)], check=True)
    shutil.copy(keys / "own.pub", keys / "authorized")
    config = keys / "sshd_config"
    config.write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {keys}/host\nAuthorizedKeysFile {keys}/authorized\n"
        "StrictModes no\nPidFile none\nPermitRootLogin prohibit-password\nUsePAM no\n"
    )
    Path("/run/sshd").mkdir(exist_ok=True)
    ssh = f"ssh -p {port} -i {keys}/own -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile={keys}/known"
    far = tmp_path / "far away" / "course"
    nights.set_up(publish_command=f"sh {SCRIPTS}/rsync.sh {getpass.getuser()}@127.0.0.1 '{far}'")
    with running([shutil.which("sshd") or "", "-D", "-e", "-f", str(config)], port, tmp_path):
        for number in range(7):
            if number == 1:
                edit_all(nights)
            nights.write("a/mot.md", f"# Một\n\nCâu {number}.\n")
            assert nights.night(RSYNC_RSH=ssh)[0] == 0
            assert read_tree(far / "current") == nights.shown()
        assert len(list((far / "releases").iterdir())) == 5
        last, before = sorted((far / "releases").iterdir())[-1], sorted((far / "releases").iterdir())[-2]
        assert os.path.samefile(last / "a/hai.html", before / "a/hai.html"), "what is the same is not sent"
        assert nights.night("--rollback", "2", RSYNC_RSH=ssh)[0] == 0
        assert read_tree(far / "current") == nights.shown()
        nights.write("a/mot.md", "# Một\n\nVề sau.\n")
        assert nights.night(RSYNC_RSH=ssh)[0] == 0
        assert read_tree(far / "current") == nights.shown()
    nights.write("a/mot.md", "# Một\n\nKhông ai ở nhà.\n")
    release = nights.releases.current()
    assert nights.night(RSYNC_RSH=ssh)[0] == 11
    assert nights.releases.current() == release


# --- a branch ---


def test_a_branch_is_the_site_byte_for_byte(nights: Nights, tmp_path: Path) -> None:
    remote = tmp_path / "pages.git"
    git(tmp_path, "init", "-q", "--bare", str(remote))
    nights.set_up(publish_command=f"sh {SCRIPTS}/gh-pages.sh {remote}")
    nights.write("course.toml", 'ignore = ["*~"]\n')
    nights.write(".gitattributes", "* text eol=crlf\n*.txt export-ignore\n")
    nights.write(".gitignore", "*.html\n")
    nights.write("a/hai dòng.txt", "một\nhai\n")
    nights.published()
    edit_all(nights)
    nights.published()
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "-b", "gh-pages", "--no-checkout", str(remote), str(clone))
    (clone / ".git/info").mkdir(exist_ok=True)
    (clone / ".git/info/attributes").write_text("* -text\n")
    git(clone, "checkout", "-q", "-f", "gh-pages")
    shutil.rmtree(clone / ".git")
    assert read_tree(clone) == nights.shown()


@pytest.mark.parametrize("domain", ["", "course.example.org"])
def test_the_domain_of_a_branch_is_the_one_that_the_maintainer_says(
    nights: Nights, tmp_path: Path, domain: str
) -> None:
    nights.write("CNAME", "elsewhere.example.net\n")
    remote = tmp_path / "pages.git"
    git(tmp_path, "init", "-q", "--bare", str(remote))
    nights.set_up(publish_command=f"sh {SCRIPTS}/gh-pages.sh {remote} gh-pages {domain}")
    nights.published()
    names = git(remote, "ls-tree", "--name-only", "gh-pages").splitlines()
    assert ("CNAME" in names) == bool(domain)
    assert not domain or git(remote, "show", "gh-pages:CNAME") == domain
    assert "index.html" in names


def test_a_branch_that_cannot_be_pushed_publishes_nothing(nights: Nights, tmp_path: Path) -> None:
    nights.set_up(publish_command=f"sh {SCRIPTS}/gh-pages.sh {tmp_path}/nowhere.git")
    assert nights.night()[0] == 11
    assert not nights.site.exists()


# --- a bucket ---


@pytest.mark.deep
def test_a_bucket_has_the_site_and_nothing_else(nights: Nights, tmp_path: Path) -> None:
    need("aws", "moto_server")
    port = free_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
    }
    nights.set_up(publish_command=f"sh {SCRIPTS}/s3.sh s3://bucket/course")

    def aws(*arguments: str) -> str:
        done = subprocess.run(
            ["aws", *arguments], env={**os.environ, **environment}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fetched(name: str) -> dict[str, bytes]:
        aws("s3", "cp", "--recursive", "--only-show-errors", "s3://bucket/course", str(tmp_path / name))
        return read_tree(tmp_path / name)

    with running(["moto_server", "-p", str(port)], port, tmp_path):
        aws("s3", "mb", "s3://bucket")
        assert nights.night(**environment) == (0, "")
        assert fetched("first") == nights.shown()
        edit_all(nights)
        assert nights.night(**environment) == (0, "")
        assert fetched("second") == nights.shown()
        for path in nights.shown():
            if path.startswith(("_static/site.", "_search/")):
                head = aws("s3api", "head-object", "--bucket", "bucket", "--key", f"course/{path}")
                assert ("immutable" in head) == (path != "_search/index.js"), path
                assert "text/css" in head or "javascript" in head
        assert nights.night("--rollback", **environment) == (0, "")
        assert fetched("third") == nights.shown()


# --- a web server ---


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: object) -> None:
        return None


def test_nginx_shows_the_course_below_a_path_with_a_page_for_what_is_not_there(nights: Nights, tmp_path: Path) -> None:
    need("nginx")
    nights.published()
    port = free_port()
    site = (SCRIPTS / "nginx.conf").read_text("utf-8")
    site = site.replace("/srv/course/published", str(nights.root / "published")).replace(
        "listen 80", f"listen 127.0.0.1:{port}"
    )
    paths = "".join(
        f"{name}_temp_path {tmp_path}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = tmp_path / "nginx.conf"
    user = "user root;" if os.getuid() == 0 else ""
    config.write_text(
        f"{user} daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}}\n"
        f"http {{ access_log off; include /etc/nginx/mime.types; {paths}\n{site}\n}}\n"
    )
    opener = urllib.request.build_opener(_Stay)

    def get(path: str) -> tuple[int, str, dict[str, str]]:
        try:
            with opener.open(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode(), dict(answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(), dict(error.headers)

    with running(["nginx", "-c", str(config)], port, tmp_path):
        status, text, headers = get("/course/a/hai.html")
        assert (status, headers["Cache-Control"]) == (200, "no-cache")
        assert headers["Content-Type"] == "text/html; charset=utf-8"
        assert text.encode() == nights.shown()["a/hai.html"]
        assert get("/course/")[1].encode() == nights.shown()["index.html"]
        assert get("/course")[0] == 301
        sheet = next(path for path in nights.shown() if path.startswith("_static/site."))
        assert "immutable" in get(f"/course/{sheet}")[2]["Cache-Control"]
        for path in nights.shown():
            if path.startswith("_search/"):
                is_first = path == "_search/index.js"
                assert ("immutable" in get(f"/course/{path}")[2]["Cache-Control"]) == (not is_first), path
        status, text, headers = get("/course/_static/none.css")
        assert status == 404
        assert text.encode() == nights.shown()["404.html"]
        assert "Cache-Control" not in headers
        assert get("/course/a/none/none.html")[:2] == (404, text)
        assert get("/course/anh.svg")[0] == 200
        assert get("/course/anh.svg")[2]["Content-Security-Policy"] == "sandbox"
        assert get("/course/none.svg")[:2] == (404, text)
        status, markdown, headers = get("/course/a/hai.md")
        assert markdown.encode() == nights.shown()["a/hai.md"]
        assert headers["Content-Type"] == "text/markdown; charset=utf-8"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert get("/course/none.md")[:2] == (404, text)
        assert get("/course/.well-known/x.txt")[0] == 200
        assert get("/course/../pyproject.toml")[0] in (400, 404)
        nights.write("a/hai.md", EDITED)
        nights.published()
        assert "khác" in get("/course/a/hai.html")[1], "a switch is seen at once"


# --- a host with a command line of its own ---

STAND_IN = """#!/bin/sh
# As netlify-cli 26 is called: without a token it asks for one, the folder is sent as it is when it is called.
set -eu
[ "$1" = deploy ] && shift
[ -n "${NETLIFY_AUTH_TOKEN:-}" ] || { echo "Error: not logged in" >&2; exit 1; }
prod= build=yes
while [ $# -gt 0 ]; do
    case $1 in
    --prod) prod=yes ;;
    --no-build) build= ;;
    --dir) dir=$2; shift ;;
    --site) site=$2; shift ;;
    --message) message=$2; shift ;;
    *) echo "error: unknown option '$1'" >&2; exit 1 ;;
    esac
    shift
done
[ -z "$build" ] || { echo "error: there is nothing to build" >&2; exit 1; }
to=$SENT/${prod:+production}
rm -rf "$to" && mkdir -p "$SENT" && cp -r "$dir" "$to"
echo "$site $message" >> "$SENT/called"
"""


def settings_of(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files of a site that the host takes for its settings."""
    return {path: files[path] for path in ("_redirects", "_headers", "netlify.toml") if path in files}


def test_a_host_gets_the_site_and_no_setting_of_a_lesson_writer(nights: Nights, tmp_path: Path) -> None:
    program = tmp_path / "programs" / "netlify"
    program.parent.mkdir()
    program.write_text(STAND_IN)
    program.chmod(0o755)
    sent = tmp_path / "sent"
    environment = {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "SENT": str(sent),
        "NETLIFY_AUTH_TOKEN": "x",
    }
    nights.set_up(publish_command=f"sh {SCRIPTS}/netlify.sh 01234-site")
    for name in ("_redirects", "_headers", "netlify.toml"):
        nights.write(name, "/* https://elsewhere.example.net/:splat 200!\n")
    for number in range(2):
        if number:
            edit_all(nights)
        assert nights.night(**environment) == (0, "")
        files = read_tree(sent / "production")
        own = settings_of(files)
        assert own.keys() == {"_headers"}
        assert b"elsewhere" not in own["_headers"]
        shown = nights.shown()
        plain = {path: content for path, content in shown.items() if path not in settings_of(shown)}
        assert {path: content for path, content in files.items() if path not in own} == plain
        hashed = [line.removesuffix("*") for line in own["_headers"].decode().splitlines() if line.startswith("/")]
        assert all(any(path.startswith(top[1:]) for path in plain) for top in hashed)
        assert (sent / "called").read_text().split()[-2:] == ["01234-site", nights.releases.current()]
        assert {path.name for path in (nights.root / "published/releases").iterdir()} == set(nights.releases.names())
    release = nights.releases.current()
    nights.write("a/mot.md", "# Một\n\nKhông ai ở nhà.\n")
    status, text = nights.night(**{**environment, "NETLIFY_AUTH_TOKEN": ""})
    assert (status, "not logged in" in text) == (11, True)
    assert nights.releases.names()[-1] == nights.releases.current() == release


# --- what nobody can try here ---


def test_the_file_for_gitlab_is_yaml_that_keeps_what_a_build_needs() -> None:
    said = yaml.safe_load((SCRIPTS / "gitlab-ci.yml").read_text("utf-8"))["pages"]
    assert said["cache"]["paths"] == [".lesson-pipeline", "output", "published"]
    assert said["artifacts"]["paths"] == ["public"]


def test_the_job_of_gitlab_ends_as_the_night_did(nights: Nights) -> None:
    steps = yaml.safe_load((SCRIPTS / "gitlab-ci.yml").read_text("utf-8"))["pages"]["script"][1:]
    script = "set -e\n" + "\n".join(steps).replace("python -m", f"{sys.executable} -m")
    nights.write("_redirects", "/* https://elsewhere.example.net/:splat 200\n")
    nights.write("a/mot.md", b"\0")
    done = subprocess.run(["sh", "-c", script], cwd=nights.root, check=False, capture_output=True)
    assert done.returncode == 10
    shown = nights.shown()
    del shown["_redirects"]
    assert read_tree(nights.root / "public") == shown


@pytest.mark.parametrize("script", sorted(path.name for path in SCRIPTS.glob("*.sh")))
def test_a_script_is_sound_for_a_plain_shell(script: str) -> None:
    checks = [["sh", "-n"], *([["dash", "-n"]] if shutil.which("dash") else [])]
    checks += [["shellcheck"]] if shutil.which("shellcheck") else []
    for check in checks:
        done = subprocess.run([*check, str(SCRIPTS / script)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
