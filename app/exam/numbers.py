"""A bank as the arrays that assembly and equating work on, with the limits that its exam sets to a form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from app.exam.blueprint import counts, domain_order, pilot_counts, scored_counts
from app.exam.item import ItemType
from app.psychometrics import irt, scale
from app.psychometrics.assembly import Flags, Ints, Pool

if TYPE_CHECKING:
    from app.exam.pack import Exam
    from app.exam.parameters import Reference
    from app.exam.snapshot import BankItem

NODES = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
"""Where the curves of a form are held to the target, relative to theta_cut."""

TOLERANCE = 0.05
"""Points, and units of information, within which a form's curves are as good as its target's."""

TIME_TOLERANCE = 0.02
"""Share of the target's expected time within which a form's time is as good as it."""


class SoftLimit(NamedTuple):
    """So many items of one service, company or task (`kind`) on a form, if it can be had."""

    kind: str
    name: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """`pool` holds the items in their order.

    `domains` are the names behind its domain numbers, `soft` the limits of its groups, of which `low` and
    `high` (groups,) are the least and the most. `scored` and `pilots`
    (domains,) are counts, `multiple` the least and most multiple-answer items of a form. `target` (K,) is what
    the pool's curves are to come to: P at each node, then information, over the scored items; then, when the
    items' expected times are known, the time of the whole form, in such units that TIME_TOLERANCE of it is
    TOLERANCE, and `seconds` says what it is. `reference` is tau.
    """

    pool: Pool
    domains: tuple[str, ...]
    soft: tuple[SoftLimit, ...]
    low: Ints
    high: Ints
    scored: Ints
    pilots: Ints
    multiple: tuple[int, int]
    target: irt.Floats
    seconds: float | None
    reference: scale.Curve

    @property
    def whole(self) -> Flags:
        """Which targets are of the whole form, pilots included: only the time. Shape (K,)."""
        return np.arange(len(self.target)) >= 2 * len(NODES)


def numbers_of(exam: Exam, items: Sequence[BankItem], reference: Reference) -> Numbers:
    """The arrays of a bank. Every item's domain must be in the blueprint."""
    domains = tuple(sorted(exam.blueprint, key=domain_order))
    tau = reference.curve
    nodes = reference.theta_cut + NODES
    target = exam.scored * _curves(nodes, tau.a, tau.b, tau.c).T @ tau.weight
    seconds = _target_seconds(exam, items)
    soft = _soft_limits(exam, items)
    shown, unscored = scored_counts(exam), pilot_counts(exam)
    wide = exam.multiple_answer
    return Numbers(
        pool=_pool(items, domains, soft, _columns(items, nodes, seconds)),
        domains=domains,
        soft=soft,
        low=np.array([limit.low for limit in soft], dtype=np.int64),
        high=np.array([limit.high for limit in soft], dtype=np.int64),
        scored=np.array([shown[name] for name in domains], dtype=np.int64),
        pilots=np.array([unscored[name] for name in domains], dtype=np.int64),
        multiple=(wide.min, wide.max) if wide else (0, exam.items),
        target=target if seconds is None else np.append(target, TOLERANCE / TIME_TOLERANCE),
        seconds=seconds,
        reference=tau,
    )


def _target_seconds(exam: Exam, items: Sequence[BankItem]) -> float | None:
    """The expected time of a form of average items; None when it is not known of every item."""
    by_domain: dict[str, list[float]] = {domain: [] for domain in exam.blueprint}
    for item in items:
        if item.seconds is None:
            return None
        by_domain[item.domain].append(item.seconds)
    return sum(need * fmean(by_domain[domain]) for domain, need in counts(exam).items() if by_domain[domain])


def _columns(items: Sequence[BankItem], nodes: irt.Floats, seconds: float | None) -> irt.Floats:
    """What each item adds to the targets. Shape (items, K)."""
    curves = _curves(nodes, *_parameters(items))
    if seconds is None:
        return curves
    times = np.array([item.seconds for item in items], dtype=np.float64)
    return np.column_stack([curves, times / seconds * TOLERANCE / TIME_TOLERANCE])


def curve_sums(positions: Iterable[BankItem], theta_cut: float) -> irt.Floats:
    """Sums of P, then of information, of some items at the nodes. Shape (2 x nodes,)."""
    return np.asarray(np.sum(_curves(theta_cut + NODES, *_parameters(positions)), axis=0))


def _parameters(items: Iterable[BankItem]) -> irt.Floats:
    """a, b and c. Shape (3, items)."""
    return np.array([(item.a, item.b, item.c) for item in items], dtype=np.float64).reshape(-1, 3).T


def _curves(nodes: irt.Floats, a: irt.Floats, b: irt.Floats, c: irt.Floats) -> irt.Floats:
    """P, then information, at the nodes. Shape (items, 2 x nodes)."""
    return np.vstack([irt.probability(nodes, a, b, c), irt.information(nodes, a, b, c)]).T


def _pool(
    items: Sequence[BankItem], domains: Sequence[str], soft: Sequence[SoftLimit], curves: irt.Floats
) -> Pool:
    index = {item.id: number for number, item in enumerate(items)}
    group = {(limit.kind, limit.name): number for number, limit in enumerate(soft)}
    kinds = [[group.get((kind, name(item) or ""), -1) for kind, name in KINDS.items()] for item in items]
    pairs = [(index[item.id], index[enemy]) for item in items for enemy in item.enemies if enemy in index]
    return Pool(
        domain=np.array([domains.index(item.domain) for item in items], dtype=np.int64),
        multiple=np.array([item.type is ItemType.MULTIPLE for item in items], dtype=np.bool_),
        groups=np.array(kinds, dtype=np.int64).reshape(-1, len(KINDS)),
        group_count=len(soft),
        enemies=np.array([pair for pair in pairs if pair[0] != pair[1]], dtype=np.int64).reshape(-1, 2),
        curves=curves,
    )


def task_of(item: BankItem) -> str | None:
    """The task of an item, named together with its domain: objectives are numbered within one."""
    return f"{item.domain} {item.objective}" if item.objective else None


KINDS: dict[str, Callable[[BankItem], str | None]] = {
    "task": task_of,
    "service": lambda item: item.service,
    "company": lambda item: item.company,
}


def _soft_limits(exam: Exam, items: Sequence[BankItem]) -> tuple[SoftLimit, ...]:
    limits = []
    for domain, length in counts(exam).items():
        tasks = [task_of(item) for item in items if item.domain == domain]
        stock = {name: tasks.count(name) for name in tasks if name}
        for name, share in even_shares(length, stock).items():
            # within one of an even spread; between whole numbers that leaves the two next to it
            limits.append(SoftLimit("task", name, min(stock[name], ceil(share - 1)), floor(share + 1)))
    for kind, most in (("service", exam.per_service), ("company", exam.per_company)):
        names = {named for item in items if (named := KINDS[kind](item))}
        if most is not None:
            limits += [SoftLimit(kind, named, 0, most) for named in names]
    return tuple(sorted(limits))


def even_shares(length: int, stock: dict[str, int]) -> dict[str, float]:
    """An even spread of `length` places over tasks, none of which gives more items than it has."""
    shares: dict[str, float] = {}
    left = float(length)
    for rank, (task, count) in enumerate(sorted(stock.items(), key=lambda entry: (entry[1], entry[0]))):
        shares[task] = min(float(count), left / (len(stock) - rank))
        left -= shares[task]
    return shares
