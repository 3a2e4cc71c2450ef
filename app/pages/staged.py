"""A staged import and where it is to go: what the pages that show it, change it and publish it have in common."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import PurePosixPath
from typing import Any

from app.exam.item import Item, Status, from_plain
from app.exam.lexicon import Lexicon
from app.exam.pack import Domain, Topic
from app.exam.person import Person
from app.exam.quality import Standard, standard_of
from app.exam.staging import Fate, Targets, admitted, domains_for, fate, mapped, pack_of
from app.pages import long_work
from app.pages.site import Site
from app.store import imports, item_rows, media, pack_access, pack_versions, packs, uploads
from app.store.database import Database, Transaction
from app.store.imports import Import, TargetPack

SMALL = 256 * 1024
"""Bytes of a file that is read in seconds, whatever is in it; thousands of questions are more."""
LONGEST_ID = 64
LONGEST_NAME = 200
NATIVE = "native"


@dataclass(frozen=True, slots=True)
class Aim:
    """The pack that an import is to go to: `base` when it is there already, and what it takes in."""

    base: TargetPack | None
    domains: tuple[Domain, ...]
    topics: tuple[Topic, ...]
    mapping: Targets
    standard: Standard


@dataclass(frozen=True, slots=True)
class Judged:
    """An item as the pack would take it in. `fate` says under which version, or that the pack has it already."""

    item: Item
    fate: Fate
    at: str
    notes: tuple[tuple[str, str, str], ...]


def limits_for(size: int) -> long_work.Limits:
    """What the child may use that reads a file of so many bytes.

    A hostile one is refused by its reader in a few seconds; this is for what nobody foresaw. Honest ones, of 5,000
    questions or of 20 MB with all the images that are taken, need half of it on a busy machine. The time on the wall
    is long: it runs out only where a machine is very busy.
    """
    seconds = 10 if size <= SMALL else 13 + size // 2**21
    return long_work.Limits(megabytes=256, cpu_seconds=seconds, seconds=10 * seconds)


def read(
    site: Site,
    who: Person,
    now: datetime,
    upload: str,
    file_name: str,
    *,
    format_name: str | None = None,
    columns: dict[str, int] | str | None = None,
    instead_of: Import | None = None,
) -> int:
    """Start to read a file; what comes of it takes the place of an earlier reading, if there is one. The job."""

    def prepare(database: Database, made: dict[str, Any]) -> dict[str, Any]:
        return {"import": keep(database, who, now, upload, file_name, made, instead_of)}

    def keep_image(database: Database, part: dict[str, Any]) -> None:
        media.put(database, {part["name"]: b64decode(part["content"])})

    def take(tx: Transaction, made: dict[str, Any]) -> dict[str, Any]:
        imports.stage(tx, made["import"], instead_of.id if instead_of else None)
        return {"see": f"/packs/imports/{made['import']}", "import": made["import"]}

    with site.database.reading() as tx:
        beside = sorted(pack_access.visible(tx, who))
        limits = limits_for(uploads.size(tx, upload))
    request = {
        "upload": upload,
        "packs": beside,
        "file_name": file_name,
        "format": format_name,
        "columns": columns,
        "as_of": now.date().isoformat(),
    }
    return long_work.start(
        site,
        "import",
        file_name[:128],
        request,
        take,
        made_by=who.id,
        prepare=prepare,
        keep=keep_image,
        limits=limits,
    )


def keep(
    database: Database,
    who: Person,
    now: datetime,
    upload: str,
    file_name: str,
    made: dict[str, Any],
    instead_of: Import | None = None,
) -> int:
    """Store what `app.importing.read` made of a file, where nobody sees it yet; the id of the import."""
    with database.reading() as tx:
        goes = _where(tx, made, instead_of, who)
    new = imports.NewImport(upload, file_name, made["format"], made["document"], **goes, made_by=who.id)
    return imports.put(database, new, made["items"], now)


def aim_of(tx: Transaction, one: Import, who: Person, as_of: date) -> Aim:
    """Where an import is to go, with the mapping as it stands: what was said of it, else what is remembered."""
    base = None
    if not one.is_new:
        base = next((each for each in imports.packs_open_to(tx, who) if each.id == one.pack_id), None)
    if base is not None:
        embargo = max(
            (each.exam.embargo_days for each in packs.exams(tx) if each.pack_version_id == base.version_id),
            default=0,
        )
        standard = Standard(as_of, base.lexicon or Lexicon(), timedelta(days=embargo))
        return Aim(
            base, base.domains, base.topics, {**imports.remembered(tx, base.id), **one.mapping}, standard
        )
    head = one.document["pack"]
    if head is None:
        return Aim(None, (), (), {}, Standard(as_of))
    new = pack_of(head, ())
    if new.domains:
        return Aim(None, new.domains, new.topics, one.mapping, standard_of(new, as_of))
    domains, mapping = domains_for((name for name, _ in one.document["categories"]), one.title)
    return Aim(None, domains, new.topics, mapping, standard_of(new, as_of))


def judged(
    tx: Transaction, one: Import, aim: Aim, rows: Iterable[tuple[int, dict[str, Any]]]
) -> list[tuple[int, Judged]]:
    """Items of an import as the pack would take them in, with their places in the file's order."""
    read_items = [(number, plain, from_plain(plain["item"])) for number, plain in rows]
    codes = [item.id for _, _, item in read_items]
    known = item_rows.known(tx, one.pack_id, codes)
    held = pack_versions.in_pack(tx, one.pack_id) if aim.base else {}
    domains, topics = {each.id for each in aim.domains}, {each.id for each in aim.topics}
    approvals = aim.base.approvals if aim.base else 0
    found = []
    for number, plain, item in read_items:
        status = Status(one.document["index"][number]["status"])
        taken = admitted(
            mapped(replace(item, status=status), aim.mapping), domains, topics, aim.standard, approvals
        )
        what = fate(taken, known.get(item.id, {}), held.get(item.id))
        found.append((number, Judged(taken, what, plain["at"], tuple(map(tuple, plain["notes"])))))
    return found


def _where(tx: Transaction, made: dict[str, Any], before: Import | None, who: Person) -> dict[str, Any]:
    """The pack that a file goes to unless somebody says otherwise: the one of its own id, or a new one."""
    if before is not None and (not before.is_new or before.document["pack"]):
        return {"pack_id": before.pack_id, "is_new": before.is_new, "title": before.title}
    wanted = made["pack_id"] or "import"
    title = made["title"] or wanted
    if made["format"] != NATIVE:  # a foreign file is called by its name, which ends as files do
        title = PurePosixPath(title).stem
    if any(each.id == wanted for each in imports.packs_open_to(tx, who)):
        return {"pack_id": wanted, "is_new": False, "title": title}
    names = (wanted if number == 1 else f"{wanted[: LONGEST_ID - 6]}-{number}" for number in count(1))
    free = next(name for name in names if not imports.is_taken(tx, name, who))
    return {"pack_id": free, "is_new": True, "title": title}


def plain_name(name: str) -> str:
    """The name of a file without folders and without characters that do not show."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:LONGEST_NAME] or "file"
