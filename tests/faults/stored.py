"""What a database holds after a run, read for the checker."""

from __future__ import annotations

import json
from collections import defaultdict

from sqlalchemy import Connection, select

from app.exam.attempt import sheet_from_plain
from app.store import packs, tables
from app.store.database import Database
from tests.faults.checker import Event, Marking, Standing, Stored


def read(url: str) -> Stored:
    """Read it; the database must be sound. AssertionError when SQLite says that it is not."""
    database = Database(url, pool_size=1)
    try:
        with database.reading() as tx:
            if database.is_sqlite:
                assert tx.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
                assert not tx.exec_driver_sql("PRAGMA foreign_key_check").all()
            return _stored(tx)
    finally:
        database.close()


def _stored(tx: Connection) -> Stored:
    event, response = tables.response_event.c, tables.response.c
    events = tx.execute(
        select(
            event.attempt_id,
            event.position,
            event.client_id,
            event.client_seq,
            event.idempotency_key,
            event.base_rev,
            event.choice,
            event.outcome,
            event.rev,
        ).order_by(event.id)
    )
    standing = tx.execute(
        select(
            response.attempt_id,
            response.position,
            response.rev,
            response.choice,
            response.client_id,
            response.client_seq,
        )
    )
    scores: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for attempt_id, raw, exact in tx.execute(
        select(tables.score.c.attempt_id, tables.score.c.raw, tables.score.c.exact)
    ):
        scores[attempt_id].append((raw, exact))
    closed = tx.execute(select(tables.attempt.c.id).where(tables.attempt.c.closed_at.is_not(None)))
    return Stored(
        [Event(*row[:6], tuple(row.choice), *row[7:]) for row in events],
        [Standing(*row[:3], tuple(row.choice), *row[4:]) for row in standing],
        frozenset(closed.scalars()),
        scores,
        _marking(tx),
    )


def _marking(tx: Connection) -> dict[int, Marking]:
    """What scores each attempt, from the author's items and the frozen form: not by the way of the program."""
    attempts, forms = tables.attempt, tables.form
    rows = tx.execute(
        select(attempts.c.id, attempts.c.form_id, attempts.c.sheet, forms.c.document).join(
            forms, forms.c.id == attempts.c.form_id
        )
    )
    of_form: dict[int, Marking] = {}
    found = {}
    for row in rows:
        if row.form_id not in of_form:
            form = json.loads(row.document)
            ids = [at.item_version_id for at in sheet_from_plain(row.sheet).items]
            items = packs.items(tx, ids)
            scored = [place["scored"] for place in form["positions"]]
            keys = {
                n: items[i].key for n, (i, counts) in enumerate(zip(ids, scored, strict=True), 1) if counts
            }
            of_form[row.form_id] = Marking(keys, tuple(form["conversion"]))
        found[row.id] = of_form[row.form_id]
    return found
