"""The laboratory: servers under load, faults that strike them, and what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

from tests.faults.checker import Breach, check
from tests.faults.clients import AnyLine, Candidate
from tests.faults.history import History
from tests.faults.launch import Server
from tests.faults.lines import BadLine, Line
from tests.faults.stage import Seat
from tests.faults.stored import read

DESKS = 24
SAVES = 60
"""Of one candidate: fewer than a browser may make at once."""
ENDING = 0.75
"""The share of candidates who end their exam."""
MOST_SECONDS = 300.0
"""How long a server may take until it answers again. Far above what it takes."""


@dataclass
class Run:
    """What a run came to. `recoveries` are seconds from a fault to the first answer to a save sent after it."""

    what: str
    database: str
    seed: int
    history: History
    breaches: list[Breach] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)
    faults: int = 0
    seconds: float = 0.0
    scored: int = 0


@dataclass
class Laboratory:
    """Servers on one database, and the seats of people who have not come yet."""

    url: str
    servers: list[Server]
    seats: list[Seat]
    run: Run
    random: Random
    bad_lines: bool = False
    _leaving: asyncio.Event = field(default_factory=asyncio.Event)

    def line(self) -> AnyLine:
        """A line to one of the servers, and to any of them once that one is gone: else all candidates might wait
        for a server that is dead."""
        return BadLine(self._port(), self.random) if self.bad_lines else Line(self._port(), self._port)

    def _port(self) -> int:
        return self.random.choice(self.servers).build.port

    def under_load(self, strike: Callable[[Laboratory], Awaitable[None]], desks: int = DESKS) -> Run:
        """Let candidates work while `strike` does what it does; then let them finish, stop the servers, and check."""
        began = time.perf_counter()
        for server in self.servers:
            server.start()
        try:
            asyncio.run(self._worked(strike, desks))
        finally:
            for server in self.servers:
                server.stop()
        self.run.seconds = time.perf_counter() - began
        stored = read(self.url)
        self.run.breaches = check(self.run.history, stored)
        self.run.scored = len(stored.scores)
        return self.run

    async def answers(self, server: Server, since: float) -> float:
        """Seconds from `since` until this server answers a save that was sent later."""
        async with asyncio.timeout(MOST_SECONDS):
            return await self.run.history.first_answer(server.build.port, since) - since

    async def all_answer(self, since: float) -> None:
        """Wait until every server answers saves sent after `since`; the slowest one is the recovery of a fault."""
        waits = [self.answers(server, since) for server in self.servers]
        self.run.recoveries.append(max(await asyncio.gather(*waits)))
        self.run.faults += 1

    async def _worked(self, strike: Callable[[Laboratory], Awaitable[None]], desks: int) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(desks):
                group.create_task(self._desk())
            async with asyncio.TaskGroup() as warm:
                for server in self.servers:
                    warm.create_task(self.answers(server, 0))
            await strike(self)
            self._leaving.set()

    async def _desk(self) -> None:
        while self.seats and not self._leaving.is_set():
            own, seat = Random(self.random.random()), self.seats.pop()
            ends = len(self.seats) > DESKS and own.random() < ENDING
            one = Candidate(seat, self.line, self.run.history, own, 4 if self.bad_lines else 1)
            await one.sit(SAVES, self._leaving, ends=ends)
            if not ends:
                self.seats.insert(0, seat)  # somebody goes on there later, in other tabs
