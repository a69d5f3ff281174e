"""A working desk that gets into trouble, and what must be true of it a minute after."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from servers.chaos import letter
from servers.daemon import Daemon

MINUTE = 60.0
STRIKES_WITHIN = 70.0  # how long it may take until the step is reached again: a poll, a pause, a letter put off


@dataclass(kw_only=True)
class Desk:
    """A running daemon, and what it has done so far."""

    daemon: Daemon
    deliver: Callable[[bytes], None]  # into its mailbox
    lying: Callable[[], int]  # how many letters are in the inbox
    sent: int = 0
    slowest: dict[str, float] = field(default_factory=dict)

    def letter(self) -> None:
        """A letter comes."""
        self.deliver(letter(self.sent * 10))
        self.sent += 1

    @classmethod
    def at(cls, daemon: Daemon) -> "Desk":
        """With the daemon's own mail server."""
        server, user = daemon.mail_server, daemon.user
        server.maildir(user)
        return cls(daemon=daemon, deliver=lambda raw: server.deliver(user, raw), lying=lambda: server.lying(user))

    def begins(self, **environment: str) -> None:
        """The daemon starts, and works a first letter."""
        self.daemon.start(**environment)
        self.letter()
        self.daemon.until(self.done, seconds=150)

    def done(self) -> bool:
        """Every letter has its ticket, lies where it belongs and is answered."""
        return (
            self.daemon.count("SELECT count(*) FROM tickets") == self.sent
            and self.lying() == 0
            and self.daemon.count("SELECT count(*) FROM outbox WHERE state = 'sent'") == self.sent
        )

    def recovers(self, name: str) -> None:
        """Within a minute from now."""
        began = time.monotonic()
        self.daemon.until(self.done, seconds=MINUTE)
        self.slowest[name] = round(time.monotonic() - began, 1)

    def through(
        self, name: str, *, begin: Callable[[], object], struck: Callable[[], bool], end: Callable[[], object]
    ) -> None:
        """One trouble: it begins, a letter comes, it has struck, it ends; then all is well within a minute.

        A letter that comes after it is among what must be well: the first may have been done before it struck.
        """
        begin()
        self.letter()
        self.daemon.until(struck, seconds=STRIKES_WITHIN)
        end()
        self.letter()
        self.recovers(name)

    def in_order(self, *, repeats: int = 0) -> None:
        """What holds after any trouble."""
        assert self.daemon.count("SELECT count(*) FROM letters") == self.sent
        replies = self.daemon.mta.wait(self.sent)
        names = {raw.partition(b"Message-ID: <")[2].partition(b">")[0] for raw in replies}
        assert len(names) == self.sent
        assert len(replies) <= self.sent + repeats
        assert self.daemon.verified() == []
        assert "Traceback" not in self.daemon.log()
        print(self.slowest)
