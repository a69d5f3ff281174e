"""The public form: what a letter tells, told on a page. It goes the letter's way once its address is confirmed.

Off by default. Anybody may name anybody's address, so nothing but one plain question goes there before its owner has
said yes, by a button and not by the mere link, which mail filters open by themselves. What is not confirmed within two
days is deleted. The page needs no script and tells nobody whether an address is known.
"""

import hashlib
from dataclasses import dataclass, replace

from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from intake.entered import Entered
from outbox.confirming import confirmation
from outbox.queue import breaker
from reply_templates.limited import Letters
from service.settings import Settings
from store import entered as kept
from store import rows
from store.database import Store
from store.entered import Channel, Submission
from triage.entering import Entering, new_token
from triage.guard import refused
from triage.public_limits import Limits
from triage.public_status import HEADERS as STATUS_HEADERS
from triage.reading import Reading
from triage.telling import FIELDS, FILES_BYTES, FILES_MOST, TooMuch, address_of, entered_of, told_of
from triage.words import FIELDS as FIELD_WORDS
from triage.words import MISSING
from validate import requirements

DAY_MS = 86_400_000
KEPT_MS = kept.SUBMISSION_DAYS * DAY_MS
LETTERS_A_DAY = 3  # questions to one address
WAITING_MOST, WAITING_BYTES = 500, 500 * 1024 * 1024  # of all that wait for their address
BODY_MOST = FILES_BYTES + 1024 * 1024
TRAP = "site"  # a field that people do not see; programs fill it
HEADERS = STATUS_HEADERS | {
    "Content-Security-Policy": STATUS_HEADERS["Content-Security-Policy"].replace(
        "form-action 'none'", "form-action 'self'"
    )
}
FULL = "Сейчас слишком много заявок. Попробуйте через час или напишите нам письмо."


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysIn:
    """What the form and the API share."""

    settings: Settings
    store: Store
    entering: Entering
    reading: Reading
    letters: Letters


def form_routes(ways: WaysIn) -> list[Route]:
    """The form, what follows it, and the confirmation."""
    form = _Form(ways)
    return [
        Route("/form", form.show, methods=["GET"]),
        Route("/form", form.send, methods=["POST"], max_body_size=BODY_MOST),
        Route("/form/sent", form.sent, methods=["GET"]),
        Route("/form/c/{token:str}", form.ask, methods=["GET"]),
        Route("/form/c/{token:str}", form.confirm, methods=["POST"], max_body_size=4096),
    ]


