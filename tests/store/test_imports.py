"""Uploads and staged imports: what is kept, who sees it, and what a pack becomes and becomes again."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import select, update

from app.errors import Conflict, Missing
from app.exam.person import Person, Role
from app.exam.staging import Target
from app.store import imports, item_rows, jobs, pack_versions, packs, people, tables, uploads
from app.store.imports import CONFIRMED, DISCARDED, UNDONE, NewImport
from tests import packs as synthetic
from tests.packs import NOON
from tests.store.bench import Bench

TOWERS = synthetic.pack().id
ROOT = Person(2**41, "root", Role.ADMIN, is_guest=False, created_at=NOON)
_numbers = count(1)


def person(bench: Bench, role: Role = Role.INSTRUCTOR) -> Person:
    """Somebody new."""
    with bench.database.writing() as tx:
        name = f"importer{next(_numbers)}"
        return people.add(tx, name=name, password_hash=None, role=role, is_guest=False, now=NOON)


def stored(bench: Bench, who: Person, items: int = 3, content: bytes = b"a file") -> int:
    """A reading that is stored and not staged yet."""
    sha256 = uploads.put(bench.database, io.BytesIO(content), NOON)
    document = json.dumps({"pack": None, "index": []})
    new = NewImport(sha256, "lamps.csv", "csv", document, "lamps", True, "Lamps", who.id)
    return imports.put(bench.database, new, [json.dumps({"n": n}) for n in range(items)], NOON)


def staged(bench: Bench, who: Person, items: int = 3) -> int:
    """A reading that is staged."""
    import_id = stored(bench, who, items)
    with bench.database.writing() as tx:
        imports.stage(tx, import_id)
    return import_id


def test_a_file_comes_back_as_it_came_whatever_its_size(bench: Bench) -> None:
    for size in (0, 1, uploads.PART, uploads.PART + 1):
        content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
        sha256 = uploads.put(bench.database, io.BytesIO(content), NOON)
        with bench.database.reading() as tx:
            assert uploads.content(tx, sha256) == content


def test_the_same_file_is_kept_once(bench: Bench) -> None:
    first = uploads.put(bench.database, io.BytesIO(b"twice"), NOON)
    assert uploads.put(bench.database, io.BytesIO(b"twice"), NOON) == first
    with bench.database.reading() as tx:
        parts = select(tables.upload_part).where(tables.upload_part.c.upload_sha256 == first)
        assert len(tx.execute(parts).all()) == 1


def test_a_file_whose_last_part_is_not_there_is_none(bench: Bench) -> None:
    with bench.database.reading() as tx, pytest.raises(Missing):
        uploads.content(tx, "0" * 64)


def test_nobody_sees_what_is_still_being_stored(bench: Bench) -> None:
    who = person(bench)
    import_id = stored(bench, who)
    with bench.database.reading() as tx:
        assert imports.history(tx, who) == ()
        with pytest.raises(Missing):
            imports.get(tx, import_id, who)


def test_f37_what_a_stopped_server_left_half_stored_is_taken_away(bench: Bench) -> None:
    who = person(bench)
    left = stored(bench, who)
    with bench.database.writing() as tx:
        at = NOON - imports.ABANDONED - timedelta(seconds=1)
        tx.execute(update(tables.pack_import).where(tables.pack_import.c.id == left).values(made_at=at))
    stored(bench, who)
    with bench.database.reading() as tx:
        rows = tx.execute(
            select(tables.pack_import.c.made_at).where(tables.pack_import.c.made_by == who.id)
        ).all()
    assert [row.made_at for row in rows] == [NOON]


def test_items_are_read_by_their_places(bench: Bench) -> None:
    import_id = staged(bench, person(bench), items=imports.BATCH + 5)
    with bench.database.reading() as tx:
        assert imports.items(tx, import_id, [0, 203]) == [(0, {"n": 0}), (203, {"n": 203})]
        assert len(imports.items(tx, import_id)) == imports.BATCH + 5


def test_an_import_is_its_makers_and_the_administrators(bench: Bench) -> None:
    who = person(bench)
    import_id = staged(bench, who)
    with bench.database.reading() as tx:
        assert imports.get(tx, import_id, who).file_name == "lamps.csv"
        assert imports.get(tx, import_id, ROOT).id == import_id
        stranger = Person(2**40, "stranger", Role.INSTRUCTOR, is_guest=False, created_at=NOON)
        assert imports.history(tx, stranger) == ()
        with pytest.raises(Missing):
            imports.get(tx, import_id, stranger)


def test_another_reading_takes_the_place_of_the_first(bench: Bench) -> None:
    who = person(bench)
    first, second = staged(bench, who), stored(bench, who, items=1)
    with bench.database.writing() as tx:
        imports.stage(tx, second, first)
        assert [line.id for line in imports.history(tx, who)] == [second]


def test_an_import_is_decided_on_once(bench: Bench) -> None:
    who = person(bench)
    import_id = staged(bench, who)
    with bench.database.writing() as tx:
        imports.decide(tx, import_id, DISCARDED, NOON, who)
    for state in (CONFIRMED, DISCARDED, UNDONE):
        with bench.database.writing() as tx, pytest.raises(Conflict):
            imports.decide(tx, import_id, state, NOON, who)
    with bench.database.writing() as tx, pytest.raises(Conflict):
        imports.aim(tx, import_id, "x", "X", {}, is_new=True)
    another = stored(bench, who)
    with bench.database.writing() as tx, pytest.raises(Conflict):
        imports.stage(tx, another, import_id)


def test_of_what_was_discarded_the_items_go_and_the_file_stays(bench: Bench) -> None:
    who = person(bench)
    import_id = staged(bench, who)
    with bench.database.writing() as tx:
        imports.decide(tx, import_id, DISCARDED, NOON, who)
        assert imports.items(tx, import_id) == []
        assert uploads.content(tx, imports.get(tx, import_id, who).upload_sha256) == b"a file"


def test_packs_are_open_to_their_owner_and_to_those_they_are_shared_with(own: Bench) -> None:
    owner, friend, stranger = person(own), person(own), person(own)
    with own.database.writing() as tx:
        tx.execute(update(tables.pack).where(tables.pack.c.id == TOWERS).values(owner_id=owner.id))
        tx.execute(tables.pack_share.insert().values(pack_id=TOWERS, person_id=friend.id))
        seen = {
            who.id: [each.id for each in imports.packs_open_to(tx, who)] for who in (owner, friend, stranger)
        }
        assert seen == {owner.id: [TOWERS], friend.id: [TOWERS], stranger.id: []}


def test_a_pack_that_came_with_the_server_is_open_to_administrators_alone(own: Bench) -> None:
    who = person(own)
    with own.database.reading() as tx:
        assert imports.packs_open_to(tx, who) == ()
        assert [each.id for each in imports.packs_open_to(tx, ROOT)] == [TOWERS]


def test_where_categories_went_is_remembered(own: Bench) -> None:
    with own.database.writing() as tx:
        mapping = {"A": Target("D1", "light/lamps"), "B": Target(None, "fog"), "c" * 300: Target("D1")}
        imports.remember(tx, TOWERS, mapping)
        imports.remember(tx, TOWERS, {"A": Target("D2")})
        assert imports.remembered(tx, TOWERS) == {"A": Target("D2")}


def test_stored_items_are_seen_by_nobody_before_a_version_has_them(own: Bench) -> None:
    new = synthetic.item("quite-new")
    with own.database.writing() as tx:
        before = packs.whole(tx, TOWERS)
        rows = item_rows.rows_of([new])
        ids = item_rows.store(tx, TOWERS, rows)
        assert packs.whole(tx, TOWERS) == before
        assert item_rows.known(tx, TOWERS, [new.id]) == {new.id: {1: new.content_sha256}}
        kept = pack_versions.Stored(ids, {new.id: rows[0].sha256})
        pack_versions.revise(tx, TOWERS, [new], {new.id: new.status}, NOON, stored_before=kept)
        assert packs.whole(tx, TOWERS).items[-1] == new


def test_a_version_is_withdrawn_and_the_one_before_is_in_use(own: Bench) -> None:
    new = synthetic.item("quite-new")
    with own.database.writing() as tx:
        before, was = packs.whole(tx, TOWERS), pack_versions.current(tx, TOWERS)
        made = pack_versions.revise(tx, TOWERS, [new], {new.id: new.status}, NOON)
        pack_versions.withdraw(tx, TOWERS, made, was)
        assert packs.whole(tx, TOWERS) == before
        with pytest.raises(Conflict, match="changed after this"):
            pack_versions.withdraw(tx, TOWERS, made, was)


def test_a_number_that_was_used_is_not_used_again(own: Bench) -> None:
    with own.database.reading() as tx:
        assert pack_versions.free_number(tx, TOWERS, "9.0.0") == "9.0.0"
        assert pack_versions.free_number(tx, TOWERS, synthetic.pack().version) == "1.0.0+1"


def put_half(bench: Bench, name: str, put_at: datetime | None) -> None:
    """A part of a file whose rest never came."""
    with bench.database.writing() as tx:
        row = {"upload_sha256": name, "number": 0, "content": b"x", "put_at": put_at}
        tx.execute(tables.upload_part.insert().values(row))


def halves(bench: Bench) -> set[str]:
    """The files of which there are parts."""
    with bench.database.reading() as tx:
        return set(tx.execute(select(tables.upload_part.c.upload_sha256)).scalars())


def test_parts_of_a_file_that_never_came_whole_are_taken_away(bench: Bench) -> None:
    names = [f"{next(_numbers):064}" for _ in range(3)]
    whole = uploads.put(bench.database, io.BytesIO(names[0].encode()), NOON)
    for name, put_at in zip(names, (NOON, NOON - uploads.ABANDONED * 2, None), strict=True):
        put_half(bench, name, put_at)
    with bench.database.writing() as tx:
        uploads.sweep(tx, NOON, alone=False)
    assert halves(bench) & {whole, *names} == {whole, names[0]}  # another server may be at it just now
    with bench.database.writing() as tx:
        uploads.sweep(tx, NOON, alone=True)
    assert halves(bench) & {whole, *names} == {whole}


def test_a_file_that_is_handed_in_again_takes_up_the_parts_that_are_there(bench: Bench) -> None:
    content = f"again {next(_numbers)}".encode()
    name = hashlib.sha256(content).hexdigest()
    with bench.database.writing() as tx:
        row = {"upload_sha256": name, "number": 0, "content": content, "put_at": None}
        tx.execute(tables.upload_part.insert().values(row))
    assert uploads.put(bench.database, io.BytesIO(content), NOON) == name
    with bench.database.writing() as tx:
        uploads.sweep(tx, NOON, alone=False)
        assert uploads.content(tx, name) == content
        assert uploads.size(tx, name) == len(content)


def test_an_import_that_is_being_stored_is_left_to_another_server(bench: Bench) -> None:
    left = stored(bench, person(bench))
    for alone, there in ((False, [left]), (True, [])):
        with bench.database.writing() as tx:
            imports.sweep(tx, NOON, alone=alone)
            rows = select(tables.pack_import.c.id).where(tables.pack_import.c.id == left)
            assert list(tx.execute(rows).scalars()) == there


def test_a_server_that_is_alone_says_that_no_job_is_at_work(bench: Bench) -> None:
    with bench.database.writing() as tx:
        job_id = jobs.start(tx, "count", "x", {}, None, NOON)
        assert jobs.get(tx, job_id).running(NOON)
        jobs.silence(tx, NOON)
        assert jobs.get(tx, job_id).lost(NOON)
