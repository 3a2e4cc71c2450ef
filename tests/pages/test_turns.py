"""A few pieces of long work run at once; the others wait in their order, and their pages say for how many."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from app.exam.person import Role
from app.pages import turns
from app.pages.long_work import start
from app.pages.turns import Line, Turns
from app.store import jobs
from app.store.jobs import Job
from tests.journeys.world import World

LONGEST_WAIT = 60
READING = Line.READING
ENDLESS = {"to": 2**31 - 1}


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + LONGEST_WAIT
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def job(world: World, job_id: int) -> Job:
    with world.database.reading() as tx:
        return jobs.get(tx, job_id)


def begun(world: World, kind: str = "count") -> int:
    return start(world.site, kind, "a test", ENDLESS, lambda _tx, _made: {}, made_by=None)


def at_work() -> list[int]:
    """The processes that this one started for long work and that go on."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread or a process that has just ended
            for child in (task / "children").read_text().split():
                if b"app.work" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(int(child))
    return found


def held() -> None:
    """What is at work stays so, and takes no time from others."""
    for child in at_work():
        os.kill(child, signal.SIGSTOP)


@contextmanager
def stopped_at_the_end(world: World) -> Iterator[None]:
    """Work without an end is ended, and what waits behind it."""
    try:
        yield
    finally:
        thread = threading.Thread(target=world.settle)
        thread.start()
        while thread.is_alive():
            for child in at_work():
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            thread.join(0.05)


def test_two_children_work_at_once_and_the_others_wait_in_their_order(world: World) -> None:
    world.settle()
    with stopped_at_the_end(world):
        first, second = begun(world), begun(world)
        until(lambda: {job(world, each).note for each in (first, second)} == {"Counting"})
        held()
        third = begun(world)
        until(lambda: job(world, third).note == "Waiting until one other is done")
        fourth = begun(world)
        until(lambda: job(world, fourth).note == "Waiting until 2 others are done")
        assert len(at_work()) == 2
        page = world.visitor(Role.ADMIN).get(f"/jobs/{fourth}").text
        assert "Waiting until 2 others are done" in page
        assert "hx-trigger" in page
        os.kill(at_work()[0], signal.SIGKILL)
        until(lambda: job(world, third).note == "Counting")
        until(lambda: job(world, fourth).note == "Waiting until one other is done")
        assert len(at_work()) == 2
        ended = [each for each in (first, second) if job(world, each).ended_at is not None]
        assert len(ended) == 1
        assert "too much time or memory" in job(world, ended[0]).note


def test_a_file_does_not_wait_for_calculations(world: World) -> None:
    world.settle()
    with stopped_at_the_end(world):
        calculations = [begun(world), begun(world)]
        until(lambda: {job(world, each).note for each in calculations} == {"Counting"})
        held()
        aiken = b"What helps?\nA. Horn\nB. Flag\nANSWER: A\n"
        answer = world.visitor(Role.INSTRUCTOR).send(
            "POST", "/packs/import", files={"file": ("fog.txt", aiken)}
        )
        job_id = int(answer.headers["location"].rpartition("/")[2])
        until(lambda: job(world, job_id).ended_at is not None)
        assert job(world, job_id).result is not None
        assert {job(world, each).ended_at for each in calculations} == {None}


def test_who_waits_is_heard_of_while_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "SIGN_OF_LIFE", 0.01)
    one_each, told = Turns(1), list[int]()
    has, leave, often = threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        with one_each.turn(READING, told.append):
            has.set()
            leave.wait(LONGEST_WAIT)

    def hear(ahead: int) -> None:
        told.append(ahead)
        if len(told) == 3:
            often.set()

    def wait() -> None:
        with one_each.turn(READING, hear):
            told.append(0)

    holder = threading.Thread(target=hold)
    holder.start()
    assert has.wait(LONGEST_WAIT)
    waiter = threading.Thread(target=wait)
    waiter.start()
    assert often.wait(LONGEST_WAIT)
    leave.set()
    holder.join()
    waiter.join()
    assert set(told[:-1]) == {1}
    assert told[-1] == 0


def test_a_turn_that_fails_is_given_up() -> None:
    one_each = Turns(1)
    with pytest.raises(KeyError), one_each.turn(READING, lambda _: None):
        raise KeyError
    told: list[int] = []
    with one_each.turn(READING, told.append):
        assert told == []
