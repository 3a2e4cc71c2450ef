"""Pack versions: a new one for every load and every edit; what exists is never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, func, insert, literal, select, update

from app.errors import Conflict, Invalid, Missing
from app.exam.faults import Fault
from app.exam.item import Item, Status, canonical
from app.exam.pack import Exam, Pack
from app.store import audit
from app.store.database import insert_or
from app.store.item_rows import rows_of, store
from app.store.tables import exam_version, item, item_version, pack, pack_version, pack_version_item


@dataclass(frozen=True, slots=True)
class Stored:
    """Items that `item_rows.store` put away: version ids and hashes by the author's id, and the hash of the pack that
    they make when they are a whole one."""

    ids: Mapping[str, int]
    hashes: Mapping[str, str]
    pack_sha256: str = ""


def reserve(tx: Connection, pack_id: str, owner_id: int) -> None:
    """Note a new pack down, so that its items can be stored before its first version is put into use."""
    row = insert_or(tx, pack).values(id=pack_id, owner_id=owner_id)
    tx.execute(row.on_conflict_do_nothing())


def load(
    tx: Connection,
    new: Pack,
    statuses: Mapping[str, Status],
    faults: Sequence[Fault],
    now: datetime,
    *,
    made_by: int | None = None,
    stored_before: Stored | None = None,
) -> bool:
    """Store a pack as a new version and put it into use; False when this very version is in use already.

    `statuses` is the status of each item as delivered. What exists is never changed: forms and attempts keep the
    item versions they were made with. `stored_before` is what came of storing the items, if that was done. Raises
    Invalid when a version number is used again for other content.
    """
    sha256 = stored_before.pack_sha256 if stored_before else new.sha256
    current = tx.execute(
        select(pack_version.c.sha256, pack_version.c.id)
        .join(pack, pack.c.current_version_id == pack_version.c.id)
        .where(pack.c.id == new.id)
    ).one_or_none()
    if current is not None and current.sha256 == sha256:
        return False
    stored = tx.execute(
        select(pack_version.c.id, pack_version.c.sha256).where(
            pack_version.c.pack_id == new.id, pack_version.c.version == new.version
        )
    ).one_or_none()
    if stored is not None:
        if stored.sha256 != sha256:
            raise Invalid(
                f"Version {new.version} of the pack {new.id} is already stored with other content. "
                "Raise `version` in pack.yaml, then load it again."
            )
        _publish(tx, new.id, stored.id, now, made_by)
        return True
    if current is None and tx.execute(select(pack.c.id).where(pack.c.id == new.id)).one_or_none() is None:
        tx.execute(insert(pack).values(id=new.id))
    version_ids = stored_before.ids if stored_before else store(tx, new.id, rows_of(new.items))
    version_id = tx.execute(
        insert(pack_version)
        .values(
            pack_id=new.id,
            version=new.version,
            sha256=sha256,
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
            made_by=made_by,
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
    _publish(tx, new.id, version_id, now, made_by)
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
    stored_before: Stored | None = None,
) -> int:
    """A new version of a pack in which some items are changed or added, put into use at once; its id.

    `statuses` is the status of each of these items as delivered; `note` says what the change is for. Everything
    else stays as it is in the version in use. The number is that of the pack's author with a count of the changes
    made here: 1.0.0+3. Raises Missing; Conflict when another version than `based_on` is in use; Invalid as `load`.
    """
    current = _in_use(tx, pack_id)
    if based_on is not None and current.id != based_on:
        raise Conflict("Somebody else changed this pack meanwhile. Look at it as it is now, then try again.")
    if stored_before:
        version_ids, hashes = stored_before.ids, stored_before.hashes
    else:
        new = rows_of(items)
        version_ids, hashes = store(tx, pack_id, new), {row.code: row.sha256 for row in new}
    changes = [hashes[one.id] for one in items]
    version_id = _copy(tx, current, changes, now, made_by, note)
    before = tx.execute(
        select(
            item.c.code,
            *(pack_version_item.c[name] for name in ("item_version_id", "ordinal", "status")),
        )
        .join(item_version, item_version.c.item_id == item.c.id)
        .join(pack_version_item, pack_version_item.c.item_version_id == item_version.c.id)
        .where(pack_version_item.c.pack_version_id == current.id)
    ).all()
    held = {row.code: row.ordinal for row in before}
    end = max(held.values(), default=-1) + 1
    placed = [
        *(row[1:] for row in before if row.code not in version_ids),
        *(
            (version_ids[one.id], held.get(one.id, end + number), statuses[one.id].value)
            for number, one in enumerate(items)
        ),
    ]
    members = [
        {"pack_version_id": version_id, "item_version_id": which, "ordinal": ordinal, "status": status}
        for which, ordinal, status in placed
    ]
    if members:
        tx.execute(insert(pack_version_item), members)
    _publish(tx, pack_id, version_id, now, made_by, note=note, items=[one.id for one in items])
    return version_id


def revise_exam(
    tx: Connection,
    pack_id: str,
    exam: Exam,
    now: datetime,
    *,
    based_on: int | None = None,
    made_by: int | None = None,
    note: str = "",
) -> int:
    """A new version of a pack in which one exam is changed or added, put into use at once; its id.

    Everything else stays as it is in the version in use, forms and attempts with the exam that they were made for.
    Raises Missing; Conflict as `revise`; Invalid when another pack has an exam of this id.
    """
    current = _in_use(tx, pack_id)
    if based_on is not None and current.id != based_on:
        raise Conflict("Somebody else changed this pack meanwhile. Look at it as it is now, then try again.")
    _refuse_foreign_exam(tx, exam.id, pack_id)
    plain = asdict(exam)
    changed = hashlib.sha256(canonical(plain).encode()).hexdigest()
    version_id = _copy(tx, current, [changed], now, made_by, note)
    names = ("item_version_id", "ordinal", "status")
    columns = [pack_version_item.c[name] for name in names]
    held = select(literal(version_id, Integer), *columns).where(
        pack_version_item.c.pack_version_id == current.id
    )
    tx.execute(insert(pack_version_item).from_select(["pack_version_id", *names], held))
    there = exam_version.c.pack_version_id == version_id
    own = update(exam_version).where(there, exam_version.c.exam_id == exam.id).values(specification=plain)
    if tx.execute(own.returning(exam_version.c.id)).one_or_none() is None:
        last = tx.execute(select(func.max(exam_version.c.ordinal)).where(there)).scalar_one()
        ordinal = 0 if last is None else last + 1
        row = {"exam_id": exam.id, "pack_version_id": version_id, "ordinal": ordinal, "specification": plain}
        tx.execute(insert(exam_version).values(row))
    _publish(tx, pack_id, version_id, now, made_by, note=note, exam=exam.id)
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
    """A version with the exams that the current one has, and no items yet, under the next number; its id.

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
    names = ("exam_id", "ordinal", "specification")
    columns = [exam_version.c[name] for name in names]
    copied = select(literal(version_id, Integer), *columns).where(
        exam_version.c.pack_version_id == current.id
    )
    tx.execute(insert(exam_version).from_select(["pack_version_id", *names], copied))
    return version_id


