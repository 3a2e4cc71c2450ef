"""The chronicle of an answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.exam.attempt import Confidence, Marks, Outcome, Save
from app.exam.chronicle import chronicle
from tests.packs import NOON

LETTERS = {"x": "A", "y": "B", "z": "C"}


def save(seconds: int, *choice: str, **marks: Any) -> Save:
    """A save so many seconds after the start."""
    return Save(1, "tab", seconds, str(seconds), 0, choice, Marks(**marks), NOON + timedelta(seconds=seconds))


def told(*saves: tuple[Save, Outcome] | Save) -> list[tuple[int, str]]:
    """The steps as (second, words)."""
    whole = [one if isinstance(one, tuple) else (one, Outcome.ACCEPTED) for one in saves]
    return [(int(step.after.total_seconds()), step.words) for step in chronicle(whole, LETTERS, NOON)]


def test_choices_are_told_by_the_letters_that_were_seen() -> None:
    assert told(save(1, "x"), save(2, "y"), save(3, "y", "z"), save(4)) == [
        (1, "Chose A"),
        (2, "Changed A to B"),
        (3, "Changed B to B and C"),
        (4, "Cleared the answer B and C"),
    ]


def test_marks_are_told_when_they_change() -> None:
    steps = told(
        save(1, seen=True, flagged=True),
        save(2, seen=True, flagged=True, struck=("x", "y"), highlights=((0, 3),)),
        save(3, seen=True, struck=("y",), confidence=Confidence.FAIRLY),
        save(4, seen=True, struck=("y",), confidence=Confidence.FAIRLY, elapsed_ms=9),
    )
    assert steps == [
        (1, "Opened the question"),
        (1, "Flagged it for review"),
        (2, "Struck out A and B"),
        (2, "Highlighted text"),
        (3, "Took back the strike of A"),
        (3, "Took the flag away"),
        (3, "Removed a highlight"),
        (3, "Said: fairly sure"),
    ]


def test_what_was_not_taken_or_came_late_says_so_and_changes_nothing() -> None:
    assert told(
        save(1, "x"),
        (save(2, "y"), Outcome.CONFLICT),
        (save(3, "y"), Outcome.SUPERSEDED),
        (save(200, "z"), Outcome.LATE),
        save(4, "x"),
    ) == [
        (1, "Chose A"),
        (2, "Not taken: another tab or device was first"),
        (3, "Not taken: a later change had arrived already"),
        (200, "Late, not scored: C"),
    ]
