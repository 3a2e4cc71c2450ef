"""Practice: what to drill, how many items each choice holds, and the start of a set."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from app.errors import Invalid
from app.exam import topics
from app.exam.attempt import Sheet
from app.exam.practice import LARGEST_SET, WAYS, Standing, Wanted, draw, fitting, groups
from app.exam.practice_set import SetKind, standing_answers
from app.exam.reserve import KEPT, SHARE, mocks_after, open_to_practice
from app.pages.depends import Now, Somebody, TheSite
from app.pages.intake import bring_up_to_date
from app.pages.render import page
from app.pages.studying import Desk, deal_set, desk, exam_named, exams_of
from app.store import attempts, practice
from app.store.database import Transaction
from app.store.packs import StoredExam
from app.store.practice import NewSet

SEED_BITS = 53
COUNTS = (5, 10, 20, 40)
USUAL_COUNT = 10
PAST_SETS = 10
LONGEST_LIST = 40
LONGEST_WORD = 200
HEADINGS = {
    "domain": "Domain",
    "topic": "Topic",
    "service": "Service",
    "constraint": "What decides",
    "trap": "Red herring",
}
SHOWN = {
    "": "Everything",
    Standing.MISSED: "Missed only",
    Standing.MET: "Met, not missed",
    Standing.NEW: "Unseen only",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A choice by its address."""

    label: str
    href: str
    active: bool


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group of items: how many were missed, met and not missed, and not seen yet."""

    label: str
    href: str
    active: bool
    missed: int
    met: int
    new: int


@dataclass(frozen=True, slots=True)
class PastSet:
    """One set of the history. `right` of `answered` of `total`; `over`: it has ended."""

    set_id: int
    title: str
    started_at: datetime
    over: bool
    answered: int
    total: int


@dataclass(frozen=True, slots=True)
class PracticePage:
    """practice/page.html.

    `fitting` counts the items that are wanted by standing; `usable` of the new ones may be drawn, the others are kept
    for `mocks` unseen mocks. `costs`: what is left of these at worst when a set takes kept ones, by its size.
    `withheld` items wait for the end of an open mock. No group has more than `longest` rows.
    """

    exams: tuple[Link, ...]
    exam_id: str
    exam_title: str
    wanted: Wanted
    chosen: tuple[Link, ...]
    shown: tuple[Link, ...]
    groups: tuple[tuple[str, tuple[GroupRow, ...]], ...]
    longest: int
    fitting: Mapping[str, int]
    usable: int
    withheld: int
    mocks: int
    kept: int
    share: float
    costs: tuple[tuple[int, int], ...]
    counts: tuple[int, ...]
    usual: int
    pace: timedelta
    past: tuple[PastSet, ...]


@dataclass(frozen=True, slots=True)
class NoPracticePage:
    """practice/none.html: there is no exam to practise for."""


router = APIRouter()
Word = Annotated[str, Query(max_length=LONGEST_WORD)]
Field = Annotated[str, Form(max_length=LONGEST_WORD)]


@router.get("/practice")
def choose(
    request: Request,
    who: Somebody,
    now: Now,
    site: TheSite,
    exam: Word = "",
    domain: Word = "",
    topic: Word = "",
    service: Word = "",
    constraint: Word = "",
    trap: Word = "",
    show: Word = "",
) -> Response:
    """What can be drilled, and the sets so far."""
    bring_up_to_date(site, who.id, now)
    wanted = Wanted(domain, topic, service, constraint, trap, show)
    with site.database.reading() as tx:
        known = exams_of(tx)
        if not known:
            return page(request, "practice/none.html", NoPracticePage(), who)
        last = attempts.last_exam(tx, who.id, {stored.exam.id for stored in known})
        stored = exam_named(known, exam or last or "")
        held = desk(tx, site, stored, who.id, now)
        context = _page(held, known, wanted, _past(tx, who.id, now))
    return page(request, "practice/page.html", context, who)


@router.post("/practice")
def start(
    who: Somebody,
    now: Now,
    site: TheSite,
    exam: Field,
    domain: Field = "",
    topic: Field = "",
    service: Field = "",
    constraint: Field = "",
    trap: Field = "",
    show: Field = "",
    count: Annotated[int, Form(ge=1, le=LARGEST_SET)] = USUAL_COUNT,
    timed: Annotated[bool, Form()] = False,
    at_once: Annotated[bool, Form()] = True,
    spend: Annotated[bool, Form()] = False,
) -> Response:
    """Draw a set and begin."""
    bring_up_to_date(site, who.id, now)
    wanted = Wanted(domain, topic, service, constraint, trap, show)
    seed = secrets.randbits(SEED_BITS)
    with site.database.writing() as tx:
        stored = exam_named(exams_of(tx), exam)
        held = desk(tx, site, stored, who.id, now)
        reserve = held.reserve.copy(spend=spend)
        names = draw(wanted, tuple(held.items.values()), held.standings, held.family, reserve, count, seed)
        if not names:
            raise Invalid(
                "No question that you chose can be asked now. Choose something else; or, where only unseen ones are "
                "left, allow those that are kept for mocks."
            )
        new = NewSet(
            person_id=who.id,
            exam_id=stored.exam.id,
            kind=SetKind.PRACTICE,
            title=_title(wanted, stored),
            at_once=at_once,
            seed=seed,
            sheet=Sheet(()),
            cards=(),
            deadline_at=now + len(names) * _pace(stored) if timed else None,
        )
        set_id = deal_set(tx, held, [(name, name) for name in names], new, now)
    return RedirectResponse(f"/practice/{set_id}/1", 303)


def _page(held: Desk, known: Iterable[StoredExam], wanted: Wanted, past: tuple[PastSet, ...]) -> PracticePage:
    stored, exam = held.stored, held.stored.exam
    found = fitting(wanted, held.items.values(), held.standings)
    counted = Counter(held.standings[item.id] for item in found)
    new = [item.id for item in found if held.standings[item.id] is Standing.NEW]
    label = _labels(stored)
    return PracticePage(
        exams=tuple(
            Link(one.exam.title, f"/practice?{urlencode({'exam': one.exam.id})}", one is stored)
            for one in known
        ),
        exam_id=exam.id,
        exam_title=exam.title,
        wanted=wanted,
        chosen=tuple(
            Link(f"{HEADINGS[way]}: {label(way, value)}", _href(exam.id, wanted, way, ""), True)
            for way, value in zip(WAYS, wanted.values(), strict=True)
            if value
        ),
        shown=tuple(
            Link(words, _href(exam.id, wanted, "show", value), wanted.show == value)
            for value, words in SHOWN.items()
        ),
        groups=tuple(
            (heading, rows)
            for way, heading in HEADINGS.items()
            if (rows := tuple(islice(_rows(held, wanted, way, label), LONGEST_LIST)))
        ),
        longest=LONGEST_LIST,
        fitting={str(one): counted[one] for one in Standing},
        usable=len(open_to_practice(held.reserve, new)),
        withheld=held.withheld,
        mocks=held.reserve.mocks,
        kept=KEPT,
        share=SHARE,
        costs=tuple((count, mocks_after(held.reserve, new, count)) for count in COUNTS),
        counts=COUNTS,
        usual=USUAL_COUNT,
        pace=_pace(stored),
        past=past,
    )


def _rows(held: Desk, wanted: Wanted, way: str, label: Callable[[str, str], str]) -> Iterator[GroupRow]:
    """The groups of one way. Of topics the chapters, and the subjects of the one that is chosen; of red herrings
    those that were met, since the others would tell of questions to come."""
    chosen = getattr(wanted, way)
    for group in groups(way, wanted, held.items.values(), held.standings, held.weights):
        if not group.value or (way == "trap" and not group.missed + group.met):
            continue
        if (
            way == "topic"
            and "/" in group.value
            and topics.chapter_of(group.value) != topics.chapter_of(chosen)
        ):
            continue
        active = chosen == group.value
        href = _href(held.stored.exam.id, wanted, way, "" if active else group.value)
        yield GroupRow(label(way, group.value), href, active, group.missed, group.met, group.new)


def _labels(stored: StoredExam) -> Callable[[str, str], str]:
    domains = {domain.id: domain.title for domain in stored.domains}

    def label(way: str, value: str) -> str:
        if way == "domain":
            return domains.get(value, value)
        if way == "topic":
            return topics.title(value, stored.topics)
        return value if way == "service" else value.replace("-", " ").capitalize()

    return label


def _title(wanted: Wanted, stored: StoredExam) -> str:
    label = _labels(stored)
    parts = [label(way, value) for way, value in zip(WAYS, wanted.values(), strict=True) if value]
    parts += [SHOWN[Standing(wanted.show)]] if wanted.show in set(Standing) else []
    return ", ".join(parts) or "A mix"


def _href(exam_id: str, wanted: Wanted, name: str, value: str) -> str:
    query = {"exam": exam_id, **asdict(replace(wanted, **{name: str(value)}))}
    return f"/practice?{urlencode({key: kept for key, kept in query.items() if kept})}"


def _pace(stored: StoredExam) -> timedelta:
    return timedelta(minutes=stored.exam.minutes) / stored.exam.items


def _past(tx: Transaction, person_id: int, now: datetime) -> tuple[PastSet, ...]:
    sets = practice.of_person(tx, person_id, PAST_SETS)
    given = practice.answers(tx, [one.id for one in sets])
    return tuple(
        PastSet(
            one.id,
            one.title,
            one.started_at,
            one.over_at(now) is not None,
            len(standing_answers(given[one.id])),
            len(one.sheet.items),
        )
        for one in sets
    )
