"""SQLite's way to its files, watched: every write and every sync is recorded, or fails as a bad disk does.

SQLite reaches files through a table of functions that may be replaced (https://www.sqlite.org/vfs.html). The one here
hands everything on to the usual one. Locks and shared memory are untouched; shared memory need not survive a crash.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import json
import os
import struct
import time
from collections.abc import Iterator
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from enum import IntEnum
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

Disk = Synchronized  # an int: one of Failing, set from another process

_HEAD = struct.Struct("<BBqq")  # what, which file, offset, length of what follows
_IO_ERROR, _DISK_FULL = 10, 13
_IO_ERROR_WRITE, _IO_ERROR_SYNC = _IO_ERROR | 3 << 8, _IO_ERROR | 4 << 8


class Failing(IntEnum):
    """How the disk fails."""

    NOT = 0
    FULL = 1
    WRITES = 2
    SYNCS = 3


class What(IntEnum):
    """What happened to a file, or that an answer was sent."""

    WRITE = 1
    SYNC = 2
    TRUNCATE = 3
    DELETE = 4
    TOLD = 5


class Step(NamedTuple):
    """One entry of a trace. `file` is the ending of the file's name: empty for the database itself, or -wal."""

    what: What
    file: str
    offset: int
    data: bytes


_ENDINGS = ("", "-wal", "-journal")


class Trace:
    """A file to which steps are appended as they happen."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        os.close(self._file)

    def step(self, what: What, ending: int, offset: int = 0, data: bytes = b"") -> None:
        """Write a step down, as one write, whichever thread it comes from."""
        os.write(self._file, _HEAD.pack(what, ending, offset, len(data)) + data)

    def told(self, key: str, outcome: str, rev: int) -> None:
        """Write an answer down; its offset is its moment, in nanoseconds of the system's clock."""
        self.step(What.TOLD, 0, time.time_ns(), json.dumps([key, outcome, rev]).encode())


def steps(path: Path) -> Iterator[Step]:
    """The steps of a trace, in the order in which they happened."""
    with path.open("rb") as file:
        while head := file.read(_HEAD.size):
            what, ending, offset, length = _HEAD.unpack(head)
            yield Step(What(what), _ENDINGS[ending], offset, file.read(length))


_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_DELETE = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
_CLOSE = CFUNCTYPE(c_int, c_void_p)
_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)


class _Methods(Structure):
    """sqlite3_io_methods."""

    _fields_ = (
        ("version", c_int),
        ("close", _CLOSE),
        ("read", c_void_p),
        ("write", _WRITE),
        ("truncate", _TRUNCATE),
        ("sync", _SYNC),
        ("others", c_void_p * 13),
    )


class _Files(Structure):
    """sqlite3_vfs."""

    _fields_ = (
        ("version", c_int),
        ("size_of_file", c_int),
        ("longest_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", _OPEN),
        ("delete", _DELETE),
        ("others", c_void_p * 14),
    )


_kept: list[Any] = []  # what SQLite points to must stay


def watch_files(trace: Trace | None, disk: Disk[int] | None) -> None:
    """From now on, in this process, record what happens to SQLite's files in `trace`, and fail as `disk` says."""
    library = ctypes.CDLL(_sqlite3.__file__)  # whichever SQLite it is that Python uses
    library.sqlite3_vfs_find.restype = POINTER(_Files)
    usual = library.sqlite3_vfs_find(None)
    watched = _Files.from_buffer_copy(usual.contents)
    watched.name = b"watched"
    usual_open, usual_delete = usual.contents.open, usual.contents.delete
    names: dict[int, int] = {}
    tables: dict[int, _Methods] = {}

    def opened(_files: int, name: int | None, file: int, flags: int, flags_out: int | None) -> int:
        result: int = usual_open(ctypes.addressof(usual.contents), name, file, flags, flags_out)
        pointer = ctypes.cast(file, POINTER(c_void_p))
        if result == 0 and name and pointer[0]:
            names[file] = _ending(ctypes.string_at(name).decode())
            if pointer[0] not in tables:
                tables[pointer[0]] = _watched_methods(pointer[0], names, trace, disk)
            pointer[0] = ctypes.addressof(tables[pointer[0]])
        return result

    def deleted(_files: int, name: bytes, sync_folder: int) -> int:
        result: int = usual_delete(ctypes.addressof(usual.contents), name, sync_folder)
        if result == 0 and trace is not None:
            trace.step(What.DELETE, _ending(name.decode()), sync_folder)
        return result

    watched.open, watched.delete = _OPEN(opened), _DELETE(deleted)
    _kept.extend((watched, tables))
    assert library.sqlite3_vfs_register(ctypes.byref(watched), 1) == 0


def _watched_methods(
    address: int, names: dict[int, int], trace: Trace | None, disk: Disk[int] | None
) -> _Methods:
    usual = _Methods.from_address(address)
    watched = _Methods.from_buffer_copy(usual)
    usual_close, usual_write = usual.close, usual.write
    usual_truncate, usual_sync = usual.truncate, usual.sync

    def failing() -> int:
        return Failing.NOT if disk is None else disk.value

    def closed(file: int) -> int:
        names.pop(file, None)
        result: int = usual_close(file)
        return result

    def written(file: int, data: int, length: int, offset: int) -> int:
        if failing() in (Failing.FULL, Failing.WRITES):
            return _DISK_FULL if failing() == Failing.FULL else _IO_ERROR_WRITE
        if trace is not None:
            trace.step(What.WRITE, names[file], offset, ctypes.string_at(data, length))
        result: int = usual_write(file, data, length, offset)
        return result

    def truncated(file: int, size: int) -> int:
        if trace is not None:
            trace.step(What.TRUNCATE, names[file], size)
        result: int = usual_truncate(file, size)
        return result

    def synced(file: int, flags: int) -> int:
        if failing() == Failing.SYNCS:
            return _IO_ERROR_SYNC
        result: int = usual_sync(file, flags)
        if result == 0 and trace is not None:  # only now is it so
            trace.step(What.SYNC, names[file])
        return result

    watched.close, watched.write = _CLOSE(closed), _WRITE(written)
    watched.truncate, watched.sync = _TRUNCATE(truncated), _SYNC(synced)
    return watched


def _ending(name: str) -> int:
    return next((n for n, ending in enumerate(_ENDINGS) if n and name.endswith(ending)), 0)
