"""Observations as columns: what counts, and what is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.exam.answers import FIRST, OPEN, RIGHT, evidence, gathered
from app.exam.exam_figures import left_out
from app.exam.observation import ObservedAttempt, Others
from app.exam.score import Mark
from tests.exam.observed import attempts, sat, small

BANK = small()


def changed(count: int, **changes: object) -> list[ObservedAttempt]:
    """Some attempts; in the first of them the first observation is changed."""
    first, *others = attempts(BANK, count)
    at = replace(first.observations[0], **changes)  # type: ignore[arg-type]  # by name
    return [replace(first, observations=(at, *first.observations[1:])), *others]


def test_every_observation_is_one_entry() -> None:
    answers = sat(BANK, 3)
    assert len(answers.sittings) == 3
    assert len(answers.version) == 36
    assert answers.position.tolist() == [*range(1, 13)] * 3
    assert np.all(answers.usable)
    one = next(attempts(BANK, 1)).observations[0]
    assert answers.choices[answers.choice[0]] == one.choice
    assert answers.seconds[0] == one.seconds
    assert bool(answers.has(RIGHT)[0]) == (one.mark is Mark.RIGHT)


def test_items_met_before_not_reached_or_withdrawn_do_not_count() -> None:
    for changes in ({"first": False}, {"reached": False}, {"dropped": True, "scored": False}):
        answers = gathered(changed(2, **changes))
        assert np.flatnonzero(~answers.usable).tolist() == [0]


def test_what_was_reached_and_left_open_counts_as_wrong() -> None:
    answers = gathered(changed(1, mark=Mark.UNANSWERED, choice=()))
    assert answers.has(OPEN)[0]
    assert answers.usable[0]
    assert not answers.has(RIGHT)[0]


def test_evidence_is_sorted_as_its_responses_are() -> None:
    answers = sat(BANK, 5)
    found = evidence(answers, BANK.stock(answers).numbers, len(BANK.items))
    assert found.responses.person.tolist() == sorted(found.responses.person.tolist())
    assert answers.version[found.rows].tolist() == (found.responses.item + 1).tolist()
    assert answers.has(RIGHT)[found.rows].tolist() == found.responses.right.tolist()


def test_a_sitting_with_nothing_that_counts_is_no_person() -> None:
    first, second = attempts(BANK, 2)
    unseen = tuple(replace(at, first=False) for at in first.observations)
    answers = gathered([replace(first, observations=unseen), second])
    found = evidence(answers, BANK.stock(answers).numbers, len(BANK.items))
    assert found.sittings.tolist() == [1]
    assert found.responses.persons == 1


def test_earlier_mocks_of_the_same_candidate_are_counted() -> None:
    first, second, third = attempts(BANK, 3)
    answers = gathered([first, replace(second, person_id=first.person_id), third])
    assert [one.earlier for one in answers.sittings] == [0, 1, 0]


def test_the_last_quarter_is_that_of_the_form() -> None:
    answers = sat(BANK, 1)
    found = evidence(answers, BANK.stock(answers).numbers, len(BANK.items))
    assert sorted(answers.position[found.rows[found.last_quarter]].tolist()) == [10, 11, 12]


def test_each_response_is_left_out_for_one_reason() -> None:
    answers = gathered(changed(1, first=False, reached=False, dropped=True, scored=False))
    (found,) = left_out(answers, BANK.stock(answers).numbers, Others())
    assert found.count == 1
    assert "withdrawn" in found.why


def test_all_reasons_are_named() -> None:
    answers = sat(BANK, 1, first=False)
    found = left_out(answers, {}, Others(practice=3, not_strict=2, without_score=1))
    assert [one.count for one in found] == [3, 2, 1, 12]
    assert np.all(~answers.has(FIRST))
