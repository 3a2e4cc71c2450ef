"""A loaded database with one form in it, and quick ways to people and attempts: what the store's tests start from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from app.exam.attempt import Attempt, AttemptKind, Sheet, deal
from app.exam.clock import TimeOption
from app.exam.form import Form, assemble, bank_of
from app.exam.parameters import cold_started
from app.exam.person import Role
from app.exam.snapshot import Snapshot
from app.store import attempts, forms, packs, people
from app.store.attempts import NewAttempt
from app.store.database import Database, Transaction
from app.store.responses import Incoming, Saved, Sheets, save_all
from tests import packs as synthetic
from tests.packs import NOON, SHORT

LIFETIME = timedelta(days=30)
_numbers = count(1)


@dataclass(frozen=True)
class Someone:
    """A person who is logged in."""

    id: int
    session_sha256: str


@dataclass
class Bench:
    """A database with the synthetic pack and one form."""

    database: Database
    form_id: int
    form: Form
    sheet: Sheet

    def someone(self) -> Someone:
        """A new person."""
        token = hashlib.sha256(f"bench{next(_numbers)}".encode()).hexdigest()
        with self.database.writing() as tx:
            who = people.add(tx, name=None, password_hash=None, role=Role.CANDIDATE, is_guest=True, now=NOON)
            people.open_session(tx, who.id, token, "", NOON, LIFETIME)
        return Someone(who.id, token)

    def start(self, who: Someone, *, pausable: bool = False, kind: AttemptKind = AttemptKind.MOCK) -> Attempt:
        """A new attempt of two minutes and a minute of grace."""
        with self.database.writing() as tx:
            made = attempts.start(tx, self.new(who, pausable=pausable, kind=kind), NOON)
            return attempts.get(tx, made, who.id)

    def new(
        self, who: Someone, *, pausable: bool = False, kind: AttemptKind = AttemptKind.MOCK
    ) -> NewAttempt:
        """What is known at the start."""
        return NewAttempt(
            person_id=who.id,
            exam_id=SHORT,
            form_id=self.form_id,
            kind=kind,
            seed=1,
            sheet=self.sheet,
            time_option=TimeOption.STANDARD,
            allowed=timedelta(minutes=2),
            grace_seconds=60,
            pausable=pausable,
            expected=None,
        )

    def tokens(self, position: int, places: Iterable[int]) -> tuple[str, ...]:
        """The tokens of the options at these places of a position."""
        options = self.sheet.at(position).options
        return tuple(options[place].token for place in places)

    def save(self, *group: Incoming) -> list[Saved]:
        """Save a group that nothing of is refused."""
        with self.database.writing() as tx:
            answers = save_all(tx, group, Sheets())
        for answer in answers:
            assert isinstance(answer, Saved), answer
        return [answer for answer in answers if isinstance(answer, Saved)]


def open_bench(database: Database) -> Bench:
    """Load the pack and store a form."""
    with database.writing() as tx:
        synthetic.load(tx, synthetic.pack())
        form, form_id, sheet = add_form(tx, seed=7)
    return Bench(database, form_id, form, sheet)


def snapshot(tx: Transaction, exam_id: str = SHORT, **known: object) -> tuple[Snapshot, dict[str, int], int]:
    """A snapshot of the bank as it is stored, the item versions by id, and the exam version."""
    stored = packs.exam(tx, exam_id)
    versions = packs.bank(tx, stored.pack_version_id)
    parameters = cold_started(versions.values(), stored.exam)
    bank = bank_of(versions.values(), stored.exam, NOON.date(), parameters)
    ids = {item.id: version_id for version_id, item in versions.items()}
    return Snapshot(bank, NOON.date(), **known), ids, stored.version_id  # type: ignore[arg-type]  # by name


def add_form(tx: Transaction, seed: int, exam_id: str = SHORT) -> tuple[Form, int, Sheet]:
    """Assemble a form, store it, deal its sheet."""
    made, ids, version_id = snapshot(tx, exam_id)
    form = assemble(made, seed)
    form_id = forms.add(tx, form, made, version_id, [ids[at.id] for at in form.positions], NOON)
    assert form_id is not None
    items = packs.items(tx, [ids[at.id] for at in form.positions])
    return form, form_id, deal([(ids[at.id], items[ids[at.id]]) for at in form.positions], seed)


def incoming(
    who: Someone,
    attempt_id: int,
    position: int,
    choice: Iterable[str],
    at: datetime = NOON,
    **changes: object,
) -> Incoming:
    """A save, from a tab of its own unless told otherwise."""
    number = next(_numbers)
    plain = {
        "session_sha256": who.session_sha256,
        "attempt_id": attempt_id,
        "position": position,
        "choice": tuple(choice),
        "struck": (),
        "flagged": False,
        "highlights": (),
        "confidence": None,
        "seen": True,
        "elapsed_ms": 0,
        "client_id": f"tab{number}",
        "client_seq": 1,
        "idempotency_key": f"key{number}",
        "base_rev": 0,
        "at": at,
    }
    return Incoming(**{**plain, **changes})  # type: ignore[arg-type]  # fields of Incoming, by name
