"""What the image and the compose file promise, and that their start command serves with their environment.

No container engine is needed: the files are read, and the command is run on this machine's own PostgreSQL.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import yaml

from app.cli import KEEP_ALIVE_SECONDS
from app.settings import ROOT
from app.store.database import POOL_SIZE
from tests.ports import reserved_port

PATIENCE = 300  # seconds
VARIABLE = re.compile(r"\$\{(?P<name>\w+):(?P<kind>[?-])(?P<text>[^}]*)\}")


class UnsetError(Exception):
    """A variable that the compose file demands is not set."""


def interpolate(value: Any, given: dict[str, str]) -> Any:
    """Put values in for ${NAME:-default} and ${NAME:?message} wherever they stand, as compose does."""

    def found(match: re.Match[str]) -> str:
        if not given.get(match["name"]) and match["kind"] == "?":
            raise UnsetError(match["text"])
        return given.get(match["name"]) or match["text"]

    if isinstance(value, dict):
        return {key: interpolate(inner, given) for key, inner in value.items()}
    if isinstance(value, list):
        return [interpolate(inner, given) for inner in value]
    return VARIABLE.sub(found, value) if isinstance(value, str) else value


def services(given: dict[str, str]) -> dict[str, Any]:
    """The services of the compose file."""
    plain = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    found: dict[str, Any] = interpolate(plain, given)["services"]
    return found


def dockerfile() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile's last stage, in order: (word, the rest on one line)."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    words = [(line.split()[0], " ".join(line.split()[1:])) for line in lines]
    last = max(place for place, (word, _) in enumerate(words) if word == "FROM")
    return words[last:]


def image_environment() -> dict[str, str]:
    """What the image sets for every container."""
    return dict(pair.split("=", 1) for word, rest in dockerfile() if word == "ENV" for pair in rest.split())


def image_health_check() -> list[str]:
    """The command of the image's health check."""
    (rest,) = [rest for word, rest in dockerfile() if word == "HEALTHCHECK"]
    command: list[str] = json.loads(rest.split("CMD ", 1)[1])
    return command


WORD = {"POSTGRES_PASSWORD": "aLongRandomWord1"}


def test_x23_no_service_starts_without_a_password() -> None:
    with pytest.raises(UnsetError):
        services({})


def test_every_service_has_a_health_check_and_only_the_database_keeps_anything() -> None:
    found = services(WORD)
    assert all(service["healthcheck"]["test"] for service in found.values())
    volumes = {name: service.get("volumes", []) for name, service in found.items()}
    assert volumes == {
        "proxy": ["./haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro"],
        "app": [],
        "database": ["database-data:/var/lib/postgresql/data"],
    }
    assert image_environment()["CUTSCORE_DATA_DIR"] in found["app"]["tmpfs"]


def test_the_server_waits_for_a_healthy_postgresql_17() -> None:
    found = services(WORD)
    assert found["database"]["image"] == "postgres:17"
    assert found["app"]["depends_on"] == {"database": {"condition": "service_healthy"}}


def test_the_server_asks_for_the_database_that_the_compose_file_makes() -> None:
    found = services(WORD)
    address = urlsplit(found["app"]["environment"]["CUTSCORE_DATABASE_URL"])
    database = found["database"]["environment"]
    assert address.hostname in found
    assert address.username == database["POSTGRES_USER"]
    assert address.password == database["POSTGRES_PASSWORD"]
    assert address.path == f"/{database['POSTGRES_DB']}"


def test_only_the_proxy_is_open_and_to_this_machine_only() -> None:
    ports = {name: service.get("ports", []) for name, service in services(WORD).items()}
    assert ports == {"proxy": ["127.0.0.1:8000:8000"], "app": [], "database": []}


def proxy_lines() -> list[str]:
    """The lines of the proxy's configuration that say something."""
    text = (ROOT / "haproxy.cfg").read_text("utf-8")
    return [line.partition("#")[0].strip() for line in text.splitlines() if line.partition("#")[0].strip()]


def test_the_proxy_sends_to_the_servers_that_say_they_are_ready() -> None:
    found = services(WORD)
    lines = proxy_lines()
    (servers,) = [line.split() for line in lines if line.startswith("server-template ")]
    host, _, port = servers[3].partition(":")
    assert host in found
    assert port == found[host]["environment"]["CUTSCORE_PORT"]
    assert "option httpchk GET /readyz" in lines
    assert f"bind :{found['proxy']['ports'][0].rpartition(':')[2]}" in lines


