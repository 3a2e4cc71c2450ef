"""Trace lines."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.psychometrics.traces import LEAST, trace


def test_bins_are_of_like_size_and_rise_in_ability() -> None:
    rng = np.random.default_rng(9)
    ability = rng.normal(size=203)
    found = trace(ability, rng.random((203, 4)) < 0.3)
    assert found.count.tolist() == [21, 21, 21, 20, 20, 20, 20, 20, 20, 20]
    assert np.all(np.diff(found.ability) > 0)


def test_shares_are_counted_in_each_bin() -> None:
    ability = np.arange(40.0)
    found = trace(ability, np.column_stack([ability >= 20, ability < 10]), bins=4)
    assert found.share.tolist() == [[0, 1], [0, 0], [1, 0], [1, 0]]


def test_the_key_rises_with_ability_where_the_item_works() -> None:
    rng = np.random.default_rng(10)
    ability = rng.normal(size=4000)
    found = trace(ability, (rng.random(4000) < 1 / (1 + np.exp(-2 * ability)))[:, np.newaxis])
    assert np.all(np.diff(found.share[:, 0]) > 0)


@given(st.integers(0, 60), st.integers(1, 5), st.integers(1, 12))
def test_every_share_lies_in_its_interval(persons: int, options: int, bins: int) -> None:
    rng = np.random.default_rng(persons)
    found = trace(rng.normal(size=persons), rng.random((persons, options)) < 0.5, bins)
    assert int(found.count.sum()) == persons
    assert found.share.shape == found.low.shape == (len(found.count), options)
    assert np.all((found.low <= found.share + 1e-12) & (found.share <= found.high + 1e-12))
    assert len(found.count) == 1 or np.all(found.count >= LEAST) or persons == 0
