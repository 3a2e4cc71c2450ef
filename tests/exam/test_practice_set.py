"""A practice set: when it is over, and when its keys may be seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.exam.attempt import Sheet
from app.exam.practice_set import Answer, PracticeSet, SetKind, standing_answers

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=10)
OPEN = PracticeSet(1, 1, "x", SetKind.PRACTICE, "A mix", True, Sheet(()), (), NOON, None, None, 3)
GIVEN = standing_answers([Answer(2, ("a",), None, 0, NOON)])


def test_a_set_is_over_when_it_was_ended_or_its_time_is_up() -> None:
    assert OPEN.over_at(LATER) is None
    assert replace(OPEN, ended_at=NOON).over_at(LATER) == NOON
    timed = replace(OPEN, deadline_at=LATER)
    assert timed.over_at(LATER - timedelta(seconds=1)) is None
    assert timed.over_at(LATER + timedelta(days=1)) == LATER


def test_the_time_left_is_never_negative() -> None:
    timed = replace(OPEN, deadline_at=LATER)
    assert [timed.remaining(at) for at in (NOON, LATER + timedelta(days=1))] == [LATER - NOON, timedelta(0)]
    assert OPEN.remaining(NOON) is None


def test_a_key_is_shown_after_the_answer_when_answers_are_explained_at_once() -> None:
    assert [OPEN.explained(position, GIVEN, LATER) for position in (1, 2, 3)] == [False, True, False]


def test_otherwise_at_the_end_and_only_of_what_was_come_to() -> None:
    deferred = replace(OPEN, at_once=False)
    assert not deferred.explained(2, GIVEN, LATER)
    ended = replace(deferred, ended_at=LATER)
    assert [ended.explained(position, GIVEN, LATER) for position in (1, 2, 3, 4)] == [True, True, True, False]


def test_the_last_answer_stands() -> None:
    answers = [Answer(1, ("a",), None, 0, NOON), Answer(1, ("b",), None, 0, LATER)]
    assert standing_answers(answers)[1].choice == ("b",)
