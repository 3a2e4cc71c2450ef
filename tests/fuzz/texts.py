"""Grammars of the formats that are plain text: GIFT, Aiken, Blackboard's, Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from random import Random
from typing import Any, Literal

from tests.fuzz.documents import HARD, LETTERS, PLAIN, Document, Question, encoded, questions

_GIFT_SIGNS = re.compile(r"([\\~=#{}:])")
_NO_MARKUP = tuple(word for word in HARD if not re.search(r"[<>&`*_\[\]\\]", word))
"""Without what a table or JSON may mean as HTML or Markdown."""


def gift(rng: Random) -> Document:
    """Titles, comments, weights, feedback, questions of other kinds; texts with every sign escaped."""
    blocks, skipped = [], 0
    asked = questions(rng)
    for one in asked:
        if rng.random() < 0.2:
            blocks.append(rng.choice(("// what follows is old", "$CATEGORY: $course$/top/Fog/Horns")))
        if rng.random() < 0.2:
            skipped += 1
            other = ("{}", "{=lamp =light}", "{#3:1}", "{=a -> b =c -> d =e -> f}")
            blocks.append(f"Say more of pier {one.number} {rng.choice(other)}")
        blocks.append(_gift(rng, one))
    text = rng.choice(("\n\n", "\n\n\n")).join(blocks) + rng.choice(("", "\n", "\n\n"))
    return Document("fog.gift", encoded(rng, text), tuple(one.told for one in asked), skipped)


def _gift(rng: Random, one: Question) -> str:
    def said(text: str) -> str:
        return _GIFT_SIGNS.sub(r"\\\1", text)

    title = f"::Q {one.number}::" if rng.random() < 0.5 else ""
    between = rng.choice(("\n", " ", "\n  "))
    lines = []
    for place, option in enumerate(one.options):
        if one.multiple:
            mark = f"~%{100 / len(one.keys):.5f}%" if place in one.keys else rng.choice(("~", "~%-50%"))
        else:
            mark = rng.choice(("=", "=%100%")) if place in one.keys else "~"
        feedback = f"#{said(one.why)}" if one.why and rng.random() < 0.5 else ""
        lines.append(mark + rng.choice(("", " ")) + said(option) + feedback)
    general = f"{between}####{said(one.why)}" if one.why else ""
    answers = f"{{{between}{between.join(lines)}{general}{between}}}"
    return f"{title}[plain]{said(one.stem)}{rng.choice(('', ' '))}{answers}"


def aiken(rng: Random) -> Document:
    """One question after the other, options with a dot or a bracket."""
    asked = questions(rng, PLAIN, several=False)
    sign = rng.choice(".)")
    blocks = [
        "\n".join(
            [
                one.stem,
                *(f"{letter}{sign} {option}" for letter, option in zip(LETTERS, one.options, strict=False)),
                f"{rng.choice(('ANSWER: ', 'ANSWER:'))}{one.letters[0]}",
            ]
        )
        for one in asked
    ]
    text = rng.choice(("\n\n", "\n\n\n")).join(blocks) + rng.choice(("", "\n"))
    return Document("fog.txt", encoded(rng, text), tuple(one.told for one in asked))


def markdown(rng: Random) -> Document:
    """One of the dialects: boxes, lettered options with the answer below, folded away, or at the end of the file."""
    asked = questions(rng, PLAIN)
    dialect: Callable[[Random, list[Question]], str] = rng.choice((_boxes, _below, _folded, _far))
    content = encoded(rng, dialect(rng, asked))
    return Document(rng.choice(("fog.md", "fog.txt")), content, tuple(one.told for one in asked))


def _lettered(one: Question, sign: str) -> str:
    return "\n".join(f"{letter}{sign} {text}" for letter, text in zip(LETTERS, one.options, strict=False))


def _boxes(rng: Random, asked: list[Question]) -> str:
    mark = rng.choice("-*+")
    blocks = []
    for one in asked:
        boxes = (f"   {mark} [{'x' if n in one.keys else ' '}] {text}" for n, text in enumerate(one.options))
        blocks.append("\n".join([f"{one.number}. {one.stem}", *boxes]))
    return rng.choice(("", "# Fog\n\n")) + "\n\n".join(blocks) + "\n"


def _below(rng: Random, asked: list[Question]) -> str:
    sign, head = rng.choice(".)"), rng.choice(("Question {}\n", "{}. ", "### Question {}\n\n", "Q{}. "))
    hidden = rng.choice(("{}", "{}", "||{}||", ">!{}!<"))
    word = rng.choice(("Answer: ", "**Answer:** ", "Correct answer: ", "ANSWER: "))
    blocks = []
    for one in asked:
        why = f"\nExplanation: {one.why}" if one.why else ""
        key = rng.choice((", ", " and ", ",")).join(one.letters)
        blocks.append(
            f"{head.format(one.number)}{one.stem}\n\n{_lettered(one, sign)}\n\n{hidden.format(word + key)}{why}"
        )
    return "\n\n".join(blocks) + "\n"


def _folded(rng: Random, asked: list[Question]) -> str:
    head, summary = rng.choice(("### ", "## ")), rng.choice(("Answer", "Show answer"))
    blocks = []
    for one in asked:
        options = "\n".join(f"- {line}" for line in _lettered(one, ".").split("\n"))
        key = ", ".join(one.letters)
        folded = f"<details><summary>{summary}</summary>\n\n{key}\n\n</details>"
        blocks.append(f"{head}{one.stem}\n\n{options}\n\n{folded}")
    return "\n\n".join(blocks) + "\n"


def _far(rng: Random, asked: list[Question]) -> str:
    blocks = [f"{one.number}. {one.stem}\n{_lettered(one, '.')}" for one in asked]
    keys = [f"{one.number}. {', '.join(one.letters)}" for one in asked]
    head = rng.choice(("Answers", "## Answers", "Answer Key", "## Answer key"))
    return "\n\n".join([*blocks, head]) + "\n" + rng.choice(("", "\n")) + "\n".join(keys) + "\n"


def rows(rng: Random, asked: list[Question]) -> list[list[str]]:
    """A table with a header, the key in letters, numbers or the texts of the options."""
    many = max(len(one.options) for one in asked)
    named = rng.choice(("Option {}", "Answer Option {}", "Choice {}"))
    how = rng.choice(
        ("letters", "numbers", "texts") if not any(one.multiple for one in asked) else ("letters", "numbers")
    )
    key = rng.choice(("Correct Answer", "Correct Answers", "Key"))
    table = [
        [
            rng.choice(("Question", "Stem", "Question Text")),
            *(named.format(n + 1) for n in range(many)),
            key,
            "Explanation",
        ]
    ]
    for one in asked:
        numbers = [str(place + 1) for place in sorted(one.keys)]
        said = {"letters": list(one.letters), "numbers": numbers, "texts": [one.options[min(one.keys)]]}[how]
        blank = [""] * (many - len(one.options))
        table.append([one.stem, *one.options, *blank, ",".join(said), one.why])
    return table


def table(rng: Random) -> Document:
    """CSV with one of the signs between cells."""
    asked = questions(rng, _NO_MARKUP)
    target = io.StringIO()
    quoting: Literal[0, 1] = rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    writer = csv.writer(target, delimiter=rng.choice(",,;\t"), quoting=quoting, lineterminator="\n")
    writer.writerows(rows(rng, asked))
    return Document("fog.csv", encoded(rng, target.getvalue()), tuple(one.told for one in asked))


def blackboard(rng: Random) -> Document:
    """A line for each question, with codes of other kinds among them, at times as a spreadsheet writes it."""
    asked, lines, skipped = questions(rng, _NO_MARKUP), list[str](), 0
    for one in asked:
        if rng.random() < 0.2:
            skipped += 1
            lines.append(f"{rng.choice(('ESS', 'ORD', 'MAT', 'FIB'))}\tSay more of pier {one.number}\tlamp")
        marked = ((text, "correct" if n in one.keys else "incorrect") for n, text in enumerate(one.options))
        cells = ["MA" if one.multiple else "MC", one.stem, *(cell for pair in marked for cell in pair)]
        if rng.random() < 0.3:
            cells = ['"{}"'.format(cell.replace('"', '""')) for cell in cells]
        lines.append("\t".join(cells) + rng.choice(("", "", "\t\t")))
    content = encoded(rng, "\n".join(lines) + rng.choice(("", "\n")))
    return Document("fog.txt", content, tuple(one.told for one in asked), skipped)


def objects(rng: Random) -> Document:
    """JSON: a list, an object around it, or an object a line; options as texts, by letter, or as objects."""
    asked = questions(rng, _NO_MARKUP)
    stem, options, key = (
        rng.choice(("question", "stem", "prompt")),
        rng.choice(("options", "choices")),
        rng.choice(("answer", "correct_answer")),
    )
    form = rng.choice(("list", "letters", "objects", "index"))
    entries: list[dict[str, Any]] = []
    for one in asked:
        entry: dict[str, Any] = {stem: one.stem, "explanation": one.why}
        if form == "letters":
            entry |= {options: dict(zip(LETTERS, one.options, strict=False)), key: list(one.letters)}
        elif form == "objects":
            entry[options] = [{"text": text, "correct": n in one.keys} for n, text in enumerate(one.options)]
        elif form == "index":
            entry |= {options: list(one.options), "correct_index": sorted(one.keys)}
        else:
            right = [one.options[place] for place in sorted(one.keys)]
            entry |= {options: list(one.options), key: right if one.multiple else right[0]}
        entries.append(entry)
    if rng.random() < 0.3 and len(entries) > 1:
        text = "\n".join(json.dumps(entry) for entry in entries)
    else:
        whole: Any = entries if rng.random() < 0.5 else {"title": "Fog", "questions": entries}
        text = json.dumps(whole, ensure_ascii=rng.random() < 0.5, indent=rng.choice((None, 2)))
    return Document("fog.json", encoded(rng, text), tuple(one.told for one in asked))
