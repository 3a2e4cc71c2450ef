"""Errors: what a page says when something cannot be done, and the one place where domain errors become HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from app.errors import (
    Closed,
    Conflict,
    CutscoreError,
    Invalid,
    LoggedOut,
    Missing,
    Refused,
    TooLarge,
    TooMany,
    Unavailable,
)
from app.pages.render import html

_STATUSES: dict[type[CutscoreError], tuple[int, str]] = {
    LoggedOut: (401, "You are not logged in"),
    Refused: (403, "This is not open to you"),
    Missing: (404, "There is nothing here"),
    Closed: (409, "This has ended"),
    Conflict: (409, "Somebody was first"),
    TooLarge: (413, "That was too much"),
    Invalid: (422, "Something is not right"),
    TooMany: (429, "Too many tries"),
    Unavailable: (503, "Cutscore is not ready"),
}
_WHAT_NEXT = {
    404: "Check the address, or start from the list of exams.",
    405: "Start from the list of exams.",
    422: "Go back, reload the page, and try again. What was saved before is still there.",
    500: "What was acknowledged as saved is kept. Try again; if it goes on, tell whoever runs this server.",
    503: "Try again in a few seconds. What was acknowledged as saved is kept.",
}
_HTMX = "hx-request"


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """errors/page.html: what happened, what was kept, what to do. `back` is an address, or empty."""

    status: int
    title: str
    message: str
    what_next: str
    back: str


def status_of(error: CutscoreError) -> int:
    """The HTTP status of a domain error."""
    return _described(error)[0]


def retry_headers(error: CutscoreError) -> dict[str, str] | None:
    """When to try again, for errors that pass."""
    if isinstance(error, TooMany):
        return {"Retry-After": str(error.wait_seconds)}
    return {"Retry-After": "2"} if isinstance(error, Unavailable) else None


def install(app: FastAPI) -> None:
    """Put the handlers in place."""

    @app.exception_handler(CutscoreError)
    def domain(request: Request, error: CutscoreError) -> Response:
        status, title = _described(error)
        asked_in = isinstance(error, LoggedOut) and request.method == "GET"
        if asked_in and not _wants_text(request) and not _of_api(request):
            return RedirectResponse(f"/people/log-in?next={quote(request.url.path)}", 303)
        message = str(error)
        if isinstance(error, Invalid) and error.faults:
            message = "\n".join([message, *map(str, error.faults)])
        return _answer(request, status, title, message, retry_headers(error))

    @app.exception_handler(RequestValidationError)
    def unreadable(request: Request, error: RequestValidationError) -> Response:
        if any(fault["loc"][0] == "path" for fault in error.errors()):
            return _answer(request, 404, "There is nothing here", "No page has this address.")
        names = ", ".join(sorted({str(fault["loc"][-1]) for fault in error.errors()}))
        return _answer(request, 422, "Something is not right", f"These fields cannot be read: {names}.")

    @app.exception_handler(HTTPException)
    def other(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:  # noqa: PLR2004 - the status by its usual name
            return _answer(request, 404, "There is nothing here", "No page has this address.")
        if error.status_code == 413:  # noqa: PLR2004 - the status by its usual name
            return too_large(request, str(error.detail))
        headers = dict(error.headers) if error.headers else None
        return _answer(request, error.status_code, "This cannot be done", str(error.detail), headers)


def unforeseen(request: Request) -> Response:
    """The answer to a fault of this program."""
    return _answer(request, 500, "Something went wrong here", "The fault is on this server's side.")


def too_large(request: Request, message: str) -> Response:
    """The answer to more than is read."""
    return _answer(request, 413, "That was too much", message)


def _described(error: CutscoreError) -> tuple[int, str]:
    return next(
        (_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES),
        (500, "Something went wrong here"),
    )


def _wants_text(request: Request) -> bool:
    # Scripts and htmx read a message; people read a page. The address decides nothing else.
    return _HTMX in request.headers or "text/html" not in request.headers.get("accept", "text/html")


def _of_api(request: Request) -> bool:
    path = request.url.path
    return path.startswith("/api/") and not path.endswith("/docs")  # that one is a page


def _answer(
    request: Request, status: int, title: str, message: str, headers: dict[str, str] | None = None
) -> Response:
    if _of_api(request):
        return JSONResponse({"error": message}, status, headers)
    if _wants_text(request):
        return PlainTextResponse(message, status, headers)
    context = ErrorPage(status, title, message, _WHAT_NEXT.get(status, ""), "")
    return HTMLResponse(html("errors/page.html", context), status, headers)
