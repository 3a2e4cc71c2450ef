"""Invitations: the page that a link to a cohort leads to, and joining by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from app.errors import Invalid, LoggedOut
from app.exam.cohort import CONSENT, Cohort, Invitation
from app.pages.depends import Now, TheSite, Who, hash_token
from app.pages.render import page
from app.store import cohorts


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """invitations/page.html. `has_account`: guests and strangers have to make one first."""

    token: str
    cohort: Cohort
    invitation: Invitation
    instructors: tuple[str, ...]
    consent: tuple[str, ...]
    has_account: bool
    is_member: bool


router = APIRouter()


@router.get("/invitations/{token}")
def invitation(request: Request, token: str, who: Who, now: Now, site: TheSite) -> Response:
    """What one is invited to, and what its instructors will see."""
    with site.database.reading() as tx:
        found, cohort = cohorts.invited(tx, hash_token(token), now)
        context = InvitationPage(
            token=token,
            cohort=cohort,
            invitation=found,
            instructors=cohorts.instructors(tx, cohort),
            consent=CONSENT,
            has_account=who is not None and not who.is_guest,
            is_member=who is not None and cohorts.is_member(tx, cohort.id, who.id),
        )
    return page(request, "invitations/page.html", context, who)


@router.post("/invitations/{token}")
def join(token: str, who: Who, now: Now, site: TheSite, consent: Annotated[str, Form()] = "") -> Response:
    """Join by a link. Raises LoggedOut for who has no account, and Invalid without consent."""
    with site.database.writing() as tx:
        found, _ = cohorts.invited(tx, hash_token(token), now)
        if who is None or who.is_guest:
            raise LoggedOut("Make an account first, or log in: a cohort needs a name to know you by.")
        if consent != "yes":
            raise Invalid("To join, say that you agree to what the instructors of the cohort see.")
        cohorts.join(tx, found, who.id, "\n".join(CONSENT), now)
    return RedirectResponse("/", 303)
