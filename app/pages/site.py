"""The site: what one server process holds. Its settings, database and clock, and caches of what never changes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from app.errors import Busy
from app.exam.faults import Fault
from app.exam.gains import LabelledReference, label_of, labelled
from app.exam.item import Item
from app.exam.meaning import PRIOR, Meaning
from app.exam.parameter_version import ParameterVersion
from app.exam.parameters import cold_started, completed
from app.exam.person import Person
from app.exam.score import Score
from app.exam.snapshot import Bank, Snapshot, bank_of
from app.pages.group_commit import Bucket
from app.pages.render import ItemHtml, item_html
from app.pages.tally import Tally
from app.pages.turns import Turns
from app.settings import Settings
from app.store import forms, packs, parameters, scores, withheld
from app.store.database import Database, Transaction
from app.store.packs import StoredExam
from app.store.responses import Sheets

LARGEST_STEP = timedelta(seconds=30)
NEWCOMERS_A_DAY = 300
TRIES, SHORTEST_PAUSE = 4, 0.01
"""How often a write is tried before the last time, and seconds; each pause may be twice as long as the one before."""
MOST_MEANINGS = 300
"""Each takes 35 to 90 KB: who comes back to a report soon finds it made."""
MOST_SCORES = 5_000
"""Each takes 3 KB: the members of some large cohorts."""
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
    references: dict[str, LabelledReference] = field(default_factory=dict)

    def reference(self, measured: ParameterVersion) -> LabelledReference:
        """The reference of a parameter version with these items by place."""
        known = self.references.get(measured.parameters.label)
        if known is None:
            labels = {item.id: label_of(item) for item in self.items.values() if item.domain}
            known = labelled(measured.parameters.reference, labels, PRIOR.nodes)
            self.references[measured.parameters.label] = known
        return known


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
    scores: dict[tuple[int, int], Score] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.started_at = self.clock.now()
        self.turns = Turns(self.settings.jobs)

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

    def short_scores(self, tx: Transaction, attempt_ids: list[int]) -> dict[int, Score]:
        """The scores that hold for attempts, without topics: a stored score never changes, so each is read once for
        each process. Those without one are not named."""
        holding = scores.sequences(tx, attempt_ids)
        found = {at[0]: self.scores[at] for at in holding.items() if at in self.scores}
        unknown = [attempt_id for attempt_id in holding if attempt_id not in found]
        for attempt_id, stored in scores.latest(tx, unknown, topics=False).items():
            found[attempt_id] = self.scores[attempt_id, stored.sequence] = stored.score
        while len(self.scores) > MOST_SCORES:
            self.scores.pop(next(iter(self.scores)), None)
        return found

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
            known = Shelf(bank, ids, {item.id: item for item in items})
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
