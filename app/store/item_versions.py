"""Versions of one item: which there are, and which of them the bank has now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from app.errors import Missing
from app.exam.item import Item, Status, from_plain
from app.store.tables import exam_version, item, item_version, pack, pack_version, pack_version_item


@dataclass(frozen=True, slots=True)
class Kept:
    """One stored version of an item of an exam's pack.

    `current_id` and `status` are of the version in the bank now, None when the item was taken out of it;
    `newest` is the highest number. `alike` are the ids of all stored versions with the same stem, options and key:
    an edit of a rating or a status makes another row and asks nothing else. `versions` are (id, number) of one row
    for each number, the first first.
    """

    id: int
    pack_id: str
    item: Item
    current_id: int | None
    status: Status | None
    newest: int
    alike: tuple[int, ...]
    versions: tuple[tuple[int, int], ...]

    @property
    def current(self) -> bool:
        """Whether the bank asks just this now."""
        return self.current_id in self.alike


def get(tx: Connection, exam_id: str, item_version_id: int) -> Kept:
    """A stored version of an item that the exam's pack holds or held. Raises Missing."""
    row = tx.execute(
        select(item_version, item.c.pack_id)
        .join(item, item.c.id == item_version.c.item_id)
        .where(
            item_version.c.id == item_version_id,
            item.c.pack_id.in_(
                select(pack_version.c.pack_id)
                .join(exam_version, exam_version.c.pack_version_id == pack_version.c.id)
                .where(exam_version.c.exam_id == exam_id)
            ),
        )
    ).one_or_none()
    if row is None:
        raise Missing("There is no such item in this exam's pack.")
    stored = tx.execute(
        select(item_version.c.id, item_version.c.version, item_version.c.content_sha256)
        .where(item_version.c.item_id == row.item_id)
        .order_by(item_version.c.id)
    ).all()
    held = tx.execute(
        select(pack_version_item.c.item_version_id, pack_version_item.c.status)
        .join(pack, pack.c.current_version_id == pack_version_item.c.pack_version_id)
        .join(item_version, item_version.c.id == pack_version_item.c.item_version_id)
        .where(pack.c.id == row.pack_id, item_version.c.item_id == row.item_id)
    ).one_or_none()
    numbers = {one.version: one.id for one in stored} | {row.version: row.id}
    return Kept(
        id=row.id,
        pack_id=row.pack_id,
        item=from_plain(row.body),
        current_id=None if held is None else held.item_version_id,
        status=None if held is None else Status(held.status),
        newest=max(numbers),
        alike=tuple(one.id for one in stored if one.content_sha256 == row.content_sha256),
        versions=tuple((version_id, number) for number, version_id in sorted(numbers.items())),
    )


def newest_id(tx: Connection, item_version_id: int) -> int:
    """The row that was stored last for the item of this version."""
    same = select(item_version.c.item_id).where(item_version.c.id == item_version_id).scalar_subquery()
    found: int = tx.execute(
        select(item_version.c.id)
        .where(item_version.c.item_id == same)
        .order_by(item_version.c.version.desc(), item_version.c.id.desc())
        .limit(1)
    ).scalar_one()
    return found


def codes(tx: Connection, item_version_ids: Collection[int], pack_ids: Collection[str]) -> dict[int, str]:
    """The author's ids of those of these versions of items that belong to one of these packs."""
    rows = tx.execute(
        select(item_version.c.id, item.c.code)
        .join(item, item.c.id == item_version.c.item_id)
        .where(item_version.c.id.in_(item_version_ids), item.c.pack_id.in_(pack_ids))
    )
    return {row.id: row.code for row in rows}


def of_same_item(tx: Connection, item_version_id: int) -> frozenset[int]:
    """The ids of all stored versions of the item of this version."""
    same = select(item_version.c.item_id).where(item_version.c.id == item_version_id).scalar_subquery()
    return frozenset(tx.execute(select(item_version.c.id).where(item_version.c.item_id == same)).scalars())
