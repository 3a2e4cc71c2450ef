"""Work that goes on after a request has been answered, in short transactions and in a thread of its own: for what
must write. What calculates for long goes to a child process (long_work.py)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from app.errors import CutscoreError
from app.pages.site import Site
from app.store import jobs

Progress = Callable[[int, int], None]
"""Told how much is done, of how much; each time is a sign of life."""

Work = Callable[[int, Progress], dict[str, Any]]
"""Does it, told the id of its job, and says what the job's page links to: `{"see": path, …}`."""


def start(
    site: Site, kind: str, subject: str, request: dict[str, Any], note: str, work: Work, *, made_by: int
) -> int:
    """Start work and return at once, with the id of its job. `note` says what is done; `request` is kept with it."""
    with site.database.writing() as tx:
        job_id = jobs.start(tx, kind, subject, request, made_by, site.clock.now())

    def progress(done: int, total: int) -> None:
        with site.database.writing() as tx:
            jobs.progress(tx, job_id, done, total, note, site.clock.now())

    def run() -> None:
        result: dict[str, Any] | None = None
        failure = ""
        try:
            result = work(job_id, progress)
        except CutscoreError as error:
            failure = str(error)
        with site.database.writing() as tx:
            jobs.end(tx, job_id, failure, result, site.clock.now())

    threading.Thread(target=run, name=f"job-{job_id}", daemon=True).start()
    return job_id
