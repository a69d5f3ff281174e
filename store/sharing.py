"""Who finds the one writer of a SQLite file busy may have his writing done by him, at the end of his transaction.

A commit waits for the disk while it holds the writer, and all who wait for the writer wait for that too. Seen in
practice: with letters being settled the writer was held for 78 % of the time, a third of it by the marks of single
replies, mostly for their commits.
"""

from collections.abc import Callable
from threading import Event, Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from service.errors import PriemnayaError, Temporary

T = TypeVar("T")
BUSY = "the store is busy: no other writing ended in time; it is tried again"


class Guest(Generic[T]):
    """A writing that waits for the end of another's transaction."""

    def __init__(self, act: Callable[[Connection], T]) -> None:
        self._act = act
        self._ended = Event()
        self._result: list[T] = []  # none: it was not done
        self._fault: Exception | None = None

    def take(self, conn: Connection) -> None:
        """Does it; its own fault is nobody else's."""
        try:
            self._result.append(self._act(conn))
        except Exception as fault:  # noqa: BLE001  # whatever it is, it belongs to who asked
            self._fault = fault

    def end(self, fault: BaseException | None) -> None:
        """The transaction is over; `fault`: it is rolled back, or nobody knows."""
        if fault is not None and (self._result or self._fault):
            self._fault = fault if isinstance(fault, PriemnayaError) else Temporary("another's writing broke off")
        self._ended.set()

    def wait(self, seconds: float) -> bool:
        """Whether the transaction ended within that time."""
        return self._ended.wait(seconds)

    def wait_out(self) -> None:
        """Until the transaction that took it along has ended, which is at its commit."""
        self._ended.wait()

    def done(self) -> bool:
        """Whether it was done; False: it must go by itself."""
        return bool(self._result) or self._fault is not None

    def result(self) -> T:
        """What it gave, or raises its fault or that of the commit."""
        if self._fault is not None:
            raise self._fault
        return self._result[0]


class Sharing:
    """Those who wait for the transaction that is open now, if one is; used from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open = False
        self._waiting: list[Guest[Any]] = []

    def open(self) -> None:
        """A transaction began, which takes guests."""
        with self._lock:
            self._open = True

    def close(self) -> list[Guest[Any]]:
        """It takes no more; those that it has."""
        with self._lock:
            guests, self._waiting, self._open = self._waiting, [], False
        return guests

    def ask(self, act: Callable[[Connection], T]) -> "Guest[T] | None":
        """To be taken along; None when no transaction is open."""
        with self._lock:
            if not self._open:
                return None
            guest = Guest(act)
            self._waiting.append(guest)
            return guest

    def wait(self, guest: "Guest[T]", seconds: float) -> None:
        """Until it was taken along, or left. Temporary when neither comes in time."""
        if guest.wait(seconds):
            return
        with self._lock:
            if guest in self._waiting:
                self._waiting.remove(guest)
                raise Temporary(BUSY)
        guest.wait_out()
