"""QTI 1.2: quizzes and item banks of Canvas, Common Cartridges, and single documents.

The titles of assessment and sections are the category of an item. A cartridge of Canvas can hold a quiz twice, in
full under `non_cc_assessments/` and in part as the cartridge profile allows: what stands in both, by the ident of
quiz and item, is read once, from the full one.
"""

from __future__ import annotations

from lxml import etree

from app.exam.faults import Fault, Place, Severity, quality, structure
from app.formats.drafts import Found, assemble, too_many_questions, unreadable
from app.formats.fields import MAX_TEXT
from app.formats.markup import Marked
from app.formats.media import Image, Media
from app.formats.qti_12_items import TEXT_ONLY, fields, read_item, text_of
from app.formats.qti_package import documents, in_order, tree, unread
from app.formats.reading import Reading, Skipped
from app.formats.source import Source
from app.formats.xml_tree import line, root_name

NAME = "qti12"
_ROOT = "questestinterop"
_FULL = "non_cc_assessments/"
_GROUPS = ("assessment", "objectbank")


def detect(given: Source) -> bool:
    """Whether the source holds a document of QTI 1.2."""
    return any(root_name(content) == _ROOT for content in given.files.values())


def read(given: Source) -> Reading:
    """Every item of the source, once, as a pack of drafts."""
    files = documents(given, (_ROOT,))
    if not files and len(given.files) == 1:
        files = list(given.files)  # whoever names the format learns what is wrong with it
    if not files:
        message = "no document of QTI 1.2 was found in it; is it the right file?"
        return unreadable(NAME, [structure(Place(given.name), "not-qti", message)])
    ordered, faults = in_order(given, files)
    pile = _Pile(Media())
    lost: list[list[Fault]] = []
    for file in sorted(ordered, key=lambda name: _FULL not in name):
        root, noted = tree(file, given.files[file])
        if root is not None and root.tag != _ROOT:
            message = f"no QTI 1.2: its outermost element is <{str(root.tag)[:60]}>, not <{_ROOT}>"
            root, noted = None, [structure(Place(file), "not-qti", message)]
        if root is None:
            lost.append(noted)
            continue
        faults += noted
        if too_many := too_many_questions(given, pile.count + sum(1 for _ in root.iter("item"))):
            return unreadable(NAME, too_many)
        pile.add(file, root, pile.media.among(given.files, file))
    if lost and len(files) == 1:
        return unreadable(NAME, lost[0])
    faults += [unread(noted) for noted in lost] + pile.faults
    return assemble(NAME, given, pile.found, pile.skipped, faults, pile.media.files)


class _Pile:
    """What was read so far."""

    def __init__(self, media: Media) -> None:
        self.media = media
        self.found: list[Found] = []
        self.skipped: list[Skipped] = []
        self.faults: list[Fault] = []
        self.count = 0
        self._read_from: dict[tuple[str, str], str] = {}

    def add(self, file: str, root: etree._Element, image: Image) -> None:
        """Every item of a document that was not read from another one."""
        elsewhere = 0
        texts: dict[str, Marked | None] = {}
        titles: dict[etree._Element, str] = {}
        items = {item.get("ident") or "": item for item in root.iter("item")}
        for item in root.iter("item"):
            known_as = (_group(item), item.get("ident") or "")
            if all(known_as) and self._read_from.setdefault(known_as, file) != file:
                elsewhere += 1
                continue
            self.count += 1
            before = fields(item).get("parent_stimulus_item_ident", "")
            if before and before not in texts:
                texts[before] = _text_before(items.get(before), image)
            raw = read_item(file, item, image, _category(item, titles), texts.get(before))
            if isinstance(raw, Found):
                self.found.append(raw)
            elif isinstance(raw, Skipped):
                self.skipped.append(raw)
            else:
                self.faults.append(raw)
        self._remark(
            Place(file), "read-once", elsewhere, "questions stand in another document too; read once"
        )
        away = list(root.iter("bankentry_item", "itemref"))
        at = Place(file, line(away[0]) if away else None)
        self._remark(
            at, "missing-question", len(away), "questions are only referred to; they are not in this file"
        )

    def _remark(self, at: Place, rule: str, count: int, message: str) -> None:
        severity = Severity.INFO if rule == "read-once" else Severity.WARNING
        if count:
            self.faults.append(quality(at, rule, severity, f"{count} {message}"))


def _text_before(item: etree._Element | None, image: Image) -> Marked | None:
    """The text that questions refer to; none when it is a question itself, or too long to be put before each."""
    if item is None or fields(item).get("question_type") != TEXT_ONLY:
        return None
    marked = text_of(item, image)
    return marked if len(marked.text) <= MAX_TEXT else None


def _group(item: etree._Element) -> str:
    return next((each.get("ident") or "" for each in item.iterancestors(*_GROUPS)), "")


def _category(item: etree._Element, titles: dict[etree._Element, str]) -> tuple[str, ...]:
    """The titles around an item; `titles` keeps each, since looking for one passes over every item beside it."""
    around = list(item.iterancestors("section", *_GROUPS))[::-1]
    for each in around:
        if each not in titles:
            titles[each] = (each.get("title") or _bank_title(each)).strip()
    return tuple(dict.fromkeys(titles[each] for each in around if titles[each]))


def _bank_title(group: etree._Element) -> str:
    for each in group.iterfind("qtimetadata/qtimetadatafield"):
        if (each.findtext("fieldlabel") or "").strip() == "bank_title":
            return each.findtext("fieldentry") or ""
    return ""
