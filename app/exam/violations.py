"""The checker of forms: it counts for itself and asks what assembled them nothing."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from app.exam.blueprint import pilot_counts, scored_counts
from app.exam.item import ItemType

if TYPE_CHECKING:
    from app.exam.form import Form
    from app.exam.snapshot import Snapshot


def violations(form: Form, snapshot: Snapshot) -> tuple[str, ...]:
    """Every hard limit that a form breaks, in words; empty for a valid form."""
    exam, bank = snapshot.bank.exam, {item.id: item for item in snapshot.bank.items}
    found = []
    ids = [place.id for place in form.positions]
    found += [
        f"item {name} is on the form {count} times" for name, count in Counter(ids).items() if count > 1
    ]
    for place in form.positions:
        item = bank.get(place.id)
        if item is None or item.version != place.version:
            found.append(f"item {place.id} version {place.version} is not in the bank")
        elif (place.domain, place.type, place.a, place.b, place.c) != (
            item.domain,
            item.type,
            item.a,
            item.b,
            item.c,
        ):
            found.append(f"position {place.number} does not say what the bank says of item {place.id}")
    for scored, wanted in ((True, scored_counts(exam)), (False, pilot_counts(exam))):
        have = Counter(place.domain for place in form.positions if place.scored is scored)
        kind = "scored" if scored else "pilot"
        for domain in sorted(set(wanted) | set(have)):
            if have[domain] != wanted.get(domain, 0):
                found.append(f"domain {domain} has {have[domain]} {kind} items, not {wanted.get(domain, 0)}")
    multiple = sum(place.type is ItemType.MULTIPLE for place in form.positions)
    limit = exam.multiple_answer
    if limit and not limit.min <= multiple <= limit.max:
        found.append(f"{multiple} multiple-answer items are not {limit.min} to {limit.max}")
    on_form = set(ids)
    for name in sorted(on_form & set(bank)):
        found += [
            f"items {name} and {enemy} are enemies"
            for enemy in bank[name].enemies
            if enemy in on_form - {name}
        ]
    if [place.number for place in form.positions] != list(range(1, len(ids) + 1)):
        found.append("positions are not numbered from 1")
    return tuple(found) + _scale_violations(form)


def _scale_violations(form: Form) -> tuple[str, ...]:
    table, length = form.conversion, sum(place.scored for place in form.positions)
    found = []
    if len(table) != length + 1:
        found.append(f"the conversion table has {len(table)} entries for {length} scored items")
    if table and (table[0] != form.scale.min or table[-1] != form.scale.max):
        found.append(f"the scale runs from {table[0]} to {table[-1]}")
    if any(low >= high for low, high in pairwise(table)):
        found.append("the scale does not rise with every item")
    return tuple(found)
