"""The status page: how one ticket stands, for who has its signed link. State and dates, nothing of the person.

The link is signed with 130 bits, so that guessing is hopeless; wrong ones are counted all the same, and one address may
ask only so often. A wrong link and a ticket that is gone look alike.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from outbox.answer import STATUS
from reply_templates import words
from service.settings import Settings
from service.signing import LINK_BITS, Keys
from store import rows
from store.database import Store
from store.records import Ticket
from tickets.number import check_number
from tickets.ticket import State
from triage.public_limits import Bucket, Limits

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the link is a secret
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}
SAID = {
    State.NEW: "Заявка принята и ждёт сотрудника.",
    State.OPEN: "Заявка в работе: ею занимается сотрудник.",
    State.WAITING: "Заявка ждёт вашего ответа.",
    State.ANSWERED: "Мы ответили вам письмом. Если его нет, загляните в папку «Спам».",
    State.CLOSED: "Заявка закрыта.",
}


class StatusPage:
    """The page over an open store."""

    def __init__(self, settings: Settings, store: Store, keys: Keys) -> None:
        self._store, self._keys, self._desk = store, keys, settings.desk.name
        self._zone = ZoneInfo(settings.desk.timezone)
        self._each = Limits(burst=20, a_second=1 / 3)  # a person reloads; a program asks
        self._wrong = Bucket(burst=100, a_second=1)  # wrong links of all the world together
        self._pages = Environment(
            loader=PackageLoader("triage", "pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    async def show(self, request: Request) -> Response:
        """The ticket of a signed link."""
        if not self._each.take(request.client.host if request.client else ""):
            return self._too_often()
        number, _, signature = request.path_params["link"].rpartition("-")
        if not check_number(number) or not self._keys.holds(STATUS, number, signature, bits=LINK_BITS):
            return self._wrong_link() if self._wrong.take() else self._too_often()
        ticket = await run_in_threadpool(self._ticket, number)
        if ticket is None:
            return self._wrong_link()
        return self._page(heading=f"Заявка № {number}", said=SAID[State(ticket.state)], lines=self._lines(ticket))

    def _ticket(self, number: str) -> Ticket | None:
        with self._store.reading() as conn:
            return rows.ticket_by_number(conn, number)

    def _lines(self, ticket: Ticket) -> list[tuple[str, str]]:
        state = State(ticket.state)
        lines: list[tuple[str, int | None]] = [("Открыта", ticket.opened_ms)]
        if state in (State.NEW, State.OPEN):
            lines.append(("Ответим не позже", ticket.first_due_ms if ticket.answered_ms is None else None))
        if state is State.WAITING:
            lines.append(("Ждём ответа до", ticket.waiting_until_ms))
        lines += [("Ответ отправлен", ticket.answered_ms), ("Закрыта", ticket.closed_ms)]
        said = [(label, self._day(moment)) for label, moment in lines if moment is not None]
        if state is State.WAITING and ticket.missing:
            said.append(("Не хватает", words.listed([words.MISSING[one] for one in ticket.missing])))
        return said

    def _day(self, moment_ms: int) -> str:
        return words.day(datetime.fromtimestamp(moment_ms / 1000, self._zone))

    def _wrong_link(self) -> Response:
        said = "Откройте ссылку из нашего письма целиком. Не получается? Ответьте на письмо и спросите, что с заявкой."
        return self._page(heading="Такой страницы нет", said=said, status=404)

    def _too_often(self) -> Response:
        page = self._page(heading="Слишком много запросов", said="Откройте страницу снова через минуту.", status=429)
        page.headers["Retry-After"] = "60"
        return page

    def _page(
        self, *, heading: str, said: str, lines: list[tuple[str, str]] | None = None, status: int = 200
    ) -> Response:
        page = self._pages.get_template("public_status.html")
        html = page.render(heading=heading, said=said, lines=lines or [], desk=self._desk)
        return HTMLResponse(html, status_code=status, headers=HEADERS)
