"""The native reader: a good pack is read whole; each planted fault is found at its place, all at once."""

from __future__ import annotations

import json
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exam.faults import Kind, Severity
from app.exam.item import ItemType, Status, Trap
from app.exam.pack import Topic
from app.formats import native
from tests.formats.pieces import HEAD, MULTIPLE, SINGLE, broken, good, pack_of, read, rules
from tests.images import NAME, PNG, drawn, file


def test_a_good_pack_is_read_without_a_fault() -> None:
    reading = native.read(good())
    assert reading.faults == ()
    assert reading.pack is not None
    assert (reading.pack.id, reading.pack.version, reading.pack.approvals) == ("lighthouse", "1.0.0", 1)
    single, multiple = reading.pack.items
    assert (single.type, single.key, single.status) == (ItemType.SINGLE, frozenset("a"), Status.READY)
    assert single.options[1].trap is Trap.IGNORES_CONSTRAINT
    assert single.verified_on == date(2026, 11, 1)
    assert single.stem.endswith("first?")
    assert (multiple.select, multiple.shuffle, multiple.version) == (2, False, 2)
    assert reading.pack.exams[0].blueprint == {"D1": 60.0, "D2": 40.0}
    assert (reading.pack.exams[0].grace_seconds, reading.pack.language) == (60, "en")


def test_places_name_file_line_and_item() -> None:
    reading = native.read(good())
    assert str(reading.places["lamp-001"]) == "lighthouse.yaml:17 item lamp-001"
    assert str(reading.places["exam:keeper"]) == "lighthouse.yaml:8"


def test_a_folder_reads_to_the_same_pack_as_one_file() -> None:
    folder = {
        "pack.yaml": HEAD.encode(),
        "items/1-light.yaml": SINGLE.encode(),
        "items/2-fog.yaml": MULTIPLE.encode(),
        "README.md": b"About",
    }
    assert native.read(folder).pack == native.read(good()).pack


def test_json_reads_to_the_same_pack() -> None:
    pack = native.read(good()).pack
    assert pack is not None
    head = pack.plain()
    for exam in head["exams"]:
        del exam["per_service"], exam["per_company"], exam["overlap"]
    for item in head["items"]:
        if item["type"] == "multiple":
            item["select"] = 2
        for option in item["options"]:
            if option["trap"] is None:
                del option["trap"]
    about = {name: head[name] for name in ("id", "version", "title", "language", "license", "authors")}
    document = {"cutscore": 1, "pack": about, "review": {"approvals": 1}}
    document |= {name: head[name] for name in ("domains", "exams", "items")}
    assert native.read({"pack.json": json.dumps(document).encode()}).pack == pack


ITEM_FAULTS = [
    ("stem: |", "stern: |", ["unknown-field", "missing-field"]),
    ("rating: 0.62", "rating: high", ["wrong-type"]),
    ("rating: 0.62", "rating: 62", ["out-of-range"]),
    ("version: 1", "version: true", ["wrong-type"]),
    ("version: 1", "version: 0", ["out-of-range"]),
    ("status: ready", "status: redy", ["unknown-value"]),
    ('objective: "1.1"', "objective: 1.1", ["wrong-type"]),
    ("cover_test: true", "cover_test: yes", ["wrong-type"]),
    ("domain: D1", "domain: D3", ["unknown-domain"]),
    ("enemies: [horn-001]", "enemies: [horn-009]", ["unknown-enemy"]),
    ("enemies: [horn-001]", "enemies: [lamp-001]", ["own-enemy"]),
    ("- id: lamp-001", "- id: horn-001", ["own-enemy", "duplicate-id"]),
    ("- id: lamp-001", "- id: Horn-001", ["duplicate-id"]),
    ("- id: lamp-001", "- id: lamp 001", ["malformed"]),
    ("- id: b", "- id: c", ["duplicate-option-id", "unknown-option"]),
    ('verified_on: "2026-11-01"', 'verified_on: "2026-02-30"', ["bad-date"]),
    ('verified_on: "2026-11-01"', "verified_on: 1.11.2026", ["bad-date"]),
    ("      key: true\n", "", ["missing-key"]),
    ("- id: b", "- id: b\n      key: true", ["several-keys"]),
    ("type: single", "type: multiple\n  select: 1", ["too-few-keys"]),
    ("type: single", "type: single\n  select: 2", ["select"]),
    ("decides: [b, c, d]", "decides: [b, c, e]", ["unknown-option"]),
    ("trap: over-engineered", "trap: overengineered", ["unknown-value"]),
    ("light/lamps", "light/\u200blamps", ["hidden-character"]),
    ("light/lamps", "light/\u202elamps", ["hidden-character"]),
    ("light/lamps", "light/la\u0308mps", ["not-nfc"]),
    ("light/lamps", '"light\\u0007"', ["control-character"]),
    ("light/lamps", "q" + "\u0323\u0331\u0330\u0324\u0325", ["not-nfc", "combining-flood"]),
    ("https://example.org", "javascript:alert", ["malformed"]),
    ("first?", "first? ![map](media/map.png)", ["unlisted-media"]),
    ("first?", "first? ![map](https://example.org/map.png)", ["foreign-image"]),
    ('company: "Harbor Office"', "media: [media/map.png]", ["missing-media"]),
    ('company: "Harbor Office"', "media: [media/../../etc/passwd]", ["malformed"]),
    ('company: "Harbor Office"', "company: null", ["wrong-type"]),
    ('company: "Harbor Office"', "company: &c Harbor", ["anchor"]),
]


