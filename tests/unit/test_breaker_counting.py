"""The breaker's count does not make settling dear."""

from outbox.queue import COUNTED_EACH_TIME, Counting


class Seconds:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_small_limit_is_counted_with_every_letter() -> None:
    counting = Counting(600, clock=Seconds())
    assert [counting.how_far() for _ in range(3)] == [600, 600, 600]


def test_a_large_limit_is_counted_once_a_second() -> None:
    seconds, large = Seconds(), COUNTED_EACH_TIME + 1
    counting = Counting(large, clock=seconds)
    assert [counting.how_far() for _ in range(3)] == [large, 0, 0]
    seconds.now += 1
    assert [counting.how_far() for _ in range(2)] == [large, 0]
