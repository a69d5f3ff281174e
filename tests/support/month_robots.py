"""Those who are no citizens in the simulated month: desks, loops, lists, bounces, forgers."""

from functools import partial

from boxed_desk import DAY, HOUR, MINUTE, Sent
from citizens import TROUBLE, write
from month import DAYS, World

PASS = ("Authentication-Results", "mx.desk.example; dmarc=pass")


def another_desk(world: World, *, says_so: bool) -> None:
    """A desk that opens a ticket for each letter of ours and tells us; the rude one marks nothing."""
    name = "honest" if says_so else "rude"
    address = f"{name}@other.example"

    def speaks(answers: str | None, subject: str, count: int) -> None:
        body = f"Ваше обращение принято и получило номер REQ-{count}. Срок ответа три дня."
        if says_so:
            body += "\nЭто письмо сформировано автоматически, отвечать на него не нужно."
        headers = [PASS, *([("Auto-Submitted", "auto-replied")] if says_so else [])]
        world.arrived[f"desk, {name}"] += 1
        raw = write(
            address, body, subject=f"[REQ-{count}] {subject}", at_ms=world.desk.clock.ms,
            message_id=f"{name}{count}@other.example", answers=answers, headers=headers,
        )  # fmt: skip
        world.desk.take(raw)

    def reads(letter: Sent) -> None:
        world.to_robots[name] += 1
        count = world.to_robots[name]
        answer = partial(speaks, str(letter.message["Message-ID"]), f"Re: {letter.message['Subject']}", count)
        world.later(MINUTE, answer)

    world.readers[address] = reads
    world.at(DAY, lambda: speaks(None, "Ваш запрос", 0))


def loop(world: World) -> None:
    """An address that sends everything back to the desk, as it came."""
    address = "forward@loop.example"

    def reads(letter: Sent) -> None:
        world.to_robots["loop"] += 1
        world.later(MINUTE, lambda: _back(world, letter.raw))

    world.readers[address] = reads
    world.at(2 * DAY, lambda: world.desk.take(write(address, TROUBLE, at_ms=world.desk.clock.ms, message_id="l@loop.example", headers=(PASS,))))  # fmt: skip


def _back(world: World, raw: bytes) -> None:
    world.arrived["loop"] += 1
    world.desk.take(b"Received: from loop.example\r\n" + raw)


def lists(world: World, count: int) -> None:
    """Newsletters and robots that nobody reads."""
    for place in range(count):
        headers = [("List-Unsubscribe", "<mailto:out@news.example>")] if place % 2 else [("Precedence", "bulk")]
        address = "news@news.example" if place % 3 else "no-reply@shop.example"
        send = partial(_robot, world, address, f"Новости недели {place}", headers, place)
        world.at(place * DAYS * DAY // count, send)
        world.readers[address] = lambda _letter: world.to_robots.update(["lists"])


def _robot(world: World, address: str, body: str, headers: list[tuple[str, str]], place: int) -> None:
    world.arrived["lists and robots"] += 1
    raw = write(address, body, at_ms=world.desk.clock.ms, message_id=f"n{place}@news.example", headers=(PASS, *headers))
    world.desk.take(raw)


def joe_job(world: World, count: int, *, dmarc: str, victims: int) -> None:
    """Letters with forged senders: the desk must not become the forger's gun."""
    for place in range(count):
        victim = f"{dmarc}{place % victims}@victim.example"
        world.readers.setdefault(victim, lambda _letter: world.to_robots.update([f"victims, dmarc={dmarc}"]))
        world.at(5 * DAY + place * MINUTE, partial(_forged, world, victim, dmarc, place))


def _forged(world: World, victim: str, dmarc: str, place: int) -> None:
    world.arrived[f"forged, dmarc={dmarc}"] += 1
    headers = (("Authentication-Results", f"mx.desk.example; dmarc={dmarc}"),)
    body = f"{TROUBLE} Случай номер {place}."
    raw = write(victim, body, at_ms=world.desk.clock.ms, message_id=f"{dmarc}{place}@evil.example", headers=headers)
    world.desk.take(raw)


def wrong_addresses(world: World, count: int) -> None:
    """Citizens whose address does not exist: our letters come back."""
    for citizen in world.citizens[:count]:
        world.readers[citizen.address] = partial(_bounce, world)


def _bounce(world: World, letter: Sent) -> None:
    world.arrived["bounces"] += 1
    body = f"This is the mail system. I'm sorry to have to inform you that your message could not be delivered.\n550 5.1.1 User unknown\n\nMessage-ID: {letter.message['Message-ID']}"
    raw = write(
        "mailer-daemon@mx.post.example", body, subject="Undelivered Mail Returned to Sender", at_ms=world.desk.clock.ms,
        message_id=f"b{len(world.desk.sent)}@mx.post.example", to=(letter.envelope_from,),
    )  # fmt: skip
    world.desk.take(raw)


def all_of_them(world: World, *, scale: int) -> None:
    """Everybody but the citizens, in numbers that grow with the desk."""
    another_desk(world, says_so=True)
    another_desk(world, says_so=False)
    loop(world)
    lists(world, 10 * scale)
    joe_job(world, 30 * scale, dmarc="fail", victims=10 * scale)
    joe_job(world, 10 * scale, dmarc="none", victims=1)
    wrong_addresses(world, 3 * scale)


__all__ = ["HOUR", "all_of_them"]