@pytest.mark.parametrize(("old", "new", "expected"), ITEM_FAULTS)
def test_b21_a_fault_in_an_item_refuses_the_pack_and_names_the_rule(
    old: str, new: str, expected: list[str]
) -> None:
    reading = read(broken(SINGLE, old, new), MULTIPLE)
    assert reading.pack is None
    assert set(rules(reading.faults)) <= set(expected)
    assert rules(reading.faults)[0] in expected
    assert all(fault.kind is Kind.STRUCTURE and fault.severity is Severity.ERROR for fault in reading.faults)


def test_a_fault_has_its_own_line_and_item() -> None:
    reading = read(
        SINGLE, broken(MULTIPLE, "The red flag on the high mast", "The white flag on the low mast")
    )
    assert str(reading.faults[0].at) == "lighthouse.yaml:72 item horn-001"
    line = pack_of(SINGLE, MULTIPLE)["lighthouse.yaml"].decode().splitlines()[71]
    assert "white flag" in line


def test_every_fault_is_found_at_once() -> None:
    single = broken(broken(SINGLE, "domain: D1", "domain: D3"), "rating: 0.62", "rating: high")
    reading = read(
        single, broken(MULTIPLE, "status: draft", "state: draft"), head=broken(HEAD, "D2: 40", "D2: 30")
    )
    expected = {"unknown-domain", "wrong-type", "unknown-field", "missing-field", "blueprint-sum"}
    assert set(rules(reading.faults)) == expected


def test_an_unknown_field_comes_with_the_nearest_known_one() -> None:
    reading = read(broken(SINGLE, "rationale:", "rational:"))
    assert "did you mean 'rationale'?" in reading.faults[0].message


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("select: 2", "select: 3", "select"),
        ("  select: 2\n", "", "select"),
        ("{id: c, key: true,", "{id: c,", "too-few-keys"),
    ],
)
def test_b21_the_number_of_keys_of_a_multiple_answer_item_is_checked(old: str, new: str, rule: str) -> None:
    item = broken(MULTIPLE, "status: draft", "status: review")
    assert rule in rules(read(SINGLE, broken(item, old, new)).faults)


def test_a_multiple_answer_item_of_keys_alone_is_refused() -> None:
    item = broken(MULTIPLE, "status: draft", "status: review").replace("select: 2", "select: 5")
    for name in "bde":
        item = broken(item, f"{{id: {name}, text", f"{{id: {name}, key: true, text")
    assert rules(read(SINGLE, item).faults) == ["all-keys"]


def test_a_draft_needs_no_key() -> None:
    item = MULTIPLE.replace("key: true, ", "").replace("  select: 2\n", "")
    reading = read(SINGLE, item)
    assert reading.faults == ()
    assert reading.pack is not None
    assert reading.pack.items[1].key == frozenset()


