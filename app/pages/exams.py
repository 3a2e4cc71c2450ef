"""Exams: the page before the start, with the rules, the time options and what was seen before."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request, Response

from app.errors import Invalid
from app.exam import blueprint
from app.exam.clock import State, TimeOption
from app.exam.form import assemble, shortfalls
from app.exam.pack import Domain, Exam
from app.exam.snapshot import Snapshot
from app.pages.depends import Now, TheSite, Who
from app.pages.render import page
from app.store import attempts, packs

PREVIEW_SEED = 0


@dataclass(frozen=True, slots=True)
class BlueprintLine:
    """How many items of a form come from one domain, and how many ready items there are to take them from."""

    domain: Domain
    items: int
    ready: int


@dataclass(frozen=True, slots=True)
class TimeChoice:
    """A time option and the time it gives for this exam (None: no limit)."""

    option: TimeOption
    allowed: timedelta | None


@dataclass(frozen=True, slots=True)
class ExamPage:
    """exams/page.html. `shortfalls` says why no form can be assembled; `open_attempt_id` is one to resume.

    `seen_before` of exam.items would be met again on the next form; above the exam's overlap the page warns.
    While an attempt is open there is no next form, so neither is worked out.
    """

    exam: Exam
    blueprint: tuple[BlueprintLine, ...]
    times: tuple[TimeChoice, ...]
    seen_before: int
    shortfalls: tuple[str, ...]
    open_attempt_id: int | None
    guest_allowed: bool


router = APIRouter()


@router.get("/exams/{exam_id}")
def exam(request: Request, exam_id: str, who: Who, now: Now, site: TheSite) -> Response:
    """The page before the start."""
    with site.database.reading() as tx:
        stored = packs.exam(tx, exam_id)
        snapshot = site.snapshot(tx, site.shelf(tx, stored, now.date()).bank, who, now)
        mine = attempts.not_closed(tx, who.id, exam_id) if who else ()
        unfinished = [one.id for one in mine if one.clock.state(now) is not State.FINAL]
        seen_before, problems = (0, ()) if unfinished else _preview(snapshot)
        ready = Counter(item.domain for item in snapshot.bank.items)
        quotas = blueprint.counts(stored.exam)
        context = ExamPage(
            exam=stored.exam,
            blueprint=tuple(
                BlueprintLine(domain, quotas[domain.id], ready[domain.id])
                for domain in stored.domains
                if domain.id in quotas
            ),
            times=tuple(TimeChoice(option, option.allowed(stored.exam.minutes)) for option in TimeOption),
            seen_before=seen_before,
            shortfalls=problems,
            open_attempt_id=unfinished[0] if unfinished else None,
            guest_allowed=site.settings.guests,
        )
        return page(request, "exams/page.html", context, who)


def _preview(snapshot: Snapshot) -> tuple[int, tuple[str, ...]]:
    """How many items of the next form were seen before, and what is missing for there to be one.

    Every seed reaches the smallest overlap there is, so one seed can tell; who saw nothing need not be told.
    """
    problems = tuple(str(one) for one in shortfalls(snapshot))
    if problems or not snapshot.seen:
        return 0, problems
    try:
        return assemble(snapshot, PREVIEW_SEED).seen_before, ()
    except Invalid as error:
        return 0, (str(error),)
