"""Jobs: how far a piece of long work is, and where its result is to be seen."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.errors import Missing
from app.exam.person import Person, Role
from app.pages import long_work
from app.pages.depends import Id, Instructor, Now, TheSite
from app.pages.render import fragment, page
from app.store import jobs
from app.store.jobs import Job


@dataclass(frozen=True, slots=True)
class ProgressPart:
    """jobs/_progress.html: asks for itself again while `running`."""

    job_id: int
    running: bool
    done: int
    total: int
    note: str
    failure: str
    see: str


@dataclass(frozen=True, slots=True)
class JobPage:
    """jobs/page.html"""

    title: str
    job_id: int
    running: bool
    done: int
    total: int
    note: str
    failure: str
    see: str


TITLES = {
    "calibration": "Calibration",
    "analysis": "Item analysis",
    "import": "Reading a file",
    "publish": "Importing",
    "count": "Counting",
    "regrade-preview": "What a correction would change",
    "regrade": "Scoring again",
}
LOST_REGRADE = (
    "This stopped with its server before it was done. What was scored again stays; the rest is scored again when its "
    "report is opened, or all of it from the item's page."
)

router = APIRouter()


@router.get("/jobs/{job_id}")
def job(request: Request, job_id: Id, who: Instructor, now: Now, site: TheSite) -> Response:
    """A piece of long work, with its progress."""
    with site.database.reading() as tx:
        one = _own(jobs.get(tx, job_id), who)
    part = _part(one, lost=one.lost(now), running=one.running(now))
    context = JobPage(
        title=TITLES.get(one.kind, one.kind.capitalize()),
        job_id=one.id,
        running=part.running,
        done=part.done,
        total=part.total,
        note=part.note,
        failure=part.failure,
        see=part.see,
    )
    return page(request, "jobs/page.html", context, who)


@router.get("/jobs/{job_id}/progress")
def progress(job_id: Id, who: Instructor, now: Now, site: TheSite) -> Response:
    """The part of the page that changes; once the work is done, the way to its result."""
    with site.database.reading() as tx:
        one = _own(jobs.get(tx, job_id), who)
    part = _part(one, lost=one.lost(now), running=one.running(now))
    return fragment("jobs/_progress.html", part, headers={"HX-Redirect": part.see} if part.see else None)


def _own(one: Job, who: Person) -> Job:
    """Work that this person started; administrators see all of it. Raises Missing, as for none."""
    if one.made_by not in (None, who.id) and not who.may(Role.ADMIN):
        raise Missing("There is no such job.")
    return one


def _part(one: Job, *, lost: bool, running: bool) -> ProgressPart:
    failed = one.ended_at is not None and one.result is None
    return ProgressPart(
        job_id=one.id,
        running=running,
        done=one.done,
        total=one.total,
        note=one.note,
        failure=(LOST_REGRADE if one.kind == jobs.REGRADE else long_work.LOST)
        if lost
        else one.note
        if failed
        else "",
        see=(one.result or {}).get("see", ""),
    )
