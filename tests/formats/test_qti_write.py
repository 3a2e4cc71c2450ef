"""What is written as QTI 2.1 or 3.0 reads back to the same questions, and what it has no place for is listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from app.errors import Invalid
from app.exam.item import Item, ItemType, Option
from app.exam.pack import Pack, Topic
from app.formats import native, qti, qti_write
from app.formats.reading import Reading
from app.formats.source import Source, from_bytes
from app.formats.writing import Left, Written
from tests.formats.pieces import good
from tests.formats.written import again_the_same, item_of, items, pack_of
from tests.images import PNG

Write = Callable[[Pack, Mapping[str, bytes]], Written]
NAME = "media/lamps/größe-1.png"
both = pytest.mark.parametrize("write", [qti_write.write_2, qti_write.write_3])


def source_of(write: Write, pack: Pack, media: dict[str, bytes] | None = None) -> Source:
    return from_bytes("p.zip", write(pack, media or {}).content)


def again(write: Write, pack: Pack, media: dict[str, bytes] | None = None) -> Reading:
    """The reading of a pack after it was written, by the reader of that version."""
    given_source = source_of(write, pack, media)
    reader, other = (
        (qti.detect_2, qti.detect_3) if write is qti_write.write_2 else (qti.detect_3, qti.detect_2)
    )
    assert reader(given_source)
    assert not other(given_source)
    return (qti.read_2 if reader is qti.detect_2 else qti.read_3)(given_source)


@settings(max_examples=60)
@given(st.lists(items(), min_size=1, max_size=3), st.sampled_from([qti_write.write_2, qti_write.write_3]))
def test_questions_read_back_the_same(drawn: list[Item], write: Write) -> None:
    pack = pack_of(*(replace(item, id=f"i-{n}") for n, item in enumerate(drawn)))
    again_the_same(pack, {}, again(write, pack))


@both
def test_a_pack_of_ours_reads_back_the_same(write: Write) -> None:
    pack = native.read(good()).pack
    assert pack is not None
    reading = again(write, pack)
    again_the_same(pack, {}, reading)
    assert reading.faults == ()


@both
def test_images_read_back_the_same_wherever_they_stand(write: Write) -> None:
    picture = f"![A \\[small\\] lamp]({NAME})"
    item = item_of(f"Which? {picture}", Option("a", picture, True, f"See {picture}"), Option("b", "y"))
    pack = pack_of(replace(item, rationale=picture, media=(NAME,)))
    again_the_same(pack, {NAME: PNG}, again(write, pack, {NAME: PNG}))


@both
def test_categories_and_order_read_back_the_same(write: Write) -> None:
    first = replace(item_of("1?", Option("a", "x", True), Option("b", "y")), id="z", topic="fog/horns")
    topics = (Topic("fog", 'Fog & "mist"'), Topic("fog/horns", "Horns/Bells: <a>"))
    items_of_pack = (
        first,
        replace(first, id="1", topic=None),
        replace(first, id="con", topic="fog"),
        replace(first, id="a"),
    )
    pack = replace(pack_of(*items_of_pack), topics=topics)
    again_the_same(pack, {}, again(write, pack))


@both
def test_the_number_to_choose_is_said(write: Write) -> None:
    two = item_of("Which?", *(Option(n, n.upper(), n < "c") for n in "abcd"), kind=ItemType.MULTIPLE)
    found = again(write, pack_of(two)).pack
    assert found is not None
    assert found.items[0].origin is not None
    assert found.items[0].origin.unmapped["choose"] == 2


@both
def test_the_archive_is_the_same_each_time_and_every_document_well_formed(write: Write) -> None:
    pack = native.read(good()).pack
    assert pack is not None
    assert write(pack, {}).content == write(pack, {}).content
    files = source_of(write, pack).files
    assert set(files) == {"imsmanifest.xml", "test.xml", "items/item-horn-001.xml", "items/item-lamp-001.xml"}
    namespaces = {etree.QName(etree.fromstring(content)).namespace for content in files.values()}
    assert len(namespaces) == 2


@both
def test_what_the_manifest_names_is_there(write: Write) -> None:
    item = item_of(f"![x]({NAME})", Option("a", "x", True), Option("b", "y"))
    files = source_of(
        write, pack_of(replace(item, media=(NAME,))), {NAME: PNG, "media/unused.png": PNG}
    ).files
    manifest = etree.fromstring(files["imsmanifest.xml"])
    named = {etree.fromstring(f"<a>{each.get('href')}</a>").text for each in manifest.iter("{*}file")}
    assert named == {"test.xml", "items/item-i-0.xml", "media/lamps/gr%C3%B6%C3%9Fe-1.png"}
    assert "media/unused.png" not in files


@both
def test_a_text_that_repeats_itself_does_not_look_like_a_bomb(write: Write) -> None:
    pack = pack_of(
        item_of("a " * 9000, Option("a", "x" * 19_000, True, "y" * 19_000), Option("b", "y" * 19_000))
    )
    again_the_same(pack, {}, again(write, pack))


@both
def test_more_items_than_an_archive_may_have_are_refused(write: Write) -> None:
    item = item_of("Which?", Option("a", "x", True), Option("b", "y"))
    pack = pack_of(*(replace(item, id=f"i-{n}") for n in range(1999)))
    with pytest.raises(Invalid, match="too large"):
        write(pack, {})


@both
def test_what_it_cannot_carry_is_listed(write: Write) -> None:
    pack = native.read(good()).pack
    assert pack is not None
    lamp = replace(pack.items[0], media=("media/gone.png",))
    left = write(replace(pack, items=(lamp, pack.items[1])), {}).left
    assert Left("", "domains and exams") in left
    assert not any("marks are shared" in each.what for each in left)
    told = [each.what for each in left if each.item == "lamp-001"]
    assert "rating" in told[0]
    assert told[1] == "images that are not there: media/gone.png"