@pytest.mark.parametrize("count", [0, 1, 21, 100])
def test_b21_too_few_or_too_many_options_are_refused(count: int) -> None:
    options = "".join(f'    - {{id: o{n}, text: "Option number {n}"}}\n' for n in range(count)) or "    []\n"
    item = MULTIPLE[: MULTIPLE.index("    - {id: a")] + options
    assert "wrong-count" in rules(read(SINGLE, item).faults)


@pytest.mark.parametrize("copy", ["The bell between two horn signals", "The bell  between two horn signals "])
def test_options_that_look_the_same_are_refused(copy: str) -> None:
    item = broken(MULTIPLE, "The red flag on the high mast", copy)
    assert rules(read(SINGLE, item).faults) == ["duplicate-option-text"]


def test_b20_options_that_differ_by_a_foreign_letter_only_are_refused() -> None:
    item = broken(MULTIPLE, "The red flag on the high mast", "The b\u0435ll between two horn signals")
    assert rules(read(SINGLE, item).faults) == ["duplicate-option-text"]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("cutscore: 1", "cutscore: 2", "unknown-version"),
        ("cutscore: 1\n", "", "missing-field"),
        ("D2: 40", "D3: 40", "unknown-domain"),
        ("D2: 40", "D2: 41", "blueprint-sum"),
        ("items: 10", "items: 0", "out-of-range"),
        ("minutes: 20", "pilots: 10\n    minutes: 20", "exam-length"),
        ("raw_equivalent: 6.5", "raw_equivalent: 10.5", "cut-range"),
        ("cut: 750", "cut: 50", "scale-order"),
        ("max: 5}", "max: 11}", "multiple-answer-range"),
        ("min: 1, max", "min: 6, max", "multiple-answer-range"),
        ("minutes: 20", "overlap: 11\n    minutes: 20", "exam-length"),
        ("{id: D2", "{id: D1", "duplicate-id"),
        ("exams:", "topics: [{id: fog, title: Fog}, {id: fog, title: Mist}]\nexams:", "duplicate-id"),
        ("exams:", "topics: [{id: fog/horns/long, title: Horns}]\nexams:", "malformed"),
        ("exams:", "topics: [{id: /horns, title: Horns}]\nexams:", "malformed"),
        ("exams:", "topics: [{id: fog}]\nexams:", "missing-field"),
        ("version: 1.0.0", "version: 1.0", "wrong-type"),
        ("approvals: 1", "approvals: 4", "out-of-range"),
        ('title: "Keeper"', 'title: "Keeper"\n    minuts: 3', "unknown-field"),
    ],
)
def test_a_fault_in_the_head_is_found(old: str, new: str, rule: str) -> None:
    reading = native.read(pack_of(SINGLE, MULTIPLE, head=broken(HEAD, old, new)))
    assert reading.pack is None
    assert rule in rules(reading.faults)


def test_topics_are_read_in_their_order_and_are_none_when_left_out() -> None:
    listed = "topics:\n  - {id: light/lamps, title: Lamps}\n  - {id: light, title: Light}\nexams:"
    pack = native.read(pack_of(SINGLE, MULTIPLE, head=broken(HEAD, "exams:", listed))).pack
    assert pack is not None
    assert pack.topics == (Topic("light/lamps", "Lamps"), Topic("light", "Light"))
    plain = read(SINGLE, MULTIPLE).pack
    assert plain is not None
    assert plain.topics == ()
    assert plain.sha256 != pack.sha256


def test_an_unreadable_domain_is_not_held_against_the_items() -> None:
    reading = native.read(pack_of(SINGLE, MULTIPLE, head=broken(HEAD, '{id: D2, title: "Fog"}', "{id: D2}")))
    assert rules(reading.faults) == ["missing-field"]


def test_images_are_read_with_the_items_that_list_them() -> None:
    item = broken(SINGLE, "first?", "first? ![map](media/map.png)") + "  media: [media/map.png]\n"
    folder = {"pack.yaml": HEAD.encode(), "items/a.yaml": (item + MULTIPLE).encode(), "media/map.png": PNG}
    reading = native.read(folder)
    assert reading.faults == ()
    assert reading.media == {NAME: PNG}
    assert reading.pack is not None
    assert reading.pack.items[0].media == (NAME,)
    assert f"first? ![map]({NAME})" in reading.pack.items[0].stem


