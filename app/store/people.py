"""People, their sessions and one-time links. Tokens are stored hashed only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, exists, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from app.errors import Conflict, Missing
from app.exam.attempt import AttemptKind
from app.exam.person import Person, Role
from app.store.tables import (
    attempt,
    log_in_failure,
    met_item,
    note,
    one_time_link,
    person,
    practice_set,
    session,
    study_card,
    study_plan,
)

_PERSON = (person.c.id, person.c.name, person.c.role, person.c.is_guest, person.c.created_at)
# On every request, so it is built once.
_OF_SESSION = (
    select(*_PERSON, session.c.last_seen_at)
    .join(session, session.c.person_id == person.c.id)
    .where(session.c.token_sha256 == bindparam("token"), session.c.expires_at > bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is logged in."""

    id: int
    person_id: int
    token_sha256: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    agent: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A person in a browser, and when that browser was last seen."""

    person: Person
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link that has not been used: for the first administrator, or for a new password."""

    id: int
    purpose: str
    person_id: int | None


def add(
    tx: Connection, *, name: str | None, password_hash: str | None, role: Role, is_guest: bool, now: datetime
) -> Person:
    """A new person. Raises Conflict when the name is taken."""
    values = {"name": name, "password_hash": password_hash, "role": role.value, "is_guest": is_guest}
    try:
        with tx.begin_nested():
            made = tx.execute(
                insert(person).values(**values, created_at=now).returning(person.c.id)
            ).scalar_one()
    except IntegrityError as error:
        raise Conflict("This name is taken. Choose another one, or log in if it is yours.") from error
    return Person(made, name or "", role, is_guest, now)


def accounts(
    tx: Connection, most: int | None = None, *, name: str = "", after: str = ""
) -> tuple[Person, ...]:
    """All accounts, or at most so many, by name: those with `name` in theirs, from the one after `after` on."""
    found = select(*_PERSON).where(person.c.is_guest.is_(False), person.c.name > after)
    if name:
        found = found.where(person.c.name.contains(name, autoescape=True))
    return tuple(_person(row) for row in tx.execute(found.order_by(person.c.name).limit(most)))


def get(tx: Connection, person_id: int) -> Person:
    """A person. Raises Missing."""
    row = tx.execute(select(*_PERSON).where(person.c.id == person_id)).one_or_none()
    if row is None:
        raise Missing("There is no such person.")
    return _person(row)


def by_name(tx: Connection, name: str) -> tuple[Person, str] | None:
    """The account of this name and its password hash, if there is one."""
    row = tx.execute(select(*_PERSON, person.c.password_hash).where(person.c.name == name)).one_or_none()
    return None if row is None or row.password_hash is None else (_person(row), row.password_hash)


def has_admin(tx: Connection) -> bool:
    """Whether anybody can administer this installation."""
    return bool(tx.execute(select(exists().where(person.c.role == Role.ADMIN.value))).scalar_one())


def set_role(tx: Connection, person_id: int, role: Role) -> None:
    """Change what a person may do. Raises Conflict rather than leaving nobody to administer."""
    tx.execute(update(person).where(person.c.id == person_id).values(role=role.value))
    if not has_admin(tx):
        raise Conflict("This is the only administrator. Make somebody else an administrator first.")


def set_password(tx: Connection, person_id: int, password_hash: str) -> None:
    """Store a new password."""
    tx.execute(update(person).where(person.c.id == person_id).values(password_hash=password_hash))


def adopt(tx: Connection, guest_id: int, account_id: int) -> None:
    """Move a guest's attempts, practice and notes into an account; its own note on an item stays.

    Nobody may hold two open mocks of one exam: where the account has one, the guest's goes on as practice. What is
    to be repeated is worked out anew from all of it; of two study plans the account's stays.
    """
    open_mocks = select(attempt.c.exam_id).where(
        attempt.c.person_id == account_id,
        attempt.c.closed_at.is_(None),
        attempt.c.kind == AttemptKind.MOCK.value,
    )
    of_guest = attempt.c.person_id == guest_id
    doubled = of_guest & attempt.c.closed_at.is_(None) & attempt.c.exam_id.in_(open_mocks)
    tx.execute(update(attempt).where(doubled).values(kind=AttemptKind.PRACTICE.value))
    tx.execute(update(attempt).where(of_guest).values(person_id=account_id))
    tx.execute(update(practice_set).where(practice_set.c.person_id == guest_id).values(person_id=account_id))
    for table in (met_item, study_card):
        tx.execute(delete(table).where(table.c.person_id == guest_id))
    if tx.execute(select(study_plan.c.person_id).where(study_plan.c.person_id == account_id)).first():
        tx.execute(delete(study_plan).where(study_plan.c.person_id == guest_id))
    tx.execute(
        update(study_plan)
        .where(study_plan.c.person_id.in_((guest_id, account_id)))
        .values(person_id=account_id, taken_in=None)
    )
    noted = select(note.c.item_id).where(note.c.person_id == account_id)
    tx.execute(
        update(note)
        .where(note.c.person_id == guest_id, note.c.item_id.not_in(noted))
        .values(person_id=account_id)
    )
    tx.execute(delete(note).where(note.c.person_id == guest_id))
    tx.execute(update(person).where(person.c.id == guest_id).values(adopted_by=account_id))


