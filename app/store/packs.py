"""Packs, items and exams: loading a pack version, and reading the bank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from app.errors import Invalid, Missing
from app.exam.faults import Fault, Place, structure
from app.exam.item import Asked, Item, Status, from_plain, to_plain
from app.exam.lexicon import lexicon_from_plain
from app.exam.pack import Domain, Exam, Pack, Topic, exam_from_plain
from app.store.tables import exam_version, item, item_version, pack, pack_version, pack_version_item


@dataclass(frozen=True, slots=True)
class StoredExam:
    """An exam as its current pack version defines it."""

    version_id: int
    pack_version_id: int
    exam: Exam
    domains: tuple[Domain, ...]
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class LoadedPack:
    """A pack as it is in use, with the number of its items by status."""

    id: str
    version: str
    title: str
    loaded_at: datetime
    faults: tuple[str, ...]
    statuses: Mapping[Status, int]


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
    version_ids = _store_items(tx, new)
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
    tx.execute(insert(exam_version), exams)
    _publish(tx, new.id, version_id)
    return True


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


def _store_items(tx: Connection, new: Pack) -> dict[str, int]:
    """Item version ids by the author's id; only versions that are not stored yet are added."""
    ids = {
        row.code: row.id for row in tx.execute(select(item.c.code, item.c.id).where(item.c.pack_id == new.id))
    }
    missing = [it.id for it in new.items if it.id not in ids]
    if missing:
        tx.execute(insert(item), [{"pack_id": new.id, "code": code} for code in missing])
        ids = {
            row.code: row.id
            for row in tx.execute(select(item.c.code, item.c.id).where(item.c.pack_id == new.id))
        }
    stored = tx.execute(
        select(item_version.c.item_id, item_version.c.version, item_version.c.content_sha256)
        .join(item, item.c.id == item_version.c.item_id)
        .where(item.c.pack_id == new.id)
    )
    contents = {(row.item_id, row.version): row.content_sha256 for row in stored}
    reused = [
        it
        for it in new.items
        if contents.get((ids[it.id], it.version), it.content_sha256) != it.content_sha256
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
    versions = _version_ids(tx, new.id)
    rows = [
        {
            "item_id": ids[it.id],
            "version": it.version,
            "sha256": it.sha256,
            "content_sha256": it.content_sha256,
            "asked": asdict(it.asked),
            "body": to_plain(it),
        }
        for it in new.items
        if (ids[it.id], it.sha256) not in versions
    ]
    if rows:
        tx.execute(insert(item_version), rows)
        versions = _version_ids(tx, new.id)
    return {it.id: versions[ids[it.id], it.sha256] for it in new.items}


def _version_ids(tx: Connection, pack_id: str) -> dict[tuple[int, str], int]:
    rows = tx.execute(
        select(item_version.c.id, item_version.c.item_id, item_version.c.sha256)
        .join(item, item.c.id == item_version.c.item_id)
        .where(item.c.pack_id == pack_id)
    )
    return {(row.item_id, row.sha256): row.id for row in rows}


def exams(tx: Connection) -> tuple[StoredExam, ...]:
    """All exams of the packs in use, each pack's default first."""
    rows = tx.execute(
        _current_exams().order_by(pack_version.c.pack_id, exam_version.c.ordinal),
    )
    return tuple(_exam(row) for row in rows)


def exam(tx: Connection, exam_id: str) -> StoredExam:
    """An exam as its current pack version defines it. Raises Missing."""
    row = tx.execute(_current_exams().where(exam_version.c.exam_id == exam_id)).one_or_none()
    if row is None:
        raise Missing("There is no such exam.")
    return _exam(row)


def exam_of_form(tx: Connection, exam_version_id: int) -> StoredExam:
    """The exam as it was when a form was made. Raises Missing.

    An exam version never changes, so each database connection remembers what was read over it.
    """
    known: dict[int, StoredExam] = tx.info.setdefault("exams", {})
    if exam_version_id not in known:
        row = tx.execute(_exams().where(exam_version.c.id == exam_version_id)).one_or_none()
        if row is None:
            raise Missing("There is no such exam.")
        known[exam_version_id] = _exam(row)
    return known[exam_version_id]


def _exams() -> Any:
    return select(
        exam_version.c.id,
        exam_version.c.pack_version_id,
        exam_version.c.specification,
        pack_version.c.domains,
        pack_version.c.head,
    ).join(pack_version, pack_version.c.id == exam_version.c.pack_version_id)


def _current_exams() -> Any:
    return _exams().join(pack, pack.c.current_version_id == pack_version.c.id)


def _exam(row: Any) -> StoredExam:
    domains = tuple(Domain(**domain) for domain in row.domains)
    exam = exam_from_plain(row.specification)
    return StoredExam(row.id, row.pack_version_id, exam, domains, _topics(row.head))


def _topics(head: Mapping[str, Any]) -> tuple[Topic, ...]:
    # A pack version that was stored before there were topics has none.
    return tuple(Topic(**topic) for topic in head.get("topics", ()))


def bank(tx: Connection, pack_version_id: int) -> dict[int, Item]:
    """All items of a pack version by item version id, each with its status as delivered."""
    rows = tx.execute(
        select(item_version.c.id, item_version.c.body, pack_version_item.c.status)
        .join(pack_version_item, pack_version_item.c.item_version_id == item_version.c.id)
        .where(pack_version_item.c.pack_version_id == pack_version_id)
        .order_by(item_version.c.id)
    )
    return {row.id: replace(from_plain(row.body), status=Status(row.status)) for row in rows}


def ready_items(tx: Connection, pack_version_id: int) -> int:
    """How many items of a pack version may be put on forms, embargoes aside."""
    ready = (pack_version_item.c.pack_version_id == pack_version_id) & (
        pack_version_item.c.status == Status.READY.value
    )
    return tx.execute(select(func.count()).select_from(pack_version_item).where(ready)).scalar_one()


def asked(tx: Connection, item_version_ids: Iterable[int]) -> dict[int, Asked]:
    """What a candidate is asked, by item version id: the key and the whys are not even read."""
    ids = list(item_version_ids)
    rows = tx.execute(select(item_version.c.id, item_version.c.asked).where(item_version.c.id.in_(ids)))
    return {row.id: Asked.from_plain(row.asked) for row in rows}


def items(tx: Connection, item_version_ids: Iterable[int]) -> dict[int, Item]:
    """Whole items by item version id: for scoring, and for review after the end."""
    ids = list(item_version_ids)
    rows = tx.execute(select(item_version.c.id, item_version.c.body).where(item_version.c.id.in_(ids)))
    return {row.id: from_plain(row.body) for row in rows}


def loaded(tx: Connection) -> tuple[LoadedPack, ...]:
    """The packs in use."""
    counted = tx.execute(
        select(pack_version_item.c.pack_version_id, pack_version_item.c.status, func.count().label("items"))
        .join(pack, pack.c.current_version_id == pack_version_item.c.pack_version_id)
        .group_by(pack_version_item.c.pack_version_id, pack_version_item.c.status)
    )
    counts: dict[int, dict[Status, int]] = {}
    for row in counted:
        counts.setdefault(row.pack_version_id, {})[Status(row.status)] = row.items
    rows = tx.execute(
        select(pack_version).join(pack, pack.c.current_version_id == pack_version.c.id).order_by(pack.c.id)
    )
    return tuple(
        LoadedPack(
            row.pack_id, row.version, row.title, row.loaded_at, tuple(row.faults), counts.get(row.id, {})
        )
        for row in rows
    )


def whole(tx: Connection, pack_id: str) -> Pack:
    """A pack in use, as it was loaded. Raises Missing."""
    row = tx.execute(
        select(pack_version)
        .join(pack, pack.c.current_version_id == pack_version.c.id)
        .where(pack.c.id == pack_id)
    ).one_or_none()
    if row is None:
        raise Missing(f"There is no pack {pack_id!r}.")
    members = (
        select(item_version.c.id)
        .join(pack_version_item, pack_version_item.c.item_version_id == item_version.c.id)
        .where(pack_version_item.c.pack_version_id == row.id)
        .order_by(pack_version_item.c.ordinal)
    )
    ids = tx.execute(members).scalars().all()
    bodies = items(tx, ids)
    exams = tx.execute(
        select(exam_version.c.specification)
        .where(exam_version.c.pack_version_id == row.id)
        .order_by(exam_version.c.ordinal)
    ).scalars()
    head = {
        **row.head,
        "authors": tuple(row.head["authors"]),
        "topics": _topics(row.head),
        "lexicon": lexicon_from_plain(row.head.get("lexicon")),
    }
    return Pack(
        **head,
        id=pack_id,
        version=row.version,
        title=row.title,
        domains=tuple(Domain(**domain) for domain in row.domains),
        exams=tuple(exam_from_plain(plain) for plain in exams),
        items=tuple(bodies[i] for i in ids),
    )
