"""What people type into the fields of tables and JSON, where no format says how: texts, kinds, yes and no, lists.

Shared by the readers whose fields have names but no rules. Pure; never raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from itertools import pairwise

from app.formats.columns import names, plain_name
from app.formats.markup import Marked, from_html, from_markdown, from_mixed, from_plain, no_image
from app.formats.media import Image, Refusal

AS_IT_IS = "cutscore"
"""What our own writer says of texts that stay as they are."""
_OWN_IMAGE = re.compile(r"\]\((media/[^()\s]{1,200})\)")
_CODE = re.compile(r"^(?:```|~~~)|(?<![\\`])`[^`\s](?:[^`\n]{0,500}[^`\s])?`(?!`)", re.MULTILINE)
_PAIRED_TAG = re.compile(r"</[a-zA-Z]|<(?:br|img|hr|p|li)\b", re.IGNORECASE)
_WORD = re.compile(r"\w")
_SPLIT_CATEGORY = re.compile(r"\s+/\s+|\s*+>\s*+|::")
_NOT_DELIVERED = re.compile(
    r"short|essay|blank|cloze|numer|calculat|match|order|sequenc|sorting|ranking|drag|drop|hotspot|hot spot|poll|"
    r"survey|likert|scale|slider|upload|open ended|free text|free response|text entry|text input|word cloud|jumble"
)
_YES = names("1|true|yes|y|x|t|correct|right|wahr|ja|1.0|✓|✔|✅")
_NO = names("0|false|no|n|f|incorrect|wrong|falsch|nein|0.0|✗|✘|❌|-")
_LETTERED = re.compile(r"\s*+\(?([A-Ta-t])[.):]\s*+(?=\S)")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'", re.DOTALL)
_LIST = re.compile(rf"\[\s*+(?:(?:{_QUOTED.pattern})\s*+,?\s*+)++\]", re.DOTALL)
_IN_A_ROW = re.compile(r"(?<!\S)[(\[]?(?P<letter>[A-Ta-t])(?P<sign>[.)\]])(?=\s+\S)")
_WIDE = re.compile(r"\t|\s\s")
_BULLET = re.compile(r"\s*+(?:[-*•]\s++|\(?[A-Ta-t\d]{1,2}[.):]\s++)")


class Kind(Enum):
    """What the type of a question says. CHOICE leaves open how many options are right; OTHER is not delivered."""

    CHOICE = "choice"
    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true-false"
    OTHER = "other"


_KINDS: Mapping[Kind, frozenset[str]] = {
    kind: names(listed)
    for kind, listed in {
        Kind.TRUE_FALSE: "true false|truefalse|tf|t f|boolean|bool|true or false|yes no|richtig falsch",
        Kind.MULTIPLE: "multi select|multiselect|multiple answer|multiple answers|multiple response|"
        "multiple responses|multiple select|multi answer|multi answers|multi response|checkbox|checkboxes|multiple|"
        "multi|select all|select all that apply|select multiple|multiple correct|multiple choice multiple answers|ma|"
        "multiple choice multiple answer|multiple choice multiple|choose multiple|many",
        Kind.SINGLE: "single|single choice|single answer|single select|singlechoice|single response|one answer|"
        "radio|one best answer|best answer|multiple choice single answer|multiple choice single|single best answer|"
        "sba|one",
        Kind.CHOICE: "choice|multiple choice|multichoice|multiplechoice|mcq|mc|mcqs|quiz|question|choices|select",
    }.items()
}


def kind_of(said: str) -> Kind | None:
    """The kind that a type names; None when it says nothing that is known."""
    name = plain_name(said)
    for kind, listed in _KINDS.items():
        if name in listed or name.removesuffix(" question").removesuffix(" questions") in listed:
            return kind
    return Kind.OTHER if _NOT_DELIVERED.search(name) else None


def yes_or_no(said: str) -> bool | None:
    """What a mark of being right says; None when it says neither."""
    word = said.strip().casefold()
    return True if word in _YES else False if word in _NO or not word else None


def text_of(text: str, written: str = "", image: Image = no_image) -> Marked:
    """A text as Markdown. `written` is markdown, html, plain, or AS_IT_IS; anything else is told from the text.

    Code in backticks tells Markdown. Tags tell HTML only where some are closed: a question about `<b>` is none.
    """
    wanted = written.strip().casefold()
    if wanted == AS_IT_IS:
        return _as_it_is(text, image)
    if wanted in ("markdown", "md"):
        return from_markdown(text, image)
    if wanted == "html":
        return from_html(text, image)
    if wanted in ("plain", "text"):
        return from_plain(text)
    if _CODE.search(text):
        return from_markdown(text, image)
    if "<" in text and not _PAIRED_TAG.search(text):
        return from_plain(text)
    marked = from_mixed(text, image)
    lost = not marked.text.strip() and text.strip() and not marked.dropped
    return from_plain(text) if lost else marked


def _as_it_is(text: str, image: Image) -> Marked:
    """Item text of our own writing, with the names that its images have here."""
    names = {address: image(address) for address in dict.fromkeys(_OWN_IMAGE.findall(text))}
    if any(isinstance(name, Refusal) for name in names.values()):
        return from_markdown(text, image)
    shown = _OWN_IMAGE.sub(lambda found: f"]({names[found[1]]})", text)
    return Marked(shown.strip(), tuple(map(str, names.values())))


def split_options(cell: str) -> list[str]:
    """The options of a cell that holds all of them: one a line, between `|` or `;`, in a row, or in brackets."""
    if _LIST.fullmatch(cell.strip()):
        return [re.sub(r"\\(.)", r"\1", found[0][1:-1]).strip() for found in _QUOTED.finditer(cell)]
    for separator in ("\n", "|", ";"):
        parts = [part.strip() for part in cell.split(separator) if part.strip()]
        if len(parts) > 1:
            break
    else:
        parts = [part.strip() for part in in_a_row(cell)] if cell.strip() else []
    if all(_BULLET.match(part) for part in parts):
        return [_BULLET.sub("", part, count=1) for part in parts]
    return parts


def in_a_row(text: str) -> list[str]:
    """The options that stand one behind the other (`A) wet  B) dry  C) blue`); the text itself where they do not.

    Two need more than a space between them, three from A on do not.
    """
    found: list[re.Match[str]] = []
    for each in _IN_A_ROW.finditer(text):
        if not found and text[: each.start()].strip(" \t-*•"):
            return [text]
        if not found or (
            each["sign"] == found[0]["sign"] and ord(each["letter"]) == ord(found[-1]["letter"]) + 1
        ):
            found.append(each)
    wide = all(_WIDE.search(text[: each.start()][-2:]) for each in found[1:])
    if len(found) < 2 or not (wide or (len(found) > 2 and found[0]["letter"] in "aA")):  # noqa: PLR2004
        return [text]
    starts = [0, *(each.start() for each in found[1:])]
    return [text[start:end].rstrip() for start, end in pairwise([*starts, len(text)])]


def unlettered(texts: Sequence[str]) -> list[str]:
    """Option texts without the letters that stand before each of them (`A. `, `B) ` …), if they do."""
    found = [_LETTERED.match(text) for text in texts]
    letters = [each[1].upper() for each in found if each]
    if len(letters) != len(texts) or letters != [chr(ord("A") + place) for place in range(len(texts))]:
        return list(texts)
    return [text[each.end() :] for text, each in zip(texts, found, strict=True) if each]


def split_category(said: str, written: str = "") -> tuple[str, ...]:
    """The path of a category: `AWS / Storage`, `AWS > Storage` and `AWS::Storage` are the same."""
    parts = said.split(" / ") if written.strip().casefold() == AS_IT_IS else _SPLIT_CATEGORY.split(said)
    return tuple(part.strip() for part in parts if part.strip())


def joined_category(path: Sequence[str]) -> str:
    """The path of a category as our own writer puts it into one field."""
    first, *rest = (" ".join(part.split()) for part in (*path, ""))
    return " / ".join(filter(None, (first.replace(" / ", "/"), *rest)))


def split_tags(said: str) -> tuple[str, ...]:
    """The tags of a field, which commas, semicolons or bars divide."""
    return tuple(tag.strip() for tag in re.split(r"[,;|\n]", said) if _WORD.search(tag))
