"""Who is no person: bounces, receipts, auto-replies, lists, loops, no-reply addresses; and whom we do not answer."""

import re
from collections.abc import Callable

from intake import robots
from intake.dmarc import dmarc
from intake.letter import Desk, Letter, NoReplyReason, Screened
from intake.mailboxes import ADDRESS, on_the_wire
from intake.own_words import own_words
from intake.person_words import asks, gives_data, says_more_than_an_absence, speaks, tells_of_the_case

TEXT_LOOKED_AT = 4000  # characters: a robot says what it is at the beginning
SPEECH_LOOKED_AT = 600  # characters of a plain-text bounce or receipt before its quotation: who speaks, and of what
ROBOT_LENGTH = 1500  # characters of own words that a robot without any header writes at most
FEW_WORDS = 150  # characters of a text that says nothing else
QUOTED_LOOKED_AT = 64 * 1024  # characters of a bounce searched for the letter it returns
MAX_BOUNCED = 20

_NO = {"no", "none", "false", "0"}
_COMMENT = re.compile(r"\([^()]{0,200}\)")
_REPLY_PREFIX = re.compile(r"\s*(?:re|отв|ответ|aw|sv)\s*+(?:\[\d{1,3}\])?\s*+:", re.IGNORECASE)
_OLDER_SUBJECT = re.compile(r"\b(?:re|отв|ответ|aw|sv)\s*:|\[№", re.IGNORECASE)
_GREETING = re.compile(
    r"\W{0,6}(?:здравствуйте|добрый (?:день|вечер)|уважаем\w+|hello|hi\b|dear)[^.\n]{0,60}$", re.IGNORECASE
)
_REPORT_FIELD = re.compile(r"^(?:final-recipient|reporting-mta)\s*:", re.IGNORECASE | re.MULTILINE)
_RECEIPT_FIELD = re.compile(r"^disposition\s*:", re.IGNORECASE | re.MULTILINE)
_ACTION = re.compile(r"^action\s*:\s*([a-z]+)", re.IGNORECASE | re.MULTILINE)
_RETURNED_ID = re.compile(r"^\s{0,8}(?:original-)?message-id\s*:\s*<([^<>\s]{1,998})>", re.IGNORECASE | re.MULTILINE)
_MAILTO = re.compile(r"mailto:([^\s<>?,]{1,320})")

_OUR_NUMBER = re.compile(r"\b\d\d-\d{7,10}-\d\b")  # as tickets write it (rulings 12)
_ROBOTS_WORDS = (robots.MEANWHILE, robots.SAYS_AUTOMATIC, robots.CONFIRMS, robots.BOX_NOT_READ)

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
       more and a machine's address that confirms a ticket of its own, when they answer ours. An absence told twice,
       in the subject and below, is one sign. Whoever asks, complains, tells a fault, gives data or promises them in
       the same letter is a person; where an absence alone speaks for a robot, so is who says a thing more than it.
    9. AUTO-SUBMITTED by the mark of a help desk or a forwarder (X-Loop and its like, of others), where the letter
       answers one of ours or says what only a help desk says. Such marks stand on any letter, also on what a colleague
       of another agency wrote by hand in OTRS, RT or Zendesk: whoever asks, complains, tells a fault or gives data
       there is a person, and so is whoever writes first without a help desk's words.
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
            failed = rule is _bounce and _gives_up(letter)  # the null path alone may be anybody's robot, or a person
            returned = _returned(letter) if failed else ()
            return Screened(
                automatic=True, reason=reason, rule=name, verified=verified, delivery_failed=failed, bounced=returned
            )
    for reason, rule in _UNANSWERED:
        if name := rule(letter, desk):
            return Screened(automatic=False, reason=reason, rule=name, verified=verified)
    return Screened(automatic=False, reason=None, rule="", verified=verified)


# ---------------------------------------------------------------- receipts and bounces


def _receipt(letter: Letter, desk: Desk) -> str:
    if letter.report_type == "disposition-notification" or _RECEIPT_FIELD.search(letter.report):
        return "disposition notification"
    first = _first_line(letter)
    receipt = robots.RECEIPT_SUBJECT.match(letter.subject) and robots.RECEIPT_LINE.match(first)
    return "receipt in plain text" if receipt and not _asks(letter) else ""


