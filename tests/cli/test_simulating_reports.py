"""What simulated candidates are told is so; and telling them something else is found out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app import simulating, simulating_reports
from app.psychometrics.subscores import Subscore
from app.simulating_reports import Told
from tests.exam.banks import exam

CANDIDATES = 250


@pytest.fixture(scope="module")
def whole() -> list[Told]:
    """Candidates on a made bank."""
    bank = simulating.made_bank(exam(), 300, np.random.default_rng(3))
    return list(simulating_reports.told(bank, CANDIDATES, 3, forms=24))


def test_the_chance_told_is_the_chance_there_is(whole: list[Told]) -> None:
    rows = list(simulating_reports.chance_rows(whole))
    assert len(rows) == simulating_reports.BINS + 1
    assert all(row.met is not False for row in rows)
    assert sum(row.met is True for row in rows) > 3


def test_chances_told_too_far_out_are_found(whole: list[Told]) -> None:
    off = [replace(one, chance=0.5 + 0.5 * np.sign(one.chance - 0.5) * 0.99) for one in whole]
    assert any(row.met is False for row in simulating_reports.chance_rows(off))


def test_what_is_said_of_domains_is_right_nine_times_in_ten(whole: list[Told]) -> None:
    rows = list(simulating_reports.verdict_rows(whole))
    assert len(rows) == 4
    assert all(row.met for row in rows)


def test_verdicts_by_a_wrong_standard_are_found(whole: list[Told]) -> None:
    def off(one: Told) -> Told:
        moved = tuple(
            replace(at, subscore=at.subscore and replace(at.subscore, standard=at.subscore.standard - 0.2))
            for at in one.domains
        )
        assert all(isinstance(at.subscore, Subscore | None) for at in moved)
        return replace(one, domains=moved)

    assert any(row.met is False for row in simulating_reports.verdict_rows([off(one) for one in whole]))


def test_advice_by_gain_is_not_worse_than_by_the_lowest_share(whole: list[Told]) -> None:
    rows = list(simulating_reports.advice_rows(whole))
    assert all(row.met for row in rows if "found, against" in row.name)


def test_advice_the_wrong_way_round_is_found(whole: list[Told]) -> None:
    turned = [replace(one, domains=one.domains[::-1]) for one in whole]
    assert all(row.met is False for row in simulating_reports.advice_rows(turned) if row.met is not None)
    assert all(row.met is False for row in simulating_reports.advice_rows(turned * 10))


def test_the_same_seed_tells_the_same() -> None:
    bank = simulating.made_bank(exam(), 300, np.random.default_rng(3))
    first, again = (list(simulating_reports.told(bank, 5, 4, forms=4)) for _ in range(2))
    assert first == again
