"""The log that study goes by: what a candidate met and answered, in closed attempts and in practice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from app.exam.attempt import Confidence, Ending
from app.exam.pack import TUTORIAL
from app.store.tables import (
    attempt,
    item_version,
    practice_answer,
    practice_meeting,
    practice_set,
    response,
)

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Given:
    """One item as a candidate met it: a response of a mock that is closed, or an answer of practice that stands.

    `card` is the item whose card it is about, None: its own. `choice` is None when it was not come to.
    """

    at: datetime
    item_version_id: int
    card: int | None
    choice: tuple[str, ...] | None
    confidence: Confidence | None
    in_mock: bool


def in_attempts(
    tx: Connection, person_id: int, attempt_ids: Collection[int] | None = None, held: Collection[int] = ()
) -> Iterator[Given]:
    """The responses of a person's closed attempts, in no order: of these, or of all but those at the tutorial and
    those `held`."""
    query = (
        select(attempt.c.id, attempt.c.closed_at, attempt.c.ending, attempt.c.sheet)
        .where(
            attempt.c.person_id == person_id, attempt.c.closed_at.is_not(None), attempt.c.exam_id != TUTORIAL
        )
        .where(attempt.c.id.not_in(held))
    )
    if attempt_ids is not None:
        query = query.where(attempt.c.id.in_(attempt_ids))
    rows = tx.execute(query).all()
    columns = (response.c.attempt_id, response.c.position, response.c.choice, response.c.marks)
    given = {
        (attempt_id, position): (choice, marks)
        for start in range(0, len(rows), _BATCH)
        for attempt_id, position, choice, marks in tx.execute(
            select(*columns).where(
                response.c.attempt_id.in_([row.id for row in rows[start : start + _BATCH]])
            )
        )
    }
    for row in rows:
        counts = row.ending != Ending.ABANDONED.value
        for position, at in enumerate(row.sheet, 1):
            choice, marks = given.get((row.id, position), ((), {}))
            come_to = counts and (choice or marks.get("seen"))
            confidence = Confidence(marks["confidence"]) if marks.get("confidence") else None
            yield Given(row.closed_at, at["item"], None, tuple(choice) if come_to else None, confidence, True)


def in_practice(tx: Connection, person_id: int, set_id: int | None = None) -> Iterator[Given]:
    """What a person came to in practice, in no order: in one set, or in all. Answers that may still change are no
    answers yet."""
    query = (
        select(
            practice_meeting.c.set_id,
            practice_meeting.c.position,
            practice_meeting.c.item_version_id,
            practice_meeting.c.at,
            practice_set.c.cards,
            practice_set.c.at_once,
            practice_set.c.ended_at,
        )
        .join(practice_set, practice_set.c.id == practice_meeting.c.set_id)
        .where(practice_set.c.person_id == person_id)
    )
    if set_id is not None:
        query = query.where(practice_set.c.id == set_id)
    rows = tx.execute(query).all()
    stands = {
        (row.set_id, row.position): row
        for row in tx.execute(
            select(practice_answer)
            .join(practice_set, practice_set.c.id == practice_answer.c.set_id)
            .where(practice_set.c.person_id == person_id)
            .order_by(practice_answer.c.id)
        )
    }
    for row in rows:
        answer = stands.get((row.set_id, row.position))
        card = row.cards[row.position - 1]
        if answer is None or not (row.at_once or row.ended_at is not None):
            yield Given(row.at, row.item_version_id, card, None, None, False)
        else:
            confidence = Confidence(answer.confidence) if answer.confidence else None
            at = answer.at if row.at_once else row.ended_at
            yield Given(at, row.item_version_id, card, tuple(answer.choice), confidence, False)


def items_of(tx: Connection, item_version_ids: Iterable[int]) -> dict[int, int]:
    """The number of the item of each of these versions."""
    ids = sorted(set(item_version_ids))
    found: dict[int, int] = {}
    for start in range(0, len(ids), _BATCH):
        versions = select(item_version.c.id, item_version.c.item_id)
        rows = tx.execute(versions.where(item_version.c.id.in_(ids[start : start + _BATCH])))
        found |= {row.id: row.item_id for row in rows}
    return found
