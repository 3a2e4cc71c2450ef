"""The checker finds each thing that can be wrong in a small history, and nothing in one that is right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faults.checker import Event, Kind, Marking, Standing, Stored, check
from tests.faults.history import Change, History, Told

A, B = ("a",), ("b",)
FIRST = Change(1, 1, "left", 1, "left-1", 0, A)
SECOND = Change(1, 1, "right", 1, "right-1", 1, B)
UNKNOWN = Change(1, 2, "left", 2, "left-2", 0, A)


def history() -> History:
    """Two tabs save one position; a third save was never answered; the end was acknowledged twice."""
    made = History()
    for change in (FIRST, SECOND, UNKNOWN):
        made.invoke(change)
    made.told += [Told("left-1", "accepted", 1), Told("right-1", "accepted", 2)]
    for _ in range(2):
        made.end(1)
        made.ended(1)
    return made


def event(change: Change, outcome: str = "accepted", rev: int | None = 1) -> Event:
    """The row of the log that a change makes."""
    return Event(*change, outcome, rev)


RIGHT = Stored(
    events=[event(FIRST), event(SECOND, rev=2)],
    standing=[Standing(1, 1, 2, B, "right", 1)],
    closed=frozenset({1}),
    scores={1: [(1, 500.0)]},
    marking={1: Marking({1: frozenset(B), 2: frozenset(B)}, (100.0, 500.0, 1000.0))},
)


def test_a_history_that_was_kept_is_right() -> None:
    assert check(history(), RIGHT) == []


def test_what_was_never_answered_may_be_stored() -> None:
    stored = replace(
        RIGHT,
        events=[*RIGHT.events, event(UNKNOWN)],
        standing=[*RIGHT.standing, Standing(1, 2, 1, A, "left", 2)],
    )
    assert check(history(), stored) == []


STRANGER = Change(1, 3, "nobody", 1, "nobody-1", 0, A)
WRONG: dict[str, tuple[Kind, Stored]] = {
    "an acknowledged save is missing": (
        Kind.LOST,
        replace(
            RIGHT, events=[event(FIRST)], standing=[Standing(1, 1, 1, A, "left", 1)], scores={1: [(0, 100.0)]}
        ),
    ),
    "an older save stands": (
        Kind.LOST,
        replace(RIGHT, standing=[Standing(1, 1, 1, A, "left", 1)], scores={1: [(0, 100.0)]}),
    ),
    "nothing stands": (Kind.LOST, replace(RIGHT, standing=[], scores={1: [(0, 100.0)]})),
    "a revision is left out": (
        Kind.LOST,
        replace(
            RIGHT, events=[event(FIRST), event(SECOND, rev=3)], standing=[Standing(1, 1, 3, B, "right", 1)]
        ),
    ),
    "put aside for nothing": (
        Kind.LOST,
        replace(RIGHT, events=[*RIGHT.events, event(UNKNOWN, "superseded", None)]),
    ),
    "twice in the log": (Kind.DUPLICATED, replace(RIGHT, events=[*RIGHT.events, event(SECOND, rev=3)])),
    "another choice": (
        Kind.CHANGED,
        replace(
            RIGHT,
            events=[event(FIRST), event(SECOND._replace(choice=A), rev=2)],
            standing=[Standing(1, 1, 2, A, "right", 1)],
        ),
    ),
    "another outcome": (
        Kind.CHANGED,
        replace(
            RIGHT,
            events=[event(FIRST), event(SECOND, "conflict", None)],
            standing=[Standing(1, 1, 1, A, "left", 1)],
        ),
    ),
    "nobody sent it": (
        Kind.INVENTED,
        replace(
            RIGHT,
            events=[*RIGHT.events, event(STRANGER)],
            standing=[*RIGHT.standing, Standing(1, 3, 1, A, "nobody", 1)],
        ),
    ),
    "it stands without a save": (
        Kind.INVENTED,
        replace(RIGHT, standing=[*RIGHT.standing, Standing(1, 2, 1, A, "left", 2)]),
    ),
    "two scores": (Kind.SCORE, replace(RIGHT, scores={1: [(1, 500.0)] * 2})),
    "no score": (Kind.SCORE, replace(RIGHT, scores={})),
    "another score": (Kind.SCORE, replace(RIGHT, scores={1: [(2, 1000.0)]})),
    "the end is lost": (Kind.LOST, replace(RIGHT, closed=frozenset(), scores={})),
}


@pytest.mark.parametrize(("kind", "stored"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_found(kind: Kind, stored: Stored) -> None:
    assert kind in {breach.kind for breach in check(history(), stored)}


def test_a_stale_tab_that_wins_is_found() -> None:
    sent = history()
    stale = SECOND._replace(base_rev=0)
    sent.changes[stale.key] = stale
    stored = replace(RIGHT, events=[event(FIRST), event(stale, rev=2)])
    assert [breach.kind for breach in check(sent, stored)] == [Kind.OVERWRITTEN]


def test_an_older_save_of_the_same_tab_that_wins_is_found() -> None:
    sent = history()
    older = SECOND._replace(client_id="left", client_seq=0)
    sent.changes[older.key] = older
    stored = replace(
        RIGHT, events=[event(FIRST), event(older, rev=2)], standing=[Standing(1, 1, 2, B, "left", 0)]
    )
    assert [breach.kind for breach in check(sent, stored)] == [Kind.OVERWRITTEN]


def test_an_end_that_nobody_sent_is_found() -> None:
    sent = history()
    sent.ends_sent.clear()
    sent.ends_told.clear()
    assert [breach.kind for breach in check(sent, RIGHT)] == [Kind.INVENTED]


def test_a_fault_of_the_server_is_found() -> None:
    sent = history()
    sent.refuse(503)
    assert check(sent, RIGHT) == []
    sent.refuse(500)
    assert [breach.kind for breach in check(sent, RIGHT)] == [Kind.FAILURE]
