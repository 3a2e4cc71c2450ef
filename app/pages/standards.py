"""Standards: a panel's ratings after Angoff, what they come to, and the way from there to a cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from app.errors import Invalid
from app.exam.pack import Exam
from app.exam.parameter_version import ParameterVersion, with_standard
from app.exam.score import nearest_half_point
from app.exam.standard_setting import Standard, read_ratings, standard
from app.pages.depends import Keeper, Now, TheSite
from app.pages.render import page
from app.store import packs, parameters
from app.store.database import Transaction

LARGEST = 2_000_000
LONGEST_NAME = 200
MOST_SPREAD = 12


@dataclass(frozen=True, slots=True)
class Outcome:
    """What ratings come to: the mean in items of the form, moved to a half point, beside the cut in use."""

    standard: Standard
    raw: float
    raw_error: float | None
    cut: float
    cut_in_use: float
    widest: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class StandardPage:
    """standards/page.html. `text` are the ratings as they were entered, `outcome` what they come to."""

    exam: Exam
    items: int
    text: str
    name: str
    outcome: Outcome | None
    problems: tuple[str, ...]


router = APIRouter()


@router.get("/exams/{exam_id}/standard")
def ask(request: Request, exam_id: str, who: Keeper, site: TheSite) -> Response:
    """Where ratings are entered."""
    with site.database.reading() as tx:
        stored = packs.exam(tx, exam_id)
        items = len(_domains(tx, stored.pack_version_id))
        return page(request, "standards/page.html", StandardPage(stored.exam, items, "", "", None, ()), who)


@router.get("/exams/{exam_id}/standard/items.csv")
def sheet(exam_id: str, who: Keeper, site: TheSite) -> Response:  # noqa: ARG001 - who asks is checked
    """An empty sheet for a panel: every ready item, and a column for each of three raters."""
    with site.database.reading() as tx:
        names = sorted(_domains(tx, packs.exam(tx, exam_id).pack_version_id))
    lines = ["item,rater 1,rater 2,rater 3", *(f"{name},,," for name in names)]
    headers = {"Content-Disposition": f'attachment; filename="{exam_id}-ratings.csv"'}
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/csv", headers=headers)


@router.post("/exams/{exam_id}/standard")
def rate(
    request: Request,
    exam_id: str,
    who: Keeper,
    now: Now,
    site: TheSite,
    ratings: Annotated[str, Form()] = "",
    file: Annotated[UploadFile | None, File()] = None,
    name: Annotated[str, Form()] = "",
    action: Annotated[str, Form()] = "show",
) -> Response:
    """Show what ratings come to, or propose it as the standard; what cannot be read comes back as it was."""
    text = _text(ratings, file)
    with site.database.writing() as tx:
        stored = packs.exam(tx, exam_id)
        domains = _domains(tx, stored.pack_version_id)
        used = _needed(parameters.in_use(tx, exam_id))
        try:
            made = standard(*read_ratings(text), domains, stored.exam)
            if action == "propose":
                source = _name(name)
                proposal = with_standard(used, stored.exam, made.mean, source, made.plain())
                version_id = parameters.add(tx, proposal, source, now, made_by=who.id)
                return RedirectResponse(f"/exams/{exam_id}/measurement/{version_id}", 303)
            outcome = _outcome(made, stored.exam, used.cut.raw_equivalent)
            context = StandardPage(stored.exam, len(domains), text, name, outcome, ())
        except Invalid as error:
            problems = (str(error), *map(str, error.faults))
            context = StandardPage(stored.exam, len(domains), text, name, None, problems)
    return page(request, "standards/page.html", context, who, 422 if context.problems else 200)


def _text(ratings: str, file: UploadFile | None) -> str:
    content = file.file.read(LARGEST + 1) if file is not None and file.filename else ratings.encode()
    if len(content) > LARGEST:
        raise Invalid("The file has more than 2 MB: ratings of a panel are smaller. Is it the right one?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("The file is not UTF-8 text. Save it as CSV in UTF-8, then upload it again.") from error


def _needed(used: ParameterVersion | None) -> ParameterVersion:
    if used is None:
        raise Invalid("This exam has nothing to be measured by yet: its bank needs ready items first.")
    return used


def _name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > LONGEST_NAME:
        raise Invalid("Name the panel and the day, so that others know where the cut comes from.")
    return name


def _domains(tx: Transaction, pack_version_id: int) -> dict[str, str]:
    """The domain of every item of the bank that has one."""
    return {item.id: item.domain for item in packs.bank(tx, pack_version_id).values() if item.domain}


def _outcome(made: Standard, exam: Exam, cut_in_use: float) -> Outcome:
    spread = [(one.item, one.mean, one.sd) for one in made.items if one.sd is not None]
    return Outcome(
        standard=made,
        raw=made.raw,
        raw_error=None if made.error is None else made.error * exam.scored,
        cut=nearest_half_point(made.raw),
        cut_in_use=cut_in_use,
        widest=tuple(sorted(spread, key=lambda one: -one[2])[:MOST_SPREAD]),
    )
