"""The figures of a whole exam from all responses to it: the parts of `analysis.Summary`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import NormalDist

import numpy as np

from app.exam.analysis import (
    Compared,
    Decisions,
    DomainWorth,
    LeftOut,
    PersonFitSummary,
    Scores,
    Spread,
    TimeSummary,
)
from app.exam.answers import DROPPED, FIRST, NOT_MEASURED, REACHED, Answers, Evidence, numbered
from app.exam.blueprint import domain_order
from app.exam.form import Form
from app.exam.item_analysis import GroupDifference
from app.exam.item_evidence import short
from app.exam.item_figures import Groups
from app.exam.observation import Others
from app.exam.pack import Exam, Scale
from app.exam.score import least_to_pass
from app.exam.stock import Stock
from app.psychometrics import decision, patterns, person_fit, timing
from app.psychometrics.ability import Distribution
from app.psychometrics.expectation import Group
from app.psychometrics.irt import probability
from app.psychometrics.responses import Flags, Responses
from app.psychometrics.scale import Curve, curve
from app.psychometrics.subscores import added_value, estimate_spread
from app.psychometrics.timing import TimeModel, Times

BARS = 18  # of the histogram of scores
CURVE_NODES = 41  # of the standard errors by ability
LEAST_FOR_FIT = 20
"""Responses of an attempt from which on its fit is looked at."""


def decisions(forms: Sequence[Form], prior: Distribution) -> Decisions | None:
    """What typical forms can tell, for candidates spread as the prior says; None without forms."""
    if not forms:
        return None
    theta = np.linspace(prior.nodes[0] / 2.0, prior.nodes[-1] / 2.0, CURVE_NODES)
    found, errors = [], []
    for form in forms:
        items = scored_curve(form)
        found.append(decision.quality(items, form.conversion, form.scale.cut, form.theta_cut, prior))
        errors.append(decision.score_error(items, form.conversion, theta))

    def spread(name: str) -> Spread:
        return spread_of([getattr(one, name) for one in found])

    return Decisions(
        forms=len(forms),
        scored=len(forms[0].conversion) - 1,
        least_to_pass=spread_of([least_to_pass(form) for form in forms]),
        accuracy=spread("accuracy"),
        consistency=spread("consistency"),
        false_pass=spread("false_pass"),
        false_fail=spread("false_fail"),
        reliability=spread("reliability"),
        error_at_cut=spread("error_at_cut"),
        theta=tuple(map(short, theta.tolist())),
        error=tuple(map(short, np.mean(errors, axis=0).tolist())),
    )


def domain_worth(forms: Sequence[Form], prior: Distribution, spread: float) -> tuple[DomainWorth, ...]:
    """What the subscores of typical forms are worth for candidates whose domains are `spread` around the whole."""
    names = sorted(
        {place.domain for form in forms for place in form.positions if place.scored}, key=domain_order
    )
    found = [added_value([scored_curve(form, name) for name in names], prior, spread) for form in forms]
    return tuple(
        DomainWorth(
            domain=name,
            items=len(scored_curve(forms[0], name).a),
            own=spread_of([one.own for one in values]),
            total=spread_of([one.total for one in values]),
            both=spread_of([one.both for one in values]),
            reported=sum(one.worth_reporting for one in values),
        )
        for name, values in zip(names, zip(*found, strict=True), strict=True)
    )


def compared(groups: Iterable[Groups], differences: Iterable[GroupDifference]) -> tuple[Compared, ...]:
    """How many items of which DIF level there are between each two groups."""
    levels = Counter((one.focal, one.level) for one in differences)
    return tuple(
        Compared(
            focal=two.focal_name,
            reference=two.reference_name,
            focal_count=_sum(two.focal),
            reference_count=_sum(~two.focal),
            items=sum(levels[two.focal_name, level] for level in "ABC"),
            levels={level: levels[two.focal_name, level] for level in "ABC"},
        )
        for two in groups
    )


def scored_curve(form: Form, domain: str | None = None) -> Curve:
    """The scored items of a form, or those of one domain."""
    scored = [place for place in form.positions if place.scored and domain in (None, place.domain)]
    return curve(*([getattr(place, name) for place in scored] for name in "abc"))


def spread_of(values: Sequence[float]) -> Spread:
    """Mean, lowest and highest."""
    return Spread(short(float(np.mean(values))), short(float(min(values))), short(float(max(values))))


def scores(answers: Answers, scale: Scale) -> Scores | None:
    """The distribution of the scaled scores that were given; None without any."""
    given = np.array([one.scaled for one in answers.sittings], dtype=np.float64)
    if not len(given):
        return None
    edges = np.linspace(scale.min, scale.max, BARS + 1)
    counts, _ = np.histogram(np.clip(given, scale.min, scale.max), edges)
    return Scores(
        count=len(given),
        mean=short(float(np.mean(given))),
        sd=short(float(np.std(given))),
        passed=int(np.sum(given >= scale.cut)),
        edges=tuple(map(short, edges.tolist())),
        counts=tuple(counts.tolist()),
    )


def domain_spread(stock: Stock, responses: Responses, exam: Exam, prior: Distribution) -> float:
    """How far candidates' abilities in single domains lie from that in the whole."""
    domains = np.array([one.item.domain for one in stock.members])
    parts = []
    for name in exam.blueprint:
        here = domains == name
        if np.any(here):
            bank = part_of(stock.curve, here)
            parts.append(patterns.log_likelihood(bank, responses.only(here), prior.nodes))
    if not parts:
        parts = [np.zeros((len(responses.weight), len(prior.nodes)))]
    return float(estimate_spread(np.stack(parts, axis=1), prior))


