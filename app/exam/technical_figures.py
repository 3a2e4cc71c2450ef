"""The sections of the technical report that come from the last analysis: items, fit, precision, decisions, time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import numpy as np

from app.exam.analysis import Decisions, Spread, Summary, TimeSummary
from app.exam.document import NOTHING, Plot, Section, Table, counted, fixed, share
from app.exam.item_analysis import MISFIT, Line, Rule
from app.exam.item_evidence import ENOUGH
from app.exam.parameter_version import ParameterVersion
from app.psychometrics import dif

SPREAD = ("Of each item", "n", "Lowest", "A quarter below", "Middle", "A quarter above", "Highest")
EVERY = 5
"""Of the abilities that have a standard error, each so-many-th stands in the table; the plot has all."""


def spread(name: str, values: Iterable[float | None], digits: int = 2) -> tuple[str, ...]:
    """A row under SPREAD; what is not known is not counted."""
    known = [value for value in values if value is not None]
    if not known:
        return (name, "0", *[NOTHING] * 5)
    at = np.quantile(known, [0.0, 0.25, 0.5, 0.75, 1.0]).tolist()
    return (name, str(len(known)), *(fixed(one, digits) for one in at))


def samples(summary: Summary | None, analysed_at: datetime | None, used: ParameterVersion | None) -> Section:
    """What the figures rest on."""
    title = "Sample"
    if summary is None or analysed_at is None:
        words = "The responses have not been analysed yet. Analyse them on the measurement page; it takes a minute."
        return Section(title, missing=(words,))
    missing = []
    if used is not None and summary.parameters != used.label:
        missing.append(
            f"The analysis went by {summary.parameters}, and {used.label} is in use now. Analyse again."
        )
    if summary.attempts < ENOUGH:
        missing.append(
            f"There are only {counted(summary.attempts, 'strict mock')}: no item is judged below {ENOUGH} responses."
        )
    facts = [
        ("Analysed", f"{analysed_at.day} {analysed_at:%B %Y}, by the parameters of {summary.parameters}"),
        ("Strict mocks", f"{summary.attempts:,} of {counted(summary.candidates, 'candidate')}"),
        ("First-seen responses", f"{summary.responses:,}"),
    ]
    if summary.since and summary.until:
        facts.append(("Sat from", f"{summary.since[:10]} to {summary.until[:10]}"))
    if summary.ability is not None:
        facts.append(
            ("Ability of candidates", f"mean {fixed(summary.ability)}, SD {fixed(summary.ability_sd)}")
        )
    if summary.scores is not None:
        got = summary.scores
        facts.append(("Scaled scores", f"mean {fixed(got.mean, 0)}, SD {fixed(got.sd, 0)}"))
        facts.append(("Passed", f"{got.passed:,} of {got.count:,} ({share(got.passed / got.count)})"))
    rows = tuple((one.why, f"{one.count:,}") for one in summary.left_out)
    tables = (Table("Left out", ("Why", "Count"), rows),) if rows else ()
    return Section(title, facts=tuple(facts), tables=tables, missing=tuple(missing))


def sections(summary: Summary, lines: Sequence[Line], domains: Mapping[str, str]) -> Iterator[Section]:
    """All that an analysis says; `lines` are those of the bank as it is now, `domains` titles by id."""
    yield _bank(summary)
    yield _items(lines)
    yield _fit(summary, lines)
    yield _precision(summary)
    yield _decisions(summary.decisions)
    yield _subscores(summary, domains)
    yield _differences(summary)
    yield _time(summary.time)


def _bank(summary: Summary) -> Section:
    bank = summary.bank
    facts = [
        ("Ready items", str(bank.items)),
        ("Forms so far", f"{bank.forms:,}"),
        ("Items that were on a form", f"{bank.used} of {bank.items}"),
        (
            "Share of forms that an item is on",
            f"{share(bank.mean)} on average, {share(bank.highest)} at most",
        ),
    ]
    made = summary.decisions
    if made is not None:
        facts.append((f"Right answers that pass, of {made.scored}", _ranged(made.least_to_pass, 1)))
    text = "Forms are assembled one by one to the blueprint and the curves of the reference, little-used items first."
    return Section("Bank and forms", (text,), tuple(facts))


def _items(lines: Sequence[Line]) -> Section:
    judged = [line for line in lines if line.count >= ENOUGH]
    rows = (
        spread("Responses", [line.count for line in lines], 0),
        spread("Share right p", [line.p for line in judged]),
        spread("Correlation with the rest r", [line.r for line in judged]),
        spread("Slope a", [line.a for line in lines]),
        spread("Location b", [line.b for line in lines]),
    )
    flagged = Counter(rule for line in lines for rule in {flag.rule for flag in line.flags})
    rules = tuple((rule.label, str(flagged[rule]), rule.words) for rule in Rule)
    text = (
        f"{len(judged)} of {counted(len(lines), 'item')} have {ENOUGH} responses or more; p and r are of those, and "
        "no other item is flagged."
    )
    few = len(lines) - len(judged)
    missing = (f"{counted(few, 'item')} cannot be judged yet: let more strict mocks be sat.",) if few else ()
    tables = (
        Table("Items in the bank", SPREAD, rows),
        Table("Flags by rule", ("Rule", "Items", "What it says"), rules, frozenset({2})),
    )
    return Section("Item statistics", (text,), tables=tables, missing=missing)


def _fit(summary: Summary, lines: Sequence[Line]) -> Section:
    tails = [line.fit for line in lines if line.fit is not None]
    facts = [
        ("Items whose fit was tested", str(len(tails))),
        ("Pairs of items looked at (Q3)", f"{summary.pairs:,}"),
        ("Pairs that go together", f"{summary.dependent_pairs:,}"),
    ]
    if tails:
        low = sum(tail < 0.05 for tail in tails)  # noqa: PLR2004 -- the usual level
        facts[1:1] = [
            ("Tail below .05", f"{low}, where {fixed(0.05 * len(tails), 0)} would be by chance"),
            (f"Tail below {MISFIT:g} (flagged)", str(sum(tail < MISFIT for tail in tails))),
        ]
    person = summary.person_fit
    if person is not None:
        facts.append(
            (
                f"Attempts with lz* below {fixed(person.limit)}",
                f"{person.low} of {person.count:,}, where {fixed(person.expected, 0)} would be by chance",
            )
        )
    text = (
        "Fit compares shares right with what each candidate's other responses foretell, as a chi-square; Q3 is the "
        "correlation of residuals of two items, less its mean over all pairs."
    )
    missing = []
    if not tails:
        words = "No item has been tested for fit: that needs a calibration, and responses after it. Calibrate first."
        missing.append(words)
    if not summary.pairs:
        missing.append(
            "No pair of items has 100 candidates in common yet, so dependence is not known. More mocks tell."
        )
    return Section("Fit and dependence", (text,), tuple(facts), missing=tuple(missing))


def _precision(summary: Summary) -> Section:
    made, facts = summary.decisions, []
    if summary.reliability is not None:
        facts.append(("Marginal reliability, of these candidates", fixed(summary.reliability)))
        facts.append(("Standard error of ability (root mean square)", fixed(summary.error)))
    title = "Reliability and standard errors"
    if made is None:
        return Section(title, facts=tuple(facts), missing=(NO_FORM,))
    facts.append(("Expected reliability of a form", _ranged(made.reliability)))
    facts.append(("Standard error of the score at the cut", f"{_ranged(made.error_at_cut, 0)} points"))
    points = tuple(zip(made.theta, made.error, strict=True))
    some = points[::EVERY]
    head = ("Ability θ", *(fixed(theta, 1) for theta, _ in some))
    row = ("Standard error, points", *(fixed(error, 0) for _, error in some))
    plot = Plot(
        "Standard error of the scaled score in points, by ability θ: the mean of typical forms.",
        points,
        summary.theta_cut,
        "cut",
    )
    table = Table("Conditional standard error of the score", head, (row,))
    text = f"Of {counted(made.forms, 'typical form')}: the mean, with the lowest and the highest form in brackets."
    return Section(title, (text,), tuple(facts), (table,), plot)


def _decisions(made: Decisions | None) -> Section:
    title = "Decisions"
    if made is None:
        return Section(title, missing=(NO_FORM,))
    rows = tuple(
        (name, fixed(one.mean, 3), fixed(one.low, 3), fixed(one.high, 3))
        for name, one in (
            ("Accuracy: the result that the ability deserves", made.accuracy),
            ("Consistency: the same result on another form", made.consistency),
            ("Passed, and should not have", made.false_pass),
            ("Failed, and should not have", made.false_fail),
        )
    )
    head = ("Share of candidates", "Mean of the forms", "Lowest", "Highest")
    text = "After Lee (2010), exact for each form, for abilities spread as those of these candidates."
    return Section(title, (text,), tables=(Table("Decision quality", head, rows),))


NO_FORM = (
    "No form can be assembled from the bank as it is, so nothing can be said of typical ones. "
    "The page of the exam says what is missing."
)


def _subscores(summary: Summary, domains: Mapping[str, str]) -> Section:
    how = (
        "estimated from these candidates"
        if summary.domain_spread_estimated
        else "taken, since there are too few"
    )
    facts = [("Spread of domains around the whole", f"{fixed(summary.domain_spread)}, {how}")]
    rows = tuple(
        (
            domains.get(one.domain, one.domain),
            str(one.items),
            fixed(one.own.mean),
            fixed(one.total.mean),
            fixed(one.both.mean),
            f"{one.reported} of {summary.decisions.forms if summary.decisions else 0}",
        )
        for one in summary.subscores
    )
    head = ("Domain", "Items", "By its own count", "By the total", "By both", "Reported on forms")
    text = (
        "Share of the variance of a domain's true score that is foretold (PRMSE, Haberman 2008). A subscore is "
        "reported where both together tell more than the total alone."
    )
    tables = (Table("Value of subscores", head, rows),) if rows else ()
    missing = () if rows else ("Their value was not worked out: analyse again.",)
    return Section("Subscores", (text,), tuple(facts), tables, missing=missing)


def _differences(summary: Summary) -> Section:
    rows = tuple(
        (
            f"{one.focal}, or {one.reference}",
            f"{one.focal_count:,} / {one.reference_count:,}",
            str(one.items),
            *(str(one.levels.get(level, 0)) for level in "ABC"),
        )
        for one in summary.compared
    )
    head = ("Candidates", "Attempts", "Items compared", "A", "B", "C (flagged)")
    text = "Mantel-Haenszel, matched on estimated ability. A: negligible, B: slight, C: large and sure."
    missing = [
        f"No item could be compared for candidates {one.focal}: that needs {dif.ENOUGH} responses of each."
        for one in summary.compared
        if not one.items
    ]
    if not rows:
        missing.append("Groups of candidates were not compared: analyse again.")
    tables = (Table("Items by level", head, rows),) if rows else ()
    return Section("Differences between groups", (text,), tables=tables, missing=tuple(missing))


def _time(time: TimeSummary | None) -> Section:
    if time is None:
        return Section("Time", missing=("Nobody's time is known yet: it comes with the first strict mocks.",))
    facts = [
        ("Times of responses", f"{time.count:,}"),
        ("Median time of an item", f"{fixed(time.seconds, 0)} seconds"),
        ("Typical form, average candidate", f"{fixed(time.form_minutes, 0)} of {time.minutes} minutes"),
        ("Spread of speed (SD of the logarithm)", fixed(time.spread)),
        ("Attempts that did not reach their end", str(time.unfinished)),
        ("Responses too quick to have been read", f"{time.rapid:.1%}".replace("%", " %")),
    ]
    if time.last_quarter is not None and time.last_quarter_error is not None:
        off, error = 100 * time.last_quarter, 100 * time.last_quarter_error
        facts.append(
            (
                "Last quarter, against what the rest foretells",
                f"{fixed(off, 1)} percentage points (SE {fixed(error, 1)})",
            )
        )
    return Section("Time", ("The lognormal model of van der Linden (2006).",), tuple(facts))


def _ranged(one: Spread, digits: int = 2) -> str:
    return f"{fixed(one.mean, digits)} ({fixed(one.low, digits)} to {fixed(one.high, digits)})"
