"""Packs, items and exams: reading the bank. pack_versions.py writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from app.errors import Missing
from app.exam.item import Asked, Item, Status, from_plain
from app.exam.lexicon import lexicon_from_plain
from app.exam.pack import Domain, Exam, Pack, Topic, exam_from_plain
from app.store.tables import exam_version, item_version, pack, pack_version, pack_version_item


@dataclass(frozen=True, slots=True)
class StoredExam:
    """An exam as its current pack version defines it."""

    version_id: int
    pack_version_id: int
    exam: Exam
    domains: tuple[Domain, ...]
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class LoadedPack:
    """A pack as it is in use, with the number of its items by status."""

    id: str
    version: str
    title: str
    loaded_at: datetime
    faults: tuple[str, ...]
    statuses: Mapping[Status, int]
    version_id: int


# Built once: to build a question costs more than to ask it.
_EXAMS = select(
    exam_version.c.id,
    exam_version.c.pack_version_id,
    exam_version.c.specification,
    pack_version.c.domains,
    pack_version.c.head,
).join(pack_version, pack_version.c.id == exam_version.c.pack_version_id)
_CURRENT = _EXAMS.join(pack, pack.c.current_version_id == pack_version.c.id)
_CURRENT_BY_ID = _CURRENT.where(exam_version.c.exam_id == bindparam("exam_id"))


def exams(tx: Connection) -> tuple[StoredExam, ...]:
    """All exams of the packs in use, each pack's default first."""
    rows = tx.execute(_CURRENT.order_by(pack_version.c.pack_id, exam_version.c.ordinal))
    return tuple(_exam(row) for row in rows)


def exam(tx: Connection, exam_id: str) -> StoredExam:
    """An exam as its current pack version defines it. Raises Missing."""
    row = tx.execute(_CURRENT_BY_ID, {"exam_id": exam_id}).one_or_none()
    if row is None:
        raise Missing("There is no such exam.")
    return _exam(row)


def exam_of_form(tx: Connection, exam_version_id: int) -> StoredExam:
    """The exam as it was when a form was made. Raises Missing.

    An exam version never changes, so each database connection remembers what was read over it.
    """
    known: dict[int, StoredExam] = tx.info.setdefault("exams", {})
    if exam_version_id not in known:
        row = tx.execute(_EXAMS.where(exam_version.c.id == exam_version_id)).one_or_none()
        if row is None:
            raise Missing("There is no such exam.")
        known[exam_version_id] = _exam(row)
    return known[exam_version_id]


def exam_now(tx: Connection, exam_id: str, exam_version_id: int) -> StoredExam:
    """An exam as it is in use, or, when its pack was withdrawn, as it was when a form was made. Raises Missing."""
    row = tx.execute(_CURRENT_BY_ID, {"exam_id": exam_id}).one_or_none()
    return exam_of_form(tx, exam_version_id) if row is None else _exam(row)


def _exam(row: Any) -> StoredExam:
    domains = tuple(Domain(**domain) for domain in row.domains)
    exam = exam_from_plain(row.specification)
    return StoredExam(row.id, row.pack_version_id, exam, domains, _topics(row.head))


def _topics(head: Mapping[str, Any]) -> tuple[Topic, ...]:
    # A pack version that was stored before there were topics has none.
    return tuple(Topic(**topic) for topic in head.get("topics", ()))


def bank(tx: Connection, pack_version_id: int) -> dict[int, Item]:
    """All items of a pack version by item version id, each with its status as delivered."""
    rows = tx.execute(
        select(item_version.c.id, item_version.c.body, pack_version_item.c.status)
        .join(pack_version_item, pack_version_item.c.item_version_id == item_version.c.id)
        .where(pack_version_item.c.pack_version_id == pack_version_id)
        .order_by(item_version.c.id)
    )
    return {row.id: replace(from_plain(row.body), status=Status(row.status)) for row in rows}


