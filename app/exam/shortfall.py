"""What a bank lacks for the forms of its exam, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

from app.exam.blueprint import counts, domain_order
from app.exam.item import ItemType

if TYPE_CHECKING:
    from app.exam.pack import Exam
    from app.exam.snapshot import BankItem

ByDomain: TypeAlias = "Mapping[str, Sequence[BankItem]]"

EXACT_UP_TO = 12  # items of one knot of enemies that are counted exactly; larger knots are bounded from above


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One thing that is missing. `subject` is a domain, `multiple-answer` or `enemies`."""

    subject: str
    needed: int
    ready: int
    message: str

    def __str__(self) -> str:
        return self.message


def shortfalls_of(exam: Exam, items: Sequence[BankItem]) -> tuple[Shortfall, ...]:
    """Why no form can be made of these items; empty when counting alone finds nothing in the way.

    Enemies of different domains can still leave no valid form: only assembly finds that out.
    """
    by_domain = {
        domain: [item for item in items if item.domain == domain]
        for domain in sorted(exam.blueprint, key=domain_order)
    }
    return _domains(exam, by_domain) or (*_multiple_answer(exam, by_domain), *_enemies(exam, by_domain))


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


def _enemies(exam: Exam, by_domain: ByDomain) -> tuple[Shortfall, ...]:
    found = []
    for domain, items in by_domain.items():
        need = counts(exam)[domain]
        room = sum(_most_together(knot) for knot in _knots(items))
        if room < need:
            words = (
                f"Of the {len(items)} ready items of domain {domain} only {room} can be on one form, because "
                f"enemies are kept apart; the blueprint needs {need}."
            )
            found.append(Shortfall("enemies", need, room, words))
    return tuple(found)


def _knots(items: Sequence[BankItem]) -> list[dict[str, set[str]]]:
    """Items that are joined by enmity, each with its enemies."""
    ids = {item.id for item in items}
    enemies: dict[str, set[str]] = {item.id: set() for item in items}
    for item in items:
        for enemy in ids.intersection(item.enemies) - {item.id}:
            enemies[item.id].add(enemy)
            enemies[enemy].add(item.id)
    knots = []
    while enemies:
        members, queue = {}, [next(iter(enemies))]
        while queue:
            name = queue.pop()
            if name in enemies:
                members[name] = enemies.pop(name)
                queue.extend(members[name])
        knots.append(members)
    return knots


def _most_together(knot: dict[str, set[str]]) -> int:
    """The most items of a knot that can be on one form; for a large knot, no less than that."""
    names = sorted(knot)
    if len(names) > EXACT_UP_TO:
        return len(names) - 1
    for size in range(len(names), 1, -1):
        for group in combinations(names, size):
            if not any(knot[name].intersection(group) for name in group):
                return size
    return 1
