"""A whole Cutscore for journeys: the real application on a real database, browsers to visit it, and a clock to set.

Requests go through ASGI to the application that `create_app` makes, on one event loop in a thread of its own, so
that tests are plain functions. Nothing is replaced but the time.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from sqlalchemy import select

from app.exam.attempt import Attempt
from app.exam.item import Item
from app.exam.person import SESSION_LIFETIME, Role
from app.main import create_app
from app.pages.depends import hash_token
from app.pages.site import Site, SteadyClock
from app.settings import Settings
from app.store import attempts, packs, people, tables
from app.store.database import Database
from tests.packs import NOON, SHORT

HOST = "127.0.0.1:8000"
PASSWORD = "a good long password"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_numbers = count(1)


class SetClock(SteadyClock):
    """The time of a test: it stands still until it is moved."""

    def __init__(self) -> None:
        super().__init__()
        self.time = NOON

    def now(self) -> datetime:
        """The time that was set."""
        return self.time

    def pass_(self, **length: float) -> None:
        """Let time pass."""
        self.time += timedelta(**length)


@dataclass
class World:
    """One server with its database; `portal` runs its event loop."""

    app: FastAPI
    database: Database
    clock: SetClock
    portal: BlockingPortal

    @property
    def site(self) -> Site:
        """The server's own things."""
        site: Site = self.app.state.site
        return site

    def browser(self, **headers: str) -> Browser:
        """A browser that nobody has used, at an address of its own."""
        return Browser(self, headers)

    def account(self) -> Browser:
        """A browser in which a new account is logged in."""
        made = self.browser()
        made.name = f"person{next(_numbers)}"
        assert made.post("/people/register", {"name": made.name, "password": PASSWORD}).status_code == 303
        return made

    def visitor(self, role: Role) -> Browser:
        """A browser in which somebody of this role is logged in: quicker than an account, without a password."""
        made, token = self.browser(), f"token-{next(_numbers)}"
        made.name = f"visitor{next(_numbers)}"
        with self.database.writing() as tx:
            who = people.add(
                tx, name=made.name, password_hash=None, role=role, is_guest=False, now=self.clock.time
            )
            people.open_session(tx, who.id, hash_token(token), "", self.clock.time, SESSION_LIFETIME)
        made.client.cookies.set(self.site.cookie_name(), token)
        return made

    def attempt(self, attempt_id: int) -> Attempt:
        """An attempt as it is stored, whoever's it is."""
        with self.database.reading() as tx:
            owner = select(tables.attempt.c.person_id).where(tables.attempt.c.id == attempt_id)
            return attempts.get(tx, attempt_id, tx.execute(owner).scalar_one())

    def settle(self, seconds: float = 120) -> None:
        """Wait until no long work is going on."""
        end = time.monotonic() + seconds
        while True:
            with self.database.reading() as tx:
                going = tx.execute(select(tables.job.c.id).where(tables.job.c.ended_at.is_(None))).all()
            if not going:
                return
            assert time.monotonic() < end, "long work did not end"
            time.sleep(0.05)

    def fingerprint(self) -> str:
        """A hash of all rows of all tables but sessions: two are equal when nothing was changed between them.

        Long work that an earlier request began is waited for.
        """
        self.settle()
        with self.database.reading() as tx:
            rows = {
                table.name: sorted(map(repr, tx.execute(select(table))))
                for table in tables.metadata.sorted_tables
                if table is not tables.session
            }
        return hashlib.sha256(repr(rows).encode()).hexdigest()


