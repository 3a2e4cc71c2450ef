"""The bank of a pack for those who keep it: which items are in use, the history of each, and approvals."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from app.exam.item import Asked, Item, Status, from_plain
from app.store.database import insert_or
from app.store.tables import approval, item, item_version, pack, pack_version, pack_version_item, person

PART = 500
"""Questions that are held at once when a whole bank is read."""


@dataclass(frozen=True, slots=True)
class Member:
    """An item in use: the author's id, the id of its stored version, and its status as delivered."""

    code: str
    id: int
    status: Status


@dataclass(frozen=True, slots=True)
class Stored:
    """One stored version of an item, and the edit or load that first had it. `made_by` is None for a load."""

    id: int
    item: Item
    pack_version: str
    made_at: datetime
    made_by: int | None
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class Approval:
    """That a person approved a stored version of an item."""

    item_version_id: int
    person_id: int
    name: str
    at: datetime


def members(tx: Connection, pack_id: str) -> tuple[int, tuple[Member, ...]]:
    """The id of the pack version in use, and its items in their order."""
    rows = tx.execute(
        select(
            pack.c.current_version_id,
            item.c.code,
            pack_version_item.c.item_version_id,
            pack_version_item.c.status,
        )
        .join(pack_version_item, pack_version_item.c.pack_version_id == pack.c.current_version_id)
        .join(item_version, item_version.c.id == pack_version_item.c.item_version_id)
        .join(item, item.c.id == item_version.c.item_id)
        .where(pack.c.id == pack_id)
        .order_by(pack_version_item.c.ordinal)
    ).all()
    made = tuple(Member(row.code, row.item_version_id, Status(row.status)) for row in rows)
    current: int = tx.execute(select(pack.c.current_version_id).where(pack.c.id == pack_id)).scalar_one()
    return current, made


def questions(tx: Connection, pack_ids: Collection[str]) -> Iterator[tuple[str, str, Asked]]:
    """What every item in use of some packs asks, retired ones left out: the title of the pack, the author's id and
    the question. Only a few hundred are held at once."""
    rows = tx.execute(
        select(pack_version.c.title, item.c.code, item_version.c.asked)
        .join(pack, pack.c.current_version_id == pack_version.c.id)
        .join(pack_version_item, pack_version_item.c.pack_version_id == pack_version.c.id)
        .join(item_version, item_version.c.id == pack_version_item.c.item_version_id)
        .join(item, item.c.id == item_version.c.item_id)
        .where(pack.c.id.in_(pack_ids), pack_version_item.c.status != Status.RETIRED.value)
        .execution_options(yield_per=PART)
    )
    for row in rows:
        yield row.title, row.code, Asked.from_plain(row.asked)


def history(tx: Connection, pack_id: str, codes: Collection[str]) -> dict[str, tuple[Stored, ...]]:
    """All stored versions of some items of a pack by the author's id, the newest first."""
    first = (
        select(
            pack_version_item.c.item_version_id,
            func.min(pack_version_item.c.pack_version_id).label("version_id"),
        )
        .join(item_version, item_version.c.id == pack_version_item.c.item_version_id)
        .join(item, item.c.id == item_version.c.item_id)
        .where(item.c.pack_id == pack_id, item.c.code.in_(codes))
        .group_by(pack_version_item.c.item_version_id)
        .subquery()
    )
    rows = tx.execute(
        select(
            item.c.code,
            item_version.c.id,
            item_version.c.body,
            pack_version.c.version,
            pack_version.c.loaded_at,
            pack_version.c.made_by,
            pack_version.c.note,
            person.c.name,
        )
        .join(item_version, item_version.c.item_id == item.c.id)
        .join(first, first.c.item_version_id == item_version.c.id)
        .join(pack_version, pack_version.c.id == first.c.version_id)
        .join(person, person.c.id == pack_version.c.made_by, isouter=True)
        .order_by(first.c.version_id.desc(), item_version.c.id.desc())
    )
    made: dict[str, list[Stored]] = {}
    for row in rows:
        stored = Stored(
            row.id,
            from_plain(row.body),
            row.version,
            row.loaded_at,
            row.made_by,
            row.name or "",
            row.note or "",
        )
        made.setdefault(row.code, []).append(stored)
    return {code: tuple(versions) for code, versions in made.items()}


def approvals(tx: Connection, item_version_ids: Collection[int]) -> tuple[Approval, ...]:
    """Who approved some stored versions, the first first."""
    rows = tx.execute(
        select(approval, person.c.name)
        .join(person, person.c.id == approval.c.person_id)
        .where(approval.c.item_version_id.in_(item_version_ids))
        .order_by(approval.c.at, approval.c.person_id)
    )
    return tuple(Approval(row.item_version_id, row.person_id, row.name or "", row.at) for row in rows)


def approve(tx: Connection, item_version_ids: Collection[int], person_id: int, now: datetime) -> None:
    """Record that a person approves stored versions; a second time changes nothing."""
    if item_version_ids:
        rows = [{"item_version_id": one, "person_id": person_id, "at": now} for one in item_version_ids]
        tx.execute(insert_or(tx, approval).on_conflict_do_nothing(), rows)
