"""The checker: a history against what is stored. It knows the promises, and nothing of how the server keeps them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tests.faults.history import Change, History, Told

ACCEPTED, SUPERSEDED = "accepted", "superseded"


class Kind(StrEnum):
    """What can be wrong."""

    LOST = "lost"  # an acknowledged save is not in the log, or not standing though nothing newer is
    DUPLICATED = "duplicated"  # it is there more than once
    CHANGED = "changed"  # it is there as something else
    INVENTED = "invented"  # something is there that nobody sent
    OVERWRITTEN = "overwritten"  # a stale tab won silently
    SCORE = "score"  # not scored once, or not as a recomputation says
    FAILURE = "failure"  # an answer that no fault excuses


class Breach(NamedTuple):
    """One thing that is wrong."""

    kind: Kind
    text: str


class Event(NamedTuple):
    """A row of the log, in the order in which it was stored."""

    attempt_id: int
    position: int
    client_id: str
    client_seq: int
    key: str
    base_rev: int
    choice: tuple[str, ...]
    outcome: str
    rev: int | None


class Standing(NamedTuple):
    """A current response."""

    attempt_id: int
    position: int
    rev: int
    choice: tuple[str, ...]
    client_id: str
    client_seq: int


class Marking(NamedTuple):
    """What scores an attempt: the right options of each scored position, and the scaled score of each raw one."""

    keys: dict[int, frozenset[str]]
    conversion: tuple[float, ...]


@dataclass(frozen=True)
class Stored:
    """What a database holds. `scores` are (raw, scaled) of each attempt, `closed` those that have ended."""

    events: list[Event]
    standing: list[Standing]
    closed: frozenset[int]
    scores: dict[int, list[tuple[int, float]]]
    marking: dict[int, Marking]


def check(history: History, stored: Stored) -> list[Breach]:
    """Everything that is wrong; empty when every promise was kept."""
    return [
        *(Breach(Kind.FAILURE, f"{many} answers {status}") for status, many in history.failures.items()),
        *_log(history.changes, history.told, stored.events),
        *_order(stored.events),
        *_standing(stored.events, stored.standing),
        *_ends(history, stored),
    ]


def _log(changes: dict[str, Change], told: Iterable[Told], events: list[Event]) -> Iterator[Breach]:
    times = Counter(event.key for event in events)
    for key, many in times.items():
        if many > 1:
            yield Breach(Kind.DUPLICATED, f"{key} is in the log {many} times")
    by_key = {event.key: event for event in events}
    for key, event in by_key.items():
        sent = changes.get(key)
        if sent is None:
            yield Breach(Kind.INVENTED, f"nobody sent {event}")
        elif Change(*event[:4], key, *event[5:7]) != sent:
            yield Breach(Kind.CHANGED, f"{sent} is stored as {event}")
    for one in told:
        found = by_key.get(one.key)
        if found is None:
            yield Breach(Kind.LOST, f"{one} is not in the log")
        elif found.outcome != one.outcome or (found.rev or 0) > one.rev:
            yield Breach(Kind.CHANGED, f"{one} is stored as {found}")


def _order(events: Iterable[Event]) -> Iterator[Breach]:
    """Revisions go up by one; the same tab's go by its own count; another's are based on what stood."""
    before: dict[tuple[int, int], Event] = {}
    newest: dict[tuple[int, int, str], int] = defaultdict(lambda: -1)
    for event in events:
        place, tab = (event.attempt_id, event.position), (event.attempt_id, event.position, event.client_id)
        if event.outcome == SUPERSEDED and newest[tab] < event.client_seq:
            yield Breach(Kind.LOST, f"{event} was put aside for nothing")
        if event.outcome != ACCEPTED:
            continue
        last = before.get(place)
        if event.rev != (last.rev or 0 if last else 0) + 1:
            yield Breach(Kind.LOST, f"{event} came after {last}")
        if last is not None and last.client_id == event.client_id:
            if event.client_seq <= last.client_seq:
                yield Breach(Kind.OVERWRITTEN, f"{event} is older than {last}")
        elif event.base_rev != (last.rev if last else 0):
            yield Breach(Kind.OVERWRITTEN, f"{event} had not seen {last}")
        before[place] = event
        newest[tab] = max(newest[tab], event.client_seq)


def _standing(events: Iterable[Event], standing: Iterable[Standing]) -> Iterator[Breach]:
    newest = {(event.attempt_id, event.position): event for event in events if event.outcome == ACCEPTED}
    stands = {(one.attempt_id, one.position): one for one in standing}
    for place in newest.keys() | stands.keys():
        event, one = newest.get(place), stands.get(place)
        if event is None:
            yield Breach(Kind.INVENTED, f"{one} stands without a save")
        elif one is None:
            yield Breach(Kind.LOST, f"{event} does not stand")
        elif one[2:] != (event.rev, event.choice, event.client_id, event.client_seq):
            yield Breach(Kind.LOST, f"{one} stands, but the newest save is {event}")


def _ends(history: History, stored: Stored) -> Iterator[Breach]:
    chosen: dict[int, dict[int, tuple[str, ...]]] = defaultdict(dict)
    for one in stored.standing:
        chosen[one.attempt_id][one.position] = one.choice
    for attempt_id in stored.closed - history.ends_sent.keys():
        yield Breach(Kind.INVENTED, f"nobody ended attempt {attempt_id}")
    for attempt_id in history.ends_told.keys() - stored.closed:
        yield Breach(Kind.LOST, f"the end of attempt {attempt_id} is lost")
    for attempt_id in stored.closed | stored.scores.keys():
        scores = stored.scores.get(attempt_id, [])
        if len(scores) != 1:
            yield Breach(Kind.SCORE, f"attempt {attempt_id} has {len(scores)} scores")
        marking = stored.marking[attempt_id]
        raw = sum(set(chosen[attempt_id].get(at, ())) == key for at, key in marking.keys.items())
        if any(score != (raw, marking.conversion[raw]) for score in scores):
            yield Breach(Kind.SCORE, f"attempt {attempt_id} has {scores}; its responses come to {raw}")
