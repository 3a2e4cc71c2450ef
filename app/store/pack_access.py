"""Who may see a pack and edit it: its owner, those it is shared with, every instructor when nobody owns it (it came
with the server), and administrators. To others it is not there."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, or_, select, true

from app.errors import Missing
from app.exam.person import Person, Role
from app.store.tables import exam_version, pack, pack_share


def open_to(who: Person) -> ColumnElement[bool]:
    """The condition on `pack` that a person may see it."""
    if who.may(Role.ADMIN):
        return true()
    shared = select(pack_share.c.pack_id).where(pack_share.c.person_id == who.id)
    return or_(pack.c.owner_id.is_(None), pack.c.owner_id == who.id, pack.c.id.in_(shared))


def require(tx: Connection, pack_id: str, who: Person) -> None:
    """Raise Missing unless there is such a pack in use and this person may see it."""
    found = select(pack.c.id).where(
        pack.c.id == pack_id, pack.c.current_version_id.is_not(None), open_to(who)
    )
    if tx.execute(found).one_or_none() is None:
        raise Missing(f"There is no pack {pack_id!r} that you may see. Start from the list of packs.")


def require_exam(tx: Connection, exam_id: str, who: Person) -> None:
    """Raise Missing unless a pack in use that this person may see has this exam: everybody may sit it, but its items,
    its keys and what it is measured by are for those who keep it."""
    found = (
        select(pack.c.id)
        .join(exam_version, exam_version.c.pack_version_id == pack.c.current_version_id)
        .where(exam_version.c.exam_id == exam_id, open_to(who))
    )
    if tx.execute(found).one_or_none() is None:
        raise Missing(
            f"There is no exam {exam_id!r} of a pack that you may see. Start from the list of packs."
        )


def visible(tx: Connection, who: Person) -> frozenset[str]:
    """The ids of the packs that a person may see."""
    return frozenset(tx.execute(select(pack.c.id).where(open_to(who))).scalars())