def _bounce(letter: Letter, desk: Desk) -> str:
    if letter.content_type == "multipart/report" and letter.report_type != "feedback-report":
        return "multipart/report"
    if _REPORT_FIELD.search(letter.report):
        return "report part"
    if letter.header("x-failed-recipients"):
        return "x-failed-recipients"
    if not robots.BOUNCE_SUBJECT.match(letter.subject):
        return ""
    if _null_path(letter, desk) or robots.MAILERS.fullmatch(_local(letter)):
        return "mailer's bounce"
    talks = robots.BOUNCE_LINE.match(_first_line(letter)) and robots.SERVER_TALK.search(letter.text[:TEXT_LOOKED_AT])
    return "bounce in plain text" if talks and not _asks(letter) else ""


def _asks(letter: Letter) -> bool:
    """Somebody asks or complains before any quotation."""
    return asks(letter.text[:SPEECH_LOOKED_AT])


def _first_line(letter: Letter) -> str:
    """The first line that says something: greetings and rules of stars stand above it."""
    for line in letter.text[:TEXT_LOOKED_AT].split("\n")[:12]:
        if any(c.isalnum() for c in line) and not _GREETING.match(line[:200]):
            return line[:400]
    return ""


def _null_path(letter: Letter, desk: Desk) -> str:
    """Sendmail and qmail write MAILER-DAEMON where the envelope had no sender."""
    path = letter.return_path
    return "null return-path" if path is not None and robots.NO_SENDER.fullmatch(path.partition("@")[0]) else ""


def _gives_up(letter: Letter) -> bool:
    """For good: a report of a delay or a success returns nothing (RFC 3464 §2.3.3)."""
    actions = {a.lower() for a in _ACTION.findall(letter.report)}
    if actions or letter.header("x-failed-recipients"):
        return not actions or "failed" in actions
    return not robots.DELAY.search(f"{letter.subject}\n{letter.text[:SPEECH_LOOKED_AT]}")


def _returned(letter: Letter) -> tuple[str, ...]:
    """Message-IDs of the letters that came back."""
    text = f"{letter.report[:QUOTED_LOOKED_AT]}\n{letter.text[:QUOTED_LOOKED_AT]}"
    found = [*_RETURNED_ID.findall(text), *letter.in_reply_to]
    return tuple(dict.fromkeys(found))[:MAX_BOUNCED]


# ---------------------------------------------------------------- loops, headers, lists, addresses


def _loop(letter: Letter, desk: Desk) -> str:
    own = _own(desk)
    if letter.sender and _without_tag(letter.sender.email.lower()) in own:
        return "own address in From"
    if any(mark.strip().lower() in own for mark in letter.all_headers("x-loop")):
        return "own x-loop"
    domain = desk.address.rpartition("@")[2].lower()
    if letter.message_id and letter.message_id.lower().endswith(f"@{domain}") and _auto_submitted(letter, desk):
        return "own automatic Message-ID"
    return ""


def _own(desk: Desk) -> set[str]:
    """The desk's addresses as `parse` writes them."""
    split = (address.lower().rpartition("@") for address in (desk.address, *desk.own_addresses))
    return {f"{local}@{on_the_wire(domain)}" for local, _, domain in split}


def _domain(desk: Desk) -> str:
    return on_the_wire(desk.address.rpartition("@")[2].lower())


def _auto_submitted(letter: Letter, desk: Desk) -> str:
    """RFC 3834 §5: the keyword may carry a comment and parameters; whatever is not "no" is a robot's."""
    if any(_keyword(value) not in _NO for value in letter.all_headers("auto-submitted")):
        return "auto-submitted header"
    for name, value in letter.headers:
        if robots.AUTO_HEADER.fullmatch(name) and _keyword(value) not in _NO:
            return name
        if name == "x-post-messageclass" and "autoresponder" in value.lower():
            return name
        if name == "delivered-to" and value.strip().lower().startswith("autoresponder"):
            return "delivered-to autoresponder"
    return ""


