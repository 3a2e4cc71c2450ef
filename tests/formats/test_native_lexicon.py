"""The lexicon of a pack: read from its own file or the pack file, written back, and refused with its line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.exam.lexicon import Category, Lexicon, Moving, Name, lexicon_from_plain
from app.formats import native
from app.formats.native_write import write
from tests.formats.pieces import HEAD, SINGLE, good, pack_of, rules

FILE = """\
retired: [{name: "Fog Cannon", instead: "the Diaphone", fact: 3}, {name: "Oil Bell"}]
renamed: [{name: "Argand Lamp", instead: "Vapor Lamp"}]
terms: ["All Round Light"]
names: ["Trinity"]
moving: [{unit: "lamps", near: "station", fact: 5}]
categories: [{demand: "lens", names: ["Fresnel", "lens"]}]
companies: ["AnyCompany"]
domains: ["example.org"]
facts: [1, 2]
managed: ["self-winding"]
"""
LEXICON = Lexicon(
    retired=(Name("Fog Cannon", "the Diaphone", 3), Name("Oil Bell")),
    renamed=(Name("Argand Lamp", "Vapor Lamp"),),
    terms=("All Round Light",),
    names=("Trinity",),
    moving=(Moving("lamps", "station", 5),),
    categories=(Category("lens", ("Fresnel", "lens")),),
    companies=("AnyCompany",),
    domains=("example.org",),
    facts=(1, 2),
    managed=("self-winding",),
)
WITHIN = f"{HEAD}lexicon:\n" + "".join(f"  {line}\n" for line in FILE.splitlines())


def folder(**files: str) -> dict[str, bytes]:
    """A pack as a folder, with more files in it."""
    items = SINGLE.replace("  enemies: [horn-001]\n", "")
    named = {"pack.yaml": HEAD, "items/a.yaml": items, **files}
    return {name: text.encode() for name, text in named.items()}


def test_a_pack_without_a_lexicon_has_none_and_keeps_its_hash() -> None:
    pack = native.read(good()).pack
    assert pack is not None
    assert pack.lexicon is None
    assert "lexicon" not in pack.plain()
    assert b"lexicon" not in write(pack)


def test_the_lexicon_may_stand_in_a_file_of_its_own() -> None:
    reading = native.read(folder(**{"lexicon.yaml": FILE}))
    assert reading.faults == ()
    assert reading.pack is not None
    assert reading.pack.lexicon == LEXICON


def test_the_lexicon_may_stand_in_the_pack_file_and_is_written_there() -> None:
    pack = native.read(pack_of(head=WITHIN)).pack
    assert pack is not None
    assert pack.lexicon == LEXICON
    assert native.read({"pack.yaml": write(pack)}).pack == pack


def test_the_lexicon_is_part_of_what_a_pack_is() -> None:
    pack = native.read(pack_of(head=WITHIN)).pack
    assert pack is not None
    assert pack.sha256 != replace(pack, lexicon=None).sha256


def test_two_lexicons_are_a_fault() -> None:
    reading = native.read({**folder(**{"lexicon.yaml": FILE}), "pack.yaml": WITHIN.encode()})
    assert (reading.pack, rules(reading.faults)) == (None, ["several-lexicons"])


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("terms: [a]\nretyred: []\n", "unknown-field", 2),
        ("terms: [a]\nretired:\n  - {instead: b}\n", "missing-field", 3),
        ("moving: [{unit: 7}]\n", "wrong-type", 1),
        ("facts: [one]\n", "wrong-type", 1),
        ("terms: [\n", "syntax", 2),
    ],
)
def test_a_fault_of_the_lexicon_refuses_the_pack_with_its_line(text: str, rule: str, line: int) -> None:
    reading = native.read(folder(**{"lexicon.yaml": text}))
    assert reading.pack is None
    assert (rule, "lexicon.yaml", line) in [(f.rule, f.at.file, f.at.line) for f in reading.faults]


@pytest.mark.parametrize("lexicon", [None, Lexicon(), LEXICON])
def test_a_stored_lexicon_comes_back(lexicon: Lexicon | None) -> None:
    assert lexicon_from_plain(lexicon.plain() if lexicon is not None else None) == lexicon
