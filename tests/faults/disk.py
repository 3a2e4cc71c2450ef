"""A folder on a disk whose power may go: what is there for certain, and what by chance.

Content is as in SQLite's power losses. Names - files that were made, renamed or removed - become certain in their
order, folder by folder: with a sync of the folder, or of the file that was named, and by chance up to any of them.
Folders themselves are taken as certain; nothing here makes or removes one under load.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from posixpath import basename, dirname
from random import Random

from tests.faults.calls import Act, Call
from tests.faults.power import File, share_left
from tests.faults.vfs import Step, What

_Names = dict[str, File | None]  # None: a name that is no more
_OF_PROCESSES = ("postmaster.pid", "postmaster.opts", "log", ".s.PGSQL.")
"""What these files hold means nothing once the processes are gone; a new one may well have an old one's number."""


@dataclass
class Disk:
    """All files below `folder`, by their names from there, and the folders there."""

    folder: str
    names: dict[str, File]
    folders: tuple[str, ...] = ()
    _certain: dict[str, File] = field(default_factory=dict)
    _since: dict[str, list[tuple[int, _Names]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._certain = dict(self.names)

    @classmethod
    def holding(cls, folder: Path) -> Disk:
        """A disk that holds what is in this folder now for certain."""
        below = [path for path in folder.rglob("*") if not path.name.startswith(_OF_PROCESSES)]
        names = {_below(folder, path): File(bytearray(path.read_bytes())) for path in below if path.is_file()}
        return cls(str(folder), names, tuple(_below(folder, path) for path in below if path.is_dir()))

    def take(self, call: Call) -> None:
        """One more call, by the order in which they ended. KeyError when it is about a file that was never made."""
        name, new_name = self._name(call.path), self._name(call.new_path)
        match call.act:
            case Act.OPEN:
                if call.create and name and name not in self.names:
                    self._rename(call, {name: File(bytearray())})
                elif call.empty and name:
                    self._step(call, name, What.TRUNCATE)
            case Act.WRITE | Act.GROW if name:
                self._step(call, name, What.WRITE)
            case Act.RESIZE if name:
                self._step(call, name, What.TRUNCATE)
                self._step(call, name, What.WRITE)  # of nothing, should it have been shorter
            case Act.SYNC | Act.SYNC_DATA if name in self.names:
                self.names[name].sync(call.began)
                if call.act is Act.SYNC:
                    self._sync_name(name, call.began)
            case Act.SYNC if name is not None:
                self._sync_names(name, len(self._done(name, call.began)))
            case Act.RENAME if name and new_name:
                self._rename(call, {name: None, new_name: self.names[name]})
            case Act.LINK if name and new_name:
                self._rename(call, {new_name: self.names[name]})
            case Act.UNLINK if name:
                self._rename(call, {name: None})

    def after_loss(self, random: Random) -> dict[str, bytearray]:
        """The files that are left when the power goes now, each with its content."""
        left = dict(self._certain)
        for changes in self._since.values():
            share = share_left(random)
            for _, change in changes[: round(share * len(changes))]:
                _change(left, change)
        contents = ((name, file.after_loss(random)) for name, file in left.items())
        return {name: content for name, content in contents if content is not None}

    def _name(self, path: str) -> str | None:
        """The name of a path below the folder, "" for itself; None: it is elsewhere."""
        if path == self.folder:
            return ""
        name = path.removeprefix(f"{self.folder}/")
        return None if name == path or basename(name).startswith(_OF_PROCESSES) else name

    def _step(self, call: Call, name: str, what: What) -> None:
        data = call.data if what is What.WRITE else b""
        self.names[name].take(Step(what, name, call.offset or 0, data), call.ended)

    def _rename(self, call: Call, change: _Names) -> None:
        _change(self.names, change)
        folder = dirname(next(reversed(change)))
        self._since.setdefault(folder, []).append((call.ended, change))

    def _done(self, folder: str, began: int) -> list[_Names]:
        return [change for ended, change in self._since.get(folder, []) if ended <= began]

    def _sync_name(self, name: str, began: int) -> None:
        """A sync of a file makes its newest name certain, with all that was done in that folder before."""
        named = [n for n, change in enumerate(self._done(dirname(name), began), 1) if change.get(name)]
        if named:
            self._sync_names(dirname(name), named[-1])

    def _sync_names(self, folder: str, many: int) -> None:
        changes = self._since.get(folder, [])
        for _, change in changes[:many]:
            _change(self._certain, change)
        del changes[:many]


def _change(names: dict[str, File], change: _Names) -> None:
    for name, file in change.items():
        if file is None:
            names.pop(name, None)
        else:
            names[name] = file


def _below(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()
