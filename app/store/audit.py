"""The audit log: entries are added, in the transaction of what they tell, and never changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from app.exam.audit import FIRST, Entry, Head, text_of
from app.store.tables import audit_entry, audit_head, pack_version, person

_AT_ONCE = 1_000
MOST_NAMED = 50
"""Items of one edit that an entry names."""
_PERSON = re.compile(r"person ([1-9]\d{0,17})")
_ENTRY = tuple(audit_entry.c[name] for name in Entry.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as pages show it; `name` is of who did it, empty for a command or the program itself; `about` is the
    name of the person it was done to, if it was one: the log has no names, so that an erased one is nowhere."""

    entry: Entry
    name: str
    about: str


def record(
    tx: Connection,
    now: datetime,
    who: int | None,
    action: str,
    subject: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add an entry: who did what to what, and what was before and after, in plain values without personal data.

    It stands when the transaction does. Writers take turns at the head, so it is best called last.
    """
    last = tx.execute(select(audit_head.c.number, audit_head.c.sha256).with_for_update()).one()
    entry = Entry(
        last.number + 1, now, who, action, subject, text_of(before), text_of(after), last.sha256, FIRST
    )
    entry = replace(entry, sha256=entry.seal())
    tx.execute(
        insert(audit_entry).values({name: getattr(entry, name) for name in Entry.__dataclass_fields__})
    )
    tx.execute(update(audit_head).values(number=entry.number, sha256=entry.sha256))


def published(
    tx: Connection,
    now: datetime,
    who: int | None,
    pack_id: str,
    before_id: int | None,
    after_id: int,
    changed: Mapping[str, Any],
) -> None:
    """Add that a version of a pack was put into use. What it holds is stored for good, so it is only named."""
    wanted = pack_version.c.id.in_([one for one in (before_id, after_id) if one is not None])
    numbers = {
        row.id: row.version
        for row in tx.execute(select(pack_version.c.id, pack_version.c.version).where(wanted))
    }
    before = None if before_id is None else {"version": numbers[before_id]}
    after = {"version": numbers[after_id], **changed}
    if len(items := after.get("items", [])) > MOST_NAMED:
        after["items"] = [*items[:MOST_NAMED], f"and {len(items) - MOST_NAMED} more"]
    record(tx, now, who, "pack published", f"pack {pack_id}", before=before, after=after)


def head(tx: Connection) -> Head:
    """How many entries were written, and the hash of the last one."""
    row = tx.execute(select(audit_head.c.number, audit_head.c.sha256)).one()
    return Head(row.number, row.sha256)


def everything(tx: Connection) -> Iterator[Entry]:
    """All entries in their order, a thousand at a time in memory."""
    after = 0
    while True:
        found = (
            select(*_ENTRY).where(audit_entry.c.number > after).order_by(audit_entry.c.number).limit(_AT_ONCE)
        )
        rows = tx.execute(found).all()
        yield from (Entry(**row._mapping) for row in rows)
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].number


def actions(tx: Connection) -> tuple[str, ...]:
    """Every action that was ever recorded, by name."""
    return tuple(tx.execute(select(audit_entry.c.action).distinct().order_by(audit_entry.c.action)).scalars())


def lines(
    tx: Connection, most: int, *, action: str = "", name: str = "", about: str = "", before: int = 0
) -> tuple[Line, ...]:
    """At most so many entries below the number `before` (0: from the last one), the latest first.

    `action` and `name` are met exactly, `about` is looked for in the subject; empty ones ask for nothing.
    """
    found = select(*_ENTRY, person.c.name).join(person, person.c.id == audit_entry.c.who, isouter=True)
    if action:
        found = found.where(audit_entry.c.action == action)
    if name:
        found = found.where(person.c.name == name)
    if about:
        found = found.where(audit_entry.c.subject.contains(about, autoescape=True))
    if before:
        found = found.where(audit_entry.c.number < before)
    rows = tx.execute(found.order_by(audit_entry.c.number.desc()).limit(most)).all()
    subjects = {row.subject: int(match[1]) for row in rows if (match := _PERSON.fullmatch(row.subject))}
    named = select(person.c.id, person.c.name).where(person.c.id.in_(set(subjects.values())))
    names: dict[int, str | None] = {row.id: row.name for row in tx.execute(named)}
    return tuple(
        Line(Entry(*row[:-1]), row[-1] or "", names.get(subjects.get(row.subject, 0)) or "") for row in rows
    )
