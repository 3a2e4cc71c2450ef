"""What a score means: how far it can be trusted, the chance of passing a fresh form, and where domains stand.

All of it follows from the frozen form, the marks, and the parameter version of the form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from app.exam.form import Form, Position
from app.exam.gains import DomainStanding, LabelledReference, standings
from app.exam.parameters import Parameters
from app.exam.score import Mark, Tally, least_to_pass
from app.psychometrics.ability import (
    location_error,
    normal_prior,
    pattern_likelihood,
    posterior,
)
from app.psychometrics.band import band_of
from app.psychometrics.decision import quality
from app.psychometrics.irt import Floats
from app.psychometrics.prediction import Prediction, passing_typical, predict
from app.psychometrics.scale import Curve, Ends, curve

UNCALIBRATED_SD = 0.72
"""How far a location that comes from one rating may be off (SD): that of its prior."""

PRIOR = normal_prior(count=81)
"""Abilities as they are spread among candidates."""

RECENT = 10
"""So many earlier sittings are evidence of an ability: what was longer ago says little of today."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sitting as evidence of ability: its form, a mark for each position, and which items were new.

    `dropped` are positions whose items were withdrawn since.
    """

    form: Form
    marks: Sequence[Mark]
    first: Sequence[bool]
    dropped: frozenset[int] = frozenset()

    def scored(self) -> list[tuple[Position, Mark, bool]]:
        """The positions that count, each with its mark and whether it was new."""
        whole = zip(self.form.positions, self.marks, self.first, strict=True)
        return [one for one in whole if one[0].scored and one[0].number not in self.dropped]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one score means.

    `low` to `high` is the band: scores of 90 of 100 candidates whose ability could well have given this one.
    `accuracy` and `consistency` are of the form, `error_at_cut` in points. `prediction` is the chance of passing
    a fresh form, from `new` responses to items met for the first time in `sittings` strict mocks; `repeated`
    ones were left out. `calibrated` of the form's `scored` items rest on responses, the others on ratings. `domains`
    begin with the one where there is most to gain. `first_seen` and `seen_again` are the items of this sitting.
    """

    low: int
    high: int
    accuracy: float
    consistency: float
    reliability: float
    error_at_cut: float
    prediction: Prediction
    sittings: int
    new: int
    repeated: int
    first_seen: Tally
    seen_again: Tally
    domains: tuple[DomainStanding, ...]
    calibrated: int
    scored: int


def meaning(
    form: Form,
    raw: int,
    parameters: Parameters,
    evidence: Sequence[Evidence],
    labelled: LabelledReference,
    domain_spread: float,
) -> Meaning:
    """The meaning of `raw` right on a form.

    `evidence` are the candidate's sittings of this exam up to this one, which is the last; `labelled` is the
    reference at the nodes of PRIOR; `domain_spread` how far domains differ from the whole among candidates
    (`app.psychometrics.subscores`). ValueError without evidence.
    """
    reference, ends = parameters.reference, Ends(form.scale.min, form.scale.cut, form.scale.max)
    places = [place for place in form.positions if place.scored]
    scored = curve_of(places)
    table = np.array(form.conversion)
    known = [parameters.of(place.id, place.version) for place in places]
    sd = np.array(
        [UNCALIBRATED_SD if one is None or one.se_b is None else one.se_b for one in known], dtype=np.float64
    )
    low, high = band_of(raw, scored, reference.curve, reference.cut_share, ends, table, sd)
    quality_of_form = quality(scored, table, form.scale.cut, form.theta_cut, PRIOR)
    if not evidence:
        raise ValueError("a score has at least its own sitting as evidence")
    likelihood, new, repeated = _likelihood(evidence)
    belief = posterior(PRIOR, likelihood)
    typical = passing_typical(reference.curve, len(places), least_to_pass(form), PRIOR.nodes)
    worth = _points_for_a_share(table[raw], ends, reference.cut_share)
    unsure = float(location_error(scored, sd, float(belief.mean)))
    own = evidence[-1].scored()
    return Meaning(
        low=floor(low),
        high=ceil(high),
        accuracy=quality_of_form.accuracy,
        consistency=quality_of_form.consistency,
        reliability=quality_of_form.reliability,
        error_at_cut=quality_of_form.error_at_cut,
        prediction=predict(belief, typical, new / max(1, len(places)), unsure),
        sittings=len(evidence),
        new=new,
        repeated=repeated,
        first_seen=_tally("first seen", own, True),
        seen_again=_tally("seen again", own, False),
        domains=standings(own, labelled, PRIOR, domain_spread, worth),
        calibrated=sum(one is not None and one.answered > 0 for one in known),
        scored=len(places),
    )


def _likelihood(evidence: Sequence[Evidence]) -> tuple[Floats, int, int]:
    """log P(all first-seen responses | node), how many there are, and how many repeated ones were left out."""
    places = [counted for one in evidence for counted in one.scored()]
    new = [(place, mark) for place, mark, first in places if first]
    items = curve_of([place for place, _ in new])
    right = np.array([mark is Mark.RIGHT for _, mark in new], dtype=np.bool_)
    return pattern_likelihood(items, right, PRIOR.nodes), len(new), len(places) - len(new)


def _points_for_a_share(scaled: float, ends: Ends, cut_share: float) -> float:
    """How many points the whole expected share is worth, on this side of the cut (the scale has two slopes)."""
    if scaled < ends.cut:
        return (ends.cut - ends.minimum) / cut_share
    return (ends.maximum - ends.cut) / (1.0 - cut_share)


def _tally(name: str, marked: Sequence[tuple[Position, Mark, bool]], new: bool) -> Tally:
    marks = [mark for _, mark, first in marked if first is new]
    return Tally(name, marks.count(Mark.RIGHT), len(marks), marks.count(Mark.UNANSWERED))


def curve_of(places: Sequence[Position]) -> Curve:
    """Some positions of a form as a curve."""
    return curve(*([getattr(place, name) for place in places] for name in "abc"))
