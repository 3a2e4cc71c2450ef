"""One member's attempts at an assigned exam, as those who keep the cohort see them: what the member agreed to, the
result, the answer to each question and the time, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.errors import Missing
from app.exam.assignment import Assignment
from app.exam.attempt import Attempt
from app.exam.attempt import Response as CandidateResponse
from app.exam.clock import State
from app.exam.cohort import Member
from app.exam.pack import Scale
from app.exam.score import Mark, Tally
from app.pages.depends import Id, Instructor, Now, TheSite
from app.pages.render import page
from app.pages.sheets import LETTERS
from app.pages.site import Site
from app.store import (
    assignments,
    attempts,
    cohorts,
    forms,
    item_versions,
    pack_access,
    packs,
    responses,
    scores,
)
from app.store.assignments import NONE
from app.store.database import Transaction

OPENING = 70  # characters


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One question: what was chosen, by the letters that the member saw and the first words of the options, and what
    it came to. `link` leads to the item, and is empty when its pack is not open to who looks."""

    position: int
    opening: str
    domain: str
    chosen: tuple[tuple[str, str], ...]
    mark: Mark
    counts: bool
    seconds: float
    link: str


@dataclass(frozen=True, slots=True)
class Result:
    """What an attempt came to. `domains` are (title, tally)."""

    scale: Scale
    scaled: int
    exact: float
    passed: bool
    raw: int
    scored: int
    standard: float
    domains: tuple[tuple[str, Tally], ...]
    answers: tuple[AnswerLine, ...]


@dataclass(frozen=True, slots=True)
class MemberPage:
    """member_results/page.html: the attempt with the `number` (from 1) of `count`; `result` is None while it is not
    over. Without any attempt `count` is 0."""

    assignment: Assignment
    member: Member
    number: int
    count: int
    state: State | None
    started_at: datetime | None
    time_used: timedelta | None
    time_allowed: timedelta | None
    result: Result | None


router = APIRouter()


@router.get("/assignments/{assignment_id}/members/{person_id}")
def member(
    request: Request,
    assignment_id: Id,
    person_id: Id,
    who: Instructor,
    now: Now,
    site: TheSite,
    number: Annotated[int, Query(ge=0, le=1_000)] = 0,
) -> Response:
    """One member's attempt; the last one, unless another `number` is asked for."""
    with site.database.reading() as tx:
        task = assignments.kept(tx, assignment_id, cohorts.visible(tx, who))
        found = next((one for one in cohorts.members(tx, task.cohort_id) if one.person_id == person_id), None)
        if found is None:  # never was one, or has left and taken the consent back
            raise Missing(NONE)
        sat = [one.attempt_id for one in assignments.sat(tx, task.id) if one.person_id == person_id]
        chosen = number if 1 <= number <= len(sat) else len(sat)
        one = attempts.get(tx, sat[chosen - 1], person_id) if sat else None
        got = None if one is None else _result(tx, site, one, task, pack_access.visible(tx, who))
    context = MemberPage(
        assignment=task,
        member=found,
        number=chosen,
        count=len(sat),
        state=None if one is None else one.clock.state(now),
        started_at=None if one is None else one.clock.started_at,
        time_used=None if one is None else one.time_used(now),
        time_allowed=None if one is None else one.time_allowed,
        result=got,
    )
    return page(request, "member_results/page.html", context, who)


def _result(
    tx: Transaction, site: Site, one: Attempt, task: Assignment, mine: frozenset[str]
) -> Result | None:
    made = scores.latest(tx, [one.id]).get(one.id)
    if made is None:
        return None
    got = made.score
    form = forms.get(tx, one.form_id)
    stored = packs.exam_of_form(tx, form.exam_version_id)
    titles = {domain.id: domain.title for domain in stored.domains}
    version_ids = [at.item_version_id for at in one.sheet.items]
    asked, codes = site.item_pages(tx, version_ids), item_versions.codes(tx, version_ids, mine)
    stands = responses.current(tx, one.id)
    lines = []
    for place, at, mark in zip(form.form.positions, one.sheet.items, got.marks, strict=True):
        stood = stands.get(place.number, CandidateResponse(place.number))
        shown, known = asked[at.item_version_id], at.item_version_id in codes
        lines.append(
            AnswerLine(
                position=place.number,
                opening=_first_words(shown.plain_stem),
                domain=titles.get(place.domain, place.domain),
                chosen=tuple(
                    (letter, _first_words(shown.options[option.option_id].striptags()))
                    for option, letter in zip(at.options, LETTERS, strict=False)
                    if option.option_id in stood.choice
                ),
                mark=mark,
                counts=place.scored and place.number not in got.dropped,
                seconds=stood.marks.elapsed_ms / 1000,
                link=f"/exams/{task.exam.id}/items/{at.item_version_id}" if known else "",
            )
        )
    of_domains = {tally.name: tally for tally in got.domains}
    return Result(
        scale=form.form.scale,
        scaled=got.displayed,
        exact=got.scaled,
        passed=got.passed,
        raw=got.raw,
        scored=got.scored,
        standard=stored.exam.cut_share,
        domains=tuple((d.title, of_domains[d.id]) for d in stored.domains if d.id in of_domains),
        answers=tuple(lines),
    )


def _first_words(text: str) -> str:
    return text if len(text) <= OPENING else text[:OPENING].rsplit(" ", 1)[0] + " …"
