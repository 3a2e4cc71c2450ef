"""Readiness: the chance of passing a fresh form after each mock, one after the other.

It is what the report of each mock says (`app.exam.meaning`), worked out for all of them in one go.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from app.exam.meaning import PRIOR, RECENT, UNCALIBRATED_SD, Evidence, curve_of
from app.exam.parameters import Parameters
from app.exam.score import Mark, least_to_pass
from app.psychometrics.ability import location_error, pattern_likelihood, posterior
from app.psychometrics.irt import Floats
from app.psychometrics.prediction import Prediction, passing_typical, predict


def predictions(evidence: Sequence[Evidence], parameters: Sequence[Parameters]) -> tuple[Prediction, ...]:
    """The prediction after each of some sittings of one candidate, oldest first; `parameters` are those of each form.

    Each rests on the responses to items met for the first time, in it and the RECENT sittings before.
    """
    recent: deque[tuple[Floats, int]] = deque(maxlen=RECENT + 1)
    found = []
    for one, known in zip(evidence, parameters, strict=True):
        counted = [(place, mark) for place, mark, first in one.scored() if first]
        right = np.array([mark is Mark.RIGHT for _, mark in counted], dtype=np.bool_)
        own = pattern_likelihood(curve_of([place for place, _ in counted]), right, PRIOR.nodes)
        recent.append((own, len(counted)))
        likelihood, new = sum(logs for logs, _ in recent), sum(count for _, count in recent)
        places = [place for place in one.form.positions if place.scored]
        spread = [known.of(place.id, place.version) for place in places]
        sd = [UNCALIBRATED_SD if it is None or it.se_b is None else it.se_b for it in spread]
        belief = posterior(PRIOR, likelihood)
        typical = passing_typical(known.reference.curve, len(places), least_to_pass(one.form), PRIOR.nodes)
        unsure = float(location_error(curve_of(places), sd, float(belief.mean)))
        found.append(predict(belief, typical, new / max(1, len(places)), unsure))
    return tuple(found)
