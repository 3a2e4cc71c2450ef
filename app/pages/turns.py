"""Turns: a few at work at once, the others after them in the order in which they came."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum

SIGN_OF_LIFE = 20.0
"""Seconds after which who waits is told again, though nothing has changed: to be heard of."""


class Line(Enum):
    """What waits for its like only: files that are read, and all that is calculated."""

    READING = "reading"
    CALCULATING = "calculating"


class Turns:
    """Lines of threads of one process; the first `at_once` of each line are at work."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._lines: dict[Line, list[object]] = {line: [] for line in Line}
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, line: Line, told: Callable[[int], None]) -> Iterator[None]:
        """Wait for one's turn in a line, and have it until the end of the block.

        `told` hears how many have to be done before, and again when that changes; who does not wait hears nothing.
        """
        mine, those = object(), self._lines[line]
        with self._changed:
            those.append(mine)
        try:
            while ahead := self._ahead(mine, those):
                told(ahead)
                self._wait(mine, those, ahead)
            yield
        finally:
            with self._changed:
                those.remove(mine)
                self._changed.notify_all()

    def _wait(self, mine: object, those: list[object], ahead: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._ahead(mine, those) != ahead, SIGN_OF_LIFE)

    def _ahead(self, mine: object, those: list[object]) -> int:
        with self._changed:
            return max(0, those.index(mine) - self._at_once + 1)
