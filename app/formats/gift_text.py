"""The text conventions of GIFT, for its reader and its writer: escapes, comments, blocks, titles, format tags.

GIFT is Moodle's plain text format (docs.moodle.org/en/GIFT_format). The signs `~ = # { } :` are escaped by a
backslash, `\\n` is a line end, an empty line ends a question, a line that begins with `//` is a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_SIGNS = "\\:#={}~\n"
# While a file is taken apart each escaped sign is one private character; those of the file itself give way.
_HIDDEN = dict(zip(_SIGNS, "\ue010\ue011\ue012\ue013\ue014\ue015\ue016\ue017", strict=True))
_SHOWN = str.maketrans({hidden: sign for sign, hidden in _HIDDEN.items()})
# The backslash first: what is left of a row of them is an escape.
_ESCAPES = [("\\n" if sign == "\n" else f"\\{sign}", private) for sign, private in _HIDDEN.items()]
_PRIVATE = re.compile("[\ue010-\ue017]")
_CATEGORY = re.compile(r"\s*+\$CATEGORY:(?P<path>.*)$")
_TAGS = re.compile(r"\[(tag|id):([^\]]*)\]")
_TITLE = re.compile(r"\s*::(?P<title>.*?)::", re.DOTALL)
_FORMAT = re.compile(r"\s*\[(html|markdown|plain|moodle)\]")

FORMATS = ("html", "markdown", "plain", "moodle")
MOODLE = "moodle"
"""The format of a text without a tag: typed text that may hold HTML."""


def escaped(text: str) -> str:
    """A text so that GIFT reads it back as it is, on one line."""
    return re.sub(r"[\\:#={}~]", r"\\\g<0>", text).replace("\n", "\\n")


def hidden(text: str) -> str:
    """A text in which every sign that is left is one of GIFT's own; `shown` brings the escaped ones back."""
    if not text.isascii():
        text = _PRIVATE.sub("\ufffd", text)
    if "\\" in text:
        for escape, sign in _ESCAPES:
            text = text.replace(escape, sign)
    return text


def shown(text: str) -> str:
    """A part of a hidden text as it was meant."""
    return text.translate(_SHOWN)


def tagged(text: str, default: str) -> tuple[str, str]:
    """The format that a text names, or the default, and the rest of the text."""
    found = _FORMAT.match(text)
    return (found[1], text[found.end() :]) if found else (default, text)


def titled(text: str) -> tuple[str, str]:
    """The title that a question begins with (`::title::`), or nothing, and the rest."""
    found = _TITLE.match(text)
    return (" ".join(shown(found["title"]).split()), text[found.end() :]) if found else ("", text)


@dataclass(slots=True)
class Block:
    """What stands between empty lines: its first line, its text (hidden), and what its comments say.

    `category` is set for a line that names the category of what follows; such a block has no text.
    """

    line: int
    text: str = ""
    tags: list[str] = field(default_factory=list)
    ident: str = ""
    category: str | None = None
    gap: bool = False
    """Whether there is an empty line inside its braces, which Moodle does not allow."""

    def note(self, comment: str) -> None:
        """Take the tags and the id out of a comment (`// [id:7] [tag:fog]`)."""
        for kind, value in _TAGS.findall(comment):
            if kind == "id":
                self.ident = value.strip()
            else:
                self.tags.append(value.strip())


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a file (line ends are `\\n`). An empty line inside braces does not end a block."""
    raw = text.split("\n")
    lines = [hidden(line) for line in raw]
    closes = _closes_next(lines)
    held: list[str] = []
    block = Block(0)
    depth = 0
    for number, line in enumerate(lines, 1):
        bare = line.strip()
        if bare.startswith("//"):
            block.note(shown(bare))
            if held:
                held.append("")  # the lines of a question keep their numbers
        elif found := _CATEGORY.match(raw[number - 1]):
            if held:
                yield _filled(block, held)
            yield Block(number, category=found["path"].strip())
            held, block, depth = [], Block(0), 0
        elif bare:
            block.line = block.line or number
            held.append(line)
            depth += line.count("{") - line.count("}")
        elif held and depth > 0 and closes[number - 1]:
            block.gap = True
            held.append("")
        else:
            if held:
                yield _filled(block, held)
            held, block, depth = [], Block(0), 0
    if held:
        yield _filled(block, held)


def _filled(block: Block, held: list[str]) -> Block:
    block.text = "\n".join(held)
    return block


def _closes_next(lines: list[str]) -> list[bool]:
    """For each line, whether the next brace from there on is a closing one."""
    closes = [False] * len(lines)
    after = False
    for index in range(len(lines) - 1, -1, -1):
        first = re.search("[{}]", lines[index])
        after = first[0] == "}" if first else after
        closes[index] = after
    return closes
