"""Reviews: every item of an attempt that is final, with the choice, the key and the whys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from app.errors import Invalid
from app.exam import topics
from app.exam.attempt import Attempt, Confidence
from app.exam.attempt import Response as CandidateResponse
from app.exam.item import Item, Option
from app.exam.regrade import Correction, standing
from app.exam.score import Mark, Score
from app.pages.depends import Id, Now, Somebody, TheSite
from app.pages.explained import ReviewOption, option_html, rationale_html, stem_html
from app.pages.render import page
from app.pages.sheets import LETTERS
from app.store import attempts, forms, packs, responses, scores, withheld
from app.store.forms import StoredForm
from app.store.packs import StoredExam


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One item in review: what was chosen, the key, and why. `domain` and `topic` are titles, the others ids."""

    position: int
    domain_id: str
    domain: str
    chapter_id: str
    topic: str
    multiple: bool
    select: int
    right: bool
    answered: bool
    flagged: bool
    scored: bool
    correction: str
    withdrawn: bool
    confidence: Confidence | None
    late_choice: str
    stem: Markup
    options: tuple[ReviewOption, ...]
    rationale: Markup
    elapsed: timedelta


@dataclass(frozen=True, slots=True)
class Filter:
    """One value of a filter: its address, how many items it shows beside the other filters, and whether it is on."""

    label: str
    href: str
    count: int
    active: bool


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """reports/review.html. `filters` are groups (heading, values)."""

    attempt_id: int
    exam_title: str
    scaled: int
    passed: bool
    total: int
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
        behind = scores.behind(tx, one)
    if behind:  # a correction is newer than the score
        with site.database.writing() as tx, suppress(Invalid):  # every item of it was withdrawn
            scores.rescore(tx, one.id, now)
    with site.database.reading() as tx:
        got = scores.of(tx, one.id).score
        form = forms.get(tx, one.form_id)
        stored = packs.exam_of_form(tx, form.exam_version_id)
        version_ids = [at.item_version_id for at in one.sheet.items]
        items = _review_items(one, form, got, site.whole_items(tx, version_ids),
                              responses.current(tx, one.id), responses.late(tx, one.id), stored,
                              standing(scores.corrections(tx, version_ids)))  # fmt: skip
        chosen = {"show": show, "domain": domain, "topic": topic, "kind": kind}
        groups = _groups(items, stored)
        known = {name: values for name, _, values in groups}
        context = ReviewPage(
            attempt_id=one.id,
            exam_title=stored.exam.title,
            scaled=got.displayed,
            passed=got.passed,
            total=len(items),
            items=tuple(_fitting(items, chosen, known)),
            filters=tuple(
                (heading, _filters(one.id, name, chosen, known, items)) for name, heading, _ in groups
            ),
        )
        return page(request, "reports/review.html", context, who)


def _review_items(
    one: Attempt,
    form: StoredForm,
    got: Score,
    items: dict[int, Item],
    stands: dict[int, CandidateResponse],
    late: dict[int, tuple[str, ...]],
    stored_exam: StoredExam,
    corrections: Mapping[int, Correction],
) -> tuple[ReviewItem, ...]:
    titles = {domain.id: domain.title for domain in stored_exam.domains}
    made = []
    for at, sheet_item, mark in zip(form.form.positions, one.sheet.items, got.marks, strict=True):
        stored = stands.get(at.number, CandidateResponse(at.number))
        letters = {
            option.option_id: letter for option, letter in zip(sheet_item.options, LETTERS, strict=False)
        }
        item = items[sheet_item.item_version_id]
        corrected = corrections.get(sheet_item.item_version_id)
        key = item.key if corrected is None or corrected.key is None else corrected.key
        options = {option.id: option for option in item.options}
        made.append(
            ReviewItem(
                position=at.number,
                domain_id=at.domain,
                domain=titles.get(at.domain, at.domain),
                chapter_id=topics.chapter_of(at.topic or ""),
                topic=topics.title(at.topic, stored_exam.topics) if at.topic else "",
                multiple=sheet_item.multiple,
                select=sheet_item.select,
                right=mark is Mark.RIGHT,
                answered=bool(stored.choice),
                flagged=stored.marks.flagged,
                scored=at.scored,
                correction="" if corrected is None else corrected.reason,
                withdrawn=corrected is not None and corrected.key is None,
                confidence=stored.marks.confidence,
                late_choice=" and ".join(sorted(letters[option_id] for option_id in late.get(at.number, ()))),
                stem=stem_html(item.stem),
                options=tuple(
                    _review_option(
                        letter, replace(options[option_id], key=option_id in key), option_id in stored.choice
                    )
                    for option_id, letter in letters.items()
                ),
                rationale=rationale_html(item.rationale, item.references),
                elapsed=timedelta(milliseconds=stored.marks.elapsed_ms),
            )
        )
    return tuple(made)


def _review_option(letter: str, option: Option, chosen: bool) -> ReviewOption:
    return ReviewOption(letter, option_html(option, chosen), option.key, chosen)


def _nothing(_item: ReviewItem) -> bool:
    return False


def _groups(items: Sequence[ReviewItem], stored: StoredExam) -> list[tuple[str, str, Values]]:
    """(name in the address, heading, {value: (label, test)}) for each group of filters."""
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
            ),
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
