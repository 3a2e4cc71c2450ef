"""The score of an attempt: a pure function of the frozen form, the keys and the responses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import floor
from typing import Protocol

from app.exam.pack import Exam, Scale

SCORING_VERSION = 1
"""Raised whenever the same form and responses could give another score: a rescore is a new record."""


class Mark(StrEnum):
    """What a response came to. Unanswered counts as wrong, and is told apart."""

    RIGHT = "right"
    WRONG = "wrong"
    UNANSWERED = "unanswered"


class ScorablePosition(Protocol):
    """What scoring needs of one position."""

    @property
    def number(self) -> int: ...
    @property
    def id(self) -> str: ...
    @property
    def domain(self) -> str: ...
    @property
    def topic(self) -> str | None: ...
    @property
    def scored(self) -> bool: ...


class Scorable(Protocol):
    """What scoring needs of a form: `app.exam.form.Form` has it, and so has any stored form."""

    @property
    def positions(self) -> Sequence[ScorablePosition]: ...
    @property
    def conversion(self) -> Sequence[float]: ...
    @property
    def scale(self) -> Scale: ...


@dataclass(frozen=True, slots=True)
class Tally:
    """So many right of so many positions; the unanswered are among those that are not right."""

    name: str
    right: int
    total: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class Score:
    """What an attempt came to. `scaled` is unrounded and decides; `displayed` is its floor.

    `marks` has one entry for each position in the order of the form, pilots included; everything else but
    `pilots` counts scored positions only. `dropped` are the numbers of positions that were withdrawn after the
    attempt, and `corrections` the ids of all corrections of keys and items that this score takes in. Domains
    and topics are in the order of their names; a position without a topic is in no topic.
    """

    raw: int
    scored: int
    unanswered: int
    scaled: float
    displayed: int
    passed: bool
    domains: tuple[Tally, ...]
    topics: tuple[Tally, ...]
    pilots: Tally
    marks: tuple[Mark, ...]
    version: int = SCORING_VERSION
    dropped: tuple[int, ...] = ()
    corrections: tuple[int, ...] = ()


def mark(key: Collection[str], response: Collection[str] | None) -> Mark:
    """Right when the chosen set equals the key set; there is no partial credit."""
    if not response:
        return Mark.UNANSWERED
    return Mark.RIGHT if set(response) == set(key) else Mark.WRONG


def score(
    form: Scorable,
    keys: Mapping[str, Collection[str]],
    responses: Mapping[int, Collection[str]],
    dropped: Collection[str] = (),
) -> Score:
    """Score an attempt.

    `dropped` are ids of withdrawn items: positions that are not scored, and no pilots either.
    `keys` by item id, `responses` (the chosen option ids) by position number. A missing or empty response is
    unanswered; a missing key is a KeyError, since such an item cannot be scored. ValueError when the
    conversion table does not fit the scored positions.
    """
    marks = [mark(keys[place.id], responses.get(place.number)) for place in form.positions]
    counted = [(place, got) for place, got in zip(form.positions, marks, strict=True) if place.scored]
    if len(form.conversion) != len(counted) + 1:
        raise ValueError(f"{len(form.conversion)} entries convert {len(counted)} scored positions")
    whole = _tally("", [got for _, got in counted])
    scaled = form.conversion[whole.right]
    return Score(
        raw=whole.right,
        scored=whole.total,
        unanswered=whole.unanswered,
        scaled=scaled,
        displayed=floor(scaled),
        passed=scaled >= form.scale.cut,
        domains=_tallies(counted, lambda place: place.domain),
        topics=_tallies(counted, lambda place: place.topic),
        pilots=_tally(
            "",
            [
                got
                for place, got in zip(form.positions, marks, strict=True)
                if not place.scored and place.id not in dropped
            ],
        ),
        marks=tuple(marks),
        dropped=tuple(place.number for place in form.positions if place.id in dropped),
    )


def least_to_pass(form: Scorable) -> int:
    """The fewest right answers that pass on this form, by its own conversion table."""
    return next(raw for raw, scaled in enumerate(form.conversion) if scaled >= form.scale.cut)


def is_half_point(exam: Exam) -> bool:
    """Whether the cut lies half-way between two counts of the scored items, as it should.

    On a whole count, forms whose curves differ by a few hundredths fall on different sides of it.
    """
    cut = exam.cut.raw_equivalent
    return 0 < cut < exam.scored and cut - floor(cut) == 0.5  # noqa: PLR2004 -- the half point itself


def nearest_half_point(raw_equivalent: float) -> float:
    """The half point nearest to an adopted standard; the upper one for a whole number."""
    return floor(raw_equivalent) + 0.5


def _tallies(
    counted: Sequence[tuple[ScorablePosition, Mark]], name: Callable[[ScorablePosition], str | None]
) -> tuple[Tally, ...]:
    marks: dict[str, list[Mark]] = {}
    for place, got in counted:
        label = name(place)
        if label is not None:
            marks.setdefault(label, []).append(got)
    return tuple(_tally(label, marks[label]) for label in sorted(marks))


def _tally(name: str, marks: Sequence[Mark]) -> Tally:
    return Tally(name, marks.count(Mark.RIGHT), len(marks), marks.count(Mark.UNANSWERED))
