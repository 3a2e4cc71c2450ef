"""Attempts: start, sit, pause and end one. The save itself, the hot path, is in responses.py."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from app.errors import Invalid, LoggedOut, TooLarge
from app.exam import form as forms_of_exam
from app.exam.attempt import Attempt, AttemptKind, Counts, Ending, deal
from app.exam.attempt import Response as CandidateResponse
from app.exam.clock import State, TimeOption
from app.exam.pack import TUTORIAL
from app.exam.person import Person, Role
from app.pages.depends import Id, Now, Site, Somebody, TheSite, Who, log_in
from app.pages.render import page
from app.pages.sheets import QuestionView, counts_of, question
from app.store import attempts, forms, packs, people, responses, scores
from app.store.attempts import NewAttempt
from app.store.database import Transaction
from app.store.packs import StoredExam

SEED_BITS = 53
LARGEST_SCRATCHPAD = 10_000
MOST_SEEDS = 50


@dataclass(frozen=True, slots=True)
class AttemptPage:
    """attempts/page.html: the whole exam in one document.

    `newer` are positions where a form without JavaScript came too late: another tab or device was first.
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
    exam: Annotated[str, Form()],
    time_option: Annotated[TimeOption, Form()] = TimeOption.STANDARD,
    mode: Annotated[str, Form()] = "strict",
    expected: Annotated[str, Form()] = "",
) -> Response:
    """Start an attempt: close what has run out, assemble a form, deal the sheet."""
    with site.database.writing() as tx:
        stored = packs.exam(tx, exam)
        answer = RedirectResponse("/", 303)
        if not site.settings.guests and (who is None or who.is_guest) and exam != TUTORIAL:
            raise LoggedOut("Log in or register first: this server keeps attempts in accounts.")
        person = who or _new_guest(request, answer, tx, now)
        kind = AttemptKind.PRACTICE if exam == TUTORIAL else AttemptKind.MOCK
        _close_earlier(tx, person.id, exam, kind, now)
        form_id, form = _new_form(tx, site, stored, person, now)
        shelf = site.shelf(tx, stored, now.date())
        seed = secrets.randbits(SEED_BITS)
        attempt_id = attempts.start(
            tx,
            NewAttempt(
                person_id=person.id,
                exam_id=exam,
                form_id=form_id,
                kind=kind,
                seed=seed,
                sheet=deal([(shelf.version_ids[at.id], shelf.items[at.id]) for at in form.positions], seed),
                time_option=time_option,
                allowed=time_option.allowed(stored.exam.minutes),
                grace_seconds=stored.exam.grace_seconds,
                pausable=mode == "pausable",
                expected=_expected(expected),
            ),
            now,
        )
        answer.headers["location"] = f"/attempts/{attempt_id}"
        return answer


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
def end(attempt_id: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """End the exam and score it. A second end changes nothing and leads to the same report."""
    with site.database.writing() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        scores.close(tx, one, Ending.SUBMITTED, now)
        return RedirectResponse(f"/reports/{one.id}", 303)


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


def _close_earlier(tx: Transaction, person_id: int, exam_id: str, kind: AttemptKind, now: datetime) -> None:
    """Close what has run out; a practice that is still open gives way to the new one."""
    for one in attempts.not_closed(tx, person_id, exam_id):
        if one.clock.state(now) is State.FINAL:
            scores.close(tx, one, Ending.TIME, now)
        elif kind is AttemptKind.PRACTICE:
            scores.close(tx, one, Ending.ABANDONED, now)


def _new_form(
    tx: Transaction, site: Site, stored: StoredExam, person: Person, now: datetime
) -> tuple[int, forms_of_exam.Form]:
    """A form that nobody had before. When a seed gives one that exists, the next seed is tried and recorded."""
    snapshot = site.snapshot(tx, stored, person, now)
    shelf = site.shelf(tx, stored, now.date())
    first = secrets.randbits(SEED_BITS)
    for seed in range(first, first + MOST_SEEDS):
        form = forms_of_exam.assemble(snapshot, seed)
        version_ids = [shelf.version_ids[at.id] for at in form.positions]
        form_id = forms.add(tx, form, snapshot, stored.version_id, version_ids, now)
        if form_id is not None:
            return form_id, form
    if stored.exam.id == TUTORIAL:
        return forms.same(tx, form), form
    raise Invalid("No new form could be made from this bank: too few items. An instructor can add some.")


def _questions(
    tx: Transaction, site: Site, one: Attempt, stands: dict[int, CandidateResponse]
) -> tuple[QuestionView, ...]:
    pages = site.item_pages(tx, [at.item_version_id for at in one.sheet.items])
    return tuple(question(one, p, stands.get(p), pages) for p in range(1, len(one.sheet.items) + 1))


def _expected(text: str) -> float | None:
    """A percentage as a share; empty when the candidate did not say. Raises Invalid."""
    if not text.strip():
        return None
    if not text.strip().isascii() or not text.strip().isdecimal() or int(text) > 100:  # noqa: PLR2004 - per cent
        raise Invalid("How sure you are is a whole number from 0 to 100, or empty.")
    return int(text) / 100
