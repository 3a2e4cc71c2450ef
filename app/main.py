"""create_app(settings): everything put together."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from starlette.responses import Response
from starlette.routing import Match, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from app.pages import (
    api,
    api_docs,
    api_imports,
    assignments,
    attempts,
    audit,
    bank,
    bank_edits,
    bank_items,
    cohort_results,
    cohorts,
    debriefs,
    decisions,
    errors,
    exams,
    guard,
    health,
    history,
    home,
    imports,
    invitations,
    item_details,
    item_reports,
    items,
    jobs,
    links,
    measurement,
    media,
    member_results,
    metrics,
    notes,
    own_data,
    pack_details,
    pack_exams,
    packs,
    people,
    practice,
    practice_questions,
    practice_sets,
    questions,
    regrades,
    reports,
    responses,
    results,
    reviews,
    sessions,
    standards,
    status,
    study,
    technical_reports,
    tokens,
    uploads,
    verifications,
)
from app.pages.render import static_digest
from app.pages.saves import SaveResponse
from app.pages.site import Site
from app.settings import ROOT, Settings
from app.store.database import POOL_SIZE, Database

HTMX_SHA256 = "71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de"


class Unchanging(StaticFiles):
    """Static files under an address that changes with their content: browsers may keep them for ever."""

    def file_response(self, *arguments: object, **named: object) -> Response:
        """A file, for a year."""
        answer: Response = super().file_response(*arguments, **named)  # type: ignore[arg-type]  # handed on as they came
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


class Application(FastAPI):
    """All pages. A save, the one hot path, goes through the guard straight to its endpoint: the framework's own
    way there costs as much as the save."""

    save: Route
    guarded_save: guard.Guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["method"] == "PUT":
            match, found = self.save.matches(scope)
            if match is Match.FULL:
                await self.guarded_save({**scope, **found, "route": self.save}, receive, send)
                return
        await super().__call__(scope, receive, send)


def create_app(settings: Settings, database: Database | None = None) -> Application:
    """The application. Its database is expected at head (`app.cli` migrates before it serves)."""
    site = Site(settings, database or Database(settings.database_url))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # A page holds at most one connection, and the saves have one of their own: nobody waits for the pool.
        current_default_thread_limiter().total_tokens = POOL_SIZE - 1
        yield
        site.database.close()

    app = Application(
        title="Cutscore",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # such a redirect would repeat whatever host name was asked for
    )
    app.state.site = site
    app.add_middleware(guard.Guard, settings=settings, tally=site.tally)
    errors.install(app)
    save = SaveResponse(site)
    app.save = Route(guard.SAVE, save, methods=["PUT"])
    app.guarded_save = guard.Guard(save, settings, site.tally)
    app.router.routes.append(app.save)
    app.router.routes.append(Route(f"/static/{static_digest()}/htmx.js", _htmx))
    app.router.routes.append(Mount(f"/static/{static_digest()}", Unchanging(directory=ROOT / "static")))
    for noun in (
        health,
        metrics,
        status,
        home,
        exams,
        history,
        attempts,
        responses,
        reports,
        reviews,
        debriefs,
        questions,
        notes,
        verifications,
        results,
        cohorts,
        invitations,
        assignments,
        cohort_results,
        member_results,
        practice,
        practice_sets,  # before its questions: "end" is no position
        practice_questions,
        study,
        media,
        uploads,  # its paths and those of imports stand before any that take the id of a pack
        imports,
        decisions,
        packs,
        jobs,
        technical_reports,  # before measurement: "report" is no version
        measurement,
        items,
        item_details,
        item_reports,
        regrades,
        standards,
        sessions,
        links,
        tokens,
        audit,
        own_data,
        people,
        api_docs,
        api,
        api_imports,
        bank,
        bank_items,
        bank_edits,
        pack_exams,
        pack_details,  # after what has a word of its own below /packs
    ):
        app.include_router(noun.router)
    return app


def settle() -> None:
    """Once before a process serves: what is in memory by now stays, so the garbage collector need not look through
    it again and again, which stops every request for up to 100 ms."""
    gc.collect()
    gc.freeze()


async def _htmx(_request: object) -> Response:
    return Response(
        _htmx_file(),
        media_type="text/javascript",
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )


def _htmx_file() -> bytes:
    """htmx 2 from the installed wheel, and no other file of it. RuntimeError when it is not the one we know."""
    content = (files("django_htmx") / "static" / "django_htmx" / "htmx-2.min.js").read_bytes()
    if hashlib.sha256(content).hexdigest() != HTMX_SHA256:
        raise RuntimeError("The installed htmx is not the one that was tested: install requirements.lock.")
    return content
