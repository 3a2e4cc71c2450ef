"""What practice and study share: the items that a candidate may be asked now, and the caches of what they have met.

The caches follow the log of answers. Whoever shows them brings them up to date first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from app.errors import Missing
from app.exam import study_events
from app.exam.attempt import Attempt, AttemptKind, Ending, deal
from app.exam.clock import State
from app.exam.item import Item
from app.exam.pack import TUTORIAL
from app.exam.practice import Standing
from app.exam.practice_set import PracticeSet
from app.exam.readiness import predictions
from app.exam.regrade import Correction, standing
from app.exam.reserve import Reserve, reserve_of
from app.exam.siblings import siblings
from app.exam.study_day import day_of
from app.exam.study_events import NOTHING, Event, Progress
from app.pages.depends import Site
from app.psychometrics.prediction import Prediction
from app.store import (
    attempts,
    observations,
    packs,
    parameters,
    practice,
    readiness,
    scores,
    study,
    study_log,
)
from app.store.database import Transaction
from app.store.observations import Sat
from app.store.packs import StoredExam
from app.store.practice import NewSet
from app.store.study_log import Given


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
    """Those of some item versions that are on a mock of a candidate that is open, or about the same as one on it."""
    on_mock = {
        at.item_version_id
        for one in attempts.unfinished(tx, person_id)
        if one.kind is AttemptKind.MOCK and one.clock.state(now) is not State.FINAL
        for at in one.sheet.items
    }
    if not on_mock:
        return frozenset()
    whole = site.whole_items(tx, [*on_mock, *version_ids])
    names = {whole[version_id].id for version_id in on_mock}
    barred = names.union(*(whole[version_id].enemies for version_id in on_mock))
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


# The caches ----------------------------------------


def bring_up_to_date(site: Site, person_id: int, now: datetime) -> None:
    """Close what has run out, and take in what has happened since the caches were made."""
    with site.database.reading() as tx:
        what = study.behind(tx, person_id)
        if not (what.whole or what.attempt_ids or _run_out(tx, person_id, now) or _over(tx, person_id, now)):
            return
    with site.database.writing() as tx:
        for one in _run_out(tx, person_id, now):
            scores.close(tx, one, Ending.TIME, now)
        ended = [
            one for one in _over(tx, person_id, now) if practice.end(tx, one.id, one.over_at(now) or now)
        ]
        what = study.behind(tx, person_id)
        given = list(study_log.in_attempts(tx, person_id, what.attempt_ids)) if what.attempt_ids else []
        for done in ended:
            if not done.at_once:  # otherwise each answer was taken in when it was given
                given += study_log.in_practice(tx, person_id, done.id)
        take_in(tx, site, person_id, given, whole=what.whole)
        study.taken_in(tx, person_id, what)


def _run_out(tx: Transaction, person_id: int, now: datetime) -> list[Attempt]:
    return [one for one in attempts.unfinished(tx, person_id) if one.clock.state(now) is State.FINAL]


def _over(tx: Transaction, person_id: int, now: datetime) -> list[PracticeSet]:
    return [one for one in practice.not_ended(tx, person_id) if one.over_at(now) is not None]


def take_in(
    tx: Transaction, site: Site, person_id: int, given: Iterable[Given], *, whole: bool = False
) -> None:
    """Let answers change the caches. When some are older than what is in them, they are made anew."""
    events, before = _events(tx, site, given), study.progress(tx, person_id)
    latest = max((one.last_at for one in before.met.values()), default=None)
    if whole or (latest is not None and events and events[0].at < latest):
        events = _events(
            tx, site, [*study_log.in_attempts(tx, person_id), *study_log.in_practice(tx, person_id)]
        )
        study.forget(tx, person_id)
        before = NOTHING
    plan = study.plan(tx, person_id)
    day = partial(day_of, zone=plan.time_zone, starts=plan.day_starts)
    study.put(tx, person_id, before, study_events.after(before, events, day))


def keys_of(tx: Transaction, site: Site, version_ids: Iterable[int]) -> dict[int, frozenset[str] | None]:
    """The key that holds for each item version; None: it is withdrawn."""
    ids = sorted(set(version_ids))
    keys: dict[int, frozenset[str] | None] = {
        version_id: item.key for version_id, item in site.whole_items(tx, ids).items()
    }
    return keys | {version_id: one.key for version_id, one in standing(scores.corrections(tx, ids)).items()}


def _events(tx: Transaction, site: Site, given: Iterable[Given]) -> list[Event]:
    """What was given as events, oldest first, by the keys that hold now."""
    listed = sorted(given, key=lambda one: (one.at, not one.in_mock, one.item_version_id))
    numbers = study_log.items_of(tx, (one.item_version_id for one in listed))
    keys = keys_of(tx, site, numbers)

    def right(one: Given) -> bool | None:
        key = keys[one.item_version_id]
        return None if one.choice is None or key is None else set(one.choice) == key

    return [
        Event(
            one.at,
            numbers[one.item_version_id],
            numbers[one.item_version_id] if one.card is None else one.card,
            right(one),
            one.confidence,
            one.in_mock,
        )
        for one in listed
    ]


# Readiness ----------------------------------------


@dataclass(frozen=True, slots=True)
class Readiness:
    """The chance of passing a fresh form after one mock; with a chance of 80 % it lies between `low` and `high`."""

    attempt_id: int
    at: datetime
    probability: float
    low: float
    high: float


def readiness_of(site: Site, person_id: int, exam_id: str) -> tuple[Readiness, ...]:
    """Readiness after each strict mock of an exam, oldest first; worked out once for each score."""
    with site.database.reading() as tx:
        sat = observations.of_person(tx, person_id, exam_id)
        kept = readiness.known(tx, [one.attempt_id for one in sat])
        lacking = [one for one in sat if _sequence(kept, one) != one.sequence]
        made = _predicted(tx, person_id, exam_id, sat) if lacking else []
    if made:
        with site.database.writing() as tx:
            readiness.put(tx, made)
        with site.database.reading() as tx:
            kept = readiness.known(tx, [one.attempt_id for one in sat])
    return tuple(
        Readiness(one.attempt_id, one.started_at, found.probability, found.low, found.high)
        for one in sat
        if (found := kept[one.attempt_id])
        and found.probability is not None
        and found.low is not None
        and found.high is not None
    )


def _sequence(kept: Mapping[int, readiness.Kept], one: Sat) -> int:
    found = kept.get(one.attempt_id)
    return 0 if found is None else found.sequence


def _predicted(
    tx: Transaction, person_id: int, exam_id: str, sat: Sequence[Sat]
) -> list[tuple[int, int, Prediction | None]]:
    last = sat[-1]
    order = [one for one in sat if one.started_at < last.started_at or one is last]
    evidence = observations.evidence(tx, person_id, exam_id, last.attempt_id)
    labels = {one.form.parameters for one in evidence}
    known = {label: parameters.of_label(tx, exam_id, label) for label in labels}
    usable = [
        (one, seen, version.parameters)
        for one, seen in zip(order, evidence, strict=True)
        if (version := known[seen.form.parameters]) is not None
    ]
    made = predictions([seen for _, seen, _ in usable], [numbers for _, _, numbers in usable])
    told = {one.attempt_id: prediction for (one, _, _), prediction in zip(usable, made, strict=True)}
    return [(one.attempt_id, one.sequence, told.get(one.attempt_id)) for one in sat]
