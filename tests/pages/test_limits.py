"""What a hostile candidate, a guesser or a scraper runs into; and what nobody else ever meets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.errors import Busy, TooMany
from app.exam.person import Role
from app.pages import credentials
from app.pages.attempts import STARTS_A_DAY
from app.pages.credentials import FREE_TRIES, FREE_TRIES_BY_ADDRESS
from app.pages.depends import hash_token
from app.pages.site import NEWCOMERS_A_DAY, TRIES
from app.store import forms, tables
from app.store.database import Transaction
from tests.journeys.world import PASSWORD, Browser, World
from tests.packs import NOON, SHORT


@pytest.fixture
def newcomers(world: World) -> Iterator[World]:
    """A world in which nobody has come today."""
    world.site.newcomers.levels.clear()
    yield world
    world.site.newcomers.levels.clear()


# Guessing passwords ----------------------------------------


def guesses(world: World, tries: dict[str, int], length: timedelta, most: int) -> int:
    """How many passwords somebody can try who asks again at once whenever it is allowed."""
    now, end, count = NOON, NOON + length, 0
    with world.database.writing() as tx:
        while now < end and count < most:
            try:
                credentials.slow_down(tx, tries, now)
            except TooMany as wait:
                now += timedelta(seconds=wait.wait_seconds)
                continue
            credentials.failed(tx, tries, now)
            count += 1
    return count


def test_x12_hours_of_guessing_try_few_passwords(sqlite_world: World) -> None:
    hours = timedelta(hours=6)
    assert guesses(sqlite_world, {"x12-account": FREE_TRIES}, hours, 10_000) < 400
    assert guesses(sqlite_world, {"x12-address": FREE_TRIES_BY_ADDRESS}, hours, 10_000) < 2_000


def test_x12_without_limits_all_passwords_would_be_tried(sqlite_world: World) -> None:
    assert guesses(sqlite_world, {"x12-free": 10_000}, timedelta(minutes=1), 500) == 500


def test_x12_the_present_password_is_not_guessed_by_whoever_has_the_browser(world: World) -> None:
    person = world.account()
    fields = {"current": "a guess of it", "password": "another good one"}
    for _ in range(FREE_TRIES):
        assert person.post("/people/account/password", fields).status_code == 422
    answer = person.post("/people/account/password", fields | {"current": PASSWORD})
    assert answer.status_code == 429
    assert world.browser().log_in(person.name).status_code == 303  # nobody is locked out of logging in by it
    world.clock.pass_(seconds=int(answer.headers["retry-after"]))
    assert person.post("/people/account/password", fields | {"current": PASSWORD}).status_code == 200


def test_x12_asking_which_names_are_taken_is_slowed_down(world: World) -> None:
    known, curious = world.account(), world.browser()
    fields = {"name": known.name, "password": PASSWORD}
    address = {credentials.subject_of("address", _address(curious)): FREE_TRIES_BY_ADDRESS}
    with world.database.writing() as tx:
        for _ in range(FREE_TRIES_BY_ADDRESS - 1):
            credentials.failed(tx, address, world.clock.now())
    assert [curious.post("/people/register", fields).status_code for _ in range(2)] == [422, 429]


# Scraping the bank ----------------------------------------


def test_x20_a_person_starts_an_exam_so_often_in_a_day(fresh_world: World) -> None:
    person = fresh_world.account()
    for _ in range(STARTS_A_DAY):
        person.start().end()
        fresh_world.clock.pass_(minutes=3)
    refused = person.post("/attempts", {"exam": SHORT})
    assert refused.status_code == 429
    assert "within a day" in refused.text
    assert person.post("/attempts", {"exam": "piloted"}).status_code == 303
    fresh_world.clock.pass_(seconds=int(refused.headers["retry-after"]))
    person.start()
    assert person.post("/attempts", {"exam": SHORT}).status_code in (409, 429)


def test_x20_a_day_of_starts_shows_no_more_than_the_forms_have(fresh_world: World) -> None:
    person = fresh_world.account()
    for _ in range(STARTS_A_DAY):
        person.start().end()
    with fresh_world.database.reading() as tx:
        mine = select(tables.attempt.c.sheet).join(
            tables.person, tables.person.c.id == tables.attempt.c.person_id
        )
        sheets = tx.execute(mine.where(tables.person.c.name == person.name)).scalars().all()
    seen = {at["item"] for sheet in sheets for at in sheet}
    assert len(sheets) == STARTS_A_DAY
    assert len(seen) <= sum(len(sheet) for sheet in sheets)
    assert person.post("/attempts", {"exam": SHORT}).status_code == 429


def test_x20_always_new_people_from_one_address_are_stopped(newcomers: World) -> None:
    visitor = newcomers.browser()
    for _ in range(NEWCOMERS_A_DAY):
        newcomers.site.newcomers.take(hash_token(_address(visitor)), newcomers.clock.now().timestamp())
    for path, fields in (
        ("/attempts", {"exam": SHORT}),
        ("/people/register", {"name": "newcomer", "password": PASSWORD}),
    ):
        answer = visitor.post(path, fields)
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 60
    assert newcomers.browser().post("/attempts", {"exam": SHORT}).status_code == 303
    newcomers.clock.pass_(days=1)
    assert visitor.post("/attempts", {"exam": SHORT}).status_code == 303


def _address(visitor: Browser) -> str:
    """Where a visitor's requests come from."""
    address: str = visitor.client._transport.client[0]  # type: ignore[attr-defined]  # where httpx keeps it
    return address


