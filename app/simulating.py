"""The program measures itself: candidates from the model, through the real assembly and scoring, against targets.

Each study gives rows of what was measured, what was to be reached, and whether it was. Everything follows from the
seed. The targets are those of docs/psychometrics.md.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.random import Generator, default_rng

from app.exam.calibrating import estimates
from app.exam.form import Form, assemble
from app.exam.item import ItemType
from app.exam.pack import Exam
from app.exam.parameters import Reference, ReferenceItem, reference_weights
from app.exam.score import score
from app.exam.snapshot import Bank, BankItem, Snapshot
from app.exam.violations import violations
from app.psychometrics import simulation, simulation_items
from app.psychometrics.band import band
from app.psychometrics.calibration import calibrate
from app.psychometrics.cold_start import SLOPE, cold_start
from app.psychometrics.irt import Floats, probability
from app.psychometrics.maximisation import priors_around
from app.psychometrics.responses import Ints
from app.psychometrics.scale import Curve, Ends, conversion_table, curve, number_correct, scaled

LARGE = 1_000
TOLERANCE = 0.05
LEARNING = ((200, 7.0), (500, 5.0), (2_000, None))
"""Candidates, and the SD of the expected score at the cut that is to be reached by then."""

RATER_VALIDITY = 0.58
FLOOR_ERROR = 0.04
"""How far the true chance of a guess is from 1/k: candidates rule out options that they know to be wrong. With a
and b known exactly, an error of this size alone leaves an SD of about 1.6 points between forms."""

DAY = date(2026, 1, 1)  # nothing here looks at a calendar


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `met` is None for what has no target."""

    name: str
    target: str
    found: str
    met: bool | None


