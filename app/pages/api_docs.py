"""The description of the JSON API: as OpenAPI for programs, and rendered from that very document for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from starlette.responses import JSONResponse, Response

from app.pages.bearers import ROOT
from app.pages.depends import Instructor, TheSite
from app.pages.render import page

ABOUT = (
    "Question repositories check their packs, hand them in, confirm them, fetch them again, and read what the "
    "responses say of their items."
)
JSON = "application/json"
_WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
_OWN_WORDS = {"date-time": "moment, ISO 8601", "binary": "the file"}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is: words, and the shape that the last of them names, if one does. `null`: or nothing."""

    words: str
    shape: str = ""
    null: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a shape."""

    name: str
    kind: Kind
    required: bool
    about: str
    standard: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the answers of a route."""

    status: str
    about: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Operation:
    """One route: what it is sent and what it answers."""

    anchor: str
    method: str
    path: str
    title: str
    about: str
    parameters: tuple[Field, ...]
    body: Kind | None
    body_required: bool
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Routes that belong together."""

    title: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A JSON object with its fields; or, without fields, one of some words."""

    name: str
    about: str
    fields: tuple[Field, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocsPage:
    """api/docs.html. `common` are the answers that every route may give."""

    about: str
    address: str
    common: tuple[Answer, ...]
    groups: tuple[Group, ...]
    shapes: tuple[Shape, ...]


router = APIRouter(include_in_schema=False)


@router.get(ROOT + "/openapi.json")
async def openapi(request: Request) -> Response:
    """What this API can do, as OpenAPI."""
    return JSONResponse(document(request.app))


@router.get(ROOT + "/docs")
def docs(request: Request, who: Instructor, site: TheSite) -> Response:
    """What this API can do, for people."""
    made = document(request.app)
    every = [set(operation.answers) for group in groups(made) for operation in group.operations]
    common = tuple(sorted(set.intersection(*every), key=lambda answer: answer.status))
    address = f"{site.settings.base_url}{ROOT}"
    context = DocsPage(ABOUT, address, common, groups(made), shapes(made))
    return page(request, "api/docs.html", context, who)


@lru_cache(maxsize=1)
def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the routes below /api/v1 that programs use."""
    ours = [one for one in iter_route_contexts(app.routes) if (one.path or "").startswith(ROOT)]
    made = get_openapi(title="Cutscore", version="1", description=ABOUT, routes=ours)
    scheme = {"type": "http", "scheme": "bearer", "description": "A token that an instructor made."}
    made.setdefault("components", {})["securitySchemes"] = {"token": scheme}
    return {**made, "security": [{"token": []}]}


def groups(made: Mapping[str, Any]) -> tuple[Group, ...]:
    """The routes of an OpenAPI document by their tags, in its order."""
    found: dict[str, list[Operation]] = {}
    for path, methods in made["paths"].items():
        for method, one in methods.items():
            found.setdefault(one.get("tags", ["Other"])[0], []).append(_operation(method, path, one))
    return tuple(Group(tag, tuple(operations)) for tag, operations in found.items())


def shapes(made: Mapping[str, Any]) -> tuple[Shape, ...]:
    """The shapes of an OpenAPI document by name."""
    return tuple(
        Shape(name, _plain(one.get("description", "")), _fields(one), tuple(one.get("enum", ())))
        for name, one in sorted(made["components"]["schemas"].items())
    )


def _operation(method: str, path: str, one: Mapping[str, Any]) -> Operation:
    body = one.get("requestBody")
    return Operation(
        anchor=one["operationId"],
        method=method.upper(),
        path=path,
        title=one["summary"].capitalize(),
        about=_plain(one.get("description", "")),
        parameters=tuple(
            Field(
                each["name"],
                _kind(each["schema"]),
                each.get("required", False),
                each.get("description", ""),
                _standard(each["schema"]),
            )
            for each in one.get("parameters", ())
        ),
        body=_content(body) if body else None,
        body_required=bool(body and body.get("required")),
        answers=tuple(
            Answer(status, each["description"], _content(each))
            for status, each in sorted(one["responses"].items())
        ),
    )


def _content(one: Mapping[str, Any]) -> Kind:
    kinds = [_kind(each.get("schema", {})) for each in one.get("content", {}).values()]
    return kinds[-1] if kinds else Kind("")


def _fields(schema: Mapping[str, Any]) -> tuple[Field, ...]:
    required = schema.get("required", ())
    return tuple(
        Field(name, _kind(one), name in required, _plain(one.get("description", "")), _standard(one))
        for name, one in schema.get("properties", {}).items()
    )


def _kind(schema: Mapping[str, Any]) -> Kind:
    """A JSON Schema in words."""
    if "$ref" in schema:
        return Kind("", schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        parts = [_kind(one) for one in schema["anyOf"] if one.get("type") != "null"]
        null = len(parts) < len(schema["anyOf"])
        return Kind(" or ".join(part.words for part in parts), parts[-1].shape, null)
    if "enum" in schema or "const" in schema:
        return Kind(" or ".join(f"“{one}”" for one in schema.get("enum", [schema.get("const")])))
    if schema.get("type") == "array":
        inner = _kind(schema.get("items", {}))
        return Kind(f"list of {inner.words}".strip(), inner.shape)
    if schema.get("type") == "object":
        inner = _kind(schema.get("additionalProperties") or {})
        return Kind(f"object of {inner.words}".strip(), inner.shape)
    return Kind(_OWN_WORDS.get(schema.get("format", ""), _WORDS.get(schema.get("type", ""), "")))


def _standard(schema: Mapping[str, Any]) -> str:
    value = schema.get("default")
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value in (None, "", {}) else str(value)


def _plain(text: str) -> str:
    """A docstring on one line; names in it are code."""
    return " ".join(text.split())
