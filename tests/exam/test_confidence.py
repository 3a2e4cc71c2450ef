"""Confidence against results."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exam.attempt import Confidence
from app.exam.confidence import LEAST, trust

SURE, FAIRLY, GUESSING = Confidence

said = st.lists(st.tuples(st.integers(1, 74), st.sampled_from(Confidence), st.booleans()), min_size=1)


def test_who_is_sure_and_wrong_is_too_confident() -> None:
    found = trust([(place, SURE, place > 10) for place in range(1, 21)])
    assert found is not None
    assert found.verdict == "too high"
    assert found.levels[0].surprises == tuple(range(1, 11))


def test_who_guesses_and_is_right_is_not_confident_enough() -> None:
    found = trust([(place, GUESSING, True) for place in range(1, 21)])
    assert found is not None
    assert found.verdict == "too low"
    assert found.levels[0].surprises == tuple(range(1, 21))


def test_nothing_is_said_of_a_few_answers() -> None:
    found = trust([(place, SURE, False) for place in range(1, LEAST)])
    assert found is not None
    assert found.verdict == "about right"


def test_who_says_nothing_gets_no_figures() -> None:
    assert trust([]) is None


@given(said)
def test_the_parts_make_up_the_brier_score(answers: list[tuple[int, Confidence, bool]]) -> None:
    found = trust(answers)
    assert found is not None
    assert found.brier == pytest.approx(found.reliability - found.resolution + found.uncertainty)
    assert 0 <= found.brier <= 1
    assert sum(level.total for level in found.levels) == len(answers)
