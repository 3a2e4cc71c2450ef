"""Results of an assigned exam, for those who keep the cohort: who sits, how it went, extra time, and a CSV file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from app.errors import Invalid
from app.exam.assignment import MOST_EXTRA, Assignment, ExtraTime, Held, Phase, Unit
from app.exam.attempt import Ending
from app.exam.clock import State
from app.exam.cohort import checked_number
from app.exam.cohort_figures import LEAST_ITEMS, Figures, Missed, figures
from app.exam.pack import Domain
from app.exam.person import Person
from app.exam.standings import Stage, Standing, standings
from app.formats.csv_cells import harmless
from app.pages.depends import LARGEST_ID, Id, Instructor, Now, TheSite
from app.pages.render import page
from app.pages.site import Site
from app.store import (
    assignments,
    attempts,
    audit,
    cohorts,
    item_versions,
    pack_access,
    packs,
    scores,
    withheld,
)
from app.store.assignments import Granted
from app.store.database import Transaction

CLOSED_AT_ONCE = 20
MOVED, KEPT = "moved", "kept"  # what extra time just given did to a clock
OPENING = 90  # characters
AT_ONCE = 100
"""Members on a page; the figures are those of all."""


@dataclass(frozen=True, slots=True)
class MissedLine:
    """An item that many missed. `code` is the author's id, and empty when its pack is not open to who looks."""

    missed: Missed
    opening: str
    code: str


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """cohort_results/page.html. `given` is extra time just given, which `moved` a clock that runs; `later`: the
    window has just moved, and so many attempts end later; `held` whether results are held back from members now;
    `stages` counts members by stage; the tables show `shown`, which begin at `start`, and links lead to those before
    and after them, if there are any."""

    assignment: Assignment
    phase: Phase
    at: datetime
    held: Held | None
    domains: tuple[Domain, ...]
    standings: tuple[Standing, ...]
    shown: tuple[Standing, ...]
    start: int
    before: str
    after: str
    stages: dict[Stage, int]
    figures: Figures | None
    missed: tuple[MissedLine, ...]
    granted: tuple[Granted, ...]
    given: Granted | None
    moved: bool
    later: int | None
    most_extra: int
    least_items: int


router = APIRouter()


@router.get("/assignments/{assignment_id}/results")
def results(
    request: Request,
    assignment_id: Id,
    who: Instructor,
    now: Now,
    site: TheSite,
    given: str = "",
    later: Annotated[int | None, Query(ge=0, le=LARGEST_ID)] = None,
    start: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
) -> Response:
    """Who sits and how it went, members from `start` on. `given`: extra time was just given, which has moved a clock
    or not; `later`: the window has just moved, and so many attempts under way end later by it."""
    _close_ended(site, assignment_id, who, now)
    with site.database.reading() as tx:
        context = _page(tx, site, _kept(tx, assignment_id, who), who, now, given, later, start)
    return page(request, "cohort_results/page.html", context, who)


@router.post("/assignments/{assignment_id}/extra-time")
def extra_time(
    assignment_id: Id,
    who: Instructor,
    now: Now,
    site: TheSite,
    person: Annotated[int, Form(ge=1, le=LARGEST_ID)],
    amount: Annotated[str, Form()] = "",
    unit: Annotated[Unit, Form()] = Unit.MINUTES,
) -> Response:
    """Give one member extra time; an attempt under way goes on as much longer."""
    number = checked_number(amount, range(MOST_EXTRA[unit] + 1), f"Extra {unit.value}")
    given = ExtraTime(number, unit)
    with site.database.writing() as tx:
        task = _kept(tx, assignment_id, who)
        if person not in {one.person_id for one in cohorts.members(tx, task.cohort_id)}:
            raise Invalid("This person is not a member of the cohort now. Choose one from the list.")
        before = assignments.extra_of(tx, task.id, person)
        moved = assignments.grant(tx, task, person, given, who.id, now)
        log = {"before": _plain(before), "after": _plain(given) | {"person": person}}
        audit.record(tx, now, who.id, "extra time given", f"assignment {task.id}", **log)
    said = KEPT if moved is None else MOVED
    return RedirectResponse(f"/assignments/{assignment_id}/results?given={said}", 303)


@router.post("/assignments/{assignment_id}/release")
def release(assignment_id: Id, who: Instructor, now: Now, site: TheSite) -> Response:
    """Let the members see their results from now on."""
    with site.database.writing() as tx:
        task = _kept(tx, assignment_id, who)
        assignments.release(tx, task.id, now)
        audit.record(tx, now, who.id, "results released", f"assignment {task.id}")
    return RedirectResponse(f"/assignments/{assignment_id}/results", 303)


