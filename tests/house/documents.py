"""Checkers of documents: what a text says is there is there. Each returns what is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def variables(text: str) -> set[str]:
    """The variables that a text names."""
    return set(re.findall(r"\bCUTSCORE_[A-Z_]*[A-Z]\b", text))


def unknown_targets(text: str, makefile: str) -> set[str]:
    """Targets of make commands in a text, inline or as lines of their own, that the Makefile has not."""
    named = re.findall(r"(?:^|`)(?:[A-Z_]+=\S+ )*make ([a-z]+)", text, re.MULTILINE)
    return set(named) - set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def dead_links(text: str, folder: Path) -> list[str]:
    """Links from a document in `folder` to files that are not there."""
    links = re.findall(r"\]\(([^)#\s]+)", text)
    return [link for link in links if "://" not in link and not (folder / link).exists()]


def missing_files(text: str, root: Path) -> list[str]:
    """Paths in code type that are not there."""
    shelves = "app|tests|migrations|questions|docs|templates|static"
    return [path for path in re.findall(rf"`((?:{shelves})/[\w./-]*)`", text) if not (root / path).exists()]


def commands(group: Any, before: str = "") -> Iterator[str]:
    """All commands of a program, as they are typed after its name. A group has `commands`, a command has not."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def unknown_commands(text: str, known: set[str]) -> list[str]:
    """Commands of the program in a text that it has not: with its path before them, or in code type alone."""
    groups = {command.split()[0] for command in known}
    named = re.findall(r"\.venv/bin/cutscore ([a-z-]+(?: [a-z-]+)?)", text)
    named += [name for name in re.findall(r"`([a-z]+ [a-z-]+)`", text) if name.split()[0] in groups]
    return [name for name in named if name not in known and name.split()[0] not in known]
