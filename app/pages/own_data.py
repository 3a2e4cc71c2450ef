"""One's own data: all of it as a file, and the end of an account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.exam.attempt import Ending
from app.exam.person import Person
from app.pages.credentials import FormError, subject_of, verify_password
from app.pages.depends import Now, Somebody, TheSite
from app.pages.render import page
from app.store import attempts, audit, own_data, people, scores, withheld
from app.store.database import Transaction


@dataclass(frozen=True, slots=True)
class DeletePage:
    """people/delete.html"""

    account: Person
    attempts: int
    open_attempts: int
    errors: tuple[FormError, ...]


router = APIRouter()


@router.get("/people/account/data.json")
def data(who: Somebody, now: Now, site: TheSite) -> Response:
    """All that is stored about me."""
    with site.database.reading() as tx:
        document = own_data.export(tx, who.id, withheld.attempts_of(tx, who.id, now), now)
    name = f"cutscore-{who.name or 'guest'}.json"
    return JSONResponse(document, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.get("/people/account/delete")
def before_deletion(request: Request, who: Somebody, site: TheSite) -> Response:
    """Are you sure, and what becomes of your answers?"""
    with site.database.reading() as tx:
        return page(request, "people/delete.html", _page(tx, who), who)


@router.post("/people/account/delete")
def delete_account(
    request: Request,
    who: Somebody,
    now: Now,
    site: TheSite,
    password: Annotated[str, Form()] = "",
    sure: Annotated[bool, Form()] = False,
    keep: Annotated[bool, Form()] = False,
) -> Response:
    """Delete my account and everything personal; the answers stay without a name only if I say so."""
    with site.database.writing() as tx:
        errors = _errors(tx, who, password, sure)
        if errors:
            return page(request, "people/delete.html", _page(tx, who, errors), who, 422)
        for one in attempts.briefs(tx, who.id):
            if one.clock.closed_at is None:
                scores.close(tx, attempts.get(tx, one.id, who.id), Ending.ABANDONED, now)
        own_data.erase(tx, who.id, keep)
        people.forget_failures(tx, subject_of("account", who.name))
        audit.record(tx, now, who.id, "account deleted", f"person {who.id}", after={"answers kept": keep})
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(site.cookie_name(), path="/", secure=site.settings.secure_cookies, httponly=True)
    return answer


def _errors(tx: Transaction, who: Person, password: str, sure: bool) -> tuple[FormError, ...]:
    if who.is_guest:
        return () if sure else (FormError("sure", "Say that you are sure: this cannot be undone."),)
    found = people.by_name(tx, who.name)
    if found is None or not verify_password(password, found[1]):
        return (FormError("password", "This is not your password. Nothing was deleted."),)
    return ()


def _page(tx: Transaction, who: Person, errors: tuple[FormError, ...] = ()) -> DeletePage:
    mine = attempts.briefs(tx, who.id)
    still_open = sum(one.clock.closed_at is None for one in mine)
    return DeletePage(who, len(mine), still_open, errors)
