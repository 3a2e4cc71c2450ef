"""The technical report of an exam: what its scores rest on, how sure they are, and what is not known yet.

Everything comes from what is recorded: parameter versions, and the last analysis. Nothing is estimated here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.exam import technical_figures
from app.exam.analysis import Summary
from app.exam.blueprint import pilot_counts, scored_counts
from app.exam.document import NOTHING, Report, Section, Table, counted, fixed, share
from app.exam.item_analysis import Line
from app.exam.pack import Exam
from app.exam.parameter_version import Event, ParameterVersion
from app.exam.technical_figures import SPREAD, spread
from app.psychometrics.maximisation import LOCATION_SPREAD, SLOPE_SPREAD

STATES = ("in use", "was in use", "proposed")


@dataclass(frozen=True, slots=True)
class Step:
    """One event of the chain of parameter versions, as it was recorded. Names are None for the program itself."""

    label: str
    event: Event
    made_at: datetime
    made_by: str | None
    adopted_at: datetime | None
    adopted_by: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Sources:
    """What the report is made from. `domains` are their titles by id.

    `used` is the version in use, None before the first; `steps` the whole chain, latest first; `calibration` the
    last one that `used` goes back to; `standards` the standard settings, latest first. `summary` and `lines` are
    of the last analysis.
    """

    exam: Exam
    domains: Mapping[str, str]
    used: ParameterVersion | None
    steps: Sequence[Step]
    calibration: ParameterVersion | None
    standards: Sequence[tuple[Step, ParameterVersion]]
    summary: Summary | None
    analysed_at: datetime | None
    lines: Sequence[Line]


def report(sources: Sources) -> Report:
    """The whole report; it says what is missing wherever something is."""
    exam, summary = sources.exam, sources.summary
    current = [line for line in sources.lines if line.current]
    sections = [
        _exam(exam, sources.domains, current, sources.used),
        _chain(sources),
        _standard(sources),
        _calibration(sources),
        technical_figures.samples(summary, sources.analysed_at, sources.used),
        *([] if summary is None else technical_figures.sections(summary, current, sources.domains)),
        _limits(),
    ]
    return Report(
        title=f"Technical report: {exam.title}",
        lead="What the scores of this exam rest on, how sure they are, and what is not known yet. "
        "docs/psychometrics.md explains the model and names its sources.",
        sections=tuple(sections),
    )


def day(value: datetime) -> str:
    """The day of a moment."""
    return f"{value.day} {value:%B %Y}"


def _exam(
    exam: Exam, domains: Mapping[str, str], lines: Sequence[Line], used: ParameterVersion | None
) -> Section:
    scored, pilots = scored_counts(exam), pilot_counts(exam)
    weights, stock = sum(exam.blueprint.values()), Counter(line.domain for line in lines)
    facts = [
        (
            "Items of a form",
            f"{exam.scored} scored, {exam.pilots} pilots" if exam.pilots else str(exam.items),
        ),
        ("Time", f"{exam.minutes} minutes"),
        ("Scale", f"{exam.scale.min} to {exam.scale.max}, passed from {exam.scale.cut} up"),
        ("Marking", "right or wrong, no partial credit; an item left open is wrong"),
    ]
    if exam.multiple_answer:
        wide = exam.multiple_answer
        facts.append(("Multiple-answer items of a form", f"{wide.min} to {wide.max}"))
    if used is not None:
        facts.append(("Items of the reference", str(len(used.parameters.reference.items))))
    head = ("Domain", "Weight", "Scored on a form", "Pilots", "Items in the bank")
    rows = tuple(
        (
            domains.get(name, name),
            share(weight / weights),
            str(scored[name]),
            str(pilots[name]),
            str(stock[name]) if lines else NOTHING,
        )
        for name, weight in exam.blueprint.items()
    )
    return Section("The exam", facts=tuple(facts), tables=(Table("Blueprint", head, rows),))


def _chain(sources: Sources) -> Section:
    if sources.used is None:
        words = (
            "Nothing can be scored yet: the bank has no ready items with a domain of this exam. Review some."
        )
        return Section("Parameter versions", missing=(words,))
    rows = tuple(
        (
            step.label,
            _state(step, sources.used),
            day(step.made_at),
            step.made_by or "the program",
            f"{step.adopted_by or 'the program'}, {day(step.adopted_at)}" if step.adopted_at else NOTHING,
            step.reason,
        )
        for step in sources.steps
    )
    head = ("Version", "State", "Made on", "Made by", "Adopted by", "Why")
    text = "Each version is whole: item parameters, reference and cut. A form keeps the one it was made with."
    table = Table("All versions, latest first", head, rows, frozenset(range(1, 6)))
    return Section("Parameter versions", (text,), tables=(table,))


def _state(step: Step, used: ParameterVersion) -> str:
    in_use, was_in_use, proposed = STATES
    if step.label == used.label:
        return in_use
    return was_in_use if step.adopted_at else proposed


def _standard(sources: Sources) -> Section:
    used, exam = sources.used, sources.exam
    if used is None:
        return Section("The standard")
    mean, cut = used.cut_mean * exam.scored, used.cut.raw_equivalent
    facts = [
        ("Cut in use", f"{cut:g} of {exam.scored} scored items ({fixed(mean)} before the half point)"),
        ("Set by", used.cut.source),
        ("Ability at the cut", f"θ = {fixed(used.parameters.reference.theta_cut)}"),
    ]
    implied = used.parameters.implied_mean_rating
    if implied is not None:
        facts.append(
            ("Cut that the authors' ratings alone imply", f"{fixed(implied * exam.scored, 1)} items")
        )
    rows = tuple(_panel(step, made, exam, used) for step, made in sources.standards)
    head = (
        "Panel",
        "State",
        "Raters",
        "Items",
        "Mean",
        "Standard error",
        "Cut",
    )
    tables = (
        (Table("Standard settings (Angoff), in items right", head, rows, frozenset({1})),) if rows else ()
    )
    missing = (
        "No standard setting is in use: the cut is the policy that the pack names. Have a panel of at least two "
        "raters rate items, enter the ratings, then adopt the result."
    )
    text = (
        "The mean of the ratings, each domain at its weight, is moved to the nearest half point, so that no form's "
        "expected score falls on a whole number right."
    )
    return Section("The standard", (text,), tuple(facts), tables, missing=() if used.set_here else (missing,))


def _panel(step: Step, made: ParameterVersion, exam: Exam, used: ParameterVersion) -> tuple[str, ...]:
    details = made.details
    error = details.get("error")
    return (
        made.cut.source,
        _state(step, used),
        str(len(details.get("raters", ()))),
        str(len(details.get("ratings", ()))),
        fixed(made.cut_mean * exam.scored),
        fixed(None if error is None else error * exam.scored),
        f"{made.cut.raw_equivalent:g}",
    )


def _calibration(sources: Sources) -> Section:
    used, made = sources.used, sources.calibration
    if used is None:
        return Section("Calibration")
    items = used.parameters.items
    known = [item for item in items if item.answered]
    model = (
        "Two-parameter logistic model with a structural guessing floor (D = 1): slopes and locations are estimated, "
        "the floor follows from the number of options and keys. Marginal maximum likelihood with priors: each "
        f"location around the author's rating (SD {LOCATION_SPREAD:g}), the logarithm of each slope around -0.1 "
        f"(SD {SLOPE_SPREAD:g}). Ability is normal in the group."
    )
    if made is None:
        words = (
            "No calibration is in use: all item parameters rest on authors' ratings. Let strict mocks be sat, "
            "propose a calibration, look at what it changes, then adopt it."
        )
        return Section("Calibration", (model,), missing=(words,))
    missing = []
    if len(known) < len(items):
        missing.append(
            f"Of {len(items)} items in use {len(items) - len(known)} have nothing but a rating. Calibrate again when "
            "they have been answered."
        )
    if not made.details.get("converged", True):
        missing.append("The calibration did not converge. Make a new one, and adopt none that does not.")
    return Section(
        "Calibration",
        (model,),
        tuple(_calibrated(made.label, made.details)),
        tuple(_parameters(known)),
        missing=tuple(missing),
    )


def _calibrated(label: str, details: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The facts of a calibration, as far as they were recorded."""
    yield "Version", label
    if "responses" in details:
        yield "First-seen responses", f"{details['responses']:,}"
        yield "Strict mocks", f"{details['attempts']:,} of {counted(details['candidates'], 'candidate')}"
        yield "Items", f"{details['items']}, {details.get('anchors', 0)} of them anchored at earlier values"
        verdict = "converged" if details["converged"] else "did NOT converge"
        notes = "".join(f"; {note}" for note in details.get("notes", ()))
        yield "Verdict", f"{verdict} after {details['iterations']} iterations{notes}"
        yield "Log-likelihood", fixed(details["log_likelihood"], 1)
        yield "Standard errors", str(details.get("errors", NOTHING))
        group = details["group"]
        yield "Group", f"mean {fixed(group['mean'])}, SD {fixed(group['sd'])} on the scale in use"
        link = details["link"]
        linked = (
            f"by {link['items']} items"
            if link["items"]
            else "held by the priors: no calibrated items to link by"
        )
        yield (
            "Link to the scale in use",
            f"scale {fixed(link['scale'], 3)}, shift {fixed(link['shift'], 3)}, {linked}",
        )
        yield "Locations moved by", f"{fixed(details['rmse_change_b'])} (root mean square)"
        yield "Pilots that may be scored from now on", str(len(details.get("promoted", ())))
        yield "Anchors let go because they drifted", str(len(details.get("drifted", ())))
        at = details["theta_cut"]
        yield "Ability at the cut", f"θ = {fixed(at['before'])} before, {fixed(at['after'])} after"


def _parameters(known: Sequence[Any]) -> Iterator[Table]:
    """The spread of the calibrated parameters; nothing without any."""
    columns = {
        "Slope a": [item.a for item in known],
        "Standard error of a": [item.se_a for item in known],
        "Location b": [item.b for item in known],
        "Standard error of b": [item.se_b for item in known],
        "Responses": [item.answered for item in known],
    }
    rows = tuple(spread(name, values, 0 if name == "Responses" else 2) for name, values in columns.items())
    if known:
        yield Table("Calibrated items in use", SPREAD, rows)


def _limits() -> Section:
    text = (
        "The score is an estimate. No evidence relates it to results of any real exam.",
        "Guessing floors are structural: a candidate who can rule out options guesses better than that.",
        "One dimension is assumed beside the spread of domains; Q3 and the fit show where that fails.",
        "Groups of candidates are compared only by what the program knows: the time allowed, and earlier mocks.",
        "Nothing here supports a verdict on a single candidate's honesty.",
    )
    return Section("Limits", text)
