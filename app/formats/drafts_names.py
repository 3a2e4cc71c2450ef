"""Names for what comes from foreign sources: ids of items, topics and packs, the same on every reading."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence

from app.exam.pack import Topic

MAX_TOPICS = 300
_MAX_TITLE = 500
_SLUG = 40
_NOT_SLUG = re.compile(r"[^a-z0-9]+")

Category = tuple[str, ...]


def slug(text: str) -> str:
    """The words of a text in small ASCII letters with hyphens, at most 40 characters; empty when it has none."""
    ascii_only = unicodedata.normalize("NFKD", text[:400]).encode("ascii", "ignore").decode().lower()
    words = _NOT_SLUG.sub("-", ascii_only).strip("-")
    return words if len(words) <= _SLUG else words[: _SLUG + 1].rpartition("-")[0] or words[:_SLUG]


def short_hash(*parts: str) -> str:
    """Eight hexadecimal digits that stand for some texts."""
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:8]


class Names:
    """Gives out ids, each once. What a question is known by decides, then its content, then a number."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = {}

    def take(self, known_by: Sequence[str], shown: str, content: Sequence[str]) -> str:
        """An id of the words of `shown` and a hash of `known_by`; of `content` too when that is taken."""
        words = slug(shown) or "item"
        name = f"{words}-{short_hash(*known_by)}"
        if name in self._taken:
            name = f"{name}-{short_hash(*content)}"
        base, number = name, self._numbers.get(name, 1)
        while name in self._taken:
            number += 1
            name = f"{base}-{number}"
        self._numbers[base] = number
        self._taken.add(name)
        return name


def topics(categories: Iterable[Category]) -> tuple[dict[Category, str], tuple[Topic, ...]]:
    """A topic for each category: its first part is the chapter, the rest the subject in it.

    Gives the topic's id by category, and all topics with their titles; no titles when there are more of them than
    a pack may list, as its items may then use any.
    """
    ids: dict[Category, str] = {}
    listed: dict[str, str] = {}
    parts: dict[tuple[str, str], str] = {}
    for category in dict.fromkeys(categories):
        if not category:
            continue
        chapter = _part("", category[0], parts)
        listed.setdefault(chapter, category[0][:_MAX_TITLE])
        ids[category] = chapter
        if rest := " / ".join(category[1:]):
            ids[category] = f"{chapter}/{_part(chapter, rest, parts)}"
            listed.setdefault(ids[category], rest[:_MAX_TITLE])
    known = tuple(Topic(name, title) for name, title in listed.items())
    return ids, known if len(known) <= MAX_TOPICS else ()


def _part(chapter: str, title: str, parts: dict[tuple[str, str], str]) -> str:
    """The id of a chapter or subject, told apart from others whose titles have the same words."""
    if (chapter, title) not in parts:
        name = slug(title) or f"topic-{short_hash(title)}"
        taken = {other for (within, _), other in parts.items() if within == chapter}
        parts[chapter, title] = f"{name}-{short_hash(title)}" if name in taken else name
    return parts[chapter, title]


def pack_id(file: str) -> str:
    """An id for the pack of a file, from its name."""
    return slug(file.rpartition("/")[2].rpartition(".")[0] or file) or "import"


def moodle_category(path: str) -> Category:
    """The parts of a category as Moodle writes it: `$course$/top/A/B`, where `//` stands for a slash in a name."""
    parts = [part.replace("\x00", "/").strip() for part in path.replace("//", "\x00").split("/")]
    return tuple(part for part in parts if part and part != "top" and not re.fullmatch(r"\$\w+\$", part))
