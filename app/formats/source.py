"""What a person hands in: a folder, a zip of it, or one file, as a mapping of relative names to bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.errors import Invalid, Missing
from app.exam.faults import Place, structure
from app.formats.archive import MAX_ENTRIES, MAX_TOTAL, is_zip, name_problem, unpack

_JUNK_FOLDERS = ("__MACOSX", "__pycache__")
_JUNK_FILES = ("Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Source:
    """The input of every reader. Names use `/`; they are keys, never paths.

    `name` is what the person called it. `raw` is the content as it was handed in (of a zip: the archive
    itself); None for a folder.
    """

    name: str
    files: Mapping[str, bytes]
    raw: bytes | None = None


def from_bytes(name: str, content: bytes) -> Source:
    """A source from one uploaded file; a zip is unpacked within limits. Raises Invalid."""
    if is_zip(content):
        return Source(name, _without_top(_without_junk(unpack(name, content))), content)
    return Source(name, {name: content}, content)


def collect(path: Path) -> Source:
    """A source from a folder, a zip or a file on disk. Raises Missing, or Invalid with the faults."""
    if path.is_dir():
        return Source(path.name, _without_junk(_folder(path)))
    if not path.is_file():
        raise Missing(f"There is no file or folder {path}.")
    if path.stat().st_size > MAX_TOTAL:
        raise _refusal(path.name, "too-large", f"the file has more than {MAX_TOTAL // 1_000_000} MB")
    return from_bytes(path.name, path.read_bytes())


def _refusal(name: str, rule: str, message: str) -> Invalid:
    return Invalid("The pack cannot be accepted.", [structure(Place(name), rule, message)])


def _folder(root: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = MAX_TOTAL
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if _is_junk(name) or (path.is_dir() and not path.is_symlink()):
            continue
        if path.is_symlink() or not path.is_file():
            raise _refusal(name, "bad-entry", "it is a link or a device, not a file")
        if why := name_problem(name):
            raise _refusal(name, "bad-entry-name", f"the name has {why}")
        left -= path.stat().st_size
        if left < 0 or len(files) == MAX_ENTRIES:
            megabytes = MAX_TOTAL // 1_000_000
            raise _refusal(root.name, "too-large", f"more than {MAX_ENTRIES} files or {megabytes} MB")
        files[name] = path.read_bytes()
    return files


def _is_junk(name: str) -> bool:
    """What file managers and version control leave behind."""
    parts = name.split("/")
    return any(part.startswith(".") or part in _JUNK_FOLDERS for part in parts) or parts[-1] in _JUNK_FILES


def _without_junk(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in sorted(files.items()) if not _is_junk(name)}


def _without_top(files: dict[str, bytes]) -> dict[str, bytes]:
    """Without the one folder around everything that packing a folder makes."""
    tops = {name.partition("/")[0] for name in files}
    if len(tops) != 1 or any("/" not in name for name in files):
        return files
    top = f"{tops.pop()}/"
    return {name.removeprefix(top): content for name, content in files.items()}
