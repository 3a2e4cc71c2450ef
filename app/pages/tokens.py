"""Tokens for programs: made by instructors, shown once, revoked at any time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from app.errors import Invalid
from app.exam.person import Person
from app.pages.depends import Id, Instructor, Now, TheSite, hash_token, new_token
from app.pages.render import page
from app.store import api_tokens
from app.store.api_tokens import ApiToken
from app.store.database import Transaction

LIFETIME = timedelta(days=365)
LONGEST_NAME = 64
MOST = 20


@dataclass(frozen=True, slots=True)
class TokensPage:
    """tokens/page.html. `made` is a token just made, shown once; `address` is where the API is."""

    tokens: tuple[ApiToken, ...]
    made: str
    address: str


router = APIRouter()


@router.get("/people/tokens")
def tokens(request: Request, who: Instructor, now: Now, site: TheSite) -> Response:
    """My tokens."""
    with site.database.reading() as tx:
        context = _page(tx, who, now, site.settings.base_url)
    return page(request, "tokens/page.html", context, who)


@router.post("/people/tokens")
def make(
    request: Request, who: Instructor, now: Now, site: TheSite, name: Annotated[str, Form()] = ""
) -> Response:
    """Make a token; this page is the only one that ever shows it."""
    if not name.strip() or len(name.strip()) > LONGEST_NAME:
        raise Invalid(f"Say in at most {LONGEST_NAME} characters what the token is for.")
    made = new_token()
    with site.database.writing() as tx:
        if len(api_tokens.of_person(tx, who.id, now)) >= MOST:
            raise Invalid(f"You have {MOST} tokens. Revoke one that is not used any more.")
        api_tokens.add(tx, who.id, name.strip(), hash_token(made), now, LIFETIME)
        context = _page(tx, who, now, site.settings.base_url, made)
    return page(request, "tokens/page.html", context, who)


@router.post("/people/tokens/{token_id}/revoke")
def revoke(token_id: Id, who: Instructor, now: Now, site: TheSite) -> Response:
    """End a token at once."""
    with site.database.writing() as tx:
        api_tokens.revoke(tx, who.id, token_id, now)
    return RedirectResponse("/people/tokens", 303)


def _page(tx: Transaction, who: Person, now: datetime, address: str, made: str = "") -> TokensPage:
    return TokensPage(api_tokens.of_person(tx, who.id, now), made, f"{address}/api/v1")
