"""One item of a pack: as a candidate sees it, with what only its keepers know, its findings and its versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from markupsafe import Markup
from starlette.responses import Response

from app.exam import topics
from app.exam.differences import Difference, differences
from app.exam.faults import Fault
from app.exam.item import Item, Reference
from app.exam.pack import Pack
from app.exam.review import Step, hindrance, possible
from app.pages.bank_shelf import (
    ItemId,
    OptionLine,
    PackId,
    Reviewed,
    Shelved,
    option_lines,
    reviewed,
    shelved,
)
from app.pages.depends import LARGEST_ID, Instructor, Now, TheSite
from app.pages.render import ItemHtml, markdown, page
from app.pages.sheets import LETTERS
from app.store.bank import Approval, Stored


@dataclass(frozen=True, slots=True)
class StepButton:
    """A step; `hindrance` says why it cannot be taken now, or is empty."""

    step: Step
    hindrance: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What one stored version changed against the one before it."""

    version: Stored
    before: Stored
    changes: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class BankItemPage:
    """bank/item.html. `facts` are (name, value) of what is known about the item; `compared` is None without two
    versions."""

    pack: Pack
    item: Item
    id: int
    stem: Markup
    options: tuple[OptionLine, ...]
    rationale: Markup
    references: tuple[Reference, ...]
    facts: tuple[tuple[str, str], ...]
    findings: tuple[Fault, ...]
    approvals: tuple[Approval, ...]
    steps: tuple[StepButton, ...]
    versions: tuple[Stored, ...]
    compared: Compared | None


_COVER_TEST = {None: "", True: "can be answered without its options", False: "needs its options"}
router = APIRouter()


@router.get("/packs/{pack_id}/items/{item_id}")
def item(
    request: Request,
    pack_id: PackId,
    item_id: ItemId,
    who: Instructor,
    now: Now,
    site: TheSite,
    version: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
) -> Response:
    """An item as it is in use; `version` names the stored version whose changes are shown, 0 the newest."""
    with site.database.reading() as tx:
        shelf = shelved(tx, pack_id, who)
        entry = shelf.entry(item_id)
        known = reviewed(tx, site, shelf, [entry], now)[item_id]
        html = site.item_pages(tx, [entry.id])[entry.id]
    return page(request, "bank/item.html", _page(shelf, known, html, who.id, version), who)


def facts(item: Item, pack: Pack) -> tuple[tuple[str, str], ...]:
    """What is known about an item, in words; what is not known is left out."""
    domains = {domain.id: domain.title for domain in pack.domains}
    named = [
        ("Domain", domains.get(item.domain or "", item.domain or "")),
        ("Objective", item.objective or ""),
        ("Topic", topics.title(item.topic, pack.topics) if item.topic else ""),
        ("Services", ", ".join(f"{one.name} since {one.since}" if one.since else one.name for one in item.services)),
        ("Decided by", (item.constraint or "").replace("-", " ")),
        ("Demands", "; ".join(f"{one.text} ({_letters(item, one.decides)})" for one in item.constraints)),
        ("Level", item.bloom or ""),
        ("Rating", "" if item.rating is None else f"{item.rating:.2f}"),
        ("Company", item.company or ""),
        ("Cover test", _COVER_TEST[item.cover_test]),
        ("Enemies", ", ".join(item.enemies)),
        ("Facts", ", ".join(map(str, item.facts))),
        ("Verified", "" if item.verified_on is None else item.verified_on.isoformat()),
        ("Options", "" if item.shuffle else "always in this order"),
        ("Accepted", "; ".join(f"{one.rule}: {one.why}" for one in item.accepted)),
        ("Came from", "" if item.origin is None else f"{item.origin.file}, {item.origin.locator}"),
    ]  # fmt: skip
    return tuple((name, value) for name, value in named if value)


def _letters(item: Item, names: Sequence[str]) -> str:
    letters = {option.id: letter for letter, option in zip(LETTERS, item.options, strict=False)}
    return ", ".join(letters.get(name, name) for name in names)


def _compared(versions: Sequence[Stored], wanted: int) -> Compared | None:
    ids = [one.id for one in versions]
    place = ids.index(wanted) if wanted in ids else 0
    if place + 1 >= len(versions):
        return None
    version, before = versions[place], versions[place + 1]
    return Compared(version, before, differences(before.item, version.item))


def _page(shelf: Shelved, known: Reviewed, html: ItemHtml, who: int, version: int) -> BankItemPage:
    item = known.entry.item
    return BankItemPage(
        pack=shelf.pack,
        item=item,
        id=known.entry.id,
        stem=html.stem,
        options=option_lines(item, html),
        rationale=markdown(item.rationale),
        references=item.references,
        facts=facts(item, shelf.pack),
        findings=known.standing.findings,
        approvals=known.approvals,
        steps=tuple(
            StepButton(step, hindrance(step, known.standing, who)) for step in possible(known.standing)
        ),
        versions=known.versions,
        compared=_compared(known.versions, version),
    )
