"""The database: engines, transactions, migrations. SQLite for one process, PostgreSQL for a fleet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import URL, Connection, Engine, ExceptionContext, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.errors import Busy, Invalid, Unavailable
from app.settings import ROOT

Transaction = Connection
"""What pages hand to the functions of store/: a connection in a transaction."""

POOL_SIZE = 10
BUSY_SECONDS = 5
CONTENDED = {"40001", "40P01"}
"""What PostgreSQL says when transactions stood in one another's way: serialization failure, deadlock."""
# A database machine that vanishes without a word is given up after about ten seconds, not after the system's minutes.
_KEEPALIVE = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # ms that sent data may stay unacknowledged
}
_TURNS = {"migrate": 74170, "load": 74171}


class Database:
    """One database. `reading` and `writing` give a transaction each; leaving `writing` commits, durably.

    SQLite has one writer: its transactions begin IMMEDIATE, since a deferred one that turns into a write fails
    with "database is locked" under load. Reads go to an engine of their own and never wait for it.
    """

    def __init__(self, url: str, pool_size: int = POOL_SIZE) -> None:
        self.url = url
        parsed = _parsed(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            if parsed.database:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            shared = {
                "max_overflow": 0,
                "connect_args": {"timeout": BUSY_SECONDS},
                "hide_parameters": True,
            }
            self._writer = create_engine(parsed, pool_size=1, **shared)
            self._reader = create_engine(parsed, pool_size=pool_size, **shared)
            _tune_sqlite(self._writer, "BEGIN IMMEDIATE")
            _tune_sqlite(self._reader, "BEGIN")
        else:
            self._writer = create_engine(
                parsed,
                pool_size=pool_size,
                max_overflow=0,
                hide_parameters=True,  # errors end in logs, and logs hold no answers, names or hashes
                pool_timeout=BUSY_SECONDS,
                pool_use_lifo=True,
                connect_args={
                    "connect_timeout": BUSY_SECONDS,
                    "application_name": "cutscore",
                    **_KEEPALIVE,
                },
            )
            _leave_standbys(self._writer)
            self._reader = self._writer

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent read. Raises Unavailable when the database cannot be reached."""
        with _available(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A write: durable once left, undone when left by an exception. Raises Unavailable."""
        with _available(), self._writer.begin() as connection:
            yield connection

    def upgrade(self, revision: str = "head") -> None:
        """Bring the schema to `revision` by the migrations."""
        with self.writing() as connection:
            take_turns(connection, "migrate")  # one migrates, the others wait
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, revision)

    def at_head(self) -> bool:
        """Whether the schema is the one this program was written for, or a later one. Raises Unavailable.

        A later one comes from a newer server that was started beside this one: this one goes on until it is replaced.
        """
        script = ScriptDirectory.from_config(_alembic())
        heads, known = set(script.get_heads()), {each.revision for each in script.walk_revisions()}
        with self.reading() as connection:
            current = set(MigrationContext.configure(connection).get_current_heads())
        return current == heads or not (current <= known)

    def revision(self) -> str:
        """The migration that the schema is at; empty before the first. Raises Unavailable."""
        with self.reading() as connection:
            return ", ".join(MigrationContext.configure(connection).get_current_heads())

    def close(self) -> None:
        """Give all connections back."""
        self._writer.dispose()
        self._reader.dispose()


def take_turns(tx: Connection, what: Literal["migrate", "load"]) -> None:
    """Wait until no other transaction does the same, and let the next one wait until this one ends.

    For what several servers do at their start. On SQLite writers take turns anyway.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _TURNS[what]})


def insert_or(tx: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say ON CONFLICT, in the dialect at hand."""
    return postgresql.insert(table) if tx.dialect.name == "postgresql" else sqlite.insert(table)


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return config


def _parsed(url: str) -> URL:
    """The address, for psycopg 3 where it is of PostgreSQL.

    Several hosts may be named as libpq does, `host-1:5432,host-2:5432`: the first one that answers as
    `target_session_attrs` demands is used, so that the server finds the new primary after a failover.
    """
    parts = urlsplit(url)
    who, at, hosts = parts.netloc.rpartition("@")
    if "," in hosts:
        named = [f"host={quote(host)}" for host in hosts.split(",")]
        query = "&".join([*named, parts.query] if parts.query else named)
        url = f"{parts.scheme}://{who}{at}{parts.path}?{query}"
    parsed = make_url(url)
    is_plain = parsed.drivername in ("postgres", "postgresql")
    return parsed.set(drivername="postgresql+psycopg") if is_plain else parsed


def _leave_standbys(engine: Engine) -> None:
    """What takes no writes any more is no longer the primary: its connections are given up as broken."""

    @event.listens_for(engine, "handle_error")
    def failed(context: ExceptionContext) -> None:
        if isinstance(context.original_exception, ReadOnlySqlTransaction):
            context.is_disconnect = True


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError) as error:
        if getattr(getattr(error, "orig", None), "sqlstate", None) in CONTENDED:
            raise Busy(
                "Others were writing the same at that moment. Nothing was stored; try again."
            ) from error
        raise Unavailable(
            "The database cannot be reached. Nothing was stored; try again in a moment."
        ) from error
    except DataError as error:
        raise Invalid(
            "This holds characters or numbers that cannot be stored. Nothing was changed."
        ) from error
    except DBAPIError as error:
        # PostgreSQL's own troubles, as a file that cannot grow: codes of class XX.
        code: str = getattr(error.orig, "sqlstate", None) or ""
        if isinstance(error, InternalError) and code.startswith("XX"):
            raise Unavailable(
                "The database has a fault. Nothing was stored; try again in a moment."
            ) from error
        if error.connection_invalidated:
            raise Unavailable("The connection to the database was lost. Try again in a moment.") from error
        raise


def _tune_sqlite(engine: Engine, begin: str) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
