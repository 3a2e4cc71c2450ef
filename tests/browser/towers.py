"""A synthetic pack with short exams: quick to sit, and with every kind of question that the screen knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from app.exam.item import Item, ItemType, Status
from app.exam.pack import Cut, MultipleAnswer, Pack
from tests import packs

QUICK, EMPTY, MEASURED = "quick", "empty", "measured"
LENGTH, MINUTES = 6, 40
INSTRUCTOR = "instructor"
SPARE = packs.secret("spare", "item")
_SCENE = (
    "The tower stands on a rock far out at sea, and the mail boat comes twice a month. "
    "Whoever keeps the light must get by with what is in the store.\n\n"
)


def towers() -> Pack:
    """24 items: a third multiple-answer, a third single with six options; of each at least one is on every form.

    Another one is on no form, so that it can be corrected without a trace in anybody's score.
    """
    items = [_item(number) for number in range(24)] + [replace(packs.item("spare"), status=Status.REVIEW)]
    quick = packs.exam(QUICK, minutes=MINUTES, multiple_answer=MultipleAnswer(2, 2))
    measured = packs.exam(MEASURED, minutes=MINUTES, multiple_answer=MultipleAnswer(2, 2))
    # Too large for the bank: its page has to say so.
    too_large = packs.exam(EMPTY, items=60, minutes=60, cut=Cut(40.5, "for the tests"))
    return packs.pack(exams=(quick, too_large, measured), items=items)


def _item(number: int) -> Item:
    made = packs.item(f"tower{number:02}", f"D{number % 2 + 1}", keys=2 if number % 3 == 0 else 1)
    if made.type is ItemType.SINGLE:
        spare = packs.item(f"spare{number:02}").options[1:3]
        made = replace(made, options=(*made.options, *spare))
    return replace(made, stem=_SCENE + made.stem)


def now() -> datetime:
    """When the pack is loaded."""
    return datetime.now(UTC)
