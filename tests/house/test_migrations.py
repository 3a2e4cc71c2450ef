"""The migrations lead to the schema in app/store/tables.py, and can be run by anybody at any time."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from app.store.database import Database
from app.store.tables import metadata


def differences(connection: Connection) -> list[Any]:
    """What would have to be migrated for the database to be as tables.py says."""
    options = {"compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def test_the_migrations_make_the_schema_of_tables(database: Database) -> None:
    with database.reading() as tx:
        assert differences(tx) == []


def test_a_schema_that_differs_is_caught(database: Database) -> None:
    with database.writing() as tx:
        tx.execute(text("ALTER TABLE person ADD COLUMN motto VARCHAR(10)"))
        tx.execute(text("DROP INDEX uq_attempt_open_mock"))
    with database.reading() as tx:
        kinds = {difference[0] for difference in differences(tx)}
    assert kinds == {"remove_column", "add_index"}


def test_a_database_without_a_schema_is_not_at_head(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    assert not database.at_head()
    database.close()


def test_an_upgrade_leads_to_head_and_a_second_one_changes_nothing(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    database.upgrade()
    database.upgrade()
    assert database.at_head()
    database.close()


def test_f26_an_upgrade_keeps_what_is_stored(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    database.upgrade("0001")
    with database.writing() as tx:
        tx.execute(text("INSERT INTO pack (id) VALUES ('old')"))
        tx.execute(
            text(
                "INSERT INTO pack_version (pack_id, version, sha256, title, head, domains, faults, loaded_at) "
                "VALUES ('old', '1', 'x', 'Old', '{}', '[]', '[]', '2026-01-01 00:00:00')"
            )
        )
    database.upgrade()
    with database.reading() as tx:
        stored = tx.execute(text("SELECT pack_id, version, based_on_id FROM pack_version")).all()
    assert [tuple(row) for row in stored] == [("old", "1", None)]
    database.close()
