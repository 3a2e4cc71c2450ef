"""Reviews: every item of an attempt that is final, with the choice, the key and the whys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.errors import Invalid
from app.exam import topics
from app.pages.depends import Id, Now, Somebody, TheSite
from app.pages.render import page
from app.pages.reviewed import ReviewItem, reviewed
from app.store import attempts, scores, withheld
from app.store.packs import StoredExam


@dataclass(frozen=True, slots=True)
class Filter:
    """One value of a filter: its address, how many items it shows beside the other filters, and whether it is on."""

    label: str
    href: str
    count: int
    active: bool


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """reports/review.html. `filters` are groups (heading, values); `withheld` items are on a mock that is open."""

    attempt_id: int
    exam_title: str
    scaled: int
    passed: bool
    total: int
    withheld: int
    items: tuple[ReviewItem, ...]
    filters: tuple[tuple[str, tuple[Filter, ...]], ...]


router = APIRouter()
Test = Callable[[ReviewItem], bool]
Values = dict[str, tuple[str, Test]]


@router.get("/reports/{attempt_id}/review")
def review(
    request: Request,
    attempt_id: Id,
    who: Somebody,
    now: Now,
    site: TheSite,
    show: str = "",
    domain: str = "",
    topic: str = "",
    kind: str = "",
) -> Response:
    """Every item with the choice, the key and the whys; filters by what happened, domain, chapter and type."""
    with site.database.reading() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        if one.clock.closed_at is None or withheld.of(tx, one, now):
            return RedirectResponse(f"/reports/{one.id}", 303)
        last = scores.of(tx, one.id)
        behind = scores.behind(tx, one, last)
    if behind:  # a correction is newer than the score
        with site.database.writing() as tx, suppress(Invalid):  # every item of it was withdrawn
            last = scores.rescore(tx, one.id, now) or last
    got = last.score
    with site.database.reading() as tx:
        stored, items, hidden = reviewed(tx, site, one, got, now)
        chosen = {"show": show, "domain": domain, "topic": topic, "kind": kind}
        groups = _groups(items, stored, topic)
        known = {name: values for name, _, values in groups}
        context = ReviewPage(
            attempt_id=one.id,
            exam_title=stored.exam.title,
            scaled=got.displayed,
            passed=got.passed,
            total=len(items),
            withheld=hidden,
            items=tuple(_fitting(items, chosen, known)),
            filters=tuple(
                (heading, _filters(one.id, name, chosen, known, items)) for name, heading, _ in groups
            ),
        )
        return page(request, "reports/review.html", context, who)


def _nothing(_item: ReviewItem) -> bool:
    return False


def _groups(items: Sequence[ReviewItem], stored: StoredExam, topic: str) -> list[tuple[str, str, Values]]:
    """(name in the address, heading, {value: (label, test)}) for each group of filters.

    Topics are chapters, and beside them the one subject that was asked for.
    """
    subject = {topic: topics.title(topic, stored.topics)} if "/" in topic else {}
    chapters = dict.fromkeys(topics.chapter_of(topic.id) for topic in stored.topics)
    unlisted = sorted({item.chapter_id for item in items} - {"", *chapters})
    return [
        (
            "show",
            "What happened",
            {
                "wrong": ("Wrong", lambda item: item.answered and not item.right),
                "unanswered": ("Unanswered", lambda item: not item.answered),
                "flagged": ("Flagged", lambda item: item.flagged),
                "right": ("Right", lambda item: item.right),
                "kept": ("Bookmark or note", lambda item: item.note is not None),
            },
        ),
        (
            "domain",
            "Domain",
            _by(items, lambda item: item.domain_id, {domain.id: domain.title for domain in stored.domains}),
        ),
        (
            "topic",
            "Topic",
            _by(
                items,
                lambda item: item.chapter_id,
                {chapter: topics.title(chapter, stored.topics) for chapter in (*chapters, *unlisted)},
            )
            | _by(items, lambda item: item.topic_id, subject),
        ),
        (
            "kind",
            "Type",
            {
                "single": ("One answer", lambda item: not item.multiple),
                "multiple": ("Several answers", lambda item: item.multiple),
            },
        ),
    ]


def _by(items: Iterable[ReviewItem], name: Callable[[ReviewItem], str], titles: Mapping[str, str]) -> Values:
    """The values that occur among the items, in the order of their titles' table."""

    def test(value: str) -> Test:
        return lambda item: name(item) == value

    present = {name(item) for item in items}
    return {value: (title, test(value)) for value, title in titles.items() if value in present}


def _fitting(
    items: Iterable[ReviewItem], chosen: Mapping[str, str], known: Mapping[str, Values]
) -> list[ReviewItem]:
    """The items that fit all that is chosen; nothing fits a value that is not known."""
    tests = [known[name].get(value, (value, _nothing))[1] for name, value in chosen.items() if value]
    return [item for item in items if all(test(item) for test in tests)]


def _filters(
    attempt_id: int,
    name: str,
    chosen: Mapping[str, str],
    known: Mapping[str, Values],
    items: Sequence[ReviewItem],
) -> tuple[Filter, ...]:
    """The links of one group. Choosing one keeps the other groups as they are, and each count heeds them."""
    beside = _fitting(items, {**chosen, name: ""}, known)

    def href(value: str) -> str:
        query = urlencode({key: kept for key, kept in {**chosen, name: value}.items() if kept})
        return f"/reports/{attempt_id}/review" + (f"?{query}" if query else "")

    everything = Filter("All", href(""), len(beside), not chosen[name])
    each = (
        Filter(label, href(value), sum(map(test, beside)), chosen[name] == value)
        for value, (label, test) in known[name].items()
    )
    return (everything, *each)
