"""The figures of one item from the responses to it: the line, the document and the flags of `item_analysis`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt

import numpy as np

from app.exam.image import in_words
from app.exam.item_analysis import (
    LEAK,
    MISFIT,
    SURE,
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
from app.exam.item_evidence import ENOUGH, Given, classical_of, short
from app.exam.stock import Member
from app.psychometrics import dependence, dif, drift, item_fit, timing, traces
from app.psychometrics.classical import ItemStatistics, OptionStatistics
from app.psychometrics.irt import Floats
from app.psychometrics.responses import Flags
from app.psychometrics.significance import wilson

OPENING = 90  # characters of a stem


@dataclass(frozen=True, slots=True)
class Groups:
    """Two groups of persons to compare: `focal` (P,) says who is in the focal one, `ability` (P,) is their EAP."""

    focal_name: str
    reference_name: str
    focal: Flags
    ability: Floats


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of an item beside its own responses. `neighbours` have the highest Q3 first."""

    forms: int = 0
    exposure: float = 0.0
    drift: float | None = None
    beta: float | None = None
    sigma: float | None = None
    median: float = 0.0
    repeated: int = 0
    not_reached: int = 0
    neighbours: tuple[Neighbour, ...] = ()
    groups: Sequence[Groups] = field(default_factory=tuple)


def line_and_document(member: Member, responses: Given, beside: Beside) -> tuple[Line, Document]:
    """All that pages show of an item."""
    plain = classical_of(member, responses)
    fit = _fit(member, responses)
    differences = tuple(_differences(responses, beside.groups))
    watch = drift.exposure_watch(responses.right, responses.expected)
    trend = short(watch.trend) if len(responses.right) >= ENOUGH else None
    document = Document(
        unanswered=int(np.sum(responses.left_open)),
        repeated=beside.repeated,
        not_reached=beside.not_reached,
        options=_options(member, plain.options, len(responses.right)),
        bins=tuple(_bins(responses)),
        fit=fit,
        neighbours=beside.neighbours,
        differences=differences,
        exposures=tuple(
            Exposed(int(count), short(residual), short(error))
            for count, residual, error in zip(watch.count, watch.residual, watch.error, strict=True)
        ),
        timing=_timing(responses, beside.median),
    )
    flags = (*plain.flags, *_model_flags(fit, differences, trend, beside, len(responses.right)))
    return _line(member, responses, plain.item, beside, fit, trend, flags), document


def _line(
    member: Member,
    responses: Given,
    item: ItemStatistics,
    beside: Beside,
    fit: ItemFit | None,
    trend: float | None,
    flags: tuple[Flag, ...],
) -> Line:
    known = member.parameters
    return Line(
        item=member.item.id,
        version=member.item.version,
        item_version_id=member.item_version_id,
        current=member.current,
        status=member.item.status.value if member.current else "replaced",
        type=member.item.type.value,
        domain=member.item.domain or "",
        topic=member.item.topic or "",
        opening=_opening(member.item.stem),
        a=short(known.a),
        b=short(known.b),
        c=short(known.c),
        se_a=_maybe(known.se_a),
        se_b=_maybe(known.se_b),
        calibrated_on=known.answered,
        count=item.count,
        pilots=int(np.sum(~responses.scored)),
        p=_maybe(item.p),
        p_low=short(item.p_low),
        p_high=short(item.p_high),
        r=_maybe(item.correlation),
        fit=None if fit is None else fit.p,
        drift=_maybe(beside.drift),
        trend=trend,
        forms=beside.forms,
        exposure=short(beside.exposure),
        seconds=short(beside.median) if beside.median > 0 else None,
        beta=_maybe(beside.beta),
        sigma=_maybe(beside.sigma),
        flags=flags,
    )


def _opening(stem: str) -> str:
    words = " ".join(in_words(stem).split())
    return words if len(words) <= OPENING else words[:OPENING].rpartition(" ")[0] + " …"


def _maybe(value: float | None) -> float | None:
    return None if value is None else short(value)


def _options(member: Member, options: Sequence[OptionStatistics], count: int) -> tuple[OptionLine, ...]:
    found = []
    for option, one in zip(member.item.options, options, strict=True):
        low, high = wilson(one.count, count)
        found.append(
            OptionLine(
                option.id,
                one.key,
                one.count,
                short(one.share),
                short(float(low)),
                short(float(high)),
                _maybe(one.rest),
                _maybe(one.correlation),
            )
        )
    return tuple(found)


