"""Tells the numbers of other people in a list from the writer's: firms write about their employees in rows."""

import re

from validate.legible import line_of
from validate.whose import EMPLOYEE

_FAR = 100  # characters from a name to the number of its row
_HEADING = 60  # rows of a table within which its heading is sought
# "Ежова М. К.", "Ежова Мария Карловна"
_NAME = re.compile(r"(?<![А-Яа-яЁё])[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?\s(?:[А-ЯЁ]\.\s?[А-ЯЁ]\.|[А-ЯЁ][а-яё]+)")
_SURNAME = 4  # letters that a surname keeps in all its cases


def is_in_staff_table(text: str, position: int, *, writer: str) -> bool:
    """Whether a number stands under a heading «Сотрудник … СНИЛС», and not in the writer's row.

    A table that tells one field a line, «Сотрудник» the first, is of the one whom the letter is about.
    """
    start, end = line_of(text, position)
    heading, row = "", text[start:end]
    for _ in range(_HEADING):
        if "\t" not in text[start:end]:
            break
        heading = text[start:end]
        if not start:
            break
        start, end = line_of(text, start - 1)
    staff = EMPLOYEE.search(heading) is not None and "снилс" in heading.lower()
    return staff and not (writer and writer in row)


def is_beside_another(text: str, position: int, *, since: int, writer: str) -> bool:
    """Whether a name that is not the writer's stands before a number on its line, after the number before it."""
    start = max(text.rfind("\n", 0, position) + 1, since, position - _FAR)
    lead = text[start:position]
    own = writer.split(maxsplit=1)[0][:_SURNAME] if writer else ""
    return _NAME.search(lead) is not None and not (own and own in lead)
