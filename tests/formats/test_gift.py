"""GIFT: the kinds of question we deliver come in as they are meant, the others are named, and none is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exam.item import Item, ItemType
from app.formats import gift, registry
from app.formats.drafts import MAX_QUESTIONS, is_broken
from app.formats.reading import Reading
from app.formats.source import Source, from_bytes
from tests.formats.pieces import rules
from tests.images import PNG

FILE = """\
// A file about lighthouses
$CATEGORY: $course$/top/Fog/Horns

// question: 7  name: Horn
// [id:horn-7] [tag:sound] [tag:night]
::Horn::[html]Which <b>horn</b> carries\\: far?{
    =The long one#Low tones carry.
    ~%50%The short one#Only<br>near.
    ~The \\{silver\\} one
    ####It is about tones.
}

A keeper lights {~no =one ~two} lamp at night.

::Fog:: Fog muffles light.{TRUE#It does.#Indeed.}

Name the light.{=lamp =lantern}

Which help in fog?{~%50%Horn ~%50%Bell ~%-100%Flag}
"""


def source_of(content: bytes) -> Source:
    return Source("fog.gift", {"fog.gift": content}, content)


def read(text: str) -> Reading:
    return gift.read(from_bytes("fog.gift", text.encode()))


def items(text: str) -> tuple[Item, ...]:
    pack = read(text).pack
    assert pack is not None
    return pack.items


def options(text: str) -> list[tuple[str, bool]]:
    (item,) = items(text)
    return [(option.text, option.key) for option in item.options]


def stem(text: str) -> str:
    (item,) = items(text)
    return item.stem


def broken(text: str) -> list[tuple[str, int | None]]:
    return [(fault.rule, fault.at.line) for fault in read(text).faults if is_broken(fault)]


def test_a_file_is_read_with_its_categories_titles_tags_and_feedback() -> None:
    reading = read(FILE)
    assert reading.pack is not None
    horn, lamp, fog, help_in_fog = reading.pack.items
    assert (horn.stem, horn.rationale, horn.topic) == (
        "Which **horn** carries: far?",
        "It is about tones.",
        "fog/horns",
    )
    assert [(o.text, o.key, o.why) for o in horn.options] == [
        ("The long one", True, "Low tones carry."),
        ("The short one", False, "Only\\\nnear."),
        ("The {silver} one", False, ""),
    ]
    assert horn.origin is not None
    assert (horn.origin.locator, horn.origin.unmapped) == (
        "question 1",
        {
            "title": "Horn",
            "ident": "horn-7",
            "category": "Fog / Horns",
            "tags": ["sound", "night"],
            "weights": [None, 50, None],
        },
    )
    assert lamp.stem == "A keeper lights \\_\\_\\_\\_\\_ lamp at night."
    assert [(o.text, o.key, o.why) for o in fog.options] == [
        ("True", True, "Indeed."),
        ("False", False, "It does."),
    ]
    assert (help_in_fog.type, help_in_fog.key) == (ItemType.MULTIPLE, frozenset("ab"))
    assert [(str(s.at), s.why) for s in reading.skipped] == [
        ("fog.gift:17", "short-answer questions are not delivered")
    ]
    assert rules(reading.faults) == ["partial-credit"]
    assert [place.line for name, place in reading.places.items() if name != "pack:"] == [6, 13, 15, 19]


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ("{}", "essay"),
        ("{####told}", "essay"),
        ("{#1822:5}", "numerical"),
        ("{#\n =1:0\n =%50%2:1}", "numerical"),
        ("{=a -> b =c -> d}", "matching"),
        ("{=a =b}", "short-answer"),
        ("{=%0%*#No}", "short-answer"),
        ("{word}", "short-answer"),
        ("{1:MULTICHOICE:=a~b}", "cloze"),
        ("", "a description (a text without answers)"),
    ],
)
def test_a_question_of_another_kind_is_skipped_with_its_name(answers: str, kind: str) -> None:
    reading = read(f"Text {answers}")
    assert [
        skipped.why.split(" question")[0].removesuffix(" is not delivered") for skipped in reading.skipped
    ] == [kind]
    assert reading.pack is not None
    assert (reading.pack.items, reading.faults) == ((), ())


@pytest.mark.parametrize("truth", ["T", "TRUE", "true", " T "])
def test_true_can_be_written_in_several_ways(truth: str) -> None:
    assert options(f"Fog is wet.{{{truth}}}") == [("True", True), ("False", False)]


def test_false_has_its_feedback_the_other_way_round() -> None:
    (item,) = items("Fog is dry.{F#wrong#right}")
    assert [(o.text, o.key, o.why) for o in item.options] == [
        ("True", False, "wrong"),
        ("False", True, "right"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a{=\\=\\~\\#\\{\\}\\: ~b}", "=~#{}:"),
        ("a{=b\\nc ~d}", "b\\\nc"),
        ("a{=b \\\\ c ~d}", "b \\\\ c"),
        ("a{=b\\\\nc ~d}", "b\\\\nc"),
        ("a{=b\\c ~d}", "b\\\\c"),
        ("a{=*b* ~d}", "\\*b\\*"),
        ("[markdown]a{=*b* ~d}", "*b*"),
        ("[html]a{=<i>b</i> &lt; ~d}", "*b* <"),
        ("[html]a{=[plain]<i>b</i> ~d}", "\\<i>b\\</i>"),
        ("[plain]a{=<i>b</i> ~d}", "\\<i>b\\</i>"),
        ("a{=<i>b</i> ~d}", "*b*"),
        ("a{=b\n// said aside\nc ~d}", "b\n\nc"),
    ],
)
def test_b13_escapes_and_format_tags_are_obeyed(text: str, expected: str) -> None:
    assert options(text)[0] == (expected, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a {~b =c} d.", "a \\_\\_\\_\\_\\_ d."),
        ("a{~b =c}", "a"),
        ("{~b =c} a", "\\_\\_\\_\\_\\_ a"),
        ("a {T}.", "a ."),
        ("::t\nu:: a{~b =c}", "a"),
        ("::t\\::: a{~b =c}", "a"),
        ("// one\na\n// two\nb{~b =c}", "a\n\nb"),
        ("[markdown]- a\n    - b{~b =c}", "- a\n    - b"),
    ],
)
def test_the_stem_is_what_stands_around_the_braces(text: str, expected: str) -> None:
    assert stem(text) == expected


@pytest.mark.parametrize(
    ("answers", "keys"),
    [
        ("{~%50%a ~%50%b ~c}", "ab"),
        ("{~%33.33333%a ~%33,33333%b ~%33.3%c ~%-100%d}", "abc"),
        ("{~%100%a ~b ~c}", "a"),
        ("{~a ~b ~c}", ""),
    ],
)
def test_without_a_right_sign_the_positive_weights_are_the_keys(answers: str, keys: str) -> None:
    (item,) = items(f"Which?{answers}")
    assert (item.type, item.key) == (ItemType.MULTIPLE, frozenset(keys))


def test_several_right_signs_leave_the_key_open() -> None:
    (item,) = items("Which?{=a =b ~c}")
    assert (item.type, item.key) == (ItemType.SINGLE, frozenset())
    assert "several-keys" in rules(read("Which?{=a =b ~c}").faults)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a{=b ~%100%c}", "bad-weight"),
        ("a{=%0%b ~c}", "bad-weight"),
        ("a{=%-50%b ~c}", "bad-weight"),
        ("a{~%200%b ~c}", "bad-weight"),
        ("a{b ~c =d}", "stray-text"),
        ("a{~b =c", "unbalanced-braces"),
        ("a ~b =c}", "unbalanced-braces"),
        ("a}{~b", "unbalanced-braces"),
        ("a{~b {x} =c}", "unbalanced-braces"),
        ("a {~b =c} d {~e =f}", "unbalanced-braces"),
        ("{~b =c}", "empty-stem"),
        ("a{=b ~}", "option-count"),
        ("a{= ~b ~c}", "empty-key"),
    ],
)
def test_b13_a_broken_question_is_told_with_its_line_and_the_others_come_in(text: str, rule: str) -> None:
    whole = f"First.{{T}}\n\n{text}\n\nLast.{{F}}\n"
    assert broken(whole) == [(rule, 3)]
    assert [item.stem for item in items(whole)] == ["First.", "Last."]


def test_an_empty_line_in_braces_and_a_missing_one_between_questions_are_forgiven_with_a_note() -> None:
    text = "One?{\n=a\n\n~b\n}\n\nTwo?{=c ~d}\nThree?\n{=e ~f} four\n"
    assert [item.stem for item in items(text)] == ["One?", "Two?", "Three?\\\n\\_\\_\\_\\_\\_ four"]
    assert [(f.rule, f.at.line) for f in read(text).faults] == [("empty-line", 1), ("empty-line", 8)]


def test_a_category_holds_until_the_next_and_a_slash_may_be_part_of_a_name() -> None:
    text = "$CATEGORY: $course$/A//B/C\na.{T}\n\n$CATEGORY: top\n\nb.{T}\n"
    assert [item.topic for item in items(text)] == ["a-b/c", None]


def test_images_in_an_archive_are_found_by_their_names() -> None:
    text = b'[html]<img src\\="@@PLUGINFILE@@/lamp.png" alt\\="Lamp">Which?{=a ~b}'
    reading = gift.read(Source("fog.zip", {"gift.txt": text, "media/lamp.png": PNG}, b""))
    assert reading.pack is not None
    (item,) = reading.pack.items
    assert item.media == tuple(reading.media)
    assert item.stem == f"![Lamp]({item.media[0]})Which?"


def test_an_image_that_is_not_there_is_told() -> None:
    reading = read('[html]<img src\\="@@PLUGINFILE@@/lamp.png">Which?{=a ~b ####<img src\\="x.png">}')
    assert rules(reading.faults) == ["missing-image"]
    assert "x.png" in reading.faults[0].message


@pytest.mark.parametrize(
    "text",
    [
        FILE,
        "a{T}",
        "a {=b ~c}",
        "{ =b ~c} a",
        "$CATEGORY: a\n",
        "::t::\na",
        "Write an essay. {}",
        "[markdown]a",
        "// [tag:x]\nText{}\n",
        "\ufeffa{#3:1}",
    ],
)
def test_gift_is_recognised_by_its_content(text: str) -> None:
    found = registry.detect(from_bytes("a.txt", text.encode()))
    assert found is not None
    assert found.name == "gift"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Just a text with {braces} in it.",
        b"Escaped \\{= only.",
        b"function f() {}\n",
        b"class A {\n  void f() {}\n}\n",
        b'{"a": [{"b": "{=x}"}]}',
        b"<p>a {=b ~c}</p>",
        b"\x89PNG\r\n\x1a\n\x00{=a}",
    ],
)
def test_other_content_is_not_taken_for_gift(content: bytes) -> None:
    assert not gift.detect(from_bytes("a.gift", content))


def test_a_file_that_is_no_text_is_refused() -> None:
    reading = gift.read(from_bytes("a.gift", PNG))
    assert (reading.pack, rules(reading.faults)) == (None, ["not-text"])


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a{}\n\n" * (MAX_QUESTIONS + 1), "too-many-questions"),
        ("{" * 100_000, "unbalanced-braces"),
        ("a{" + "~b" * 50_000 + "}", "option-count"),
        ("a{=b ~c}" + "<b>" * 100_000, "too-long"),
        ("a{=" + "\\:" * 100_000 + " ~b}", "too-long"),
        ("$CATEGORY: a" + " " * 100_000 + "b\n\n{=b ~c}", "empty-stem"),
    ],
)
def test_a_flood_is_refused(text: str, rule: str) -> None:
    assert rules(read(text).faults) == [rule]


def accounted(reading: Reading) -> int:
    assert reading.pack is not None
    return len(reading.pack.items) + len(reading.skipped) + sum(map(is_broken, reading.faults))


_QUESTIONS = [
    "a?{=b ~c}",
    "a?{~%50%b ~%50%c}",
    "a.{T}",
    "a?{=b}",
    "a?{}",
    "a{#1}",
    "a",
    "a{=b",
    "a?{=b ~%100%c}",
    "{=b ~c}",
]


@settings(max_examples=100)
@given(
    st.lists(st.sampled_from(_QUESTIONS), min_size=1, max_size=8),
    st.sampled_from(["\n\n", "\n \n\n", "\r\n\r\n", "\n\n// x\n\n"]),
)
def test_every_question_is_accounted_for(questions: list[str], between: str) -> None:
    # An open brace takes what follows for its answers when that closes it; then two questions are one broken one.
    whole = [question for question in questions if question != "a{=b"]
    assert accounted(read(between.join([*whole, "a{=b"]))) == len(whole) + 1


@settings(max_examples=80)
@given(st.binary(max_size=200) | st.text("ab{}~=#:\\%50/[]\n ->TF$", max_size=80).map(str.encode))
def test_no_content_raises(content: bytes) -> None:
    reading = gift.read(source_of(content))
    assert reading.pack is not None or reading.faults
    gift.detect(source_of(content))


@settings(max_examples=80)
@given(st.data())
def test_no_change_of_a_good_file_raises(data: st.DataObject) -> None:
    content = bytearray(FILE.encode())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        new = data.draw(
            st.sampled_from(
                [b"", b"{", b"}", b"~", b"=", b"\\", b"\n\n", b"\xff", b"%", b"#", b"::", b"[html]<"]
            )
        )
        content[at : at + data.draw(st.integers(0, 5))] = new
    assert accounted(gift.read(source_of(bytes(content)))) >= 1


def test_a_comment_may_stand_before_the_first_answer() -> None:
    text = "One? {\n// the right one\n=x\n// a wrong one\n~y\n}\n"
    assert registry.detect(from_bytes("g.txt", text.encode())) is registry.FORMATS[gift.NAME]
