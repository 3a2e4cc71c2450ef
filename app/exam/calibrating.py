"""A calibration of an exam's bank: new item parameters on the scale in use, from all responses and the ratings.

Each calibration starts again from the authors' ratings, not from the parameters in use, so that each response
counts once. The priors around the ratings also hold the scale (`app.psychometrics.prior_scale`): at a cold start
that is the scale in use. Later it has to be met more closely, since items that nobody has answered stay where they
are: items of the reference that many have answered, and that did not drift, stay as well, as anchors; while those
are few, the result is linked to the scale in use by the curves of the reference's calibrated items.

Each sitting is a person: who comes again is another person on that day, with the items that are new to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from app.errors import Invalid
from app.exam.answers import SCORED, Answers, Evidence, evidence
from app.exam.exam_figures import left_out, part_of
from app.exam.item_analysis import Rule
from app.exam.item_evidence import by_item, classical_of, given, short
from app.exam.observation import Others
from app.exam.parameters import ItemParameters, Parameters, calibrated
from app.exam.stock import Stock
from app.psychometrics import drift, patterns, population
from app.psychometrics.ascent import Progress
from app.psychometrics.calibration import Anchors, Calibration, calibrate
from app.psychometrics.expectation import Group
from app.psychometrics.irt import Floats
from app.psychometrics.linking import Link, stocking_lord
from app.psychometrics.maximisation import priors_around
from app.psychometrics.prior_scale import calibrate_on_priors
from app.psychometrics.responses import Flags, Ints, Responses
from app.psychometrics.scale import Curve

LEAST_COMMON = 10
"""Calibrated items of the reference without which there is nothing to link or to anchor by."""

WELL_KNOWN = 500
"""Responses behind the parameters in use from which on an item is an anchor."""

LEAST_DRIFT = 0.1
"""A location that moved less has not drifted, however little the others moved: that is far below its error."""

PROMOTED_FROM, PROMOTED_ERROR = 200, 0.25
"""Responses, and standard error of b, from which on a pilot may be scored, if it has no flags."""

HARMLESS = (Rule.RARE,)
"""Flags that keep no pilot from being scored: an idle distractor says nothing against the item as a whole."""


@dataclass(frozen=True, slots=True)
class Recalibrated:
    """New parameters of the items that were answered, and what the page about the calibration shows."""

    items: tuple[ItemParameters, ...]
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Estimates:
    """Items on the scale in use, and how they came there; all arrays (n,).

    `anchored` ones are as they were; `drift` is the robust z of those that could be anchors, NaN for the others.
    `link` goes from the scale of the ratings to that in use, by `linked_by` items (0: it is the same scale).
    """

    curve: Curve
    se_a: Floats
    se_b: Floats
    anchored: Flags
    drift: Floats
    link: Link
    linked_by: int
    group: Group
    calibration: Calibration
    notes: tuple[str, ...]


def recalibrate(
    answers: Answers,
    stock: Stock,
    rated: Floats,
    known: Parameters,
    others: Others,
    progress: Progress | None = None,
) -> Recalibrated:
    """Calibrate the items of a stock; `rated` (n,) are their cold-start locations, `known` is in use.

    Invalid when there are no responses that count.
    """
    found = evidence(answers, stock.numbers, len(stock.members))
    if not len(found.rows):
        raise Invalid(
            "There is nothing to calibrate from yet: no strict mock of this exam has been scored that has a response "
            "to an item met for the first time."
        )
    count = np.add(*found.responses.counts())
    seen = count > 0
    members = {(item.id, item.version) for item in known.reference.items}
    is_reference = np.array(
        [(one.item.id, one.item.version) in members for one in stock.members], dtype=np.bool_
    )
    made = estimates(
        found.responses.only(seen),
        part_of(stock.curve, seen),
        rated[seen],
        np.where(is_reference, stock.calibrated_on, 0.0)[seen],
        progress,
    )
    numbers = np.flatnonzero(seen)
    before = [stock.members[number].parameters for number in numbers.tolist()]
    items = tuple(_items(before, made, count[seen]))
    return Recalibrated(items, _details(found, stock, numbers, before, items, made, known, others))


def estimates(
    responses: Responses,
    before: Curve,
    rated: Floats,
    calibrated_on: Floats,
    progress: Progress | None = None,
) -> Estimates:
    """New parameters of n items that all have responses, on the scale of those in use, `before`.

    `rated` (n,): locations of the cold start; `calibrated_on` (n,): the responses behind `before`, 0 for what
    nothing may be linked to.
    """
    placed = calibrate_on_priors(responses, before.c, priors_around(rated), progress=progress)
    common = calibrated_on > 0
    linked_by = int(np.sum(common)) if np.sum(common) >= LEAST_COMMON else 0
    link = (
        stocking_lord(part_of(placed.curve, common), part_of(before, common)) if linked_by else Link(1.0, 0.0)
    )
    new = link.apply(placed.curve)
    z = np.full(len(rated), np.nan)
    could_stay = calibrated_on >= WELL_KNOWN
    z[could_stay] = drift.robust_z(before.b[could_stay], new.b[could_stay])
    z[could_stay & (np.abs(new.b - before.b) < LEAST_DRIFT)] = 0.0
    stays = could_stay & (np.abs(z) <= drift.LIMIT)
    notes = () if placed.settled else ("the mean and SD of the candidates were still moving",)
    if np.sum(stays) < LEAST_COMMON:
        whole = Link(link.scale * placed.link.scale, link.scale * placed.link.shift + link.shift)
        last, anchored, group = placed.calibration, np.zeros_like(stays), Group(whole.shift, whole.scale)
    else:
        place = np.flatnonzero(stays)
        last = calibrate(
            responses,
            before.c,
            priors=priors_around(link.scale * rated + link.shift),
            anchors=Anchors(place, before.a[place], before.b[place]),
            progress=progress,
        )
        whole, anchored, group, notes = Link(1.0, 0.0), stays, last.group, ()
    a, b, se_a, se_b = (
        np.array([getattr(item, name) for item in last.items], dtype=np.float64)
        for name in ("a", "b", "se_a", "se_b")
    )
    return Estimates(
        curve=whole.apply(Curve(a, b, before.c, before.weight)),
        se_a=se_a / whole.scale,
        se_b=se_b * whole.scale,
        anchored=anchored,
        drift=z,
        link=link,
        linked_by=linked_by,
        group=group,
        calibration=last,
        notes=(*last.notes, *notes),
    )


def _items(before: Sequence[ItemParameters], made: Estimates, count: Floats) -> Iterator[ItemParameters]:
    """Each item as it is now; anchors are as they were."""
    for place, known in enumerate(before):
        if made.anchored[place]:
            yield known
        else:
            yield replace(
                known,
                a=float(made.curve.a[place]),
                b=float(made.curve.b[place]),
                se_a=_known(made.se_a[place]),
                se_b=_known(made.se_b[place]),
                answered=int(count[place]),
            )


def _known(error: float) -> float | None:
    return float(error) if np.isfinite(error) else None


def _details(
    found: Evidence,
    stock: Stock,
    numbers: Ints,
    before: Sequence[ItemParameters],
    items: Sequence[ItemParameters],
    made: Estimates,
    known: Parameters,
    others: Others,
) -> dict[str, Any]:
    """What the page about a calibration shows, as JSON values."""
    now = {(item.id, item.version): item for item in items}
    kept = [item for item in known.items if (item.id, item.version) not in now]
    after = calibrated(known.label, (*items, *kept), known.reference)
    moved = [new.b - old.b for old, new in zip(before, items, strict=True)]
    return {
        "attempts": len(found.answers.sittings),
        "candidates": len({one.person_id for one in found.answers.sittings}),
        "responses": len(found.rows),
        "items": len(items),
        "anchors": int(np.sum(made.anchored)),
        "group": {"mean": short(made.group.mean), "sd": short(made.group.sd)},
        "link": {
            "scale": short(made.link.scale),
            "shift": short(made.link.shift),
            "items": made.linked_by,
        },
        "log_likelihood": made.calibration.log_likelihood,
        "converged": not made.notes,
        "iterations": made.calibration.iterations,
        "errors": made.calibration.errors.value,
        "notes": list(made.notes),
        "left_out": [
            {"count": one.count, "why": one.why} for one in left_out(found.answers, stock.numbers, others)
        ],
        "rmse_change_b": short(float(np.sqrt(np.mean(np.square(moved))))),
        "promoted": list(_promoted(found, stock, numbers, items)),
        "drifted": [
            {
                "item": old.id,
                "version": old.version,
                "old": short(old.b),
                "new": short(new.b),
                "z": short(float(z)),
            }
            for old, new, z in zip(before, items, made.drift, strict=True)
            if abs(z) > drift.LIMIT
        ],
        "theta_cut": {"before": known.reference.theta_cut, "after": after.reference.theta_cut},
    }


def _promoted(
    found: Evidence, stock: Stock, numbers: Ints, items: Sequence[ItemParameters]
) -> Iterator[dict[str, Any]]:
    """The pilots that may be scored from now on, and might not before."""
    unscored = ~found.answers.has(SCORED)[found.rows]
    pilots = np.bincount(found.responses.item, weights=unscored, minlength=len(stock.members)) > 0
    ready = [
        (number, item)
        for number, item in zip(numbers.tolist(), items, strict=True)
        if pilots[number] and _may_be_scored(item) and not _may_be_scored(stock.members[number].parameters)
    ]
    if not ready:
        return
    members = list(stock.members)
    for number, item in zip(numbers.tolist(), items, strict=True):
        members[number] = replace(members[number], parameters=item)
    bank = replace(stock, members=tuple(members)).curve
    prior = population.prior_of(population.group(bank, found.responses))
    rest, places = patterns.rest(bank, found.responses, prior), by_item(found)
    for number, item in ready:
        flags = classical_of(members[number], given(found, rest, members[number], places[number])).flags
        if all(flag.rule in HARMLESS for flag in flags):
            yield {
                "item": item.id,
                "version": item.version,
                "n": item.answered,
                "se_b": short(item.se_b or 0.0),
            }


def _may_be_scored(item: ItemParameters) -> bool:
    return item.answered >= PROMOTED_FROM and item.se_b is not None and item.se_b <= PROMOTED_ERROR
