"""Markdown and plain text: the dialects in which people write questions come in, and other prose does not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.formats import markdown_read, registry
from app.formats.reading import Reading
from app.formats.source import Source, from_bytes
from tests.formats.oracles import Told, ours
from tests.formats.pieces import mutated, rules

BOXES = """\
# Fog

## Horns

1. Which horn carries far?
   - [ ] Short
   - [x] Long

2. Which help?
   - [x] Horn
   - [x] Bell
   - [ ] Flag
"""
LETTERS = """\
Question 1
Which horn carries far?

A. Short
B. Long

Answer: B
Explanation: Low tones carry.

Question 2
Which help?

A) Horn
B) Bell
C) Flag

Answer: A, B
"""
KEY_AT_THE_END = """\
1. Which horn carries far?
A. Short
B. Long

2. Which help?
A. Horn
B. Bell
C. Flag

Answers
1. B
2. A, B
"""
DETAILS = """\
### Which horn carries far?

- A. Short
- B. Long

<details><summary>Answer</summary>

B. Low tones carry.

</details>

### Which help?

- A. Horn
- B. Bell
- C. Flag

<details><summary>Answer</summary>

A, B

</details>
"""
DIALECTS = {"boxes": BOXES, "letters": LETTERS, "key at the end": KEY_AT_THE_END, "details": DETAILS}
every_dialect = pytest.mark.parametrize("text", list(DIALECTS.values()), ids=list(DIALECTS))
MEANT = [
    Told("single", "Which horn carries far?", (("Short", False), ("Long", True))),
    Told("multiple", "Which help?", (("Horn", True), ("Bell", True), ("Flag", False))),
]


def read(text: str) -> Reading:
    return markdown_read.read(from_bytes("fog.md", text.encode()))


@every_dialect
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_dialect_is_found_by_its_content_and_read(text: str, line_end: str) -> None:
    source = from_bytes("upload", text.replace("\n", line_end).encode())
    assert registry.detect(source) is registry.FORMATS[markdown_read.NAME]
    assert ours(registry.read(source)) == MEANT


@every_dialect
def test_places_are_lines_of_the_file(text: str) -> None:
    reading = read(text)
    told = [place.line for name, place in reading.places.items() if name != "pack:"]
    first, second = (line for line in told if line is not None)
    listed = text.splitlines()
    horn = next(number for number, line in enumerate(listed, 1) if "Which horn" in line)
    other = next(number for number, line in enumerate(listed, 1) if "Which help" in line)
    assert horn - 1 <= first <= horn
    assert other - 1 <= second <= other


def test_headings_are_categories_and_explanations_rationales() -> None:
    boxed, lettered = read(BOXES).pack, read(LETTERS).pack
    assert boxed is not None
    assert lettered is not None
    assert [item.topic for item in boxed.items] == ["horns", "horns"]
    assert lettered.items[0].rationale == "Low tones carry."


def test_a_question_without_a_key_is_a_draft_and_told() -> None:
    reading = read(LETTERS.replace("Answer: A, B\n", ""))
    assert reading.pack is not None
    assert [len(item.key) for item in reading.pack.items] == [1, 0]
    assert "no-key" in rules(reading.faults)


def test_an_answer_that_names_no_option_is_told() -> None:
    assert "unknown-answer" in rules(read(LETTERS.replace("Answer: B", "Answer: F")).faults)


def test_texts_of_a_folder_are_read_together() -> None:
    files = {"a.md": BOXES.encode(), "b.txt": LETTERS.replace("horn", "lamp").encode()}
    reading = markdown_read.read(Source("fog.zip", files, b""))
    assert reading.pack is not None
    assert {place.file for name, place in reading.places.items() if name != "pack:"} == {"a.md", "b.txt"}
    assert len(reading.pack.items) == 4


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Just words.\n\nMore words.\n",
        "# A title\n\n- one\n- two\n",
        "1. First do this.\n2. Then do that.\n",
        "- [x] done\n- [ ] to do\n",
    ],
)
def test_other_text_is_not_taken_for_questions(text: str) -> None:
    assert registry.detect(from_bytes("a.md", text.encode())) is None


def test_a_text_without_questions_says_so() -> None:
    assert rules(read("Just words.\n").faults) == ["no-questions"]


@pytest.mark.parametrize(
    "sign",
    ["#", "*", "- [x] a\n", "A. ", "<details>", "1. ", "`", "**Answer: ", "> ", "|", "\n", "<br> ", " *"],
)
def test_b23_no_sign_repeated_takes_long(sign: str) -> None:
    source = from_bytes("a.md", (sign * (100_000 // len(sign))).encode())
    markdown_read.detect(source)
    markdown_read.read(source)


@settings(max_examples=60)
@given(st.data(), st.sampled_from(list(DIALECTS.values())))
def test_no_change_of_a_file_makes_the_reader_fail(data: st.DataObject, text: str) -> None:
    content = mutated(data, text.encode())
    source = Source("a.md", {"a.md": content}, content)
    markdown_read.detect(source)
    markdown_read.read(source)


@settings(max_examples=40)
@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail(content: bytes) -> None:
    source = Source("a.md", {"a.md": content}, content)
    markdown_read.detect(source)
    markdown_read.read(source)


TWO = ("Which horn carries far?", ("Short", "Long")), ("Which light is seen?", ("Lamp", "Stove"))


def lettered(key: str) -> str:
    """Two lettered questions, and below them what is right."""
    return "".join(f"{n}. {stem}\nA. {a}\nB. {b}\n\n" for n, (stem, (a, b)) in enumerate(TWO, 1)) + key


def bulleted(sign: str) -> str:
    """Two questions with plain bullets, and a sign at one of each."""
    (first, (short, long)), (second, (lamp, stove)) = TWO
    return (
        f"1. {first}\n   - {short}\n   - {sign.format(long)}\n\n"
        f"2. {second}\n   - {sign.format(lamp)}\n   - {stove}\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        lettered("## Key\n\n| Q | A |\n|---|---|\n| 1 | B |\n| 2 | A |\n"),
        lettered("Answer key: 1-B, 2-A\n"),
        lettered("**Answers:** 1. B; 2. A\n"),
        bulleted("{} ✅"),
        bulleted("{} (correct)"),
        bulleted("**{}**"),
        bulleted("**{}**").replace("   - ", "- "),
    ],
)
def test_keys_in_a_table_on_one_line_and_signs_at_bullets_are_read(text: str) -> None:
    found = registry.read(from_bytes("a.md", text.encode()))
    assert found.format == "markdown"
    assert found.pack is not None
    keys = [[option.text for option in item.options if option.key] for item in found.pack.items]
    assert keys == [["Long"], ["Lamp"]]


def test_a_list_with_bold_words_is_no_question() -> None:
    text = "# Lamps\n\nWhat we keep:\n\n- lamps\n- **horns**\n\nAnd:\n\n- **bells**\n- ropes\n"
    assert registry.detect(from_bytes("a.md", text.encode())) is None


def test_a_question_with_room_for_an_answer_is_skipped_and_told() -> None:
    text = "1. Which horn?\n*a) Short\nb) Long\n\n2. Which light?\n*a) Lamp\nb) Stove\n\n3. Say why.\n____\n"
    found = registry.read(from_bytes("quiz.txt", text.encode()))
    assert found.pack is not None
    assert len(found.pack.items) == 2
    assert [skipped.at.line for skipped in found.skipped] == [9]


@pytest.mark.parametrize(
    "answer",
    [
        "||Answer: B||",
        "||B||",
        "Answer: ||B||",
        "**Answer:** ||B) Long||",
        ">!Answer: B!<",
        ">!B!<",
        "Answer: >!B!<",
    ],
)
def test_an_answer_may_be_hidden_until_it_is_clicked(answer: str) -> None:
    text = f"**Q1:** Which horn carries far?\n\nA) Short\nB) Long\n\n{answer}\n"
    reading = registry.read_upload("a.txt", text.encode())
    assert ours(reading) == MEANT[:1]
    assert reading.faults == ()


def test_bars_in_a_text_hide_nothing() -> None:
    text = "1. What is a || b || c?\nA) ||x||\nB) y\n|| ||\nAnswer: B\n"
    reading = registry.read_upload("a.txt", text.encode())
    assert reading.pack is not None
    assert reading.pack.items[0].stem == "What is a || b || c?"
    assert [option.key for option in reading.pack.items[0].options] == [False, True]


def asked(text: str) -> list[tuple[str, dict[str, bool]]]:
    """Stem and options of each question, and whether each option is right."""
    pack = read(text).pack
    assert pack is not None
    return [(item.stem, {option.text: option.key for option in item.options}) for item in pack.items]


HORN = {"Short": False, "Long": True}


@pytest.mark.parametrize(
    "text",
    [
        "1. Which?\nA. Short\nB. Long\nCorrect Answer: B \U0001f5f3\ufe0f\n",
        "1. Which?\nA. Short\nB. Long Most Voted\n",
        "1. Which?\nA. Short\nB. Long *\n",
        "1. Which?\n[A] Short\n[B] Long\nAnswer: [B]\n",
        "1. Which?\nA. Short\tB. Long\nAnswer: B\n",
        "1. Which?\nA) Short  B) Long\nAnswer: B\n",
        "NO.1 Which?\nA. Short\nB. Long\nAnswer: B\n",
        "Q1 of 9. Which?\nA. Short\nB. Long\nAnswer: B\n",
        "Question #: 1\nTopic #: 1\n[All Fog Questions]\nWhich?\nA. Short\nB. Long\nSuggested Answer: B\n",
        "1. Which?\n\u0410) Short\n\u0411) Long\n\u041e\u0442\u0432\u0435\u0442: \u0411\n",
        "1. Which?\n\u03b1) Short\n\u03b2) Long\nAnswer: \u03b2\n",
        "問1 Which?\n\uff21\uff0eShort\n\uff22\uff0eLong\n正解\uff1a\uff22\n",
        "1. Which?\nA. Short\nB. Long\nOdpowiedź: B\n",
    ],
)
def test_a_question_is_read_with_its_key_in_many_ways_of_writing(text: str) -> None:
    assert asked(text * 2) == [("Which?", HORN)] * 2


def test_three_options_in_a_row_need_no_wide_gaps() -> None:
    text = "1. Which?\nA. Short B. Long C. None\nAnswer: B\n"
    assert asked(text) == [("Which?", {"Short": False, "Long": True, "None": False})]


def test_two_letters_in_a_sentence_are_no_row_of_options() -> None:
    text = "1. Which?\nA. Plan A. B. is late\nB. Long\nAnswer: B\n"
    assert asked(text) == [("Which?", {"Plan A. B. is late": False, "Long": True})]


@pytest.mark.parametrize("answer", ["B", "not \u0411", "\u0411 \u0438\u043b\u0438 \u0412?"])
def test_a_key_that_may_mean_two_letters_leaves_it_open(answer: str) -> None:
    text = f"1. Which?\n\u0410) Short\n\u0411) Long\n\u0412) None\n\u041e\u0442\u0432\u0435\u0442: {answer}\n"
    assert set(asked(text)[0][1].values()) == {False}
    assert "unknown-answer" in rules(read(text).faults)


def test_a_key_on_one_line_may_have_small_letters() -> None:
    text = "1. Which?\na. Short\nb. Long\n\n2. Help?\na. Horn\nb. Flag\nc. Bell\n\nAnswer Key: 1-b 2-ac\n"
    assert asked(text) == [("Which?", HORN), ("Help?", {"Horn": True, "Flag": False, "Bell": True})]


def test_what_most_chose_and_another_answer_contradict_each_other() -> None:
    text = "1. Which?\nA. Short Most Voted\nB. Long\nAnswer: B\n"
    assert rules(read(text).faults) == ["keys-disagree"]


@pytest.mark.parametrize(
    "text",
    [
        "1. Which?\nA) Short\nb) Long\nAnswer: B\n",
        "**1) Which?**<br>\nA) Short<br>\nB) Long<br>\n**Answer:** B<br>\n",
        "1. Which?\n   1. Short\n   2. Long\n\n   > **Answer: 2**\n",
    ],
)
def test_letters_line_breaks_and_numbers_may_be_mixed(text: str) -> None:
    assert asked(f"{text}\n{text.replace('1', '2', 1)}") == [("Which?", HORN)] * 2


def test_statements_may_be_answered_by_a_letter() -> None:
    text = "1. Fog is wet. (T/F)\nAnswer: T\n\n2. Fog is dry. (T/F)\nAnswer: F\n\n"
    text += "3. Which?\nA. Short\nB. Long\nAnswer: B\n"
    statements = [("Fog is wet. (T/F)", {"True": True, "False": False})]
    statements.append(("Fog is dry. (T/F)", {"True": False, "False": True}))
    assert asked(text) == [*statements, ("Which?", HORN)]


@pytest.mark.parametrize("letters", ["ACD", "CDE"])
def test_a_question_whose_letters_do_not_follow_each_other_is_told(letters: str) -> None:
    options = "".join(f"{letter}) x\n" for letter in letters)
    text = f"1. Which?\nA. Short\nB. Long\nAnswer: B\n\n2. Help?\n{options}Answer: {letters[-1]}\n"
    assert asked(text) == [("Which?", HORN)]
    assert len(read(text).skipped) == 1


def right(text: str) -> list[str]:
    """The letters of the keys of each question."""
    return ["".join("ABCD"[n] for n, key in enumerate(options.values()) if key) for _, options in asked(text)]


PAIR = "1. Which?\nA. Short\nB. Long\n\n2. Help?\nA. Horn\nB. Flag\n\n"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (
            f"# Part 1\n\n{PAIR}# Part 2\n\n{PAIR}# Answers\n\n## Part 1\n1. A\n2. A\n\n## Part 2\n1. B\n2. B\n",
            "AABB",
        ),
        (f"# Part 1\n\n{PAIR}# Answers\n\n1. A\n2. B\n\n# Part 2\n\n{PAIR}# Answers\n\n1. B\n2. A\n", "ABBA"),
        (f"# Part 1\n\n{PAIR}# Part 2\n\n{PAIR}# Answers\n\n1. A\n2. B\n", ["", "", "A", "B"]),
        (f"{PAIR}Answer key: B, A\n", "BA"),
        (f"{PAIR}## Answers\n\n- A\n- A\n", "AA"),
    ],
)
def test_a_key_that_stands_apart_goes_to_its_questions(text: str, keys: list[str] | str) -> None:
    assert right(text) == list(keys)


@pytest.mark.parametrize("answer", ["Answer: A\nAnswer: B", "Answer: A\n\nVoted answer: B"])
def test_two_answers_to_one_question_contradict_each_other(answer: str) -> None:
    assert rules(read(f"1. Which?\nA. Short\nB. Long\n{answer}\n").faults) == ["keys-disagree"]


def test_a_letter_with_the_text_of_another_option_leaves_the_key_open() -> None:
    text = "1. Which?\nA. Short\nB. Long\nC. None\nAnswer: C. Long\n"
    assert right(text) == [""]
    assert "unknown-answer" in rules(read(text).faults)


def test_the_answer_may_stand_in_a_callout() -> None:
    text = "## Which?\n\n- A) Short\n- B) Long\n\n> [!success]- Answer\n> B) Long\n\n"
    assert right(text * 2) == ["B", "B"]


def test_a_question_without_options_is_no_part_of_the_next_one() -> None:
    text = f"{PAIR}3. Why?\n- since\n- for\n\n4. Where?\nA. Here\nB. There\n\nAnswer key: 1-A 2-A 4-B\n"
    assert [stem for stem, _ in asked(text)] == ["Which?", "Help?", "Where?"]
    assert len(read(text).skipped) == 1
