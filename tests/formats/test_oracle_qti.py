"""QTI against others' tools: text2qti writes what we read, a converter of QTI 3 reads what we write and the reverse.

text2qti makes the packages of Canvas (QTI 1.2) from a notation of its own. The converter knows a choice only by its
interaction, not whether it is for one answer or several; it takes a multiple choice for a single one when it writes.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from app.exam.item import Item, ItemType
from app.formats import qti, qti_12, qti_write, registry
from app.formats.source import from_bytes
from tests.formats.oracles import Told, canvas, ours, qti_3, qti_3_again, told_by
from tests.formats.written import items, pack_of

_word = st.from_regex(r"[a-zé]{2,8}", fullmatch=True)
_words = st.lists(_word, min_size=1, max_size=5).map(" ".join)


@st.composite
def _question(draw: st.DrawFn) -> tuple[str, Told | str]:
    """A question in the notation of text2qti, and what it is; a text says the kind that is not delivered."""
    stem = draw(_words)
    kind = draw(st.sampled_from(["single", "multiple", "essay", "numerical", "short-answer"]))
    if kind not in ("single", "multiple"):
        return (
            f"1. {stem}\n{ {'essay': '____', 'numerical': '= 3 +- 1', 'short-answer': '* lamp'}[kind] }\n",
            kind,
        )
    texts = draw(st.lists(_words, min_size=2, max_size=6, unique=True))
    keys = {draw(st.integers(0, len(texts) - 1))}
    if kind == "multiple":
        keys = draw(st.sets(st.integers(0, len(texts) - 1), min_size=1))
        signs = ["[*]" if n in keys else "[ ]" for n in range(len(texts))]
    else:
        signs = [f"{'*' if n in keys else ''}{'abcdef'[n]})" for n in range(len(texts))]
    lines = [f"{sign} {text}" for sign, text in zip(signs, texts, strict=True)]
    told = Told(kind, stem, tuple((text, n in keys) for n, text in enumerate(texts)))
    return "\n".join([f"1. {stem}", *lines, ""]), told


@settings(max_examples=30)
@given(st.lists(_question(), min_size=1, max_size=5, unique_by=lambda drawn: drawn[0].splitlines()[0]))
def test_a_quiz_that_text2qti_packs_for_canvas_is_read_as_it_was_meant(
    drawn: list[tuple[str, Told | str]],
) -> None:
    numbered = (text.replace("1.", f"{number}.", 1) for number, (text, _) in enumerate(drawn, 1))
    source = from_bytes("quiz.zip", canvas("Quiz title: Lamps\n\n" + "\n".join(numbered)))
    assert registry.detect(source) is registry.FORMATS[qti_12.NAME]
    reading = qti_12.read(source)
    assert reading.pack is not None
    meant = [what for _, what in drawn]
    assert [told_by(item) for item in reading.pack.items] == [
        what for what in meant if isinstance(what, Told)
    ]
    assert [skipped.why for skipped in reading.skipped] == [
        f"{what} questions are not delivered" for what in meant if isinstance(what, str)
    ]
    assert not [fault for fault in reading.faults if fault.kind.value == "structure"]


def test_what_text2qti_makes_of_markdown_is_shown_the_same() -> None:
    quiz = """\
Quiz title: Fog

1. Which **horn** carries `f(x) < 1` & *more*?

   - deep
   - high
... It is about tones.
*a) a deep one
... Low tones carry.
b) a \u201chigh\u201d one
"""
    reading = qti_12.read(from_bytes("quiz.zip", canvas(quiz)))
    assert ours(reading) == [
        Told(
            "single",
            "Which horn carries f(x) < 1 & more? deep high",
            (("a deep one", True), ("a \u201chigh\u201d one", False)),
        )
    ]
    assert reading.pack is not None
    (item,) = reading.pack.items
    assert (item.rationale, item.options[0].why) == ("It is about tones.", "Low tones carry.")


@settings(max_examples=30)
@given(st.lists(items(), min_size=1, max_size=3))
def test_a_converter_of_qti_3_reads_what_we_write(drawn: list[Item]) -> None:
    pack = pack_of(*(replace(item, id=f"i-{n}") for n, item in enumerate(drawn)))
    read = qti_3(qti_write.write_3(pack, {}).content)
    assert [_bare(told) for told in read] == [_bare(told_by(item)) for item in pack.items]


@settings(max_examples=25)
@given(
    st.lists(items().filter(lambda item: item.type is ItemType.SINGLE and item.key), min_size=1, max_size=3)
)
def test_we_read_what_a_converter_of_qti_3_writes(drawn: list[Item]) -> None:
    pack = pack_of(*(replace(item, id=f"i-{n}") for n, item in enumerate(drawn)))
    source = from_bytes("again.zip", qti_3_again(qti_write.write_3(pack, {}).content))
    assert registry.detect(source) is registry.FORMATS[qti.NAME_3]
    assert list(map(_bare, ours(registry.read(source)))) == [_bare(told_by(item)) for item in pack.items]


def _bare(told: Told) -> Told:
    """Without what the converter does not tell: for how many answers a choice is, and where white space was."""
    return Told("choice", _tight(told.stem), tuple((_tight(text), key) for text, key in told.options))


def _tight(text: str) -> str:
    return "".join(text.split())
