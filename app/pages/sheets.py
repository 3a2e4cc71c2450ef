"""The candidate's view of a sheet, shared by the exam page and the saves: nothing of the key is in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from app.exam.attempt import Attempt, Confidence, Counts, Progress, Response, counts, progress
from app.pages.render import ItemHtml

LETTERS = "ABCDEFGHIJKLMNOPQRST"


# Hundreds are made for a page: a named tuple is made in half the time of a frozen dataclass.
class OptionView(NamedTuple):
    """An option as a candidate sees it: a token in place of the author's id."""

    token: str
    letter: str
    html: Markup
    chosen: bool
    struck: bool


class QuestionView(NamedTuple):
    """One position of an attempt as a candidate sees it. Nothing of the key is in here."""

    attempt_id: int
    position: int
    of: int
    select: int
    multiple: bool
    stem: Markup
    plain_stem: str
    options: tuple[OptionView, ...]
    rev: int
    progress: Progress
    flagged: bool
    seen: bool
    confidence: Confidence | None
    highlights: str
    elapsed_ms: int


@dataclass(frozen=True, slots=True)
class QuestionFragment:
    """attempts/_question.html"""

    question: QuestionView
    editable: bool


def counts_of(attempt: Attempt, stands: Mapping[int, Response]) -> Counts:
    """How far the candidate has come on the whole sheet."""
    positions = range(1, len(attempt.sheet.items) + 1)
    selects = [at.select for at in attempt.sheet.items]
    return counts([stands.get(position, Response(position)) for position in positions], selects)


def question(
    attempt: Attempt, position: int, response: Response | None, pages: Mapping[int, ItemHtml]
) -> QuestionView:
    """One position of an attempt with its current response."""
    at = attempt.sheet.at(position)
    html, stands = pages[at.item_version_id], response or Response(position)
    options = tuple(
        OptionView(
            token=option.token,
            letter=letter,
            html=html.options[option.option_id],
            chosen=option.option_id in stands.choice,
            struck=option.option_id in stands.marks.struck,
        )
        for letter, option in zip(LETTERS, at.options, strict=False)
    )
    return QuestionView(
        attempt_id=attempt.id,
        position=position,
        of=len(attempt.sheet.items),
        select=at.select,
        multiple=at.multiple,
        stem=html.stem,
        plain_stem=html.plain_stem,
        options=options,
        rev=stands.rev,
        progress=progress(stands, at.select),
        flagged=stands.marks.flagged,
        seen=stands.marks.seen,
        confidence=stands.marks.confidence,
        highlights=" ".join(f"{start}-{end}" for start, end in stands.marks.highlights),
        elapsed_ms=stands.marks.elapsed_ms,
    )
