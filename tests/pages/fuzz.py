"""Requests made up from the OpenAPI description of the whole application: what each operation takes, and anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from hypothesis import strategies as st

from tests.pages.test_authority import FILLED

# They start a process of their own, or end the session of whoever asks.
LEFT_OUT = {
    "/exams/{exam_id}/measurement/analyse",
    "/exams/{exam_id}/measurement/calibrate",
    "/packs/import",
    "/api/v1/packs/check",
    "/api/v1/packs/imports",
    "/api/v1/packs/{pack_id}/export",
    "/packs/{pack_id}/export",
    "/people/log-out",
}
HOSTILE = (
    *(
        "",
        " ",
        ".",
        "..",
        "0",
        "-1",
        "1e3",
        "NaN",
        "null",
        "true",
        "[]",
        "{}",
        "%00",
        "\u0000",
        "'",
        '"',
        "<b>",
    ),
    *(
        "9" * 30,
        "9" * 400,
        "٣",
        "ﬀ",
        "\u202e",
        "\U0001f4a3",
        "a" * 3_000,
        "../../etc/passwd",
        "//evil.example",
    ),
    *("1, 2", "short", "towers", "piloted", "admin", "save", "confirm", "2026-11-23", "1.5"),
)
FORM, ANY_FILE = "application/x-www-form-urlencoded", "multipart/form-data"


@dataclass(frozen=True)
class Operation:
    """One operation of the description: the names of what it takes, each with its schema."""

    method: str
    path: str
    in_path: dict[str, Any]
    in_query: dict[str, Any]
    in_form: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Request:
    """A request that was made up."""

    operation: Operation
    address: str
    query: tuple[tuple[str, str], ...]
    form: dict[str, list[str]]


def operations(app: FastAPI) -> list[Operation]:
    """Every operation of the application, pages and API, but for those left out."""
    document = get_openapi(title="all", version="1", routes=app.router.routes)
    schemas = document.get("components", {}).get("schemas", {})
    made = {
        (method, path): Operation(
            method.upper(), path, _taken(found, "path"), _taken(found, "query"), _form(found, schemas)
        )
        for path, methods in document["paths"].items()
        for method, found in methods.items()
        if path not in LEFT_OUT
    }
    return [made[key] for key in sorted(made)]


def _taken(operation: dict[str, Any], where: str) -> dict[str, Any]:
    return {one["name"]: one["schema"] for one in operation.get("parameters", ()) if one["in"] == where}


def _form(operation: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get(FORM, content.get(ANY_FILE, {})).get("schema", {})
    for reference in _references(schema):
        schema = schemas[reference]
    properties: dict[str, Any] = schema.get("properties", {})
    return properties


def _references(schema: dict[str, Any]) -> Iterator[str]:
    for one in (schema, *schema.get("allOf", ())):
        if "$ref" in one:
            yield one["$ref"].rpartition("/")[2]


def values(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    """What fits a schema, and what does not."""
    kinds = [schema, *schema.get("anyOf", ())]
    fitting: list[st.SearchStrategy[str]] = []
    for one in kinds:
        if "enum" in one:
            fitting.append(st.sampled_from([str(value) for value in one["enum"]]))
        elif one.get("type") == "integer":
            fitting.append(st.integers(-(2**70), 2**70).map(str))
            fitting.append(st.integers(0, 30).map(str))
        elif one.get("type") == "boolean":
            fitting.append(st.sampled_from(["true", "false", "1", "0"]))
    return st.one_of(*fitting, st.sampled_from(HOSTILE), st.text(max_size=20))


def requests(made: list[Operation]) -> st.SearchStrategy[Request]:
    """A request to any of these operations."""
    return st.sampled_from(made).flatmap(_request)


@st.composite
def _request(draw: st.DrawFn, operation: Operation) -> Request:
    address = operation.path
    for name, schema in operation.in_path.items():
        known = st.just(FILLED[name]) if name in FILLED else st.just("1")
        value = draw(st.one_of(known, known, values(schema)))
        address = address.replace(f"{{{name}}}", quote(value, safe="", errors="replace"))
    query = [
        (name, draw(values(schema))) for name, schema in operation.in_query.items() if draw(st.booleans())
    ]
    form = {
        name: draw(st.lists(values(schema), min_size=1, max_size=2))
        for name, schema in operation.in_form.items()
        if draw(st.integers(0, 4))
    }
    if draw(st.integers(0, 3)) == 0:
        name = draw(st.sampled_from(["score", "role", "deadline_at", "id", "\u0000", "x" * 300]))
        form[name] = [draw(st.sampled_from(HOSTILE))]
    return Request(operation, address, tuple(query), form)
