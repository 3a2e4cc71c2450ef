"""Study cards: what a candidate is thought to remember of an item, and when it is asked again.

The model of memory is FSRS (the package `fsrs`), run on whole days and without its fuzz, so that the same answers
always give the same days. A card enters the queue with an answer that was wrong or guessed; one that nobody needs to
see again has none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import lru_cache

from fsrs import Card as Memory
from fsrs import Rating, Scheduler, State

from app.exam.attempt import Confidence

RETENTION = 0.9
"""A card is asked again when the chance that its answer is still known has fallen to this."""

LONGEST_INTERVAL = 365

_SCHEDULER = Scheduler(
    desired_retention=RETENTION,
    learning_steps=(),  # minutes within a day say little about an exam in some weeks
    relearning_steps=(),
    maximum_interval=LONGEST_INTERVAL,
    enable_fuzzing=False,
)


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of one item in the queue.

    `stability` is in days: after so many the chance of knowing it is RETENTION; `difficulty` from 1 to 10. `due` and
    `last` (the last answer) are study days. `asked` counts the answers since it entered the queue, in mocks too;
    `introduced` and `asked_on` are the first and the last day on which practice asked it again.
    """

    stability: float
    difficulty: float
    due: date
    last: date
    asked: int = 0
    introduced: date | None = None
    asked_on: date | None = None

    @property
    def waiting(self) -> bool:
        """Whether it has not been asked since it entered the queue."""
        return self.asked == 0


def grade(right: bool, confidence: Confidence | None) -> Rating:
    """Wrong: again. Right: hard when guessed, easy when sure, good otherwise."""
    if not right:
        return Rating.Again
    if confidence is Confidence.GUESSING:
        return Rating.Hard
    return Rating.Easy if confidence is Confidence.SURE else Rating.Good


def entered(got: Rating, day: date) -> Card | None:
    """A new card from an answer on a day; None when it needs none."""
    if got not in (Rating.Again, Rating.Hard):
        return None
    memory = _reviewed(Memory(card_id=0, due=_noon(day)), got, day)
    return _card(memory, Card(0.0, 0.0, day, day), day)


# A forecast is the same until an answer comes, and is shown often.
@lru_cache(maxsize=8192)
def answered(card: Card, got: Rating, day: date, *, in_practice: bool) -> Card:
    """A card after one more answer. A day before its last one, as after a change of zone, counts as that one."""
    day = max(day, card.last)
    memory = _reviewed(
        Memory(
            card_id=0,
            state=State.Review,
            stability=card.stability,
            difficulty=card.difficulty,
            due=_noon(card.due),
            last_review=_noon(card.last),
        ),
        got,
        day,
    )
    after = replace(_card(memory, card, day), asked=card.asked + 1)
    if in_practice:
        after = replace(
            after,
            asked_on=day,
            introduced=day if card.introduced is None and card.waiting else card.introduced,
        )
    return after


def _reviewed(memory: Memory, got: Rating, day: date) -> Memory:
    return _SCHEDULER.review_card(memory, got, _noon(day))[0]


def _card(memory: Memory, before: Card, day: date) -> Card:
    assert memory.stability is not None  # a memory that was reviewed has both
    assert memory.difficulty is not None
    return replace(
        before, stability=memory.stability, difficulty=memory.difficulty, due=memory.due.date(), last=day
    )


def _noon(day: date) -> datetime:
    """Days are counted between noons, so that they are whole ones."""
    return datetime.combine(day, time(12), UTC)
