"""A desk that is killed all the time: letters come, processes and servers die at random and at every named step.

What is counted in the end is seen from outside: the mailbox, the store, the mailbox that received the replies.
"""

import contextlib
import email
import email.policy
import hashlib
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from servers.daemon import Daemon
from servers.running import descendants

from service.fault_points import Step

LEASE_SECONDS = 200  # the longest wait for work that a kill left in hand: the lease of a reply in flight, and a turn
STEPS_SECONDS = 1200  # for the steps that are left: each may cost the mailbox's lease
FEW = 12  # letters, or passes of a step
MAILBOX_SECONDS = 60  # until a mailbox whose holder was killed is held again
STEPS = {loop: [step for step in Step if step.split(":")[0] in rooms] for loop, rooms in {
    "intake": ("intake", "blobs"), "desk": ("desk",), "post": ("post",),
}.items()}  # fmt: skip
ELSEWHERE = frozenset(step for step in Step if step.startswith("forward:"))  # see tests/acceptance/test_forwarding.py
WITHOUT_MOVE = frozenset({Step.INTAKE_COPIED, Step.INTAKE_FLAGGED})  # never reached on a server that can MOVE

_LEASES = {
    "intake": "UPDATE mailboxes SET due = 0",
    "desk": "UPDATE letters SET due = 0 WHERE state = 'received'",
    "post": "UPDATE outbox SET due = 0 WHERE state = 'queued'",
}

_LETTER = """\
From: Citizen {n} <citizen.{n}@post.example>
To: support@desk.example
Subject: {subject}
Date: Tue, 17 Nov 2026 10:{minute:02}:00 +0300
Message-ID: <chaos-{n}@post.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit
{more}
{text}
"""
_TEXT = "Здравствуйте! Письмо номер {n}. Со вчерашнего вечера не приходит код подтверждения, не могу войти в кабинет.\n"
_SIGNED = "\nМещерякова Ольга Витальевна\n"
_FULL = "\nМещерякова Ольга Витальевна\nИНН 500100732259\nЭто началось 16 ноября 2026 года.\n"


def letter(n: int) -> bytes:
    """The n-th letter: one in ten is a robot's, three in ten lack something, the others have all."""
    robot = n % 10 == 9
    return _LETTER.format(
        n=n, minute=n % 60, subject="Не могу войти",
        more="Auto-Submitted: auto-replied\n" if robot else "",
        text=_TEXT.format(n=n) + (_SIGNED if n % 10 in (6, 7, 8) else _FULL),
    ).encode()  # fmt: skip


def resent(n: int) -> bytes:
    """The n-th letter once more, by another way: other bytes, the same words."""
    return b"Received: from elsewhere by mx.desk.example; Tue, 17 Nov 2026 10:59:00 +0300\n" + letter(n)


@dataclass(kw_only=True)
class Member:
    """One daemon process of the crew."""

    name: str
    arguments: tuple[str, ...]
    loops: tuple[str, ...]
    process: "subprocess.Popen[bytes] | None" = None
    began: float = 0.0
    step: Step | None = None  # at which it will kill itself


@dataclass(kw_only=True)
class Told:
    """What was done to the desk, and what came of it."""

    kills: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    exits: Counter[str] = field(default_factory=Counter)  # ends that nobody asked for
    lost: list[str] = field(default_factory=list)
    second_tickets: list[str] = field(default_factory=list)
    different_replies: list[str] = field(default_factory=list)
    wrongly_answered: list[str] = field(default_factory=list)
    repeats: int = 0
    parked: int = 0  # letters in hand at five deaths of the house or two of workers; worked when a person said so
    flaws: list[object] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def all_kills(self) -> int:
        """However they were done."""
        return self.kills.total() + self.steps.total()

    def table(self) -> str:
        """All counts, one a line; of lists their length."""
        counted = {
            "seconds": round(self.seconds), "kills": self.all_kills, **self.kills,
            **{f"at {step}": count for step, count in sorted(self.steps.items())},
            **{f"ended unasked {name}": count for name, count in self.exits.items()},
            "lost letters": len(self.lost), "second tickets": len(self.second_tickets),
            "different replies to one letter": len(self.different_replies),
            "wrongly answered": len(self.wrongly_answered), "replies sent twice": self.repeats,
            "set aside (rulings 4), then worked by hand": self.parked, "flaws of verify": len(self.flaws),
        }  # fmt: skip
        return "\n".join(f"{count:>8}  {name}" for name, count in counted.items())


