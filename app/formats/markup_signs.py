"""The signs of Markdown: how plain text is kept from being taken for them, and how paragraphs are put together.

While a paragraph is made of pieces, breaks and emphasis are private characters (stand-ins), which no mended text
holds; `flushed` turns them into signs that Markdown obeys.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

# Stand-ins while a paragraph is put together; private characters, which no mended text holds.
# `_WRAP` is the end of a line of the source where it is as good as a space (only single ones are kept), `_SEAM` the
# end of a piece of code: the next one may not follow at once.
BREAK, _STRONG_ON, _STRONG_OFF, _EM_ON, _EM_OFF, _WRAP, _SEAM = "\ue000\ue001\ue002\ue003\ue004\ue005\ue006"
_WAYS = tuple(str.maketrans({_STRONG_ON: "**", _STRONG_OFF: "**", _EM_ON: em, _EM_OFF: em}) for em in "*_")
_ANY_MARK = re.compile(f"[{_STRONG_ON}{_STRONG_OFF}{_EM_ON}{_EM_OFF}]")
# Marks that Markdown obeys for sure: around whole words.
_PLAIN_MARK = re.compile(
    rf"(?:(?<=[\s(])|^)[{_STRONG_ON}{_EM_ON}](?=[^\W_])"
    rf"|(?<=[^\W_])[{_STRONG_OFF}{_EM_OFF}](?=[\s.,;:?!)]|$)"
    rf"|(?<=[.,;:?!)])[{_STRONG_OFF}{_EM_OFF}](?=\s|$)",
    re.MULTILINE,
)
MAX_TRIED = 40
"""Marks in a paragraph up to which other ways of writing them are tried; that takes time."""
_STAND_INS = re.compile("[\ue000-\ue006]")
_BLANK = f" {BREAK}{_WRAP}"
_RAISED = str.maketrans("0123456789+-=()n i".replace(" ", ""), "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
# White space that is to become one blank; a single blank is one already.
_SPACE = re.compile(r"[\t\n\r\f\u00a0][ \t\n\r\f\u00a0]*+| [ \t\n\r\f\u00a0]++")
_LINE_END = re.compile(r"(?<!\s)\n(?!\s)")
_AT_BREAK = f"(?<![ {_WRAP}])[ {_WRAP}]*+{BREAK}"  # a run is looked at from its beginning only
_BREAKS = re.compile(f"(?:{_AT_BREAK}){{2,}}")
_ONE_BREAK = re.compile(f"({_AT_BREAK}[{_BLANK}]*)")
_SIGNS = re.compile(
    r"[\\`*]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|<(?=[A-Za-z/!?])|&(?=#?[A-Za-z0-9]+;)|\](?=[(\[:]|$)|\|(?=$)|[~]{2,}"
)
_ANY_SIGN = re.compile(r"[\\`*_<&\]|~]")
"""What a sign begins with: most texts have none, and a search for one of these takes a tenth of the time."""
_LINE_SIGNS = re.compile(
    r"(?:#{1,6}(?=\s|$)|>|[-+](?=\s|$)|~|=+\s*$|:?-[-:| ]*$|[|:][:| ]*-[-:| ]*$)|(?P<number>\d{1,9})(?=[.)](?:\s|$))"
)
STRONG = (_STRONG_ON, _STRONG_OFF)
EM = (_EM_ON, _EM_OFF)
"""The stand-ins around what is emphasised, for `around`."""
_TEXT_OF = MarkdownIt("commonmark", {"html": False})


def escaped(text: str) -> str:
    """A line of plain text so that Markdown shows just that; white space at its ends goes."""
    return _guarded(_quoted(_SPACE.sub(" ", _STAND_INS.sub("\ufffd", text)).strip()))


def _quoted(text: str) -> str:
    return _SIGNS.sub(r"\\\g<0>", text) if _ANY_SIGN.search(text) else text


def flowing(text: str) -> str:
    """Plain text whose line ends mean nothing: those that stand alone are kept, as Markdown takes them so too."""
    return "\n".join(filter(None, map(escaped, _LINE_END.split(text))))


def _guarded(line: str) -> str:
    """A line whose beginning cannot be taken for a heading, list, quote, fence or table."""
    found = _LINE_SIGNS.match(line)
    if not found:
        return line
    if number := found["number"]:
        return f"{number}\\{line[len(number) :]}"
    return f"\\{line}"


def paragraphs(parts: list[list[str]]) -> str:
    """Paragraphs of lines that are Markdown already, with breaks between the lines."""
    kept = ([line for line in lines if line] for lines in parts)
    return "\n\n".join("\\\n".join(lines) for lines in kept if lines)


def inline(text: str | None) -> str:
    """A text node as inline Markdown; line beginnings are guarded when the paragraph is put together."""
    if not text:
        return ""
    clean = _STAND_INS.sub("\ufffd", text)
    wrapped = _LINE_END.sub(_WRAP, clean) if "\n" in clean else clean
    return _quoted(_SPACE.sub(" ", wrapped))


def around(inner: str, on: str, off: str) -> str:
    """Marks around a text, with its white space and breaks left outside: next to a mark they would void it."""
    bare = inner.strip(_BLANK)
    if not bare:
        return inner
    start = inner.index(bare)
    # A mark does not reach over a break: a paragraph may end there.
    held = _ONE_BREAK.sub(lambda found: f"{off}{found[0]}{on}", bare)
    return f"{inner[:start]}{on}{held}{off}{inner[start + len(bare) :]}"


def moved(inner: str, name: str) -> str:
    """Small numbers above or below the line, as such characters where there are any."""
    table, sign = (_RAISED, "^") if name == "sup" else (_LOWERED, "\\_")
    bare = inner.strip(_BLANK)
    if bare and all(ord(character) in table for character in bare):
        return bare.translate(table)
    if not bare:
        return inner
    return f"{sign}{bare}" if bare.isalnum() else f"{sign}({bare})"


def code(text: str) -> str:
    content = _SPACE.sub(" ", _STAND_INS.sub("\ufffd", text)).strip()
    if not content:
        return ""
    ticks = "`" * (max(map(len, re.findall("`+", content)), default=0) + 1)
    pad = " " if content.startswith("`") or content.endswith("`") else ""
    return f"{ticks}{pad}{content}{pad}{ticks}{_SEAM}"


def fenced(text: str, language: str) -> list[str]:
    """A block of code, its indents kept; nothing when it is empty."""
    content = _STAND_INS.sub("\ufffd", text).replace("\u00a0", " ").strip("\n").rstrip()
    if not content.strip():
        return []
    fence = "`" * max(3, max(map(len, re.findall("`+", content)), default=0) + 1)
    lines = "\n".join(line.rstrip() for line in content.split("\n"))
    return [f"{fence}{language}\n{lines}\n{fence}"]


def flushed(running: str) -> list[str]:
    """Inline Markdown with stand-ins as paragraphs."""
    if not running.strip(_BLANK):
        return []
    made = (paragraphs([[*map(_lines, part.split(BREAK))]]) for part in _BREAKS.split(running))
    return [_emphasised(part) for part in made if part]


def _lines(text: str) -> str:
    """What stands between two breaks, as lines of Markdown."""
    apart = text.replace(f"{_SEAM}`", " `").replace(_SEAM, "")
    return "\n".join(_guarded(line) for line in map(_tidy, apart.split(_WRAP)) if line)


def _tidy(line: str) -> str:
    return re.sub(" {2,}", " ", line).strip() if "`" not in line else line.strip()


def _emphasised(part: str) -> str:
    """The stand-ins of emphasis as marks; left out where Markdown would show them instead of obeying them."""
    count = len(_ANY_MARK.findall(part))
    if count == 0:
        return part
    if not _ANY_MARK.search(_PLAIN_MARK.sub("", part)):
        return part.translate(_WAYS[0])
    plain = "\n".join(map(_guarded, _ANY_MARK.sub("", part).split("\n")))
    if count > MAX_TRIED:
        return plain
    expected = _shown(plain)
    ways = (part.translate(way) for way in _WAYS)
    return next((marked for marked in ways if _shown(marked) == expected), plain)


def _shown(text: str) -> list[str]:
    """What a reader sees of Markdown, as text without emphasis."""
    return [
        "".join(f"{child.type}:{child.content}" if child.type != "text" else child.content
                for child in token.children or () if not child.type.endswith(("_open", "_close")))
        for token in _TEXT_OF.parse(text)
        if token.type == "inline"
    ]  # fmt: skip


def cell(blocks: list[str]) -> str:
    """Blocks on one line, for a cell of a table."""
    line = " ".join(" ".join(blocks).replace("\\\n", " ").split())
    return re.sub(r"(?<!\\)\|", r"\\|", line)


def is_list(block: str) -> bool:
    return bool(re.match(r"(?:- |\d+\. )", block))
