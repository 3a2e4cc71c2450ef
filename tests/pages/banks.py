"""Packs of their own for tests that edit: nobody else's test sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from sqlalchemy import insert, select, update

from app.exam.item import Item
from app.exam.pack import Pack
from app.exam.person import Role
from app.store import packs, tables
from app.store.database import Transaction
from tests import packs as synthetic
from tests.journeys.world import Browser, World

_numbers = count(1)


def shelf(
    world: World, *, items: Sequence[Item] = (), approvals: int = 0, owner: Browser | None = None
) -> tuple[Browser, str]:
    """An instructor, and a pack of four items without exams that is theirs; its id."""
    browser = owner or world.visitor(Role.INSTRUCTOR)
    name = f"shelf-{next(_numbers)}"
    made = items or [synthetic.item(f"{name}-{number}", f"D{number % 2 + 1}") for number in range(4)]
    new = replace(synthetic.pack(items=made), id=name, title=f"Shelf {name}", exams=(), approvals=approvals)
    with world.database.writing() as tx:
        synthetic.load(tx, new)
        tx.execute(
            update(tables.pack).where(tables.pack.c.id == name).values(owner_id=person_id(tx, browser))
        )
    return browser, name


def person_id(tx: Transaction, browser: Browser) -> int:
    """Who is logged in there."""
    found: int = tx.execute(
        select(tables.person.c.id).where(tables.person.c.name == browser.name)
    ).scalar_one()
    return found


def held(world: World, pack_id: str) -> Pack:
    """A pack as it is in use now."""
    with world.database.reading() as tx:
        return packs.whole(tx, pack_id)


def share(world: World, pack_id: str, browser: Browser) -> None:
    """Share a pack with whoever is logged in there."""
    with world.database.writing() as tx:
        tx.execute(insert(tables.pack_share).values(pack_id=pack_id, person_id=person_id(tx, browser)))
