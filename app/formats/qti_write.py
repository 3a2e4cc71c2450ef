"""A pack as a package of QTI 2.1 or 3.0, with its images. Our own reader gives the same texts, options and keys back.

Each item is a document of its own with one choice interaction; it is right or wrong as a whole. An item's id becomes
its identifier and title. A test gives the order, and its sections are the topics. What is said of an option is the
feedback called as the option, the rationale that called `solution`. The names are written as in 2.1; those of 3.0 are
the same in kebab case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import groupby
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from app.errors import Invalid
from app.exam.faults import Place, structure
from app.exam.item import Item, ItemType, Option
from app.exam.pack import Pack
from app.formats.archive import MAX_ENTRIES
from app.formats.writing import Left, Written, category, html, of_pack, own_fields, zipped

_CARRIED = frozenset(("topic", "shuffle"))
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"
_CAPITAL = re.compile(r"(?=[A-Z])")
_PARAGRAPH = re.compile(r"<p>((?:(?!</?p>).)*)</p>", re.DOTALL)


class _Version:
    """How one version of QTI spells its names."""

    def __init__(
        self, number: str, namespace: str, schema: str, manifest: str, package: tuple[str, str]
    ) -> None:
        self.number = number
        self.namespace, self.schema, self.manifest, self.package = namespace, schema, manifest, package
        self.kebab = number.startswith("3")

    def element(self, name: str, content: str = "", **attributes: str) -> str:
        """An element of QTI; attributes without a value are left out."""
        tag = f"qti-{_CAPITAL.sub('-', name).lower()}" if self.kebab else name
        given = "".join(
            f" {self._attribute(key)}={quoteattr(value)}" for key, value in attributes.items() if value
        )
        return f"<{tag}{given}>{content}</{tag}>" if content else f"<{tag}{given}/>"

    def _attribute(self, name: str) -> str:
        return _CAPITAL.sub("-", name).lower() if self.kebab and ":" not in name else name

    def document(self, name: str, content: str, **attributes: str) -> bytes:
        """A document with this element as its root."""
        located = {"xmlns": self.namespace, "xmlns:xsi": _SCHEMA}
        located["xsi:schemaLocation"] = f"{self.namespace} {self.schema}"
        return f"{_XML}{self.element(name, content, **located, **attributes)}\n".encode()


_TWO = _Version(
    "2p1",
    "http://www.imsglobal.org/xsd/imsqti_v2p1",
    "http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd",
    "http://www.imsglobal.org/xsd/imscp_v1p1",
    ("QTIv2.1 Package", "1.0.0"),
)
_THREE = _Version(
    "3p0",
    "http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
    "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_asiv3p0_v1p0.xsd",
    "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1",
    ("QTI Package", "3.0.0"),
)


def write_2(pack: Pack, media: Mapping[str, bytes]) -> Written:
    """The pack as a zip of QTI 2.1, and what it could not carry. Raises Invalid when it has too many items."""
    return _write(_TWO, pack, media)


def write_3(pack: Pack, media: Mapping[str, bytes]) -> Written:
    """The pack as a zip of QTI 3.0, and what it could not carry. Raises Invalid when it has too many items."""
    return _write(_THREE, pack, media)


def _write(version: _Version, pack: Pack, media: Mapping[str, bytes]) -> Written:
    images = {item.id: [name for name in item.media if name in media] for item in pack.items}
    held = {name: media[name] for names in images.values() for name in names}
    count = len(pack.items) + len(held) + 2
    if count > MAX_ENTRIES:
        message = f"a package would hold {count} files, of which {MAX_ENTRIES} are allowed; write Moodle XML"
        fault = structure(Place(pack.id), "too-many-entries", message)
        raise Invalid("The pack is too large for a QTI package.", [fault])
    documents = {_file(item.id): _item(version, pack.language, item, held) for item in pack.items}
    head = {"imsmanifest.xml": _manifest(version, pack, images), "test.xml": _test(version, pack)}
    left = of_pack(pack, shares=False)
    for item in pack.items:
        if fields := own_fields(item, _CARRIED):
            left.append(Left(item.id, ", ".join(fields)))
        if missing := [name for name in item.media if name not in media]:
            left.append(Left(item.id, f"images that are not there: {', '.join(missing)}"))
    return Written(zipped({**head, **documents, **held}), tuple(left))


def _called(name: str) -> str:
    """An identifier for an item: names of XML do not begin with a digit, ids of ours not with a line."""
    return name if name[:1].isalpha() else f"_{name}"


def _file(name: str) -> str:
    """The name of an item's document: one that is not that of a device, whatever the item is called."""
    return f"items/item-{name}.xml"


