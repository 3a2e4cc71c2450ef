"""Attempts: start, sit, pause and end one. The save itself, the hot path, is in responses.py."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from app.errors import Invalid, LoggedOut, Refused, TooLarge, TooMany
from app.exam.attempt import Attempt, AttemptKind, Counts, Ending, deal
from app.exam.attempt import Response as CandidateResponse
from app.exam.clock import State, TimeOption
from app.exam.guess import read_guess
from app.exam.pack import TUTORIAL
from app.exam.person import Person, Role
from app.pages.depends import LARGEST_ID, Id, Now, Somebody, TheSite, Who, log_in, welcome
from app.pages.new_forms import SEED_BITS, new_form
from app.pages.render import page
from app.pages.sheets import QuestionView, counts_of, question
from app.pages.site import Site
from app.store import assignments, attempts, forms, packs, people, responses, scores
from app.store.attempts import NewAttempt
from app.store.database import Transaction

LARGEST_SCRATCHPAD = 10_000
LOOK_EVERY, LOOK_OFTEN = 60, 8  # seconds
STARTS_A_DAY, DAY = 20, timedelta(days=1)
"""How often a person may start the same exam."""


@dataclass(frozen=True, slots=True)
class AttemptPage:
    """attempts/page.html: the whole exam in one document.

    `newer` are positions where a form without JavaScript came too late: another tab or device was first.
    `look_every`: after so many seconds it asks how things stand; an instructor may have given extra time.
    """

    attempt_id: int
    exam_title: str
    questions: tuple[QuestionView, ...]
    counts: Counts
    state: State
    remaining_ms: int | None
    deadline_at: datetime | None
    grace_seconds: int
    pausable: bool
    scratchpad: str
    guest: bool
    editable: bool
    newer: tuple[int, ...]
    look_every: int


@dataclass(frozen=True, slots=True)
class EndPage:
    """attempts/end.html: are you sure?"""

    attempt_id: int
    exam_title: str
    counts: Counts
    total: int
    remaining: timedelta | None


@dataclass(frozen=True, slots=True)
class PausedPage:
    """attempts/paused.html"""

    attempt_id: int
    exam_title: str
    counts: Counts
    total: int
    remaining: timedelta | None
    paused_at: datetime


router = APIRouter()


@router.post("/attempts")
def start(
    request: Request,
    who: Who,
    now: Now,
    site: TheSite,
    exam: Annotated[str, Form()] = "",
    time_option: Annotated[TimeOption, Form()] = TimeOption.STANDARD,
    mode: Annotated[str, Form()] = "strict",
    expected: Annotated[str, Form()] = "",
    expected_score: Annotated[str, Form()] = "",
    assignment: Annotated[int | None, Form(ge=1, le=LARGEST_ID)] = None,
) -> Response:
    """Start an attempt: close what has run out, assemble a form, deal the sheet. An `assignment` has rules of its
    own, and of the other fields only what is expected counts."""
    if assignment is None:
        if not site.settings.guests and (who is None or who.is_guest) and exam != TUTORIAL:
            raise LoggedOut("Log in or register first: this server keeps attempts in accounts.")
        if who is None:
            welcome(request)

    def begin(tx: Transaction) -> Response:
        if assignment is not None:
            attempt_id = _start_assigned(tx, site, who, assignment, (expected, expected_score), now)
            return RedirectResponse(f"/attempts/{attempt_id}", 303)
        stored = packs.exam(tx, exam)
        guess = read_guess(expected, expected_score, stored.exam.scale)
        answer = RedirectResponse("/", 303)
        person = who or _new_guest(request, answer, tx, now)
        kind = AttemptKind.PRACTICE if exam == TUTORIAL else AttemptKind.MOCK
        _refuse_scraping(tx, person.id, exam, now)
        _close_earlier(tx, person.id, exam, kind, now)
        form = new_form(tx, site, stored, person, now)
        seed = secrets.randbits(SEED_BITS)
        attempt_id = attempts.start(
            tx,
            NewAttempt(
                person_id=person.id,
                exam_id=exam,
                form_id=form.id,
                kind=kind,
                seed=seed,
                sheet=deal(form.items, seed),
                time_option=time_option,
                allowed=time_option.allowed(stored.exam.minutes),
                grace_seconds=stored.exam.grace_seconds,
                pausable=mode == "pausable",
                expected=guess.sure,
                expected_score=guess.score,
            ),
            now,
        )
        answer.headers["location"] = f"/attempts/{attempt_id}"
        return answer

    return site.write(begin)


@router.get("/attempts/{attempt_id}")
def sit(
    request: Request,
    attempt_id: Id,
    who: Somebody,
    now: Now,
    site: TheSite,
    newer: Annotated[tuple[int, ...], Query()] = (),
) -> Response:
    """The whole exam in one document; after the end, the way to the report."""
    with site.database.reading() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        state = one.clock.state(now)
        if state is State.FINAL:
            return RedirectResponse(f"/reports/{one.id}", 303)
        stands = responses.current(tx, one.id)
        exam = packs.exam_of_form(tx, forms.exam_version(tx, one.form_id)).exam
        done, total = counts_of(one, stands), len(one.sheet.items)
        remaining = one.clock.remaining(now)
        if state is State.PAUSED and one.clock.paused_at is not None:
            paused = PausedPage(one.id, exam.title, done, total, remaining, one.clock.paused_at)
            return page(request, "attempts/paused.html", paused, who)
        context = AttemptPage(
            attempt_id=one.id,
            exam_title=exam.title,
            questions=_questions(tx, site, one, stands),
            counts=done,
            state=state,
            remaining_ms=None if remaining is None else int(remaining.total_seconds() * 1000),
            deadline_at=one.clock.deadline_at,
            grace_seconds=int(one.clock.grace.total_seconds()),
            pausable=one.pausable,
            scratchpad=one.scratchpad,
            guest=who.is_guest,
            editable=state is State.OPEN,
            newer=tuple(position for position in newer if 1 <= position <= total),
            look_every=LOOK_EVERY if one.assignment_id is None else LOOK_OFTEN,
        )
        return page(request, "attempts/page.html", context, who)


@router.put("/attempts/{attempt_id}/scratchpad")
def scratchpad(attempt_id: Id, who: Somebody, site: TheSite, text: Annotated[str, Form()] = "") -> Response:
    """Keep the candidate's notes."""
    with site.database.writing() as tx:
        if len(text) > LARGEST_SCRATCHPAD:
            raise TooLarge(
                f"The scratchpad holds {LARGEST_SCRATCHPAD} characters. What you wrote is still on this page."
            )
        one = attempts.get(tx, attempt_id, who.id)
        attempts.set_scratchpad(tx, one.id, text)
        return Response(status_code=204)


