"""The reference: what an attempt is, in as few words as it can be said, and none of them the program's.

Each method takes the time and gives what the application must answer: an HTTP status, and for a save what became of
it and the revision that stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

GRACE = timedelta(seconds=60)

Answer = tuple[int, str, int]
"""Status, outcome, revision; of what is no save, only the status says anything."""


class Saving(NamedTuple):
    """One save as a tab sends it. `choice` are option ids."""

    position: int
    choice: frozenset[str]
    client: str
    seq: int
    key: str
    base: int


class Stands(NamedTuple):
    """What stands at a position."""

    rev: int = 0
    choice: frozenset[str] = frozenset()
    client: str = ""
    seq: int = -1


class Correction(NamedTuple):
    """A key corrected after the fact, or None: the item counts for nobody."""

    item: int
    key: frozenset[str] | None


@dataclass
class Attempt:
    """One attempt. `items` and `keys` by position, from 1; `corrections` are of the whole bank, shared by all."""

    items: dict[int, int]
    keys: dict[int, frozenset[str]]
    deadline: datetime | None
    pausable: bool
    corrections: list[Correction]
    paused_at: datetime | None = None
    ending: str = ""
    stands: dict[int, Stands] = field(default_factory=dict)
    log: dict[str, tuple[Saving, str]] = field(default_factory=dict)
    scores: list[int] = field(default_factory=list)
    taken_in: int = 0

    def state(self, now: datetime) -> str:
        """Open, paused, locked or final."""
        if self.ending:
            return "final"
        if self.paused_at is not None:
            return "paused"
        if self.deadline is None or now < self.deadline:
            return "open"
        return "locked" if now < self.deadline + GRACE else "final"

    def save(self, now: datetime, saving: Saving) -> Answer:
        """Save a choice."""
        before = self.stands.get(saving.position, Stands())
        if saving.key in self.log:
            first, outcome = self.log[saving.key]
            if (first.position, first.choice) != (saving.position, saving.choice):
                return (422, "", 0)
            return _answer(outcome, before.rev)
        outcome = self._outcome(now, saving, before)
        if outcome != "paused":
            self.log[saving.key] = (saving, outcome)
        if outcome == "accepted":
            before = Stands(before.rev + 1, saving.choice, saving.client, saving.seq)
            self.stands[saving.position] = before
        return _answer(outcome, before.rev)

    def _outcome(self, now: datetime, saving: Saving, before: Stands) -> str:
        state = self.state(now)
        if state in ("final", "paused"):
            return "late" if state == "final" else "paused"
        if saving.client == before.client:
            return "accepted" if saving.seq > before.seq else "superseded"
        return "accepted" if saving.base == before.rev else "conflict"

    def end(self, now: datetime) -> Answer:
        """End it, whatever its state."""
        ran_out = self.deadline is not None and self.paused_at is None and now >= self.deadline
        self._close("time" if ran_out else "submitted")
        return (303, "", 0)

    def abandon(self, now: datetime) -> Answer:
        """Give it up: only one that is paused, or has no deadline."""
        if self.paused_at is None and self.deadline is not None:
            return (422, "", 0)
        self._close("abandoned")
        return (303, "", 0)

    def pause(self, now: datetime) -> Answer:
        """Stop its clock."""
        if not self.pausable or self.state(now) != "open":
            return (409, "", 0)
        self.paused_at = now
        return (303, "", 0)

    def resume(self, now: datetime) -> Answer:
        """Let its clock run again; the deadline moves."""
        if self.paused_at is not None:
            if self.deadline is not None:
                self.deadline += now - self.paused_at
            self.paused_at = None
        return (303, "", 0)

    def look(self, now: datetime) -> Answer:
        """Look at the report: it closes what has run out, and scores again what was corrected."""
        if self.state(now) != "final":
            return (303, "", 0)
        self._close("time")
        if self.ending == "abandoned":
            return (404, "", 0)
        if self.taken_in != self._corrected():
            self._score()
        return (200, "", 0)

    def _close(self, ending: str) -> None:
        if not self.ending:
            self.ending, self.paused_at = ending, None
            if ending != "abandoned":
                self._score()

    def _score(self) -> None:
        held: dict[int, Correction] = {}
        for one in self.corrections:
            if one.item not in held or held[one.item].key is not None:
                held[one.item] = one
        raw = 0
        for position, item in self.items.items():
            key = held[item].key if item in held else self.keys[position]
            raw += key is not None and self.stands.get(position, Stands()).choice == key
        self.scores.append(raw)
        self.taken_in = self._corrected()

    def _corrected(self) -> int:
        return sum(one.item in self.items.values() for one in self.corrections)


def _answer(outcome: str, rev: int) -> Answer:
    return (200 if outcome in ("accepted", "superseded") else 409, outcome, rev)
