"""The caches of what a candidate has met and is to repeat, and of their readiness: they follow the log of answers.

Whoever shows them brings them up to date first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from app.exam import study_events
from app.exam.attempt import Attempt, Ending
from app.exam.clock import State
from app.exam.meaning import RECENT
from app.exam.practice_set import PracticeSet
from app.exam.readiness import predictions
from app.exam.regrade import standing
from app.exam.study_day import day_of
from app.exam.study_events import NOTHING, Event, Progress
from app.pages.site import Site
from app.psychometrics.prediction import Prediction
from app.store import (
    attempts,
    observations,
    parameters,
    practice,
    readiness,
    scores,
    study,
    study_log,
    withheld,
)
from app.store.database import Transaction
from app.store.observations import Sat
from app.store.readiness import Kept
from app.store.study import Behind
from app.store.study_log import Given

MOST_TRIES = 5


def bring_up_to_date(site: Site, person_id: int, now: datetime) -> None:
    """Close what has run out, and take in what has happened since the caches were made.

    All is worked out before the writer is asked for: it is held for some hundred rows at most. When somebody else
    wrote in between, it is worked out again.
    """
    _close_what_is_over(site, person_id, now)
    for _ in range(MOST_TRIES):
        with site.database.reading() as tx:
            held = withheld.attempts_of(tx, person_id, now)
            what = study.behind(tx, person_id, held)
            if not (what.whole or what.attempt_ids):
                return
            before = study.progress(tx, person_id)
            made = _made(tx, site, person_id, before, what, held)
        with site.database.writing() as tx:
            study.hold(tx, person_id)
            if study.behind(tx, person_id, held) == what and study.progress(tx, person_id) == before:
                study.put(tx, person_id, before, made)
                study.taken_in(tx, person_id, what)
                return


def _close_what_is_over(site: Site, person_id: int, now: datetime) -> None:
    with site.database.reading() as tx:
        if not (_run_out(tx, person_id, now) or _over(tx, person_id, now)):
            return
    with site.database.writing() as tx:
        for one in _run_out(tx, person_id, now):
            scores.close(tx, one, Ending.TIME, now)
        for done in _over(tx, person_id, now):
            end_set(tx, site, done, now)


def end_set(tx: Transaction, site: Site, one: PracticeSet, now: datetime) -> None:
    """End a set, once; answers that could be changed until now are taken in."""
    if practice.end(tx, one.id, one.over_at(now) or now) and not one.at_once:
        take_in(tx, site, one.person_id, study_log.in_practice(tx, one.person_id, one.id))


def _run_out(tx: Transaction, person_id: int, now: datetime) -> list[Attempt]:
    return [one for one in attempts.unfinished(tx, person_id) if one.clock.state(now) is State.FINAL]


def _over(tx: Transaction, person_id: int, now: datetime) -> list[PracticeSet]:
    return [one for one in practice.not_ended(tx, person_id) if one.over_at(now) is not None]


def _made(
    tx: Transaction, site: Site, person_id: int, before: Progress, what: Behind, held: Collection[int]
) -> Progress:
    """The caches with what they lack; made anew when that is older than what is in them."""
    if not what.whole:
        events = _events(tx, site, study_log.in_attempts(tx, person_id, what.attempt_ids))
        if _is_newer(events, before):
            return study_events.after(before, events, _days(tx, person_id))
    everything = [*study_log.in_attempts(tx, person_id, held=held), *study_log.in_practice(tx, person_id)]
    return study_events.after(NOTHING, _events(tx, site, everything), _days(tx, person_id))


def take_in(tx: Transaction, site: Site, person_id: int, given: Iterable[Given]) -> None:
    """Let answers change the caches. When they are older than what is in them, these are to be made anew."""
    study.hold(tx, person_id)
    events, before = _events(tx, site, given), study.progress(tx, person_id)
    if _is_newer(events, before):
        study.put(tx, person_id, before, study_events.after(before, events, _days(tx, person_id)))
    else:
        study.out_of_date(tx, person_id)


def _is_newer(events: Sequence[Event], before: Progress) -> bool:
    latest = max((one.last_at for one in before.met.values()), default=None)
    return latest is None or not events or events[0].at >= latest


def _days(tx: Transaction, person_id: int) -> Callable[[datetime], date]:
    plan = study.plan(tx, person_id)
    return partial(day_of, zone=plan.time_zone, starts=plan.day_starts)


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


def readiness_of(site: Site, person_id: int, exam_id: str, now: datetime) -> tuple[Readiness, ...]:
    """Readiness after each strict mock of an exam, oldest first; worked out once for each score."""
    with site.database.reading() as tx:
        held = withheld.attempts_of(tx, person_id, now)
        sat = [one for one in observations.of_person(tx, person_id, exam_id) if one.attempt_id not in held]
        kept = readiness.known(tx, [one.attempt_id for one in sat])
        lacking = [one for one in sat if _sequence(kept, one) != one.sequence]
        made = _predicted(tx, person_id, exam_id, sat, held, lacking[0]) if lacking else []
    if (
        made and not held
    ):  # while results are held back, what rests on the others is told for the time being only
        with site.database.writing() as tx:
            readiness.put(tx, made)
    kept |= {one.attempt_id: one for one in made}
    return tuple(
        Readiness(one.attempt_id, one.started_at, found.probability, found.low, found.high)
        for one in sat
        if (found := kept[one.attempt_id])
        and found.probability is not None
        and found.low is not None
        and found.high is not None
    )


def _sequence(kept: Mapping[int, Kept], one: Sat) -> int:
    found = kept.get(one.attempt_id)
    return 0 if found is None else found.sequence


def _predicted(
    tx: Transaction, person_id: int, exam_id: str, sat: Sequence[Sat], held: Collection[int], first: Sat
) -> list[Kept]:
    """The readiness after the first mock that lacks it and after all that follow: each rests on the RECENT before it,
    so what came earlier is as it was, and is not read."""
    last = sat[-1]
    order = [one for one in sat if one.started_at < last.started_at or one is last]
    order = order[max(0, sum(one.started_at < first.started_at for one in order) - RECENT) :]
    evidence = observations.evidence(tx, person_id, exam_id, last.attempt_id, held, most=len(order) - 1)
    labels = {one.form.parameters for one in evidence}
    known = {label: parameters.of_label(tx, exam_id, label) for label in labels}
    usable = [
        (one, seen, version.parameters)
        for one, seen in zip(order, evidence, strict=True)
        if (version := known[seen.form.parameters]) is not None
    ]
    made = predictions([seen for _, seen, _ in usable], [numbers for _, _, numbers in usable])
    told = {one.attempt_id: prediction for (one, _, _), prediction in zip(usable, made, strict=True)}
    return [_kept(one, told.get(one.attempt_id)) for one in sat if one.started_at >= first.started_at]


def _kept(one: Sat, found: Prediction | None) -> Kept:
    if found is None:
        return Kept(one.attempt_id, one.sequence, None, None, None)
    return Kept(one.attempt_id, one.sequence, found.probability, found.low, found.high)
