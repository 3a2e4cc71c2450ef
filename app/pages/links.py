"""One-time links: the first administrator, and a new password without mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from app.errors import Conflict
from app.exam.person import Role
from app.pages.credentials import (
    FIRST_ADMIN,
    PASSWORD,
    FormError,
    check_credentials,
    enter_as,
    hash_password,
    subject_of,
)
from app.pages.depends import (
    Now,
    TheSite,
    Who,
    hash_token,
)
from app.pages.render import page
from app.store import audit, people


@dataclass(frozen=True, slots=True)
class LinkPage:
    """people/link.html: choose a password by a one-time link. `first_admin` also chooses a name."""

    token: str
    first_admin: bool
    name: str
    errors: tuple[FormError, ...]


router = APIRouter()


@router.get("/people/links/{token}")
def link(request: Request, token: str, who: Who, now: Now, site: TheSite) -> Response:
    """Choose a password by a one-time link."""
    with site.database.reading() as tx:
        found = people.link(tx, hash_token(token), now)
        name = "" if found.person_id is None else people.get(tx, found.person_id).name
        return page(request, "people/link.html", LinkPage(token, found.purpose == FIRST_ADMIN, name, ()), who)


@router.post("/people/links/{token}")
def use_link(
    request: Request,
    token: str,
    who: Who,
    now: Now,
    site: TheSite,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    """Use a one-time link up: make the first administrator, or set a new password and log out everywhere else."""
    errors: list[FormError] = []
    with site.database.writing() as tx:
        found = people.link(tx, hash_token(token), now)
        person = None if found.person_id is None else people.get(tx, found.person_id)
        checked = check_credentials(name if person is None else person.name, password, errors)
        if not errors and person is None:
            try:
                person = people.add(
                    tx,
                    name=checked,
                    password_hash=hash_password(password),
                    role=Role.ADMIN,
                    is_guest=False,
                    now=now,
                )
            except Conflict as error:
                errors.append(FormError("name", str(error)))
        if errors or person is None:
            first = found.purpose == FIRST_ADMIN
            context = LinkPage(token, first, name if first or person is None else person.name, tuple(errors))
            return page(request, "people/link.html", context, who, 422)
        if found.purpose == PASSWORD:
            people.set_password(tx, person.id, hash_password(password))
            people.revoke_others(tx, person.id, keep_token_sha256="")
            people.forget_failures(tx, subject_of("account", person.name))
        people.use_link(tx, found.id, now)
        done = "password set by link" if found.purpose == PASSWORD else "first administrator"
        audit.record(tx, now, person.id, done, f"person {person.id}")
        answer = RedirectResponse("/", 303)
        enter_as(request, answer, tx, who, person)
    return answer
