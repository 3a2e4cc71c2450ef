"""Eight simulated weeks: what is asked when, nothing lost, limits held, across both changes of the clocks."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from app.exam.attempt import Confidence
from app.exam.study_card import Card
from app.exam.study_day import begins, day_of
from app.exam.study_events import NOTHING, Event, Progress, after
from app.exam.study_plan import Plan, today

WEEKS = 8
BANK = 300
RETIRED = 7  # after three weeks
MOCK_DAYS = (0, 14, 28, 42)
STARTS = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC))


@dataclass
class Candidate:
    """Somebody who learns: the chance of knowing an item rises each time it is explained."""

    seed: int
    zone: str
    progress: Progress = NOTHING
    log: list[Event] = field(default_factory=list)
    asked: dict[date, list[int]] = field(default_factory=dict)
    explained: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.day_of = partial(day_of, zone=self.zone)

    def answer(self, item: int, at: datetime, *, in_mock: bool) -> None:
        """Answer an item as well as they can by now."""
        right = self.chance.random() < 0.55 + 0.12 * min(self.explained[item], 3)
        self.explained[item] += not in_mock
        event = Event(at, item, item, right, self.chance.choice([None, *Confidence]), in_mock)
        self.log.append(event)
        self.progress = after(self.progress, [event], self.day_of)

    def study(self, at: datetime, plan: Plan, asleep: frozenset[int]) -> None:
        """Do what the plan says, in two sittings."""
        for _ in range(2):
            awake = {str(n): card for n, card in self.progress.cards.items() if n not in asleep}
            work = today(awake, self.day_of(at), plan)
            for name in work.cards[:20]:
                self.asked.setdefault(work.day, []).append(int(name))
                self.answer(int(name), at, in_mock=False)


def eight_weeks(seed: int, zone: str, start: datetime, *, lazy: bool) -> tuple[Candidate, Plan]:
    """A candidate who sits a mock every other week and studies on most days, at odd hours."""
    who = Candidate(seed, zone)
    first = who.day_of(start)
    plan = Plan("exam", first + timedelta(weeks=WEEKS), zone, most=25)
    for number in range(7 * WEEKS):
        day = first + timedelta(days=number)
        morning = begins(day, zone)
        if number in MOCK_DAYS:
            for item in who.chance.sample(range(BANK), 74):
                who.answer(item, morning + timedelta(hours=6), in_mock=True)
        asleep = frozenset(range(RETIRED)) if number >= 21 else frozenset()
        if not (lazy and who.chance.random() < 0.4):
            who.study(morning + timedelta(hours=who.chance.uniform(7, 22.9)), plan, asleep)
    return who, plan


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("start", STARTS, ids=["spring", "autumn"])
@pytest.mark.parametrize("lazy", [False, True])
def test_eight_weeks(zone: str, start: datetime, lazy: bool) -> None:
    who, plan = eight_weeks(3, zone, start, lazy=lazy)
    cards = who.progress.cards
    last = who.day_of(start) + timedelta(days=7 * WEEKS - 1)

    # Nothing is lost: whatever was missed or guessed has a card, and every card is due again.
    bad = {e.item for e in who.log if e.right is False or (e.right and e.confidence is Confidence.GUESSING)}
    assert bad == set(cards)
    assert all(card.due > card.last for card in cards.values())

    # What is asked is on its day, once, and within the limit.
    for items in who.asked.values():
        assert len(items) == len(set(items)) <= plan.most

    # A question comes no sooner than it is due.
    assert not _too_early(who)

    # What is retired sleeps.
    late = [
        item
        for day, items in who.asked.items()
        if day >= who.day_of(start) + timedelta(days=22)
        for item in items
    ]
    assert not set(late) & set(range(RETIRED))

    # Whoever studies on every day has had everything asked again before the exam.
    waiting = [item for item, card in cards.items() if card.waiting and item >= RETIRED]
    assert lazy or not waiting
    if not lazy:
        overdue = sum(card.due <= last - timedelta(days=3) for n, card in cards.items() if n >= RETIRED)
        assert overdue <= len(cards) // 4


def test_the_log_gives_the_same_cards_again() -> None:
    who, _ = eight_weeks(5, "Europe/Berlin", STARTS[0], lazy=True)
    assert after(NOTHING, who.log, who.day_of) == who.progress


def test_two_runs_are_the_same_to_the_day() -> None:
    runs = [eight_weeks(9, "America/New_York", STARTS[1], lazy=False)[0].asked for _ in range(2)]
    assert runs[0] == runs[1]


def _too_early(who: Candidate) -> list[int]:
    progress, early = NOTHING, []
    held: Card | None
    for event in who.log:
        held = progress.cards.get(event.card)
        if not event.in_mock and held is not None and not held.waiting and who.day_of(event.at) < held.due:
            early.append(event.item)
        progress = after(progress, [event], who.day_of)
    return early
