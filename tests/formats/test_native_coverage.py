"""The file coverage.yaml of a pack: read beside it, no part of it, and refused with its line."""

from __future__ import annotations

import pytest

from app.exam.coverage import Coverage
from app.formats import native
from tests.formats.pieces import HEAD, MULTIPLE, SINGLE

FILE = """\
- {subject: "lamps", group: "Light", at_least: 2, items: [lamp-001, horn-001], note: "old and new"}
- {subject: "whistles", group: "Fog", unverified: "no page says so"}
"""


def folder(**files: str) -> dict[str, bytes]:
    """A pack as a folder, with more files in it."""
    named = {"pack.yaml": HEAD, "items/a.yaml": SINGLE + MULTIPLE, **files}
    return {name: text.encode() for name, text in named.items()}


def test_coverage_is_read_in_its_order() -> None:
    reading = native.read(folder(**{"coverage.yaml": FILE}))
    assert reading.faults == ()
    assert reading.coverage == (
        Coverage("lamps", "Light", ("lamp-001", "horn-001"), 2, note="old and new"),
        Coverage("whistles", "Fog", unverified="no page says so"),
    )


def test_coverage_is_no_part_of_the_pack() -> None:
    plain, covered = native.read(folder()).pack, native.read(folder(**{"coverage.yaml": FILE})).pack
    assert plain is not None
    assert covered is not None
    assert plain.sha256 == covered.sha256


def test_a_pack_without_the_file_has_no_coverage() -> None:
    assert native.read(folder()).coverage == ()


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ('- {subject: "a", group: "b"}\n- {subject: "c", groop: "b"}\n', "unknown-field", 2),
        ('- {group: "b"}\n', "missing-field", 1),
        ('- {subject: "a", group: "b", at_least: 0}\n', "out-of-range", 1),
        ('- {subject: "a", group: "b", items: x}\n', "wrong-type", 1),
        ("[]\n", "wrong-count", 1),
        ("- [\n", "syntax", 2),
    ],
)
def test_a_fault_of_the_file_refuses_the_pack_with_its_line(text: str, rule: str, line: int) -> None:
    reading = native.read(folder(**{"coverage.yaml": text}))
    assert reading.pack is None
    assert (rule, "coverage.yaml", line) in [(f.rule, f.at.file, f.at.line) for f in reading.faults]
