"""What answers make of acquaintance and cards: one rule for mocks, practice and study, applied in the order of time.

Both are caches of the log of answers. A key that was corrected since gives another log, and so other cards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from app.exam.attempt import Confidence
from app.exam.study_card import Card, answered, entered, grade


@dataclass(frozen=True, slots=True)
class Event:
    """A candidate met an item. `item` is its number in the store, `card` that of the item whose card it is about.

    `right` by the key that holds now; None when nothing can be said: it was not come to, or is withdrawn.
    """

    at: datetime
    item: int
    card: int
    right: bool | None
    confidence: Confidence | None
    in_mock: bool


@dataclass(frozen=True, slots=True)
class Met:
    """An item that a candidate has met: whether a mock had it, when last, and how that went (None: not answered)."""

    in_mock: bool
    last_at: datetime
    right: bool | None


@dataclass(frozen=True, slots=True)
class Progress:
    """All that the answers of one candidate have come to, by the number of the item."""

    met: Mapping[int, Met]
    cards: Mapping[int, Card]


NOTHING = Progress({}, {})


def after(before: Progress, events: Iterable[Event], day_of: Callable[[datetime], date]) -> Progress:
    """What `events`, oldest first, make of what was before. `day_of` gives the study day of a moment."""
    met, cards = dict(before.met), dict(before.cards)
    for event in events:
        known = met.get(event.item)
        if known is None:
            met[event.item] = Met(event.in_mock, event.at, event.right)
        else:
            met[event.item] = replace(
                known,
                in_mock=known.in_mock or event.in_mock,
                last_at=max(known.last_at, event.at),
                right=known.right if event.right is None else event.right,
            )
        if event.right is None:
            continue
        got, day, held = grade(event.right, event.confidence), day_of(event.at), cards.get(event.card)
        card = entered(got, day) if held is None else answered(held, got, day, in_practice=not event.in_mock)
        if card is not None:
            cards[event.card] = card
    return Progress(met, cards)
