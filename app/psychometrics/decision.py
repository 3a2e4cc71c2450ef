"""How far the decisions of a form can be trusted: accuracy, consistency, reliability, standard errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from app.psychometrics.ability import SMALLEST, Distribution, posterior
from app.psychometrics.irt import Floats, probability
from app.psychometrics.scale import Curve, number_correct


@dataclass(frozen=True, slots=True)
class Quality:
    """What a form can tell, for candidates spread as its prior says.

    `accuracy`: the share who get the result that their ability deserves; `false_pass` and `false_fail` are
    the rest. `consistency`: the share who would get the same result on another form like it.
    `reliability`: the share of the variance of ability that the number right explains. `error_at_cut`: the
    standard error of the scaled score of a candidate exactly on the standard; `error` (K,) that at each of
    the abilities `theta` (K,).
    """

    accuracy: float
    consistency: float
    false_pass: float
    false_fail: float
    reliability: float
    error_at_cut: float
    theta: Floats
    error: Floats


def quality(form: Curve, table: ArrayLike, cut: float, theta_cut: float, prior: Distribution) -> Quality:
    """The quality of a form whose scores are `table` (n + 1,), passed from `cut` up.

    Accuracy and consistency are those of Lee (2010, "Classification consistency and accuracy for complex
    assessments using item response theory"): sums over ability of the chance of the deserved result, and of
    p^2 + (1 - p)^2. A candidate deserves to pass from `theta_cut` up.
    """
    scores = np.asarray(table, dtype=np.float64)
    # The distribution at the nodes, and in the last row at the cut: what takes time is the same in all that follows.
    distribution = number_correct(probability(np.append(prior.nodes, theta_cut), form.a, form.b, form.c))
    passing = np.minimum(1.0, distribution[:-1] @ (scores >= cut).astype(np.float64))
    error = _error(distribution, scores)
    above = prior.nodes >= theta_cut
    false_pass = float(np.sum(prior.mass[~above] * passing[~above]))
    false_fail = float(np.sum(prior.mass[above] * (1.0 - passing[above])))
    return Quality(
        accuracy=1.0 - false_pass - false_fail,
        consistency=float(np.sum(prior.mass * (passing**2 + (1.0 - passing) ** 2))),
        false_pass=false_pass,
        false_fail=false_fail,
        reliability=_reliability(distribution[:-1], prior),
        error_at_cut=float(error[-1]),
        theta=prior.nodes,
        error=error[:-1],
    )


def pass_chance(form: Curve, table: ArrayLike, cut: float, theta: ArrayLike) -> Floats:
    """P(scaled score >= cut | theta) on a form. Shape: that of theta."""
    passing = np.asarray(table, dtype=np.float64) >= cut
    distribution = number_correct(probability(theta, form.a, form.b, form.c))
    return np.asarray(np.minimum(1.0, distribution @ passing.astype(np.float64)))


def score_error(form: Curve, table: ArrayLike, theta: ArrayLike) -> Floats:
    """Conditional standard error of the scaled score: its standard deviation at theta. Shape: that of theta."""
    scores = np.asarray(table, dtype=np.float64)
    return _error(number_correct(probability(theta, form.a, form.b, form.c)), scores)


def _error(distribution: Floats, scores: Floats) -> Floats:
    mean = distribution @ scores
    return np.asarray(np.sqrt(np.sum(distribution * np.square(scores - mean[..., np.newaxis]), axis=-1)))


def marginal_reliability(ability: ArrayLike, sd: ArrayLike) -> float | None:
    """Var(EAP) / (Var(EAP) + mean PSD^2) of many candidates (n,); None when there are fewer than two.

    It takes the place of Cronbach's alpha where everybody has another form.
    """
    estimates, errors = (np.asarray(values, dtype=np.float64) for values in (ability, sd))
    if len(estimates) < 2:  # noqa: PLR2004 -- one estimate has no variance
        return None
    explained, left = float(np.var(estimates)), float(np.mean(errors**2))
    return explained / (explained + left) if explained + left > 0 else None


def _reliability(distribution: Floats, prior: Distribution) -> float:
    logs = np.log(np.maximum(distribution, SMALLEST)).T
    chance = distribution.T @ prior.mass
    left = float(np.sum(chance * posterior(prior, logs).sd ** 2))
    return min(1.0, max(0.0, 1.0 - left / float(prior.sd**2)))
