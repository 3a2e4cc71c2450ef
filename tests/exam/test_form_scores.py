"""What it is worth to sit one form rather than another: to a candidate exactly on the standard, nothing."""

from __future__ import annotations

import numpy as np
import pytest

from app.exam.form import assemble
from tests.exam.across import at_the_cut, deviations, random_items, scored_items
from tests.exam.banks import bank, snapshot

BANK = bank(420)
FORMS = 60


def test_chances_and_scores_at_the_cut_are_those_of_any_other_form() -> None:
    forms = [scored_items(assemble(snapshot(BANK), seed), BANK) for seed in range(FORMS)]
    chances, scores = np.array([at_the_cut(form, BANK) for form in forms]).T
    assert np.std(chances) <= 0.01
    assert np.std(scores) <= 0.1  # 0.5 was asked for
    assert abs(np.mean(scores) - 750) < 5


def test_forms_of_random_items_are_further_apart() -> None:
    chances, scores = np.array([at_the_cut(random_items(BANK, seed), BANK) for seed in range(FORMS)]).T
    assert np.std(chances) > 0.02
    assert np.std(scores) > 0.2  # equating alone brings them near


def test_a_form_says_how_far_off_it_is() -> None:
    form = assemble(snapshot(BANK), 1)
    assert deviations(scored_items(form, BANK), BANK) == pytest.approx(
        (form.tcc_deviation, form.tif_deviation)
    )
