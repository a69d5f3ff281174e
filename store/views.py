"""Saved views of the queue, and ready answers."""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, or_, select

from store.schema import snippets, views

MOST = 30  # views a person has

_OF = (
    select(views)
    .where(or_(views.c.owner.is_(None), views.c.owner == bindparam("whose")))
    .order_by(views.c.name, views.c.id)
)
_OWN = select(func.count()).where(views.c.owner == bindparam("whose"))
_SNIPPETS = select(snippets).order_by(snippets.c.name, snippets.c.id)


def views_of(conn: Connection, login: str) -> list[Row[Any]]:
    """A person's own and everybody's views."""
    return list(conn.execute(_OF, {"whose": login}))


def add_view(conn: Connection, *, owner: str | None, name: str, query: str) -> bool:
    """Keep a view; False when the person has too many."""
    if owner is not None and conn.execute(_OWN, {"whose": owner}).scalar_one() >= MOST:
        return False
    conn.execute(insert(views), {"owner": owner, "name": name[:60], "query": query[:500]})
    return True


def drop_view(conn: Connection, view_id: int, *, login: str, shared: bool) -> None:
    """Drop a person's own view; everybody's only by those who may (`shared`)."""
    mine = views.c.owner == login
    conn.execute(delete(views).where(views.c.id == view_id, or_(mine, views.c.owner.is_(None)) if shared else mine))


def all_snippets(conn: Connection) -> list[Row[Any]]:
    """Ready answers by name."""
    return list(conn.execute(_SNIPPETS))


def add_snippet(conn: Connection, *, topic: str | None, name: str, words: str) -> None:
    """Keep a ready answer."""
    conn.execute(insert(snippets), {"topic": topic, "name": name[:80], "text": words[:10_000]})


def drop_snippet(conn: Connection, snippet_id: int) -> None:
    """Drop a ready answer."""
    conn.execute(delete(snippets).where(snippets.c.id == snippet_id))
