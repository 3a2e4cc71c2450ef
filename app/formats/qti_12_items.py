"""One item of QTI 1.2 as a question: a single choice among labelled options.

Everything else is skipped by name: that of Canvas where the item says it, else that of its structure. Trees come
from `qti_package.tree`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from html import escape

from lxml import etree

from app.exam.faults import Fault, Place
from app.formats.drafts import Found, FoundOption, broken, too_many_options
from app.formats.markup import Gathered, Marked, from_html, unescaped_twice
from app.formats.media import Image
from app.formats.qti_12_answers import Condition, conditions, key, shown_for
from app.formats.reading import Skipped
from app.formats.xml_tree import held_html, line

TEXT_ONLY = "text_only_question"
_DELIVERED = ("multiple_choice_question", "true_false_question", "multiple_answers_question")
_KINDS = {
    "calculated_question": "formula",
    "categorization_question": "categorization",
    "essay_question": "essay",
    "file_upload_question": "file-upload",
    "fill_in_multiple_blanks_question": "fill-in-several-blanks",
    "hot_spot_question": "hot-spot",
    "matching_question": "matching",
    "multiple_dropdowns_question": "several-dropdowns",
    "numerical_question": "numerical",
    "ordering_question": "ordering",
    "short_answer_question": "short-answer",
    "cc.essay": "essay",
    "cc.fib": "fill-in-the-blank",
    "cc.pattern_match": "pattern-match",
}
_RESPONSES = (
    "response_lid",
    "response_str",
    "response_num",
    "response_xy",
    "response_grp",
    "response_extension",
)
_PARTS = (
    "mattext",
    "matemtext",
    "mat_formattedtext",
    "matbreak",
    "matimage",
    "mataudio",
    "matvideo",
    "matapplet",
)
_GENERAL = ("general_fb", "general", "solution")
_ON_THE_WHOLE = ("correct_fb", "general_correct_fb", "general_incorrect_fb", "incorrect_fb")


def fields(item: etree._Element) -> dict[str, str]:
    """The metadata of an item by name, the first where a name stands twice."""
    said: dict[str, str] = {}
    for each in item.iterfind("itemmetadata//fieldlabel/.."):
        label = (each.findtext("fieldlabel") or "").strip().lower()
        said.setdefault(label, (each.findtext("fieldentry") or "").strip())
    return said


def text_of(item: etree._Element, image: Image) -> Marked:
    """The text of an item that only shows one."""
    return _marked(item.find("presentation"), image)


def read_item(
    file: str,
    item: etree._Element,
    image: Image,
    category: tuple[str, ...] = (),
    shared: Marked | None = None,
) -> Found | Skipped | Fault:
    """The question of an item; `shared` is the text before it that it refers to."""
    at = Place(file, line(item))
    said = fields(item)
    presentation = item.find("presentation")
    responses = [] if presentation is None else _responses(presentation)
    if presentation is None or not responses or said.get("question_type") == TEXT_ONLY:
        return Skipped(at, "a text without a question is not delivered")
    if problem := _unknown(said, responses):
        return Skipped(at, f"{problem} questions are not delivered")
    if excess := too_many_options(sum(1 for _ in responses[0].iter("response_label"))):
        return broken(at, *excess)
    return _Choice(item, presentation, responses[0], image, said).found(at, category, shared)


def _responses(presentation: etree._Element) -> list[etree._Element]:
    """What there is to answer; the extensions of a tool count only where there is nothing else."""
    found = list(presentation.iter(*_RESPONSES))
    return [each for each in found if each.tag != "response_extension"] or found


def _unknown(said: dict[str, str], responses: list[etree._Element]) -> str:
    """The name of a kind that is not delivered; empty for a choice."""
    profile = said.get("cc_profile", "").rpartition(".v")[0]
    called = said.get("question_type") or profile
    if called in _KINDS:
        return _KINDS[called]
    if called.endswith("_question") and called not in _DELIVERED:
        return called.removesuffix("_question").replace("_", "-")[:60]
    first = responses[0]
    if len(responses) > 1:
        return "matching" if {each.tag for each in responses} == {"response_lid"} else "several-part"
    if first.tag != "response_lid":
        return {"response_xy": "hot-spot", "response_num": "numerical"}.get(str(first.tag), "fill-in")
    if (first.get("rcardinality") or "single").lower() == "ordered":
        return "ordering"
    return "" if first.find(".//render_choice") is not None else "image or slider"


class _Choice:
    """One item with a choice while it is read."""

    def __init__(
        self,
        item: etree._Element,
        presentation: etree._Element,
        response: etree._Element,
        image: Image,
        said: dict[str, str],
    ) -> None:
        self._item, self._presentation, self._response = item, presentation, response
        self._image = image
        self._said = said
        self._gathered = Gathered()
        self._unmapped: dict[str, object] = {}

    def found(self, at: Place, category: tuple[str, ...], shared: Marked | None) -> Found:
        """The question as what it says."""
        called = self._said.get("question_type")
        cardinality = (self._response.get("rcardinality") or "single").lower()
        multiple = cardinality == "multiple" or called == "multiple_answers_question"
        labels = list(self._response.iter("response_label"))
        names = [(label.get("ident") or "").strip() for label in labels]
        read = conditions(self._item, self._response.get("ident") or "")
        keys, shares = key(read, multiple=multiple)
        texts = [self._text(label) for label in labels]
        for label in labels:
            label.clear()
        before = "" if shared is None else self._gathered.take(shared)
        stem = "\n\n".join(filter(None, (before, self._text(self._presentation))))
        why, general = self._feedback(names, read)
        if (points := self._said.get("points_possible", "")) not in ("", "1", "1.0"):
            self._unmapped["points"] = points
        return Found(
            place=at,
            stem=stem,
            options=tuple(
                FoundOption(text, name in keys, why.get(name, ""), shares.get(name, 0.0) if shares else None)
                for name, text in zip(names, texts, strict=True)
            ),
            multiple=multiple,
            locator=f"item {self._item.get('ident') or '?'}",
            title=(self._item.get("title") or "").strip(),
            ident=(self._item.get("ident") or "").strip(),
            feedback=general,
            category=category,
            choose=self._choose(),
            shuffle=called != "true_false_question" and self._shuffled(),
            unmapped={**self._unmapped, **self._gathered.unmapped},
            notes=(*_doubts(keys, names), *self._gathered.notes),
        )

    def _text(self, element: etree._Element) -> str:
        return self._gathered.take(_marked(element, self._image))

    def _feedback(self, names: list[str], read: list[Condition]) -> tuple[dict[str, str], str]:
        """The feedback of each option and that on the question; what depends on the answer as a whole is kept."""
        shown = shown_for(read)
        why: dict[str, str] = {}
        general: list[str] = []
        rest: list[list[str]] = []
        for each in self._item.iterfind("itemfeedback"):
            called, text = each.get("ident") or "", self._text(each)
            options = shown.get(called, set()) & set(names)
            if called.lower() in _ON_THE_WHOLE or len(options) > 1:
                rest.append([called, text])
            elif options:
                why.setdefault(options.pop(), text)
            elif called.lower() in _GENERAL or each.find("solution") is not None:
                general.append(text)
            else:
                rest.append([called, text])
        if rest := [each for each in rest if each[1]]:
            self._unmapped["feedback"] = rest
        return why, "\n\n".join(filter(None, general))

    def _choose(self) -> int | None:
        render = self._response.find(".//render_choice")
        least, most = (
            "" if render is None else render.get(name) or "" for name in ("minnumber", "maxnumber")
        )
        return int(most) if least == most and most in map(str, range(2, 11)) else None

    def _shuffled(self) -> bool:
        render = self._response.find(".//render_choice")
        return render is None or (render.get("shuffle") or "yes").lower() != "no"


def _doubts(keys: set[str], names: list[str]) -> list[tuple[str, str]]:
    """Notes on a key that does not go with the options."""
    unknown = ", ".join(sorted(keys - set(names)))
    notes = []
    if unknown:
        notes.append(("unknown-key", f"the right answer {unknown[:200]!r} is no option; mark the key"))
    if len(set(names)) < len(names):
        notes.append(("same-identifier", "two options have the same identifier; look at the key"))
    return notes


def _marked(element: etree._Element | None, image: Image) -> Marked:
    """The texts and images in an element, each material on its own."""
    if element is None:
        return Marked("")
    html = "".join(
        f"<div>{''.join(map(_html, _outermost(each, _PARTS)))}</div>"
        for each in _outermost(element, ("material",))
    )
    return from_html(html or escape("".join(map(str, element.itertext()))), image)


def _outermost(element: etree._Element, tags: Collection[str]) -> Iterator[etree._Element]:
    """The elements of these kinds that are in no other of them."""
    for child in element:
        if child.tag in tags:
            yield child
        else:
            yield from _outermost(child, tags)


def _html(part: etree._Element) -> str:
    """One part of a material as HTML."""
    if part.tag == "matbreak":
        return "<br>"
    if part.tag == "matimage":
        return _picture(part)
    if part.tag in ("mataudio", "matvideo", "matapplet"):
        return f"<{str(part.tag)[3:]}></{str(part.tag)[3:]}>"
    text = held_html(part)
    if part.tag == "matemtext":
        return f"<em>{escape(text)}</em>"
    written_as = (part.get("texttype") or part.get("type") or "").lower()
    if written_as == "text/plain" and not len(part):
        return escape(text.strip()).replace("\n", "<br>")
    return unescaped_twice(text)


def _picture(part: etree._Element) -> str:
    address = part.get("uri") or ""
    if (part.get("embedded") or "").lower() == "base64":
        address = f"data:{part.get('imagtype') or 'image/png'};base64,{''.join((part.text or '').split())}"
    return f'<img src="{escape(address)}" alt="{escape(part.get("label") or "")}">'
