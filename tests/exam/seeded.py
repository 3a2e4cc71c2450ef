"""The negative control of the item-writing rules: clean items, and one flaw of each kind planted in them."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from app.exam.faults import Severity
from app.exam.item import (
    Accepted,
    Bloom,
    DecidingConstraint,
    Demand,
    Item,
    ItemType,
    Option,
    Reference,
    Service,
    Status,
    Trap,
)
from app.exam.lexicon import Category, Lexicon, Moving, Name

TODAY = date(2026, 11, 23)
LEXICON = Lexicon(
    retired=(Name("Fog Cannon", "the Diaphone", 3),),
    renamed=(Name("Argand Lamp", "Vapor Lamp", 4),),
    terms=("All Round Light",),
    names=("Trinity",),
    moving=(Moving("lamps", "station", 5),),
    categories=(Category("lens", ("Fresnel", "lens")),),
    companies=("AnyCompany",),
    domains=("example.org",),
    facts=(1, 2),
)
WHY = "The ships must see the light until dawn, and this option keeps or loses it."
SCENE = (
    "AnyCompany Lights keeps a station on a rock. The lamp flickers in a storm, and the ships steer by it until "
    "dawn. A boat brings oil twice a week. The keeper must not leave the tower at night."
)
QUESTION = "Which step keeps the light with the LEAST effort?"
COPIED = "the keeper of the northern rock wrote in his log that winter had come early and hard"


def option(name: str, text: str, *, key: bool = False) -> Option:
    """An option with everything that the rules ask for."""
    if key:
        return Option(name, text, key=True, why=WHY)
    return Option(name, text, why=WHY, trap=Trap.PARTIAL_SOLUTION, misconception="Half of it is enough.")


CLEAN = Item(
    id="lamp-001",
    version=1,
    status=Status.READY,
    type=ItemType.SINGLE,
    stem=f"{SCENE}\n\n{QUESTION}",
    options=(
        option("a", "Trim the wick of the Vapor Lamp each hour, and fill the brass tank."),
        option("b", "Hang a spare Vapor Lamp in the gallery, and clean the brass burner.", key=True),
        option("c", "Clean the Fresnel panes from the gallery, and hang up a red flag."),
        option("d", "Fill the brass tank at noon, and sound the Diaphone from the gallery."),
    ),
    rationale="A spare keeps the light while the burner is cleaned.",
    references=(Reference("Lamps", "https://example.org/lamps"),),
    domain="D1",
    objective="1.1",
    topic="light",
    services=(Service("Vapor Lamp", date(1901, 1, 1)),),
    constraint=DecidingConstraint.RESILIENCE,
    bloom=Bloom.APPLY,
    rating=0.6,
    company="AnyCompany Lights",
    constraints=(Demand("until dawn", ("a", "c", "d")),),
    facts=(1,),
    verified_on=TODAY,
)
CLEAN_MULTIPLE = replace(
    CLEAN,
    id="horn-001",
    type=ItemType.MULTIPLE,
    stem=f"{SCENE}\n\nWhich combination of steps should the keeper take? (Select TWO.)",
    options=(
        *CLEAN.options[:3],
        replace(CLEAN.options[3], key=True),
        option("e", "Ring the bell by hand, and trim the wick of the lantern."),
    ),
)
CLEAN_MULTIPLE = replace(CLEAN_MULTIPLE, constraints=(Demand("until dawn", ("a", "c", "e")),))
CLEAN_SEQUENCE = replace(
    CLEAN,
    id="wick-001",
    options=tuple(
        option(name, text, key=name == "b")
        for name, text in zip(
            "abcd",
            ("20 turns of the key", "30 turns of the key", "40 turns of the key", "50 turns of the key"),
            strict=True,
        )
    ),
    shuffle=False,
)


@dataclass(frozen=True)
class Plant:
    """A flaw in an item that was clean."""

    rule: str
    severity: Severity
    item: Item


def text(name: str, new: str, item: Item = CLEAN) -> Item:
    """The item with another text of one option."""
    return changed(name, item, text=new)


def changed(name: str, item: Item = CLEAN, **changes: Any) -> Item:
    """The item with one option changed."""
    return replace(item, options=tuple(replace(o, **changes) if o.id == name else o for o in item.options))


def question(new: str, item: Item = CLEAN) -> Item:
    """The item with another question."""
    return replace(item, stem=f"{SCENE}\n\n{new}")


def scene(more: str) -> Item:
    """The item with more in its scenario."""
    return replace(CLEAN, stem=f"{SCENE} {more}\n\n{QUESTION}")


def texts(*new: str, item: Item = CLEAN, **changes: Any) -> Item:
    """The item with other texts of all options."""
    pairs = zip(item.options, new, strict=True)
    return replace(item, options=tuple(replace(o, text=each) for o, each in pairs), **changes)


LENS = text(
    "c",
    "Clean the panes from the gallery, and hang up a red flag.",
    text("b", "Hang a spare Fresnel part, and clean the burner.", question("Which lens keeps the light?")),
)
_E, _W = Severity.ERROR, Severity.WARNING
RANGES = ("10-20 turns of it", "15-30 turns of it", "30-40 turns of it", "40-50 turns of it")
LONG_WORDS = "Extraordinary meteorological irregularities necessitate administrative deliberation. "
_KEY = CLEAN.options[1].text
PLANTS: tuple[Plant, ...] = tuple(
    Plant(rule, severity, item)
    for rule, severity, item in (
        ("L01", _E, replace(CLEAN, options=CLEAN.options[:3])),
        ("L01", _E, replace(CLEAN_MULTIPLE, options=CLEAN_MULTIPLE.options[:4])),
        ("L02", _E, question(f"{QUESTION} (Select ONE.)")),
        ("L02", _E, question("Which steps help? (Select THREE.)", CLEAN_MULTIPLE)),
        ("L03", _E, question("The keeper thinks of it.")),
        ("L03", _E, question("Which of the following is true?")),
        ("L04", _E, text("d", "Do all of the above, one after the other, before it gets dark.")),
        ("L04", _E, text("d", "Do both of these at once, and then look at the sea from above.")),
        ("L05", _E, text("d", "None of the above steps is needed, as the lamp is a good one.")),
        ("L05", _E, text("d", "No change is needed.")),
        ("L06", _E, question("Which step should the keeper NOT take?")),
        ("L06", _E, question("Which step is LEAST likely to keep the light?")),
        ("L07", _W, scene("The MOST light at the LOWEST price in the SHORTEST time is wanted.")),
        ("L08", _W, text("b", f"{_KEY[:-1]}, and then look from the window at every ship which passes.")),
        ("L10", _W, text("d", "Sound the bell at noon there.")),
        ("L10", _E, text("d", "Ring it by hand.")),
        ("L11", _W, text("d", "Always fill the brass tank, and sound the Diaphone from the gallery.")),
        ("L11", _W, text("c", "Clean only the Fresnel panes from the gallery, and hang up a flag.")),
        ("L13", _W, text("d", "Fill the brass tank often, and sound the Diaphone from the gallery.")),
        ("L13", _W, text("b", "Hang some spare Vapor Lamp in the gallery, and clean the burner.")),
        ("L14", _W, text("b", "Hang a spare Vapor Lamp for the storm, and clean the brass burner.")),
        ("L14", _W, text("b", "Hang a spare Vapor Lamp in the tower, and clean the brass burner.")),
        ("L15", _W, texts(
            "Trim the wick of the Vapor Lamp slowly, and go down to the rock.",
            "Hang a Vapor Lamp at the Fresnel panes, and sound the Diaphone.",
            "Wipe soot from the Fresnel panes, and put a red flag on the mast.",
            "Oil the engine of the Diaphone at noon, and go down to the rock.",
        )),
        ("L16", _W, texts(
            "Paint the walls white and read the long letter from the harbor.",
            "Hang a spare Vapor Lamp in the gallery, and clean the brass burner.",
            "Hang a spare Vapor Lamp in the gallery, and clean the brass tank.",
            "Ring bells by hand until someone sends boats out toward us again.",
        )),
        ("L17", _E, text("d", "both A and C")),
        ("L17", _E, text("d", "I, II and III only")),
        ("L18", _E, text("d", "True")),
        ("L19", _E, question("Which step keeps the ____ alight?")),
        ("L20", _E, replace(CLEAN_SEQUENCE, shuffle=True)),
        ("L20", _E, replace(CLEAN_SEQUENCE, options=CLEAN_SEQUENCE.options[::-1][:2] + CLEAN_SEQUENCE.options[:2])),
        ("L21", _E, texts(*RANGES, shuffle=False)),
        ("L21", _W, text("c", "Hang a spare Vapor Lamp in the gallery, and clean the brass burner and the tank.")),
        ("L22", _W, text("d", "Fill the brass tank at noon, and sound the Diaphone from the gallery")),
        ("L22", _W, text("d", "Filling the brass tank at noon, and a Diaphone from the gallery.")),
        ("L22", _W, question("With which step does the keeper get a?")),
        ("L23", _W, text("d", "A brass tank that is full at noon, and a Diaphone in the gallery.")),
        ("L25", _E, scene("word " * 260)),
        ("L25", _W, scene("The sea is high. " * 40)),
        ("L25", _W, replace(CLEAN, stem=QUESTION)),
        ("L25", _E, text("d", "Wait for it.")),
        ("L25", _E, text("d", "wait " * 61)),
        ("L26", _W, scene("and the wind " * 35)),
        ("L26", _W, scene(LONG_WORDS * 4)),
        ("L26", _W, question("Which step does not leave the ships without a light?")),
        ("L27", _E, replace(CLEAN, constraints=())),
        ("L27", _E, replace(CLEAN, constraints=(Demand("until dawn", ("a", "c")),))),
        ("L28", _E, changed("b", why="")),
        ("L28", _E, changed("a", why="Incorrect.")),
        ("L29", _E, replace(CLEAN, references=(), facts=())),
        ("L29", _E, replace(CLEAN, references=(Reference("x", "https://lamps.invalid/"),), facts=(9,))),
        ("L30", _E, replace(CLEAN, verified_on=TODAY - timedelta(days=366))),
        ("L30", _E, text("b", "Hang a spare Fog Cannon in the gallery, and clean the brass burner.")),
        ("L31", _W, scene("The station has an Argand Lamp.")),
        ("L31", _W, text("d", "Fill the Argand Lamp at noon, and sound the Diaphone from the gallery.")),
        ("L32", _W, text("d", "Fill 40 lamps of the station, and sound the Diaphone from the gallery.")),
        ("L34", _E, replace(CLEAN, rationale=f"As {COPIED}, oil was needed.")),
        ("L35", _E, changed("a", misconception="")),
        ("L35", _E, changed("a", trap=None)),
        ("L38", _W, LENS),
        ("L40", _E, replace(CLEAN, rationale="The lamp\u200b.")),
        ("L40", _E, changed("a", why=f"{WHY} \u202e")),
        ("L40", _E, replace(CLEAN, rationale="A cafe\u0301 by the sea.")),
        ("L40", _E, changed("a", why=f"{WHY} <script>alert(1)</script>")),
        ("L40", _E, replace(CLEAN, rationale="Write to keeper@lamps.co.uk for oil.")),
        ("L40", _E, replace(CLEAN, company="Northern Lights Ltd")),
        ("required", _E, replace(CLEAN, bloom=None)),
        ("alt-text", _E, replace(CLEAN, stem=f"{SCENE}\n\n![](media/a.png)\n\n{QUESTION}", media=("media/a.png",))),
        ("rating", _E, replace(CLEAN, rating=0.3)),
        ("accepted", _E, replace(CLEAN, accepted=(Accepted("L13", "a"), Accepted("L14", "b")))),
    )
)  # fmt: skip


NOUNS = [
    "lamp",
    "wick",
    "lens",
    "tower",
    "stair",
    "door",
    "rope",
    "bell",
    "horn",
    "flag",
    "boat",
    "tank",
    "pump",
    "gauge",
    "clock",
    "log",
    "chart",
    "tide",
    "reef",
    "buoy",
]
MORE = [
    "shore",
    "cliff",
    "harbor",
    "mast",
    "sail",
    "anchor",
    "barrel",
    "crate",
    "shelf",
    "window",
    "curtain",
    "stove",
    "kettle",
    "ladder",
    "bucket",
    "brush",
]
VERBS = [
    "Clean",
    "Mend",
    "Move",
    "Paint",
    "Oil",
    "Count",
    "Check",
    "Close",
    "Open",
    "Lift",
    "Turn",
    "Fill",
    "Hang",
    "Tie",
    "Wrap",
    "Store",
]


def bank(size: int, seed: int = 1) -> list[Item]:
    """Clean single-answer items, each with words of its own and the key at any place."""
    source = random.Random(seed)
    return [_of_chance(number, source) for number in range(size)]


def _of_chance(number: int, source: random.Random) -> Item:
    words = [source.choice(NOUNS + MORE) for _ in range(60)]
    story = " ".join(
        f"The {a} is near the {b}{number}." for a, b in zip(words[::2], words[1::2], strict=True)
    )
    key = source.randrange(4)
    options = tuple(
        option(
            "abcd"[place],
            f"{source.choice(VERBS)} the {source.choice(NOUNS)}, the {source.choice(MORE)} and the "
            f"{source.choice(NOUNS)}{'s' * source.randrange(6)}.",
            key=place == key,
        )
        for place in range(4)
    )
    wrong = tuple(each.id for each in options if not each.key)
    return replace(
        CLEAN,
        id=f"item-{number:05}",
        stem=f"{story}\n\n{QUESTION}",
        options=options,
        constraints=(Demand("x", wrong),),
    )
