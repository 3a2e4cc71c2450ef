"""Scores: closing an attempt and scoring it in one transaction. A score is a cache, never edited: a rescore is a
new row beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from math import floor
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from app.errors import Invalid, Missing
from app.exam.attempt import Attempt, AttemptKind, Ending
from app.exam.form import Form, form_from_canonical
from app.exam.item import from_plain
from app.exam.parameters import Reference
from app.exam.regrade import Correction, standing, without
from app.exam.score import Mark, Score, Tally
from app.exam.score import score as score_form
from app.exam.snapshot import bank_from_canonical
from app.store.tables import (
    attempt,
    attempt_event,
    bank_snapshot,
    form,
    item_exposure,
    item_version,
    regrade,
    response,
    score,
)

_MARKS = {mark.value: mark for mark in Mark}
"""Looked up, not made: a page of a cohort has tens of thousands."""
UNSCORED = "This attempt was abandoned, or all of its questions were withdrawn, so it has no report."


@dataclass(frozen=True, slots=True)
class StoredScore:
    """A score record. Those of one attempt are numbered from 1; the last one holds."""

    sequence: int
    reason: str
    created_at: datetime
    score: Score


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """What a list of attempts shows of a score: `exact` is unrounded."""

    raw: int
    scored: int
    exact: float
    passed: bool

    @property
    def displayed(self) -> int:
        """The score as it is shown."""
        return floor(self.exact)


# Built once: to build a question costs more than to ask it.
_SHEET_AND_FORM = (
    select(attempt.c.sheet, form.c.document)
    .join(form, form.c.id == attempt.c.form_id)
    .where(attempt.c.id == bindparam("attempt_id"))
)
_CHOICES = select(response.c.position, response.c.choice).where(
    response.c.attempt_id == bindparam("attempt_id")
)
_SCORES = (
    select(score)
    .where(score.c.attempt_id.in_(bindparam("attempt_ids", expanding=True)))
    .order_by(score.c.sequence)
)
_LINES = (
    select(
        score.c.attempt_id,
        score.c.raw,
        score.c.document["scored"].as_integer(),
        score.c.exact,
        score.c.passed,
    )
    .join(attempt, attempt.c.id == score.c.attempt_id)
    .where(attempt.c.person_id == bindparam("person_id"))
    .order_by(score.c.sequence)
)
# Locked in one order, as a start does: else two ends that count the same items could wait for one another.
_EXPOSED = (
    select(item_exposure.c.item_id)
    .join(item_version, item_version.c.item_id == item_exposure.c.item_id)
    .where(
        item_exposure.c.exam_id == bindparam("exam_id"),
        item_version.c.id.in_(bindparam("version_ids", expanding=True)),
    )
    .order_by(item_exposure.c.item_id)
    .with_for_update(of=item_exposure)
)
_REGRADES = (
    select(regrade.c.id, regrade.c.item_version_id, regrade.c.key, regrade.c.reason, item_version.c.version)
    .join(item_version, item_version.c.id == regrade.c.corrected_by, isouter=True)
    .where(regrade.c.item_version_id.in_(bindparam("version_ids", expanding=True)))
)
_BANK_SHA256 = (
    select(form.c.bank_sha256)
    .join(attempt, attempt.c.form_id == form.c.id)
    .where(attempt.c.id == bindparam("attempt_id"))
)
_BANK = select(bank_snapshot.c.document).where(bank_snapshot.c.sha256 == bindparam("sha256"))
_LAST = select(func.coalesce(func.max(score.c.sequence), 0)).where(
    score.c.attempt_id == bindparam("attempt_id")
)


def close(tx: Connection, one: Attempt, ending: Ending, now: datetime) -> None:
    """End an attempt and store its score, once: whoever comes second changes nothing.

    What has run out ended at its deadline plus grace, whenever that is noticed, so a late close gives the same
    score. An abandoned attempt is not scored, nor is one whose scored items were all withdrawn meanwhile.
    """
    deadline, ran_out_at = one.clock.deadline_at, one.clock.final_at
    at, how = now, ending
    if deadline is not None and ran_out_at is not None and now >= deadline:
        at, how = min(now, ran_out_at), Ending.TIME
    # An update takes the row's lock: saves that were before it are read below, later ones find it closed.
    closed = tx.execute(
        update(attempt)
        .where(attempt.c.id == one.id, attempt.c.closed_at.is_(None))
        .values(closed_at=at, ending=how.value, paused_at=None)
    )
    if not closed.rowcount:
        return
    tx.execute(
        insert(attempt_event).values(attempt_id=one.id, kind="closed", at=at, detail={"ending": how.value})
    )
    if how is Ending.ABANDONED:
        return
    try:
        made = add(tx, one.id, now, reason="The end of the exam").score
    except Invalid:  # nothing is left to score; it is over all the same
        return
    if one.kind is AttemptKind.MOCK:
        _count_answers(tx, one, made)


def add(tx: Connection, attempt_id: int, now: datetime, reason: str) -> StoredScore:
    """Score an attempt from what is stored, and keep the result beside the earlier ones."""
    made = compute(tx, attempt_id)
    sequence = 1 + tx.execute(_LAST, {"attempt_id": attempt_id}).scalar_one()
    tx.execute(
        insert(score).values(
            attempt_id=attempt_id,
            sequence=sequence,
            scoring_version=str(made.version),
            reason=reason,
            raw=made.raw,
            exact=made.scaled,
            passed=made.passed,
            document=asdict(made),
            created_at=now,
        )
    )
    return StoredScore(sequence, reason, now, made)


def rescore(tx: Connection, attempt_id: int, now: datetime) -> StoredScore | None:
    """Score an attempt again if corrections of its items were made since; None when the score holds.

    Raises Missing when it has no score yet.
    """
    before = of(tx, attempt_id)
    made = compute(tx, attempt_id)
    if made.corrections == before.score.corrections:
        return None
    new = set(made.corrections) - set(before.score.corrections)
    reasons = tx.execute(
        select(regrade.c.reason).where(regrade.c.id.in_(new)).order_by(regrade.c.id)
    ).scalars()
    return add(tx, attempt_id, now, reason=" ".join(dict.fromkeys(reasons)))


def behind(tx: Connection, one: Attempt, last: StoredScore) -> bool:
    """Whether a correction was made that the last score of an attempt does not take in yet."""
    asked = {"version_ids": [at.item_version_id for at in one.sheet.items]}
    made = {row.id for row in tx.execute(_REGRADES, asked)}
    return made != set(last.score.corrections)


def compute(
    tx: Connection,
    attempt_id: int,
    also: Sequence[Correction] = (),
    only: Collection[int] | None = None,
) -> Score:
    """The score of an attempt as the frozen form, the keys with their corrections and the responses give it.

    `also` are corrections that are only thought of: to see what they would do. `only`: with no corrections but those
    of these ids, as it was at some time.
    """
    row = tx.execute(_SHEET_AND_FORM, {"attempt_id": attempt_id}).one()
    version_ids = [at["item"] for at in row.sheet]
    known = _keys(tx, version_ids)
    answers = {row.position: row.choice for row in tx.execute(_CHOICES, {"attempt_id": attempt_id})}
    made = [one for one in corrections(tx, version_ids) if only is None or one.id in only]
    keys = dict(known.values())
    held = standing([*made, *(one for one in also if one.item_version_id in known)])
    keys |= {known[one.item_version_id][0]: one.key for one in held.values() if one.key is not None}
    form = form_from_canonical(row.document)
    dropped = {known[one.item_version_id][0] for one in held.values() if one.key is None}
    if dropped:
        form = without(form, dropped, _reference(tx, attempt_id))
    taken_in = tuple(sorted(one.id for one in made))
    return replace(score_form(form, keys, answers, dropped), corrections=taken_in)


def scored_form(tx: Connection, attempt_id: int) -> Form:
    """The form of an attempt as its score counts it: without withdrawn items, and converted without them."""
    row = tx.execute(_SHEET_AND_FORM, {"attempt_id": attempt_id}).one()
    form = form_from_canonical(row.document)
    numbers = set(of(tx, attempt_id).score.dropped)
    dropped = {place.id for place in form.positions if place.number in numbers}
    return without(form, dropped, _reference(tx, attempt_id)) if dropped else form


def corrections(tx: Connection, item_version_ids: Sequence[int]) -> list[Correction]:
    """The corrections of these item versions, whether they hold or not."""
    rows = tx.execute(_REGRADES, {"version_ids": item_version_ids})
    return [
        Correction(
            row.id,
            row.item_version_id,
            None if row.key is None else frozenset(row.key),
            row.version or 0,
            row.reason,
        )
        for row in rows
    ]


def _reference(tx: Connection, attempt_id: int) -> Reference:
    """The reference that an attempt's form was equated to.

    A snapshot never changes and many forms share one, so each database connection remembers the last.
    """
    sha256 = tx.execute(_BANK_SHA256, {"attempt_id": attempt_id}).scalar_one()
    last: tuple[str, Reference] | None = tx.info.get("reference")
    if last is None or last[0] != sha256:
        document = tx.execute(_BANK, {"sha256": sha256}).scalar_one()
        last = tx.info["reference"] = (sha256, bank_from_canonical(document).reference)
    return last[1]


def _keys(tx: Connection, item_version_ids: Iterable[int]) -> dict[int, tuple[str, frozenset[str]]]:
    """The author's id and the key of each of these item versions.

    An item version never changes, so each database connection remembers what was read over it.
    """
    known: dict[int, tuple[str, frozenset[str]]] = tx.info.setdefault("keys", {})
    wanted = set(item_version_ids)
    unknown = sorted(wanted - known.keys())
    if unknown:
        bodies = select(item_version.c.id, item_version.c.body).where(item_version.c.id.in_(unknown))
        for row in tx.execute(bodies):
            item = from_plain(row.body)
            known[row.id] = (item.id, item.key)
    return {version_id: known[version_id] for version_id in wanted}


def latest(tx: Connection, attempt_ids: Iterable[int], *, topics: bool = True) -> dict[int, StoredScore]:
    """The score that holds for each of these attempts; those without one are not named. Topics can be left out: they
    are half of the work, and where there are hundreds of scores nobody asks for them."""
    rows = tx.execute(_SCORES, {"attempt_ids": list(attempt_ids)})
    return {
        row.attempt_id: StoredScore(row.sequence, row.reason, row.created_at, _score(row.document, topics))
        for row in rows
    }


def sequences(tx: Connection, attempt_ids: Collection[int]) -> dict[int, int]:
    """The number of the score that holds for each of these attempts; those without one are not named."""
    last = func.max(score.c.sequence).label("last")
    found = select(score.c.attempt_id, last).where(score.c.attempt_id.in_(attempt_ids))
    return {row.attempt_id: row.last for row in tx.execute(found.group_by(score.c.attempt_id))}


def lines(tx: Connection, person_id: int) -> dict[int, ScoreLine]:
    """The score that holds for each scored attempt of a person, in short."""
    rows = tx.execute(_LINES, {"person_id": person_id})  # the last one of each attempt comes last
    return {
        attempt_id: ScoreLine(raw, scored, exact, passed) for attempt_id, raw, scored, exact, passed in rows
    }


def history(tx: Connection, attempt_id: int) -> tuple[StoredScore, ...]:
    """All scores of an attempt, the first one first; an abandoned one has none."""
    rows = tx.execute(_SCORES, {"attempt_ids": [attempt_id]})
    return tuple(StoredScore(row.sequence, row.reason, row.created_at, _score(row.document)) for row in rows)


def of(tx: Connection, attempt_id: int) -> StoredScore:
    """The score that holds for an attempt. Raises Missing when it has none, as an abandoned one."""
    found = latest(tx, [attempt_id]).get(attempt_id)
    if found is None:
        raise Missing(UNSCORED)
    return found


def _count_answers(tx: Connection, one: Attempt, made: Score) -> None:
    answered = [
        at.item_version_id
        for at, mark in zip(one.sheet.items, made.marks, strict=True)
        if mark is not Mark.UNANSWERED
    ]
    if not answered:
        return
    item_ids = tx.execute(_EXPOSED, {"exam_id": one.exam_id, "version_ids": answered}).scalars().all()
    tx.execute(
        update(item_exposure)
        .where(item_exposure.c.exam_id == one.exam_id, item_exposure.c.item_id.in_(item_ids))
        .values(answered=item_exposure.c.answered + 1)
    )


def _score(plain: dict[str, Any], topics: bool = True) -> Score:
    return Score(
        **{
            **plain,
            "domains": tuple(Tally(**tally) for tally in plain["domains"]),
            "topics": tuple(Tally(**tally) for tally in plain["topics"]) if topics else (),
            "pilots": Tally(**plain["pilots"]),
            "marks": tuple([_MARKS[mark] for mark in plain["marks"]]),
            "dropped": tuple(plain.get("dropped", ())),
            "corrections": tuple(plain.get("corrections", ())),
        }
    )
