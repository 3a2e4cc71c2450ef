"""What the report tells simulated candidates, held against what they are: chances, verdicts on domains, advice.

Candidates of known abilities, which differ by domain and by day, sit a form as everybody does and are told what the
report says (`app.exam.meaning`); then they sit a fresh form. The items are not quite what the bank believes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.random import Generator, default_rng

from app.exam.form import Form
from app.exam.gains import DomainStanding, Label, labelled
from app.exam.meaning import PRIOR, Evidence, meaning
from app.exam.parameters import ItemParameters, Parameters
from app.exam.score import Mark
from app.exam.snapshot import Bank
from app.psychometrics.irt import Floats, probability
from app.psychometrics.prediction import DAY_SD
from app.psychometrics.responses import Flags
from app.psychometrics.scale import curve, number_correct
from app.psychometrics.significance import normal_point, wilson
from app.psychometrics.subscores import NEAR, SPREAD, Verdict
from app.simulating import Row, forms_of

FORMS = 120
LOCATION_SD = 0.2
"""How far the true locations are from the believed ones: standard errors of a bank with some hundred responses."""

LEARNT = 0.5
"""What learning a domain is worth in the second comparison of advice: so much ability, wherever it is learnt."""

BINS = 10
FEW = 20
"""Candidates below which a share says nothing."""

PAIRS = 1_000
"""Candidates below which a difference between two kinds of advice may be there and not be seen."""

RIGHT = 0.9


@dataclass(frozen=True, slots=True)
class Told:
    """One candidate: what the report said, and what is so.

    `chance` of passing was told; `passed` a fresh form, and `real` was the chance to. `domains` as they were told,
    most to gain first; `raw` the share right in each; `true` and `standards` are shares of the domain's reference,
    and `worth` the share of the whole that it is; `learnt` is by how much LEARNT there would raise the whole.
    """

    chance: float
    passed: bool
    real: float
    domains: tuple[DomainStanding, ...]
    raw: Mapping[str, float]
    true: Mapping[str, float]
    standards: Mapping[str, float]
    worth: Mapping[str, float]
    learnt: Mapping[str, float]

    @property
    def gains(self) -> dict[str, float]:
        """By how much the whole share would rise if a domain came up to the standard."""
        return {
            name: worth * max(0.0, self.standards[name] - self.true[name])
            for name, worth in self.worth.items()
        }


@dataclass(frozen=True, slots=True)
class _Truth:
    """The items as they really are, by the author's id, and the reference of each domain."""

    at: Mapping[str, tuple[float, float, float]]
    domains: tuple[str, ...]
    theta_cut: float
    members: Mapping[str, tuple[Floats, Floats, Floats, Floats]]

    def share(self, domain: str, theta: float) -> float:
        a, b, c, weight = self.members[domain]
        return float(probability(theta, a, b, c) @ weight / np.sum(weight))


def told(bank: Bank, candidates: int, seed: int, forms: int = FORMS) -> Iterator[Told]:
    """Candidates one after the other, the same ones for the same seed; half of the forms are the fresh ones."""
    rng = default_rng(seed)
    made, _ = forms_of(bank, forms, seed)
    truth = _truth(bank, rng)
    believed = tuple(
        ItemParameters(item.id, item.version, item.a, item.b, item.c, LOCATION_SD, LOCATION_SD)
        for item in bank.items
    )
    known = Parameters("simulated", believed, bank.reference)
    places = labelled(bank.reference, {item.id: Label(item.domain) for item in bank.items}, PRIOR.nodes)
    half = len(made) // 2
    for _ in range(candidates):
        whole = float(rng.normal())
        ability = {name: whole + SPREAD * float(rng.normal()) for name in truth.domains}
        form, fresh = made[int(rng.integers(half))], made[int(rng.integers(half, len(made)))]
        (right, _), (again, chances) = (_sat(one, truth, ability, rng) for one in (form, fresh))
        marks = [Mark.RIGHT if one else Mark.WRONG for one in right]
        scored = [place for place in form.positions if place.scored]
        sitting = Evidence(form, marks, [True] * len(marks))
        raw = sum(right[place.number - 1] for place in scored)
        found = meaning(form, raw, known, [sitting], places, SPREAD)
        yield Told(
            chance=found.prediction.probability,
            passed=_passes(fresh)[int(np.sum(again[_scored(fresh)]))] > 0,
            real=float(number_correct(chances[_scored(fresh)]) @ _passes(fresh)),
            domains=found.domains,
            raw={
                name: float(np.mean([right[at.number - 1] for at in scored if at.domain == name]))
                for name in truth.domains
            },
            true={name: truth.share(name, ability[name]) for name in truth.domains},
            standards={name: truth.share(name, truth.theta_cut) for name in truth.domains},
            worth={name: float(np.sum(truth.members[name][3])) for name in truth.domains},
            learnt={
                name: float(np.sum(truth.members[name][3]))
                * (truth.share(name, ability[name] + LEARNT) - truth.share(name, ability[name]))
                for name in truth.domains
            },
        )


def reporting_rows(bank: Bank, candidates: int, seed: int) -> Iterator[Row]:
    """Whether what the report tells is so: the chance of passing, verdicts on domains, what to study first."""
    whole = list(told(bank, candidates, seed))
    yield from chance_rows(whole)
    yield from verdict_rows(whole)
    yield from advice_rows(whole)


