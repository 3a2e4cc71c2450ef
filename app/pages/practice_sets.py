"""Practice sets: how far one has come, its end, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.exam.practice_set import PracticeSet, SetKind, standing_answers
from app.pages.depends import Id, Now, Somebody, TheSite
from app.pages.intake import bring_up_to_date, end_set, keys_of
from app.pages.render import page
from app.pages.site import Site
from app.pages.studying import kept_back
from app.store import practice
from app.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Line:
    """One position of a set: `state` is right, wrong, withdrawn, open (no answer), answered (not told
    yet) or kept back."""

    position: int
    state: str
    start: str


@dataclass(frozen=True, slots=True)
class SetPage:
    """practice/set.html: how far a set has come, or what it came to."""

    set_id: int
    exam_id: str
    title: str
    kind: SetKind
    at_once: bool
    over: bool
    started_at: datetime
    reached: int
    total: int
    answered: int
    right: int
    wrong: int
    lines: tuple[Line, ...]


router = APIRouter()


@router.get("/practice/{set_id}")
def show(request: Request, set_id: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """How far a set has come; what it came to, when it is over."""
    bring_up_to_date(site, who.id, now)
    with site.database.reading() as tx:
        one = practice.get(tx, set_id, who.id)
        context = _set_page(tx, site, one, now)
    return page(request, "practice/set.html", context, who)


@router.post("/practice/{set_id}/end")
def end(set_id: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """End a set. A second end changes nothing."""
    with site.database.writing() as tx:
        one = practice.get(tx, set_id, who.id, lock=True)
        end_set(tx, site, one, now)
    return RedirectResponse(f"/practice/{set_id}", 303)


def _set_page(tx: Transaction, site: Site, one: PracticeSet, now: datetime) -> SetPage:
    given = standing_answers(practice.answers(tx, [one.id])[one.id])
    version_ids = [at.item_version_id for at in one.sheet.items]
    keys, over = keys_of(tx, site, version_ids), one.over_at(now) is not None
    back = kept_back(tx, site, one.person_id, version_ids, now)

    def state(position: int) -> str:
        stands = given.get(position)
        if version_ids[position - 1] in back:
            return "kept back"
        if stands is None:
            return "open"
        if not one.explained(position, given, now):
            return "answered"
        key = keys[version_ids[position - 1]]
        return "withdrawn" if key is None else "right" if set(stands.choice) == key else "wrong"

    states = [state(position) for position in range(1, one.reached + 1)]
    html = site.item_pages(tx, version_ids[: one.reached])
    return SetPage(
        set_id=one.id,
        exam_id=one.exam_id,
        title=one.title,
        kind=one.kind,
        at_once=one.at_once,
        over=over,
        started_at=one.started_at,
        reached=one.reached,
        total=len(one.sheet.items),
        answered=len(given),
        right=states.count("right"),
        wrong=states.count("wrong"),
        lines=tuple(
            Line(
                position,
                told,
                "" if told == "kept back" else _start(html[version_ids[position - 1]].plain_stem),
            )
            for position, told in enumerate(states, 1)
        ),
    )


def _start(text: str, words: int = 14) -> str:
    parts = text.split()
    return " ".join(parts[:words]) + (" …" if len(parts) > words else "")
