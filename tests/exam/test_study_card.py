"""Cards: what enters the queue, how an answer is graded, when a card comes back."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from fsrs import Rating
from hypothesis import given
from hypothesis import strategies as st

from app.exam.attempt import Confidence
from app.exam.study_card import LONGEST_INTERVAL, Card, answered, entered, grade

DAY = date(2026, 11, 23)
TOMORROW = DAY + timedelta(days=1)
ratings = st.sampled_from(list(Rating))


def missed(day: date = DAY) -> Card:
    """A card that has just entered the queue."""
    card = entered(Rating.Again, day)
    assert card is not None
    return card


@pytest.mark.parametrize(
    ("right", "confidence", "got"),
    [
        (False, Confidence.SURE, Rating.Again),
        (False, Confidence.GUESSING, Rating.Again),
        (False, None, Rating.Again),
        (True, Confidence.GUESSING, Rating.Hard),
        (True, Confidence.FAIRLY, Rating.Good),
        (True, None, Rating.Good),
        (True, Confidence.SURE, Rating.Easy),
    ],
)
def test_an_answer_is_graded_by_outcome_and_confidence(
    right: bool, confidence: Confidence | None, got: Rating
) -> None:
    assert grade(right, confidence) is got


def test_what_was_missed_or_guessed_enters_and_nothing_else() -> None:
    assert [entered(got, DAY) is not None for got in Rating] == [True, True, False, False]


def test_a_new_card_waits_and_comes_back_the_next_day() -> None:
    card = missed()
    assert (card.due, card.last, card.asked, card.waiting) == (TOMORROW, DAY, 0, True)


def test_a_repetition_in_practice_introduces_a_card_and_one_in_a_mock_does_not() -> None:
    practised = answered(missed(), Rating.Good, TOMORROW, in_practice=True)
    assert (practised.waiting, practised.introduced, practised.asked_on) == (False, TOMORROW, TOMORROW)
    in_mock = answered(missed(), Rating.Good, TOMORROW, in_practice=False)
    assert (in_mock.waiting, in_mock.introduced, in_mock.asked_on) == (False, None, None)


def test_the_better_an_answer_the_later_a_card_comes_back() -> None:
    card = answered(missed(), Rating.Good, TOMORROW, in_practice=True)
    back = [answered(card, got, card.due, in_practice=True).due for got in Rating]
    assert back == sorted(back)
    assert back[0] < back[-1]


def test_the_same_answers_give_the_same_days_whatever_the_state_of_chance() -> None:
    def run() -> list[date]:
        card, days = missed(), []
        for got in (Rating.Good, Rating.Easy, Rating.Good, Rating.Hard, Rating.Easy):
            card = answered(card, got, card.due, in_practice=True)
            days.append(card.due)
        return days

    first = run()
    random.seed(7)
    assert run() == first
    assert first[-1] - DAY > timedelta(days=30)  # long enough for chance to have moved it


@given(answers=st.lists(st.tuples(ratings, st.integers(-3, 400)), max_size=30), first=st.sampled_from([1, 2]))
def test_a_card_is_always_due_again(answers: list[tuple[Rating, int]], first: int) -> None:
    card = entered(Rating(first), DAY)
    assert card is not None
    day = DAY
    for got, later in answers:
        day = max(day + timedelta(days=later), date(2026, 1, 1))
        before = card
        card = answered(card, got, day, in_practice=True)
        assert card.last == max(day, before.last)
        assert timedelta(days=1) <= card.due - card.last <= timedelta(days=LONGEST_INTERVAL)
        assert card.stability > 0
        assert 1 <= card.difficulty <= 10
        assert card.asked == before.asked + 1
