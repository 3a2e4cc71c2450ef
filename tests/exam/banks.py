"""Synthetic exams and banks for the tests of forms: seeded, and about nothing in particular."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from app.exam.item import Item, ItemType, Option, Status
from app.exam.pack import Cut, Exam, MultipleAnswer, Scale
from app.exam.parameters import Reference, ReferenceItem, reference_weights
from app.exam.snapshot import Bank, BankItem, Snapshot

DAY = date(2026, 11, 23)
TASKS = {"D1": 5, "D2": 6, "D3": 5, "D4": 4}


def exam(**changes: Any) -> Exam:
    """74 scored items in four domains."""
    plain = Exam(
        id="plain",
        title="Plain",
        items=74,
        minutes=170,
        blueprint={"D1": 26, "D2": 29, "D3": 25, "D4": 20},
        scale=Scale(),
        cut=Cut(53.5, "for the tests"),
        multiple_answer=MultipleAnswer(15, 25),
        per_service=3,
        per_company=2,
    )
    return replace(plain, **changes)


def exam_with_pilots() -> Exam:
    """65 scored items and 10 pilots."""
    return exam(id="pilots", items=75, pilots=10, cut=Cut(46.5, "for the tests"))


def item(name: str, domain: str | None = "D1", keys: int = 1, **changes: Any) -> Item:
    """A ready item with four or five options."""
    options = tuple(
        Option(id=letter, text=letter, key=letter in "abcde"[:keys]) for letter in "abcde"[: 3 + max(keys, 1)]
    )
    plain = Item(
        id=name,
        version=1,
        status=Status.READY,
        type=ItemType.SINGLE if keys == 1 else ItemType.MULTIPLE,
        stem="Which?",
        options=options,
        domain=domain,
        rating=0.7,
    )
    return replace(plain, **changes)


def bank(size: int, seed: int = 1, of: Exam | None = None, enemies: int = 20) -> Bank:
    """A calibrated bank with the blueprint's shares, a quarter multiple-answer, and pairs of enemies."""
    rng, this = random.Random(seed), of or exam()
    domains = [name for name, share in this.blueprint.items() for _ in range(math.ceil(size * share / 100))][
        :size
    ]
    items = [_bank_item(rng, number, domain) for number, domain in enumerate(domains)]
    for _ in range(enemies):
        first, second = rng.sample(range(len(items)), 2)
        items[first] = replace(items[first], enemies=(*items[first].enemies, items[second].id))
    return bank_from(items, this)


def bank_from(items: Sequence[BankItem], this: Exam) -> Bank:
    """A bank whose reference is all its items."""
    weights = reference_weights([one.domain for one in items], this.blueprint)
    frozen = tuple(
        ReferenceItem(one.id, one.version, weight, one.a, one.b, one.c)
        for one, weight in zip(items, weights, strict=True)
    )
    reference = Reference(frozen, this.cut_share, 0.0)
    theta_cut = float(reference.curve.inverse(this.cut_share))
    return Bank(this, tuple(items), replace(reference, theta_cut=theta_cut), "synthetic")


def snapshot(of: Bank, **changes: Any) -> Snapshot:
    """A candidate without history."""
    return replace(Snapshot(of, DAY), **changes)


def _bank_item(rng: random.Random, number: int, domain: str) -> BankItem:
    multiple = rng.random() < 0.27
    return BankItem(
        id=f"item-{number:04}",
        version=1 + number % 3,
        domain=domain,
        type=ItemType.MULTIPLE if multiple else ItemType.SINGLE,
        a=math.exp(rng.gauss(-0.1, 0.3)),
        b=rng.gauss(-0.9, 0.9),
        c=0.1 if multiple else 0.25,
        objective=f"{domain[1]}.{number % TASKS[domain] + 1}",
        topic=f"topic-{number % 12}",
        service=f"service-{int(60 * rng.random() ** 1.5)}",
        company=f"company-{rng.randrange(140)}",
        # a fifth up or down, from a source of its own
        seconds=(140 if multiple else 115) * math.exp(random.Random(number).gauss(0, 0.2)),
    )
