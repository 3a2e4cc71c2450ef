"""Writing items of a pack in the browser: a form for the whole item, a look at what it makes, and a new version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from app.errors import Conflict, Invalid
from app.exam import item_fields, quality
from app.exam.bank_search import Entry
from app.exam.differences import Difference, differences
from app.exam.faults import Fault, Place
from app.exam.item import Bloom, DecidingConstraint, Item, Reference, Status, Trap
from app.exam.item_fields import ItemFields, OptionFields
from app.exam.pack import Pack, Topic
from app.exam.person import Person
from app.exam.quality.repeats import check_repeat
from app.exam.review import after_edit
from app.formats import native_item
from app.formats.native_fields import MAX_OPTIONS
from app.pages.bank_forms import Entered, Sent, Values, one, with_image
from app.pages.bank_shelf import (
    ItemId,
    OptionLine,
    PackId,
    Shelved,
    checked,
    option_lines,
    shelved,
)
from app.pages.depends import Instructor, Now, TheSite
from app.pages.render import fragment, html, item_html, markdown, page
from app.pages.site import Site
from app.store import bank, media, pack_versions, packs
from app.store.database import Transaction

FEWEST_ROWS = 4
SPARE_ROWS = 1
TRIES = 3
LONGEST_NOTE = 500
_NAMES = {
    "id": "Id", "stem": "Stem", "type": "Type", "rationale": "Rationale", "references": "References",
    "domain": "Domain", "objective": "Objective", "topic": "Topic", "services": "Services",
    "constraint": "Decided by", "bloom": "Level", "rating": "Rating", "company": "Company",
    "constraints": "Demands", "cover_test": "Cover test", "enemies": "Enemies", "facts": "Facts",
    "verified_on": "Verified on", "shuffle": "Order", "accepted": "Accepted findings", "note": "Note",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something to mend: the field in words, the id of its element, and what is wrong."""

    name: str
    anchor: str
    message: str


@dataclass(frozen=True, slots=True)
class PreviewPart:
    """bank/_preview.html: what the form makes. Without an item there are only troubles, or nothing yet."""

    stem: Markup
    options: tuple[OptionLine, ...]
    rationale: Markup
    references: tuple[Reference, ...]
    findings: tuple[Fault, ...]
    troubles: tuple[Trouble, ...]
    written: bool


