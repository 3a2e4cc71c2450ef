"""From foreign questions to a pack of drafts: the one place where readers of other formats hand in what they found.

A reader makes a `Found` of every question that can be delivered, a `Skipped` of every question of another kind,
and a `broken` fault of every question that cannot be read; `assemble` makes the `Reading` of them. So

    items + skipped + broken = the questions of the source

holds for every file: each is accounted for once (a `Found` that turns out not to fit an item, such as one with a
single option, becomes a `broken` fault here). Items are drafts without a domain; what the source said and an item
has no place for stays in `origin.unmapped`. Pure; never raises.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app.exam import image
from app.exam.faults import Fault, Kind, Place, Severity, quality, structure
from app.exam.item import Item, ItemType, Option, Origin, Status
from app.exam.pack import Pack
from app.exam.staging import Target, mapped
from app.formats import contradictions
from app.formats.drafts_found import (
    MAX_OPTIONS,
    MAX_SHORT,
    OPTION_IDS,
    Found,
    FoundOption,
    Note,
    clean,
    misfit,
    several_keys,
    too_many_options,
    unmapped,
)
from app.formats.drafts_names import Names, moodle_category, pack_id, topics
from app.formats.reading import Reading, Skipped
from app.formats.source import Source
from app.formats.text import mended

__all__ = [
    "MAX_OPTIONS",
    "MAX_QUESTIONS",
    "Found",
    "FoundOption",
    "Target",
    "assemble",
    "broken",
    "is_broken",
    "moodle_category",
    "too_many_options",
    "too_many_questions",
    "unreadable",
    "with_mapping",
]

MAX_QUESTIONS = 20_000


def broken(place: Place, rule: str, message: str) -> Fault:
    """One question of a source that cannot be imported; the others are."""
    return Fault(place, rule, Kind.STRUCTURE, Severity.WARNING, message)


def is_broken(fault: Fault) -> bool:
    """Whether a fault stands for one question that was left out."""
    return fault.kind is Kind.STRUCTURE and fault.severity is Severity.WARNING


def unreadable(format_name: str, faults: Iterable[Fault]) -> Reading:
    """The reading of a file that cannot be read at all."""
    return Reading(format_name, None, tuple(faults))


def too_many_questions(given: Source, count: int) -> list[Fault]:
    """The fault that refuses a source for the number of its questions, if it does."""
    message = f"more than {MAX_QUESTIONS} questions; split the file"
    over = count > MAX_QUESTIONS
    return [structure(Place(given.name), "too-many-questions", message)] if over else []


def assemble(
    format_name: str,
    given: Source,
    found: Sequence[Found],
    skipped: Iterable[Skipped] = (),
    faults: Iterable[Fault] = (),
    media: Mapping[str, bytes] | None = None,
) -> Reading:
    """The reading of a foreign source: a pack of drafts, what was skipped, what is broken or contradicts itself.

    The pack is named after the source and has version 0.1.0, no exams, no domains, and a topic for each category.
    A source with more than MAX_QUESTIONS questions is refused.
    """
    noted, left_out = list(faults), tuple(skipped)
    if len(found) + len(left_out) + sum(map(is_broken, noted)) > MAX_QUESTIONS:
        message = f"more than {MAX_QUESTIONS} questions; split the file"
        return unreadable(format_name, [structure(Place(given.name), "too-many-questions", message)])
    if not found and not left_out and not noted:
        message = "no question was found in it; is it the right file?"
        noted.append(quality(Place(given.name), "no-questions", Severity.WARNING, message))
    digest = _digest(given)
    ready = [clean(question) for question in found]
    ids, listed = topics(question.category for question, _ in ready)
    names = Names()
    items: dict[str, Item] = {}
    places: dict[str, Place] = {"pack:": Place(given.name)}
    for number, (question, notes) in enumerate(ready, 1):
        if problem := misfit(question):
            noted.append(broken(question.place, *problem))
            continue
        name = _name(names, question)
        locator = question.locator or f"question {number}"
        origin = Origin(format_name, question.place.file, locator[:MAX_SHORT], digest, unmapped(question))
        item = _item(name, question, origin, ids.get(question.category), media or {})
        items[name], places[name] = item, replace(question.place, item=name)
        told = [*notes, *_contradictions(item, question)]
        noted.extend(quality(places[name], rule, Severity.WARNING, message) for rule, message in told)
    for name, message in contradictions.same_stems(items):
        noted.append(quality(places[name], "duplicate-stem", Severity.WARNING, message))
    used = {name for item in items.values() for name in item.media}
    used_topics = {part for item in items.values() if item.topic for part in _with_chapter(item.topic)}
    title = mended(given.name.rpartition("/")[2][:MAX_SHORT])[0].strip() or "Import"
    pack = Pack(
        id=pack_id(given.name),
        version="0.1.0",
        title=title,
        language="en",
        license="",
        authors=(),
        domains=(),
        exams=(),
        items=tuple(items.values()),
        topics=tuple(topic for topic in listed if topic.id in used_topics),
    )
    ordered = tuple(sorted(noted, key=lambda fault: (fault.at.file, fault.at.line or 0)))
    kept = {name: content for name, content in (media or {}).items() if name in used}
    return Reading(format_name, pack, ordered, left_out, places, kept)


def with_mapping(pack: Pack, mapping: Mapping[str, Target]) -> Pack:
    """The pack with the domain and topic that each category was mapped to.

    A category goes by its name in `origin.unmapped["category"]`, its parts joined by " / ". Items of categories that
    are not in the mapping go by its entry "", if there is one, else they stay as they are. The pack keeps its own
    list of topics only while items use it.
    """
    items = tuple(mapped(item, mapping) for item in pack.items)
    used = {part for item in items if item.topic for part in _with_chapter(item.topic)}
    return replace(pack, items=items, topics=tuple(topic for topic in pack.topics if topic.id in used))


def _with_chapter(topic: str) -> tuple[str, str]:
    return topic, topic.partition("/")[0]


def _digest(given: Source) -> str:
    """The hash of what was handed in; of a folder, that of all names and contents."""
    if given.raw is not None:
        return hashlib.sha256(given.raw).hexdigest()
    whole = hashlib.sha256()
    for name, content in sorted(given.files.items()):
        whole.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(content).digest())
    return whole.hexdigest()


def _name(names: Names, question: Found) -> str:
    """An id that stays while the question keeps what it is known by: identifier, title or stem."""
    shown = question.title or question.stem
    content = [question.stem, *(option.text for option in question.options)]
    if question.ident:
        return names.take(["ident", question.ident], shown, content)
    if question.title:
        return names.take(["title", *question.category, question.title], shown, content)
    return names.take(["stem", question.stem], shown, content)


def _item(name: str, question: Found, origin: Origin, topic: str | None, media: Mapping[str, bytes]) -> Item:
    # One answer to give and several right ones: nobody here can say which one is meant.
    keyed = not several_keys(question)
    item = Item(
        id=name,
        version=1,
        status=Status.DRAFT,
        type=ItemType.MULTIPLE if question.multiple else ItemType.SINGLE,
        stem=question.stem,
        options=tuple(
            Option(option_id, option.text, key=option.key and keyed, why=option.feedback)
            for option_id, option in zip(OPTION_IDS, question.options, strict=False)
        ),
        rationale=question.feedback,
        topic=topic,
        shuffle=question.shuffle,
        origin=origin,
    )
    shown = image.names(image.texts_of(item))
    return replace(item, media=tuple(each for each in shown if each in media))


def _contradictions(item: Item, question: Found) -> list[Note]:
    weights = tuple(option.weight for option in question.options)
    said = list(contradictions.of_item(item, question.choose, weights))
    if several := several_keys(question):
        message = (
            f"any one of {', '.join(several)} counts as right; mark one, or make the item multiple-answer"
        )
        said = [("several-keys", message), *(each for each in said if each[0] != "no-key")]
    return said
