"""Long work, from the side of the server: starts the child process of `app.work`, writes down how far it is, and
takes its result. Pages of any noun start it; jobs.py shows it."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from app.errors import CutscoreError
from app.pages.site import Site
from app.pages.turns import Line
from app.settings import ROOT
from app.store import jobs
from app.store.database import Database, Transaction

LOST = "This stopped with its server before it was done. Nothing was changed; start it again."
UNFORESEEN = "This failed in a way that was not foreseen; the server's log says more. Nothing was changed."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child process may use: memory, processor time, and time on the wall."""

    megabytes: int = 1024
    cpu_seconds: int = 600
    seconds: int = 900


Take = Callable[[Transaction, dict[str, Any]], dict[str, Any]]
"""Stores a result, in one short transaction, and says what the job's page links to: `{"see": path, …}`."""

Prepare = Callable[[Database, dict[str, Any]], dict[str, Any]]
"""Stores the large part of a result in many short transactions, where nobody sees it; `Take` gets what is left."""

Keep = Callable[[Database, dict[str, Any]], None]
"""Stores one part of a result as it comes, where nobody sees it."""

Note = Callable[[dict[str, Any]], None]


def start(
    site: Site,
    kind: str,
    subject: str,
    request: dict[str, Any],
    take: Take,
    *,
    made_by: int | None,
    prepare: Prepare | None = None,
    keep: Keep | None = None,
    limits: Limits | None = None,
) -> int:
    """Start work in a child process and return at once, with the id of its job. It waits for its turn: files are read
    a few at once, and calculations made; neither waits for the other.

    `request` is stored with the job, so it holds no secrets; the child also gets the address of the database.
    """
    now = site.clock.now()
    with site.database.writing() as tx:
        job_id = jobs.start(tx, kind, subject, request, made_by, now)
    watch = threading.Thread(
        target=_watch,
        args=(site, kind, job_id, request, prepare, keep, take, limits or Limits()),
        name=f"job-{job_id}",
        daemon=True,
    )
    watch.start()
    return job_id


def _watch(
    site: Site,
    kind: str,
    job_id: int,
    request: dict[str, Any],
    prepare: Prepare | None,
    keep: Keep | None,
    take: Take,
    limits: Limits,
) -> None:
    def note(document: dict[str, Any]) -> None:
        if "part" not in document:
            _note(site, job_id, document)
        elif keep is not None:
            keep(site.database, document["part"])

    def wait(ahead: int) -> None:
        others = "one other is" if ahead == 1 else f"{ahead} others are"
        _note(site, job_id, {"done": 0, "total": 0, "note": f"Waiting until {others} done"})

    try:
        with site.turns.turn(Line.READING if kind == "import" else Line.CALCULATING, wait):
            result = run(site, kind, request, limits, note)
            if prepare is not None:
                result = prepare(site.database, result)
            with site.database.writing() as tx:
                jobs.end(tx, job_id, "", take(tx, result), site.clock.now())
    except Exception as error:
        if not isinstance(error, CutscoreError):
            _log.exception("job %d (%s) failed", job_id, kind)
        with site.database.writing() as tx:
            jobs.end(
                tx,
                job_id,
                str(error) if isinstance(error, CutscoreError) else UNFORESEEN,
                None,
                site.clock.now(),
            )


class Failed(CutscoreError):  # noqa: N818 - as the errors it is one of
    """The child said what went wrong, or died."""


def _unheard(_document: dict[str, Any]) -> None:
    return None


def run(
    site: Site, kind: str, request: dict[str, Any], limits: Limits, note: Note = _unheard
) -> dict[str, Any]:
    """Work in a child process, and wait for its result; `note` is told of progress and parts. Raises Failed."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-P", "-m", "app.work", kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as child:
        alarm = threading.Timer(limits.seconds, child.kill)
        alarm.start()
        try:
            _send(child, request | {"database_url": site.database.url}, limits)
            for document in _lines(child):
                if "result" in document:
                    made: dict[str, Any] = document["result"]
                    return made
                if "error" in document:
                    raise Failed(" ".join([document["error"], *document.get("faults", ())]))
                note(document)
            status = child.wait()
        finally:
            alarm.cancel()
            child.kill()
    if status < 0:  # a signal: its own limits, the alarm, or the system
        raise Failed(
            "This took too much time or memory and was stopped. Nothing was changed; give it less at once."
        )
    raise Failed(UNFORESEEN)


def _send(child: subprocess.Popen[str], request: dict[str, Any], limits: Limits) -> None:
    order = {"request": request, "megabytes": limits.megabytes, "seconds": limits.cpu_seconds}
    if child.stdin is None:
        return
    with suppress(BrokenPipeError):  # it was stopped already: its end says so
        child.stdin.write(json.dumps(order))
        child.stdin.flush()
    with suppress(BrokenPipeError):
        child.stdin.close()


def _lines(child: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    for line in child.stdout or ():
        if not line.endswith("\n"):  # it was stopped in the middle of a line
            return
        document: dict[str, Any] = json.loads(line)
        yield document


def _note(site: Site, job_id: int, document: dict[str, Any]) -> None:
    with site.database.writing() as tx:
        jobs.progress(tx, job_id, document["done"], document["total"], document["note"], site.clock.now())
