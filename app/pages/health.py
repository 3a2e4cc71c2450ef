"""Health: is the process up, and is it ready to serve."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse, PlainTextResponse, Response

from app.errors import Unavailable
from app.pages.depends import TheSite

router = APIRouter()


@router.get("/healthz")
async def process_is_up() -> Response:
    """Answers as long as the process runs; reads nothing, so every exam page may ask every few seconds."""
    return PlainTextResponse("ok")


@router.get("/readyz")
def ready(site: TheSite) -> Response:
    """Whether the database is reachable and at head, and the clock has not been moved under the exams."""
    site.clock.now()
    try:
        at_head = site.database.at_head()
    except Unavailable as error:
        return JSONResponse({"ready": False, "why": str(error)}, 503, {"Retry-After": "2"})
    if not at_head:
        return JSONResponse({"ready": False, "why": "The database is not at head: run the migrations."}, 503)
    if site.clock.drifted:
        why = "The system clock was moved by more than 30 s. Attempts go by the steady clock; restart the server."
        return JSONResponse({"ready": False, "why": why}, 503)
    return JSONResponse({"ready": True})
