"""Credentials, for the pages that take them: names, passwords, one-time links, and the way in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from fastapi import Request
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.responses import Response

from app.errors import Invalid
from app.exam.person import LINK_LIFETIME, Person, checked_name, checked_password
from app.pages.depends import (
    Site,
    hash_token,
    log_in,
    new_token,
)
from app.store import people
from app.store.database import Transaction

FIRST_ADMIN, PASSWORD = "first-admin", "password"  # purposes of one-time links
# OWASP's second profile: 19 MiB, two passes, one lane; about 20 ms.
_HASHER = PasswordHash((Argon2Hasher(memory_cost=19 * 1024, time_cost=2, parallelism=1),))


@dataclass(frozen=True, slots=True)
class FormError:
    """What is wrong with one field; `field` is the id of its input."""

    field: str
    message: str


def make_link(tx: Transaction, site: Site, purpose: str, person_id: int | None, now: datetime) -> str:
    """The address of a new one-time link."""
    token = new_token()
    people.add_link(
        tx,
        purpose=purpose,
        person_id=person_id,
        token_sha256=hash_token(token),
        now=now,
        lifetime=LINK_LIFETIME,
    )
    return f"{site.settings.base_url}/people/links/{token}"


def enter_as(request: Request, answer: Response, tx: Transaction, who: Person | None, person: Person) -> None:
    if who is not None and who.is_guest:
        people.adopt(tx, who.id, person.id)
    log_in(request, answer, tx, person)


def check_credentials(name: str, password: str, errors: list[FormError]) -> str:
    """The name as stored; what is wrong with name or password is added to `errors`."""
    checked = ""
    for field, check, text in (("name", checked_name, name), ("password", checked_password, password)):
        try:
            result = check(text)
            checked = result if field == "name" else checked
        except Invalid as error:
            errors.append(FormError(field, str(error)))
    return checked


def subject_of(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()


def hash_password(password: str) -> str:
    return _HASHER.hash(password)


@cache
def hash_of_nobody() -> str:
    return _HASHER.hash(new_token())


def verify_password(password: str, hashed: str) -> bool:
    """Whether the password is the one that was hashed."""
    return _HASHER.verify(password[:256], hashed)
