"""The profiles: what candidates do, when. Each prepares its seats, measures, and leaves the checking to the run."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.bench.stage import say
from tests.load.candidate import Candidate
from tests.load.run import MINUTES, SAVES, Run
from tests.load.seats import fill, seat

GRACE = 5
"""Seconds of grace where nobody ends the exam, so that nobody waits for a minute."""
UP_AGAIN = 5
"""Seconds after which the proxy has seen that a server is back."""
LEAD_PER_CANDIDATE = 0.05
"""Seconds to prepare one filled seat, at most."""
EXAM_DAY_HOURS = 8


async def steady(run: Run) -> None:
    """Everybody is in the middle of the exam and answers at the pace: a slice of so many seconds."""
    sit(run, "steady")
    await run.connect()
    run.begin()
    await saves(run)
    run.finish()


async def starts(run: Run) -> None:
    """Everybody starts within so many seconds, and gets the exam page."""
    run.enrol("starts")
    await run.connect()
    chance = random.Random(run.options.seed)
    due = [chance.uniform(0, run.options.seconds) for _ in run.candidates]
    run.begin()
    await run.at(due, lambda number, when: run.candidates[number].start(when))
    run.finish()


async def finishes(run: Run) -> None:
    """Everybody has answered everything and ends within so many seconds."""
    sit(run, "finishes")
    fill(run.database, run.candidates)
    await run.connect()
    chance = random.Random(run.options.seed)
    due = [chance.uniform(0, run.options.seconds) for _ in run.candidates]
    run.begin()
    await run.at(due, lambda number, when: run.candidates[number].end(when))
    run.finish()


async def autosubmit(run: Run) -> None:
    """The deadline of everybody is the same moment, and the pages post the end within so many seconds."""
    await _at_the_deadline(run, Candidate.end, grace=60, after=0)


async def unasked(run: Run) -> None:
    """The same, but no page ends anything: the reports are asked for when the grace is over."""
    await _at_the_deadline(run, Candidate.report, grace=GRACE, after=GRACE)


async def journeys(run: Run) -> None:
    """Everybody logs in, starts, saves 74 answers, ends, sees the report and the review; so often as there are
    rounds. They come in over so many seconds."""
    run.enrol("journeys")
    await run.connect()
    chance = random.Random(run.options.seed)
    due = [chance.uniform(0, run.options.seconds) for _ in run.candidates]

    async def all_rounds(number: int, when: float) -> None:
        for _ in range(run.options.rounds):
            await _journey(run, run.candidates[number], when)
            when = time.perf_counter()

    run.begin()
    await run.at(due, all_rounds)
    run.finish()


async def soak(run: Run) -> None:
    """All that happens on an exam day of eight hours, in so many seconds, with the servers' memory."""
    run.enrol("soak")
    await run.connect()
    seconds = run.options.seconds
    pace = EXAM_DAY_HOURS * 3600 / seconds
    begin = run.begin()
    watching = asyncio.create_task(run.watch_memory(seconds / 200))
    chance = random.Random(run.options.seed)
    length = MINUTES * 60 / pace

    async def day(number: int, when: float) -> None:
        while when < begin + seconds:
            await _journey(run, run.candidates[number], when, pace)
            when = time.perf_counter()

    await run.at([chance.uniform(0, length) for _ in run.candidates], day)
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    run.finish()


async def rolling(run: Run) -> None:
    """Steady, while each server in its turn is told to stop, and started again: nobody should notice."""
    await _while_servers_end(run, signal.SIGTERM)


async def killing(run: Run) -> None:
    """Steady, while each server in its turn is killed, and started again."""
    await _while_servers_end(run, signal.SIGKILL)


PROFILES: dict[str, Callable[[Run], Coroutine[Any, Any, None]]] = {
    each.__name__: each
    for each in (steady, starts, finishes, autosubmit, unasked, journeys, soak, rolling, killing)
}


def sit(run: Run, name: str) -> None:
    """Log everybody in, and seat them."""
    run.enrol(name)
    seat(run.database, run.candidates, started_at=datetime.now(UTC))


async def saves(run: Run) -> None:
    """The saves of all candidates at the pace, for the time of the run."""
    interval = run.options.interval
    chance = random.Random(run.options.seed)
    due: list[tuple[float, int, int]] = []
    for number in range(len(run.candidates)):
        when, position = chance.uniform(0, interval), chance.randrange(SAVES)
        while when < run.options.seconds:
            due.append((when, number, position % SAVES + 1))
            when, position = when + interval, position + 1

    async def save(which: int, when: float) -> None:
        _, number, position = due[which]
        one = run.candidates[number]
        await one.save(position, one.choose(position, chance), when)

    await run.at([when for when, _, _ in due], save)


async def _journey(run: Run, one: Candidate, when: float, pace: float | None = None) -> None:
    interval = MINUTES * 60 / SAVES / (pace or run.options.pace)
    chance = random.Random(f"{run.options.seed}-{one.person_id}")
    await one.start(when)
    began = time.perf_counter()
    for position in range(1, len(one.sheet) + 1):
        due = began + position * interval
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await one.save(position, one.choose(position, chance), due)
    await one.end(time.perf_counter())
    await one.review()


async def _at_the_deadline(
    run: Run, act: Callable[[Candidate, float], Awaitable[None]], grace: int, after: float
) -> None:
    run.enrol("deadline")
    lead = timedelta(seconds=10 + LEAD_PER_CANDIDATE * len(run.candidates))
    deadline = datetime.now(UTC) + lead
    started_at = deadline - timedelta(minutes=MINUTES)
    seat(run.database, run.candidates, started_at=started_at, grace_seconds=grace)
    fill(run.database, run.candidates)
    await run.connect()
    over = deadline + timedelta(seconds=after)
    say(f"{run.target.name}: the deadline is at {over:%H:%M:%S}")
    await asyncio.sleep(max(0.0, (over - datetime.now(UTC)).total_seconds()))
    chance = random.Random(run.options.seed)
    due = [chance.uniform(0, run.options.seconds) for _ in run.candidates]
    began = run.begin()
    await run.at(due, lambda number, when: act(run.candidates[number], when))
    run.notes["all scored after"] = f"{time.perf_counter() - began:.1f} s"
    run.finish()


async def _while_servers_end(run: Run, number: int) -> None:
    sit(run, "steady")
    await run.connect()
    run.begin()
    restarting = asyncio.create_task(_restarts(run, number))
    await saves(run)
    while not restarting.done():  # on a slow machine a start takes longer than the run was to be
        await saves(run)
    run.notes["restarts"] = await restarting
    run.notes["longest time without a save"] = f"{longest_gap(run) * 1000:.0f} ms"
    run.finish()


async def _restarts(run: Run, number: int) -> int:
    loop = asyncio.get_running_loop()
    made = 0
    for _ in range(run.options.rounds):
        for server in run.target.servers:
            await asyncio.sleep(max(UP_AGAIN, run.options.seconds / 20))
            await loop.run_in_executor(None, server.signal, number)
            server.start()
            await loop.run_in_executor(None, server.wait_until_ready)
            made += 1
    return made


def longest_gap(run: Run) -> float:
    """The longest time in seconds in which no save was acknowledged."""
    at = sorted(run.record.acknowledged_at)
    return max((later - earlier for earlier, later in pairwise(at)), default=0.0)
