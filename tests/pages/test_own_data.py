"""One's own data: all of it as a file, and the end of an account."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from app.exam.person import Role
from app.store import own_data, tables
from tests.journeys.world import PASSWORD, Browser, Sitting, World


def secret(browser: Browser) -> str:
    """Words that nobody else writes."""
    return f"private-{browser.name or id(browser)}"


def lived(browser: Browser) -> Sitting:
    """An attempt that is over, with a note, a bookmark, a report of its question, and a published result."""
    sitting = browser.start()
    sitting.save(1, sitting.tokens(1))
    browser.put(f"{sitting.path}/scratchpad", {"text": f"{secret(browser)} pad"})
    sitting.end()
    browser.post(f"{sitting.report}/questions/1/note", {"text": secret(browser), "bookmarked": "true"})
    browser.post(f"{sitting.report}/questions/1/problem", {"text": "wrong"})
    browser.post(f"{sitting.report}/verification", {"name": "true"})
    return sitting


def count(world: World, name: str, column: str, value: int) -> int:
    """How many rows of a table have a value in a column."""
    table = tables.metadata.tables[name]
    with world.database.reading() as tx:
        many: int = tx.execute(
            select(func.count()).select_from(table).where(table.c[column] == value)
        ).scalar_one()
    return many


def everything(world: World) -> str:
    """All rows of all tables as text."""
    with world.database.reading() as tx:
        return "".join(repr(tx.execute(select(table)).all()) for table in tables.metadata.sorted_tables)


def test_answers_that_stay_say_nothing_of_what_was_expected(world: World) -> None:
    browser = world.account()
    sitting = browser.start(expected="80", expected_score="777")
    sitting.end()
    assert browser.get("/people/account/data.json").json()["attempt"][0]["expected_score"] == 777
    assert browser.post("/people/account/delete", {"password": PASSWORD, "keep": "true"}).status_code == 303
    one = world.attempt(sitting.attempt.id)
    assert (one.expected, one.expected_score) == (None, None)


def test_the_file_holds_what_is_stored_without_secrets(world: World) -> None:
    browser = world.account()
    sitting = lived(browser)
    document = browser.get("/people/account/data.json").json()
    assert document["person"][0]["name"] == browser.name
    assert document["note"][0]["text"] == secret(browser)
    assert document["item_report"][0]["text"] == "wrong"
    assert document["attempt"][0]["scratchpad"] == f"{secret(browser)} pad"
    assert [row["attempt_id"] for row in document["response"]] == [sitting.attempt.id]
    assert document["score"]
    text = str(document)
    assert not any(word in text for word in ("password_hash", "token_sha256", "argon2"))


def test_of_an_open_attempt_the_file_holds_no_sheet_and_no_answer(world: World) -> None:
    browser = world.account()
    sitting = browser.start()
    sitting.save(1, sitting.tokens(1))
    text = browser.get("/people/account/data.json").text
    for item in sitting.items.values():
        assert not any(option.id in text for option in item.options)
    assert browser.get("/people/account/data.json").json()["response"] == []


@pytest.mark.parametrize("keep", [True, False])
def test_a_deleted_account_leaves_nothing_personal(world: World, keep: bool) -> None:
    browser = world.account()
    sitting = lived(browser)
    person_id, attempt_id = sitting.attempt.person_id, sitting.attempt.id
    fields = {"password": PASSWORD, **({"keep": "true"} if keep else {})}
    assert browser.post("/people/account/delete", fields).status_code == 303
    left = everything(world)
    for word in (browser.name, secret(browser)):
        assert word not in left
    for name, column in own_data.OF_PERSON.items():
        assert count(world, name, column, person_id) == 0
    assert count(world, "published_result", "attempt_id", attempt_id) == 0
    for name in ("response", "response_event", "score"):
        assert bool(count(world, name, "attempt_id", attempt_id)) is keep
    assert bool(count(world, "attempt", "person_id", person_id)) is keep
    assert browser.get("/attempts").status_code == 303
    assert world.browser().log_in(browser.name).status_code == 422


def test_the_name_of_a_deleted_account_is_free_again(world: World) -> None:
    browser = world.account()
    browser.post("/people/account/delete", {"password": PASSWORD})
    answer = world.browser().post("/people/register", {"name": browser.name, "password": PASSWORD})
    assert answer.status_code == 303


def test_a_wrong_password_deletes_nothing(world: World) -> None:
    browser = world.account()
    before = world.fingerprint()
    assert browser.post("/people/account/delete", {"password": "another one"}).status_code == 422
    assert world.fingerprint() == before


def test_a_guest_says_that_they_are_sure(world: World) -> None:
    browser = world.browser()
    sitting = lived(browser)
    assert browser.post("/people/account/delete").status_code == 422
    assert browser.post("/people/account/delete", {"sure": "true"}).status_code == 303
    assert count(world, "attempt", "id", sitting.attempt.id) == 0


def test_an_open_attempt_is_abandoned_with_the_account(world: World) -> None:
    browser = world.account()
    sitting = browser.start()
    browser.post("/people/account/delete", {"password": PASSWORD, "keep": "true"})
    assert sitting.stored().clock.closed_at is not None


def test_the_only_administrator_stays(fresh_world: World) -> None:
    browser = fresh_world.account()
    with fresh_world.database.writing() as tx:
        tx.execute(tables.person.update().where(tables.person.c.name == browser.name).values(role=Role.ADMIN))
    assert browser.post("/people/account/delete", {"password": PASSWORD}).status_code == 409


def pointing() -> set[tuple[str, str]]:
    """Every column that points at a person or an attempt."""
    return {
        (table.name, column.name)
        for table in tables.metadata.sorted_tables
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name in ("person", "attempt")
    }


def test_every_column_that_points_at_a_person_or_an_attempt_has_a_rule() -> None:
    known = {*own_data.OF_PERSON.items(), *own_data.OF_ATTEMPT.items()}
    known |= {(name, column) for name, columns in own_data.LEFT.items() for column in columns}
    assert pointing() - known == set()


def test_the_file_holds_what_is_to_be_repeated_and_when(world: World) -> None:
    browser = world.account()
    sitting = browser.start()
    sitting.answer(right=0)
    sitting.end()
    assert browser.get("/study").status_code == 200  # what was missed enters the queue
    document = browser.get("/people/account/data.json").json()
    days = {row["due"] for row in document["study_card"]}
    assert days
    assert all(date.fromisoformat(day) >= world.clock.time.date() for day in days)
