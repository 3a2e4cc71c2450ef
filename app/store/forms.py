"""Forms: the snapshot's parts that the database knows, and forms as they were assembled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Integer, bindparam, func, literal, select

from app.exam.form import Form, form_from_canonical
from app.exam.snapshot import Snapshot
from app.store.database import insert_or
from app.store.tables import attempt, bank_snapshot, form, item, item_exposure, item_version
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


_EXAM_VERSION = select(form.c.exam_version_id).where(form.c.id == bindparam("form_id"))
_BY_ID = select(form.c.exam_version_id, form.c.document).where(form.c.id == bindparam("form_id"))
_BANK = select(bank_snapshot.c.sha256).where(bank_snapshot.c.sha256 == bindparam("sha256"))


def seen(tx: Connection, person_id: int) -> tuple[str, ...]:
    """The author's ids of the items on a person's earlier forms, whatever the exam."""
    sheets = tx.execute(select(attempt.c.sheet).where(attempt.c.person_id == person_id)).scalars()
    version_ids = {row["item"] for sheet in sheets for row in sheet}
    if not version_ids:
        return ()
    codes = select(item.c.code).join(item_version, item_version.c.item_id == item.c.id)
    return tuple(sorted(set(tx.execute(codes.where(item_version.c.id.in_(version_ids))).scalars())))


def uses(tx: Connection, exam_id: str) -> dict[str, Use]:
    """How much each item has been used in an exam, by the author's id; unused ones are not named."""
    rows = tx.execute(
        select(item.c.code, item_exposure.c.forms, item_exposure.c.answered)
        .join(item, item.c.id == item_exposure.c.item_id)
        .where(item_exposure.c.exam_id == exam_id)
    )
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
        insert_or(tx, form)
        .values(
            exam_version_id=exam_version_id,
            fingerprint=new.fingerprint,
            seed=new.seed,
            bank_sha256=snapshot.bank.sha256,
            candidate_part=candidate_part,
            document=new.canonical(),
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["fingerprint"])
        .returning(form.c.id)
    ).scalar_one_or_none()
    if form_id is not None:
        exposed = (
            select(literal(new.exam), item_version.c.item_id, literal(1, Integer), literal(0, Integer))
            .where(item_version.c.id.in_(item_version_ids))
            .order_by(item_version.c.item_id)  # two servers lock the rows in the same order
        )
        counting = insert_or(tx, item_exposure).from_select(
            ["exam_id", "item_id", "forms", "answered"], exposed
        )
        tx.execute(
            counting.on_conflict_do_update(
                index_elements=["exam_id", "item_id"], set_={"forms": item_exposure.c.forms + 1}
            )
        )
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
