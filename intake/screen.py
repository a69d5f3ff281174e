"""Who is no person: bounces, receipts, auto-replies, lists, loops, no-reply addresses; and whom we do not answer."""

from collections.abc import Callable

from intake.dmarc import dmarc
from intake.letter import Desk, Letter, NoReplyReason, Screened
from intake.returned import bounce, gives_up, null_path, receipt, returned
from intake.robot_headers import auto_submitted, loop, mailing_list, no_reply_address, robots_habits
from intake.robot_words import help_desk, robot_by_words

Rule = Callable[[Letter, Desk], str]


def screen(letter: Letter, desk: Desk) -> Screened:
    """Whether a person wrote, and whether the letter may be answered by itself.

    The policy, in the order in which it is held; the first that fits decides.

    1. RECEIPT (told as auto-submitted): "your letter was read", by its structure (RFC 8098), or by a subject and a
       first line that only mail programs write, both together.
    2. BOUNCE: a delivery report by its structure (RFC 3464) or X-Failed-Recipients; a bounce's subject from a
       mailer's address or under the null return path; and, since old servers write plain text, a bounce's subject, a
       bounce's first line and server talk, all three together, and nobody who asks or complains.
    3. LOOP: our own address in From, our X-Loop mark, or an automatic letter under a Message-ID of our domain.
    4. AUTO-SUBMITTED: the header of RFC 3834 with anything but "no"; the headers of robots older than it.
    5. LIST: any List-… header (RFC 2369, 2919) or Precedence: list, unless List-Id, List-Post or Mailing-List say that
       the list is an address of the desk's own.
    6. AUTO-SUBMITTED by what else robots write: Precedence bulk, junk or auto_…; X-Auto-Response-Suppress that
       names more than receipts; a calendar's answer to an invitation (RFC 5546). An invitation is a person's letter.
    7. NO-REPLY ADDRESS in From, mailers among them: nobody reads there. An address that says "auto-reply" is one
       too while nobody asks, complains or tells a fault there: a name is no header, and people choose such names.
    8. AUTO-SUBMITTED by words alone (seen in practice: mailboxes that answer without any header), never by one sign:
       a robot's subject, an absence told in the first person with whom to ask meanwhile, a sentence saying that it
       was written automatically, thanks for the letter, an answer to one of ours; a mailbox that says it is read no
       more and a machine's address that confirms a ticket of its own, when they answer ours and say nothing else (an
       address alone is no mailbox: people move house). An absence told twice, in the subject and below, is one sign.
       Whoever asks, complains, tells a fault, gives data or promises them in the same letter is a person; where an
       absence speaks for a robot, thanked for or not, so is who says a thing more than it.
    9. AUTO-SUBMITTED by the mark of a help desk or a forwarder (X-Loop and its like, of none of the desk's domains),
       where the letter is short and says that it was written automatically; or nothing more than that a ticket was
       opened, or, in answer to one of ours, than thanks for the letter. Such marks stand on any letter, also on what
       a colleague of another agency wrote by hand in OTRS, RT or Zendesk, and on all that a provider forwards:
       whoever says anything else is a person, however short. A robot that bears a mark and says nothing of itself is
       answered until the limits of robot letters end it.
    10. BOUNCE, whatever else is under the null return path (RFC 5321 §4.5.5: it must not be answered). It returns
       nothing: absence notes come so, and people behind odd servers. Nor does a report of a mere delay.
    11. A person's letter that is kept and opened, but not answered by itself: no sender, spam or a failed DMARC by
       the word of the trusted server only. A person decides.

    What silences nobody: Auto-Submitted: no; Precedence: first-class; X-Auto-Response-Suppress naming receipts
    only; Authentication-Results or spam headers of servers we were not told to trust; and a citizen who quotes a
    bounce, forwards one, or writes of an "автоответ".
    """
    verdict = dmarc(letter, desk)
    verified = {"pass": True, "fail": False}.get(verdict)
    for reason, rule in _ROBOTS:
        if name := rule(letter, desk):
            failed = rule is bounce and gives_up(letter)  # the null path alone may be anybody's robot, or a person
            came_back = returned(letter) if failed else ()
            return Screened(
                automatic=True, reason=reason, rule=name, verified=verified, delivery_failed=failed, bounced=came_back
            )
    for reason, rule in _UNANSWERED:
        if name := rule(letter, desk):
            return Screened(automatic=False, reason=reason, rule=name, verified=verified)
    return Screened(automatic=False, reason=None, rule="", verified=verified)


def _no_sender(letter: Letter, desk: Desk) -> str:
    if letter.sender is None:
        return "no sender"
    # RFC 2606 §2: nothing is ever routed there; also how a call or a visit without an address is written down
    return "unroutable sender" if letter.sender.email.endswith(".invalid") else ""


def _spam(letter: Letter, desk: Desk) -> str:
    """`desk.spam_header` is "name: value" as the trusted server writes it; the value may go on ("yes, score=9")."""
    name, _, wanted = (desk.spam_header or "").partition(":")
    found = letter.header(name.strip().lower()) if name else None
    return "spam header" if found is not None and found.strip().lower().startswith(wanted.strip().lower()) else ""


def _dmarc_failed(letter: Letter, desk: Desk) -> str:
    return "dmarc fail" if dmarc(letter, desk) == "fail" else ""


_ROBOTS: tuple[tuple[NoReplyReason, Rule], ...] = (
    (NoReplyReason.AUTO_SUBMITTED, receipt),
    (NoReplyReason.BOUNCE, bounce),
    (NoReplyReason.LOOP, loop),
    (NoReplyReason.AUTO_SUBMITTED, auto_submitted),
    (NoReplyReason.LIST, mailing_list),
    (NoReplyReason.AUTO_SUBMITTED, robots_habits),
    (NoReplyReason.NO_REPLY_ADDRESS, no_reply_address),
    (NoReplyReason.AUTO_SUBMITTED, robot_by_words),
    (NoReplyReason.AUTO_SUBMITTED, help_desk),
    (NoReplyReason.BOUNCE, null_path),
)
_UNANSWERED: tuple[tuple[NoReplyReason, Rule], ...] = (
    (NoReplyReason.NO_SENDER, _no_sender),
    (NoReplyReason.SPAM, _spam),
    (NoReplyReason.DMARC, _dmarc_failed),
)
