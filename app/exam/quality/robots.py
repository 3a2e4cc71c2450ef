"""Test-wise robots: programs that know nothing of the subject answer the bank by cues alone.

None may beat chance by more than luck explains. A tie is a guess among the tied, so the result is an expected
number and needs no dice. Only single-answer items with four options are answered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.exam.attempt import deal
from app.exam.item import Item, ItemType
from app.exam.lexicon import Lexicon
from app.exam.quality.chance import limit
from app.exam.quality.cues import shared_components
from app.exam.quality.measures import content_words, lower_words, without_select
from app.exam.quality.options import SINGLE_OPTIONS, without_terms
from app.exam.quality.vocabulary import ABSOLUTE, MANAGED

CHANCE = 0.25
# One-sided; of 300 items they allow 96, 100 and 105 right answers (32, 33 and 35 per cent).
ALPHA = 0.003
ALPHA_ABSOLUTES = 0.001
ALPHA_MANAGED = 0.0001
ALPHA_COMBINED = 0.025  # 90 of 300, 30 per cent
FOLDS = 5
PENALTY = 1.0
STEPS = 30
CLOSE = 1e-8
FROM_ITEMS = 40
"""Fewer items than this prove nothing about a bank."""

Cue = Callable[[Item], list[float]]
Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Robot:
    """How one robot did: `right` of `items`, and the most that luck explains."""

    name: str
    right: float
    items: int
    limit: float

    @property
    def share(self) -> float:
        """The part of the items that it got right."""
        return self.right / self.items if self.items else 0.0

    @property
    def too_good(self) -> bool:
        """Whether it beats chance by more than luck explains."""
        return self.items >= FROM_ITEMS and self.right > self.limit + 1e-9


def answerable(items: Sequence[Item]) -> list[Item]:
    """The single-answer items with four options and a key."""
    return [
        item
        for item in items
        if item.type is ItemType.SINGLE and len(item.options) == SINGLE_OPTIONS and item.select == 1
    ]


def _lengths(item: Item) -> list[float]:
    return [float(len(option.text)) for option in item.options]


def _brevities(item: Item) -> list[float]:
    return [-length for length in _lengths(item)]


def _shared(item: Item) -> list[float]:
    return [float(count) for count in shared_components(item)]


def _stem_words(item: Item) -> list[float]:
    stem = content_words(without_select(item.stem))
    return [float(len(content_words(option.text) & stem)) for option in item.options]


def _absolutes(lexicon: Lexicon) -> Cue:

    def cue(item: Item) -> list[float]:
        found = (ABSOLUTE.search(without_terms(option.text, lexicon)) for option in item.options)
        return [-float(match is not None) for match in found]

    return cue


def _managed(lexicon: Lexicon) -> Cue:
    wanted = [word.lower() for word in (*MANAGED, *lexicon.managed)]

    def cue(item: Item) -> list[float]:
        texts = [" " + " ".join(lower_words(option.text)) + " " for option in item.options]
        return [float(sum(f" {word} " in text for word in wanted)) for text in texts]

    return cue


def credit(values: Sequence[float], item: Item) -> float:
    """The chance of being right for who chooses the highest value, and guesses among equals."""
    best = max(values)
    chosen = [option.key for value, option in zip(values, item.options, strict=True) if value == best]
    return sum(chosen) / len(chosen)


def expected(items: Sequence[Item], cue: Cue) -> float:
    """The expected number of right answers by one cue."""
    return sum(credit(cue(item), item) for item in items)


def key_positions(items: Sequence[Item], seed: int | None = None) -> list[int]:
    """How many keys stand at each of the four places: as written, or as a sheet with this seed deals them."""
    counts = [0] * SINGLE_OPTIONS
    if seed is None:
        orders = [[option.id for option in item.options] for item in items]
    else:
        sheet = deal(list(enumerate(items)), seed)
        orders = [[option.option_id for option in dealt.options] for dealt in sheet.items]
    for item, order in zip(items, orders, strict=True):
        (key,) = item.key
        counts[order.index(key)] += 1
    return counts


def robots(bank: Sequence[Item], lexicon: Lexicon, seed: int = 0) -> tuple[Robot, ...]:
    """Every robot's result on a bank; `seed` is that of the delivered order."""
    items = answerable(bank)
    n = len(items)
    usual = limit(n, CHANCE, ALPHA)
    cues: tuple[tuple[str, Cue, float], ...] = (
        ("longest", _lengths, usual),
        ("shortest", _brevities, usual),
        ("convergence", _shared, usual),
        ("clang", _stem_words, usual),
        ("no-absolutes", _absolutes(lexicon), limit(n, CHANCE, ALPHA_ABSOLUTES)),
        ("managed-service", _managed(lexicon), limit(n, CHANCE, ALPHA_MANAGED)),
    )
    single = tuple(Robot(name, expected(items, cue), n, most) for name, cue, most in cues)
    places = tuple(
        Robot(f"position {letter}, {order}", count, n, usual)
        for order, given in (("source order", None), ("delivered order", seed))
        for letter, count in zip("ABCD", key_positions(items, given), strict=True)
    )
    right = _combined(items, [cue for _, cue, _ in cues])
    return (*single, *places, Robot("combined", right, n, limit(n, CHANCE, ALPHA_COMBINED)))


def _combined(items: Sequence[Item], cues: Sequence[Cue]) -> float:
    """Right answers of a logistic model on all cues and places, each fifth foretold by the other four."""
    if len(items) < FOLDS * 2:
        return CHANCE * len(items)
    table = np.array([_row(item, cues) for item in items])
    keys = np.array([[option.key for option in item.options] for item in items], dtype=np.float64)
    folds = np.arange(len(items)) % FOLDS
    right = 0.0
    for fold in range(FOLDS):
        train, test = folds != fold, folds == fold
        weights = _fit(table[train].reshape(-1, table.shape[2]), keys[train].ravel())
        values = table[test] @ weights
        for number, row in zip(np.flatnonzero(test).tolist(), values.tolist(), strict=True):
            right += credit(row, items[number])
    return right


def _row(item: Item, cues: Sequence[Cue]) -> list[list[float]]:
    """Cues by option (4, cues + 3), each against the mean of its item; the last three are the places."""
    columns = [np.array(cue(item)) for cue in cues]
    scaled = [(column - column.mean()) / (column.std() or 1.0) for column in columns]
    places = [np.eye(SINGLE_OPTIONS)[place] - 1 / SINGLE_OPTIONS for place in range(SINGLE_OPTIONS - 1)]
    rows: list[list[float]] = np.stack([*scaled, *places], axis=1).tolist()
    return rows


def _fit(table: Table, keys: Table) -> Table:
    """Weights of a logistic regression with intercept log(1/3), by Newton's method with a small ridge."""
    weights = np.zeros(table.shape[1])
    base = np.log(CHANCE / (1 - CHANCE))
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-np.clip(base + table @ weights, -30, 30)))
        slope = table.T @ (keys - chance) - PENALTY * weights
        curve = (table * (chance * (1 - chance))[:, None]).T @ table + PENALTY * np.eye(table.shape[1])
        step = np.linalg.solve(curve, slope)
        weights = weights + step
        if np.abs(step).max() < CLOSE:
            break
    return weights
