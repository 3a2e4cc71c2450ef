"""What pages depend on: the site, the time, and who is asking. Stamped once per request.

A page opens its own transaction, `with site.database.writing() as tx`, and leaves it before it answers: so a commit
that fails is never answered as a success, and a thread that waits for a connection never waits for a second thing.
"""

from __future__ import annotations

import hashlib
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, TypeVar

from fastapi import Depends, Path, Request
from starlette.responses import Response

from app.errors import Busy, LoggedOut
from app.exam.faults import Fault
from app.exam.gains import Label, label_of
from app.exam.item import Item
from app.exam.meaning import Meaning
from app.exam.parameter_version import ParameterVersion
from app.exam.parameters import cold_started, completed
from app.exam.person import GUEST_LIFETIME, SESSION_LIFETIME, Person, Role
from app.exam.snapshot import Bank, Snapshot, bank_of
from app.pages.group_commit import Bucket
from app.pages.render import ItemHtml, item_html
from app.pages.tally import Tally
from app.pages.turns import Turns
from app.settings import Settings, is_loopback
from app.store import forms, pack_access, packs, parameters, people, withheld
from app.store.database import Database, Transaction
from app.store.packs import StoredExam
from app.store.responses import Sheets

LARGEST_STEP = timedelta(seconds=30)
TOKEN_BYTES = 32
SEEN_AGAIN_AFTER = timedelta(hours=1)
LARGEST_ID = 2**53
NEWCOMERS_A_DAY = 300
TRIES, SHORTEST_PAUSE = 4, 0.01
"""How often a write is tried before the last time, and seconds; each pause may be twice as long as the one before."""
MOST_MEANINGS = 2_000
Made = TypeVar("Made")


class SteadyClock:
    """Wall-clock time that a step of the system clock cannot move.

    It goes on from its start by a clock that nobody sets. Small corrections of the wall clock are followed; after
    a step of more than 30 s the steady time goes on as before, so that no attempt is closed by it, and `drifted`
    turns readiness red until the server is started again.
    """

    def __init__(self) -> None:
        self._wall, self._steady = datetime.now(UTC), _steady_seconds()
        self.drifted = False

    def now(self) -> datetime:
        """The time in UTC."""
        wall, steady = datetime.now(UTC), _steady_seconds()
        expected = self._wall + timedelta(seconds=steady - self._steady)
        if self.drifted or abs(wall - expected) > LARGEST_STEP:
            self.drifted = True
            return expected
        self._wall, self._steady = wall, steady
        return wall


def _steady_seconds() -> float:
    # CLOCK_BOOTTIME goes on while a laptop sleeps, and so does an exam; other systems' monotonic clocks do as well.
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(frozen=True, slots=True)
class Shelf:
    """The bank of an exam on a day, and which stored item version each of its items is."""

    bank: Bank
    version_ids: dict[str, int]
    items: dict[str, Item]
    labels: dict[str, Label]


def _newcomers() -> Bucket:
    """New guests and accounts from one address: a whole school at once, but not the bank by always new people."""
    refusal = (
        "Too many new people came from your address today. Log in with an account, or come back tomorrow."
    )
    return Bucket(burst=NEWCOMERS_A_DAY, per_second=NEWCOMERS_A_DAY / 86_400, refusal=refusal)


