"""The plan of a day: which cards are asked again, and what the next days look like.

Two kinds of cards: those that wait for their first repetition, handed out so that all have had theirs before the day
of the exam; and those that are due. A day asks no more than the candidate wants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from fsrs import Rating

from app.exam.study_card import Card, answered
from app.exam.study_day import DAY_STARTS, DEFAULT_ZONE

NEW_A_DAY = 10
"""First repetitions on a day; more when there are too few days left for that."""

MOST = 30
LARGEST_MOST = 200
FORECAST_DAYS = 14


@dataclass(frozen=True, slots=True)
class Plan:
    """What a candidate has settled: the exam and its day, if any, and their days. `most` questions on one day."""

    exam_id: str | None = None
    exam_date: date | None = None
    time_zone: str = DEFAULT_ZONE
    day_starts: int = DAY_STARTS
    most: int = MOST

    def days_left(self, today: date) -> int | None:
        """Study days before the day of the exam, today included; None without a date that is still to come."""
        if self.exam_date is None or self.exam_date <= today:
            return None
        return (self.exam_date - today).days


@dataclass(frozen=True, slots=True)
class Today:
    """A day's work: names of cards to ask, in order.

    `new` wait for their first repetition, `due` are due. `done` were asked today already. `waiting` and `backlog` are
    left for later days: cards without a repetition, and due ones beyond the day's limit. `needed`: first repetitions
    a day for all to have one before the exam, 0 without a date; above the limit there are too few days.
    """

    day: date
    new: tuple[str, ...]
    due: tuple[str, ...]
    done: int
    waiting: int
    backlog: int
    needed: int

    @property
    def cards(self) -> tuple[str, ...]:
        """All cards to ask now: what is due first, since it fades."""
        return self.due + self.new


@dataclass(frozen=True, slots=True)
class Load:
    """What one day asks: so many first repetitions, so many due ones."""

    day: date
    new: int
    due: int


def today(cards: Mapping[str, Card], day: date, plan: Plan) -> Today:
    """The work of a day, given the cards that are not asleep, by their names."""
    waiting = sorted(
        (name for name, card in cards.items() if card.waiting),
        key=lambda name: (cards[name].stability, cards[name].last, name),  # missed ones before guessed ones
    )
    introduced = sum(card.introduced == day for card in cards.values())
    repeated = sum(card.asked_on == day and card.introduced != day for card in cards.values())
    days = plan.days_left(day)
    needed = 0 if days is None else -(-(len(waiting) + introduced) // days)
    new = max(0, min(max(needed, NEW_A_DAY), plan.most) - introduced)
    new = min(new, len(waiting), max(0, plan.most - introduced - repeated))
    due = sorted(
        (name for name, card in cards.items() if not card.waiting and card.due <= day),
        key=lambda name: (cards[name].due, cards[name].stability, name),
    )
    room = max(0, plan.most - introduced - repeated - new)
    return Today(
        day=day,
        new=tuple(waiting[:new]),
        due=tuple(due[:room]),
        done=introduced + repeated,
        waiting=len(waiting) - new,
        backlog=max(0, len(due) - room),
        needed=needed,
    )


def forecast(cards: Mapping[str, Card], day: date, plan: Plan, days: int = FORECAST_DAYS) -> tuple[Load, ...]:
    """What the next days ask, if every answer is right and nothing is added; up to the day before the exam."""
    left = plan.days_left(day)
    held, loads = dict(cards), []
    for after in range(days if left is None else min(days, left)):
        then = day + timedelta(days=after)
        work = today(held, then, plan)
        loads.append(Load(then, len(work.new), len(work.due)))
        held |= {name: answered(held[name], Rating.Good, then, in_practice=True) for name in work.cards}
    return tuple(loads)
