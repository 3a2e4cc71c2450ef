"""Loading packs: what is stored never changes, a new version stands beside the old one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.errors import Invalid, Missing
from app.exam.item import Item, Status
from app.exam.pack import Pack
from app.formats import native_write, registry
from app.store import attempts, pack_versions, packs, tables
from app.store.database import Database
from tests import packs as synthetic
from tests.packs import NOON
from tests.store.bench import open_bench


def contents(database: Database) -> dict[str, int]:
    """The number of rows of every table of packs."""
    names = ("pack", "pack_version", "item", "item_version", "pack_version_item", "exam_version")
    with database.reading() as tx:
        return {
            name: tx.execute(select(func.count()).select_from(tables.metadata.tables[name])).scalar_one()
            for name in names
        }


def changed_stem() -> list[Item]:
    """The items of the pack, the first with another stem."""
    items = list(synthetic.pack().items)
    return [replace(items[0], stem=f"Once more: {items[0].stem}"), *items[1:]]


def load(database: Database, new: Pack) -> bool:
    """Load a pack in a transaction of its own."""
    with database.writing() as tx:
        return synthetic.load(tx, new)


def test_loading_the_same_pack_again_changes_nothing(database: Database) -> None:
    assert load(database, synthetic.pack())
    before = contents(database)
    assert not load(database, synthetic.pack())
    assert contents(database) == before


def test_f27_a_changed_item_makes_a_new_version_and_leaves_forms_and_attempts_alone(
    database: Database,
) -> None:
    bench = open_bench(database)
    who = bench.someone()
    one = bench.start(who)
    with database.reading() as tx:
        before = packs.items(tx, [at.item_version_id for at in one.sheet.items])
    items = [replace(item, version=2, stem=f"Once more: {item.stem}") for item in synthetic.pack().items]
    assert load(database, synthetic.pack(version="2.0.0", items=items))
    with database.reading() as tx:
        again = attempts.get(tx, one.id, who.id)
        assert again == one
        assert packs.items(tx, [at.item_version_id for at in again.sheet.items]) == before
        bank = packs.bank(tx, packs.exam(tx, "short").pack_version_id)
    assert {item.version for item in bank.values()} == {2}
    assert not set(bank) & {at.item_version_id for at in one.sheet.items}


def test_an_unchanged_item_is_shared_by_pack_versions(database: Database) -> None:
    load(database, synthetic.pack())
    before = contents(database)
    items = synthetic.pack().items
    edited = replace(items[0], version=2, stem=f"Once more: {items[0].stem}")
    load(database, synthetic.pack(version="1.1.0", items=[edited, *items[1:]]))
    assert contents(database)["item_version"] == before["item_version"] + 1


def test_b22_a_version_number_with_other_content_is_refused(database: Database) -> None:
    load(database, synthetic.pack())
    before = contents(database)
    with pytest.raises(Invalid, match=r"already stored with other content"):
        load(database, replace(synthetic.pack(), title="Other towers"))
    assert contents(database) == before


def test_a_changed_item_without_a_new_version_is_refused_by_name(database: Database) -> None:
    load(database, synthetic.pack())
    before = contents(database)
    with pytest.raises(Invalid) as caught:
        load(database, synthetic.pack(version="1.1.0", items=changed_stem()))
    assert [(f.rule, f.at.item) for f in caught.value.faults] == [
        ("version-not-raised", synthetic.pack().items[0].id)
    ]
    assert contents(database) == before


def test_another_rating_or_status_needs_no_new_item_version(database: Database) -> None:
    load(database, synthetic.pack())
    first, *others = synthetic.pack().items
    moved = replace(first, rating=0.7, status=Status.RETIRED)
    assert load(database, synthetic.pack(version="1.1.0", items=[moved, *others]))
    with database.reading() as tx:
        ready = packs.ready_items(tx, packs.exam(tx, "short").pack_version_id)
    assert ready == len(others)


def test_an_earlier_version_can_be_put_back_into_use(database: Database) -> None:
    load(database, synthetic.pack())
    load(database, replace(synthetic.pack(version="2.0.0"), title="Newer towers"))
    assert load(database, synthetic.pack())
    with database.reading() as tx:
        assert [(one.version, one.title) for one in packs.loaded(tx)] == [("1.0.0", "Towers")]


def test_an_exam_of_another_pack_is_refused(database: Database) -> None:
    load(database, synthetic.pack())
    with pytest.raises(Invalid, match="belongs to the pack towers"):
        load(database, replace(synthetic.pack(), id="others"))


def test_a_status_as_delivered_counts_and_the_authors_is_exported(database: Database) -> None:
    new = synthetic.pack()
    statuses = dict.fromkeys((item.id for item in new.items), Status.REVIEW)
    with database.writing() as tx:
        pack_versions.load(tx, new, statuses, (), NOON)
    with database.reading() as tx:
        assert packs.ready_items(tx, packs.exam(tx, "short").pack_version_id) == 0
        assert packs.whole(tx, "towers") == new
        assert packs.frame(tx, "towers") == replace(new, items=())


def test_an_exported_pack_reads_back_equal(database: Database, tmp_path: Path) -> None:
    new = synthetic.pack()
    load(database, new)
    with database.reading() as tx:
        path = synthetic.write(tmp_path, packs.whole(tx, "towers"))
    reading = registry.read_path(path)
    assert reading.pack == new
    assert reading.pack is not None
    assert native_write.write(reading.pack) == path.read_bytes()


def test_what_is_asked_has_no_key_and_no_whys(database: Database) -> None:
    new = synthetic.pack()
    load(database, new)
    with database.reading() as tx:
        rows = repr(list(tx.execute(select(tables.item_version.c.asked))))
    assert not [word for word in synthetic.explained(new.items) if word in rows]
    assert '"key"' not in rows.replace("'", '"')


def test_what_is_not_there_is_missing(database: Database) -> None:
    with database.reading() as tx:
        with pytest.raises(Missing):
            packs.exam(tx, "short")
        with pytest.raises(Missing):
            packs.whole(tx, "towers")
