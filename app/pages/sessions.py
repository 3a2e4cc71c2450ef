"""Sessions: log in, log out, and log other browsers out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from app.pages.credentials import (
    FREE_TRIES,
    FormError,
    enter_as,
    failed,
    hash_of_nobody,
    slow_down,
    subject_of,
    tries_by_address,
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
    subject = subject_of("account", account)
    tries = {subject: FREE_TRIES, **tries_by_address(request)}
    with site.database.reading() as tx:
        slow_down(tx, tries, now)
        found = people.by_name(tx, account)
    # An unknown name costs as much as a wrong password, so that the time does not tell which it was.
    right = verify_password(password[:256], found[1] if found else hash_of_nobody())
    with site.database.writing() as tx:
        if found is None or not right:
            failed(tx, tries, now)
            message = "Name and password do not fit together."
            if script:
                return PlainTextResponse(message, 422)
            context = LogInPage(name, (FormError("name", message),), safe_next(next))
            return page(request, "people/log_in.html", context, who, 422)
        people.forget_failures(tx, subject)
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
