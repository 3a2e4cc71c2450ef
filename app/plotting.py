"""The plots of docs/psychometrics.md: forms against their target, standard errors along the scale, and what a
calibration recovers. Everything follows from the seed and the bank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import default_rng

from app import simulating
from app.drawing import Axis, Band, Dots, Drawing, Limits, Line, Panel, ticks
from app.exam.calibrating import estimates
from app.exam.form import Form
from app.exam.numbers import NODES, TOLERANCE
from app.exam.snapshot import Bank
from app.psychometrics import irt, simulation
from app.psychometrics.cold_start import SLOPE, cold_start
from app.psychometrics.decision import score_error
from app.psychometrics.irt import Floats
from app.psychometrics.scale import Curve, Ends, curve, scaled
from app.simulating import Row

REACH = 3.0  # of ability, to both sides of the cut
POINTS = 61
HEADROOM = 1.1  # above the highest line, for the word at the cut
LEARNING = ((0.1, 0.0), (0.25, 0.0), (1.0, 0.0), (1.0, simulating.FLOOR_ERROR))
"""Of the candidates, and the SD by which the true guessing floors are off: the lines of what is recovered."""

SHOWN = 2  # of those, the one that is drawn
FORM, ITEMS = 74, 300
SURE = 1.96  # standard errors of a 95 % interval


def forms_against_target(bank: Bank, forms: Sequence[Form], *, information: bool) -> Drawing:
    """Characteristic curves, or information, of forms: as they are, and less that of the target."""
    theta = bank.reference.theta_cut + np.linspace(-REACH, REACH, POINTS)
    tau, scored = bank.reference.curve, bank.exam.scored
    if information:
        target = scored * irt.information(theta, tau.a, tau.b, tau.c) @ tau.weight
        found = np.array([np.sum(irt.information(theta, *_abc(form)), axis=-1) for form in forms])
        name, most = "information", float(np.ceil(found.max() * HEADROOM / 4) * 4)
        axis = Axis("", 0.0, most, ticks(0.0, most, 4.0))
    else:
        target = scored * tau.at(theta)
        found = np.array([simulating.curve_of(form).at(theta) for form in forms])
        name = "number right"
        axis = Axis("", 0.0, float(scored), (0.0, scored / 2, float(scored)))
    off = found - target
    worst = max(form.tif_deviation if information else form.tcc_deviation for form in forms)
    widest = float(np.ceil(np.abs(off).max() * 5) / 5)
    across = Axis("Ability θ", theta[0], theta[-1], ticks(theta[0], theta[-1], 1.0), 0)
    cut = (bank.reference.theta_cut, "cut")
    nodes = bank.reference.theta_cut + NODES
    title = (
        f"{'Information' if information else 'Expected number right'}: {len(forms)} forms and their target"
    )
    above = Panel(
        f"{title} (dashed)",
        across,
        axis,
        (_range("all forms", theta, found, 0.0, 1.0), Line("target", theta, target, "dashed")),
        60,
        40,
        640,
        190,
        cut,
    )
    below = Panel(
        "Forms less target: all (outer), 90 of 100 (inner); bars: where they are held to ±.05",
        across,
        Axis("", -widest, widest, (-widest, 0.0, widest), 1),
        (
            _range("all forms, less target", theta, off, 0.0, 1.0),
            _range("90 of 100 forms, less target", theta, off, 0.05, 0.95, "narrow"),
            Limits("tolerance", nodes, -TOLERANCE, TOLERANCE),
        ),
        60,
        320,
        640,
        150,
        cut,
    )
    description = (
        f"{len(forms)} forms of {len(bank.items)} items. At the five abilities where they are held to the target the "
        f"largest distance in {name} is {worst:.3f}; anywhere on the plot it is {np.abs(off).max():.2f}."
    )
    return Drawing(title, description, (above, below), 720, 520)


def errors_along_the_scale(bank: Bank, forms: Sequence[Form]) -> Drawing:
    """The conditional standard error of the scaled score, by the true score."""
    theta = np.linspace(-6.0, 6.0, 2 * POINTS - 1) + bank.reference.theta_cut
    at = bank.exam.scale
    ends = Ends(at.min, at.cut, at.max)
    true = scaled(bank.reference.curve.at(theta), bank.reference.cut_share, ends)
    found = np.array([score_error(simulating.curve_of(form), form.conversion, theta) for form in forms])
    mean = np.mean(found, axis=0)
    most = float(np.ceil(found.max() / 20) * 20)
    cut = float(np.interp(at.cut, true, mean))
    panel = Panel(
        f"Standard error of the score, in points: {len(forms)} forms (line: their mean, band: all)",
        Axis("True scaled score", at.min, at.max, tuple(np.linspace(at.min, at.max, 10).tolist())),
        Axis("", 0.0, most, ticks(0.0, most, 20.0)),
        (_range("all forms", true, found, 0.0, 1.0), Line("mean", true, mean)),
        60,
        40,
        640,
        210,
        (at.cut, f"cut {at.cut}"),
    )
    description = (
        f"{len(forms)} forms. At the cut the standard error is {cut:.0f} points; the highest, at a true score of "
        f"{true[int(np.argmax(mean))]:.0f}, is {mean.max():.0f}. The line begins at {true[0]:.0f}: the true score of "
        "blind guessing."
    )
    return Drawing("Standard error along the scale", description, (panel,), 720, 300)


def drawings(bank: Bank, forms: Sequence[Form]) -> dict[str, Drawing]:
    """The plots of the forms of a bank, by the names of their files."""
    return {
        "tcc.svg": forms_against_target(bank, forms, information=False),
        "tif.svg": forms_against_target(bank, forms, information=True),
        "errors.svg": errors_along_the_scale(bank, forms),
    }


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a calibration makes of known items, all (n,); locations are relative to the cut, as scores use them.

    The `people` guess as often as the floors say, give or take `floor_error` (an SD over items).
    """

    people: int
    floor_error: float
    true_a: Floats
    true_b: Floats
    a: Floats
    b: Floats
    se_b: Floats

    @property
    def row(self) -> Row:
        """A line of the table."""
        name = f"{self.people:,} candidates" + (
            f", floors off by {self.floor_error:g}" if self.floor_error else ""
        )
        figures = (self.error_b, self.bias_b, self.correlation_b, self.covered_b, self.error_a)
        return Row(name, "", " | ".join(f"{figure:.2f}" for figure in figures), None)

    @property
    def error_a(self) -> float:
        """Root mean squared error of the slopes."""
        return simulation.rmse(self.a, self.true_a)

    @property
    def error_b(self) -> float:
        """Root mean squared error of the locations."""
        return simulation.rmse(self.b, self.true_b)

    @property
    def bias_b(self) -> float:
        """Mean error of the locations."""
        return float(np.mean(self.b - self.true_b))

    @property
    def correlation_b(self) -> float:
        """Correlation of true and estimated locations."""
        return float(np.corrcoef(self.b, self.true_b)[0, 1])

    @property
    def covered_b(self) -> float:
        """Share of items whose 95 % interval holds the true location."""
        return float(np.mean(np.abs(self.b - self.true_b) <= SURE * self.se_b))


