"""Regrades: corrections of item versions that attempts were scored with, and the attempts that they touch."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from app.exam.item import canonical
from app.exam.regrade import Correction, Rescored, standing
from app.store.tables import attempt, form, item, item_version, person, regrade, score

AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Regrade:
    """One correction as pages show it. `key` is None for a withdrawn item; `made_by` is a name."""

    id: int
    item: str
    version: int
    key: tuple[str, ...] | None
    reason: str
    made_at: datetime
    made_by: str | None


def add(
    tx: Connection,
    item_version_id: int,
    key: Collection[str] | None,
    corrected_by: int | None,
    reason: str,
    now: datetime,
    made_by: int,
) -> int:
    """Record a correction; its id. Attempts are scored again by `scores.rescore`."""
    regrade_id: int = tx.execute(
        insert(regrade)
        .values(
            item_version_id=item_version_id,
            key=None if key is None else sorted(key),
            corrected_by=corrected_by,
            reason=reason,
            made_at=now,
            made_by=made_by,
        )
        .returning(regrade.c.id)
    ).scalar_one()
    return regrade_id


def touched(
    tx: Connection, *item_version_ids: int, progress: Callable[[int, int], None] | None = None
) -> tuple[int, ...]:
    """The scored attempts whose form has one of these versions of one item, oldest first.

    All forms are looked through, so many attempts at a time that their sheets fit into memory; `progress` is told how
    many of how many.
    """
    code = tx.execute(
        select(item.c.code)
        .join(item_version, item_version.c.item_id == item.c.id)
        .where(item_version.c.id == item_version_ids[0])
    ).scalar_one()
    # The database finds the forms that name the item; the sheets say which of its versions was delivered.
    named = form.c.document.contains(f'"id":{canonical(code)},', autoescape=True)
    found = (
        select(attempt.c.id, attempt.c.sheet)
        .join(form, form.c.id == attempt.c.form_id)
        .where(named, select(score.c.id).where(score.c.attempt_id == attempt.c.id).exists())
        .order_by(attempt.c.id)
    )
    wanted, ids = set(item_version_ids), list[int]()
    last: int = tx.execute(select(func.coalesce(func.max(attempt.c.id), 0))).scalar_one()
    for start in range(0, last, AT_ONCE):
        if progress is not None:
            progress(start, last)
        rows = tx.execute(found.where(attempt.c.id > start, attempt.c.id <= start + AT_ONCE))
        ids += [row.id for row in rows if any(at["item"] in wanted for at in row.sheet)]
    return tuple(ids)


def rescored(
    tx: Connection, regrade_ids: Collection[int], among: Collection[int] | None = None
) -> tuple[Rescored, ...]:
    """The scores that took in one of these corrections, each with the one before it; oldest first. All scores since
    the first correction are looked through unless it is said `among` which attempts."""
    wanted = set(regrade_ids)
    earlier = score.alias()
    since = select(func.min(regrade.c.made_at)).where(regrade.c.id.in_(wanted)).scalar_subquery()
    found = (
        select(
            score.c.attempt_id,
            earlier.c.exact.label("before"),
            earlier.c.passed.label("passed_before"),
            score.c.exact.label("after"),
            score.c.passed,
            score.c.created_at.label("scored_at"),
            score.c.document["corrections"].label("taken_in"),
            earlier.c.document["corrections"].label("taken_in_before"),
        )
        .join(
            earlier,
            (earlier.c.attempt_id == score.c.attempt_id) & (earlier.c.sequence == score.c.sequence - 1),
        )
        .where(score.c.sequence > 1, score.c.created_at >= since)
        .order_by(score.c.id)
    )
    if among is not None:
        found = found.where(score.c.attempt_id.in_(among))
    return tuple(
        Rescored(row.attempt_id, row.before, row.passed_before, row.after, row.passed, row.scored_at)
        for row in tx.execute(found)
        if wanted & (set(row.taken_in) - set(row.taken_in_before or ()))
    )


def keys(tx: Connection) -> dict[int, frozenset[str]]:
    """The corrected keys that hold, by item version id; a withdrawal leaves the key as it was."""
    later = item_version.alias()
    rows = tx.execute(
        select(
            regrade.c.id, regrade.c.item_version_id, regrade.c.key, regrade.c.reason, later.c.version
        ).join(later, later.c.id == regrade.c.corrected_by, isouter=True)
    )
    corrections = [
        Correction(row.id, row.item_version_id, frozenset(row.key), row.version or 0, row.reason)
        for row in rows
        if row.key is not None
    ]
    return {version_id: one.key for version_id, one in standing(corrections).items() if one.key is not None}


def of_item(tx: Connection, pack_id: str, code: str) -> tuple[Regrade, ...]:
    """The corrections of all versions of an item, in the order in which they were made."""
    rows = tx.execute(
        select(
            regrade.c.id,
            item.c.code,
            item_version.c.version,
            regrade.c.key,
            regrade.c.reason,
            regrade.c.made_at,
            person.c.name,
        )
        .join(item_version, item_version.c.id == regrade.c.item_version_id)
        .join(item, item.c.id == item_version.c.item_id)
        .join(person, person.c.id == regrade.c.made_by, isouter=True)
        .where(item.c.pack_id == pack_id, item.c.code == code)
        .order_by(regrade.c.id)
    )
    return tuple(
        Regrade(
            row.id,
            row.code,
            row.version,
            None if row.key is None else tuple(row.key),
            row.reason,
            row.made_at,
            row.name,
        )
        for row in rows
    )
