"""QTI 2.0, 2.1, 2.2 and 3.0: single items, packages with or without a manifest, tests that give the order.

Every item document of the source is read, whatever the manifest says. The titles of a test's sections are the
categories of the items in them. One reader serves both formats, as packages of converters mix them.
"""

from __future__ import annotations

from lxml import etree

from app.exam.faults import Fault, Place, Severity, quality, structure
from app.formats.drafts import Found, assemble, unreadable
from app.formats.fields import MAX_TEXT
from app.formats.markup import Marked
from app.formats.media import Media
from app.formats.qti_items import read_item, shared_text
from app.formats.qti_package import documents, in_order, resolved, tree, unread
from app.formats.reading import Reading, Skipped
from app.formats.source import Source
from app.formats.xml_tree import line, root_name

NAME_2, NAME_3 = "qti21", "qti30"
_ITEM, _TEST, _STIMULUS = "assessmentitem", "assessmenttest", "assessmentstimulus"


def detect_2(given: Source) -> bool:
    """Whether the source holds items or tests of QTI 2.x."""
    return any(root_name(content) in ("assessmentItem", "assessmentTest") for content in given.files.values())


def detect_3(given: Source) -> bool:
    """Whether the source holds items or tests of QTI 3.0."""
    roots = ("qti-assessment-item", "qti-assessment-test")
    return any(root_name(content) in roots for content in given.files.values())


def read_2(given: Source) -> Reading:
    """Every item of a source that is QTI 2.x, as a pack of drafts."""
    return _read(NAME_2, given)


def read_3(given: Source) -> Reading:
    """Every item of a source that is QTI 3.0, as a pack of drafts."""
    return _read(NAME_3, given)


def _read(format_name: str, given: Source) -> Reading:
    files = documents(given, (_ITEM,))
    tests = documents(given, (_TEST,))
    if not files and not tests and len(given.files) == 1:
        files = list(given.files)  # whoever names the format learns what is wrong with it
    if not files and not tests:
        message = "no item of QTI 2 or 3 was found in it; is it the right file?"
        return unreadable(format_name, [structure(Place(given.name), "not-qti", message)])
    categories, faults = _categories(given, tests)
    ordered, noted = in_order(given, files)
    faults += noted + _others(given)
    wanted = set(files)
    listed = [file for file in categories if file in wanted]
    media = Media()
    stimuli = _Stimuli(given, media)
    found: list[Found] = []
    skipped: list[Skipped] = []
    lost: list[tuple[str, list[Fault]]] = []
    for file in [*listed, *(file for file in ordered if file not in categories)]:
        root, noted = tree(file, given.files[file])
        if root is not None and root.tag != _ITEM:
            message = f"no item of QTI: its outermost element is <{str(root.tag)[:60]}>"
            root, noted = None, [structure(Place(file), "not-qti", message)]
        if root is None:
            lost.append((file, noted))
            continue
        faults += noted
        shared, missing = stimuli.of(file, root)
        faults += missing
        raw = read_item(file, root, media.among(given.files, file), categories.get(file, ()), shared)
        if isinstance(raw, Found):
            found.append(raw)
        elif isinstance(raw, Skipped):
            skipped.append(raw)
        else:
            faults.append(raw)
    if lost and len(files) == 1:
        return unreadable(format_name, lost[0][1])
    faults += [unread(noted) for _, noted in lost]
    return assemble(format_name, given, found, skipped, faults, media.files)


def _categories(given: Source, tests: list[str]) -> tuple[dict[str, tuple[str, ...]], list[Fault]]:
    """The items that tests refer to, in their order, each with the titles of the sections that it is in."""
    categories: dict[str, tuple[str, ...]] = {}
    faults: list[Fault] = []
    for test in tests:
        root, noted = tree(test, given.files[test])
        if root is None:
            message = f"the test cannot be read, so its sections are lost: {noted[0].message}"
            faults.append(quality(noted[0].at, "bad-test", Severity.WARNING, message))
            continue
        for reference in root.iter("assessmentitemref"):
            sections = [each.get("title") or "" for each in reference.iterancestors("assessmentsection")]
            file = resolved(test, reference.get("href") or "")
            categories.setdefault(file, tuple(title for title in reversed(sections) if title.strip()))
    return categories, faults


class _Stimuli:
    """The shared texts of a package, each read once, however many items refer to it."""

    def __init__(self, given: Source, media: Media) -> None:
        self._given, self._media = given, media
        self._read: dict[str, Marked | None] = {}

    def of(self, file: str, root: etree._Element) -> tuple[list[Marked], list[Fault]]:
        """The texts that an item refers to, and a warning for each that cannot be had."""
        texts: list[Marked] = []
        faults: list[Fault] = []
        for reference in root.iterfind("assessmentstimulusref"):
            address = resolved(file, reference.get("href") or "")
            if address not in self._read:
                self._read[address] = self._marked(address)
            if marked := self._read[address]:
                texts.append(marked)
            else:
                message = f"the text {address[:200]!r} that the question refers to cannot be had"
                faults.append(
                    quality(Place(file, line(reference)), "missing-text", Severity.WARNING, message)
                )
        return texts, faults

    def _marked(self, file: str) -> Marked | None:
        root = tree(file, self._given.files[file])[0] if file in self._given.files else None
        body = None if root is None else root.find("stimulusbody")
        if body is None:
            return None
        marked = shared_text(body, self._media.among(self._given.files, file))
        return marked if len(marked.text) <= MAX_TEXT else None


def _others(given: Source) -> list[Fault]:
    """A word on documents of QTI 1.2 in the same package: another reader has them."""
    message = "this document is QTI 1.2, and was not read; choose that format for it"
    files = documents(given, ("questestinterop",))
    return [quality(Place(file), "other-format", Severity.WARNING, message) for file in files]
