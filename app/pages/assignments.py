"""Assignments: an instructor assigns an exam to a cohort; a member reads the rules before the start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from app.exam import assignment_fields, zones
from app.exam.assignment import Assignment, ExtraTime, Held, Phase, Release
from app.exam.assignment_fields import ATTEMPTS, TIMED, AssignmentFields, NewAssignment, Window
from app.exam.attempt import AttemptKind
from app.exam.clock import State, TimeOption
from app.exam.cohort import Cohort
from app.exam.pack import TUTORIAL, Exam
from app.exam.person import Person
from app.pages.credentials import FormError
from app.pages.depends import Id, Instructor, Now, Somebody, TheSite
from app.pages.new_forms import new_form
from app.pages.render import page
from app.pages.site import Site
from app.store import assignments, attempts, audit, cohorts, packs, withheld
from app.store.database import Transaction

MOST_FIELDS = 20


@dataclass(frozen=True, slots=True)
class NewAssignmentPage:
    """assignments/new.html. `opens` and `closes` are the moments that the form suggests, for another zone."""

    cohort: Cohort
    exams: tuple[Exam, ...]
    fields: AssignmentFields
    errors: tuple[FormError, ...]
    zones: tuple[str, ...]
    times: tuple[TimeOption, ...]
    releases: tuple[Release, ...]
    most_attempts: int
    opens: datetime | None
    closes: datetime | None


@dataclass(frozen=True, slots=True)
class WindowPage:
    """assignments/window.html. So many are `sitting` now; `shows`: results that members see now would be held back
    again if the window closed later."""

    assignment: Assignment
    fields: AssignmentFields
    errors: tuple[FormError, ...]
    zones: tuple[str, ...]
    sitting: int
    shows: bool


@dataclass(frozen=True, slots=True)
class AssignmentPage:
    """assignments/page.html: the rules, for a member. `deadline` is the end of an attempt begun now; `refusal` says
    why none can be; `is_cut`: the window leaves less than the whole time; `other_attempt_id` is an exam of this kind
    that is open of the member's own accord."""

    assignment: Assignment
    phase: Phase
    used: int
    extra: ExtraTime
    has_extra: bool
    length: timedelta
    deadline: datetime
    is_cut: bool
    refusal: str
    open_attempt_id: int | None
    other_attempt_id: int | None
    reports: tuple[int, ...]
    held: Held | None


async def _values(request: Request) -> dict[str, str]:
    form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    return {name: value for name, value in form.items() if isinstance(value, str)}


Entered = Annotated[dict[str, str], Depends(_values)]
router = APIRouter()


@router.get("/cohorts/{cohort_id}/new-assignment")
def new(request: Request, cohort_id: Id, who: Instructor, now: Now, site: TheSite) -> Response:
    """The form to assign an exam."""
    with site.database.reading() as tx:
        cohort = cohorts.kept(tx, cohort_id, who)
        context = _form(tx, cohort, assignment_fields.suggested(now), (), fresh=True)
    return page(request, "assignments/new.html", context, who)


@router.post("/cohorts/{cohort_id}/new-assignment")
def assign(
    request: Request, cohort_id: Id, values: Entered, who: Instructor, now: Now, site: TheSite
) -> Response:
    """Assign an exam; the one form for all is made now, if there is to be one."""
    with site.database.writing() as tx:
        cohort = cohorts.kept(tx, cohort_id, who)
        fields = assignment_fields.entered(values)
        exams = {exam.id for exam in _exams(tx)}
        made = assignment_fields.assignment(fields, exams, now)
        if not isinstance(made, NewAssignment):
            errors = tuple(FormError(name, message) for name, message in made)
            context = _form(tx, cohort, fields, errors)
            return page(request, "assignments/new.html", context, who, 422)
        assignment_id = _add(tx, site, cohort, made, who, now)
        subject, after = f"assignment {assignment_id}", {"exam": made.exam_id, "cohort": cohort.id}
        audit.record(tx, now, who.id, "exam assigned", subject, after=after)
    return RedirectResponse(f"/assignments/{assignment_id}/results", 303)


@router.get("/assignments/{assignment_id}/window")
def window(request: Request, assignment_id: Id, who: Instructor, now: Now, site: TheSite) -> Response:
    """The form to move the window."""
    with site.database.reading() as tx:
        task = assignments.kept(tx, assignment_id, cohorts.visible(tx, who))
        fields = assignment_fields.of_window(Window(task.opens_at, task.closes_at, task.zone))
        context = _window_page(tx, task, fields, (), now)
    return page(request, "assignments/window.html", context, who)


