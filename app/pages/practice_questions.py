"""Practice questions: one to a page, and its explanation when it is time for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from app.exam.attempt import Confidence
from app.exam.practice import LARGEST_SET
from app.exam.practice_set import Answer, PracticeSet, SetKind, standing_answers
from app.pages.depends import Id, Now, Somebody, TheSite
from app.pages.explained import ReviewOption, option_html, rationale_html, stem_html
from app.pages.intake import bring_up_to_date, keys_of, take_in
from app.pages.render import page
from app.pages.sheets import LETTERS
from app.pages.site import Site
from app.pages.studying import kept_back
from app.store import practice, study
from app.store.database import Transaction
from app.store.study_log import Given

LONGEST_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a question that is still to be answered: nothing of the key is in here."""

    token: str
    letter: str
    html: Markup
    chosen: bool


@dataclass(frozen=True, slots=True)
class PracticeQuestionPage:
    """practice/question.html: a question to answer. Nothing of the key is in here.

    `held_back`: it is on a mock that is open, and nothing of it is shown. `problem` says why an answer was not kept.
    """

    set_id: int
    position: int
    total: int
    kind: SetKind
    at_once: bool
    remaining_ms: int | None
    deadline_at: datetime | None
    held_back: bool
    select: int
    multiple: bool
    stem: Markup
    choices: tuple[Choice, ...]
    confidence: Confidence | None
    problem: str


@dataclass(frozen=True, slots=True)
class ExplainedPage:
    """practice/explained.html: a question that is over, with everything. `back_on`: when it is asked again."""

    set_id: int
    position: int
    total: int
    kind: SetKind
    over: bool
    remaining_ms: int | None
    deadline_at: datetime | None
    right: bool
    answered: bool
    knew: bool
    withdrawn: bool
    correction: bool
    confidence: Confidence | None
    select: int
    multiple: bool
    stem: Markup
    options: tuple[ReviewOption, ...]
    rationale: Markup
    back_on: date | None


router = APIRouter()
Position = Annotated[int, Path(ge=1, le=LARGEST_SET)]


@router.get("/practice/{set_id}/{position}")
def question(
    request: Request, set_id: Id, position: Position, who: Somebody, now: Now, site: TheSite
) -> Response:
    """A question to answer, or, when it is over, all about it."""
    bring_up_to_date(site, who.id, now)
    with site.database.reading() as tx:
        one = practice.get(tx, set_id, who.id)
        one.sheet.at(position)
        if position > one.reached:
            return RedirectResponse(_after(one, now), 303)
        given = standing_answers(practice.answers(tx, [one.id])[one.id])
        is_back = _held_back(tx, site, one, position, now)
        if one.explained(position, given, now) and not is_back:
            explained = _explained(tx, site, one, position, given, now)
            return page(request, "practice/explained.html", explained, who)
        if one.over_at(now) is not None:
            return RedirectResponse(f"/practice/{one.id}", 303)
        context = _question(tx, site, one, position, given, now, is_back=is_back)
    return page(request, "practice/question.html", context, who)


@router.post("/practice/{set_id}/{position}")
def answer(
    request: Request,
    set_id: Id,
    position: Position,
    who: Somebody,
    now: Now,
    site: TheSite,
    choice: Annotated[tuple[str, ...], Form()] = (),
    confidence: Annotated[Confidence | None, Form()] = None,
    elapsed_ms: Annotated[int, Form()] = 0,
    act: Annotated[str, Form()] = "check",
) -> Response:
    """Keep an answer. What stands already, what is not come to and what is over changes nothing."""
    with site.database.writing() as tx:
        one = practice.get(tx, set_id, who.id, lock=True)
        at = one.sheet.at(position)
        answers = practice.answers(tx, [one.id])[one.id]
        given = standing_answers(answers)
        if one.over_at(now) is not None or position > one.reached:
            return RedirectResponse(_after(one, now), 303)
        if _held_back(tx, site, one, position, now):
            return RedirectResponse(_go_on(tx, site, one, position, [], now), 303)
        chosen = () if act == "unknown" else at.choice(choice)
        if act != "unknown" and len(chosen) != at.select:
            context = _question(tx, site, one, position, given, now, chosen=chosen, confidence=confidence)
            return page(request, "practice/question.html", context, who, 422)
        new = Answer(position, chosen, confidence, min(max(elapsed_ms, 0), LONGEST_MS), now)
        sequence = 1 + sum(earlier.position == position for earlier in answers)
        if one.at_once and sequence > 1:
            return RedirectResponse(f"/practice/{one.id}/{position}", 303)
        practice.answer(tx, one.id, new, sequence)
        told = [
            Given(now, at.item_version_id, one.cards[position - 1], chosen, confidence, False)
        ] * one.at_once
        onwards = _go_on(tx, site, one, position, told, now)
    return RedirectResponse(f"/practice/{one.id}/{position}" if one.at_once else onwards, 303)


