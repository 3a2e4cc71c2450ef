"""Two sections of the Law School Admission Test (Bock & Lieberman 1970), the field's oldest test of such programs.

Five items and 1,000 persons each: a pattern of right (1) and wrong (0), and how many people had it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.psychometrics.responses import Responses, from_table

_SECTION_6 = """
00000 3    00001 6    00010 2    00011 11   00100 1    00101 1    00110 3    00111 4    01000 1    01001 8
01011 16   01101 3    01110 2    01111 15   10000 10   10001 29   10010 14   10011 81   10100 3    10101 28
10110 15   10111 80   11000 16   11001 56   11010 21   11011 173  11100 11   11101 61   11110 28   11111 298
"""
_SECTION_7 = """
00000 12   00001 19   00010 1    00011 7    00100 3    00101 19   00110 3    00111 17   01000 10   01001 5
01010 3    01011 7    01100 7    01101 23   01110 8    01111 28   10000 7    10001 39   10010 11   10011 34
10100 14   10101 51   10110 15   10111 90   11000 6    11001 25   11010 7    11011 35   11100 18   11101 136
11110 32   11111 308
"""


def _patterns(text: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    words = text.split()
    table = np.array([[int(cell) for cell in pattern] for pattern in words[::2]])
    return table, np.array(words[1::2], dtype=np.float64)


def section(number: int) -> Responses:
    """The responses to section 6 or 7."""
    return from_table(*_patterns(_SECTION_6 if number == 6 else _SECTION_7))


def as_csv(number: int) -> str:
    """The same as a file, with a column that counts persons."""
    table, people = _patterns(_SECTION_6 if number == 6 else _SECTION_7)
    rows = [
        ",".join([*map(str, row), f"{count:.0f}"]) for row, count in zip(table.tolist(), people, strict=True)
    ]
    return "\n".join(["Item 1,Item 2,Item 3,Item 4,Item 5,Freq", *rows]) + "\n"
