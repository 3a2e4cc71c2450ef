"""Settings, frozen, from CUTSCORE_* variables. The names are a public contract."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from app.errors import Invalid

ROOT = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"
LOGS = ("text", "json")
SHORTEST_TOKEN = 16
MOST_UPLOAD = 100
"""Megabytes of one file: it is read as a whole, in 256 MB of memory."""
MOST_JOBS = 32
"""Files that one server process reads at once, and calculations that it makes at once."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator can set. Defaults serve one person on a laptop."""

    data_dir: Path = ROOT / "data"
    database_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    base_url: str = ""
    trusted_hosts: tuple[str, ...] = ()
    secure_cookies: bool = False
    proxy_headers: bool = False
    guests: bool = True
    upload_megabytes: int = 20
    jobs: int = 2
    log: str = "text"
    metrics_token: str = ""
    packs: tuple[Path, ...] = field(default=(ROOT / "questions" / "csa-pro", ROOT / "questions" / "tutorial"))

    def __post_init__(self) -> None:
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{self.data_dir / 'cutscore.sqlite3'}")
        if not self.base_url:
            host = f"[{self.host}]" if ":" in self.host else self.host
            object.__setattr__(self, "base_url", f"http://{host}:{self.port}")
        if not self.trusted_hosts:
            own = urlsplit(self.base_url).hostname or self.host
            names = {own, self.host, "localhost", "127.0.0.1", "[::1]"} if is_loopback(self.host) else {own}
            object.__setattr__(self, "trusted_hosts", tuple(sorted(names)))


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine can reach a server that listens on `host`."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment. Raises Invalid, naming the variable, on a value that cannot be read."""

    def flag(name: str, default: bool) -> bool:
        text = environment.get(name, "").strip().lower()
        if text in ("1", "true", "yes", "on"):
            return True
        if text in ("0", "false", "no", "off"):
            return False
        if text:
            raise Invalid(f"{name} is {text!r}: write 1 or 0.")
        return default

    port = environment.get("CUTSCORE_PORT", "") or "8000"
    if not port.isdecimal() or not 0 < int(port) < 65536:  # noqa: PLR2004 - the range of TCP ports
        raise Invalid(f"CUTSCORE_PORT is {port!r}: write a number from 1 to 65535.")
    megabytes = environment.get("CUTSCORE_UPLOAD_MB", "") or "20"
    if not megabytes.isdecimal() or not 0 < int(megabytes) <= MOST_UPLOAD:
        raise Invalid(f"CUTSCORE_UPLOAD_MB is {megabytes!r}: write a number from 1 to {MOST_UPLOAD}.")
    jobs = environment.get("CUTSCORE_JOBS", "") or "2"
    if not jobs.isdecimal() or not 0 < int(jobs) <= MOST_JOBS:
        raise Invalid(f"CUTSCORE_JOBS is {jobs!r}: write a number from 1 to {MOST_JOBS}.")
    log = environment.get("CUTSCORE_LOG", "") or "text"
    if log not in LOGS:
        raise Invalid(f"CUTSCORE_LOG is {log!r}: write one of {', '.join(LOGS)}.")
    metrics_token = environment.get("CUTSCORE_METRICS_TOKEN", "")
    if metrics_token and not (len(metrics_token) >= SHORTEST_TOKEN and metrics_token.isascii()):
        raise Invalid(f"CUTSCORE_METRICS_TOKEN is no word of at least {SHORTEST_TOKEN} letters and digits.")
    base_url = environment.get("CUTSCORE_BASE_URL", "").rstrip("/")
    if base_url and urlsplit(base_url).scheme not in ("http", "https"):
        raise Invalid(f"CUTSCORE_BASE_URL is {base_url!r}: write it as https://exam.example.org.")
    host = environment.get("CUTSCORE_HOST", "") or "127.0.0.1"
    data_dir = Path(environment.get("CUTSCORE_DATA_DIR", "") or ROOT / "data")
    trusted = tuple(
        name.strip() for name in environment.get("CUTSCORE_TRUSTED_HOSTS", "").split(",") if name.strip()
    )
    return Settings(
        data_dir=data_dir,
        database_url=environment.get("CUTSCORE_DATABASE_URL", ""),
        host=host,
        port=int(port),
        base_url=base_url,
        trusted_hosts=trusted,
        secure_cookies=flag("CUTSCORE_SECURE_COOKIES", base_url.startswith("https://")),
        proxy_headers=flag("CUTSCORE_PROXY_HEADERS", False),
        guests=flag("CUTSCORE_GUESTS", is_loopback(host)),
        upload_megabytes=int(megabytes),
        jobs=int(jobs),
        log=log,
        metrics_token=metrics_token,
    )
