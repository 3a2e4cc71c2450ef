"""What is put under load: one process on SQLite, or several behind the proxy on PostgreSQL. All of it real."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError

from app.settings import ROOT
from tests.bench import meter
from tests.databases import postgresql_database, postgresql_server
from tests.load.connection import HOST
from tests.ports import reserved_port

PATIENCE = 300  # seconds
FILES = 65_536
"""Connections and files of one process: the proxy has two for each candidate."""
MISSING_PROXY = "HAProxy is not installed (Debian: apt-get install haproxy; no service of it need run)."


class MissingError(Exception):
    """Something that this machine lacks."""


@dataclass
class Process:
    """A program of the laboratory, with a port of its own."""

    command: Sequence[str]
    environment: dict[str, str]
    port: int
    log: Path
    process: subprocess.Popen[bytes] = field(init=False)
    spent: float = 0.0
    """Seconds of CPU of the processes that were here before this one."""

    def start(self) -> None:
        """Start it; `wait_until_ready` says when it serves."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    def wait_until_ready(self) -> None:
        """Wait until it says that it is ready."""
        end = time.monotonic() + PATIENCE
        while not is_ready(self.port):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.command} did not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.1)

    def signal(self, number: int) -> None:
        """Send a signal and wait for the end."""
        self.spent = self.cpu
        self.process.send_signal(number)
        self.process.wait(PATIENCE)

    def stop(self) -> None:
        """End it in order."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)

    @property
    def cpu(self) -> float:
        """Seconds of CPU so far."""
        here = self.process.poll() is None
        return self.spent + (meter.cpu_of_process(self.process.pid) if here else 0.0)

    @property
    def megabytes(self) -> float:
        """Memory that it holds."""
        if self.process.poll() is not None:
            return 0.0
        held = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.process.pid}/status").read_text())
        return int(held[1]) / 1024 if held else 0.0


@dataclass
class Target:
    """Where requests go, and whose work that is."""

    name: str
    url: str
    servers: list[Process]
    proxy: Process | None = None
    database_process: int | None = None

    @property
    def port(self) -> int:
        """Where candidates connect."""
        return (self.proxy or self.servers[0]).port

    def cpu(self) -> dict[str, float]:
        """Seconds of CPU so far, by who used them."""
        used = {"servers": sum(each.cpu for each in self.servers)}
        if self.database_process is not None:
            used["database"] = meter.cpu_of_children(self.database_process)
        if self.proxy is not None:
            used["proxy"] = self.proxy.cpu
        return used | {"driver": meter.own_cpu()}

    def megabytes(self) -> float:
        """Memory of all server processes."""
        return sum(each.megabytes for each in self.servers)


@contextmanager
def sqlite_target(folder: Path) -> Iterator[Target]:
    """One process, one file."""
    url = f"sqlite:///{folder / 'cutscore.sqlite3'}"
    with ExitStack() as stack:
        (server,) = servers(stack, folder, url, 1, behind_proxy=False)
        yield Target("SQLite, 1 process", url, [server])


@contextmanager
def postgresql_target(folder: Path, processes: int) -> Iterator[Target]:
    """Processes behind the proxy of docker-compose.yml, on a durable PostgreSQL of their own."""
    with ExitStack() as stack:
        address = stack.enter_context(postgresql_server(durable=True))
        url = stack.enter_context(postgresql_database(address, "load"))
        started = servers(stack, folder, url, processes, behind_proxy=True)
        port = stack.enter_context(reserved_port())
        configuration = proxy_configuration(port, [server.port for server in started])
        proxy = stack.enter_context(running_proxy(folder, port, configuration))
        name = f"PostgreSQL, {processes} processes behind HAProxy"
        yield Target(name, url, started, proxy, meter.postgresql_process(address))


def proxy_configuration(port: int, servers: Sequence[int]) -> str:
    """The configuration that ships, but for the two lines that name addresses."""
    text = (ROOT / "haproxy.cfg").read_text("utf-8")
    text, bound = re.subn(r"bind :8000", f"bind {HOST}:{port}", text)
    named = "\n".join(f"    server server-{place} {HOST}:{each}" for place, each in enumerate(servers, 1))
    text, listed = re.subn(r"(?m)^    server-template .*$", named, text)
    assert (bound, listed) == (1, 1), "haproxy.cfg is not as it was: one line binds, one names the servers"
    return text


@contextmanager
def running_proxy(folder: Path, port: int, configuration: str) -> Iterator[Process]:
    """HAProxy with a configuration that binds this port, once it reaches a server. Raises MissingError."""
    program = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise MissingError(MISSING_PROXY)
    file = folder / "haproxy.cfg"
    file.write_text(configuration)
    subprocess.run([program, "-c", "-q", "-f", file], check=True)
    proxy = Process([program, "-db", "-f", str(file)], dict(os.environ), port, folder / "proxy.log")
    proxy.start()
    try:
        proxy.wait_until_ready()
        yield proxy
    finally:
        proxy.stop()


def servers(stack: ExitStack, folder: Path, url: str, count: int, *, behind_proxy: bool) -> list[Process]:
    """As many server processes as asked for, ready; they end with the stack."""
    started = []
    for number in range(count):
        port = stack.enter_context(reserved_port())
        environment = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ
        }
        environment |= {
            "CUTSCORE_DATABASE_URL": url,
            "CUTSCORE_PORT": str(port),
            "CUTSCORE_PROXY_HEADERS": str(int(behind_proxy)),
        }
        server = Process(
            [sys.executable, "-m", "app", "serve"], environment, port, folder / f"server-{number}.log"
        )
        server.start()
        stack.callback(server.stop)
        started.append(server)
    for server in started:
        server.wait_until_ready()
    return started


def is_ready(port: int) -> bool:
    """Whether what listens there says that it is ready."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/readyz", timeout=10) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def allow_files() -> None:
    """Let this process and those that it starts have many files open."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for most in (FILES, hard):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, max(most, hard)))
        except (ValueError, PermissionError):  # only root may go beyond what the system allows
            continue
        return
