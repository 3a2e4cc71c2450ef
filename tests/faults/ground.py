"""The ground that laboratories stand on: fresh databases at head, histories, ports, servers."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from random import Random

from tests.databases import command, migrate, of_name, postgresql_database
from tests.faults.cluster import Cluster
from tests.faults.history import History
from tests.faults.lab import Laboratory, Run
from tests.faults.launch import SHIPPED, Build, Server
from tests.faults.stage import fill
from tests.ports import reserved_port

SQLITE, POSTGRESQL = "sqlite", "postgresql"
_TEMPLATE = "laboratory"


@dataclass
class Ground:
    """A folder for SQLite's files, a PostgreSQL server, and a folder for histories, if they are to be kept."""

    folder: Path
    cluster: Cluster | None
    histories: Path | None = None
    _migrated: bool = False
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def kind(self) -> str:
        """The kind of database that it is for, where it is for one."""
        return SQLITE if self.cluster is None else POSTGRESQL

    @contextmanager
    def database(self, kind: str) -> Iterator[str]:
        """The address of a database at head; its files are removed in the end."""
        number = next(self._numbers)
        if kind == SQLITE:
            template = self.folder / "template.sqlite3"
            if not template.exists():
                migrate(f"sqlite:///{template}")
            with tempfile.TemporaryDirectory(dir=self.folder, prefix="run-") as name:
                path = Path(name, "cutscore.sqlite3")
                shutil.copyfile(template, path)
                yield f"sqlite:///{path}"
            return
        assert self.cluster is not None
        if not self._migrated:
            command(self.cluster.address, f"CREATE DATABASE {_TEMPLATE}")
            migrate(of_name(self.cluster.address, _TEMPLATE))
            self._migrated = True
        with postgresql_database(self.cluster.address, f"run_{number}", _TEMPLATE) as address:
            yield address

    @contextmanager
    def laboratory(
        self,
        what: str,
        kind: str,
        seed: int,
        *,
        seats: int,
        processes: int = 1,
        bad_lines: bool = False,
        build: Build = SHIPPED,
    ) -> Iterator[Laboratory]:
        """A laboratory; `build` without its address and port."""
        with ExitStack() as stack:
            file = None
            if self.histories is not None:
                path = self.histories / f"{what.replace(' ', '-')}-{kind}-{seed}.jsonl"
                file = stack.enter_context(path.open("w"))
            url = stack.enter_context(self.database(kind))
            ports = [stack.enter_context(reserved_port()) for _ in range(processes)]
            made = fill(url, seats)
            servers = [Server(replace(build, url=url, port=port)) for port in ports]
            run = Run(what, kind, seed, History(file))
            yield Laboratory(url, servers, made, run, Random(seed), bad_lines)
