"""Imports: what a reader made of an upload, staged until it is confirmed or discarded; and the packs that imports may
go to. Nothing here is part of any pack: pack_versions.py publishes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, true, update

from app.errors import Conflict, Missing
from app.exam.lexicon import Lexicon, lexicon_from_plain
from app.exam.pack import Domain, Topic
from app.exam.person import Person, Role
from app.exam.staging import Target, Targets
from app.store import audit
from app.store.database import Database, insert_or
from app.store.tables import (
    category_target,
    import_item,
    pack,
    pack_import,
    pack_share,
    pack_version,
    person,
)

STORING, STAGED, CONFIRMED, DISCARDED, UNDONE = "storing", "staged", "confirmed", "discarded", "undone"
BATCH = 200
ABANDONED = timedelta(hours=1)
"""What is being stored for so long died with its server."""
LONGEST_CATEGORY = 255
DECIDED = "This import was decided on already. Look at it as it is now."


@dataclass(frozen=True, slots=True)
class NewImport:
    """What a reader made of a file, and where it is to go unless its owner says otherwise."""

    upload_sha256: str
    file_name: str
    format: str | None
    document: str
    pack_id: str
    is_new: bool
    title: str
    made_by: int


@dataclass(frozen=True, slots=True)
class Import:
    """An import as it stands. `document` is what was read, but for the items."""

    id: int
    upload_sha256: str
    file_name: str
    format: str | None
    pack_id: str
    is_new: bool
    title: str
    document: dict[str, Any]
    mapping: Targets
    state: str
    made_at: datetime
    decided_at: datetime | None
    pack_version_id: int | None
    replaced_id: int | None


@dataclass(frozen=True, slots=True)
class ImportLine:
    """A line of the history. `version` is what it made; `in_use` whether that is still in use."""

    id: int
    file_name: str
    format: str | None
    state: str
    items: int
    pack_id: str
    version: str
    in_use: bool
    made_at: datetime
    made_by: str | None


@dataclass(frozen=True, slots=True)
class TargetPack:
    """A pack that an import may go to."""

    id: str
    title: str
    version_id: int
    domains: tuple[Domain, ...]
    topics: tuple[Topic, ...]
    approvals: int
    lexicon: Lexicon | None


def put(database: Database, new: NewImport, items: Sequence[str], now: datetime) -> int:
    """Store what was read in many short transactions, where nobody sees it yet; its id."""
    with database.writing() as tx:
        sweep(tx, now)
        row = (
            insert(pack_import)
            .values(**asdict(new), mapping={}, items=len(items), state=STORING, made_at=now)
            .returning(pack_import.c.id)
        )
        import_id: int = tx.execute(row).scalar_one()
    for start in range(0, len(items), BATCH):
        rows = [
            {"import_id": import_id, "ordinal": start + number, "document": one}
            for number, one in enumerate(items[start : start + BATCH])
        ]
        with database.writing() as tx:
            tx.execute(insert(import_item), rows)
    return import_id


def stage(tx: Connection, import_id: int, instead_of: int | None = None) -> None:
    """Show what was stored, in place of an earlier reading of the same file if there is one."""
    if instead_of is not None and _state(tx, instead_of) != STAGED:
        raise Conflict(DECIDED)
    tx.execute(update(pack_import).where(pack_import.c.id == import_id).values(state=STAGED))
    if instead_of is not None:
        _delete(tx, [instead_of])


def get(tx: Connection, import_id: int, who: Person) -> Import:
    """An import of this person's, or anybody's for an administrator. Raises Missing."""
    row = tx.execute(
        select(pack_import).where(pack_import.c.id == import_id, pack_import.c.state != STORING, _own(who))
    ).one_or_none()
    if row is None:
        raise Missing("There is no such import.")
    held = row._mapping
    plain = {name: held[name] for name in Import.__dataclass_fields__}
    mapping = {category: Target(**target) for category, target in row.mapping.items()}
    return Import(**{**plain, "document": json.loads(row.document), "mapping": mapping})


def items(
    tx: Connection, import_id: int, ordinals: Iterable[int] | None = None
) -> list[tuple[int, dict[str, Any]]]:
    """Items as they were read, with their places in the file's order; all of them, or those at some places."""
    found = select(import_item.c.ordinal, import_item.c.document).where(import_item.c.import_id == import_id)
    if ordinals is not None:
        found = found.where(import_item.c.ordinal.in_(list(ordinals)))
    rows = tx.execute(found.order_by(import_item.c.ordinal))
    return [(row.ordinal, json.loads(row.document)) for row in rows]


def version_made(tx: Connection, one: Import) -> str | None:
    """The number of the version that an import made."""
    row = select(pack_version.c.version).where(pack_version.c.id == one.pack_version_id)
    return tx.execute(row).scalar_one_or_none()


