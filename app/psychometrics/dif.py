"""Differential item functioning: whether an item is harder for one group at equal ability (Mantel-Haenszel)."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from app.psychometrics.irt import Floats
from app.psychometrics.responses import Flags, Ints
from app.psychometrics.significance import chi_square_tail

ENOUGH = 200
"""Persons needed in each group: nothing is said on fewer."""

STRATA = 20
DELTA = -2.35
"""From a logarithm of odds to the delta scale of ETS."""

SMALL, LARGE = 1.0, 1.5
SURE = 0.05


@dataclass(frozen=True, slots=True)
class Dif:
    """`delta` (with its standard `error`) is negative for an item that is harder for the focal group.

    `p` is that of the Mantel-Haenszel chi-square with its continuity correction.
    """

    delta: float
    error: float
    p: float
    reference: int
    focal: int

    @property
    def level(self) -> str:
        """A, B or C as ETS has them (Zieky 1993).

        A: smaller than 1, or not surely different from 0. C: at least 1.5, and surely larger than 1.
        """
        size = abs(self.delta)
        if size < SMALL or self.p >= SURE:
            return "A"
        return "C" if size >= LARGE and size - 1.645 * self.error > SMALL else "B"


def matched(ability: Floats, strata: int = STRATA) -> Ints:
    """The stratum of each person, from 0: equal numbers of persons, in the order of ability. Shape (r,).

    Persons are matched on estimated ability, since forms differ and number right does not match them. It
    should come from all responses, the studied item's included (Holland & Thayer 1988 show why).
    """
    rank = np.empty(len(ability), dtype=np.int64)
    rank[np.argsort(ability, kind="stable")] = np.arange(len(ability))
    return rank * strata // max(len(ability), 1)


def mantel_haenszel(right: Flags, focal: Flags, stratum: Ints) -> Dif | None:
    """The DIF of one item; arrays (r,). None below ENOUGH in a group, or when nothing can be compared.

    The standard error is that of Robins, Breslow & Greenland (1986).
    """
    sizes = int(np.sum(~focal)), int(np.sum(focal))
    if min(sizes) < ENOUGH:
        return None
    counts = np.bincount(stratum * 4 + focal * 2 + ~right, minlength=4 * (int(stratum.max()) + 1)).reshape(
        -1, 4
    )
    # Columns: reference right and wrong, focal right and wrong.
    a, b, c, d = counts[(counts[:, :2].sum(axis=1) > 0) & (counts[:, 2:].sum(axis=1) > 0)].T.astype(float)
    total = a + b + c + d
    for_reference, for_focal = a * d / total, b * c / total
    whole = float(np.sum(for_reference)), float(np.sum(for_focal))
    variance = (a + b) * (c + d) * (a + c) * (b + d) / (total**2 * (total - 1.0))
    if min(whole) <= 0:
        return None
    agree, differ = (a + d) / total, (b + c) / total
    error = sqrt(
        float(np.sum(agree * for_reference)) / (2.0 * whole[0] ** 2)
        + float(np.sum(agree * for_focal + differ * for_reference)) / (2.0 * whole[0] * whole[1])
        + float(np.sum(differ * for_focal)) / (2.0 * whole[1] ** 2)
    )
    gap = abs(float(np.sum(a - (a + b) * (a + c) / total)))
    statistic = max(0.0, gap - 0.5) ** 2 / float(np.sum(variance))
    return Dif(
        delta=DELTA * log(whole[0] / whole[1]),
        error=-DELTA * error,
        p=chi_square_tail(statistic, 1),
        reference=sizes[0],
        focal=sizes[1],
    )
