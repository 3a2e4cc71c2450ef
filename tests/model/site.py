"""The application as the machine drives it: real requests straight into it, a clock to set, crashes."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message

from app.exam.attempt import Attempt
from app.exam.item import Item
from app.exam.pack import Pack
from app.exam.person import Role
from app.main import create_app
from app.settings import Settings
from app.store import attempts, people, regrades, tables
from app.store import packs as stored_packs
from app.store.database import Database, Transaction
from tests import packs
from tests.bench.wire import HOST, Answer, Request
from tests.databases import postgresql_database
from tests.journeys.world import SetClock
from tests.packs import NOON

TOWERS = 24
_numbers = count(1)


@dataclass
class Site:
    """One server on one database. `crash` leaves nothing of it but the database."""

    url: str
    runner: asyncio.Runner
    routes: list[BaseRoute]
    clock: SetClock = field(default_factory=SetClock)
    editions: list[int] = field(default_factory=lambda: [1] * TOWERS)
    requests: int = 0

    def __post_init__(self) -> None:
        self.database = _unsynced(Database(self.url))
        self._eyes = _unsynced(Database(self.url, pool_size=1))
        self._eye = self._eyes._reader.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._serve()

    def _serve(self) -> None:
        app = create_app(Settings(trusted_hosts=(HOST,), packs=()), self.database)
        app.state.site.clock = self.clock
        # The framework works a route out when it is first asked for, which takes longer than most requests. Routes
        # remember nothing else, so those of the first server do for all. The save, first of them, stays its own.
        if not self.routes:
            self.routes.extend(app.router.routes[1:])
        app.router.routes[1:] = self.routes
        self.app = app

    def crash(self) -> None:
        """Begin anew with what is in the database: no connection stays, and nothing that was remembered."""
        self.database.close()
        self._serve()

    def close(self) -> None:
        """Let go of the database."""
        self._eye.close()
        self._eyes.close()
        self.database.close()

    @contextmanager
    def looking(self) -> Iterator[Transaction]:
        """What is stored, by a connection of our own, which outlives crashes."""
        with self._eye.begin():
            yield self._eye

    @contextmanager
    def dying_before_commits(self) -> Iterator[None]:
        """While inside, the process dies before any commit, and the connection with it; then it starts again."""

        def die(_connection: Any) -> None:
            raise OperationalError("COMMIT", {}, RuntimeError("killed"))

        event.listen(self.database._writer, "commit", die)
        yield
        event.remove(self.database._writer, "commit", die)
        self.crash()

    def ask(self, *requests: Request) -> list[Answer]:
        """The answers to requests that are under way at the same time."""

        self.requests += len(requests)

        async def together() -> list[Answer]:
            return list(await asyncio.gather(*(_asked(self.app, request) for request in requests)))

        return self.runner.run(together())

    def attempt(self, attempt_id: int) -> Attempt:
        """An attempt as it is stored."""
        with self.looking() as tx:
            owner = select(tables.attempt.c.person_id).where(tables.attempt.c.id == attempt_id)
            return attempts.get(tx, attempt_id, tx.execute(owner).scalar_one())

    def items(self, attempt: Attempt) -> list[Item]:
        """Its items in form order, with their keys."""
        ids = [at.item_version_id for at in attempt.sheet.items]
        with self.looking() as tx:
            found = stored_packs.items(tx, ids)
        return [found[item_version_id] for item_version_id in ids]

    def edit(self, tower: int) -> None:
        """A new version of one item of the pack."""
        self.editions[tower] += 1
        with self.database.writing() as tx:
            packs.load(tx, edition(self.editions), self.clock.now())

    def correct(self, item_version_id: int, key: frozenset[str] | None) -> None:
        """A correction, recorded; reports take it in when they are looked at."""
        with self.database.writing() as tx:
            regrades.add(tx, item_version_id, key, None, "A reason.", self.clock.now(), 1)


async def _asked(app: ASGIApp, request: Request) -> Answer:
    answer = Answer()

    async def receive() -> Message:
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        else:
            answer.body += message.get("body", b"")

    await app(request.scope(), receive, send)
    return answer


def _unsynced(database: Database) -> Database:
    """Here the process dies, never the machine, so nothing need be on the disk. PostgreSQL's server knows already."""
    if database.is_sqlite:
        for engine in (database._writer, database._reader):
            event.listen(
                engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF")
            )
    return database


def edition(editions: Sequence[int]) -> Pack:
    """The pack with its items in these editions."""
    items = [
        packs.item(
            f"tower{n:02}",
            f"D{n % 2 + 1}",
            keys=2 if n % 3 == 0 else 1,
            version=number,
            edition=f", for the {number}th time" if number > 1 else "",
        )
        for n, number in enumerate(editions)
    ]
    return packs.pack(version=f"1.0.{sum(editions)}", items=items)


@dataclass
class Sites:
    """Where sites come from: a SQLite file or a PostgreSQL database that has the pack in it, to be copied."""

    template: str
    folder: Path
    runner: asyncio.Runner
    routes: list[BaseRoute] = field(default_factory=list)

    @contextmanager
    def site(self, seed: int) -> Iterator[Site]:
        """A site on a database of its own. The seeds of its forms and sheets come from this seed."""
        with self._copy() as url, pytest.MonkeyPatch.context() as patched:
            patched.setattr(secrets, "randbits", Random(seed).getrandbits)
            made = Site(url, self.runner, self.routes)
            try:
                yield made
            finally:
                made.close()

    @contextmanager
    def _copy(self) -> Iterator[str]:
        name = f"model_{os.getpid()}_{next(_numbers)}"
        if self.template.startswith("sqlite"):
            path = self.folder / f"{name}.sqlite3"
            shutil.copyfile(self.template.removeprefix("sqlite:///"), path)
            yield f"sqlite:///{path}"
            for left in self.folder.glob(f"{path.name}*"):
                left.unlink()
            return
        with postgresql_database(self.template, name, urlsplit(self.template).path.strip("/")) as address:
            yield address


def fill(url: str) -> None:
    """Make a database at head into a template: the pack, and somebody who makes corrections."""
    database = Database(url, pool_size=1)
    with database.writing() as tx:
        packs.load(tx, edition([1] * TOWERS))
        people.add(tx, name="instructor", password_hash="-", role=Role.ADMIN, is_guest=False, now=NOON)
    database.close()
