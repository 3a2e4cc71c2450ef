"""Questions: one item of an attempt that is final, with the history of its answer and how its topic went before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import RedirectResponse, Response

from app.errors import Missing
from app.exam.attempt import Attempt, AttemptKind
from app.exam.chronicle import Step, chronicle
from app.exam.score import Mark
from app.pages.depends import Id, Now, Somebody, TheSite
from app.pages.meanings import shown_score
from app.pages.render import page
from app.pages.reviewed import ReviewItem, reviewed
from app.pages.sheets import LETTERS
from app.store import attempts, item_versions, responses, scores, withheld
from app.store.database import Transaction

EARLIER = 12
"""So many earlier attempts are compared: what was long ago says little."""

LONGEST_NOTE = 2_000


@dataclass(frozen=True, slots=True)
class TopicThen:
    """How the topic of a question went in another attempt, and this very question if it was there."""

    attempt_id: int
    at: datetime
    right: int
    total: int
    position: int | None
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """reports/question.html. `before` and `after` are the neighbouring positions that can be shown."""

    attempt_id: int
    exam_title: str
    length: int
    item: ReviewItem
    steps: tuple[Step, ...]
    others: tuple[TopicThen, ...]
    before: int | None
    after: int | None
    longest: int


router = APIRouter()


@router.get("/reports/{attempt_id}/questions/{position}")
def question(
    request: Request,
    attempt_id: Id,
    position: Annotated[int, Path(ge=1, le=10_000)],
    who: Somebody,
    now: Now,
    site: TheSite,
) -> Response:
    """One question of an exam that is over, with everything there is about its answer."""
    with site.database.reading() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        got = shown_score(tx, one, now)
        if got is None:
            return RedirectResponse(f"/reports/{one.id}", 303)
        sheet_item = one.sheet.at(position)
        found = reviewed(tx, site, one, got.score, now)
        shown = {item.position: item for item in found.items}
        if position not in shown:
            raise Missing(
                "This question is on the exam that you have not ended. It is shown again after its end."
            )
        letters = {
            option.option_id: letter for option, letter in zip(sheet_item.options, LETTERS, strict=False)
        }
        context = QuestionPage(
            attempt_id=one.id,
            exam_title=found.exam.exam.title,
            length=len(one.sheet.items),
            item=shown[position],
            steps=chronicle(responses.log(tx, one.id, position), letters, one.clock.started_at),
            others=_others(tx, one, position, shown[position].topic_id, now),
            before=max((number for number in shown if number < position), default=None),
            after=min((number for number in shown if number > position), default=None),
            longest=LONGEST_NOTE,
        )
    return page(request, "reports/question.html", context, who)


def _others(tx: Transaction, one: Attempt, position: int, topic: str, now: datetime) -> tuple[TopicThen, ...]:
    """The other mocks of the same exam in which the topic was asked, latest first."""
    held = withheld.attempts_of(tx, one.person_id, now)
    same = item_versions.of_same_item(tx, one.sheet.at(position).item_version_id)
    earlier = [
        other
        for other in attempts.briefs(tx, one.person_id)
        if other.exam_id == one.exam_id
        and other.kind is AttemptKind.MOCK
        and other.id != one.id
        and other.clock.closed_at is not None
        and other.id not in held
    ]
    mine = [attempts.get(tx, other.id, one.person_id) for other in earlier[:EARLIER]]
    known = scores.latest(tx, [other.id for other in mine])
    found = []
    for other in mine:
        made = known.get(other.id)
        if made is None:
            continue
        places = [n for n, at in enumerate(other.sheet.items, 1) if at.item_version_id in same]
        tally = next((tally for tally in made.score.topics if tally.name == topic), None)
        if tally is None and not places:
            continue
        found.append(
            TopicThen(
                attempt_id=other.id,
                at=other.clock.started_at,
                right=0 if tally is None else tally.right,
                total=0 if tally is None else tally.total,
                position=places[0] if places else None,
                mark=made.score.marks[places[0] - 1] if places else None,
            )
        )
    return tuple(found)