def _publish(
    tx: Connection, pack_id: str, version_id: int, now: datetime, who: int | None, **changed: Any
) -> None:
    before = current(tx, pack_id)
    tx.execute(update(pack).where(pack.c.id == pack_id).values(current_version_id=version_id))
    audit.published(tx, now, who, pack_id, before, version_id, changed)


def _refuse_foreign_exam(tx: Connection, exam_id: str, pack_id: str) -> None:
    owner = tx.execute(
        select(pack_version.c.pack_id)
        .join(exam_version, exam_version.c.pack_version_id == pack_version.c.id)
        .where(exam_version.c.exam_id == exam_id, pack_version.c.pack_id != pack_id)
        .limit(1)
    ).scalar_one_or_none()
    if owner is not None:
        raise Invalid(f"The exam {exam_id} belongs to the pack {owner}. Give this one another id.")


def in_pack(tx: Connection, pack_id: str) -> dict[str, int]:
    """The number of the version of each item that the pack in use has, by the author's id."""
    rows = tx.execute(
        select(item.c.code, item_version.c.version)
        .join(item_version, item_version.c.item_id == item.c.id)
        .join(pack_version_item, pack_version_item.c.item_version_id == item_version.c.id)
        .join(pack, pack.c.current_version_id == pack_version_item.c.pack_version_id)
        .where(pack.c.id == pack_id)
    )
    return {row.code: row.version for row in rows}


def free_number(tx: Connection, pack_id: str, version: str) -> str:
    """The number for a version of a pack: the one wanted, or when that was used the next behind it."""
    used = select(pack_version.c.id).where(
        pack_version.c.pack_id == pack_id, pack_version.c.version == version
    )
    return version if tx.execute(used).one_or_none() is None else _next_number(tx, pack_id, version)


def withdraw(tx: Connection, pack_id: str, version_id: int, back_to: int | None) -> None:
    """Put what was in use before a version into use again; None: nothing was. Forms and attempts stay whole.

    Raises Conflict when another version is in use by now.
    """
    done = tx.execute(
        update(pack)
        .where(pack.c.id == pack_id, pack.c.current_version_id == version_id)
        .values(current_version_id=back_to)
        .returning(pack.c.id)
    ).one_or_none()
    if done is None:
        raise Conflict("The pack was changed after this. Undo the later changes first.")


def current(tx: Connection, pack_id: str) -> int | None:
    """The version of a pack that is in use."""
    return tx.execute(select(pack.c.current_version_id).where(pack.c.id == pack_id)).scalar_one_or_none()
