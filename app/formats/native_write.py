"""The native format, written: one YAML file, or a zip with the images, that reads back to the same pack."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import yaml

from app.exam.item import Item, ItemType, to_plain
from app.exam.pack import Exam, Pack
from app.formats.native_fields import EXAM, ITEM, OPTION, VERSION
from app.formats.yaml_tree import BadScalarError, resolve_plain

_WIDTH = 110
_LONG = 60
_FIRST_ZIP_DAY = (1980, 1, 1, 0, 0, 0)


class _Dumper(yaml.SafeDumper):
    """Writes text so that the core schema of YAML 1.2 reads it as text, and long text so that people can."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        """Always: our reader refuses aliases, so the same value twice is written twice."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        """Indent list entries below their field, as people do."""
        super().increase_indent(flow, False)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text))


def _style(text: str) -> str | None:
    lines = text.split("\n")
    if len(lines) > 1 and _block_safe(lines):
        return "|"
    if len(text) > _LONG or not text.isprintable() or _reads_as_other(text):
        return '"'
    return None


def _block_safe(lines: list[str]) -> bool:
    """Whether a literal block gives the lines back exactly."""
    begins = bool(lines[0]) and not lines[0].startswith(" ")
    return begins and all(line.isprintable() and line == line.rstrip() for line in lines)


def _reads_as_other(text: str) -> bool:
    try:
        return not isinstance(resolve_plain(text), str)
    except BadScalarError:
        return True


_Dumper.add_representer(str, _represent_text)


def write(pack: Pack) -> bytes:
    """The pack as one YAML file in UTF-8. `read` gives the same pack back, with its images put beside it."""
    document = {
        "cutscore": VERSION,
        "pack": {
            "id": pack.id,
            "version": pack.version,
            "title": pack.title,
            "language": pack.language,
            "license": pack.license,
            "authors": list(pack.authors),
        },
        "review": {"approvals": pack.approvals},
        "domains": [asdict(domain) for domain in pack.domains],
        **({"topics": [asdict(topic) for topic in pack.topics]} if pack.topics else {}),
        **({"lexicon": pack.lexicon.plain()} if pack.lexicon else {}),
        "exams": [_exam(exam) for exam in pack.exams],
        "items": [_item(item) for item in pack.items],
    }
    written = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return str(written).encode()


def write_zip(pack: Pack, media: Mapping[str, bytes]) -> bytes:
    """The pack with its images as a zip; the same pack gives the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"pack.yaml": write(pack), **dict(sorted(media.items()))}.items():
            # An image may be as repetitive as it likes; stored, it cannot look like a bomb to our own reader.
            method = zipfile.ZIP_STORED if name in media else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, _FIRST_ZIP_DAY), content, method)
    return target.getvalue()


def _exam(exam: Exam) -> dict[str, Any]:
    plain = asdict(exam)
    plain["blueprint"] = {name: _short(share) for name, share in exam.blueprint.items()}
    return {name: plain[name] for name in EXAM.fields if plain[name] not in (None, "")}


def _short(number: float) -> float:
    return int(number) if number == int(number) else number


def _item(item: Item) -> dict[str, Any]:
    plain = to_plain(item)
    plain["options"] = [_option(option) for option in plain["options"]]
    if "services" in plain:
        plain["services"] = [
            {n: v for n, v in service.items() if v is not None} for service in plain["services"]
        ]
    if item.type is ItemType.MULTIPLE and item.key:
        plain["select"] = item.select
    if item.shuffle:
        plain.pop("shuffle")
    return {name: plain[name] for name in ITEM.fields if name in plain}


def _option(option: dict[str, Any]) -> dict[str, Any]:
    return {name: option[name] for name in OPTION.fields if option[name] not in (None, "", False)}
