"""Candidates: each sits one attempt in two tabs that get in each other's way, and sends again what got no answer."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Protocol
from urllib.parse import urlencode

from tests.bench.wire import Request
from tests.faults.history import Change, History, Told
from tests.faults.lines import LostError, Reply
from tests.faults.stage import Seat

BEFORE_AGAIN = (
    0.4  # seconds before a change is sent again: two tabs that wait are within what a browser may send
)
SEE_OTHER, TOO_MANY = 303, 429
FORGOTTEN = 0.05  # so many of the changes that got no answer are never sent again


class AnyLine(Protocol):
    """What carries requests."""

    port: int

    async def ask(self, request: bytes) -> Reply: ...
    def close(self) -> None: ...


@dataclass
class Tab:
    """One tab: it counts its saves and remembers the revisions that it has seen."""

    seat: Seat
    client_id: str
    line: AnyLine
    history: History
    random: Random
    seq: int = 0
    revs: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def change(self, position: int) -> tuple[Change, bytes]:
        """A new answer at a position, and the request that saves it."""
        self.seq += 1
        item = self.seat.items[position - 1]
        options = self.random.sample(item.options, self.random.randint(0, item.select))
        key, base = f"{self.client_id}-{self.seq}", self.revs[position]
        change = Change(
            self.seat.attempt_id,
            position,
            self.client_id,
            self.seq,
            key,
            base,
            tuple(sorted(option.option_id for option in options)),
        )
        fields = {
            "choice": [option.token for option in options],
            "seen": "1",
            "client_id": self.client_id,
            "client_seq": self.seq,
            "idempotency_key": key,
            "base_rev": base,
        }
        path = f"/attempts/{self.seat.attempt_id}/responses/{position}"
        body = urlencode(fields, doseq=True).encode()
        return change, Request("PUT", path, self.seat.token, body, "*/*").encoded()

    async def save(self, position: int) -> None:
        """Answer a position, and send it until it is acknowledged, or once more for nothing; a few are given up."""
        change, request = self.change(position)
        forgotten = self.random.random() < FORGOTTEN
        while not await self._send(change, request):
            if forgotten:
                return
            await asyncio.sleep(BEFORE_AGAIN)
        if self.random.random() < 0.05:
            await self._send(change, request)

    async def _send(self, change: Change, request: bytes) -> bool:
        self.history.invoke(change)
        sent_at = time.perf_counter()
        try:
            reply = await self.line.ask(request)
        except LostError as error:
            self.history.unknown(change.key, str(error))
            return False
        outcome = reply.headers.get("cutscore-outcome")
        if outcome is None:
            self.history.refuse(reply.status)
            self.history.unknown(change.key, str(reply.status))
            if reply.status == TOO_MANY:
                await asyncio.sleep(float(reply.headers["retry-after"]))
            return False
        rev = int(reply.headers["cutscore-rev"])
        self.revs[change.position] = max(rev, self.revs[change.position])
        self.history.tell(Told(change.key, outcome, rev), self.line.port, sent_at)
        return True


@dataclass
class Candidate:
    """Somebody at a seat. `line` makes lines; more than one save of a tab `in_flight` needs lines that carry many."""

    seat: Seat
    line: Callable[[], AnyLine]
    history: History
    random: Random
    in_flight: int = 1

    async def sit(self, saves: int, leaving: asyncio.Event, *, ends: bool) -> None:
        """Make about so many saves in two new tabs; then, if the exam is to be ended, end it in both at once."""
        lines = [self.line(), self.line()]
        name = f"a{self.seat.attempt_id}t{self.random.getrandbits(32):x}"
        tabs = [Tab(self.seat, f"{name}-{n}", lines[n], self.history, self.random) for n in (0, 1)]
        each = saves // (2 * self.in_flight)
        await asyncio.gather(*(self._answer(t, each, leaving) for t in tabs for _ in range(self.in_flight)))
        if ends:
            spare = self.line()
            ending = [self._end(line) for line in (lines[0], spare)]
            await asyncio.gather(*ending, tabs[1].save(9))
            lines.append(spare)
        for line in lines:
            line.close()

    async def _answer(self, tab: Tab, saves: int, leaving: asyncio.Event) -> None:
        own = 0 if tab.client_id.endswith("0") else 8
        for _ in range(saves):
            if leaving.is_set():
                return
            shared = self.random.random() < 0.3
            await tab.save(self.random.randint(17, 20) if shared else own + self.random.randint(1, 8))

    async def _end(self, line: AnyLine) -> None:
        request = Request("POST", f"/attempts/{self.seat.attempt_id}/end", self.seat.token).encoded()
        while True:
            self.history.end(self.seat.attempt_id)
            try:
                reply = await line.ask(request)
            except LostError:
                reply = Reply(0, {})
            if reply.status == SEE_OTHER:
                self.history.ended(self.seat.attempt_id)
                return
            if reply.status:
                self.history.refuse(reply.status)
            await asyncio.sleep(BEFORE_AGAIN)
