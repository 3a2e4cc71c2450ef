"""Results to take away: one's own attempt as JSON and as CSV. Only ever of an attempt that is final."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.exam.attempt import Attempt, Sheet
from app.exam.attempt import Response as CandidateResponse
from app.pages.depends import Id, Now, Somebody, TheSite
from app.pages.sheets import LETTERS
from app.store import attempts, forms, packs, responses, scores, withheld
from app.store.database import Transaction

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
        if one.clock.closed_at is None or withheld.of(tx, one, now) or scores.behind(tx, one):
            return RedirectResponse(f"/reports/{one.id}", 303)
        document = _document(tx, one)
    return JSONResponse(document, headers=_named(one, "json"))


@router.get("/reports/{attempt_id}/answers.csv")
def as_csv(attempt_id: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """Each answer on a line, with what it came to."""
    with site.database.reading() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        if one.clock.closed_at is None or withheld.of(tx, one, now) or scores.behind(tx, one):
            return RedirectResponse(f"/reports/{one.id}", 303)
        lines = list(_answers(tx, one))
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(lines)
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=_named(one, "csv"))


def _named(one: Attempt, suffix: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{one.exam_id}-{one.id}.{suffix}"'}


def _document(tx: Transaction, one: Attempt) -> dict[str, Any]:
    stored = packs.exam_of_form(tx, forms.get(tx, one.form_id).exam_version_id)
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
        "answers": list(_answers(tx, one)),
    }


def _answers(tx: Transaction, one: Attempt) -> Iterator[dict[str, Any]]:
    """The answers in the order of delivery; what was chosen by the letters that the candidate saw."""
    got = scores.of(tx, one.id).score
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