def recovered(seed: int, people: int, floor_error: float = 0.0, items: int = ITEMS) -> Recovered:
    """Candidates with FORM items each of a made bank, calibrated as a bank's responses are: from ratings, by MAP."""
    rng = default_rng([seed, people])
    believed = simulation.made_bank(rng, items)
    floors = np.clip(believed.c + rng.normal(0, floor_error, items), 0.02, 0.45)
    true = curve(believed.a, believed.b, floors, believed.weight)
    cold = cold_start(simulating.ratings(believed, rng), believed.c, believed.weight, simulation.CUT)
    before = curve(np.full(items, SLOPE), cold.b, believed.c, believed.weight)
    cut = float(true.inverse(simulation.CUT))
    responses = simulation.made_responses(rng, true, rng.normal(cut + 0.1, 1.0, people), FORM)
    made = estimates(responses, before, cold.b, np.zeros(items))
    found: Curve = made.curve
    own_cut = float(found.inverse(simulation.CUT))
    return Recovered(people, floor_error, true.a, true.b - cut, found.a, found.b - own_cut, made.se_b)


def recovery(found: Recovered) -> Drawing:
    """True against estimated locations and slopes."""
    reach, top = (float(np.ceil(max(pair[0].max(), pair[1].max()))) for pair in _pairs(found))
    least = float(np.floor(min(found.true_b.min(), found.b.min())))
    b_axis = (least, reach, ticks(least, reach, 1.0))
    a_axis = (0.0, top, ticks(0.0, top, 1.0))
    panels = tuple(
        Panel(
            title,
            Axis("true", low, high, marks),
            Axis("", low, high, marks),
            (
                Line("equal", np.array([low, high]), np.array([low, high]), "dashed"),
                Dots(title, true, estimate),
            ),
            left,
            40,
            290,
            290,
        )
        for title, (low, high, marks), true, estimate, left in (
            ("Location b, estimated", b_axis, found.true_b, found.b, 50),
            ("Slope a, estimated", a_axis, found.true_a, found.a, 410),
        )
    )
    description = (
        f"{len(found.b)} items after {found.people:,} candidates with {FORM} items each. Root mean squared error of "
        f"b {found.error_b:.3f}, of a {found.error_a:.3f}; correlation of true and estimated b "
        f"{found.correlation_b:.3f}."
    )
    return Drawing("What a calibration recovers", description, panels, 720, 380)


def recoveries(seed: int, candidates: int) -> list[Recovered]:
    """What is recovered after more and more candidates; of a smaller bank when they are few."""
    items = max(FORM, min(ITEMS, candidates // 6))
    return [recovered(seed, round(part * candidates), floor_error, items) for part, floor_error in LEARNING]


def _pairs(found: Recovered) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    return (found.true_b, found.b), (found.true_a, found.a)


def _abc(form: Form) -> tuple[Floats, Floats, Floats]:
    items = simulating.curve_of(form)
    return items.a, items.b, items.c


def _range(name: str, x: Floats, values: Floats, low: float, high: float, style: str = "wide") -> Band:
    """Between two quantiles of many lines (lines, n)."""
    return Band(name, x, np.quantile(values, low, axis=0), np.quantile(values, high, axis=0), style)
