"""Benches: one for each kind of database, shared by tests that keep to people of their own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.database import Database
from tests.databases import postgresql_database
from tests.store.bench import Bench, open_bench


@pytest.fixture(scope="session")
def sqlite_bench(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The shared bench on SQLite."""
    path = tmp_path_factory.mktemp("bench") / "cutscore.sqlite3"
    shutil.copyfile(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}")
    yield open_bench(database)
    database.close()


@pytest.fixture(scope="session")
def postgresql_bench(postgresql: str, migrated_postgresql: str) -> Iterator[Bench]:
    """The shared bench on PostgreSQL."""
    with postgresql_database(postgresql, f"cutscore_bench_{os.getpid()}", migrated_postgresql) as url:
        database = Database(url)
        yield open_bench(database)
        database.close()


@pytest.fixture(params=("sqlite", "postgresql"))
def bench(request: pytest.FixtureRequest) -> Bench:
    """A bench, shared with other tests; the test runs once for each kind of database."""
    made: Bench = request.getfixturevalue(f"{request.param}_bench")
    return made


@pytest.fixture
def own(database: Database) -> Bench:
    """A bench of this test alone."""
    return open_bench(database)
