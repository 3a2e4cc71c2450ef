"""Item versions, stored ahead of the pack version that will have them: until then nobody sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from app.errors import Invalid
from app.exam.faults import Place, structure
from app.exam.item import Item, to_plain
from app.store.tables import item, item_version


@dataclass(frozen=True, slots=True)
class Row:
    """An item as it is stored: made before a transaction begins, since hashes take their time."""

    code: str
    version: int
    sha256: str
    content_sha256: str
    asked: dict[str, Any]
    body: dict[str, Any]


def rows_of(items: Iterable[Item]) -> list[Row]:
    """Items as they are stored."""
    return [
        Row(it.id, it.version, it.sha256, it.content_sha256, asdict(it.asked), to_plain(it)) for it in items
    ]


def store(tx: Connection, pack_id: str, rows: Sequence[Row]) -> dict[str, int]:
    """Item version ids by the author's id; only versions that are not stored yet are added, and nobody sees them
    before a version of the pack has them. Raises Invalid."""
    codes = [row.code for row in rows]
    ids = _item_ids(tx, pack_id, codes)
    missing = [code for code in codes if code not in ids]
    if missing:
        tx.execute(insert(item), [{"pack_id": pack_id, "code": code} for code in missing])
        ids = _item_ids(tx, pack_id, codes)
    held = _versions(tx, pack_id, codes)
    contents = {(one.item_id, one.version): one.content_sha256 for one in held}
    reused = [
        row
        for row in rows
        if contents.get((ids[row.code], row.version), row.content_sha256) != row.content_sha256
    ]
    if reused:
        faults = [
            structure(
                Place(item=row.code),
                "version-not-raised",
                f"Version {row.version} is stored with another stem, options or key: "
                f"write version {row.version + 1}.",
            )
            for row in reused
        ]
        raise Invalid(f"{len(reused)} items were changed without raising their version.", faults)
    versions = {(one.item_id, one.sha256): one.id for one in held}
    values = [
        {**asdict(row), "item_id": ids[row.code]}
        for row in rows
        if (ids[row.code], row.sha256) not in versions
    ]
    if values:
        tx.execute(insert(item_version), [{k: v for k, v in one.items() if k != "code"} for one in values])
        versions = {(one.item_id, one.sha256): one.id for one in _versions(tx, pack_id, codes)}
    return {row.code: versions[ids[row.code], row.sha256] for row in rows}


def known(tx: Connection, pack_id: str, codes: Sequence[str]) -> dict[str, dict[int, str]]:
    """Which versions of these items were ever stored: hashes of content by number, by the author's id."""
    names = {number: code for code, number in _item_ids(tx, pack_id, codes).items()}
    found: dict[str, dict[int, str]] = {}
    for one in _versions(tx, pack_id, codes):
        found.setdefault(names[one.item_id], {})[one.version] = one.content_sha256
    return found


def _item_ids(tx: Connection, pack_id: str, codes: Sequence[str]) -> dict[str, int]:
    rows = tx.execute(
        select(item.c.code, item.c.id).where(item.c.pack_id == pack_id, item.c.code.in_(list(codes)))
    )
    return {row.code: row.id for row in rows}


def _versions(tx: Connection, pack_id: str, codes: Sequence[str]) -> Sequence[Any]:
    columns = ("id", "item_id", "version", "sha256", "content_sha256")
    return tx.execute(
        select(*(item_version.c[name] for name in columns))
        .join(item, item.c.id == item_version.c.item_id)
        .where(item.c.pack_id == pack_id, item.c.code.in_(list(codes)))
    ).all()
