"""Forms: the snapshot's parts that the database knows, and forms as they were assembled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, String, Table, bindparam, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from app.exam.attempt import Attempt
from app.exam.form import Form, form_from_canonical
from app.exam.snapshot import Snapshot
from app.store.database import insert_or
from app.store.tables import (
    attempt,
    bank_snapshot,
    form,
    item,
    item_exposure,
    item_version,
    practice_meeting,
    practice_set,
)
from app.store.tables import exam_version as exam_versions


@dataclass(frozen=True, slots=True)
class StoredForm:
    """A form with the exam version that it was made for."""

    id: int
    exam_version_id: int
    form: Form


@dataclass(frozen=True, slots=True)
class Use:
    """How much an item has been used in an exam."""

    forms: int
    answered: int


# Built once: to build a question costs more than to ask it.
_USES = (
    select(item.c.code, item_exposure.c.forms, item_exposure.c.answered)
    .join(item, item.c.id == item_exposure.c.item_id)
    .where(item_exposure.c.exam_id == bindparam("exam_id"))
)
_SHEETS = select(attempt.c.sheet).where(attempt.c.person_id == bindparam("person_id"))
_EXAM_VERSION = select(form.c.exam_version_id).where(form.c.id == bindparam("form_id"))
_PRACTISED = (
    select(practice_meeting.c.item_version_id)
    .join(practice_set, practice_set.c.id == practice_meeting.c.set_id)
    .where(practice_set.c.person_id == bindparam("person_id"))
)
_BY_ID = select(form.c.exam_version_id, form.c.document).where(form.c.id == bindparam("form_id"))
_BANK = select(bank_snapshot.c.sha256).where(bank_snapshot.c.sha256 == bindparam("sha256"))


def _add(insert: Callable[[Table], Any]) -> Any:
    return insert(form).on_conflict_do_nothing(index_elements=["fingerprint"]).returning(form.c.id)


def _count(insert: Callable[[Table], Any]) -> Any:
    exposed = (
        select(
            bindparam("exam_id", type_=String),
            item_version.c.item_id,
            literal(1, Integer),
            literal(0, Integer),
        )
        .where(item_version.c.id.in_(bindparam("version_ids", expanding=True)))
        .order_by(item_version.c.item_id)  # two servers lock the rows in the same order
    )
    return (
        insert(item_exposure)
        .from_select(["exam_id", "item_id", "forms", "answered"], exposed)
        .on_conflict_do_update(
            index_elements=["exam_id", "item_id"], set_={"forms": item_exposure.c.forms + 1}
        )
    )


_ADDS = {"sqlite": _add(sqlite.insert), "postgresql": _add(postgresql.insert)}
_COUNTS = {"sqlite": _count(sqlite.insert), "postgresql": _count(postgresql.insert)}


def seen(tx: Connection, person_id: int) -> tuple[str, ...]:
    """The author's ids of the items on a person's earlier forms, whatever the exam, and of those met in practice."""
    sheets = tx.execute(_SHEETS, {"person_id": person_id}).scalars()
    version_ids = {row["item"] for sheet in sheets for row in sheet}
    version_ids |= set(tx.execute(_PRACTISED, {"person_id": person_id}).scalars())
    if not version_ids:
        return ()
    codes = select(item.c.code).join(item_version, item_version.c.item_id == item.c.id)
    return tuple(sorted(set(tx.execute(codes.where(item_version.c.id.in_(version_ids))).scalars())))


def met_before(tx: Connection, one: Attempt) -> int:
    """How many items of an attempt were on earlier sheets of its candidate. A form of one's own says it itself."""
    earlier = tx.execute(
        select(attempt.c.sheet).where(attempt.c.person_id == one.person_id, attempt.c.id < one.id)
    ).scalars()
    before = {row["item"] for sheet in earlier for row in sheet}
    asked = [at.item_version_id for at in one.sheet.items]
    rows = tx.execute(
        select(item_version.c.id, item_version.c.item_id).where(item_version.c.id.in_(before.union(asked)))
    )
    item_ids = {row.id: row.item_id for row in rows}
    met = {item_ids[version_id] for version_id in before}
    return sum(item_ids[version_id] in met for version_id in asked)


def uses(tx: Connection, exam_id: str) -> dict[str, Use]:
    """How much each item has been used in an exam, by the author's id; unused ones are not named."""
    rows = tx.execute(_USES, {"exam_id": exam_id})
    # by place: looking up hundreds of columns by name takes as long as reading them
    return {code: Use(made, answered) for code, made, answered in rows}


def count(tx: Connection, exam_id: str) -> int:
    """How many forms of an exam there are."""
    of_exam = select(exam_versions.c.id).where(exam_versions.c.exam_id == exam_id)
    counted = select(func.count()).select_from(form).where(form.c.exam_version_id.in_(of_exam))
    many: int = tx.execute(counted).scalar_one()
    return many


def add(
    tx: Connection,
    new: Form,
    snapshot: Snapshot,
    exam_version_id: int,
    item_version_ids: list[int],
    now: datetime,
) -> int | None:
    """Store a form with its snapshot and count the exposure of its items; None when the same form exists."""
    bank_part, candidate_part = snapshot.canonical()
    if tx.execute(_BANK, {"sha256": snapshot.bank.sha256}).scalar_one_or_none() is None:
        tx.execute(
            insert_or(tx, bank_snapshot)
            .values(sha256=snapshot.bank.sha256, document=bank_part)
            .on_conflict_do_nothing(index_elements=["sha256"])
        )
    form_id: int | None = tx.execute(
        _ADDS[tx.dialect.name],
        {
            "exam_version_id": exam_version_id,
            "fingerprint": new.fingerprint,
            "seed": new.seed,
            "bank_sha256": snapshot.bank.sha256,
            "candidate_part": candidate_part,
            "document": new.canonical(),
            "created_at": now,
        },
    ).scalar_one_or_none()
    if form_id is not None:
        tx.execute(_COUNTS[tx.dialect.name], {"exam_id": new.exam, "version_ids": item_version_ids})
    return form_id


def same(tx: Connection, made: Form) -> int:
    """The stored form that has the same items. It exists when `add` said None."""
    form_id: int = tx.execute(select(form.c.id).where(form.c.fingerprint == made.fingerprint)).scalar_one()
    return form_id


def exam_version(tx: Connection, form_id: int) -> int:
    """The exam version that a form was made for."""
    version_id: int = tx.execute(_EXAM_VERSION, {"form_id": form_id}).scalar_one()
    return version_id


def of_attempt(tx: Connection, attempt_id: int) -> Form:
    """The form of a stored attempt."""
    found = select(form.c.document).join(attempt, attempt.c.form_id == form.c.id)
    return form_from_canonical(tx.execute(found.where(attempt.c.id == attempt_id)).scalar_one())


def get(tx: Connection, form_id: int) -> StoredForm:
    """A form by its id, which a stored attempt names."""
    row = tx.execute(_BY_ID, {"form_id": form_id}).one()
    return StoredForm(form_id, row.exam_version_id, form_from_canonical(row.document))
