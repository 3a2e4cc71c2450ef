"""Each of the 36 lines that say what the exam screen must do has a test that is named for it.

| lines | about | where |
|---|---|---|
| 1 to 5, 7 | the timer, time options, pausing, an expired log-in | test_timer.py |
| 6, 24, 25 | zero and the grace, one submission, Back | test_ending.py |
| 8 to 16, 18 | the question | test_question.py |
| 17 | without JavaScript | test_without_script.py |
| 19 to 23 | navigator, review screen, end | test_navigator.py |
| 26, 28 to 32 | keys, sticky bars, sizes, colours, motion, phones | test_display.py |
| 27 | a whole exam by keyboard | test_journeys.py |
| 33 | forms elsewhere | test_forms.py |
| 34 | network or server gone | test_outage.py; a restart of the browser is there, too |
| 35 | two tabs | test_tabs.py |
| 36 | axe | test_pages.py; 5, 15, 26 and 28 have scripted tests of their own |
"""

from __future__ import annotations

import re
from pathlib import Path

LINES = 36


def test_every_line_has_a_test() -> None:
    source = "\n".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    tested = {int(number) for number in re.findall(r"^def test_line_(\d\d)_", source, re.MULTILINE)}
    assert tested == set(range(1, LINES + 1))