def _keyword(value: str) -> str:
    return _COMMENT.sub(" ", value).partition(";")[0].strip(' "').lower()


def _list(letter: Letter, desk: Desk) -> str:
    """A desk whose address is itself a list or a group gets every letter with that list's headers."""
    named = [
        (name, value.lower())
        for name, value in letter.headers
        if name.startswith("list-") or name in {"mailing-list", "x-mailing-list"}
    ]
    own = _own(desk)
    if any(_names_list(name, value) & (own | {address.replace("@", ".") for address in own}) for name, value in named):
        return ""
    if named:
        return named[0][0]
    return "precedence list" if _keyword(letter.header("precedence") or "") == "list" else ""


def _names_list(name: str, value: str) -> set[str]:
    """What that header says the list itself is; an address to unsubscribe or an archive says nothing of it."""
    if name == "list-id":  # RFC 2919 §3: words, then <label.domain>; bare too, as some write it
        return {value.rpartition("<")[2].partition(">")[0].strip()}
    if name == "list-post":
        return set(_MAILTO.findall(value))
    return set(ADDRESS.findall(value)) if name.endswith("mailing-list") else set()


def _robots_habits(letter: Letter, desk: Desk) -> str:
    for name in ("precedence", "x-precedence"):
        said = _keyword(letter.header(name) or "")
        if said in {"bulk", "junk"} or said.startswith("auto"):
            return name
    if _calendar_answers(letter):
        return "calendar's answer"
    suppressed = {word.strip().lower() for word in (letter.header("x-auto-response-suppress") or "").split(",")}
    return "" if suppressed <= robots.RECEIPTS_ONLY else "x-auto-response-suppress"


def _calendar_answers(letter: Letter) -> bool:
    """Exchange marks each calendar letter; without a method of a part it is told from a person by its words."""
    if letter.calendar:
        return letter.calendar in robots.CALENDAR_ANSWERS
    marked = "calendarmessage" in (letter.header("content-class") or "").lower()
    return marked and not speaks(letter.text[:SPEECH_LOOKED_AT])


def _no_reply_address(letter: Letter, desk: Desk) -> str:
    local = _local(letter)
    if robots.NO_REPLY.search(local) or robots.MAILERS.fullmatch(local):
        return "no-reply address"
    return "auto-reply address" if robots.REPLIERS.search(local) and not speaks(letter.text[:SPEECH_LOOKED_AT]) else ""


def _local(letter: Letter) -> str:
    return letter.sender.email.rpartition("@")[0] if letter.sender else ""


def _without_tag(email: str) -> str:
    local, _, domain = email.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


# ---------------------------------------------------------------- words alone


def _robot_by_words(letter: Letter, desk: Desk) -> str:
    """Two signs together at least; the subject of a robot stands before ours, hence its colon."""
    named = robots.AUTO_SUBJECT.match(letter.subject)
    head = letter.text[:TEXT_LOOKED_AT]
    if not (named or _away_subject(letter) or any(words.search(head) for words in _ROBOTS_WORDS)):
        return ""
    words = own_words(letter)
    text = f"{words.own}\n{words.signature}"
    if len(text) > ROBOT_LENGTH or speaks(words.own):
        return ""
    away = bool(robots.AWAY.search(text))
    automatic = bool(robots.SAYS_AUTOMATIC.search(text))
    thanks = bool(robots.GOT_YOUR_LETTER.search(text))
    if named and (away or automatic or thanks or (_answers(letter) and named["colon"].endswith(":"))):
        return "auto-reply by subject"
    if rule := _absence_note(letter, words.own, text, away=away, machine=automatic or thanks):
        return rule
    if automatic and (thanks or _answers(letter) or _machine(letter)):
        return "says that it is automatic"
    return _answer_of_a_box(letter, words.own, text) if _answers_ours(letter, desk) else ""


