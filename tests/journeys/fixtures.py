"""Fixtures of worlds. A world is costly, so most tests share one of each kind and bring their own people."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from app.store.database import Database
from tests import packs
from tests.databases import postgresql_database
from tests.journeys.world import World, event_loop, open_world
from tests.packs import NOON

_numbers = count(1)


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """The event loop of all worlds."""
    with event_loop() as made:
        yield made


@pytest.fixture(scope="session")
def sqlite_world(
    portal: BlockingPortal, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The shared world on SQLite."""
    folder = tmp_path_factory.mktemp("world")
    shutil.copyfile(migrated_sqlite, folder / "cutscore.sqlite3")
    with open_world(loaded(f"sqlite:///{folder / 'cutscore.sqlite3'}"), folder, portal) as made:
        yield made


@pytest.fixture(scope="session")
def postgresql_world(
    portal: BlockingPortal,
    postgresql: str,
    migrated_postgresql: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """The shared world on PostgreSQL."""
    folder = tmp_path_factory.mktemp("world")
    with (
        postgresql_database(
            postgresql, f"cutscore_world_{os.getpid()}_{next(_numbers)}", migrated_postgresql
        ) as url,
        open_world(loaded(url), folder, portal) as made,
    ):
        yield made


@pytest.fixture(params=("sqlite", "postgresql"))
def world(request: pytest.FixtureRequest) -> World:
    """A world with a pack loaded, shared with other tests; the test runs once for each kind of database."""
    shared: World = request.getfixturevalue(f"{request.param}_world")
    shared.clock.time, shared.clock.drifted = NOON, False
    return shared


@pytest.fixture
def fresh_world(database_url: str, portal: BlockingPortal, tmp_path: Path) -> Iterator[World]:
    """A world of this test alone, with a pack loaded; the test runs once for each kind of database."""
    with open_world(loaded(database_url), tmp_path, portal) as made:
        yield made


def loaded(url: str) -> Database:
    """A database with the pack in it."""
    database = Database(url)
    with database.writing() as tx:
        packs.load(tx, packs.pack())
    return database
