"""Reading an upload in the child process of `app.work`: what a format's reader makes of it, and the findings of the
item-writing rules, as the staging that app/store/imports.py keeps. Nothing is written here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from app.exam import quality
from app.exam.faults import Fault, Place, Severity
from app.exam.faults import quality as quality_fault
from app.exam.image import in_words
from app.exam.item import Item, Status, canonical, to_plain
from app.exam.pack import Pack
from app.exam.quality.repeats import Text, likenesses, message, text_of
from app.exam.staging import category_of
from app.formats import native, registry
from app.formats.drafts import is_broken
from app.formats.reading import Reading, report
from app.formats.table import Preview
from app.picturing import part
from app.store import uploads
from app.store.bank import questions
from app.store.database import Database

Progress = Callable[[int, int, str], None]

LISTED = 500
"""Of what was skipped, broken or said of the file, so many lines are kept; the counts are of all."""
OPENING = 120
_WORST = (Severity.ERROR, Severity.WARNING, Severity.INFO)


def read(request: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Read request["upload"] (a hash), called request["file_name"], by request["format"] and request["columns"] if
    they are not None, and compare it with the items in use of request["packs"]: {"format", "pack_id", "title",
    "document", "items"}, the last two as JSON text. Its images are the parts of the result.
    """
    progress(0, 0, "Reading the file")
    database = Database(request["database_url"], pool_size=1)
    with database.reading() as tx:
        content = uploads.content(tx, request["upload"])
    name, columns = request["file_name"], request["columns"]
    reading = registry.read_upload(name, content, request["format"], columns)
    look = registry.look_upload(name, content, reading.format)
    repeats = _repeats(reading, database, request["packs"], progress)
    database.close()
    found = findings(reading, repeats, date.fromisoformat(request["as_of"]), progress)
    return {
        "format": reading.format,
        "pack_id": reading.pack.id if reading.pack else "",
        "title": reading.pack.title if reading.pack else "",
        "document": canonical(document(reading, look, columns, found)),
        "items": list(lines(reading, repeats)),
        "parts": (part(name, content) for name, content in reading.media.items()),
    }


def _repeats(
    reading: Reading, database: Database, pack_ids: Sequence[str], progress: Progress
) -> dict[str, Fault]:
    """L33 for every item that asks what one of these packs asks already, by its id."""
    if reading.pack is None:
        return {}
    progress(0, 0, "Comparing with the packs that are there")
    with database.reading() as tx:
        bank = (
            Text(f"item {code} of {title}", code, asked.stem, tuple(text for _, text in asked.options))
            for title, code, asked in questions(tx, pack_ids)
        )
        found = likenesses([text_of(item) for item in reading.pack.items], bank)
    return {
        name: quality_fault(reading.places.get(name, Place(item=name)), "L33", *message(one))
        for name, one in found.items()
    }


def document(
    reading: Reading, look: Preview | None, columns: object, found: Mapping[str, list[Fault]]
) -> dict[str, Any]:
    """All that is known of the reading but the items themselves; `index` has a line for each of them."""
    pack = reading.pack
    items = pack.items if pack else ()
    broken = [fault for fault in reading.faults if is_broken(fault)]
    told = [fault for fault in reading.faults if not is_broken(fault) and fault.at.item is None]
    counts = report(reading, ())
    head = replace(pack, items=()).plain() if pack else None
    return {
        "single": counts["single"],
        "multiple": counts["multiple"],
        "left_out": len(reading.skipped) + len(broken),
        "skipped": [[str(one.at), one.why] for one in reading.skipped[:LISTED]],
        "broken": [[str(one.at), one.message] for one in broken[:LISTED]],
        "faults": [[str(one.at), one.severity.value, one.message] for one in told[:LISTED]],
        "look": _look(look),
        "columns": columns,
        "pack": head,
        "categories": list(Counter(map(category_of, items)).items()),
        "index": [_line(item, found.get(item.id, [])) for item in items],
    }


def _look(look: Preview | None) -> dict[str, Any] | None:
    if look is None:
        return None
    return {
        "header": list(look.header),
        "rows": [list(row) for row in look.rows],
        "columns": look.columns,
        "preset": look.preset,
    }


def _line(item: Item, found: list[Fault]) -> dict[str, Any]:
    worst = [fault.severity for fault in found]
    return {
        "id": item.id,
        "opening": " ".join(in_words(item.stem)[: 4 * OPENING].split())[:OPENING],
        "status": quality.delivered_status(item, found).value,
        "content": item.content_sha256,
        "rules": sorted({fault.rule for fault in found if fault.severity is not Severity.INFO}),
        "worst": next((one.value for one in _WORST if one in worst), ""),
    }


def lines(reading: Reading, repeats: Mapping[str, Fault]) -> Iterator[str]:
    """Each item with its place and what its reader noted on it, or which item of the bank it repeats."""
    notes: dict[str, list[list[str]]] = {}
    for fault in (*reading.faults, *repeats.values()):
        if fault.at.item is not None and not is_broken(fault):
            notes.setdefault(fault.at.item, []).append([fault.severity.value, fault.rule, fault.message])
    for item in reading.pack.items if reading.pack else ():
        place = reading.places.get(item.id, Place())
        at = f"{place.file}:{place.line}" if place.line else place.file
        yield canonical({"item": to_plain(item), "at": at, "notes": notes.get(item.id, [])})


def findings(
    reading: Reading, repeats: Mapping[str, Fault], as_of: date, progress: Progress
) -> dict[str, list[Fault]]:
    """Every finding on an item, by its id: of the reader and of the rules.

    The rules that look at a bank as a whole take long, and only keep items from being ready: drafts are spared them.
    """
    found: dict[str, list[Fault]] = {}
    if reading.pack is None:
        return found
    for fault in (*reading.faults, *repeats.values(), *_checked(reading, reading.pack, as_of, progress)):
        if fault.at.item is not None:
            found.setdefault(fault.at.item, []).append(fault)
    return found


def _checked(reading: Reading, pack: Pack, as_of: date, progress: Progress) -> Iterator[Fault]:
    def told(done: int, total: int) -> None:
        progress(done, total, "Looking at the items")

    if reading.format == native.NAME and any(item.status is Status.READY for item in pack.items):
        yield from quality.check(pack, as_of, reading.places, progress=told)
        return
    standard = quality.standard_of(pack, as_of)
    for number, item in enumerate(pack.items):
        told(number, len(pack.items))
        yield from quality.check_item(item, standard, Place(item=item.id))
