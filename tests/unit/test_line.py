"""Which end of a line is served next."""

import pytest

from store.line import LONG_MS, newest_next


@pytest.mark.parametrize(
    ("took_newest", "waited_ms", "expected"),
    [
        pytest.param(False, 0, False, id="nobody waits long"),
        pytest.param(False, -LONG_MS, False, id="the later letters of one sender, and nobody else"),
        pytest.param(False, LONG_MS + 1, True, id="the first waited over a minute"),
        pytest.param(True, LONG_MS + 1, False, id="and after the newest comes the first again"),
    ],
)
def test_the_newest_comes_every_second_time_and_only_when_the_line_is_long(
    took_newest: bool, waited_ms: int, expected: bool
) -> None:
    assert newest_next(took_newest=took_newest, waited_ms=waited_ms) is expected
