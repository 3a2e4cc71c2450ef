"""One pack: what it holds, the versions it has had, and the formats in which it can leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from app.errors import Missing
from app.exam.item import Status
from app.exam.pack import Exam
from app.formats import registry
from app.formats.registry import Writer
from app.pages import exports
from app.pages.depends import Instructor, TheSite
from app.pages.render import page
from app.store import pack_access, pack_histories, packs
from app.store.database import Transaction
from app.store.pack_histories import VersionLine
from app.store.packs import LoadedPack

MOST_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class PackPage:
    """packs/page.html. `statuses` are (status, number of items), `owner` a name or None."""

    pack: LoadedPack
    owner: str | None
    statuses: tuple[tuple[Status, int], ...]
    exams: tuple[Exam, ...]
    versions: tuple[VersionLine, ...]
    writers: tuple[Writer, ...]


PackId = Annotated[str, Path(max_length=100)]
router = APIRouter()


@router.get("/packs/{pack_id}")
def pack(request: Request, pack_id: PackId, who: Instructor, site: TheSite) -> Response:
    """One pack as it is in use."""
    with site.database.reading() as tx:
        pack_access.require(tx, pack_id, who)
        context = _page(tx, _loaded(tx, pack_id))
    return page(request, "packs/page.html", context, who)


@router.get("/packs/{pack_id}/export")
def export(pack_id: PackId, who: Instructor, site: TheSite, format: str = "native") -> Response:  # noqa: A002 - its name in the address
    """The pack as a file. Raises Invalid for a format that nothing writes."""
    with site.database.reading() as tx:
        pack_access.require(tx, pack_id, who)
    return exports.exported(site, pack_id, format)


def _loaded(tx: Transaction, pack_id: str) -> LoadedPack:
    found = next((one for one in packs.loaded(tx) if one.id == pack_id), None)
    if found is None:
        raise Missing("There is no such pack.")
    return found


def _page(tx: Transaction, loaded: LoadedPack) -> PackPage:
    return PackPage(
        pack=loaded,
        owner=pack_histories.owner(tx, loaded.id),
        statuses=tuple((status, loaded.statuses.get(status, 0)) for status in reversed(Status)),
        exams=tuple(one.exam for one in packs.exams(tx) if one.pack_version_id == loaded.version_id),
        versions=pack_histories.versions(tx, loaded.id, MOST_VERSIONS),
        writers=tuple(registry.WRITERS.values()),
    )