@router.post("/assignments/{assignment_id}/window")
def move(
    request: Request, assignment_id: Id, values: Entered, who: Instructor, now: Now, site: TheSite
) -> Response:
    """Move the window; an attempt under way never ends earlier by it."""
    with site.database.writing() as tx:
        task = assignments.kept(tx, assignment_id, cohorts.visible(tx, who))
        fields = assignment_fields.entered(values)
        to = assignment_fields.window(fields, now)
        if not isinstance(to, Window):
            errors = tuple(FormError(name, message) for name, message in to)
            context = _window_page(tx, task, fields, errors, now)
            return page(request, "assignments/window.html", context, who, 422)
        later = assignments.move(tx, task, to, who.id, now)
        before, after = Window(task.opens_at, task.closes_at, task.zone).plain(), to.plain()
        audit.record(tx, now, who.id, "window moved", f"assignment {task.id}", before=before, after=after)
    return RedirectResponse(f"/assignments/{assignment_id}/results?later={later}", 303)


@router.post("/assignments/{assignment_id}/withdraw")
def withdraw(assignment_id: Id, who: Instructor, now: Now, site: TheSite) -> Response:
    """Take an assignment back that nobody has started: for what was assigned by mistake."""
    with site.database.writing() as tx:
        task = assignments.kept(tx, assignment_id, cohorts.visible(tx, who))
        assignments.withdraw(tx, task.id)
        audit.record(tx, now, who.id, "assignment withdrawn", f"assignment {task.id}")
    return RedirectResponse(f"/cohorts/{task.cohort_id}", 303)


@router.get("/assignments/{assignment_id}")
def assignment(request: Request, assignment_id: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """The rules of an assigned exam, and its start."""
    with site.database.reading() as tx:
        task = assignments.of_member(tx, assignment_id, who.id)
        context = _rules(tx, task, who, now)
    return page(request, "assignments/page.html", context, who)


def _exams(tx: Transaction) -> tuple[Exam, ...]:
    return tuple(stored.exam for stored in packs.exams(tx) if stored.exam.id != TUTORIAL)


def _form(
    tx: Transaction,
    cohort: Cohort,
    fields: AssignmentFields,
    errors: tuple[FormError, ...],
    *,
    fresh: bool = False,
) -> NewAssignmentPage:
    return NewAssignmentPage(
        cohort=cohort,
        exams=_exams(tx),
        fields=fields,
        errors=errors,
        zones=zones.names(),
        times=TIMED,
        releases=tuple(Release),
        most_attempts=ATTEMPTS.stop - 1,
        opens=zones.moment(fields.opens, fields.zone) if fresh else None,
        closes=zones.moment(fields.closes, fields.zone) if fresh else None,
    )


def _window_page(
    tx: Transaction, task: Assignment, fields: AssignmentFields, errors: tuple[FormError, ...], now: datetime
) -> WindowPage:
    return WindowPage(
        assignment=task,
        fields=fields,
        errors=errors,
        zones=zones.names(),
        sitting=assignments.under_way(tx, [task.id], now),
        shows=task.release is Release.AFTER_WINDOW
        and task.released_at is None
        and not withheld.of_assignments(tx, [task.id], now),
    )


def _add(tx: Transaction, site: Site, cohort: Cohort, new: NewAssignment, who: Person, now: datetime) -> int:
    stored = packs.exam(tx, new.exam_id)
    form = None
    if new.same_form:
        made = new_form(tx, site, stored, None, now)
        form = (made.id, [version_id for version_id, _ in made.items])
    return assignments.add(tx, cohort.id, new, stored.version_id, form, who.id, now)


def _rules(tx: Transaction, task: Assignment, who: Person, now: datetime) -> AssignmentPage:
    mine = [one for one in attempts.of_person(tx, who.id) if one.exam_id == task.exam.id]
    under = [one for one in mine if one.assignment_id == task.id]
    going = {one.id: one for one in mine if one.clock.state(now) is not State.FINAL}
    unfinished = [one.id for one in under if one.id in going]
    others = [
        one.id for one in going.values() if one.kind is AttemptKind.MOCK and one.assignment_id != task.id
    ]
    extra = assignments.extra_of(tx, task.id, who.id)
    starts = max(now, task.opens_at)
    deadline = task.deadline(starts, extra)
    length = task.allowed + extra.of(task.allowed)
    return AssignmentPage(
        assignment=task,
        phase=task.phase(now),
        used=len(under),
        extra=extra,
        has_extra=extra.of(task.allowed) > timedelta(0),
        length=length,
        deadline=deadline,
        is_cut=deadline - starts < length,
        refusal=task.refusal(len(under), now),
        open_attempt_id=unfinished[0] if unfinished else None,
        other_attempt_id=others[0] if others else None,
        reports=tuple(one.id for one in under if one.id not in unfinished),
        held=withheld.of_assignments(tx, [task.id], now).get(task.id),
    )
