"""What every test may use, databases at head, and what none may: the network beyond loopback."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from ipaddress import ip_address
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from app.store.database import Database
from tests.databases import WAIVER, migrate, postgresql_database, postgresql_server

BROWSER_WAIVER = "CUTSCORE_WITHOUT_BROWSER"
BOTH = ("sqlite", "postgresql")
_numbers = count(1)

# A busy machine makes no test wrong: examples have no deadline of their own. They are the same in every run, so that
# a failure is the fault of what was changed; `--hypothesis-profile=search` looks at other ones, `long` at very many.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, print_blob=True)
settings.register_profile("long", deadline=None, print_blob=True, max_examples=12_500)
settings.load_profile("same")


class OutsideNetworkError(AssertionError):
    """A test reached for the network beyond loopback."""


def _guard_network(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse to connect, send or resolve beyond loopback. An audit hook sees every way that Python knows."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # other addresses are local sockets
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    if host is not None and not _is_loopback(host.decode() if isinstance(host, bytes) else str(host)):
        raise OutsideNetworkError(f"{event}: {host} is not on this machine")


def _is_loopback(host: str) -> bool:
    try:
        return host in ("", "localhost") or ip_address(host).is_loopback
    except ValueError:
        return False


sys.addaudithook(_guard_network)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave browser tests out when, and only when, the variable says so."""
    if os.environ.get(BROWSER_WAIVER):
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=f"waived by {BROWSER_WAIVER}"))


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at head, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "cutscore.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server. Missing is a failure, unless it is waived."""
    if os.environ.get(WAIVER):
        pytest.skip(f"waived by {WAIVER}")
    with postgresql_server() as address:
        yield address


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql: str) -> Iterator[str]:
    """The name of a PostgreSQL database at head, to be copied."""
    name = f"cutscore_template_{os.getpid()}"
    with postgresql_database(postgresql, name) as address:
        migrate(address)
        yield name


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The address of a SQLite database at head, of this test alone."""
    path = tmp_path / "cutscore.sqlite3"
    shutil.copyfile(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgresql: str, migrated_postgresql: str) -> Iterator[str]:
    """The address of a PostgreSQL database at head, of this test alone."""
    name = f"cutscore_test_{os.getpid()}_{next(_numbers)}"
    with postgresql_database(postgresql, name, migrated_postgresql) as address:
        yield address


@pytest.fixture
def empty_postgresql_url(postgresql: str) -> Iterator[str]:
    """The address of a PostgreSQL database with nothing in it."""
    with postgresql_database(postgresql, f"cutscore_empty_{os.getpid()}_{next(_numbers)}") as address:
        yield address


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a database at head, of this test alone; the test runs once for each kind."""
    address: str = request.getfixturevalue(f"{request.param}_url")
    return address


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without a schema; the test runs once for each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    address: str = request.getfixturevalue("empty_postgresql_url")
    return address


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database at head, of this test alone; the test runs once for each kind."""
    made = Database(database_url)
    yield made
    made.close()
