"""A reader for tests of the loops: it judges by the first word of the body; worker processes import it."""

import os
import time
from collections.abc import Callable

from intake.letter import NoReplyReason
from service.errors import Temporary
from tickets.verdict import Clues, Disposition, Fields, Judged, Reply, Verdict, unreadable
from validate.findings import Kind


def plain_reader() -> Callable[[bytes], bytes]:
    """`die` kills its worker, `hang` overruns, anything else is a ticket."""

    def work(raw: bytes) -> bytes:
        body = raw.partition(b"\n\n")[2].strip()
        if body == b"die":
            os._exit(9)
        if body == b"wait":
            raise Temporary("the scanner is away; start it")
        if body == b"hang":
            time.sleep(60)
        return judged(raw.partition(b"\n")[0].decode(), body.decode()).model_dump_json().encode()

    return work


def judged(sender: str, text: str) -> Judged:
    """A verdict and clues with nothing but a sender and a description."""
    verdict = unreadable(None).model_copy(
        update={
            "sender": sender.removeprefix("From: "),
            "disposition": Disposition.TICKET,
            "reply": Reply.ACKNOWLEDGEMENT,
            "no_reply_reason": None,
            "fields": Fields(description=text),
            "kind": Kind.REQUEST,
        }
    )
    assert isinstance(verdict, Verdict)
    assert verdict.no_reply_reason is not NoReplyReason.UNREADABLE
    clues = Clues(
        references=(),
        recipients=(),
        sent=None,
        subject="",
        auto_rule="",
        sender_verified=None,
        content_key=text,
        why=(),
        written={},
        model="none",
    )
    return Judged(verdict=verdict, clues=clues)
