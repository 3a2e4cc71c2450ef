"""The native format: `pack.yaml`, `items/*.yaml` and `media/`, or all of it in one file. Reads everything or
says everything that is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.exam import image
from app.exam.coverage import Coverage
from app.exam.faults import Place
from app.exam.item import Item
from app.exam.pack import Pack
from app.formats import native_checks
from app.formats.fields import BAD, Log
from app.formats.media import Media
from app.formats.native_fields import COVERAGE, ITEM, ITEMS, LEXICON, PACK
from app.formats.reading import Reading, refused
from app.formats.yaml_tree import Node, parse

NAME = "native"
_HEADS = ("pack.yaml", "pack.yml", "pack.json")
_LEXICON_FILE = re.compile(r"^lexicon\.(yaml|yml|json)$")
_COVERAGE_FILE = re.compile(r"^coverage\.(yaml|yml|json)$")
_ITEM_FILE = re.compile(r"^items/.+\.(yaml|yml|json)$")
_BESIDE = re.compile(r"^(README|LICENSE|LICENCE|NOTICE|CHANGELOG|CONTRIBUTING)(\.[a-z]+)?$", re.IGNORECASE)
_MARK = re.compile(rb"""(?:^|[{,])\s*["']?cutscore["']?\s*:""", re.MULTILINE)
_MARK_WITHIN = 4_096


@dataclass(slots=True)
class _Entry:
    """One item as far as it could be read: its node, its log, and its fields unless they are bad."""

    node: Node
    log: Log
    id: str | None
    fields: dict[str, Any] | None


@dataclass(slots=True)
class _Pile:
    """What the files hold, before it is put together. `log` is that of the pack file, and has all faults; `called`
    says what a file under media/ is called among the `images` that were made of them."""

    log: Log
    tree: Node
    head: dict[str, Any] | None = None
    entries: list[_Entry] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=dict)
    images: Media = field(default_factory=Media)
    called: Mapping[str, str] = field(default_factory=dict)
    coverage: tuple[Coverage, ...] = ()

    @property
    def domains(self) -> frozenset[str] | None:
        """The ids of the domains; None when they could not be read, so that nothing is held against them."""
        tree = self.tree.value
        if self.head is None or (isinstance(tree, dict) and "domains" in tree and "domains" not in self.head):
            return None
        return frozenset(domain.id for domain in self.head.get("domains", ()))

    @property
    def items(self) -> list[tuple[Item, _Entry]]:
        """The items that could be read."""
        return [(_item(entry.fields), entry) for entry in self.entries if entry.fields is not None]


def detect(files: Mapping[str, bytes]) -> bool:
    """Whether the content is a native pack: a pack file at its place, or one file that begins as one."""
    if any(name in files for name in _HEADS):
        return True
    return len(files) == 1 and all(_MARK.search(content[:_MARK_WITHIN]) for content in files.values())


def read(files: Mapping[str, bytes]) -> Reading:
    """Read a pack from its files, by relative name. Pure.

    The reading has a pack exactly when nothing is wrong with its structure; else every fault, with its place.
    """
    name, log = _head_name(files)
    tree = _tree(files[name], log) if name is not None else None
    if tree is None:
        return Reading(NAME, None, tuple(log.faults))
    pile = _Pile(log, tree)
    _read_head(pile)
    for other in sorted(files.keys() - {name}):
        _take_file(other, files[other], pile)
    items = pile.items
    _check(pile, items)
    places = _places(pile, items)
    faults = tuple(sorted(log.faults, key=lambda f: (f.at.file != name, f.at.file, f.at.line or 0)))
    if pile.head is None or refused(faults):
        return Reading(NAME, None, faults, places=places)
    pack = _assemble(pile.head, tuple(image.renamed(item, pile.called) for item, _ in items))
    return Reading(NAME, pack, faults, places=places, media=pile.images.files, coverage=pile.coverage)


def _head_name(files: Mapping[str, bytes]) -> tuple[str | None, Log]:
    heads = [name for name in _HEADS if name in files]
    if len(heads) == 1 or len(files) == 1:
        name = heads[0] if heads else next(iter(files))
        return name, Log(name)
    log = Log(_HEADS[0])
    if heads:
        log.note(None, "several-heads", f"the pack has {' and '.join(heads)}: keep one of them")
    else:
        log.note(None, "missing-head", "a pack needs the file pack.yaml")
    return None, log


def _tree(content: bytes, log: Log) -> Node | None:
    tree, faults = parse(log.file, content)
    log.faults.extend(faults)
    return tree


def _read_head(pile: _Pile) -> None:
    """Read the fields of the pack file; its items, if any, go to the pile one by one."""
    node = pile.tree
    if isinstance(node.value, dict) and "items" in node.value:
        _take_items(node.value["items"], pile.log, pile)
        node = Node(node.line, {name: child for name, child in node.value.items() if name != "items"})
    head = PACK.read(node, pile.log)
    pile.head = None if head is BAD else head


def _take_file(name: str, content: bytes, pile: _Pile) -> None:
    log = Log(name, faults=pile.log.faults)
    if _ITEM_FILE.match(name):
        if tree := _tree(content, log):
            _take_items(tree, log, pile)
    elif _LEXICON_FILE.match(name):
        _take_lexicon(_tree(content, log), log, pile)
    elif _COVERAGE_FILE.match(name):
        _take_coverage(_tree(content, log), log, pile)
    elif name.startswith("media/"):
        pile.media[name] = content
    elif not _BESIDE.match(name):
        log.note(
            None,
            "unknown-file",
            "a pack holds pack.yaml, lexicon.yaml, coverage.yaml, items/*.yaml and media/; "
            "move or remove this file",
        )


def _take_lexicon(tree: Node | None, log: Log, pile: _Pile) -> None:
    """The lexicon of a file of its own; it goes to the head, which may have none then."""
    if tree is None:
        return
    lexicon = LEXICON.read(tree, log)
    if pile.head is None or lexicon is BAD:
        return
    if "lexicon" in pile.head:
        log.note(tree.line, "several-lexicons", "the pack has a lexicon already: keep one of them")
    else:
        pile.head["lexicon"] = lexicon


def _take_coverage(tree: Node | None, log: Log, pile: _Pile) -> None:
    """What the pack says that its items cover. It is no part of the pack, and does not change its hash."""
    rows = COVERAGE.read(tree, log) if tree is not None else BAD
    if rows is not BAD:
        pile.coverage += rows


def _take_items(node: Node, log: Log, pile: _Pile) -> None:
    if not isinstance(node.value, list):
        log.note(node.line, "wrong-type", "expected a list of items, each beginning with '- id:'")
    elif len(node.value) > ITEMS.most:
        log.note(node.line, "wrong-count", f"{len(node.value)} items in one file; {ITEMS.most} are allowed")
    else:
        pile.entries.extend(_entry(child, log) for child in node.value)


def _entry(node: Node, log: Log) -> _Entry:
    given = node.value.get("id") if isinstance(node.value, dict) else None
    name = given.value[:100] if given and isinstance(given.value, str) else None
    item_log = log.of_item(name)
    fields = ITEM.read(node, item_log)
    return _Entry(node, item_log, name, None if fields is BAD else fields)


def _item(fields: dict[str, Any]) -> Item:
    return Item(**{name: value for name, value in fields.items() if name != "select"})


def _check(pile: _Pile, items: list[tuple[Item, _Entry]]) -> None:
    native_checks.unique_ids([(entry.id, entry.node, entry.log) for entry in pile.entries])
    ids = frozenset(entry.id for entry in pile.entries if entry.id)
    known = native_checks.Known(ids, pile.domains, frozenset(pile.media))
    for item, entry in items:
        select = entry.fields.get("select") if entry.fields else None
        native_checks.check_item(item, select, entry.node, known, entry.log)
    named = {name for item, _ in items for name in item.media}
    whole = len(items) == len(pile.entries)
    pile.called = native_checks.check_media(pile.media, pile.images, named, whole=whole, log=pile.log)
    if pile.head is not None:
        native_checks.check_head(pile.head, pile.domains, pile.tree, pile.log)


def _places(pile: _Pile, items: list[tuple[Item, _Entry]]) -> dict[str, Place]:
    places = {item.id: Place(entry.log.file, entry.node.line, item.id) for item, entry in items}
    places["pack:"] = Place(pile.log.file)
    for index, exam in enumerate(pile.head.get("exams", ()) if pile.head else ()):
        line = native_checks.line_at(pile.tree, "exams", index)
        places[f"exam:{exam.id}"] = Place(pile.log.file, line)
    return places


def _assemble(head: dict[str, Any], items: tuple[Item, ...]) -> Pack:
    about: dict[str, Any] = head["pack"]
    return Pack(
        id=about["id"],
        version=about["version"],
        title=about["title"],
        language=about.get("language", "en"),
        license=about.get("license", ""),
        authors=about.get("authors", ()),
        domains=head.get("domains", ()),
        exams=head.get("exams", ()),
        items=items,
        approvals=head.get("review", {}).get("approvals", 0),
        topics=head.get("topics", ()),
        lexicon=head.get("lexicon"),
    )
