"""Fixtures of worlds. A world is costly, so most tests share one of each kind and bring their own people."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
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
def worlds(
    request: pytest.FixtureRequest, portal: BlockingPortal, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], World]]:
    """The shared world of a kind of database, made when it is first asked for."""
    with ExitStack() as stack:
        made: dict[str, World] = {}

        def of(kind: str) -> World:
            if kind not in made:
                folder = tmp_path_factory.mktemp("world")
                database = Database(_url(request, stack, kind, folder))
                with database.writing() as tx:
                    packs.load(tx, packs.pack())
                made[kind] = stack.enter_context(open_world(database, folder, portal))
            return made[kind]

        yield of


@pytest.fixture(params=("sqlite", "postgresql"))
def world(request: pytest.FixtureRequest, worlds: Callable[[str], World]) -> World:
    """A world with a pack loaded, shared with other tests; the test runs once for each kind of database."""
    shared = worlds(request.param)
    shared.clock.time, shared.clock.drifted = NOON, False
    return shared


@pytest.fixture
def fresh_world(database: Database, portal: BlockingPortal, tmp_path: Path) -> Iterator[World]:
    """A world of this test alone, with a pack loaded; the test runs once for each kind of database."""
    with database.writing() as tx:
        packs.load(tx, packs.pack())
    with open_world(database, tmp_path, portal) as made:
        yield made


def _url(request: pytest.FixtureRequest, stack: ExitStack, kind: str, folder: Path) -> str:
    if kind == "sqlite":
        path = folder / "cutscore.sqlite3"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}"
    template: str = request.getfixturevalue("migrated_postgresql")
    server: str = request.getfixturevalue("postgresql")
    name = f"cutscore_world_{os.getpid()}_{next(_numbers)}"
    return stack.enter_context(postgresql_database(server, name, template))
