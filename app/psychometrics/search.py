"""The moving part of form assembly: a set of chosen items, and the exchanges that make it better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.random import PCG64
from numpy.typing import NDArray

from app.psychometrics.irt import Floats

Ints: TypeAlias = NDArray[np.int64]

FIRST = 2.0**47  # one unit of penalty outweighs any distance between curves
KICKS = 3  # exchanges made at random when nothing improves,
GROW = 10  # and one more after every so many kicks, so that no corner of the bank is a trap,
MOST = 1 / 3  # but no more than this share of the form: it is a new start then
SHARE_IN_VAIN = 0.1  # of the steps: so long after the last gain soft limits still not met are given up
GOOD = 0.8  # of the best gain: what counts as a good exchange
PATIENCE = 6  # kicks without a lower penalty after which the curves alone decide when to stop


@dataclass(frozen=True, slots=True)
class Field:
    """What the search moves in: N items, K curves, G groups; whole numbers held as floats, for exact sums.

    `curves` (N, K) and their squared length `square` (N,); `groups` (N, kinds), the last of the G groups
    standing for none, and the `members` of each; `domains`: the items of each; `enemies` of each item, and
    `near`: the places of its enemies among the items of its own domain.
    """

    domain: Ints
    domains: tuple[Ints, ...]
    curves: Floats
    square: Floats
    groups: Ints
    members: tuple[Ints, ...]
    enemies: tuple[tuple[int, ...], ...]
    near: dict[int, tuple[int, ...]]


def field(domain: Ints, curves: Floats, groups: Ints, enemies: tuple[tuple[int, ...], ...]) -> Field:
    """A field from what cannot be derived. The highest group number stands for none."""
    kinds = groups.shape[1]
    order = np.argsort(groups.ravel(), kind="stable")
    domains = tuple(np.flatnonzero(domain == d) for d in range(int(domain.max(initial=-1)) + 1))
    place = {int(item): index for members in domains for index, item in enumerate(members)}
    near: dict[int, list[int]] = {}
    for item, others in enumerate(enemies):
        for enemy in others:
            if domain[enemy] == domain[item]:
                near.setdefault(item, []).append(place[enemy])
    bounds = np.searchsorted(groups.ravel()[order], np.arange(1, groups.max(initial=0) + 1))
    return Field(
        domain=domain,
        domains=domains,
        curves=curves,
        square=np.sum(curves**2, axis=1),
        groups=groups,
        members=tuple(np.split(order // kinds, bounds)),
        enemies=enemies,
        near={item: tuple(places) for item, places in near.items()},
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """What is wanted.

    `price` (N,) of choosing an item; `low`, `high`, `weight` (G,): a group with x chosen
    items costs weight times its distance from low..high; `hard`: the cost of two enemies; `target` (K,) of
    the curves.
    """

    price: Floats
    low: Floats
    high: Floats
    weight: Floats
    hard: float
    target: Floats


class Search:
    """Chosen items, exchanged one for one within a domain; `fixed` ones neither move nor sum."""

    def __init__(self, field: Field, limits: Limits, chosen: Ints, fixed: Ints) -> None:
        self._field, self._limits = field, limits
        used = np.unique(field.domain[chosen]).tolist()
        self._pools = [field.domains[domain] for domain in used]
        self._slots = [chosen[field.domain[chosen] == domain] for domain in used]
        self._pool_curves = [field.curves[pool] for pool in self._pools]
        self._turned = [-2.0 * curves.T for curves in self._pool_curves]
        self._off = np.sum(field.curves[chosen], axis=0) - limits.target
        everything = np.concatenate([chosen, fixed])
        self._blocked = np.zeros(len(field.domain))
        self._blocked[everything] = np.inf  # what is on the form cannot enter it again
        count = np.bincount(field.groups[everything].ravel(), minlength=len(limits.low))
        above, below = count - limits.high, limits.low - count
        entering = limits.weight * ((above >= 0).astype(np.float64) - (below > 0))  # price of one more
        leaving = limits.weight * ((below >= 0).astype(np.float64) - (above > 0))  # price of one less
        self._enter = limits.price + entering[field.groups].sum(axis=1)
        self._leave = leaving[field.groups].sum(axis=1) - limits.price
        # numbers taken one at a time are quicker out of lists
        self._entering, self._leaving = entering.tolist(), leaving.tolist()
        self._both = entering + leaving
        self._count = count.tolist()
        self._low, self._high, self._weight = (
            limits.low.tolist(),
            limits.high.tolist(),
            limits.weight.tolist(),
        )
        self.penalty = float(
            np.sum(limits.weight * (np.maximum(0.0, above) + np.maximum(0.0, below)))
            + np.sum(limits.price[chosen])
        )
        on_form = set(everything.tolist())
        for item in on_form:
            self._price_enemies(item, limits.hard)
            self.penalty += limits.hard * sum(enemy in on_form for enemy in field.enemies[item]) / 2

    @property
    def broken(self) -> int:
        """How many hard limits are not kept."""
        return int(self.penalty // self._limits.hard)

    @property
    def worst(self) -> float:
        """The largest distance from a target."""
        return float(np.max(np.abs(self._off), initial=0.0))

    def chosen(self) -> Ints:
        """The chosen items, in order of number."""
        return np.sort(np.concatenate(self._slots)) if self._slots else np.zeros(0, dtype=np.int64)

    def prices(self) -> tuple[list[float], list[float]]:
        """What each item would add to the penalty by entering, and by leaving the form."""
        return self._enter.tolist(), self._leave.tolist()

    def run(self, stream: PCG64, tolerance: float, steps: int) -> None:
        """Search until all is kept and no target is missed by more than `tolerance`, or for so many steps.

        Leaves the best form found: the one with the lowest penalty, of those the one whose worst miss is
        least.
        """
        left = steps - self._mend()
        best, kept = self._rank(), [slots.copy() for slots in self._slots]
        idle, stale, domain, since = 0, 0, 0, left
        most = max(KICKS, round(MOST * sum(map(len, self._slots))))
        while left > 0 and self._slots and not self._is_good_enough(best, tolerance, stale):
            left -= 1
            idle = 0 if self._improve(domain, stream) else idle + 1
            domain = (domain + 1) % len(self._slots)
            rank = self._rank()
            if rank < best:
                stale, since = (0, left) if rank[0] < best[0] else (stale, since)
                best, kept = rank, [slots.copy() for slots in self._slots]
            if idle >= len(self._slots):
                for _ in range(min(KICKS + stale // GROW, most)):
                    self._kick(stream)
                idle, stale = 0, stale + 1
                if best[0] > 0 and since - left > SHARE_IN_VAIN * steps and not self.broken:
                    break
        self._return_to(kept)

    def _rank(self) -> tuple[float, float]:
        return self.penalty, self.worst

    def _is_good_enough(self, best: tuple[float, float], tolerance: float, stale: int) -> bool:
        penalty, worst = best
        return worst <= tolerance and (penalty == 0 or (stale >= PATIENCE and penalty < self._limits.hard))

    def _mend(self) -> int:
        """Mend hard limits first, by the best exchange in any domain, so that it costs least overlap."""
        steps = 0
        while self.broken:
            gains = [self._gains(domain) for domain in range(len(self._slots))]
            steps += len(gains)
            domain = int(np.argmin([float(gain.min()) for gain in gains]))
            if gains[domain].min() >= 0:
                break
            self._exchange(domain, *divmod(int(np.argmin(gains[domain])), gains[domain].shape[1]))
        return steps

    def _improve(self, domain: int, stream: PCG64) -> bool:
        """Make one of the good exchanges: always the best one would put the same few items on every form."""
        gains = self._gains(domain)
        best = float(gains.min())
        if best < 0:
            good = np.flatnonzero(gains.ravel() <= GOOD * best)
            move = int(good[int(stream.random_raw()) % len(good)])
            self._exchange(domain, *divmod(move, gains.shape[1]))
        return best < 0

    def _gains(self, domain: int) -> Floats:
        """What each exchange in a domain changes, less being better: penalty first, then squared distance.

        Shape (slots, members).
        """
        field, slots, pool = self._field, self._slots[domain], self._pools[domain]
        curves = self._pool_curves[domain]
        gain = self._penalties(domain)
        gain *= FIRST
        chosen = field.curves[slots]
        # |off + in - out|^2 - |off|^2
        gain += chosen @ self._turned[domain]
        gain += field.square[pool] + curves @ (2.0 * self._off)
        gain += (field.square[slots] - chosen @ (2.0 * self._off))[:, np.newaxis]
        return gain

    def _penalties(self, domain: int) -> Floats:
        """What each exchange in a domain adds to the penalty. Shape (slots, members); infinite for none."""
        field, slots, pool = self._field, self._slots[domain], self._pools[domain]
        added: Floats = self._leave[slots][:, np.newaxis] + (self._enter[pool] + self._blocked[pool])
        # Within one group an exchange changes nothing, though leaving and entering cost at its limits.
        paid = self._both[field.groups[slots]]
        for kind in np.flatnonzero(paid.any(axis=0)).tolist():
            rows = np.flatnonzero(paid[:, kind])
            same = field.groups[slots[rows], kind][:, np.newaxis] == field.groups[pool, kind]
            added[rows] -= paid[rows, kind][:, np.newaxis] * same
        # Nor does putting an enemy in the place of an item.
        if field.near:
            for slot, item in enumerate(slots.tolist()):
                for place in field.near.get(item, ()):
                    added[slot, place] -= self._limits.hard
        return added

    def _kick(self, stream: PCG64) -> None:
        """A random exchange that costs no penalty; while a hard limit is broken, none that breaks another."""
        domain = int(stream.random_raw()) % len(self._slots)
        allowed = self._limits.hard - 1 if self.broken else 0.0
        moves = np.flatnonzero(self._penalties(domain).ravel() <= allowed)
        if len(moves):
            move = int(moves[int(stream.random_raw()) % len(moves)])
            self._exchange(domain, *divmod(move, len(self._pools[domain])))

    def _return_to(self, kept: list[Ints]) -> None:
        for slots, wanted in zip(self._slots, kept, strict=True):
            if np.array_equal(slots, wanted):
                continue
            for item in np.setdiff1d(slots, wanted).tolist():
                self._move(item, -1)
            for item in np.setdiff1d(wanted, slots).tolist():
                self._move(item, 1)
        self._slots = kept

    def _exchange(self, domain: int, slot: int, member: int) -> None:
        out, new = int(self._slots[domain][slot]), int(self._pools[domain][member])
        self._move(out, -1)
        self._move(new, 1)
        self._slots[domain][slot] = new

    def _move(self, item: int, step: int) -> None:
        """Put an item on the form (+1) or take it off (-1)."""
        field = self._field
        self.penalty += float(self._enter[item] if step > 0 else self._leave[item])
        self._off = self._off + step * field.curves[item]
        self._blocked[item] = np.inf if step > 0 else 0.0
        self._price_enemies(item, step * self._limits.hard)
        for group in field.groups[item].tolist():
            if group < len(self._count) - 1:
                self._count[group] += step
                self._price_group(group)

    def _price_enemies(self, item: int, price: float) -> None:
        for enemy in self._field.enemies[item]:
            self._enter[enemy] += price
            self._leave[enemy] -= price

    def _price_group(self, group: int) -> None:
        """Bring the price of entering and leaving a group up to date with its count."""
        members, weight = self._field.members[group], self._weight[group]
        count, low, high = self._count[group], self._low[group], self._high[group]
        entering = weight * ((count >= high) - (count < low))
        leaving = weight * ((count <= low) - (count > high))
        if entering != self._entering[group]:
            self._enter[members] += entering - self._entering[group]
            self._entering[group] = entering
        if leaving != self._leaving[group]:
            self._leave[members] += leaving - self._leaving[group]
            self._leaving[group] = leaving
        self._both[group] = entering + leaving
