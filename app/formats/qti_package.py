"""What all versions of QTI share: the documents of a package, in order, and their trees in one spelling.

A package is a zip or folder with an `imsmanifest.xml`, but a manifest that is missing, broken or wrong loses nothing:
every document of the right kind is read, those that the manifest names first. Pure; never raises.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from urllib.parse import unquote

from lxml import etree

from app.exam.faults import Fault, Place, Severity, quality
from app.formats.drafts import broken
from app.formats.source import Source
from app.formats.xml_tree import line, name, parse, root_name

MANIFEST = "imsmanifest.xml"


def kind(written: str) -> str:
    """A name in one spelling: `choiceInteraction` and `qti-choice-interaction` are both `choiceinteraction`."""
    return written.lower().removeprefix("qti-").replace("-", "")


def tree(file: str, content: bytes) -> tuple[etree._Element | None, list[Fault]]:
    """The root of a document whose elements and attributes have no namespaces and are spelled as by `kind`."""
    root, faults = parse(file, content)
    for element in () if root is None else root.iter():
        element.tag = kind(name(element))
        given = [(kind(etree.QName(attribute).localname), value) for attribute, value in element.items()]
        element.attrib.clear()
        element.attrib.update(given)
    return root, faults


def documents(given: Source, roots: Collection[str]) -> list[str]:
    """The names of the files whose root is one of these kinds, by name."""
    return sorted(file for file, content in given.files.items() if kind(root_name(content)) in roots)


def in_order(given: Source, files: Collection[str]) -> tuple[list[str], list[Fault]]:
    """Files in the order of the manifests, the others after them by name; and what is wrong with the manifests.

    A manifest that names a document of questions that is not there gets a warning.
    """
    listed: dict[str, None] = {}
    faults: list[Fault] = []
    for manifest in sorted(file for file in given.files if posixpath.basename(file).lower() == MANIFEST):
        root, noted = tree(manifest, given.files[manifest])
        if root is None:
            message = (
                f"the manifest cannot be read; documents come in the order of their names: {noted[0].message}"
            )
            faults.append(quality(noted[0].at, "bad-manifest", Severity.WARNING, message))
            continue
        for resource in root.iter("resource"):
            for address in _addresses(resource):
                listed[resolved(manifest, address)] = None
            href = resource.get("href") or ""
            if (
                href
                and resolved(manifest, href) not in given.files
                and "_item_" in (resource.get("type") or "")
            ):
                message = f"the manifest names {href[:200]!r}, which is not in the package"
                at = Place(manifest, line(resource))
                faults.append(quality(at, "missing-document", Severity.WARNING, message))
    wanted = set(files)
    first = [file for file in listed if file in wanted]
    return [*first, *sorted(wanted - set(first))], faults


def _addresses(resource: etree._Element) -> list[str]:
    return [address for each in (resource, *resource.iter("file")) if (address := each.get("href"))]


def resolved(beside: str, address: str) -> str:
    """The name of the file that an address means, seen from the file that says it."""
    path = unquote(address).split("#")[0].split("?")[0]
    return posixpath.normpath(posixpath.join(posixpath.dirname(beside), path))


def unread(noted: list[Fault]) -> Fault:
    """One document among others that cannot be read: the question in it is lost, the rest is not."""
    return broken(noted[0].at, noted[0].rule, f"{noted[0].message}; the other documents were read")