# Writers that stand in one another's way ----------------------------------------


def contended(tx: Transaction, state: str) -> None:
    """What a deadlock or a serialization failure looks like, from PostgreSQL itself."""
    tx.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '{state}'; END $$")


@pytest.mark.parametrize("state", ["40001", "40P01"])
@pytest.mark.parametrize("failures", [1, TRIES])
def test_f08_a_write_that_lost_to_others_is_done_again(
    postgresql_world: World, state: str, failures: int
) -> None:
    calls: list[int] = []

    def work(tx: Transaction) -> str:
        calls.append(len(calls))
        forms.count(tx, SHORT)
        if len(calls) <= failures:
            contended(tx, state)
        return "done"

    assert postgresql_world.site.write(work) == "done"
    assert len(calls) == failures + 1


def test_f08_a_write_that_always_loses_is_given_up_and_told(postgresql_world: World) -> None:
    calls: list[int] = []

    def work(tx: Transaction) -> None:
        calls.append(len(calls))
        contended(tx, "40P01")

    with pytest.raises(Busy):
        postgresql_world.site.write(work)
    assert len(calls) == TRIES + 1


def test_f08_what_is_wrong_with_the_work_itself_is_not_tried_again(postgresql_world: World) -> None:
    calls: list[int] = []

    def work(_tx: Transaction) -> None:
        calls.append(len(calls))
        raise TooMany("planted", 1)

    with pytest.raises(TooMany):
        postgresql_world.site.write(work)
    assert len(calls) == 1


# Hostile text in every query ----------------------------------------

INJECTIONS = (
    "' OR '1'='1",
    "'; DROP TABLE person; --",
    '" OR 1=1 --',
    "1) UNION SELECT password_hash FROM person --",
    "\\'; SELECT pg_sleep(10); --",
    "%" * 90,
    "_" * 90,
    "{{7*7}}${7*7}",
    "\u0000",
    "\U0001f4a3\u202e",
)
SEARCHES = {
    "/audit": ("action", "name", "about"),
    "/packs/towers/items": ("text", "domain", "topic", "status", "sort", "finding", "service"),
    "/exams/short/items": ("text", "domain", "topic", "flag", "status", "sort", "order"),
    "/exams/short/items.csv": ("text", "sort"),
    "/people/log-in": ("next",),
    "/packs/imports": ("status",),
}


@pytest.mark.parametrize("path", SEARCHES)
def test_x16_no_query_is_ever_part_of_a_statement(world: World, path: str) -> None:
    admin = world.visitor(Role.ADMIN)
    before = world.fingerprint()
    for name in SEARCHES[path]:
        for text in INJECTIONS:
            answer = admin.send("GET", path, params={name: text})
            assert answer.status_code in (200, 422), (name, text)
            assert "argon2" not in answer.text
    assert world.fingerprint() == before


@pytest.mark.parametrize("text", INJECTIONS)
def test_x16_no_form_is_ever_part_of_a_statement(world: World, text: str) -> None:
    answer = world.browser().log_in(text, text)
    assert answer.status_code in (422, 429)
    assert world.browser().post("/people/register", {"name": text, "password": PASSWORD}).status_code == 422
    assert world.browser().post("/attempts", {"exam": text}).status_code in (404, 422)
