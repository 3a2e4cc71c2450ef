"""The responses to one item, and what they say without a model: statistics, options, and the flags from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from app.exam.answers import OPEN, SCORED, Evidence
from app.exam.item_analysis import Flag, Rule
from app.exam.stock import Member
from app.psychometrics import classical
from app.psychometrics.classical import Concern, ItemStatistics, OptionStatistics
from app.psychometrics.irt import Floats
from app.psychometrics.patterns import Rest
from app.psychometrics.responses import Flags, Ints

ENOUGH = classical.ENOUGH
"""No flag on fewer responses than this."""

SURE = 1.645
"""Standard errors by which a distractor's correlation is above 0 before the key is doubted."""

_CONCERNS = {
    Concern.HARD: Rule.HARD,
    Concern.EASY: Rule.EASY,
    Concern.WEAK: Rule.WEAK,
    Concern.REVERSED: Rule.REVERSED,
    Concern.RARE_DISTRACTOR: Rule.RARE,
    Concern.ATTRACTIVE_DISTRACTOR: Rule.ATTRACTIVE,
}


@dataclass(frozen=True, slots=True)
class Given:
    """The r responses to one item, in the order of time; arrays (r,), `chosen` (r, options).

    `ability` and `expected` are what the candidates' other responses say (`patterns.Rest`).
    """

    right: Flags
    ability: Floats
    expected: Floats
    chosen: Flags
    left_open: Flags
    scored: Flags
    seconds: Floats
    person: Ints


@dataclass(frozen=True, slots=True)
class Classical:
    """An item without a model: statistics, options, and the flags that come from them."""

    item: ItemStatistics
    options: tuple[OptionStatistics, ...]
    flags: tuple[Flag, ...]


def short(value: float) -> float:
    """A figure with five digits: more are noise, and make documents long."""
    return float(f"{value:.5g}")


def by_item(evidence: Evidence) -> list[Ints]:
    """The places of each item's responses among `evidence.responses`, in the order of time."""
    item = evidence.responses.item
    order = np.argsort(item, kind="stable")
    ends = np.searchsorted(item[order], np.arange(1, evidence.responses.items))
    return np.split(order, ends)


def given(evidence: Evidence, rest: Rest, member: Member, places: Ints) -> Given:
    """The responses to an item, by their places."""
    answers, rows = evidence.answers, evidence.rows[places]
    return Given(
        right=evidence.responses.right[places],
        ability=rest.ability[places],
        expected=rest.expected[places],
        chosen=_chosen(member, answers.choice[rows], answers.choices),
        left_open=answers.has(OPEN)[rows],
        scored=answers.has(SCORED)[rows],
        seconds=answers.seconds[rows],
        person=evidence.responses.person[places],
    )


def _chosen(member: Member, codes: Ints, choices: Sequence[tuple[str, ...]]) -> Flags:
    distinct, place = np.unique(codes, return_inverse=True)
    options = [option.id for option in member.item.options]
    table = [[option in choices[code] for option in options] for code in distinct.tolist()]
    return np.array(table, dtype=np.bool_).reshape(-1, len(options))[place]


def classical_of(member: Member, responses: Given) -> Classical:
    """What can be said without a model; the key is that with corrections."""
    item = classical.item_statistics(responses.right, responses.ability)
    key = [option.id in member.key for option in member.item.options]
    options = classical.option_table(responses.chosen, key, responses.ability)
    names = [option.id for option in member.item.options]
    flags = tuple(
        Flag(
            _CONCERNS[one.concern],
            short(one.value),
            one.limit,
            one.count,
            "" if one.option is None else names[one.option],
        )
        for one in classical.flags(item, options)
    )
    return Classical(item, options, (*_key_alarm(names, item, options), *flags))


def _key_alarm(
    names: Sequence[str], item: ItemStatistics, options: Sequence[OptionStatistics]
) -> tuple[Flag, ...]:
    """A distractor that surely goes with a better result, and more so than an option of the key does."""
    of_key = [one.correlation for one in options if one.key and one.correlation is not None]
    drawing = [
        (one.correlation, name)
        for one, name in zip(options, names, strict=True)
        if not one.key and one.correlation is not None
    ]
    if item.count < ENOUGH or not of_key or not drawing:
        return ()
    strongest, name = max(drawing)
    limit = max(SURE / sqrt(item.count), min(of_key))
    return (Flag(Rule.KEY, short(strongest), short(limit), item.count, name),) if strongest > limit else ()
