"""Responses: the append-only log of saves and its projection. `save_all` is the hot path: many saves, one commit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from app.errors import Closed, CutscoreError, Invalid, LoggedOut, Missing
from app.exam.attempt import (
    Confidence,
    Marks,
    Outcome,
    Response,
    Save,
    SheetItem,
    SheetOption,
    decide,
    marks_from_plain,
)
from app.exam.clock import State
from app.store.tables import attempt, clock_of, response, response_event, session


@dataclass(frozen=True, slots=True)
class Incoming:
    """A save as it came in over the wire: option tokens, not ids, and a session instead of a person."""

    session_sha256: str
    attempt_id: int
    position: int
    choice: tuple[str, ...]
    struck: tuple[str, ...]
    flagged: bool
    highlights: tuple[tuple[int, int], ...]
    confidence: Confidence | None
    seen: bool
    elapsed_ms: int
    client_id: str
    client_seq: int
    idempotency_key: str
    base_rev: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a save: its outcome, the response that stands, and what the clock says."""

    outcome: Outcome
    response: Response
    state: State
    remaining: timedelta | None


Answer = Saved | CutscoreError

_insert_events = insert(response_event)
_SESSIONS = select(session.c.token_sha256, session.c.person_id, session.c.expires_at).where(
    session.c.token_sha256.in_(bindparam("tokens", expanding=True))
)
# Saves of one attempt take turns across servers; rows are locked in one order, so that two groups cannot deadlock.
_ATTEMPTS = (
    select(
        attempt.c.id,
        attempt.c.person_id,
        attempt.c.started_at,
        attempt.c.deadline_at,
        attempt.c.grace_seconds,
        attempt.c.paused_at,
        attempt.c.closed_at,
    )
    .where(attempt.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(attempt.c.id)
    .with_for_update(key_share=True)
)
_SHEETS = select(attempt.c.id, attempt.c.sheet).where(attempt.c.id.in_(bindparam("ids", expanding=True)))
_CURRENT = select(response).where(
    tuple_(response.c.attempt_id, response.c.position).in_(bindparam("places", expanding=True))
)
_STANDING = select(response).where(response.c.attempt_id == bindparam("attempt_id"))
_LATE = (
    select(response_event.c.position, response_event.c.choice)
    .where(
        response_event.c.attempt_id == bindparam("attempt_id"),
        response_event.c.outcome == Outcome.LATE.value,
    )
    .order_by(response_event.c.id)
)
_KNOWN = select(response_event).where(
    tuple_(response_event.c.attempt_id, response_event.c.idempotency_key).in_(
        bindparam("keys", expanding=True)
    )
)


def _upsert(module: Any) -> Any:
    statement = module.insert(response)
    changed = {
        name: statement.excluded[name] for name in ("rev", "choice", "marks", "client_id", "client_seq")
    }
    return statement.on_conflict_do_update(index_elements=["attempt_id", "position"], set_=changed)


_UPSERTS = {"sqlite": _upsert(sqlite), "postgresql": _upsert(postgresql)}


@dataclass(frozen=True, slots=True)
class KeptSheet:
    """A sheet as saves need it: a line of JSON for each position, read when that is saved. As objects it takes nine
    times the memory, and a server remembers thousands."""

    lines: str

    def at(self, position: int) -> SheetItem:
        """The item at `position` (from 1). Raises Missing."""
        lines = self.lines.split("\n")
        if not 1 <= position <= len(lines):
            raise Missing(f"There is no question {position} in this exam.")
        version_id, select, multiple, options = json.loads(lines[position - 1])
        return SheetItem(version_id, select, multiple, tuple(SheetOption(*option) for option in options))


def _kept(plain: Iterable[Mapping[str, Any]]) -> KeptSheet:
    places = ([at["item"], at["select"], at["multiple"], at["options"]] for at in plain)
    return KeptSheet("\n".join(json.dumps(place, separators=(",", ":")) for place in places))


class Sheets:
    """Sheets by attempt. They never change, so each is read once for each process, the oldest forgotten first."""

    def __init__(self, most: int = 10_000) -> None:
        self._sheets: dict[int, KeptSheet] = {}
        self._most = most

    def of(self, tx: Connection, attempt_ids: Iterable[int]) -> Mapping[int, KeptSheet]:
        """The sheets of these attempts; those that are not remembered are read together."""
        wanted = set(attempt_ids)
        unknown = wanted - self._sheets.keys()
        found = {i: self._sheets[i] for i in wanted - unknown}
        if unknown:
            for row in tx.execute(_SHEETS, {"ids": sorted(unknown)}):
                found[row.id] = self._sheets[row.id] = _kept(row.sheet)
            while len(self._sheets) > self._most:
                self._sheets.pop(next(iter(self._sheets)))
        return found


def save_all(tx: Connection, group: Sequence[Incoming], sheets: Sheets) -> list[Answer]:
    """Decide and store a group of saves in one transaction; one answer for each, in order.

    A save that is refused (no session, a foreign attempt, an unknown option, a key used for something else)
    refuses itself only: its answer is the error, and the others are stored. Nothing is acknowledged here:
    that is for the caller, after the commit.
    """
    tokens = sorted({incoming.session_sha256 for incoming in group})
    people = {row.token_sha256: row for row in tx.execute(_SESSIONS, {"tokens": tokens})}
    ids = sorted({incoming.attempt_id for incoming in group})
    attempts = {row.id: row for row in tx.execute(_ATTEMPTS, {"ids": ids})}
    known_sheets = sheets.of(tx, attempts)
    places = sorted({(incoming.attempt_id, incoming.position) for incoming in group})
    current = {
        (row.attempt_id, row.position): _response(row) for row in tx.execute(_CURRENT, {"places": places})
    }
    keys = sorted({(incoming.attempt_id, incoming.idempotency_key) for incoming in group})
    log: dict[tuple[int, str], Mapping[Any, Any]] = {
        (row.attempt_id, row.idempotency_key): row._mapping for row in tx.execute(_KNOWN, {"keys": keys})
    }

    answers: list[Answer] = []
    events: list[dict[str, Any]] = []
    changed: dict[tuple[int, int], Response] = {}
    for incoming in group:
        try:
            who = people.get(incoming.session_sha256)
            if who is None or who.expires_at <= incoming.at:
                raise LoggedOut(
                    "You are no longer logged in. Log in again; your answers are kept on this device."
                )
            facts = attempts.get(incoming.attempt_id)
            if facts is None or facts.person_id != who.person_id:
                raise Missing("There is no such attempt.")
            save = _decode(incoming, known_sheets[incoming.attempt_id])
            clock = clock_of(facts)
            state = clock.state(incoming.at)
            place, key = (
                (incoming.attempt_id, incoming.position),
                (incoming.attempt_id, incoming.idempotency_key),
            )
            now_stands = current.get(place, Response(incoming.position))
            before = log.get(key)
            if before is not None:
                outcome = _repeated(before, save)
            else:
                decision = decide(save, now_stands, state)
                outcome = decision.outcome
                if outcome is not Outcome.PAUSED:
                    event = _event(incoming.attempt_id, save, outcome, decision.response.rev)
                    log[key] = event
                    events.append(event)
                if outcome is Outcome.ACCEPTED:
                    now_stands = current[place] = changed[place] = decision.response
            answers.append(Saved(outcome, now_stands, state, clock.remaining(incoming.at)))
        except CutscoreError as error:
            answers.append(error)
    _store(tx, events, changed)
    return answers


def save_sheet(tx: Connection, attempt_id: int, saves: Sequence[Save], now: datetime) -> tuple[int, ...]:
    """Store the saves of one attempt that arrived together, as a form without JavaScript sends them.

    The caller has checked whose attempt it is. Returns the positions where somebody else was first, whose newer
    response stands. When the attempt is final the saves are kept as late. Raises Closed while it is paused.
    """
    facts = tx.execute(_ATTEMPTS, {"ids": [attempt_id]}).one()
    state = clock_of(facts).state(now)
    if state is State.PAUSED:
        raise Closed("The exam is paused. Resume it in another tab, then go back here and save again.")
    standing = current(tx, attempt_id)
    decisions = [decide(save, standing.get(save.position, Response(save.position)), state) for save in saves]
    events = [
        _event(attempt_id, save, decision.outcome, decision.response.rev)
        for save, decision in zip(saves, decisions, strict=True)
    ]
    accepted = [each.response for each in decisions if each.outcome is Outcome.ACCEPTED]
    _store(tx, events, {(attempt_id, response.position): response for response in accepted})
    return tuple(each.response.position for each in decisions if each.outcome is Outcome.CONFLICT)


def current(tx: Connection, attempt_id: int) -> dict[int, Response]:
    """The responses that stand, by position; a position never saved is not named."""
    return {row.position: _response(row) for row in tx.execute(_STANDING, {"attempt_id": attempt_id})}


def log(tx: Connection, attempt_id: int, position: int | None = None) -> list[tuple[Save, Outcome]]:
    """All that was ever sent, or what of it was for one position, in the order in which it was stored."""
    asked = select(response_event).where(response_event.c.attempt_id == attempt_id)
    if position is not None:
        asked = asked.where(response_event.c.position == position)
    rows = tx.execute(asked.order_by(response_event.c.id))
    return [
        (
            Save(
                row.position,
                row.client_id,
                row.client_seq,
                row.idempotency_key,
                row.base_rev,
                tuple(row.choice),
                marks_from_plain(row.marks),
                row.at,
            ),
            Outcome(row.outcome),
        )
        for row in rows
    ]


def late(tx: Connection, attempt_id: int) -> dict[int, tuple[str, ...]]:
    """The last choice that came too late to be scored, by position."""
    rows = tx.execute(_LATE, {"attempt_id": attempt_id})
    return {row.position: tuple(row.choice) for row in rows}


def _decode(incoming: Incoming, sheet: KeptSheet) -> Save:
    at = sheet.at(incoming.position)
    marks = Marks(
        incoming.flagged,
        at.option_ids(incoming.struck),
        incoming.highlights,
        incoming.confidence,
        incoming.seen,
        incoming.elapsed_ms,
    )
    return Save(
        incoming.position,
        incoming.client_id,
        incoming.client_seq,
        incoming.idempotency_key,
        incoming.base_rev,
        at.choice(incoming.choice),
        marks,
        incoming.at,
    )


def _repeated(before: Mapping[Any, Any], save: Save) -> Outcome:
    """The stored outcome of a save that came again. Raises Invalid when it is not the same save."""
    if (before["position"], before["choice"], before["marks"]) != (
        save.position,
        list(save.choice),
        save.marks.plain(),
    ):
        raise Invalid("This key was used for another change. Reload the page; nothing was changed.")
    return Outcome(before["outcome"])


def _event(attempt_id: int, save: Save, outcome: Outcome, rev: int) -> dict[str, Any]:
    return {
        "attempt_id": attempt_id,
        "position": save.position,
        "client_id": save.client_id,
        "client_seq": save.client_seq,
        "idempotency_key": save.idempotency_key,
        "base_rev": save.base_rev,
        "outcome": outcome.value,
        "rev": rev if outcome is Outcome.ACCEPTED else None,
        "choice": list(save.choice),
        "marks": save.marks.plain(),
        "at": save.at,
    }


def _store(tx: Connection, events: list[dict[str, Any]], changed: Mapping[tuple[int, int], Response]) -> None:
    if events:
        tx.execute(_insert_events, events)
    if changed:
        rows = [
            {
                "attempt_id": attempt_id,
                "position": position,
                "rev": stands.rev,
                "choice": list(stands.choice),
                "marks": stands.marks.plain(),
                "client_id": stands.client_id,
                "client_seq": stands.client_seq,
            }
            for (attempt_id, position), stands in sorted(changed.items())
        ]
        tx.execute(_UPSERTS[tx.dialect.name], rows)


def _response(row: Any) -> Response:
    return Response(
        row.position, row.rev, tuple(row.choice), marks_from_plain(row.marks), row.client_id, row.client_seq
    )
