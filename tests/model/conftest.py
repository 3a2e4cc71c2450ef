"""Sites for the machine, one kind for each kind of database."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import postgresql_database
from tests.model.site import Sites, fill


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """The event loop of all sites."""
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="session")
def sqlite_sites(
    runner: asyncio.Runner, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Sites:
    """Sites on SQLite."""
    folder = tmp_path_factory.mktemp("model")
    template = folder / "template.sqlite3"
    shutil.copyfile(migrated_sqlite, template)
    fill(f"sqlite:///{template}")
    return Sites(f"sqlite:///{template}", folder, runner)


@pytest.fixture(scope="session")
def postgresql_sites(
    runner: asyncio.Runner,
    postgresql: str,
    migrated_postgresql: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Sites]:
    """Sites on PostgreSQL."""
    name = f"model_template_{os.getpid()}"
    with postgresql_database(postgresql, name, migrated_postgresql) as template:
        fill(template)
        yield Sites(template, tmp_path_factory.mktemp("model"), runner)


@pytest.fixture(params=("sqlite", "postgresql"))
def sites(request: pytest.FixtureRequest) -> Sites:
    """Sites; the test runs once for each kind of database."""
    made: Sites = request.getfixturevalue(f"{request.param}_sites")
    return made
