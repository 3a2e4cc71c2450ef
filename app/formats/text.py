"""What text may hold, and when two texts look the same."""

from __future__ import annotations

import re
import unicodedata

from app.exam.quality import hidden_characters

MAX_COMBINING = 4
"""More marks than this on one letter is not a language; it paints over the lines above and below."""

# Letters of other scripts that look like Latin ones: enough to notice two options that a reader cannot tell
# apart (after Unicode TS 39, the Cyrillic and Greek part).
_LOOKALIKES = str.maketrans(
    "АВЕЗКМНОРСТУХаеорсухіјѕԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧον",  # noqa: RUF001
    "ABE3KMHOPCTYXaeopcyxijsdqwABEZHIKMNOPTYXov",
)
_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def problem(text: str) -> tuple[str, str] | None:
    """The first rule that a text breaks, with how to mend it; None for a good text."""
    if text.isascii() and not _CONTROL.search(text):
        return None
    if found := hidden_characters(text):
        return "hidden-character", f"the text holds {', '.join(found)}, which nobody can see; remove it"
    if not unicodedata.is_normalized("NFC", text):
        return "not-nfc", "the text is not in Unicode form NFC; save it with composed letters"
    if _flooded(text):
        return "combining-flood", f"more than {MAX_COMBINING} combining marks on one letter"
    return _control(text)


def mended(text: str) -> tuple[str, tuple[str, ...]]:
    """A foreign text so that `problem` finds nothing in it, and what was done to it, in words."""
    if problem(text) is None:
        return text, ()
    done = []
    if found := hidden_characters(text):
        done.append(f"removed {', '.join(found)}")
        text = "".join(character for character in text if not hidden_characters(character))
    plain = "".join(map(_harmless, text))
    if plain != text:
        done.append("replaced control characters and characters without a meaning of their own")
    composed = unicodedata.normalize("NFC", plain)
    if composed != plain:
        done.append("composed letters and their accents (NFC)")
    if _flooded(composed):
        done.append(f"left {MAX_COMBINING} of the combining marks on a letter")
        composed = unicodedata.normalize("NFC", _drained(composed))
    return composed, tuple(done)


def _harmless(character: str) -> str:
    if character in "\n\t":
        return character
    category = unicodedata.category(character)
    if category == "Cc":
        return "\n" if character in "\r\x0b\x0c\x85" else ""
    return "\ufffd" if category in ("Cs", "Co", "Cn") else character


def _drained(text: str) -> str:
    kept, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= MAX_COMBINING:
            kept.append(character)
    return "".join(kept)


def _control(text: str) -> tuple[str, str] | None:
    for character in text:
        if character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn"):
            return "control-character", f"the text holds the character U+{ord(character):04X}; remove it"
    return None


def _flooded(text: str) -> bool:
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > MAX_COMBINING:
            return True
    return False


def skeleton(text: str) -> str:
    """What a reader sees of a text: equal skeletons look the same on the page."""
    if text.isascii():
        return _SPACE.sub(" ", text).strip()
    visible = "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) != "Cf")
    return _SPACE.sub(" ", visible.translate(_LOOKALIKES)).strip()
