"""Imports by the JSON API: a file handed in, what it came to, and confirm or discard, as on the import pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Annotated, BinaryIO, ClassVar, Literal, cast

from anyio.to_thread import run_sync
from fastapi import APIRouter, Body, Depends, Query, Request

from app.errors import Invalid, Missing
from app.exam.person import Role
from app.exam.staging import EVERYTHING_ELSE, Target, Targets
from app.formats.registry import FORMATS
from app.pages import long_work, publishing, staged
from app.pages.bearers import ROOT, Bearer, problems
from app.pages.depends import Id, Now, TheSite
from app.pages.staged import Aim
from app.store import imports, jobs, uploads
from app.store.imports import Import
from app.store.jobs import Job

IN_MEMORY = 2**20
MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class JobState:
    """Work that goes on after its request was answered. `note` says what it is doing, or why it failed; `import_id`
    is the import that it made or confirmed, once it is done. Ask again every second or so while it is running."""

    job: int
    state: Literal["running", "done", "failed"]
    done: int
    total: int
    note: str
    import_id: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """Something of the file: where it stands and what is to be said of it."""

    at: str
    message: str


@dataclass(frozen=True, slots=True)
class Category:
    """A category of the file, "" for questions without one; the domain and topic that its questions go to."""

    name: str
    questions: int
    domain: str | None
    topic: str | None


@dataclass(frozen=True, slots=True)
class ImportState:
    """A file that was read. `pack` is where its questions go or went, `new` whether that pack is to be made,
    `version` the version of it that the import made. `left_out` questions were skipped or broken: the first 100 are
    listed."""

    import_id: int
    state: Literal["staged", "confirmed", "discarded", "undone"]
    file: str
    format: str | None
    made_at: datetime
    pack: str
    new: bool
    title: str
    version: str | None
    items: int
    single: int
    multiple: int
    ready: int
    left_out: int
    left_out_lines: list[Place]
    faults: list[Place]
    categories: list[Category]


@dataclass(frozen=True, slots=True)
class CategoryTarget:
    """The ids of a domain and a topic of the pack; null: as the file says."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    domain: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an import goes. `pack` is the id of a pack that is open to you, or of a new one, which gets `title`; left
    out, both are as the import says. `categories` maps categories of the file to domains and topics of a pack that is
    there, "" standing for everything else; what is left out goes where it went the last time."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    pack: str | None = None
    title: str | None = None
    categories: dict[str, CategoryTarget] = field(default_factory=dict)


# Only after it is known who asks is anything of a file read; what is large waits on the disk.
async def _file(request: Request, _who: Bearer) -> AsyncIterator[BinaryIO]:
    with SpooledTemporaryFile(IN_MEMORY) as file:
        async for chunk in request.stream():
            await run_sync(file.write, chunk)
        yield cast(BinaryIO, file)


GivenFile = Annotated[BinaryIO, Depends(_file)]
NOT_THERE = "There is no such thing, or it is not yours."
DECIDED = "It was confirmed or discarded already."
router = APIRouter(tags=["Imports"])


@router.post(
    ROOT + "/packs/imports",
    status_code=202,
    responses=problems(s413="The file is larger than this server takes."),
    openapi_extra={
        "requestBody": {
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
            "required": True,
        }
    },
)
def hand_in_a_file(
    file: GivenFile,
    who: Bearer,
    now: Now,
    site: TheSite,
    name: Annotated[str, Query(max_length=255, description="What the file is called.")] = "pack",
    format: Annotated[  # noqa: A002 - its name in the address
        str | None, Query(description="The format; left out: told from the content.")
    ] = None,
) -> JobState:
    """Hand in a file, its content as the body, and start to read it. No pack changes before it is confirmed."""
    if format is not None and format not in FORMATS:
        raise Invalid(f"There is no format {format!r}: choose one of {', '.join(FORMATS)}, or leave it out.")
    upload = uploads.put(site.database, file, now)
    job_id = staged.read(site, who, now, upload, staged.plain_name(name), format_name=format)
    return JobState(job_id, "running", 0, 0, "", None)


@router.get(ROOT + "/jobs/{job_id}", responses=problems(s404=NOT_THERE))
def job(job_id: Id, who: Bearer, now: Now, site: TheSite) -> JobState:
    """How far a piece of work is that you began."""
    with site.database.reading() as tx:
        one = jobs.get(tx, job_id)
    if one.made_by != who.id and not who.may(Role.ADMIN):
        raise Missing("There is no such job.")
    return _job_state(one, now)


