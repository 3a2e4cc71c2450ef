"""One item: what candidates see, the key, and everything its responses say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from app.errors import Missing
from app.exam import topics
from app.exam.item_analysis import Bin, Document, Flag, Line, Rule
from app.exam.pack import Exam
from app.exam.regrade import standing
from app.pages.depends import Id, Instructor, TheSite
from app.pages.render import inline_markdown, page
from app.pages.sheets import LETTERS
from app.store import analyses, item_versions, packs, parameters, regrades, scores
from app.store.database import Transaction
from app.store.item_versions import Kept
from app.store.packs import StoredExam
from app.store.regrades import Regrade

TOP, BOTTOM, LABEL_HEIGHT = 14.0, 254.0, 16.0
MOST_VERSIONS = 12
FEWEST_BINS = 2


@dataclass(frozen=True, slots=True)
class OptionRow:
    """An option as the page shows it; the figures are None before an analysis. `letter` is by the author's order."""

    letter: str
    html: Markup
    key: bool
    why: Markup
    count: int | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    rest: float | None = None
    r: float | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """One line of the trace plot, in a box 1000 wide: its label stands at `label_y`."""

    label: str
    style: str
    points: str
    label_y: float


@dataclass(frozen=True, slots=True)
class TracePlot:
    """The trace plot. `ticks` are (place from 0 to 1000, ability), `levels` (place, share)."""

    traces: tuple[Trace, ...]
    ticks: tuple[tuple[float, str], ...]
    levels: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Dated:
    """The parameters of the item under one version that was adopted."""

    label: str
    version_id: int
    adopted_at: datetime
    a: float
    b: float
    c: float
    se_b: float | None
    answered: int


@dataclass(frozen=True, slots=True)
class Raised:
    """A flag in words: `about` says which option or item."""

    flag: Flag
    about: str


@dataclass(frozen=True, slots=True)
class ItemPage:
    """items/item.html. `line` and `document` are None when the last analysis does not know this version."""

    exam: Exam
    kept: Kept
    domain: str
    topic: str
    stem: Markup
    rationale: Markup
    options: tuple[OptionRow, ...]
    made_at: datetime | None
    line: Line | None
    document: Document | None
    alarm: Raised | None
    raised: tuple[Raised, ...]
    plot: TracePlot | None
    history: tuple[Dated, ...]
    corrections: tuple[Regrade, ...]
    withdrawn: bool


router = APIRouter()


@router.get("/exams/{exam_id}/items/{item_version_id}")
def item(request: Request, exam_id: str, item_version_id: Id, who: Instructor, site: TheSite) -> Response:
    """One version of an item, as of the last analysis."""
    with site.database.reading() as tx:
        stored = packs.exam(tx, exam_id)
        kept = item_versions.get(tx, exam_id, item_version_id)
        found = _analysed(tx, exam_id, item_version_id)
        html = site.item_pages(tx, [item_version_id])[item_version_id]
        corrected = standing(scores.corrections(tx, [item_version_id])).get(item_version_id)
        key = kept.item.key if corrected is None or corrected.key is None else corrected.key
        context = _page(
            stored,
            kept,
            found,
            options=_options(kept, key, html.options, None if found is None else found[2]),
            stem=html.stem,
            history=_history(tx, exam_id, kept),
            corrections=regrades.of_item(tx, kept.pack_id, kept.item.id),
            withdrawn=corrected is not None and corrected.key is None,
        )
    return page(request, "items/item.html", context, who)


def trace_plot(bins: Sequence[Bin], letters: Sequence[tuple[str, bool]]) -> TracePlot | None:
    """The share that chose each option, (letter, key), by ability, and the item's curve; None for too few."""
    low, high = (
        min((one.ability for one in bins), default=0.0),
        max((one.ability for one in bins), default=0.0),
    )
    if len(bins) < FEWEST_BINS or low == high:
        return None

    def across(ability: float) -> float:
        return round(1000 * (ability - low) / (high - low), 1)

    def line(shares: Sequence[float]) -> str:
        return " ".join(
            f"{across(one.ability)},{_up(share)}" for one, share in zip(bins, shares, strict=True)
        )

    ends = [bins[-1].shares[place] for place in range(len(letters))] + [bins[-1].expected]
    heights = spread_out([_up(end) for end in ends])
    distractors = [letter for letter, key in letters if not key]
    traces = [
        Trace(
            label=f"{letter} key" if key else letter,
            style="trace-key" if key else f"trace-{distractors.index(letter) % 5}",
            points=line([one.shares[place] for one in bins]),
            label_y=heights[place],
        )
        for place, (letter, key) in enumerate(letters)
    ]
    traces.append(Trace("Curve", "trace-model", line([one.expected for one in bins]), heights[-1]))
    whole = range(ceil(low), floor(high) + 1)
    return TracePlot(
        traces=tuple(traces),
        ticks=tuple((across(value), f"{value:g}") for value in (whole or (low, high))),
        levels=tuple((_up(share), f"{share:.0%}") for share in (0.0, 0.5, 1.0)),
    )


