"""What forms have in common, and in what they differ: measured item by item, without the help of what made them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from app.exam.blueprint import scored_counts
from app.exam.form import Form
from app.exam.snapshot import Bank, BankItem
from app.psychometrics import irt, scale

NODES = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])


def scored_items(form: Form, of: Bank) -> list[BankItem]:
    """The items of a form that count."""
    known = {item.id: item for item in of.items}
    return [known[place.id] for place in form.positions if place.scored]


def random_items(of: Bank, seed: int) -> list[BankItem]:
    """As many items of each domain as a form needs, drawn without a look at anything else."""
    chance = random.Random(seed)
    by_domain = {name: [one for one in of.items if one.domain == name] for name in of.exam.blueprint}
    return [
        one for name, need in scored_counts(of.exam).items() for one in chance.sample(by_domain[name], need)
    ]


def curve_of(items: Sequence[BankItem]) -> scale.Curve:
    """The characteristic curve of some items."""
    return scale.curve(*np.array([(one.a, one.b, one.c) for one in items]).T)


def deviations(items: Sequence[BankItem], of: Bank) -> tuple[float, float]:
    """The largest distances of the characteristic curve, and of the information, from the reference's."""
    form, tau, theta = curve_of(items), of.reference.curve, of.reference.theta_cut + NODES
    information = irt.information(theta, tau.a, tau.b, tau.c) @ tau.weight
    points = np.abs(form.at(theta) - len(items) * tau.at(theta))
    units = np.abs(irt.information(theta, form.a, form.b, form.c).sum(axis=-1) - len(items) * information)
    return float(points.max()), float(units.max())


def at_the_cut(items: Sequence[BankItem], of: Bank) -> tuple[float, float]:
    """P(pass) and the mean scaled score of a candidate exactly on the standard (Lord & Wingersky 1984)."""
    form, at = curve_of(items), of.exam.scale
    table = scale.conversion_table(
        form, of.reference.curve, of.reference.cut_share, scale.Ends(at.min, at.cut, at.max)
    )
    theta = of.reference.theta_cut
    chances = scale.number_correct(irt.probability(theta, form.a, form.b, form.c))
    return float(chances[table >= at.cut].sum()), float(chances @ table)


@dataclass(frozen=True, slots=True)
class Use:
    """How the items of a bank are used by forms.

    `most` and `mean`: share of the forms that an item is on; `used`: share of the bank that is on a form;
    `overlap`: items that two forms have in common, on average.
    """

    most: float
    mean: float
    used: float
    overlap: float


def use(forms: Sequence[Iterable[str]], of: Bank) -> Use:
    """The use of a bank by forms, given as ids of items."""
    counts = Counter(name for form in forms for name in form)
    return Use(
        most=max(counts.values()) / len(forms),
        mean=sum(counts.values()) / len(forms) / len(of.items),
        used=len(counts) / len(of.items),
        overlap=sum(comb(count, 2) for count in counts.values()) / comb(len(forms), 2),
    )
