"""Images of items, each once under the hash of what is seen. Nobody learns of one but from a text that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from app.errors import Missing
from app.exam.image import FOLDER, Image, parsed
from app.store.database import Database, insert_or
from app.store.tables import medium


@dataclass(frozen=True, slots=True)
class Medium:
    """An image as it is sent."""

    type: str
    content: bytes


def put(database: Database, files: Mapping[str, bytes]) -> None:
    """Keep images that were encoded here, by name, each in a transaction of its own; what is there already stays."""
    for name, content in files.items():
        image = parsed(name)
        if image is None:
            raise ValueError(f"{name!r} is not the name of a stored image")
        row = {"sha256": image.sha256, "type": image.type, "width": image.width, "height": image.height}
        with database.writing() as tx:
            tx.execute(insert_or(tx, medium).values(**row, content=content).on_conflict_do_nothing())


def get(tx: Connection, sha256: str) -> Medium:
    """An image by its hash. Raises Missing."""
    found = select(medium.c.type, medium.c.content).where(medium.c.sha256 == sha256)
    row = tx.execute(found).one_or_none()
    if row is None:
        raise Missing("There is no such image.")
    return Medium(row.type, row.content)


def known(tx: Connection, names: Iterable[str]) -> frozenset[str]:
    """Those of the names that are of stored images, with their true sizes."""
    images = _parsed(names)
    columns = (medium.c.sha256, medium.c.width, medium.c.height)
    rows = tx.execute(select(*columns).where(medium.c.sha256.in_([each.sha256 for each in images.values()])))
    sizes = {row.sha256: (row.width, row.height) for row in rows}
    return frozenset(
        name for name, each in images.items() if sizes.get(each.sha256) == (each.width, each.height)
    )


def contents(tx: Connection, names: Iterable[str]) -> dict[str, bytes]:
    """The bytes of images by name; names of images that are not stored are left out."""
    images = _parsed(names)
    found = select(medium.c.sha256, medium.c.content)
    rows = tx.execute(found.where(medium.c.sha256.in_([each.sha256 for each in images.values()])))
    held = {row.sha256: row.content for row in rows}
    return {name: held[each.sha256] for name, each in images.items() if each.sha256 in held}


def _parsed(names: Iterable[str]) -> dict[str, Image]:
    return {name: image for name in names if name.startswith(FOLDER) and (image := parsed(name))}
