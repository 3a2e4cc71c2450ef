"""What the shape of the native format cannot say: keys, ids, domains, enemies, images, sums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from math import isclose
from typing import Any

from markdown_it import MarkdownIt

from app.exam import image
from app.exam.item import Item, ItemType, Status
from app.exam.pack import Exam
from app.formats.fields import Log
from app.formats.media import Media, Refusal
from app.formats.text import skeleton
from app.formats.yaml_tree import Node

_MARKDOWN = MarkdownIt("commonmark", {"html": False})


@dataclass(frozen=True, slots=True)
class Known:
    """What an item may refer to; `domains` is None when the pack head could not be read."""

    items: frozenset[str]
    domains: frozenset[str] | None
    media: frozenset[str]


def line_at(node: Node, *path: str | int) -> int:
    """The line of what stands at a path below a node, or of the nearest thing above it."""
    for step in path:
        children: Any = node.value
        if isinstance(step, str):
            child = children.get(step) if isinstance(children, dict) else None
        else:
            child = children[step] if isinstance(children, list) and step < len(children) else None
        if child is None:
            break
        node = child
    return node.line


def unique_ids(entries: Iterable[tuple[str | None, Node, Log]]) -> None:
    """Note every item whose id stood before; letter case does not make a difference."""
    seen: dict[str, str] = {}
    for name, node, log in entries:
        if name is None:
            continue
        line = line_at(node, "id")
        if name.casefold() in seen:
            log.note(line, "duplicate-id", f"the id {name!r} is already used at {seen[name.casefold()]}")
        seen.setdefault(name.casefold(), f"{log.file}:{line}")


def check_item(item: Item, select: int | None, node: Node, known: Known, log: Log) -> None:
    """Note every structure fault of one item whose fields could be read."""
    _check_options(item, node, log)
    _check_key(item, select, node, log)
    _check_references(item, node, known, log)
    _check_images(item, node, known, log)


def _check_options(item: Item, node: Node, log: Log) -> None:
    ids: set[str] = set()
    looks: dict[str, str] = {}
    for index, option in enumerate(item.options):
        if option.id in ids:
            log.note(
                line_at(node, "options", index), "duplicate-option-id", f"option {option.id!r} stands twice"
            )
        look = skeleton(option.text)
        if look in looks:
            message = f"options {looks[look]!r} and {option.id!r} look the same"
            log.note(line_at(node, "options", index, "text"), "duplicate-option-text", message)
        ids.add(option.id)
        looks.setdefault(look, option.id)


def _check_key(item: Item, select: int | None, node: Node, log: Log) -> None:
    line, keys = line_at(node, "options"), sum(option.key for option in item.options)
    draft = item.status is Status.DRAFT
    if keys == 0 and not draft:
        log.note(line, "missing-key", "no option is marked 'key: true'; mark it, or make the item a draft")
    elif item.type is ItemType.SINGLE and keys > 1:
        log.note(
            line, "several-keys", f"a single-answer item has one key, this one {keys}; use type: multiple"
        )
    elif item.type is ItemType.MULTIPLE and not draft:
        _check_multiple(item, select, keys, node, log)
    if item.type is ItemType.SINGLE and select not in (None, 1):
        log.note(line_at(node, "select"), "select", "a single-answer item has no select; remove the field")


def _check_multiple(item: Item, select: int | None, keys: int, node: Node, log: Log) -> None:
    if keys == 1:
        message = "a multiple-answer item has two keys or more, this one has one; use type: single"
        log.note(line_at(node, "options"), "too-few-keys", message)
    if keys == len(item.options):
        log.note(line_at(node, "options"), "all-keys", "every option is a key: there is nothing to choose")
    if select is None and not (isinstance(node.value, dict) and "select" in node.value):
        log.note(node.line, "select", f"say how many to choose: select: {keys}")
    elif select is not None and select != keys:
        log.note(line_at(node, "select"), "select", f"select says {select}, but {keys} options are keys")


def _check_references(item: Item, node: Node, known: Known, log: Log) -> None:
    if known.domains is not None and item.domain is not None and item.domain not in known.domains:
        message = f"the pack has no domain {item.domain!r}{log.hint(item.domain, known.domains)}"
        log.note(line_at(node, "domain"), "unknown-domain", message)
    for index, enemy in enumerate(item.enemies):
        if enemy == item.id:
            log.note(line_at(node, "enemies", index), "own-enemy", "an item cannot be its own enemy")
        elif enemy not in known.items:
            message = f"the pack has no item {enemy!r}{log.hint(enemy, known.items)}"
            log.note(line_at(node, "enemies", index), "unknown-enemy", message)
    options = {option.id for option in item.options}
    for index, demand in enumerate(item.constraints):
        for name in demand.decides:
            if name not in options:
                line = line_at(node, "constraints", index, "decides")
                log.note(line, "unknown-option", f"decides names {name!r}, which is no option of the item")


def _check_images(item: Item, node: Node, known: Known, log: Log) -> None:
    line = line_at(node, "media")
    for name in item.media:
        if name not in known.media:
            log.note(line, "missing-media", f"the pack has no file {name!r}{log.hint(name, known.media)}")
    plain = image.names(image.texts_of(item))
    for name in _images(item):
        if not name.startswith(image.FOLDER):
            message = f"the image {name[:80]!r} is not in the pack; put it under media/"
            log.note(node.line, "foreign-image", message)
        elif name not in item.media:
            log.note(node.line, "unlisted-media", f"list the image {name[:80]!r} under media:")
        elif name not in plain:
            message = f"write ![what it shows]({name[:80]}), with nothing else in the round brackets"
            log.note(node.line, "image-form", message)
    for name in item.media:
        if name in known.media and name not in plain:
            message = f"no text shows this image: write ![what it shows]({name}), or take it off the list"
            log.note(line, "unshown-media", message)


def _images(item: Item) -> Iterator[str]:
    texts = [item.stem, item.rationale, *(part for o in item.options for part in (o.text, o.why))]
    for text in texts:
        if "![" in text:
            for token in _MARKDOWN.parse(text):
                for child in token.children or ():
                    if child.type == "image":
                        yield str(child.attrs["src"])


def check_media(
    media: Mapping[str, bytes], images: Media, named: Set[str], *, whole: bool, log: Log
) -> dict[str, str]:
    """Encode the images of a pack anew, into `images`; what each file is called there.

    Noted are those that are refused, and, when all items could be read (`whole`), those that no item lists.
    """
    called = {}
    for name, content in media.items():
        file_log = Log(name, faults=log.faults)
        made = images.add(content)
        if isinstance(made, Refusal):
            file_log.note(None, "not-an-image", made.why)
        else:
            called[name] = made
        if whole and name not in named:
            file_log.note(None, "unused-media", "no item lists this image; remove it or list it under media:")
    return called


def check_head(head: Mapping[str, Any], known: Set[str] | None, tree: Node, log: Log) -> None:
    """Note every structure fault of domains, topics and exams; `known` are the domains, None if unreadable."""
    for name in ("domains", "topics", "exams"):
        ids = [each.id for each in head.get(name, ())]
        for index, each in enumerate(ids):
            if each in ids[:index]:
                log.note(line_at(tree, name, index), "duplicate-id", f"{each!r} stands twice under {name}")
    for index, exam in enumerate(head.get("exams", ())):
        for path, rule, message in exam_problems(exam, known):
            log.note(line_at(tree, "exams", index, *path), rule, f"exam {exam.id}: {message}")


def exam_problems(exam: Exam, known: Set[str] | None) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """(way to the field, rule, message) of every structure fault of an exam whose fields could be read."""
    for name in exam.blueprint:
        if known is not None and name not in known:
            message = f"the blueprint names {name!r}, which is no domain of the pack"
            yield ("blueprint", name), "unknown-domain", message
    if not isclose(total := sum(exam.blueprint.values()), 100, abs_tol=1e-6):
        yield ("blueprint",), "blueprint-sum", f"the blueprint adds up to {total:g} per cent, not to 100"
    if exam.pilots >= exam.items:
        message = f"{exam.pilots} pilots of {exam.items} items leave nothing to score"
        yield ("pilots",), "exam-length", message
    elif not 0 < exam.cut.raw_equivalent < exam.scored:
        message = f"the cut {exam.cut.raw_equivalent:g} is not between 0 and the {exam.scored} scored items"
        yield ("cut", "raw_equivalent"), "cut-range", message
    if not exam.scale.min < exam.scale.cut < exam.scale.max:
        yield ("scale",), "scale-order", "the scale must rise from min over cut to max"
    answers = exam.multiple_answer
    if answers and not answers.min <= answers.max <= exam.items:
        message = f"multiple_answer must rise from min to max, at most {exam.items} (the length of a form)"
        yield ("multiple_answer",), "multiple-answer-range", message
    if exam.overlap is not None and exam.overlap > exam.items:
        yield ("overlap",), "exam-length", f"overlap is at most {exam.items}, the length of a form"
