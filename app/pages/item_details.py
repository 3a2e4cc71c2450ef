"""One item: what candidates see, the key, and everything its responses say of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from app.errors import Missing
from app.exam import topics
from app.exam.item_analysis import Document, Flag, Line, Rule
from app.exam.pack import Exam
from app.exam.regrade import ScoredAgain, scored_again, standing
from app.pages.depends import Id, Keeper, TheSite
from app.pages.render import inline_markdown, page
from app.pages.sheets import LETTERS
from app.pages.trace_plot import TracePlot, trace_plot
from app.store import analyses, item_versions, jobs, packs, parameters, regrades, scores
from app.store.database import Transaction
from app.store.item_versions import Kept
from app.store.packs import StoredExam
from app.store.regrades import Regrade

MOST_VERSIONS = 12


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
    """items/item.html. `line` and `document` are None when the last analysis does not know this version.

    `behind`: it was corrected since the analysis, whose figures do not know that.
    """

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
    again: ScoredAgain | None
    withdrawn: bool
    behind: bool


router = APIRouter()


@router.get("/exams/{exam_id}/items/{item_version_id}")
def item(request: Request, exam_id: str, item_version_id: Id, who: Keeper, site: TheSite) -> Response:
    """One version of an item, as of the last analysis."""
    with site.database.reading() as tx:
        stored = packs.exam(tx, exam_id)
        kept = item_versions.get(tx, exam_id, item_version_id)
        latest = analyses.latest(tx, exam_id)
        found = None if latest is None else _figures(tx, latest.id, item_version_id)
        html = site.item_pages(tx, [item_version_id])[item_version_id]
        corrected = standing(scores.corrections(tx, [item_version_id])).get(item_version_id)
        made = regrades.of_item(tx, kept.pack_id, kept.item.id)
        key = kept.item.key if corrected is None or corrected.key is None else corrected.key
        context = _page(
            stored,
            kept,
            None if latest is None else latest.made_at,
            found,
            options=_options(kept, key, html.options, None if found is None else found[1]),
            stem=html.stem,
            history=_history(tx, exam_id, kept),
            corrections=made,
            again=_scored_again(tx, item_version_id, [one.id for one in made]),
            withdrawn=corrected is not None and corrected.key is None,
        )
    return page(request, "items/item.html", context, who)


def _figures(tx: Transaction, analysis_id: int, item_version_id: int) -> tuple[Line, Document] | None:
    try:
        return analyses.item(tx, analysis_id, item_version_id)
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


def _scored_again(tx: Transaction, item_version_id: int, corrections: list[int]) -> ScoredAgain | None:
    """What the corrections of the item did to scores, as it was counted when they had been scored again; None when
    there were none."""
    subjects = [str(one) for one in item_versions.of_same_item(tx, item_version_id)]
    counted = (jobs.last_result(tx, jobs.REGRADE, subjects) or {}).get("again")
    if not counted or not counted["count"]:
        return None
    still_there = scored_again(regrades.rescored(tx, corrections, among=counted["most"]))
    return replace(still_there, count=counted["count"], flipped=counted["flipped"])


def _raised(line: Line, kept: Kept) -> tuple[Raised, ...]:
    letters = {option.id: letter for letter, option in zip(LETTERS, kept.item.options, strict=False)}
    return tuple(
        Raised(flag, f"option {letters[flag.about]}" if flag.about in letters else flag.about)
        for flag in line.flags
    )


def _page(
    stored: StoredExam,
    kept: Kept,
    made_at: datetime | None,
    found: tuple[Line, Document] | None,
    *,
    options: tuple[OptionRow, ...],
    stem: Markup,
    history: tuple[Dated, ...],
    corrections: tuple[Regrade, ...],
    again: ScoredAgain | None,
    withdrawn: bool,
) -> ItemPage:
    line, document = found or (None, None)
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
        again=again,
        withdrawn=withdrawn,
        behind=made_at is not None and any(one.made_at > made_at for one in corrections),
    )
