"""What programs do to their files, recorded by strace and read again: each call with its moments and its bytes.

strace (https://strace.io) stops a process at the calls that it is asked for and writes them down. It lets the process
go on only when it has: what another process says of its own moments, by the same clock, is in the right order.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from posixpath import join
from typing import NamedTuple

MISSING = (
    "Power losses of PostgreSQL are recorded with strace, which is missing (Debian: apt-get install strace)."
)
PATIENCE = 60
_LONGEST = 32 << 20  # bytes of one string that are written down: far more than is written at once
# Those with a question mark are not on every kind of machine.
_TRACED = (
    "?open,openat,?creat,write,writev,pwrite64,pwritev,pwritev2,fsync,fdatasync,truncate,ftruncate,fallocate,"
    "?rename,?renameat,renameat2,?link,linkat,?unlink,unlinkat,copy_file_range,sendfile"
)
_LINE = re.compile(
    r"(?P<began>\d+\.\d{9}) (?P<name>\w+)\((?P<given>.*)\) += (?P<result>-?\d+|\?)(?:<(?P<opened>[^>]*)>)?"
    r".* <(?P<took>\d+\.\d{9})>"
)
_DESCRIPTOR = re.compile(r"(\d+)<([^>]*)>(\(deleted\))?")
_TEXT = re.compile(r'"([^"]*)"(\.\.\.)?')


class Act(StrEnum):
    """What a call does to a file."""

    OPEN = "open"
    WRITE = "write"
    RESIZE = "resize"  # to `offset` bytes
    GROW = "grow"  # to `offset` bytes, if it is shorter
    SYNC = "sync"  # its content and its name
    SYNC_DATA = "sync data"  # its content
    RENAME = "rename"
    LINK = "link"
    UNLINK = "unlink"


class Call(NamedTuple):
    """A call that succeeded. Moments are nanoseconds of the system's clock.

    `offset` is None where the descriptor's own place counts. An opening may `create` its file, or `empty` it.
    """

    began: int
    ended: int
    act: Act
    path: str
    descriptor: int = -1
    offset: int | None = None
    data: bytes = b""
    new_path: str = ""
    create: bool = False
    empty: bool = False


_ACTS = {
    "open": Act.OPEN,
    "openat": Act.OPEN,
    "creat": Act.OPEN,
    "write": Act.WRITE,
    "writev": Act.WRITE,
    "pwrite64": Act.WRITE,
    "pwritev": Act.WRITE,
    "pwritev2": Act.WRITE,
    "fsync": Act.SYNC,
    "fdatasync": Act.SYNC_DATA,
    "truncate": Act.RESIZE,
    "ftruncate": Act.RESIZE,
    "fallocate": Act.GROW,
    "rename": Act.RENAME,
    "renameat": Act.RENAME,
    "renameat2": Act.RENAME,
    "link": Act.LINK,
    "linkat": Act.LINK,
    "unlink": Act.UNLINK,
    "unlinkat": Act.UNLINK,
}


def available() -> bool:
    """Whether strace is there."""
    return shutil.which("strace") is not None


def recorder(folder: Path) -> list[str]:
    """The beginning of a command that is to be recorded in this folder, with all processes that it starts.

    The recorder stays in the background: the command is a child of whoever starts it, as without.
    """
    assert available(), MISSING
    kept = ["--follow-forks", "--output-separately", f"--output={folder / 'calls'}"]
    form = ["--strings-in-hex=all", "--decode-fds=path", f"--string-limit={_LONGEST}", "--signal=none"]
    moments = ["--absolute-timestamps=format:unix,precision:ns", "--syscall-times=ns"]
    return ["strace", "--daemonize", "--seccomp-bpf", f"--trace={_TRACED}", *kept, *form, *moments]


def recorded(folder: Path, process: int, working: Path) -> list[Call]:
    """All calls of the recording in `folder`, by the moments when they ended.

    `process` is the one that was started, which must have ended, and whose children have; all of them work in the
    folder `working`.
    """
    _complete(folder / f"calls.{process}")
    calls = [call for path in folder.glob("calls.*") for call in _placed(path, str(working))]
    return sorted(calls, key=lambda call: call.ended)


def _complete(path: Path) -> None:
    """Wait until the recorder has written down that the process of this file ended."""
    until = time.monotonic() + PATIENCE
    while not path.exists() or b"+++" not in path.read_bytes()[-100:]:
        assert time.monotonic() < until, f"{path} is not complete"
        time.sleep(0.005)


def _placed(path: Path, working: str) -> Iterator[Call]:
    """The calls of one process; writes where the descriptor stands get their offset."""
    places: dict[int, int] = {}
    with path.open() as lines:
        for line in lines:
            call = parsed(line, working)
            if call is None:
                continue
            if call.act is Act.OPEN:
                places[call.descriptor] = 0
            elif call.act is Act.WRITE and call.offset is None:
                at = places.get(call.descriptor, 0)
                places[call.descriptor] = at + len(call.data)
                yield call._replace(offset=at)
                continue
            yield call


def parsed(line: str, working: str) -> Call | None:
    """The call of a line; None if it failed, or the line is about something else, as the end of a process.

    Relative names are those of the folder `working`. ValueError when the line says less than is needed, or of a call
    that is not known here.
    """
    found = _LINE.match(line)
    if found is None or found["result"] == "?" or found["result"].startswith("-"):
        return None
    if found["name"] not in _ACTS:
        raise ValueError(f"{found['name']} is not known here; what it did is not recorded")
    act, given, result = _ACTS[found["name"]], found["given"], int(found["result"])
    texts = [_unescaped(text) for text in _texts(given)]
    began = _nanoseconds(found["began"])
    known = _DESCRIPTOR.match(given)
    if known and known[3]:
        return None  # a file that has no name any more is gone with whoever holds it
    names = [join(working, text.decode()) for text in texts] if act is not Act.WRITE else []
    call = Call(
        began,
        began + _nanoseconds(found["took"]),
        act,
        _unescaped(found["opened"] or "").decode() or (_unescaped(known[2]).decode() if known else names[0]),
        result if act is Act.OPEN else int(known[1]) if known else -1,
    )
    numbers = re.sub(r"\[.*\]", "", given).split(
        ", "
    )  # without the list of what is written from several places
    match act:
        case Act.OPEN:
            return call._replace(
                create="O_CREAT" in given or found["name"] == "creat",
                empty="O_TRUNC" in given or found["name"] == "creat",
            )
        case Act.WRITE:
            at = int(numbers[3]) if found["name"].startswith("p") else None
            return call._replace(data=b"".join(texts)[:result], offset=at)
        case Act.RESIZE:
            return call._replace(offset=int(numbers[1]))
        case Act.GROW:
            if numbers[1] not in ("0", "FALLOC_FL_KEEP_SIZE"):
                raise ValueError(f"fallocate with {numbers[1]} is not known here")
            return call._replace(offset=int(numbers[2]) + int(numbers[3]) if numbers[1] == "0" else 0)
        case Act.RENAME | Act.LINK:
            return call._replace(path=names[0], new_path=names[1])
        case Act.UNLINK:
            return call._replace(path=names[0])
        case _:
            return call


def _texts(given: str) -> Iterator[str]:
    for text, cut in _TEXT.findall(given):
        if cut:
            raise ValueError("a text was cut short by the recorder")
        yield text


def _unescaped(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _nanoseconds(seconds: str) -> int:
    return int(seconds.replace(".", ""))
