"""What a run begins with, written straight into the database: people who are logged in, and exams under way."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import insert, select

from app.exam.attempt import AttemptKind, Marks, Sheet, deal
from app.exam.clock import TimeOption
from app.exam.form import assemble
from app.exam.person import Role
from app.pages.depends import hash_token
from app.pages.site import Site
from app.settings import Settings
from app.store import forms, packs
from app.store.database import Database
from app.store.tables import attempt, person, response, response_event, session
from tests.load.candidate import CLIENT, EXAM, Candidate, Record
from tests.load.connection import Connection

CHUNK = 500
FORMS, DEALS = 20, 10
"""How many forms are made, and how often each is dealt; attempts that are written share them. Those that are started
have each their own."""


class Seen(NamedTuple):
    """A sheet as JSON values, and of each position how many to choose and the tokens of its options."""

    plain: list[dict[str, Any]]
    page: list[tuple[int, tuple[str, ...]]]


class Dealt(NamedTuple):
    """A form and one of its sheets."""

    form_id: int
    seed: int
    sheet: Seen


def enrol(database: Database, port: int, many: int, record: Record, run: str) -> list[Candidate]:
    """People with sessions, who have not started anything."""
    now = datetime.now(UTC)
    names = [f"{run}-{number}" for number in range(many)]
    made: list[Candidate] = []
    for begin in range(0, many, CHUNK):
        chunk = names[begin : begin + CHUNK]
        with database.writing() as tx:
            people = [
                {"name": name, "role": Role.CANDIDATE.value, "is_guest": False, "created_at": now}
                for name in chunk
            ]
            tx.execute(insert(person), people)
            ids = {
                row.name: row.id
                for row in tx.execute(select(person.c.name, person.c.id).where(person.c.name.in_(chunk)))
            }
            times = {
                "created_at": now,
                "last_seen_at": now,
                "expires_at": now + timedelta(days=2),
                "agent": "load",
            }
            tx.execute(
                insert(session),
                [
                    {"token_sha256": hash_token(f"token-{name}"), "person_id": ids[name], **times}
                    for name in chunk
                ],
            )
        made += [Candidate(ids[name], f"token-{name}", record, Connection(port)) for name in chunk]
    return made


def seat(
    database: Database,
    candidates: Sequence[Candidate],
    *,
    started_at: datetime,
    minutes: float = 170,
    grace_seconds: int = 60,
) -> None:
    """Give each candidate an exam that is under way."""
    deals = _deals(database)
    for begin in range(0, len(candidates), CHUNK):
        chunk = candidates[begin : begin + CHUNK]
        rows: list[dict[str, Any]] = []
        for number, one in enumerate(chunk, begin):
            form_id, seed, sheet = deals[number % len(deals)]
            one.sheet = sheet.page
            rows.append(
                {
                    "person_id": one.person_id,
                    "exam_id": EXAM,
                    "form_id": form_id,
                    "kind": AttemptKind.MOCK.value,
                    "seed": seed,
                    "sheet": sheet.plain,
                    "time_option": TimeOption.STANDARD.value,
                    "pausable": False,
                    "started_at": started_at,
                    "deadline_at": started_at + timedelta(minutes=minutes),
                    "grace_seconds": grace_seconds,
                    "paused_ms": 0,
                    "scratchpad": "",
                }
            )
        with database.writing() as tx:
            tx.execute(insert(attempt), rows)
            mine = attempt.c.person_id.in_([one.person_id for one in chunk])
            ids = {
                row.person_id: row.id
                for row in tx.execute(select(attempt.c.person_id, attempt.c.id).where(mine))
            }
        for one in chunk:
            one.attempt_id = ids[one.person_id]
            one.record.of(one.attempt_id)


def fill(database: Database, candidates: Sequence[Candidate]) -> None:
    """Answer everything, as if it had been saved long ago."""
    chance = random.Random("answers")
    now = datetime.now(UTC)
    marks = Marks(seen=True, elapsed_ms=81_250).plain()
    with database.reading() as tx:
        ids = [one.attempt_id for one in candidates]
        sheets: dict[int, list[dict[str, Any]]] = {}
        for begin in range(0, len(ids), CHUNK):
            found = select(attempt.c.id, attempt.c.sheet).where(attempt.c.id.in_(ids[begin : begin + CHUNK]))
            sheets |= {row.id: row.sheet for row in tx.execute(found)}
    for begin in range(0, len(candidates), CHUNK // 5):
        standing, events = [], []
        for one in candidates[begin : begin + CHUNK // 5]:
            sent = one.record.sent[one.attempt_id]
            for position, place in enumerate(sheets[one.attempt_id], 1):
                choice = one.choose(position, chance)
                sent.before[position] = choice
                of_token = dict(place["options"])
                row = {
                    "attempt_id": one.attempt_id,
                    "position": position,
                    "rev": 1,
                    "choice": sorted(of_token[token] for token in choice),
                    "marks": marks,
                    "client_id": f"{CLIENT}-before",
                    "client_seq": position,
                }
                standing.append(row)
                events.append(
                    {
                        **row,
                        "idempotency_key": f"before-{position}",
                        "base_rev": 0,
                        "outcome": "accepted",
                        "at": now,
                    }
                )
        with database.writing() as tx:
            tx.execute(insert(response_event), events)
            tx.execute(insert(response), standing)


def _deals(database: Database) -> list[Dealt]:
    """Forms, stored, each dealt some times."""
    site = Site(Settings(database_url=database.url), database)
    now = datetime.now(UTC)
    made: list[Dealt] = []
    with database.writing() as tx:
        stored = packs.exam(tx, EXAM)
        shelf = site.shelf(tx, stored, now.date())
        snapshot = site.snapshot(tx, shelf.bank, None, now)
        for seed in count():
            if len(made) == FORMS * DEALS:
                return made
            form = assemble(snapshot, seed)
            items = [(shelf.version_ids[at.id], shelf.items[at.id]) for at in form.positions]
            form_id = forms.add(tx, form, snapshot, stored.version_id, [which for which, _ in items], now)
            if form_id is not None:  # else this run had it before
                made += [Dealt(form_id, turn, seen(deal(items, turn))) for turn in range(DEALS)]
    raise AssertionError("there is always another seed")


def seen(sheet: Sheet) -> Seen:
    """A sheet as it is stored, and as the page of it would tell a candidate."""
    page = [(2 if at.multiple else 1, tuple(option.token for option in at.options)) for at in sheet.items]
    return Seen(sheet.plain(), page)
