"""Packs: what is loaded, for instructors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.exam.item import Status
from app.exam.pack import Exam
from app.pages.depends import Instructor, TheSite
from app.pages.render import page
from app.store import pack_access, packs


@dataclass(frozen=True, slots=True)
class PackLine:
    """A loaded pack: how many items by status, what its last load found wrong, and the exams it defines."""

    id: str
    title: str
    version: str
    loaded_at: datetime
    ready: int
    review: int
    draft: int
    retired: int
    faults: tuple[str, ...]
    exams: tuple[Exam, ...]


@dataclass(frozen=True, slots=True)
class PacksPage:
    """packs/list.html"""

    packs: tuple[PackLine, ...]


router = APIRouter()


@router.get("/packs")
def list_packs(request: Request, who: Instructor, site: TheSite) -> Response:
    """The packs in use that this instructor may see."""
    with site.database.reading() as tx:
        exams, visible = packs.exams(tx), pack_access.visible(tx, who)
        lines = tuple(
            PackLine(
                id=each.id,
                title=each.title,
                version=each.version,
                loaded_at=each.loaded_at,
                ready=each.statuses.get(Status.READY, 0),
                review=each.statuses.get(Status.REVIEW, 0),
                draft=each.statuses.get(Status.DRAFT, 0),
                retired=each.statuses.get(Status.RETIRED, 0),
                faults=each.faults,
                exams=tuple(one.exam for one in exams if one.pack_version_id == each.version_id),
            )
            for each in packs.loaded(tx)
            if each.id in visible
        )
        return page(request, "packs/list.html", PacksPage(lines), who)