def open_session(
    tx: Connection, person_id: int, token_sha256: str, agent: str, now: datetime, lifetime: timedelta
) -> None:
    """Remember a browser as logged in."""
    values = {"person_id": person_id, "token_sha256": token_sha256, "agent": agent[:200]}
    times = {"created_at": now, "last_seen_at": now, "expires_at": now + lifetime}
    tx.execute(insert(session).values(**values, **times))


def of_session(tx: Connection, token_sha256: str, now: datetime) -> Visit | None:
    """Whose browser this is and when it was last seen, unless the session has ended."""
    row = tx.execute(_OF_SESSION, {"token": token_sha256, "now": now}).one_or_none()
    return None if row is None else Visit(_person(row), row.last_seen_at)


def touch(tx: Connection, token_sha256: str, now: datetime, lifetime: timedelta) -> None:
    """A browser in use stays logged in: its session ends `lifetime` after it was last seen."""
    tx.execute(
        update(session)
        .where(session.c.token_sha256 == token_sha256)
        .values(last_seen_at=now, expires_at=now + lifetime)
    )


def sessions(tx: Connection, person_id: int, now: datetime) -> tuple[Session, ...]:
    """Where a person is logged in, the latest first."""
    rows = tx.execute(
        select(session)
        .where(session.c.person_id == person_id, session.c.expires_at > now)
        .order_by(session.c.last_seen_at.desc())
    )
    return tuple(Session(**row._mapping) for row in rows)


def revoke(tx: Connection, person_id: int, session_id: int) -> None:
    """Log one of a person's browsers out. Raises Missing when it is not theirs."""
    gone = tx.execute(delete(session).where(session.c.id == session_id, session.c.person_id == person_id))
    if not gone.rowcount:
        raise Missing("There is no such session.")


def revoke_token(tx: Connection, token_sha256: str) -> None:
    """Log this browser out."""
    tx.execute(delete(session).where(session.c.token_sha256 == token_sha256))


def revoke_others(tx: Connection, person_id: int, keep_token_sha256: str) -> None:
    """Log a person out everywhere but here."""
    tx.execute(
        delete(session).where(session.c.person_id == person_id, session.c.token_sha256 != keep_token_sha256)
    )


def add_link(
    tx: Connection,
    *,
    purpose: str,
    person_id: int | None,
    token_sha256: str,
    now: datetime,
    lifetime: timedelta,
) -> None:
    """A new one-time link; earlier unused ones of the same purpose for this person stop working.

    Those for the first administrator go on: each of several servers that start at once prints its own.
    """
    if person_id is not None:
        tx.execute(
            update(one_time_link)
            .where(
                one_time_link.c.purpose == purpose,
                one_time_link.c.person_id == person_id,
                one_time_link.c.used_at.is_(None),
            )
            .values(used_at=now)
        )
    values = {"purpose": purpose, "person_id": person_id, "token_sha256": token_sha256}
    tx.execute(insert(one_time_link).values(**values, created_at=now, expires_at=now + lifetime))


def link(tx: Connection, token_sha256: str, now: datetime) -> Link:
    """A link that still works. Raises Missing."""
    row = tx.execute(
        select(one_time_link.c.id, one_time_link.c.purpose, one_time_link.c.person_id).where(
            one_time_link.c.token_sha256 == token_sha256,
            one_time_link.c.used_at.is_(None),
            one_time_link.c.expires_at > now,
        )
    ).one_or_none()
    if row is None:
        raise Missing("This link has been used or has expired. Ask for a new one.")
    return Link(row.id, row.purpose, row.person_id)


def use_link(tx: Connection, link_id: int, now: datetime) -> None:
    """Use a link up, and with one for the first administrator all others of them. Raises Missing when somebody
    else did so at the same moment."""
    for_nobody = select(one_time_link.c.purpose).where(
        one_time_link.c.id == link_id, one_time_link.c.person_id.is_(None)
    )
    others = and_(
        one_time_link.c.person_id.is_(None), one_time_link.c.purpose == for_nobody.scalar_subquery()
    )
    used = tx.execute(
        update(one_time_link)
        .where(or_(one_time_link.c.id == link_id, others), one_time_link.c.used_at.is_(None))
        .values(used_at=now)
    )
    if not used.rowcount:
        raise Missing("This link has been used. Ask for a new one.")


def failures(tx: Connection, subject: str, since: datetime) -> tuple[int, datetime | None]:
    """How often logging in failed for `subject` since then, and when last."""
    row = tx.execute(
        select(func.count(), func.max(log_in_failure.c.at)).where(
            log_in_failure.c.subject == subject, log_in_failure.c.at > since
        )
    ).one()
    return row[0], row[1]


def add_failure(tx: Connection, subjects: tuple[str, ...], now: datetime, forget_before: datetime) -> None:
    """Count a failed log-in, and forget the old ones."""
    tx.execute(delete(log_in_failure).where(log_in_failure.c.at < forget_before))
    tx.execute(insert(log_in_failure), [{"subject": subject, "at": now} for subject in subjects])


def forget_failures(tx: Connection, subject: str) -> None:
    """A good log-in clears the count of its account."""
    tx.execute(delete(log_in_failure).where(log_in_failure.c.subject == subject))


def _person(row: Any) -> Person:
    return Person(row.id, row.name or "", Role(row.role), row.is_guest, row.created_at)