@router.get(ROOT + "/packs/imports/{import_id}", responses=problems(s404=NOT_THERE))
def import_state(import_id: Id, who: Bearer, now: Now, site: TheSite) -> ImportState:
    """What a file came to, and where it goes."""
    with site.database.reading() as tx:
        one = imports.get(tx, import_id, who)
        aim = staged.aim_of(tx, one, who, now.date())
        made = imports.version_made(tx, one)
    return _import_state(one, aim, made)


@router.post(
    ROOT + "/packs/imports/{import_id}/confirm",
    status_code=202,
    responses=problems(s404=NOT_THERE, s409=DECIDED),
)
def confirm_an_import(
    import_id: Id,
    who: Bearer,
    now: Now,
    site: TheSite,
    to: Annotated[Destination | None, Body(description="Left out: where the import says.")] = None,
) -> JobState:
    """Put the questions into the pack, all of them or none. What it has word for word stays as it has it."""
    with site.database.writing() as tx:
        one = publishing.undecided(imports.get(tx, import_id, who))
        wanted = to or Destination()
        pack_id = one.pack_id if wanted.pack is None else wanted.pack
        is_new = all(each.id != pack_id for each in imports.packs_open_to(tx, who))
        title = (wanted.title or "").strip() or one.title
        same = pack_id == one.pack_id and is_new == one.is_new
        publishing.aim_at(tx, one, who, pack_id, title, one.mapping if same else {}, is_new=is_new)
        if wanted.categories:
            one = imports.get(tx, import_id, who)
            mapping = {**one.mapping, **_mapping(one, staged.aim_of(tx, one, who, now.date()), wanted)}
            publishing.aim_at(tx, one, who, pack_id, title, mapping, is_new=is_new)
    return JobState(publishing.confirm(site, import_id, who, now), "running", 0, 0, "", None)


@router.post(ROOT + "/packs/imports/{import_id}/discard", responses=problems(s404=NOT_THERE, s409=DECIDED))
def discard_an_import(import_id: Id, who: Bearer, now: Now, site: TheSite) -> ImportState:
    """Leave an import at that: nothing of it goes into a pack. The file is kept."""
    with site.database.writing() as tx:
        publishing.discard(tx, import_id, who, now)
        one = imports.get(tx, import_id, who)
        return _import_state(one, staged.aim_of(tx, one, who, now.date()), None)


def _mapping(one: Import, aim: Aim, wanted: Destination) -> Targets:
    """The categories of a request as targets. Raises Invalid for names that file or pack do not have."""
    if aim.base is None:
        raise Invalid("A new pack gets its domains from the file. Leave `categories` out.")
    names = {name for name, _ in one.document["categories"]} | {EVERYTHING_ELSE}
    domains, topics = {each.id for each in aim.domains}, {each.id for each in aim.topics}
    for name, target in wanted.categories.items():
        if name not in names:
            raise Invalid(f"The file has no category {name[:80]!r}. The import lists those that it has.")
        if target.domain is not None and target.domain not in domains:
            raise Invalid(f"The pack has no domain {target.domain[:80]!r}: {', '.join(sorted(domains))}.")
        if target.topic is not None and target.topic not in topics:
            raise Invalid(f"The pack has no topic {target.topic[:80]!r}.")
    return {name: Target(each.domain, each.topic) for name, each in wanted.categories.items()}


def _job_state(one: Job, now: datetime) -> JobState:
    made = (one.result or {}).get("import")
    if one.running(now):
        return JobState(one.id, "running", one.done, one.total, one.note, None)
    note = long_work.LOST if one.lost(now) else one.note
    return JobState(one.id, "failed" if one.result is None else "done", one.done, one.total, note, made)


def _import_state(one: Import, aim: Aim, version: str | None) -> ImportState:
    read = one.document
    return ImportState(
        import_id=one.id,
        state=cast(Literal["staged", "confirmed", "discarded", "undone"], one.state),
        file=one.file_name,
        format=one.format,
        made_at=one.made_at,
        pack=one.pack_id,
        new=one.is_new,
        title=one.title,
        version=version,
        items=len(read["index"]),
        single=read["single"],
        multiple=read["multiple"],
        ready=sum(line["status"] == "ready" for line in read["index"]),
        left_out=read["left_out"],
        left_out_lines=[Place(*line) for line in [*read["broken"], *read["skipped"]][:MOST_LINES]],
        faults=[Place(at, message) for at, _, message in read["faults"]],
        categories=[_category(name, count, aim) for name, count in read["categories"]],
    )


def _category(name: str, count: int, aim: Aim) -> Category:
    target = aim.mapping.get(name, aim.mapping.get(EVERYTHING_ELSE, Target()))
    return Category(name, count, target.domain, target.topic)
