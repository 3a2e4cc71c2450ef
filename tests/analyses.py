"""A made analysis and a made calibration: what `app.measuring` would hand over, without the responses."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from app.exam.analysis import (
    BankUse,
    Compared,
    Decisions,
    DomainWorth,
    LeftOut,
    PersonFitSummary,
    Scores,
    Spread,
    Summary,
    TimeSummary,
)
from app.exam.item import Item
from app.exam.item_analysis import (
    Bin,
    Document,
    Exposed,
    FitGroup,
    Flag,
    GroupDifference,
    ItemFit,
    Line,
    Neighbour,
    OptionLine,
    Rule,
    Timing,
)
from app.exam.parameter_version import ParameterVersion, first
from app.store import analyses, packs, parameters
from app.store.database import Database, Transaction

COUNT = 240


def summary(exam_id: str, items: int) -> Summary:
    """The summary of an analysis that says little of the exam as a whole."""
    return Summary(
        exam=exam_id,
        parameters="cold-start-1",
        attempts=300,
        candidates=290,
        responses=1800,
        since="2026-09-01T08:00:00+00:00",
        until="2026-11-01T08:00:00+00:00",
        left_out=(LeftOut(3, "met before"),),
        theta_cut=0.0,
        ability=0.1,
        ability_sd=1.0,
        reliability=None,
        error=None,
        decisions=None,
        scores=None,
        domain_spread=0.0,
        domain_spread_estimated=False,
        person_fit=None,
        time=None,
        pairs=0,
        dependent_pairs=0,
        bank=BankUse(items, items, 300, 0.5, 0.2),
        flags={},
    )


def full_summary(exam_id: str, parameters: str, items: int) -> Summary:
    """The summary of an analysis that says everything, by this parameter version."""
    spread = Spread(0.871, 0.86, 0.88)
    return replace(
        summary(exam_id, items),
        parameters=parameters,
        reliability=0.82,
        error=0.42,
        decisions=Decisions(
            forms=10,
            scored=6,
            least_to_pass=Spread(5.0, 4.0, 5.0),
            accuracy=spread,
            consistency=spread,
            false_pass=spread,
            false_fail=spread,
            reliability=spread,
            error_at_cut=Spread(47.0, 46.0, 48.0),
            theta=(-1.0, -0.5, 0.0, 0.5, 1.0),
            error=(50.0, 49.0, 47.0, 40.0, 33.0),
        ),
        scores=Scores(300, 720.0, 130.0, 140, (100.0, 1000.0), (300,)),
        domain_spread=0.4,
        domain_spread_estimated=True,
        person_fit=PersonFitSummary(300, 4, -2.33, 3.0),
        time=TimeSummary(1800, 0.25, 95.0, 1.6, 2, 30, 0.004, -0.01, 0.02),
        pairs=66,
        dependent_pairs=1,
        subscores=(DomainWorth("D1", 3, spread, spread, spread, 7),),
        compared=(Compared("with more time", "the others", 210, 230, 12, {"A": 11, "B": 0, "C": 1}),),
    )


def line(item: Item, version_id: int, number: int) -> Line:
    """A line; every fifth item has no responses yet, and the first one a key that must be looked at."""
    answered = number % 5 != 4
    flags = (Flag(Rule.KEY, 0.31, 0.0, COUNT, item.options[-1].id), Flag(Rule.WEAK, 0.02, 0.15, COUNT))
    share = 0.35 + 0.02 * number if answered else None
    return Line(
        item=item.id,
        version=item.version,
        item_version_id=version_id,
        current=True,
        status=item.status.value,
        type=item.type.value,
        domain=item.domain or "",
        topic=item.topic or "",
        opening=item.stem[:60],
        a=0.9,
        b=-1.5 + number / 10,
        c=0.25,
        se_a=0.1 if answered else None,
        se_b=0.2 if answered else None,
        calibrated_on=COUNT if answered else 0,
        count=COUNT if answered else 0,
        pilots=0,
        p=share,
        p_low=0.3,
        p_high=0.9,
        r=0.02 * number if answered else None,
        fit=0.0004 if number == 1 else 0.2 if answered else None,
        drift=1.2 if answered else None,
        trend=-0.4 if answered else None,
        forms=40,
        exposure=0.13,
        seconds=95.0 if answered else None,
        beta=4.5 if answered else None,
        sigma=0.4 if answered else None,
        flags=flags if number == 0 else (),
    )


def document(item: Item, neighbour: Line, *, empty: bool = False) -> Document:
    """The document of an item with every part, or with none."""
    width = len(item.options)
    nothing = Document(0, 0, 0, (), (), None, (), (), (), None)
    if empty:
        return replace(
            nothing,
            options=tuple(OptionLine(o.id, o.key, 0, 0.0, 0.0, 1.0, None, None) for o in item.options),
        )
    shares = tuple(1 / width for _ in range(width))
    return Document(
        unanswered=2,
        repeated=3,
        not_reached=4,
        options=tuple(
            OptionLine(o.id, o.key, 60, 0.25, 0.2, 0.31, 0.1 * place, 0.3 - 0.1 * place)
            for place, o in enumerate(item.options)
        ),
        bins=tuple(
            Bin(ability, 48, 0.5, 0.4, 0.6, 0.45 + 0.1 * ability, shares, shares, shares)
            for ability in (-1.5, -0.5, 0.1, 0.6, 1.7)
        ),
        fit=ItemFit(9.5, 4, 0.0004, COUNT, (FitGroup(120, 0.4, 0.45), FitGroup(120, 0.7, 0.66))),
        neighbours=(
            Neighbour(neighbour.item, neighbour.version, neighbour.item_version_id, 120, 0.31, 0.33),
        ),
        differences=(GroupDifference("reads slowly", "the others", -1.6, 0.3, 0.001, "C", 210, 230),),
        exposures=(Exposed(120, -0.04, 0.03), Exposed(120, 0.05, 0.03)),
        timing=Timing(COUNT, 70.0, 95.0, 130.0, 90.0, 110.0, 0.01),
    )


def analysed(database: Database, exam_id: str, now: datetime, full_by: str | None = None) -> list[Line]:
    """Store a made analysis of an exam's bank as its latest; the lines, in the order of the items' row ids.

    `full_by` is the label of the parameter version that an analysis which says everything went by.
    """
    with database.reading() as tx:
        bank = packs.bank(tx, packs.exam(tx, exam_id).pack_version_id)
    lines = [line(item, version_id, number) for number, (version_id, item) in enumerate(bank.items())]
    items = [
        {
            "item_version_id": one.item_version_id,
            "line": one.plain(),
            "document": document(bank[one.item_version_id], lines[-1], empty=not one.count).plain(),
        }
        for one in lines
    ]
    whole = full_summary(exam_id, full_by, len(lines)) if full_by else summary(exam_id, len(lines))
    made = {"summary": whole.plain(), "items": items}
    analysis_id = analyses.put(database, made, now)
    with database.writing() as tx:
        analyses.publish(tx, analysis_id)
    return lines


def version_in_use(tx: Transaction, exam_id: str, now: datetime) -> ParameterVersion:
    """The version in use; the cold start is recorded if the pack came without one."""
    if parameters.in_use(tx, exam_id) is None:
        stored = packs.exam(tx, exam_id)
        items = packs.bank(tx, stored.pack_version_id).values()
        parameters.add(tx, first(items, stored.exam), "The first bank", now, adopted=True)
    used = parameters.in_use(tx, exam_id)
    assert used
    return used


def proposed(database: Database, exam_id: str, now: datetime) -> int:
    """Propose a made calibration, in which every second item moves; the id of the version."""
    with database.writing() as tx:
        used = version_in_use(tx, exam_id, now)
        items = [
            replace(item, a=1.1 * item.a, b=item.b + number / 20, se_a=0.1, se_b=0.2, answered=COUNT)
            for number, item in enumerate(used.parameters.items)
            if number % 2
        ]
        made = {
            "exam": exam_id,
            "based_on": used.sequence,
            "items": [asdict(item) for item in items],
            "details": _details(items[0].id, used.parameters.reference.theta_cut),
        }
        return parameters.propose(tx, made, now, None)


def _details(item: str, theta_cut: float) -> dict[str, Any]:
    return {
        "attempts": 300,
        "candidates": 290,
        "responses": 1800,
        "items": 12,
        "anchors": 0,
        "group": {"mean": 0.1, "sd": 1.02},
        "link": {"scale": 1.0, "shift": 0.0, "items": 0},
        "log_likelihood": -1100.5,
        "converged": False,
        "iterations": 500,
        "errors": "blocks",
        "notes": ["the mean and SD of the candidates were still moving"],
        "left_out": [{"count": 3, "why": "met before"}],
        "rmse_change_b": 0.41,
        "promoted": [{"item": item, "version": 1, "n": COUNT, "se_b": 0.2}],
        "drifted": [{"item": item, "version": 1, "old": -0.4, "new": 0.4, "z": 3.1}],
        "theta_cut": {"before": theta_cut, "after": theta_cut},
    }
