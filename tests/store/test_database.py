"""The database: what a commit is worth."""

from __future__ import annotations

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