def chance_rows(whole: Sequence[Told]) -> Iterator[Row]:
    """The reliability table: of those told a chance, how many passed a fresh form (95 % interval, Wilson)."""
    chance = np.array([one.chance for one in whole])
    passed = np.array([one.passed for one in whole])
    bins = np.minimum((chance * BINS).astype(int), BINS - 1)
    for n in range(BINS):
        here = bins == n
        count, hits = int(np.sum(here)), int(np.sum(passed[here]))
        low, high = n / BINS, (n + 1) / BINS
        ends = [float(end) for end in wilson(hits, count)]
        found = f"{hits / count:.0%} ({ends[0]:.0%} to {ends[1]:.0%}) of {count}" if count else "nobody"
        within = ends[0] <= high and low <= ends[1]
        name = f"Told a chance of {low:.0%} to {high:.0%}: passed a fresh form"
        yield Row(name, f"{low:.0%} to {high:.0%}", found, within if count >= FEW else None)
    away = chance - np.array([one.real for one in whole])
    off = sum(abs(float(np.sum(away[bins == n]))) for n in range(BINS)) / len(whole)
    room = 0.02 + 2 * float(np.std(away)) * sqrt(BINS / len(whole))
    yield Row(
        "Chance told against the real one, mean distance of bins", f"≤ {room:.3f}", f"{off:.3f}", off <= room
    )


def verdict_rows(whole: Sequence[Told]) -> Iterator[Row]:
    """How often a domain is said to be below, at or above the standard, and how often that is so."""
    for name in sorted(whole[0].true):
        said = [
            (domain.subscore.verdict, one.true[name] - one.standards[name])
            for one in whole
            for domain in one.domains
            if domain.domain == name and domain.subscore and domain.subscore.verdict is not Verdict.UNCLEAR
        ]
        right = sum(_is_so(verdict, away) for verdict, away in said)
        share = right / max(1, len(said))
        found = f"{share:.1%} of {len(said)} ({len(said) / len(whole):.0%} told)"
        met = share >= RIGHT if len(said) >= FEW else None
        yield Row(f"Domain {name}: said to be below, at or above the standard, and is", "≥ 90 %", found, met)


def _is_so(verdict: Verdict, away: float) -> bool:
    if verdict is Verdict.AT:
        return abs(away) <= NEAR
    return away < 0 if verdict is Verdict.BELOW else away > 0


def advice_rows(whole: Sequence[Told]) -> Iterator[Row]:
    """Expected gain against "lowest percentage first": which finds the domain whose improvement raises most.

    Two kinds of improvement: the domain comes up to the standard, or gets so much learning as every other would.
    Compared in pairs, with the 95 % interval of the difference of the two shares.
    """
    for what, gains in (
        ("brought up to the standard", [one.gains for one in whole]),
        ("learnt as much as any other", [dict(one.learnt) for one in whole]),
    ):
        pairs = [
            (max(gain.values()), gain[one.domains[0].domain], gain[_lowest(one)])
            for one, gain in zip(whole, gains, strict=True)
            if max(gain.values()) > 0
        ]
        best, ours, theirs = np.array(pairs).T
        only_ours = int(np.sum((ours == best) & (theirs < best)))
        only_theirs = int(np.sum((theirs == best) & (ours < best)))
        n = len(pairs)
        difference = (only_ours - only_theirs) / n
        error = sqrt(max(0.0, (only_ours + only_theirs) / n - difference**2) / n)
        point = normal_point(0.95)
        low, high = difference - point * error, difference + point * error
        name = f"Domain that gains most, {what}"
        shares = f"{np.mean(ours == best):.1%} against {np.mean(theirs == best):.1%} of {n}"
        yield Row(f"{name}: found, against lowest per cent", "more", shares, difference > 0)
        found = f"{difference:+.1%} ({low:+.1%} to {high:+.1%})"
        told_apart = low > 0 if n >= PAIRS else None
        yield Row(f"{name}: difference ({only_ours} : {only_theirs})", "> 0", found, told_apart)
        more = ours - theirs
        error = float(np.std(more)) / sqrt(n)
        found = f"{np.mean(more):+.4f} (± {point * error:.4f})"
        yield Row(f"{name}: true share gained by going there first", "> 0", found, float(np.mean(more)) > 0)


def _lowest(one: Told) -> str:
    """The domain with the lowest share right; of equal ones that with more of the exam."""
    return min(one.raw, key=lambda name: (one.raw[name], -one.worth[name]))


def _truth(bank: Bank, rng: Generator) -> _Truth:
    off = rng.normal(0.0, LOCATION_SD, len(bank.reference.items))
    at = {
        item.id: (item.a, item.b + shift, item.c)
        for item, shift in zip(bank.reference.items, off.tolist(), strict=True)
    }
    domain = {item.id: item.domain for item in bank.items}
    parts: dict[str, list[tuple[float, float, float, float]]] = {}
    for item in bank.reference.items:
        parts.setdefault(domain[item.id], []).append((*at[item.id], item.weight))
    columns = {name: np.array(rows, dtype=np.float64).T for name, rows in parts.items()}
    whole = curve(*np.concatenate(list(columns.values()), axis=1))
    return _Truth(
        at,
        tuple(sorted(parts)),
        float(whole.inverse(bank.reference.cut_share)),
        {name: (a, b, c, weight) for name, (a, b, c, weight) in columns.items()},
    )


def _sat(form: Form, truth: _Truth, ability: Mapping[str, float], rng: Generator) -> tuple[Flags, Floats]:
    """Which positions came out right on one day, and the chances that they had."""
    day = DAY_SD * float(rng.normal())
    a, b, c = np.array([truth.at[place.id] for place in form.positions]).T
    theta = np.array([ability[place.domain] + day for place in form.positions])
    chances = c + (1.0 - c) / (1.0 + np.exp(-a * (theta - b)))
    return rng.random(len(chances)) < chances, chances


def _scored(form: Form) -> Flags:
    return np.array([place.scored for place in form.positions], dtype=np.bool_)


def _passes(form: Form) -> Floats:
    return (np.array(form.conversion) >= form.scale.cut).astype(np.float64)
