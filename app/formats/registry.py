"""The one registry of formats: name, recognition by content, reader; and the formats that packs are written in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.errors import Invalid
from app.exam.faults import Place, structure
from app.exam.pack import Pack
from app.formats import (
    aiken,
    blackboard,
    csv_read,
    csv_write,
    gift,
    gift_write,
    json_read,
    markdown_read,
    moodle,
    moodle_write,
    native,
    native_write,
    qti,
    qti_12,
    qti_write,
    source,
    xlsx,
)
from app.formats.columns import Columns
from app.formats.reading import Reading
from app.formats.source import Source
from app.formats.table import Preview
from app.formats.writing import Written


@dataclass(frozen=True, slots=True)
class Format:
    """A format: `detect` looks at the content alone, never at the item-writing rules; `read` never raises."""

    name: str
    title: str
    detect: Callable[[Source], bool]
    read: Callable[[Source], Reading]


FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format(
            native.NAME,
            "Cutscore pack (YAML or JSON; a file, a folder or a zip)",
            lambda given: native.detect(given.files),
            lambda given: native.read(given.files),
        ),
        Format(
            qti_12.NAME, "QTI 1.2 (Canvas, Common Cartridge, single documents)", qti_12.detect, qti_12.read
        ),
        Format(moodle.NAME, "Moodle XML", moodle.detect, moodle.read),
        Format(qti.NAME_2, "QTI 2.0, 2.1 and 2.2 (an item or a package)", qti.detect_2, qti.read_2),
        Format(qti.NAME_3, "QTI 3.0 (an item or a package)", qti.detect_3, qti.read_3),
        Format(xlsx.NAME, "XLSX (a workbook with a row that names its columns)", xlsx.detect, xlsx.read),
        Format(json_read.NAME, "JSON (questions with named fields)", json_read.detect, json_read.read),
        Format(
            blackboard.NAME,
            "Blackboard (question upload, a line for each with tabs)",
            blackboard.detect,
            blackboard.read,
        ),
        Format(
            csv_read.NAME, "CSV (a table with a row that names its columns)", csv_read.detect, csv_read.read
        ),
        Format(aiken.NAME, "Aiken (plain text with ANSWER: lines)", aiken.detect, aiken.read),
        Format(gift.NAME, "GIFT (Moodle's plain text format)", gift.detect, gift.read),
        Format(
            markdown_read.NAME,
            "Markdown or plain text (boxes, lettered options, keys below or far)",
            markdown_read.detect,
            markdown_read.read,
        ),
    )
}
"""In the order in which they are tried: the first that recognises the content reads it."""


def detect(given: Source) -> Format | None:
    """The format of the content, or None."""
    return next((each for each in FORMATS.values() if each.detect(given)), None)


def read(given: Source, name: str | None = None) -> Reading:
    """Read with the named format, or with the one that recognises the content."""
    known = ", ".join(FORMATS)
    if name is not None and name not in FORMATS:
        fault = structure(
            Place(given.name), "unknown-format", f"there is no format {name!r}; known are {known}"
        )
        return Reading(None, None, (fault,))
    found = FORMATS[name] if name is not None else detect(given)
    if found is None:
        message = f"the content is in none of the known formats ({known}); see docs/formats.md"
        return Reading(None, None, (structure(Place(given.name), "unknown-format", message),))
    return found.read(given)


def read_upload(
    file_name: str, content: bytes, name: str | None = None, columns: Columns | str | None = None
) -> Reading:
    """Read one uploaded file; a zip that is refused is a reading with its faults.

    `columns` is a mapping by hand of a table or of JSON, as `look_upload` counts them, or the name of a preset.
    """
    try:
        given = source.from_bytes(file_name, content)
        if columns is None:
            return read(given, name)
        if name == json_read.NAME and not isinstance(columns, str):
            found = json_read.look(given)
            header = found.header if found else ()
            known = {field: header[place] for field, place in columns.items() if place < len(header)}
            return json_read.read(given, known)
        tables = {csv_read.NAME: csv_read.read, xlsx.NAME: xlsx.read}
        return tables[name](given, columns) if name in tables else read(given, name)
    except Invalid as refused:
        return Reading(None, None, refused.faults)


def look_upload(file_name: str, content: bytes, name: str | None) -> Preview | None:
    """The columns of an uploaded table, or the names of fields in JSON; None for what has neither."""
    try:
        given = source.from_bytes(file_name, content)
    except Invalid:
        return None
    if name == xlsx.NAME:
        return next((each for each in xlsx.look(given).values() if each.header), None)
    looks = {csv_read.NAME: csv_read.look, json_read.NAME: json_read.look}
    return looks[name](given) if name in looks else None


def read_path(path: Path, name: str | None = None) -> Reading:
    """Read a folder, zip or file on disk. Raises Missing when there is none."""
    try:
        return read(source.collect(path), name)
    except Invalid as refused:
        return Reading(None, None, refused.faults)


Media = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Writer:
    """A format that packs leave in. `write` takes a pack and its images, `carries` says what of them is in it."""

    name: str
    title: str
    ending: str
    media_type: str
    carries: str
    write: Callable[[Pack, Media], Written]

    def ending_of(self, content: bytes) -> str:
        """What the name of the file ends with: a pack with images may have become an archive."""
        return "zip" if content.startswith(_ZIP) else self.ending

    def type_of(self, content: bytes) -> str:
        """The media type of the file."""
        return "application/zip" if content.startswith(_ZIP) else self.media_type


def _native(pack: Pack, media: Media) -> Written:
    return Written(native_write.write_zip(pack, media) if media else native_write.write(pack), ())


def _csv(pack: Pack, media: Media) -> Written:
    return csv_write.write_zip(pack, media) if media else csv_write.write(pack)


_ZIP = b"PK\x03\x04"
_ASKED = "stem, options, key, reasons, topic"
WRITERS: dict[str, Writer] = {
    each.name: each
    for each in (
        Writer("native", "Cutscore pack", "yaml", "application/yaml", "everything", _native),
        Writer("moodle", "Moodle XML", "xml", "application/xml", f"{_ASKED}, images", moodle_write.write),
        Writer(
            "gift",
            "GIFT",
            "gift",
            "text/plain; charset=utf-8",
            _ASKED,
            lambda pack, _media: gift_write.write(pack),
        ),
        Writer("csv", "CSV (Udemy)", "csv", "text/csv; charset=utf-8", f"{_ASKED}, domain, images", _csv),
        Writer("qti21", "QTI 2.1", "zip", "application/zip", f"{_ASKED}, images", qti_write.write_2),
        Writer("qti30", "QTI 3.0", "zip", "application/zip", f"{_ASKED}, images", qti_write.write_3),
    )
}
"""The formats that are written, the whole one first."""


def writer(name: str) -> Writer:
    """The writer of a format. Raises Invalid."""
    if name not in WRITERS:
        raise Invalid(f"There is no writer for {name!r}: choose one of {', '.join(WRITERS)}.")
    return WRITERS[name]
