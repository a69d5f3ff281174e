"""The list beside the letter: which tab and filters an address names, and what the pages need to draw it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Connection

from store import decided, staff, views
from store.listing import attached, fetching
from store.news import newest
from store.queue import COUNT_MOST, Filter, Line, Place, Tab, counts, place_in, place_of, queue_rows
from triage.access import Who
from triage.hiding import is_hidden
from triage.words import DECIDED, TAB_TITLES

PAGE = 50
NEXT_MOST = 20  # looked through for the next one whose topic is not hidden
TOPIC = re.compile(r"[\w-]{1,40}")  # tickets may have one that the desk no longer has
EVERYBODY = "all"  # ?team=all: not only the person's own team's


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where a person is in the queue: it travels in every link and form, never with anybody's data in it."""

    filter: Filter
    after: Place | None
    team: str | None  # as written in the address

    @property
    def query(self) -> str:
        """The filters as an address's query, without the place."""
        named = {"tab": self.filter.tab.value, "team": self.team, "topic": self.filter.topic}
        return urlencode({key: value for key, value in named.items() if value})

    @property
    def here(self) -> str:
        """The same with the place, so that the list stays where it was."""
        return self.query + (f"&after={self.after}" if self.after else "")


def context_of(params: Mapping[str, str], who: Who) -> Context:
    """The context an address names; what it cannot name is left out, never an error."""
    named = params.get("tab", "")
    tab = Tab(named) if named in Tab.__members__.values() else Tab.NEW
    team = params.get("team") or None
    topic = params.get("topic") if TOPIC.fullmatch(params.get("topic", "")) else None
    own = who.team if team is None else None if team == EVERYBODY else team
    return Context(
        filter=Filter(tab=tab, me=who.login, team=own, topic=topic), after=place_of(params.get("after", "")), team=team
    )


def context_back(query: str, who: Who) -> Context:
    """The context out of a form's hidden field."""
    return context_of(dict(parse_qsl(query[:500])), who)


def board(conn: Connection, context: Context, who: Who) -> dict[str, Any]:
    """What the list's templates use."""
    heard = newest(conn)  # before the rows: what comes between is told twice rather than never
    found = queue_rows(conn, context.filter, after=context.after, limit=PAGE)
    rows = _fit_to_show(found, context)
    numbers = counts(conn, context.filter)
    last = decided.last_batch(conn, who.login)
    return {
        "heard": heard,
        "rows": rows,
        "tab": context.filter.tab.value,
        "context": context,
        "tabs": [(tab.value, TAB_TITLES[tab], _shown(numbers[tab]), _tab_query(context, tab)) for tab in Tab],
        "older": f"{context.query}&after={found[-1].place}" if len(found) == PAGE else None,
        "fetching": fetching(conn),
        "views": views.views_of(conn, who.login),
        **beside(conn, rows),
        "last_batch": last,
        "colleagues": [one for one in staff.people(conn) if one.active and one.login != who.login],
    }


def not_given_away(rows: Sequence[Line]) -> list[Line]:
    """Without those whose topic is hidden: under the name of a topic they would tell it."""
    return [line for line in rows if not _hides(line)]


def _fit_to_show(found: Sequence[Line], context: Context) -> Sequence[Line]:
    return found if context.filter.topic is None else not_given_away(found)


def _hides(line: Line) -> bool:
    return bool(line.number) and not line.told and is_hidden(line.number or "")


def beside(conn: Connection, rows: Sequence[Line]) -> dict[str, Any]:
    """What is said beside these lines: whose topic is hidden, and how many files each has."""
    return {
        "hidden": {line.id for line in rows if _hides(line)},
        "attached": attached(conn, [line.id for line in rows if line.number]),
    }


def next_number(conn: Connection, context: Context, place: Place | None) -> str | None:
    """The ticket behind that place, else the first of the tab; None when the tab is empty."""
    limit = 1 if context.filter.topic is None else NEXT_MOST
    for behind in (place, None):
        found = queue_rows(conn, context.filter, after=behind, limit=limit)
        if shown := _fit_to_show(found, context):
            return shown[0].number
    return None


def place_of_ticket(conn: Connection, context: Context, ticket_id: int) -> Place | None:
    """Where the ticket stands in the context's tab; None when it does not."""
    return place_in(conn, context.filter, ticket_id)


def toast_of(conn: Connection, batch: str, who: Who) -> dict[str, Any] | None:
    """What was just decided, with its undoing."""
    if not batch:
        return None
    made = [one for one in decided.batch(conn, batch) if one.who == who.login]
    if not made:
        return None
    if len(made) == 1:
        return {"text": f"№ {made[0].number}: {DECIDED[made[0].what]}", "batch": batch}
    return {"text": f"{DECIDED[made[0].what]}: {len(made)} шт.", "batch": batch}


def _tab_query(context: Context, tab: Tab) -> str:
    return replace(context, filter=replace(context.filter, tab=tab), after=None).query


def _shown(number: int) -> str:
    return f"{COUNT_MOST}+" if number >= COUNT_MOST else str(number)