def ready_items(tx: Connection, pack_version_id: int) -> int:
    """How many items of a pack version may be put on forms, embargoes aside."""
    ready = (pack_version_item.c.pack_version_id == pack_version_id) & (
        pack_version_item.c.status == Status.READY.value
    )
    return tx.execute(select(func.count()).select_from(pack_version_item).where(ready)).scalar_one()


def asked(tx: Connection, item_version_ids: Iterable[int]) -> dict[int, Asked]:
    """What a candidate is asked, by item version id: the key and the whys are not even read."""
    ids = list(item_version_ids)
    rows = tx.execute(select(item_version.c.id, item_version.c.asked).where(item_version.c.id.in_(ids)))
    return {row.id: Asked.from_plain(row.asked) for row in rows}


def items(tx: Connection, item_version_ids: Iterable[int]) -> dict[int, Item]:
    """Whole items by item version id: for scoring, and for review after the end."""
    ids = list(item_version_ids)
    rows = tx.execute(select(item_version.c.id, item_version.c.body).where(item_version.c.id.in_(ids)))
    return {row.id: from_plain(row.body) for row in rows}


def loaded(tx: Connection) -> tuple[LoadedPack, ...]:
    """The packs in use."""
    counted = tx.execute(
        select(pack_version_item.c.pack_version_id, pack_version_item.c.status, func.count().label("items"))
        .join(pack, pack.c.current_version_id == pack_version_item.c.pack_version_id)
        .group_by(pack_version_item.c.pack_version_id, pack_version_item.c.status)
    )
    counts: dict[int, dict[Status, int]] = {}
    for row in counted:
        counts.setdefault(row.pack_version_id, {})[Status(row.status)] = row.items
    rows = tx.execute(
        select(pack_version).join(pack, pack.c.current_version_id == pack_version.c.id).order_by(pack.c.id)
    )
    return tuple(
        LoadedPack(
            row.pack_id,
            row.version,
            row.title,
            row.loaded_at,
            tuple(row.faults),
            counts.get(row.id, {}),
            row.id,
        )
        for row in rows
    )


def whole(tx: Connection, pack_id: str) -> Pack:
    """A pack in use, as it was loaded. Raises Missing."""
    version_id, found = _frame(tx, pack_id)
    members = (
        select(item_version.c.id)
        .join(pack_version_item, pack_version_item.c.item_version_id == item_version.c.id)
        .where(pack_version_item.c.pack_version_id == version_id)
        .order_by(pack_version_item.c.ordinal)
    )
    ids = tx.execute(members).scalars().all()
    bodies = items(tx, ids)
    return replace(found, items=tuple(bodies[i] for i in ids))


def frame(tx: Connection, pack_id: str) -> Pack:
    """A pack in use without its items: to read those of a large bank takes 40 ms. Raises Missing."""
    return _frame(tx, pack_id)[1]


def _frame(tx: Connection, pack_id: str) -> tuple[int, Pack]:
    row = tx.execute(
        select(pack_version)
        .join(pack, pack.c.current_version_id == pack_version.c.id)
        .where(pack.c.id == pack_id)
    ).one_or_none()
    if row is None:
        raise Missing(f"There is no pack {pack_id!r}.")
    exams = tx.execute(
        select(exam_version.c.specification)
        .where(exam_version.c.pack_version_id == row.id)
        .order_by(exam_version.c.ordinal)
    ).scalars()
    head = {
        **row.head,
        "authors": tuple(row.head["authors"]),
        "topics": _topics(row.head),
        "lexicon": lexicon_from_plain(row.head.get("lexicon")),
    }
    found = Pack(
        **head,
        id=pack_id,
        version=row.version,
        title=row.title,
        domains=tuple(Domain(**domain) for domain in row.domains),
        exams=tuple(exam_from_plain(plain) for plain in exams),
        items=(),
    )
    return row.id, found