@router.get("/attempts/{attempt_id}/end")
def before_end(request: Request, attempt_id: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """Are you sure?"""
    with site.database.reading() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        if one.clock.state(now) is State.FINAL:
            return RedirectResponse(f"/reports/{one.id}", 303)
        exam = packs.exam_of_form(tx, forms.exam_version(tx, one.form_id)).exam
        done = counts_of(one, responses.current(tx, one.id))
        context = EndPage(one.id, exam.title, done, len(one.sheet.items), one.clock.remaining(now))
        return page(request, "attempts/end.html", context, who)


@router.post("/attempts/{attempt_id}/end")
def end(
    attempt_id: Id, who: Somebody, now: Now, site: TheSite, reason: Annotated[str, Form()] = ""
) -> Response:
    """End the exam and score it. A second end changes nothing and leads to the same report.

    A page sends the reason "time" when its clock stands at zero, which is never early: when there is time left
    after all, extra time was given meanwhile, and the exam goes on.
    """

    def close(tx: Transaction) -> str:
        one = attempts.get(tx, attempt_id, who.id)
        if reason == "time" and one.clock.state(now) is State.OPEN:
            return f"/attempts/{one.id}"
        scores.close(tx, one, Ending.SUBMITTED, now)
        return f"/reports/{one.id}"

    return RedirectResponse(site.write(close), 303)


@router.post("/attempts/{attempt_id}/pause")
def pause(attempt_id: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """Stop the clock of a pausable attempt."""
    with site.database.writing() as tx:
        attempts.pause(tx, attempts.get(tx, attempt_id, who.id), now)
        return RedirectResponse(f"/attempts/{attempt_id}", 303)


@router.post("/attempts/{attempt_id}/resume")
def resume(attempt_id: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """Let the clock run again."""
    with site.database.writing() as tx:
        attempts.resume(tx, attempts.get(tx, attempt_id, who.id), now)
        return RedirectResponse(f"/attempts/{attempt_id}", 303)


@router.post("/attempts/{attempt_id}/abandon")
def abandon(attempt_id: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """Give up a paused or untimed attempt: it is closed without a score."""
    with site.database.writing() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        if one.clock.paused_at is None and one.clock.deadline_at is not None:
            raise Invalid("Only a paused or untimed exam can be abandoned. End this one instead.")
        scores.close(tx, one, Ending.ABANDONED, now)
        return RedirectResponse("/attempts", 303)


def _new_guest(request: Request, answer: Response, tx: Transaction, now: datetime) -> Person:
    guest = people.add(tx, name=None, password_hash=None, role=Role.CANDIDATE, is_guest=True, now=now)
    log_in(request, answer, tx, guest)
    return guest


def _start_assigned(
    tx: Transaction, site: Site, who: Person | None, assignment_id: int, said: tuple[str, str], now: datetime
) -> int:
    """Start an attempt at an assigned exam. Raises LoggedOut, Missing for others than members, and Refused."""
    if who is None:
        raise LoggedOut("Log in first: this exam is for the members of a cohort.")
    task = assignments.of_member(tx, assignment_id, who.id, turn=True)
    exam = task.exam
    guess = read_guess(*said, exam.scale)
    _close_earlier(tx, who.id, exam.id, AttemptKind.MOCK, now)
    refusal = task.refusal(assignments.used(tx, task.id, who.id), now)
    if refusal:
        raise Refused(refusal)
    if task.form_id is None:
        form_id, items = new_form(tx, site, packs.exam(tx, exam.id), who, now)
    else:
        form_id, whole = task.form_id, site.whole_items(tx, list(task.items))
        items = [(version_id, whole[version_id]) for version_id in task.items]
    seed = secrets.randbits(SEED_BITS)
    new = NewAttempt(
        person_id=who.id,
        exam_id=exam.id,
        form_id=form_id,
        kind=AttemptKind.MOCK,
        seed=seed,
        sheet=deal(items, seed),
        time_option=task.time_option,
        allowed=task.deadline(now, assignments.extra_of(tx, task.id, who.id)) - now,
        grace_seconds=exam.grace_seconds,
        pausable=False,
        expected=guess.sure,
        expected_score=guess.score,
        assignment_id=task.id,
    )
    return attempts.start(tx, new, now)


def _refuse_scraping(tx: Transaction, person_id: int, exam_id: str, now: datetime) -> None:
    """Nobody sits an exam this often in a day; somebody who only wants to see its questions would."""
    earlier = attempts.starts(tx, person_id, exam_id, now - DAY)
    if len(earlier) >= STARTS_A_DAY:
        wait = int((earlier[-STARTS_A_DAY] + DAY - now).total_seconds()) + 1
        hours = -(-wait // 3600)
        raise TooMany(
            f"You have started this exam {STARTS_A_DAY} times within a day. The next start is possible in {hours} "
            f"hour{'s' * (hours != 1)}; your reports and reviews stay open.",
            wait,
        )


def _close_earlier(tx: Transaction, person_id: int, exam_id: str, kind: AttemptKind, now: datetime) -> None:
    """Close what has run out; a practice that is still open gives way to the new one."""
    for one in attempts.not_closed(tx, person_id, exam_id):
        if one.clock.state(now) is State.FINAL:
            scores.close(tx, one, Ending.TIME, now)
        elif kind is AttemptKind.PRACTICE:
            scores.close(tx, one, Ending.ABANDONED, now)


def _questions(
    tx: Transaction, site: Site, one: Attempt, stands: dict[int, CandidateResponse]
) -> tuple[QuestionView, ...]:
    pages = site.item_pages(tx, [at.item_version_id for at in one.sheet.items])
    return tuple(question(one, p, stands.get(p), pages) for p in range(1, len(one.sheet.items) + 1))
