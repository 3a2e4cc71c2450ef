"""Observations: what candidates did on the items of strict mocks that were scored. Calibration and item analysis
read nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from app.exam.attempt import AttemptKind, Marks, marks_from_plain
from app.exam.clock import TimeOption
from app.exam.form import form_from_canonical
from app.exam.meaning import RECENT, Evidence
from app.exam.observation import Observation, ObservedAttempt, Others
from app.exam.score import Mark
from app.store.tables import (
    attempt,
    form,
    item,
    item_version,
    practice_meeting,
    practice_set,
    response,
    score,
)

BATCH = 200


@dataclass(frozen=True, slots=True)
class Sat:
    """A strict mock that was scored, and the number of the score that holds."""

    attempt_id: int
    started_at: datetime
    sequence: int


_STRICT = (
    (attempt.c.kind == AttemptKind.MOCK.value)
    & attempt.c.pausable.is_(False)
    & (attempt.c.time_option != TimeOption.UNTIMED.value)
)
_IS_SCORED = select(score.c.id).where(score.c.attempt_id == attempt.c.id).exists()
_SAT = (
    select(attempt.c.id)
    .where(attempt.c.exam_id == bindparam("exam_id"), _STRICT, _IS_SCORED)
    .order_by(attempt.c.started_at, attempt.c.id)
)
_SOME = select(func.count()).select_from(
    select(attempt.c.id)
    .where(attempt.c.exam_id == bindparam("exam_id"), _STRICT, _IS_SCORED)
    .limit(bindparam("most"))
    .subquery()
)
_LAST = score.alias()
_IS_LATEST = (
    score.c.sequence
    == select(func.max(_LAST.c.sequence)).where(_LAST.c.attempt_id == attempt.c.id).scalar_subquery()
)
"""The score that holds. Asked of each attempt by itself: grouped, the scores of all attempts would be looked at."""
_SAT_BY = (
    select(attempt.c.id, attempt.c.started_at, func.max(score.c.sequence).label("sequence"))
    .join(score, score.c.attempt_id == attempt.c.id)
    .where(attempt.c.person_id == bindparam("person_id"), attempt.c.exam_id == bindparam("exam_id"), _STRICT)
    .group_by(attempt.c.id, attempt.c.started_at)
    .order_by(attempt.c.started_at, attempt.c.id)
)
_WHOLE = (
    select(
        attempt.c.id,
        attempt.c.person_id,
        attempt.c.started_at,
        attempt.c.time_option,
        attempt.c.sheet,
        form.c.document.label("form"),
        score.c.raw,
        score.c.exact,
        score.c.document.label("score"),
    )
    .join(form, form.c.id == attempt.c.form_id)
    .join(score, (score.c.attempt_id == attempt.c.id) & _IS_LATEST)
    .where(attempt.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(attempt.c.started_at, attempt.c.id)
)
_OWN = select(attempt.c.started_at).where(attempt.c.id == bindparam("attempt_id")).scalar_subquery()
_OF_PERSON = (
    select(
        attempt.c.id,
        attempt.c.started_at,
        attempt.c.sheet,
        form.c.document.label("form"),
        score.c.document.label("score"),
    )
    .join(form, form.c.id == attempt.c.form_id)
    .join(score, (score.c.attempt_id == attempt.c.id) & _IS_LATEST)
    .where(attempt.c.id.in_(bindparam("ids", expanding=True)))
)
_EARLIER = (
    select(attempt.c.id)
    .where(
        attempt.c.person_id == bindparam("person_id"),
        attempt.c.exam_id == bindparam("exam_id"),
        _STRICT,
        attempt.c.started_at < _OWN,
        attempt.c.id.not_in(bindparam("without", expanding=True)),
        _IS_SCORED,
    )
    .order_by(attempt.c.started_at.desc())
    .limit(bindparam("most"))
)
_STAMP = (
    select(func.count(attempt.c.id.distinct()), func.count(score.c.id))
    .join(score, score.c.attempt_id == attempt.c.id, isouter=True)
    .where(attempt.c.person_id == bindparam("person_id"))
)
_RESPONSES = select(response.c.attempt_id, response.c.position, response.c.choice, response.c.marks).where(
    response.c.attempt_id.in_(bindparam("ids", expanding=True))
)
_NAMES = select(item_version.c.id, item.c.code).join(item, item.c.id == item_version.c.item_id)
_NAMES_OF = _NAMES.where(item_version.c.id.in_(bindparam("ids", expanding=True)))
_MET = (
    select(attempt.c.id, attempt.c.person_id, attempt.c.started_at, attempt.c.sheet)
    .where(attempt.c.person_id.in_(bindparam("people", expanding=True)))
    .order_by(attempt.c.started_at, attempt.c.id)
)
_PRACTISED = (
    select(practice_set.c.person_id, practice_meeting.c.at, practice_meeting.c.item_version_id)
    .join(practice_set, practice_set.c.id == practice_meeting.c.set_id)
    .where(practice_set.c.person_id.in_(bindparam("people", expanding=True)))
    .order_by(practice_meeting.c.at.desc())
)


def count(tx: Connection, exam_id: str, most: int) -> int:
    """How many strict mocks of an exam were scored, counted up to `most`: to count a million takes a second."""
    counted: int = tx.execute(_SOME, {"exam_id": exam_id, "most": most}).scalar_one()
    return counted


def of_person(tx: Connection, person_id: int, exam_id: str) -> tuple[Sat, ...]:
    """A person's strict mocks of an exam that were scored, oldest first."""
    rows = tx.execute(_SAT_BY, {"person_id": person_id, "exam_id": exam_id})
    return tuple(Sat(row.id, row.started_at, row.sequence) for row in rows)


