"""From the first letter to a complete ticket, read by the real reader, under an injected clock, on either store."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from boxed_desk import DAY, HOUR, MINUTE, BoxedDesk, Sent
from citizens import INN, NAME, TROUBLE, write
from sqlalchemy import select, update
from store_rows import release

from store import rows
from store.blobs import open_blobs
from store.erasing import Act, Due, Erased, Reason, erase
from store.queue import Filter, Tab, queue_rows
from store.records import TicketChange
from store.schema import letters, tickets

SIGNED = """
[desk]
signing_key_file = "{key}"
[smtp]
delimiter = "+"
[public]
base_url = "https://desk.example/"
"""
TRUSTS = '[mailbox]\ntrusted_authserv_id = "mx.desk.example"\n'
PASS = (("Authentication-Results", "mx.desk.example; dmarc=pass"),)
FAIL = (("Authentication-Results", "mx.desk.example; dmarc=fail"),)
MARIA = "maria@post.example"
COMPLAINT = f"{NAME}. Жалоба на вашу службу поддержки: оператор нагрубил и бросил трубку, на жалобу никто не отвечает."
WHOLE = f"{NAME}, ИНН {INN}. 1 марта 2026 года. {TROUBLE}"


class Talk:
    """A citizen and the desk."""

    def __init__(self, desk: BoxedDesk) -> None:
        self.desk = desk
        self._count = 0

    def says(
        self, body: str, *, sender: str = MARIA, after: int = HOUR, mail_server_away: bool = False, **more: Any
    ) -> list[Sent]:
        """Writes, some time later; what the desk answers at once."""
        self.desk.pass_time(after, mail_server_away=mail_server_away)
        self._count += 1
        raw = write(sender, body, at_ms=self.desk.clock.ms, message_id=f"{self._count}@post.example", **more)
        self.became = self.desk.take(raw)
        return self.desk.post()

    def replies(self, to: Sent, body: str, **more: Any) -> list[Sent]:
        """Answers a letter of ours as a mail program does."""
        subject = f"Re: {to.message['Subject']}"
        address = str(to.message["Reply-To"] or to.message["From"].addresses[0].addr_spec)
        return self.says(body, subject=subject, answers=str(to.message["Message-ID"]), to=(address,), **more)

    def tickets(self) -> int:
        return int(self.desk.one("SELECT count(*) FROM tickets"))


@pytest.fixture
def settings() -> str:
    return ""


@pytest.fixture
def talk(tmp_path: Path, settings: str, url: str) -> Iterator[Talk]:
    key = tmp_path / "key"
    key.write_text("k" * 40)
    key.chmod(0o600)
    desk = BoxedDesk(tmp_path, settings.replace("{key}", str(key)), url=url)
    yield Talk(desk)
    desk.close()


def test_what_is_missing_is_asked_for_and_the_answer_completes_the_ticket(talk: Talk) -> None:
    (asked,) = talk.says(f"{NAME}. {TROUBLE}")
    assert asked.text.startswith("Не хватает: ИНН или номера личного кабинета и даты, когда это случилось.")
    (thanks,) = talk.replies(asked, f"ИНН {INN}, это было 1 марта 2026 года")
    assert thanks.text.startswith("Спасибо, теперь у нас есть всё, что нужно.")
    assert thanks.number == asked.number
    assert talk.tickets() == 1
    assert talk.desk.one("SELECT state FROM tickets") == "new"


def test_no_question_is_asked_twice_for_what_came_and_after_two_a_person_takes_over(talk: Talk) -> None:
    (first,) = talk.says(f"{NAME}. {TROUBLE}")
    (second,) = talk.replies(first, "Дата 1 марта 2026 года.")
    assert second.text.startswith("Не хватает: ИНН или номера личного кабинета.")
    assert "Спасибо за ответ." in second.text
    assert talk.replies(second, "Не знаю я ваш номер, помогите так.") == []
    assert talk.desk.one("SELECT needs_review FROM tickets")
    assert talk.desk.one("SELECT state FROM tickets") == "new"
    assert talk.desk.history(first.number)[-1] == "not-answered"


@pytest.mark.parametrize("settings", ["", SIGNED])
@pytest.mark.parametrize("keeps_references", [True, False])
def test_an_answer_to_an_erased_ticket_opens_its_own_and_is_answered(
    talk: Talk, tmp_path: Path, settings: str, keeps_references: bool
) -> None:
    (old,) = talk.says(WHOLE)
    ticket = int(talk.desk.one("SELECT id FROM tickets"))
    act = Act(id="a", who="ops", reason=Reason.RETENTION)
    erase(
        talk.desk.store, open_blobs(f"file://{tmp_path}/blobs"), [Due(kind=Erased.TICKET, id=ticket, number=None)], act
    )
    if keeps_references:
        (asked,) = talk.replies(old, f"{NAME}. {TROUBLE}")
    elif settings:
        (asked,) = talk.says(f"{NAME}. {TROUBLE}", to=(str(old.message["Reply-To"]),))
    else:
        (asked,) = talk.says(f"{NAME}. {TROUBLE} Прежний номер {old.number}.")
    assert (asked.kind, asked.to, asked.number == old.number) == ("missing_information", MARIA, False)
    assert talk.desk.column("SELECT linked_to FROM tickets ORDER BY id") == [None, ticket]
    (thanks,) = talk.replies(asked, f"ИНН {INN}, 1 марта 2026 года")
    assert thanks.number == asked.number
    if keeps_references:  # minutes later, once more below the old letter
        talk.replies(old, f"{TROUBLE} Ещё раз.", after=MINUTE)
    assert talk.tickets() == 2


@pytest.mark.parametrize("settings", [SIGNED])
def test_the_signed_address_joins_without_any_reference(talk: Talk) -> None:
    (asked,) = talk.says(f"{NAME}. {TROUBLE}")
    address = str(asked.message["Reply-To"])
    assert address.startswith("support+26-")
    talk.says(f"ИНН {INN}, 1 марта 2026 года", sender="other@post.example", subject="данные", to=(address.upper(),))
    assert (talk.became.split(":")[0], talk.tickets()) == ("update", 1)
    assert {one.to for one in talk.desk.sent} == {MARIA}


@pytest.mark.parametrize("settings", [SIGNED])
@pytest.mark.parametrize("forge", [lambda a: a.replace("@", "a@"), lambda a: a[:-20] + "aaaa" + a[-16:], lambda a: "support+26-0000001-8@desk.example"])  # fmt: skip
def test_a_forged_address_joins_nothing(talk: Talk, forge: Any) -> None:
    (asked,) = talk.says(f"{NAME}. {TROUBLE}")
    talk.says(WHOLE, sender="thief@post.example", to=(forge(str(asked.message["Reply-To"])),))
    assert talk.tickets() == 2


def test_the_number_from_its_own_address_joins(talk: Talk) -> None:
    (asked,) = talk.says(f"{NAME}. {TROUBLE}")
    talk.says(f"По заявке {asked.number}: ИНН {INN}, 1 марта 2026 года", subject="Дополнение", after=DAY)
    assert (talk.became.split(":")[0], talk.tickets()) == ("update", 1)
    with talk.desk.store.reading() as conn:
        kept = conn.execute(select(letters.c.verdict).order_by(letters.c.id)).scalars()
        assert [verdict["disposition"] for verdict in kept] == ["ticket", "update"]


def test_a_strangers_number_opens_a_linked_ticket_and_reveals_nothing(talk: Talk) -> None:
    (accepted,) = talk.says(WHOLE)
    told = talk.says(f"Какой статус заявки {accepted.number}? Жду ответа.", sender="thief@post.example")
    assert talk.tickets() == 2
    assert talk.desk.one("SELECT linked_to FROM tickets ORDER BY id DESC LIMIT 1") is not None
    assert talk.desk.one("SELECT needs_review FROM tickets ORDER BY id DESC LIMIT 1")
    assert all(one.to == "thief@post.example" and accepted.number not in one.text for one in told)
    assert all("Соколова" not in one.text and "принята" not in one.text for one in told)


@pytest.mark.parametrize("settings", [TRUSTS])
@pytest.mark.parametrize(("headers", "count"), [(PASS, 1), (FAIL, 2), ((), 2)])
def test_where_an_mta_is_trusted_the_number_joins_from_verified_mail_only(
    talk: Talk, headers: tuple[tuple[str, str], ...], count: int
) -> None:
    (asked,) = talk.says(f"{NAME}. {TROUBLE}", headers=PASS)
    talk.says(f"По заявке {asked.number}: ИНН {INN}", headers=headers, after=DAY)
    assert talk.tickets() == count


def test_letters_minutes_apart_about_one_thing_are_one_conversation(talk: Talk) -> None:
    (asked,) = talk.says(f"{NAME}. {TROUBLE}")
    assert talk.says("Забыла приложить снимок экрана.", after=5 * MINUTE) == []
    (thanks,) = talk.says(f"ИНН {INN}, случилось 1 марта 2026 года", after=10 * MINUTE, subject="ещё")
    assert talk.tickets() == 1
    assert thanks.kind == "acknowledgement"
    assert asked.number == thanks.number


@pytest.mark.parametrize(
    ("body", "after", "sender"),
    [
        (f"{NAME}. {TROUBLE} Опять.", 16 * MINUTE, MARIA),
        (f"{NAME}, ИНН 772590548901. {TROUBLE}", 5 * MINUTE, MARIA),
        (f"{NAME}. {TROUBLE} Опять.", 5 * MINUTE, "petr@post.example"),
        ("Приложение на телефоне вылетает сразу после запуска, обновление не помогло.", 5 * MINUTE, MARIA),
    ],
)
def test_another_matter_or_person_or_hour_is_another_ticket(talk: Talk, body: str, after: int, sender: str) -> None:
    talk.says(f"{NAME}, ИНН {INN}. {TROUBLE}")
    talk.says(body, after=after, sender=sender)
    assert talk.tickets() == 2


@pytest.mark.parametrize(("second", "tickets"), [("112-233-445 95", 1), ("", 2)])
def test_the_number_that_a_complaint_lacks_may_be_a_snils_minutes_later(talk: Talk, second: str, tickets: int) -> None:
    talk.says(COMPLAINT, subject="Жалоба на работу поддержки")
    assert talk.desk.column("SELECT kind FROM tickets") == ["complaint"]
    talk.says(f"СНИЛС {second}. Жду ответа, ничего не могу сделать, помогите.", after=MINUTE, subject="Дополнение")
    assert talk.tickets() == tickets


def test_a_second_persons_snils_is_another_ticket(talk: Talk) -> None:
    talk.says(f"{COMPLAINT} СНИЛС 112-233-445 95.", subject="Жалоба на работу поддержки")
    talk.says(f"{COMPLAINT} СНИЛС 087-654-303 00.", subject="Жалоба на работу поддержки", after=MINUTE)
    assert talk.tickets() == 2


def test_a_replaced_value_is_kept_in_history(talk: Talk) -> None:
    (accepted,) = talk.says(WHOLE)
    talk.replies(accepted, "Ошиблась, это было 28 февраля 2026 года")
    with talk.desk.store.reading() as conn:
        ticket = rows.ticket_by_number(conn, accepted.number)
    assert ticket is not None
    assert ticket.fields["date"] == "2026-02-28"
    assert talk.desk.column("SELECT value FROM fields_history WHERE field = 'date'") == ["2026-03-01"]
    assert "field-changed" in talk.desk.history(accepted.number)


def test_who_asks_for_the_status_is_told_it_once_a_day_and_only_at_the_tickets_address(talk: Talk) -> None:
    (accepted,) = talk.says(WHOLE)
    (told,) = talk.says(f"Какой статус заявки {accepted.number}?", after=2 * HOUR)
    assert (told.kind, told.to) == ("status", MARIA)
    assert "принята и ждёт сотрудника" in told.text
    assert talk.says(f"Что с заявкой {accepted.number}?", after=2 * HOUR) == []
    (again,) = talk.says(f"Что с моей заявкой {accepted.number}?", after=2 * DAY)
    assert "не успели ответить вовремя" in again.text
    assert "escalated" in talk.desk.history(accepted.number)


def test_who_writes_again_after_our_answer_is_counted_anew_and_goes_up_when_the_new_answer_is_late(talk: Talk) -> None:
    (accepted,) = talk.says(WHOLE)
    talk.desk.pass_time(31 * DAY)
    with talk.desk.store.writing() as conn:
        ticket = rows.ticket_by_number(conn, accepted.number)
        assert ticket is not None
        now_ms = talk.desk.clock.ms
        answered = TicketChange(state="answered", answered_ms=now_ms, raised=3, escalated_ms=now_ms)
        rows.update_ticket(conn, ticket.id, answered)
    for _ in range(2):
        talk.says(f"По заявке {accepted.number} пишу ещё раз: вход так и не работает.")
    stands = "SELECT raised FROM tickets", "SELECT escalated_ms FROM tickets"
    talk.desk.pass_time(HOUR)
    assert [talk.desk.one(one) for one in stands] == [2, None]
    talk.desk.pass_time(5 * DAY)
    assert talk.desk.one(stands[1]) == talk.desk.clock.ms


def test_who_answers_while_the_mail_server_is_away_is_neither_reminded_nor_closed(talk: Talk) -> None:
    (asked,) = talk.says(f"{NAME}. {TROUBLE}")
    for _ in range(30):
        talk.desk.pass_time(DAY, mail_server_away=True)
    assert talk.desk.post() == []
    (thanks,) = talk.replies(asked, f"ИНН {INN}, 1 марта 2026 года", mail_server_away=True)
    assert thanks.text.startswith("Спасибо, теперь у нас есть всё, что нужно.")


def test_a_silent_citizen_is_reminded_once_then_the_ticket_is_closed_and_an_answer_opens_it_again(talk: Talk) -> None:
    (asked,) = talk.says(f"{NAME}. {TROUBLE}")
    for _ in range(20):
        talk.desk.pass_time(DAY)
        talk.desk.post()
    reminder, closing = talk.desk.sent[1:]
    assert (reminder.kind, closing.kind) == ("reminder", "closing")
    assert (reminder.at_ms - asked.at_ms) // DAY == 7
    assert (closing.at_ms - asked.at_ms) // DAY == 15
    for letter in (reminder, closing):
        assert letter.message["Auto-Submitted"] == "auto-generated"
        assert letter.message["In-Reply-To"] == "<1@post.example>"
    assert "ИНН или номер личного кабинета и дату" in closing.text
    (thanks,) = talk.replies(closing, f"ИНН {INN}, 1 марта 2026 года")
    assert thanks.number == asked.number
    assert talk.tickets() == 1
    assert talk.desk.history(asked.number).count("reopened") == 1


def test_a_complaint_is_never_closed_by_silence_and_gets_no_self_help(talk: Talk) -> None:
    (asked,) = talk.says(COMPLAINT, subject="Жалоба на работу поддержки")
    assert "сотрудник рассмотрит письмо без этих сведений" in asked.text
    due = talk.desk.one("SELECT final_due_ms FROM tickets")
    for _ in range(20):
        talk.desk.pass_time(DAY)
        talk.desk.post()
    assert 12 * DAY <= talk.desk.one("SELECT final_due_ms FROM tickets") - due <= 15 * DAY, "its clocks stood still"
    assert talk.desk.one("SELECT state FROM tickets") == "new"
    assert talk.desk.one("SELECT needs_review FROM tickets")
    (thanks,) = talk.replies(asked, f"ИНН {INN}, 1 марта 2026 года")
    assert "решите вопрос сами" not in thanks.text


def test_the_clocks_stand_still_while_we_wait(talk: Talk) -> None:
    (asked,) = talk.says(f"{NAME}. {TROUBLE}")
    before = talk.desk.one("SELECT final_due_ms FROM tickets")
    talk.replies(asked, f"ИНН {INN}, 1 марта 2026 года", after=5 * DAY)
    assert talk.desk.one("SELECT first_due_ms FROM tickets") > talk.desk.clock.ms
    assert 3 * DAY <= talk.desk.one("SELECT final_due_ms FROM tickets") - before <= 5 * DAY


@pytest.mark.parametrize("settings", ["", SIGNED])
def test_a_bounce_of_ours_stops_later_letters_and_a_forged_one_does_not(talk: Talk, settings: str) -> None:
    (asked,) = talk.says(f"{NAME}. {TROUBLE}")
    daemon = {"sender": "mailer-daemon@mx.post.example", "subject": "Undelivered Mail Returned to Sender"}
    talk.says("This is the mail system. User unknown.\n550 5.1.1", to=("support@desk.example",), **daemon)
    assert talk.desk.one("SELECT count(*) FROM bounces") == 0
    proof = "" if settings else f"Message-ID: {asked.message['Message-ID']}"
    talk.says(f"This is the mail system. User unknown.\n550 5.1.1\n{proof}", to=(asked.envelope_from,), **daemon)
    assert talk.desk.column("SELECT address FROM bounces") == [MARIA]
    assert "bounced" in talk.desk.history(asked.number)
    assert talk.says(f"{NAME}. {TROUBLE} Снова.", after=2 * DAY) == []
    for _ in range(16):
        talk.desk.pass_time(DAY)
    assert talk.desk.post() == []


def test_an_appeal_has_the_statutory_term_where_the_desk_keeps_it(tmp_path: Path) -> None:
    desk = BoxedDesk(tmp_path, "[terms]\nappeal_answer_days = 5\n")
    for place, begins in enumerate(("На основании 59-ФЗ прошу рассмотреть обращение.", "Здравствуйте.")):
        body = f"{begins} {WHOLE}"
        sender = f"p{place}@post.example"
        desk.take(write(sender, body, at_ms=desk.clock.ms, message_id=f"{place}@post.example"))
    assert desk.column("SELECT kind FROM tickets ORDER BY id") == ["appeal", "request"]
    appeal, request = desk.column("SELECT final_due_ms FROM tickets ORDER BY id")
    assert appeal <= desk.clock.ms + 5 * DAY + 12 * HOUR < request
    desk.close()


@pytest.mark.parametrize(
    ("headers", "answers"),
    [((), ["too_large"]), ((("Auto-Submitted", "auto-replied"),), []), ((("List-Id", "<news.post.example>"),), [])],
)
def test_of_letters_too_large_only_those_of_people_are_answered(
    tmp_path: Path, headers: tuple[tuple[str, str], ...], answers: list[str]
) -> None:
    desk = BoxedDesk(tmp_path)
    raw = write(MARIA, TROUBLE, at_ms=desk.clock.ms, message_id="1@post.example", headers=headers)
    desk.take(raw.partition(b"\n\n")[0] + b"\n\n", too_large=True)
    desk.post()
    assert desk.column("SELECT kind FROM outbox") == answers
    desk.close()


def test_the_breaker_holds_everything_until_it_is_released_or_given_up_after_two_days(tmp_path: Path) -> None:
    desk = BoxedDesk(tmp_path, "[limits]\nreplies_per_minute = 10\n")
    for place in range(30):
        body = f"{NAME}, ИНН {INN}, 1 марта 2026 года. {TROUBLE} {place}"
        desk.take(write(f"p{place}@post.example", body, at_ms=desk.clock.ms, message_id=f"{place}@post.example"))
    assert (desk.one("SELECT count(*) FROM tickets"), len(desk.post())) == (30, 0)
    assert desk.one("SELECT count(*) FROM history WHERE what = 'not-answered' AND data LIKE '%breaker%'") == 30
    desk.pass_time(HOUR)
    desk.take(write("late@post.example", WHOLE, at_ms=desk.clock.ms, message_id="late@post.example"))
    assert desk.post() == []
    desk.pass_time(47 * HOUR + MINUTE)
    assert desk.one("SELECT count(*) FROM outbox WHERE state = 'dropped'") == 30
    assert desk.one("SELECT count(*) FROM history WHERE what = 'reply-failed'") == 30
    with desk.store.reading() as conn:
        unanswered = queue_rows(conn, Filter(tab=Tab.UNANSWERED, me="olga"), after=None, limit=50)
    assert [line.reason for line in unanswered] == ["breaker"] * 30
    with desk.store.writing() as conn:
        assert release(conn) == 1
    assert [one.to for one in desk.post()] == ["late@post.example"]
    desk.pass_time(HOUR)
    desk.take(write("after@post.example", WHOLE, at_ms=desk.clock.ms, message_id="after@post.example"))
    assert [one.to for one in desk.post()] == ["after@post.example"]
    desk.close()


@pytest.mark.parametrize(("waits", "kind"), [("remind_ms", "reminder"), ("waiting_until_ms", "closing")])
def test_what_the_clock_writes_at_once_counts_for_the_breaker(tmp_path: Path, waits: str, kind: str) -> None:
    desk = BoxedDesk(tmp_path, "[limits]\nreplies_per_minute = 10\n")
    for place in range(30):
        desk.clock.ms += 30_000
        desk.take(write(f"p{place}@post.example", TROUBLE, at_ms=desk.clock.ms, message_id=f"{place}@post.example"))
        assert len(desk.post()) == 1
    desk.clock.ms = desk.one(f"SELECT max({waits}) FROM tickets") + HOUR  # noqa: S608  # a column of the table above
    with desk.store.writing() as conn:
        conn.execute(
            update(tickets).values({waits: desk.clock.ms, "remind_ms": desk.clock.ms if kind == "reminder" else None})
        )
    desk.pass_time(MINUTE)
    assert desk.post() == []
    held = "SELECT count(*) FROM outbox WHERE state = 'held' AND kind = :kind"
    assert desk.one(held, kind=kind) == 30
    assert desk.one("SELECT count(*) FROM history WHERE what = 'not-answered' AND data LIKE '%breaker%'") == 30
    desk.close()


def test_few_letters_of_the_clock_leave_at_once(tmp_path: Path) -> None:
    desk = BoxedDesk(tmp_path, "[limits]\nreplies_per_minute = 10\n")
    for place in range(10):
        desk.take(write(f"p{place}@post.example", TROUBLE, at_ms=desk.clock.ms, message_id=f"{place}@post.example"))
    assert len(desk.post()) == 10
    desk.clock.ms = desk.one("SELECT max(remind_ms) FROM tickets")
    desk.pass_time(MINUTE)
    assert [one.kind for one in desk.post()] == ["reminder"] * 10
    desk.close()


def test_five_robot_letters_a_day_to_one_address(talk: Talk) -> None:
    for place in range(9):
        talk.says(f"{NAME}. {TROUBLE} Раз {place}.", after=20 * MINUTE)
    assert len(talk.desk.sent) == 5
    assert talk.desk.one("SELECT count(*) FROM history WHERE what = 'not-answered'") == 4


def test_an_old_key_still_joins_after_the_new_one_signs(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("a" * 40)
    key.chmod(0o600)
    (tmp_path / "old").mkdir()
    old = Talk(BoxedDesk(tmp_path / "old", SIGNED.replace("{key}", str(key))))
    (asked,) = old.says(f"{NAME}. {TROUBLE}")
    old.desk.close()
    key.write_text("b" * 40 + "\n" + "a" * 40)
    new = Talk(BoxedDesk(tmp_path / "old", SIGNED.replace("{key}", str(key))))
    new._count, new.desk._uid = 50, 50
    assert new.desk.answers.signed is not None
    assert new.desk.answers.signed.make("answer", asked.number) != str(asked.message["Reply-To"])
    new.says(f"ИНН {INN}", sender="x@post.example", to=(str(asked.message["Reply-To"]),))
    assert new.became.startswith("update")
    new.desk.close()
