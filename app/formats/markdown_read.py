"""Questions in Markdown or plain text, in the dialects that people write: boxes, lettered options, keys below or far.

    ### Q7. Which signal helps in fog?          12. Which signal helps in fog?
    - [x] The long horn                         A) The long horn
    - [ ] The flag                              B) The flag
                                                Answer: A

Lines are looked at one by one (markdown_lines.py), then options are gathered (markdown_groups.py), keys far from
their questions are found (markdown_keys.py), and each question gets its beginning and end (markdown_questions.py).
A folder or zip may hold several texts and the images that they name.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from string import ascii_letters

from app.exam.faults import Fault, Place, Severity, quality, structure
from app.formats.decoding import decode, peek
from app.formats.drafts import MAX_QUESTIONS, Found, FoundOption, assemble, unreadable
from app.formats.keys import at_odds, chosen, letters
from app.formats.loose import text_of, unlettered
from app.formats.markdown_groups import Option
from app.formats.markdown_keys import after_letters
from app.formats.markdown_lines import Line, Look, lines
from app.formats.markdown_questions import Parsed, Raw, is_keyed, parse
from app.formats.markup import Gathered, Marked, from_markdown
from app.formats.media import Image, Media
from app.formats.reading import Reading, Skipped
from app.formats.source import Source

NAME = "markdown"
MAX_SIZE = 20_000_000
MAX_LINES = 200_000
_TEXTS = (".md", ".markdown", ".txt", ".text", ".mdx", ".rmd", ".qmd")
_OTHER = re.compile(
    r"\s*(?:<(?:\?xml|!doctype|html|quiz|questestinterop)|%PDF|\{\s*\"|\[\s*[{\"])", re.IGNORECASE
)
_IS_MARKDOWN = re.compile(
    r"^(?:#{1,6} |```|~~~|[ \t]*[-*+] \[[ xX]?\]|!\[)|\*\*\S|<details|\]\(", re.MULTILINE
)


def detect(given: Source) -> bool:
    """Whether a text of the source holds a question with options, and a sign of which one is right."""
    for _, content in _texts(given)[:20]:
        text = peek(content)
        if text is not None and not _OTHER.match(text) and _is_bank(parse(lines(text))):
            return True
    return False


def _is_bank(parsed: Parsed) -> bool:
    """Whether what was found are questions and not any list: some have a key, a number, or ask."""
    keyed = [raw for raw in parsed.questions if is_keyed(raw)]
    asked = [
        raw for raw in parsed.questions if raw.number or any(line.bare.endswith("?") for line in raw.stem)
    ]
    return bool(keyed and asked) or len(keyed) > 1 or len(asked) > 2  # noqa: PLR2004


def read(given: Source) -> Reading:
    """Read every text of the source."""
    media = Media()
    found: list[Found] = []
    skipped: list[Skipped] = []
    faults: list[Fault] = []
    readable = False
    for file, content in _texts(given):
        text, told = _decoded(file, content)
        faults += told
        if text is None:
            continue
        readable = True
        parsed = parse(lines(text))
        if len(parsed.questions) > MAX_QUESTIONS:
            message = f"more than {MAX_QUESTIONS} questions; split the text"
            return unreadable(NAME, [*faults, structure(Place(file), "too-many-questions", message)])
        marked = bool(_IS_MARKDOWN.search(text))
        image = media.among(given.files, file)
        found += _found(file, parsed, image, marked=marked)
        skipped += [
            Skipped(Place(file, line), "questions without options (open questions) are not delivered")
            for line in parsed.open
        ]
        for line, number in parsed.strangers[:20]:
            message = f"the key has an entry {number}, but there is no question {number} that lacks one"
            faults.append(quality(Place(file, line), "stray-answer", Severity.INFO, message))
    if not readable:
        return unreadable(NAME, faults or [structure(Place(given.name), "no-text", "there is no text in it")])
    return assemble(NAME, given, found, skipped, faults, media.files)


def _texts(given: Source) -> list[tuple[str, bytes]]:
    if len(given.files) == 1:
        return list(given.files.items())
    return [(name, content) for name, content in sorted(given.files.items()) if name.lower().endswith(_TEXTS)]


def _decoded(file: str, content: bytes) -> tuple[str | None, list[Fault]]:
    if len(content) > MAX_SIZE:
        message = f"the text has more than {MAX_SIZE // 1_000_000} MB; split it"
        return None, [structure(Place(file), "too-large", message)]
    text, faults = decode(file, content)
    if text is not None and text.count("\n") > MAX_LINES:
        message = f"the text has more than {MAX_LINES} lines; split it"
        return None, [structure(Place(file), "too-many-lines", message)]
    return text, faults


def _found(file: str, parsed: Parsed, image: Image, *, marked: bool) -> list[Found]:
    """The questions of a text as they are handed in."""
    remarks = Counter(bool(_remark(raw.stem)) for raw in parsed.questions)
    common = remarks[True] * 2 > len(parsed.questions)
    return [
        _question(file, place, raw, image, marked=marked, remarked=common)
        for place, raw in enumerate(parsed.questions, 1)
    ]


def _remark(stem: Sequence[Line]) -> int:
    """How many lines at the beginning of a stem are a quote that only remarks on the question; 0 when it has none."""
    first = next((place for place, line in enumerate(stem) if line.look is not Look.BLANK), 0)
    last = next((place for place in range(first, len(stem)) if not stem[place].bare.startswith(">")), first)
    text = any(line.look is Look.TEXT for line in stem[last:])
    return last if last > first and text else 0


def _question(file: str, place: int, raw: Raw, image: Image, *, marked: bool, remarked: bool) -> Found:
    gathered = Gathered()

    def take(text: str) -> str:
        return gathered.take(_marked(text, image, marked=marked))

    stem = raw.stem
    remark = _remark(stem) if remarked else 0
    options = [_option_text(option, raw) for option in raw.group.options]
    keys, why, notes = _key(raw, options)
    shown = unlettered(options) if raw.group.kind == "box" else options
    reason = "\n".join(filter(None, [why, _text(_reasons(raw))]))
    unmapped = {"remark": " ".join(line.bare.strip("> ") for line in stem[:remark]).strip()} if remark else {}
    found = Found(
        Place(file, raw.line),
        take(_text(_apart(stem[remark:]))),
        tuple(FoundOption(take(text), n in keys) for n, text in enumerate(shown)),
        len(keys) > 1,
        locator=f"question {raw.number}" if raw.number else f"question {place}",
        title=raw.title,
        feedback=take(reason),
        category=raw.category[:2],
        notes=tuple(notes),
    )
    return replace(
        found,
        unmapped={**gathered.unmapped, **unmapped},
        notes=(*found.notes, *gathered.notes),
    )


def _reasons(raw: Raw) -> list[Line]:
    apart = raw.apart.why if raw.apart else []
    return [*raw.told.why, *([Line(0, "", Look.BLANK)] if raw.told.why and apart else []), *apart]


def _marked(text: str, image: Image, *, marked: bool) -> Marked:
    return from_markdown(text, image) if marked else text_of(text, "", image)


def _text(found: Sequence[Line]) -> str:
    """Lines as text again, without the indent that they have in common."""
    if not found:
        return ""
    rest = textwrap.dedent("\n".join(line.text.expandtabs(4) for line in found[1:]))
    return f"{found[0].text.strip()}\n{rest}".strip()


def _apart(stem: Sequence[Line]) -> list[Line]:
    """A stem in which a quote ends where its lines do: without an empty line, the text below would be part of it."""
    result: list[Line] = []
    for line in stem:
        quoted = bool(result) and result[-1].bare.startswith(">")
        if quoted and line.look is Look.TEXT and not line.bare.startswith(">"):
            result.append(Line(line.number, "", Look.BLANK))
        result.append(line)
    return result


def _option_text(option: Option, raw: Raw) -> str:
    below = _text([Line(0, "", Look.BLANK), *(raw.source[place] for place in option.places[1:])])
    return f"{option.mark.body}\n{below}".strip()


def _key(raw: Raw, options: Sequence[str]) -> tuple[frozenset[int], str, list[tuple[str, str]]]:
    """The places of the right options, the beginning of a reason that follows the letters, and warnings."""
    marks = [option.mark for option in raw.group.options]
    shown = frozenset(n for n, mark in enumerate(marks) if mark.right or mark.told)
    ways = [("the options", shown)] if shown else []
    notes, why = [], ""
    for where, told in (("the question", raw.told), ("the key", raw.apart)):
        if told is None or not told.said:
            continue
        found = _chosen(told.said, options, raw)
        if found is None:
            said = told.said.strip("*_ ")[:80]
            notes.append(("unknown-answer", f"the answer {said!r} names none of the options for certain"))
            continue
        ways.append((where, found))
        ways += [(f"{where} again", more) for each in told.again if (more := _chosen(each, options, raw))]
        why = why or _rest(told.said, options, found)
    if not ways:
        bold = frozenset(n for n, mark in enumerate(marks) if mark.bold)
        if 0 < len(bold) < len(marks):
            message = "the option in bold was taken as the right one; no answer is given otherwise"
            return bold, why, [*notes, ("bold-key", message)]
        return frozenset(), why, notes
    if len({found for _, found in ways}) > 1:
        said = "; ".join(f"{where}: {_letters(found)}" for where, found in ways)
        notes.append(
            ("keys-disagree", f"the text names different right options ({said}); the first was taken")
        )
    return ways[0][1], why, notes


def _letters(places: frozenset[int]) -> str:
    return ", ".join(chr(ord("A") + place) for place in sorted(places))


def _chosen(said: str, options: Sequence[str], raw: Raw) -> frozenset[int] | None:
    plain = said.strip(" *_`.")
    labels = [option.mark.label for option in raw.group.options]
    foreign = not all(label.isascii() for label in labels)
    found = letters(_in_latin(said.lstrip("*_ "), labels) if foreign else said.lstrip("*_ "))
    if found and raw.group.kind == "letter":
        places = frozenset(ord(letter) - ord("A") for letter in found[0])
        if all(place < len(options) for place in places):
            return None if at_odds(found[1], options, places) else places
    if foreign and letters(plain):
        return None  # a Latin letter may be meant as the one that looks like it, or as the one in its place
    texts = [option.strip("*_` ") for option in options]
    return chosen(plain, texts)


def _in_latin(said: str, labels: Sequence[str]) -> str:
    """A key in the letters of its options, which are of another alphabet, as one in Latin letters."""
    places: dict[str, str | int | None] = dict.fromkeys(ascii_letters, "\ufffd")
    for place, label in enumerate(labels):
        places |= dict.fromkeys((label.lower(), label.upper()), chr(ord("A") + place))
    return said.translate(str.maketrans(places))


def _rest(said: str, options: Sequence[str], found: frozenset[int]) -> str:
    """What follows the letters of an answer, unless it only says the option again."""
    rest = after_letters(said.lstrip("*_ "))
    bare = re.sub(r"\W+", " ", rest).strip().casefold()
    texts = {re.sub(r"\W+", " ", options[place]).strip().casefold() for place in found}
    return "" if not bare or bare in texts else rest
