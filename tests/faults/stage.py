"""The stage of a run: a database with a pack, and seats, each an attempt that somebody is logged in for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.exam.attempt import AttemptKind, SheetItem
from app.exam.clock import TimeOption
from app.exam.pack import Cut, MultipleAnswer
from app.exam.person import Role
from app.pages.depends import hash_token
from app.store import attempts, people
from app.store.attempts import NewAttempt
from app.store.database import Database
from tests import packs
from tests.packs import SHORT
from tests.store.bench import add_form

FORMS = 4
LONG = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Seat:
    """An attempt that is open, and the token of the browser that it is sat in."""

    attempt_id: int
    token: str
    items: tuple[SheetItem, ...]


def fill(url: str, seats: int) -> list[Seat]:
    """Load a pack of 48 items, make a few forms of 20, and start an attempt on one of them for each seat."""
    exam = packs.exam(
        SHORT, items=20, minutes=600, cut=Cut(10.5, "for the tests"), multiple_answer=MultipleAnswer(3, 10)
    )
    now = datetime.now(UTC)
    database = Database(url, pool_size=1)
    with database.writing() as tx:
        packs.load(tx, packs.pack(48, exams=[exam]))
        forms = [add_form(tx, seed) for seed in range(FORMS)]
        made = []
        for number in range(seats):
            _, form_id, sheet = forms[number % FORMS]
            who = people.add(tx, name=None, password_hash=None, role=Role.CANDIDATE, is_guest=True, now=now)
            token = f"seat-{number}"
            people.open_session(tx, who.id, hash_token(token), "", now, LONG)
            new = NewAttempt(
                person_id=who.id,
                exam_id=SHORT,
                form_id=form_id,
                kind=AttemptKind.MOCK,
                seed=number,
                sheet=sheet,
                time_option=TimeOption.STANDARD,
                allowed=LONG,
                grace_seconds=60,
                pausable=False,
                expected=None,
            )
            made.append(Seat(attempts.start(tx, new, now), token, sheet.items))
    database.close()
    return made
