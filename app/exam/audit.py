"""The audit log: what instructors and administrators did, each entry sealed with the hash of the one before it.

An entry that was changed, taken out or put in later no longer fits its neighbours. Whoever could write the whole log
anew could still forge it, so its last hash is worth keeping somewhere else: `known` holds the log to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.exam.item import canonical

FIRST = "0" * 64
"""Stands for the entry before the first one."""
MOST_BREACHES = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done. `who` is None for a command and for the program itself.

    `before` and `after` are canonical JSON, or empty where there was nothing.
    """

    number: int
    at: datetime
    who: int | None
    action: str
    subject: str
    before: str
    after: str
    previous_sha256: str
    sha256: str

    def plain(self) -> dict[str, Any]:
        """Everything that is sealed, as JSON values."""
        return {
            "number": self.number,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "who": self.who,
            "action": self.action,
            "subject": self.subject,
            "before": self.before,
            "after": self.after,
            "previous_sha256": self.previous_sha256,
        }

    def seal(self) -> str:
        """The hash that an entry with this content has: SHA-256 over its canonical JSON."""
        return hashlib.sha256(canonical(self.plain()).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """How many entries were written, and the hash of the last one."""

    number: int = 0
    sha256: str = FIRST

    def __str__(self) -> str:
        return f"{self.number}:{self.sha256}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the whole log came to; `breaches` is empty when all of it holds together."""

    entries: int
    head: Head
    breaches: tuple[str, ...]


def text_of(value: Mapping[str, Any] | None) -> str:
    """What stood before or after, as it is sealed."""
    return "" if value is None else canonical(value)


def check(entries: Iterable[Entry], head: Head, known: Head | None = None) -> Verdict:
    """Hold every entry, in order, against the one before it; the last against `head`, and one against what is
    `known` of it from elsewhere. What follows a breach is checked on from there, so each breach is named once."""
    breaches: list[str] = []
    count, last, met = 0, Head(), known is None or known.number == 0
    for entry in entries:
        count += 1
        if entry.number != last.number + 1:
            breaches.append(f"Between entries {last.number} and {entry.number} something is missing.")
        elif entry.previous_sha256 != last.sha256:
            breaches.append(f"Entry {entry.number} does not follow what stands before it.")
        if entry.seal() != entry.sha256:
            breaches.append(f"Entry {entry.number} is not what was written.")
        last = Head(entry.number, entry.sha256)
        if known is not None and known.number == entry.number:
            met = True
            if known.sha256 != entry.sha256:
                breaches.append(f"Entry {entry.number} is not the one that was known.")
    if last != head:
        breaches.append(f"The log ends with entry {last.number}, but {head.number} were written.")
    if not met and known is not None:
        breaches.append(f"Entry {known.number}, which was known, is not there.")
    return Verdict(count, head, tuple(breaches[:MOST_BREACHES]))
