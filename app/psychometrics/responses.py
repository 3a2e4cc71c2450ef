"""Who got what right: a sparse matrix of persons by items, and sums over the responses of each.

Each person sees a part of a bank, so only what was answered is kept. A response is a row number in a table
of 2n rows, one for each item got wrong and then one for each got right: both directions of the estimation
(from items to persons, and back) are sums of rows of a table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.psychometrics.irt import Floats

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

PERSONS_AT_ONCE = 4_096
"""Persons in one block: what bounds the memory, whatever the number of persons."""

_LONGEST = 128  # members of one sum before it is cut into several
_TOGETHER = 512  # sums made at once: their accumulator stays in the cache


class RowSums:
    """Sums of rows of a table: for each list of row numbers the sum of those rows.

    List i is `members[start[i]:start[i + 1]]`. Long lists are cut, lists of like length go together, and the
    shorter ones are filled up with `null`, the number of a row of zeros.
    """

    def __init__(self, start: Ints, members: Ints, null: int) -> None:
        parts = np.maximum(1, -(-np.diff(start) // _LONGEST))
        self._first = np.cumsum(parts) - parts
        owner = np.repeat(np.arange(len(parts)), parts)
        begin = start[owner] + (np.arange(len(owner)) - self._first[owner]) * _LONGEST
        length = np.minimum(_LONGEST, start[owner + 1] - begin)
        self._is_cut = len(owner) > len(parts)
        self._count = len(owner)
        self._groups: list[tuple[Ints, Ints]] = []
        with_null = np.append(members, null)
        order = np.argsort(-length, kind="stable")
        for at in range(0, len(order), _TOGETHER):
            group = order[at : at + _TOGETHER]
            place = np.arange(max(1, int(length[group[0]])))[:, np.newaxis]
            inside = place < length[group]
            self._groups.append((group, with_null[np.where(inside, begin[group] + place, len(members))]))

    def of(self, table: Floats) -> Floats:
        """The sums. `table` has shape (rows, k), its row `null` is zero; the answer has shape (lists, k)."""
        sums = np.empty((self._count, table.shape[1]))
        for group, members in self._groups:
            total = table.take(members[0], axis=0)
            row = np.empty_like(total)
            for numbers in members[1:]:
                table.take(numbers, axis=0, out=row, mode="clip")  # other modes copy first
                total += row
            sums[group] = total
        return np.add.reduceat(sums, self._first, axis=0) if self._is_cut else sums


@dataclass(frozen=True, slots=True)
class Block:
    """Some persons of a matrix.

    `persons`: which; `weight` (P,); `person`, `code` (R,): of each response whose it is, counted from the
    first person of the block, and its row in a table of 2n rows: item, or n + item when right. `by_person`
    sums rows of such a table (and a last one of zeros) for each person, `by_code` rows of a table of the
    persons (and a last one of zeros) for each of the 2n.
    """

    persons: slice
    weight: Floats
    person: Ints
    code: Ints
    by_person: RowSums
    by_code: RowSums


@dataclass(frozen=True, slots=True)
class Responses:
    """R responses of P persons to n items, sorted by person and item; make them with `responses`.

    `person`, `item` (R,) are numbers from 0, `right` (R,); `weight` (P,): how many people a person stands
    for.
    """

    person: Ints
    item: Ints
    right: Flags
    weight: Floats
    items: int

    @property
    def persons(self) -> float:
        """How many people there are: the sum of the weights."""
        return float(np.sum(self.weight))

    @property
    def longest(self) -> int:
        """The most responses of one person."""
        return int(np.max(np.bincount(self.person), initial=0))

    def counts(self) -> tuple[Floats, Floats]:
        """How many people got each item wrong, and right. Two arrays of shape (n,)."""
        weight = self.weight[self.person]
        whole = np.bincount(self.item, weights=weight, minlength=self.items)
        right = np.bincount(self.item, weights=weight * self.right, minlength=self.items)
        return np.asarray(whole - right, dtype=np.float64), np.asarray(right, dtype=np.float64)

    def only(self, chosen: Flags) -> Responses:
        """The responses to some items (n,), which are counted anew."""
        kept = chosen[self.item]
        number = np.cumsum(chosen) - 1
        return Responses(
            self.person[kept],
            number[self.item[kept]],
            self.right[kept],
            self.weight,
            int(np.sum(chosen)),
        )

    def blocks(self) -> Iterator[Block]:
        """All persons, some at a time."""
        start = np.searchsorted(self.person, np.arange(len(self.weight) + 1))
        for first in range(0, len(self.weight), PERSONS_AT_ONCE):
            persons = slice(first, min(first + PERSONS_AT_ONCE, len(self.weight)))
            here = slice(int(start[persons.start]), int(start[persons.stop]))
            person = self.person[here] - first
            code = self.item[here] + self.items * self.right[here]
            order = np.argsort(code, kind="stable")
            count = persons.stop - first
            yield Block(
                persons=persons,
                weight=self.weight[persons],
                person=person,
                code=code,
                by_person=RowSums(start[first : persons.stop + 1] - start[first], code, 2 * self.items),
                by_code=RowSums(
                    np.searchsorted(code[order], np.arange(2 * self.items + 1)), person[order], count
                ),
            )


def responses(
    person: ArrayLike, item: ArrayLike, right: ArrayLike, items: int, weight: ArrayLike
) -> Responses:
    """Responses in any order. `weight` (P,) says how many persons there are, and whom each stands for.

    ValueError for numbers out of range, an item answered twice by one person, or weights that are negative
    or no numbers. Persons of weight 0 count for nothing.
    """
    whose, what = np.asarray(person, dtype=np.int64), np.asarray(item, dtype=np.int64)
    weights = np.asarray(weight, dtype=np.float64)
    if not np.all(np.isfinite(weights) & (weights >= 0)):
        raise ValueError("weights of persons are numbers from 0 on")
    if np.any((whose < 0) | (whose >= len(weights)) | (what < 0) | (what >= items)):
        raise ValueError("a response names a person or an item that is not there")
    order = np.lexsort((what, whose))
    whose, what = whose[order], what[order]
    if np.any((np.diff(whose) == 0) & (np.diff(what) == 0)):
        raise ValueError("a person has two responses to one item: keep the first")
    return Responses(whose, what, np.asarray(right, dtype=np.bool_)[order], weights, items)


def from_table(table: ArrayLike, weight: ArrayLike | None = None) -> Responses:
    """Responses from a table (P, n) of 1 (right), 0 (wrong) and anything below 0 (not seen)."""
    cells = np.asarray(table)
    if np.any(cells > 1):
        raise ValueError("a table of responses holds 1, 0 and, for what was not seen, something below 0")
    person, item = np.nonzero(cells >= 0)
    weights = np.ones(len(cells)) if weight is None else weight
    return responses(person, item, cells[person, item] > 0, cells.shape[1], weights)