def test_two_files_of_one_image_are_one_image() -> None:
    shown = "first? ![map](media/map.png) ![again](media/map.png.png)"
    item = broken(SINGLE, "first?", shown) + "  media: [media/map.png, media/map.png.png]\n"
    images = {"media/map.png": PNG, "media/map.png.png": file(drawn(), compress_level=0)}
    reading = native.read({"pack.yaml": HEAD.encode(), "items/a.yaml": (item + MULTIPLE).encode(), **images})
    assert reading.media == {NAME: PNG}
    assert reading.pack is not None
    assert reading.pack.items[0].media == (NAME,)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("![map](http://localhost/map.png)", ["foreign-image", "unshown-media"]),
        ("![map](media/other.png)", ["unlisted-media", "unshown-media"]),
        ('![map](media/map.png "Map")', ["image-form", "unshown-media"]),
        ("map", ["unshown-media"]),
    ],
)
def test_an_image_is_shown_in_one_way_and_never_from_elsewhere(shown: str, expected: list[str]) -> None:
    item = broken(SINGLE, "first?", f"first? {shown}") + "  media: [media/map.png]\n"
    files = {"items/a.yaml": (item + MULTIPLE).encode(), "media/map.png": PNG}
    assert rules(native.read({"pack.yaml": HEAD.encode(), **files}).faults) == expected


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("media/map.png", PNG, ["unused-media"]),
        ("media/map.svg", b"<svg/>", ["not-an-image", "unused-media"]),
        ("media/map.png", b"GIF89a", ["not-an-image", "unused-media"]),
        ("items/notes.txt", b"hello", ["unknown-file"]),
        ("pack.json", b"{}", ["several-heads"]),
        ("items/b.yaml", b"id: x\n", ["wrong-type"]),
        ("items/b.yaml", b"- x\n", ["wrong-type"]),
        ("items/b.yaml", b"", ["empty"]),
    ],
)
def test_a_file_that_does_not_belong_is_a_fault(name: str, content: bytes, expected: list[str]) -> None:
    folder = {"pack.yaml": HEAD.encode(), "items/a.yaml": (SINGLE + MULTIPLE).encode(), name: content}
    reading = native.read(folder)
    assert reading.pack is None
    assert rules(reading.faults) == expected


def test_a_pack_without_a_head_says_so() -> None:
    assert rules(native.read({"items/a.yaml": b"[]", "items/b.yaml": b"[]"}).faults) == ["missing-head"]


def test_a_pack_may_have_neither_exams_nor_domains() -> None:
    reading = native.read({"pack.yaml": b"cutscore: 1\npack: {id: a, version: '1', title: A}\nitems: []\n"})
    assert reading.faults == ()
    assert reading.pack is not None


def test_a_pack_of_120_items_is_read() -> None:
    items = [SINGLE.replace("lamp-001", f"lamp-{n:03}") for n in range(120)]
    reading = native.read(pack_of(*items, MULTIPLE))
    assert reading.pack is not None
    assert len(reading.pack.items) == 121


def test_a_flood_of_faults_is_cut_off_in_time() -> None:
    flood = HEAD.encode() + b"".join(b"fieId%d: x\n" % n for n in range(100_000))
    began = time.process_time()
    reading = native.read({"pack.yaml": flood})
    assert time.process_time() - began < 30  # far above what it takes
    assert rules(reading.faults)[-1] == "too-many-faults"
    assert len(reading.faults) < 10_000


@settings(deadline=None)
@given(st.data())
def test_no_content_raises(data: st.DataObject) -> None:
    content = bytearray(next(iter(good().values())))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        to = min(len(content), at + data.draw(st.integers(0, 30)))
        content[at:to] = data.draw(
            st.sampled_from([b"", b"\n", b"[]", b"{}", b" ", b"null", b"1", b"- ", b"x: "])
        )
    reading = native.read({"pack.yaml": bytes(content)})
    assert (reading.pack is None) == bool(reading.faults)
