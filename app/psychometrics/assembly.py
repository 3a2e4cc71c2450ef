"""Choosing the items of a form: a seeded swap search over arrays.

A form is filled at random by quota, then the best exchange within a domain is made again and again, with
random exchanges ("kicks") when nothing improves. First the penalties count, in this order: hard limits broken
(enemies, multiple-answer range), items seen before, items over-exposed, soft limits; then the distance of the
curves from their targets. The search stops by a number of steps, never by a clock.

The same seed gives the same form on every machine: curves are rounded to whole multiples of 1/RESOLUTION, on
which floating-point sums are exact in any order, and randomness is the raw stream of PCG64, which numpy never
changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.random import PCG64
from numpy.typing import NDArray

from app.psychometrics import exact
from app.psychometrics.exact import Optimum, Shortage
from app.psychometrics.irt import Floats
from app.psychometrics.search import Field, Limits, Search, field

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Keys: TypeAlias = NDArray[np.uint64]

RESOLUTION = 65536.0
EXPOSURE_RATIO = 1.0
"""r_max of exposure control, in multiples of the mean exposure in the item's domain."""


@dataclass(frozen=True)
class Pool:
    """N items. `domain` (N,) from 0; `multiple` (N,); `curves` (N, K): what is summed and held to targets.

    `groups` (N, kinds): for each kind of soft limit (service, company, task) the item's group, -1 for none;
    numbers are not shared between kinds, and below `group_count`. `enemies` (E, 2): pairs never on one form.
    Keep a pool for many forms: what is derived from it is worked out once.
    """

    domain: Ints
    multiple: Flags
    groups: Ints
    group_count: int
    enemies: Ints
    curves: Floats

    @cached_property
    def field(self) -> Field:
        """The pool as the search wants it: multiple-answer items are one more group, "none" is the last."""
        kinds = np.column_stack([self.groups, np.where(self.multiple, self.group_count, -1)])
        neighbours: list[set[int]] = [set() for _ in range(len(self.domain))]
        for first, second in self.enemies.tolist():
            neighbours[first].add(second)
            neighbours[second].add(first)
        return field(
            domain=self.domain,
            curves=np.rint(self.curves * RESOLUTION),
            groups=np.where(kinds < 0, self.group_count + 1, kinds),
            enemies=tuple(tuple(sorted(enemies)) for enemies in neighbours),
        )


