"""Who asks by the JSON API: the instructor whose token came with the request; and what every answer of it may say
instead. Shared by the rooms of the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from app.errors import LoggedOut
from app.exam.person import Person, Role
from app.pages.depends import Now, TheSite, hash_token
from app.store import api_tokens, people

ROOT = "/api/v1"


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, in words that say what to do next."""

    error: str


def problems(**more: str) -> dict[int | str, dict[str, Any]]:
    """The errors that a route answers with, for its description: those of every route, and `more` by status."""
    told = {
        "s401": "There is no token, or one that was revoked or has run out.",
        "s403": "The token is not of an instructor.",
        "s422": "Something of the request cannot be used; the message says what.",
        "s503": "The server has its hands full. Try again after the seconds in Retry-After.",
        **more,
    }
    return {int(status[1:]): {"model": Problem, "description": words} for status, words in told.items()}


def bearer(request: Request, now: Now, site: TheSite) -> Person:
    """Whose token came with the request. Raises LoggedOut, and Refused unless they are an instructor."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    with site.database.reading() as tx:
        found = api_tokens.bearer(tx, hash_token(token.strip()), now) if kind.lower() == "bearer" else None
        who = people.get(tx, found.person_id) if found else None
    if found is None or who is None:
        raise LoggedOut("Send a token: Authorization: Bearer … Instructors make them at /people/tokens.")
    who.require(Role.INSTRUCTOR)
    if not found.fresh:
        with site.database.writing() as tx:
            api_tokens.touch(tx, found.token_id, now)
    return who


Bearer = Annotated[Person, Depends(bearer)]
