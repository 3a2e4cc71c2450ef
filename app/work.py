"""The child process of long work: `python -m app.work KIND`, so that no import, calibration or analysis can take the
server's memory or time.

The request is one JSON document on standard input. Standard output has one JSON document a line: progress, parts of
the result, and as the last one the result or what went wrong. The process ends when nobody reads it any more.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, TypeAlias

from app.errors import CutscoreError, Invalid

Progress: TypeAlias = Callable[[int, int, str], None]
"""Told how much is done, of how much, and what is being done."""

Work: TypeAlias = Callable[[Mapping[str, Any], Progress], dict[str, Any]]
"""Gives a result. What is too large to be held at once stands under "parts", which are said one by one before it."""

# By name, so that an import does not load what a calibration needs.
KINDS: dict[str, str] = {
    "analysis": "app.measuring:analyse",
    "calibration": "app.measuring:calibrate",
    "count": "app.work:count",
    "check": "app.checking:check",
    "export": "app.exporting:export",
    "image": "app.picturing:image",
    "import": "app.importing:read",
}
"""Each kind of work with `module:function` that does it."""

NICENESS = 10
MEGABYTE = 2**20
KEPT = 50_000
"""Objects that are made before those of the last while are looked through for what nobody needs."""
BETWEEN_WORDS = 1.0
"""Seconds between two words about progress: each costs the server a write."""


def main(kind: str) -> int:
    """Do one piece of work; 0 when it ended well."""
    request = json.load(sys.stdin)
    _confine(request["megabytes"], request["seconds"])
    try:
        work = find(kind)
        gc.freeze()
        gc.set_threshold(KEPT)  # what is read stays: to look through it for circles takes a sixth of the time
        result = work(request["request"], _Teller())
    except MemoryError:
        _say({"error": f"This needs more than {request['megabytes']} MB of memory. Give it less at once."})
        return 1
    except CutscoreError as error:
        faults = [str(fault) for fault in error.faults[:50]] if isinstance(error, Invalid) else []
        _say({"error": str(error), "faults": faults})
        return 1
    for part in result.pop("parts", ()):
        _say({"part": part})
    _say({"result": result})
    return 0


def find(kind: str) -> Work:
    """What does this kind of work. KeyError for an unknown kind."""
    module, _, name = KINDS[kind].partition(":")
    work: Work = getattr(import_module(module), name)
    return work


def count(request: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """The simplest work: counts to `to`, for trying out what all kinds of work have in common."""
    total = int(request["to"])
    for number in range(total):
        progress(number, total, "Counting")
    return {"counted": total}


def _confine(megabytes: int, seconds: int) -> None:
    """Less urgent than any page, and no more memory and processor time than was given."""
    os.nice(NICENESS)
    limit = megabytes * MEGABYTE
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


class _Teller:
    """Says how far it is, now and then."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, done: int, total: int, note: str) -> None:
        now = time.monotonic()
        if now - self._last >= BETWEEN_WORDS:
            self._last = now
            _say({"done": done, "total": total, "note": note})


def _say(document: dict[str, Any]) -> None:
    try:
        sys.stdout.write(json.dumps(document, allow_nan=False) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # whoever wanted this is gone
        os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
