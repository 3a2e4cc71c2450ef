"""What a bank lacks for the forms of its exam, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from app.exam.blueprint import counts, domain_order
from app.exam.item import ItemType
from app.psychometrics.assembly import Flags, shortage
from app.psychometrics.exact import Shortage

if TYPE_CHECKING:
    from app.exam.numbers import Numbers
    from app.exam.pack import Exam
    from app.exam.snapshot import BankItem

ByDomain: TypeAlias = "Mapping[str, Sequence[BankItem]]"

NAMED = 3  # pairs of enemies that an explanation names


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One thing that is missing. `subject` is a domain, `multiple-answer` or `enemies`."""

    subject: str
    needed: int
    ready: int
    message: str

    def __str__(self) -> str:
        return self.message


def counted(exam: Exam, items: Sequence[BankItem]) -> tuple[Shortfall, ...]:
    """What is missing by count. If nothing is, only enemies can still stand in the way of a form."""
    by_domain = {
        domain: [item for item in items if item.domain == domain]
        for domain in sorted(exam.blueprint, key=domain_order)
    }
    return _domains(exam, by_domain) or _multiple_answer(exam, by_domain)


def kept_apart(items: Sequence[BankItem], numbers: Numbers) -> tuple[Shortfall, ...]:
    """What is missing because enemies are kept apart, when nothing is missing by count.

    It is the least that would have to give way; where there are several ways to it, one is named.
    """
    if not len(numbers.pool.enemies):
        return ()
    lack = shortage(numbers.pool, numbers.scored + numbers.pilots, numbers.multiple)
    return tuple(_lacking(items, numbers, lack)) if lack else ()


def _domains(exam: Exam, by_domain: ByDomain) -> tuple[Shortfall, ...]:
    return tuple(
        Shortfall(
            domain, need, ready, f"Domain {domain} has {ready} ready items, the blueprint needs {need}."
        )
        for domain, items in by_domain.items()
        if (ready := len(items)) < (need := counts(exam)[domain])
    )


def _multiple_answer(exam: Exam, by_domain: ByDomain) -> tuple[Shortfall, ...]:
    limit = exam.multiple_answer
    if limit is None:
        return ()
    most = least = 0
    for domain, need in counts(exam).items():
        items = by_domain[domain]
        multiple = sum(item.type is ItemType.MULTIPLE for item in items)
        most += min(need, multiple)
        least += max(0, need - (len(items) - multiple))
    if most < limit.min:
        words = f"At most {most} multiple-answer items fit into a form, the exam needs {limit.min}."
        return (Shortfall("multiple-answer", limit.min, most, words),)
    if least > limit.max:
        words = (
            f"A form would hold {least} multiple-answer items or more, the exam allows {limit.max}: "
            "there are too few ready multiple-choice items."
        )
        return (Shortfall("multiple-answer", limit.max, least, words),)
    return ()


def _lacking(items: Sequence[BankItem], numbers: Numbers, lack: Shortage) -> Iterator[Shortfall]:
    need, pool = numbers.scored + numbers.pilots, numbers.pool
    for domain in np.flatnonzero(lack.missing).tolist():
        own, wanted, name = pool.domain == domain, int(need[domain]), numbers.domains[domain]
        room = wanted - int(lack.missing[domain])
        words = (
            f"Of the {np.sum(own)} ready items of domain {name} only {room} can be on one form with the rest of "
            f"it, because enemies are kept apart{_feuds(items, numbers, lack, own)}; the blueprint needs {wanted}."
        )
        yield Shortfall("enemies", wanted, room, words)
    least, most = numbers.multiple
    if lack.too_few:
        words = (
            f"At most {least - lack.too_few} multiple-answer items fit into a form, because enemies are kept "
            f"apart{_feuds(items, numbers, lack, pool.multiple)}; the exam needs {least}."
        )
        yield Shortfall("multiple-answer", least, least - lack.too_few, words)
    if lack.too_many:
        words = (
            f"A form would hold {most + lack.too_many} multiple-answer items or more, because enemies are kept "
            f"apart{_feuds(items, numbers, lack, ~pool.multiple)}; the exam allows {most}."
        )
        yield Shortfall("multiple-answer", most, most + lack.too_many, words)


def _feuds(items: Sequence[BankItem], numbers: Numbers, lack: Shortage, among: Flags) -> str:
    """Some of the enmities that keep items off the best form that can be had."""
    on_form = set(lack.chosen.tolist())
    pairs = [
        f"{items[item].id} and {items[enemy].id}"
        for item in np.flatnonzero(among).tolist()
        if item not in on_form
        for enemy in numbers.pool.field.enemies[item]
        if enemy in on_form
    ]
    more = [f"{len(pairs) - NAMED} more pairs"] if len(pairs) > NAMED else []
    return f" ({', '.join([*pairs[:NAMED], *more])})" if pairs else ""