def test_the_server_believes_the_headers_that_only_the_proxy_sets() -> None:
    environment = services(WORD)["app"]["environment"]
    assert (environment["CUTSCORE_PROXY_HEADERS"], environment["FORWARDED_ALLOW_IPS"]) == ("1", "*")
    set_by_proxy = {line.split()[2] for line in proxy_lines() if line.startswith("http-request set-header")}
    assert set_by_proxy == {"X-Forwarded-For", "X-Forwarded-Proto"}


def test_the_proxy_lets_go_of_a_connection_before_the_server_closes_it() -> None:
    (purged,) = [line.rpartition("pool-purge-delay ")[2] for line in proxy_lines() if "pool-purge" in line]
    # Each time half of the idle ones go, so the last one is gone after a few times.
    assert 5 * int(purged.removesuffix("s")) < KEEP_ALIVE_SECONDS


def test_as_many_servers_as_the_proxy_knows_fit_into_the_database() -> None:
    (servers,) = [line.split() for line in proxy_lines() if line.startswith("server-template ")]
    most = int(servers[2].rpartition("-")[2])
    (allowed,) = [w for w in services(WORD)["database"]["command"] if w.startswith("max_connections=")]
    assert most * POOL_SIZE < int(allowed.partition("=")[2])


def test_the_image_and_the_compose_file_check_health_by_the_same_command() -> None:
    command = image_health_check()
    assert "/readyz" in command[-1]
    assert services(WORD)["app"]["healthcheck"]["test"] == ["CMD", *command]


def test_x24_the_image_does_not_run_as_root() -> None:
    order = [word for word, _ in dockerfile()]
    assert ("USER", "cutscore") in dockerfile()
    assert order.index("USER") < order.index("CMD")


def test_x24_the_image_installs_nothing_without_a_hash() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    installs = re.findall(r"pip install .*", text)
    assert installs
    assert all("--require-hashes" in line and "--no-deps" in line for line in installs)


def test_x23_the_image_holds_everything_that_runs_and_no_secret() -> None:
    copied = {rest.split()[0] for word, rest in dockerfile() if word == "COPY" and "--from" not in rest}
    allowed = {
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").split() if line.startswith("!")
    }
    assert copied == {"LICENSE", "app", "migrations", "questions", "static", "templates"}
    assert allowed == copied | {"requirements.lock"}
    assert not any("PASSWORD" in name or "SECRET" in name for name in image_environment())


def test_the_start_command_serves_on_postgresql_until_told_to_stop(
    postgresql_url: str, port: int, tmp_path: Path
) -> None:
    environment = image_environment() | services(WORD)["app"]["environment"]
    environment |= {
        "CUTSCORE_DATABASE_URL": postgresql_url,  # this machine's, in place of the compose file's
        "CUTSCORE_PORT": str(port),
        "CUTSCORE_DATA_DIR": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
    }
    (start,) = [json.loads(rest) for word, rest in dockerfile() if word == "CMD"]
    with running(start, environment, tmp_path) as server:
        wait_until_healthy(image_health_check(), environment, server)
        address = f"http://127.0.0.1:{environment['CUTSCORE_PORT']}"
        answer = httpx.get(f"{address}/readyz", headers={"Host": "localhost"}, timeout=PATIENCE)
        assert (answer.status_code, answer.json()) == (200, {"ready": True})
        server.send_signal(signal.SIGTERM)
        assert server.wait(PATIENCE) in (0, -signal.SIGTERM)


@pytest.fixture
def port() -> Iterator[int]:
    """A port for a server."""
    with reserved_port() as reserved:
        yield reserved


@contextmanager
def running(
    command: list[str], environment: dict[str, str], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is gone after the block."""
    program = Path(sys.executable).parent / command[0]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [program, *command[1:]], env=environment, cwd=folder, stdout=log, stderr=log
        )
        try:
            yield server
        finally:
            server.kill()
            server.wait()


def wait_until_healthy(
    command: list[str], environment: dict[str, str], server: subprocess.Popen[bytes]
) -> None:
    """Run a health check until it says yes."""
    end = time.monotonic() + PATIENCE
    check = [sys.executable, *command[1:]]
    while subprocess.run(check, env=environment, capture_output=True, check=False).returncode:
        log = (Path(environment["CUTSCORE_DATA_DIR"]) / "log").read_text("utf-8")
        assert server.poll() is None, log
        assert time.monotonic() < end, log
        time.sleep(0.3)