def _answer_of_a_box(letter: Letter, own: str, text: str) -> str:
    """A person tells of an old mailbox too; the mailbox itself says nothing else, or where to write."""
    if _machine(letter) and robots.CONFIRMS.search(text):
        return "help desk's confirmation"
    says = robots.BOX_NOT_READ.search(text) and not (tells_of_the_case(own) or gives_data(own))
    return "mailbox not read" if says and (len(text) <= FEW_WORDS or robots.ELSEWHERE.search(text)) else ""


def _machine(letter: Letter) -> bool:
    return bool(robots.MACHINES.fullmatch(_local(letter)))


def _absence_note(letter: Letter, own: str, text: str, *, away: bool, machine: bool) -> str:
    """An absence in the subject and in the text is one sign. With it goes whom to ask meanwhile, or what only machines
    say, or a subject set before ours by a colon; and nothing more is said than an absence, there or here."""
    subject = _away_subject(letter)
    if not (away or subject) or tells_of_the_case(own):
        return ""
    before_ours = bool(subject and _answers(letter) and subject["colon"].endswith(":"))
    if before_ours and not _own_subject(letter):
        return "auto-reply by subject"
    if not machine and says_more_than_an_absence(own):
        return ""
    meanwhile = bool(robots.MEANWHILE.search(text))
    if subject and not (_own_subject(letter) and speaks(letter.subject)):
        return "auto-reply by subject" if meanwhile or machine or before_ours else ""
    return "absence note" if away and meanwhile and _answers(letter) else ""


def _away_subject(letter: Letter) -> re.Match[str] | None:
    return robots.AWAY_SUBJECT.match(letter.subject)


def _answers(letter: Letter) -> bool:
    return bool(letter.in_reply_to or letter.references or _REPLY_PREFIX.match(letter.subject))


def _answers_ours(letter: Letter, desk: Desk) -> bool:
    """A Message-ID of our domain, or our number in the subject, which help desks keep where they drop the headers."""
    named = any(other.lower().endswith(f"@{_domain(desk)}") for other in (*letter.in_reply_to, *letter.references))
    return named or bool(_OUR_NUMBER.search(letter.subject))


def _own_subject(letter: Letter) -> bool:
    """The writer's own, not the subject of the letter that is answered."""
    return not _answers(letter) or not _OLDER_SUBJECT.search(letter.subject)


def _help_desk(letter: Letter, desk: Desk) -> str:
    """By a mark that any letter of a help desk or a forwarder bears, a forwarder of the desk's own domain excepted."""
    marks = (
        name
        for name, value in letter.headers
        if robots.ANY_MAIL_HEADER.fullmatch(name)
        and _keyword(value) not in _NO
        and value.lower().strip(" <>").rpartition("@")[2] != _domain(desk)
    )
    mark = next(marks, "")
    if not mark:
        return ""
    own = own_words(letter).own[:TEXT_LOOKED_AT]
    if speaks(own[:SPEECH_LOOKED_AT]):
        return ""
    if any(words.search(own) for words in (robots.CONFIRMS, robots.SAYS_AUTOMATIC, robots.GOT_YOUR_LETTER)):
        return mark
    return mark if _answers_ours(letter, desk) and not tells_of_the_case(own) and not gives_data(own) else ""


# ---------------------------------------------------------------- kept, opened, not answered


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
    (NoReplyReason.AUTO_SUBMITTED, _receipt),
    (NoReplyReason.BOUNCE, _bounce),
    (NoReplyReason.LOOP, _loop),
    (NoReplyReason.AUTO_SUBMITTED, _auto_submitted),
    (NoReplyReason.LIST, _list),
    (NoReplyReason.AUTO_SUBMITTED, _robots_habits),
    (NoReplyReason.NO_REPLY_ADDRESS, _no_reply_address),
    (NoReplyReason.AUTO_SUBMITTED, _robot_by_words),
    (NoReplyReason.AUTO_SUBMITTED, _help_desk),
    (NoReplyReason.BOUNCE, _null_path),
)
_UNANSWERED: tuple[tuple[NoReplyReason, Rule], ...] = (
    (NoReplyReason.NO_SENDER, _no_sender),
    (NoReplyReason.SPAM, _spam),
    (NoReplyReason.DMARC, _dmarc_failed),
)
