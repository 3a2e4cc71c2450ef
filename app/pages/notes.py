"""Notes: bookmarks and private notes on questions, for nobody but who made them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from starlette.responses import RedirectResponse, Response

from app.errors import Invalid
from app.pages.depends import Id, Now, Somebody, TheSite
from app.pages.render import page
from app.store import attempts, notes, withheld
from app.store.notes import Note

LONGEST = 2_000
LONGEST_SEARCH = 200
OPENING = 160


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A bookmark or note with the first words of its question."""

    note: Note
    opening: str


@dataclass(frozen=True, slots=True)
class NotesPage:
    """notes/page.html. `total` of all there are, `withheld` of them on a mock that is open."""

    lines: tuple[NoteLine, ...]
    search: str
    bookmarked: bool
    total: int
    withheld: int


router = APIRouter()


@router.get("/notes")
def my_notes(
    request: Request, who: Somebody, now: Now, site: TheSite, search: str = "", bookmarked: bool = False
) -> Response:
    """All bookmarks and notes; those with all words of a search in the note or in the question."""
    words = search[:LONGEST_SEARCH].casefold().split()
    with site.database.reading() as tx:
        mine = notes.of_person(tx, who.id)
        version_ids = [one.item_version_id for one in mine]
        hidden = attempts.withheld(tx, who.id, version_ids, now)
        pages = site.item_pages(tx, [one for one in version_ids if one not in hidden])
    lines = tuple(
        NoteLine(one, _opening(pages[one.item_version_id].plain_stem))
        for one in mine
        if one.item_version_id in pages
        and (one.bookmarked or not bookmarked)
        and all(word in f"{one.text} {pages[one.item_version_id].plain_stem}".casefold() for word in words)
    )
    context = NotesPage(lines, search[:LONGEST_SEARCH], bookmarked, len(mine), len(mine) - len(pages))
    return page(request, "notes/page.html", context, who)


@router.post("/reports/{attempt_id}/questions/{position}/note")
def keep(
    attempt_id: Id,
    position: Annotated[int, Path(ge=1, le=10_000)],
    who: Somebody,
    now: Now,
    site: TheSite,
    text: Annotated[str, Form()] = "",
    bookmarked: Annotated[bool, Form()] = False,
) -> Response:
    """Keep a bookmark and a note on a question of an exam that is over; with neither, what was there goes."""
    told = text.replace("\r\n", "\n").strip()
    if len(told) > LONGEST:
        raise Invalid(f"A note holds {LONGEST} characters. Go back: what you wrote is still there.")
    with site.database.writing() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        if one.clock.closed_at is None or withheld.of(tx, one, now):
            return RedirectResponse(f"/reports/{one.id}", 303)
        notes.put(
            tx,
            who.id,
            one.sheet.at(position).item_version_id,
            attempt_id=one.id,
            position=position,
            bookmarked=bookmarked,
            text=told,
            now=now,
        )
    return RedirectResponse(f"/reports/{attempt_id}/questions/{position}#note", 303)


def _opening(stem: str) -> str:
    text = " ".join(stem.split())
    return text if len(text) <= OPENING else f"{text[:OPENING].rsplit(' ', 1)[0]} …"
