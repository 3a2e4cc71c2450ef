"""Deciding on an import: reading it another way, where it goes, confirm, discard, undo."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from app.errors import Conflict, Invalid, Missing
from app.exam.item import Item
from app.exam.person import Person
from app.exam.staging import EVERYTHING_ELSE, Target, pack_of
from app.formats.columns import PRESETS
from app.formats.registry import FORMATS
from app.pages import background, staged
from app.pages.background import Progress
from app.pages.depends import Id, Instructor, Now, Site, TheSite
from app.pages.staged import LONGEST_ID, Aim
from app.store import imports, item_rows, pack_versions, packs, parameters
from app.store.database import Transaction
from app.store.imports import CONFIRMED, DISCARDED, STAGED, UNDONE, Import
from app.store.pack_versions import Stored

BATCH = 50
LONGEST_TITLE = 200
NEW = "new"
_PACK_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


# Only after it is known who asks is anything of a form read, and its fields have names that no signature could list.
async def _fields(request: Request, _who: Instructor) -> FormData:
    return await request.form()


Fields = Annotated[FormData, Depends(_fields)]
router = APIRouter()


@router.post("/packs/imports/{import_id}/read")
def read_again(import_id: Id, who: Instructor, now: Now, site: TheSite, fields: Fields) -> Response:
    """Read the file once more, as another format or from other columns."""
    with site.database.reading() as tx:
        one = _undecided(imports.get(tx, import_id, who))
    name = str(fields.get("format", "")) or None
    if name is not None and name not in FORMATS:
        raise Invalid("There is no such format. Choose one of the list.")
    columns = _columns(fields) if fields.get("columns") == "by-hand" else None
    return staged.read(
        site, who, now, one.upload_sha256, one.file_name, format_name=name, columns=columns, instead_of=one
    )


@router.post("/packs/imports/{import_id}")
def aim(import_id: Id, who: Instructor, now: Now, site: TheSite, fields: Fields) -> Response:
    """Say where an import is to go and, when that is asked for, put it there."""
    with site.database.writing() as tx:
        one = _undecided(imports.get(tx, import_id, who))
        _aim(tx, one, staged.aim_of(tx, one, who, now.date()), who, fields)
    if fields.get("action") != "confirm":
        return RedirectResponse(f"/packs/imports/{import_id}#where", 303)

    def work(_job_id: int, progress: Progress) -> dict[str, Any]:
        _publish(site, import_id, who, now, progress)
        return {"see": f"/packs/imports/{import_id}"}

    job_id = background.start(
        site, "publish", str(import_id), {}, "Putting the items into the pack", work, made_by=who.id
    )
    return RedirectResponse(f"/jobs/{job_id}", 303)


@router.post("/packs/imports/{import_id}/discard")
def discard(import_id: Id, who: Instructor, now: Now, site: TheSite) -> Response:
    """Leave an import at that: nothing of it goes anywhere. The file is kept."""
    with site.database.writing() as tx:
        imports.get(tx, import_id, who)
        imports.decide(tx, import_id, DISCARDED, now, who)
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


def _undecided(one: Import) -> Import:
    if one.state != STAGED:
        raise Conflict(imports.DECIDED)
    return one


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
    if is_new:
        _check_new(tx, pack_id, title, who)
    elif all(each.id != target for each in imports.packs_open_to(tx, who)):
        raise Invalid("Choose a pack that is yours or shared with you, or a new one.")
    same = (before.base.id if before.base else NEW) == target
    mapping = _mapping(one, before, fields) if same else {}
    imports.aim(tx, one.id, pack_id, title, mapping, is_new=is_new)


def _check_new(tx: Transaction, pack_id: str, title: str, who: Person) -> None:
    if not _PACK_ID.fullmatch(pack_id) or len(pack_id) > LONGEST_ID:
        raise Invalid(
            f"The id of the pack is {pack_id[:80]!r}: write small letters, digits and hyphens, as in network-basics "
            f"(at most {LONGEST_ID})."
        )
    if len(title) > LONGEST_TITLE:
        raise Invalid(f"The title of the pack has more than {LONGEST_TITLE} characters. Shorten it.")
    if imports.is_taken(tx, pack_id, who):
        raise Invalid(f"There is a pack {pack_id} already. Choose another id for the new one.")


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


def _publish(site: Site, import_id: int, who: Person, now: datetime, progress: Progress) -> None:
    """Store the items in short transactions, where nobody sees them; then put them into use in one."""
    with site.database.reading() as tx:
        one = _undecided(imports.get(tx, import_id, who))
        aim = staged.aim_of(tx, one, who, now.date())
        judged = staged.judged(tx, one, aim, imports.items(tx, import_id))
        wanted = str(one.document["pack"]["version"]) if one.document["pack"] else ""
        version = pack_versions.free_number(tx, one.pack_id, wanted)
    kept = [each.fate.item for _, each in judged if each.fate.item is not None]
    if not judged:
        raise Invalid(
            "There is no question in this file to import. Read it as another format, or discard it."
        )
    if not kept:
        raise Invalid("The pack has every question of this file already, word for word. Nothing was changed.")
    if aim.base is None:
        with site.database.writing() as tx:
            if imports.is_taken(tx, one.pack_id, who):
                raise Invalid(f"There is a pack {one.pack_id} already. Choose another id for the new one.")
            pack_versions.reserve(tx, one.pack_id, who.id)
    ids, hashes = _store(site, one.pack_id, kept, progress)
    if aim.base is None:
        _flip_new(site, one, aim, kept, version, Stored(ids, hashes), who, now)
    else:
        _flip(site, one, aim, kept, Stored(ids, hashes), who, now)


def _store(
    site: Site, pack_id: str, items: Sequence[Item], progress: Progress
) -> tuple[dict[str, int], dict[str, str]]:
    ids: dict[str, int] = {}
    hashes: dict[str, str] = {}
    for start in range(0, len(items), BATCH):
        rows = item_rows.rows_of(items[start : start + BATCH])
        with site.database.writing() as tx:
            ids |= item_rows.store(tx, pack_id, rows)
        hashes |= {row.code: row.sha256 for row in rows}
        progress(start, len(items))
    return ids, hashes


def _flip_new(
    site: Site,
    one: Import,
    aim: Aim,
    items: Sequence[Item],
    version: str,
    stored: Stored,
    who: Person,
    now: datetime,
) -> None:
    new = pack_of(
        one.document["pack"], items, id=one.pack_id, title=one.title, version=version, domains=aim.domains
    )
    stored = replace(stored, pack_sha256=new.sha256)
    statuses = {item.id: item.status for item in items}
    with site.database.writing() as tx:
        pack_versions.load(tx, new, statuses, (), now, made_by=who.id, stored_before=stored)
        made = pack_versions.current(tx, new.id)
        imports.decide(tx, one.id, CONFIRMED, now, who, pack_version_id=made)
        imports.remember(tx, new.id, aim.mapping)
        for exam in new.exams:
            parameters.follow_pack(tx, exam, lambda: new.items, new.version, now)


def _flip(
    site: Site, one: Import, aim: Aim, items: Sequence[Item], stored: Stored, who: Person, now: datetime
) -> None:
    if aim.base is None:
        return
    base = aim.base
    statuses = {item.id: item.status for item in items}
    note = f"Import of {one.file_name}"
    with site.database.writing() as tx:
        made = pack_versions.revise(
            tx,
            base.id,
            items,
            statuses,
            now,
            based_on=base.version_id,
            made_by=who.id,
            note=note,
            stored_before=stored,
        )
        imports.decide(tx, one.id, CONFIRMED, now, who, pack_version_id=made, replaced_id=base.version_id)
        imports.remember(tx, base.id, aim.mapping)
        for each in packs.exams(tx):
            if each.pack_version_id == made:
                parameters.follow_pack(tx, each.exam, packs.bank(tx, made).values, "", now)
