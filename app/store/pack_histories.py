"""The versions that a pack has had: when, by whom, and what for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from app.store.tables import pack, pack_version, pack_version_item, person


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version of a pack. `made_by` is a name, None when nobody is on record; `edit`: it was made on this site."""

    id: int
    version: str
    made_at: datetime
    made_by: str | None
    edit: bool
    note: str
    items: int


def owner(tx: Connection, pack_id: str) -> str | None:
    """The name of a pack's owner; None when it came with the server."""
    named = select(person.c.name).join(pack, pack.c.owner_id == person.c.id).where(pack.c.id == pack_id)
    name: str | None = tx.execute(named).scalar_one_or_none()
    return name


def versions(tx: Connection, pack_id: str, most: int) -> tuple[VersionLine, ...]:
    """The latest versions of a pack, the newest first."""
    counted = (
        select(pack_version_item.c.pack_version_id, func.count().label("held"))
        .join(pack_version, pack_version.c.id == pack_version_item.c.pack_version_id)
        .where(pack_version.c.pack_id == pack_id)
        .group_by(pack_version_item.c.pack_version_id)
        .subquery()
    )
    rows = tx.execute(
        select(pack_version, person.c.name, counted.c.held)
        .join(person, person.c.id == pack_version.c.made_by, isouter=True)
        .join(counted, counted.c.pack_version_id == pack_version.c.id, isouter=True)
        .where(pack_version.c.pack_id == pack_id)
        .order_by(pack_version.c.id.desc())
        .limit(most)
    )
    return tuple(
        VersionLine(
            row.id,
            row.version,
            row.loaded_at,
            row.name,
            row.based_on_id is not None,
            row.note or "",
            row.held or 0,
        )
        for row in rows
    )
