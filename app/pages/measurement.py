"""Measurement: what the scores of an exam rest on, as the chain of its parameter versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from app.errors import Conflict, Invalid, Missing
from app.exam.analysis import Summary
from app.exam.pack import Exam
from app.exam.parameter_version import ParameterVersion, with_reference
from app.pages import long_work
from app.pages.depends import Id, Keeper, Now, TheSite
from app.pages.render import page
from app.pages.site import Site
from app.store import analyses, jobs, observations, packs, parameters
from app.store.database import Database, Transaction
from app.store.jobs import Job
from app.store.parameters import Recorded

MOST_MOVED = 20
LONGEST_REASON = 1_000
MOST_COUNTED = 200
"""Strict mocks that are counted one by one; above that the page says that there are more."""


@dataclass(frozen=True, slots=True)
class InUse:
    """The version in use: its label, its cut, and how many of its items rest on responses."""

    label: str
    raw_equivalent: float
    scored: int
    cut_source: str
    cut_mean: float
    theta_cut: float
    implied_mean: float | None
    items: int
    calibrated: int


@dataclass(frozen=True, slots=True)
class MeasurementPage:
    """measurement/page.html"""

    exam: Exam
    used: InUse | None
    versions: tuple[Recorded, ...]
    attempts: int
    summary: Summary | None
    analysed_at: datetime | None
    running: Job | None
    most_counted: int = MOST_COUNTED


@dataclass(frozen=True, slots=True)
class Moved:
    """One item under the version before and under this one. `b` and `a` None: it had none."""

    item: str
    version: int
    a_before: float | None
    b_before: float | None
    a: float
    b: float
    se_b: float | None
    answered: int

    @property
    def by(self) -> float:
        """How far its location moved; 0 for a newcomer."""
        return 0.0 if self.b_before is None else self.b - self.b_before


@dataclass(frozen=True, slots=True)
class VersionPage:
    """measurement/version.html: what one version changes. `points` are all items that moved, `moved` the most.

    `least` and `most` are whole numbers that have all locations between them.
    """

    exam: Exam
    line: Recorded
    version: ParameterVersion
    before: ParameterVersion | None
    moved: tuple[Moved, ...]
    points: tuple[Moved, ...]
    least: int
    most: int
    adoptable: bool


router = APIRouter()


@router.get("/exams/{exam_id}/measurement")
def measurement(request: Request, exam_id: str, who: Keeper, now: Now, site: TheSite) -> Response:
    """The chain of an exam's parameter versions, and what is in use."""
    with site.database.reading() as tx:
        exam = packs.exam(tx, exam_id).exam
        used = parameters.in_use(tx, exam_id)
        latest = analyses.latest(tx, exam_id)
        context = MeasurementPage(
            exam=exam,
            used=None if used is None else _in_use(used, exam),
            versions=parameters.history(tx, exam_id),
            attempts=observations.count(tx, exam_id, MOST_COUNTED + 1),
            summary=None if latest is None else latest.summary,
            analysed_at=None if latest is None else latest.made_at,
            running=_running(tx, exam_id, now),
        )
        return page(request, "measurement/page.html", context, who)


@router.post("/exams/{exam_id}/measurement/calibrate")
def calibrate(exam_id: str, who: Keeper, now: Now, site: TheSite) -> Response:
    """Start a calibration; it ends in a proposal."""
    _refuse_second(site, exam_id, now)

    def take(tx: Transaction, made: dict[str, Any]) -> dict[str, Any]:
        return {"see": f"/exams/{exam_id}/measurement/{parameters.propose(tx, made, now, who.id)}"}

    job_id = long_work.start(site, "calibration", exam_id, {"exam": exam_id}, take, made_by=who.id)
    return RedirectResponse(f"/jobs/{job_id}", 303)


@router.post("/exams/{exam_id}/measurement/analyse")
def analyse(exam_id: str, who: Keeper, now: Now, site: TheSite) -> Response:
    """Start an item analysis; the bank page shows it when it is done."""
    _refuse_second(site, exam_id, now)

    def prepare(database: Database, made: dict[str, Any]) -> dict[str, Any]:
        return {"analysis": analyses.put(database, made, now)}

    def take(tx: Transaction, made: dict[str, Any]) -> dict[str, Any]:
        analyses.publish(tx, made["analysis"])
        return {"see": f"/exams/{exam_id}/items"}

    request = {"exam": exam_id, "as_of": now.date().isoformat()}
    job_id = long_work.start(site, "analysis", exam_id, request, take, made_by=who.id, prepare=prepare)
    return RedirectResponse(f"/jobs/{job_id}", 303)


