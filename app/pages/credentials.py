"""Credentials, for the pages that take them: names, passwords, one-time links, and the way in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from fastapi import Request
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.responses import Response

from app.errors import Invalid, TooMany
from app.exam.person import LINK_LIFETIME, Person, checked_name, checked_password
from app.pages.depends import address_of, hash_token, log_in, new_token
from app.pages.site import Site
from app.store import audit, people
from app.store.database import Transaction

FREE_TRIES, WINDOW, LONGEST_WAIT = 5, timedelta(minutes=15), timedelta(minutes=5)
FREE_TRIES_BY_ADDRESS = 50
FIRST_ADMIN, PASSWORD = "first-admin", "password"  # purposes of one-time links
# OWASP's second profile: 19 MiB, two passes, one lane; about 20 ms.
_HASHER = PasswordHash((Argon2Hasher(memory_cost=19 * 1024, time_cost=2, parallelism=1),))


@dataclass(frozen=True, slots=True)
class FormError:
    """What is wrong with one field; `field` is the id of its input."""

    field: str
    message: str


def make_link(
    tx: Transaction,
    site: Site,
    purpose: str,
    person_id: int | None,
    now: datetime,
    made_by: int | None = None,
) -> str:
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
    if person_id is not None:
        audit.record(tx, now, made_by, "password link made", f"person {person_id}")
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


def tries_by_address(request: Request) -> dict[str, int]:
    """How often an address may try before it is slowed down: many people may share it."""
    return {subject_of("address", address_of(request)): FREE_TRIES_BY_ADDRESS}


def slow_down(tx: Transaction, tries: Mapping[str, int], now: datetime) -> None:
    """Raise TooMany while a subject has to wait. After its free tries that failed each further one waits, twice as
    long each time, at most five minutes: guessing is hopeless, and nobody can lock somebody else out for long."""
    for subject, free in tries.items():
        count, last = people.failures(tx, subject, now - WINDOW)
        if count >= free and last is not None:
            wait = min(timedelta(seconds=2 ** min(count - free, 9)), LONGEST_WAIT)
            left = last + wait - now
            if left > timedelta(0):
                seconds = int(left.total_seconds()) + 1
                raise TooMany(f"Too many tries. Wait {seconds} seconds, then try again.", seconds)


def failed(tx: Transaction, tries: Mapping[str, int], now: datetime) -> None:
    """Count a try that failed."""
    people.add_failure(tx, tuple(tries), now, now - WINDOW)


def hash_password(password: str) -> str:
    return _HASHER.hash(password)


@cache
def hash_of_nobody() -> str:
    return _HASHER.hash(new_token())


def verify_password(password: str, hashed: str) -> bool:
    """Whether the password is the one that was hashed."""
    return _HASHER.verify(password[:256], hashed)
