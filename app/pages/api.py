"""The JSON API, for the pipelines of question repositories: the rules and the code of the pages, by bearer token."""

from __future__ import annotations

from base64 import b64encode
from threading import BoundedSemaphore
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse, Response

from app.errors import LoggedOut, Missing, Unavailable
from app.exam.person import Person, Role
from app.pages import exports, long_work
from app.pages.depends import LARGEST_ID, Now, TheSite, hash_token
from app.store import analyses, api_tokens, exam_results, pack_access, packs, people
from app.store.database import Transaction

ROOT = "/api/v1"
AT_ONCE = 2
CHECK = long_work.Limits(megabytes=256, cpu_seconds=30, seconds=60)
MOST_RESULTS = 1_000
_room = BoundedSemaphore(AT_ONCE)


async def _content(request: Request) -> bytes:
    return await request.body()


def bearer(request: Request, now: Now, site: TheSite) -> Person:
    """Whose token came with the request. Raises LoggedOut, and Refused unless they are an instructor."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    with site.database.reading() as tx:
        found = api_tokens.bearer(tx, hash_token(token.strip()), now) if kind.lower() == "bearer" else None
        who = people.get(tx, found.person_id) if found else None
    if found is None or who is None:
        raise LoggedOut("Send a token: Authorization: Bearer … Instructors make them at /people/tokens.")
    who.require(Role.INSTRUCTOR)
    if not found.fresh:
        with site.database.writing() as tx:
            api_tokens.touch(tx, found.token_id, now)
    return who


Bearer = Annotated[Person, Depends(bearer)]
Content = Annotated[bytes, Depends(_content)]
router = APIRouter()


@router.post(
    ROOT + "/packs/check",
    openapi_extra={"requestBody": {"content": {"application/octet-stream": {}}, "required": True}},
)
def check(
    content: Content,
    who: Bearer,  # noqa: ARG001 - who asks is checked
    now: Now,
    site: TheSite,
    name: Annotated[str, Query(max_length=255)] = "pack",
    format: str | None = None,  # noqa: A002 - its name in the address
    ready: bool = False,
) -> Response:
    """Check a file: its content is the body, `name` what it is called. Answers with the document of
    `packs check --json`: with status 200 where that command ends with 0, and 422 where it ends with 1."""
    if not _room.acquire(blocking=False):
        raise Unavailable("Other files are being checked. Try again in a few seconds.")
    request = {"content": b64encode(content).decode("ascii"), "file_name": name, "format": format}
    try:
        made = long_work.run(
            site, "check", {**request, "as_of": now.date().isoformat(), "ready": ready}, CHECK
        )
    finally:
        _room.release()
    return JSONResponse(made["document"], 200 if made["acceptable"] else 422)


@router.get(ROOT + "/packs")
def list_packs(who: Bearer, site: TheSite) -> Response:
    """The packs that one may see, with the number of their items by status and their exams."""
    with site.database.reading() as tx:
        exams, mine = packs.exams(tx), pack_access.visible(tx, who)
        found = [one for one in packs.loaded(tx) if one.id in mine]
    lines = [
        {
            "id": one.id,
            "version": one.version,
            "title": one.title,
            "loaded_at": one.loaded_at.isoformat(),
            "items": {status.value: count for status, count in one.statuses.items()},
            "exams": [each.exam.id for each in exams if each.pack_version_id == one.version_id],
        }
        for one in found
    ]
    return JSONResponse({"packs": lines})


@router.get(ROOT + "/packs/{pack_id}/export")
def export(pack_id: str, who: Bearer, site: TheSite, format: str = "native") -> Response:  # noqa: A002
    """The pack in use as a file in one of the formats that there is a writer for."""
    with site.database.reading() as tx:
        pack_access.require(tx, pack_id, who)
    return exports.exported(site, pack_id, format)


@router.get(ROOT + "/exams/{exam_id}/items")
def items(exam_id: str, who: Bearer, site: TheSite) -> Response:
    """What the last analysis says of every item; `analysed_at` is null before the first one."""
    with site.database.reading() as tx:
        _require(tx, exam_id, who)
        analysis = analyses.latest(tx, exam_id)
        lines = analyses.lines(tx, analysis.id) if analysis else ()
    made_at = analysis.made_at.isoformat() if analysis else None
    return JSONResponse({"exam": exam_id, "analysed_at": made_at, "items": [one.plain() for one in lines]})


@router.get(ROOT + "/exams/{exam_id}/results")
def results(
    exam_id: str, who: Bearer, site: TheSite, after: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0
) -> Response:
    """Scored attempts without the people, at most 1,000; `next` is the `after` of those that follow, or null."""
    with site.database.reading() as tx:
        _require(tx, exam_id, who)
        found = exam_results.of_exam(tx, exam_id, after, MOST_RESULTS)
    more = found[-1].attempt if len(found) == MOST_RESULTS else None
    return JSONResponse({"exam": exam_id, "results": [one.plain() for one in found], "next": more})


@router.get(ROOT + "/openapi.json")
async def openapi() -> Response:
    """What this API can do, as OpenAPI."""
    return JSONResponse(document())


def document() -> dict[str, Any]:
    """The OpenAPI document of this module's routes."""
    made = get_openapi(title="Cutscore", version="1", routes=router.routes)
    made.setdefault("components", {})["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return {**made, "security": [{"token": []}]}


def _require(tx: Transaction, exam_id: str, who: Person) -> None:
    stored = packs.exam(tx, exam_id)
    owner = next(one.id for one in packs.loaded(tx) if one.version_id == stored.pack_version_id)
    if owner not in pack_access.visible(tx, who):
        raise Missing("There is no such exam.")
