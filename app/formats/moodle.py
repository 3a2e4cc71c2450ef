"""Moodle XML: questions with categories, feedback and embedded images.

Delivered are `multichoice`, `truefalse`, `oumultiresponse` and `multichoiceset`; a question of any other type is
skipped by name. The key of a multiple-answer question is every answer with a positive fraction, that of a
single-answer question the answer with the highest one; other positive fractions are parts of the marks, which
are reported and kept in `unmapped`. A `category` question is no question: it says where those after it belong.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from urllib.parse import unquote

from lxml import etree

from app.exam.faults import Fault, Place, structure
from app.formats.drafts import (
    Found,
    FoundOption,
    assemble,
    broken,
    moodle_category,
    too_many_options,
    too_many_questions,
    unreadable,
)
from app.formats.markup import Gathered, Marked, from_html, from_markdown, from_mixed, from_plain
from app.formats.media import NOT_THERE, Image, Media, Name
from app.formats.reading import Reading, Skipped
from app.formats.source import Source
from app.formats.xml_tree import held_html, line, name, parse, root_name

NAME = "moodle-xml"
PLUGIN_FILES = "@@PLUGINFILE@@/"
_MULTIPLE = ("oumultiresponse", "multichoiceset")
_DELIVERED = ("multichoice", "truefalse", *_MULTIPLE)
_KINDS = {
    "calculated": "calculated",
    "calculatedmulti": "calculated multiple-choice",
    "calculatedsimple": "calculated",
    "cloze": "embedded-answers (cloze)",
    "ddimageortext": "drag-and-drop onto image",
    "ddmarker": "drag-and-drop marker",
    "ddwtos": "drag-and-drop into text",
    "description": "description",
    "essay": "essay",
    "gapselect": "select-missing-words",
    "matching": "matching",
    "mtf": "multiple true/false",
    "multianswer": "embedded-answers (cloze)",
    "numerical": "numerical",
    "ordering": "ordering",
    "randomsamatch": "random matching",
    "shortanswer": "short-answer",
}
_LEFT_OUT = ("defaultgrade", "penalty", "hidden", "answernumbering", "usecase")
_USUAL = ("", "0", "1", "abc")
_FEEDBACK = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
_NO = ("false", "0", "")


def detect(given: Source) -> bool:
    """Whether a file of the source is a quiz of Moodle."""
    return any(_is_quiz(content) for content in given.files.values())


def _is_quiz(content: bytes) -> bool:
    # Canvas calls the settings of its quizzes so, too.
    return root_name(content) == "quiz" and b"canvas.instructure.com" not in content[:2000]


def read(given: Source) -> Reading:
    """Every quiz of the source as one pack of drafts; a single file that is none is read as one all the same."""
    files = {file: content for file, content in given.files.items() if _is_quiz(content)}
    if not files and len(given.files) == 1:
        files = dict(given.files)
    found: list[Found] = []
    skipped: list[Skipped] = []
    faults: list[Fault] = []
    media = Media()
    readable = 0
    for file, content in sorted(files.items()):
        root, noted = parse(file, content)
        faults += noted
        if root is None:
            continue
        if name(root) != "quiz":
            message = f"no Moodle XML: its outermost element is <{name(root)[:60]}>, not <quiz>"
            faults.append(structure(Place(file, line(root)), "not-moodle-xml", message))
            continue
        readable += 1
        if too_many := too_many_questions(given, sum(1 for _ in root.iter("{*}question"))):
            return unreadable(NAME, too_many)
        for raw in _questions(file, root, media):
            if isinstance(raw, Found):
                found.append(raw)
            elif isinstance(raw, Skipped):
                skipped.append(raw)
            else:
                faults.append(raw)
    if not files:
        faults.append(structure(Place(given.name), "not-moodle-xml", "no Moodle XML file was found in it"))
    if not readable:
        return unreadable(NAME, faults)
    return assemble(NAME, given, found, skipped, faults, media.files)


def _questions(file: str, root: etree._Element, media: Media) -> Iterator[Found | Skipped | Fault]:
    """Every question in turn; what files it holds is let go once it was read, so that no image is held twice."""
    category: tuple[str, ...] = ()
    number = 0
    for question in root.iter("{*}question"):
        kind = (question.get("type") or "").strip().lower()
        if kind == "category":
            category = moodle_category(_plain(question.find("{*}category")))
            continue
        number += 1
        at = Place(file, line(question))
        if not kind:
            yield broken(at, "no-type", "the question does not say of which type it is; give it one")
        elif kind in _DELIVERED and (problem := too_many_options(len(question.findall("{*}answer")))):
            yield broken(at, *problem)
        elif kind in _DELIVERED:
            yield _Question(question, media).found(kind, at, f"question {number}", category)
        else:
            yield Skipped(at, f"{_KINDS.get(kind, kind[:60])} questions are not delivered")
        for held in question.iter("{*}file"):
            held.text = None


class _Question:
    """One question while it is read: its elements, its images, and what has no place."""

    def __init__(self, element: etree._Element, media: Media) -> None:
        self._element = element
        self._media = media
        self._gathered = Gathered()
        self._files = {_path(file): file for file in reversed(list(element.iter("{*}file")))}
        self._names: dict[etree._Element, Name] = {}

    def found(self, kind: str, at: Place, locator: str, category: tuple[str, ...]) -> Found:
        """The question as what it says."""
        multiple = kind in _MULTIPLE or (kind == "multichoice" and not self._says("single", "true"))
        answers = self._element.findall("{*}answer")
        fractions, notes = _fractions(answers)
        stem = "\n\n".join(part for part in (self._text("questiontext"), self._old_image()) if part)
        feedback = self._text("generalfeedback")
        options = tuple(
            FoundOption(
                _named(self._marked(answer), kind),
                key,
                self._marked(answer.find("{*}feedback")),
                fraction,
            )
            for answer, fraction, key in zip(answers, fractions, _keys(fractions, multiple), strict=True)
        )
        return Found(
            place=at,
            stem=stem,
            options=options,
            multiple=multiple,
            locator=locator,
            title=_plain(self._element.find("{*}name")),
            ident=(self._element.findtext("{*}idnumber") or "").strip(),
            feedback=feedback,
            category=category,
            tags=tuple(tag for tag in map(_plain, self._element.findall("{*}tags/{*}tag")) if tag),
            shuffle=kind != "truefalse" and self._says("shuffleanswers", "true"),
            unmapped={**self._left_out(kind), **self._gathered.unmapped},
            notes=(*notes, *self._gathered.notes),
        )

    def _says(self, field: str, default: str) -> bool:
        """What a yes-or-no field says; where it stands twice, the last one counts, as in Moodle."""
        said = [(each.text or "").strip().lower() for each in self._element.findall(f"{{*}}{field}")]
        return (said[-1] if said else default) not in _NO

    def _text(self, field: str) -> str:
        return self._marked(self._element.find(f"{{*}}{field}"))

    def _marked(self, holder: etree._Element | None) -> str:
        """The text of an element such as <questiontext>, in the format that it names."""
        if holder is None:
            return ""
        inner = holder.find("{*}text")
        if inner is None:
            return ""
        marked = self._converted(held_html(inner), (holder.get("format") or "html").lower(), holder)
        return self._gathered.take(marked)

    def _converted(self, text: str, written_as: str, holder: etree._Element) -> Marked:
        image = self._image(holder)
        if written_as == "plain_text":
            return from_plain(text.strip())
        if written_as == "markdown":
            return from_markdown(text, image)
        return from_mixed(text, image) if written_as == "moodle_auto_format" else from_html(text, image)

    def _image(self, holder: etree._Element) -> Image:
        """What an image in a text is called: its file stands beside the text, or elsewhere in the question."""

        def find(address: str) -> Name:
            if not address.startswith(PLUGIN_FILES):
                return self._media.add_data_uri(address)
            path = unquote(address.removeprefix(PLUGIN_FILES)).split("?")[0]
            beside = {_path(file): file for file in holder.iterfind("{*}file")}
            file = beside.get(path, self._files.get(path))
            if file is None:
                return NOT_THERE
            if file not in self._names:
                self._names[file] = self._media.add_base64(file.text or "")
            return self._names[file]

        return find

    def _old_image(self) -> str:
        """The image that Moodle 1.9 put beside a question, as Markdown."""
        content = self._element.findtext("{*}image_base64") or ""
        held = self._media.add_base64(content) if content.strip() else NOT_THERE
        address = (self._element.findtext("{*}image") or "").strip()
        if held is NOT_THERE and not address:
            return ""
        return self._gathered.take(from_html(f'<img src="{PLUGIN_FILES}">', lambda _: held))

    def _left_out(self, kind: str) -> dict[str, object]:
        said: dict[str, object] = {} if kind == "multichoice" else {"type": kind}
        for field in _LEFT_OUT:
            value = (self._element.findtext(f"{{*}}{field}") or "").strip()
            if value.rstrip("0").rstrip(".") not in _USUAL:
                said[field] = value
        told = {field: _plain(self._element.find(f"{{*}}{field}")) for field in _FEEDBACK}
        said["feedback"] = {field: text for field, text in told.items() if text}
        said["hints"] = [hint for hint in map(_plain, self._element.findall("{*}hint")) if hint]
        said["files"] = sorted(set(self._files) - set(map(_path, self._names)))
        return said


def _path(file: etree._Element) -> str:
    return f"{(file.get('path') or '/').strip('/')}/{file.get('name') or ''}".strip("/")


def _plain(holder: etree._Element | None) -> str:
    """The bare text in an element such as <name>."""
    return "" if holder is None else (holder.findtext("{*}text") or "").strip()


def _named(text: str, kind: str) -> str:
    """An option of a true/false question as Moodle shows it; any other as it is."""
    return text.capitalize() if kind == "truefalse" and text.lower() in ("true", "false") else text


def _fractions(answers: list[etree._Element]) -> tuple[list[float], list[tuple[str, str]]]:
    """The share of the marks of each answer in per cent; what is no number is none, with a note."""
    fractions, odd = [], []
    for answer in answers:
        written = (answer.get("fraction") or "0").strip()
        try:
            fraction = float(written.replace(",", "."))
        except ValueError:
            fraction = math.nan
        if not math.isfinite(fraction):
            odd.append(written[:40])
            fraction = 0.0
        fractions.append(fraction)
    if not odd:
        return fractions, []
    return fractions, [("bad-fraction", f"no number of per cent: {', '.join(odd)}; it was read as 0")]


def _keys(fractions: list[float], multiple: bool) -> list[bool]:
    best = max(fractions, default=0.0)
    return [fraction > 0 and (multiple or fraction == best) for fraction in fractions]