def _bins(responses: Given) -> Sequence[Bin]:
    both = np.column_stack([responses.chosen, responses.right])
    found = traces.trace(responses.ability, both)
    if not len(found.count):
        return ()
    groups = np.array_split(np.argsort(responses.ability, kind="stable"), len(found.count))
    tables = [
        [list(map(short, row)) for row in table.tolist()] for table in (found.share, found.low, found.high)
    ]
    return [
        Bin(
            ability=short(float(ability)),
            count=int(count),
            right=shares[-1],
            right_low=lows[-1],
            right_high=highs[-1],
            expected=short(float(np.mean(responses.expected[group]))),
            shares=tuple(shares[:-1]),
            lows=tuple(lows[:-1]),
            highs=tuple(highs[:-1]),
        )
        for ability, count, group, shares, lows, highs in zip(
            found.ability, found.count, groups, *tables, strict=True
        )
    ]


def _fit(member: Member, responses: Given) -> ItemFit | None:
    """Of calibrated items only: an author's rating is expected to be off, and is no misfit."""
    if min(member.parameters.answered, len(responses.right)) < ENOUGH:
        return None
    found = item_fit.rest_fit(responses.right, responses.expected, responses.ability)
    if found is None:
        return None
    groups = zip(found.size.tolist(), found.observed.tolist(), found.expected.tolist(), strict=True)
    return ItemFit(
        statistic=short(found.statistic),
        freedom=found.freedom,
        p=short(found.p),
        count=found.count,
        groups=tuple(FitGroup(int(size), short(seen), short(wanted)) for size, seen, wanted in groups),
    )


def _differences(responses: Given, groups: Sequence[Groups]) -> Sequence[GroupDifference]:
    found = []
    for two in groups:
        focal = two.focal[responses.person]
        if min(int(np.sum(focal)), int(np.sum(~focal))) < dif.ENOUGH:
            continue
        one = dif.mantel_haenszel(responses.right, focal, dif.matched(two.ability[responses.person]))
        if one is not None:
            found.append(
                GroupDifference(
                    focal=two.focal_name,
                    reference=two.reference_name,
                    delta=short(one.delta),
                    error=short(one.error),
                    p=short(one.p),
                    level=one.level,
                    focal_count=one.focal,
                    reference_count=one.reference,
                )
            )
    return found


def goes_with(excess: float, count: int) -> bool:
    """Whether the residuals of two items go together, `excess` above what Q3 is for all pairs, of `count` persons."""
    return excess > max(dependence.LIMIT, SURE / sqrt(max(count - 3, 1)))


def _timing(responses: Given, median: float) -> Timing | None:
    usable = (responses.seconds >= timing.FASTEST) & (responses.seconds <= timing.SLOWEST)
    seconds, right = responses.seconds[usable], responses.right[usable]
    if not len(seconds):
        return None
    low, middle, high = np.quantile(seconds, [0.25, 0.5, 0.75]).tolist()
    rapid = timing.rapid_guesses(np.zeros(len(seconds), dtype=np.int64), seconds, np.array([median]))
    return Timing(
        count=len(seconds),
        low=short(low),
        median=short(middle),
        high=short(high),
        right=short(float(np.mean(seconds[right]))) if np.any(right) else None,
        wrong=short(float(np.mean(seconds[~right]))) if np.any(~right) else None,
        rapid=short(float(np.mean(rapid))),
    )


def _model_flags(
    fit: ItemFit | None,
    differences: Sequence[GroupDifference],
    trend: float | None,
    beside: Beside,
    count: int,
) -> Sequence[Flag]:
    found = []
    if fit is not None and fit.p < MISFIT:
        found.append(Flag(Rule.MISFIT, fit.p, MISFIT, fit.count))
    found += [
        Flag(Rule.DEPENDENT, other.excess, dependence.LIMIT, other.count, f"{other.item} {other.version}")
        for other in beside.neighbours
        if goes_with(other.excess, other.count)
    ]
    found += [
        Flag(Rule.DIF, one.delta, dif.LARGE, one.focal_count + one.reference_count, one.focal)
        for one in differences
        if one.level == "C"
    ]
    if beside.drift is not None and abs(beside.drift) > drift.LIMIT:
        found.append(Flag(Rule.DRIFT, short(beside.drift), drift.LIMIT, count))
    if trend is not None and trend > LEAK:
        found.append(Flag(Rule.LEAK, trend, LEAK, count))
    return found
