"""Uploads: the files that people handed in, as they came, each once under the hash of its content."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import BinaryIO

from sqlalchemy import Connection, delete, or_, select

from app.errors import Missing
from app.store.database import Database, insert_or
from app.store.tables import upload, upload_part

PART = 2 * 2**20
"""Bytes that one transaction writes: SQLite has one writer, and 20 MB at once hold up every save for 0.15 s."""
ABANDONED = timedelta(hours=1)
"""Parts that have waited so long for the rest of their file wait in vain: their server was stopped."""


def put(database: Database, file: BinaryIO, now: datetime) -> str:
    """Keep a file, in many short transactions; the hash of its content. It is there once all of it is."""
    sha256, length = hashlib.sha256(), 0
    file.seek(0)
    while part := file.read(PART):
        sha256.update(part)
        length += len(part)
    name = sha256.hexdigest()
    file.seek(0)
    number = 0
    while part := file.read(PART):
        with database.writing() as tx:
            values = {"upload_sha256": name, "number": number, "content": part, "put_at": now}
            # A part that an earlier try left is as good as new from now on.
            row = insert_or(tx, upload_part).values(values)
            again = row.on_conflict_do_update(
                index_elements=["upload_sha256", "number"], set_={"put_at": now}
            )
            tx.execute(again)
        number += 1
    with database.writing() as tx:
        tx.execute(insert_or(tx, upload).values(sha256=name, size=length).on_conflict_do_nothing())
    return name


def sweep(tx: Connection, now: datetime, *, alone: bool) -> None:
    """Take away the parts of files that never came whole. `alone`: no other server works on this database."""
    whole = select(upload.c.sha256).where(upload.c.sha256 == upload_part.c.upload_sha256).exists()
    left = delete(upload_part).where(~whole)
    if not alone:
        left = left.where(or_(upload_part.c.put_at.is_(None), upload_part.c.put_at < now - ABANDONED))
    tx.execute(left)


def size(tx: Connection, sha256: str) -> int:
    """How many bytes a file has. Raises Missing."""
    found = tx.execute(select(upload.c.size).where(upload.c.sha256 == sha256)).scalar_one_or_none()
    if found is None:
        raise Missing("There is no such file.")
    return int(found)


def content(tx: Connection, sha256: str) -> bytes:
    """A file as it came. Raises Missing."""
    size(tx, sha256)
    parts = (
        select(upload_part.c.content)
        .where(upload_part.c.upload_sha256 == sha256)
        .order_by(upload_part.c.number)
    )
    return b"".join(tx.execute(parts).scalars())