class _Form:
    """Answers strangers."""

    def __init__(self, ways: WaysIn) -> None:
        self._ways, self._settings = ways, ways.settings
        self._requirements = requirements.load(ways.settings.reading.requirements)
        self._tellings = Limits(burst=6, a_second=1 / 300)
        self._links = Limits(burst=20, a_second=1 / 30)
        self._pages = Environment(
            loader=PackageLoader("triage", "pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    async def show(self, _request: Request) -> Response:
        """The empty form."""
        return self._form({})

    async def send(self, request: Request) -> Response:
        """Keeps what was told and asks its address; says what is missing or wrong, and keeps what was typed."""
        if (answer := refused(request)) is not None:
            return answer
        if not self._tellings.take(_address(request)):
            return self._said("Слишком много заявок", "Попробуйте через несколько минут.", status=429)
        form = await request.form(max_files=FILES_MOST, max_fields=20)
        if form.get(TRAP):
            return RedirectResponse("/form/sent", status_code=303)
        typed = {name: value for name, value in form.items() if isinstance(value, str)}
        address = address_of(typed.get("address", ""))
        try:
            entered = await entered_of(form, address=address, verified_by=self._ways.entering.vouching)
        except TooMuch as fault:
            return self._form(typed, wrong=[str(fault)])
        raw = self._ways.entering.letter(entered)
        if (wrong := await self._wrong(entered, raw)) and not (_may_lack(form) and address and entered.text.strip()):
            return self._form(typed, wrong=wrong, may_lack=bool(address and entered.text.strip()))
        room = await run_in_threadpool(self._keep, entered, raw)
        return (
            RedirectResponse("/form/sent", status_code=303) if room else self._said("Не получилось", FULL, status=503)
        )

    async def sent(self, _request: Request) -> Response:
        """The same for everybody, whatever became of it."""
        said = "Мы отправили вам письмо со ссылкой. Откройте её и подтвердите: тогда мы примем заявку и пришлём номер."
        return self._said("Проверьте почту", said)

    async def ask(self, request: Request) -> Response:
        """The question behind the link; looking changes nothing."""
        found = await self._found(request)
        if isinstance(found, Response):
            return found
        page = self._pages.get_template("public_confirm.html")
        return HTMLResponse(page.render(desk=self._settings.desk.name, taken=found.taken), headers=HEADERS)

    async def confirm(self, request: Request) -> Response:
        """Hands the letter to the desk; a second time is the same letter."""
        if (answer := refused(request)) is not None:
            return answer
        found = await self._found(request)
        if isinstance(found, Response):
            return found
        if found.raw is not None:
            await run_in_threadpool(self._take_in, found, found.raw)
        return self._said("Заявка принята", "Номер и ответ придут письмом. Эту страницу можно закрыть.")

    def _take_in(self, found: Submission, raw: bytes) -> None:
        def mark(conn: Connection, _letter_id: int) -> None:
            kept.submission_taken(conn, found.id)

        self._ways.entering.take_in(Channel.FORM, raw, sender=found.address, also=mark)

    async def _found(self, request: Request) -> Submission | Response:
        if not self._links.take(_address(request)):
            return self._said("Слишком много запросов", "Откройте ссылку снова через минуту.", status=429)
        token = request.path_params["token"][:100]
        found = await run_in_threadpool(self._submission, token)
        if found is None:
            said = "Ссылка устарела или скопирована не целиком. Отправьте заявку ещё раз."
            return self._said("Такой заявки нет", said, status=404)
        return found

    def _submission(self, token: str) -> Submission | None:
        with self._ways.store.reading() as conn:
            return kept.submission(conn, _hashed(token), within_ms=KEPT_MS)

    async def _wrong(self, entered: Entered, raw: bytes) -> list[str]:
        """What is missing or wrong, in words."""
        told = await told_of(raw, self._ways.reading, self._requirements)
        wrong = [] if entered.address else ["Адрес почты: напишите его целиком, например maria@mail.example."]
        if told is not None:
            wrong += [
                f"{FIELD_WORDS[name]}: в номере ошибка, проверьте цифры." for name in told.wrong if name in FIELD_WORDS
            ]
            wrong += [f"Не хватает: {MISSING[name]}." for name in told.missing if name in MISSING]
        return wrong

    def _keep(self, entered: Entered, raw: bytes) -> bool:
        """Keeps the letter and queues the question; False when there is no room."""
        token, address = new_token(), (entered.address or "").lower()
        link = f"{(self._settings.public.base_url or '').rstrip('/')}/form/c/{token}"
        with self._ways.store.writing() as conn:
            kept.sweep_submissions(conn, within_ms=KEPT_MS)
            count, size = kept.pending(conn)
            if count >= WAITING_MOST or size + len(raw) > WAITING_BYTES:
                return False
            limit = self._settings.limits.replies_per_minute
            standing = rows.standing(conn, 0, content_key=None, address=address, count_to=limit)
            if standing.bounced or kept.submitted_lately(conn, address, within_ms=DAY_MS) >= LETTERS_A_DAY:
                return True
            kept.keep_submission(conn, token=_hashed(token), address=address, raw=raw)
            question = confirmation(
                self._settings, self._ways.letters, recipient=address, link=link, now_ms=standing.now_ms
            )
            rows.queue_reply(conn, replace(question, held=breaker(conn, standing, a_minute=limit)))
        return True

    def _form(self, typed: dict[str, str], *, wrong: list[str] | None = None, may_lack: bool = False) -> Response:
        page = self._pages.get_template("public_form.html")
        html = page.render(
            desk=self._settings.desk.name, typed=typed, wrong=wrong or [], may_lack=may_lack, fields=FIELDS, trap=TRAP,
            token=typed.get("token") or new_token(),
        )  # fmt: skip
        return HTMLResponse(html, status_code=422 if wrong else 200, headers=HEADERS)

    def _said(self, heading: str, said: str, *, status: int = 200) -> Response:
        page = self._pages.get_template("public_status.html")
        html = page.render(heading=heading, said=said, lines=[], desk=self._settings.desk.name)
        return HTMLResponse(html, status_code=status, headers=HEADERS)


def _may_lack(form: FormData) -> bool:
    """The person was told what is missing and sends it all the same: the desk asks again by letter."""
    return form.get("anyway") == "yes"


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
