"""Passwords: argon2id by the library's own measure, at most two checks at once, and waiting after failures."""

import asyncio
import time
from collections import OrderedDict

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10  # characters of a password
AT_ONCE = 2  # a check takes 64 MiB: a crowd at the door must not run into the service's memory limit
FREE_TRIES = 5
FIRST_WAIT, LONGEST_WAIT = 2.0, 900.0  # seconds, doubling with each further failure
FORGET_SECONDS = 3600.0
KNOWN_MOST = 10_000

_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("nobody has this password")  # an unknown login must take as long as a known one


def password_hash(password: str) -> str:
    """What the store keeps of a password."""
    return _HASHER.hash(password)


class Passwords:
    """Checks passwords of one process."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def right(self, kept: str | None, password: str) -> bool:
        """Whether it is the password; an account without one takes as long to say no."""
        async with self._turn:
            return await asyncio.to_thread(_verified, kept, password)


def _verified(kept: str | None, password: str) -> bool:
    try:
        return _HASHER.verify(kept or _NOBODY, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


class Throttle:
    """How long a login, or an address, must wait after failures. Kept in memory: a restart forgets it."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, *names: str) -> float:
        """Seconds until any of these may try again; 0: now."""
        now = time.monotonic()
        return max(0.0, *(self._until(name, now) - now for name in names))

    def failed(self, *names: str) -> None:
        """One more failure of each."""
        now = time.monotonic()
        for name in names:
            count, last = self._failures.pop(name, (0, now))
            self._failures[name] = (1 if now - last > FORGET_SECONDS else count + 1, now)
            if len(self._failures) > KNOWN_MOST:
                self._failures.popitem(last=False)

    def passed(self, *names: str) -> None:
        """Forgets their failures."""
        for name in names:
            self._failures.pop(name, None)

    def _until(self, name: str, now: float) -> float:
        count, last = self._failures.get(name, (0, now))
        if count < FREE_TRIES or now - last > FORGET_SECONDS:
            return now
        return last + min(FIRST_WAIT * 2.0 ** (count - FREE_TRIES), LONGEST_WAIT)
