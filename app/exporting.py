"""Packs on their way out: a pack in use, written in a format, and what that format could not carry.

The command `packs export` does it at once, pages in the child process of `app.work`: the native format of a large
pack takes seconds.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.formats import registry
from app.formats.writing import Left
from app.store import media, packs
from app.store.database import Database


@dataclass(frozen=True, slots=True)
class Exported:
    """A written pack, with the name that its file goes by."""

    name: str
    media_type: str
    content: bytes
    left: tuple[Left, ...]


def exported(database: Database, pack_id: str, format_name: str) -> Exported:
    """A pack in use in one of `registry.WRITERS`. Raises Missing, or Invalid for a format that nothing writes."""
    writer = registry.writer(format_name)
    with database.reading() as tx:
        pack = packs.whole(tx, pack_id)
        images = media.contents(tx, {name for item in pack.items for name in item.media})
    written = writer.write(pack, images)
    name = f"{pack.id}-{pack.version}.{writer.ending_of(written.content)}"
    return Exported(name, writer.type_of(written.content), written.content, written.left)


def export(request: Mapping[str, Any], _progress: Callable[[int, int, str], None]) -> dict[str, Any]:
    """The same as plain values: request["pack"] in request["format"], the content in base64."""
    database = Database(request["database_url"])
    try:
        made = exported(database, request["pack"], request["format"])
    finally:
        database.close()
    return {
        "name": made.name,
        "media_type": made.media_type,
        "content": b64encode(made.content).decode("ascii"),
    }


def told(left: tuple[Left, ...], most: int) -> list[str]:
    """What a format could not carry, a line for each item and a last one for those beyond `most`."""
    lines = [f"{one.item or 'the pack'}: {one.what}" for one in left[:most]]
    return [*lines, *([f"and of {len(left) - most} more"] if len(left) > most else [])]
