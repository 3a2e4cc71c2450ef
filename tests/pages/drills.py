"""A tab in which a practice set is worked on. It knows the keys, as no candidate does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import unescape

import httpx
from sqlalchemy import select

from app.exam.attempt import Sheet, sheet_from_plain
from app.exam.item import Item
from app.exam.study_card import Card
from app.pages.depends import hash_token
from app.store import packs, people, study, tables
from tests.journeys.world import Browser, World
from tests.packs import SHORT


@dataclass
class Drill:
    """One practice set in a browser."""

    browser: Browser
    set_id: int

    @property
    def path(self) -> str:
        """The address of the set."""
        return f"/practice/{self.set_id}"

    @cached_property
    def sheet(self) -> Sheet:
        """What was dealt."""
        with self.browser.world.database.reading() as tx:
            row = tx.execute(select(tables.practice_set).where(tables.practice_set.c.id == self.set_id)).one()
        return sheet_from_plain(row.sheet)

    @cached_property
    def items(self) -> list[Item]:
        """The items in order, with their keys."""
        with self.browser.world.database.reading() as tx:
            found = packs.items(tx, [at.item_version_id for at in self.sheet.items])
        return [found[at.item_version_id] for at in self.sheet.items]

    @property
    def length(self) -> int:
        """How many positions there are."""
        return len(self.sheet.items)

    def page(self, position: int) -> httpx.Response:
        """The page of a position."""
        return self.browser.get(f"{self.path}/{position}")

    def tokens(self, position: int, *, right: bool = True) -> list[str]:
        """The tokens of the key at a position, or of so many distractors."""
        at, item = self.sheet.at(position), self.items[position - 1]
        return [o.token for o in at.options if (o.option_id in item.key) is right][: at.select]

    def answer(self, position: int, *, right: bool = True, **fields: str) -> httpx.Response:
        """Answer a position."""
        chosen = {"choice": self.tokens(position, right=right)}
        return self.browser.post(f"{self.path}/{position}", {**chosen, **fields})

    def answer_all(self, *, right: bool = True, **fields: str) -> None:
        """Answer everything, and end."""
        for position in range(1, self.length + 1):
            answered = self.answer(position, right=right, **fields)
            assert answered.status_code == 303, answered.text
        self.end()

    def end(self) -> httpx.Response:
        """End the set."""
        return self.browser.post(f"{self.path}/end")


def offered(page: str) -> list[tuple[str, dict[str, str]]]:
    """The drill buttons of a page: what each names, and the fields that it sends."""
    forms = re.findall(r'<form method="post" action="/practice" class="inline-form[^>]*>(.*?)</form>', page)
    found = []
    for form in forms:
        (named,) = re.findall(r'Drill<span class="visually-hidden"> (.*?)</span>', form)
        fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
        found.append((unescape(named), {name: unescape(value) for name, value in fields}))
    return found


def begun(answer: httpx.Response, browser: Browser) -> Drill:
    """The set that a request began."""
    assert answer.status_code == 303, answer.text
    found = re.fullmatch(r"/practice/(\d+)/\d+", answer.headers["location"])
    assert found, answer.headers["location"]
    return Drill(browser, int(found[1]))


def drill(browser: Browser, **fields: str) -> Drill:
    """Begin a set; kept questions are asked too unless told otherwise."""
    return begun(browser.post("/practice", {"exam": SHORT, "spend": "1", **fields}), browser)


def person_of(browser: Browser) -> int:
    """Whose browser this is."""
    world = browser.world
    token = browser.client.cookies[world.site.cookie_name()]
    with world.database.reading() as tx:
        visit = people.of_session(tx, hash_token(token), world.clock.time)
    assert visit
    return visit.person.id


def cards_of(browser: Browser) -> dict[str, Card]:
    """The cards of whoever uses a browser, by the author's id of the item."""
    with browser.world.database.reading() as tx:
        names = study.names_of(tx, packs.exam(tx, SHORT).pack_version_id)
        return {names[number]: card for number, card in study.cards(tx, person_of(browser)).items()}


def rows_of(world: World, *names: str) -> Iterator[str]:
    """All rows of some tables."""
    with world.database.reading() as tx:
        for name in names:
            yield from sorted(map(repr, tx.execute(select(tables.metadata.tables[name]))))
