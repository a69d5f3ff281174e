"""The ticket's number, as people read it over the phone: 26-0012345-5 (rulings 12).

Year in two digits, sequence of the year in seven digits or more, a Luhn check digit over all digits (ISO/IEC 7812-1,
annex B): it finds every single wrong digit, and every swap of neighbours but 09 and 90.
"""

import re

from validate.check_digits import luhn_is_valid

DIGITS = 7  # what we write at least
DIGITS_MOST = 10  # what readers take

_WRITTEN = re.compile(rf"([0-9]{{2}})-([0-9]{{{DIGITS},{DIGITS_MOST}}})-([0-9])", re.ASCII)


def make_number(year2: int, sequence: int) -> str:
    """The number of the `sequence`-th ticket (from 1) of the year ending in `year2` (0 to 99).

    ValueError for what no number can carry.
    """
    if not 0 <= year2 <= 99 or not 1 <= sequence < 10**DIGITS_MOST:
        raise ValueError(f"no ticket number for year {year2}, sequence {sequence}")
    year, place = f"{year2:02}", f"{sequence:0{DIGITS}}"
    check = next(digit for digit in "0123456789" if luhn_is_valid(year + place + digit))
    return f"{year}-{place}-{check}"


def check_number(text: str) -> bool:
    """Whether the text is a ticket number, exactly as we write it, with the right check digit."""
    match = _WRITTEN.fullmatch(text)
    return match is not None and luhn_is_valid(match[1] + match[2] + match[3])
