"""The registry finds the format by content; the report of a check is the public document."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from app.exam.faults import Place, Severity, quality, structure
from app.exam.quality import check
from app.formats import registry
from app.formats.native_fields import EXAM, ITEM, OPTION, PACK, schema
from app.formats.reading import Reading, Skipped, acceptable, report
from app.formats.source import Source
from app.formats.yaml_tree import parse, plain
from tests.formats.pieces import HEAD, MULTIPLE, SINGLE, broken, good, pack_of, rules

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "app" / "formats" / "pack.schema.json"
TODAY = date(2026, 11, 23)


def source_of(files: dict[str, bytes]) -> Source:
    return Source("given", files)


@pytest.mark.parametrize(
    "files",
    [
        good(),
        {"whatever.txt": b"# remark\n\ncutscore: 1\n"},
        {"a.json": b'{"cutscore": 1}'},
        {"pack.yaml": b"", "items/a.yaml": b""},
    ],
)
def test_a_native_pack_is_recognised_by_its_content(files: dict[str, bytes]) -> None:
    found = registry.detect(source_of(files))
    assert found is not None
    assert found.name == "native"


@pytest.mark.parametrize(
    "files", [{"quiz.yaml": b"title: cutscore\n"}, {"a.csv": b"stem\n"}, {}, {"a": b"", "b": b""}]
)
def test_what_is_no_pack_is_an_unknown_format(files: dict[str, bytes]) -> None:
    reading = registry.read(source_of(files))
    assert reading.pack is None
    assert rules(reading.faults) == ["unknown-format"]


def test_a_format_can_be_named() -> None:
    assert rules(registry.read(source_of({"a.csv": b"a,b\n"}), "native").faults) != ["unknown-format"]
    assert rules(registry.read(source_of(good()), "nothing").faults) == ["unknown-format"]


def test_a_refused_archive_is_a_reading_with_its_faults() -> None:
    reading = registry.read_upload("a.zip", b"PK\x03\x04")
    assert (reading.format, reading.pack, rules(reading.faults)) == (None, None, ["bad-archive"])


def test_the_report_counts_what_would_be_imported() -> None:
    reading = registry.read(source_of(good()))
    assert report(reading, reading.faults) == {
        "format": "native",
        "items": 2,
        "single": 1,
        "multiple": 1,
        "skipped": [],
        "faults": [],
    }


def test_the_report_shows_faults_and_skipped_questions_as_plain_json() -> None:
    place = Place("a.yaml", 3, "lamp-001")
    reading = Reading(
        "native", None, (structure(place, "select", "no"),), (Skipped(Place("a.yaml", 9), "an essay"),)
    )
    shown = json.loads(json.dumps(report(reading, reading.faults)))
    assert (shown["items"], shown["single"], shown["multiple"]) == (0, 0, 0)
    assert shown["skipped"] == [{"at": "a.yaml:9", "why": "an essay"}]
    assert shown["faults"] == [
        {
            "at": "a.yaml:3 item lamp-001",
            "rule": "select",
            "kind": "structure",
            "severity": "error",
            "message": "no",
        }
    ]


def test_a_check_ends_well_unless_a_ready_item_has_a_quality_error() -> None:
    reading = registry.read(source_of(good()))
    of_ready = quality(Place(item="lamp-001"), "L02", Severity.ERROR, "no")
    of_draft = quality(Place(item="horn-001"), "L02", Severity.ERROR, "no")
    warning = quality(Place(item="lamp-001"), "L14", Severity.WARNING, "no")
    assert acceptable(reading, [])
    assert acceptable(reading, [of_draft, warning])
    assert not acceptable(reading, [of_draft], every_item=True)
    assert not acceptable(reading, [of_ready])
    assert not acceptable(reading, [structure(Place(), "select", "no")])


def test_the_published_schema_is_the_one_that_the_field_tables_give() -> None:
    assert json.loads(SCHEMA.read_text()) == schema()


def test_the_schema_and_the_reader_know_the_same_fields() -> None:
    published = json.loads(SCHEMA.read_text())
    item = published["$defs"]["item"]
    assert set(item["properties"]) == set(ITEM.fields)
    assert set(item["properties"]["options"]["items"]["properties"]) == set(OPTION.fields)
    assert set(published["properties"]) == set(PACK.fields)
    exam = published["properties"]["exams"]["items"]
    assert set(exam["properties"]) == set(EXAM.fields)
    assert set(item["required"]) == {"id", "version", "status", "type", "stem", "options"}


def test_the_reader_refuses_a_field_that_the_schema_does_not_have() -> None:
    reading = registry.read(source_of(pack_of(broken(SINGLE, "facts:", "fax:"), MULTIPLE)))
    assert rules(reading.faults) == ["unknown-field"]


def fits(value: object, shape: dict[str, object], root: dict[str, object]) -> bool:
    """Whether a value fits a schema, for the words that ours uses."""
    if "$ref" in shape:
        name = str(shape["$ref"]).rpartition("/")[2]
        definitions = root["$defs"]
        assert isinstance(definitions, dict)
        return fits(value, definitions[name], root)
    if "const" in shape or "enum" in shape:
        names = shape.get("enum", [shape.get("const")])
        assert isinstance(names, list)
        return value in names
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "boolean": bool,
        "integer": int,
        "number": int | float,
    }
    if not isinstance(value, kinds[str(shape["type"])]) or (
        isinstance(value, bool) and shape["type"] != "boolean"
    ):
        return False
    if isinstance(value, dict):
        return _object_fits(value, shape, root)
    if isinstance(value, list):
        inner = shape["items"]
        assert isinstance(inner, dict)
        return all(fits(each, inner, root) for each in value)
    return not isinstance(value, str) or bool(re.search(str(shape.get("pattern", "")), value))


def _object_fits(value: dict[str, object], shape: dict[str, object], root: dict[str, object]) -> bool:
    properties, patterns = shape.get("properties", {}), shape.get("patternProperties", {})
    required = shape.get("required", [])
    assert isinstance(properties, dict)
    assert isinstance(patterns, dict)
    assert isinstance(required, list)
    if not set(required) <= set(value):
        return False
    for name, child in value.items():
        found = (
            [properties[name]]
            if name in properties
            else [s for p, s in patterns.items() if re.search(p, name)]
        )
        if not found and shape.get("additionalProperties", True) is False:
            return False
        if not all(fits(child, each, root) for each in found):
            return False
    return True


def schema_accepts(files: dict[str, bytes]) -> bool:
    tree, _ = parse("f.yaml", next(iter(files.values())))
    assert tree is not None
    return fits(plain(tree), schema(), schema())


def test_the_schema_accepts_a_good_pack() -> None:
    assert schema_accepts(good())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rating: 0.62", "rating: high"),
        ("status: ready", "status: redy"),
        ("facts:", "fax:"),
        ("  type: single\n", ""),
        ("- id: lamp-001", "- id: lamp 001"),
    ],
)
def test_the_schema_and_the_reader_refuse_the_same_shapes(old: str, new: str) -> None:
    files = pack_of(broken(SINGLE, old, new), MULTIPLE)
    assert not schema_accepts(files)
    assert registry.read(source_of(files)).pack is None


@pytest.mark.parametrize("name", ["csa-pro", "tutorial"])
def test_a_shipped_pack_has_no_fault(name: str) -> None:
    reading = registry.read_path(ROOT / "questions" / name)
    assert reading.faults == ()
    assert reading.pack is not None
    found = check(reading.pack, TODAY, reading.places)
    # What the bank shows as a whole has a test of its own (tests/bank/test_shipped_cues.py).
    of_items = [fault for fault in found if fault.at.item is not None]
    assert [str(fault) for fault in of_items if fault.severity is not Severity.INFO] == []


def test_the_tutorial_is_one_exam_of_five_items() -> None:
    pack = registry.read_path(ROOT / "questions" / "tutorial").pack
    assert pack is not None
    assert [(exam.id, exam.items, exam.minutes) for exam in pack.exams] == [("tutorial", 5, 10)]
    assert sorted(item.type for item in pack.items) == ["multiple"] * 2 + ["single"] * 3


def test_the_default_exam_of_the_shipped_pack_comes_first() -> None:
    pack = registry.read_path(ROOT / "questions" / "csa-pro").pack
    assert pack is not None
    assert [(e.id, e.items, e.minutes, e.scored, e.cut.raw_equivalent) for e in pack.exams] == [
        ("csa-pro", 74, 170, 74, 53.5),
        ("sap-c02", 75, 180, 65, 46.5),
    ]
    assert all(exam.note for exam in pack.exams)


def test_a_head_alone_is_a_pack_without_items() -> None:
    reading = registry.read(source_of({"pack.yaml": HEAD.encode()}))
    assert reading.pack is not None
    assert reading.pack.items == ()