def others(tx: Connection, exam_id: str) -> Others:
    """How many attempts at an exam are none of these, and why."""
    counted: dict[str, int] = {}
    for row in tx.execute(
        select(
            attempt.c.kind, _STRICT.label("strict"), _IS_SCORED.label("scored"), func.count().label("many")
        )
        .where(attempt.c.exam_id == exam_id)
        .group_by(attempt.c.kind, _STRICT, _IS_SCORED)
    ):
        if row.kind != AttemptKind.MOCK.value:
            reason = "practice"
        elif not row.strict:
            reason = "not_strict"
        else:
            reason = "" if row.scored else "without_score"
        counted[reason] = counted.get(reason, 0) + row.many
    counted.pop("", None)
    return Others(**counted)


def read(
    tx: Connection, exam_id: str, progress: Callable[[int, int, str], None] | None = None
) -> Iterator[ObservedAttempt]:
    """Every strict mock of an exam that was scored, oldest first, some hundred at a time."""
    ids = list(tx.execute(_SAT, {"exam_id": exam_id}).scalars())
    for start in range(0, len(ids), BATCH):
        if progress is not None:
            progress(start, len(ids), "Reading attempts")
        yield from _batch(tx, ids[start : start + BATCH])


def stamp(tx: Connection, person_id: int) -> tuple[int, int]:
    """What changes whenever the evidence of a person does: how many attempts and scores they have."""
    row = tx.execute(_STAMP, {"person_id": person_id}).one()
    return row[0], row[1]


def evidence(
    tx: Connection,
    person_id: int,
    exam_id: str,
    attempt_id: int,
    without: Collection[int] = (),
    most: int = RECENT,
) -> tuple[Evidence, ...]:
    """A person's latest strict mocks of an exam that were scored and begun before an attempt, so many at `most`, and
    that attempt itself as the last, whatever its conditions. Earlier ones `without` are left out: their results do
    not show yet."""
    met = _met_before(tx, {person_id})
    asked = {"person_id": person_id, "exam_id": exam_id, "attempt_id": attempt_id}
    earlier = tx.execute(_EARLIER, asked | {"without": list(without), "most": most}).scalars()
    rows = tx.execute(_OF_PERSON, {"ids": [*earlier, attempt_id]}).all()
    names = _names_of(tx, {at["item"] for row in rows for at in row.sheet})
    return tuple(
        Evidence(
            form_from_canonical(row.form),
            tuple(Mark(mark) for mark in row.score["marks"]),
            tuple(names[at["item"]] not in met[row.id] for at in row.sheet),
            frozenset(row.score.get("dropped", ())),
        )
        for row in sorted(rows, key=lambda row: (row.id == attempt_id, row.started_at))
    )


def _names_of(tx: Connection, item_version_ids: Iterable[int]) -> dict[int, str]:
    """The author's ids of these item versions; each database connection remembers what was read over it."""
    known: dict[int, str] = tx.info.setdefault("item codes", {})
    unknown = sorted(set(item_version_ids) - known.keys())
    if unknown:
        known |= {row.id: row.code for row in tx.execute(_NAMES_OF, {"ids": unknown})}
    return known


def _batch(tx: Connection, ids: Sequence[int]) -> Iterator[ObservedAttempt]:
    given: dict[int, dict[int, tuple[tuple[str, ...], Marks]]] = {}
    for at in tx.execute(_RESPONSES, {"ids": ids}):
        given.setdefault(at.attempt_id, {})[at.position] = (tuple(at.choice), marks_from_plain(at.marks))
    rows = tx.execute(_WHOLE, {"ids": ids}).all()
    met = _met_before(tx, {row.person_id for row in rows})
    names = _names_of(tx, {at["item"] for row in rows for at in row.sheet})
    for row in rows:
        document = json.loads(row.form)
        scored = {place["number"]: place["scored"] for place in document["positions"]}
        dropped = set(row.score.get("dropped", ()))
        answers = given.get(row.id, {})
        touched = [place for place, (choice, marks) in answers.items() if choice or marks.seen]
        last = max(touched, default=0)
        observations = []
        for position, (at, mark) in enumerate(zip(row.sheet, row.score["marks"], strict=True), 1):
            choice, marks = answers.get(position, ((), Marks()))
            name = names[at["item"]]
            observations.append(
                Observation(
                    at["item"],
                    name,
                    position,
                    scored[position] and position not in dropped,
                    position in dropped,
                    Mark(mark),
                    choice,
                    marks,
                    name not in met[row.id],
                    position <= last,
                )
            )
        yield ObservedAttempt(
            row.id,
            row.person_id,
            row.started_at,
            TimeOption(row.time_option),
            document["parameters"],
            row.raw,
            row.exact,
            tuple(observations),
        )


def _met_before(tx: Connection, people: set[int]) -> dict[int, frozenset[str]]:
    """For every attempt of these people, the items that they had met before it, in attempts or in practice."""
    sheets = tx.execute(_MET, {"people": sorted(people)}).all()
    in_practice = tx.execute(_PRACTISED, {"people": sorted(people)}).all()
    shown = {at["item"] for row in sheets for at in row.sheet}
    names = _names_of(tx, shown | {row.item_version_id for row in in_practice})
    met: dict[int, set[str]] = {}
    before: dict[int, frozenset[str]] = {}
    practised: dict[int, list[tuple[datetime, int]]] = {}  # the earliest last
    for person_id, at, version_id in in_practice:
        practised.setdefault(person_id, []).append((at, version_id))
    for row in sheets:
        known = met.setdefault(row.person_id, set())
        waiting = practised.get(row.person_id, [])
        while waiting and waiting[-1][0] <= row.started_at:
            known.add(names[waiting.pop()[1]])
        before[row.id] = frozenset(known)
        known.update(names[at["item"]] for at in row.sheet)
    return before
