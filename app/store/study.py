"""Study: a candidate's plan, and the caches of what they have met and what they are to repeat.

The caches are made from answers in attempts and practice sets, and can be made anew from them at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select, update

from app.exam.pack import TUTORIAL
from app.exam.study_card import Card
from app.exam.study_events import Met, Progress
from app.exam.study_plan import Plan
from app.store.database import insert_or
from app.store.tables import (
    attempt,
    item,
    item_version,
    met_item,
    pack_version,
    regrade,
    study_card,
    study_intake,
    study_plan,
)


@dataclass(frozen=True, slots=True)
class Behind:
    """What the caches lack: nothing when `whole` is false and there are no attempts."""

    whole: bool
    attempt_ids: tuple[int, ...]
    last_regrade: int


def plan(tx: Connection, person_id: int) -> Plan:
    """A candidate's plan; the usual one when they have settled nothing."""
    row = tx.execute(select(study_plan).where(study_plan.c.person_id == person_id)).one_or_none()
    if row is None:
        return Plan()
    return Plan(row.exam_id, row.exam_date, row.time_zone, row.day_starts, row.most)


def set_plan(tx: Connection, person_id: int, new: Plan) -> None:
    """Keep a plan. Days that were counted already stay as they were."""
    values = {
        "exam_id": new.exam_id,
        "exam_date": new.exam_date,
        "time_zone": new.time_zone,
        "day_starts": new.day_starts,
        "most": new.most,
    }
    tx.execute(
        insert_or(tx, study_plan)
        .values(person_id=person_id, **values)
        .on_conflict_do_update(index_elements=["person_id"], set_=values)
    )


def behind(tx: Connection, person_id: int, held: Collection[int]) -> Behind:
    """What has happened since the caches of a person were made, but for the attempts `held` whose results do not show
    yet."""
    taken_in = tx.execute(
        select(study_plan.c.taken_in).where(study_plan.c.person_id == person_id)
    ).scalar_one_or_none()
    last = tx.execute(select(func.coalesce(func.max(regrade.c.id), 0))).scalar_one()
    closed = tuple(
        tx.execute(
            select(attempt.c.id)
            .where(
                attempt.c.person_id == person_id,
                attempt.c.closed_at.is_not(None),
                attempt.c.exam_id != TUTORIAL,
                attempt.c.id.not_in(held),
                ~select(study_intake.c.attempt_id).where(study_intake.c.attempt_id == attempt.c.id).exists(),
            )
            .order_by(attempt.c.closed_at, attempt.c.id)
        ).scalars()
    )
    whole = taken_in is None or (taken_in < last and _touched(tx, person_id, taken_in))
    return Behind(whole, closed, last)


def taken_in(tx: Connection, person_id: int, what: Behind) -> None:
    """Remember that the caches hold these attempts and corrections."""
    if what.attempt_ids:
        tx.execute(
            insert_or(tx, study_intake).on_conflict_do_nothing(index_elements=["attempt_id"]),
            [{"attempt_id": attempt_id} for attempt_id in what.attempt_ids],
        )
    usual = Plan()
    tx.execute(
        insert_or(tx, study_plan)
        .values(
            person_id=person_id,
            time_zone=usual.time_zone,
            day_starts=usual.day_starts,
            most=usual.most,
            taken_in=what.last_regrade,
        )
        .on_conflict_do_update(index_elements=["person_id"], set_={"taken_in": what.last_regrade})
    )


def progress(tx: Connection, person_id: int) -> Progress:
    """What a person has met and is to repeat, by the number of the item."""
    met = tx.execute(select(met_item).where(met_item.c.person_id == person_id))
    return Progress(
        {row.item_id: Met(row.in_mock, row.last_at, row.is_right) for row in met}, cards(tx, person_id)
    )


def cards(tx: Connection, person_id: int) -> dict[int, Card]:
    """The cards of a person by the number of the item."""
    rows = tx.execute(select(study_card).where(study_card.c.person_id == person_id))
    return {
        row.item_id: Card(
            row.stability, row.difficulty, row.due, row.last, row.asked, row.introduced, row.asked_on
        )
        for row in rows
    }


def hold(tx: Connection, person_id: int) -> None:
    """Let nobody else change the caches of a person until this transaction is done."""
    tx.execute(select(study_plan.c.person_id).where(study_plan.c.person_id == person_id).with_for_update())


def out_of_date(tx: Connection, person_id: int) -> None:
    """Whoever shows the caches of a person next makes them anew."""
    tx.execute(update(study_plan).where(study_plan.c.person_id == person_id).values(taken_in=None))


def put(tx: Connection, person_id: int, before: Progress, after: Progress) -> None:
    """Store what has changed."""
    for table, old, new in (
        (met_item, before.met, after.met),
        (study_card, before.cards, after.cards),
    ):
        gone = [number for number in old if number not in new]
        if gone:
            tx.execute(delete(table).where(table.c.person_id == person_id, table.c.item_id.in_(gone)))
    met = [
        {"item_id": number, "in_mock": one.in_mock, "last_at": one.last_at, "is_right": one.right}
        for number, one in after.met.items()
        if before.met.get(number) != one
    ]
    kept = [
        {
            "item_id": number,
            "stability": card.stability,
            "difficulty": card.difficulty,
            "due": card.due,
            "last": card.last,
            "asked": card.asked,
            "introduced": card.introduced,
            "asked_on": card.asked_on,
        }
        for number, card in after.cards.items()
        if before.cards.get(number) != card
    ]
    for table, rows in ((met_item, met), (study_card, kept)):
        _upsert(tx, table, person_id, rows)


def names_of(tx: Connection, pack_version_id: int) -> dict[int, str]:
    """The author's ids of a pack's items by their number."""
    pack_id = select(pack_version.c.pack_id).where(pack_version.c.id == pack_version_id).scalar_subquery()
    rows = tx.execute(select(item.c.id, item.c.code).where(item.c.pack_id == pack_id))
    return {row.id: row.code for row in rows}


def _touched(tx: Connection, person_id: int, since: int) -> bool:
    """Whether a correction after that one is of an item that a person has met."""
    met = (
        select(regrade.c.id)
        .join(item_version, item_version.c.id == regrade.c.item_version_id)
        .join(met_item, met_item.c.item_id == item_version.c.item_id)
        .where(regrade.c.id > since, met_item.c.person_id == person_id)
        .limit(1)
    )
    return tx.execute(met).first() is not None


def _upsert(tx: Connection, table: Table, person_id: int, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    statement = insert_or(tx, table)
    changes: Mapping[str, Any] = {
        name: statement.excluded[name] for name in rows[0] if name not in ("person_id", "item_id")
    }
    tx.execute(
        statement.on_conflict_do_update(index_elements=["person_id", "item_id"], set_=changes),
        [{"person_id": person_id, **row} for row in sorted(rows, key=lambda row: row["item_id"])],
    )
