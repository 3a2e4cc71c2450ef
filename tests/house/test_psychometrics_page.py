"""What docs/psychometrics.md says is what the program does: its figures, its constants, its plots."""

from __future__ import annotations

import re
from math import log

import pytest

from app import plotting
from app.drawing import svg
from app.exam.meaning import UNCALIBRATED_SD
from app.psychometrics import cold_start, maximisation, prediction, subscores
from app.settings import ROOT
from tests.cli.drawn import apart, series, words

PLOTS = ROOT / "docs" / "plots"
SEED, FEW, MANY = 1, 200, 2_000
ROUNDED = 0.0051
"""Half of the last digit of a figure in the table."""

MOVED = 1.0
"""Pixels that a point may be elsewhere on another machine, whose sums round otherwise."""

LARGEST = 60_000
MINUS = "\N{MINUS SIGN}"
CONSTANTS = {
    "SD of a location around its rating's": f"{maximisation.LOCATION_SPREAD:g}",
    "Mean and SD of the logarithm of a slope": f"{log(cold_start.SLOPE):g}, {maximisation.SLOPE_SPREAD:g}",
    "Correlation of ratings with true difficulty": f"{cold_start.RATING_VALIDITY:g}",
    "SD of true locations in a new bank": f"{cold_start.TRUE_SPREAD:g}",
    "Spread of domains around the whole": f"{subscores.SPREAD:g}",
    "SD between a candidate's days": f"{prediction.DAY_SD:g}",
}


def text() -> str:
    """The page."""
    return (ROOT / "docs" / "psychometrics.md").read_text("utf-8")


def rows(page: str) -> dict[str, list[str]]:
    """The cells of all rows of its tables by the first of them."""
    lines = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("| ")]
    return {cells[0].strip(): [cell.strip().replace(MINUS, "-") for cell in cells[1:]] for cells in lines}


def wrong_figures(page: str, found: plotting.Recovered) -> list[str]:
    """The cells of a line of the table of what is recovered that are not what was recovered."""
    said = rows(page)[f"{found.people:,}"]
    measured = (found.error_b, found.bias_b, found.correlation_b, found.covered_b, found.error_a)
    return [cell for cell, figure in zip(said, measured, strict=True) if abs(float(cell) - figure) > ROUNDED]


@pytest.fixture(scope="module")
def recovered() -> plotting.Recovered:
    """What the plot shows."""
    return plotting.recovered(SEED, MANY)


@pytest.fixture(scope="module")
def few() -> plotting.Recovered:
    """What fewer candidates tell."""
    return plotting.recovered(SEED, FEW)


def test_the_table_has_what_a_calibration_recovers(
    recovered: plotting.Recovered, few: plotting.Recovered
) -> None:
    assert wrong_figures(text(), recovered) == []
    assert wrong_figures(text(), few) == []


def test_a_wrong_figure_in_the_table_is_caught(recovered: plotting.Recovered) -> None:
    assert wrong_figures(text().replace("| 2,000 | 0.22 |", "| 2,000 | 0.12 |"), recovered) == ["0.12"]


def test_the_plot_of_recovery_is_that_of_its_seed(recovered: plotting.Recovered) -> None:
    there = series((PLOTS / "recovery.svg").read_text("utf-8"))
    assert apart(there, series(svg(plotting.recovery(recovered)))) <= MOVED


def test_a_plot_of_other_candidates_is_told_apart(few: plotting.Recovered) -> None:
    there = series((PLOTS / "recovery.svg").read_text("utf-8"))
    assert apart(there, series(svg(plotting.recovery(few)))) > MOVED


@pytest.mark.parametrize("name", ["tcc", "tif", "errors", "recovery"])
def test_every_plot_is_small_well_formed_and_on_the_page(name: str) -> None:
    content = (PLOTS / f"{name}.svg").read_text("utf-8")
    assert len(content.encode()) < LARGEST
    assert all(words(content))
    assert series(content)
    assert "prefers-color-scheme: dark" in content
    assert f"](plots/{name}.svg)" in text()


def test_the_page_says_what_the_plots_of_forms_say() -> None:
    said = [words((PLOTS / f"{name}.svg").read_text("utf-8"))[1] for name in ("tcc", "tif", "errors")]
    worst = [re.search(r"largest distance in [a-z ]+ is ([\d.]+);", one) for one in said[:2]]
    assert all(worst)
    figures = [found[1] for found in worst if found]
    assert f"is {figures[0]} points, and {figures[1]} units" in text()
    error = re.search(r"is (\d+) points; the highest, at a true score of \d+, is (\d+)", said[2])
    assert error
    assert f"{error[1]} points at the cut and at most {error[2]}" in text()


def wrong_constants(page: str) -> list[str]:
    """Names of constants that the page does not give as the program has them."""
    said = rows(page)
    return [name for name, value in CONSTANTS.items() if said.get(name, [""])[0] != value]


def test_what_is_assumed_is_what_the_program_assumes() -> None:
    assert wrong_constants(text()) == []
    assert maximisation.LOCATION_SPREAD == UNCALIBRATED_SD


def test_a_constant_that_is_not_the_programs_is_caught() -> None:
    name = "SD between a candidate's days"
    assert wrong_constants(text().replace(f"{name} | 0.2 ", f"{name} | 0.3 ")) == [name]
