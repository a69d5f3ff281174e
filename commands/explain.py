"""`explain`: one letter through every step, each with its reason; nothing is kept and nothing is sent."""

import argparse
import asyncio
import email
import email.policy
import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from commands.line import DONE, FAILED, House, add_config, settings_of
from commands.rooms import accessed, blobs_of, opened_store
from commands.telling import moment, size
from outbox.answer import Answers
from outbox.record import Recorder
from service.settings import Settings
from service.workers import Overran, Workers
from store import rows, shown
from store.database import Store
from store.listing import history_of
from store.parked import LetterLine, letter_by_id, letters_named
from store.records import ClaimedLetter, NewLetter
from store.schema import letters, mailboxes, outbox
from tickets.verdict import Judged
from triage.access import Seen

NAME = "explain"
HELP = "take one letter through every step and say why; a dry run"
EXAMPLE = "priemnaya explain 26-0000012-9 --config /etc/priemnaya/priemnaya.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """What would become of a letter that came in now."""

    outcome: str
    reply: str | None  # its text


class _Undone(Exception):
    """Ends a transaction whose work is not wanted."""

    def __init__(self, became: Became) -> None:
        super().__init__()
        self.became = became


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("message", help="a file, a letter's id, a ticket's number, or a Message-ID")
    parser.add_argument("--json", action="store_true", help="one JSON object a letter, one a line")
    add_config(parser, required=True)


def run(args: argparse.Namespace, house: House) -> int:
    """0 when the letter was found and read, 1 when not."""
    settings = settings_of(args)
    with opened_store(settings) as store:
        path = Path(args.message)
        if path.is_file():
            found: list[tuple[LetterLine | None, bytes]] = [(None, path.read_bytes())]
        else:
            kept = [one for one in _kept(store, args.message) if one.blob is not None]
            found = [(one, blobs_of(settings).read(one.blob or "")) for one in kept]
            for one in kept:
                accessed(store, what=Seen.EXPLAINED, letter_id=one.id, ticket_id=one.ticket_id)
        if not found:
            print(f"priemnaya: {args.message}: neither a file nor a letter kept here", file=sys.stderr)
            return FAILED
        return max(_one(store, settings, house, line, raw, as_json=args.json) for line, raw in found)


def _kept(store: Store, said: str) -> tuple[LetterLine, ...]:
    with store.reading() as conn:
        if said.isdecimal():
            one = letter_by_id(conn, int(said))
            return () if one is None else (one,)
        return letters_named(conn, said.strip("<>"))


def _one(store: Store, settings: Settings, house: House, line: LetterLine | None, raw: bytes, *, as_json: bool) -> int:
    try:
        judged = asyncio.run(_judged(settings, house, raw))
    except Overran as overran:
        print(f"reading it broke the limit: {overran}; the daemon would set it aside after the second time")
        return FAILED
    became = None if line is not None else _settled(store, settings, raw, judged)
    past, repeats = _past(store, line), _repeats(store, line)
    if as_json:
        said = {"letter": None if line is None else line.id, **judged.model_dump(mode="json"), "history": past}
        said |= {"repeats": repeats}
        said |= {} if became is None else {"outcome": became.outcome, "reply_text": became.reply}
        print(json.dumps(said, ensure_ascii=False))
    else:
        after = [*_after(became, past, line, settings), *_again(repeats)]
        print("\n".join([*_reading(judged, raw), *after, ""]))
    return DONE


async def _judged(settings: Settings, house: House, raw: bytes) -> Judged:
    """By the daemon's code, under the daemon's limits."""
    limits = settings.reading
    workers = Workers(house.reader(settings), count=1, seconds=limits.seconds, memory_mb=limits.memory_mb)
    await workers.start()
    try:
        return Judged.model_validate_json(await workers.do(raw))
    finally:
        await workers.stop()


def _settled(store: Store, settings: Settings, raw: bytes, judged: Judged) -> Became:
    """The whole settling as the daemon does it, in a transaction that is rolled back."""
    try:
        with store.writing() as conn:
            raise _Undone(_recorded(conn, settings, raw, judged))
    except _Undone as undone:
        return undone.became


def _recorded(conn: Connection, settings: Settings, raw: bytes, judged: Judged) -> Became:
    mailbox = conn.execute(select(mailboxes.c.id)).scalar()
    if mailbox is None:
        made = mailboxes.insert().values(identity="explain", since_ms=0).returning(mailboxes.c.id)
        mailbox = conn.execute(made).scalar_one()
    digest = hashlib.sha256(raw).hexdigest()
    new = NewLetter(uid=None, blob="explain", sha256=digest, size=len(raw), arrived_ms=None, sender=None)
    (got,) = rows.receive(conn, mailbox, None, [new])
    if got.known:
        return Became(outcome=f"known: these bytes are letter {got.letter_id} already", reply=None)
    row = conn.execute(select(letters).where(letters.c.id == got.letter_id)).mappings().one()
    claim = ClaimedLetter(**{name: row[name] for name in ClaimedLetter.__dataclass_fields__})
    answers = Answers(settings)
    try:
        outcome = Recorder(settings, answers).record(conn, claim, judged)
    finally:
        answers.close()
    written = conn.execute(select(outbox.c.raw).where(outbox.c.letter_id == claim.id)).scalar()
    return Became(outcome=outcome, reply=None if written is None else _text_of(bytes(written)))


def _text_of(raw: bytes) -> str:
    message = email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)
    body = message.get_body(("plain",))
    text = "" if body is None else str(body.get_content())
    return f"Subject: {message['Subject']}\n\n{text.strip()}"


def _past(store: Store, line: LetterLine | None) -> list[dict[str, Any]]:
    if line is None or line.ticket_id is None:
        return []
    with store.reading() as conn:
        return [
            {"at_ms": row.at_ms, "who": row.who, "what": row.what, "data": row.data}
            for row in history_of(conn, line.ticket_id)["history"]
        ]


def _repeats(store: Store, line: LetterLine | None) -> dict[str, Any] | None:
    """The letter that this one repeats, and its ticket."""
    if line is None:
        return None
    with store.reading() as conn:
        found = shown.letter(conn, line.id)
    return None if found is None or found.same_as is None else {"letter": found.same_as, "ticket": found.same_number}


def _again(repeats: dict[str, Any] | None) -> Iterator[str]:
    if repeats is not None:
        yield f"   repeats   letter {repeats['letter']}; ticket {repeats['ticket'] or 'none'}"


def _reading(judged: Judged, raw: bytes) -> Iterator[str]:
    verdict, clues = judged.verdict, judged.clues
    yield f"1 letter     {size(len(raw))}, Message-ID {verdict.message_id or 'none'}, sent {clues.sent or 'unknown'}"
    yield f"2 sender     {verdict.sender or 'none'}; verified by the trusted server: {clues.sender_verified}"
    yield f"3 screening  {verdict.disposition}: {clues.auto_rule or 'a person, no rule says otherwise'}"
    yield f"4 kind       {verdict.kind}"
    for name, value in verdict.fields:
        if value:
            written = clues.written.get(name)
            where = f"   ← «{' '.join(written.split())[:100]}»" if written else ""
            yield f"5 field      {name}: {' '.join(value.split())[:200]}{where}"
    for problem in verdict.problems:
        yield f"5 problem    {problem.field}: {problem.value}: {problem.reason}"
    yield f"6 missing    {', '.join(verdict.missing) or 'nothing'}"
    for file in verdict.attachments:
        fate = file.reason or ("accepted" if file.accepted else "furniture")
        yield f"7 file       {file.name}: {file.type}, {size(file.size)}: {fate}"
    shares = ", ".join(f"{topic} {share:.2f}" for topic, share in verdict.topics)
    yield f"8 topic      {shares}{'; a person confirms it' if verdict.needs_review else ''} (model {clues.model})"
    yield f"             by the words: {', '.join(clues.why) or 'none stood out'}"
    yield f"9 answer     {verdict.reply or f'none: {verdict.no_reply_reason}'}, by the letter alone"


def _after(
    became: Became | None, past: list[dict[str, Any]], line: LetterLine | None, settings: Settings
) -> Iterator[str]:
    if became is not None:
        yield f"10 settling  {became.outcome}, if it came in now (the number is not taken)"
        if became.reply:
            yield "\n".join(f"    {text}".rstrip() for text in ["", *became.reply.splitlines()])
    if line is not None:
        yield f"10 settled   {line.state}{f': {line.reason}' if line.reason else ''}; ticket {line.number or 'none'}"
    for one in past:
        yield f"   history   {moment(one['at_ms'], settings)}  {one['who']}: {one['what']} {one['data'] or ''}".rstrip()
