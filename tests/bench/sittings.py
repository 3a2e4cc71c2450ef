"""What a sitting costs besides its saves: the start, the end with its report, and the review."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from starlette.types import ASGIApp

from tests.bench.figures import Figure
from tests.bench.meter import spread
from tests.bench.stage import EXAM, Candidate, Stage, say
from tests.bench.wire import Prepared, Request, ask

MILLISECONDS = 1000


@dataclass(slots=True)
class Sittings:
    """One attempt of each candidate, from the start to the review. Requests go one at a time."""

    stage: Stage
    candidates: list[Candidate]
    attempts: list[int] = field(default_factory=list)

    async def start(self, app: ASGIApp, what: str) -> Figure:
        """Each candidate starts: the form is assembled and stored, and the whole exam page is made."""
        say(f"{self.stage.name}: {what}")
        self.attempts, samples = [], []
        for candidate in self.candidates:
            token = candidate.tokens[0]
            form = Prepared(Request("POST", "/attempts", token, f"exam={EXAM}&time_option=standard".encode()))
            before = self.stage.cpu()
            await form.send_to(app)
            address = form.answer.headers["location"]
            page = await ask(app, Request("GET", address, token))
            samples.append((self.stage.cpu() - before) * MILLISECONDS)
            assert page.body.count(b"<section") > 74, "this is not the whole exam"
            self.attempts.append(int(address.rpartition("/")[2]))
        # The first start of a process prepares the bank; the others are what counts.
        return self._figure(what, samples[1:], "20, mean")

    async def finish(self, app: ASGIApp) -> Figure:
        """Each candidate ends, is scored, and sees the report."""
        samples = []
        for attempt_id, token in self._each():
            before = self.stage.cpu()
            await ask(app, Request("POST", f"/attempts/{attempt_id}/end", token))
            report = await ask(app, Request("GET", f"/reports/{attempt_id}", token))
            samples.append((self.stage.cpu() - before) * MILLISECONDS)
            assert report.status == 200, "this is not the report"
        return self._figure("finish: close, score, report", samples[1:], "5")

    async def review(self, app: ASGIApp) -> Figure:
        """Each candidate looks at all items."""
        samples = []
        for attempt_id, token in self._each():
            before = self.stage.cpu()
            page = await ask(app, Request("GET", f"/reports/{attempt_id}/review", token))
            samples.append((self.stage.cpu() - before) * MILLISECONDS)
            assert page.body.count(b"<article") == 74, "this is not the whole review"
        return self._figure("review of all 74", samples[1:], "3")

    def _each(self) -> Iterator[tuple[int, str]]:
        return zip(self.attempts, (candidate.tokens[0] for candidate in self.candidates), strict=True)

    def _figure(self, what: str, samples: list[float], target: str) -> Figure:
        return Figure(what, self.stage.name, "CPU ms", spread(samples), f"≤ {target}")
