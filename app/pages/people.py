"""People: register, the own account, and (for admins) everybody's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from app.errors import Conflict, Missing
from app.exam.person import Person, Role
from app.pages.credentials import (
    FREE_TRIES,
    PASSWORD,
    FormError,
    check_credentials,
    enter_as,
    failed,
    hash_password,
    make_link,
    slow_down,
    subject_of,
    tries_by_address,
    verify_password,
)
from app.pages.depends import (
    Admin,
    Id,
    Now,
    Somebody,
    TheSite,
    TokenHash,
    Who,
    safe_next,
    welcome,
)
from app.pages.render import page
from app.store import attempts, audit, people
from app.store.database import Transaction

ON_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """Which accounts are shown: those with `name` in theirs, from the one after `after` on. Empty: all of them."""

    name: Annotated[str, Query(max_length=64)] = ""
    after: Annotated[str, Query(max_length=64)] = ""

    def query(self, after: str) -> str:
        """The same choice from another account on, as the query of an address."""
        values = {"name": self.name, "after": after}
        query = urlencode({key: value for key, value in values.items() if value})
        return f"?{query}" if query else ""


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """people/register.html. `adopts` says that a guest's attempts will move into the account."""

    name: str
    errors: tuple[FormError, ...]
    adopts: int
    next: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One browser that is logged in."""

    id: int
    created_at: datetime
    last_seen_at: datetime
    agent: str
    current: bool


@dataclass(frozen=True, slots=True)
class AccountPage:
    """people/account.html: my name, password, browsers."""

    account: Person
    sessions: tuple[SessionRow, ...]
    errors: tuple[FormError, ...]
    done: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """people/list.html, for admins. `link` is a password link just made, shown once; `here` is the query of this
    page, and `more` of the one with the accounts that follow, if there are any."""

    people: tuple[Person, ...]
    choice: Choice
    here: str
    more: str
    roles: tuple[Role, ...]
    link: str
    link_for: str


router = APIRouter()


@router.get("/people/register")
def registration(request: Request, who: Who, site: TheSite, next: str = "/") -> Response:  # noqa: A002
    """The form to make an account."""
    with site.database.reading() as tx:
        return page(
            request, "people/register.html", RegisterPage("", (), _adopts(tx, who), safe_next(next)), who
        )


@router.post("/people/register")
def register(
    request: Request,
    who: Who,
    now: Now,
    site: TheSite,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    """Make an account; what a guest sat in this browser moves into it."""
    errors: list[FormError] = []
    checked = check_credentials(name, password, errors)
    hashed = hash_password(password) if not errors else ""
    tries = tries_by_address(request)  # so that nobody finds out who there is by asking for many names
    with site.database.writing() as tx:
        slow_down(tx, tries, now)
        if not errors:
            if who is None:
                welcome(request)
            try:
                made = people.add(
                    tx, name=checked, password_hash=hashed, role=Role.CANDIDATE, is_guest=False, now=now
                )
            except Conflict as error:
                errors.append(FormError("name", str(error)))
                failed(tx, tries, now)
        if errors:
            context = RegisterPage(name, tuple(errors), _adopts(tx, who), safe_next(next))
            return page(request, "people/register.html", context, who, 422)
        answer = RedirectResponse(safe_next(next), 303)
        enter_as(request, answer, tx, who, made)
    return answer


@router.get("/people/account")
def account(request: Request, who: Somebody, now: Now, token: TokenHash, site: TheSite) -> Response:
    """My name, password and browsers."""
    with site.database.reading() as tx:
        return page(request, "people/account.html", _account(tx, who, now, token), who)


@router.post("/people/account/password")
def change_password(
    request: Request,
    who: Somebody,
    now: Now,
    token: TokenHash,
    site: TheSite,
    current: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    """Change the own password; every other browser is logged out."""
    tries = {subject_of("password", str(who.id)): FREE_TRIES}
    with site.database.reading() as tx:
        slow_down(tx, tries, now)
        found = people.by_name(tx, who.name)
    errors: list[FormError] = []
    known = found is not None and verify_password(current, found[1])
    if not known:
        errors.append(FormError("current", "This is not your present password."))
    check_credentials(who.name, password, errors)
    hashed = "" if errors else hash_password(password)
    with site.database.writing() as tx:
        if not known:
            failed(tx, tries, now)
        if errors:
            return page(
                request, "people/account.html", _account(tx, who, now, token, tuple(errors)), who, 422
            )
        people.set_password(tx, who.id, hashed)
        people.revoke_others(tx, who.id, token or "")
        done = "Your password is changed. Every other browser has been logged out."
        return page(request, "people/account.html", _account(tx, who, now, token, done=done), who)


@router.get("/people")
def everybody(request: Request, choice: Annotated[Choice, Depends()], who: Admin, site: TheSite) -> Response:
    """All accounts, some at a time."""
    with site.database.reading() as tx:
        return page(request, "people/list.html", _list(tx, choice), who)


@router.post("/people/{person_id}/role")
def set_role(
    person_id: Id,
    choice: Annotated[Choice, Depends()],
    who: Admin,
    now: Now,
    site: TheSite,
    role: Annotated[Role, Form()],
) -> Response:
    """Change what somebody may do."""
    with site.database.writing() as tx:
        person = people.get(tx, person_id)
        people.set_role(tx, person.id, role)
        if role is not person.role:
            before, after = {"role": person.role.value}, {"role": role.value}
            audit.record(tx, now, who.id, "role changed", f"person {person.id}", before=before, after=after)
        return RedirectResponse("/people" + choice.query(choice.after), 303)


@router.post("/people/{person_id}/link")
def password_link(
    request: Request,
    person_id: Id,
    choice: Annotated[Choice, Depends()],
    who: Admin,
    now: Now,
    site: TheSite,
) -> Response:
    """Make a one-time link by which somebody chooses a new password; it is shown once."""
    with site.database.writing() as tx:
        person = people.get(tx, person_id)
        if person.is_guest:
            raise Missing("A guest has no password.")
        made = make_link(tx, site, PASSWORD, person.id, now, who.id)
        return page(request, "people/list.html", _list(tx, choice, made, person.name), who)


def _list(tx: Transaction, choice: Choice, link: str = "", link_for: str = "") -> PeoplePage:
    found = people.accounts(tx, ON_A_PAGE + 1, name=choice.name.strip().lower(), after=choice.after)
    shown = found[:ON_A_PAGE]
    return PeoplePage(
        people=shown,
        choice=choice,
        here=choice.query(choice.after),
        more=choice.query(shown[-1].name) if len(found) > ON_A_PAGE else "",
        roles=tuple(Role),
        link=link,
        link_for=link_for,
    )


def _adopts(tx: Transaction, who: Person | None) -> int:
    return len(attempts.of_person(tx, who.id)) if who is not None and who.is_guest else 0


def _account(
    tx: Transaction,
    who: Person,
    now: datetime,
    token: str | None,
    errors: tuple[FormError, ...] = (),
    done: str = "",
) -> AccountPage:
    rows = tuple(
        SessionRow(each.id, each.created_at, each.last_seen_at, each.agent, each.token_sha256 == token)
        for each in people.sessions(tx, who.id, now)
    )
    return AccountPage(who, rows, errors, done)
