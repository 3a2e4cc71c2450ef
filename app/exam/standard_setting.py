"""Standard setting after Angoff: several raters each say, for every item, which share of minimally qualified
candidates would get it right. The mean is the standard; its spread says how sure the raters are together."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.errors import Invalid
from app.exam.faults import Fault, Place, structure
from app.exam.pack import Exam

LEAST_RATERS = 2
LEAST_ITEMS = 10
MOST_CELLS = 200_000


@dataclass(frozen=True, slots=True)
class Rated:
    """One item: its ratings in the order of the raters (None: not rated), their mean and standard deviation."""

    item: str
    ratings: tuple[float | None, ...]
    mean: float
    sd: float | None


@dataclass(frozen=True, slots=True)
class Rater:
    """One rater: how many items, the mean of the ratings, and how far that is from the mean of all on average."""

    name: str
    count: int
    mean: float
    severity: float


@dataclass(frozen=True, slots=True)
class Standard:
    """What the ratings of a panel come to.

    `mean` is the share right that they ask for, each domain at its weight in the blueprint; `error` its standard
    error over raters (None for fewer than two who rated everything). `raw` is that share of the scored items.
    """

    raters: tuple[Rater, ...]
    items: tuple[Rated, ...]
    mean: float
    error: float | None
    raw: float

    def plain(self) -> dict[str, Any]:
        """What the record of the event keeps, as JSON values."""
        return {
            "raters": [rater.name for rater in self.raters],
            "ratings": {one.item: list(one.ratings) for one in self.items},
            "mean": self.mean,
            "error": self.error,
        }


def read_ratings(content: str) -> tuple[tuple[str, ...], dict[str, tuple[float | None, ...]]]:
    """Raters and ratings by item from CSV: a header `item,rater,…`, then shares from 0 to 1 or per cents.

    Empty cells are items that a rater left out. Invalid with every fault and its line.
    """
    rows = list(csv.reader(io.StringIO(content.lstrip("\ufeff"))))
    if not rows or len(rows[0]) < 2:  # noqa: PLR2004 - the items and one rater
        raise Invalid("The file needs a header: item, then a column for each rater.")
    raters = tuple(name.strip() for name in rows[0][1:])
    if len(rows) * len(raters) > MOST_CELLS:
        raise Invalid(f"The file has more than {MOST_CELLS:,} ratings. Is it the right one?")
    faults: list[Fault] = []
    ratings: dict[str, tuple[float | None, ...]] = {}
    for line, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        name = row[0].strip()
        if name in ratings:
            faults.append(structure(Place(line=line), "twice", f"item {name} stands here a second time"))
        if len(row) != len(raters) + 1:
            faults.append(
                structure(
                    Place(line=line), "cells", f"{len(row)} cells where the header has {len(raters) + 1}"
                )
            )
            continue
        ratings[name] = tuple(
            _cell(cell, line, rater, faults) for cell, rater in zip(row[1:], raters, strict=True)
        )
    if len(set(raters)) != len(raters) or not all(raters):
        faults.append(structure(Place(line=1), "raters", "each rater needs a name of their own"))
    if faults:
        raise Invalid("The ratings cannot be read.", faults)
    return raters, ratings


def _cell(text: str, line: int, rater: str, faults: list[Fault]) -> float | None:
    plain = text.strip().rstrip("%").strip()
    if not plain:
        return None
    try:
        value = float(plain)
    except ValueError:
        value = math.nan
    if "%" in text or value > 1:
        value /= 100
    if not 0 < value < 1:
        message = f"the rating of {rater} is {text.strip()!r}; write a share such as 0.65, or 65 %"
        faults.append(structure(Place(line=line), "rating", message))
        return None
    return value


def standard(
    raters: Sequence[str],
    ratings: Mapping[str, Sequence[float | None]],
    domains: Mapping[str, str],
    exam: Exam,
) -> Standard:
    """The standard that a panel's ratings come to. `domains` is the domain of each item of the bank.

    Every domain of the blueprint needs ratings; each counts by its weight, whatever the number of its items.
    Invalid, with what is missing, when there are too few.
    """
    unknown = sorted(set(ratings) - set(domains))
    if unknown:
        raise Invalid(
            f"The bank has no items {', '.join(unknown[:5])}. Use the ids that the bank page shows."
        )
    rated = [
        _rated(item, tuple(values)) for item, values in ratings.items() if any(v is not None for v in values)
    ]
    given = [
        name for index, name in enumerate(raters) if any(one.ratings[index] is not None for one in rated)
    ]
    if len(given) < LEAST_RATERS or len(rated) < LEAST_ITEMS:
        raise Invalid(f"A standard needs {LEAST_RATERS} raters and {LEAST_ITEMS} rated items at least.")
    missing = sorted(name for name in exam.blueprint if not any(domains[one.item] == name for one in rated))
    if missing:
        raise Invalid(f"No item of {', '.join(missing)} is rated. Rate some in every domain of the exam.")
    mean = _weighted(((one.item, one.mean) for one in rated), domains, exam)
    of_raters = tuple(_rater(index, name, rated) for index, name in enumerate(raters) if name in given)
    own = [_of_rater(index, rated, domains, exam) for index, name in enumerate(raters) if name in given]
    complete = [value for value in own if value is not None]
    error = _sd(complete) / math.sqrt(len(complete)) if len(complete) >= LEAST_RATERS else None
    return Standard(of_raters, tuple(rated), mean, error, mean * exam.scored)


def _rated(item: str, values: tuple[float | None, ...]) -> Rated:
    known = [value for value in values if value is not None]
    return Rated(item, values, sum(known) / len(known), _sd(known) if len(known) > 1 else None)


def _rater(index: int, name: str, rated: Sequence[Rated]) -> Rater:
    pairs = [(one.ratings[index], one.mean) for one in rated]
    own = [(value, mean) for value, mean in pairs if value is not None]
    mean = sum(value for value, _ in own) / len(own)
    return Rater(name, len(own), mean, sum(value - all_ for value, all_ in own) / len(own))


def _of_rater(index: int, rated: Sequence[Rated], domains: Mapping[str, str], exam: Exam) -> float | None:
    """The standard that one rater alone would set; None when they left a domain out."""
    values = [(one.item, value) for one in rated if (value := one.ratings[index]) is not None]
    if {domains[item] for item, _ in values} < set(exam.blueprint):
        return None
    return _weighted(values, domains, exam)


def _weighted(values: Iterable[tuple[str, float]], domains: Mapping[str, str], exam: Exam) -> float:
    by_domain: dict[str, list[float]] = {}
    for item, value in values:
        if domains[item] in exam.blueprint:
            by_domain.setdefault(domains[item], []).append(value)
    whole = sum(exam.blueprint[name] for name in by_domain)
    return sum(exam.blueprint[name] / whole * sum(got) / len(got) for name, got in by_domain.items())


def _sd(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
