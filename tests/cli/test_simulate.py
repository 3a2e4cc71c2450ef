"""`cutscore simulate`: every promise is measured, and one that is not kept is said so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app import simulating
from app.exam.form import Form
from app.exam.snapshot import Bank
from app.simulating import Row
from tests.cli.conftest import Run
from tests.exam.banks import exam

FORMS = 12


@pytest.fixture(scope="module")
def bank() -> Bank:
    """A made bank."""
    return simulating.made_bank(exam(), 300, np.random.default_rng(3))


@pytest.fixture(scope="module")
def forms(bank: Bank) -> list[Form]:
    """Some of its forms."""
    return simulating.forms_of(bank, FORMS, 3)[0]


def named(rows: list[Row], part: str) -> Row:
    """The one row whose name holds a text."""
    (row,) = [row for row in rows if part in row.name]
    return row


def test_an_exam_that_is_not_there_is_named(run: Run) -> None:
    result = run("simulate", "--exam", "nowhere", "--json")
    assert result.status == 1
    assert "nowhere" in result.err


def test_forms_of_a_made_bank_keep_what_is_promised(bank: Bank, forms: list[Form]) -> None:
    rows = list(simulating.assembly_rows(bank, forms, [1.0] * FORMS))
    assert named(rows, "violations").met
    assert named(rows, "worst TCC").met


def test_forms_that_break_a_promise_are_found(bank: Bank, forms: list[Form]) -> None:
    off = [replace(form, tcc_deviation=0.2, positions=form.positions[1:]) for form in forms]
    rows = list(simulating.assembly_rows(bank, off, [500.0] * FORMS))
    assert named(rows, "violations").met is False
    assert named(rows, "worst TCC").met is False
    assert named(rows, "CPU").met is False


def test_a_candidate_at_the_cut_has_the_same_chance_on_every_form(bank: Bank, forms: list[Form]) -> None:
    assert all(row.met for row in simulating.alike_rows(bank, forms))


def test_forms_without_equating_are_found_to_be_unlike(bank: Bank, forms: list[Form]) -> None:
    wrong = [
        replace(form, conversion=form.conversion[2 * (n % 2) :] + form.conversion[: 2 * (n % 2)])
        for n, form in enumerate(forms)
    ]
    assert any(row.met is False for row in simulating.alike_rows(bank, wrong))


def test_the_same_seed_gives_the_same_candidates(bank: Bank) -> None:
    first, again = (list(simulating.sittings_rows(bank, 60, 5)) for _ in range(2))
    assert first == again
    assert named(first, "90 % band").met


def test_random_conversions_rise_from_end_to_end() -> None:
    assert all(row.met for row in simulating.scale_rows(1, 50))
