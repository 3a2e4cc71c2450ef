"""What the responses of many people to different items say about each person, and about each response.

Each person counts once here: weights are not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.psychometrics.ability import Distribution, log_chances, posterior
from app.psychometrics.irt import Floats, probability
from app.psychometrics.responses import Responses
from app.psychometrics.scale import Curve

BLOCK = 4096
"""How many responses are held on the grid at once."""


@dataclass(frozen=True, slots=True)
class Rest:
    """For each response (R,), what the person's other responses say.

    `ability`: their EAP; `expected`: the chance that they give to this response being right. Under the model
    each response is, given the others, a coin with exactly this chance, whatever items the person had.
    """

    ability: Floats
    expected: Floats


def log_likelihood(bank: Curve, responses: Responses, nodes: Floats) -> Floats:
    """log P(a person's responses | node). Shape (P, K); 0 for a person without responses."""
    chances = log_chances(bank, nodes).reshape(-1, len(nodes))
    row = responses.right * responses.items + responses.item
    whole = np.empty((len(responses.weight), len(nodes)))
    for k in range(len(nodes)):
        whole[:, k] = np.bincount(responses.person, weights=chances[row, k], minlength=len(whole))
    return whole


def abilities(bank: Curve, responses: Responses, prior: Distribution) -> Distribution:
    """The posterior of each person. Mass of shape (P, K); the prior for those without responses."""
    return posterior(prior, log_likelihood(bank, responses, prior.nodes))


def rest(bank: Curve, responses: Responses, prior: Distribution) -> Rest:
    """What each person's other responses say of each response."""
    nodes = prior.nodes
    chances, whole = log_chances(bank, nodes), log_likelihood(bank, responses, nodes)
    right = probability(nodes, bank.a, bank.b, bank.c).T
    ability, expected = np.empty((2, len(responses.person)))
    for start in range(0, len(ability), BLOCK):
        part = slice(start, start + BLOCK)
        item = responses.item[part]
        own = chances[responses.right[part].astype(np.int64), item]
        others = posterior(prior, whole[responses.person[part]] - own)
        ability[part] = others.mean
        expected[part] = np.sum(others.mass * right[item], axis=1)
    return Rest(ability, expected)
