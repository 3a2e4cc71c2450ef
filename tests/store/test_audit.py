"""The audit log as it is stored: part of its transaction, in one chain, and no edit behind its back is hidden."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from app.errors import Conflict
from app.exam.audit import Head, Verdict, check
from app.store import audit
from app.store.database import Database, Transaction
from tests.packs import NOON


def write(database: Database, *subjects: str) -> None:
    """Add entries, each in a transaction of its own."""
    for subject in subjects:
        with database.writing() as tx:
            after = {"said": 'Ünïcode "quoted"', "part": 0.1, "items": ["a", "b"], "none": None}
            audit.record(tx, NOON, None, "tried", subject, before={"n": 1}, after=after)


def _refused(tx: Transaction) -> None:
    audit.record(tx, NOON, None, "tried", "two")
    raise Conflict("planted")


def verdict(database: Database, known: Head | None = None) -> Verdict:
    """What a check comes to."""
    with database.reading() as tx:
        return check(audit.everything(tx), audit.head(tx), known)


def test_entries_hold_together(database: Database) -> None:
    assert verdict(database).entries == 0
    write(database, "one", "two", "three")
    found = verdict(database)
    assert (found.entries, found.breaches, found.head.number) == (3, (), 3)


def test_an_entry_stands_when_its_transaction_does(database: Database) -> None:
    write(database, "one")
    with pytest.raises(Conflict), database.writing() as tx:
        _refused(tx)
    write(database, "three")
    assert (verdict(database).entries, verdict(database).breaches) == (2, ())


def test_writers_at_once_make_one_chain(database: Database) -> None:
    together = threading.Barrier(4)

    def one(name: str) -> None:
        together.wait()
        write(database, *(f"{name}{n}" for n in range(5)))

    threads = [threading.Thread(target=one, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (verdict(database).entries, verdict(database).breaches) == (20, ())


TAMPERED = {
    "edited": "UPDATE audit_entry SET subject = 'four' WHERE number = 2",
    "moved in time": "UPDATE audit_entry SET at = '2020-01-01 00:00:00.000000' WHERE number = 2",
    "removed": "DELETE FROM audit_entry WHERE number = 2",
    "removed at the end": "DELETE FROM audit_entry WHERE number = 3",
    "inserted": "INSERT INTO audit_entry SELECT 4, at, who, action, subject, before, after, previous_sha256, sha256 "
    "FROM audit_entry WHERE number = 3",
    "shortened with its head": "UPDATE audit_head SET number = 2",
}


@pytest.mark.parametrize("sql", TAMPERED.values(), ids=TAMPERED)
def test_x19_an_entry_that_was_tampered_with_is_seen(database: Database, sql: str) -> None:
    write(database, "one", "two", "three")
    assert not verdict(database).breaches
    with database.writing() as tx:
        tx.execute(text(sql))
    assert verdict(database).breaches


def test_lines_are_found_by_what_by_whom_and_to_what(database: Database) -> None:
    write(database, "exam one", "exam two", "100% odd")
    with database.reading() as tx:
        assert [line.entry.number for line in audit.lines(tx, 2)] == [3, 2]
        assert [line.entry.number for line in audit.lines(tx, 9, about="exam", before=2)] == [1]
        assert [line.entry.subject for line in audit.lines(tx, 9, about="%")] == ["100% odd"]
        assert audit.lines(tx, 9, action="other") == audit.lines(tx, 9, name="nobody") == ()
        assert audit.actions(tx) == ("tried",)
