"""An attempt: the sheet a candidate was handed, the saves they make, and what each save does to a response.

`decide` is the one rule of saving. It is pure: the store calls it inside its transaction, the tests call it with
anything. See docs/architecture.md for the protocol.
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from app.errors import Invalid, Missing
from app.exam.clock import Clock, State, TimeOption
from app.exam.item import Item, ItemType

TOKEN_LENGTH = 5
_TOKEN_ALPHABET = string.ascii_lowercase + string.digits


class AttemptKind(StrEnum):
    """A mock is strict and unique while open; practice is neither."""

    MOCK = "mock"
    PRACTICE = "practice"


class Ending(StrEnum):
    """Why an attempt ended."""

    SUBMITTED = "submitted"
    TIME = "time"
    ABANDONED = "abandoned"


class Confidence(StrEnum):
    """How sure the candidate says they are of an answer."""

    SURE = "sure"
    FAIRLY = "fairly"
    GUESSING = "guessing"


class SheetOption(NamedTuple):  # nearly every request reads a sheet, and tuples are made four times as fast
    """An option as delivered: the opaque token that the page shows, and the author's id behind it."""

    token: str
    option_id: str


class SheetItem(NamedTuple):
    """One position of the sheet: which item version, how many to choose, its options as delivered."""

    item_version_id: int
    select: int
    multiple: bool
    options: tuple[SheetOption, ...]

    def option_ids(self, tokens: Iterable[str]) -> tuple[str, ...]:
        """The author's ids of `tokens`, sorted. Raises Invalid on a token that is not on this position."""
        known = {option.token: option.option_id for option in self.options}
        try:
            return tuple(sorted({known[token] for token in tokens}))
        except KeyError as error:
            raise Invalid(
                "This option is not part of the question. Reload the page; nothing was changed."
            ) from error

    def choice(self, tokens: Iterable[str]) -> tuple[str, ...]:
        """A choice from `tokens`. More than asked for may be chosen where several may; not where one may."""
        chosen = self.option_ids(tokens)
        if len(chosen) > 1 and not self.multiple:
            raise Invalid("Only one option can be chosen here. Reload the page; nothing was changed.")
        return chosen


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything about the delivery of an attempt that never changes: one item for each position, from 1."""

    items: tuple[SheetItem, ...]

    def at(self, position: int) -> SheetItem:
        """The item at `position` (from 1). Raises Missing."""
        if not 1 <= position <= len(self.items):
            raise Missing(f"There is no question {position} in this exam.")
        return self.items[position - 1]

    def plain(self) -> list[dict[str, Any]]:
        """As JSON values."""
        return [
            {
                "item": at.item_version_id,
                "select": at.select,
                "multiple": at.multiple,
                "options": [[option.token, option.option_id] for option in at.options],
            }
            for at in self.items
        ]


def sheet_from_plain(plain: list[dict[str, Any]]) -> Sheet:
    """A sheet from stored JSON: no checks."""
    return Sheet(
        tuple(
            SheetItem(
                row["item"],
                row["select"],
                row["multiple"],
                tuple(map(SheetOption._make, row["options"])),
            )
            for row in plain
        )
    )


def deal(items: Sequence[tuple[int, Item]], seed: int) -> Sheet:
    """The sheet for (item version id, item) in form order: options shuffled unless their order is natural,
    each under a token that says nothing about the author's order."""
    source = random.Random(f"sheet:{seed}")  # noqa: S311 - reproducible from the stored seed; not a secret
    dealt = []
    for item_version_id, item in items:
        options = list(item.options)
        if item.shuffle:
            source.shuffle(options)
        tokens: dict[str, None] = {}  # in the order in which they were drawn
        while len(tokens) < len(options):
            tokens["".join(source.choices(_TOKEN_ALPHABET, k=TOKEN_LENGTH))] = None
        pairs = zip(tokens, options, strict=True)
        delivered = tuple(SheetOption(token, option.id) for token, option in pairs)
        dealt.append(SheetItem(item_version_id, item.select, item.type is ItemType.MULTIPLE, delivered))
    return Sheet(tuple(dealt))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One candidate sitting one form. `expected` is how sure they were to pass (0 to 1), and `expected_score` the
    scaled score that they guessed before the start, if they said; `assignment_id` the assignment of a cohort that it
    was begun under, if any."""

    id: int
    person_id: int
    exam_id: str
    form_id: int
    kind: AttemptKind
    clock: Clock
    time_option: TimeOption
    pausable: bool
    paused: timedelta
    ending: Ending | None
    sheet: Sheet
    scratchpad: str
    expected: float | None
    assignment_id: int | None = None
    expected_score: int | None = None

    def time_used(self, now: datetime) -> timedelta:
        """Time spent, pauses not counted, at most the time allowed."""
        clock = self.clock
        end = clock.closed_at or clock.paused_at or now
        if clock.deadline_at is not None:
            end = min(end, clock.deadline_at)
        return max(end - clock.started_at - self.paused, timedelta(0))

    @property
    def time_allowed(self) -> timedelta | None:
        """The time allowed, pauses not counted; None when untimed."""
        deadline = self.clock.deadline_at
        return None if deadline is None else deadline - self.clock.started_at - self.paused


@dataclass(frozen=True, slots=True)
class Marks:
    """What a candidate notes on an item besides the choice. Never touches the score.

    `struck` holds option ids; `highlights` are (start, end) offsets in characters of the stem's text;
    `elapsed_ms` is the time the item was on screen so far, `seen` whether it has been at all.
    """

    flagged: bool = False
    struck: tuple[str, ...] = ()
    highlights: tuple[tuple[int, int], ...] = ()
    confidence: Confidence | None = None
    seen: bool = False
    elapsed_ms: int = 0

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "flagged": self.flagged,
            "struck": list(self.struck),
            "highlights": [list(span) for span in self.highlights],
            "confidence": self.confidence,
            "seen": self.seen,
            "elapsed_ms": self.elapsed_ms,
        }


def marks_from_plain(plain: dict[str, Any]) -> Marks:
    """Marks from stored JSON: no checks."""
    return Marks(
        plain["flagged"],
        tuple(plain["struck"]),
        tuple((start, end) for start, end in plain["highlights"]),
        Confidence(plain["confidence"]) if plain["confidence"] else None,
        plain["seen"],
        plain["elapsed_ms"],
    )


@dataclass(frozen=True, slots=True)
class Save:
    """One change of one response, as it arrived. `choice` holds the author's option ids, sorted."""

    position: int
    client_id: str
    client_seq: int
    idempotency_key: str
    base_rev: int
    choice: tuple[str, ...]
    marks: Marks
    at: datetime


