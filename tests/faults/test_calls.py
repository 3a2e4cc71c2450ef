"""What strace wrote down of a call is read with its moments, its file and its bytes, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.calls import Act, Call, parsed, recorded

AT = "1700000000.000000100"
BEGAN, ENDED = 1_700_000_000_000_000_100, 1_700_000_000_000_002_600
TOOK = "<0.000002500>"


def escaped(text: str | bytes) -> str:
    """Each byte as strace writes it."""
    return "".join(f"\\x{byte:02x}" for byte in (text.encode() if isinstance(text, str) else text))


def opened(descriptor: int, path: str) -> str:
    """A descriptor with the path of its file."""
    return f"{descriptor}<{escaped(path)}>"


def read(call: str, result: str = "0") -> Call | None:
    """The call of such a line."""
    return parsed(f"{AT} {call} = {result} {TOOK}\n", "/data")


def test_a_write_has_its_moments_its_file_its_place_and_its_bytes() -> None:
    line = f'pwrite64({opened(5, "/data/pg_wal/1")}, "{escaped("a, b")}", 4, 8192)'
    assert read(line, "4") == Call(BEGAN, ENDED, Act.WRITE, "/data/pg_wal/1", 5, 8192, b"a, b")


def test_of_a_write_that_was_cut_short_only_what_was_written_counts() -> None:
    call = read(f'write({opened(5, "/data/a")}, "{escaped("abcd")}", 4)', "3")
    assert call is not None
    assert (call.data, call.offset) == (b"abc", None)


def test_a_write_from_many_places_is_one() -> None:
    places = ", ".join(f'{{iov_base="{escaped(part)}", iov_len=2}}' for part in ("ab", "cd"))
    call = read(f"pwritev({opened(5, '/data/a')}, [{places}], 2, 512)", "4")
    assert call is not None
    assert (call.data, call.offset) == (b"abcd", 512)


@pytest.mark.parametrize(("name", "act"), [("fsync", Act.SYNC), ("fdatasync", Act.SYNC_DATA)])
def test_a_sync_is_of_a_file_or_a_folder(name: str, act: Act) -> None:
    assert read(f"{name}({opened(6, '/data/pg_wal')})") == Call(BEGAN, ENDED, act, "/data/pg_wal", 6)


def test_an_opening_says_whether_the_file_is_made_or_emptied() -> None:
    line = f'openat(AT_FDCWD<{escaped("/data")}>, "{escaped("a")}", O_RDWR|O_CREAT|O_TRUNC, 0600)'
    call = read(line, opened(7, "/data/a"))
    assert call == Call(BEGAN, ENDED, Act.OPEN, "/data/a", 7, create=True, empty=True)


def test_relative_names_are_those_of_the_working_folder() -> None:
    call = read(f'rename("{escaped("pg_wal/x")}", "{escaped("/data/pg_wal/1")}")')
    assert call == Call(BEGAN, ENDED, Act.RENAME, "/data/pg_wal/x", new_path="/data/pg_wal/1")
    gone = read(f'unlink("{escaped("pg_wal/1")}")')
    assert gone == Call(BEGAN, ENDED, Act.UNLINK, "/data/pg_wal/1")


def test_sizes_are_read() -> None:
    cut = read(f"ftruncate({opened(5, '/data/a')}, 512)")
    grown = read(f"fallocate({opened(5, '/data/a')}, 0, 8192, 4096)")
    assert cut is not None
    assert (cut.act, cut.offset) == (Act.RESIZE, 512)
    assert grown is not None
    assert (grown.act, grown.offset) == (Act.GROW, 12288)


@pytest.mark.parametrize(
    "line",
    [
        f'{AT} unlink("{escaped("promote")}") = -1 ENOENT (No such file or directory) {TOOK}',
        f"{AT} fsync({opened(5, '/data/a')}) = ? ERESTARTSYS (To be restarted if SA_RESTART is set) {TOOK}",
        f'{AT} write({opened(5, "/data/a")}(deleted), "{escaped("a")}", 1) = 1 {TOOK}',
        f"{AT} +++ exited with 0 +++",
        f"{AT} fsync({opened(5, '/data/a')} <unfinished ...>",
    ],
    ids=["failed", "interrupted", "no name any more", "end", "under way when the recording ended"],
)
def test_what_left_nothing_is_no_call(line: str) -> None:
    assert parsed(line, "/data") is None


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (f"sendfile({opened(5, '/data/a')}, {opened(6, '/data/b')}, NULL, 9)", "sendfile is not known"),
        (f"fallocate({opened(5, '/data/a')}, FALLOC_FL_PUNCH_HOLE, 0, 9)", "FALLOC_FL_PUNCH_HOLE is not"),
        (f'write({opened(5, "/data/a")}, "{escaped("a")}"..., 9)', "cut short"),
    ],
)
def test_what_cannot_be_replayed_is_refused(call: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read(call, "9")


def test_the_calls_of_all_processes_are_in_the_order_in_which_they_ended(tmp_path: Path) -> None:
    path = opened(5, "/data/a")
    (tmp_path / "calls.10").write_text(
        f'1.000000000 openat(AT_FDCWD<{escaped("/data")}>, "{escaped("a")}", O_RDWR) = {path} <0.000000001>\n'
        f'2.000000000 write({path}, "{escaped("ab")}", 2) = 2 <0.000000001>\n'
        f'4.000000000 write({path}, "{escaped("cd")}", 2) = 2 <0.000000001>\n'
        "5.000000000 +++ exited with 0 +++\n"
    )
    (tmp_path / "calls.11").write_text(
        f"1.500000000 fsync({path}) = 0 <2.000000000>\n3.600000000 +++ exited with 0 +++\n"
    )
    calls = recorded(tmp_path, 10, Path("/data"))
    assert [(call.act, call.offset) for call in calls] == [
        (Act.OPEN, None),
        (Act.WRITE, 0),
        (Act.SYNC, None),
        (Act.WRITE, 2),
    ]
