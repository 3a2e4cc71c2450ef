"""The exams of a pack in the browser: blueprint, length, time, cut and caps, held against what the bank has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from app.errors import Conflict, Invalid, Missing
from app.exam import exam_fields, exam_outlook
from app.exam.differences import Difference
from app.exam.exam_fields import NAMES, SHARE, ExamFields
from app.exam.exam_outlook import Outlook
from app.exam.pack import Domain, Exam, Pack
from app.exam.person import Person
from app.formats import native_exam
from app.formats.native_item import Problem
from app.pages.bank_shelf import PackId
from app.pages.depends import LARGEST_ID, Instructor, Now, TheSite
from app.pages.render import page
from app.pages.site import Site
from app.store import pack_access, pack_versions, packs, parameters
from app.store.database import Transaction

LONGEST_NOTE = 500
MOST_FIELDS = 200
TRIES = 3


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a field (`anchor`), under the name that the form gives it."""

    name: str
    anchor: str
    message: str


@dataclass(frozen=True, slots=True)
class ExamFormPage:
    """pack_exams/page.html. `code` is empty for a new exam. `outlook` is None while there are `troubles`; `more` says
    what one form more would need. `meanwhile` is what others changed since the form was opened, `yours` what saving
    it would change now. `standard` is the cut in use when one was set on this site, which no pack undoes."""

    pack: Pack
    domains: tuple[Domain, ...]
    code: str
    fields: ExamFields
    based_on: int
    why: str
    saved: bool
    troubles: tuple[Trouble, ...]
    meanwhile: tuple[Difference, ...]
    yours: tuple[Difference, ...]
    outlook: Outlook | None
    more: Mapping[str, int]
    standard: str


