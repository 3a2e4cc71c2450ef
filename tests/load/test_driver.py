"""The driver: what it reads off a page and a socket, and one whole run in small."""

from __future__ import annotations

import json
import subprocess
import sys

from app.settings import ROOT
from tests.load.candidate import sheet_of
from tests.load.connection import parsed
from tests.load.targets import proxy_configuration

HEAD = b"HTTP/1.1 303 See Other\r\nContent-Length: 3\r\nLocation: /attempts/7"


def test_an_answer_is_there_once_it_is_whole() -> None:
    whole = HEAD + b"\r\n\r\nabc"
    assert all(parsed(whole[:size]) is None for size in range(len(whole)))
    answer = parsed(whole)
    assert answer is not None
    assert (answer.status, answer.location, answer.body) == (303, "/attempts/7", b"abc")


def test_the_options_of_a_page_are_read_off_it() -> None:
    page = b"".join(
        b'<input type="%s" id="choice-%d-%s" name="choice-%d" value="%s">' % (kind, at, token, at, token)
        for kind, at, token in ((b"radio", 1, b"aa"), (b"radio", 1, b"bb"), (b"checkbox", 2, b"cc"))
    )
    assert sheet_of(page) == [(1, ("aa", "bb")), (2, ("cc",))]


def test_the_proxy_of_the_laboratory_is_the_one_that_ships() -> None:
    shipped = (ROOT / "haproxy.cfg").read_text("utf-8").splitlines()
    used = proxy_configuration(9000, [9001, 9002]).splitlines()
    others = [line for line in shipped if line not in used]
    assert [line.split()[0] for line in others] == ["bind", "server-template"]


def test_a_run_in_small_loses_nothing() -> None:
    small = ["--candidates", "3", "--seconds", "0.2", "--pace", "5000"]
    command = [sys.executable, "-m", "tests.load", "journeys", "--target", "sqlite", *small, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr + done.stdout
    (run,) = json.loads(done.stdout)["runs"]
    assert (run["acknowledged"], run["scores"], run["fault_count"], run["failures"]) == (3 * 74, 3, 0, {})
    assert {what: took["count"] for what, took in run["requests"].items()} == {
        "start": 3, "exam page": 3, "save": 3 * 74, "end": 3, "report": 3, "review": 3
    }  # fmt: skip
