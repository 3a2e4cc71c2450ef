"""Handing in a file: streamed to disk within a limit, kept as it came, and read in a child process."""

from __future__ import annotations

from dataclasses import dataclass

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from app.formats.registry import FORMATS
from app.pages import staged
from app.pages.depends import Instructor, Now, TheSite
from app.pages.render import page
from app.pages.site import Site
from app.store import uploads


@dataclass(frozen=True, slots=True)
class UploadPage:
    """uploads/page.html"""

    formats: tuple[str, ...]
    megabytes: int
    problem: str


router = APIRouter()


@router.get("/packs/import")
def choose(request: Request, who: Instructor, site: TheSite) -> Response:
    """The page on which a file is chosen."""
    return page(request, "uploads/page.html", _page(site), who)


@router.post("/packs/import")
async def hand_in(request: Request, who: Instructor, now: Now, site: TheSite) -> Response:
    """Take a file and start to read it. It is looked at who sends it before anything of it is taken."""
    async with request.form(max_files=1, max_fields=1) as form:
        given = form.get("file")
        if not isinstance(given, UploadFile) or not given.filename:
            return page(request, "uploads/page.html", _page(site, "Choose a file first."), who, 422)
        upload = await run_sync(uploads.put, site.database, given.file, now)
        name = staged.plain_name(given.filename)
    job_id = await run_sync(staged.read, site, who, now, upload, name)
    return RedirectResponse(f"/jobs/{job_id}", 303)


def _page(site: Site, problem: str = "") -> UploadPage:
    titles = tuple(each.title for each in FORMATS.values())
    return UploadPage(titles, site.settings.upload_megabytes, problem)
