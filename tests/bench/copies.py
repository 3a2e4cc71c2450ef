"""Attempts copied by the hundred thousand: each is the copy of one that the program made, under ids, a candidate and
times of its own. The database copies by itself; nothing of it goes through Python but the plan of what goes where."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    case,
    func,
    insert,
    null,
    select,
    text,
)

from app.store import tables
from app.store.database import Database

CHUNK = 10_000
PAST = timedelta(days=3 * 365)
UNEVEN = 1.3
"""Above 1, some candidates sit more often than others: the most frequent some ten times as often as most."""
LEFT_OPEN = 10
"""The last attempt of each tenth candidate ran out unseen: nobody has closed it."""

plan = Table(
    "bench_plan",
    MetaData(),
    Column("number", BigInteger, primary_key=True),  # of the new attempt, and of its form
    Column("template", BigInteger, nullable=False),
    Column("template_form", BigInteger, nullable=False),
    Column("person", BigInteger, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("seconds", Integer, nullable=False),  # by which all of its times are later
    Column("left_open", Boolean, nullable=False),
    # Whether with its responses, their log, and all that its form was made from.
    Column("whole", Boolean, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Template:
    """An attempt that the program made."""

    attempt_id: int
    form_id: int
    started_at: datetime


def templates(tx: Connection, attempt_ids: Sequence[int]) -> list[Template]:
    """What is to be known of these attempts."""
    own = tables.attempt.c
    rows = tx.execute(select(own.id, own.form_id, own.started_at).where(own.id.in_(attempt_ids)))
    return [Template(*row) for row in rows]


def multiply(
    database: Database,
    originals: Sequence[Template],
    people: Sequence[int],
    count: int,
    whole: int,
    now: datetime,
) -> Iterator[int]:
    """Store `count` copies for these people, `whole` of them with responses; yields how many there are."""
    source = random.Random(count)
    takers = [people[int(len(people) * source.random() ** UNEVEN)] for _ in range(count)]
    last = {person: number for number, person in enumerate(takers)}
    left_open = {number for person, number in last.items() if person % LEFT_OPEN == 0}
    with database.reading() as tx:
        first = 1 + max(
            tx.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
            for table in (tables.attempt, tables.form)
        )
    with database.writing() as tx:
        plan.create(tx)
    for start in range(0, count, CHUNK):
        numbers = range(start, min(count, start + CHUNK))
        rows = []
        for number in numbers:
            one = source.choice(originals)
            begins = now - PAST + PAST * (0.99 * number / count)
            rows.append(
                {
                    "number": first + number,
                    "template": one.attempt_id,
                    "template_form": one.form_id,
                    "person": takers[number],
                    "fingerprint": hashlib.sha256(str(number).encode()).hexdigest(),
                    "seconds": int((begins - one.started_at).total_seconds()),
                    "left_open": number in left_open,
                    # The latest ones: what was answered three years ago is what an operator would have put away.
                    "whole": number >= count - whole,
                }
            )
        with database.writing() as tx:
            tx.execute(insert(plan), rows)
            _copy(tx)
            tx.execute(plan.delete())
        yield numbers[-1] + 1
    with database.writing() as tx:
        plan.drop(tx)
        _go_on_counting(tx)


def _copy(tx: Connection) -> None:
    """Copy what the plan says."""
    new = {"attempt_id": plan.c.number}
    form, attempt = tables.form.alias(), tables.attempt.alias()
    # What the candidate had seen and how often items had been used, 4 KB: no page reads it.
    history = case((plan.c.whole, form.c.candidate_part), else_="{}")
    own_form = {"id": plan.c.number, "fingerprint": plan.c.fingerprint, "candidate_part": history}
    _one(tx, tables.form, form, form.c.id == plan.c.template_form, own_form, ("created_at",))
    open_ = {
        "id": plan.c.number,
        "form_id": plan.c.number,
        "person_id": plan.c.person,
        "closed_at": case((plan.c.left_open, null()), else_=_later(tx, attempt.c.closed_at)),
        "ending": case((plan.c.left_open, null()), else_=attempt.c.ending),
    }
    times = ("started_at", "deadline_at")
    _one(tx, tables.attempt, attempt, attempt.c.id == plan.c.template, open_, times)
    event = tables.attempt_event.alias()
    goes_on = ~plan.c.left_open | (event.c.kind != "closed")
    _one(tx, tables.attempt_event, event, (event.c.attempt_id == plan.c.template) & goes_on, new, ("at",))
    score = tables.score.alias()
    # A rescore was made when the key was corrected, whenever the attempt was.
    scored_at = case((score.c.sequence == 1, _later(tx, score.c.created_at)), else_=score.c.created_at)
    of_score = (score.c.attempt_id == plan.c.template) & ~plan.c.left_open
    _one(tx, tables.score, score, of_score, {**new, "created_at": scored_at})
    for table in (tables.study_intake, tables.readiness):
        cache = table.alias()
        of_cache = (cache.c.attempt_id == plan.c.template) & ~plan.c.left_open
        _one(tx, table, cache, of_cache, new)
    response, log = tables.response.alias(), tables.response_event.alias()
    _one(tx, tables.response, response, (response.c.attempt_id == plan.c.template) & plan.c.whole, new)
    _one(tx, tables.response_event, log, (log.c.attempt_id == plan.c.template) & plan.c.whole, new, ("at",))


def _one(
    tx: Connection,
    table: Table,
    old: Any,
    which: ColumnElement[bool],
    changes: dict[str, Any],
    times: tuple[str, ...] = (),
) -> None:
    later = {name: _later(tx, old.c[name]) for name in times}
    columns = [column.name for column in table.c if column.name != "id" or "id" in changes]
    copied = select(*((changes | later).get(name, old.c[name]) for name in columns))
    tx.execute(
        insert(table).from_select(columns, copied.select_from(plan.join(old, which)).order_by(plan.c.number))
    )


def _later(tx: Connection, at: ColumnElement[Any]) -> ColumnElement[Any]:
    if tx.dialect.name == "postgresql":
        return at + func.make_interval(0, 0, 0, 0, 0, 0, plan.c.seconds)
    return func.strftime("%Y-%m-%d %H:%M:%f000", at, plan.c.seconds.concat(" seconds"))


def copy_caches(tx: Connection, model: int, people: Sequence[int]) -> None:
    """Give people the study plan and the caches of what was met and is to be repeated of another person."""
    for table in (tables.study_plan, tables.met_item, tables.study_card):
        old, who = table.alias(), tables.person.alias()
        columns = [column.name for column in table.c]
        copied = select(*(who.c.id if name == "person_id" else old.c[name] for name in columns))
        wanted = (old.c.person_id == model) & who.c.id.in_(people)
        tx.execute(insert(table).from_select(columns, copied.select_from(old.join(who, wanted))))


def _go_on_counting(tx: Connection) -> None:
    if tx.dialect.name == "postgresql":
        for name in ("attempt", "form"):
            tx.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))")
            )
