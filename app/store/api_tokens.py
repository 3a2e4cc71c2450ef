"""Tokens by which a program acts for a person. Only their hashes are kept; a token is shown once, when it is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from app.errors import Missing
from app.store import audit
from app.store.tables import api_token

USED_AGAIN_AFTER = timedelta(hours=1)
"""How exactly the last use is known: a write for each request would be one too many."""


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token without its secret. `used_at` is None as long as nobody has used it."""

    id: int
    name: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose token it is; `fresh`: its last use is noted down already."""

    person_id: int
    token_id: int
    fresh: bool


def add(
    tx: Connection, person_id: int, name: str, token_sha256: str, now: datetime, lifetime: timedelta
) -> None:
    """Record a new token by its hash."""
    row = {"person_id": person_id, "name": name, "token_sha256": token_sha256, "made_at": now}
    tx.execute(insert(api_token).values({**row, "expires_at": now + lifetime}))
    audit.record(tx, now, person_id, "token made", f"person {person_id}", after={"name": name})


def of_person(tx: Connection, person_id: int, now: datetime) -> tuple[ApiToken, ...]:
    """A person's tokens that still open something, the newest first."""
    rows = tx.execute(
        select(api_token)
        .where(
            api_token.c.person_id == person_id, api_token.c.revoked_at.is_(None), api_token.c.expires_at > now
        )
        .order_by(api_token.c.id.desc())
    )
    return tuple(ApiToken(row.id, row.name, row.made_at, row.expires_at, row.used_at) for row in rows)


def bearer(tx: Connection, token_sha256: str, now: datetime) -> Bearer | None:
    """Whose token this is, unless it was revoked or has run out."""
    row = tx.execute(
        select(api_token).where(
            api_token.c.token_sha256 == token_sha256,
            api_token.c.revoked_at.is_(None),
            api_token.c.expires_at > now,
        )
    ).one_or_none()
    if row is None:
        return None
    return Bearer(row.person_id, row.id, row.used_at is not None and now - row.used_at < USED_AGAIN_AFTER)


def touch(tx: Connection, token_id: int, now: datetime) -> None:
    """Note down that a token was used."""
    tx.execute(update(api_token).where(api_token.c.id == token_id).values(used_at=now))


def revoke(tx: Connection, person_id: int, token_id: int, now: datetime) -> None:
    """End one of a person's tokens. Raises Missing."""
    own = (api_token.c.id == token_id) & (api_token.c.person_id == person_id)
    done = tx.execute(update(api_token).where(own).values(revoked_at=now).returning(api_token.c.id))
    if done.one_or_none() is None:
        raise Missing("You have no such token.")
    audit.record(tx, now, person_id, "token revoked", f"person {person_id}", before={"token": token_id})