@router.post("/exams/{exam_id}/measurement/reference")
def reference(exam_id: str, who: Keeper, now: Now, site: TheSite) -> Response:
    """Propose the ready bank as it is now as the reference of all scores to come."""
    with site.database.writing() as tx:
        stored = packs.exam(tx, exam_id)
        used = _needed(parameters.in_use(tx, exam_id))
        items = packs.bank(tx, stored.pack_version_id).values()
        made = with_reference(used, items, stored.exam)
        version_id = parameters.add(tx, made, "The ready bank as it is now", now, made_by=who.id)
    return RedirectResponse(f"/exams/{exam_id}/measurement/{version_id}", 303)


@router.get("/exams/{exam_id}/measurement/{version_id}")
def version(request: Request, exam_id: str, version_id: Id, who: Keeper, site: TheSite) -> Response:
    """One version: what it changes, and the way to adopt it."""
    with site.database.reading() as tx:
        exam = packs.exam(tx, exam_id).exam
        line, made = _of_exam(tx, exam_id, version_id)
        before = parameters.of_sequence(tx, exam_id, made.based_on)
        points = tuple(_moves(made, before))
        ends = [value for one in points for value in (one.b, one.b_before) if value is not None]
        context = VersionPage(
            exam=exam,
            line=line,
            version=made,
            before=before,
            moved=tuple(sorted(points, key=lambda one: -abs(one.by))[:MOST_MOVED]),
            points=points,
            least=floor(min(ends, default=-1)),
            most=ceil(max(ends, default=1)),
            adoptable=line.adopted_at is None and made.based_on == parameters.sequence_in_use(tx, exam_id),
        )
        return page(request, "measurement/version.html", context, who)


@router.post("/exams/{exam_id}/measurement/{version_id}/adopt")
def adopt(
    exam_id: str,
    version_id: Id,
    who: Keeper,
    now: Now,
    site: TheSite,
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Put a proposed version into use for the forms to come."""
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise Invalid(f"Say in a sentence why it is adopted (at most {LONGEST_REASON} characters).")
    with site.database.writing() as tx:
        _of_exam(tx, exam_id, version_id)
        parameters.adopt(tx, version_id, reason.strip(), now, who.id)
    return RedirectResponse(f"/exams/{exam_id}/measurement", 303)


def _of_exam(tx: Transaction, exam_id: str, version_id: int) -> tuple[Recorded, ParameterVersion]:
    line, made = parameters.get(tx, version_id)
    if made.exam != exam_id:
        raise Missing("There is no such parameter version of this exam.")
    return line, made


def _in_use(used: ParameterVersion, exam: Exam) -> InUse:
    items = used.parameters.items
    return InUse(
        label=used.label,
        raw_equivalent=used.cut.raw_equivalent,
        scored=exam.scored,
        cut_source=used.cut.source,
        cut_mean=used.cut_mean,
        theta_cut=used.parameters.reference.theta_cut,
        implied_mean=used.parameters.implied_mean_rating,
        items=len(items),
        calibrated=sum(item.answered > 0 for item in items),
    )


def _running(tx: Transaction, exam_id: str, now: datetime) -> Job | None:
    """The work that is going on for an exam."""
    for kind in ("calibration", "analysis"):
        one = jobs.latest(tx, kind, exam_id)
        if one is not None and one.running(now):
            return one
    return None


def _refuse_second(site: Site, exam_id: str, now: datetime) -> None:
    with site.database.reading() as tx:
        packs.exam(tx, exam_id)
        if _running(tx, exam_id, now) is not None:
            raise Conflict("This exam is being worked on already. Wait until that is done.")


def _needed(used: ParameterVersion | None) -> ParameterVersion:
    if used is None:
        raise Invalid("This exam has nothing to be measured by yet: its bank needs ready items first.")
    return used


def _moves(made: ParameterVersion, before: ParameterVersion | None) -> Iterator[Moved]:
    for item in made.parameters.items:
        old = None if before is None else before.parameters.of(item.id, item.version)
        if old is not None and (old.a, old.b) == (item.a, item.b):
            continue
        yield Moved(
            item.id,
            item.version,
            None if old is None else old.a,
            None if old is None else old.b,
            item.a,
            item.b,
            item.se_b,
            item.answered,
        )
