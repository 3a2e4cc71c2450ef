"""After a server was stopped in the middle of something: what it left half done is taken away, and what it was at is
said to have stopped. Attempts need none of this: their saves are whole or not there."""

from __future__ import annotations

from datetime import datetime

from app.store import imports, jobs, uploads
from app.store.database import Database


def recover(database: Database, now: datetime) -> None:
    """Once before a server serves. SQLite has one server, so whatever is half done was left by an earlier one; on
    PostgreSQL another server may be at it, and only what is old is taken away."""
    alone = database.is_sqlite
    with database.writing() as tx:
        if alone:
            jobs.silence(tx, now)
        imports.sweep(tx, now, alone=alone)
        uploads.sweep(tx, now, alone=alone)
