"""A candidate's browser: what it sends, what it was told, and how it goes on when something fails."""

from __future__ import annotations

import asyncio
import random
import re
import time
from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.bench.wire import Request
from tests.load.connection import Answer, Connection, LostError

CLIENT = "load"
EXAM = "csa-pro"
PATIENCE = 60.0  # seconds a browser goes on with one request
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0  # seconds before a request is sent again
AGAIN = frozenset({429, 502, 503, 504})
_OPTION = re.compile(rb'type="(radio|checkbox)" id="[^"]*" name="choice-(\d+)" value="([a-z0-9]+)"')

Choice = tuple[str, ...]


class UnexpectedError(AssertionError):
    """An answer that no browser should get."""


@dataclass(slots=True)
class Sent:
    """What one attempt was sent: save n of the attempt is (position, tokens), and whether it was acknowledged."""

    attempt_id: int
    saves: list[tuple[int, Choice]] = field(default_factory=list)
    acknowledged: bytearray = field(default_factory=bytearray)
    ended: bool = False
    before: dict[int, Choice] = field(default_factory=dict)
    """Choices that stood before the run, as option tokens."""


@dataclass
class Record:
    """What a run measured: milliseconds of each kind of request, from when it was due; what failed; what was sent."""

    milliseconds: defaultdict[str, array[float]] = field(
        default_factory=lambda: defaultdict(lambda: array("d"))
    )
    failures: Counter[str] = field(default_factory=Counter)
    given_up: Counter[str] = field(default_factory=Counter)
    sent: dict[int, Sent] = field(default_factory=dict)
    acknowledged_at: array[float] = field(default_factory=lambda: array("d"))

    def of(self, attempt_id: int) -> Sent:
        """What an attempt was sent so far."""
        return self.sent.setdefault(attempt_id, Sent(attempt_id))


@dataclass(slots=True)
class Candidate:
    """Somebody who is logged in, in one browser with one connection."""

    person_id: int
    token: str
    record: Record
    connection: Connection
    attempt_id: int = 0
    sheet: Sequence[tuple[int, Choice]] = ()
    """Of each position how many to choose, and the tokens of its options in the order of the page."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _heads: dict[str, bytes] = field(default_factory=dict)

    async def arrive(self) -> None:
        """Open the connection as a page does that was loaded over it: the proxy keeps only those for long."""
        await self.connection.send(self._encoded("GET", "/healthz", b""))

    async def start(self, due: float) -> None:
        """Start an exam, and read the page as it comes."""
        answer = await self.ask(
            "start", "POST", "/attempts", f"exam={EXAM}&time_option=standard".encode(), due
        )
        self.attempt_id = int(answer.location.rpartition("/")[2])
        self.record.of(self.attempt_id)
        page = await self.ask("exam page", "GET", answer.location)
        self.sheet = sheet_of(page.body)

    async def save(self, position: int, choice: Choice, due: float) -> None:
        """Choose options at a position, until it is acknowledged."""
        sent = self.record.sent[self.attempt_id]
        number = len(sent.saves)
        sent.saves.append((position, choice))
        sent.acknowledged.append(0)
        options = "&".join(f"choice={token}" for token in choice)
        body = (
            f"{options}&seen=1&elapsed_ms=81250&client_id={CLIENT}&client_seq={number}"
            f"&idempotency_key={CLIENT}-{number}&base_rev=0"
        ).encode()
        path = f"/attempts/{self.attempt_id}/responses/{position}"
        answer = await self.ask("save", "PUT", path, body, due)
        if b"cutscore-outcome: accepted" not in answer.head.lower():
            raise UnexpectedError(f"{path}: {answer.head!r}")
        sent.acknowledged[number] = 1
        self.record.acknowledged_at.append(time.perf_counter())

    async def end(self, due: float) -> None:
        """End the exam; the browser follows to the report."""
        answer = await self.ask("end", "POST", f"/attempts/{self.attempt_id}/end", b"", due)
        self.record.sent[self.attempt_id].ended = True
        await self.ask("report", "GET", answer.location)

    async def report(self, due: float) -> None:
        """Ask for the report of an exam that has run out."""
        await self.ask("report", "GET", f"/reports/{self.attempt_id}", due=due)
        self.record.sent[self.attempt_id].ended = True

    async def review(self) -> None:
        """Look at all items."""
        await self.ask("review", "GET", f"/reports/{self.attempt_id}/review")

    def choose(self, position: int, chance: random.Random) -> Choice:
        """As many options as the position asks for."""
        select, options = self.sheet[position - 1]
        return tuple(sorted(chance.sample(options, select)))

    async def ask(
        self, what: str, method: str, path: str, body: bytes = b"", due: float | None = None
    ) -> Answer:
        """Send a request until it is answered as it should be, as the page's queue does; how long that took is
        noted. Raises UnexpectedError when it never is, or is refused."""
        request = self._encoded(method, path, body)
        async with self.turn:
            began = time.perf_counter() if due is None else due
            wait = FIRST_WAIT
            while True:
                try:
                    answer = await self.connection.send(request)
                    problem = str(answer.status)
                    if answer.status < 400:
                        break
                    if answer.status not in AGAIN:
                        self.record.given_up[f"{what}: {problem}"] += 1
                        raise UnexpectedError(f"{method} {path}: {answer.status} {answer.body[:200]!r}")
                except LostError:
                    problem = "lost"
                self.record.failures[f"{what}: {problem}"] += 1
                if time.perf_counter() - began > PATIENCE:
                    self.record.given_up[f"{what}: {problem}"] += 1
                    raise UnexpectedError(f"{method} {path}: {problem} for {PATIENCE:.0f} s")
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)
            self.record.milliseconds[what].append((time.perf_counter() - began) * 1000)
        return answer

    def _encoded(self, method: str, path: str, body: bytes) -> bytes:
        head = self._heads.get(method)
        if head is None:
            headers = Request(
                method, "", self.token, b"", "*/*" if method == "PUT" else "text/html"
            ).headers()
            headers.pop("content-length", None)
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
            self._heads[method] = head
        length = b"content-length: %d\r\n" % len(body) if method != "GET" else b""
        return b"%s %s HTTP/1.1\r\n%s%s\r\n%s" % (method.encode(), path.encode(), head, length, body)


def sheet_of(page: bytes) -> list[tuple[int, Choice]]:
    """The options that a page shows, by position. Of a question with several one or two are chosen."""
    found: dict[int, list[str]] = {}
    several: set[int] = set()
    for kind, position, token in _OPTION.findall(page):
        found.setdefault(int(position), []).append(token.decode())
        if kind == b"checkbox":
            several.add(int(position))
    return [(2 if position in several else 1, tuple(tokens)) for position, tokens in sorted(found.items())]
