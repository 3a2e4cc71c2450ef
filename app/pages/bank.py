"""The bank of a pack in the browser: its items, to be searched, sorted, and moved along in their review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from app.errors import Conflict, Invalid
from app.exam import quality, topics
from app.exam.bank_search import ANY, ERRORS, NONE, SORTS, WARNINGS, Entry, Search, fitting, ordered
from app.exam.faults import Fault
from app.exam.image import in_words
from app.exam.item import DecidingConstraint, Item, Status
from app.exam.pack import Pack
from app.exam.person import Person
from app.exam.review import Step, hindrance
from app.pages.bank_shelf import PackId, Reviewed, Shelved, findings, reviewed, shelved
from app.pages.depends import Instructor, Now, TheSite, safe_next
from app.pages.render import page
from app.pages.site import Site
from app.store import bank as banks
from app.store import pack_versions

ON_A_PAGE = 100
MOST_AT_ONCE = 200
LONGEST_NOTE = 500
OPENING = 110
TRIES = 3
_COLUMNS = {"item": "Item", "status": "Status", "domain": "Domain", "topic": "Topic", "rating": "Rating"}
_TITLES = {
    "domain": "Domain",
    "topic": "Topic",
    "service": "Service",
    "status": "Status",
    "constraint": "Constraint",
    "finding": "Finding",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter; `count` is None where counting would mean asking every rule of every item."""

    value: str
    title: str
    count: int | None
    chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter with its values."""

    name: str
    title: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A heading: `query` sorts by it, `ordered` is "ascending", "descending" or empty."""

    title: str
    query: str
    ordered: str


@dataclass(frozen=True, slots=True)
class Line:
    """An item in the list: `findings` are (rule, severity)."""

    id: int
    code: str
    version: int
    status: Status
    opening: str
    domain: str
    topic: str
    rating: float | None
    findings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class BankPage:
    """bank/list.html. `lines` are the items on this page of the `found` ones; `left` are (item, why) of those that a
    step was not taken with, after `moved` others."""

    pack: Pack
    search: Search
    query: str
    filters: tuple[Filter, ...]
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    found: int
    total: int
    before: str
    after: str
    steps: tuple[Step, ...]
    step: Step | None
    moved: int
    left: tuple[tuple[str, str], ...]


router = APIRouter()
Asked = Annotated[Search, Depends()]


@router.get("/packs/{pack_id}/items")
def bank(
    request: Request, pack_id: PackId, search: Asked, who: Instructor, now: Now, site: TheSite
) -> Response:
    """The items of a pack that fit a search."""
    with site.database.reading() as tx:
        shelf = shelved(tx, pack_id, who)
    asked = replace(search, start=max(search.start, 0))
    context = _page(shelf, asked, lambda entry: findings(site, shelf, entry, now.date()))
    return page(request, "bank/list.html", context, who)


@router.post("/packs/{pack_id}/items/status")
def move(
    request: Request,
    pack_id: PackId,
    search: Asked,
    who: Instructor,
    now: Now,
    site: TheSite,
    step: Annotated[Step, Form()],
    item: Annotated[list[int], Form()] = [],  # noqa: B006 - never changed
    note: Annotated[str, Form(max_length=LONGEST_NOTE)] = "",
    back: Annotated[str, Form()] = "",
) -> Response:
    """Take a step with the chosen items; those with which it cannot be taken are named, with what is in the way."""
    if not item or len(item) > MOST_AT_ONCE:
        raise Invalid(f"Choose from one to {MOST_AT_ONCE} items, then take the step again.")
    moved, left = _moved(site, pack_id, who, now, item, step, note)
    query = _query(search)
    if not left:
        return RedirectResponse(safe_next(back) if back else f"/packs/{pack_id}/items{query}", 303)
    with site.database.reading() as tx:
        shelf = shelved(tx, pack_id, who)
    context = _page(
        shelf,
        search,
        lambda entry: findings(site, shelf, entry, now.date()),
        step=step,
        moved=moved,
        left=tuple(left),
    )
    return page(request, "bank/list.html", context, who, 409)


def _moved(
    site: Site, pack_id: str, who: Person, now: Any, ids: Sequence[int], step: Step, note: str
) -> tuple[int, list[tuple[str, str]]]:
    """How many items a step was taken with, and why not with the others. Raises Conflict when others are quicker."""
    for _ in range(TRIES):
        with site.database.reading() as tx:
            shelf = shelved(tx, pack_id, who)
            wanted = [entry for entry in shelf.entries.values() if entry.id in set(ids)]
            known = reviewed(tx, site, shelf, wanted, now)
        ready, left = _sorted_out(known, step, who)
        if len(wanted) < len(set(ids)):
            left.append(("Other items", "somebody changed them meanwhile; look at them as they are now"))
        try:
            _store(site, shelf, ready, step, who, now, note)
        except Conflict:
            continue
        return len(ready), left
    raise Conflict("Others are changing this pack just now. Nothing was changed; try again in a moment.")


