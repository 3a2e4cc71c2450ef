"""What can be wrong with an item, in the words of those who report it."""

from __future__ import annotations

from enum import StrEnum


class ReportKind(StrEnum):
    """The kind of a report on an item."""

    WRONG_KEY = "wrong-key"
    UNCLEAR = "unclear"
    OUTDATED = "outdated"
    TYPO = "typo"
    OTHER = "other"

    @property
    def words(self) -> str:
        """The kind in words."""
        return _WORDS[self]


_WORDS = {
    ReportKind.WRONG_KEY: "The key is wrong",
    ReportKind.UNCLEAR: "It can be read two ways",
    ReportKind.OUTDATED: "A fact has changed",
    ReportKind.TYPO: "A slip of the pen",
    ReportKind.OTHER: "Something else",
}
