"""Reports of items: what a candidate says is wrong with a question once its exam is over, and the queue of those who
keep it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from app.errors import Invalid
from app.pages.depends import Id, Instructor, Now, Somebody, TheSite
from app.pages.render import page
from app.store import attempts, item_reports, pack_access, withheld
from app.store.item_reports import ItemReport

LONGEST = 1_000
MOST = 200


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """item_reports/problem.html: where a candidate says what is wrong with a question."""

    attempt_id: int
    position: int
    stem: Markup
    reports: tuple[ItemReport, ...]
    waiting: bool
    longest: int


@dataclass(frozen=True, slots=True)
class QueuePage:
    """item_reports/page.html"""

    reports: tuple[ItemReport, ...]
    longest: int


Position = Annotated[int, Path(ge=1, le=10_000)]
router = APIRouter()


@router.get("/reports/{attempt_id}/questions/{position}/problem")
def problem(
    request: Request, attempt_id: Id, position: Position, who: Somebody, now: Now, site: TheSite
) -> Response:
    """Where a candidate says what is wrong with a question of an exam that is over."""
    with site.database.reading() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        if one.clock.closed_at is None or withheld.of(tx, one, now):
            return RedirectResponse(f"/reports/{one.id}", 303)
        version_id = one.sheet.at(position).item_version_id
        said = item_reports.of_attempt(tx, one.id, version_id)
        stem = site.item_pages(tx, [version_id])[version_id].stem
    waiting = any(report.closed_at is None for report in said)
    context = ProblemPage(one.id, position, stem, said, waiting, LONGEST)
    return page(request, "item_reports/problem.html", context, who)


@router.post("/reports/{attempt_id}/questions/{position}/problem")
def say(
    attempt_id: Id,
    position: Position,
    who: Somebody,
    now: Now,
    site: TheSite,
    text: Annotated[str, Form()] = "",
) -> Response:
    """Keep what a candidate says is wrong with a question."""
    with site.database.writing() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        if one.clock.closed_at is None or withheld.of(tx, one, now):
            return RedirectResponse(f"/reports/{one.id}", 303)
        version_id = one.sheet.at(position).item_version_id
        item_reports.add(tx, version_id, one.id, who.id, _told(text, "what is wrong"), now)
    return RedirectResponse(f"/reports/{one.id}/questions/{position}/problem", 303)


@router.get("/item-reports")
def queue(request: Request, who: Instructor, site: TheSite) -> Response:
    """The reports of items of one's packs that wait for an answer."""
    with site.database.reading() as tx:
        waiting = item_reports.unanswered(tx, pack_access.visible(tx, who), MOST)
    return page(request, "item_reports/page.html", QueuePage(waiting, LONGEST), who)


@router.post("/item-reports/{report_id}/answer")
def answer(
    report_id: Id, who: Instructor, now: Now, site: TheSite, text: Annotated[str, Form()] = ""
) -> Response:
    """Answer a report: whoever made it reads this beside the question."""
    with site.database.writing() as tx:
        visible = pack_access.visible(tx, who)
        item_reports.answer(tx, report_id, visible, _told(text, "what came of it"), now, who.id)
    return RedirectResponse("/item-reports", 303)


def _told(text: str, what: str) -> str:
    """What was written, trimmed. Raises Invalid."""
    told = text.replace("\r\n", "\n").strip()
    if not told or len(told) > LONGEST:
        raise Invalid(f"Say {what}, in at most {LONGEST} characters.")
    return told
