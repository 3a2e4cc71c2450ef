"""The body of a QTI item before it is read as HTML: formulas become text, picture objects images."""

from __future__ import annotations

from lxml import etree

_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg")
_AS_FRACTION = {"mfrac": "/", "msup": "^", "msub": "_", "mover": "^", "munder": "_"}


def empty(element: etree._Element, tag: str = "span") -> None:
    """Take an element and all in it out of the text; the text after it stays."""
    tail = element.tail
    element.clear()
    element.tag, element.tail = tag, tail


def objects_as_images(part: etree._Element) -> None:
    """Objects that show a picture become images; other objects are left, and dropped with their name later."""
    for element in list(part.iter("object")):
        address = element.get("data") or ""
        if (element.get("type") or "").startswith("image/") or address.lower().endswith(_PICTURES):
            text = " ".join("".join(map(str, element.itertext())).split())
            empty(element, "img")
            element.set("src", address)
            element.set("alt", text)


def formulas_as_text(part: etree._Element) -> bool:
    """Formulas in MathML become text on a line, after their TeX where they bring it; whether there were any."""
    formulas = list(part.iter("math"))
    for element in formulas:
        text = element.get("alttext") or _annotation(element) or _line(element)
        empty(element)
        element.text = f" {text} "
    return bool(formulas)


def _annotation(element: etree._Element) -> str:
    found = (
        each.text or ""
        for each in element.iter("annotation")
        if "tex" in (each.get("encoding") or "").lower()
    )
    return next(found, "").strip()


def _line(element: etree._Element) -> str:
    """A part of a formula on one line: `x^(2)` for a raised 2, `(a)/(b)` for a fraction."""
    tag = str(element.tag)
    inside = [_line(child) for child in element if child.tag != "annotation"]
    if tag in _AS_FRACTION and len(inside) == 2:  # noqa: PLR2004 - what stands above and below
        return _AS_FRACTION[tag].join(map(_held, inside))
    if tag == "msqrt":
        return f"√({''.join(inside)})"
    return (element.text or "").strip() + "".join(inside)


def _held(text: str) -> str:
    return text if text.isalnum() else f"({text})"
