"""Reports as values, and their Markdown: words stay words."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from app.exam.document import NOTHING, Report, Section, Table, counted, fixed, markdown, share


def test_figures_have_their_digits_and_zero_has_no_minus() -> None:
    assert fixed(-0.001) == "0.00"
    assert fixed(1234.5, 0) == "1234"
    assert fixed(None) == NOTHING
    assert share(0.256) == "26 %"
    assert counted(1, "item") == "1 item"
    assert counted(2000, "item") == "2,000 items"


def test_markdown_has_every_part() -> None:
    table = Table("Caption", ("Name", "n"), (("a", "1"),))
    section = Section("Title", ("A sentence.",), (("Fact", "value"),), (table,), missing=("Do this.",))
    text = markdown(Report("Whole", "Lead.", (section,)))
    assert text.startswith("# Whole\n\nLead.\n\n## Title\n\nA sentence.\n\n- Fact: value\n\n")
    assert "| Name | n |\n| --- | --: |\n| a | 1 |" in text
    assert "- **Missing:** Do this." in text


@given(st.text())
def test_no_cell_breaks_out_of_its_table(words: str) -> None:
    table = Table("Caption", ("Name", "n"), ((words, "1"),))
    *_, row = (
        markdown(Report("Whole", "Lead.", (Section("Title", tables=(table,)),))).rstrip("\n").split("\n")
    )
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 3
    assert not re.search(r"(?<!\\)(?:\\\\)*<", row)
