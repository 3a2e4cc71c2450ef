"""Results to take away: one's own attempt as JSON and as CSV. Only ever of an attempt that is final.

docs/study.md explains the fields."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.exam import topics
from app.exam.attempt import Attempt, Sheet
from app.exam.attempt import Response as CandidateResponse
from app.exam.gains import Kind
from app.exam.result_file import GAIN_COLUMNS, gain_lines, plain_guess, plain_meaning
from app.exam.score import Score
from app.formats.csv_cells import harmless
from app.pages.depends import Id, Now, Somebody, TheSite
from app.pages.meanings import guessed_score, meaning_of, shown_score
from app.pages.sheets import LETTERS
from app.pages.site import Site
from app.store import attempts, forms, packs, responses, scores
from app.store.database import Transaction
from app.store.packs import StoredExam

COLUMNS = (
    "position", "item", "version", "domain", "topic", "scored", "result", "chosen", "seconds", "flagged",
    "confidence",
)  # fmt: skip
router = APIRouter()


@router.get("/reports/{attempt_id}/result.json")
def as_json(attempt_id: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """Every score of the attempt, and each answer with what it came to."""
    with site.database.reading() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        got = shown_score(tx, one, now)
        if got is None:
            return RedirectResponse(f"/reports/{one.id}", 303)
        document = _document(tx, site, one, got.score, now)
    return JSONResponse(document, headers=_named(one, "json"))


@router.get("/reports/{attempt_id}/answers.csv")
def as_csv(attempt_id: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """Each answer on a line, with what it came to."""
    with site.database.reading() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        got = shown_score(tx, one, now)
        if got is None:
            return RedirectResponse(f"/reports/{one.id}", 303)
        lines = list(_answers(tx, one, got.score))
    return _table(COLUMNS, lines, _named(one, "csv"))


@router.get("/reports/{attempt_id}/gains.csv")
def gains_as_csv(attempt_id: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """Each domain, topic and service in which something was missed on a line, with the points to gain there."""
    with site.database.reading() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        got = shown_score(tx, one, now)
        if got is None:
            return RedirectResponse(f"/reports/{one.id}", 303)
        form = forms.get(tx, one.form_id)
        means = meaning_of(tx, site, one, form, got.score, now)
        title = _titles(packs.exam_of_form(tx, form.exam_version_id))
    lines = [] if means is None else list(gain_lines(means, title))
    return _table(GAIN_COLUMNS, lines, _named(one, "gains.csv"))


def _table(columns: tuple[str, ...], lines: list[dict[str, Any]], headers: dict[str, str]) -> Response:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for line in lines:
        cells = (line[column] for column in columns)
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _named(one: Attempt, suffix: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{one.exam_id}-{one.id}.{suffix}"'}


def _titles(stored: StoredExam) -> Callable[[Kind | None, str], str]:
    domains = {domain.id: domain.title for domain in stored.domains}

    def title(kind: Kind | None, name: str) -> str:
        if kind is None:
            return domains.get(name, name)
        return topics.title(name, stored.topics) if kind is Kind.TOPIC else name

    return title


def _document(tx: Transaction, site: Site, one: Attempt, got: Score, now: datetime) -> dict[str, Any]:
    form = forms.get(tx, one.form_id)
    stored = packs.exam_of_form(tx, form.exam_version_id)
    means = meaning_of(tx, site, one, form, got, now)
    assert one.clock.closed_at is not None  # as the page has made sure
    return {
        "exam": {"id": stored.exam.id, "title": stored.exam.title},
        "started_at": one.clock.started_at.isoformat(),
        "ended_at": one.clock.closed_at.isoformat(),
        "kind": one.kind.value,
        "time_option": one.time_option.value,
        "pausable": one.pausable,
        "scores": [
            {
                "made_at": made.created_at.isoformat(),
                "reason": made.reason,
                "scaled": made.score.displayed,
                "unrounded": made.score.scaled,
                "passed": made.score.passed,
                "right": made.score.raw,
                "of": made.score.scored,
                "unanswered": made.score.unanswered,
                "domains": [
                    {"id": tally.name, "right": tally.right, "of": tally.total}
                    for tally in made.score.domains
                ],
            }
            for made in scores.history(tx, one.id)
        ],
        "expected": plain_guess(one.expected, guessed_score(one, got, means)),
        "meaning": None if means is None else plain_meaning(means, _titles(stored)),
        "answers": list(_answers(tx, one, got)),
    }


def _answers(tx: Transaction, one: Attempt, got: Score) -> Iterator[dict[str, Any]]:
    """The answers in the order of delivery; what was chosen by the letters that the candidate saw."""
    stands = responses.current(tx, one.id)
    for place, mark in zip(forms.get(tx, one.form_id).form.positions, got.marks, strict=True):
        stood = stands.get(place.number, CandidateResponse(place.number))
        yield {
            "position": place.number,
            "item": place.id,
            "version": place.version,
            "domain": place.domain,
            "topic": place.topic or "",
            "scored": place.scored and place.number not in got.dropped,
            "result": mark.value,
            "chosen": _letters(one.sheet, place.number, stood.choice),
            "seconds": round(stood.marks.elapsed_ms / 1000, 1),
            "flagged": stood.marks.flagged,
            "confidence": stood.marks.confidence.value if stood.marks.confidence else "",
        }


def _letters(sheet: Sheet, position: int, choice: tuple[str, ...]) -> str:
    options = sheet.at(position).options
    return "".join(
        letter for option, letter in zip(options, LETTERS, strict=False) if option.option_id in choice
    )
