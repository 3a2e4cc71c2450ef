"""Study: what to repeat today, what the next days bring, and how readiness went; and a candidate's own plan."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from app.exam import topics
from app.exam.attempt import Sheet
from app.exam.practice import Group, Wanted, groups
from app.exam.practice_set import PracticeSet, SetKind
from app.exam.siblings import asked_for
from app.exam.study_card import Card
from app.exam.study_day import STARTS, begins, day_of, zones
from app.exam.study_plan import LARGEST_MOST, Load, Plan, Today, forecast, today
from app.pages.depends import Now, Somebody, TheSite
from app.pages.intake import Readiness, bring_up_to_date, readiness_of
from app.pages.render import page
from app.pages.studying import Desk, deal_set, desk, exam_named, exams_of
from app.store import attempts, practice, study
from app.store.database import Transaction
from app.store.packs import StoredExam
from app.store.practice import NewSet

SEED_BITS = 53
LARGEST_SITTING = 20
MOCKS_SHOWN = 30
TOPICS_SHOWN = 3
LONGEST_WAIT = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class DrillLine:
    """A domain or topic that can be drilled: `missed` of `met`. `way` and `value` are the field of practice."""

    way: str
    value: str
    title: str
    missed: int
    met: int


@dataclass(frozen=True, slots=True)
class StudyPage:
    """study/page.html.

    `drills` are the domain and the topics where most is to gain, among those in which something was missed. `queue`
    cards can be asked; `resting` ones are of items out of use or of another pack, or kept back by an open
    mock. `rolls_at` is when the next day begins, on the candidate's own clock. `readiness` is that after the latest
    mocks, oldest first. `set_id` is a set that is not finished.
    """

    exam_id: str
    exam_title: str
    plan: Plan
    is_settled: bool
    is_past: bool
    days_left: int | None
    work: Today
    queue: int
    resting: int
    sitting: int
    rolls_at: datetime
    loads: tuple[Load, ...]
    heaviest: int
    readiness: tuple[Readiness, ...]
    drills: tuple[DrillLine, ...]
    set_id: int | None


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """study/settings.html. `errors` by field."""

    exams: tuple[tuple[str, str], ...]
    fields: Mapping[str, str]
    errors: Mapping[str, str]
    zones: tuple[str, ...]
    starts: tuple[int, ...]
    most: int


@dataclass(frozen=True, slots=True)
class NoStudyPage:
    """study/none.html: there is no exam to study for."""


router = APIRouter()


@router.get("/study")
def show(request: Request, who: Somebody, now: Now, site: TheSite) -> Response:
    """Today."""
    bring_up_to_date(site, who.id, now)
    with site.database.reading() as tx:
        stored = _exam(tx, who.id)
    if stored is None:
        return page(request, "study/none.html", NoStudyPage(), who)
    ready = readiness_of(site, who.id, stored.exam.id, now)
    with site.database.reading() as tx:
        plan = study.plan(tx, who.id)
        held = desk(tx, site, stored, who.id, now)
        context = _page(held, plan, ready, _open_set(tx, who.id, now), now)
    return page(request, "study/page.html", context, who)


@router.post("/study")
def start(who: Somebody, now: Now, site: TheSite) -> Response:
    """Begin with what is to be asked today, or go on with what was begun."""
    bring_up_to_date(site, who.id, now)
    with site.database.writing() as tx:
        going_on = _open_set(tx, who.id, now)
        if going_on is not None:
            return RedirectResponse(f"/practice/{going_on.id}/{going_on.reached}", 303)
        stored = _exam(tx, who.id)
        if stored is None:
            return RedirectResponse("/study", 303)
        plan, held = study.plan(tx, who.id), desk(tx, site, stored, who.id, now)
        work = today(awake(held), day_of(now, plan.time_zone, plan.day_starts), plan)
        asked = to_ask(held, work)[:LARGEST_SITTING]
        if not asked:
            return RedirectResponse("/study", 303)
        new = NewSet(
            person_id=who.id,
            exam_id=stored.exam.id,
            kind=SetKind.STUDY,
            title=f"Repetition of {work.day:%-d %B %Y}",
            at_once=True,
            seed=secrets.randbits(SEED_BITS),
            sheet=Sheet(()),
            cards=(),
            deadline_at=None,
        )
        set_id = deal_set(tx, held, asked, new, now)
    return RedirectResponse(f"/practice/{set_id}/1", 303)


@router.get("/study/settings")
def settings(request: Request, who: Somebody, site: TheSite) -> Response:
    """The plan, to be changed."""
    with site.database.reading() as tx:
        plan, stored = study.plan(tx, who.id), _exam(tx, who.id)
        fields = {
            "exam": stored.exam.id if stored else "",
            "exam_date": plan.exam_date.isoformat() if plan.exam_date else "",
            "time_zone": plan.time_zone,
            "day_starts": str(plan.day_starts),
            "most": str(plan.most),
        }
        context = _settings_page(tx, fields, {})
    return page(request, "study/settings.html", context, who)


@router.post("/study/settings")
def change(
    request: Request,
    who: Somebody,
    now: Now,
    site: TheSite,
    exam: Annotated[str, Form()] = "",
    exam_date: Annotated[str, Form()] = "",
    time_zone: Annotated[str, Form()] = "",
    day_starts: Annotated[str, Form()] = "",
    most: Annotated[str, Form()] = "",
) -> Response:
    """Keep a new plan."""
    fields = {
        "exam": exam,
        "exam_date": exam_date.strip(),
        "time_zone": time_zone.strip(),
        "day_starts": day_starts,
        "most": most.strip(),
    }
    with site.database.writing() as tx:
        plan, errors = read_plan(fields, {stored.exam.id for stored in exams_of(tx)}, now)
        if plan is None:
            return page(request, "study/settings.html", _settings_page(tx, fields, errors), who, 422)
        study.set_plan(tx, who.id, plan)
    return RedirectResponse("/study", 303)


def read_plan(
    fields: Mapping[str, str], exams: set[str], now: datetime
) -> tuple[Plan | None, dict[str, str]]:
    """A plan from the fields of its form, or what is wrong with each of them."""
    errors: dict[str, str] = {}
    if fields["exam"] not in exams:
        errors["exam"] = "Choose one of the exams."
    if fields["time_zone"] not in zones():
        errors["time_zone"] = "Choose a place from the list, such as Europe/Berlin, or UTC."
    if fields["day_starts"] not in map(str, STARTS):
        errors["day_starts"] = "Choose when a day begins."
    if not (
        fields["most"].isascii()
        and fields["most"].isdecimal()
        and 1 <= int(fields["most"][:9]) <= LARGEST_MOST
    ):
        errors["most"] = f"Write a whole number from 1 to {LARGEST_MOST}."
    day = _date(fields["exam_date"])
    if fields["exam_date"] and day is None:
        errors["exam_date"] = "Write the date as year-month-day, or leave it empty."
    elif day is not None and "time_zone" not in errors and "day_starts" not in errors:
        here = day_of(now, fields["time_zone"], int(fields["day_starts"]))
        if not here < day <= here + LONGEST_WAIT:
            errors["exam_date"] = "Choose a day after today, within three years, or leave it empty."
    if errors:
        return None, errors
    return Plan(fields["exam"], day, fields["time_zone"], int(fields["day_starts"]), int(fields["most"])), {}


def awake(held: Desk) -> dict[str, Card]:
    """The cards that can be asked, by item: the others are out of use, or kept back by an open mock."""
    cards = held.progress.cards
    return {name: cards[held.numbers[name]] for name in held.items if held.numbers[name] in cards}


def to_ask(held: Desk, work: Today) -> list[tuple[str, str]]:
    """What to ask for the cards of a day: (item, card). Cards about the same matter are not asked in one sitting."""
    kept, last = held.reserve.copy(), held.last_met
    barred: set[str] = set()
    asked = []
    for card in work.cards:
        if card in barred:
            continue
        name = asked_for(card, held.family, last, held.items.keys() - barred, kept.take)
        if name is not None:
            asked.append((name, card))
            for one in (name, card):
                barred |= {one, *held.family.get(one, ())}
    return asked


def _exam(tx: Transaction, person_id: int) -> StoredExam | None:
    """The exam of the plan; else the one that was sat last; else the first."""
    known = exams_of(tx)
    if not known:
        return None
    ids = {stored.exam.id for stored in known}
    wanted = study.plan(tx, person_id).exam_id or attempts.last_exam(tx, person_id, ids)
    return exam_named(known, wanted if wanted in ids else "")


def _open_set(tx: Transaction, person_id: int, now: datetime) -> PracticeSet | None:
    sets = [one for one in practice.not_ended(tx, person_id) if one.kind is SetKind.STUDY]
    return next((one for one in sets if one.over_at(now) is None), None)


def _page(
    held: Desk, plan: Plan, ready: tuple[Readiness, ...], going_on: PracticeSet | None, now: datetime
) -> StudyPage:
    day = day_of(now, plan.time_zone, plan.day_starts)
    cards = awake(held)
    work, loads = today(cards, day, plan), forecast(cards, day, plan)
    return StudyPage(
        exam_id=held.stored.exam.id,
        exam_title=held.stored.exam.title,
        plan=plan,
        is_settled=plan.exam_id is not None,
        is_past=plan.exam_date is not None and plan.exam_date <= day,
        days_left=plan.days_left(day),
        work=work,
        queue=len(cards),
        resting=len(held.progress.cards) - len(cards),
        sitting=min(LARGEST_SITTING, len(work.cards)),
        rolls_at=begins(day + timedelta(days=1), plan.time_zone, plan.day_starts).astimezone(
            ZoneInfo(plan.time_zone)
        ),
        loads=loads,
        heaviest=max((load.new + load.due for load in loads), default=0),
        readiness=ready[-MOCKS_SHOWN:],
        drills=tuple(_drills(held)),
        set_id=going_on.id if going_on else None,
    )


def _drills(held: Desk) -> Iterator[DrillLine]:
    """The topics where most is to gain, among those in which something was missed; then the domain."""
    stored = held.stored
    named = {item.topic for item in held.items.values()}  # not the chapters that they are in
    for one in islice((one for one in _missed(held, "topic") if one.value in named), TOPICS_SHOWN):
        yield DrillLine(
            "topic", one.value, topics.title(one.value, stored.topics), one.missed, one.missed + one.met
        )
    domains = {domain.id: domain.title for domain in stored.domains}
    for one in islice(_missed(held, "domain"), 1):
        yield DrillLine(
            "domain", one.value, domains.get(one.value, one.value), one.missed, one.missed + one.met
        )


def _missed(held: Desk, way: str) -> Iterator[Group]:
    found = groups(way, Wanted(), held.items.values(), held.standings, held.weights)
    return (one for one in found if one.missed)


def _settings_page(tx: Transaction, fields: Mapping[str, str], errors: Mapping[str, str]) -> SettingsPage:
    exams = tuple((stored.exam.id, stored.exam.title) for stored in exams_of(tx))
    return SettingsPage(exams, fields, errors, zones(), STARTS, LARGEST_MOST)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