@dataclass(frozen=True, slots=True)
class Desk:
    """A pack in use with its items as delivered; `base` is the exam that is edited, None for a new one, and `base_id`
    its stored version."""

    pack: Pack
    version_id: int
    base: Exam | None
    base_id: int
    standard: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form came to: its fields, and the exam that they make or the troubles in them."""

    fields: ExamFields
    exam: Exam | None
    troubles: tuple[Trouble, ...] = ()


async def _values(request: Request) -> dict[str, str]:
    form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    return {name: value for name, value in form.items() if isinstance(value, str)}


Entered = Annotated[dict[str, str], Depends(_values)]
Saved = Annotated[int, Query(ge=0, le=LARGEST_ID)]
router = APIRouter()


@router.get("/packs/{pack_id}/exams/{exam_id}")
def exam(
    request: Request,
    pack_id: PackId,
    exam_id: str,
    who: Instructor,
    now: Now,
    site: TheSite,
    saved: Saved = 0,
) -> Response:
    """The form with an exam as it is in use; `saved` is the exam version that was just made."""
    with site.database.reading() as tx:
        desk = _desk(tx, pack_id, exam_id, who)
    draft = _draft(desk, exam_fields.shown(_known(desk)))
    context = _page(desk, draft, now, saved=bool(saved) and saved == desk.base_id)
    return page(request, "pack_exams/page.html", context, who)


@router.get("/packs/{pack_id}/new-exam")
def new(
    request: Request, pack_id: PackId, who: Instructor, now: Now, site: TheSite, like: str = ""
) -> Response:
    """The form for an exam that the pack has not yet, filled in as the exam `like` is."""
    with site.database.reading() as tx:
        desk = _desk(tx, pack_id, "", who)
    model = next((one for one in desk.pack.exams if one.id == like), None)
    fields = exam_fields.even(desk.pack.domains) if model is None else exam_fields.shown(model)
    context = _page(desk, Draft(replace(fields, id="", title=""), model), now)
    return page(request, "pack_exams/page.html", context, who)


@router.post("/packs/{pack_id}/exams/{exam_id}")
def change(
    request: Request, pack_id: PackId, exam_id: str, values: Entered, who: Instructor, now: Now, site: TheSite
) -> Response:
    """A look at what a changed exam comes to, or a version of the pack with it."""
    return _take(request, site, pack_id, exam_id, values, who, now)


@router.post("/packs/{pack_id}/new-exam")
def add(
    request: Request, pack_id: PackId, values: Entered, who: Instructor, now: Now, site: TheSite
) -> Response:
    """A look at what a new exam comes to, or a version of the pack with it."""
    return _take(request, site, pack_id, "", values, who, now)


def _take(
    request: Request,
    site: Site,
    pack_id: str,
    exam_id: str,
    values: Mapping[str, str],
    who: Person,
    now: datetime,
) -> Response:
    saving, why = values.get("action") == "save", values.get("why", "").strip()
    for _ in range(TRIES):
        with site.database.reading() as tx:
            desk = _desk(tx, pack_id, exam_id, who)
            stale = _stale(tx, desk, values.get("based_on", ""))
        draft = _draft(desk, exam_fields.entered(values), why)
        if not saving or draft.exam is None or stale is not None:
            status = 409 if saving and stale is not None else 422 if saving else 200
            context = _page(desk, draft, now, why=why, stale=stale)
            return page(request, "pack_exams/page.html", context, who, status)
        try:
            with site.database.writing() as tx:
                made = _save(tx, desk, draft.exam, who, now, why)
        except Conflict:
            continue  # somebody changed something else in the pack
        except Invalid as error:
            context = _page(
                desk, replace(draft, troubles=(Trouble("The exam", "items", str(error)),)), now, why=why
            )
            return page(request, "pack_exams/page.html", context, who, 422)
        return RedirectResponse(f"/packs/{pack_id}/exams/{draft.exam.id}?saved={made}", 303)
    raise Conflict(
        "Others are changing this pack just now. Go back: your figures are still in the form; save again."
    )


def _desk(tx: Transaction, pack_id: str, exam_id: str, who: Person) -> Desk:
    """A pack and one of its exams, or none for a new one. Raises Missing."""
    pack_access.require(tx, pack_id, who)
    stored = packs.exam(tx, exam_id) if exam_id else None
    loaded = next(one for one in packs.loaded(tx) if one.id == pack_id)
    if stored is not None and stored.pack_version_id != loaded.version_id:
        raise Missing(f"The pack has no exam {exam_id!r} now. Start from the page of the pack.")
    delivered = tuple(packs.bank(tx, loaded.version_id).values())
    used = parameters.in_use(tx, exam_id) if exam_id else None
    standard = f"{used.cut.raw_equivalent:g} ({used.cut.source})" if used and used.set_here else ""
    return Desk(
        replace(packs.frame(tx, pack_id), items=delivered),
        loaded.version_id,
        stored.exam if stored else None,
        stored.version_id if stored else 0,
        standard,
    )


def _known(desk: Desk) -> Exam:
    if desk.base is None:
        raise Missing("There is no such exam.")
    return desk.base


def _draft(desk: Desk, given: ExamFields, why: str = "") -> Draft:
    """What a form comes to. Raises nothing: what is wrong are troubles."""
    fields = given if desk.base is None else replace(given, id=desk.base.id)
    exam, problems = native_exam.read(exam_fields.document(fields), desk.pack.domains)
    troubles = [_trouble(problem, desk.pack) for problem in problems]
    if desk.base is None and fields.id.casefold() in {one.id.casefold() for one in desk.pack.exams}:
        troubles.append(Trouble("Id", "id", "the pack has an exam with this id already: choose another one"))
    if len(why) > LONGEST_NOTE:
        troubles.append(Trouble("What this change is for", "why", f"at most {LONGEST_NOTE} characters"))
    return Draft(fields, None if troubles else exam, tuple(troubles))


def _trouble(problem: Problem, pack: Pack) -> Trouble:
    name = exam_fields.field_of(problem.at)
    if name.startswith(SHARE):
        domain = name.removeprefix(SHARE)
        first = pack.domains[0].id if pack.domains else ""
        return Trouble(
            f"Share of {domain}" if domain else "Shares", f"{SHARE}{domain or first}", problem.message
        )
    return Trouble(NAMES.get(name, "The exam"), name if name in NAMES else "items", problem.message)


def _stale(tx: Transaction, desk: Desk, opened: str) -> Exam | None:
    """The exam that a form was opened with, when that is not what it is now."""
    if desk.base is None or opened == str(desk.base_id):
        return None
    known = opened.isascii() and opened.isdecimal() and int(opened) <= LARGEST_ID
    try:
        before = packs.exam_of_form(tx, int(opened) if known else 0).exam
    except Missing:
        return desk.base
    return before if before != desk.base else None


def _save(tx: Transaction, desk: Desk, exam: Exam, who: Person, now: datetime, why: str) -> int:
    """Put an exam into use, with what it is measured by; the id of its version. Raises Invalid and Conflict."""
    if exam == desk.base:
        raise Invalid("Nothing was changed, so there is nothing to save.")
    if desk.base is None:
        said = why or f"New exam {exam.id}"
    else:
        names = ", ".join(one.field.lower() for one in exam_fields.changes(desk.base, exam))
        said = why or f"Exam {exam.id}: {names}"
    pack_versions.revise_exam(
        tx, desk.pack.id, exam, now, based_on=desk.version_id, made_by=who.id, note=said[:LONGEST_NOTE]
    )
    version = packs.frame(tx, desk.pack.id).version
    parameters.follow_pack(tx, exam, lambda: desk.pack.items, version, now)
    return packs.exam(tx, exam.id).version_id


def _page(
    desk: Desk, draft: Draft, now: datetime, *, why: str = "", saved: bool = False, stale: Exam | None = None
) -> ExamFormPage:
    exam, base = draft.exam, desk.base
    pack = desk.pack
    found = None if exam is None else exam_outlook.outlook(exam, pack.domains, pack.items, now.date())
    return ExamFormPage(
        pack=pack,
        domains=pack.domains,
        code="" if base is None else base.id,
        fields=draft.fields,
        based_on=desk.base_id,
        why=why,
        saved=saved,
        troubles=draft.troubles,
        meanwhile=exam_fields.changes(stale, base) if stale and base else (),
        yours=exam_fields.changes(base, exam) if stale and base and exam else (),
        outlook=found,
        more=exam_outlook.more_needed(found) if found else {},
        standard=desk.standard,
    )
