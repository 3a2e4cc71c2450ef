"""Subscores by domain."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.psychometrics.ability import normal_prior, number_right_likelihood, posterior
from app.psychometrics.irt import probability
from app.psychometrics.scale import curve
from app.psychometrics.simulation import made_bank, made_form, subscore_accuracy
from app.psychometrics.subscores import (
    ENOUGH_PERSONS,
    SPREAD,
    Subscore,
    Verdict,
    added_value,
    domain_posteriors,
    estimate_spread,
    subscores,
)

RNG = np.random.default_rng(6)
PRIOR = normal_prior(count=61)
BANKS = [made_bank(RNG, 60) for _ in range(3)]
DOMAINS = [made_form(RNG, bank, 16) for bank in BANKS]
TABLES = [number_right_likelihood(domain, PRIOR.nodes) for domain in DOMAINS]

SHARES = np.stack([bank.at(PRIOR.nodes) for bank in BANKS])


def standards(theta_cut: float) -> list[float]:
    """The share of each domain's bank that is asked for."""
    return [float(bank.at(theta_cut)) for bank in BANKS]


def logs_of(*right: int) -> np.ndarray:
    return np.stack([table[x] for table, x in zip(TABLES, right, strict=True)])


def test_one_domain_given_all_is_bayes_theorem_on_two_levels() -> None:
    """The double sum over the whole and both domains, written out."""
    prior, spread = normal_prior(count=16), 0.6
    counts = zip(DOMAINS, (5, 12, 9), strict=True)
    logs = np.stack([number_right_likelihood(domain, prior.nodes)[x] for domain, x in counts])
    kernel = np.exp(-0.5 * ((prior.nodes[:, None] - prior.nodes) / spread) ** 2)
    kernel /= kernel.sum(axis=1, keepdims=True)
    likelihood = np.exp(logs)
    joint = np.einsum("t,ta,tb,tc,a,b,c->abc", prior.mass, kernel, kernel, kernel, *likelihood)
    found = domain_posteriors(logs, prior, spread)
    for d, others in enumerate([(1, 2), (0, 2), (0, 1)]):
        assert found.mass[d] == pytest.approx(joint.sum(axis=others) / joint.sum())


def test_without_spread_all_domains_are_the_whole() -> None:
    found = domain_posteriors(logs_of(4, 12, 9), PRIOR, 0.0)
    whole = posterior(PRIOR, np.sum(logs_of(4, 12, 9), axis=0))
    assert found.mean == pytest.approx(np.full(3, float(whole.mean)))


def test_a_domain_is_drawn_towards_the_others() -> None:
    alone = posterior(PRIOR.blurred(0.5), logs_of(3, 15, 15)).mean
    together = domain_posteriors(logs_of(3, 15, 15), PRIOR, 0.5).mean
    assert alone[0] < together[0] < together[1]
    assert together[1] < domain_posteriors(logs_of(15, 15, 15), PRIOR, 0.5).mean[1]


def test_many_candidates_at_once_are_each_as_alone() -> None:
    both = domain_posteriors(np.stack([logs_of(3, 15, 9), logs_of(8, 8, 8)]), PRIOR, 0.4)
    assert both.mass[0] == pytest.approx(domain_posteriors(logs_of(3, 15, 9), PRIOR, 0.4).mass)


def test_few_candidates_take_the_usual_spread() -> None:
    few = np.tile(logs_of(3, 15, 9), (ENOUGH_PERSONS - 1, 1, 1))
    assert estimate_spread(few, PRIOR) == SPREAD
    assert estimate_spread(np.tile(few[:, :1], (9, 1, 1)), PRIOR) == SPREAD


