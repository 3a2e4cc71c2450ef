"""F26: a database of every earlier revision, with exams under way, is brought to head: they are as they were, and
go on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, func, insert, select, text

from app.exam.attempt import Attempt, Ending, Outcome
from app.store import attempts, responses, scores
from app.store.database import Database, _alembic
from app.store.responses import Saved, Sheets
from tests.conftest import BOTH
from tests.databases import postgresql_database
from tests.packs import NOON
from tests.store.bench import Bench, Someone, incoming, open_bench

OPEN = 5
EARLIER = sorted(each.revision for each in ScriptDirectory.from_config(_alembic()).walk_revisions())[:-1]
_numbers = count(1)


@pytest.fixture(params=BOTH)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    """Two databases of one kind without a schema."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            urls = [f"sqlite:///{tmp_path / name}" for name in ("head", "old")]
        else:
            server = request.getfixturevalue("postgresql")
            names = [f"cutscore_upgrade_{os.getpid()}_{next(_numbers)}" for _ in range(2)]
            urls = [stack.enter_context(postgresql_database(server, name)) for name in names]
        one, other = (Database(url) for url in urls)
        yield one, other
        one.close()
        other.close()


def sitting(bench: Bench) -> list[tuple[Someone, Attempt]]:
    """Exams under way, some answers in each."""
    made = []
    for number in range(OPEN):
        who = bench.someone()
        attempt = bench.start(who)
        for position in range(1, 3):
            bench.save(incoming(who, attempt.id, position, bench.tokens(position, [number % 2])))
        made.append((who, attempt))
    return made


def reflected(tx: Connection) -> dict[str, Table]:
    """The tables of a database as it is, in the order in which rows can be put in."""
    metadata = MetaData()
    metadata.reflect(tx)
    return {table.name: table for table in metadata.sorted_tables if table.name != "alembic_version"}


def stored(tx: Connection, columns: dict[str, list[str]]) -> dict[str, list[str]]:
    """All rows of these columns."""
    tables = reflected(tx)
    asked = {name: select(*(tables[name].c[each] for each in wanted)) for name, wanted in columns.items()}
    return {name: sorted(repr(tuple(row)) for row in tx.execute(rows)) for name, rows in asked.items()}


def take_back(head: Database, old: Database) -> dict[str, list[str]]:
    """Fill a database of an earlier revision with the rows of one at head, as far as it has tables and columns for
    them; which those are."""
    copied: dict[str, list[str]] = {}
    with head.reading() as source, old.writing() as target:
        new = reflected(source)
        for name, table in reflected(target).items():
            if name not in new:
                continue
            copied[name] = [column.name for column in table.columns if column.name in new[name].c]
            wanted = select(*(new[name].c[each] for each in copied[name])).order_by(
                *new[name].primary_key.columns
            )
            found = [dict(row) for row in source.execute(wanted).mappings()]
            if found:
                target.execute(insert(table), found)
            if found and "id" in table.c and target.dialect.name == "postgresql":
                sequence = func.pg_get_serial_sequence(name, "id")
                largest = select(func.max(table.c.id)).scalar_subquery()
                if target.execute(select(sequence)).scalar_one() is not None:
                    target.execute(select(func.setval(sequence, largest)))
    return copied


@pytest.mark.parametrize("revision", EARLIER)
def test_f26_exams_under_way_are_the_same_after_an_upgrade_and_go_on(
    pair: tuple[Database, Database], revision: str
) -> None:
    head, database = pair
    head.upgrade()
    bench = open_bench(head)
    under_way = sitting(bench)
    database.upgrade(revision)
    columns = take_back(head, database)
    with database.reading() as tx:
        before = stored(tx, columns)
    assert len(before["attempt"]) == OPEN
    assert len(before["response_event"]) == 2 * OPEN

    database.upgrade()

    assert database.at_head()
    with database.reading() as tx:
        assert stored(tx, {name: columns[name] for name in before}) == before
    for who, attempt in under_way:
        with database.writing() as tx:
            saves = [incoming(who, attempt.id, 3, bench.tokens(3, [0]))]
            (answer,) = responses.save_all(tx, saves, Sheets())
            assert isinstance(answer, Saved)
            assert (answer.outcome, answer.response.rev) == (Outcome.ACCEPTED, 1)
        with database.writing() as tx:
            scores.close(tx, attempts.get(tx, attempt.id, who.id), Ending.SUBMITTED, NOON)
            assert len(scores.of(tx, attempt.id).score.marks) == len(attempt.sheet.items)


def test_an_upgrade_that_changes_an_answer_is_caught(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    sitting(open_bench(database))
    columns = {"response": ["attempt_id", "position", "choice"]}
    with database.reading() as tx:
        before = stored(tx, columns)
    with database.writing() as tx:
        tx.execute(text("UPDATE response SET choice = '[]' WHERE position = 1 AND attempt_id = 1"))
    with database.reading() as tx:
        assert stored(tx, columns) != before
    database.close()
