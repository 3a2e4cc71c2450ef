"""The plan of a day: limits, order, all in time; and eight simulated weeks."""

from __future__ import annotations

import random
from datetime import date, timedelta

from fsrs import Rating
from hypothesis import given
from hypothesis import strategies as st

from app.exam.study_card import Card, answered, entered
from app.exam.study_plan import MOST, NEW_A_DAY, Plan, forecast, today

DAY = date(2026, 11, 23)
ONE = timedelta(days=1)


def waiting(count: int, day: date = DAY - ONE, got: Rating = Rating.Again) -> dict[str, Card]:
    """Cards that nobody has asked again."""
    card = entered(got, day)
    assert card is not None
    return {f"{got.name}{number:03}": card for number in range(count)}


def repeated(count: int, due: date) -> dict[str, Card]:
    """Cards that have been asked and are due on a day."""
    return {
        f"due{due}{number:03}": Card(5.0, 5.0, due, due - 5 * ONE, 2, due - 9 * ONE, due - 5 * ONE)
        for number in range(count)
    }


def plan(days: int | None = None, most: int = MOST) -> Plan:
    """A plan for an exam in so many days."""
    return Plan("exam", None if days is None else DAY + days * ONE, most=most)


def test_without_a_date_first_repetitions_come_at_a_steady_pace() -> None:
    work = today(waiting(25), DAY, plan())
    assert (len(work.new), work.waiting) == (NEW_A_DAY, 15)


def test_with_a_date_they_come_as_fast_as_it_takes_and_never_slower() -> None:
    assert len(today(waiting(40), DAY, plan(3)).new) == 14
    assert len(today(waiting(40), DAY, plan(1)).new) == MOST
    assert len(today(waiting(40), DAY, plan(80)).new) == NEW_A_DAY


def test_a_date_that_has_come_counts_as_none() -> None:
    assert len(today(waiting(25), DAY, plan(0)).new) == NEW_A_DAY


def test_missed_ones_come_before_guessed_ones() -> None:
    cards = waiting(3, got=Rating.Hard) | waiting(3)
    new = today(cards, DAY, plan(most=4)).new
    assert [name.startswith("Again") for name in new] == [True, True, True, False]


def test_what_is_due_longest_comes_first_and_what_finds_no_room_is_backlog() -> None:
    cards = repeated(4, DAY) | repeated(4, DAY - 2 * ONE)
    work = today(cards, DAY, plan(most=5))
    assert [name[:13] for name in work.due] == [f"due{DAY - 2 * ONE}"] * 4 + [f"due{DAY}"]
    assert work.backlog == 3


def test_what_is_not_due_yet_is_not_asked() -> None:
    assert today(repeated(4, DAY + ONE), DAY, plan()).cards == ()


def test_too_few_days_are_said() -> None:
    work = today(waiting(100), DAY, plan(2, most=20))
    assert (len(work.new), work.needed) == (20, 50)


def test_what_was_done_today_counts() -> None:
    cards = waiting(20)
    plan_of_ten = plan(2, most=10)
    for _ in range(4):
        name = today(cards, DAY, plan_of_ten).cards[0]
        cards[name] = answered(cards[name], Rating.Good, DAY, in_practice=True)
    work = today(cards, DAY, plan_of_ten)
    assert (work.done, len(work.new)) == (4, 6)


def test_the_forecast_of_today_is_today() -> None:
    cards = waiting(12) | repeated(3, DAY)
    work, (first, *_) = today(cards, DAY, plan(6)), forecast(cards, DAY, plan(6))
    assert (first.day, first.new, first.due) == (DAY, len(work.new), len(work.due))


def test_the_forecast_ends_before_the_exam_and_hands_everything_out() -> None:
    loads = forecast(waiting(33), DAY, plan(6))
    assert len(loads) == 6
    assert [load.new for load in loads] == [10, 10, 10, 3, 0, 0]


@given(
    counts=st.tuples(st.integers(0, 60), st.integers(0, 60)),
    days=st.none() | st.integers(-2, 30),
    most=st.integers(1, 50),
)
def test_a_day_never_asks_more_than_is_wanted(counts: tuple[int, int], days: int | None, most: int) -> None:
    cards = waiting(counts[0]) | repeated(counts[1], DAY)
    work = today(cards, DAY, plan(days, most))
    assert len(work.cards) <= most
    assert len(set(work.cards)) == len(work.cards)
    assert len(work.new) + work.waiting == counts[0]
    assert len(work.due) + work.backlog == counts[1]


@given(count=st.integers(1, 80), days=st.integers(1, 20), most=st.integers(1, 20), seed=st.integers(0, 99))
def test_whoever_does_each_day_has_seen_all_before_the_exam_if_the_days_allow_it(
    count: int, days: int, most: int, seed: int
) -> None:
    chance, cards, settled = random.Random(seed), waiting(count), plan(days, most)
    for after in range(days):
        day = DAY + after * ONE
        for name in today(cards, day, settled).cards:
            got = chance.choice(list(Rating))
            cards[name] = answered(cards[name], got, day, in_practice=True)
    left = sum(card.waiting for card in cards.values())
    assert left == max(0, count - most * days)