@router.get("/assignments/{assignment_id}/results.csv")
def as_csv(assignment_id: Id, who: Instructor, now: Now, site: TheSite) -> Response:
    """Each member on a line."""
    _close_ended(site, assignment_id, who, now)
    with site.database.reading() as tx:
        task = _kept(tx, assignment_id, who)
        domains = _domains(tx, task)
        stand = _standings(tx, site, task, now)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    head = [
        "member",
        "stage",
        "attempts",
        "started_at",
        "ended_at",
        "minutes_used",
        "extra_time",
        "score",
        "result",
    ]
    writer.writerow([*head, "right", "of", *(f"{d.id} {part}" for d in domains for part in ("right", "of"))])
    for one in stand:
        writer.writerow([harmless(cell) for cell in _cells(one, domains)])
    headers = {"Content-Disposition": f'attachment; filename="{task.exam.id}-results-{task.id}.csv"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _plain(given: ExtraTime) -> dict[str, object]:
    return {"amount": given.amount, "unit": given.unit.value}


def _kept(tx: Transaction, assignment_id: int, who: Person) -> Assignment:
    return assignments.kept(tx, assignment_id, cohorts.visible(tx, who))


def _close_ended(site: Site, assignment_id: int, who: Person, now: datetime) -> None:
    """Close what ran out and nobody looked at since, some at a time, each in a short transaction: it has its score
    from then on."""
    with site.database.reading() as tx:
        task = _kept(tx, assignment_id, who)
        unclosed = assignments.sat(tx, task.id, unclosed=True)
    over = [one for one in unclosed if one.clock.state(now) is State.FINAL]
    for one in over[:CLOSED_AT_ONCE]:
        with site.database.writing() as tx:
            scores.close(tx, attempts.get(tx, one.attempt_id, one.person_id), Ending.TIME, now)


def _standings(tx: Transaction, site: Site, task: Assignment, now: datetime) -> tuple[Standing, ...]:
    sat = assignments.sat(tx, task.id)
    got = site.short_scores(tx, [one.attempt_id for one in sat])
    return standings(cohorts.members(tx, task.cohort_id), sat, got, assignments.extras(tx, task.id), now)


def _domains(tx: Transaction, task: Assignment) -> tuple[Domain, ...]:
    """The domains that the exam asks for, in the order of the pack."""
    stored = packs.exam_of_form(tx, task.exam_version_id)
    return tuple(domain for domain in stored.domains if domain.id in task.exam.blueprint)


def _page(
    tx: Transaction,
    site: Site,
    task: Assignment,
    who: Person,
    now: datetime,
    given: str,
    later: int | None,
    start: int,
) -> ResultsPage:
    stand = _standings(tx, site, task, now)
    domains = _domains(tx, task)
    counted = {one.counts.attempt_id: one for one in stand if one.counts is not None}
    asked = assignments.asked(tx, counted) if task.form_id is None else {}
    found = figures(
        task.exam.scale,
        [domain.id for domain in domains],
        {one.member.person_id: one.score for one in counted.values() if one.score is not None},
        {one.member.person_id: asked.get(attempt_id, task.items) for attempt_id, one in counted.items()},
    )
    granted = assignments.granted(tx, task.id)
    start = min(start, max(0, len(stand) - 1)) // AT_ONCE * AT_ONCE
    after = start + AT_ONCE
    return ResultsPage(
        assignment=task,
        phase=task.phase(now),
        at=now,
        held=withheld.of_assignments(tx, [task.id], now).get(task.id),
        domains=domains,
        standings=stand,
        shown=stand[start:after],
        start=start,
        before=f"?start={start - AT_ONCE}" if start else "",
        after=f"?start={after}" if after < len(stand) else "",
        stages=dict(Counter(one.stage for one in stand)),
        figures=found,
        missed=() if found is None else _missed(tx, site, found, who),
        granted=granted,
        given=granted[0] if granted and given in (MOVED, KEPT) else None,
        moved=given == MOVED,
        later=later,
        most_extra=max(MOST_EXTRA.values()),
        least_items=LEAST_ITEMS,
    )


def _missed(tx: Transaction, site: Site, found: Figures, who: Person) -> tuple[MissedLine, ...]:
    ids = [one.item_version_id for one in found.missed]
    pages = site.item_pages(tx, ids)
    codes = item_versions.codes(tx, ids, pack_access.visible(tx, who))
    return tuple(
        MissedLine(one, _opening(pages[one.item_version_id].plain_stem), codes.get(one.item_version_id, ""))
        for one in found.missed
    )


def _opening(stem: str) -> str:
    return stem if len(stem) <= OPENING else stem[:OPENING].rsplit(" ", 1)[0] + " …"


def _cells(one: Standing, domains: tuple[Domain, ...]) -> list[str]:
    sat, score = one.counts, one.score
    cells = [one.member.name, one.stage.value, str(one.attempts)]
    if sat is None or score is None or one.time_used is None:
        return [*cells, "", "", "", str(one.extra), *[""] * (4 + 2 * len(domains))]
    ended = sat.clock.closed_at
    of_domains = {tally.name: (tally.right, tally.total) for tally in score.domains}
    return [
        *cells,
        sat.clock.started_at.isoformat(timespec="seconds"),
        "" if ended is None else ended.isoformat(timespec="seconds"),
        f"{one.time_used.total_seconds() / 60:.1f}",
        str(one.extra),
        str(score.displayed),
        "pass" if score.passed else "fail",
        str(score.raw),
        str(score.scored),
        *(str(figure) for domain in domains for figure in of_domains.get(domain.id, (0, 0))),
    ]
