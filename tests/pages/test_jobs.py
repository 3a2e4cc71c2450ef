"""Long work: a real child process, its progress, its end, and what is left when it fails."""

from __future__ import annotations

import time
from typing import Any

import pytest

from app.exam.person import Role
from app.pages.long_work import UNFORESEEN, Limits, start
from app.store import jobs
from app.store.database import Transaction
from app.store.jobs import Job
from tests.journeys.world import World

LONGEST_WAIT = 60


def run(world: World, kind: str, request: dict[str, Any], limits: Limits | None = None) -> Job:
    """Start work and wait for its end."""
    job_id = start(world.site, kind, "a test", request, _take, made_by=None, limits=limits)
    end = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < end:
        with world.database.reading() as tx:
            one = jobs.get(tx, job_id)
        if one.ended_at is not None:
            return one
        time.sleep(0.05)
    raise AssertionError("the work did not end")


def _take(_tx: Transaction, result: dict[str, Any]) -> dict[str, Any]:
    return {"see": "/packs", **result}


def test_work_ends_with_its_result(world: World) -> None:
    assert run(world, "count", {"to": 3}).result == {"see": "/packs", "counted": 3}


def test_work_says_how_far_it_is(world: World) -> None:
    one = run(world, "count", {"to": 5_000_000})
    assert (one.note, one.total) == ("", 5_000_000)


def test_work_that_takes_too_long_is_stopped_and_says_so(world: World) -> None:
    one = run(world, "count", {"to": 2**31 - 1}, Limits(seconds=2))
    assert one.result is None
    assert "too much time or memory" in one.note


def test_a_child_that_is_stopped_before_it_knows_its_work_says_so(world: World) -> None:
    for _ in range(5):
        one = run(world, "count", {"to": 3, "filler": "x" * 1_000_000}, Limits(seconds=0))
        assert one.result is None
        assert "too much time or memory" in one.note


def test_a_job_whose_result_cannot_be_stored_ends(world: World) -> None:
    def broken(_tx: Transaction, _result: dict[str, Any]) -> dict[str, Any]:
        raise RuntimeError("planted")

    job_id = start(world.site, "count", "a test", {"to": 3}, broken, made_by=None)
    world.settle()
    with world.database.reading() as tx:
        assert jobs.get(tx, job_id).note == UNFORESEEN


def test_work_that_fails_unforeseen_says_so(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    one = run(world, "count", {})
    assert one.result is None
    assert "not foreseen" in one.note
    assert "KeyError" in capfd.readouterr().err


def test_the_page_shows_the_way_to_the_result(world: World) -> None:
    one = run(world, "count", {"to": 3})
    browser = world.visitor(Role.INSTRUCTOR)
    assert 'href="/packs"' in browser.get(f"/jobs/{one.id}").text
    answer = browser.get(f"/jobs/{one.id}/progress")
    assert answer.headers["hx-redirect"] == "/packs"


def test_a_job_whose_server_died_is_called_lost(world: World) -> None:
    with world.database.writing() as tx:
        job_id = jobs.start(tx, "count", "a test", {}, None, world.clock.now())
    world.clock.pass_(minutes=2)
    page = world.visitor(Role.INSTRUCTOR).get(f"/jobs/{job_id}").text
    with world.database.writing() as tx:
        jobs.end(tx, job_id, "", None, world.clock.now())
    assert "stopped with its server" in page
