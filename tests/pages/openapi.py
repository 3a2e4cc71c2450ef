"""Whether an answer is what the OpenAPI document says: the part of JSON Schema that the document uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def breaches(answer: httpx.Response, document: Mapping[str, Any], method: str, path: str) -> list[str]:
    """What is wrong with an answer to a route, by the document; a status that it does not name is wrong."""
    described = document["paths"][path][method.lower()]["responses"].get(str(answer.status_code))
    if described is None:
        return [f"{answer.status_code} is not described"]
    content = described.get("content", {})
    if "application/json" not in content:
        return [] if content else ["its content is not described"]
    return list(unlike(answer.json(), content["application/json"]["schema"], document, "$"))


def unlike(value: object, schema: Mapping[str, Any], document: Mapping[str, Any], at: str) -> Iterator[str]:
    """Every place at which a value is not what a schema says."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        if all(any(unlike(value, one, document, at)) for one in schema["anyOf"]):
            yield f"{at}: none of its kinds"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    if "type" not in schema:
        return
    if not isinstance(value, KINDS[schema["type"]]) or (
        isinstance(value, bool) and schema["type"] != "boolean"
    ):
        yield f"{at}: {value!r} is no {schema['type']}"
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from unlike(one, schema["items"], document, f"{at}[{number}]")
    elif isinstance(value, dict):
        yield from _unlike_object(value, schema, document, at)


def _unlike_object(
    value: Mapping[str, Any], schema: Mapping[str, Any], document: Mapping[str, Any], at: str
) -> Iterator[str]:
    known = schema.get("properties", {})
    yield from (f"{at}: no {name}" for name in schema.get("required", ()) if name not in value)
    for name, one in value.items():
        if name in known:
            yield from unlike(one, known[name], document, f"{at}.{name}")
        elif schema.get("additionalProperties"):
            yield from unlike(one, schema["additionalProperties"], document, f"{at}.{name}")
        else:
            yield f"{at}: {name} is not described"
