"""A browser with a profile on the disk, which can be closed, killed and started again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserType
from playwright.sync_api import Error as BrowserError

from tests.browser.servers import PATIENCE, Server
from tests.browser.visitor import ARGUMENTS, CHROMIUM, Visitor, context_options


@dataclass
class Profile:
    """A folder with a profile, and how to start a browser on it."""

    chromium: BrowserType
    folder: Path
    server: Server

    @contextmanager
    def running(self) -> Iterator[Visitor]:
        """A browser on this profile; in the end it is closed, if it still runs, and its console must be clean."""
        context = self.chromium.launch_persistent_context(
            self.folder, executable_path=CHROMIUM, args=ARGUMENTS, **context_options()
        )
        visitor = Visitor(context, self.server)
        yield visitor
        try:
            context.close()
        except BrowserError:
            assert not self._processes(), "the browser did not end"
        visitor.check_console()

    def kill(self) -> None:
        """End the browser as a crash would: it is told nothing and writes nothing more."""
        assert self._processes()
        until = time.monotonic() + PATIENCE
        # Its children, too, which may hold files of the profile for a while longer.
        while processes := self._processes():
            assert time.monotonic() < until, "the browser did not end"
            for process in processes:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            time.sleep(0.05)

    def _processes(self) -> list[int]:
        """The processes that were told to use this profile."""
        wanted = f"--user-data-dir={self.folder}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue  # it has ended meanwhile
            if wanted in words:
                found.append(int(folder.name))
        return sorted(found)  # the browser itself first
