"""The plots of the psychometrics page: they show the forms that they are given, and are the same for a seed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app import plotting, simulating
from app.drawing import Drawing, svg
from app.exam.form import Form
from app.exam.numbers import NODES
from app.exam.snapshot import Bank
from tests.cli.conftest import Run
from tests.cli.drawn import series, words
from tests.exam.banks import exam

FORMS = 10


@pytest.fixture(scope="module")
def bank() -> Bank:
    """A made bank."""
    return simulating.made_bank(exam(), 300, np.random.default_rng(3))


@pytest.fixture(scope="module")
def forms(bank: Bank) -> list[Form]:
    """Some of its forms."""
    return simulating.forms_of(bank, FORMS, 3)[0]


def farthest(drawing: Drawing, bank: Bank) -> float:
    """The largest distance from the target at the nodes, measured on the plot of forms less target."""
    panel = drawing.panels[1]
    points = series(svg(drawing))["all forms, less target"]
    there, back = points[: plotting.POINTS], points[plotting.POINTS :][::-1]
    middle, per_pixel = panel.top + panel.height / 2, (panel.up.high - panel.up.low) / panel.height
    at = panel.x(bank.reference.theta_cut + NODES)
    off = [np.interp(at, half[:, 0], half[:, 1]) - middle for half in (there, back)]
    return float(np.abs(off).max() * per_pixel)


@pytest.mark.parametrize("information", [False, True])
def test_the_plot_shows_the_deviations_that_the_forms_have(
    bank: Bank, forms: list[Form], information: bool
) -> None:
    drawing = plotting.forms_against_target(bank, forms, information=information)
    worst = max(form.tif_deviation if information else form.tcc_deviation for form in forms)
    assert farthest(drawing, bank) == pytest.approx(worst, abs=0.005)
    assert f"{worst:.3f}" in drawing.description


def test_forms_that_are_off_are_seen_to_be(bank: Bank, forms: list[Form]) -> None:
    easier = [
        replace(form, positions=tuple(replace(at, b=at.b - 0.1) for at in form.positions)) for form in forms
    ]
    assert farthest(plotting.forms_against_target(bank, easier, information=False), bank) > 0.5


def test_standard_errors_run_along_the_whole_scale(bank: Bank, forms: list[Form]) -> None:
    drawing = plotting.errors_along_the_scale(bank, forms)
    line = series(svg(drawing))["mean"]
    assert np.all(np.diff(line[:, 0]) >= 0)
    assert line[-1, 0] > line[0, 0] + 300
    assert "At the cut the standard error is 4" in drawing.description


def test_more_candidates_recover_more() -> None:
    few, many = (plotting.recovered(1, people, items=100) for people in (60, 240))
    assert many.error_b < few.error_b
    assert many.correlation_b > few.correlation_b
    assert 0.8 < few.covered_b <= 1


def test_the_same_seed_recovers_the_same_and_another_does_not() -> None:
    first, again, other = (plotting.recovered(seed, 60, items=80) for seed in (1, 1, 2))
    assert np.array_equal(first.b, again.b)
    assert not np.array_equal(first.b, other.b)


def test_the_command_writes_every_plot_and_says_what_is_on_it(run: Run, tmp_path: Path) -> None:
    pack = Path("questions/csa-pro")
    result = run(
        *("simulate", "--exam", "csa-pro", "--forms", 10, "--plots", tmp_path / "plots", "--json"),
        packs=(pack,),
    )
    assert result.status == 0
    rows = json.loads(result.out)["rows"]
    files = sorted((tmp_path / "plots").iterdir())
    assert [file.name for file in files] == ["errors.svg", "recovery.svg", "tcc.svg", "tif.svg"]
    said = {row["name"]: row["found"] for row in rows}
    for file in files:
        assert words(file.read_text("utf-8"))[1] == said[str(file)]
    assert len(rows) == len(files) + 1 + len(plotting.LEARNING)
