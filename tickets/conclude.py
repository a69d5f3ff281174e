"""From what was read to the verdict: who gets which reply, and the clues that settling needs."""

import hashlib

from classify.prediction import Prediction
from intake.letter import Letter, NoReplyReason, Screened
from tickets.verdict import (
    Attachment,
    Clues,
    Disposition,
    Fields,
    Judged,
    ProblemSaid,
    Reply,
    Verdict,
)
from validate.findings import Field, Findings, Found
from validate.requirements import Requirements, missing


def conclude(letter: Letter, screened: Screened, findings: Findings, prediction: Prediction) -> Judged:
    """The verdict on a letter that could be read, and its clues."""
    return Judged(
        verdict=_verdict(letter, screened, findings, prediction), clues=_clues(letter, screened, findings, prediction)
    )


def _verdict(letter: Letter, screened: Screened, findings: Findings, prediction: Prediction) -> Verdict:
    missing = () if screened.automatic else findings.missing
    reason = screened.reason
    reply = None if reason else Reply.MISSING_INFORMATION if missing else Reply.ACKNOWLEDGEMENT
    return Verdict(
        message_id=letter.message_id,
        sender=letter.sender.email if letter.sender and reason is not NoReplyReason.NO_SENDER else None,
        disposition=_disposition(screened),
        reply=reply,
        no_reply_reason=reason,
        kind=findings.kind,
        topic=prediction.topic,
        confidence=round(prediction.confidence, 4),
        needs_review=prediction.needs_review,
        topics=tuple((topic, round(share, 4)) for topic, share in prediction.topics[:3]),
        fields=Fields(**{field.value: found.value for field, found in findings.found.items()}),
        missing=missing,
        problems=tuple(ProblemSaid(field=p.field.value, value=p.value, reason=p.reason) for p in findings.problems),
        attachments=tuple(
            Attachment(name=f.name, size=f.size, type=f.type, accepted=f.accepted, reason=f.reason)
            for f in findings.files
        ),
    )


def by_a_person(judged: Judged, rules: Requirements) -> Judged:
    """The same letter when staff say that a person wrote it (rulings 17): it opens its ticket and is answered.

    Where the answer goes is still the letter's own sender; without one nobody can be answered.
    """
    verdict = judged.verdict
    found = {
        Field(name): Found(value=str(value), written=str(judged.clues.written.get(name, value)))
        for name, value in verdict.fields
        if value
    }
    lacking = missing(verdict.kind, verdict.topic, found, rules)
    reply = Reply.MISSING_INFORMATION if lacking else Reply.ACKNOWLEDGEMENT
    return judged.model_copy(
        update={
            "verdict": verdict.model_copy(
                update={
                    "disposition": Disposition.TICKET,
                    "missing": lacking,
                    "reply": reply if verdict.sender else None,
                    "no_reply_reason": None if verdict.sender else NoReplyReason.NO_SENDER,
                }
            )
        }
    )


def _disposition(screened: Screened) -> Disposition:
    """`update` needs the store: a ticket is recorded as one when the letter joins an earlier one (outbox/record.py)."""
    return Disposition.AUTOMATIC if screened.automatic else Disposition.TICKET


def _clues(letter: Letter, screened: Screened, findings: Findings, prediction: Prediction) -> Clues:
    references = dict.fromkeys((*letter.in_reply_to, *reversed(letter.references)))
    return Clues(
        references=tuple(references),
        recipients=letter.recipients,
        sent=letter.sent.isoformat() if letter.sent else None,
        subject=letter.subject,
        auto_rule=screened.rule,
        sender_verified=screened.verified,
        content_key=content_key(letter),
        why=prediction.why,
        written={
            field.value: found.written for field, found in findings.found.items() if field is not Field.DESCRIPTION
        },
        model=prediction.model,
        unknown=prediction.unknown,
        asks_status=findings.asks_status,
        adds=findings.adds,
        delivery_failed=screened.delivery_failed,
        unscanned=sum(file.scanned is False for file in findings.files),
        bounced=screened.bounced,
    )


def content_key(letter: Letter) -> str:
    """One letter under two transports is one letter: From, Message-ID, decoded text and files agree (rulings 6).

    Servers rewrite bytes and aliases deliver twice; Message-ID alone proves nothing, so the content is in it. Without
    a Message-ID, or without words, Date and subject must agree too: people send the same words again weeks later, or
    an empty letter with everything in its subject from a program that gives each the same Message-ID. (Routes may mark
    a subject, so not otherwise.) With neither Message-ID nor Date a letter is like no other, but by its bytes: "".
    """
    date, message_id = " ".join((letter.header("date") or "").split()), letter.message_id or ""
    if not date and not message_id:
        return ""
    more = () if message_id and letter.text.strip() else (date, letter.subject)
    digest = hashlib.sha256()
    for part in (letter.sender.email if letter.sender else "", message_id, letter.text, *more):
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    for file in letter.files:
        digest.update(hashlib.sha256(file.data).digest())
    return digest.hexdigest()
