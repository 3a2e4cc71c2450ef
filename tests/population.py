"""Simulated candidates, put into a database as if they had sat: for pages and calculations that need many attempts.

Everything goes through the rules of the program (assembly, sheets, scoring); only the saves are written in bulk.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import exp
from typing import Any

from sqlalchemy import insert

from app.exam.attempt import Attempt, AttemptKind, Confidence, Ending, Marks, SheetItem, deal
from app.exam.clock import TimeOption
from app.exam.form import assemble
from app.exam.item import Item
from app.exam.person import Role
from app.pages.site import Site
from app.settings import Settings
from app.store import attempts, forms, packs, people, scores, tables
from app.store.attempts import NewAttempt
from app.store.database import Database, Transaction

SECONDS = 105.0
QUICKEST, SLOWEST = 0.6, 1.5


@dataclass
class Population:
    """Candidates of one exam. `seed` decides everything; `start` is when the first of them begins; `seconds` is what
    an item takes most of them.

    The truth is not what the bank believes: locations are off by a normal error, slopes by a lognormal one.
    """

    database: Database
    exam_id: str
    seed: int = 1
    start: datetime = field(default_factory=lambda: datetime.fromisoformat("2026-09-01T08:00:00+00:00"))
    seconds: float = SECONDS

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._truth: dict[str, tuple[float, float]] = {}
        self._site = Site(Settings(database_url=self.database.url), self.database)

    def sit(self, count: int, mocks: int = 1, together: int = 50) -> list[int]:
        """Let `count` new candidates sit `mocks` exams each; the ids of the attempts."""
        done: list[int] = []
        while len(done) < count * mocks:
            with self.database.writing() as tx:
                for _ in range(min(together, count - len(done) // mocks)):
                    done += self._candidate(tx, mocks, len(done))
        return done

    def _candidate(self, tx: Transaction, mocks: int, number: int) -> list[int]:
        theta = self._random.gauss(0.1, 1.0)
        pace = exp(self._random.gauss(0, 0.25))
        now = self.start + timedelta(minutes=17 * number)
        who = people.add(
            tx,
            name=f"candidate-{self.seed}-{number}",
            password_hash=None,
            role=Role.CANDIDATE,
            is_guest=False,
            now=now,
        )
        made = []
        for mock in range(mocks):
            at = now + timedelta(days=7 * mock)
            one = self._start(tx, who.id, at)
            ended = self._answer(tx, one, theta + 0.2 * mock, pace, at)
            scores.close(tx, one, Ending.SUBMITTED, ended)
            made.append(one.id)
        return made

    def _start(self, tx: Transaction, person_id: int, now: datetime) -> Attempt:
        stored = packs.exam(tx, self.exam_id)
        shelf = self._site.shelf(tx, stored, now.date())
        with_history = self._site.snapshot(tx, shelf.bank, people.get(tx, person_id), now)
        while True:
            form = assemble(with_history, self._random.getrandbits(50))
            version_ids = [shelf.version_ids[at.id] for at in form.positions]
            form_id = forms.add(tx, form, with_history, stored.version_id, version_ids, now)
            if form_id is not None:
                break
        seed = self._random.getrandbits(50)
        new = NewAttempt(
            person_id=person_id,
            exam_id=self.exam_id,
            form_id=form_id,
            kind=AttemptKind.MOCK,
            seed=seed,
            sheet=deal([(shelf.version_ids[at.id], shelf.items[at.id]) for at in form.positions], seed),
            time_option=TimeOption.STANDARD,
            allowed=timedelta(minutes=stored.exam.minutes),
            grace_seconds=stored.exam.grace_seconds,
            pausable=False,
            expected=round(self._random.uniform(0.2, 0.9), 2),
        )
        self._form, self._shelf, self._minutes = form, shelf, stored.exam.minutes
        return attempts.get(tx, attempts.start(tx, new, now), person_id)

    def _answer(self, tx: Transaction, one: Attempt, theta: float, pace: float, now: datetime) -> datetime:
        left, rows, events = self._minutes * 60.0, [], []
        for place, at in zip(self._form.positions, one.sheet.items, strict=True):
            seconds = self.seconds * pace * exp(self._random.gauss(0, 0.45))
            if seconds > left:
                break
            left -= seconds
            a, b = self._true(place.id, place.a, place.b)
            right = self._random.random() < place.c + (1 - place.c) / (1 + exp(-a * (theta - b)))
            item = self._shelf.items[place.id]
            choice = sorted(item.key) if right else self._mistake(item, at)
            changed = self._random.random() < 0.08
            sure = Confidence.SURE if right or self._random.random() < 0.3 else Confidence.GUESSING
            marks = Marks(
                flagged=self._random.random() < 0.1,
                confidence=sure if self._random.random() < 0.6 else None,
                seen=True,
                elapsed_ms=int(seconds * 1000),
            ).plain()
            saved = now + timedelta(seconds=self._minutes * 60 - left)
            first = [self._mistake(item, at)] * changed
            for rev, chosen in enumerate([*first, choice], 1):
                events.append(_event(one.id, place.number, rev, chosen, marks, saved))
            rows.append(
                {
                    "attempt_id": one.id,
                    "position": place.number,
                    "rev": 1 + changed,
                    "choice": choice,
                    "marks": marks,
                    "client_id": "simulated",
                    "client_seq": place.number * 10 + 1 + changed,
                }
            )
        tx.execute(insert(tables.response_event), events)
        tx.execute(insert(tables.response), rows)
        return now + timedelta(seconds=self._minutes * 60 - left)

    def _true(self, item_id: str, a: float, b: float) -> tuple[float, float]:
        """What an item is really like: drawn once, by its name, whoever meets it first."""
        if item_id not in self._truth:
            source = random.Random(f"{self.seed}:{item_id}")
            self._truth[item_id] = (a * exp(source.gauss(0, 0.25)), b + source.gauss(0, 0.6))
        return self._truth[item_id]

    def _mistake(self, item: Item, at: SheetItem) -> list[str]:
        """So many options as are asked for, not the key; each item has a distractor that draws most."""
        names = sorted(option.id for option in item.options)
        weights = [random.Random(f"{self.seed}:{item.id}:{name}").uniform(0.2, 1.0) for name in names]
        while True:
            chosen = sorted(set(self._random.choices(names, weights, k=at.select)))
            if len(chosen) == at.select and frozenset(chosen) != item.key:
                return chosen


def _event(
    attempt_id: int, position: int, rev: int, choice: Sequence[str], marks: dict[str, Any], at: datetime
) -> dict[str, Any]:
    return {
        "attempt_id": attempt_id,
        "position": position,
        "client_id": "simulated",
        "client_seq": position * 10 + rev,
        "idempotency_key": f"{attempt_id}-{position}-{rev}",
        "base_rev": rev - 1,
        "outcome": "accepted",
        "rev": rev,
        "choice": list(choice),
        "marks": marks,
        "at": at,
    }
