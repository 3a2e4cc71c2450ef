"""A pack on the desk of those who keep it: its items with their stored versions, what the rules find in each, and how
it stands with its review. Shared by the pages of the bank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated

from fastapi import Path
from markupsafe import Markup

from app.errors import Missing
from app.exam import quality
from app.exam.bank_search import Entry
from app.exam.faults import Fault, Place
from app.exam.item import Item, Option, Status
from app.exam.pack import Pack
from app.exam.person import Person
from app.exam.review import Standing
from app.pages.render import ItemHtml, inline_markdown
from app.pages.sheets import LETTERS
from app.pages.site import Site
from app.store import bank, pack_access, packs
from app.store.bank import Approval, Stored
from app.store.database import Transaction

PackId = Annotated[str, Path(max_length=100)]
MOST_FINDINGS = 50_000
"""Items whose findings one process remembers."""
ItemId = Annotated[str, Path(max_length=100)]


@dataclass(frozen=True, slots=True)
class Shelved:
    """A pack in use, and its items by the author's id; `version_id` is that of the pack version, and `rules` is the
    same as long as the pack asks the same of its items."""

    pack: Pack
    version_id: int
    entries: Mapping[str, Entry]
    rules: int

    def entry(self, code: str) -> Entry:
        """The item of this id. Raises Missing."""
        if code not in self.entries:
            raise Missing(f"The pack has no item {code!r} now. Look for it in the list of its items.")
        return self.entries[code]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An item with its history, the newest version first, who approved it as it is, and how it stands."""

    entry: Entry
    versions: tuple[Stored, ...]
    approvals: tuple[Approval, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class OptionLine:
    """An option by the author's order, with what only those who keep the item see."""

    letter: str
    option: Option
    html: Markup
    why: Markup
    misconception: Markup


def shelved(tx: Transaction, pack_id: str, who: Person) -> Shelved:
    """A pack that this person may see and edit. Raises Missing."""
    pack_access.require(tx, pack_id, who)
    whole = packs.whole(tx, pack_id)
    version_id, members = bank.members(tx, pack_id)
    entries = {
        member.code: Entry(member.id, replace(item, status=member.status))
        for member, item in zip(members, whole.items, strict=True)
    }
    rules = hash((whole.lexicon, whole.topics, max((exam.embargo_days for exam in whole.exams), default=0)))
    return Shelved(whole, version_id, entries, rules)


def findings(site: Site, shelf: Shelved, entry: Entry, day: date) -> tuple[Fault, ...]:
    """What the item-writing rules find in an item as it is in use; each is asked once for each process and day."""
    at = (entry.id, shelf.rules, day)
    known = site.findings.get(at)
    if known is None:
        if len(site.findings) >= MOST_FINDINGS:
            site.findings.clear()
        known = site.findings[at] = checked(shelf.pack, entry.item, day)
    return known


def checked(pack: Pack, item: Item, day: date) -> tuple[Fault, ...]:
    """What the item-writing rules find in an item of a pack; retired ones are left in peace."""
    if item.status is Status.RETIRED:
        return ()
    at = Place(item=item.id)
    alone = replace(pack, items=(item,))
    return (
        *quality.check_item(item, quality.standard_of(pack, day), at),
        *quality.check_topics(alone, {item.id: at}),
    )


def reviewed(
    tx: Transaction, site: Site, shelf: Shelved, entries: Sequence[Entry], now: datetime
) -> dict[str, Reviewed]:
    """How some items of a pack stand with their review, by the author's id.

    An approval is of what an item says: it holds whatever becomes of its status, and ends with any other change.
    """
    pasts = bank.history(tx, shelf.pack.id, [entry.item.id for entry in entries])
    same = {
        entry.item.id: [one for one in pasts[entry.item.id] if _content(one.item) == _content(entry.item)]
        for entry in entries
    }
    given = bank.approvals(tx, [one.id for versions in same.values() for one in versions])
    made = {}
    for entry in entries:
        alike = {one.id for one in same[entry.item.id]}
        approved = tuple(one for one in given if one.item_version_id in alike)
        author = same[entry.item.id][-1].made_by
        standing = Standing(
            entry.item,
            findings(site, shelf, entry, now.date()),
            frozenset(one.person_id for one in approved),
            author,
            shelf.pack.approvals,
        )
        made[entry.item.id] = Reviewed(entry, pasts[entry.item.id], approved, standing)
    return made


def option_lines(item: Item, html: ItemHtml) -> tuple[OptionLine, ...]:
    """The options of an item in the author's order."""
    return tuple(
        OptionLine(
            letter,
            option,
            html.options[option.id],
            inline_markdown(option.why),
            inline_markdown(option.misconception),
        )
        for letter, option in zip(LETTERS, item.options, strict=False)
    )


def _content(item: Item) -> str:
    return replace(item, status=Status.DRAFT).sha256
