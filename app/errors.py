"""What can go wrong, in the words of the domain. No HTTP here: pages/ maps these to answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.exam.faults import Fault


class CutscoreError(Exception):
    """Base of every error that a user may see; the message says what happened and what to do next."""


class Missing(CutscoreError):  # noqa: N818
    """What was asked for does not exist, or is not this person's to see."""


class Refused(CutscoreError):  # noqa: N818
    """This person may not do this."""


class Closed(CutscoreError):  # noqa: N818
    """The attempt has ended; what was sent after the end is kept but not scored."""


class Conflict(CutscoreError):  # noqa: N818
    """Somebody else was first: the stored state is newer than what the request was based on."""


class Invalid(CutscoreError):  # noqa: N818
    """The input is wrong. Carries every fault at once."""

    def __init__(self, message: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


class Unavailable(CutscoreError):  # noqa: N818
    """Something this program needs is down. Nothing was stored; the same request may go through later."""


class Busy(Unavailable):
    """Others were writing the same, and the database gave up on this one. The same work may go through at once."""


class TooMany(CutscoreError):  # noqa: N818
    """Too many tries. `wait_seconds` says when the next one is taken."""

    def __init__(self, message: str, wait_seconds: int) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class LoggedOut(CutscoreError):  # noqa: N818
    """Nobody is logged in, and this needs somebody."""


class TooLarge(CutscoreError):  # noqa: N818
    """More was sent than is read. Nothing was changed."""
