"""Good packs for the tests of the readers, in pieces that a test can break one at a time."""

from __future__ import annotations

from hypothesis import strategies as st

from app.exam.faults import Fault
from app.formats import native
from app.formats.reading import Reading

HEAD = """\
cutscore: 1
pack: {id: lighthouse, version: 1.0.0, title: "Lighthouse keeping"}
review: {approvals: 1}
domains:
  - {id: D1, title: "Light"}
  - {id: D2, title: "Fog"}
exams:
  - id: keeper
    title: "Keeper"
    items: 10
    minutes: 20
    blueprint: {D1: 60, D2: 40}
    multiple_answer: {min: 1, max: 5}
    scale: {min: 100, cut: 750, max: 1000}
    cut: {raw_equivalent: 6.5, source: "panel of 2026"}
"""

SINGLE = """\
- id: lamp-001
  version: 1
  status: ready
  type: single
  stem: |
    A keeper sees the lamp flicker in a storm. The ships must see the light all night.

    What should the keeper do first?
  options:
    - id: a
      key: true
      text: "Light the spare lamp and then repair the first one."
      why: "The spare lamp keeps the light up all night, which is what the ships need most of all."
    - id: b
      text: "Repair the lamp at once and leave it dark meanwhile."
      why: "While the lamp is under repair no light is seen, and the ships must see it all night."
      trap: ignores-constraint
      misconception: "A quick repair needs no spare."
    - id: c
      text: "Wait for the storm to pass before touching the lamp."
      why: "The lamp may fail before the storm is over, and then no light would be seen by the ships."
      trap: ignores-constraint
      misconception: "Storms are short."
    - id: d
      text: "Send a boat to warn the ships that are on their way."
      why: "A boat in a storm is slow and in danger, and the light would still not be seen all night."
      trap: over-engineered
      misconception: "A warning replaces the light."
  rationale: "The spare lamp keeps the light up while the first is repaired."
  references: [{title: "Lamps", url: "https://example.org/lamps"}]
  domain: D1
  objective: "1.1"
  topic: light/lamps
  services: [{name: "Lamp", since: "2018-11-19"}]
  constraint: resilience
  bloom: apply
  rating: 0.62
  company: "Harbor Office"
  constraints:
    - {text: "light all night", decides: [b, c, d]}
  cover_test: true
  enemies: [horn-001]
  facts: [62]
  verified_on: "2026-11-01"
"""

MULTIPLE = """\
- id: horn-001
  version: 2
  status: draft
  type: multiple
  select: 2
  stem: "Fog comes in. Which two signals should be given? (Select TWO.)"
  options:
    - {id: a, key: true, text: "The long horn every two minutes"}
    - {id: b, text: "The short horn every two minutes"}
    - {id: c, key: true, text: "The bell between two horn signals"}
    - {id: d, text: "The red flag on the high mast"}
    - {id: e, text: "The white flag on the low mast"}
  shuffle: false
"""


def pack_of(*items: str, head: str = HEAD) -> dict[str, bytes]:
    """A pack in one file."""
    listed = "".join("".join(f"  {line}\n" for line in item.splitlines()) for item in items)
    return {"lighthouse.yaml": f"{head}items:\n{listed}".encode() if items else head.encode()}


def good() -> dict[str, bytes]:
    """A pack without a fault."""
    return pack_of(SINGLE, MULTIPLE)


def read(*items: str, head: str = HEAD) -> Reading:
    """The reading of a pack in one file."""
    return native.read(pack_of(*items, head=head))


def broken(text: str, old: str, new: str) -> str:
    """The text with one planted fault; fails when there was nothing to replace."""
    assert old in text
    return text.replace(old, new, 1)


def rules(faults: tuple[Fault, ...]) -> list[str]:
    """The names of the broken rules."""
    return [fault.rule for fault in faults]


def mutated(data: st.DataObject, content: bytes) -> bytes:
    """A file with a few bytes cut out or put in, among them those that formats give a meaning to."""
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(changed)))
        until = at + data.draw(st.integers(0, 40))
        signs = st.sampled_from([b"<", b">", b"&", b"]]>", b'"', b"\x00", b"\xff", b"{", b"\n\n"])
        changed[at:until] = data.draw(st.binary(max_size=4) | signs)
    return bytes(changed)
