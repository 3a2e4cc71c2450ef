"""Regrades: a key corrected or an item withdrawn after attempts were scored.

What holds for an item version is a function of the set of its corrections, never of the order in which they were
made; and a score is a function of what holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.errors import Invalid
from app.exam.form import Form
from app.exam.item import Item
from app.exam.parameters import Reference
from app.exam.score import Score
from app.psychometrics import scale


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction of an item version: the right options from now on; None: it counts for nobody.

    `corrected_by` is the number of the item version that has it right, 0 when there is none.
    """

    id: int
    item_version_id: int
    key: frozenset[str] | None
    corrected_by: int
    reason: str


def standing(corrections: Iterable[Correction]) -> dict[int, Correction]:
    """The correction that holds, by item version id: a withdrawal before any key, else the latest version's key."""
    held: dict[int, Correction] = {}
    for one in sorted(corrections, key=lambda one: (one.key is None, one.corrected_by, one.id)):
        held[one.item_version_id] = one
    return held


def without(form: Form, dropped: Collection[str], reference: Reference) -> Form:
    """The form with some items no longer scored, and its conversion made anew by the same equating.

    Invalid when nothing would be left to score.
    """
    places = tuple(replace(place, scored=False) if place.id in dropped else place for place in form.positions)
    scored = [place for place in places if place.scored]
    if not scored:
        raise Invalid("An exam cannot be scored without items: at least one must keep its key.")
    curve = scale.curve(*([getattr(place, name) for place in scored] for name in "abc"))
    ends = scale.Ends(form.scale.min, form.scale.cut, form.scale.max)
    table = scale.conversion_table(curve, reference.curve, reference.cut_share, ends)
    return replace(form, positions=places, conversion=tuple(table.tolist()))


MOST_SCORES = 20
"""Attempts that were scored again which a page names."""


@dataclass(frozen=True, slots=True)
class Rescored:
    """An attempt that was scored again: its scaled score (unrounded) and whether it passed, before and after."""

    attempt_id: int
    before: float
    passed_before: bool
    after: float
    passed: bool
    scored_at: datetime


@dataclass(frozen=True, slots=True)
class ScoredAgain:
    """Attempts that corrections of an item touched: `flipped` got another result; `most` changed most."""

    count: int
    flipped: int
    most: tuple[Rescored, ...]

    def plain(self) -> dict[str, Any]:
        """As JSON values. Attempts are ids there: what their candidates erase must not stay behind."""
        most = list(dict.fromkeys(one.attempt_id for one in self.most))
        return {"count": self.count, "flipped": self.flipped, "most": most}


def scored_again(scores: Collection[Rescored]) -> ScoredAgain:
    """What corrections did to scores: those with another result first, then by how far they moved."""
    order = sorted(scores, key=lambda one: (one.passed == one.passed_before, -abs(one.after - one.before)))
    flipped = sum(one.passed != one.passed_before for one in scores)
    return ScoredAgain(len(order), flipped, tuple(order[:MOST_SCORES]))


@dataclass(frozen=True, slots=True)
class Impact:
    """What a correction would do to scores: so many `attempts` touched, `moved` to another scaled score.

    `mean` is that of the moves in scaled points (unrounded; 0 without attempts), `least` and `most` their ends.
    """

    attempts: int
    moved: int
    to_pass: int
    to_fail: int
    mean: float
    least: float
    most: float


def impact(scores: Iterable[tuple[Score, Score]]) -> Impact:
    """What becomes of scores, each given as it is and as it would be."""
    moves = [
        (after.scaled - before.scaled, after.displayed != before.displayed, after.passed - before.passed)
        for before, after in scores
    ]
    by = [move for move, _, _ in moves]
    return Impact(
        attempts=len(moves),
        moved=sum(seen for _, seen, _ in moves),
        to_pass=sum(flip > 0 for _, _, flip in moves),
        to_fail=sum(flip < 0 for _, _, flip in moves),
        mean=sum(by) / max(len(by), 1),
        least=min(by, default=0.0),
        most=max(by, default=0.0),
    )


def corrected(item: Item, key: Collection[str], version: int) -> Item:
    """The item with another key, under a new number. What was said of an option as a distractor goes with it.

    Invalid unless `key` has as many options as candidates were asked for: with another number, what they were told
    would have been wrong as well, and no answer of theirs could be fair.
    """
    chosen = set(key)
    if not chosen <= {option.id for option in item.options} or len(chosen) != item.select:
        raise Invalid(
            f"Choose {item.select} right option{'s' if item.select != 1 else ''}: candidates were asked for so many. "
            "If another number is right, withdraw the item."
        )
    options = tuple(
        replace(option, key=True, trap=None, misconception="")
        if option.id in chosen
        else replace(option, key=False)
        for option in item.options
    )
    return replace(item, options=options, version=version)
