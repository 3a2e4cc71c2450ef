"""The walls of the house hold, and each checker catches a planted breach."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import ROOT
from tests.house import walls


def test_imports_only_go_down() -> None:
    assert walls.order_breaches(ROOT) == []


def test_no_import_goes_in_a_circle() -> None:
    assert walls.circles(ROOT) == []


def test_nothing_below_pages_reads_a_clock_or_unseeded_chance() -> None:
    assert walls.impurities(ROOT) == []


def test_no_room_is_too_long() -> None:
    assert walls.long_rooms(ROOT) == []


def house(root: Path, **rooms: str) -> Path:
    """A house with these rooms: `exam__item` is app/exam/item.py."""
    for name, text in rooms.items():
        path = root / "app" / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("exam__item", "from app.store import packs"),
        ("exam__item", "from app.settings import Settings"),
        ("store__packs", "import app.pages.packs"),
        ("store__packs", "from app.formats import text"),
        ("formats__gift", "from app.store.database import Database"),
        ("psychometrics__irt", "from app.errors import Invalid"),
        ("errors", "from app.exam.item import Item"),
        ("pages__people", "from app.main import create_app"),
        ("pages__people", "from sqlalchemy import select"),
        ("store__people", "from fastapi import Request"),
        ("exam__item", "from markupsafe import Markup"),
        ("cli", "import sqlalchemy"),
        ("exam__item", "def late():\n    from jinja2 import Template"),
        ("exam__item", "from . import pack"),
    ],
)
def test_an_import_up_the_house_is_caught(tmp_path: Path, room: str, line: str) -> None:
    assert len(walls.order_breaches(house(tmp_path, **{room: line}))) == 1


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("pages__people", "from app.pages.packs import PacksPage"),
        ("pages__people", "from app.pages import packs"),
        ("store__people", "from app.store import packs"),
        ("formats__gift", "from app.formats import packs"),
        ("formats__text", "from app.formats.packs_read import read"),
    ],
)
def test_an_import_of_a_sibling_is_caught(tmp_path: Path, room: str, line: str) -> None:
    rooms = {"pages__packs": "", "store__packs": "", "formats__packs": "", room: line}
    assert len(walls.order_breaches(house(tmp_path, **rooms))) == 1


def test_the_rooms_of_one_format_may_import_each_other(tmp_path: Path) -> None:
    rooms = {"formats__gift": "from app.formats.gift_write import write", "formats__gift_write": ""}
    assert walls.order_breaches(house(tmp_path, **rooms)) == []


def test_an_import_circle_is_caught(tmp_path: Path) -> None:
    rooms = {
        "exam__a": "from app.exam import b",
        "exam__b": "def late():\n    import app.exam.c",
        "exam__c": "from app.exam.a import x",
    }
    assert walls.circles(house(tmp_path, **rooms)) == ["app.exam.a > app.exam.b > app.exam.c > app.exam.a"]


@pytest.mark.parametrize(
    "text",
    [
        "import time\nat = time.time()",
        "from time import monotonic as tick\nat = tick()",
        "from datetime import datetime\nmake = datetime.now",
        "import datetime as dt\nat = dt.date.today()",
        "import random\nn = random.random()",
        "from random import shuffle\nshuffle([])",
        "import random\nn = random.Random().random()",
        "import random\nn = random.Random(None)",
        "import secrets\nt = secrets.token_urlsafe()",
        "from uuid import uuid4\nu = uuid4()",
        "import os\nb = os.urandom(8)",
        "import numpy as np\nr = np.random.default_rng()",
        "import numpy as np\nr = np.random.normal()",
        "from numpy.random import default_rng\nr = default_rng()",
        "from sqlalchemy import func\nat = func.now()",
    ],
)
def test_a_clock_or_unseeded_chance_is_caught(tmp_path: Path, text: str) -> None:
    assert len(walls.impurities(house(tmp_path, exam__item=text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "import random\nr = random.Random('sheet:7')",
        "import numpy as np\nr = np.random.default_rng(7)",
        "import numpy as np\ndef draw(r: np.random.Generator) -> float: return r.random()",
        "from numpy.random import PCG64\ndef draw(r: PCG64) -> PCG64: return PCG64(7)",
        "from datetime import datetime\ndef at(now: datetime) -> datetime: return now",
    ],
)
def test_seeds_and_times_given_are_no_breach(tmp_path: Path, text: str) -> None:
    assert walls.impurities(house(tmp_path, exam__item=text)) == []


def test_a_page_may_read_the_clock(tmp_path: Path) -> None:
    assert walls.impurities(house(tmp_path, pages__depends="import time\nat = time.time()")) == []


def test_a_room_that_is_too_long_is_caught(tmp_path: Path) -> None:
    assert len(walls.long_rooms(house(tmp_path, exam__item="x = 1\n" * 351))) == 1
