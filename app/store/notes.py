"""Bookmarks and private notes: what candidates keep of items, for nobody but themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from app.store.database import insert_or
from app.store.tables import item_version, note


@dataclass(frozen=True, slots=True)
class Note:
    """What a person keeps of an item: a bookmark, a text, or both; where they met it last."""

    item_id: int
    item_version_id: int
    attempt_id: int
    position: int
    bookmarked: bool
    text: str
    changed_at: datetime


_MINE = select(note).where(note.c.person_id == bindparam("person_id")).order_by(note.c.changed_at.desc())
_OF_VERSIONS = (
    select(note, item_version.c.id.label("version"))
    .join(item_version, item_version.c.item_id == note.c.item_id)
    .where(
        note.c.person_id == bindparam("person_id"),
        item_version.c.id.in_(bindparam("version_ids", expanding=True)),
    )
)


def put(
    tx: Connection,
    person_id: int,
    item_version_id: int,
    *,
    attempt_id: int,
    position: int,
    bookmarked: bool,
    text: str,
    now: datetime,
) -> None:
    """Keep a bookmark and a text on an item, in place of what was there; nothing to keep removes it."""
    item_id = tx.execute(
        select(item_version.c.item_id).where(item_version.c.id == item_version_id)
    ).scalar_one()
    if not bookmarked and not text:
        tx.execute(delete(note).where(note.c.person_id == person_id, note.c.item_id == item_id))
        return
    values = {
        "item_version_id": item_version_id,
        "attempt_id": attempt_id,
        "position": position,
        "bookmarked": bookmarked,
        "text": text,
        "changed_at": now,
    }
    statement = insert_or(tx, note).values(person_id=person_id, item_id=item_id, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["person_id", "item_id"], set_=values))


def of_person(tx: Connection, person_id: int) -> tuple[Note, ...]:
    """All that a person keeps, the latest first."""
    return tuple(_note(row) for row in tx.execute(_MINE, {"person_id": person_id}))


def of_versions(tx: Connection, person_id: int, item_version_ids: list[int]) -> dict[int, Note]:
    """What a person keeps of the items of these versions, by the version."""
    rows = tx.execute(_OF_VERSIONS, {"person_id": person_id, "version_ids": item_version_ids})
    return {row.version: _note(row) for row in rows}


def _note(row: Any) -> Note:
    return Note(
        row.item_id,
        row.item_version_id,
        row.attempt_id,
        row.position,
        row.bookmarked,
        row.text,
        row.changed_at,
    )
