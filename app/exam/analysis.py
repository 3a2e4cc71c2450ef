"""What all responses to an exam say of it as a whole: reliability, decisions, scores, time, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class LeftOut:
    """So many responses or attempts that an analysis does not look at, and why."""

    count: int
    why: str


@dataclass(frozen=True, slots=True)
class Spread:
    """The mean of several forms' figures, with the lowest and the highest."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Decisions:
    """What typical forms can tell (`app.psychometrics.decision.Quality`), over `forms` of them.

    `theta` with `error`: the standard error of the scaled score at some abilities, mean of the forms. `cut`:
    right answers of `scored` that pass.
    """

    forms: int
    scored: int
    least_to_pass: Spread
    accuracy: Spread
    consistency: Spread
    false_pass: Spread
    false_fail: Spread
    reliability: Spread
    error_at_cut: Spread
    theta: tuple[float, ...]
    error: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """Scaled scores of all attempts analysed: `counts[i]` from `edges[i]` up to below `edges[i + 1]`."""

    count: int
    mean: float
    sd: float
    passed: int
    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PersonFitSummary:
    """lz* of `count` attempts: `low` of them below `limit`, where `expected` would be by chance."""

    count: int
    low: int
    limit: float
    expected: float


@dataclass(frozen=True, slots=True)
class TimeSummary:
    """The lognormal model of time over `count` responses, and how attempts ended.

    `spread` is the SD of speed between candidates, `seconds` the median time of an item, `form_minutes` what a
    typical form asks of an average candidate, of `minutes` allowed. `unfinished` of all attempts did not reach
    their end; `rapid` is the share of responses that were too quick to have been read. `last_quarter`: share
    right there less the share that the rest of each attempt foretells, with its standard error.
    """

    count: int
    spread: float
    seconds: float | None
    form_minutes: float | None
    minutes: int
    unfinished: int
    rapid: float
    last_quarter: float | None
    last_quarter_error: float | None


@dataclass(frozen=True, slots=True)
class BankUse:
    """How the ready bank is used: `used` of `items` were on a form; the share of forms of the most used, and mean."""

    items: int
    used: int
    forms: int
    highest: float
    mean: float


@dataclass(frozen=True, slots=True)
class DomainWorth:
    """What a domain's subscore is worth (`app.psychometrics.subscores.AddedValue`), over typical forms.

    `items` of the domain are scored on a form; on `reported` of the forms its subscore passes the gate.
    """

    domain: str
    items: int
    own: Spread
    total: Spread
    both: Spread
    reported: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Two groups of attempts, and how many `items` could be compared between them: so many of each DIF level."""

    focal: str
    reference: str
    focal_count: int
    reference_count: int
    items: int
    levels: dict[str, int]


@dataclass(frozen=True, slots=True)
class Summary:
    """One analysis of an exam. None where there were too few attempts to say.

    `parameters` is the label of the version it went by. `attempts` strict mocks of `candidates`, of which
    `responses` were analysed; `since` to `until` are ISO times of the first and last start. `ability`,
    `ability_sd`: of the candidates, on the scale of the reference, whose cut is at `theta_cut`; `reliability` is
    marginal, `error` the root mean square standard error of ability. `domain_spread` is that of domains around
    the whole, `domain_spread_estimated` whether it comes from these candidates. `dependent_pairs` of
    `pairs` of items go together. `flags`: items by rule. `subscores` and `compared` are empty in analyses from
    before they were made.
    """

    exam: str
    parameters: str
    attempts: int
    candidates: int
    responses: int
    since: str | None
    until: str | None
    left_out: tuple[LeftOut, ...]
    theta_cut: float
    ability: float | None
    ability_sd: float | None
    reliability: float | None
    error: float | None
    decisions: Decisions | None
    scores: Scores | None
    domain_spread: float
    domain_spread_estimated: bool
    person_fit: PersonFitSummary | None
    time: TimeSummary | None
    pairs: int
    dependent_pairs: int
    bank: BankUse
    flags: dict[str, int]
    subscores: tuple[DomainWorth, ...] = ()
    compared: tuple[Compared, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def summary_from_plain(plain: Mapping[str, Any]) -> Summary:
    """A summary from stored JSON: no checks."""
    return Summary(
        **{
            **plain,
            "left_out": tuple(LeftOut(**one) for one in plain["left_out"]),
            "decisions": _decisions(plain["decisions"]) if plain["decisions"] else None,
            "scores": _scores(plain["scores"]) if plain["scores"] else None,
            "person_fit": PersonFitSummary(**plain["person_fit"]) if plain["person_fit"] else None,
            "time": TimeSummary(**plain["time"]) if plain["time"] else None,
            "bank": BankUse(**plain["bank"]),
            "subscores": tuple(DomainWorth(**{**one, **_spreads(one)}) for one in plain.get("subscores", ())),
            "compared": tuple(Compared(**one) for one in plain.get("compared", ())),
        }
    )


def _decisions(plain: Mapping[str, Any]) -> Decisions:
    whole = {**plain, **_spreads(plain), "theta": tuple(plain["theta"]), "error": tuple(plain["error"])}
    return Decisions(**whole)


def _spreads(plain: Mapping[str, Any]) -> dict[str, Spread]:
    return {name: Spread(**value) for name, value in plain.items() if isinstance(value, dict)}


def _scores(plain: Mapping[str, Any]) -> Scores:
    return Scores(**{**plain, "edges": tuple(plain["edges"]), "counts": tuple(plain["counts"])})
