"""What pages depend on: the site, the time, and who is asking. Stamped once per request.

A page opens its own transaction, `with site.database.writing() as tx`, and leaves it before it answers: so a commit
that fails is never answered as a success, and a thread that waits for a connection never waits for a second thing.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Path, Request
from starlette.responses import Response

from app.errors import LoggedOut
from app.exam.person import GUEST_LIFETIME, SESSION_LIFETIME, Person, Role
from app.pages.site import Site
from app.settings import is_loopback
from app.store import pack_access, people
from app.store.database import Transaction

TOKEN_BYTES = 32
SEEN_AGAIN_AFTER = timedelta(hours=1)
LARGEST_ID = 2**53


def site_of(request: Request) -> Site:
    """The server's own things."""
    made: Site = request.app.state.site
    return made


def now_of(request: Request) -> datetime:
    """The time of this request, in UTC: one stamp, whatever happens in it."""
    stamped: datetime | None = getattr(request.state, "now", None)
    if stamped is None:
        stamped = request.state.now = site_of(request).clock.now()
    return stamped


def address_of(request: Request) -> str:
    """Where a request comes from, or empty; behind a proxy only with CUTSCORE_PROXY_HEADERS."""
    return request.client.host if request.client else ""


def welcome(request: Request) -> None:
    """Let somebody new in. Raises TooMany when too many came from this address; this very machine may be many."""
    address = address_of(request)
    if not is_loopback(address):
        site_of(request).newcomers.take(hash_token(address), now_of(request).timestamp())


def token_sha256_of(request: Request) -> str | None:
    """The hash of this browser's session token, if it has one."""
    token = request.cookies.get(site_of(request).cookie_name())
    return None if not token else hash_token(token)


def hash_token(token: str) -> str:
    """How a token is stored. It is random and long, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


# FastAPI hands whatever is not `async` to a thread. What waits for nothing is called on the spot.
async def _site(request: Request) -> Site:
    return site_of(request)


async def _now(request: Request) -> datetime:
    return now_of(request)


async def _token_sha256(request: Request) -> str | None:
    return token_sha256_of(request)


def who_of(
    site: Annotated[Site, Depends(_site)],
    now: Annotated[datetime, Depends(_now)],
    token_sha256: Annotated[str | None, Depends(_token_sha256)],
) -> Person | None:
    """Who is asking: a person, a guest, or nobody yet."""
    if token_sha256 is None:
        return None
    with site.database.reading() as tx:
        visit = people.of_session(tx, token_sha256, now)
    if visit is None:
        return None
    if now - visit.last_seen_at > SEEN_AGAIN_AFTER:
        with site.database.writing() as tx:
            people.touch(tx, token_sha256, now, lifetime_of(visit.person))
    return visit.person


async def somebody(who: Annotated[Person | None, Depends(who_of)]) -> Person:
    """Who is asking, when somebody must be. Raises LoggedOut."""
    if who is None:
        raise LoggedOut("Log in to see this page.")
    return who


async def instructor(who: Annotated[Person, Depends(somebody)]) -> Person:
    """Who is asking, when it must be an instructor. Raises Refused."""
    who.require(Role.INSTRUCTOR)
    return who


def keeper(
    exam_id: str, who: Annotated[Person, Depends(instructor)], site: Annotated[Site, Depends(_site)]
) -> Person:
    """Who is asking, when it must be an instructor who may see the pack of this exam. Raises Refused and Missing."""
    with site.database.reading() as tx:
        pack_access.require_exam(tx, exam_id, who)
    return who


async def admin(who: Annotated[Person, Depends(somebody)]) -> Person:
    """Who is asking, when it must be an administrator. Raises Refused."""
    who.require(Role.ADMIN)
    return who


Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
TheSite = Annotated[Site, Depends(_site)]
Now = Annotated[datetime, Depends(_now)]
Who = Annotated[Person | None, Depends(who_of)]
Somebody = Annotated[Person, Depends(somebody)]
Instructor = Annotated[Person, Depends(instructor)]
Keeper = Annotated[Person, Depends(keeper)]
Admin = Annotated[Person, Depends(admin)]
TokenHash = Annotated[str | None, Depends(_token_sha256)]


def lifetime_of(person: Person) -> timedelta:
    """How long a browser stays logged in after it was last seen; longer than any exam."""
    return GUEST_LIFETIME if person.is_guest else SESSION_LIFETIME


def log_in(request: Request, response: Response, tx: Transaction, person: Person) -> None:
    """Give this browser a new session for `person`, in place of the one it had."""
    site, now = site_of(request), now_of(request)
    old = token_sha256_of(request)
    if old is not None:
        people.revoke_token(tx, old)
    token = new_token()
    lifetime = lifetime_of(person)
    people.open_session(
        tx, person.id, hash_token(token), request.headers.get("user-agent", ""), now, lifetime
    )
    response.set_cookie(
        site.cookie_name(),
        token,
        max_age=int(lifetime.total_seconds()),
        path="/",
        secure=site.settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def safe_next(path: str) -> str:
    """Where to go after logging in: a path of this site, or home."""
    plain = (
        path.startswith("/")
        and not path.startswith(("//", "/\\"))
        and path.isprintable()
        and "\\" not in path
    )
    return path if plain else "/"
