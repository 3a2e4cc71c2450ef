"""Publishing an import: where it goes, confirmed or discarded. Shared by pages and API."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.errors import Conflict, Invalid
from app.exam.item import Item
from app.exam.person import Person
from app.exam.staging import Targets, pack_of
from app.pages import background, staged
from app.pages.background import Progress
from app.pages.site import Site
from app.pages.staged import LONGEST_ID, Aim
from app.store import imports, item_rows, pack_versions, packs, parameters
from app.store.database import Transaction
from app.store.imports import CONFIRMED, DISCARDED, STAGED, Import
from app.store.pack_versions import Stored

BATCH = 50
LONGEST_TITLE = 200
_PACK_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def undecided(one: Import) -> Import:
    """The import itself. Raises Conflict when it was confirmed or discarded."""
    if one.state != STAGED:
        raise Conflict(imports.DECIDED)
    return one


def aim_at(
    tx: Transaction, one: Import, who: Person, pack_id: str, title: str, mapping: Targets, *, is_new: bool
) -> None:
    """Store where an import is to go: a new pack, or one that is open to this person. Raises Invalid."""
    if is_new:
        _check_new(tx, pack_id, title, who)
    elif all(each.id != pack_id for each in imports.packs_open_to(tx, who)):
        raise Invalid("Choose a pack that is yours or shared with you, or a new one.")
    imports.aim(tx, one.id, pack_id, title, mapping, is_new=is_new)


def confirm(site: Site, import_id: int, who: Person, now: datetime) -> int:
    """Start to put a staged import where it is to go; the id of the job."""

    def work(_job_id: int, progress: Progress) -> dict[str, Any]:
        _publish(site, import_id, who, now, progress)
        return {"see": f"/packs/imports/{import_id}", "import": import_id}

    return background.start(
        site, "publish", str(import_id), {}, "Putting the items into the pack", work, made_by=who.id
    )


def discard(tx: Transaction, import_id: int, who: Person, now: datetime) -> None:
    """Leave an import at that: nothing of it goes anywhere. The file is kept. Raises Missing or Conflict."""
    imports.get(tx, import_id, who)
    imports.decide(tx, import_id, DISCARDED, now, who)


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


def _publish(site: Site, import_id: int, who: Person, now: datetime, progress: Progress) -> None:
    """Store the items in short transactions, where nobody sees them; then put them into use in one."""
    with site.database.reading() as tx:
        one = undecided(imports.get(tx, import_id, who))
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
