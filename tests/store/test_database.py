"""The database: what a commit is worth, where it is on several hosts, and one that is no longer the primary."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app.errors import Unavailable
from app.store import database as module
from app.store.database import Database

FULL = 2  # what SQLite calls synchronous=FULL


def test_f05_every_commit_is_synced(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.writing() as tx:
        found = {
            name: tx.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("synchronous", "journal_mode", "foreign_keys")
        }
    database.close()
    assert found == {"synchronous": FULL, "journal_mode": "wal", "foreign_keys": 1}


def test_the_revision_is_the_one_at_head(database: Database) -> None:
    assert database.at_head()
    assert database.revision().isdecimal()


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("postgresql://me:secret@one:5432,two:5433/exams?target_session_attrs=read-write", "one,two"),
        ("postgresql://one,two/exams?target_session_attrs=read-write", "one,two"),
        (
            "postgresql://me:secret@/exams?host=one:5432&host=two:5433&target_session_attrs=read-write",
            "one,two",
        ),
    ],
)
def test_several_hosts_can_be_named_as_libpq_does(url: str, hosts: str) -> None:
    parsed = module._parsed(url)
    _, options = parsed.get_dialect()().create_connect_args(parsed)
    assert (options["host"], options["dbname"]) == (hosts, "exams")
    assert options["target_session_attrs"] == "read-write"


def test_a_database_that_takes_no_writes_any_more_is_left_and_found_again(postgresql_url: str) -> None:
    database = Database(postgresql_url)

    def write() -> int:
        with database.writing() as tx:
            tx.execute(text("DELETE FROM log_in_failure"))
            process: int = tx.execute(text("SELECT pg_backend_pid()")).scalar_one()
            return process

    before = write()
    with database.writing() as tx:
        tx.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
    with pytest.raises(Unavailable):
        write()
    assert write() != before
    database.close()