def made_bank(exam: Exam, items: int, rng: Generator) -> Bank:
    """A calibrated bank for an exam: its domains at their shares, a quarter multiple answer, some enemies."""
    shares = np.array(list(exam.blueprint.values())) / sum(exam.blueprint.values())
    domains = rng.permutation(np.repeat(list(exam.blueprint), np.ceil(shares * items).astype(int)))[:items]
    multiple = rng.random(items) < 0.27  # noqa: PLR2004 -- as the blueprint has them
    made = [
        BankItem(
            id=f"made-{number:05}",
            version=1,
            domain=str(domain),
            type=ItemType.MULTIPLE if multiple[number] else ItemType.SINGLE,
            a=float(rng.lognormal(-0.1, 0.3)),
            b=float(rng.normal(-0.9, 0.9)),
            c=0.1 if multiple[number] else 0.25,
            service=f"service-{int(60 * rng.random() ** 1.5)}",
            company=f"company-{int(140 * rng.random())}",
        )
        for number, domain in enumerate(domains.tolist())
    ]
    for first, second in rng.choice(items, (items // 50, 2), replace=False).tolist():
        made[first] = replace(made[first], enemies=(made[second].id,))
    weights = reference_weights([one.domain for one in made], exam.blueprint)
    frozen = tuple(
        ReferenceItem(one.id, one.version, weight, one.a, one.b, one.c)
        for one, weight in zip(made, weights, strict=True)
    )
    reference = Reference(frozen, exam.cut_share, 0.0)
    theta_cut = float(reference.curve.inverse(exam.cut_share))
    return Bank(exam, tuple(made), replace(reference, theta_cut=theta_cut), "made")


def forms_of(bank: Bank, count: int, seed: int) -> tuple[list[Form], list[float]]:
    """Forms one after the other, as candidates without history start, and the CPU milliseconds of each."""
    assemble(Snapshot(bank, DAY), seed)  # what many forms share is worked out once
    used: Counter[str] = Counter()
    forms, spent = [], []
    for number in range(count):
        before = time.process_time()
        form = assemble(Snapshot(bank, DAY, exposure=dict(used)), seed + number)
        spent.append(1000 * (time.process_time() - before))
        used.update(place.id for place in form.positions)
        forms.append(form)
    return forms, spent


def assembly_rows(bank: Bank, forms: Sequence[Form], spent: Sequence[float]) -> Iterator[Row]:
    """What assembled forms must be alike in, and how the bank is used."""
    used = Counter(place.id for form in forms for place in form.positions)
    share = np.array([used[item.id] for item in bank.items]) / len(forms)
    worst = max(max(form.tcc_deviation, form.tif_deviation) for form in forms)
    broken = sum(bool(violations(form, Snapshot(bank, DAY))) for form in forms)
    name = f"{len(forms)} forms of {len(bank.items)} items"
    yield Row(f"{name}: worst TCC and TIF deviation", "≤ .05", f"{worst:.3f}", worst <= TOLERANCE)
    p95 = float(np.quantile(spent, 0.95))
    found = f"{float(np.median(spent)):.1f} / {p95:.1f} ms"
    yield Row(f"{name}: CPU, median / 95 %", "95 % < 100 ms", found, p95 < 100)  # noqa: PLR2004
    ratio = float(share.max() / share.mean())
    yield Row(f"{name}: highest exposure by the mean", "≤ 2", f"{ratio:.2f}", ratio <= 2)  # noqa: PLR2004
    part = float(np.mean(share > 0))
    yield Row(f"{name}: bank used", "≥ 99 %", f"{part:.1%}", part >= 0.99)  # noqa: PLR2004
    yield Row(f"{name}: constraint violations", "0", str(broken), broken == 0)


def alike_rows(bank: Bank, forms: Sequence[Form]) -> Iterator[Row]:
    """Whether a candidate exactly at the cut has the same chance and score whatever the form (exact recursion)."""
    cut, at = bank.exam.scale.cut, np.array([bank.reference.theta_cut])
    chances, scores = [], []
    for form in forms:
        scored = curve_of(form)
        spread = number_correct(probability(at, scored.a, scored.b, scored.c))[0]
        table = np.array(form.conversion)
        chances.append(float(spread @ (table >= cut)))
        scores.append(float(spread @ table))
    of_chance, of_score = float(np.std(chances)), float(np.std(scores))
    yield Row("SD over forms of P(pass | cut)", "≤ .01", f"{of_chance:.4f}", of_chance <= 0.01)  # noqa: PLR2004
    yield Row("SD over forms of E[score | cut]", "≤ .5", f"{of_score:.3f}", of_score <= 0.5)  # noqa: PLR2004


def curve_of(form: Form) -> Curve:
    """The scored items of a form as a curve."""
    scored = [place for place in form.positions if place.scored]
    return curve(*([getattr(place, name) for place in scored] for name in "abc"))


def sittings_rows(bank: Bank, candidates: int, seed: int) -> Iterator[Row]:
    """Candidates who are what the model says, on forms of their own, scored as every attempt is."""
    rng = default_rng(seed)
    exam, reference = bank.exam, bank.reference
    ends = Ends(exam.scale.min, exam.scale.cut, exam.scale.max)
    forms, _ = forms_of(bank, min(candidates, 200), seed)
    bands = [
        band(curve_of(form), reference.curve, reference.cut_share, ends, np.array(form.conversion))
        for form in forms
    ]
    key = {item.id: ("key",) for item in bank.items}
    deserved, held, passed = 0, 0, 0
    for number in range(candidates):
        form = forms[number % len(forms)]
        theta = float(rng.normal())
        responses = {
            place.number: ("key",)
            if rng.random() < probability(theta, [place.a], [place.b], [place.c])[0]
            else ("distractor",)
            for place in form.positions
        }
        got = score(form, key, responses)
        limits = bands[number % len(forms)]
        true = scaled(reference.curve.at(theta), reference.cut_share, ends)
        held += bool(limits.low[got.raw] <= true <= limits.high[got.raw])
        deserved += got.passed == (theta >= reference.theta_cut)
        passed += got.passed
    name = f"{candidates} candidates on this bank"
    yield Row(f"{name}: passed", "", f"{passed / candidates:.1%}", None)
    yield Row(f"{name}: deserved result", "", f"{deserved / candidates:.1%}", None)
    share = held / candidates
    # three standard errors of so many candidates to either side
    room = 3 * (0.92 * 0.08 / candidates) ** 0.5
    within = 0.89 - room <= share <= 0.95 + room
    yield Row(f"{name}: 90 % band holds the true score", "89 to 95 %", f"{share:.1%}", within)


def learning_rows(seed: int, banks: int = 5) -> Iterator[Row]:
    """How much less the form matters as responses come in: SD over forms of the expected score at the cut.

    Root mean square over several banks, since one bank's ratings may be lucky.
    """
    studies = np.array([_study(default_rng([seed, number])) for number in range(banks)])
    raw, start, *later = np.sqrt(np.mean(studies**2, axis=0)).tolist()
    found = f"{start:.1f} against {raw:.1f}"
    yield Row("SD of E[score | cut], ratings only, against raw per cent", "less", found, start < raw)
    for (people, most), after in zip(LEARNING, later, strict=True):
        yield Row(
            f"SD of E[score | cut] after {people} candidates",
            f"≤ {most:g}" if most else "",
            f"{after:.1f}",
            after <= most if most else None,
        )


def _study(rng: Generator, forms: int = 150, items: int = 600) -> list[float]:
    """One bank: the SD with raw per cents, with ratings alone, and after so many candidates as LEARNING says."""
    believed = simulation.made_bank(rng, items)
    floors = np.clip(believed.c + rng.normal(0, FLOOR_ERROR, items), 0.02, 0.45)
    true = curve(believed.a, believed.b, floors, believed.weight)
    cold = cold_start(ratings(believed, rng), believed.c, believed.weight, simulation.CUT)
    at_first = curve(np.full(items, SLOPE), cold.b, believed.c, believed.weight)
    drawn = [rng.permutation(items)[:74] for _ in range(forms)]
    found = [_spread(true, None, drawn), _spread(true, at_first, drawn)]
    for people, _ in LEARNING:
        theta = rng.normal(float(true.inverse(simulation.CUT)) + 0.1, 1.0, people)
        responses = simulation.made_responses(rng, true, theta, 74)
        seen = np.add(*responses.counts()) > 0
        part = Curve(*(values[seen] for values in (at_first.a, at_first.b, at_first.c, at_first.weight)))
        made = estimates(responses.only(seen), part, cold.b[seen], np.zeros(int(np.sum(seen))))
        a, b = at_first.a.copy(), at_first.b.copy()
        a[seen], b[seen] = made.curve.a, made.curve.b
        found.append(_spread(true, curve(a, b, believed.c, believed.weight), drawn))
    return found


def ratings(bank: Curve, rng: Generator) -> Floats:
    """Ratings that go with the true difficulty as those of a panel's member do."""
    standing = (bank.b - np.mean(bank.b)) / np.std(bank.b)
    noise = rng.normal(size=len(bank.b))
    rated = 0.88 * (RATER_VALIDITY * standing + (1 - RATER_VALIDITY**2) ** 0.5 * noise)
    known = 1.0 / (1.0 + np.exp(SLOPE * (rated - 0.9)))
    return np.asarray(np.clip(bank.c + (1.0 - bank.c) * known, bank.c + 0.06, 0.96))


def _spread(true: Curve, believed: Curve | None, drawn: Sequence[Ints]) -> float:
    """SD over forms of the expected score at the cut; without beliefs scores are raw per cents on the scale."""
    at = true.inverse(simulation.CUT)
    expected = []
    for places in drawn:
        form = simulation.part_of(true, places)
        spread = number_correct(probability(at, form.a, form.b, form.c))
        if believed is None:
            right = np.arange(len(places) + 1) / len(places)
            table = scaled(right, simulation.CUT, simulation.ENDS)
        else:
            part = simulation.part_of(believed, places)
            table = conversion_table(part, believed, simulation.CUT, simulation.ENDS)
        expected.append(float(spread @ table))
    return float(np.std(expected))


def measurement_rows(seed: int, scale: float = 1.0) -> Iterator[Row]:
    """What the numbers beside a score promise. `scale` below 1 makes the studies smaller."""

    def many(most: int) -> int:
        return max(40, int(most * scale))

    cover = simulation.band_coverage(seed, forms=many(100))
    found = f"{cover.mean:.1%} ({cover.lowest:.1%} to {cover.highest:.1%})"
    yield Row("90 % band, mean over candidates", "89 to 95 %", found, 0.89 <= cover.mean <= 0.95)  # noqa: PLR2004
    sub = simulation.subscore_accuracy(seed, persons=many(5_000))
    found = f"{sub.shrunk:.3f} against {sub.total_only:.3f} (raw {sub.raw:.3f})"
    yield Row("Domains: error, shrunk against total only", "not more", found, sub.shrunk <= sub.total_only)
    held = 0.78 <= sub.coverage <= 0.83  # noqa: PLR2004
    yield Row("Domains: 80 % interval holds", "78 to 83 %", f"{sub.coverage:.1%}", held)
    fit = simulation_items.person_fit_size(seed, persons=many(20_000))
    yield Row("lz*: size at .05", ".04 to .06", f"{fit.lz_star:.3f}", 0.04 <= fit.lz_star <= 0.06)  # noqa: PLR2004
    dif = simulation_items.dif_size(seed)
    yield Row("Mantel-Haenszel: size at .05", "≤ .05", f"{dif:.3f}", dif <= 0.05)  # noqa: PLR2004
    lee = simulation.decisions(seed, persons=many(200_000))
    off = max(abs(lee.accuracy - lee.accuracy_counted), abs(lee.consistency - lee.consistency_counted))
    yield Row("Decision accuracy and consistency: formula off by", "≤ .005", f"{off:.4f}", off <= 0.005)  # noqa: PLR2004


def calibration_rows(seed: int, people: int = 2_000, items: int = 300) -> Iterator[Row]:
    """The calibration alone, at the size that its target names: 2PL without floors, priors around ratings."""
    rng = default_rng(seed)
    floors = np.zeros(items)
    bank = curve(rng.lognormal(-0.1, 0.3, items), rng.normal(0.0, 0.9, items), floors)
    responses = simulation.made_responses(rng, bank, rng.normal(size=people), 74)
    noise = RATER_VALIDITY * (1 - RATER_VALIDITY**2) ** 0.5 * 0.9
    rated = RATER_VALIDITY**2 * bank.b + rng.normal(0.0, noise, items)
    before = time.process_time()
    made = calibrate(responses, floors, priors=priors_around(rated), with_errors=False)
    spent = time.process_time() - before
    b = np.array([item.b for item in made.items], dtype=np.float64)
    error = simulation.rmse(b, bank.b)
    name = f"Calibration, {people} x 74 of {items}"
    yield Row(f"{name}: CPU without standard errors", "< 1 s", f"{spent:.2f} s", spent < 1)
    yield Row(f"{name}: error of b", "≤ .17", f"{error:.3f}", error <= 0.17)  # noqa: PLR2004


def scale_rows(seed: int, forms: int) -> Iterator[Row]:
    """The conversion of random forms: strictly increasing, from end to end."""
    rng = default_rng(seed)
    wrong = 0
    for _ in range(forms):
        bank = simulation.made_bank(rng, 120)
        form = simulation.made_form(rng, bank, int(rng.integers(5, 90)))
        table = conversion_table(form, bank, float(rng.uniform(0.45, 0.9)), simulation.ENDS)
        ends = (table[0], table[-1]) == (simulation.ENDS.minimum, simulation.ENDS.maximum)
        wrong += not (ends and bool(np.all(np.diff(table) > 0)))
    yield Row(f"{forms} random forms: S rises from S(0) to S(n)", "all", f"{forms - wrong}", wrong == 0)
