"""Debriefs: how a candidate worked and thought in an attempt that is final."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.exam.attempt import Attempt, Outcome
from app.exam.attempt import Response as CandidateResponse
from app.exam.confidence import LEAST, SAID
from app.exam.debrief import OVERLONG, Debrief, Worked, debrief, settled
from app.exam.expected_time import expected_seconds
from app.exam.form import Form
from app.exam.guess import Compared
from app.exam.meaning import Meaning
from app.exam.pack import Scale
from app.exam.regrade import standing
from app.exam.score import Mark, Score
from app.pages.depends import Id, Now, Somebody, TheSite
from app.pages.meanings import guessed_score, meaning_of, shown_score
from app.pages.render import page
from app.pages.site import Site
from app.store import analyses, attempts, forms, packs, responses, scores
from app.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Timed:
    """The time on one question: spent and planned, and what became of it."""

    position: int
    spent: timedelta
    planned: timedelta
    mark: Mark


@dataclass(frozen=True, slots=True)
class DebriefPage:
    """reports/debrief.html. `longest` of the `times`, spent or planned; `said`: the chances that the words of
    confidence are taken for; `domains` titles by id; `surprises`: positions by domain, of those sure and wrong and of
    those guessed and right."""

    attempt_id: int
    exam_id: str
    exam_title: str
    scale: Scale
    scaled: int
    exact: float
    passed: bool
    expected: float | None
    guessed: Compared | None
    meaning: Meaning | None
    is_timed: bool
    found: Debrief
    least: int
    overlong: float
    times: tuple[Timed, ...]
    longest: timedelta
    said: dict[str, float]
    domains: dict[str, str]
    surprises: dict[str, tuple[tuple[str, tuple[int, ...]], ...]]


router = APIRouter()


@router.get("/reports/{attempt_id}/debrief")
def show(request: Request, attempt_id: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """How the attempt was worked on: time, changes, traps, confidence. What is not final yet leads to the report."""
    with site.database.reading() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        got = shown_score(tx, one, now)
        if got is None:
            return RedirectResponse(f"/reports/{one.id}", 303)
        context = _page(tx, site, one, got.score, now)
    return page(request, "reports/debrief.html", context, who)


def _page(tx: Transaction, site: Site, one: Attempt, got: Score, now: datetime) -> DebriefPage:
    form = forms.get(tx, one.form_id)
    stored = packs.exam_of_form(tx, form.exam_version_id)
    exam, domains = stored.exam, {domain.id: domain.title for domain in stored.domains}
    version_ids = [at.item_version_id for at in one.sheet.items]
    whole = site.whole_items(tx, version_ids)
    items = [whole[version_id] for version_id in version_ids]
    corrected = standing(scores.corrections(tx, version_ids))
    stands = responses.current(tx, one.id)
    accepted = [save for save, outcome in responses.log(tx, one.id) if outcome is Outcome.ACCEPTED]
    left = settled((save.position, save.choice) for save in accepted)
    flagged = {save.position for save in accepted if save.marks.flagged}
    missed = [
        version_id for version_id, mark in zip(version_ids, got.marks, strict=True) if mark is Mark.WRONG
    ]
    others = analyses.choices(tx, one.exam_id, missed)
    worked = []
    for place, item, version_id, mark, seconds in zip(
        form.form.positions, items, version_ids, got.marks, expected_seconds(items, exam), strict=True
    ):
        stood = stands.get(place.number, CandidateResponse(place.number))
        correction = corrected.get(version_id)
        worked.append(
            Worked(
                place=place,
                item=item,
                key=item.key if correction is None or correction.key is None else correction.key,
                right=mark is Mark.RIGHT,
                counts=place.scored and place.number not in got.dropped,
                seconds=stood.marks.elapsed_ms / 1000,
                expected=seconds,
                flagged=place.number in flagged,
                confidence=stood.marks.confidence,
                settled=left.get(place.number, ()),
                others=others.get(version_id, {}),
            )
        )
    found = debrief(worked)
    times = tuple(
        Timed(at.place.number, timedelta(seconds=at.seconds), timedelta(seconds=at.expected), mark)
        for at, mark in zip(worked, got.marks, strict=True)
    )
    means = meaning_of(tx, site, one, form, got, now)
    return DebriefPage(
        attempt_id=one.id,
        exam_id=exam.id,
        exam_title=exam.title,
        scale=form.form.scale,
        scaled=got.displayed,
        exact=got.scaled,
        passed=got.passed,
        expected=one.expected,
        guessed=guessed_score(one, got, means),
        meaning=means,
        is_timed=one.time_allowed is not None,
        found=found,
        least=LEAST,
        overlong=OVERLONG,
        times=times,
        longest=max(max(time.spent, time.planned) for time in times),
        said={str(level): chance for level, chance in SAID.items()},
        domains=domains,
        surprises={
            str(level.said): _by_domain(level.surprises, form.form, domains)
            for level in (found.trust.levels if found.trust else ())
        },
    )


def _by_domain(
    positions: Sequence[int], form: Form, titles: Mapping[str, str]
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Some positions by the title of their domain, the domain with most first."""
    inside: dict[str, list[int]] = {}
    for number in positions:
        domain = form.positions[number - 1].domain
        inside.setdefault(titles.get(domain, domain), []).append(number)
    return tuple(
        sorted(((name, tuple(those)) for name, those in inside.items()), key=lambda one: -len(one[1]))
    )
