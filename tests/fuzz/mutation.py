"""Files with something changed: bytes, pieces of other files, signs of formats; of archives, their members."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from random import Random

SIGNS = tuple(
    sign.encode("utf-8", "surrogatepass")
    for sign in (
        "{", "}", "~", "=", "#", "####", "\\", "\\n", "\n", "\n\n", "\r", "\t", "\0", "::", "%50%", "%-100%", "->",
        "//", "[html]", "[markdown]", "$CATEGORY: a/b\n", "T", "FALSE", "A)", "B.", "ANSWER: A", "1.", "- [x] ",
        "Answers\n1. B\n", "<p>", "</p>", "<b>", "<img src=x>", "<table><tr><td>", "&nbsp;", "&amp;", "&lt;b&gt;",
        "&#0;", "<![CDATA[", "]]>", "<", ">", '"', "'", "`", "```", "*", "_", "|", ",", ";", ":", "- ", "? ",
        "||", "!!str ", "&a ", "*a", "[", "]", "null", "NaN", "1e999", "9" * 40, "-1", "true", "\ud800", "\u202e",
        "\u200b", "\u0301", "\ufeff", "é", "😀", "\ue010", 'xmlns="x"', "</item>", '<item ident="x">', "<and>",
        "<not>", 'maxChoices="0"', '<varequal respident="r">1</varequal>', 'max-choices="99"', "<value>o1</value>",
        "<qti-value>o1</qti-value>", "</simpleChoice>", 't="s"', 't="inlineStr"', 'r="ZZZ999999"', 'r="A0"',
        ">!", 's="-1"', "../", "%2e%2e/", "<?xml?>", "<!DOCTYPE a>",
    )
)  # fmt: skip
MOST = 200_000
"""Bytes of a changed file: what is larger is cut, so that one file does not take the time of a thousand."""


def mutated(rng: Random, content: bytes, others: Sequence[bytes]) -> bytes:
    """A file like this one. `others` are files of its kind, to take pieces from."""
    if content.startswith(b"PK") and rng.random() > 0.1:
        return _archive(rng, content, others)
    return _changed(rng, content, others)


def _changed(rng: Random, content: bytes, others: Sequence[bytes]) -> bytes:
    held = bytearray(content[:MOST])
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5, 10, 30))):
        size, how = len(held), rng.random()
        at = rng.randrange(size + 1)
        if how < 0.25:
            held[at:at] = rng.choice(SIGNS)
        elif how < 0.45:
            del held[at : at + rng.randrange(1, 30)]
        elif how < 0.6 and size:
            held[at % size] = rng.randrange(256)
        elif how < 0.75:
            start = rng.randrange(size + 1)
            held[at:at] = held[start : start + rng.randrange(1, 300)]
        elif how < 0.85:
            held[at:at] = _piece(rng, others)[: rng.randrange(1, 300)]
        elif how < 0.9:
            del held[at:]
        elif how < 0.95:
            held[at:at] = rng.choice(SIGNS) * rng.randrange(2, 60)
        else:
            held[at:] = _piece(rng, others)
    return bytes(held[:MOST])


def _piece(rng: Random, others: Sequence[bytes]) -> bytes:
    other = rng.choice(others)
    return other[rng.randrange(len(other) + 1) :]


def _archive(rng: Random, content: bytes, others: Sequence[bytes]) -> bytes:
    """The archive with one or two members changed, gone, called otherwise, or there twice."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [(each.filename, archive.read(each)) for each in archive.infolist()]
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError):
        return _changed(rng, content, others)
    texts = [held for _, held in members]
    for _ in range(rng.choice((1, 1, 2)) if members else 0):
        place = rng.randrange(len(members))
        (name, held), how = members[place], rng.random()
        if how < 0.85:
            members[place] = (name, _changed(rng, held, texts))
        elif how < 0.9 and len(members) > 1:
            del members[place]
        elif how < 0.95:
            called = _changed(rng, name.encode(), [name.encode()]).decode("latin-1").replace("\0", "")
            members[place] = (called[:100] or "x", held)
        else:
            members.append((name, _changed(rng, held, texts)))
    target = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # the same name twice is meant
        for name, held in members:
            archive.writestr(name, held)
    return target.getvalue()
