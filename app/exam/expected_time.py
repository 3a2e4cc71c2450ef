"""How long items are expected to take before anybody has answered them, so that forms ask for equal time.

A rule of thumb, until response times say more: reading the words once at a careful pace, then deciding. Only the
proportions between items matter to assembly. Their level is set by the exam: a form of average items takes most
of its minutes.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.exam.item import Item, ItemType
from app.exam.pack import Exam
from app.exam.parameters import reference_weights

WORDS_A_MINUTE = 180
"""Careful reading: three quarters of the 238 words a minute of silent reading (Brysbaert 2019)."""

DECIDING = {ItemType.SINGLE: 45, ItemType.MULTIPLE: 65}
"""Seconds to decide, once read: every option of a multiple-answer item is a decision of its own."""

SHARE_OF_THE_TIME = 0.9
"""Of an exam's minutes: what a form of average items is expected to take."""


def expected_seconds(items: Sequence[Item], exam: Exam) -> list[float]:
    """Expected seconds of each item of a bank. Every item's domain must be in the blueprint."""
    plain = [_unscaled(item) for item in items]
    weights = reference_weights([str(item.domain) for item in items], exam.blueprint)
    mean = sum(weight * seconds for weight, seconds in zip(weights, plain, strict=True))
    wanted = SHARE_OF_THE_TIME * 60 * exam.minutes / exam.items
    return [seconds * wanted / mean for seconds in plain]


def _unscaled(item: Item) -> float:
    words = sum(len(text.split()) for text in (item.stem, *(option.text for option in item.options)))
    return 60 * words / WORDS_A_MINUTE + DECIDING[item.type]
