"""GIFT against an independent reader (pygiftparser): the same questions, kinds, titles, options, keys and feedback.

It takes an escaped closing brace for the end of the answers, knows no backslash but before a sign, keeps escapes in
its texts, calls a question without a format tag Markdown, and has no text after a gap of true or false, all of it
against Moodle's description of the format. What differs so is not drawn; texts are compared as a reader sees them.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.exam.item import Option
from app.formats import gift, gift_write
from app.formats.source import from_bytes
from tests.formats.oracles import gift_answers as oracle_answers
from tests.formats.oracles import gift_oracle as oracle
from tests.formats.written import item_of, pack_of, shown


def plain(text: str) -> str:
    """A text of the oracle as a reader sees it."""
    return " ".join(re.sub(r"\\([#=~:{}])", r"\1", text).split())


def tight(stem: str) -> str:
    """The oracle does not say whether there is a space beside the gap."""
    return re.sub(" ?_____ ?", "_____", stem)


def ours(text: str) -> list[tuple[Any, ...]]:
    reading = gift.read(from_bytes("a.gift", text.encode()))
    assert reading.pack is not None
    described: list[tuple[Any, ...]] = []
    for item in reading.pack.items:
        place = reading.places[item.id]
        title = item.origin.unmapped.get("title", "") if item.origin else ""
        keys = set(item.key)
        if item.origin and "keys" in item.origin.unmapped:
            keys = set(item.origin.unmapped["keys"])
        options = [(shown(o.text), o.id in keys, shown(o.why)) for o in item.options]
        described.append(
            (place.line, item.type.value, title, tight(shown(item.stem)), options, shown(item.rationale))
        )
    described += [(s.at.line, s.why.split()[0]) for s in reading.skipped]
    described += [(f.at.line, "broken") for f in reading.faults if f.kind.value == "structure"]
    return [each[1:] for each in sorted(described, key=lambda each: each[0])]


KINDS = {
    "Essay": "essay",
    "NumericAnswerSet": "numerical",
    "MatchingSet": "matching",
    "ShortSet": "short-answer",
    "Description": "a",
}


def theirs(text: str) -> list[tuple[Any, ...]]:
    described: list[tuple[Any, ...]] = []
    for question in oracle.parseFile(io.StringIO(text)):
        answers = getattr(question, "answers", None)
        if answers is None:
            described.append(("broken",))
        elif isinstance(answers, oracle_answers.TrueFalseSet):
            told = {answers.answer: answers.feedbackCorrect, not answers.answer: answers.feedbackWrong}
            options = [(str(v), v is answers.answer, plain(told[v])) for v in (True, False)]
            described.append(described_as(question, "single", question.text, options))
        elif isinstance(answers, oracle_answers.SelectSet | oracle_answers.MultipleChoicesSet):
            single = isinstance(answers, oracle_answers.SelectSet)
            options = [
                (plain(a.answer), a.select if single else a.fraction > 0, plain(a.feedback))
                for a in answers.answers
            ]
            tail = f" _____ {question.tail}" if question.tail else ""
            described.append(
                described_as(question, "single" if single else "multiple", question.text + tail, options)
            )
        else:
            described.append((KINDS[type(answers).__name__],))
    return described


def described_as(
    question: Any, kind: str, stem: str, options: list[tuple[str, bool, str]]
) -> tuple[Any, ...]:
    return (kind, plain(question.title), tight(plain(stem)), options, plain(question.generalFeedback))


_word = st.from_regex(r"[abcXY][abcXY059.,?!()'\"é ]{0,9}[abc059]", fullmatch=True)
_text = st.builds(
    lambda first, rest: " ".join([first, *rest]),
    _word,
    st.lists(_word | st.sampled_from(["\\:", "\\=", "\\~", "\\#"]), max_size=3),
)
_feedback = st.just("") | _text.map(lambda t: f"#{t}")


@st.composite
def _choice(draw: st.DrawFn) -> str:
    texts = draw(st.lists(_text, min_size=2, max_size=5, unique_by=lambda t: plain(t).replace(" ", "")))
    if draw(st.booleans()):
        key = draw(st.integers(0, len(texts) - 1))
        signs = ["=" if n == key else "~" for n in range(len(texts))]
    else:
        keys = draw(st.integers(1, len(texts)))
        share = {1: "100", 2: "50", 3: "33.33333", 4: "25", 5: "20"}[keys]
        signs = [
            f"~%{share}%" if n < keys else draw(st.sampled_from(["~", "~%-100%"])) for n in range(len(texts))
        ]
    space = draw(st.sampled_from(["", " ", "\n", "\n\t"]))
    return (
        "{"
        + space
        + space.join(f"{sign}{text}{draw(_feedback)}" for sign, text in zip(signs, texts, strict=True))
        + "}"
    )


@st.composite
def _question(draw: st.DrawFn) -> str:
    title = draw(st.just("") | _word.map(lambda t: f"::{t}::"))
    stem = draw(_text)
    answers = draw(
        _choice()
        | st.sampled_from(
            [
                "{T}",
                "{FALSE}",
                "{TRUE#no}",
                "{F#no#yes}",
                "{}",
                "{#1822:5}",
                "{=a -> b =c -> d}",
                "{=one =two}",
            ]
        )
    )
    general = (
        draw(st.just("") | _text.map(lambda t: f"####{t}"))
        if answers.startswith(("{=", "{~", "{\n", "{ "))
        else ""
    )
    body = answers[:-1] + general + "}"
    # The oracle has no gap in a true/false question; a tail is for choices only.
    tail = draw(st.just("") | _word.map(lambda t: f" {t}")) if "~" in re.sub(r"\\~", "", answers) else ""
    return f"{title}{stem}{body}{tail}"


@settings(max_examples=25)
@given(st.lists(_question(), min_size=1, max_size=5))
def test_both_read_the_same_file_alike(questions: list[str]) -> None:
    text = "\n\n".join(questions)
    assert ours(text) == theirs(text)


@settings(max_examples=25)
@given(st.lists(st.lists(_word, min_size=2, max_size=5, unique=True), min_size=1, max_size=4))
def test_the_oracle_reads_what_we_write(written: list[list[str]]) -> None:
    items = tuple(
        replace(
            item_of("Is a = b?", *(Option("abcde"[k], t, k == 0, "So: #1") for k, t in enumerate(texts))),
            id=f"i{n}",
        )
        for n, texts in enumerate(written)
    )
    text = gift_write.write(pack_of(*items)).content.decode()
    assert [
        (kind, title, stem, [(t, k) for t, k, _ in options]) for kind, title, stem, options, _ in theirs(text)
    ] == [
        ("single", item.id, "Is a = b?", [(" ".join(o.text.split()), o.key) for o in item.options])
        for item in items
    ]


def test_the_comparison_sees_a_difference() -> None:
    assert ours("a{=b ~c}") != theirs("a{~b =c}")
    assert ours("a{=b ~c}") == theirs("a{=b ~c}")
