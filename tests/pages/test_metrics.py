"""Metrics, status and logs: what an operator can see, and what nobody can see there."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app import logs
from app.exam.person import Role
from app.pages.tally import Durations, Tally
from app.store import jobs
from tests.journeys.world import PASSWORD, World
from tests.packs import NOON

TOKEN = "a-token-for-the-tests"
SAMPLE = re.compile(r'[a-z_]+(\{[a-z]+="[^"\\\n]*"(,[a-z]+="[^"\\\n]*")*\})? (\d+(\.\d+)?(e[+-]\d+)?|\+Inf)')


@pytest.fixture
def watched(world: World) -> Iterator[World]:
    """A world whose operator has set a token for metrics."""
    before = world.site.settings
    world.site.settings = replace(before, metrics_token=TOKEN)
    yield world
    world.site.settings = before


def samples(world: World) -> dict[str, float]:
    """What metrics say now."""
    answer = world.browser(Authorization=f"Bearer {TOKEN}").get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    assert all(SAMPLE.fullmatch(line) for line in lines), lines
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_without_a_token_set_there_are_no_metrics(world: World) -> None:
    assert world.browser(Authorization="Bearer ").get("/metrics").status_code == 404


@pytest.mark.parametrize(
    "sent", [b"", b"Bearer ", f"Bearer {TOKEN}x".encode(), TOKEN.encode(), b"Bearer \xfc"]
)
def test_metrics_are_open_to_the_token_alone(watched: World, sent: bytes) -> None:
    answer = watched.browser().send("GET", "/metrics", headers=[(b"authorization", sent)])
    assert answer.status_code == 401
    assert "cutscore_" not in answer.text


def test_metrics_are_served_under_any_host_name(watched: World) -> None:
    answer = watched.browser(Authorization=f"Bearer {TOKEN}").get("/metrics", Host="10.1.2.3:8000")
    assert answer.status_code == 200


def test_what_happens_is_counted(watched: World) -> None:
    before = samples(watched)
    sitting = watched.browser().start()
    sitting.save(1, sitting.tokens(1))
    sitting.save(1, sitting.tokens(1), client_seq="0")
    sitting.save(1, ["unknown"])
    watched.browser().send("BREW", "/")
    after = samples(watched)

    def more(name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    assert more('cutscore_saves_total{outcome="accepted"}') == 1
    assert more('cutscore_saves_total{outcome="superseded"}') == 1
    assert more('cutscore_saves_total{outcome="invalid"}') == 1
    assert more("cutscore_save_seconds_count") == 3
    assert more('cutscore_save_seconds_bucket{le="+Inf"}') == 3
    assert more('cutscore_answers_total{method="POST",status="303"}') == 1
    assert more('cutscore_answers_total{method="other",status="405"}') == 1
    assert more("cutscore_attempts_running") == 1
    assert after["cutscore_database_up"] == 1
    assert after["cutscore_requests_under_way"] == 1  # this one


def test_every_family_says_what_it_is(watched: World) -> None:
    text = watched.browser(Authorization=f"Bearer {TOKEN}").get("/metrics").text
    told = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    assert set(told) == set(re.findall(r"^# HELP (\w+) \S", text, re.MULTILINE))
    named = {
        re.sub(r"_(bucket|sum|count)$", "", name)
        for name in re.findall(r"^(cutscore\w+)", text, re.MULTILINE)
    }
    assert named <= set(told)


def test_durations_are_counted_up_to_their_bounds() -> None:
    made = Durations()
    assert made.bound(0.5) is None
    for seconds in (0.001, 0.005, 0.006, 7.0):
        made.add(seconds)
    assert (made.counts[0], made.counts[1], made.counts[-1]) == (2, 1, 1)
    assert (made.bound(0.5), made.bound(0.75), made.bound(0.99)) == (0.005, 0.01, None)


def test_only_the_last_faults_are_kept() -> None:
    tally = Tally()
    for number in range(100):
        tally.answered("GET", f"/{number}", 500, 0.1, NOON, save=False)
    tally.answered("GET", "/", 200, 0.1, NOON, save=False)
    assert [fault.route for fault in tally.faults][-1] == "/99"
    assert len(tally.faults) == 20


# The page ----------------------------------------


def test_the_status_says_how_things_are(world: World) -> None:
    admin = world.visitor(Role.ADMIN)
    with world.database.writing() as tx:
        job_id = jobs.start(tx, "count", "status", {}, None, world.clock.now())
        jobs.end(tx, job_id, "", {"see": "/"}, world.clock.now())
    page = admin.get("/status").text
    assert ("SQLite" if world.database.is_sqlite else "PostgreSQL") in page
    assert world.database.revision() in page
    assert f"/jobs/{job_id}" in page
    assert "the clock is steady" in page
    world.clock.drifted = True
    assert "moved by more than 30 seconds" in admin.get("/status").text


def test_a_fault_is_on_the_page_by_its_route(world: World) -> None:
    @world.app.get("/broken/{word}")
    def broken(word: str) -> None:
        raise RuntimeError(word)

    try:
        world.browser().get("/broken/personal")
    finally:
        world.app.router.routes.pop()
    page = world.visitor(Role.ADMIN).get("/status").text
    assert "GET /broken/{word}" in page
    assert "personal" not in page


# Logs ----------------------------------------


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged, as lines of JSON."""
    stream, root, own = io.StringIO(), logging.root, logging.getLogger("cutscore")
    before = (root.handlers, root.level, own.level)
    logs.use_json(stream)
    yield stream
    root.handlers = before[0]
    root.setLevel(before[1])
    own.setLevel(before[2])


def test_x22_no_log_holds_a_name_an_address_a_token_or_an_answer(world: World, written: io.StringIO) -> None:
    @world.app.get("/broken/{word}")
    def broken(word: str) -> None:
        raise RuntimeError(word)

    person = world.account()
    sitting = person.start()
    sitting.answer(2)
    sitting.end()
    person.get("/reports/secret-address?q=asked-for")
    person.get("/people/links/token-of-a-link")
    world.browser().log_in(person.name, "not the password")
    try:
        world.browser().get("/broken/typed-by-somebody")
    finally:
        world.app.router.routes.pop()
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    saves = [line for line in lines if line.get("route") == "/attempts/{attempt_id}/responses/{position}"]
    assert len(saves) == sitting.length
    assert all(line["status"] == 200 and line["ms"] >= 0 for line in saves)
    (fault,) = [line for line in lines if "fault" in line]
    assert (fault["fault"], fault["level"]) == ("RuntimeError", "error")
    assert any("test_metrics.py" in place for place in fault["places"])
    text = written.getvalue()
    choices = [token for position in range(1, sitting.length + 1) for token in sitting.tokens(position)]
    canaries = [person.name, PASSWORD, "not the password", person.client.cookies["cutscore"], "10.0."]
    canaries += ["secret-address", "asked-for", "token-of-a-link", "typed-by-somebody"]
    assert [one for one in (*canaries, *(f'"{token}"' for token in choices)) if one in text] == []


def test_x22_a_name_in_a_log_would_be_found(written: io.StringIO) -> None:
    logging.getLogger("cutscore").warning("hello %s", "somebody")
    assert "somebody" in written.getvalue()