def _sorted_out(
    known: Mapping[str, Reviewed], step: Step, who: Person
) -> tuple[list[Entry], list[tuple[str, str]]]:
    why = {code: hindrance(step, one.standing, who.id) for code, one in known.items()}
    return [one.entry for code, one in known.items() if not why[code]], [
        pair for pair in why.items() if pair[1]
    ]


def _store(
    site: Site, shelf: Shelved, ready: Sequence[Entry], step: Step, who: Person, now: Any, note: str
) -> None:
    if not ready:
        return
    with site.database.writing() as tx:
        if step.after is None:
            banks.approve(tx, [entry.id for entry in ready], who.id, now)
            return
        items = [replace(entry.item, status=step.after) for entry in ready]
        said = note.strip() or f"{step.words}: {_named(items)}"
        statuses = {one.id: one.status for one in items}
        pack_versions.revise(
            tx, shelf.pack.id, items, statuses, now, based_on=shelf.version_id, made_by=who.id, note=said
        )


def _named(items: Sequence[Item]) -> str:
    return items[0].id if len(items) == 1 else f"{len(items)} items"


def _query(search: Search, **changes: object) -> str:
    """A search, with changes, as the query of an address; what is as usual is left out."""
    usual = asdict(Search())
    kept = {name: value for name, value in {**asdict(search), **changes}.items() if value != usual[name]}
    return "?" + urlencode({name: "1" if value is True else value for name, value in kept.items()})


def _page(
    shelf: Shelved,
    search: Search,
    found_in: Callable[[Entry], Sequence[Fault]],
    *,
    step: Step | None = None,
    moved: int = 0,
    left: tuple[tuple[str, str], ...] = (),
) -> BankPage:
    entries = tuple(shelf.entries.values())
    found = ordered(fitting(entries, search, found_in), search)
    end = search.start + ON_A_PAGE
    shown = found[search.start : end]
    return BankPage(
        pack=shelf.pack,
        search=search,
        query=_query(search),
        filters=tuple(_filters(shelf.pack, [entry.item for entry in entries], search)),
        columns=tuple(_columns(search)),
        lines=tuple(_line(shelf.pack, entry, found_in(entry)) for entry in shown),
        found=len(found),
        total=len(entries),
        before=_query(search, start=max(search.start - ON_A_PAGE, 0)) if search.start else "",
        after=_query(search, start=end) if end < len(found) else "",
        steps=tuple(step for step in Step if step is not Step.APPROVE or shelf.pack.approvals),
        step=step,
        moved=moved,
        left=left,
    )


def _line(pack: Pack, entry: Entry, found: Sequence[Fault]) -> Line:
    item = entry.item
    text = " ".join(in_words(item.stem).split())
    return Line(
        id=entry.id,
        code=item.id,
        version=item.version,
        status=item.status,
        opening=text if len(text) <= OPENING else f"{text[:OPENING].rsplit(' ', 1)[0]} …",
        domain=item.domain or "",
        topic=topics.title(item.topic, pack.topics) if item.topic else "",
        rating=item.rating,
        findings=tuple(sorted({(one.rule, one.severity.value) for one in found})),
    )


def _columns(search: Search) -> Iterable[Column]:
    for name in SORTS:
        own = name == search.sort
        ordered_by = ("descending" if search.down else "ascending") if own else ""
        yield Column(
            _COLUMNS[name], _query(search, sort=name, down=own and not search.down, start=0), ordered_by
        )


def _filters(pack: Pack, items: Sequence[Item], search: Search) -> Iterable[Filter]:
    domains = {domain.id: domain.title for domain in pack.domains} | {NONE: "No domain"}
    chapters = sorted({topics.chapter_of(item.topic) for item in items if item.topic})
    titles = {one: topics.title(one, pack.topics) for one in chapters} | {NONE: "No topic"}
    services = sorted({one.name for item in items for one in item.services}, key=str.casefold)
    constraints = {one.value: one.value.replace("-", " ").capitalize() for one in DecidingConstraint}
    values: dict[str, tuple[Mapping[str, str], Callable[[Item], Iterable[str]]]] = {
        "domain": (domains, lambda item: [item.domain or NONE]),
        "topic": (titles, lambda item: [topics.chapter_of(item.topic or NONE)]),
        "service": ({one: one for one in services}, lambda item: {one.name for one in item.services}),
        "status": ({one.value: one.value.capitalize() for one in Status}, lambda item: [item.status.value]),
        "constraint": (
            constraints | {NONE: "None named"},
            lambda item: [item.constraint.value if item.constraint else NONE],
        ),
    }
    for name, (known, of) in values.items():
        counts = Counter(value for item in items for value in of(item))
        chosen = getattr(search, name)
        yield Filter(
            name,
            _TITLES[name],
            tuple(
                Choice(value, title, counts[value], value == chosen)
                for value, title in known.items()
                if counts[value]
            ),
        )
    rules = {ANY: "Any", ERRORS: "Errors", WARNINGS: "Warnings", NONE: "None"} | {
        name: name for name in (*quality.RULES, "unknown-topic")
    }
    chosen = search.finding
    yield Filter(
        "finding",
        _TITLES["finding"],
        tuple(Choice(value, title, None, value == chosen) for value, title in rules.items()),
    )
