"""The search beside the tickets: which tokens a ticket has, and which tickets have these tokens.

One table, made by the migration in each database's own way: FTS5 on SQLite, a tsvector under GIN on PostgreSQL. A
ticket's row is written again when its version is not the one searched for; whoever serves the page does that
(triage/indexing.py), so that a letter's own transaction pays for a flag in an index and no more.

A token is lower-case letters and digits only, so it needs no quoting in either language. Words are lemmas; what is no
word (a number, an address, a state) is a token that begins with a mark no Russian word has, see triage/tokens.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, select, text, update

from store.queue import Line, ticket_line, ticket_line_columns
from store.schema import files, tickets

POSITIONS_MOST = 16_000  # a tsvector knows no later place (PostgreSQL 12.11, 16383)

_UNSEARCHED = (
    select(
        tickets.c.id, tickets.c.version, tickets.c.number, tickets.c.address, tickets.c.subject, tickets.c.fields,
        tickets.c.topic, tickets.c.state, tickets.c.missing, tickets.c.assignee, tickets.c.team, tickets.c.closed_as,
        exists().where(files.c.ticket_id == tickets.c.id).label("has_files"),
    )
    .where(tickets.c.searched != tickets.c.version)
    .order_by(tickets.c.id)
    .limit(bindparam("most"))
)  # fmt: skip
_SEARCHED = update(tickets).where(tickets.c.id == bindparam("on")).values(searched=bindparam("as_read"))
_DROP = {
    "sqlite": text("DELETE FROM search WHERE rowid = :ticket"),
    "postgresql": text("DELETE FROM search WHERE ticket_id = :ticket"),
}
_ADD = {
    "sqlite": text("INSERT INTO search (rowid, words) VALUES (:ticket, :words)"),
    "postgresql": text(
        "INSERT INTO search (ticket_id, words) VALUES (:ticket, CAST(:words AS tsvector)) "
        "ON CONFLICT (ticket_id) DO UPDATE SET words = excluded.words"
    ),
}
_FOUND = {
    "sqlite": text("search.rowid = tickets.id AND search.words MATCH :wanted AND search.rowid < :before"),
    "postgresql": text(
        "search.ticket_id = tickets.id AND search.words @@ CAST(:wanted AS tsquery) AND search.ticket_id < :before"
    ),
}
_NEWEST = {"sqlite": text("search.rowid DESC"), "postgresql": text("search.ticket_id DESC")}
# no index has this order: PostgreSQL, which takes no token for rare, walked all tickets from the newest (45 ms)
_NEWEST_OF_FEW = text("search.ticket_id + 0 DESC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One condition: a phrase of tokens in a row, each with its alternatives; `not_` turns it round."""

    phrase: tuple[tuple[str, ...], ...]
    not_: bool = False
    prefix: bool = False  # the last token may go on


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for."""

    terms: tuple[Term, ...]  # all must hold; at least one that is not turned round
    due_before_ms: int | None = None
    sure_below: float | None = None
    rare: bool = False  # it names a number or an address, which few tickets have


def unsearched(conn: Connection, *, most: int) -> list[Row[Any]]:
    """Tickets whose words the search does not have yet, oldest first."""
    return list(conn.execute(_UNSEARCHED, {"most": most}))


def index(conn: Connection, of: Sequence[tuple[int, int, Sequence[str]]]) -> None:
    """Write the tokens of these tickets: id, the version they were read from, tokens in their order."""
    name = conn.dialect.name
    for ticket, version, tokens in of:
        words = " ".join(tokens) if name == "sqlite" else _tsvector(tokens)
        if name == "sqlite":
            conn.execute(_DROP[name], {"ticket": ticket})
        conn.execute(_ADD[name], {"ticket": ticket, "words": words})
        conn.execute(_SEARCHED, {"on": ticket, "as_read": version})


def forget(conn: Connection, ticket_id: int) -> None:
    """Take a ticket out of the search, for good."""
    conn.execute(_DROP[conn.dialect.name], {"ticket": ticket_id})


def search(conn: Connection, wanted: Wanted, *, before: int | None, limit: int) -> tuple[Line, ...]:
    """The newest tickets that have all of it, those under the id `before`."""
    name = conn.dialect.name
    query = select(*ticket_line_columns()).select_from(tickets, text("search")).where(_FOUND[name])
    if wanted.due_before_ms is not None:
        query = query.where(tickets.c.first_due_ms < wanted.due_before_ms, tickets.c.state.in_(["new", "open"]))
    if wanted.sure_below is not None:
        query = query.where(tickets.c.confidence < wanted.sure_below)
    newest = _NEWEST_OF_FEW if wanted.rare and name == "postgresql" else _NEWEST[name]
    query = query.order_by(newest).limit(limit)
    said = _match(wanted.terms) if name == "sqlite" else _tsquery(wanted.terms)
    found = conn.execute(query, {"wanted": said, "before": before or 2**62}).mappings()
    rows: list[Mapping[Any, Any]] = list(found)
    return tuple(ticket_line(row) for row in rows)


def _match(terms: Sequence[Term]) -> str:
    """FTS5's language (sqlite.org/fts5.html §3)."""
    holds = " AND ".join(_fts(term) for term in terms if not term.not_)
    fails = " OR ".join(_fts(term) for term in terms if term.not_)
    return f"({holds}) NOT ({fails})" if fails else holds


def _fts(term: Term) -> str:
    star = "*" if term.prefix else ""
    if all(len(one) == 1 for one in term.phrase):
        return " + ".join(one[0] for one in term.phrase) + star
    if len(term.phrase) == 1:
        return "(" + " OR ".join(one + star for one in term.phrase[0]) + ")"
    ways = [[one] for one in term.phrase[0]]
    for alternatives in term.phrase[1:]:
        ways = [[*way, one] for way in ways for one in alternatives][:64]
    return "(" + " OR ".join("(" + " + ".join(way) + ")" for way in ways) + ")"


def _tsquery(terms: Sequence[Term]) -> str:
    """PostgreSQL's language (PostgreSQL 12.11, tsquery)."""
    return " & ".join(("!" if term.not_ else "") + _one_tsquery(term) for term in terms)


def _one_tsquery(term: Term) -> str:
    star = ":*" if term.prefix else ""
    steps = ["(" + " | ".join(one + star for one in alternatives) + ")" for alternatives in term.phrase]
    return "(" + " <-> ".join(steps) + ")"


def _tsvector(tokens: Sequence[str]) -> str:
    return " ".join(f"{token}:{min(place, POSITIONS_MOST)}" for place, token in enumerate(tokens, 1))