@dataclass(frozen=True, slots=True)
class Demand:
    """What a form must be.

    `scored` and `pilots` (domains,): exact counts; `multiple`: least and most, of both together.
    `low`, `high` (groups,): soft limits of each group. `target` (K,): sums wanted over the scored items, met
    when none is off by more than `tolerance`; `whole` (K,): which of them pilots add to as well. `seen` (N,):
    items to keep away from first; `exposure` (N,): how often each was used; `eligible` (N,): what exposure
    control lets through, None to draw it; `answered` (N,): pilots are the least answered. `steps`: how many
    domains' worth of exchanges are looked at.
    """

    scored: Ints
    pilots: Ints
    multiple: tuple[int, int]
    low: Ints
    high: Ints
    target: Floats
    whole: Flags
    seen: Flags
    exposure: Ints
    eligible: Flags | None
    answered: Ints
    tolerance: float
    steps: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Item numbers of the `scored` and `pilots` positions; `order` (n,) shuffles scored and then pilots.

    `broken` counts hard limits not kept (0 for a valid form).
    """

    scored: Ints
    pilots: Ints
    order: Ints
    broken: int


def assemble(pool: Pool, demand: Demand, seed: int) -> Selection:
    """Choose a form. ValueError when a domain has too few items."""
    need = demand.scored + demand.pilots
    if np.any(np.bincount(pool.domain, minlength=len(need)) < need):
        raise ValueError("a domain has fewer items than the form needs")
    stream = PCG64(seed)
    limits = _limits(pool, demand, _avoided(pool, demand, stream))
    keys = stream.random_raw(len(pool.domain))
    pilots = _filled(pool, np.lexsort((keys, demand.answered, demand.seen)), demand.pilots)
    scored = _filled(pool, np.lexsort((keys, limits.price)), demand.scored, pilots.tolist())
    search = _searched(pool, demand, limits, scored, pilots, stream)
    if search.broken and len(pilots):
        whole = _filled(pool, np.lexsort((keys, limits.price)), need)
        joint = Search(pool.field, limits, whole, np.zeros(0, np.int64))
        joint.run(stream, np.inf, demand.steps)
        scored, pilots = _parted(pool, demand, joint.chosen(), keys)
        search = _searched(pool, demand, limits, scored, pilots, stream)
    if search.broken:  # where the search does not come through, the exact way does, if there is one
        scored, pilots = _parted(pool, demand, shortage(pool, need, demand.multiple).chosen, keys)
        if len(scored) + len(pilots) == need.sum():
            search = _searched(pool, demand, limits, scored, pilots, stream)
    order = np.argsort(stream.random_raw(int(need.sum())), kind="stable")
    return Selection(search.chosen(), np.sort(pilots), order, search.broken)


def perfect(pool: Pool, demand: Demand, first: Selection, seed: int) -> tuple[Selection, Optimum]:
    """The best scored items beside the pilots of a valid selection of this seed, and how good they are.

    Distances are in the units of the pool's curves.
    """
    limits = _beside(pool, demand, _limits(pool, demand, _avoided(pool, demand, PCG64(seed))), first.pilots)
    tolerance = demand.tolerance * RESOLUTION
    found = exact.optimum(pool.field, limits, first.scored, first.pilots, tolerance, seed)
    in_points = replace(found, worst=found.worst / RESOLUTION, least_worst=found.least_worst / RESOLUTION)
    return replace(first, scored=found.chosen), in_points


def shortage(pool: Pool, need: Ints, multiple: tuple[int, int]) -> Shortage:
    """What is missing for a form with so many items of each domain and multiple-answer items in range."""
    return exact.shortage(pool.field, need, np.flatnonzero(pool.multiple), multiple)


def _searched(
    pool: Pool, demand: Demand, limits: Limits, scored: Ints, pilots: Ints, stream: PCG64
) -> Search:
    """The search at its end."""
    search = Search(pool.field, _beside(pool, demand, limits, pilots), scored, pilots)
    # The curves were rounded: what is within this is within the tolerance for certain.
    length = len(scored) + len(pilots)
    search.run(stream, demand.tolerance * RESOLUTION - (length + 1) / 2, demand.steps)
    return search


def _beside(pool: Pool, demand: Demand, limits: Limits, pilots: Ints) -> Limits:
    """What is left to reach for the scored items, where the pilots add to a target too."""
    added = demand.whole * pool.field.curves[pilots].sum(axis=0)
    return replace(limits, target=limits.target - added)


def _avoided(pool: Pool, demand: Demand, stream: PCG64) -> Flags:
    """Items that exposure control holds back this time (van der Linden & Veldkamp 2004).

    P(eligible) = min(1, r_max e / u): u times used, e the mean use in the item's domain.
    """
    # 53 bits make a float exactly
    chance = (stream.random_raw(len(pool.domain)) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    if demand.eligible is not None:
        return ~demand.eligible
    domains = len(demand.scored)
    used = np.bincount(pool.domain, weights=demand.exposure, minlength=domains)
    mean = used / np.maximum(1, np.bincount(pool.domain, minlength=domains))
    return np.asarray(chance * demand.exposure > EXPOSURE_RATIO * mean[pool.domain])


def _limits(pool: Pool, demand: Demand, avoided: Flags) -> Limits:
    """The limits, in weights that make the order of priorities strict."""
    length = int(np.sum(demand.scored + demand.pilots))
    soft = 1
    held_back = 5 * length * soft
    seen = held_back * (length + 1)
    hard = seen * (length + 1)
    return Limits(
        price=(demand.seen * seen + avoided * held_back).astype(np.float64),
        low=np.concatenate([demand.low, [demand.multiple[0], 0]]).astype(np.float64),
        high=np.concatenate([demand.high, [demand.multiple[1], length]]).astype(np.float64),
        weight=np.concatenate([np.full(pool.group_count, soft), [hard, 0]]).astype(np.float64),
        hard=float(hard),
        target=np.rint(demand.target * RESOLUTION),
    )


def _filled(pool: Pool, order: Ints, need: Ints, fixed: Iterable[int] = ()) -> Ints:
    """The first items in `order` that fill each domain, enemies of earlier ones only when they must."""
    enemies = pool.field.enemies
    left, length, domain = need.tolist(), int(need.sum()), pool.domain.tolist()
    chosen: list[int] = []
    taken = set(fixed)
    barred = {enemy for item in taken for enemy in enemies[item]}
    for careful in (True, False):
        for item in order.tolist():
            if len(chosen) == length:
                break
            if left[domain[item]] and item not in taken and not (careful and item in barred):
                left[domain[item]] -= 1
                chosen.append(item)
                taken.add(item)
                barred.update(enemies[item])
    return np.array(chosen, dtype=np.int64)


def _parted(pool: Pool, demand: Demand, whole: Ints, keys: Keys) -> tuple[Ints, Ints]:
    """A form's items parted into scored ones and pilots, the least answered."""
    pilots = _filled(pool, whole[np.lexsort((keys[whole], demand.answered[whole]))], demand.pilots)
    return np.setdiff1d(whole, pilots), pilots
