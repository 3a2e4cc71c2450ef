"""Responses: what a page asks for to catch up, and the whole sheet posted at once by a page without JavaScript.

The save of one response, the hot path, is in saves.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.errors import Closed
from app.exam.attempt import Attempt, Marks, Save
from app.exam.attempt import Response as CandidateResponse
from app.exam.clock import State
from app.exam.person import Person
from app.pages.depends import Id, Now, Somebody, TheSite
from app.pages.render import fragment
from app.pages.sheets import QuestionFragment, question
from app.pages.site import Site
from app.store import attempts, responses
from app.store.database import Transaction

FORM_CLIENT = "form"  # the client id of a page without JavaScript

router = APIRouter()


@router.get("/attempts/{attempt_id}/state")
def state_of(attempt_id: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """What the page asks to catch up: the clock, and the revision of each response."""
    with site.database.reading() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        stands = responses.current(tx, one.id)
        remaining = one.clock.remaining(now)
        return JSONResponse(
            {
                "state": one.clock.state(now).value,
                "remaining_ms": None if remaining is None else int(remaining.total_seconds() * 1000),
                "revs": [stands[p].rev if p in stands else 0 for p in range(1, len(one.sheet.items) + 1)],
            }
        )


@router.get("/attempts/{attempt_id}/questions/{position}")
def one_question(attempt_id: Id, position: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """One question with what is stored for it, for a page that has fallen behind."""
    with site.database.reading() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        if one.clock.state(now) is State.PAUSED:
            raise Closed("The exam is paused: resume it to see its questions.")
        pages = site.item_pages(tx, [one.sheet.at(position).item_version_id])
        view = question(one, position, responses.current(tx, one.id).get(position), pages)
        editable = one.clock.state(now) is State.OPEN
        return fragment("attempts/_question.html", QuestionFragment(view, editable))


@router.post("/attempts/{attempt_id}/responses")
async def read_sheet(request: Request, attempt_id: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """Save the whole sheet at once: how a page without JavaScript saves."""
    form = await request.form(max_fields=4000, max_files=0)
    values = {name: [str(value) for value in form.getlist(name)] for name in form}
    return await run_in_threadpool(_save_sheet, site, attempt_id, who, now, values)


def _save_sheet(
    site: Site, attempt_id: int, who: Person, now: datetime, values: dict[str, list[str]]
) -> Response:
    def save(tx: Transaction) -> tuple[Attempt, tuple[int, ...]]:
        one = attempts.get(tx, attempt_id, who.id)
        saves = list(_changes(one, responses.current(tx, one.id), values, now))
        return one, responses.save_sheet(tx, one.id, saves, now)

    one, newer = site.write(save)
    if one.clock.state(now) is State.FINAL:
        return RedirectResponse(f"/reports/{one.id}", 303)
    if newer:
        query = "&".join(f"newer={position}" for position in newer)
        return RedirectResponse(f"/attempts/{one.id}?{query}#q{newer[0]}", 303)
    if values.get("then") == ["end"]:
        return RedirectResponse(f"/attempts/{one.id}/end", 303)
    at = values.get("at", ["1"])[-1]
    position = int(at) if at.isascii() and at.isdecimal() and len(at) < len("12345") else 1
    return RedirectResponse(f"/attempts/{one.id}#q{position}", 303)


def _changes(
    one: Attempt, stands: dict[int, CandidateResponse], values: dict[str, list[str]], now: datetime
) -> Iterable[Save]:
    """The positions of a posted sheet that differ from what is stored. Raises Invalid on what does not belong."""
    for position, at in enumerate(one.sheet.items, 1):
        if f"rev-{position}" not in values:
            continue
        stored = stands.get(position, CandidateResponse(position))
        choice = at.choice(values.get(f"choice-{position}", ()))
        flagged = f"flag-{position}" in values
        if (choice, flagged) == (stored.choice, stored.marks.flagged):
            continue
        rev = values[f"rev-{position}"][-1]
        base = int(rev) if rev.isascii() and rev.isdecimal() and len(rev) < len("1234567890") else 0
        marks = Marks(
            flagged,
            stored.marks.struck,
            stored.marks.highlights,
            stored.marks.confidence,
            True,
            stored.marks.elapsed_ms,
        )
        # Each post is a client of its own, so that what another tab saved meanwhile is not overwritten.
        client = f"{FORM_CLIENT}-{secrets.token_hex(8)}"
        yield Save(position, client, 0, client, base, choice, marks, now)
