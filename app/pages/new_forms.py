"""A new form for somebody, stored: what a start and an assignment of one form for all have in common."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import NamedTuple

from app.errors import Invalid
from app.exam.form import assemble
from app.exam.item import Item
from app.exam.pack import TUTORIAL
from app.exam.person import Person
from app.pages.site import Site
from app.store import forms
from app.store.database import Transaction
from app.store.packs import StoredExam

SEED_BITS = 53
MOST_SEEDS = 50


class NewForm(NamedTuple):
    """A stored form, and the item version and the item of each of its positions."""

    id: int
    items: list[tuple[int, Item]]


def new_form(
    tx: Transaction, site: Site, stored: StoredExam, person: Person | None, now: datetime
) -> NewForm:
    """A form that nobody had before; for nobody, one that heeds nobody's history.

    When a seed gives one that exists, the next seed is tried and recorded. Raises Invalid when there is none.
    """
    shelf = site.shelf(tx, stored, now.date())
    snapshot = site.snapshot(tx, shelf.bank, person, now)
    first = secrets.randbits(SEED_BITS)
    for seed in range(first, first + MOST_SEEDS):
        form = assemble(snapshot, seed)
        items = [(shelf.version_ids[at.id], shelf.items[at.id]) for at in form.positions]
        version_ids = [version_id for version_id, _ in items]
        form_id = forms.add(tx, form, snapshot, stored.version_id, version_ids, now)
        if form_id is not None:
            return NewForm(form_id, items)
    if stored.exam.id == TUTORIAL:
        return NewForm(forms.same(tx, form), items)
    raise Invalid("No new form could be made from this bank: too few items. An instructor can add some.")