def _go_on(
    tx: Transaction, site: Site, one: PracticeSet, position: int, told: list[Given], now: datetime
) -> str:
    """Take in what was told, come to the next position, and its address; after the last one that of the set."""
    if position < len(one.sheet.items):
        practice.meet(tx, one.id, position + 1, one.sheet, now)
        if position == one.reached:
            version_id = one.sheet.at(position + 1).item_version_id
            told = [*told, Given(now, version_id, one.cards[position], None, None, False)]
    take_in(tx, site, one.person_id, told)
    return f"/practice/{one.id}/{position + 1}" if position < len(one.sheet.items) else f"/practice/{one.id}"


def _after(one: PracticeSet, now: datetime) -> str:
    return f"/practice/{one.id}" + ("" if one.over_at(now) is not None else f"/{one.reached}")


def _held_back(tx: Transaction, site: Site, one: PracticeSet, position: int, now: datetime) -> bool:
    """Whether the item at a position, or one about the same, is on a mock that is open."""
    return bool(kept_back(tx, site, one.person_id, [one.sheet.at(position).item_version_id], now))


def _milliseconds_left(one: PracticeSet, now: datetime) -> int | None:
    left = one.remaining(now)
    return None if left is None else int(left.total_seconds() * 1000)


def _question(
    tx: Transaction,
    site: Site,
    one: PracticeSet,
    position: int,
    given: Mapping[int, Answer],
    now: datetime,
    *,
    is_back: bool = False,
    chosen: tuple[str, ...] | None = None,
    confidence: Confidence | None = None,
) -> PracticeQuestionPage:
    at, stands = one.sheet.at(position), given.get(position)
    html = site.item_pages(tx, [at.item_version_id])[at.item_version_id]
    marked = (stands.choice if stands else ()) if chosen is None else chosen
    how_many = "an option" if at.select == 1 else f"{at.select} options"
    return PracticeQuestionPage(
        set_id=one.id,
        position=position,
        total=len(one.sheet.items),
        kind=one.kind,
        at_once=one.at_once,
        remaining_ms=_milliseconds_left(one, now),
        deadline_at=one.deadline_at,
        held_back=is_back,
        select=at.select,
        multiple=at.multiple,
        stem=Markup() if is_back else html.stem,
        choices=()
        if is_back
        else tuple(
            Choice(option.token, letter, html.options[option.option_id], option.option_id in marked)
            for option, letter in zip(at.options, LETTERS, strict=False)
        ),
        confidence=(stands.confidence if stands else None) if chosen is None else confidence,
        problem="" if chosen is None else f"Choose {how_many}, or say that you do not know.",
    )


def _explained(
    tx: Transaction, site: Site, one: PracticeSet, position: int, given: Mapping[int, Answer], now: datetime
) -> ExplainedPage:
    at, stands = one.sheet.at(position), given.get(position)
    item = site.whole_items(tx, [at.item_version_id])[at.item_version_id]
    holds = keys_of(tx, site, [at.item_version_id])[at.item_version_id]
    key = item.key if holds is None else holds
    options = {option.id: replace(option, key=option.id in key) for option in item.options}
    chosen = stands.choice if stands else ()
    card = study.cards(tx, one.person_id).get(one.cards[position - 1])
    return ExplainedPage(
        set_id=one.id,
        position=position,
        total=len(one.sheet.items),
        kind=one.kind,
        over=one.over_at(now) is not None,
        remaining_ms=_milliseconds_left(one, now),
        deadline_at=one.deadline_at,
        right=bool(chosen) and set(chosen) == key,
        answered=stands is not None,
        knew=bool(chosen),
        withdrawn=holds is None,
        correction=holds is not None and holds != item.key,
        confidence=stands.confidence if stands else None,
        select=at.select,
        multiple=at.multiple,
        stem=stem_html(item.stem),
        options=tuple(
            ReviewOption(
                letter,
                option_html(options[option.option_id], option.option_id in chosen),
                option.option_id in key,
                option.option_id in chosen,
            )
            for option, letter in zip(at.options, LETTERS, strict=False)
        ),
        rationale=rationale_html(item.rationale, item.references),
        back_on=card.due if card else None,
    )
