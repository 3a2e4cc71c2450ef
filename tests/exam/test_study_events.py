"""What answers make of acquaintance and cards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.exam.attempt import Confidence
from app.exam.study_events import NOTHING, Event, after

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def event(day: int, right: bool | None, *, item: int = 1, card: int = 1, in_mock: bool = True) -> Event:
    """An answer on a day."""
    return Event(NOON + timedelta(days=day), item, card, right, None, in_mock)


def made(*events: Event) -> tuple[set[int], set[int]]:
    """The items that were met, and those with a card."""
    progress = after(NOTHING, events, datetime.date)
    return set(progress.met), set(progress.cards)


def test_what_was_missed_has_a_card_and_what_was_right_has_none() -> None:
    assert made(event(0, False), event(0, True, item=2, card=2)) == ({1, 2}, {1})


def test_a_guess_that_was_right_has_a_card() -> None:
    guessed = Event(NOON, 1, 1, True, Confidence.GUESSING, True)
    assert made(guessed)[1] == {1}


def test_what_was_not_come_to_is_met_and_nothing_more() -> None:
    assert made(event(0, None)) == ({1}, set())


def test_the_last_outcome_is_kept_and_one_that_is_none_does_not_undo_it() -> None:
    progress = after(NOTHING, [event(0, False), event(1, True), event(2, None)], datetime.date)
    assert (progress.met[1].right, progress.met[1].last_at) == (True, NOON + timedelta(days=2))


def test_whether_a_mock_had_it_is_remembered() -> None:
    progress = after(NOTHING, [event(0, True, in_mock=False)], datetime.date)
    assert not progress.met[1].in_mock
    assert after(progress, [event(1, True), event(2, True, in_mock=False)], datetime.date).met[1].in_mock


def test_an_answer_to_a_sibling_is_about_the_card_it_was_asked_for() -> None:
    before = after(NOTHING, [event(0, False)], datetime.date)
    done = after(before, [event(1, False, item=2, card=1, in_mock=False)], datetime.date)
    assert set(done.cards) == {1}
    assert done.cards[1].asked == 1
    assert done.met[2].right is False


def test_in_parts_or_as_a_whole_is_the_same() -> None:
    events = [event(n, n % 3 != 0, item=n % 4, card=n % 4, in_mock=n % 2 == 0) for n in range(40)]
    parts = NOTHING
    for one in events:
        parts = after(parts, [one], datetime.date)
    assert parts == after(NOTHING, events, datetime.date)
