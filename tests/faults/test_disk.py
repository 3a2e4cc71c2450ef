"""What is left of a folder when the power goes: what a sync that came back had seen, and a part of the rest."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.faults.calls import Act, Call
from tests.faults.disk import Disk

SEEDS = range(60)


def call(at: int, act: Act, name: str, ended: int = 0) -> Call:
    """A call on a file or folder below /data that ended at once, or when it is said."""
    return Call(at, ended or at, act, f"/data/{name}".rstrip("/"))


def made(at: int, name: str) -> Call:
    """A new file."""
    return call(at, Act.OPEN, name)._replace(create=True)


def written(at: int, name: str, data: bytes = b"new", ended: int = 0) -> Call:
    """A write at its beginning."""
    return call(at, Act.WRITE, name, ended)._replace(offset=0, data=data)


def left(*calls: Call, **there: bytes) -> list[dict[str, bytes]]:
    """What may be left after these calls on a folder that held these files, all of the ways that are found."""
    found = []
    for seed in SEEDS:
        disk = Disk("/data", {})
        for name, content in there.items():
            for one in (made(0, name), written(0, name, content), call(0, Act.SYNC, name)):
                disk.take(one)
        for one in calls:
            disk.take(one)
        kept = {name: bytes(content) for name, content in disk.after_loss(Random(seed)).items()}
        if kept not in found:
            found.append(kept)
    return found


def test_a_folder_is_held_as_it_is_but_for_what_is_of_its_processes(tmp_path: Path) -> None:
    (tmp_path / "pg_wal").mkdir()
    for name in ("pg_wal/1", "postmaster.pid", "log"):
        (tmp_path / name).write_bytes(b"old")
    disk = Disk.holding(tmp_path)
    assert disk.after_loss(Random(1)) == {"pg_wal/1": b"old"}
    assert disk.folders == ("pg_wal",)


def test_a_sync_that_came_back_keeps_what_was_written_before_it() -> None:
    assert left(written(1, "a"), call(2, Act.SYNC_DATA, "a"), a=b"old") == [{"a": b"new"}]


def test_what_was_written_while_a_sync_was_under_way_is_not_certain() -> None:
    found = left(written(2, "a", ended=4), call(3, Act.SYNC_DATA, "a", ended=5), a=b"old")
    assert {each["a"] for each in found} == {b"old", b"new"}


def test_a_sync_of_another_file_says_nothing() -> None:
    found = left(written(1, "a"), call(2, Act.SYNC, "b"), a=b"old", b=b"old")
    assert {each["a"] for each in found} == {b"old", b"new"}


def test_a_new_file_may_be_missing_until_it_or_its_folder_is_synced() -> None:
    assert {} in left(made(1, "a"))
    assert {} in left(made(1, "a"), call(2, Act.SYNC_DATA, "a"))
    assert left(made(1, "a"), call(2, Act.SYNC, "a")) == [{"a": b""}]
    assert left(made(1, "a"), call(2, Act.SYNC, "")) == [{"a": b""}]


def test_a_file_is_there_under_its_old_name_or_its_new_one() -> None:
    moved = call(1, Act.RENAME, "a")._replace(new_path="/data/b")
    found = left(moved, a=b"new", b=b"old")
    assert sorted(map(str, found)) == sorted(map(str, [{"a": b"new", "b": b"old"}, {"b": b"new"}]))
    assert left(moved, call(2, Act.SYNC, ""), a=b"new", b=b"old") == [{"b": b"new"}]
    assert left(moved, call(2, Act.SYNC, "b"), a=b"new", b=b"old") == [{"b": b"new"}]


def test_names_of_a_folder_become_certain_in_their_order() -> None:
    found = left(call(1, Act.UNLINK, "a"), call(2, Act.UNLINK, "b"), a=b"1", b=b"2")
    assert {"a": b"1"} not in found
    assert {"b": b"2"} in found


def test_what_is_written_to_a_file_that_was_renamed_goes_with_it() -> None:
    calls = (
        call(1, Act.RENAME, "a")._replace(new_path="/data/b"),
        written(2, "b"),
        call(3, Act.SYNC_DATA, "b"),
    )
    assert sorted(map(str, left(*calls, a=b"old"))) == ["{'a': b'new'}", "{'b': b'new'}"]


def test_a_file_that_grew_reaches_there() -> None:
    grown = call(1, Act.GROW, "a")._replace(offset=6)
    assert {each["a"] for each in left(grown, a=b"old")} == {b"old", b"old\0\0\0"}


def test_a_file_that_was_emptied_may_still_be_full() -> None:
    assert {each["a"] for each in left(call(1, Act.RESIZE, "a")._replace(offset=0), a=b"old")} == {
        b"old",
        b"",
    }
    emptied = call(1, Act.OPEN, "a")._replace(empty=True)
    assert left(emptied, call(2, Act.SYNC_DATA, "a"), a=b"old") == [{"a": b""}]


def test_files_elsewhere_are_left_alone() -> None:
    outside = Call(1, 1, Act.WRITE, "/dev/shm/a", 5, 0, b"new")
    assert left(outside, a=b"old") == [{"a": b"old"}]
