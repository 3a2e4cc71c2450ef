"""Deciding on an import: reading it another way, where it goes, confirm, discard, undo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from app.errors import Conflict, Invalid, Missing
from app.exam.person import Person
from app.exam.staging import EVERYTHING_ELSE, Target
from app.formats.columns import PRESETS
from app.formats.registry import FORMATS
from app.pages import publishing, staged
from app.pages.depends import Id, Instructor, Now, TheSite
from app.pages.staged import Aim
from app.store import imports, pack_versions
from app.store.database import Transaction
from app.store.imports import CONFIRMED, UNDONE, Import

NEW = "new"


# Only after it is known who asks is anything of a form read, and its fields have names that no signature could list.
async def _fields(request: Request, _who: Instructor) -> FormData:
    return await request.form()


Fields = Annotated[FormData, Depends(_fields)]
router = APIRouter()


@router.post("/packs/imports/{import_id}/read")
def read_again(import_id: Id, who: Instructor, now: Now, site: TheSite, fields: Fields) -> Response:
    """Read the file once more, as another format or from other columns."""
    with site.database.reading() as tx:
        one = publishing.undecided(imports.get(tx, import_id, who))
    name = str(fields.get("format", "")) or None
    if name is not None and name not in FORMATS:
        raise Invalid("There is no such format. Choose one of the list.")
    columns = _columns(fields) if fields.get("columns") == "by-hand" else None
    job_id = staged.read(
        site, who, now, one.upload_sha256, one.file_name, format_name=name, columns=columns, instead_of=one
    )
    return RedirectResponse(f"/jobs/{job_id}", 303)


@router.post("/packs/imports/{import_id}")
def aim(import_id: Id, who: Instructor, now: Now, site: TheSite, fields: Fields) -> Response:
    """Say where an import is to go and, when that is asked for, put it there."""
    with site.database.writing() as tx:
        one = publishing.undecided(imports.get(tx, import_id, who))
        _aim(tx, one, staged.aim_of(tx, one, who, now.date()), who, fields)
    if fields.get("action") != "confirm":
        return RedirectResponse(f"/packs/imports/{import_id}#where", 303)
    job_id = publishing.confirm(site, import_id, who, now)
    return RedirectResponse(f"/jobs/{job_id}", 303)


@router.post("/packs/imports/{import_id}/discard")
def discard(import_id: Id, who: Instructor, now: Now, site: TheSite) -> Response:
    """Leave an import at that: nothing of it goes anywhere. The file is kept."""
    with site.database.writing() as tx:
        publishing.discard(tx, import_id, who, now)
    return RedirectResponse("/packs/imports", 303)


@router.post("/packs/imports/{import_id}/undo")
def undo(import_id: Id, who: Instructor, now: Now, site: TheSite) -> Response:
    """Take what an import made out of use: the pack is what it was before. Attempts that had it stay whole."""
    with site.database.writing() as tx:
        one = imports.get(tx, import_id, who)
        if one.state != CONFIRMED or one.pack_version_id is None:
            raise Conflict(imports.DECIDED)
        if all(each.id != one.pack_id for each in imports.packs_open_to(tx, who)):
            raise Missing("This pack is no longer open to you. Ask its owner.")
        pack_versions.withdraw(tx, one.pack_id, one.pack_version_id, one.replaced_id)
        imports.decide(tx, import_id, UNDONE, now, who)
    return RedirectResponse(f"/packs/imports/{import_id}", 303)


def _columns(fields: Mapping[str, object]) -> dict[str, int] | str:
    """The mapping of columns that a form gives, or the preset it names."""
    preset = fields.get("preset")
    if preset in PRESETS:
        return str(preset)
    given = {name.removeprefix("column "): str(value) for name, value in fields.items() if value}
    return {name: int(place) for name, place in given.items() if place.isdecimal() and len(place) <= 4}  # noqa: PLR2004


def _aim(tx: Transaction, one: Import, before: Aim, who: Person, fields: Mapping[str, object]) -> None:
    """Store what a form says of the target. The mapping counts only while the target is the one it was made for."""
    target = str(fields.get("target", NEW))
    is_new = target == NEW
    title = str(fields.get("title", "")).strip() or one.title
    pack_id = str(fields.get("pack_id", "")).strip() if is_new else target
    same = (before.base.id if before.base else NEW) == target
    mapping = _mapping(one, before, fields) if same else {}
    publishing.aim_at(tx, one, who, pack_id, title, mapping, is_new=is_new)


def _mapping(one: Import, aim: Aim, fields: Mapping[str, object]) -> dict[str, Target]:
    """What a form says of each category; the form numbers them in the order of the file."""
    domains, topics = {each.id for each in aim.domains}, {each.id for each in aim.topics}
    names = [*(name for name, _ in one.document["categories"] if name), EVERYTHING_ELSE]
    mapping = {}
    for number, name in enumerate(names):
        key = "rest" if name == EVERYTHING_ELSE else str(number)
        if f"domain-{key}" in fields:
            domain, topic = str(fields[f"domain-{key}"]), str(fields.get(f"topic-{key}", ""))
            mapping[name] = Target(domain if domain in domains else None, topic if topic in topics else None)
    return mapping
