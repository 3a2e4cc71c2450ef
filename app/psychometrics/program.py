"""Mixed-integer linear programs, as `exact` builds them; HiGHS solves them.

A run stops by a number of nodes, never by a clock, and has one thread: the same version of HiGHS gives the same
answer again on the same kind of machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.psychometrics.irt import Floats

Ints: TypeAlias = NDArray[np.int64]

# One thread: with several the answer could depend on which is first.
OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "parallel": "off",
    "mip_rel_gap": 0.0,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """`values` (columns,) of the best answer found, None when none was; nothing costs less than `bound`.

    `proved`: the search came to its end: the answer is the best to within the gap, or there is none.
    """

    values: Floats | None
    bound: float
    proved: bool


class Program:
    """Minimise the cost of values, all at least 0, such that every row's sum is within its bounds."""

    def __init__(self) -> None:
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]  # it has no annotations
        for name, value in OPTIONS.items():
            self._highs.setOptionValue(name, value)
        self._count = 0

    def columns(self, most: ArrayLike, *, whole: bool) -> Ints:
        """New columns, one for each of `most`, up to which they go; `whole` ones take whole numbers only."""
        high = np.atleast_1d(np.asarray(most, dtype=np.float64))
        new = np.arange(self._count, self._count + len(high))
        self._count += len(high)
        self._highs.addVars(len(high), np.zeros(len(high)), high)
        if whole:
            kind = np.full(len(high), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
            self._highs.changeColsIntegrality(len(high), new, kind)
        return new

    def row(self, low: float, high: float, columns: ArrayLike, values: ArrayLike = 1.0) -> None:
        """A sum of columns times values that is to be `low` to `high`."""
        at = np.asarray(columns, dtype=np.int64)
        times = np.broadcast_to(np.asarray(values, dtype=np.float64), at.shape)
        self._highs.addRow(low, high, len(at), at, np.ascontiguousarray(times))

    def cost(self, columns: ArrayLike, costs: ArrayLike) -> None:
        """What one unit of each column costs; nothing, until this is said."""
        at = np.asarray(columns, dtype=np.int64)
        each = np.broadcast_to(np.asarray(costs, dtype=np.float64), at.shape)
        self._highs.changeColsCost(len(at), at, np.ascontiguousarray(each))

    def solve(self, gap: float, nodes: int, start: tuple[Ints, Floats] | None = None) -> Answer:
        """The best answer, looked for until it is within `gap` of the bound, or for so many nodes.

        `start`: columns and their values in an answer that is known.
        """
        self._highs.setOptionValue("mip_abs_gap", gap)
        self._highs.setOptionValue("mip_max_nodes", nodes)
        if start is not None:
            self._highs.setSolution(len(start[0]), *start)
        self._highs.run()
        status, info = self._highs.getModelStatus(), self._highs.getInfo()
        solved = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        proved = status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)
        values = np.array(self._highs.getSolution().col_value) if solved else None
        return Answer(values, info.mip_dual_bound, proved)
