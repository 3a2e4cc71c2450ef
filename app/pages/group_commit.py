"""Group commit: many waiting saves share one transaction and one fsync; and a bucket against floods of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import ceil
from threading import Lock
from typing import Generic, TypeVar

from app.errors import TooMany

LARGEST_GROUP = 256
BURST, REFILL_PER_SECOND = 100.0, 5.0  # no person and no offline queue is faster

Work = TypeVar("Work")
Result = TypeVar("Result")


class GroupCommit(Generic[Work, Result]):
    """Runs `flush` in a thread on all the work that has gathered while the last flush was under way."""

    def __init__(self, flush: Callable[[list[Work]], Sequence[Result]]) -> None:
        self._flush = flush
        self._waiting: list[tuple[Work, asyncio.Future[Result]]] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="saves")
        self._running: asyncio.Task[None] | None = None

    async def submit(self, work: Work) -> Result:
        """The result of `work`, once its group is committed. Raises what the flush raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((work, future))
        if self._running is None:
            self._running = loop.create_task(self._run())
        return await future

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
            try:
                results = await loop.run_in_executor(self._thread, self._flush, [work for work, _ in group])
            except Exception as error:  # every waiting save must hear of it, whatever it was
                for _, future in group:
                    if not future.done():
                        future.set_exception(error)
            else:
                for (_, future), result in zip(group, results, strict=True):
                    if not future.done():
                        future.set_result(result)
        self._running = None


@dataclass(slots=True)
class Bucket:
    """A token bucket for each subject; as it is for sessions that save: a burst of 100, then 5 a second."""

    levels: dict[str, tuple[float, float]] = field(default_factory=dict)
    burst: float = BURST
    per_second: float = REFILL_PER_SECOND
    refusal: str = "Too many saves at once. Your answer is kept on this device and sent again."
    turn: Lock = field(default_factory=Lock)

    def take(self, subject: str, seconds: float) -> None:
        """Take one token at the time `seconds`. Raises TooMany when there is none."""
        with self.turn:
            level, since = self.levels.pop(subject, (self.burst, seconds))
            level = min(self.burst, level + max(seconds - since, 0.0) * self.per_second)
            self.levels[subject] = (max(level - 1, 0.0), seconds)
            if len(self.levels) > LARGEST_GROUP * 100:
                self.levels.pop(next(iter(self.levels)))
        if level < 1:
            raise TooMany(self.refusal, ceil((1 - level) / self.per_second))
