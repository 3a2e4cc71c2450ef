"""What practice and study share: the items that a candidate may be asked now, how they stand to each, the deal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.errors import Missing
from app.exam.attempt import AttemptKind, deal
from app.exam.clock import State
from app.exam.item import Item
from app.exam.pack import TUTORIAL
from app.exam.practice import Standing
from app.exam.regrade import Correction, standing
from app.exam.reserve import Reserve, reserve_of
from app.exam.siblings import siblings
from app.exam.study_events import Progress
from app.pages.site import Site
from app.store import (
    attempts,
    packs,
    practice,
    scores,
    study,
    withheld,
)
from app.store.database import Transaction
from app.store.packs import StoredExam
from app.store.practice import NewSet

MOST_TRIES = 5


@dataclass(frozen=True, slots=True)
class Desk:
    """All that practice of one exam starts from, for one candidate at one time; items by the author's id.

    `items` may be asked: ready, not withdrawn, and not on (or about the same as anything on) a mock of theirs that is
    open; `withheld` counts those that only that mock keeps back. `numbers` are the store's, `version_ids` too.
    """

    stored: StoredExam
    items: Mapping[str, Item]
    withheld: int
    version_ids: Mapping[str, int]
    numbers: Mapping[str, int]
    progress: Progress
    standings: Mapping[str, Standing]
    family: Mapping[str, frozenset[str]]
    weights: Mapping[str, float]
    reserve: Reserve

    @property
    def last_met(self) -> dict[str, datetime]:
        """When each item was met last."""
        met = self.progress.met
        return {name: met[number].last_at for name, number in self.numbers.items() if number in met}


def exams_of(tx: Transaction) -> tuple[StoredExam, ...]:
    """The exams that can be practised for."""
    return tuple(stored for stored in packs.exams(tx) if stored.exam.id != TUTORIAL)


def exam_named(known: Iterable[StoredExam], exam_id: str) -> StoredExam:
    """The exam that is asked for, the first one when none is. Raises Missing."""
    for stored in known:
        if exam_id in ("", stored.exam.id):
            return stored
    raise Missing("There is no such exam.")


def desk(tx: Transaction, site: Site, stored: StoredExam, person_id: int, now: datetime) -> Desk:
    """What a candidate may practise for an exam."""
    shelf = site.shelf(tx, stored, now.date())
    bank = shelf.bank.items
    names = study.names_of(tx, stored.pack_version_id)
    numbers = {name: number for number, name in names.items() if name in shelf.items}
    back = kept_back(tx, site, person_id, [shelf.version_ids[one.id] for one in bank], now)
    corrected = standing(scores.corrections(tx, [shelf.version_ids[one.id] for one in bank]))
    asked = [one for one in bank if _holds(corrected.get(shelf.version_ids[one.id]))]
    free = [one for one in asked if shelf.version_ids[one.id] not in back]
    progress = study.progress(tx, person_id)
    met = {name for name, number in numbers.items() if number in progress.met}
    practised = sum(not progress.met[numbers[one.id]].in_mock for one in bank if one.id in met)
    size = Counter(one.domain for one in asked)
    return Desk(
        stored=stored,
        items={one.id: shelf.items[one.id] for one in free},
        withheld=len(asked) - len(free),
        version_ids=shelf.version_ids,
        numbers=numbers,
        progress=progress,
        standings={one.id: _standing(progress, numbers[one.id]) for one in bank},
        family=siblings(shelf.items.values()),
        weights={one.id: stored.exam.blueprint[one.domain] / size[one.domain] for one in asked},
        reserve=reserve_of(stored.exam, stored.domains, free, met, practised),
    )


def _holds(correction: Correction | None) -> bool:
    return correction is None or correction.key is not None


def _standing(progress: Progress, number: int) -> Standing:
    known = progress.met.get(number)
    if known is None:
        return Standing.NEW
    return Standing.MISSED if known.right is False else Standing.MET


def kept_back(
    tx: Transaction, site: Site, person_id: int, version_ids: Sequence[int], now: datetime
) -> frozenset[int]:
    """Those of some item versions that are on a mock of a candidate that is open, or about the same as one on it, and
    those whose results are held back or that are about to be asked."""
    on_mock = {
        at.item_version_id
        for one in attempts.unfinished(tx, person_id)
        if one.kind is AttemptKind.MOCK and one.clock.state(now) is not State.FINAL
        for at in one.sheet.items
    }
    held = set(withheld.items_of(tx, person_id, now).values())
    if not on_mock and not held:
        return frozenset()
    whole = site.whole_items(tx, [*on_mock, *version_ids])
    names = {whole[version_id].id for version_id in on_mock}
    barred = names.union(held, *(whole[version_id].enemies for version_id in on_mock))
    return frozenset(
        version_id
        for version_id in version_ids
        if whole[version_id].id in barred or names & set(whole[version_id].enemies)
    )


def deal_set(
    tx: Transaction, held: Desk, asked: Sequence[tuple[str, str]], new: NewSet, now: datetime
) -> int:
    """Store a set of (item, item whose card it is for), with options shuffled anew; its id."""
    sheet = deal([(held.version_ids[name], held.items[name]) for name, _ in asked], new.seed)
    cards = tuple(held.numbers[card] for _, card in asked)
    return practice.start(tx, replace(new, sheet=sheet, cards=cards), now)
