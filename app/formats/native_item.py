"""One item that did not come from a file: held to the same shape and the same structure rules as one that did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from app.exam.item import Item
from app.exam.pack import Pack
from app.formats.fields import BAD, Log
from app.formats.native_checks import Known, check_item
from app.formats.native_fields import ITEM
from app.formats.yaml_tree import Node

Way: TypeAlias = tuple[str | int, ...]
"""The way to a field: ("options", 1, "text")."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field of an item, and how to mend it; `at` is empty for the item as a whole."""

    at: Way
    message: str


def read(document: Mapping[str, Any], pack: Pack) -> tuple[Item | None, tuple[Problem, ...]]:
    """An item of a pack from its fields as a native file would name them, or every structure fault in it.

    The item need not be in the pack yet.
    """
    ways: list[Way] = [()]
    node = _node(document, (), ways)
    log = Log("", str(document.get("id", "")))
    fields = ITEM.read(node, log)
    if fields is not BAD:
        item = Item(**{name: value for name, value in fields.items() if name != "select"})
        ids = frozenset(one.id for one in pack.items) | {item.id}
        known = Known(ids, frozenset(one.id for one in pack.domains), frozenset(item.media))
        check_item(item, fields.get("select"), node, known, log)
        if not log.faults:
            return item, ()
    return None, tuple(Problem(ways[fault.at.line or 0], fault.message) for fault in log.faults)


def _node(value: Any, way: Way, ways: list[Way]) -> Node:
    """A value as the readers of files see it. Its line is its place among `ways`, where the way to it is found."""
    line = len(ways)
    ways.append(way)
    if isinstance(value, Mapping):
        return Node(line, {name: _node(child, (*way, name), ways) for name, child in value.items()})
    if isinstance(value, list):
        return Node(line, [_node(child, (*way, index), ways) for index, child in enumerate(value)])
    return Node(line, value)
