"""Who is no person: bounces, receipts, auto-replies, lists, loops, no-reply addresses; and whom we do not answer."""

import re
from collections.abc import Callable

from intake import robots
from intake.letter import Desk, Letter, NoReplyReason, Screened
from intake.own_words import own_words

TEXT_LOOKED_AT = 4000  # characters: a robot says what it is at the beginning
_FIRST_LINES = 6
_NO = {"", "no", "none", "false", "0"}
_COMMENT = re.compile(r"\([^()]{0,200}\)")
_REPLY_PREFIX = re.compile(r"\s*(?:re|отв|ответ|aw|sv)\s*(?:\[\d{1,3}\])?\s*:", re.IGNORECASE)
_DMARC_FAIL = re.compile(r"\bdmarc\s*=\s*fail\b", re.IGNORECASE)

Rule = Callable[[Letter, Desk], str]


def screen(letter: Letter, desk: Desk) -> Screened:
    """Whether a person wrote, and whether the letter may be answered by itself.

    The policy, in the order in which it is held; the first that fits decides.

    1. BOUNCE. A delivery report or a receipt (RFC 3464, RFC 8098) by its structure; by X-Failed-Recipients; by a
       mailer's address or the null return path with a bounce's words; and, since old servers write plain text, by
       a subject and first lines that only a mailer writes, both together.
    2. LOOP. Our own address in From, our X-Loop mark, or an automatic letter under a Message-ID of our domain.
    3. AUTO-SUBMITTED. The header of RFC 3834 with anything but "no"; the headers of robots before it.
    4. LIST. Any List-… header (RFC 2369, 2919) or Precedence: list, unless the list is the desk's own address.
    5. AUTO-SUBMITTED by what else robots write: Precedence bulk, junk or auto_reply; X-Auto-Response-Suppress that
       names more than receipts.
    6. NO-REPLY ADDRESS in From: nobody reads there.
    7. AUTO-SUBMITTED by its words alone (seen in practice: mailboxes that answer without any header), two signs
       together: a robot's subject, an absence told in the first person with whom to ask meanwhile, a sentence
       saying that it was written automatically, an answer to a letter of ours.
    8. BOUNCE, whatever else is under the null return path (RFC 5321 §4.5.5: it must not be answered).
    9. A person's letter that is kept and opened, but not answered by itself: no sender, spam or a failed DMARC by
       the word of the trusted server only. A person decides.

    What silences nobody: Auto-Submitted: no; Precedence: first-class; X-Auto-Response-Suppress naming receipts
    only; Authentication-Results or spam headers of servers we were not told to trust; and a citizen who quotes a
    bounce, forwards one, or writes of an "автоответ".
    """
    for reason, rule in _ROBOTS:
        if name := rule(letter, desk):
            return Screened(automatic=True, reason=reason, rule=name)
    for reason, rule in _UNANSWERED:
        if name := rule(letter, desk):
            return Screened(automatic=False, reason=reason, rule=name)
    return Screened(automatic=False, reason=None, rule="")


def _bounce(letter: Letter, desk: Desk) -> str:
    if letter.content_type == "multipart/report" and letter.report_type != "feedback-report":
        return "multipart/report"
    if letter.report and re.search(r"^(?:final-recipient|reporting-mta|disposition)\s*:", letter.report, re.I | re.M):
        return "report part"
    if letter.header("x-failed-recipients"):
        return "x-failed-recipients"
    mailer = letter.return_path == "" or robots.MAILER_LOCALS.fullmatch(_local(letter))
    if mailer and (letter.report or robots.BOUNCE_SUBJECT.match(letter.subject)):
        return "mailer's bounce"
    return _bounce_words(letter)


def _null_path(letter: Letter, desk: Desk) -> str:
    return "null return-path" if letter.return_path == "" else ""


def _bounce_words(letter: Letter) -> str:
    """A subject and a first line that only mailers write, both together: a citizen's own first lines are not theirs."""
    for name, subject, line in (
        ("bounce in plain text", robots.BOUNCE_SUBJECT, robots.BOUNCE_LINE),
        ("receipt in plain text", robots.RECEIPT_SUBJECT, robots.RECEIPT_LINE),
    ):
        if subject.match(letter.subject) and any(line.match(first) for first in _first_lines(letter)):
            return name
    return ""


def _first_lines(letter: Letter) -> list[str]:
    lines = [line for line in letter.text[:TEXT_LOOKED_AT].split("\n") if line.strip()]
    return [line[:400] for line in lines[:_FIRST_LINES]]


def _loop(letter: Letter, desk: Desk) -> str:
    own = {desk.address.lower(), *desk.own_addresses}
    if letter.sender and _without_tag(letter.sender.email.lower()) in own:
        return "own address in From"
    if any(mark.strip().lower() in own for mark in letter.all_headers("x-loop")):
        return "own x-loop"
    domain = desk.address.rpartition("@")[2].lower()
    if letter.message_id and letter.message_id.lower().endswith(f"@{domain}") and _auto_submitted(letter):
        return "own automatic Message-ID"
    return ""


