"""What holds of every reading, whatever the file; and what more, when it is known what is in the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

from app import importing
from app.exam.item import canonical
from app.formats import native, native_write, registry
from app.formats.reading import Reading, refused, report
from app.formats.text import problem
from tests.formats.oracles import told_by
from tests.fuzz.documents import Document

Read = Callable[[str, bytes, str | None], Reading]
"""A reader of uploads: of a file's name, its content, and the format by name or None."""
AS_OF = date(2026, 1, 1)


def sound(reading: Reading) -> None:
    """Assert what holds of a reading of anything."""
    json.dumps(report(reading, reading.faults), allow_nan=False).encode()
    if reading.pack is None:
        assert refused(reading.faults), "no pack, and no fault that says why"
        return
    items = reading.pack.items
    told = (
        items or reading.skipped or reading.faults or reading.format == native.NAME
    )  # a head alone is a pack
    assert told, "nothing was found, and nothing is said of it"
    ids = [item.id for item in items]
    assert len(set(ids)) == len(ids), "an id stands twice"
    exams = {f"exam:{exam.id}" for exam in reading.pack.exams}
    assert set(reading.places) == {"pack:", *ids, *exams}, "places are not those of the items"
    for item in items:
        for text in (item.stem, item.rationale, *(part for o in item.options for part in (o.text, o.why))):
            assert problem(text) is None, f"{item.id} has a text with {problem(text)}"
        assert set(item.media) <= set(reading.media), f"{item.id} names an image that is not there"


def whole(name: str, content: bytes, reading: Reading) -> None:
    """Assert what takes longer: that a reading can be staged for the review, and written and read again."""
    look = registry.look_upload(name, content, reading.format)
    found = importing.findings(reading, {}, AS_OF, lambda *_: None)
    canonical(importing.document(reading, look, None, found))
    for line in importing.lines(reading, {}):
        assert line
    if reading.pack is None or any(fault.rule == "identical-options" for fault in reading.faults):
        return  # a draft from elsewhere may have options that a pack may not
    again = native.read({"pack.yaml": native_write.write(reading.pack), **reading.media})
    assert again.pack == reading.pack, f"written and read again, it is another pack: {again.faults[:3]}"


def meant(document: Document, reading: Reading) -> None:
    """Assert that a reading has the questions of a document, no more and no fewer."""
    assert reading.pack is not None, [str(fault) for fault in reading.faults[:3]]
    found = [told_by(item) for item in reading.pack.items]
    assert found == list(document.told), f"found {found}, meant {document.told}"
    assert len(reading.skipped) == document.skipped, (
        f"left out {len(reading.skipped)}, meant {document.skipped}"
    )