def spread_out(heights: Sequence[float]) -> list[float]:
    """Heights for labels, as near to those given as leaves each of them room, within the plot."""
    order = sorted(range(len(heights)), key=lambda place: heights[place])
    made = [0.0] * len(heights)
    at = TOP - LABEL_HEIGHT
    for place in order:
        at = made[place] = max(heights[place], at + LABEL_HEIGHT)
    limit = BOTTOM + LABEL_HEIGHT
    for place in reversed(order):
        limit = made[place] = min(made[place], limit - LABEL_HEIGHT)
    return made


def _up(share: float) -> float:
    return round(BOTTOM + (TOP - BOTTOM) * share, 1)


def _analysed(tx: Transaction, exam_id: str, item_version_id: int) -> tuple[datetime, Line, Document] | None:
    latest = analyses.latest(tx, exam_id)
    if latest is None:
        return None
    try:
        return (latest.made_at, *analyses.item(tx, latest.id, item_version_id))
    except Missing:  # newer than the analysis, or never asked
        return None


def _options(
    kept: Kept, key: frozenset[str], html: dict[str, Markup], document: Document | None
) -> tuple[OptionRow, ...]:
    figures = {} if document is None else {option.id: option for option in document.options}
    made = []
    for letter, option in zip(LETTERS, kept.item.options, strict=False):
        shown = (letter, html[option.id], option.id in key, inline_markdown(option.why))
        got = figures.get(option.id)
        made.append(
            OptionRow(*shown)
            if got is None
            else OptionRow(*shown, got.count, got.share, got.low, got.high, got.rest, got.r)
        )
    return tuple(made)


def _history(tx: Transaction, exam_id: str, kept: Kept) -> tuple[Dated, ...]:
    adopted = [line for line in parameters.history(tx, exam_id) if line.adopted_at is not None]
    made = []
    for line in adopted[:MOST_VERSIONS]:
        found = parameters.get(tx, line.id)[1].parameters.of(kept.item.id, kept.item.version)
        if found is not None and line.adopted_at is not None:
            made.append(
                Dated(
                    line.label,
                    line.id,
                    line.adopted_at,
                    found.a,
                    found.b,
                    found.c,
                    found.se_b,
                    found.answered,
                )
            )
    return tuple(made)


def _raised(line: Line, kept: Kept) -> tuple[Raised, ...]:
    letters = {option.id: letter for letter, option in zip(LETTERS, kept.item.options, strict=False)}
    return tuple(
        Raised(flag, f"option {letters[flag.about]}" if flag.about in letters else flag.about)
        for flag in line.flags
    )


def _page(
    stored: StoredExam,
    kept: Kept,
    found: tuple[datetime, Line, Document] | None,
    *,
    options: tuple[OptionRow, ...],
    stem: Markup,
    history: tuple[Dated, ...],
    corrections: tuple[Regrade, ...],
    withdrawn: bool,
) -> ItemPage:
    made_at, line, document = found or (None, None, None)
    raised = () if line is None else _raised(line, kept)
    domains = {domain.id: domain.title for domain in stored.domains}
    asked = kept.item
    return ItemPage(
        exam=stored.exam,
        kept=kept,
        domain=domains.get(asked.domain or "", asked.domain or "No domain"),
        topic=topics.title(asked.topic, stored.topics) if asked.topic else "",
        stem=stem,
        rationale=inline_markdown(asked.rationale),
        options=options,
        made_at=made_at,
        line=line,
        document=document,
        alarm=next((one for one in raised if one.flag.rule is Rule.KEY), None),
        raised=raised,
        plot=None
        if document is None
        else trace_plot(document.bins, [(option.letter, option.key) for option in options]),
        history=history,
        corrections=corrections,
        withdrawn=withdrawn,
    )
