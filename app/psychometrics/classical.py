"""Item statistics without a model of the item: how hard, how telling, and who chose which option.

Forms differ, so the number right on the rest of a form means something else for each person. The rest score
is therefore the EAP ability from the person's other responses (`patterns.rest`): on one scale for all forms,
of like reliability on forms of like length, and without the item itself, which would correlate with itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from app.psychometrics.irt import Floats
from app.psychometrics.responses import Flags
from app.psychometrics.significance import correlation, wilson

ENOUGH = 100
"""No flag on fewer responses than this."""

HARD, EASY = 0.25, 0.95
WEAK = 0.15
RARE = 0.05


class Concern(StrEnum):
    """What may be wrong with an item."""

    HARD = "hard"
    EASY = "easy"
    WEAK = "weak"
    REVERSED = "reversed"
    RARE_DISTRACTOR = "rare distractor"
    ATTRACTIVE_DISTRACTOR = "attractive distractor"

    @property
    def suspends(self) -> bool:
        """Whether the item should be left out of new forms until somebody has looked."""
        return self is Concern.REVERSED


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """One item. `p`, the share right of `count`, lies between `p_low` and `p_high` (Wilson, 95 %).

    `p` is None without responses, `correlation` (of right with the rest score) when one does not vary.
    """

    count: int
    p: float | None
    p_low: float
    p_high: float
    correlation: float | None


@dataclass(frozen=True, slots=True)
class OptionStatistics:
    """One option, in the author's order. `count` chose it, a `share` of all who were asked.

    `rest` is the mean rest score of those, None for nobody; `correlation` that of choosing it with the rest
    score, which should be positive for an option of the key only.
    """

    key: bool
    count: int
    share: float
    rest: float | None
    correlation: float | None


@dataclass(frozen=True, slots=True)
class Flag:
    """A concern: the figure, the limit that it passed, the responses it rests on, and the option, if any."""

    concern: Concern
    value: float
    limit: float
    count: int
    option: int | None = None


def item_statistics(right: Flags, rest: Floats) -> ItemStatistics:
    """The statistics of an item from its responses and the persons' rest scores, both (r,)."""
    count = len(right)
    share = float(np.mean(right)) if count else None
    low, high = wilson(np.sum(right), count)
    return ItemStatistics(count, share, float(low), float(high), correlation(right, rest))


def option_table(chosen: Flags, key: Sequence[bool], rest: Floats) -> tuple[OptionStatistics, ...]:
    """The statistics of each of k options: `chosen` (r, k), `key` (k,), rest scores (r,).

    Multiple-answer items have several options in the key, and several chosen in each row; a row without any
    is a person who left the item open.
    """
    return tuple(_option(chosen[:, option], is_key, rest) for option, is_key in enumerate(key))


def flags(item: ItemStatistics, options: Sequence[OptionStatistics] = ()) -> tuple[Flag, ...]:
    """The concerns about an item, none on fewer than ENOUGH responses."""
    if item.count < ENOUGH:
        return ()
    return (*_item_flags(item), *_option_flags(item.count, options))


def _item_flags(item: ItemStatistics) -> Iterator[Flag]:
    if item.p is not None and item.p < HARD:
        yield Flag(Concern.HARD, item.p, HARD, item.count)
    if item.p is not None and item.p > EASY:
        yield Flag(Concern.EASY, item.p, EASY, item.count)
    if item.correlation is not None and item.correlation < 0:
        yield Flag(Concern.REVERSED, item.correlation, 0.0, item.count)
    elif item.correlation is not None and item.correlation < WEAK:
        yield Flag(Concern.WEAK, item.correlation, WEAK, item.count)


def _option_flags(count: int, options: Sequence[OptionStatistics]) -> Iterator[Flag]:
    for number, option in enumerate(options):
        if option.key:
            continue
        if option.share < RARE:
            yield Flag(Concern.RARE_DISTRACTOR, option.share, RARE, count, number)
        elif option.correlation is not None and option.correlation > 0:
            yield Flag(Concern.ATTRACTIVE_DISTRACTOR, option.correlation, 0.0, count, number)


def _option(chosen: Flags, key: bool, rest: Floats) -> OptionStatistics:
    count = int(np.sum(chosen))
    return OptionStatistics(
        key=key,
        count=count,
        share=count / len(chosen) if len(chosen) else 0.0,
        rest=float(np.mean(rest[chosen])) if count else None,
        correlation=correlation(chosen, rest),
    )
