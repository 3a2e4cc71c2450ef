"""Sessions: log in, log out, and log other browsers out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from app.errors import TooMany
from app.pages.credentials import (
    FormError,
    enter_as,
    hash_of_nobody,
    subject_of,
    verify_password,
)
from app.pages.depends import (
    Id,
    Now,
    Somebody,
    TheSite,
    TokenHash,
    Who,
    safe_next,
)
from app.pages.render import page
from app.store import people
from app.store.database import Transaction

FREE_TRIES, WINDOW, LONGEST_WAIT = 5, timedelta(minutes=15), timedelta(minutes=5)
FREE_TRIES_BY_ADDRESS = 50


@dataclass(frozen=True, slots=True)
class LogInPage:
    """people/log_in.html"""

    name: str
    errors: tuple[FormError, ...]
    next: str


router = APIRouter()


@router.get("/people/log-in")
def logging_in(request: Request, who: Who, next: str = "/") -> Response:  # noqa: A002
    """The form to log in."""
    return page(request, "people/log_in.html", LogInPage("", (), safe_next(next)), who)


@router.post("/people/log-in")
def enter(
    request: Request,
    who: Who,
    now: Now,
    site: TheSite,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    """Log in. A script (the exam page's dialog) gets 204, people are sent on."""
    script = "text/html" not in request.headers.get("accept", "text/html")
    account = name.strip().lower()
    subjects = (subject_of("account", account), subject_of("address", _address(request)))
    with site.database.reading() as tx:
        _slow_down(tx, subjects, now)
        found = people.by_name(tx, account)
    # An unknown name costs as much as a wrong password, so that the time does not tell which it was.
    right = verify_password(password[:256], found[1] if found else hash_of_nobody())
    with site.database.writing() as tx:
        if found is None or not right:
            people.add_failure(tx, subjects, now, now - WINDOW)
            message = "Name and password do not fit together."
            if script:
                return PlainTextResponse(message, 422)
            context = LogInPage(name, (FormError("name", message),), safe_next(next))
            return page(request, "people/log_in.html", context, who, 422)
        people.forget_failures(tx, subjects[0])
        answer = Response(status_code=204) if script else RedirectResponse(safe_next(next), 303)
        enter_as(request, answer, tx, who, found[0])
    return answer


@router.post("/people/log-out")
def leave(site: TheSite, token: TokenHash) -> Response:
    """Log this browser out."""
    with site.database.writing() as tx:
        if token is not None:
            people.revoke_token(tx, token)
        answer = RedirectResponse("/", 303)
        answer.delete_cookie(site.cookie_name(), path="/", secure=site.settings.secure_cookies, httponly=True)
        return answer


@router.post("/people/sessions/{session_id}/revoke")
def revoke(session_id: Id, who: Somebody, site: TheSite) -> Response:
    """Log one of my browsers out."""
    with site.database.writing() as tx:
        people.revoke(tx, who.id, session_id)
        return RedirectResponse("/people/account", 303)


@router.post("/people/sessions/revoke-others")
def revoke_others(who: Somebody, token: TokenHash, site: TheSite) -> Response:
    """Log me out everywhere but here."""
    with site.database.writing() as tx:
        people.revoke_others(tx, who.id, token or "")
        return RedirectResponse("/people/account", 303)


def _slow_down(tx: Transaction, subjects: tuple[str, str], now: datetime) -> None:
    """After five wrong passwords for a name (fifty from an address) each further try waits, twice as long each
    time, at most five minutes: guessing is hopeless, and nobody can lock somebody else out for long."""
    for subject, free in zip(subjects, (FREE_TRIES, FREE_TRIES_BY_ADDRESS), strict=True):
        failed, last = people.failures(tx, subject, now - WINDOW)
        if failed >= free and last is not None:
            wait = min(timedelta(seconds=2 ** min(failed - free, 9)), LONGEST_WAIT)
            left = last + wait - now
            if left > timedelta(0):
                seconds = int(left.total_seconds()) + 1
                raise TooMany(f"Too many tries. Wait {seconds} seconds, then try again.", seconds)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