@dataclass(frozen=True, slots=True)
class Response:
    """The current response at one position: the projection of its events. Rev 0 is "nothing saved yet"."""

    position: int
    rev: int = 0
    choice: tuple[str, ...] = ()
    marks: Marks = Marks()
    client_id: str = ""
    client_seq: int = -1


class Outcome(StrEnum):
    """What became of a save. Only an accepted one changes the response; all but a paused one are kept in the log.

    A paused one was not taken: its client keeps it and sends it again once the clock runs.
    """

    ACCEPTED = "accepted"
    SUPERSEDED = "superseded"
    CONFLICT = "conflict"
    PAUSED = "paused"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of a save and the response that stands after it."""

    outcome: Outcome
    response: Response


def decide(save: Save, current: Response, state: State) -> Decision:
    """What a save does to the current response of its position.

    After the end it is late: kept, not scored; while the clock stands still nothing is taken. From the same
    client the higher sequence number wins, whatever it was based on; from another client it must be based on
    the current revision, or it is a conflict.
    """
    if state is State.FINAL:
        return Decision(Outcome.LATE, current)
    if state is State.PAUSED:
        return Decision(Outcome.PAUSED, current)
    if save.client_id == current.client_id:
        if save.client_seq <= current.client_seq:
            return Decision(Outcome.SUPERSEDED, current)
    elif save.base_rev != current.rev:
        return Decision(Outcome.CONFLICT, current)
    return Decision(Outcome.ACCEPTED, _taken(save, current.rev))


def _taken(save: Save, rev: int) -> Response:
    return Response(save.position, rev + 1, save.choice, save.marks, save.client_id, save.client_seq)


def replay(saves: Iterable[tuple[Save, Outcome]]) -> dict[int, Response]:
    """The current responses, rebuilt from the log in its order: the projection must always equal this."""
    responses: dict[int, Response] = {}
    for save, outcome in saves:
        if outcome is Outcome.ACCEPTED:
            before = responses.get(save.position)
            responses[save.position] = _taken(save, before.rev if before else 0)
    return responses


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a candidate has come."""

    answered: int
    incomplete: int
    flagged: int
    unseen: int


class Progress(StrEnum):
    """How far one position has come: incomplete is seen, but without the number of options asked for."""

    UNSEEN = "unseen"
    INCOMPLETE = "incomplete"
    ANSWERED = "answered"


def progress(response: Response, select: int) -> Progress:
    """The progress of one response where `select` options are asked for."""
    if len(response.choice) >= max(select, 1):
        return Progress.ANSWERED
    return Progress.INCOMPLETE if response.marks.seen or response.choice else Progress.UNSEEN


def counts(responses: Sequence[Response], selects: Sequence[int]) -> Counts:
    """Totals over all positions; every position is in exactly one of answered, incomplete and unseen."""
    stages = [progress(response, select) for response, select in zip(responses, selects, strict=True)]
    return Counts(
        answered=stages.count(Progress.ANSWERED),
        incomplete=stages.count(Progress.INCOMPLETE),
        flagged=sum(response.marks.flagged for response in responses),
        unseen=stages.count(Progress.UNSEEN),
    )
