"""`cutscore accounts`: who there is, and a way back in for who forgot the password."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from app.exam.person import Role
from app.pages.credentials import hash_password
from app.pages.depends import hash_token
from app.store import people
from app.store.database import Database
from tests.cli.conftest import Run


def add(tmp_path: Path, name: str) -> Database:
    """The database of the commands, with an account in it."""
    database = Database(f"sqlite:///{tmp_path / 'data' / 'cutscore.sqlite3'}")
    with database.writing() as tx:
        people.add(
            tx,
            name=name,
            password_hash=hash_password("long enough!"),
            role=Role.CANDIDATE,
            is_guest=False,
            now=datetime.now(UTC),
        )
    return database


def test_without_accounts_the_list_is_empty(run: Run) -> None:
    assert run("accounts", "list").out == ""


def test_accounts_are_listed_with_their_roles(run: Run, tmp_path: Path) -> None:
    run("accounts", "list")
    add(tmp_path, "keeper").close()
    assert run("accounts", "list").out == "keeper\tcandidate\n"


def test_a_password_link_is_printed_and_works(run: Run, tmp_path: Path) -> None:
    run("accounts", "list")
    database = add(tmp_path, "keeper")
    result = run("accounts", "password-link", "Keeper")
    assert result.status == 0
    address, _, token = result.out.strip().rpartition("/")
    assert address == "http://127.0.0.1:8000/people/links"
    with database.reading() as tx:
        assert people.link(tx, hash_token(token), datetime.now(UTC)).purpose == "password"
    database.close()


def test_nobody_gets_no_link(run: Run) -> None:
    result = run("accounts", "password-link", "nobody")
    assert (result.status, result.out) == (1, "")
    assert "no account 'nobody'" in result.err
