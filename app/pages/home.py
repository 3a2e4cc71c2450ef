"""Home: which exams there are, and the ones that are open."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request, Response

from app.exam.assignment import Assignment, Held, Phase
from app.exam.attempt import Attempt, AttemptKind
from app.exam.clock import State
from app.exam.pack import TUTORIAL, Exam
from app.exam.person import Person
from app.pages.depends import Now, TheSite, Who
from app.pages.render import page
from app.pages.sheets import counts_of
from app.store import assignments, attempts, forms, packs, responses, withheld
from app.store.attempts import Brief
from app.store.database import Transaction


@dataclass(frozen=True, slots=True)
class ExamLine:
    """An exam that can be sat: `ready_items` of the bank, `sat` times by this person."""

    exam: Exam
    ready_items: int
    sat: int


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """An attempt that waits to be gone on with."""

    attempt_id: int
    exam_title: str
    state: State
    answered: int
    total: int
    remaining: timedelta | None


@dataclass(frozen=True, slots=True)
class AssignedLine:
    """An exam that is assigned to this person and has not closed, or whose results they wait for."""

    assignment: Assignment
    phase: Phase
    used: int
    held: Held | None


@dataclass(frozen=True, slots=True)
class HomePage:
    """home/page.html. `taste`: there is a tutorial to try."""

    assigned: tuple[AssignedLine, ...]
    exams: tuple[ExamLine, ...]
    open_attempts: tuple[OpenAttempt, ...]
    past_attempts: int
    guests: bool
    taste: bool


router = APIRouter()


@router.get("/")
def home(request: Request, who: Who, now: Now, site: TheSite) -> Response:
    """The exams, and what is open."""
    with site.database.reading() as tx:
        mine = attempts.briefs(tx, who.id) if who else ()
        open_now = [one for one in mine if one.clock.state(now) is not State.FINAL]
        known = packs.exams(tx)
        lines = tuple(
            ExamLine(
                stored.exam,
                packs.ready_items(tx, stored.pack_version_id),
                sum(one.exam_id == stored.exam.id and one.kind is AttemptKind.MOCK for one in mine),
            )
            for stored in known
            if stored.exam.id != TUTORIAL
        )
        context = HomePage(
            assigned=_assigned(tx, who, mine, now) if who else (),
            exams=lines,
            open_attempts=tuple(_open(tx, attempts.get(tx, one.id, who.id), now) for one in open_now if who),
            past_attempts=len(mine) - len(open_now),
            guests=site.settings.guests,
            taste=any(stored.exam.id == TUTORIAL for stored in known),
        )
        return page(request, "home/page.html", context, who)


def _assigned(
    tx: Transaction, who: Person, mine: tuple[Brief, ...], now: datetime
) -> tuple[AssignedLine, ...]:
    tasks = assignments.assigned(tx, who.id)
    held = withheld.of_assignments(tx, [task.id for task in tasks], now)
    used = Counter(one.assignment_id for one in mine)
    lines = (AssignedLine(task, task.phase(now), used[task.id], held.get(task.id)) for task in tasks)
    return tuple(line for line in lines if line.phase is not Phase.AFTER or (line.used and line.held))


def _open(tx: Transaction, one: Attempt, now: datetime) -> OpenAttempt:
    done = counts_of(one, responses.current(tx, one.id))
    # The exam as it was when the form was made: a newer pack may not have it any more.
    title = packs.exam_of_form(tx, forms.get(tx, one.form_id).exam_version_id).exam.title
    return OpenAttempt(
        one.id, title, one.clock.state(now), done.answered, len(one.sheet.items), one.clock.remaining(now)
    )