def fit_of_persons(bank: Curve, responses: Responses, group: Group) -> PersonFitSummary | None:
    """How many attempts do not look like the model; None when none is long enough to be looked at."""
    long_enough = np.bincount(responses.person, minlength=len(responses.weight)) >= LEAST_FOR_FIT
    if not np.any(long_enough):
        return None
    fit = person_fit.person_fit(bank, responses, group.mean, group.sd).lz_star[long_enough]
    return PersonFitSummary(
        count=len(fit),
        low=int(np.sum(fit < person_fit.UNUSUAL)),
        limit=person_fit.UNUSUAL,
        expected=short(len(fit) * NormalDist().cdf(person_fit.UNUSUAL)),
    )


def times(
    evidence: Evidence,
    model: TimeModel,
    given: Times,
    quarter: tuple[float, float] | None,
    exam: Exam,
    forms: Sequence[Sequence[int]],
) -> TimeSummary:
    """The model of time and how attempts ended. `forms`: the numbers of the items of typical forms."""
    median = timing.median_seconds(given)
    seen = median[median > 0]
    usable = (given.seconds >= timing.FASTEST) & (given.seconds <= timing.SLOWEST)
    rapid = timing.rapid_guesses(given.item, given.seconds, median)
    answers = evidence.answers
    asked = [timing.expected_seconds(model, items) / 60.0 for items in forms] if np.any(usable) else []
    return TimeSummary(
        count=int(np.sum(usable)),
        spread=short(model.spread),
        seconds=short(float(np.median(seen))) if len(seen) else None,
        form_minutes=short(float(np.mean(asked))) if asked else None,
        minutes=exam.minutes,
        unfinished=len(np.unique(answers.sitting[~answers.has(REACHED)])),
        rapid=short(float(np.mean(rapid[usable]))) if np.any(usable) else 0.0,
        last_quarter=None if quarter is None else short(quarter[0]),
        last_quarter_error=None if quarter is None else short(quarter[1]),
    )


def last_quarter(bank: Curve, evidence: Evidence, prior: Distribution) -> tuple[float, float] | None:
    """Share right in the last quarter less what the rest of each attempt foretells, and its standard error.

    Each attempt is one observation, so that the error holds whatever makes responses of one attempt alike. None
    below two attempts with both.
    """
    given, last = evidence.responses, evidence.last_quarter
    begun = Responses(given.person[~last], given.item[~last], given.right[~last], given.weight, given.items)
    persons = len(given.weight)
    count = np.bincount(given.person[last], minlength=persons)
    both = (count > 0) & (np.bincount(begun.person, minlength=persons) > 0)
    if np.sum(both) < 2:  # noqa: PLR2004 -- one has no spread
        return None
    belief = patterns.abilities(bank, begun, prior).mass
    right = probability(prior.nodes, bank.a, bank.b, bank.c).T
    expected = np.concatenate(
        [
            np.sum(belief[given.person[part]] * right[given.item[part]], axis=1)
            for part in np.array_split(np.flatnonzero(last), 1 + np.sum(last) // patterns.BLOCK)
        ]
    )
    off = np.bincount(given.person[last], weights=given.right[last] - expected, minlength=persons)
    each = off[both] / count[both]
    return float(np.mean(each)), float(np.std(each, ddof=1) / np.sqrt(len(each)))


def left_out(answers: Answers, numbers: Mapping[int, int], others: Others) -> tuple[LeftOut, ...]:
    """What is not looked at, and why; each response for one reason only. What does not occur is not named."""
    not_first, not_reached = ~answers.has(FIRST), ~answers.has(REACHED)
    dropped, unknown = answers.has(DROPPED), numbered(answers, numbers) == NOT_MEASURED
    reasons = (
        (others.practice, "attempts were practice"),
        (others.not_strict, "mocks were untimed or could be paused"),
        (others.without_score, "mocks are still open, or were abandoned"),
        (_sum(dropped), "responses were to items that were withdrawn"),
        (_sum(unknown & ~dropped), "responses were to items that are no longer measured"),
        (_sum(not_first & ~dropped & ~unknown), "responses were to items that the candidate had met before"),
        (
            _sum(not_reached & ~not_first & ~dropped & ~unknown),
            "items were not reached (an item that was reached and left open counts as wrong)",
        ),
    )
    return tuple(LeftOut(count, why) for count, why in reasons if count)


def _sum(flags: Flags) -> int:
    return int(np.sum(flags))


def part_of(bank: Curve, chosen: Flags) -> Curve:
    """Some items of a bank."""
    return Curve(bank.a[chosen], bank.b[chosen], bank.c[chosen], bank.weight[chosen])


def times_of(evidence: Evidence) -> Times:
    """The times of all responses that count."""
    given = evidence.responses
    return Times(given.person, given.item, evidence.seconds, len(given.weight), given.items)
