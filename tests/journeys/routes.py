"""The routes of the application, as it holds them: what the matrices of the tests are generated from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

SAFE = {"GET", "HEAD"}


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """Every (method, path) that is served, but HEAD; paths without the types of their parts."""
    found = {
        (method, route.path.replace(":int}", "}"))
        for route in _all(app.router.routes)
        for method in getattr(route, "methods", None) or {"GET"}
        if method != "HEAD"
    }
    return sorted(found)


def _all(held: list[Any]) -> Iterator[Any]:
    for route in held:
        inner = getattr(route, "original_router", None)  # a router that was included
        if inner is None:
            yield route
        else:
            yield from _all(inner.routes)
