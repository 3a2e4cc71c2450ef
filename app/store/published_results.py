"""Published results: what candidates let anybody see who has the address, and the key that they are signed with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from app.errors import Missing
from app.store.tables import published_result, signing_key


@dataclass(frozen=True, slots=True)
class Published:
    """One published result: `document` is what was signed, `token` what its address ends with."""

    token: str
    attempt_id: int
    document: str
    signature: str
    secret: bytes
    made_at: datetime


def key(tx: Connection, new_secret: bytes, now: datetime) -> tuple[int, bytes]:
    """The key that results are signed with; the first time, a new one of this secret."""
    row = tx.execute(select(signing_key).order_by(signing_key.c.id).limit(1)).one_or_none()
    if row is None:
        made: int = tx.execute(
            insert(signing_key).values(secret=new_secret, made_at=now).returning(signing_key.c.id)
        ).scalar_one()
        return made, new_secret
    return row.id, row.secret


def publish(
    tx: Connection,
    *,
    token: str,
    attempt_id: int,
    document: str,
    key_id: int,
    signature: str,
    now: datetime,
) -> None:
    """Publish a result; an earlier address of it no longer shows anything."""
    revoke(tx, attempt_id, now)
    values = {"token": token, "attempt_id": attempt_id, "document": document}
    tx.execute(insert(published_result).values(**values, key_id=key_id, signature=signature, made_at=now))


def revoke(tx: Connection, attempt_id: int, now: datetime) -> None:
    """Take a published result back; nothing happens when there is none."""
    tx.execute(
        update(published_result)
        .where(published_result.c.attempt_id == attempt_id, published_result.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def of_attempt(tx: Connection, attempt_id: int) -> Published | None:
    """The published result of an attempt; None when there is none, or it was taken back."""
    row = tx.execute(_standing().where(published_result.c.attempt_id == attempt_id)).one_or_none()
    return None if row is None else _published(row)


def of_token(tx: Connection, token: str) -> Published:
    """The published result at an address. Raises Missing, the same for one taken back as for none."""
    row = tx.execute(_standing().where(published_result.c.token == token)).one_or_none()
    if row is None:
        raise Missing("There is no result at this address. Whoever published it may have taken it back.")
    return _published(row)


def _standing() -> Select[Any]:
    return (
        select(published_result, signing_key.c.secret)
        .join(signing_key, signing_key.c.id == published_result.c.key_id)
        .where(published_result.c.revoked_at.is_(None))
    )


def _published(row: Any) -> Published:
    return Published(row.token, row.attempt_id, row.document, row.signature, row.secret, row.made_at)
