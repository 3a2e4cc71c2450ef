"""After a run: is every acknowledged answer in the database as it was given, and every score what it must be?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.exam.form import Form
from app.store import forms, packs
from app.store.database import Database, Transaction
from app.store.tables import attempt, response, response_event, score
from tests.load.candidate import CLIENT, Sent

CHUNK = 200


@dataclass(frozen=True)
class Stored:
    """What the database holds of one attempt. Choices are sorted option ids."""

    options: Sequence[Mapping[str, str]]
    """Of each position the option id of each token."""
    events: Sequence[tuple[str, int, int, str, tuple[str, ...]]]
    """(client, number of the save, position, outcome, choice), in the order in which they were stored."""
    standing: Mapping[int, tuple[str, ...]]
    closed: bool
    scores: Sequence[tuple[int, float]]
    """(raw, scaled)"""
    form: Form | None = None
    keys: Sequence[frozenset[str]] = ()


@dataclass
class Verdict:
    """What was checked, and every fault."""

    acknowledged: int = 0
    scores: int = 0
    faults: list[str] = field(default_factory=list)


def check(database: Database, sent: Iterable[Sent]) -> Verdict:
    """Hold what was sent against the database."""
    verdict = Verdict()
    everything = list(sent)
    keys: dict[int, frozenset[str]] = {}
    known_forms: dict[int, Form] = {}
    for begin in range(0, len(everything), CHUNK):
        chunk = {one.attempt_id: one for one in everything[begin : begin + CHUNK]}
        with database.reading() as tx:
            for attempt_id, stored in _stored(tx, chunk, keys, known_forms):
                check_attempt(chunk.pop(attempt_id), stored, verdict)
        verdict.faults += [f"attempt {attempt_id} is not there" for attempt_id in chunk]
    return verdict


def check_attempt(sent: Sent, stored: Stored, verdict: Verdict) -> None:
    """One attempt: each acknowledged save is in the log once, with its value; the last one stands; nothing is there
    that nobody sent; an ended exam has one score, and that is what its answers come to."""

    def fault(text: str) -> None:
        verdict.faults.append(f"attempt {sent.attempt_id}: {text}")

    def ids(position: int, tokens: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(stored.options[position - 1][token] for token in tokens))

    found = Counter(number for client, number, *_ in stored.events if client == CLIENT)
    verdict.acknowledged += sum(sent.acknowledged)
    for number, told in enumerate(sent.acknowledged):
        if told and not found[number]:
            fault(f"save {number} was acknowledged and is lost")
    standing = {position: ids(position, tokens) for position, tokens in sent.before.items()}
    for client, number, position, outcome, choice in stored.events:
        if client != CLIENT:
            continue
        if found[number] > 1:
            fault(f"save {number} is stored {found[number]} times")
        elif number >= len(sent.saves):
            fault(f"save {number} was never sent")
        elif (position, choice) != (sent.saves[number][0], ids(*sent.saves[number])):
            fault(f"save {number} was changed: {sent.saves[number]} is stored as {position}, {choice}")
        elif outcome != "accepted":
            fault(f"save {number} is stored as {outcome}")
        standing[position] = choice
    if dict(stored.standing) != standing:
        fault("the answers that stand are not the last ones of the log")
    if sent.ended:
        _check_score(stored, verdict, fault)


def _check_score(stored: Stored, verdict: Verdict, fault: Any) -> None:
    verdict.scores += 1
    if not stored.closed or len(stored.scores) != 1 or stored.form is None:
        fault(f"it was ended and has {len(stored.scores)} scores")
        return
    right = [
        frozenset(stored.standing.get(at.number, ())) == key
        for at, key in zip(stored.form.positions, stored.keys, strict=True)
        if at.scored
    ]
    raw, scaled = stored.scores[0]
    if (raw, scaled) != (sum(right), stored.form.conversion[sum(right)]):
        fault(f"its score is {raw} ({scaled}), and its answers come to {sum(right)}")


def _stored(
    tx: Transaction, chunk: Mapping[int, Sent], keys: dict[int, frozenset[str]], known: dict[int, Form]
) -> Iterator[tuple[int, Stored]]:
    ids = list(chunk)
    rows = tx.execute(select(attempt).where(attempt.c.id.in_(ids))).all()
    wanted = {place["item"] for row in rows for place in row.sheet} - keys.keys()
    keys |= {version_id: item.key for version_id, item in packs.items(tx, wanted).items()}
    events: dict[int, list[Any]] = {attempt_id: [] for attempt_id in ids}
    logged = select(response_event).where(response_event.c.attempt_id.in_(ids)).order_by(response_event.c.id)
    for event in tx.execute(logged):
        events[event.attempt_id].append(
            (event.client_id, event.client_seq, event.position, event.outcome, tuple(event.choice))
        )
    standing: dict[int, dict[int, tuple[str, ...]]] = {attempt_id: {} for attempt_id in ids}
    for answer in tx.execute(select(response).where(response.c.attempt_id.in_(ids))):
        standing[answer.attempt_id][answer.position] = tuple(answer.choice)
    scores: dict[int, list[tuple[int, float]]] = {attempt_id: [] for attempt_id in ids}
    for made in tx.execute(select(score).where(score.c.attempt_id.in_(ids))):
        scores[made.attempt_id].append((made.raw, made.exact))
    for row in rows:
        form = None
        if chunk[row.id].ended:
            form = known.get(row.form_id) or forms.get(tx, row.form_id).form
            if len(known) < CHUNK:
                known[row.form_id] = form
        yield (
            row.id,
            Stored(
                [dict(place["options"]) for place in row.sheet],
                events[row.id],
                standing[row.id],
                row.closed_at is not None,
                scores[row.id],
                form,
                [keys[place["item"]] for place in row.sheet],
            ),
        )
