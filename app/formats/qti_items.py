"""One item of QTI 2.x or 3.0 as a question: choice interactions only.

Adaptive and randomised items, items with another interaction or with several, and texts without one are skipped by
name. The key is what `correctResponse` names, else what the mapping gives marks; the number to choose is that of
the keys, as `maxChoices` of real files is mostly 0. Trees come from `qti_package.tree`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from lxml import etree

from app.exam.faults import Fault, Place
from app.formats.drafts import Found, FoundOption, broken, too_many_options
from app.formats.markup import Gathered, Marked, from_html
from app.formats.media import Image
from app.formats.qti_body import empty, formulas_as_text, objects_as_images
from app.formats.reading import Skipped
from app.formats.xml_tree import inner_html, line

_KINDS = {
    "associate": "associate (pairing)",
    "choice": "choice",
    "custom": "custom-interaction",
    "drawing": "drawing",
    "endattempt": "end-attempt (hint button)",
    "extendedtext": "extended-text",
    "gapmatch": "gap-match",
    "graphicassociate": "graphic-associate",
    "graphicgapmatch": "graphic-gap-match",
    "graphicorder": "graphic-order",
    "hotspot": "hotspot",
    "hottext": "hottext",
    "inlinechoice": "inline-choice",
    "match": "match",
    "media": "media",
    "order": "order",
    "portablecustom": "portable custom-interaction",
    "positionobject": "position-object",
    "selectpoint": "select-point",
    "slider": "slider",
    "textentry": "text-entry",
    "upload": "upload",
}
_FEEDBACK = ("feedbackinline", "feedbackblock")
_SOLUTION = ("solution", "rationale", "general", "explanation")
HUNDRED = 100


def shared_text(body: etree._Element, image: Image) -> Marked:
    """The body of a text that several items refer to."""
    objects_as_images(body)
    formulas_as_text(body)
    return from_html(inner_html(body), image)


def read_item(
    file: str,
    root: etree._Element,
    image: Image,
    category: tuple[str, ...] = (),
    shared: Sequence[Marked] = (),
) -> Found | Skipped | Fault:
    """The question of an item document; `shared` are the texts before it that it refers to."""
    at = Place(file, line(root))
    body = root.find("itembody")
    if root.get("adaptive") == "true":
        return Skipped(at, "adaptive items are not delivered")
    if root.find("templatedeclaration") is not None or root.find("templateprocessing") is not None:
        return Skipped(at, "randomised (template) items are not delivered")
    interactions = [] if body is None else [each for each in body.iter() if each.tag.endswith("interaction")]
    if body is None or not interactions:
        return Skipped(at, "a text without a question is not delivered")
    if [each.tag for each in interactions] != ["choiceinteraction"]:
        return Skipped(at, f"{_named(interactions)} questions are not delivered")
    interaction = interactions[0]
    response = interaction.get("responseidentifier")
    declared = [each for each in root.findall("responsedeclaration") if each.get("identifier") == response]
    if not declared:
        return Skipped(at, f"nothing says what is right: the response {response!r} is not declared")
    if declared[0].get("cardinality") not in ("single", "multiple"):
        return Skipped(at, f"choices of cardinality {declared[0].get('cardinality')!r} are not delivered")
    if problem := too_many_options(len(interaction.findall("simplechoice"))):
        return broken(at, *problem)
    return _Choice(root, body, interaction, declared[0], image).found(at, category, shared)


def _named(interactions: list[etree._Element]) -> str:
    kinds = dict.fromkeys(each.tag.removesuffix("interaction") for each in interactions)
    names = " and ".join(sorted(_KINDS.get(kind, kind[:60]) for kind in kinds))
    return names if len(kinds) > 1 or len(interactions) == 1 else f"several {names}"


class _Choice:
    """One item with a choice interaction while it is read; its tree is taken apart on the way."""

    def __init__(
        self,
        root: etree._Element,
        body: etree._Element,
        interaction: etree._Element,
        declaration: etree._Element,
        image: Image,
    ) -> None:
        self._root, self._body, self._interaction = root, body, interaction
        self._declaration = declaration
        self._image = image
        self._gathered = Gathered()
        self._notes: list[tuple[str, str]] = []
        self._unmapped: dict[str, object] = {}

    def found(self, at: Place, category: tuple[str, ...], shared: Sequence[Marked]) -> Found:
        """The question as what it says."""
        objects_as_images(self._root)
        if formulas_as_text(self._root):
            self._notes.append(("formula-as-text", "a formula was written out as text: look at it"))
        choices = self._interaction.findall("simplechoice")
        names = [choice.get("identifier") or "" for choice in choices]
        if len(set(names)) < len(names):
            self._notes.append(("same-identifier", "two options have the same identifier; look at the key"))
        inline = {name: self._cut_feedback(choice) for name, choice in zip(names, choices, strict=True)}
        for choice in choices:
            self._interaction.remove(choice)
        block = self._cut_feedback(self._body)
        modal, general = self._modal(names)
        keys, weights = self._keys(names)
        multiple = self._declaration.get("cardinality") == "multiple"
        title = (self._root.get("title") or "").strip()
        stem = self._stem(shared, title)
        options = tuple(
            FoundOption(
                self._text(choice),
                name in keys,
                "\n\n".join(text for text in (inline[name], modal.get(name, "")) if text),
                weights.get(name, 0.0) if weights else None,
            )
            for name, choice in zip(names, choices, strict=True)
        )
        return Found(
            place=at,
            stem=stem,
            options=options,
            multiple=multiple,
            locator=f"item {self._root.get('identifier') or '?'}",
            title=title,
            ident=(self._root.get("identifier") or "").strip(),
            feedback="\n\n".join(text for text in (block, general) if text),
            category=category,
            choose=self._choose(),
            shuffle=self._shuffled(choices),
            unmapped={**self._unmapped, **self._gathered.unmapped},
            notes=(*dict.fromkeys(self._notes), *self._gathered.notes),
        )

    def _text(self, element: etree._Element) -> str:
        return self._gathered.take(from_html(inner_html(element), self._image))

    def _stem(self, shared: Sequence[Marked], title: str) -> str:
        rubrics = [
            each for each in self._body.iter("rubricblock") if "candidate" not in (each.get("view") or "")
        ]
        kept = [self._text(each) for each in rubrics if not any(each.iterancestors("rubricblock"))]
        if any(kept):
            self._unmapped["rubric"] = [text for text in kept if text]
        for rubric in rubrics:
            empty(rubric)
        if included := [each.get("href") or "?" for each in self._body.iter("include")]:
            self._notes.append(("dropped-content", f"left out of the text: {', '.join(included)[:200]}"))
        for element in self._body.iter("prompt", "choiceinteraction", "rubricblock"):
            element.tag = "div"
        texts = [*map(self._gathered.take, shared), self._text(self._body)]
        stem = "\n\n".join(text for text in texts if text)
        if not stem.strip() and title:
            self._notes.append(("stem-from-title", "the question has no text; its title stands in for it"))
            return self._gathered.take(from_html(title.replace("&", "&amp;").replace("<", "&lt;")))
        return stem

    def _cut_feedback(self, within: etree._Element) -> str:
        """The feedback that stands in a part of the body, which is taken out there."""
        told = list(within.iter(*_FEEDBACK))
        texts = [self._text(each) for each in told if not any(each.iterancestors(*_FEEDBACK))]
        for each in told:
            empty(each)
        return "\n\n".join(text for text in texts if text)

    def _modal(self, names: list[str]) -> tuple[dict[str, str], str]:
        """The feedback of each option, and that on the question; what depends on the answer as a whole is kept.

        A modal feedback is an option's when it is called as the option, and the question's when it is called so
        (`solution`) or is the only one.
        """
        of_option: dict[str, str] = {}
        others: list[tuple[str, str]] = []
        for each in self._root.findall("modalfeedback"):
            called, text = each.get("identifier") or "", self._text(each)
            if called in names and each.get("showhide") != "hide":
                of_option[called] = "\n\n".join(part for part in (of_option.get(called), text) if part)
            elif text:
                others.append((called, text))
        general = [text for called, text in others if called.lower() in _SOLUTION]
        if not general and len(others) == 1:
            general = [others[0][1]]
        if rest := [list(each) for each in others if each[1] not in general]:
            self._unmapped["feedback"] = rest
        return of_option, "\n\n".join(general)

    def _keys(self, names: list[str]) -> tuple[set[str], dict[str, float]]:
        """The names of the right options, and the share of the marks of each in per cent where marks are mapped."""
        right = [(each.text or "").strip() for each in self._declaration.iterfind("correctresponse/value")]
        marks = {
            each.get("mapkey") or "": _number(each) for each in self._declaration.iterfind("mapping/mapentry")
        }
        positive = {name: mark for name, mark in marks.items() if mark > 0}
        multiple = self._declaration.get("cardinality") == "multiple"
        if not right and positive:
            right = [name for name, mark in positive.items() if multiple or mark == max(positive.values())]
        if unknown := [name for name in right if name not in names]:
            message = f"the right answer {', '.join(unknown)[:200]!r} is no option; mark the key"
            self._notes.append(("unknown-key", message))
        if not positive or not self._maps():
            return set(right), {}
        if set(right) != {
            name for name, mark in positive.items() if multiple or mark == max(positive.values())
        }:
            message = "the correct response names other options than those that have the marks; the former was taken"
            self._notes.append(("keys-disagree", message))
        whole = sum(positive.values()) if multiple else max(positive.values())
        return set(right), {name: round(HUNDRED * mark / whole, 5) for name, mark in marks.items()}

    def _maps(self) -> bool:
        """Whether marks go by the mapping at all."""
        processing = self._root.find("responseprocessing")
        if processing is None:
            return False
        return (processing.get("template") or "").endswith("map_response") or any(
            processing.iter("mapresponse")
        )

    def _choose(self) -> int | None:
        least, most = (self._interaction.get(name) or "" for name in ("minchoices", "maxchoices"))
        return int(most) if least == most and most in map(str, range(2, 11)) else None

    def _shuffled(self, choices: list[etree._Element]) -> bool:
        fixed = [choice.get("identifier") or "" for choice in choices if choice.get("fixed") == "true"]
        if self._interaction.get("shuffle") != "true" or len(fixed) == len(choices):
            return False
        if fixed:
            self._unmapped["fixed"] = fixed
        return True


def _number(entry: etree._Element) -> float:
    try:
        mark = float(entry.get("mappedvalue") or "0")
    except ValueError:
        return 0.0
    return mark if math.isfinite(mark) else 0.0
