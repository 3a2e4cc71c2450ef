"""A database in which many have sat an exam: made once for each kind, and copied for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from app.exam.pack import Cut, MultipleAnswer
from app.exam.parameter_version import first
from app.store import packs, parameters
from app.store.database import Database
from tests.databases import of_name, postgresql_database
from tests.journeys.fixtures import portal
from tests.packs import NOON, exam, item, load, pack
from tests.population import Population

__all__ = ["portal"]

LONG = "long"
CANDIDATES, REPEATERS = 30, 3
ATTEMPTS = CANDIDATES + 2 * REPEATERS
_numbers = count(1)


def crowded(url: str) -> None:
    """Forty items, and an exam of sixteen and four pilots that CANDIDATES sat: ATTEMPTS, for REPEATERS came again."""
    made = pack(
        exams=[
            exam(
                LONG,
                items=20,
                pilots=4,
                minutes=40,
                cut=Cut(11.5, "for the tests"),
                multiple_answer=MultipleAnswer(3, 8),
            )
        ],
        items=[item(f"tower{n:02}", f"D{n % 2 + 1}", keys=2 if n % 3 == 0 else 1) for n in range(40)],
    )
    database = Database(url)
    with database.writing() as tx:
        load(tx, made)
        stored = packs.exam(tx, LONG)
        items = packs.bank(tx, stored.pack_version_id).values()
        parameters.add(tx, first(items, stored.exam), "The first bank", NOON, adopted=True)
    Population(database, LONG, seed=1).sit(CANDIDATES - REPEATERS)
    Population(database, LONG, seed=2).sit(REPEATERS, mocks=3)
    database.close()


@pytest.fixture(scope="session")
def crowded_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the crowd in it, to be copied."""
    path = tmp_path_factory.mktemp("crowd") / "cutscore.sqlite3"
    shutil.copyfile(migrated_sqlite, path)
    crowded(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def crowded_postgresql(postgresql: str, migrated_postgresql: str) -> Iterator[str]:
    """The name of a PostgreSQL database with the crowd in it, to be copied."""
    name = f"cutscore_crowd_{os.getpid()}"
    with postgresql_database(postgresql, name, migrated_postgresql) as url:
        crowded(url)
        yield name


@pytest.fixture
def sqlite_crowd(crowded_sqlite: Path, tmp_path: Path) -> str:
    """The address of a SQLite database with the crowd, of this test alone."""
    path = tmp_path / "crowd.sqlite3"
    shutil.copyfile(crowded_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_crowd(postgresql: str, crowded_postgresql: str) -> Iterator[str]:
    """The address of a PostgreSQL database with the crowd, of this test alone."""
    name = f"cutscore_crowd_{os.getpid()}_{next(_numbers)}"
    with postgresql_database(postgresql, name, crowded_postgresql):
        yield of_name(postgresql, name)


@pytest.fixture
def quick_crowd(sqlite_crowd: str) -> Iterator[Database]:
    """A SQLite database with the crowd, for what is the same on every kind."""
    database = Database(sqlite_crowd)
    yield database
    database.close()


@pytest.fixture(params=("sqlite", "postgresql"))
def crowd(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with the crowd, of this test alone; the test runs once for each kind."""
    database = Database(request.getfixturevalue(f"{request.param}_crowd"))
    yield database
    database.close()
