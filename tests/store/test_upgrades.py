"""F26: a database of every earlier revision, with exams under way, is brought to head: they are as they were, and
go on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, insert, select

from app.exam.attempt import Ending
from app.exam.clock import State
from app.store import attempts, database as module, responses, scores
from app.store.database import Database
from app.store.responses import Saved, Sheets
from tests.packs import NOON
from tests.store.bench import Bench, Someone, incoming, open_bench

OPEN = 5
LARGEST_LOCK = 2  # seconds that saves may have to wait for an upgrade
"""Written down for the reader: docs/operating.md has what it was. A time fails no test."""
REVISIONS = [each.revision for each in ScriptDirectory.from_config(module._alembic()).walk_revisions()]
EARLIER = sorted(REVISIONS[1:])
_numbers = count(1)


def reflected(tx: Connection) -> dict[str, Table]:
    """The tables of a database as it is, in the order in which rows can be put in."""
    metadata = MetaData()
    metadata.reflect(tx)
    return {table.name: table for table in metadata.sorted_tables if table.name != "alembic_version"}


def rows(tx: Connection, columns: dict[str, list[str]]) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of these columns."""
    tables = reflected(tx)
    return {
        name: sorted(map(tuple, tx.execute(select(*(tables[name].c[column] for column in wanted)))), key=repr)
        for name, wanted in columns.items()
    }


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
            found = source.execute(select(*(new[name].c[column] for column in copied[name]))).mappings().all()
            if found:
                target.execute(insert(table), [dict(row) for row in found])
    return copied