def _manifest(version: _Version, pack: Pack, images: Mapping[str, list[str]]) -> bytes:
    schema, number = version.package
    listed = []
    needed = []
    for item in pack.items:
        href = _file(item.id)
        used = "".join(f"<file href={quoteattr(quote(name))}/>" for name in (href, *images[item.id]))
        kind = f"imsqti_item_xmlv{version.number}"
        name = quoteattr(_called(item.id))
        listed.append(
            f'<resource identifier={name} type="{kind}" href={quoteattr(quote(href))}>{used}</resource>\n'
        )
        needed.append(f"<dependency identifierref={name}/>")
    return (
        f'{_XML}<manifest xmlns="{version.manifest}" identifier="manifest">\n'
        f"<metadata><schema>{schema}</schema><schemaversion>{number}</schemaversion></metadata>\n<organizations/>\n"
        f'<resources>\n<resource identifier="test" type="imsqti_test_xmlv{version.number}" href="test.xml">'
        f'<file href="test.xml"/>{"".join(needed)}</resource>\n{"".join(listed)}</resources>\n</manifest>\n'
    ).encode()


def _test(version: _Version, pack: Pack) -> bytes:
    titles = {topic.id: topic.title for topic in pack.topics}
    parts = []
    for number, (names, items) in enumerate(groupby(pack.items, lambda item: category(item, titles)), 1):
        content = "".join(
            version.element("assessmentItemRef", identifier=_called(i.id), href=quote(_file(i.id))) + "\n"
            for i in items
        )
        for depth, title in reversed(list(enumerate(names or ("",), 1))):
            content = version.element(
                "assessmentSection",
                content,
                identifier=f"section-{number}-{depth}",
                title=title or " ",
                visible="true",
            )
        parts.append(f"{content}\n")
    part = version.element(
        "testPart",
        "".join(parts),
        identifier="part",
        navigationMode="nonlinear",
        submissionMode="simultaneous",
    )
    return version.document("assessmentTest", part, identifier="test", title=pack.title or pack.id)


def _item(version: _Version, language: str, item: Item, media: Mapping[str, bytes]) -> bytes:
    cardinality = "single" if item.type is ItemType.SINGLE else "multiple"
    right = "".join(version.element("value", option.id) for option in item.options if option.key)
    told = [option for option in item.options if option.why]
    parts = [
        version.element(
            "responseDeclaration",
            version.element("correctResponse", right) if right else "",
            identifier="RESPONSE",
            cardinality=cardinality,
            baseType="identifier",
        ),
        _outcome(version, "SCORE", "single", "float"),
        *([_outcome(version, "FEEDBACK", cardinality, "identifier")] if told else []),
        *([_outcome(version, "SOLUTION", "single", "identifier")] if item.rationale else []),
        version.element("itemBody", f"\n{_html(item.stem, media)}\n{_interaction(version, item, media)}\n"),
        _processing(version, bool(told), bool(item.rationale)),
        *(_feedback(version, "FEEDBACK", option.id, option.why, media) for option in told),
        *([_feedback(version, "SOLUTION", "solution", item.rationale, media)] if item.rationale else []),
    ]
    named = {"identifier": _called(item.id), "title": item.id, "xml:lang": language}
    return version.document(
        "assessmentItem", "\n".join(parts), **named, adaptive="false", timeDependent="false"
    )


def _outcome(version: _Version, name: str, cardinality: str, kind: str) -> str:
    return version.element("outcomeDeclaration", identifier=name, cardinality=cardinality, baseType=kind)


def _interaction(version: _Version, item: Item, media: Mapping[str, bytes]) -> str:
    def choice(option: Option) -> str:
        text = _html(option.text, media)
        bare = _PARAGRAPH.fullmatch(text)
        return version.element("simpleChoice", bare[1] if bare else text, identifier=option.id)

    most = "1" if item.type is ItemType.SINGLE else str(item.select)
    return version.element(
        "choiceInteraction",
        "\n" + "".join(f"{choice(option)}\n" for option in item.options),
        responseIdentifier="RESPONSE",
        shuffle=str(item.shuffle).lower(),
        maxChoices=most,
        minChoices=most if item.select > 1 else "",
    )


def _processing(version: _Version, told: bool, solved: bool) -> str:
    def become(name: str, value: str) -> str:
        return version.element("setOutcomeValue", value, identifier=name)

    def constant(kind: str, value: str) -> str:
        return version.element("baseValue", value, baseType=kind)

    given = version.element("variable", identifier="RESPONSE")
    match = version.element("match", given + version.element("correct", identifier="RESPONSE"))
    condition = version.element("responseIf", match + become("SCORE", constant("float", "1")))
    condition += version.element("responseElse", become("SCORE", constant("float", "0")))
    rules = version.element("responseCondition", condition)
    rules += become("FEEDBACK", given) if told else ""
    rules += become("SOLUTION", constant("identifier", "solution")) if solved else ""
    return version.element("responseProcessing", rules)


def _feedback(version: _Version, outcome: str, name: str, text: str, media: Mapping[str, bytes]) -> str:
    inside = _html(text, media)
    content = version.element("contentBody", inside) if version.kebab else inside
    return version.element(
        "modalFeedback", content, outcomeIdentifier=outcome, identifier=name, showHide="show"
    )


def _html(text: str, media: Mapping[str, bytes]) -> str:
    """A text as HTML; images stand one folder up from the items."""
    return html(text, lambda name: f"../{quote(name)}" if name in media else escape(name))
