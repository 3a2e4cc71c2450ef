"""CSV in which a question is several rows: Brightspace's import file comes in with keys, reasons and images."""

from __future__ import annotations

from app.exam.item import ItemType
from app.formats import csv_read, registry
from app.formats.drafts import is_broken
from app.formats.reading import Reading
from app.formats.source import Source, from_bytes
from tests.formats.pieces import rules
from tests.images import PNG

CHOICE = (
    "//a remark,,,,\nNewQuestion,MC,,,\nID,F-1,,,\nTitle,Fog,,,\nQuestionText,Which horn?,,,\nPoints,1,,,\n"
    "Option,0,Short,,Too high.\nOption,100,<b>Long</b>,HTML,\nFeedback,Low tones carry.,,,\n,,,,\n"
)
SEVERAL = "NewQuestion,MS\nQuestionText,Which help?\nOption,1,Horn\nOption,0,Flag\nOption,1,Bell\n"
TRUTH = "NewQuestion,TF,,,\nQuestionText,Fog is dry.,,,\nTRUE,0,No,,\nFALSE,100,Yes,,\n"


def read(text: str) -> Reading:
    source = from_bytes("fog.csv", text.encode())
    assert registry.detect(source) is registry.FORMATS[csv_read.NAME]
    return registry.read(source)


def keys(reading: Reading) -> list[str]:
    assert reading.pack is not None
    return ["".join(sorted(item.key)) for item in reading.pack.items]


def test_choices_and_statements_come_in_with_their_keys() -> None:
    reading = read(CHOICE + SEVERAL + TRUTH)
    assert keys(reading) == ["b", "ac", "b"]
    assert reading.faults == ()


def test_texts_and_reasons_have_their_places() -> None:
    pack = read(CHOICE).pack
    assert pack is not None
    (item,) = pack.items
    assert (item.type, item.stem, item.rationale) == (ItemType.SINGLE, "Which horn?", "Low tones carry.")
    assert [(option.text, option.why) for option in item.options] == [
        ("Short", "Too high."),
        ("**Long**", ""),
    ]


def test_questions_of_other_kinds_are_named() -> None:
    reading = read(f"NewQuestion,WR,,,\nQuestionText,Write.,,,\nAnswerKey,x,,,\n{CHOICE}")
    assert (keys(reading), [skipped.why for skipped in reading.skipped]) == (
        ["b"],
        ["written-response questions are not delivered"],
    )


def test_parts_of_the_marks_are_told_and_the_best_option_is_the_key() -> None:
    reading = read(CHOICE.replace("Option,0,", "Option,50,"))
    assert (keys(reading), rules(reading.faults)) == (["b"], ["partial-credit"])


def test_marks_that_are_no_number_give_none() -> None:
    assert rules(read(CHOICE.replace("Option,100,", "Option,nan,")).faults) == ["no-key"]


def test_a_question_without_options_is_broken_and_the_others_come_in() -> None:
    reading = read(f"NewQuestion,MC\nQuestionText,Which?\n{CHOICE}")
    assert (keys(reading), sum(map(is_broken, reading.faults))) == (["b"], 1)


def test_the_image_of_a_question_stands_below_its_text() -> None:
    files = {"q.csv": f"{CHOICE}Image,images/horn.png,,,\n".encode(), "images/horn.png": PNG}
    reading = csv_read.read(Source("x", files, b""))
    assert reading.pack is not None
    assert reading.pack.items[0].stem.startswith("Which horn?\n\n![](media/")
    assert len(reading.media) == 1