def test_candidates_all_at_odds_with_themselves_need_a_wide_spread() -> None:
    odd = np.stack([logs_of(*RNG.permutation([3, 9, 16]).tolist()) for _ in range(ENOUGH_PERSONS)])
    even = np.stack([logs_of(x, x, x) for x in RNG.integers(5, 16, ENOUGH_PERSONS).tolist()])
    assert estimate_spread(odd, PRIOR) > 0.9
    assert estimate_spread(even, PRIOR) < 0.1


def test_the_verdict_needs_the_whole_interval_on_one_side() -> None:
    assert Subscore(0.5, 0.4, 0.6, 0.65, 0.15).verdict is Verdict.BELOW
    assert Subscore(0.5, 0.4, 0.6, 0.35, 0.0).verdict is Verdict.ABOVE
    assert Subscore(0.5, 0.4, 0.6, 0.5, 0.04).verdict is Verdict.UNCLEAR
    assert Subscore(0.5, 0.46, 0.54, 0.5, 0.02).verdict is Verdict.AT


def test_a_candidate_strong_in_one_domain_and_weak_in_another_is_told_so() -> None:
    found = subscores(domain_posteriors(logs_of(4, 16, 12), PRIOR, 0.8), SHARES, standards(-0.2))
    assert [one.verdict for one in found] == [Verdict.BELOW, Verdict.ABOVE, Verdict.UNCLEAR]


@given(st.tuples(*[st.integers(0, 16)] * 3), st.floats(0, 1.5), st.floats(-4, 4))
def test_every_interval_holds_its_share(right: tuple[int, int, int], spread: float, theta_cut: float) -> None:
    for one in subscores(domain_posteriors(logs_of(*right), PRIOR, spread), SHARES, standards(theta_cut)):
        assert 0 <= one.low <= one.share <= one.high <= 1
        assert 0 < one.standard < 1


def test_the_added_value_is_what_regression_finds() -> None:
    """Squared multiple correlations of true scores with numbers right, in candidates made at random."""
    rng, persons, spread = np.random.default_rng(7), 60_000, 0.5
    theta = rng.normal(size=(persons, 1)) + spread * rng.normal(size=(persons, 3))
    true, right = np.empty((2, persons, 3))
    for d, domain in enumerate(DOMAINS):
        chance = probability(theta[:, d], domain.a, domain.b, domain.c)
        true[:, d] = chance.sum(axis=1)
        right[:, d] = (rng.random(chance.shape) < chance).sum(axis=1)
    total = right.sum(axis=1)

    def explained(d: int, *by: np.ndarray) -> float:
        design = np.column_stack([np.ones(persons), *by])
        left = true[:, d] - design @ np.linalg.lstsq(design, true[:, d], rcond=None)[0]
        return float(1 - np.var(left) / np.var(true[:, d]))

    for d, found in enumerate(added_value(DOMAINS, PRIOR, spread)):
        assert found.own == pytest.approx(explained(d, right[:, d]), abs=0.01)
        assert found.total == pytest.approx(explained(d, total), abs=0.01)
        assert found.both == pytest.approx(explained(d, right[:, d], total), abs=0.01)


def test_domains_that_are_one_are_not_worth_reporting() -> None:
    assert not any(value.worth_reporting for value in added_value(DOMAINS, PRIOR, 0.0))


def test_domains_that_differ_are_worth_reporting() -> None:
    assert all(value.worth_reporting for value in added_value(DOMAINS, PRIOR, 0.5))
    assert all(value.stands_alone for value in added_value(DOMAINS, PRIOR, 1.2))


def test_a_domain_without_items_has_no_value() -> None:
    nothing = added_value([*DOMAINS, curve([], [], [])], PRIOR, 0.5)[3]
    assert (nothing.own, nothing.total, nothing.both) == (0, 0, 0)


def test_shrinking_beats_the_total_and_its_intervals_cover() -> None:
    found = subscore_accuracy(1, persons=4_000)
    assert found.shrunk < found.total_only < found.raw
    assert 0.78 <= found.coverage <= 0.83
    assert found.spread == pytest.approx(0.5, abs=0.05)