def history(tx: Connection, who: Person) -> tuple[ImportLine, ...]:
    """The imports of a person, or all of them for an administrator; the last one first."""
    rows = tx.execute(
        select(
            *(pack_import.c[name] for name in ("id", "file_name", "format", "state", "items", "pack_id")),
            pack_import.c.made_at,
            pack_import.c.pack_version_id,
            pack_version.c.version,
            pack.c.current_version_id,
            person.c.name,
        )
        .outerjoin(pack_version, pack_version.c.id == pack_import.c.pack_version_id)
        .outerjoin(pack, pack.c.id == pack_version.c.pack_id)
        .outerjoin(person, person.c.id == pack_import.c.made_by)
        .where(pack_import.c.state != STORING, _own(who))
        .order_by(pack_import.c.id.desc())
        .limit(200)
    )
    return tuple(
        ImportLine(
            id=row.id,
            file_name=row.file_name,
            format=row.format,
            state=row.state,
            items=row.items,
            pack_id=row.pack_id,
            version=row.version or "",
            in_use=row.pack_version_id is not None and row.pack_version_id == row.current_version_id,
            made_at=row.made_at,
            made_by=row.name,
        )
        for row in rows
    )


def aim(tx: Connection, import_id: int, pack_id: str, title: str, mapping: Targets, *, is_new: bool) -> None:
    """Say where a staged import is to go. Raises Conflict when it was decided on."""
    plain = {category: asdict(target) for category, target in mapping.items()}
    done = tx.execute(
        update(pack_import)
        .where(pack_import.c.id == import_id, pack_import.c.state == STAGED)
        .values(pack_id=pack_id, title=title, mapping=plain, is_new=is_new)
        .returning(pack_import.c.id)
    ).one_or_none()
    if done is None:
        raise Conflict(DECIDED)


def decide(
    tx: Connection, import_id: int, state: str, now: datetime, who: Person, **made: int | None
) -> None:
    """Confirm, discard or undo an import, once. `made`: pack_version_id and replaced_id. Raises Conflict."""
    before = CONFIRMED if state == UNDONE else STAGED
    done = tx.execute(
        update(pack_import)
        .where(pack_import.c.id == import_id, pack_import.c.state == before)
        .values(state=state, decided_at=now, decided_by=who.id, **made)
        .returning(pack_import.c.pack_id, pack_import.c.file_name)
    ).one_or_none()
    if done is None:
        raise Conflict(DECIDED)
    if state == DISCARDED:
        tx.execute(delete(import_item).where(import_item.c.import_id == import_id))
    versions = {name: number for name, number in made.items() if number is not None}
    after = {"pack": done.pack_id, "file": done.file_name, **versions}
    audit.record(tx, now, who.id, f"import {state}", f"import {import_id}", after=after)


def packs_open_to(tx: Connection, who: Person) -> tuple[TargetPack, ...]:
    """The packs in use that a person may import into: their own and shared ones; all for an administrator."""
    shared = select(pack_share.c.pack_id).where(pack_share.c.person_id == who.id)
    allowed = true() if who.may(Role.ADMIN) else (pack.c.owner_id == who.id) | pack.c.id.in_(shared)
    rows = tx.execute(
        select(pack.c.id, pack_version.c.id.label("version_id"), pack_version.c.title)
        .add_columns(pack_version.c.domains, pack_version.c.head)
        .join(pack_version, pack_version.c.id == pack.c.current_version_id)
        .where(allowed)
        .order_by(pack_version.c.title, pack.c.id)
    )
    return tuple(
        TargetPack(
            row.id,
            row.title,
            row.version_id,
            tuple(Domain(**domain) for domain in row.domains),
            tuple(Topic(**topic) for topic in row.head.get("topics", ())),
            row.head["approvals"],
            lexicon_from_plain(row.head.get("lexicon")),
        )
        for row in rows
    )


def is_taken(tx: Connection, pack_id: str, who: Person) -> bool:
    """Whether a new pack cannot have this id: it is in use, or somebody else had it."""
    row = tx.execute(
        select(pack.c.current_version_id, pack.c.owner_id).where(pack.c.id == pack_id)
    ).one_or_none()
    return row is not None and (row.current_version_id is not None or row.owner_id != who.id)


def remembered(tx: Connection, pack_id: str) -> dict[str, Target]:
    """Where earlier imports into a pack put which category."""
    rows = tx.execute(select(category_target).where(category_target.c.pack_id == pack_id))
    return {row.category: Target(row.domain, row.topic) for row in rows}


def remember(tx: Connection, pack_id: str, mapping: Targets) -> None:
    """Keep where each category was put, for the next import into this pack."""
    for category, target in mapping.items():
        if target.domain is None or len(category) > LONGEST_CATEGORY:
            continue
        values = {"domain": target.domain, "topic": target.topic}
        row = insert_or(tx, category_target).values(pack_id=pack_id, category=category, **values)
        tx.execute(row.on_conflict_do_update(index_elements=["pack_id", "category"], set_=values))


def _own(who: Person) -> ColumnElement[bool]:
    return true() if who.may(Role.ADMIN) else pack_import.c.made_by == who.id


def _state(tx: Connection, import_id: int) -> str | None:
    return tx.execute(
        select(pack_import.c.state).where(pack_import.c.id == import_id).with_for_update()
    ).scalar_one_or_none()


def sweep(tx: Connection, now: datetime, *, alone: bool = False) -> None:
    """Take away what a server left half stored when it was stopped. `alone`: no other one works on this database."""
    left = select(pack_import.c.id).where(pack_import.c.state == STORING)
    if not alone:
        left = left.where(pack_import.c.made_at < now - ABANDONED)
    _delete(tx, tx.execute(left).scalars().all())


def _delete(tx: Connection, ids: Sequence[int]) -> None:
    if ids:
        tx.execute(delete(import_item).where(import_item.c.import_id.in_(ids)))
        tx.execute(delete(pack_import).where(pack_import.c.id.in_(ids)))
