"""What the responses say of one item: its line on the bank page, the document of its own page, and its flags.

Worked out now and then from all responses of strict mocks (`app.measuring`), and stored; pages only show it.
Everything here is a plain number or None, never NaN, so that it can be stored as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

LEAK = 2.7
"""The trend of an item's residuals, in standard errors, from which it may have become known."""

MISFIT = 0.001
"""The tail of the fit's chi-square: hundreds of items are looked at, and few shall be flagged by chance."""


SURE = 4.0
"""Standard errors by which the Q3 of a pair must be too high: tens of thousands of pairs are looked at."""


class Rule(StrEnum):
    """A rule that raises a flag."""

    KEY = "key-check"
    REVERSED = "reversed"
    WEAK = "weak"
    HARD = "hard"
    EASY = "easy"
    ATTRACTIVE = "attractive-distractor"
    RARE = "rare-distractor"
    MISFIT = "misfit"
    DEPENDENT = "dependent"
    DIF = "group-difference"
    DRIFT = "drift"
    LEAK = "leak"

    @property
    def label(self) -> str:
        """Its name."""
        return _LABELS[self]

    @property
    def words(self) -> str:
        """What it says, with its limit and the sample that it needs."""
        return _WORDS[self]

    @property
    def suspends(self) -> bool:
        """Whether the item should be kept from new forms until somebody has looked."""
        return self in (Rule.KEY, Rule.REVERSED)


_LABELS = {
    Rule.KEY: "Check the key",
    Rule.REVERSED: "Reversed",
    Rule.WEAK: "Weak",
    Rule.HARD: "Very hard",
    Rule.EASY: "Very easy",
    Rule.ATTRACTIVE: "Distractor draws the able",
    Rule.RARE: "Idle distractor",
    Rule.MISFIT: "Does not fit",
    Rule.DEPENDENT: "Goes with another item",
    Rule.DIF: "Differs between groups",
    Rule.DRIFT: "Drifted",
    Rule.LEAK: "Grows easier",
}
_WORDS = {
    Rule.KEY: "Choosing a distractor surely goes with a better result on the rest, and more so than choosing an "
    "option of the key: correlations, from 100 responses on.",
    Rule.REVERSED: "Candidates who get it right do worse on the rest: correlation below 0, from 100 responses on.",
    Rule.WEAK: "It hardly tells good candidates from others: correlation with the rest below .15, "
    "from 100 responses on.",
    Rule.HARD: "Fewer than 25 % get it right, from 100 responses on.",
    Rule.EASY: "More than 95 % get it right, from 100 responses on.",
    Rule.ATTRACTIVE: "Choosing a distractor goes with a better result on the rest: correlation above 0, "
    "from 100 responses on.",
    Rule.RARE: "Fewer than 5 % choose a distractor, from 100 responses on.",
    Rule.MISFIT: "The shares right by ability are not those of its curve: chi-square with a tail below .001, "
    "from 100 responses on.",
    Rule.DEPENDENT: "It goes with another item beyond what ability explains: Q3 more than .2, and more than 4 "
    "standard errors, above the mean of all pairs, from 100 persons on.",
    Rule.DIF: "At equal ability it is harder or easier for one group: Mantel-Haenszel delta of 1.5 or more and "
    "surely above 1 (level C), from 200 persons in each group on.",
    Rule.DRIFT: "Its location moved more than others since the last calibration: robust z beyond 2.7, from 100 "
    "responses before and after on.",
    Rule.LEAK: "The more often it was shown, the easier it became: trend of the residuals above 2.7 standard errors, "
    "from 100 responses on.",
}