@dataclass
class Browser:
    """One browser: cookies, an address, and the headers that browsers send."""

    world: World
    headers: Mapping[str, str]
    name: str = ""
    client: httpx.AsyncClient = field(init=False)
    seen: list[str] | None = None

    def __post_init__(self) -> None:
        number = next(_numbers)
        transport = httpx.ASGITransport(
            self.world.app, client=(f"10.0.{number // 256 % 256}.{number % 256}", 4000)
        )
        own = {"Accept": "text/html", "Origin": f"http://{HOST}", **self.headers}
        self.client = httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}", headers=own)

    def send(self, method: str, path: str, **named: Any) -> httpx.Response:
        """Any request; redirects are not followed."""

        async def sent() -> httpx.Response:
            return await self.client.request(method, path, **named)

        answer = self.world.portal.call(sent)
        if self.seen is not None:
            self.seen.append(f"{method} {path} {answer.status_code} {answer.headers.raw!r} {answer.text}")
        return answer

    def get(self, path: str, **headers: str) -> httpx.Response:
        """GET."""
        return self.send("GET", path, headers=headers)

    def post(self, path: str, data: Mapping[str, Any] | None = None, **headers: str) -> httpx.Response:
        """POST a form."""
        return self.send("POST", path, data=data or {}, headers=headers)

    def put(self, path: str, data: Mapping[str, Any] | None = None, **headers: str) -> httpx.Response:
        """PUT a form."""
        return self.send("PUT", path, data=data or {}, headers=headers)

    def start(self, exam: str = SHORT, **choices: str) -> Sitting:
        """Start an exam."""
        answer = self.post("/attempts", {"exam": exam, **choices})
        assert answer.status_code == 303, answer.text
        return self.sitting(int(answer.headers["location"].rpartition("/")[2]))

    def sitting(self, attempt_id: int) -> Sitting:
        """An attempt as this browser goes on with it."""
        one = self.world.attempt(attempt_id)
        with self.world.database.reading() as tx:
            items = packs.items(tx, [at.item_version_id for at in one.sheet.items])
        return Sitting(self, one, items, f"tab{next(_numbers)}")

    def log_in(self, name: str, password: str = PASSWORD, **more: str) -> httpx.Response:
        """Log in."""
        return self.post("/people/log-in", {"name": name, "password": password, **more})


@dataclass
class Sitting:
    """A tab in which an attempt is sat. It knows the key, as no candidate does."""

    browser: Browser
    attempt: Attempt
    items: Mapping[int, Item]
    client_id: str
    seq: int = 0

    @property
    def path(self) -> str:
        """The address of the attempt."""
        return f"/attempts/{self.attempt.id}"

    @property
    def report(self) -> str:
        """The address of its report."""
        return f"/reports/{self.attempt.id}"

    @property
    def length(self) -> int:
        """How many positions there are."""
        return len(self.attempt.sheet.items)

    def tokens(self, position: int, *, right: bool = True) -> list[str]:
        """The tokens of the key at a position, or of so many distractors."""
        at = self.attempt.sheet.at(position)
        key = self.items[at.item_version_id].key
        return [o.token for o in at.options if (o.option_id in key) is right][: at.select]

    def fields(self, choice: Sequence[str], **changes: str) -> dict[str, Any]:
        """The fields of the next save of this tab."""
        self.seq += 1
        plain = {
            "choice": list(choice),
            "client_id": self.client_id,
            "client_seq": str(self.seq),
            "idempotency_key": f"{self.client_id}-{self.seq}",
            "base_rev": "0",
            "seen": "1",
        }
        return plain | changes

    def save(self, position: int, choice: Sequence[str], **changes: str) -> httpx.Response:
        """Save a choice as the page does."""
        fields = self.fields(choice, **changes)
        return self.browser.put(f"{self.path}/responses/{position}", fields, **{"HX-Request": "true"})

    def answer(self, right: int) -> None:
        """Answer everything: the first so many right, the rest wrong."""
        for position in range(1, self.length + 1):
            saved = self.save(position, self.tokens(position, right=position <= right))
            assert saved.status_code == 200, saved.text

    def end(self) -> httpx.Response:
        """End the exam."""
        return self.browser.post(f"{self.path}/end")

    def stored(self) -> Attempt:
        """The attempt as it is stored now."""
        return self.browser.world.attempt(self.attempt.id)

    def chosen(self, position: int) -> set[str]:
        """The tokens that the page shows as chosen."""
        page = self.browser.get(f"{self.path}/questions/{position}").text
        return set(re.findall(rf'name="choice-{position}" value="(\w+)" checked', page))


@contextmanager
def open_world(database: Database, folder: Path, portal: BlockingPortal, **settings: Any) -> Iterator[World]:
    """A running application on this database."""
    app = create_app(Settings(data_dir=folder, packs=(), **settings), database)
    clock = SetClock()
    app.state.site.clock = clock
    with portal.wrap_async_context_manager(app.router.lifespan_context(app)):
        yield World(app, database, clock, portal)


@contextmanager
def event_loop() -> Iterator[BlockingPortal]:
    """An event loop in a thread of its own."""
    with start_blocking_portal() as portal:
        yield portal
