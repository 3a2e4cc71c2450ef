"""History: what a person has sat, and how the scores went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.exam.assignment import Held
from app.exam.attempt import AttemptKind, Ending
from app.exam.clock import State, TimeOption
from app.pages.depends import Now, Somebody, TheSite
from app.pages.render import page
from app.store import attempts, packs, scores, withheld
from app.store.attempts import Brief
from app.store.packs import StoredExam
from app.store.scores import ScoreLine


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One line of the list of attempts. `held` says when results show that do not yet; then there are none."""

    attempt_id: int
    exam_title: str
    kind: AttemptKind
    started_at: datetime
    state: State
    time_option: TimeOption
    pausable: bool
    scaled: int | None
    passed: bool | None
    raw: int | None
    scored: int | None
    abandoned: bool
    held: str


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """One point of the score history: `exact` is unrounded."""

    attempt_id: int
    at: datetime
    exact: float
    scaled: int
    passed: bool


@dataclass(frozen=True, slots=True)
class ScoreHistory:
    """The scores of one exam in time, oldest first, on its scale."""

    exam_title: str
    scale_min: int
    scale_cut: int
    scale_max: int
    points: tuple[HistoryPoint, ...]


@dataclass(frozen=True, slots=True)
class AttemptsPage:
    """attempts/list.html: what I have sat, newest first, and how the scores went."""

    rows: tuple[AttemptRow, ...]
    histories: tuple[ScoreHistory, ...]


router = APIRouter()


@router.get("/attempts")
def list_attempts(request: Request, who: Somebody, now: Now, site: TheSite) -> Response:
    """What this person has sat."""
    with site.database.reading() as tx:
        mine, held = attempts.briefs(tx, who.id), withheld.attempts_of(tx, who.id, now)
        known = {id_: line for id_, line in scores.lines(tx, who.id).items() if id_ not in held}
        exams = {stored.exam.id: stored for stored in packs.exams(tx)}
        context = AttemptsPage(
            rows=tuple(_row(one, known.get(one.id), held.get(one.id), exams, now) for one in mine),
            histories=tuple(_histories(mine, known, exams)),
        )
        return page(request, "attempts/list.html", context, who)


def _row(
    one: Brief, got: ScoreLine | None, held: Held | None, exams: dict[str, StoredExam], now: datetime
) -> AttemptRow:
    return AttemptRow(
        attempt_id=one.id,
        exam_title=exams[one.exam_id].exam.title if one.exam_id in exams else one.exam_id,
        kind=one.kind,
        started_at=one.clock.started_at,
        state=one.clock.state(now),
        time_option=one.time_option,
        pausable=one.pausable,
        scaled=got.displayed if got else None,
        passed=got.passed if got else None,
        raw=got.raw if got else None,
        scored=got.scored if got else None,
        abandoned=one.ending is Ending.ABANDONED,
        held="" if held is None else str(held),
    )


def _histories(
    mine: tuple[Brief, ...], known: dict[int, ScoreLine], exams: dict[str, StoredExam]
) -> Iterable[ScoreHistory]:
    for exam_id, stored in exams.items():
        points = tuple(
            HistoryPoint(one.id, one.clock.started_at, got.exact, got.displayed, got.passed)
            for one in reversed(mine)
            if one.exam_id == exam_id and one.kind is AttemptKind.MOCK and (got := known.get(one.id))
        )
        if points:
            scale = stored.exam.scale
            yield ScoreHistory(stored.exam.title, scale.min, scale.cut, scale.max, points)
