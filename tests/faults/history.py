"""The history of a run: what clients sent and what they were told. The checker judges the database by it."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple, TextIO


class Change(NamedTuple):
    """One change as a client made it. `choice` are the author's option ids, sorted; `key` is new for each change."""

    attempt_id: int
    position: int
    client_id: str
    client_seq: int
    key: str
    base_rev: int
    choice: tuple[str, ...]


class Told(NamedTuple):
    """What a server said of a change: its outcome, and the revision that stood then."""

    key: str
    outcome: str
    rev: int


@dataclass
class History:
    """Everything that was sent, and every answer. What got no answer is unknown: it may be stored or not.

    `ends_told` counts acknowledged ends by attempt; `failures` counts answers 5xx other than 503, which no fault
    excuses. With `file`, each entry is also a line of JSON: seconds, what, and its fields.
    """

    file: TextIO | None = None
    changes: dict[str, Change] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    sends: Counter[str] = field(default_factory=Counter)
    ends_sent: Counter[int] = field(default_factory=Counter)
    ends_told: Counter[int] = field(default_factory=Counter)
    failures: Counter[int] = field(default_factory=Counter)
    refusals: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    _began: float = field(default_factory=time.perf_counter)
    _watches: list[tuple[int, float, asyncio.Future[float]]] = field(default_factory=list)

    def invoke(self, change: Change) -> None:
        """A change is sent, for the first time or again."""
        self.changes[change.key] = change
        self.sends[change.key] += 1
        self._write("invoke", *change)

    def tell(self, told: Told, port: int, sent_at: float) -> None:
        """A server on this port answered a change that was sent at `sent_at` (perf_counter)."""
        now = time.perf_counter()
        self.told.append(told)
        self.seconds.append(now - sent_at)
        self._write("told", *told)
        self._notice(port, sent_at, now)

    def unknown(self, key: str, why: str) -> None:
        """A change got no answer, or one that it was not taken."""
        self._write("unknown", key, why)

    def refuse(self, status: int) -> None:
        """A server answered 4xx or 5xx to a change or an end."""
        self.refusals[status] += 1
        if status >= 500 and status != 503:
            self.failures[status] += 1

    def end(self, attempt_id: int) -> None:
        """An end is sent."""
        self.ends_sent[attempt_id] += 1
        self._write("end", attempt_id)

    def ended(self, attempt_id: int) -> None:
        """An end was acknowledged."""
        self.ends_told[attempt_id] += 1
        self._write("ended", attempt_id)

    def unknown_keys(self) -> int:
        """How many changes never got an answer."""
        return len(self.changes) - len({told.key for told in self.told})

    def first_answer(self, port: int, since: float) -> asyncio.Future[float]:
        """When the server on this port first answers a change that was sent after `since` (perf_counter)."""
        watch: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._watches.append((port, since, watch))
        return watch

    def _notice(self, port: int, sent_at: float, now: float) -> None:
        for watch in list(self._watches):
            if watch[0] == port and sent_at > watch[1]:
                self._watches.remove(watch)
                if not watch[2].done():
                    watch[2].set_result(now)

    def _write(self, what: str, *fields: object) -> None:
        if self.file is not None:
            at = round(time.perf_counter() - self._began, 6)
            self.file.write(json.dumps([at, what, *fields]) + "\n")
