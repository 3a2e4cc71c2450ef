"""Cohorts: who keeps them, who belongs to them, and the links by which people join.

A cohort is kept by its owner and the instructors it is shared with; administrators keep all. To others it is not
there. Tokens of invitations are stored hashed only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from app.errors import Conflict, Missing
from app.exam.assignment import Release
from app.exam.cohort import Cohort, Invitation, Member
from app.exam.person import Person, Role
from app.store.database import insert_or
from app.store.tables import (
    assignment,
    attempt,
    cohort,
    cohort_invitation,
    cohort_member,
    cohort_share,
    extra_time,
    person,
)

NONE = "There is no such cohort that you may see. Start from the list of cohorts."
NOT_OPEN = "This invitation has expired, was withdrawn, or never was. Ask your instructor for a new link."


@dataclass(frozen=True, slots=True)
class CohortLine:
    """A cohort in a list, with the numbers of its members now and of its assignments."""

    cohort: Cohort
    members: int
    assignments: int


@dataclass(frozen=True, slots=True)
class Membership:
    """A cohort that somebody belongs to, since when, and the names of those who keep it."""

    cohort: Cohort
    since: datetime
    instructors: tuple[str, ...]


def open_to(who: Person) -> ColumnElement[bool]:
    """The condition on `cohort` that a person keeps it. Nobody keeps one that was closed."""
    goes_on = cohort.c.closed_at.is_(None)
    if who.may(Role.ADMIN):
        return goes_on
    shared = select(cohort_share.c.cohort_id).where(cohort_share.c.person_id == who.id)
    return and_(goes_on, or_(cohort.c.owner_id == who.id, cohort.c.id.in_(shared)))


def visible(tx: Connection, who: Person) -> frozenset[int]:
    """The ids of the cohorts that an instructor keeps."""
    return frozenset(tx.execute(select(cohort.c.id).where(open_to(who))).scalars())


def kept(tx: Connection, cohort_id: int, who: Person) -> Cohort:
    """A cohort that an instructor keeps. Raises Missing, the same for a foreign one as for none."""
    row = tx.execute(_cohorts().where(cohort.c.id == cohort_id, open_to(who))).one_or_none()
    if row is None:
        raise Missing(NONE)
    return _cohort(row)


def all_kept(tx: Connection, who: Person) -> tuple[CohortLine, ...]:
    """The cohorts that an instructor keeps, the newest first."""
    members = (
        select(func.count())
        .where(cohort_member.c.cohort_id == cohort.c.id, cohort_member.c.left_at.is_(None))
        .scalar_subquery()
    )
    assigned = select(func.count()).where(assignment.c.cohort_id == cohort.c.id).scalar_subquery()
    rows = tx.execute(
        _cohorts()
        .add_columns(members.label("members"), assigned.label("assigned"))
        .where(open_to(who))
        .order_by(cohort.c.id.desc())
    )
    return tuple(CohortLine(_cohort(row), row.members, row.assigned) for row in rows)


def add(tx: Connection, name: str, owner_id: int, now: datetime) -> int:
    """A new cohort without members."""
    made: int = tx.execute(
        insert(cohort).values(name=name, owner_id=owner_id, made_at=now).returning(cohort.c.id)
    ).scalar_one()
    return made


def rename(tx: Connection, cohort_id: int, name: str) -> None:
    """Give a cohort another name."""
    tx.execute(update(cohort).where(cohort.c.id == cohort_id).values(name=name))


def close(tx: Connection, cohort_id: int, now: datetime) -> None:
    """Close a cohort for good: nobody keeps it, belongs to it or can join it any more.

    What nobody has started is taken back. The other windows close now, and what was to be released by hand shows as
    soon as nobody sits it any more: there is nobody left to release it. Attempts stay with their candidates.
    """
    tx.execute(update(cohort).where(cohort.c.id == cohort_id).values(closed_at=now))
    uninvite(tx, cohort_id, now)
    tx.execute(
        update(cohort_member)
        .where(cohort_member.c.cohort_id == cohort_id, cohort_member.c.left_at.is_(None))
        .values(left_at=now)
    )
    tx.execute(delete(cohort_share).where(cohort_share.c.cohort_id == cohort_id))
    mine = assignment.c.cohort_id == cohort_id
    begun = select(attempt.c.id).where(attempt.c.assignment_id == assignment.c.id).exists()
    idle = select(assignment.c.id).where(mine, ~begun)
    tx.execute(delete(extra_time).where(extra_time.c.assignment_id.in_(idle)))
    tx.execute(delete(assignment).where(mine, ~begun))
    by_hand = assignment.c.release == Release.BY_HAND.value
    tx.execute(update(assignment).where(mine, by_hand).values(release=Release.AFTER_WINDOW.value))
    tx.execute(update(assignment).where(mine, assignment.c.closes_at > now).values(closes_at=now))


# The instructors it is shared with ----------------------------------------


def shared_with(tx: Connection, cohort_id: int) -> tuple[tuple[int, str], ...]:
    """The other instructors who keep a cohort, by name: (id, name)."""
    rows = tx.execute(
        select(person.c.id, person.c.name)
        .join(cohort_share, cohort_share.c.person_id == person.c.id)
        .where(cohort_share.c.cohort_id == cohort_id)
        .order_by(person.c.name)
    )
    return tuple((row.id, row.name) for row in rows)


def share(tx: Connection, cohort_id: int, person_id: int) -> None:
    """Let another instructor keep a cohort, too. Nothing happens twice."""
    tx.execute(
        insert_or(tx, cohort_share)
        .values(cohort_id=cohort_id, person_id=person_id)
        .on_conflict_do_nothing(index_elements=["cohort_id", "person_id"])
    )


def unshare(tx: Connection, cohort_id: int, person_id: int) -> None:
    """Take a cohort back from another instructor."""
    tx.execute(
        delete(cohort_share).where(
            cohort_share.c.cohort_id == cohort_id, cohort_share.c.person_id == person_id
        )
    )


# Invitations ----------------------------------------


def invite(
    tx: Connection,
    cohort_id: int,
    *,
    token_sha256: str,
    places: int,
    by: int,
    now: datetime,
    lifetime: timedelta,
) -> None:
    """A new invitation to a cohort; earlier ones stop working."""
    uninvite(tx, cohort_id, now)
    times = {"made_at": now, "expires_at": now + lifetime}
    tx.execute(
        insert(cohort_invitation).values(
            cohort_id=cohort_id, token_sha256=token_sha256, places=places, made_by=by, **times
        )
    )


def uninvite(tx: Connection, cohort_id: int, now: datetime) -> None:
    """End every invitation to a cohort at once."""
    tx.execute(
        update(cohort_invitation)
        .where(cohort_invitation.c.cohort_id == cohort_id, cohort_invitation.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def invitation(tx: Connection, cohort_id: int, now: datetime) -> Invitation | None:
    """The invitation to a cohort that is open now, if there is one."""
    row = tx.execute(
        _open_invitations(now)
        .where(cohort_invitation.c.cohort_id == cohort_id)
        .order_by(cohort_invitation.c.id.desc())
    ).first()
    return None if row is None else _invitation(row)


def invited(tx: Connection, token_sha256: str, now: datetime) -> tuple[Invitation, Cohort]:
    """What a link invites to. Raises Missing when it does not work, or not any more."""
    row = tx.execute(
        _open_invitations(now).where(cohort_invitation.c.token_sha256 == token_sha256)
    ).one_or_none()
    if row is None:
        raise Missing(NOT_OPEN)
    found = tx.execute(_cohorts().where(cohort.c.id == row.cohort_id)).one()
    return _invitation(row), _cohort(found)


def join(tx: Connection, by: Invitation, person_id: int, consent: str, now: datetime) -> None:
    """Make somebody a member who agreed to `consent`; who is one stays one. Raises Conflict when it is full."""
    # Whoever comes by this link takes turns: its places are counted once at a time.
    link = select(cohort_invitation.c.revoked_at).where(cohort_invitation.c.id == by.id).with_for_update()
    if tx.execute(link).scalar_one() is not None:
        raise Missing(NOT_OPEN)
    if is_member(tx, by.cohort_id, person_id):
        return
    came = select(func.count()).where(cohort_member.c.invitation_id == by.id)
    if tx.execute(came).scalar_one() >= by.places:
        raise Conflict("Every place of this invitation is taken. Ask your instructor for a new link.")
    values = {"cohort_id": by.cohort_id, "person_id": person_id, "invitation_id": by.id}
    try:
        with tx.begin_nested():
            tx.execute(insert(cohort_member).values(**values, consent=consent, consented_at=now))
    except IntegrityError as error:  # joined by another link at the same moment
        raise Conflict("You have just joined this cohort. Start from the list of exams.") from error


# Members ----------------------------------------


def is_member(tx: Connection, cohort_id: int, person_id: int) -> bool:
    """Whether somebody belongs to a cohort now."""
    return tx.execute(_now(cohort_id, person_id)).first() is not None


def members(tx: Connection, cohort_id: int) -> tuple[Member, ...]:
    """Who belongs to a cohort now, by name."""
    rows = tx.execute(
        select(person.c.id, person.c.name, cohort_member.c.consented_at)
        .join(cohort_member, cohort_member.c.person_id == person.c.id)
        .where(cohort_member.c.cohort_id == cohort_id, cohort_member.c.left_at.is_(None))
        .order_by(person.c.name, person.c.id)
    )
    return tuple(Member(row.id, row.name or "", row.consented_at) for row in rows)


def memberships(tx: Connection, person_id: int) -> tuple[Membership, ...]:
    """The cohorts that somebody belongs to now, the newest first."""
    rows = tx.execute(
        _cohorts()
        .add_columns(cohort_member.c.consented_at)
        .join(cohort_member, cohort_member.c.cohort_id == cohort.c.id)
        .where(cohort_member.c.person_id == person_id, cohort_member.c.left_at.is_(None))
        .order_by(cohort_member.c.id.desc())
    ).all()
    return tuple(Membership(_cohort(row), row.consented_at, instructors(tx, _cohort(row))) for row in rows)


def instructors(tx: Connection, of: Cohort) -> tuple[str, ...]:
    """The names of those who keep a cohort, its owner first."""
    return (of.owner, *(name for _, name in shared_with(tx, of.id)))


def leave(tx: Connection, cohort_id: int, person_id: int, now: datetime) -> None:
    """End a membership, and with it the consent. Raises Missing when there is none."""
    gone = tx.execute(
        update(cohort_member)
        .where(
            cohort_member.c.cohort_id == cohort_id,
            cohort_member.c.person_id == person_id,
            cohort_member.c.left_at.is_(None),
        )
        .values(left_at=now)
    )
    if not gone.rowcount:
        raise Missing("This cohort has no such member now. Start from the list of cohorts.")


def _now(cohort_id: int, person_id: int) -> Any:
    return select(cohort_member.c.id).where(
        cohort_member.c.cohort_id == cohort_id,
        cohort_member.c.person_id == person_id,
        cohort_member.c.left_at.is_(None),
    )


def _cohorts() -> Any:
    return select(cohort.c.id, cohort.c.name, cohort.c.owner_id, person.c.name.label("owner")).join(
        person, person.c.id == cohort.c.owner_id
    )


def _open_invitations(now: datetime) -> Any:
    came = (
        select(func.count()).where(cohort_member.c.invitation_id == cohort_invitation.c.id).scalar_subquery()
    )
    return select(cohort_invitation, came.label("used")).where(
        cohort_invitation.c.revoked_at.is_(None), cohort_invitation.c.expires_at > now
    )


def _cohort(row: Any) -> Cohort:
    return Cohort(row.id, row.name, row.owner_id, row.owner or "")


def _invitation(row: Any) -> Invitation:
    return Invitation(row.id, row.cohort_id, row.places, row.used, row.expires_at)
