"""Staff accounts, their sessions, and the audit of who looked at what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from service.errors import Permanent
from store.columns import now_ms
from store.schema import audit, sessions, staff

LOOKED_MOST = 30  # lines of a ticket's audit that are shown
SEEN_EVERY_MS = 60_000  # a session's last use is written at most once a minute

_SESSION = (
    select(staff, sessions.c.id.label("session_id"), sessions.c.begun_ms, sessions.c.seen_ms, now_ms().label("now"))
    .join(staff, staff.c.id == sessions.c.staff_id)
    .where(
        sessions.c.token == bindparam("hashed"),
        sessions.c.seen_ms > now_ms() - bindparam("idle_ms"),
        sessions.c.begun_ms > now_ms() - bindparam("whole_ms"),
        staff.c.active,
    )
)
_TOUCH = update(sessions).where(sessions.c.id == bindparam("session")).values(seen_ms=now_ms())
_BEGIN = insert(sessions).values(begun_ms=now_ms(), seen_ms=now_ms())
_END = delete(sessions).where(sessions.c.token == bindparam("hashed"))
_END_ONE = delete(sessions).where(sessions.c.id == bindparam("session"), sessions.c.staff_id == bindparam("whose"))
_END_ALL = delete(sessions).where(sessions.c.staff_id == bindparam("whose"), sessions.c.id != bindparam("but"))
_SWEEP = delete(sessions).where(
    (sessions.c.seen_ms <= now_ms() - bindparam("idle_ms")) | (sessions.c.begun_ms <= now_ms() - bindparam("whole_ms"))
)
_OF = select(sessions).where(sessions.c.staff_id == bindparam("whose")).order_by(sessions.c.seen_ms.desc())
_BY_LOGIN = select(staff).where(staff.c.login == bindparam("called"))
_ALL = select(staff).order_by(staff.c.active.desc(), staff.c.name, staff.c.id)
_LOOKED = (
    select(audit.c.at_ms, audit.c.who, audit.c.what)
    .where(audit.c.ticket_id == bindparam("on"))
    .order_by(audit.c.id.desc())
    .limit(LOOKED_MOST)
)
_AUDIT = insert(audit).values(at_ms=now_ms())


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One account."""

    id: int
    login: str
    name: str
    role: str
    team: str | None
    password: str | None  # an argon2id hash
    active: bool
    habits: dict[str, Any]
    made_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who is logged in, by the cookie of a request."""

    id: int
    person: Person
    stale: bool  # its last use is to be written again


def person(conn: Connection, login: str) -> Person | None:
    """The account of that login."""
    row = conn.execute(_BY_LOGIN, {"called": login}).first()
    return None if row is None else _person(row)


def people(conn: Connection) -> tuple[Person, ...]:
    """All accounts, the active first."""
    return tuple(_person(row) for row in conn.execute(_ALL))


def add_person(conn: Connection, *, login: str, name: str, role: str, team: str | None, password: str | None) -> None:
    """A new account; Permanent when the login is taken."""
    row: dict[str, Any] = {"login": login, "name": name, "role": role, "team": team, "password": password, "habits": {}}
    try:
        conn.execute(insert(staff).values(made_ms=now_ms()), row)
    except IntegrityError:
        raise Permanent(f"the login {login} is taken: choose another, or use `staff reset` for its password") from None


def change_person(conn: Connection, login: str, *, but_session: int = 0, **values: Any) -> bool:
    """Change an account's columns; False when there is none. A new password or role ends its sessions, but that one."""
    changed = conn.execute(update(staff).where(staff.c.login == login).values(**values).returning(staff.c.id)).first()
    if changed is not None and {"password", "role", "active"} & values.keys():
        conn.execute(_END_ALL, {"whose": changed.id, "but": but_session})
    return changed is not None


def begin_session(conn: Connection, *, token: str, staff_id: int, browser: str) -> None:
    """A session known by the token's hash."""
    conn.execute(_BEGIN, {"token": token, "staff_id": staff_id, "browser": browser[:200]})


def session(conn: Connection, token: str, *, idle_ms: int, whole_ms: int) -> Session | None:
    """The session of that hashed token, unless it idled or lasted too long or the account was closed."""
    row = conn.execute(_SESSION, {"hashed": token, "idle_ms": idle_ms, "whole_ms": whole_ms}).first()
    if row is None:
        return None
    return Session(id=row.session_id, person=_person(row), stale=row.now - row.seen_ms > SEEN_EVERY_MS)


def touch(conn: Connection, session_id: int) -> None:
    """The session is in use."""
    conn.execute(_TOUCH, {"session": session_id})


def end_session(conn: Connection, token: str) -> None:
    """Log out, by the hashed token."""
    conn.execute(_END, {"hashed": token})


def end_one(conn: Connection, session_id: int, *, staff_id: int) -> None:
    """End one of a person's sessions."""
    conn.execute(_END_ONE, {"session": session_id, "whose": staff_id})


def sessions_of(conn: Connection, staff_id: int) -> list[Row[Any]]:
    """A person's sessions, last used first."""
    return list(conn.execute(_OF, {"whose": staff_id}))


def sweep_sessions(conn: Connection, *, idle_ms: int, whole_ms: int) -> None:
    """Drop what has ended by itself."""
    conn.execute(_SWEEP, {"idle_ms": idle_ms, "whole_ms": whole_ms})


def note(conn: Connection, *, who: str, what: str, ticket_id: int | None, data: Mapping[str, Any]) -> None:
    """One line of the audit, for good."""
    conn.execute(_AUDIT, {"who": who, "what": what, "ticket_id": ticket_id, "data": dict(data)})


def looked(conn: Connection, ticket_id: int) -> list[Row[Any]]:
    """Who looked at a ticket lately, and at what of it, newest first."""
    return list(conn.execute(_LOOKED, {"on": ticket_id}))


def _person(row: Row[Any]) -> Person:
    return Person(**{name: getattr(row, name) for name in Person.__dataclass_fields__})
