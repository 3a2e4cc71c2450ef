"""Zip archives from strangers: every limit is checked before and while unpacking, and nothing touches a disk.

The directory is judged first (size, count, names, declared sizes), then each entry is unpacked and counted.
Entry names are only ever keys of a mapping, never paths.
"""

from __future__ import annotations

import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator

from app.errors import Invalid
from app.exam.faults import Fault, Place, structure

MAX_TOTAL = 200_000_000
MAX_ENTRIES = 2_000
MAX_RATIO = 100
RATIO_FROM = 64_000
"""Below this unpacked size an entry may be as repetitive as it likes: all entries together stay harmless."""
MAX_NAME = 240
_DIRECTORY_BYTES_PER_ENTRY = 512
_END = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_END64_LOCATOR = b"PK\x06\x07"
_END64_LOCATOR_SIZE = 20
_LOCAL_HEADER_SIZE = 30
_LOCAL_SIGNATURE = b"PK\x03\x04"
_CHUNK = 1 << 16
_SYMLINK = 0o120000
_FILE_TYPE = 0o170000
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9]|conin\$|conout\$)(\..*)?", re.IGNORECASE)
_NESTED_NAME = re.compile(r"\.(zip|jar|imscc|7z|rar|tar|tgz|gz|bz2|xz|zst|lz4|cab|iso)$", re.IGNORECASE)
_NESTED_STARTS = (
    _LOCAL_SIGNATURE,
    _END_SIGNATURE,
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!",
    b"\x28\xb5\x2f\xfd",
)
_TAR_MAGIC = slice(257, 262)


def is_zip(content: bytes) -> bool:
    """Whether the bytes begin as a zip archive does (an empty one is only its end record)."""
    return content.startswith((_LOCAL_SIGNATURE, _END_SIGNATURE))


def unpack(name: str, content: bytes) -> dict[str, bytes]:
    """The files of an archive by entry name, folders left out.

    Raises Invalid with every fault of the directory at once, or with the first one of the content.
    """
    _check_directory(name, content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if faults := list(_entry_faults(name, content, entries)):
                raise Invalid("The archive cannot be accepted.", faults)
            return _read_all(name, archive, [entry for entry in entries if not entry.is_dir()])
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError) as error:
        raise _refusal(name, "bad-archive", f"the archive is damaged: {error}") from error


def _refusal(name: str, rule: str, message: str) -> Invalid:
    return Invalid("The archive cannot be accepted.", [structure(Place(name), rule, message)])


def _check_directory(name: str, content: bytes) -> None:
    """Refuse by the end record alone, before anything is allocated for the entries."""
    at = content.rfind(_END_SIGNATURE, max(0, len(content) - _END.size - 0xFFFF))
    if at < 0 or at + _END.size > len(content):
        raise _refusal(name, "bad-archive", "the archive has no end; it is damaged or cut off")
    _, _, _, _, count, size, _, comment = _END.unpack_from(content, at)
    if at + _END.size + comment != len(content):
        raise _refusal(name, "bad-archive", "the archive has bytes after its end; pack it again")
    if content[max(0, at - _END64_LOCATOR_SIZE) : at].startswith(_END64_LOCATOR):
        raise _refusal(name, "too-many-entries", "archives in zip64 form are not accepted; pack fewer files")
    if count > MAX_ENTRIES or size > MAX_ENTRIES * _DIRECTORY_BYTES_PER_ENTRY:
        raise _refusal(name, "too-many-entries", f"the archive has more than {MAX_ENTRIES} entries")


def _entry_faults(name: str, content: bytes, entries: list[zipfile.ZipInfo]) -> Iterator[Fault]:
    at = Place(name)
    if len(entries) > MAX_ENTRIES:
        yield structure(at, "too-many-entries", f"the archive has more than {MAX_ENTRIES} entries")
        return
    if sum(entry.file_size for entry in entries) > MAX_TOTAL:
        yield structure(at, "too-large", f"unpacked, the archive has more than {MAX_TOTAL // 1_000_000} MB")
    seen: dict[str, str] = {}
    for entry in entries:
        shown = repr(entry.orig_filename[:80])
        if why := name_problem(entry.orig_filename):
            yield structure(at, "bad-entry-name", f"entry {shown}: {why}")
        folded = unicodedata.normalize("NFC", entry.orig_filename).casefold().rstrip("/")
        if folded in seen:
            yield structure(at, "entry-clash", f"entry {shown} and {seen[folded]} are the same name")
        seen[folded] = shown
        if why := _content_problem(entry):
            yield structure(at, "bad-entry", f"entry {shown}: {why}")
    yield from _overlaps(at, len(content), entries)


def name_problem(name: str) -> str | None:
    """Why a name of an entry is refused, or None: it must be plain on every system."""
    parts = name.removesuffix("/").split("/")
    checks = (
        (len(name) > MAX_NAME, f"longer than {MAX_NAME} characters"),
        (not all(parts), "an absolute path or an empty part"),
        (any(part in (".", "..") for part in parts), "a part . or .. that leads out of the archive"),
        ("\\" in name, "a backslash"),
        (":" in name, "a drive letter or colon"),
        (any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in name), "a control character"),
        (
            any(part != part.strip() or part.endswith(".") for part in parts),
            "a part that ends in a dot or space",
        ),
        (any(_DEVICE.fullmatch(part) for part in parts), "the name of a device"),
    )
    return next((why for broken, why in checks if broken), None)


def _content_problem(entry: zipfile.ZipInfo) -> str | None:
    if entry.flag_bits & 0x1:
        return "it is encrypted"
    if (entry.external_attr >> 16) & _FILE_TYPE == _SYMLINK:
        return "it is a symbolic link"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "its compression is not supported; use the usual one (deflate)"
    if _NESTED_NAME.search(entry.orig_filename):
        return "it is an archive in the archive"
    if entry.file_size > RATIO_FROM and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
        return f"it unpacks to more than {MAX_RATIO} times its size"
    return None


def _overlaps(at: Place, length: int, entries: list[zipfile.ZipInfo]) -> Iterator[Fault]:
    """Entries that share bytes: the trick of the bombs that need no nesting (D. Fifield, 2019)."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    starts = [entry.header_offset for entry in ordered[1:]] + [length]
    for entry, following in zip(ordered, starts, strict=True):
        if (
            entry.header_offset + _LOCAL_HEADER_SIZE + len(entry.orig_filename) + entry.compress_size
            > following
        ):
            yield structure(at, "bad-archive", f"entry {entry.orig_filename[:80]!r} overlaps what follows it")


def _read_all(name: str, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = MAX_TOTAL
    for entry in entries:
        files[entry.orig_filename] = content = _read_counted(name, archive, entry, left)
        left -= len(content)
        if content.startswith(_NESTED_STARTS) or content[_TAR_MAGIC] == b"ustar":
            raise _refusal(
                name, "bad-entry", f"entry {entry.orig_filename!r}: it is an archive in the archive"
            )
    return files


def _read_counted(name: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
    """The bytes of one entry, counted as they come: what the directory declares is not believed."""
    parts: list[bytes] = []
    most = min(left, max(RATIO_FROM, MAX_RATIO * max(1, entry.compress_size)))
    with archive.open(entry) as stream:
        while part := stream.read(_CHUNK):
            parts.append(part)
            most -= len(part)
            if most < 0:
                raise _refusal(
                    name, "too-large", f"entry {entry.orig_filename!r} unpacks to more than is allowed"
                )
    return b"".join(parts)
