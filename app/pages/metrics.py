"""Metrics for Prometheus, of this one process: open to whoever sends the token that the operator set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hmac import compare_digest

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from app.errors import Missing, Unavailable
from app.pages.depends import Now, TheSite
from app.pages.site import Site
from app.pages.tally import BOUNDS, Durations
from app.store import attempts, jobs

FORMAT = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[str, float]

router = APIRouter()


@router.get("/metrics")
def metrics(request: Request, now: Now, site: TheSite) -> Response:
    """Everything in Prometheus' text format. Without a token set there is no such page."""
    token = site.settings.metrics_token
    if not token:
        raise Missing("No page has this address.")
    if not compare_digest(request.headers.get("authorization", "").encode(), f"Bearer {token}".encode()):
        headers = {"WWW-Authenticate": "Bearer"}
        return PlainTextResponse("Send the token of CUTSCORE_METRICS_TOKEN as a bearer token.", 401, headers)
    up, running, working = 1, 0, 0
    try:
        with site.database.reading() as tx:
            running, working = attempts.running(tx, now), jobs.running(tx, now)
    except Unavailable:
        up = 0
    lines = [
        *_family("cutscore_database_up", "gauge", "1 when the database can be reached.", [("", up)]),
        *_family(
            "cutscore_attempts_running", "gauge", "Attempts with time left, of all servers.", [("", running)]
        ),
        *_family("cutscore_jobs_running", "gauge", "Long work going on, of all servers.", [("", working)]),
        *_of_process(site),
    ]
    return PlainTextResponse("\n".join(lines) + "\n", media_type=FORMAT)


def _of_process(site: Site) -> Iterator[str]:
    tally = site.tally
    started = site.started_at.timestamp()
    yield from _family("cutscore_start_time_seconds", "gauge", "When this process started.", [("", started)])
    drifted = [("", float(site.clock.drifted))]
    yield from _family("cutscore_clock_drifted", "gauge", "1 when the system clock was moved.", drifted)
    answers = [
        (f'{{method="{method}",status="{status}"}}', float(count))
        for (method, status), count in sorted(tally.statuses.items())
    ]
    yield from _family("cutscore_answers_total", "counter", "Answers by method and status.", answers)
    outcomes = [(f'{{outcome="{name}"}}', float(count)) for name, count in sorted(tally.outcomes.items())]
    yield from _family("cutscore_saves_total", "counter", "Saves by what became of them.", outcomes)
    waiting = [("", float(tally.under_way))]
    yield from _family("cutscore_requests_under_way", "gauge", "Requests not answered yet.", waiting)
    yield from _histogram("cutscore_save_seconds", "From a save's arrival to its answer.", tally.saves)
    yield from _histogram("cutscore_page_seconds", "The same of everything else.", tally.pages)


def _family(name: str, kind: str, about: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        yield f"{name}{labels} {value:.15g}"


def _histogram(name: str, about: str, durations: Durations) -> Iterator[str]:
    count, lines = 0, []
    for bound, number in zip((*map(str, BOUNDS), "+Inf"), durations.counts, strict=True):
        count += number
        lines.append(f'{name}_bucket{{le="{bound}"}} {count}')
    yield from _family(name, "histogram", about, ())
    yield from lines
    yield f"{name}_sum {durations.total:.15g}"
    yield f"{name}_count {count}"
