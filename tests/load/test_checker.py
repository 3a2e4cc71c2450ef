"""The checker of a run sees what it is there to see: answers lost, changed, repeated, invented; a wrong score."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.exam.form import assemble
from tests.exam.banks import bank, snapshot
from tests.load.candidate import CLIENT, Sent
from tests.load.checker import Stored, Verdict, check_attempt

FORM = assemble(snapshot(bank(420)), 1)
PLACES = range(1, len(FORM.positions) + 1)
GOOD = Stored(
    options=[{"t1": "a", "t2": "b"} for _ in PLACES],
    events=[
        (CLIENT, 0, 1, "accepted", ("a",)),
        (CLIENT, 1, 2, "accepted", ("b",)),
        (CLIENT, 2, 1, "accepted", ("b",)),
    ],
    standing={1: ("b",), 2: ("b",)},
    closed=True,
    scores=[(2, FORM.conversion[2])],
    form=FORM,
    keys=[frozenset("b") for _ in PLACES],
)


def verdict(stored: Stored, acknowledged: bytes = b"\1\1\1") -> Verdict:
    """What the checker says of an attempt with three saves."""
    sent = Sent(1, [(1, ("t1",)), (2, ("t2",)), (1, ("t2",))], bytearray(acknowledged), ended=True)
    made = Verdict()
    check_attempt(sent, stored, made)
    return made


def test_what_is_right_has_no_fault() -> None:
    assert verdict(GOOD) == Verdict(acknowledged=3, scores=1)


def test_a_save_that_was_not_acknowledged_may_be_there_or_not() -> None:
    gone = replace(
        GOOD, events=GOOD.events[:2], standing={1: ("a",), 2: ("b",)}, scores=[(1, FORM.conversion[1])]
    )
    assert verdict(gone, b"\1\1\0").faults == []
    assert verdict(GOOD, b"\1\1\0").faults == []


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        (replace(GOOD, events=GOOD.events[1:]), "save 0 was acknowledged and is lost"),
        (replace(GOOD, events=[(CLIENT, 0, 1, "accepted", ("b",)), *GOOD.events[1:]]), "save 0 was changed"),
        (replace(GOOD, events=[GOOD.events[0], *GOOD.events]), "save 0 is stored 2 times"),
        (replace(GOOD, events=[*GOOD.events, (CLIENT, 3, 2, "accepted", ("b",))]), "save 3 was never sent"),
        (replace(GOOD, events=[(CLIENT, 0, 1, "conflict", ("a",)), *GOOD.events[1:]]), "stored as conflict"),
        (replace(GOOD, standing={1: ("a",), 2: ("b",)}), "not the last ones of the log"),
        (replace(GOOD, scores=[(1, FORM.conversion[1])]), "and its answers come to 2"),
        (replace(GOOD, scores=[(2, FORM.conversion[2] + 1)]), "and its answers come to 2"),
        (replace(GOOD, scores=[]), "it was ended and has 0 scores"),
        (replace(GOOD, scores=[*GOOD.scores, *GOOD.scores]), "it was ended and has 2 scores"),
        (replace(GOOD, closed=False), "it was ended"),
    ],
)
def test_every_fault_is_seen(stored: Stored, said: str) -> None:
    assert any(said in fault for fault in verdict(stored).faults)