@dataclass(slots=True)
class Site:
    """What one server process holds: settings, database, clock, and caches of things that never change."""

    settings: Settings
    database: Database
    clock: SteadyClock = field(default_factory=SteadyClock)
    sheets: Sheets = field(default_factory=Sheets)
    newcomers: Bucket = field(default_factory=_newcomers)
    tally: Tally = field(default_factory=Tally)
    started_at: datetime = field(init=False)
    turns: Turns = field(init=False)
    shelves: dict[tuple[int, date, int | None], Shelf] = field(default_factory=dict)
    pages: dict[int, ItemHtml] = field(default_factory=dict)
    items: dict[int, Item] = field(default_factory=dict)
    findings: dict[tuple[int, int, date], tuple[Fault, ...]] = field(default_factory=dict)
    versions: dict[tuple[str, str], ParameterVersion] = field(default_factory=dict)
    meanings: dict[tuple[object, ...], Meaning] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.started_at = self.clock.now()
        self.turns = Turns(self.settings.jobs)

    def welcome(self, request: Request, now: datetime) -> None:
        """Let somebody new in. Raises TooMany when too many came from this address; this very machine may be many."""
        address = address_of(request)
        if not is_loopback(address):
            self.newcomers.take(hash_token(address), now.timestamp())

    def write(self, work: Callable[[Transaction], Made]) -> Made:
        """What `work` makes in one write transaction. When the database gave up on it in favour of others it is done
        again, after a short pause of random length, so it must do nothing else. Raises Busy after the last try."""
        for number in range(TRIES):
            try:
                with self.database.writing() as tx:
                    return work(tx)
            except Busy:
                time.sleep(random.uniform(0, SHORTEST_PAUSE * 2**number))  # noqa: S311 - any will do
        with self.database.writing() as tx:
            return work(tx)

    def item_pages(self, tx: Transaction, item_version_ids: list[int]) -> dict[int, ItemHtml]:
        """The candidate's HTML of item versions, each rendered once for each process."""
        unknown = [i for i in item_version_ids if i not in self.pages]
        if unknown:
            self.pages.update({i: item_html(asked) for i, asked in packs.asked(tx, unknown).items()})
        return {i: self.pages[i] for i in item_version_ids}

    def whole_items(self, tx: Transaction, item_version_ids: list[int]) -> dict[int, Item]:
        """Whole item versions, keys and whys included, each read once for each process: for after the end."""
        unknown = [i for i in item_version_ids if i not in self.items]
        if unknown:
            self.items.update(packs.items(tx, unknown))
        return {i: self.items[i] for i in item_version_ids}

    def measured(self, tx: Transaction, exam_id: str, label: str) -> ParameterVersion | None:
        """The parameter version of a form, read once for each process; None for a form from before there were any."""
        known = self.versions.get((exam_id, label)) or parameters.of_label(tx, exam_id, label)
        if known is not None:
            self.versions[exam_id, label] = known
        return known

    def meaning(self, key: tuple[object, ...], work_out: Callable[[], Meaning]) -> Meaning:
        """What a score means, worked out once for each process as long as nothing in the key changes."""
        known = self.meanings.get(key)
        if known is None:
            known = self.meanings[key] = work_out()
            while len(self.meanings) > MOST_MEANINGS:
                self.meanings.pop(next(iter(self.meanings)), None)
        return known

    def shelf(self, tx: Transaction, stored: StoredExam, as_of: date) -> Shelf:
        """The bank of an exam on a day, read and prepared once for each process, day and parameter version."""
        at = (stored.version_id, as_of, parameters.sequence_in_use(tx, stored.exam.id))
        known = self.shelves.get(at)
        if known is None:
            versions = packs.bank(tx, stored.pack_version_id)
            items = tuple(versions.values())
            used = parameters.in_use(tx, stored.exam.id)
            numbers = (
                cold_started(items, stored.exam)
                if used is None
                else completed(used.parameters, items, stored.exam)
            )
            ids = {item.id: version_id for version_id, item in versions.items()}
            bank = bank_of(items, stored.exam, as_of, numbers)
            labels = {item.id: label_of(item) for item in items if item.domain}
            known = Shelf(bank, ids, {item.id: item for item in items}, labels)
            for old in [key for key in self.shelves if key[0] == stored.version_id or key[1] != as_of]:
                self.shelves.pop(old, None)  # another thread may have been first
            self.shelves[at] = known
        return known

    def snapshot(self, tx: Transaction, bank: Bank, who: Person | None, now: datetime) -> Snapshot:
        """All that decides the next form from this bank for this candidate, but the seed.

        Items that they are about to be asked in an assigned exam are kept away from as those that they have seen.
        """
        uses = forms.uses(tx, bank.exam.id)
        seen = {*forms.seen(tx, who.id), *withheld.items_of(tx, who.id, now).values()} if who else set()
        return Snapshot(
            bank=bank,
            as_of=now.date(),
            seen=tuple(sorted(seen)),
            exposure={item_id: use.forms for item_id, use in uses.items()},
            answered={item_id: use.answered for item_id, use in uses.items()},
        )

    def cookie_name(self) -> str:
        """The name of the session cookie; the prefix makes browsers refuse it from anywhere but this very host."""
        return "__Host-cutscore" if self.settings.secure_cookies else "cutscore"


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