def _auto_headers(letter: Letter, desk: Desk) -> str:
    if _auto_submitted(letter):
        return "auto-submitted header"
    for name, value in letter.headers:
        if robots.AUTO_HEADERS.fullmatch(name) and value.strip().lower() not in _NO:
            return name
        if name == "x-post-messageclass" and "autoresponder" in value.lower():
            return name
        if name == "delivered-to" and value.strip().lower().startswith("autoresponder"):
            return "delivered-to autoresponder"
    return ""


def _robots_habits(letter: Letter, desk: Desk) -> str:
    for name in ("precedence", "x-precedence"):
        if (letter.header(name) or "").strip().lower() in {"bulk", "junk", "auto_reply", "auto-reply"}:
            return name
    suppressed = {word.strip().lower() for word in (letter.header("x-auto-response-suppress") or "").split(",")}
    return "" if suppressed <= robots.RECEIPTS_ONLY else "x-auto-response-suppress"


def _auto_submitted(letter: Letter) -> bool:
    """RFC 3834 §5: the keyword may carry a comment and parameters; whatever is not "no" is a robot's."""
    return any(_keyword(value) not in _NO for value in letter.all_headers("auto-submitted"))


def _keyword(value: str) -> str:
    return _COMMENT.sub(" ", value).partition(";")[0].strip().lower()


def _list(letter: Letter, desk: Desk) -> str:
    """A desk whose address is itself a list or a group gets every letter with that list's headers."""
    named = [(name, value.lower()) for name, value in letter.headers if name.startswith("list-") or name in {"mailing-list", "x-mailing-list"}]
    own = desk.address.lower()
    if any(own in value or f"<{own.replace('@', '.')}>" in value for _, value in named):
        return ""
    if named:
        return named[0][0]
    return "precedence list" if (letter.header("precedence") or "").strip().lower() == "list" else ""


def _no_reply_address(letter: Letter, desk: Desk) -> str:
    local = _local(letter)
    return "no-reply address" if local and (robots.NO_REPLY_LOCALS.search(local) or robots.MAILER_LOCALS.fullmatch(local)) else ""


def _local(letter: Letter) -> str:
    return letter.sender.email.rpartition("@")[0] if letter.sender else ""


def _without_tag(email: str) -> str:
    local, _, domain = email.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _robot_by_words(letter: Letter, desk: Desk) -> str:
    head = letter.text[:TEXT_LOOKED_AT]
    subject = bool(robots.AUTO_SUBJECT.match(letter.subject))
    suspicious = subject or robots.I_AM_A_ROBOT.search(head) or robots.MEANWHILE.search(head)
    if not suspicious:
        return ""
    own = own_words(letter)
    text = f"{own.own}\n{own.signature}"[:TEXT_LOOKED_AT]
    answers = bool(letter.in_reply_to or letter.references or _REPLY_PREFIX.match(letter.subject))
    away = bool(robots.AWAY_LINE.search(text) and robots.MEANWHILE.search(text))
    says_so = bool(robots.I_AM_A_ROBOT.search(text))
    got_it = bool(robots.WE_GOT_YOUR_LETTER.search(text))
    machine = bool(robots.ROBOT_LOCALS.fullmatch(_local(letter)))
    if subject and (answers or away or says_so or got_it or robots.AWAY_LINE.search(text)):
        return "auto-reply by subject"
    if away and answers:
        return "absence note"
    return "says that it is automatic" if says_so and (got_it or answers or machine) else ""


def _no_sender(letter: Letter, desk: Desk) -> str:
    return "" if letter.sender else "no sender"


def _spam(letter: Letter, desk: Desk) -> str:
    """`desk.spam_header` is "name: value" as the trusted server writes it; the value may go on ("yes, score=9")."""
    name, _, wanted = (desk.spam_header or "").partition(":")
    found = letter.header(name.strip().lower()) if name else None
    return "spam header" if found is not None and found.strip().lower().startswith(wanted.strip().lower()) else ""


def _dmarc(letter: Letter, desk: Desk) -> str:
    """Only the topmost Authentication-Results of the trusted server counts (RFC 8601 §5): others anybody can write."""
    if not desk.trusted_authserv_id:
        return ""
    for value in letter.all_headers("authentication-results"):
        server = value.partition(";")[0].split()
        if server and server[0].lower() == desk.trusted_authserv_id.lower():
            return "dmarc fail" if _DMARC_FAIL.search(value) else ""
    return ""


_ROBOTS: tuple[tuple[NoReplyReason, Rule], ...] = (
    (NoReplyReason.BOUNCE, _bounce),
    (NoReplyReason.LOOP, _loop),
    (NoReplyReason.AUTO_SUBMITTED, _auto_headers),
    (NoReplyReason.LIST, _list),
    (NoReplyReason.AUTO_SUBMITTED, _robots_habits),
    (NoReplyReason.NO_REPLY_ADDRESS, _no_reply_address),
    (NoReplyReason.AUTO_SUBMITTED, _robot_by_words),
    (NoReplyReason.BOUNCE, _null_path),
)
_UNANSWERED: tuple[tuple[NoReplyReason, Rule], ...] = (
    (NoReplyReason.NO_SENDER, _no_sender),
    (NoReplyReason.SPAM, _spam),
    (NoReplyReason.DMARC, _dmarc),
)