@dataclass(frozen=True, slots=True)
class EditPage:
    """bank/edit.html. `code` is empty for a new item; `meanwhile` is what others changed since the form was opened,
    `yours` what saving it would change now."""

    pack: Pack
    code: str
    fields: ItemFields
    rows: tuple[OptionFields, ...]
    based_on: int
    note: str
    image_alt: str
    troubles: tuple[Trouble, ...]
    meanwhile: tuple[Difference, ...]
    yours: tuple[Difference, ...]
    preview: Markup
    topics: tuple[Topic, ...]
    traps: tuple[Trap, ...]
    constraints: tuple[DecidingConstraint, ...]
    blooms: tuple[Bloom, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form came to: its fields, and the item that they make or the troubles in them."""

    fields: ItemFields
    item: Item | None
    troubles: tuple[Trouble, ...]


router = APIRouter()


@router.get("/packs/{pack_id}/items/{item_id}/edit")
def edit(
    request: Request, pack_id: PackId, item_id: ItemId, who: Instructor, now: Now, site: TheSite
) -> Response:
    """The form with an item as it is in use."""
    with site.database.reading() as tx:
        shelf = shelved(tx, pack_id, who)
    entry = shelf.entry(item_id)
    found = _judged(shelf, entry.item, now)
    draft = Draft(item_fields.shown(entry.item), entry.item, ())
    return page(request, "bank/edit.html", _page(shelf, entry, draft, found), who)


@router.get("/packs/{pack_id}/new-item")
def blank(request: Request, pack_id: PackId, who: Instructor, site: TheSite) -> Response:
    """An empty form."""
    with site.database.reading() as tx:
        shelf = shelved(tx, pack_id, who)
    return page(request, "bank/edit.html", _page(shelf, None, Draft(ItemFields(), None, ()), ()), who)


@router.post("/packs/{pack_id}/preview")
def preview(pack_id: PackId, sent: Entered, who: Instructor, now: Now, site: TheSite) -> Response:
    """What a form makes, for the page that it stands on."""
    with site.database.reading() as tx:
        shelf = shelved(tx, pack_id, who)
        draft = _draft(tx, shelf, shelf.entries.get(one(sent.values, "code")), sent.values)
    return fragment("bank/_preview.html", _part(draft, _found(shelf, draft, now)))


@router.post("/packs/{pack_id}/items/{item_id}/edit")
def change(
    request: Request,
    pack_id: PackId,
    item_id: ItemId,
    sent: Entered,
    who: Instructor,
    now: Now,
    site: TheSite,
) -> Response:
    """A look at a changed item, or its new version; what cannot be saved comes back as it was entered."""
    return _take(request, site, pack_id, item_id, sent, who, now)


@router.post("/packs/{pack_id}/new-item")
def write(
    request: Request, pack_id: PackId, sent: Entered, who: Instructor, now: Now, site: TheSite
) -> Response:
    """A look at a new item, or the pack with it; what cannot be saved comes back as it was entered."""
    return _take(request, site, pack_id, "", sent, who, now)


def _take(
    request: Request, site: Site, pack_id: str, code: str, sent: Sent, who: Person, now: datetime
) -> Response:
    action = one(sent.values, "action")
    refused: tuple[Trouble, ...] = ()
    if action == "image":
        try:
            sent = with_image(site, sent)
        except Invalid as error:
            refused = (Trouble("Image", "image", str(error)),)
    values, saving = sent.values, action == "save"
    for _ in range(TRIES):
        with site.database.reading() as tx:
            shelf = shelved(tx, pack_id, who)
            base = shelf.entry(code) if code else None
            draft = _draft(tx, shelf, base, values)
            stale = _stale(tx, base, values)
        if saving and draft.item is not None and stale is None:
            try:
                with site.database.writing() as tx:
                    _save(tx, shelf, base, draft.item, who, now, one(values, "note"))
                return RedirectResponse(f"/packs/{pack_id}/items/{draft.item.id}", 303)
            except Conflict:
                continue  # somebody changed another item of the pack
            except Invalid as error:
                draft = replace(draft, troubles=(Trouble("The item", "stem", str(error)),))
        context = _page(shelf, base, draft, _found(shelf, draft, now), values, refused, stale)
        status = 422 if refused else 200 if not saving else 422 if stale is None else 409
        return page(request, "bank/edit.html", context, who, status)
    raise Conflict(
        "Others are changing this pack just now. Go back: your text is still in the form; save again."
    )


def _draft(tx: Transaction, shelf: Shelved, base: Entry | None, values: Values) -> Draft:
    """What a form comes to. Raises nothing: what is wrong are troubles."""
    given = item_fields.entered(values)
    before = None if base is None else base.item
    if before is not None:
        given = replace(given, id=before.id)
    status = Status.DRAFT if before is None else after_edit(before.status, shelf.pack.approvals)
    item, problems = native_item.read(item_fields.document(given, before, status), shelf.pack)
    troubles = [_trouble(problem, given) for problem in problems]
    if before is None and given.id.casefold() in {code.casefold() for code in shelf.entries}:
        troubles.append(Trouble("Id", "id", "the pack has an item with this id already: choose another one"))
    if len(one(values, "note")) > LONGEST_NOTE:
        troubles.append(Trouble("Note", "note", f"at most {LONGEST_NOTE} characters"))
    if item is not None and (unknown := set(item.media) - media.known(tx, item.media)):
        names = ", ".join(sorted(unknown))
        troubles.append(Trouble("Image", "image", f"there is no image {names}: add it here"))
    if item is None or troubles:
        return Draft(given, None, tuple(troubles))
    return Draft(given, replace(item, origin=None if before is None else before.origin), ())


def _trouble(problem: native_item.Problem, given: ItemFields) -> Trouble:
    name, *rest = problem.at or ("stem",)
    if name == "options" and rest:
        row = int(rest[0])
        part = str(rest[1]) if len(rest) > 1 else "text"
        what = "" if part in ("id", "text") else f", {part}"
        shown = part if part in ("why", "trap", "misconception") else "text"
        return Trouble(f"Option {given.options[row].id}{what}", f"option-{row}-{shown}", problem.message)
    anchor = {"options": "option-0-text", "select": "type"}.get(str(name), str(name))
    return Trouble(_NAMES.get(str(name), "The item"), anchor if problem.at else "stem", problem.message)


def _stale(tx: Transaction, base: Entry | None, values: Values) -> Item | None:
    """The item that a form was opened with, when that is not the one in use any more."""
    opened = one(values, "based_on")
    if base is None or opened == str(base.id):
        return None
    known = packs.items(tx, [int(opened)] if opened.isascii() and opened.isdecimal() else [])
    same = [item for item in known.values() if item.id == base.item.id]
    return same[0] if same else base.item


def _save(
    tx: Transaction, shelf: Shelved, base: Entry | None, item: Item, who: Person, now: datetime, note: str
) -> None:
    """Put a changed or new item into use. Raises Invalid when nothing was changed, Conflict as `revise`."""
    if base is not None:
        if replace(item, status=base.item.status) == base.item:
            raise Invalid("Nothing was changed, so there is nothing to save.")
        if item.content_sha256 != base.item.content_sha256:
            known = bank.history(tx, shelf.pack.id, [item.id])[item.id]
            item = replace(item, version=1 + max(one.item.version for one in known))
    delivered = quality.delivered_status(item, _judged(shelf, item, now))
    item = replace(item, status=delivered)
    said = note.strip() or f"{'Wrote' if base is None else 'Edited'} {item.id}"
    pack_versions.revise(
        tx,
        shelf.pack.id,
        [item],
        {item.id: delivered},
        now,
        based_on=shelf.version_id,
        made_by=who.id,
        note=said,
    )


def _found(shelf: Shelved, draft: Draft, now: datetime) -> tuple[Fault, ...]:
    return () if draft.item is None else _judged(shelf, draft.item, now)


def _judged(shelf: Shelved, item: Item, now: datetime) -> tuple[Fault, ...]:
    """What the rules find in an item that is being written, with L33 against all others of the pack."""
    others = (entry.item for entry in shelf.entries.values())
    repeats = check_repeat(item, others, Place(item=item.id))
    return (*checked(shelf.pack, item, now.date()), *repeats)


def _part(draft: Draft, found: Sequence[Fault]) -> PreviewPart:
    item = draft.item
    if item is None:
        return PreviewPart(Markup(), (), Markup(), (), (), draft.troubles, written=False)
    shown = item_html(item.asked)
    return PreviewPart(
        stem=shown.stem,
        options=option_lines(item, shown),
        rationale=markdown(item.rationale),
        references=item.references,
        findings=tuple(found),
        troubles=(),
        written=True,
    )


def _page(
    shelf: Shelved,
    base: Entry | None,
    draft: Draft,
    found: Sequence[Fault],
    values: Values | None = None,
    refused: tuple[Trouble, ...] = (),
    stale: Item | None = None,
) -> EditPage:
    item, current = draft.item, None if base is None else base.item
    part = html("bank/_preview.html", _part(draft, found))
    rows = max(FEWEST_ROWS, min(len(draft.fields.options) + SPARE_ROWS, MAX_OPTIONS))
    spare = (OptionFields(),) * (rows - len(draft.fields.options))
    return EditPage(
        pack=shelf.pack,
        code="" if current is None else current.id,
        fields=draft.fields,
        rows=(*draft.fields.options, *spare),
        based_on=0 if base is None else base.id,
        note=one(values or {}, "note"),
        image_alt=one(values or {}, "image_alt"),
        troubles=(*refused, *(() if refused else draft.troubles)),
        meanwhile=differences(stale, current) if stale and current else (),
        yours=differences(current, item) if stale and current and item else (),
        preview=Markup(part),  # noqa: S704 - a template escaped it
        topics=_topics(shelf.pack, draft.fields.topic),
        traps=tuple(Trap),
        constraints=tuple(DecidingConstraint),
        blooms=tuple(Bloom),
    )


def _topics(pack: Pack, own: str) -> tuple[Topic, ...]:
    """The topics to choose from: those that the pack lists, or those that its items have, and the item's own."""
    if pack.topics:
        known = {topic.id for topic in pack.topics}
        return (*pack.topics, *((Topic(own, own),) if own and own not in known else ()))
    used = sorted({item.topic for item in pack.items if item.topic})
    return tuple(Topic(one, one) for one in used)
