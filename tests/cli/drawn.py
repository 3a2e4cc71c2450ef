"""What an SVG plot shows, read back from the file."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import numpy as np

SVG = "{http://www.w3.org/2000/svg}"
Points = np.ndarray
"""Pixels, (n, 2)."""


def series(text: str) -> dict[str, Points]:
    """The points of each series by its name. ParseError unless the file is well-formed."""
    found = {}
    for group in ET.fromstring(text).iter(f"{SVG}g"):
        name = group.get("data-series")
        if name is None:
            continue
        numbers: list[str] = []
        for shape in group:
            numbers += re.split(r"[ ,]", shape.get("points", "")) if shape.get("points") else []
            numbers += [shape.get("cx", ""), shape.get("cy", "")] if shape.get("cx") else []
            numbers += [shape.get("x1", ""), shape.get("y1", "")] if shape.get("x1") else []
        found[name] = np.array(numbers, dtype=np.float64).reshape(-1, 2)
    return found


def words(text: str) -> tuple[str, str]:
    """Its title and description."""
    root = ET.fromstring(text)
    return root.findtext(f"{SVG}title", ""), root.findtext(f"{SVG}desc", "")


def apart(one: dict[str, Points], other: dict[str, Points]) -> float:
    """The farthest that a point of one plot is from its place on another, in pixels; infinity for unlike series."""
    if one.keys() != other.keys() or any(one[name].shape != other[name].shape for name in one):
        return float("inf")
    return max(float(np.abs(one[name] - other[name]).max()) for name in one)