class Chaos:
    """Runs a crew on one store and kills; `servers` are further victims: a name, how it is killed and started."""

    def __init__(
        self,
        daemon: Daemon,
        *,
        crew: tuple[str, ...],
        servers: dict[str, tuple[Callable[[], None], Callable[[], None]]],
        seed: int,
        hastened: bool = False,
        steps: frozenset[Step] = frozenset(Step) - WITHOUT_MOVE - ELSEWHERE,
    ) -> None:
        """`hastened`: leases of the dead end at once; for a crew of which each loop has one process only.

        `steps`: those to be killed at.
        """
        self._steps = steps
        self._hastened = hastened
        self.daemon, self.servers, self.told = daemon, servers, Told()
        self._random = random.Random(seed)  # noqa: S311  # it chooses victims, and guards nothing
        self._crew = [self._member(number, loops) for number, loops in enumerate(crew)]
        self._delivered = 0
        self._armed_share, self._passes_most = 0.7, 120
        self._victims = (*servers, "worker", "nursery", "process")
        self._in_turn: tuple[str, ...] = ()  # who of them come first while they were spared so far,
        self._in_turn_from = 0  # after so many kills
        self._letters = 0

    @staticmethod
    def _member(number: int, loops: str) -> Member:
        if loops == "all":
            return Member(name=f"all-{number}", arguments=(), loops=tuple(STEPS))
        return Member(name=f"{loops}-{number}", arguments=("--only", loops), loops=(loops,))

    def run(self, *, letters: int, kills: int, pause: float, each: bool = False) -> Told:
        """Delivers the letters while it kills, lets the desk finish in peace, and counts.

        `each`: every kind of victim in turn, and no others; otherwise at random, from half of the kills on first those
        servers that were spared so far, and at last each named step not met.
        """
        self._in_turn_from = 0 if each else kills // 2
        self._in_turn = self._victims if each else tuple(self.servers)
        self._armed_share = 0.0 if each else self._armed_share
        began = time.monotonic()
        self._letters = letters
        while self.told.all_kills < kills:
            self._deliver(letters * 4 // 5 * (self.told.all_kills + 1) // kills)
            self._keep_alive()
            time.sleep(self._random.uniform(0.4, 1.6) * pause)
            self._keep_alive()
            self._strike()
        self._at_steps_left()
        self._deliver(letters)
        self._in_peace()
        self._count()
        self.told.seconds = time.monotonic() - began
        return self.told

    def _at_steps_left(self) -> None:
        """Kills at the steps that no kill met, one after the other, with the letters kept back for them.

        A few letters for each step, or for each time that a mailbox may stand without a holder: a quick desk would
        have done with them all before one that is armed holds it.
        """
        ends = time.monotonic() + STEPS_SECONDS
        met, more_from = -1, 0.0
        while (left := self._unmet()) and self._delivered < self._letters and time.monotonic() < ends:
            self._armed_share, self._passes_most = 1.0, FEW
            for member in self._crew:
                if member.process is not None and member.step not in left and left & set(self._steps_of(member)):
                    self.daemon.kill(member.process)
                    member.process = None
                    self.told.kills[f"process {'+'.join(member.loops)}"] += 1
            self._keep_alive()
            if not self._lying() and (self.told.steps.total() != met or time.monotonic() >= more_from):
                met, more_from = self.told.steps.total(), time.monotonic() + MAILBOX_SECONDS
                self._deliver(min(self._letters, self._delivered + FEW))
            time.sleep(1)

    def _lying(self) -> int:
        return self.daemon.mail_server.lying(self.daemon.user)

    def _unmet(self) -> set[Step]:
        """The steps to be killed at that were not met yet."""
        wanted = {step for member in self._crew for step in self._steps_of(member)} if self._armed_share else set()
        return {step for step in wanted if not self.told.steps[step]}

    def at_every_step(self, *, letters: int) -> Told:
        """The same with one kill at each named step and no others."""
        began = time.monotonic()
        self._letters, self._armed_share = letters, 1.0
        while self._unmet():
            self._deliver(letters * (len(self.told.steps) + 1) // (len(self._steps) + 1))
            self._keep_alive()
            time.sleep(0.1)
        self._deliver(letters)
        self._in_peace()
        self._count()
        self.told.seconds = time.monotonic() - began
        return self.told

    def _deliver(self, upto: int) -> None:
        for n in range(self._delivered, upto):
            twice = {3: [letter(n)], 7: [resent(n)]}.get(n % 25, [])
            self.daemon.mail_server.deliver(self.daemon.user, letter(n), *twice)
        self._delivered = max(self._delivered, upto)

    # --- kills

    def _keep_alive(self) -> None:
        """Starts what is dead, as systemd does; most are armed to die at the step that was met least so far."""
        for member in self._crew:
            status = member.process.poll() if member.process else None
            if member.process is not None and status is None:
                continue
            if member.process is not None:
                self._note_end(member, status)
                member.process = None
            self._let_leases_end(member)
            armed = self._random.random() < self._armed_share and not self._enough
            member.step = self._rarest(member) if armed and self._steps_of(member) else None
            passes = self._passes(member.step)
            fault = f"kill {member.step} {passes}" if member.step else ""
            member.process, member.began = self.daemon.start(*member.arguments, fault=fault), time.monotonic()

    def _passes(self, step: Step | None) -> int:
        """Not at the desk's first letter: one that is in hand at five deaths is set aside (rulings 4)."""
        if step is None or step in STEPS["intake"]:
            # Held once a connection; the others once a batch, which at last is all that comes
            rare = self._hastened or step is Step.INTAKE_HELD or self._passes_most == FEW
            return 1 if rare else self._random.randint(1, FEW)
        return 3 if self._hastened else self._random.randint(3, self._passes_most)

    def _let_leases_end(self, member: Member) -> None:
        if self._hastened and self.daemon.rows("SELECT id FROM mailboxes"):
            self.daemon.change(*(_LEASES[loop] for loop in member.loops))

    @property
    def _enough(self) -> bool:
        return self._delivered >= self._letters

    def _note_end(self, member: Member, status: int | None) -> None:
        if status == -signal.SIGKILL and member.step:
            self.told.steps[member.step] += 1
        else:
            self.told.exits[f"{member.name}:{status}"] += 1

    def _rarest(self, member: Member) -> Step:
        steps = self._steps_of(member)
        return min(steps, key=lambda step: (self.told.steps[step], self._random.random()))

    def _steps_of(self, member: Member) -> list[Step]:
        return [step for loop in member.loops for step in STEPS[loop] if step in self._steps]

    def _strike(self) -> None:
        spared = [name for name in self._in_turn if not self._met(name)]
        if spared and self.told.all_kills >= self._in_turn_from:
            victim = spared[0]
        else:
            victim = self._random.choices(self._victims, [*(1.5,) * len(self.servers), 2, 1, 8])[0]
        if victim in self.servers:
            kill, start = self.servers[victim]
            kill()
            self.told.kills[victim] += 1
            time.sleep(self._random.uniform(0.0, 1.0))
            start()
            return
        at_work = [one for one in self._crew if (victim == "process" or "desk" in one.loops) and self._works(one)]
        if not at_work:
            return
        member = self._random.choice(at_work)
        assert member.process is not None
        if victim == "process":
            self.daemon.kill(member.process)
            member.process = None
            self.told.kills[f"process {'+'.join(member.loops)}"] += 1
        else:
            self._kill_below(member.process.pid, victim)

    def _works(self, member: Member) -> bool:
        """It has come so far as to say so, and as to hold the mailbox: to kill it sooner would show little.

        One that is armed is left alone for two minutes, to die at its step.
        """
        process = member.process
        if member.step and not self._hastened and time.monotonic() - member.began < 2 * MAILBOX_SECONDS:
            return False
        if "intake" in member.loops and not self._hastened and time.monotonic() - member.began < MAILBOX_SECONDS:
            return False
        return process is not None and process.poll() is None and f" pid={process.pid}\n" in self.daemon.log()

    def _met(self, name: str) -> bool:
        return any(kind.split()[0] == name for kind in self.told.kills)

    def _kill_below(self, pid: int, victim: str) -> None:
        """A worker process, or the nursery that made it, which is its parent."""
        nurseries = [one for one in descendants(pid) if descendants(one)]
        found = nurseries if victim == "nursery" else [one for nursery in nurseries for one in descendants(nursery)]
        if found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._random.choice(found), signal.SIGKILL)
                self.told.kills[victim] += 1

    # --- the end

    def _in_peace(self) -> None:
        """No more kills, but of those armed: until all letters are settled and all replies are out."""
        waiting = "SELECT count(*) FROM letters WHERE state = 'received'"
        queued = "SELECT count(*) FROM outbox WHERE state = 'queued'"
        here = "SELECT count(*) FROM letters"

        def done() -> bool:
            self._keep_alive()
            time.sleep(0.5)
            return (
                self.daemon.count(here) >= self._letters
                and not self._lying()
                and self.daemon.count(waiting) == 0
                and self.daemon.count(queued) == 0
            )

        # An armed one dies yet: after a mailbox's lease for each, the last may take a reply in flight along
        armed = sum(member.step is not None for member in self._crew)
        self.daemon.until(done, seconds=LEASE_SECONDS + armed * MAILBOX_SECONDS + self._letters / 10)
        self.told.parked = self.daemon.count("SELECT count(*) FROM letters WHERE state = 'parked'")
        if self.told.parked:  # in hand at five deaths of the desk or at two of workers: set aside until a person says what this one says (rulings 4)
            self.daemon.command("parked", "reprocess", "--all")
            self.daemon.until(done, seconds=LEASE_SECONDS)
        for member in self._crew:
            if member.process is not None and member.process.poll() is None:
                self.daemon.stop(member.process, seconds=60)
        sent = self.daemon.count("SELECT count(*) FROM outbox WHERE state = 'sent'")
        self.daemon.mta.wait(sent, seconds=60)

    def _count(self) -> None:
        told, numbers = self.told, range(self._letters)
        moved = {_message_id(raw) for raw in self.daemon.mail_server.kept(self.daemon.user, "Processed")}
        found = self.daemon.rows("SELECT id, message_id, state, ticket_id FROM letters")
        names = {row.message_id for row in found}
        for name in (f"chaos-{n}@post.example" for n in numbers):
            if name not in names:
                told.lost.append(f"{name} has no row")
            if name not in moved:
                told.lost.append(f"{name} is not in Processed")
        told.lost += [f"{row.id} is {row.state}" for row in found if row.state in ("received", "parked")]
        self._count_tickets(found)
        self._count_replies()
        told.flaws = self.daemon.verified()

    def _count_tickets(self, found: list[object]) -> None:
        tickets = Counter(row.message_id for row in found if row.state == "settled")  # type: ignore[attr-defined]
        self.told.second_tickets += [name for name, count in tickets.items() if count > 1]
        wanted = {f"chaos-{n}@post.example" for n in range(self._letters) if n % 10 != 9}
        self.told.lost += [f"{name} has no ticket" for name in wanted - tickets.keys()][: self._letters]
        opened = self.daemon.count("SELECT count(*) FROM tickets")
        if opened != len(wanted):
            self.told.second_tickets.append(f"{opened} tickets for {len(wanted)} letters")

    def _count_replies(self) -> None:
        """By the letter that each answers: one Message-ID, one text; and who was answered at all."""
        replies: dict[str, list[tuple[str, str]]] = {}
        for raw in self.daemon.mta.delivered():
            message = email.message_from_bytes(raw, policy=email.policy.default)
            text = hashlib.sha256(raw.replace(b"\r", b"").partition(b"\n\n")[2]).hexdigest()
            replies.setdefault(str(message["In-Reply-To"]), []).append((str(message["Message-ID"]), text))
        wanted = {f"<chaos-{n}@post.example>" for n in range(self._letters) if n % 10 != 9}
        self.told.different_replies += [name for name, got in replies.items() if len(set(got)) > 1]
        self.told.repeats = sum(len(got) - 1 for got in replies.values())
        self.told.lost += [f"{name} has no reply" for name in wanted - replies.keys()]
        self.told.wrongly_answered += sorted(replies.keys() - wanted)


def _message_id(raw: bytes) -> str:
    return raw.partition(b"Message-ID: <")[2].partition(b">")[0].decode()
