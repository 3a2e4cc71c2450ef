"""Jobs: long work in a child process, and what pages show of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from app.errors import Missing
from app.store.tables import job

REGRADE = "regrade"
"""The kind of those that score attempts again: an item's page shows what the last one came to."""
SILENCE = timedelta(seconds=60)
"""A running job gives a sign of life more often than this; one that does not died with its server."""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of long work.

    `note` says what it is doing, or what went wrong; `result` is None until it ended well.
    """

    id: int
    kind: str
    subject: str
    request: dict[str, Any]
    made_at: datetime
    made_by: int | None
    heard_at: datetime
    done: int
    total: int
    note: str
    ended_at: datetime | None
    result: dict[str, Any] | None

    def running(self, now: datetime) -> bool:
        """Whether it is still at work."""
        return self.ended_at is None and now - self.heard_at < SILENCE

    def lost(self, now: datetime) -> bool:
        """Whether it stopped without a word, as when its server was stopped."""
        return self.ended_at is None and not self.running(now)


def start(
    tx: Connection, kind: str, subject: str, request: dict[str, Any], made_by: int | None, now: datetime
) -> int:
    """Note a job down; its id."""
    job_id: int = tx.execute(
        insert(job)
        .values(
            kind=kind,
            subject=subject,
            request=request,
            made_at=now,
            made_by=made_by,
            heard_at=now,
            done=0,
            total=0,
            note="",
        )
        .returning(job.c.id)
    ).scalar_one()
    return job_id


def progress(tx: Connection, job_id: int, done: int, total: int, note: str, now: datetime) -> None:
    """How far it is."""
    tx.execute(update(job).where(job.c.id == job_id).values(done=done, total=total, note=note, heard_at=now))


def end(tx: Connection, job_id: int, note: str, result: dict[str, Any] | None, now: datetime) -> None:
    """Its end: well with a result, in failure with a note that says what to do next."""
    tx.execute(
        update(job)
        .where(job.c.id == job_id, job.c.ended_at.is_(None))
        .values(note=note, result=result, ended_at=now, heard_at=now)
    )


def silence(tx: Connection, now: datetime) -> None:
    """Say that no job is at work: for a server that starts, and is the only one."""
    gone = update(job).where(job.c.ended_at.is_(None), job.c.heard_at > now - SILENCE)
    tx.execute(gone.values(heard_at=now - SILENCE))


def get(tx: Connection, job_id: int) -> Job:
    """A job. Raises Missing."""
    row = tx.execute(select(job).where(job.c.id == job_id)).one_or_none()
    if row is None:
        raise Missing("There is no such job.")
    return Job(**row._mapping)


def latest(tx: Connection, kind: str, subject: str) -> Job | None:
    """The last job of a kind about something."""
    row = tx.execute(
        select(job).where(job.c.kind == kind, job.c.subject == subject).order_by(job.c.id.desc()).limit(1)
    ).one_or_none()
    return None if row is None else Job(**row._mapping)


def last_result(tx: Connection, kind: str, subjects: Collection[str]) -> dict[str, Any] | None:
    """What the last job of a kind about one of these came to, of those that ended well; None before the first."""
    about = (job.c.kind == kind) & job.c.subject.in_(subjects) & job.c.ended_at.is_not(None)
    rows = tx.execute(select(job.c.result).where(about).order_by(job.c.id.desc())).scalars()
    return next((result for result in rows if result is not None), None)


def latest_of_all(tx: Connection, most: int) -> tuple[Job, ...]:
    """The last jobs, whatever they are about, the latest first."""
    rows = tx.execute(select(job).order_by(job.c.id.desc()).limit(most))
    return tuple(Job(**row._mapping) for row in rows)


def running(tx: Connection, now: datetime) -> int:
    """How many jobs are at work."""
    found = select(func.count()).where(job.c.ended_at.is_(None), job.c.heard_at > now - SILENCE)
    return int(tx.execute(found).scalar_one())
