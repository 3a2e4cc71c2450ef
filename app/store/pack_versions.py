"""Pack versions: a new one for every load and every edit; what exists is never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, delete, insert, literal, select, update

from app.errors import Conflict, Invalid, Missing
from app.exam.faults import Fault, Place, structure
from app.exam.item import Item, Status, to_plain
from app.exam.pack import Pack
from app.store.tables import exam_version, item, item_version, pack, pack_version, pack_version_item


def load(
    tx: Connection, new: Pack, statuses: Mapping[str, Status], faults: Sequence[Fault], now: datetime
) -> bool:
    """Store a pack as a new version and put it into use; False when this very version is in use already.

    `statuses` is the status of each item as delivered. What exists is never changed: forms and attempts keep the
    item versions they were made with. Raises Invalid when a version number is used again for other content.
    """
    current = tx.execute(
        select(pack_version.c.sha256, pack_version.c.id)
        .join(pack, pack.c.current_version_id == pack_version.c.id)
        .where(pack.c.id == new.id)
    ).one_or_none()
    if current is not None and current.sha256 == new.sha256:
        return False
    stored = tx.execute(
        select(pack_version.c.id, pack_version.c.sha256).where(
            pack_version.c.pack_id == new.id, pack_version.c.version == new.version
        )
    ).one_or_none()
    if stored is not None:
        if stored.sha256 != new.sha256:
            raise Invalid(
                f"Version {new.version} of the pack {new.id} is already stored with other content. "
                "Raise `version` in pack.yaml, then load it again."
            )
        _publish(tx, new.id, stored.id)
        return True
    if current is None and tx.execute(select(pack.c.id).where(pack.c.id == new.id)).one_or_none() is None:
        tx.execute(insert(pack).values(id=new.id))
    version_ids = _store_items(tx, new.id, new.items)
    version_id = tx.execute(
        insert(pack_version)
        .values(
            pack_id=new.id,
            version=new.version,
            sha256=new.sha256,
            title=new.title,
            head={
                "language": new.language,
                "license": new.license,
                "authors": new.authors,
                "approvals": new.approvals,
                "topics": [asdict(topic) for topic in new.topics],
                "lexicon": new.lexicon.plain() if new.lexicon else None,
            },
            domains=[asdict(domain) for domain in new.domains],
            faults=[str(fault) for fault in faults],
            loaded_at=now,
        )
        .returning(pack_version.c.id)
    ).scalar_one()
    if new.items:
        members = [
            {
                "pack_version_id": version_id,
                "item_version_id": version_ids[it.id],
                "ordinal": ordinal,
                "status": statuses[it.id].value,
            }
            for ordinal, it in enumerate(new.items)
        ]
        tx.execute(insert(pack_version_item), members)
    exams = [
        {"exam_id": exam.id, "pack_version_id": version_id, "ordinal": ordinal, "specification": asdict(exam)}
        for ordinal, exam in enumerate(new.exams)
    ]
    for row in exams:
        _refuse_foreign_exam(tx, str(row["exam_id"]), new.id)
    if exams:
        tx.execute(insert(exam_version), exams)
    _publish(tx, new.id, version_id)
    return True


def revise(
    tx: Connection,
    pack_id: str,
    items: Sequence[Item],
    statuses: Mapping[str, Status],
    now: datetime,
    *,
    based_on: int | None = None,
    made_by: int | None = None,
    note: str = "",
) -> int:
    """A new version of a pack in which some items are changed or added, put into use at once; its id.

    `statuses` is the status of each of these items as delivered; `note` says what the change is for. Everything
    else stays as it is in the version in use. The number is that of the pack's author with a count of the changes
    made here: 1.0.0+3. Raises Missing; Conflict when another version than `based_on` is in use; Invalid as `load`.
    """
    current = _in_use(tx, pack_id)
    if based_on is not None and current.id != based_on:
        raise Conflict("Somebody else changed this pack meanwhile. Look at it as it is now, then try again.")
    version_ids = _store_items(tx, pack_id, items)
    changes = [one.sha256 for one in items]
    version_id = _copy(tx, current, changes, now, made_by, note)
    replaced = (
        select(item_version.c.id)
        .join(item, item.c.id == item_version.c.item_id)
        .where(item.c.pack_id == pack_id, item.c.code.in_([one.id for one in items]))
    )
    held = {
        row.code: row.ordinal
        for row in tx.execute(
            select(item.c.code, pack_version_item.c.ordinal)
            .join(item_version, item_version.c.id == pack_version_item.c.item_version_id)
            .join(item, item.c.id == item_version.c.item_id)
            .where(pack_version_item.c.pack_version_id == version_id)
        )
    }
    tx.execute(
        delete(pack_version_item).where(
            pack_version_item.c.pack_version_id == version_id,
            pack_version_item.c.item_version_id.in_(replaced),
        )
    )
    end = max(held.values(), default=-1) + 1
    places = {one.id: held.get(one.id, end + number) for number, one in enumerate(items)}
    members = [
        {
            "pack_version_id": version_id,
            "item_version_id": version_ids[one.id],
            "ordinal": places[one.id],
            "status": statuses[one.id].value,
        }
        for one in items
    ]
    if members:
        tx.execute(insert(pack_version_item), members)
    _publish(tx, pack_id, version_id)
    return version_id


def edited_here(tx: Connection, pack_id: str) -> bool:
    """Whether the version in use is an edit made on this site."""
    found = select(pack_version.c.based_on_id).join(pack, pack.c.current_version_id == pack_version.c.id)
    return tx.execute(found.where(pack.c.id == pack_id)).scalar_one_or_none() is not None


def _in_use(tx: Connection, pack_id: str) -> Any:
    """The row of the version in use, locked against another edit. Raises Missing."""
    row = tx.execute(
        select(pack_version)
        .join(pack, pack.c.current_version_id == pack_version.c.id)
        .where(pack.c.id == pack_id)
        .with_for_update(of=pack)
    ).one_or_none()
    if row is None:
        raise Missing(f"There is no pack {pack_id!r}.")
    return row


def _next_number(tx: Connection, pack_id: str, version: str) -> str:
    """1.0.0 is followed by 1.0.0+1, and that by 1.0.0+2, whichever of them is in use."""
    head, _, build = version.partition("+")
    name, _, count = build.rpartition(".")
    if not build or build.isdecimal():
        base, joint = head, "+"
    else:  # the author has a build of their own: 1.0.0+spring is followed by 1.0.0+spring.1
        base, joint = (f"{head}+{name}" if name and count.isdecimal() else version), "."
    stored = tx.execute(
        select(pack_version.c.version).where(
            pack_version.c.pack_id == pack_id,
            pack_version.c.version.startswith(f"{base}{joint}", autoescape=True),
        )
    ).scalars()
    ends = (one.removeprefix(f"{base}{joint}") for one in stored)
    return f"{base}{joint}{1 + max((int(end) for end in ends if end.isdecimal()), default=0)}"


def _copy(
    tx: Connection, current: Any, changes: Sequence[str], now: datetime, made_by: int | None, note: str
) -> int:
    """A version with everything that the current one has, under the next number; its id.

    Its hash is that of the hashes of what it was made from: the version before and what was changed.
    """
    version_id: int = tx.execute(
        insert(pack_version)
        .values(
            pack_id=current.pack_id,
            version=_next_number(tx, current.pack_id, current.version),
            sha256=hashlib.sha256(" ".join([current.sha256, *changes]).encode()).hexdigest(),
            title=current.title,
            head=current.head,
            domains=current.domains,
            faults=[],
            loaded_at=now,
            based_on_id=current.id,
            made_by=made_by,
            note=note,
        )
        .returning(pack_version.c.id)
    ).scalar_one()
    for table, names in (
        (pack_version_item, ("item_version_id", "ordinal", "status")),
        (exam_version, ("exam_id", "ordinal", "specification")),
    ):
        columns = [table.c[name] for name in names]
        copied = select(literal(version_id, Integer), *columns).where(table.c.pack_version_id == current.id)
        tx.execute(insert(table).from_select(["pack_version_id", *names], copied))
    return version_id


def _publish(tx: Connection, pack_id: str, version_id: int) -> None:
    tx.execute(update(pack).where(pack.c.id == pack_id).values(current_version_id=version_id))


def _refuse_foreign_exam(tx: Connection, exam_id: str, pack_id: str) -> None:
    owner = tx.execute(
        select(pack_version.c.pack_id)
        .join(exam_version, exam_version.c.pack_version_id == pack_version.c.id)
        .where(exam_version.c.exam_id == exam_id, pack_version.c.pack_id != pack_id)
        .limit(1)
    ).scalar_one_or_none()
    if owner is not None:
        raise Invalid(f"The exam {exam_id} belongs to the pack {owner}. Give this one another id.")


def _store_items(tx: Connection, pack_id: str, items: Sequence[Item]) -> dict[str, int]:
    """Item version ids by the author's id; only versions that are not stored yet are added."""
    ids = {
        row.code: row.id
        for row in tx.execute(select(item.c.code, item.c.id).where(item.c.pack_id == pack_id))
    }
    missing = [it.id for it in items if it.id not in ids]
    if missing:
        tx.execute(insert(item), [{"pack_id": pack_id, "code": code} for code in missing])
        ids = {
            row.code: row.id
            for row in tx.execute(select(item.c.code, item.c.id).where(item.c.pack_id == pack_id))
        }
    stored = tx.execute(
        select(item_version.c.item_id, item_version.c.version, item_version.c.content_sha256)
        .join(item, item.c.id == item_version.c.item_id)
        .where(item.c.pack_id == pack_id)
    )
    contents = {(row.item_id, row.version): row.content_sha256 for row in stored}
    reused = [
        it for it in items if contents.get((ids[it.id], it.version), it.content_sha256) != it.content_sha256
    ]
    if reused:
        faults = [
            structure(
                Place(item=it.id),
                "version-not-raised",
                f"Version {it.version} is stored with another stem, options or key: write version {it.version + 1}.",
            )
            for it in reused
        ]
        raise Invalid(f"{len(reused)} items were changed without raising their version.", faults)
    versions = _version_ids(tx, pack_id)
    rows = [
        {
            "item_id": ids[it.id],
            "version": it.version,
            "sha256": it.sha256,
            "content_sha256": it.content_sha256,
            "asked": asdict(it.asked),
            "body": to_plain(it),
        }
        for it in items
        if (ids[it.id], it.sha256) not in versions
    ]
    if rows:
        tx.execute(insert(item_version), rows)
        versions = _version_ids(tx, pack_id)
    return {it.id: versions[ids[it.id], it.sha256] for it in items}


def _version_ids(tx: Connection, pack_id: str) -> dict[tuple[int, str], int]:
    rows = tx.execute(
        select(item_version.c.id, item_version.c.item_id, item_version.c.sha256)
        .join(item, item.c.id == item_version.c.item_id)
        .where(item.c.pack_id == pack_id)
    )
    return {(row.item_id, row.sha256): row.id for row in rows}