@dataclass(frozen=True, slots=True)
class Flag:
    """A rule that an item broke: the figure, its limit, and the `count` of responses behind it.

    `about` names what it is about: an option, another item, a group; empty for the item itself.
    """

    rule: Rule
    value: float
    limit: float
    count: int
    about: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """An item version on the bank page. None where there is nothing to say yet.

    `current`: it is the version in the bank now; `opening`: the first words of its stem. `a`, `b`, `c` with
    `se_a`, `se_b` are those in use, from `calibrated_on` responses (0: from the author's rating alone).
    `count` first-seen responses were analysed, `pilots` of them unscored; `p` right of them, between `p_low` and
    `p_high` (Wilson, 95 %); `r` with the rest; `fit` is the tail of the chi-square; `drift` the robust z;
    `trend` of residuals over exposures; `forms` it was put on, `exposure` their share of all forms; `seconds`
    is the median time, `beta` and `sigma` those of the lognormal model.
    """

    item: str
    version: int
    item_version_id: int
    current: bool
    status: str
    type: str
    domain: str
    topic: str
    opening: str
    a: float
    b: float
    c: float
    se_a: float | None
    se_b: float | None
    calibrated_on: int
    count: int
    pilots: int
    p: float | None
    p_low: float
    p_high: float
    r: float | None
    fit: float | None
    drift: float | None
    trend: float | None
    forms: int
    exposure: float
    seconds: float | None
    beta: float | None
    sigma: float | None
    flags: tuple[Flag, ...]

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class OptionLine:
    """One option, in the author's order, as `app.psychometrics.classical.OptionStatistics` has it.

    `key` with corrections; `share` between `low` and `high` (Wilson, 95 %); `rest` is the mean ability, from the
    other responses, of those who chose it, None for nobody.
    """

    id: str
    key: bool
    count: int
    share: float
    low: float
    high: float
    rest: float | None
    r: float | None


@dataclass(frozen=True, slots=True)
class Bin:
    """Candidates of like ability, from their other responses. `right` of them, `expected` by the item's curve.

    `shares` chose each option (in the order of `options`), between `lows` and `highs` (Wilson, 95 %).
    """

    ability: float
    count: int
    right: float
    right_low: float
    right_high: float
    expected: float
    shares: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FitGroup:
    """Shares right in one group of the fit's chi-square."""

    size: int
    observed: float
    expected: float


@dataclass(frozen=True, slots=True)
class ItemFit:
    """Observed against expected shares right, from low ability to high; `p` is the tail of the chi-square."""

    statistic: float
    freedom: int
    p: float
    count: int
    groups: tuple[FitGroup, ...]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another item whose residuals go with this one's: `excess` is Q3 less the mean of all pairs."""

    item: str
    version: int
    item_version_id: int
    count: int
    q3: float
    excess: float


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """Mantel-Haenszel DIF: `delta` is negative when it is harder for the `focal` group. `level` is A, B or C."""

    focal: str
    reference: str
    delta: float
    error: float
    p: float
    level: str
    focal_count: int
    reference_count: int


@dataclass(frozen=True, slots=True)
class Exposed:
    """Some responses in the order of time: `residual` is the share right less that expected, `error` its SE."""

    count: int
    residual: float
    error: float


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds on screen: quartiles of `count` times, means of right and wrong answers, share of rapid guesses."""

    count: int
    low: float
    median: float
    high: float
    right: float | None
    wrong: float | None
    rapid: float


@dataclass(frozen=True, slots=True)
class Document:
    """What the item's own page shows beside its line.

    `unanswered` were reached and left open: they are among the wrong. Left out of everything: `repeated`
    responses (the candidate had met the item before) and those `not_reached`. `neighbours` have the highest Q3
    first. `fit` and `timing` are None, and the lists empty, where there were too few responses.
    """

    unanswered: int
    repeated: int
    not_reached: int
    options: tuple[OptionLine, ...]
    bins: tuple[Bin, ...]
    fit: ItemFit | None
    neighbours: tuple[Neighbour, ...]
    differences: tuple[GroupDifference, ...]
    exposures: tuple[Exposed, ...]
    timing: Timing | None

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def line_from_plain(plain: Mapping[str, Any]) -> Line:
    """A line from stored JSON: no checks."""
    flags = tuple(Flag(**{**flag, "rule": Rule(flag["rule"])}) for flag in plain["flags"])
    return Line(**{**plain, "flags": flags})


def document_from_plain(plain: Mapping[str, Any]) -> Document:
    """A document from stored JSON: no checks."""
    fit, timing = plain["fit"], plain["timing"]
    return Document(
        **{
            **plain,
            "options": tuple(OptionLine(**one) for one in plain["options"]),
            "bins": tuple(Bin(**_with_tuples(one, ("shares", "lows", "highs"))) for one in plain["bins"]),
            "fit": ItemFit(**{**fit, "groups": tuple(FitGroup(**one) for one in fit["groups"])})
            if fit
            else None,
            "neighbours": tuple(Neighbour(**one) for one in plain["neighbours"]),
            "differences": tuple(GroupDifference(**one) for one in plain["differences"]),
            "exposures": tuple(Exposed(**one) for one in plain["exposures"]),
            "timing": Timing(**timing) if timing else None,
        }
    )


def _with_tuples(plain: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {**plain, **{name: tuple(plain[name]) for name in names}}
