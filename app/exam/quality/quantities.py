"""Options that are bare quantities or ranges: what they say, and which of them overlap."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from math import inf

_NUMBER = r"([0-9]{1,12}(?:[.,][0-9]{1,6}){0,4})"
_UNIT = r"\s{0,3}([A-Za-z%][A-Za-z%/]{0,15}(?: [a-z]{1,15}){0,3})?"
_ONE = re.compile(rf"(?:about |exactly )?{_NUMBER}{_UNIT}", re.IGNORECASE)
_RANGE = re.compile(rf"(?:from |between )?{_NUMBER}\s?(?:-|–|to|and)\s?{_NUMBER}{_UNIT}", re.IGNORECASE)  # noqa: RUF001
_LEAST = re.compile(rf"(?:at least|more than|over) {_NUMBER}{_UNIT}", re.IGNORECASE)
_MOST = re.compile(rf"(?:at most|less than|up to|under) {_NUMBER}{_UNIT}", re.IGNORECASE)
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Quantity:
    """From `low` to `high` of a kind (the unit in lower case); equal for a single number."""

    low: float
    high: float
    kind: str


def quantity(text: str) -> Quantity | None:
    """The quantity that an option is, or None when it says anything else."""
    bare = text.strip().rstrip(".")
    if len(bare) > _LONGEST:
        return None
    if found := _RANGE.fullmatch(bare):
        return Quantity(_value(found[1]), _value(found[2]), _kind(found[3]))
    if found := _LEAST.fullmatch(bare):
        return Quantity(_value(found[1]), inf, _kind(found[2]))
    if found := _MOST.fullmatch(bare):
        return Quantity(-inf, _value(found[1]), _kind(found[2]))
    if found := _ONE.fullmatch(bare):
        return Quantity(_value(found[1]), _value(found[1]), _kind(found[2]))
    return None


def _value(digits: str) -> float:
    plain = digits.replace(",", "")
    return float(plain if plain.count(".") <= 1 else plain.replace(".", ""))


def _kind(unit: str | None) -> str:
    return (unit or "").lower().removesuffix("s")


def overlapping(texts: list[str]) -> list[tuple[int, int]]:
    """The places of options that are ranges of one kind and overlap in more than an end."""
    found = [(place, each) for place, text in enumerate(texts) if (each := quantity(text))]
    return [
        (first, second)
        for (first, one), (second, other) in combinations(found, 2)
        if one.kind == other.kind
        and (one.low < one.high or other.low < other.high)
        and max(one.low, other.low) < min(one.high, other.high)
    ]
