"""Back-off with jitter, capped."""

import random


class Patience:
    """Doubles the pause after each fault, from `first` to `longest` seconds, each spread over ±30 %."""

    def __init__(self, *, first: float, longest: float) -> None:
        self._first, self._longest = first, longest
        self._next = first

    def next(self) -> float:
        """Seconds to wait after this fault."""
        pause, self._next = self._next, min(self._next * 2, self._longest)
        return pause * random.uniform(0.7, 1.3)  # noqa: S311  # spreads load, guards nothing

    def calm(self) -> None:
        """All is well again."""
        self._next = self._first


def back_off_ms(attempts: int, *, first_ms: int, longest_ms: int) -> int:
    """The pause before the next try of something whose attempts are counted in the store."""
    pause = min(first_ms * 2 ** min(attempts - 1, 30), longest_ms)
    return int(pause * random.uniform(0.7, 1.3))  # noqa: S311  # spreads load, guards nothing
