"""The status of the server, for administrators: what an operator asks first when something is wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.pages.depends import Admin, Now, TheSite
from app.pages.render import page
from app.pages.site import Site
from app.pages.tally import Fault
from app.settings import VERSION
from app.store import attempts, jobs
from app.store.jobs import Job

MOST_JOBS = 10


@dataclass(frozen=True, slots=True)
class JobLine:
    """A piece of long work: what became of it, in a word."""

    job: Job
    state: str


@dataclass(frozen=True, slots=True)
class StatusPage:
    """status/page.html. `median` and `slowest` are seconds of a save: half of them took at most the one, and 99 of
    100 the other; None before the first, infinite bounds are None too. Counts are of this process since `started_at`,
    but for attempts and jobs."""

    version: str
    database: str
    revision: str
    at_head: bool
    drifted: bool
    started_at: datetime
    up: timedelta
    running: int
    jobs: tuple[JobLine, ...]
    saves: int
    median: float | None
    slowest: float | None
    answers: tuple[tuple[str, int], ...]
    faults: tuple[Fault, ...]


router = APIRouter()


@router.get("/status")
def status(request: Request, who: Admin, now: Now, site: TheSite) -> Response:
    """How this server and its database are."""
    with site.database.reading() as tx:
        running = attempts.running(tx, now)
        lately = tuple(JobLine(one, _state(one, now)) for one in jobs.latest_of_all(tx, MOST_JOBS))
    context = _page(site, now, running, lately)
    return page(request, "status/page.html", context, who)


def _page(site: Site, now: datetime, running: int, lately: tuple[JobLine, ...]) -> StatusPage:
    tally = site.tally
    classes: Counter[str] = Counter()
    for (_method, code), count in tally.statuses.items():
        classes[f"{code // 100}xx"] += count
    return StatusPage(
        version=VERSION,
        database="SQLite" if site.database.is_sqlite else "PostgreSQL",
        revision=site.database.revision(),
        at_head=site.database.at_head(),
        drifted=site.clock.drifted,
        started_at=site.started_at,
        up=max(now - site.started_at, timedelta(0)),
        running=running,
        jobs=lately,
        saves=sum(tally.saves.counts),
        median=tally.saves.bound(0.5),
        slowest=tally.saves.bound(0.99),
        answers=tuple(sorted(classes.items())),
        faults=tuple(reversed(tally.faults)),
    )


def _state(one: Job, now: datetime) -> str:
    if one.running(now):
        return "running"
    if one.lost(now):
        return "stopped with its server"
    return "failed" if one.result is None else "done"
