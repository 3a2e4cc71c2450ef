"""A copy of a SQLite database while it is in use: one moment of it, checked before it gets its name."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from app.errors import Conflict, Invalid, Missing

FAULTS_SHOWN = 5


def copy(url: str, target: Path) -> dict[str, int]:
    """Copy the database at `url` to the file `target`; how many rows each table has.

    The copy is the database at the moment of the call: whatever was acknowledged before is in it. Saves go on
    meanwhile. It is checked (integrity, foreign keys, and that every table has as many rows as it had at that moment)
    before it gets its name, and is on the disk when this returns. Raises Invalid for another kind of database or a
    copy that is not sound, Missing when there is none, Conflict when `target` is there already.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise Invalid("Only a SQLite file is copied so. For PostgreSQL use pg_dump: see docs/operating.md.")
    if not Path(parsed.database).exists():
        raise Missing(f"There is no database at {parsed.database}.")
    if target.exists():
        raise Conflict(f"{target} is there already. Give another name, or remove it first.")
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(parsed.database, isolation_level=None)) as source,
            closing(sqlite3.connect(part, isolation_level=None)) as made,
        ):
            source.execute("BEGIN")  # the counts and the copy are of the same moment
            counts = _counts(source)
            source.backup(made)
            source.execute("ROLLBACK")
            # A copy is one file, which can be moved: without a log beside it.
            made.execute("PRAGMA journal_mode=DELETE")
            _check(made, counts)
        _synced(part)
        part.rename(target)
        _synced(target.parent)
    finally:
        part.unlink(missing_ok=True)
    return counts


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
    ).fetchall()
    # Names of tables cannot be bound; these come from the database itself.
    return {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - see above
        for (name,) in tables
    }


def _check(made: sqlite3.Connection, counts: dict[str, int]) -> None:
    faults = [text for (text,) in made.execute("PRAGMA integrity_check") if text != "ok"]
    faults += [
        f"a row of {row[0]} points to none of {row[2]}" for row in made.execute("PRAGMA foreign_key_check")
    ]
    found = _counts(made)
    faults += [
        f"{name} has {found.get(name)} rows, not {many}"
        for name, many in counts.items()
        if found.get(name) != many
    ]
    if faults:
        shown = "; ".join(faults[:FAULTS_SHOWN])
        raise Invalid(
            f"The copy is not sound, so it was not kept: {shown}. Look after the disk, then try again."
        )


def _synced(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
