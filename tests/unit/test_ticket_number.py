"""The ticket's number: made, checked, and safe against slips of the tongue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.number import check_number, make_number

YEARS, SEQUENCES = st.integers(0, 99), st.integers(1, 10**10 - 1)


@pytest.mark.parametrize(
    ("year", "sequence", "number"),
    [
        (26, 12345, "26-0012345-5"),
        (0, 1, "00-0000001-8"),
        (99, 9999999, "99-9999999-9"),
        (26, 12345678, "26-12345678-7"),
    ],
)
def test_a_number_is_year_sequence_and_luhn(year: int, sequence: int, number: str) -> None:
    assert make_number(year, sequence) == number
    assert check_number(number)


@pytest.mark.parametrize(("year", "sequence"), [(-1, 1), (100, 1), (26, 0), (26, 10**10)])
def test_what_no_number_can_carry_is_refused(year: int, sequence: int) -> None:
    with pytest.raises(ValueError, match="no ticket number"):
        make_number(year, sequence)


@pytest.mark.parametrize(
    "text",
    [
        "26-0012345-6",
        "26-012345-5",
        "26-0012345-5 ",
        "26 0012345 5",
        "",
        "26-0012345-5\n",
        "٢٦-0012345-5",
        "26-00000012345-5",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert not check_number(text)


@given(YEARS, SEQUENCES, st.data())
def test_one_wrong_digit_is_found(year: int, sequence: int, data: st.DataObject) -> None:
    number = make_number(year, sequence)
    place = data.draw(st.sampled_from([at for at, sign in enumerate(number) if sign.isdigit()]))
    digit = data.draw(st.sampled_from([sign for sign in "0123456789" if sign != number[place]]))
    assert not check_number(number[:place] + digit + number[place + 1 :])


@given(YEARS, SEQUENCES)
def test_every_number_made_is_right(year: int, sequence: int) -> None:
    assert check_number(make_number(year, sequence))
