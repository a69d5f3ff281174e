"""From the verdict on a letter and the facts of the store to what is done: pure, so that it can be told beforehand."""

from intake.letter import NoReplyReason
from tickets.answering import allowed, told
from tickets.merge import merge
from tickets.outcome import Facts, Outcome, Policy, Told, What
from tickets.repeats import unanswered_too_long
from tickets.ticket import Event, ReplyKind, State, TicketNow
from tickets.verdict import Disposition, Judged, Verdict
from validate.findings import Kind

_AUTOMATIC = (Disposition.AUTOMATIC, Disposition.UNREADABLE)


def settle(judged: Judged, facts: Facts, policy: Policy) -> Outcome:
    """What becomes of a letter.

    The same content twice is one letter: linked, no second ticket, no reply. But a person's letter whose first copy
    came by a list or a redirection, and was kept as a robot's, is the first of its own. A robot's letter is kept and
    shown, also one of which only the headers were taken: what a robot is stands in them. A letter that belongs to a
    ticket adds what it brings (merge.py). Everything else opens a ticket; a ticket that is only named is linked for a
    person to see, and nothing of it is told.
    """
    verdict = judged.verdict
    automatic = verdict.disposition in _AUTOMATIC
    if facts.same_letter is not None and (automatic or not facts.same_was_a_robots):
        return Outcome(
            what=What.DUPLICATE, fields={}, same_letter=facts.same_letter, reason=NoReplyReason.ALREADY_ANSWERED
        )
    if automatic:
        return Outcome(what=What.AUTOMATIC, fields={}, reason=verdict.no_reply_reason or NoReplyReason.AUTO_SUBMITTED)
    joined = facts.joined
    if joined is not None and (joined.state is not State.CLOSED or policy.reopens):
        return merge(joined, judged, facts, policy)
    return _open(verdict, facts, policy)


def _open(verdict: Verdict, facts: Facts, policy: Policy) -> Outcome:
    other = facts.named or facts.joined
    wanted = ReplyKind.MISSING_INFORMATION if verdict.missing else ReplyKind.ACKNOWLEDGEMENT
    if facts.too_large:
        wanted = ReplyKind.TOO_LARGE
    reply, reason = allowed(wanted, verdict, facts, policy, life=0)
    waits = reply is not None and wanted is not ReplyKind.ACKNOWLEDGEMENT
    late = other is not None and verdict.kind is Kind.REPEAT and unanswered_too_long(other, facts, policy)
    return Outcome(
        what=What.OPEN,
        fields={name: value for name, value in verdict.fields if value},
        missing=verdict.missing,
        state=State.WAITING if waits else State.NEW,
        link_to=other.id if other else None,
        reply=reply,
        reason=reason,
        needs_person=verdict.needs_review or verdict.kind is Kind.COMPLAINT or other is not None,
        raised=verdict.kind is Kind.REPEAT,
        escalated=late,
        history=((Event.OPENED, {}), *_linked(other), *_escalated(late), *told(reply, reason)),
    )


def _linked(other: TicketNow | None) -> Told:
    return ((Event.LINKED, {"to": other.number}),) if other else ()


def _escalated(late: bool) -> Told:
    return ((Event.ESCALATED, {}),) if late else ()
