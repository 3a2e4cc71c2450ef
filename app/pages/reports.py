"""Reports: what an attempt came to. Only ever of an attempt that is final."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.errors import Invalid, Missing
from app.exam import topics
from app.exam.assignment import Held
from app.exam.attempt import Attempt, Ending
from app.exam.clock import State, TimeOption
from app.exam.gains import DomainStanding, Gain, Kind
from app.exam.guess import Compared
from app.exam.meaning import Meaning
from app.exam.pack import Scale, Topic
from app.exam.person import Person
from app.exam.score import Tally, least_to_pass
from app.pages.depends import Id, Now, Somebody, TheSite
from app.pages.meanings import guessed_score, meaning_of
from app.pages.render import page
from app.pages.site import Site
from app.store import (
    attempts,
    forms,
    packs,
    responses,
    scores,
    withheld,
)
from app.store.database import Transaction
from app.store.packs import StoredExam
from app.store.scores import StoredScore


@dataclass(frozen=True, slots=True)
class Share:
    """Right of total for one domain or subject."""

    title: str
    right: int
    total: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class ChapterShare(Share):
    """Right of total for one chapter of topics, and for its subjects."""

    subjects: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class PartLine:
    """A topic or service: right of total among the questions that were new, what it would gain, what was missed.
    `name` is what practice knows it by."""

    name: str
    title: str
    right: int
    total: int
    gain: Gain
    missed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DomainLine:
    """A domain as it was answered, and where it stands. `standing` is None where nothing is measured."""

    share: Share
    standing: DomainStanding | None
    topics: tuple[PartLine, ...]
    services: tuple[PartLine, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """One score of the attempt, as it was made at some time, with the reason."""

    at: datetime
    scaled: int
    passed: bool
    raw: int
    scored: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """reports/page.html. `domains` with most to gain first, else in the order of the pack; `study`: the topics with
    most to gain; `topics` and the subjects of each weakest first."""

    attempt_id: int
    exam_id: str
    exam_title: str
    exam_note: str
    started_at: datetime
    ended_at: datetime
    ending: str
    time_option: TimeOption
    pausable: bool
    time_used: timedelta
    time_allowed: timedelta | None
    scale: Scale
    scaled: int
    exact: float
    passed: bool
    raw: int
    scored: int
    exam_scored: int
    scores: tuple[Scored, ...]
    pilots: int
    needed: int
    cut_raw: float
    cut_source: str
    unanswered: int
    late: int
    domains: tuple[DomainLine, ...]
    study: tuple[PartLine, ...]
    topics: tuple[ChapterShare, ...]
    seen_before: int
    scoring_version: str
    expected: float | None
    guessed: Compared | None
    meaning: Meaning | None


@dataclass(frozen=True, slots=True)
class WithheldPage:
    """reports/withheld.html: the exam is over, and its results do not show yet."""

    exam_title: str
    ended_at: datetime
    held: Held


STUDIED = 3
"""So many topics are named at once: more than that is no advice."""


router = APIRouter()
_ENDINGS = {
    Ending.SUBMITTED: "Ended by you",
    Ending.TIME: "Ended by the clock",
    Ending.ABANDONED: "Abandoned",
}


@router.get("/reports/{attempt_id}")
def report(request: Request, attempt_id: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """What an attempt came to. The first look after the clock ran out closes and scores it; the first one after a
    correction of a key scores it again."""
    with site.database.reading() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        if one.clock.closed_at is not None:
            made = scores.history(tx, one.id)
            if not made or not scores.behind(tx, one, made[-1]):
                return _answer(request, tx, site, one, made, now, who)
    if one.clock.state(now) is not State.FINAL:
        return RedirectResponse(f"/attempts/{one.id}", 303)
    with site.database.writing() as tx:
        scores.close(tx, one, Ending.TIME, now)
        with suppress(Invalid):  # every item of it was withdrawn: it keeps the score it has
            scores.rescore(tx, one.id, now)
    with site.database.reading() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        return _answer(request, tx, site, one, scores.history(tx, one.id), now, who)


def _answer(
    request: Request,
    tx: Transaction,
    site: Site,
    one: Attempt,
    made: Sequence[StoredScore],
    now: datetime,
    who: Person,
) -> Response:
    if not made:
        raise Missing(scores.UNSCORED)
    held = withheld.of(tx, one, now)
    if held is None:
        return page(request, "reports/page.html", _report(tx, site, one, made, now), who)
    title = packs.exam_of_form(tx, forms.exam_version(tx, one.form_id)).exam.title
    context = WithheldPage(title, one.clock.closed_at or now, held)
    return page(request, "reports/withheld.html", context, who)


def _report(
    tx: Transaction, site: Site, one: Attempt, made: Sequence[StoredScore], now: datetime
) -> ReportPage:
    got = made[-1].score
    form = forms.get(tx, one.form_id)
    stored = packs.exam_of_form(tx, form.exam_version_id)
    counted = scores.scored_form(tx, one.id) if got.dropped else form.form
    measured = site.measured(tx, stored.exam.id, form.form.parameters)
    cut = stored.exam.cut if measured is None else measured.cut
    means = meaning_of(tx, site, one, form, got, now)
    domains = _domains(got.domains, stored, () if means is None else means.domains)
    return ReportPage(
        attempt_id=one.id,
        exam_id=stored.exam.id,
        exam_title=stored.exam.title,
        exam_note=stored.exam.note,
        started_at=one.clock.started_at,
        ended_at=one.clock.closed_at or now,
        ending=_ENDINGS[one.ending or Ending.SUBMITTED],
        time_option=one.time_option,
        pausable=one.pausable,
        time_used=one.time_used(now),
        time_allowed=one.time_allowed,
        scale=form.form.scale,
        scaled=got.displayed,
        exact=got.scaled,
        passed=got.passed,
        raw=got.raw,
        scored=got.scored,
        exam_scored=stored.exam.scored,
        scores=tuple(
            Scored(
                at.created_at, at.score.displayed, at.score.passed, at.score.raw, at.score.scored, at.reason
            )
            for at in made
        ),
        pilots=got.pilots.total,
        needed=least_to_pass(counted),
        cut_raw=cut.raw_equivalent,
        cut_source=cut.source,
        unanswered=got.unanswered,
        late=len(responses.late(tx, one.id)),
        domains=domains,
        study=_study(domains),
        topics=_chapters(got.topics, stored.topics),
        seen_before=form.form.seen_before if one.assignment_id is None else forms.met_before(tx, one),
        scoring_version=str(got.version),
        expected=one.expected,
        guessed=guessed_score(one, got, means),
        meaning=means,
    )


def _chapters(tallies: tuple[Tally, ...], listed: tuple[Topic, ...]) -> tuple[ChapterShare, ...]:
    return tuple(
        ChapterShare(
            title=topics.title(chapter.whole.name, listed),
            right=chapter.whole.right,
            total=chapter.whole.total,
            unanswered=chapter.whole.unanswered,
            subjects=tuple(_share(part, topics.title(part.name, listed)) for part in chapter.subjects),
        )
        for chapter in topics.chapters(tallies)
    )


def _domains(
    tallies: Iterable[Tally], stored: StoredExam, standings: Sequence[DomainStanding]
) -> tuple[DomainLine, ...]:
    of_domains = {tally.name: tally for tally in tallies}
    titles = {domain.id: domain.title for domain in stored.domains if domain.id in of_domains}
    if not standings:
        return tuple(DomainLine(_share(of_domains[name], titles[name]), None, (), ()) for name in titles)
    return tuple(
        DomainLine(
            _share(of_domains[one.domain], titles.get(one.domain, one.domain)),
            one,
            _parts(one, Kind.TOPIC, stored.topics),
            _parts(one, Kind.SERVICE, ()),
        )
        for one in standings
        if one.domain in of_domains
    )


def _parts(standing: DomainStanding, kind: Kind, listed: tuple[Topic, ...]) -> tuple[PartLine, ...]:
    return tuple(
        PartLine(
            one.part.name,
            topics.title(one.part.name, listed) if kind is Kind.TOPIC else one.part.name,
            one.tally.right,
            one.tally.total,
            one.gain,
            one.missed,
        )
        for one in standing.parts
        if one.part.kind is kind
    )


def _study(domains: Iterable[DomainLine]) -> tuple[PartLine, ...]:
    """The topics, of all domains, with most to gain."""
    missed = (part for domain in domains for part in domain.topics)
    return tuple(sorted(missed, key=lambda part: -part.gain.points)[:STUDIED])


def _share(tally: Tally, title: str) -> Share:
    return Share(title, tally.right, tally.total, tally.unanswered)
