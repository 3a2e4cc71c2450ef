"""Calibration on the scale of the priors, the group's mean and SD being free."""

from __future__ import annotations

import numpy as np
import pytest

from app.psychometrics.calibration import calibrate
from app.psychometrics.maximisation import Priors, priors_around
from app.psychometrics.prior_scale import best_link, calibrate_on_priors
from app.psychometrics.responses import Responses, responses
from app.psychometrics.simulation import made_bank, made_responses

ITEMS = 40


def made(seed: int, persons: int, mean: float, sd: float) -> tuple[Responses, np.ndarray, np.ndarray]:
    """Responses, floors and true locations."""
    rng = np.random.default_rng(seed)
    bank = made_bank(rng, ITEMS)
    given = made_responses(rng, bank, rng.normal(mean, sd, persons), 25)
    return given, bank.c, bank.b


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (0.8, 1.0), (-0.5, 0.7)])
def test_a_group_is_found_where_it_is(mean: float, sd: float) -> None:
    given, floors, b = made(3, 800, mean, sd)
    found = calibrate_on_priors(given, floors, priors_around(b, 0.3))
    assert found.settled
    assert found.link.shift == pytest.approx(mean, abs=0.12)
    assert found.link.scale == pytest.approx(sd, abs=0.12)
    assert found.curve.b == pytest.approx(b, abs=0.6)


def test_it_is_the_joint_mode() -> None:
    given, floors, b = made(4, 150, 0.5, 1.2)
    priors = priors_around(b)
    found = calibrate_on_priors(given, floors, priors)

    def height(shift: float, scale: float) -> float:
        moved = Priors(
            (b - shift) / scale, priors.b_sd / scale, priors.log_a_mean + np.log(scale), priors.log_a_sd
        )
        top = calibrate(given, floors, priors=moved, with_errors=False).objectives[-1]
        return float(top - 0.5 * shift**2 - 0.5 * (np.log(scale) / 0.3) ** 2)

    at = found.link
    best = height(at.shift, at.scale)
    for shift, scale in ((0.1, 1.0), (-0.1, 1.0), (0.0, 1.1), (0.0, 1 / 1.1)):
        assert height(at.shift + shift, at.scale * scale) < best


def test_the_best_link_puts_items_back_on_their_priors() -> None:
    rng = np.random.default_rng(5)
    b, a = rng.normal(size=200), np.full(200, np.exp(-0.1))
    link = best_link(a * 1.3, (b - 0.4) / 1.3, priors_around(b))
    assert link == pytest.approx((1.3, 0.4), abs=0.01)


@pytest.mark.parametrize("right", [True, False])
def test_one_result_for_all_responses_leaves_finite_figures(right: bool) -> None:
    person, item = np.divmod(np.arange(3 * ITEMS), ITEMS)
    given = responses(person, item, np.full(len(item), right), ITEMS, np.ones(3))
    found = calibrate_on_priors(given, np.full(ITEMS, 0.25), priors_around(np.zeros(ITEMS)))
    for values in (found.curve.a, found.curve.b, found.link):
        assert np.all(np.isfinite(values))
    assert (found.link.shift > 0) == right
