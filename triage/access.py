"""Who may do what on the page: roles, the person behind a request, the cookie's token.

A reader sees. Triage decides on tickets. A head also makes shared views and snippets, and sees the quality page's
details. An admin also manages accounts. Each may all that the one before may.
"""

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from store.staff import Session

SECURE_COOKIE, PLAIN_COOKIE = "__Host-desk", "desk"  # the second only on loopback without TLS
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})


class Role(StrEnum):
    """From the least to the most."""

    READER = "reader"
    TRIAGE = "triage"
    HEAD = "head"
    ADMIN = "admin"


class Seen(StrEnum):
    """What a line of the audit says."""

    LOGGED_IN = "logged-in"
    LOGGED_OUT = "logged-out"
    LOGIN_FAILED = "login-failed"
    SESSION_ENDED = "session-ended"
    OPENED = "opened"  # a ticket was looked at
    DOWNLOADED = "downloaded"  # a letter or a file of it left for somebody's disk
    REGISTERED = "registered"  # a call or a visit was written down
    SHOWED = "showed"  # a masked number was shown in full
    SEARCHED = "searched"  # which operators, never the words
    ACCOUNT_CHANGED = "account-changed"
    BOUNCE_LIFTED = "bounce-lifted"  # an address that returned a letter is written to again
    TAKEN_AGAIN = "taken-again"  # a letter without a ticket was given back to the desk
    EXPLAINED = "explained"  # this and the rest: from the command line
    PARKED_SHOWN = "parked-shown"
    LETTER_EXPORTED = "letter-exported"
    PERSON_EXPORTED = "person-exported"
    REPLY_SHOWN = "reply-shown"
    BACKED_UP = "backed-up"  # store/overview.py looks for it


_RANK = {role: place for place, role in enumerate(Role)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """The person behind a request."""

    id: int
    login: str
    name: str
    role: Role
    team: str | None
    habits: dict[str, Any]
    session_id: int

    def may(self, role: Role) -> bool:
        """Whether the person has at least that role."""
        return _RANK[self.role] >= _RANK[role]

    @property
    def initials(self) -> str:
        """Two letters for the presence marks."""
        return "".join(word[0] for word in self.name.split()[:2]).upper()


def rank(role: Role) -> int:
    """How high a role stands."""
    return _RANK[role]


def who_of(session: Session) -> Who:
    """The person of a session."""
    person = session.person
    return Who(
        id=person.id,
        login=person.login,
        name=person.name,
        role=Role(person.role),
        team=person.team,
        habits=person.habits,
        session_id=session.id,
    )


def new_token() -> str:
    """A session's secret: 256 random bits, known to the browser alone."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What the store keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def cookie_name(scheme: str, host: str) -> str | None:
    """Which cookie carries the session here; None: nobody logs in over plain HTTP from elsewhere."""
    if scheme == "https":
        return SECURE_COOKIE
    return PLAIN_COOKIE if host in LOOPBACK else None
