"""Staged imports: where the items of a file go in a pack, and which version of an item they become. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.exam.faults import Place, Severity
from app.exam.item import Item, Status
from app.exam.lexicon import lexicon_from_plain
from app.exam.pack import Domain, Pack, Topic, exam_from_plain
from app.exam.quality import Standard, check_item

EVERYTHING_ELSE = ""
"""The entry of a mapping for items whose category has none of its own."""
MOST_DOMAINS = 20


@dataclass(frozen=True, slots=True)
class Target:
    """Where the items of a category belong: a domain of the pack, a topic, or both."""

    domain: str | None = None
    topic: str | None = None


Targets = Mapping[str, Target]
"""Targets by category, as its source names it."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of an item: `item` is None when the pack has this very question already."""

    item: Item | None
    replaces: int | None = None


def category_of(item: Item) -> str:
    """The category that the source put an item in, its parts joined by " / "; empty when it had none."""
    return str(item.origin.unmapped.get("category", "")) if item.origin else ""


def mapped(item: Item, targets: Targets) -> Item:
    """The item with the domain and topic of its category, or of everything else."""
    target = targets.get(category_of(item), Target())
    if target == Target():
        target = targets.get(EVERYTHING_ELSE, target)
    return replace(item, domain=target.domain or item.domain, topic=target.topic or item.topic)


def admitted(
    item: Item, domains: Collection[str], topics: Collection[str], standard: Standard, approvals: int
) -> Item:
    """The item as a pack takes it in.

    A domain or a topic that the pack does not have is taken off. Ready stays ready only without a quality error, and
    where nobody else has to approve.
    """
    held = replace(
        item,
        domain=item.domain if item.domain in domains else None,
        topic=item.topic if not topics or item.topic in topics else None,
    )
    if held.status is not Status.READY:
        return held
    errors = any(
        found.severity is Severity.ERROR for found in check_item(held, standard, Place(item=held.id))
    )
    return replace(held, status=Status.REVIEW) if errors or approvals else held


def fate(item: Item, known: Mapping[int, str], held: int | None) -> Fate:
    """Which version an item becomes in a pack that already stored some: `known` are the hashes of their contents by
    number, `held` is the number that the pack has now.

    A question that the pack has or had, word for word, is left as the pack has it: its edits here are worth more.
    """
    if not known:
        return Fate(item)
    same = [number for number, content in known.items() if content == item.content_sha256]
    if same and held is not None:
        return Fate(None)
    number = max(same) if same else max(max(known) + 1, item.version)
    return Fate(replace(item, version=number), held)


def domains_for(categories: Iterable[str], title: str) -> tuple[tuple[Domain, ...], dict[str, Target]]:
    """Domains of a new pack from a file that knows none: its first-level categories, or one domain for all.

    With the mapping of every category to its domain.
    """
    names = [name for name in categories if name]
    tops = list(dict.fromkeys(name.partition(" / ")[0] for name in names))
    if not tops or len(tops) > MOST_DOMAINS:
        return (Domain("D1", title),), {EVERYTHING_ELSE: Target("D1")}
    domains = tuple(Domain(f"D{number}", top) for number, top in enumerate(tops, 1))
    ids = {domain.title: domain.id for domain in domains}
    return domains, {name: Target(ids[name.partition(" / ")[0]]) for name in names}


def pack_of(head: Mapping[str, Any], items: Sequence[Item], **changes: Any) -> Pack:
    """A pack from its stored head (`Pack.plain` without items) and items. `changes` are other fields."""
    fields = {
        **head,
        "authors": tuple(head["authors"]),
        "domains": tuple(Domain(**domain) for domain in head["domains"]),
        "exams": tuple(exam_from_plain(plain) for plain in head["exams"]),
        "topics": tuple(Topic(**topic) for topic in head.get("topics", ())),
        "lexicon": lexicon_from_plain(head.get("lexicon")),
        "items": tuple(items),
    }
    return Pack(**{**fields, **changes})
