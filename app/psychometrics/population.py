"""The distribution of ability among the people who answered, items being known."""

from __future__ import annotations

import numpy as np

from app.psychometrics.ability import Distribution, normal_prior
from app.psychometrics.expectation import Group
from app.psychometrics.patterns import abilities
from app.psychometrics.responses import Responses
from app.psychometrics.scale import Curve

PRIOR_PERSONS = 5.0
"""People of N(0, 1) who are thought to be in every group, so that few real ones do not decide alone."""

COUNT = 61
ROUNDS = 50
CLOSE = 1e-4


def group(bank: Curve, responses: Responses) -> Group:
    """Mean and SD of ability by marginal likelihood (EM), drawn to N(0, 1) by PRIOR_PERSONS."""
    found, people = Group(), len(responses.weight)
    for _ in range(ROUNDS if people else 0):
        belief = abilities(bank, responses, prior_of(found))
        mean = float(np.sum(belief.mean)) / (people + PRIOR_PERSONS)
        around = float(np.sum(np.square(belief.sd) + np.square(belief.mean - mean)))
        sd = ((around + PRIOR_PERSONS * (1.0 + mean**2)) / (people + PRIOR_PERSONS)) ** 0.5
        settled = abs(mean - found.mean) < CLOSE and abs(sd - found.sd) < CLOSE
        found = Group(mean, sd)
        if settled:
            break
    return found


def prior_of(found: Group) -> Distribution:
    """A group as what is believed of one of its members before the evidence."""
    return normal_prior(found.mean, found.sd, COUNT)
