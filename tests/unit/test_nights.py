"""Which of the nightly backups are over."""

from datetime import UTC, datetime, timedelta

import pytest

from commands.nights import NAME, WRITTEN, over

NOW = datetime(2026, 11, 27, 3, 0, 0, tzinfo=UTC)


def night(ago: float) -> str:
    return (NOW - timedelta(days=ago)).strftime(WRITTEN)


@pytest.mark.parametrize(
    ("ages", "keep", "days", "gone"),
    [
        ([0], 1, None, []),
        ([0, 1, 2], 14, None, []),
        ([0, 1, 2], 2, None, [2]),
        ([0, 1, 2], 1, None, [2, 1]),
        ([0, 1, 15], 14, 14, [15]),
        ([0, 14], 14, 14, []),
        ([0, 14.1], 14, 14, [14.1]),
        ([40], 1, 14, []),  # the newest is never over, however old
        ([40, 50], 2, 14, [50]),
        ([], 1, 14, []),
    ],
)
def test_the_oldest_are_over_by_number_or_by_age(
    ages: list[float], keep: int, days: int | None, gone: list[float]
) -> None:
    names = [night(age) for age in ages]
    assert all(NAME.fullmatch(name) for name in names)
    assert over(names, now=NOW, keep=keep, days=days) == [night(age) for age in gone]
