"""Rules of `screen` for robots whose headers say nothing, or nothing sure: by their words, and never by one sign.

A rule gives the name under which it decided, empty when it does not fit. The words themselves are data: robots.py,
person_words.py.
"""

import re

from intake import robots
from intake.letter import Desk, Letter
from intake.mailboxes import on_the_wire
from intake.own_words import own_words
from intake.person_words import (
    gives_data,
    says_more_than_a_confirmation,
    says_more_than_a_notice,
    says_more_than_an_absence,
    speaks,
    tells_of_the_case,
)
from intake.returned import TEXT_LOOKED_AT
from intake.robot_headers import NO, domain_of, domains_of, keyword, local_part

ROBOT_LENGTH = 1500  # characters of own words that a robot without any header writes at most
FEW_WORDS = 150  # characters of a text that says nothing else

_REPLY_PREFIX = re.compile(r"\s*(?:re|отв|ответ|aw|sv)\s*+(?:\[\d{1,3}\])?\s*+:", re.IGNORECASE)
_OLDER_SUBJECT = re.compile(r"\b(?:re|отв|ответ|aw|sv)\s*:|\[№", re.IGNORECASE)
_OUR_NUMBER = re.compile(r"\b\d\d-\d{7,10}-\d\b")  # as tickets write it (rulings 12)
_TO_YOU = re.compile(r"\b(?:ваш|вам|вас\b|your?\b)", re.IGNORECASE)  # a citizen tells the number and the day of his own
_ROBOTS_WORDS = (robots.MEANWHILE, robots.SAYS_AUTOMATIC, robots.CONFIRMS, robots.BOX_NOT_READ)


def robot_by_words(letter: Letter, desk: Desk) -> str:
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
    if rule := _absence_note(letter, words.own, text, away=away, automatic=automatic, thanks=thanks):
        return rule
    if automatic and (thanks or _answers(letter) or _machine(letter)):
        return "says that it is automatic"
    return _answer_of_a_box(letter, words.own, text) if _answers_ours(letter, desk) else ""


def _answer_of_a_box(letter: Letter, own: str, text: str) -> str:
    """A person tells of an old mailbox too; the mailbox itself says nothing else but where to write."""
    if _machine(letter) and robots.CONFIRMS.search(text) and not says_more_than_a_confirmation(own):
        return "help desk's confirmation"
    says = robots.BOX_NOT_READ.search(text) and not (gives_data(own) or says_more_than_a_notice(own))
    return "mailbox not read" if says and (len(text) <= FEW_WORDS or robots.ELSEWHERE.search(text)) else ""


def _machine(letter: Letter) -> bool:
    return bool(robots.MACHINES.fullmatch(local_part(letter)))


def _absence_note(letter: Letter, own: str, text: str, *, away: bool, automatic: bool, thanks: bool) -> str:
    """An absence in the subject and in the text is one sign. With it goes whom to ask meanwhile, or what only machines
    say, or a subject set before ours by a colon; and nothing more is said than an absence, there or here."""
    subject = _away_subject(letter)
    if not (away or subject) or tells_of_the_case(own):
        return ""
    before_ours = bool(subject and _answers(letter) and subject["colon"].endswith(":"))
    if before_ours and not _own_subject(letter):
        return "auto-reply by subject"
    if not automatic and says_more_than_an_absence(own):
        return ""
    meanwhile = bool(robots.MEANWHILE.search(text))
    if subject and not (_own_subject(letter) and speaks(letter.subject)):
        return "auto-reply by subject" if meanwhile or automatic or thanks or before_ours else ""
    return "absence note" if away and meanwhile and _answers(letter) else ""


def _away_subject(letter: Letter) -> re.Match[str] | None:
    return robots.AWAY_SUBJECT.match(letter.subject)


def _answers(letter: Letter) -> bool:
    return bool(letter.in_reply_to or letter.references or _REPLY_PREFIX.match(letter.subject))


def _answers_ours(letter: Letter, desk: Desk) -> bool:
    """A Message-ID of our domain, or our number in the subject, which help desks keep where they drop the headers."""
    named = any(other.lower().endswith(f"@{domain_of(desk)}") for other in (*letter.in_reply_to, *letter.references))
    return named or bool(_OUR_NUMBER.search(letter.subject))


def _own_subject(letter: Letter) -> bool:
    """The writer's own, not the subject of the letter that is answered."""
    return not _answers(letter) or not _OLDER_SUBJECT.search(letter.subject)


def help_desk(letter: Letter, desk: Desk) -> str:
    """By a mark that any letter of a help desk or a forwarder bears, and a robot's own words: of the mark alone, and of
    an answer to ours, any citizen whose provider forwards mail may be the writer."""
    mark = _others_mark(letter, desk)
    if not mark:
        return ""
    words = own_words(letter)
    own = words.own
    if len(own) + len(words.signature) > ROBOT_LENGTH or speaks(own) or tells_of_the_case(own):
        return ""
    if robots.SAYS_AUTOMATIC.search(own):
        return mark
    thanks = _answers_ours(letter, desk) and robots.GOT_YOUR_LETTER.search(own)
    confirms = robots.CONFIRMS.search(own) and _TO_YOU.search(own) and not _OUR_NUMBER.search(own)
    return mark if (thanks or confirms) and not says_more_than_a_confirmation(own) else ""


def _others_mark(letter: Letter, desk: Desk) -> str:
    """A forwarder of any domain of the desk's own sets it on each letter that comes."""
    ours = domains_of(desk)
    for name, value in letter.headers:
        if robots.ANY_MAIL_HEADER.fullmatch(name) and keyword(value) not in NO:
            domain = keyword(value).strip("<> ").rpartition("@")[2]
            if on_the_wire(domain) not in ours:
                return name
    return ""
