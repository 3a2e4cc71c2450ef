"""Checkers of files that are no code of ours to read: lock files, and what static/ serves.

Each returns one line for each breach.
"""

from __future__ import annotations

import re
from pathlib import Path

REQUIREMENT = re.compile(r"^([a-z0-9][a-z0-9._-]*)(\[[^]]*\])?==(\S+)", re.IGNORECASE)
ADDRESS = re.compile(r"\w+://|^\s*(--(index-url|extra-index-url|find-links|trusted-host)|-[ief])\b")
STATIC_KINDS = {".css", ".js", ".svg", ".png", ".ico"}
LARGEST_STATIC = 100_000
OF_OTHERS = re.compile(r"\.min\.|@license|@preserve|sourceMappingURL|\(c\)\s*\d{4}|copyright", re.IGNORECASE)


def lock_breaches(text: str) -> list[str]:
    """Lines of a lock file that name an address or an index, and requirements without a hash."""
    breaches = [f"{n}: {line}" for n, line in enumerate(text.splitlines(), 1) if ADDRESS.search(line)]
    entries = text.replace("\\\n", " ").splitlines()
    named = [entry for entry in entries if entry.strip() and not entry.startswith("#")]
    return breaches + [f"no hash: {entry}" for entry in named if "--hash=sha256:" not in entry]


def pins(text: str) -> set[str]:
    """The requirements of a lock file, each with its version."""
    found = (REQUIREMENT.match(line) for line in text.splitlines())
    return {f"{match[1]}=={match[3]}" for match in found if match}


def strangers(folder: Path) -> list[str]:
    """Files of static/ that look like somebody else's: those are served from installed packages."""
    breaches = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        name = path.relative_to(folder).as_posix()
        content = path.read_bytes()
        longest = max(map(len, content.splitlines()), default=0)
        if path.suffix not in STATIC_KINDS:
            breaches.append(f"{name}: not a kind of file that is served")
        elif len(content) > LARGEST_STATIC:
            breaches.append(f"{name}: {len(content)} bytes")
        elif path.suffix in (".css", ".js") and (OF_OTHERS.search(name + content.decode()) or longest > 500):
            breaches.append(f"{name}: minified, or with a notice of its own")
    return breaches
