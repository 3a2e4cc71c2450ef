"""The promises about scores, kept by made-up candidates."""

from __future__ import annotations

import numpy as np
import pytest

from app.psychometrics.simulation import band_coverage, decisions, foresight, made_bank, made_responses


@pytest.mark.parametrize(("sd", "floor"), [(0.0, None), (0.4, None), (0.4, 0.0)])
def test_bands_cover_what_they_say_also_where_none_or_all_are_right(sd: float, floor: float | None) -> None:
    found = band_coverage(1, forms=12, sd=sd, floor=floor)
    assert 0.89 <= found.mean <= 0.95
    assert found.lowest >= 0.89


def test_bands_that_ignore_uncertain_locations_would_cover_less() -> None:
    """The control: locations off by more than the band is told."""
    told, untold = band_coverage(2, forms=8, sd=1.5), band_coverage(2, forms=8, sd=1.5, told=False)
    assert untold.mean < told.mean - 0.01


def test_formulas_of_decisions_agree_with_counting() -> None:
    found = decisions(1, persons=100_000)
    assert found.accuracy == pytest.approx(found.accuracy_counted, abs=0.005)
    assert found.consistency == pytest.approx(found.consistency_counted, abs=0.005)
    assert found.reliability == pytest.approx(found.reliability_counted, abs=0.005)


def test_as_many_pass_as_is_foretold() -> None:
    found = foresight(1, persons=1_200)
    assert found.passed == pytest.approx(found.foretold, abs=0.1)
    assert np.mean(found.passed) == pytest.approx(np.mean(found.foretold), abs=0.03)
    assert 0.77 <= found.coverage <= 0.86


def test_the_same_seed_gives_the_same_figures() -> None:
    assert band_coverage(3, forms=1) == band_coverage(3, forms=1)
    assert band_coverage(3, forms=1) != band_coverage(4, forms=1)


def test_each_made_person_has_a_form_of_different_items() -> None:
    rng = np.random.default_rng(25)
    given = made_responses(rng, made_bank(rng, 50), rng.normal(size=20), 10)
    assert np.bincount(given.person).tolist() == [10] * 20
    assert len(set(zip(given.person.tolist(), given.item.tolist(), strict=True))) == 200
