"""The JSON API, for the pipelines of question repositories: the rules and the code of the pages, by bearer token.

Here are checks, packs, statistics and results; api_imports.py has imports, api_docs.py the description.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from threading import BoundedSemaphore
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse, Response

from app.errors import Missing, Unavailable
from app.exam.item_analysis import Line
from app.formats import registry
from app.pages import exports, long_work, staged
from app.pages.bearers import ROOT, Bearer, problems
from app.pages.depends import LARGEST_ID, Now, TheSite
from app.store import analyses, exam_results, pack_access, packs
from app.store.database import Transaction
from app.store.exam_results import ExamResult

AT_ONCE = 2
MOST_RESULTS = 1_000
_room = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class SkippedQuestion:
    """A question of a kind that is not delivered. `at` names file and line."""

    at: str
    why: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. `at` names file, line and item. Faults of structure refuse the file; those of quality, when they are
    errors, only keep an item from being ready."""

    at: str
    rule: str
    kind: Literal["structure", "quality"]
    severity: Literal["error", "warning", "info"]
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a file came to: the document of `packs check --json`. `items` counts what would be imported, drafts
    included; `format` is null when the content is in none that is known."""

    format: str | None
    items: int
    single: int
    multiple: int
    skipped: list[SkippedQuestion]
    faults: list[Finding]


@dataclass(frozen=True, slots=True)
class PackLine:
    """A pack in use: the number of its items by status, and the ids of its exams."""

    id: str
    version: str
    title: str
    loaded_at: datetime
    items: dict[str, int]
    exams: list[str]


@dataclass(frozen=True, slots=True)
class PackList:
    """The packs that one may see."""

    packs: list[PackLine]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the last analysis says of every item; `analysed_at` is null before the first one."""

    exam: str
    analysed_at: datetime | None
    items: list[Line]


@dataclass(frozen=True, slots=True)
class Results:
    """Scored attempts without the people, at most 1,000; `next` is the `after` of those that follow, or null."""

    exam: str
    results: list[ExamResult]
    next: int | None


# Only after it is known who asks is anything of a file read.
async def _content(request: Request, _who: Bearer) -> bytes:
    return await request.body()


Content = Annotated[bytes, Depends(_content)]
NOT_THERE = "There is no such thing, or it is not open to you."
FILE = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
router = APIRouter()


@router.post(
    ROOT + "/packs/check",
    response_model=Report,
    responses={
        **problems(s413="The file is larger than this server takes."),
        422: {"model": Report, "description": "The same, of a file with which the command would end with 1."},
    },
    openapi_extra={"requestBody": {**FILE, "required": True}},
    tags=["Packs"],
)
def check_a_file(
    content: Content,
    who: Bearer,  # noqa: ARG001 - who asks is checked
    now: Now,
    site: TheSite,
    name: Annotated[str, Query(max_length=255, description="What the file is called.")] = "pack",
    format: Annotated[  # noqa: A002 - its name in the address
        str | None, Query(description="The format; left out: told from the content.")
    ] = None,
    ready: Annotated[bool, Query(description="Hold every item to the rules of ready ones.")] = False,
) -> Response:
    """Check a file: its content is the body. Nothing is kept. The status is 200 where `packs check` ends with 0."""
    if not _room.acquire(blocking=False):
        raise Unavailable("Other files are being checked. Try again in a few seconds.")
    request = {"content": b64encode(content).decode("ascii"), "file_name": name, "format": format}
    try:
        made = long_work.run(
            site,
            "check",
            {**request, "as_of": now.date().isoformat(), "ready": ready},
            staged.limits_for(len(content)),
        )
    finally:
        _room.release()
    return JSONResponse(made["document"], 200 if made["acceptable"] else 422)


@router.get(ROOT + "/packs", responses=problems(), tags=["Packs"])
def list_packs(who: Bearer, site: TheSite) -> PackList:
    """The packs that one may see, with the number of their items by status and their exams."""
    with site.database.reading() as tx:
        exams, mine = packs.exams(tx), pack_access.visible(tx, who)
        found = [one for one in packs.loaded(tx) if one.id in mine]
    return PackList(
        [
            PackLine(
                one.id,
                one.version,
                one.title,
                one.loaded_at,
                {status.value: count for status, count in one.statuses.items()},
                [each.exam.id for each in exams if each.pack_version_id == one.version_id],
            )
            for one in found
        ]
    )


@router.get(
    ROOT + "/packs/{pack_id}/export",
    response_class=Response,
    responses={
        200: {"description": "The file.", **FILE},
        **problems(s404=NOT_THERE),
    },
    tags=["Packs"],
)
def export_a_pack(
    pack_id: str,
    who: Bearer,
    site: TheSite,
    format: Annotated[  # noqa: A002 - its name in the address
        str, Query(description=f"One of {', '.join(registry.WRITERS)}.")
    ] = "native",
) -> Response:
    """The pack in use as a file, in one of the formats that there is a writer for."""
    with site.database.reading() as tx:
        pack_access.require(tx, pack_id, who)
    return exports.exported(site, pack_id, format)


@router.get(ROOT + "/exams/{exam_id}/items", responses=problems(s404=NOT_THERE), tags=["Exams"])
def item_statistics(exam_id: str, who: Bearer, site: TheSite) -> Statistics:
    """What the last analysis says of every item."""
    with site.database.reading() as tx:
        _require(tx, exam_id, who)
        analysis = analyses.latest(tx, exam_id)
        lines = analyses.lines(tx, analysis.id) if analysis else ()
    return Statistics(exam_id, analysis.made_at if analysis else None, list(lines))


@router.get(ROOT + "/exams/{exam_id}/results", responses=problems(s404=NOT_THERE), tags=["Exams"])
def list_results(
    exam_id: str,
    who: Bearer,
    site: TheSite,
    after: Annotated[int, Query(ge=0, le=LARGEST_ID, description="Only attempts with a higher id.")] = 0,
) -> Results:
    """Scored attempts without the people, by their ids."""
    with site.database.reading() as tx:
        _require(tx, exam_id, who)
        found = exam_results.of_exam(tx, exam_id, after, MOST_RESULTS)
    return Results(exam_id, list(found), found[-1].attempt if len(found) == MOST_RESULTS else None)


def _require(tx: Transaction, exam_id: str, who: Bearer) -> None:
    stored = packs.exam(tx, exam_id)
    owner = next(one.id for one in packs.loaded(tx) if one.version_id == stored.pack_version_id)
    if owner not in pack_access.visible(tx, who):
        raise Missing("There is no such exam.")
