"""Whether a letter of ours leaves, and why not: the bounds that end loops."""

from intake.letter import NoReplyReason
from tickets.outcome import Facts, Policy, Told
from tickets.ticket import Event, ReplyKind
from tickets.verdict import Verdict


def allowed(
    wanted: ReplyKind, verdict: Verdict, facts: Facts, policy: Policy, *, life: int
) -> tuple[ReplyKind | None, NoReplyReason | None]:
    """The reply, or why none: the letter's own reason first, then an address that bounced, then the limits.

    The breaker takes no reply away: it is written and held until a person releases it (outbox/queue.py).
    """
    if verdict.no_reply_reason is not None:
        return None, verdict.no_reply_reason
    if facts.silent:
        return None, NoReplyReason.ALREADY_ANSWERED
    if verdict.sender is None:
        return None, NoReplyReason.NO_SENDER
    if facts.bounced:
        return None, NoReplyReason.BOUNCED_ADDRESS
    if facts.robot_letters >= policy.letters_a_day or life >= policy.letters_a_ticket:
        return None, NoReplyReason.TOO_MANY
    return wanted, None


def told(reply: ReplyKind | None, reason: NoReplyReason | None) -> Told:
    """In the ticket's history stands why a letter of ours was sent or was not."""
    if reply is not None:
        return ((Event.REPLY_QUEUED, {"kind": reply}),)
    return ((Event.NOT_ANSWERED, {"reason": reason}),) if reason is not None else ()
