"""Nothing is acknowledged before it is durable, and a database that is away is said so and survived."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from anyio.from_thread import BlockingPortal
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from app.pages.group_commit import GroupCommit
from app.pages.saves import SaveResponse
from app.store import attempts, responses, tables
from app.store.database import Database
from app.store.responses import Answer, Incoming, save_all
from tests.databases import command, of_name
from tests.journeys.fixtures import loaded
from tests.journeys.world import Sitting, World, open_world

CHANGES = ("INSERT", "UPDATE", "DELETE")


@contextmanager
def failing_commits(database: Database) -> Iterator[None]:
    """While inside, every transaction that changes something fails at its commit."""
    changed: set[int] = set()

    def notice(connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if statement.startswith(CHANGES):
            changed.add(id(connection))

    def fail(connection: Any) -> None:
        if id(connection) in changed:
            changed.remove(id(connection))
            raise OperationalError("COMMIT", {}, RuntimeError("the disk is full"))

    engine = database._writer
    event.listen(engine, "before_cursor_execute", notice)
    event.listen(engine, "commit", fail)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", notice)
        event.remove(engine, "commit", fail)


Do = Callable[[Sitting], httpx.Response]
UNSAFE: dict[str, Do] = {
    "save": lambda sitting: sitting.save(1, sitting.tokens(1)),
    "sheet": lambda sitting: sitting.browser.post(
        f"{sitting.path}/responses", {"rev-1": "0", "choice-1": sitting.tokens(1)}
    ),
    "start": lambda sitting: sitting.browser.post("/attempts", {"exam": "piloted"}),
    "end": lambda sitting: sitting.end(),
    "pause": lambda sitting: sitting.browser.post(f"{sitting.path}/pause"),
    "scratchpad": lambda sitting: sitting.browser.put(f"{sitting.path}/scratchpad", {"text": "notes"}),
    "register": lambda sitting: sitting.browser.post(
        "/people/register", {"name": f"late{sitting.attempt.id}", "password": "long enough!"}
    ),
}


def check_acknowledgement(sitting: Sitting, do: Do) -> None:
    """An answer that is not stored is not acknowledged."""
    world = sitting.browser.world
    before = world.fingerprint()
    with failing_commits(world.database):
        answer = do(sitting)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "set-cookie" not in answer.headers
    assert world.fingerprint() == before


@pytest.mark.parametrize("do", UNSAFE.values(), ids=UNSAFE)
def test_f07_nothing_is_acknowledged_when_its_commit_fails(world: World, do: Do) -> None:
    sitting = world.browser().start(mode="pausable")
    check_acknowledgement(sitting, do)
    assert do(sitting).status_code in (200, 204, 303)


class EarlyCommit(GroupCommit[Incoming, Answer]):
    """What must never be: it answers when the save is written, before its transaction ends."""

    def __init__(self, world: World) -> None:
        super().__init__(lambda group: [])
        self.world = world

    async def submit(self, work: Incoming) -> Answer:
        """The answer, before the commit."""
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Answer] = loop.create_future()

        def flush() -> None:
            with self.world.database.writing() as tx:
                (answer,) = save_all(tx, [work], self.world.site.sheets)
                loop.call_soon_threadsafe(answered.set_result, answer)

        flushing = loop.run_in_executor(None, flush)
        answer = await answered
        await asyncio.wait([flushing])
        flushing.exception()
        return answer


def save_endpoint(world: World) -> SaveResponse:
    """The endpoint of the saves."""
    found = [getattr(route, "endpoint", None) for route in world.app.router.routes]
    (endpoint,) = [each for each in found if isinstance(each, SaveResponse)]
    return endpoint


def test_an_acknowledgement_before_the_commit_is_caught(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(save_endpoint(world), "_commits", EarlyCommit(world))
    with pytest.raises(AssertionError, match="200 == 503"):
        check_acknowledgement(world.browser().start(), UNSAFE["save"])


def test_a_failed_commit_is_told_to_every_save_of_its_group(world: World) -> None:
    sittings = [world.browser().start() for _ in range(4)]

    async def together() -> list[int]:
        sent = [
            one.browser.client.put(f"{one.path}/responses/1", data=one.fields(one.tokens(1)))
            for one in sittings
        ]
        return [answer.status_code for answer in await asyncio.gather(*sent)]

    with failing_commits(world.database):
        assert world.portal.call(together) == [503] * 4
    assert world.portal.call(together) == [200] * 4


@contextmanager
def database_away(world: World, url: str) -> Iterator[None]:
    """While inside, the database cannot be reached, and its connections are broken."""
    parts = urlsplit(url)
    if world.database.is_sqlite:
        world.database.close()
        path = Path(parts.path.removeprefix("/"))
        kept = path.rename(path.with_suffix(".away"))
        path.mkdir()
        yield
        path.rmdir()
        kept.rename(path)
        return
    server, name = of_name(url, "postgres"), parts.path.removeprefix("/")
    command(server, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    command(server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    yield
    command(server, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_f04_without_the_database_nothing_is_acknowledged_and_afterwards_all_goes_on(
    fresh_world: World, database_url: str
) -> None:
    sitting = fresh_world.browser().start(mode="pausable")
    kept = sitting.fields(sitting.tokens(2))
    where = f"{sitting.path}/responses/2"
    with database_away(fresh_world, database_url):
        for name, do in UNSAFE.items():
            answer = do(sitting)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2"), name
        assert sitting.browser.put(where, kept).status_code == 503
        for path in ("/", sitting.path, f"{sitting.path}/state", "/readyz"):
            assert sitting.browser.get(path).status_code == 503, path
        assert sitting.browser.get("/healthz").status_code == 200
    assert fresh_world.browser().get("/readyz").status_code == 200
    with fresh_world.database.reading() as tx:
        assert responses.current(tx, sitting.attempt.id) == {}
        assert tx.execute(select(tables.attempt.c.id)).scalars().all() == [sitting.attempt.id]
    again = sitting.browser.put(where, kept)
    assert (again.status_code, again.headers["cutscore-rev"]) == (200, "1")


def test_f06_a_full_disk_is_said_and_reads_go_on(
    sqlite_url: str, tmp_path: Path, portal: BlockingPortal
) -> None:
    with open_world(loaded(sqlite_url), tmp_path, portal) as world:
        sitting = world.browser().start()
        with world.database.writing() as tx:
            pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
            tx.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        many = {"highlight": [f"{n}-9" for n in range(90)]}
        answers: list[httpx.Response] = []
        while not answers or (answers[-1].status_code == 200 and len(answers) < 90):
            fields = sitting.fields(sitting.tokens(1)) | many
            answers.append(sitting.browser.put(f"{sitting.path}/responses/1", fields))
        assert answers[-1].status_code == 503
        assert sitting.browser.get(sitting.path).status_code == 200
        with world.database.reading() as tx:
            assert len(responses.log(tx, sitting.attempt.id)) == len(answers) - 1
        with world.database.writing() as tx:
            tx.exec_driver_sql(f"PRAGMA max_page_count={pages + 1000}")
        assert sitting.save(1, sitting.tokens(1)).status_code == 200


def test_f31_x26_many_starts_at_once_open_one_exam(fresh_world: World) -> None:
    guest = fresh_world.browser()
    guest.start("piloted")

    async def together() -> list[int]:
        starts = [guest.client.post("/attempts", data={"exam": "short"}) for _ in range(20)]
        return [answer.status_code for answer in await asyncio.gather(*starts)]

    assert sorted(fresh_world.portal.call(together)) == [303] + [409] * 19
    with fresh_world.database.reading() as tx:
        assert len(attempts.not_closed(tx, 1, "short")) == 1


def test_f21_the_same_save_many_times_at_once_is_stored_once(world: World) -> None:
    sitting = world.browser().start()
    fields = sitting.fields(sitting.tokens(1))

    async def together() -> set[tuple[int, str]]:
        sent = [sitting.browser.client.put(f"{sitting.path}/responses/1", data=fields) for _ in range(20)]
        answers = await asyncio.gather(*sent)
        return {(answer.status_code, answer.headers["cutscore-rev"]) for answer in answers}

    assert world.portal.call(together) == {(200, "1")}
    with world.database.reading() as tx:
        assert len(responses.log(tx, sitting.attempt.id)) == 1


def test_f22_f32_many_ends_at_once_lead_to_one_report(world: World) -> None:
    sitting = world.browser().start()
    sitting.answer(right=2)

    async def together() -> set[str]:
        sent = [sitting.browser.client.post(f"{sitting.path}/end") for _ in range(10)]
        return {answer.headers["location"] for answer in await asyncio.gather(*sent)}

    assert world.portal.call(together) == {sitting.report}
    with world.database.reading() as tx:
        stored = select(tables.score.c.id).where(tables.score.c.attempt_id == sitting.attempt.id)
        assert len(tx.execute(stored).all()) == 1
