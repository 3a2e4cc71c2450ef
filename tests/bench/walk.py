"""A walk through every page of an installation: which addresses there are, who may look at them, and what a look
takes."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from fastapi import FastAPI
from sqlalchemy import func, select

from app.pages.site import Site
from app.store import attempts, tables
from app.store.database import Transaction
from tests.bench.crowd import BY_NAME, LINK_TOKEN, MEMBER_TOKEN, VISITORS, people_named, token_of
from tests.bench.stage import EXAM, Stage, say
from tests.bench.wire import Prepared, Request
from tests.journeys.routes import routes

METRICS_TOKEN = "token-of-the-metrics"
MILLISECONDS = 1_000
LOOKS = 3
LONG = 2_000
"""Milliseconds of a first look after which one more look is enough."""
GUEST = ""
SITTING = "/attempts/{attempt_id}"


@dataclass(frozen=True, slots=True)
class Look:
    """What a page took: milliseconds from the request to the answer, at the first look and at the later ones (the
    median), and of CPU, the database's own processes included."""

    route: str
    visitor: str
    note: str
    first: float
    later: float
    cpu: float
    size: int


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk through the pages of an application."""

    stage: Stage
    app: FastAPI

    async def all(self) -> tuple[list[Look], list[str]]:
        """Every look, and the routes that nobody got an answer from."""
        paths = [path for method, path in routes(self.app) if method == "GET" and "/static/" not in path]
        sitting = [path for path in paths if path.startswith(SITTING)]
        looks = await self._prepare()
        looks += [look for path in paths if path not in sitting async for look in self._route(path)]
        looks += await self._start()
        looks += [look for path in sitting async for look in self._route(path)]
        looks += await self._end()
        seen = {look.route for look in looks}
        return looks, [path for path in paths if path not in seen]

    async def _prepare(self) -> list[Look]:
        """What has to be there for some pages to be: a practice set and a published result."""
        made = []
        for visitor in BY_NAME:
            made.append(await self._send("/practice", visitor, f"exam={EXAM}&count=10&at_once=1"))
            made.append(await self._send(f"/reports/{self._attempt(visitor)}/verification", visitor, ""))
        return made

    async def _start(self) -> list[Look]:
        body = f"exam={EXAM}&time_option=standard"
        return [await self._send("/attempts", visitor, body) for visitor in BY_NAME]

    async def _end(self) -> list[Look]:
        return [await self._send(f"/attempts/{self._attempt(one)}/end", one, "") for one in BY_NAME]

    async def _send(self, path: str, visitor: str, body: str) -> Look:
        route = "/".join("…" if part.isdigit() else part for part in path.split("/"))
        request = Request("POST", path, token_of(visitor), body.encode())
        wall, cpu, size, status = await self._once(request)
        if status >= 400:
            raise RuntimeError(f"{path}: {status}")
        return Look(f"POST {route}", visitor, "", wall, wall, cpu, size)

    async def _route(self, path: str) -> AsyncIterator[Look]:
        for visitor in (GUEST, *VISITORS):
            for note, address in self._addresses(path, visitor):
                look = await self._look(path, visitor, note, address)
                if look is not None:
                    yield look

    async def _look(self, path: str, visitor: str, note: str, address: str) -> Look | None:
        bearer = METRICS_TOKEN if path == "/metrics" else f"api-{visitor}" if "/api/v1/" in path else ""
        token = "" if bearer or visitor == GUEST else token_of(visitor)
        request = Request("GET", address, token, bearer=bearer)
        first, _, size, status = await self._once(request)
        if status != 200:
            return None
        later = [await self._once(request) for _ in range(LOOKS if first < LONG else 1)]
        say(f"{path} {visitor} {note}: {first:,.0f}, then {min(each[0] for each in later):,.0f} ms")
        middle = len(later) // 2
        walls, cpus = sorted(each[0] for each in later), sorted(each[1] for each in later)
        return Look(path, visitor or "guest", note, first, walls[middle], cpus[middle], size)

    async def _once(self, request: Request) -> tuple[float, float, int, int]:
        prepared = Prepared(request)
        cpu, began = self.stage.cpu(), time.perf_counter()
        await prepared.look(self.app)
        wall = time.perf_counter() - began
        return (
            wall * MILLISECONDS,
            (self.stage.cpu() - cpu) * MILLISECONDS,
            len(prepared.answer.body),
            prepared.answer.status,
        )

    def _addresses(self, path: str, visitor: str) -> Iterator[tuple[str, str]]:
        """The addresses of a route for a visitor, with what is special about each."""
        site: Site = self.app.state.site
        with site.database.reading() as tx:
            if "{cohort_id}" in path or "{assignment_id}" in path:
                for cohort_id, size in _cohorts(tx):
                    at = _values(tx, path, visitor) | _of_cohort(tx, cohort_id)
                    yield f"cohort of {size:,}", path.format(**at)
                return
            at = _values(tx, path, visitor)
            yield "", path.format(**at)
            if path.endswith("/results"):
                middle = select(func.max(tables.attempt.c.id)).scalar_subquery() / 2
                yield "middle", f"{path.format(**at)}?after={tx.execute(select(middle)).scalar_one():.0f}"
            if path == "/people":
                yield "by name", "/people?name=somebody-4711"

    def _attempt(self, visitor: str) -> int:
        site: Site = self.app.state.site
        with site.database.reading() as tx:
            return _latest_attempt(tx, visitor)


def _latest_attempt(tx: Transaction, visitor: str) -> int:
    if visitor not in BY_NAME:
        return 1
    return attempts.briefs(tx, people_named(tx, BY_NAME[visitor]))[0].id


def _cohorts(tx: Transaction) -> list[tuple[int, int]]:
    many = func.count()
    found = select(tables.cohort_member.c.cohort_id, many).group_by(tables.cohort_member.c.cohort_id)
    return [(row[0], row[1]) for row in tx.execute(found.order_by(many))]


def _of_cohort(tx: Transaction, cohort_id: int) -> dict[str, object]:
    member, assignment, attempt = tables.cohort_member.c, tables.assignment.c, tables.attempt.c
    task = tx.execute(select(assignment.id).where(assignment.cohort_id == cohort_id)).scalar_one()
    ended = select(attempt.person_id).where(attempt.assignment_id == task, attempt.closed_at.is_not(None))
    who = select(func.min(member.person_id)).where(member.cohort_id == cohort_id, member.person_id.in_(ended))
    return {"cohort_id": cohort_id, "assignment_id": task, "person_id": tx.execute(who).scalar_one()}


def _values(tx: Transaction, path: str, visitor: str) -> dict[str, object]:
    """What to put for the parts of an address in braces."""
    corrected = tx.execute(select(tables.regrade.c.item_version_id)).scalar_one()
    code = select(tables.item.c.code).join(tables.item_version).where(tables.item_version.c.id == corrected)
    last = {
        name: tx.execute(select(func.max(table.c.id))).scalar_one()
        for name, table in (
            ("job_id", tables.job),
            ("version_id", tables.parameter_version),
            ("import_id", tables.pack_import),
        )
    }
    own = tables.practice_set.c
    sets = select(func.max(own.id))
    if visitor in BY_NAME:
        sets = sets.where(own.person_id == people_named(tx, BY_NAME[visitor]))
    if path.startswith("/people/links"):
        token: object = LINK_TOKEN
    elif path.startswith("/verify"):
        token = tx.execute(select(func.max(tables.published_result.c.token))).scalar_one()
    else:
        token = f"{MEMBER_TOKEN}-{tx.execute(select(func.max(tables.cohort.c.id))).scalar_one()}"
    return last | {
        "exam_id": EXAM,
        "pack_id": "csa-pro",
        "item_id": tx.execute(code).scalar_one(),
        "item_version_id": corrected,
        "attempt_id": _latest_attempt(tx, visitor),
        "position": 1,
        "set_id": tx.execute(sets).scalar_one(),
        "token": token,
        "sha256": "0" * 64,
    }
