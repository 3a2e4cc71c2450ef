"""The lines of a Markdown or plain text file, and what each of them looks like by itself (see markdown_read.py).

A line may be an option (`- [x] …`, `B) …`), the start of a question (`### Q4.1`, `12. …`), an answer (`Answer: B`),
the edge of a `<details>` block, code, and so on. Nothing is decided here: what is meant follows from its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from app.formats.keys import letters, numbers
from app.formats.loose import in_a_row

MAX_LINE = 20_000


class Look(Enum):
    """What a line is made of."""

    BLANK = "blank"
    TEXT = "text"
    CODE = "code"
    HEADING = "heading"
    RULE = "rule"
    ROW = "row"
    OPEN = "open"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Mark:
    """An option as its line shows it.

    `label` is its letter or number, empty for a box or a bullet; `right` what a box or a sign says; `bold` whether
    its whole text is; `told` whether the line itself says that it is right.
    """

    kind: str
    label: str
    body: str
    right: bool | None = None
    bold: bool = False
    told: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """The start of a question: its number as it is written, the text after it, and whether it says "question"."""

    number: str
    rest: str
    named: bool


@dataclass(slots=True)
class Line:
    """One line, or a part of one that tags divide; `number` is its line in the file."""

    number: int
    text: str
    look: Look
    bare: str = ""
    indent: int = 0
    level: int = 0
    mark: Mark | None = None
    start: Start | None = None
    answer: str | None = field(default=None)


_FENCE = re.compile(r"[ \t]{0,12}(?:[-*+]\s{1,4})?(?P<sign>`{3,10}|~{3,10})(?P<info>[^`]*)$")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_RULE = re.compile(r"[ \t]{0,3}([-*_=])(?:[ \t]*\1){2,}[ \t]*$")
_TAG = re.compile(r"(<details\b[^<>]{0,200}>|</details\s{0,9}>|</?summary\b[^<>]{0,200}>)", re.IGNORECASE)
_BREAK = re.compile(r"<br\s{0,9}/?>", re.IGNORECASE)
_BREAK_END = re.compile(r"<br\s{0,9}/?>\s{0,9}$", re.IGNORECASE)
_STYLING = re.compile(
    r"</?(?:b|strong|em|i|p|div|span|center|u|font|blockquote|h[1-6])\b[^<>]{0,200}>", re.IGNORECASE
)

_BOX = re.compile(
    r"(?:[-*+•]\s+|\d{1,3}[.)]\s+|[A-Za-z][.)]\s+)?"
    r"(?:\[(?P<square>[ xX*✓✔√☑-]?)\](?!\()|\((?P<round>[ xX*])\)(?=\s)"
    r"|(?P<sign>[☐☑☒✅⬜🔲❌✔✓✗✘])\ufe0f?(?=\s))"
    r"\s*(?P<body>.*)$"
)
_BULLET = re.compile(r"(?P<bullet>[-*+•])\s+(?P<body>.*)$")
_LETTER = re.compile(
    r"(?P<em>\*{1,3}|_{1,3})?(?:\(|\[(?=\w\](?!\()))?"
    r"(?P<letter>[A-Za-zА-Иа-иΑ-Θα-θ\uff21-\uff2a\uff41-\uff4a])(?P<em2>\*{1,3}|_{1,3})?"  # noqa: RUF001
    r"(?P<sign>[.)\]、\uff0e\uff09](?![.\d])|[:\uff1a](?=\s|\*|_|$)|(?=\s[-\u2013\u2014]\s))(?P<em3>\*{1,3}|_{1,3})?(?P<body>.*)$"
)
_SEQUENCE = re.compile(r"(?P<number>\d{1,2})[.)]\s+(?P<body>.*)$")
_RIGHT = re.compile(
    r"\s*(?:(?:[*_]{0,3}[(\[{]\s*(?:✓|✔|✅|☑|correct(?: (?:answer|option|choice))?|right(?: answer)?|answer)\s*[)\]}]"
    r"|[✓✔✅☑]|<[-<=\u2013\u2014]{1,9}\s*(?:correct|right|answer)\b[^<>]{0,40}|[←⇐]\s*(?:correct|right|answer)\b.{0,40}"
    r"|[-\u2013\u2014]\s*Correct|(?<=\s)(?-i:Most Voted)|(?<=\s)\*)\ufe0f?[*_]{0,3})\s*$",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:questions?|ques|q|frage|pregunta|domanda|pergunta|aufgabe|вопрос|pytanie|问题|题目|題目|問題|問|"
    r"(?-i:NO)(?=\.\s?\d))\s{0,4}"
    r"(?:(?:no|nr|num|number)\b)?[\s.:#№-]{0,5}(?P<number>\d{1,4}(?:\.\d{1,4}){0,3})(?![\d%])(?P<rest>.*)$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"(?P<number>\d{1,4}(?:\.\d{1,4}){0,3})(?:[.):、\uff0e](?=\s|\*|_|$|[^\d\s])|\s+[-\u2013\u2014](?=\s))(?P<rest>.*)$"
)
_PUNCTUATION = re.compile(r"[\s.):\]|,\u2014\u2013-]{0,5}\s*")
_OF_MANY = re.compile(r"(?:(?:of|/)\s*\d{1,4}|[([]?topic\s*#?\s*\d{1,3}[)\]]?)[\s:.|]*", re.IGNORECASE)
_EMPHASIS = "*_ \t"
_LEAD = re.compile(r"(?:> ?\[![\w-]{1,30}\][+-]?)?[\s>#*_`+•✅✔✓☑👉💡🔑➡⇒→️-]+")
_SPOILER = re.compile(r"[*_\s]*(?:\|\|(?P<bars>[^|]+)\|\||>!(?P<quote>[^<>]+)!<)[*_\s]*")
"""A line that chat rooms and forums hide until it is clicked."""
_ANSWER = re.compile(
    r"(?:(?:click\s+(?:here\s+)?(?:to|for)\s+)?(?:(?:show|reveal|see|view|get|check|toggle)\s+)?(?:the\s+)?"
    r"(?P<rated>(?:(?:correct|right|suggested|official|best|voted|most|verified|expected|actual|final)\s+){0,3})"
    r"(?P<noun>answers?|ans|options?|choices?|responses?|key|solutions?)(?:\s?\(s\))?"
    r"(?P<is>(?:\s+(?:key|is|are|option|choice))*)"
    r"|(?P<alone>correct|richtige?\s+antwort(?:en)?|antwort(?:en)?|lösung|l[oö]sungen|respuestas?(?:\s+correctas?)?|"
    r"(?:bonnes?\s+)?r[ée]ponses?(?:\s+correctes?)?|respostas?(?:\s+corretas?)?|rispost[ae](?:\s+corrett[ae])?|"
    r"(?:правильный\s+)?ответы?|(?:prawidłowa\s+|poprawna\s+)?odpowiedź|(?:juiste?\s+)?antwoord(?:en)?|"
    r"(?:rätt\s+)?svar|正确答案|答案|正解|정답))"
    r"(?P<sep>[*_\s]*[:\uff1a=→]+|[*_]*\s*[-\u2013\u2014>]+\s|\.\s|[*_\s]+|$)(?P<said>.*)$",
    re.IGNORECASE,
)
_SETTLES = re.compile(r"[:\uff1a=→]|[-\u2013\u2014>]")


def lines(text: str) -> list[Line]:
    """The lines of a text, front matter and comments left out."""
    raw = text.split("\n")
    found: list[Line] = []
    closing = _fences(raw)
    at = _front_matter(raw)
    comment_end = _last_with(raw, "-->")
    depth = 0
    while at < len(raw):
        line = raw[at][:MAX_LINE]
        if at in closing:
            end = closing[at]
            found += [
                Line(n + 1, raw[n][:MAX_LINE], Look.CODE, indent=_indent(raw[n])) for n in range(at, end + 1)
            ]
            at = end + 1
            continue
        if line.lstrip().startswith("<!--") and at <= comment_end:
            while "-->" not in raw[at]:
                at += 1
            at += 1
            continue
        if "<" in line and (depth or _TAG.search(line)):
            for piece in _pieces(line, at + 1):
                depth += (piece.look is Look.OPEN) - (piece.look is Look.CLOSE)
                found.append(piece)
        else:
            found += [line_of(at + 1, part) for part in in_a_row(line)]
        at += 1
    return found


def _fences(raw: list[str]) -> dict[int, int]:
    """For each line that opens a fence, the line that closes it; a fence that is never closed is none."""
    found: dict[int, int] = {}
    hopeless: set[tuple[str, int]] = set()
    at = 0
    while at < len(raw):
        opening = _FENCE.match(raw[at]) if "```" in raw[at] or "~~~" in raw[at] else None
        sign = opening["sign"] if opening else ""
        if not opening or (sign[0], len(sign)) in hopeless:
            at += 1
            continue
        end = next((n for n in range(at + 1, len(raw)) if _closes(raw[n], sign)), None)
        if end is None:
            hopeless.add((sign[0], len(sign)))
            at += 1
        else:
            found[at] = end
            at = end + 1
    return found


def _closes(line: str, sign: str) -> bool:
    bare = line.strip()
    return bare.startswith(sign) and not bare.strip(sign[0])


def _front_matter(raw: list[str]) -> int:
    """The first line below the front matter."""
    if raw[0].strip() != "---":
        return 0
    return next((n + 1 for n in range(1, min(len(raw), 300)) if raw[n].strip() in ("---", "...")), 0)


def _last_with(raw: list[str], sign: str) -> int:
    return next((n for n in range(len(raw) - 1, -1, -1) if sign in raw[n]), -1)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _pieces(line: str, number: int) -> Iterator[Line]:
    """The parts of a line with tags of `<details>`; the tags of styling in them are dropped."""
    for part in _TAG.split(line):
        name = part[:9].lower()
        if name.startswith("<details"):
            yield Line(number, "", Look.OPEN)
        elif name == "</details":
            yield Line(number, "", Look.CLOSE)
        elif not name.startswith(("<summary", "</summary")):
            for text in _BREAK.split(_STYLING.sub("", part)):
                if text.strip():
                    yield line_of(number, text)


def line_of(number: int, text: str) -> Line:
    """What a line of text looks like."""
    bare, indent = text.strip(), _indent(text)
    if spoiler := _SPOILER.fullmatch(bare):
        text = bare = (spoiler["bars"] or spoiler["quote"]).strip()
    if not bare:
        return Line(number, "", Look.BLANK)
    line = Line(number, text, Look.TEXT, bare, indent)
    if bare[0] == "#" and (heading := _HEADING.match(text)):
        line.look, line.level, line.bare = Look.HEADING, len(heading[1]), heading[2]
        line.start = Start(heading[2], "", False) if heading[2].isdecimal() else started(heading[2])
    elif bare[0] in "-*_=" and _RULE.match(text):
        line.look = Look.RULE
    elif bare[0] == "|":
        line.look = Look.ROW
    else:
        line.start = started(bare)
    if line.look in (Look.TEXT, Look.HEADING):
        line.answer = answered(bare)
        if spoiler and line.answer is None and letters(bare):
            line.answer = bare
    if line.look is Look.TEXT and line.answer is None:
        line.mark = marked(bare)
    return line


def started(bare: str) -> Start | None:
    """The start of a question that a line may be."""
    text = bare.lstrip(_EMPHASIS + "[(")
    named = _NAMED.match(text) if text[:1].isalpha() else None
    found = named or (_NUMBERED.match(text) if text[:1].isdecimal() else None)
    if not found:
        return None
    emphasis = bare[: len(bare) - len(bare.lstrip("*_"))]
    rest = _without(_PUNCTUATION, _BREAK_END.sub("", found["rest"]))
    if emphasis:
        closed = rest.startswith(emphasis)
        rest = _without(_PUNCTUATION, rest.removeprefix(emphasis))
        if not closed and rest.endswith(emphasis) and emphasis not in rest[: -len(emphasis)]:
            rest = rest[: -len(emphasis)]
    return Start(found["number"], (_without(_OF_MANY, rest) if named else rest).strip(), named is not None)


def _without(pattern: re.Pattern[str], text: str) -> str:
    """The text without what the pattern finds at its beginning."""
    found = pattern.match(text)
    return text[found.end() :] if found else text


def answered(bare: str) -> str | None:
    """What a line says is right (empty when it only announces that), None when it is no such line."""
    lead = _LEAD.match(bare)
    text = bare[lead.end() :] if lead else bare
    found = _ANSWER.match(text) if text[:1].isalpha() else None
    if not found:
        return None
    said = found["said"].lstrip(_EMPHASIS).strip()
    if spoiler := _SPOILER.fullmatch(said):
        said = (spoiler["bars"] or spoiler["quote"]).strip()
    sure = bool(_SETTLES.search(found["sep"]))
    plain = said.strip(_EMPHASIS + ".`'\"()[]")
    if not plain:
        # "Option" or "Correct" alone may be anything; "Answer" or "Show solution" announces one.
        return (
            "" if found["noun"] and found["noun"].lower().startswith(("answer", "ans", "solution")) else None
        )
    if (
        found["noun"]
        and found["noun"].lower().startswith(("option", "choice", "response"))
        and not found["rated"]
    ):
        return None
    if sure and (found["noun"] or found["alone"]):
        return said
    if found["alone"]:
        return None
    is_key = letters(plain) is not None and len(plain) < len("A, B, C, D, E, F and G")
    return said if is_key or numbers(plain) or ("is" in (found["is"] or "") and letters(said)) else None


def marked(bare: str) -> Mark | None:
    """The option that a line may be."""
    if box := _BOX.match(bare):
        sign = box["square"] if box["square"] is not None else box["round"]
        sign = box["sign"] if sign is None else sign
        right = sign not in ("", " ", "-", "☐", "⬜", "🔲", "❌", "✗", "✘")
        return Mark("box", "", box["body"].strip(), right)
    bullet = _BULLET.match(bare)
    text = bullet["body"] if bullet else bare
    letter = _LETTER.match(text)
    if not letter and not bullet and text.startswith("*") and (letter := _LETTER.match(text[1:])):
        return _told(Mark("letter", letter["letter"], letter["body"].strip(), told=True))
    if letter:
        return _told(_lettered(letter))
    if bullet:
        return _told(Mark("bullet", "", text.strip()))
    if found := _SEQUENCE.match(bare):
        return _told(Mark("number", found["number"], found["body"].strip()))
    return None


def _lettered(found: re.Match[str]) -> Mark:
    body = found["body"].strip()
    if not found["sign"] and not _RIGHT.fullmatch(body):
        body = body.lstrip("-\u2013\u2014 ")
    emphasis = found["em"] or ""
    inside = bool(emphasis) and not found["em2"] and not found["em3"]
    if not inside:
        return Mark("letter", found["letter"], body)
    if body.endswith(emphasis) and emphasis not in body[: -len(emphasis)]:
        return Mark("letter", found["letter"], body[: -len(emphasis)].strip(), bold=True)
    if len(emphasis) == 1 and "*" not in body:
        return Mark("letter", found["letter"], body, told=emphasis == "*")  # `*b) …` of plain text quizzes
    return Mark("letter", found["letter"], f"{emphasis}{body}")


def _told(mark: Mark) -> Mark:
    """The option without a sign at its end that says whether it is right."""
    found = _RIGHT.search(mark.body)
    if found and (found[0].strip() != "*" or "*" not in mark.body[: found.start()]):
        return Mark(
            mark.kind, mark.label, mark.body[: found.start()].strip(), mark.right, mark.bold, told=True
        )
    whole = mark.body.startswith("**") and mark.body.endswith("**") and "**" not in mark.body[2:-2]
    if whole and len(mark.body) > len("****"):
        return Mark(mark.kind, mark.label, mark.body[2:-2].strip(), mark.right, bold=True, told=mark.told)
    return mark
