"""Regrades: a key corrected or an item withdrawn after attempts were scored.

What holds for an item version is a function of the set of its corrections, never of the order in which they were
made; and a score is a function of what holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from app.errors import Invalid
from app.exam.form import Form
from app.exam.parameters import Reference
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
