"""Reports of items: what a candidate says is wrong with a question once its exam is over, and the queue of those who
keep it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from app.errors import Invalid, Missing
from app.exam.item_report import ReportKind
from app.pages.depends import LARGEST_ID, Id, Instructor, Now, Somebody, TheSite
from app.pages.render import page
from app.store import attempts, audit, item_reports, pack_access, packs, withheld
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
    kinds: tuple[ReportKind, ...]
    longest: int


@dataclass(frozen=True, slots=True)
class QueueChoice:
    """Which reports are shown: of one pack, of one kind (empty: all), those that wait or those that are answered."""

    pack: Annotated[str, Query(max_length=100)] = ""
    kind: Annotated[ReportKind | Literal[""], Query()] = ""
    state: Annotated[Literal["waiting", "answered"], Query()] = "waiting"

    @property
    def query(self) -> str:
        """The choice as the query of an address."""
        return urlencode({name: str(value) for name, value in asdict(self).items() if value})


@dataclass(frozen=True, slots=True)
class QueuePage:
    """item_reports/page.html. `packs` are the ids and titles of those that reports may be of."""

    reports: tuple[ItemReport, ...]
    choice: QueueChoice
    packs: tuple[tuple[str, str], ...]
    kinds: tuple[ReportKind, ...]
    longest: int
    most: int


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
    context = ProblemPage(one.id, position, stem, said, waiting, tuple(ReportKind), LONGEST)
    return page(request, "item_reports/problem.html", context, who)


@router.post("/reports/{attempt_id}/questions/{position}/problem")
def say(
    attempt_id: Id,
    position: Position,
    who: Somebody,
    now: Now,
    site: TheSite,
    text: Annotated[str, Form()] = "",
    kind: Annotated[ReportKind, Form()] = ReportKind.OTHER,
) -> Response:
    """Keep what a candidate says is wrong with a question."""
    with site.database.writing() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        if one.clock.closed_at is None or withheld.of(tx, one, now):
            return RedirectResponse(f"/reports/{one.id}", 303)
        version_id = one.sheet.at(position).item_version_id
        item_reports.add(tx, version_id, one.id, who.id, kind, _told(text, "what is wrong"), now)
    return RedirectResponse(f"/reports/{one.id}/questions/{position}/problem", 303)


@router.get("/item-reports")
def queue(
    request: Request, choice: Annotated[QueueChoice, Depends()], who: Instructor, site: TheSite
) -> Response:
    """The reports of items of one's packs."""
    with site.database.reading() as tx:
        mine = pack_access.visible(tx, who)
        found = item_reports.queue(
            tx,
            mine & {choice.pack} if choice.pack else mine,
            MOST,
            kind=ReportKind(choice.kind) if choice.kind else None,
            answered=choice.state == "answered",
        )
        titles = tuple((one.id, one.title) for one in packs.loaded(tx) if one.id in mine)
    context = QueuePage(found, choice, titles, tuple(ReportKind), LONGEST, MOST)
    return page(request, "item_reports/page.html", context, who)


@router.post("/item-reports/answer")
def answer(
    choice: Annotated[QueueChoice, Depends()],
    who: Instructor,
    now: Now,
    site: TheSite,
    report: Annotated[list[int], Form()] = [],  # noqa: B006 - never changed
    text: Annotated[str, Form()] = "",
) -> Response:
    """Answer reports, one or many alike: whoever made them reads this beside the question."""
    if not report or len(report) > MOST:
        raise Invalid(f"Choose from one to {MOST} reports, then answer them again.")
    if not all(0 < one <= LARGEST_ID for one in report):
        raise Missing("There is no such report.")
    with site.database.writing() as tx:
        visible = pack_access.visible(tx, who)
        item_reports.answer(tx, report, visible, _told(text, "what came of it"), now, who.id)
        audit.record(tx, now, who.id, "reports answered", f"{len(report)} reports", after={"reports": report})
    return RedirectResponse("/item-reports" + (f"?{choice.query}" if choice.query else ""), 303)


def _told(text: str, what: str) -> str:
    """What was written, trimmed. Raises Invalid."""
    told = text.replace("\r\n", "\n").strip()
    if not told or len(told) > LONGEST:
        raise Invalid(f"Say {what}, in at most {LONGEST} characters.")
    return told
