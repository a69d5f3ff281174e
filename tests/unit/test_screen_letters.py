"""Screening of the letters in tests/letters: robot-*.eml are automatic, each by its own rule; person-*.eml are people."""

from pathlib import Path

import pytest

from intake.letter import Desk, Screened
from intake.letter import NoReplyReason as R
from intake.parse import parse
from intake.screen import screen

LETTERS = Path(__file__).parent.parent / "letters"
LOST = ("k3j2.26-0012345-5@desk.example",)  # the letter of ours that came back

# letter, reason, the rule that decided, letters of ours that it returns
ROBOTS = [
    ("robot-auto-replied", R.AUTO_SUBMITTED, "auto-submitted header", ()),
    ("robot-auto-submitted-unknown-value", R.AUTO_SUBMITTED, "auto-submitted header", ()),
    ("robot-auto-submitted-with-comment", R.AUTO_SUBMITTED, "auto-submitted header", ()),
    ("robot-bounce-exim", R.BOUNCE, "x-failed-recipients", LOST),
    ("robot-bounce-qmail", R.BOUNCE, "mailer's bounce", LOST),
    ("robot-bounce-ru-plain-ordinary-address", R.BOUNCE, "bounce in plain text", LOST),
    ("robot-bounce-yandex-words", R.BOUNCE, "mailer's bounce", ()),
    ("robot-delivered-to-autoresponder", R.AUTO_SUBMITTED, "delivered-to autoresponder", ()),
    ("robot-dsn-delayed", R.BOUNCE, "multipart/report", ()),
    ("robot-dsn-exchange-ru", R.BOUNCE, "multipart/report", LOST),
    ("robot-dsn-exchange", R.BOUNCE, "multipart/report", LOST),
    ("robot-dsn-mailru", R.BOUNCE, "multipart/report", LOST),
    ("robot-dsn-postfix", R.BOUNCE, "multipart/report", LOST),
    ("robot-dsn-sendmail", R.BOUNCE, "multipart/report", LOST),
    ("robot-dsn-success", R.BOUNCE, "multipart/report", ()),
    ("robot-exchange-oof", R.AUTO_SUBMITTED, "x-auto-response-suppress", ()),
    ("robot-calendar-reply", R.AUTO_SUBMITTED, "calendar's answer", ()),
    ("robot-help-desk-mark", R.AUTO_SUBMITTED, "x-rt-loop-prevention", ()),
    ("robot-help-desk-mark-without-threading", R.AUTO_SUBMITTED, "x-zendesk-from-account-id", ()),
    ("robot-list-id", R.LIST, "list-id", ()),
    ("robot-list-unsubscribe-newsletter", R.LIST, "list-unsubscribe", ()),
    ("robot-list-unsubscribe-names-us", R.LIST, "list-id", ()),
    ("robot-mailing-list-header", R.LIST, "mailing-list", ()),
    ("robot-mdn-outlook", R.AUTO_SUBMITTED, "disposition notification", ()),
    ("robot-mdn-plain-ru", R.AUTO_SUBMITTED, "receipt in plain text", ()),
    ("robot-mdn-thunderbird", R.AUTO_SUBMITTED, "disposition notification", ()),
    ("robot-auto-reply-address", R.NO_REPLY_ADDRESS, "auto-reply address", ()),
    ("robot-no-reply-behind-an-address", R.NO_REPLY_ADDRESS, "no-reply address", ()),
    ("robot-no-reply-dashed", R.NO_REPLY_ADDRESS, "no-reply address", ()),
    ("robot-no-reply-do-not-reply", R.NO_REPLY_ADDRESS, "no-reply address", ()),
    ("robot-no-reply-letters-around", R.NO_REPLY_ADDRESS, "no-reply address", ()),
    ("robot-no-reply-plain", R.NO_REPLY_ADDRESS, "no-reply address", ()),
    ("robot-no-reply-postmaster", R.NO_REPLY_ADDRESS, "no-reply address", ()),
    ("robot-null-path-only", R.BOUNCE, "null return-path", ()),
    ("robot-own-address-with-tag", R.LOOP, "own address in From", ()),
    ("robot-own-address", R.LOOP, "own address in From", ()),
    ("robot-own-message-id", R.LOOP, "own automatic Message-ID", ()),
    ("robot-own-x-loop", R.LOOP, "own x-loop", ()),
    ("robot-post-messageclass", R.AUTO_SUBMITTED, "x-post-messageclass", ()),
    ("robot-precedence-auto-reply", R.AUTO_SUBMITTED, "precedence", ()),
    ("robot-precedence-bulk", R.AUTO_SUBMITTED, "precedence", ()),
    ("robot-precedence-list", R.LIST, "precedence list", ()),
    ("robot-report-part", R.BOUNCE, "report part", ()),
    ("robot-suppress-several", R.AUTO_SUBMITTED, "x-auto-response-suppress", ()),
    ("robot-words-auto-subject-any-text", R.AUTO_SUBMITTED, "auto-reply by subject", ()),
    ("robot-words-auto-subject", R.AUTO_SUBMITTED, "auto-reply by subject", ()),
    ("robot-words-away-en", R.AUTO_SUBMITTED, "auto-reply by subject", ()),
    ("robot-words-away-without-mail", R.AUTO_SUBMITTED, "absence note", ()),
    ("robot-words-box-not-read", R.AUTO_SUBMITTED, "mailbox not read", ()),
    ("robot-words-help-desk-confirms", R.AUTO_SUBMITTED, "help desk's confirmation", ()),
    ("robot-words-made-by-a-robot", R.AUTO_SUBMITTED, "says that it is automatic", ()),
    ("robot-words-away", R.AUTO_SUBMITTED, "absence note", ()),
    ("robot-words-crm", R.AUTO_SUBMITTED, "says that it is automatic", ()),
    ("robot-words-office-closed", R.AUTO_SUBMITTED, "says that it is automatic", ()),
    ("robot-x-autoreply", R.AUTO_SUBMITTED, "x-autoreply", ()),
    ("robot-x-autorespond", R.AUTO_SUBMITTED, "x-autorespond", ()),
    ("robot-x-precedence", R.AUTO_SUBMITTED, "x-precedence", ()),
    ("robot-x-vendor-auto-response", R.AUTO_SUBMITTED, "x-kompas-auto-response", ()),
]
PEOPLE = sorted(path.stem for path in LETTERS.glob("person-*.eml"))
TRUSTING = Desk(trusted_authserv_id="mx.desk.example", spam_header="X-Spam-Flag: yes")


def screened(letter: str, desk: Desk | None = None) -> Screened:
    return screen(parse((LETTERS / f"{letter}.eml").read_bytes()), desk or Desk())


@pytest.mark.parametrize(("letter", "reason", "rule", "bounced"), ROBOTS, ids=[row[0] for row in ROBOTS])
def test_a_robot_is_told_by_its_rule(letter: str, reason: R, rule: str, bounced: tuple[str, ...]) -> None:
    found = screened(letter)
    assert (found.automatic, found.reason, found.rule, found.bounced) == (True, reason, rule, bounced)


def test_every_robot_letter_has_its_row() -> None:
    assert {path.stem for path in LETTERS.glob("robot-*.eml")} == {row[0] for row in ROBOTS}


@pytest.mark.parametrize("letter", PEOPLE)
def test_a_person_is_never_automatic(letter: str) -> None:
    assert not screened(letter).automatic
    assert not screened(letter, TRUSTING).automatic


@pytest.mark.parametrize("letter", [name for name in PEOPLE if name != "person-no-sender"])
def test_a_person_is_answered_when_no_server_is_trusted_to_say_otherwise(letter: str) -> None:
    assert screened(letter).reason is None


@pytest.mark.parametrize(
    ("letter", "reason", "verified"),
    [
        ("person-no-sender", R.NO_SENDER, None),
        ("person-spam-by-trusted", R.SPAM, None),
        ("person-dmarc-failed-at-trusted", R.DMARC, False),
        ("person-dmarc-passed-at-trusted", None, True),
    ],
)
def test_a_person_is_not_answered_by_itself_on_the_trusted_server_s_word(
    letter: str, reason: R | None, verified: bool | None
) -> None:
    found = screened(letter, TRUSTING)
    assert (found.automatic, found.reason, found.verified) == (False, reason, verified)


def test_an_alias_of_the_desk_is_a_loop_only_when_it_is_named() -> None:
    raw = b"From: help@desk.example\n\nText"
    assert screen(parse(raw), Desk()).reason is None
    assert screen(parse(raw), Desk(own_addresses=frozenset({"help@desk.example"}))).reason is R.LOOP


@pytest.mark.parametrize("written", ["support@почта.рф", "support@xn--80a1acny.xn--p1ai"])
@pytest.mark.parametrize("own", ["support@почта.рф", "support@xn--80a1acny.xn--p1ai"])
def test_our_own_address_is_known_in_both_forms_of_its_domain(written: str, own: str) -> None:
    raw = f"From: {written}\n\nText".encode()
    assert screen(parse(raw), Desk(address=own)).reason is R.LOOP
    assert screen(parse(raw), Desk(own_addresses=frozenset({own}))).reason is R.LOOP


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ("List-Id: Support <SUPPORT.desk.example>", True),
        ("List-Id: support.desk.example", True),
        ("List-Post: <https://g.example/post>, <mailto:Support@desk.example?subject=x>", True),
        ("Mailing-List: list support@desk.example; contact support-owner@desk.example", True),
        ("X-Mailing-List: <help@desk.example> archive/latest/1", True),
        ("List-Id: <support.desk.example>\nList-Unsubscribe: <mailto:leave@desk.example>", True),
        ("List-Unsubscribe: <mailto:leave@shop.example?subject=support@desk.example>", False),
        ("List-Unsubscribe: <mailto:support@desk.example>", False),
        ("List-Help: <mailto:support@desk.example>", False),
        ("List-Id: support@desk.example <news.shop.example>", False),
        ("List-Id: <nosupport.desk.example>", False),
        ("List-Id: <support.desk.example.org>", False),
        ("List-Post: <mailto:nosupport@desk.example>", False),
        ("List-Post: <mailto:news@shop.example?cc=support@desk.example>", False),
        ("Mailing-List: list support@desk.example.org", False),
    ],
)
def test_only_the_list_s_own_name_makes_it_the_desk_s(headers: str, own: bool) -> None:
    desk = Desk(own_addresses=frozenset({"help@desk.example"}))
    found = screen(parse(f"From: a@mail.example\n{headers}\n\nКод не приходит.".encode()), desk)
    assert found.reason is (None if own else R.LIST)


@pytest.mark.parametrize(
    ("headers", "text", "failed"),
    [
        ("From: a@mail.example\nReturn-Path: <>\nSubject: Re: ИНН", "Я в отъезде до понедельника.", False),
        ("From: a@mail.example\nReturn-Path: <>\nSubject: Re: ИНН", "Что делать, код не приходит?", False),
        ("From: a@mail.example\nReturn-Path: <>\nSubject: Подтвердите, что вы человек", "Перейдите по ссылке.", False),
        (
            "From: Mailer-Daemon@mx.example\nSubject: Warning: message 1abc delayed 24 hours",
            "A message that you sent has not yet been delivered to one or more of its recipients.",
            False,
        ),
        (
            "From: postmaster@mx.example\nSubject: Warning: could not send message for past 4 hours",
            "** THIS IS A WARNING MESSAGE ONLY **",
            False,
        ),
        ("From: mailer-daemon@mx.example\nSubject: Mail delivery status", "Your message will be retried.", False),
        ("From: a@mx.example\nReturn-Path: <>\nSubject: Уведомление о задержке доставки", "Ждите.", False),
        (
            "From: mailer-daemon@mx.example\nSubject: Отчёт о доставке",
            "Доставка письма задержана. Сервер продолжит попытки.",
            False,
        ),
        ("From: mailer-daemon@mx.example\nSubject: Mail delivery failed", "550 no such user", True),
        ("From: mx@mx.example\nSubject: Не доставлено", "Не удалось доставить письмо: ошибка 550 5.1.1 smtp.", True),
        ("From: mailer-daemon@mx.example\nSubject: Недоставленное письмо: Задержка выплаты", "550 5.1.1", True),
        ("From: mx@mx.example\nX-Failed-Recipients: a@mail.example", "It was delayed; delivery delayed, failed.", True),
    ],
)
def test_only_a_report_that_gives_up_returns_a_letter(headers: str, text: str, failed: bool) -> None:
    found = screen(parse(f"{headers}\nIn-Reply-To: <{LOST[0]}>\n\n{text}".encode()), Desk())
    assert (found.reason, found.delivery_failed, found.bounced) == (R.BOUNCE, failed, LOST if failed else ())


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("X-Autoreply:", R.AUTO_SUBMITTED),
        ("X-Autorespond: ", R.AUTO_SUBMITTED),
        ("Auto-Submitted:", R.AUTO_SUBMITTED),
        ('Auto-Submitted: "auto-replied"', R.AUTO_SUBMITTED),
        ("Precedence: bulk;", R.AUTO_SUBMITTED),
        ('Precedence: "Bulk"', R.AUTO_SUBMITTED),
        ("X-Precedence: junk (really)", R.AUTO_SUBMITTED),
        ("Precedence: auto-generated", R.AUTO_SUBMITTED),
        ("Return-Path: <MAILER-DAEMON>", R.BOUNCE),
        ("Return-Path: mailer-daemon@mx.mail.example", R.BOUNCE),
        ("Return-Path: <daemon-1@mail.example>", None),
        ('Precedence: "list";', R.LIST),
        ("X-Autoreply: No (a person)", None),
        ('X-Auto-Response: "false"', None),
        ("Auto-Submitted: no; by=hand", None),
        ("Precedence: ;", None),
        ('Precedence: "first-class"', None),
    ],
)
def test_a_robot_s_header_counts_however_it_is_written(header: str, reason: R | None) -> None:
    assert screen(parse(f"From: a@mail.example\n{header}\n\nКод не приходит.".encode()), Desk()).reason is reason


@pytest.mark.parametrize(
    "mark",
    [
        "X-Loop: okrug.example",
        "X-No-Loop: 1",
        "X-OTRS-Loop: a@okrug.example",
        "X-GLPI-Loop: yes",
        "X-RT-Loop-Prevention: okrug.example",
        "X-Libredesk-Loop-Prevention: a@okrug.example",
        "X-Roundup-Loop: hello",
        "X-Zendesk-From-Account-Id: 1a2b3c4",
        "X-MS-Exchange-Inbox-Rules-Loop: a@okrug.example",
    ],
)
@pytest.mark.parametrize(
    ("text", "ours", "automatic"),
    [
        ("Ваше обращение принято.", "In-Reply-To: <1@desk.example>", True),
        ("Ваше обращение принято.", "Subject: Re: [26-0012345-5] Принято", True),
        ("Ваше обращение принято.", "In-Reply-To: <1@other.example>", False),
        ("Ваше обращение принято.", "In-Reply-To: <1@notdesk.example>", False),
        ("Спасибо за ваше письмо! Мы ответим в течение трёх рабочих дней.", "In-Reply-To: <1@desk.example>", True),
        ("Вашему запросу присвоен номер 8812.", "Subject: Запрос 8812", True),
        ("Добрый день! Запрос № 8812 создан, оператор вам ответит. С уважением", "Subject: Запрос", True),
        ("Это письмо отправлено роботом, не отвечайте на него.", "Subject: Запрос", True),
        ("Это письмо отправлено роботом. Номер кабинета не нужен." + " Слово" * 300, "Subject: Запрос", False),
        ("Принято в работу.", "In-Reply-To: <1@desk.example>", False),
        ("Спасибо за ваше письмо. Выплата за март пропала из истории.", "In-Reply-To: <1@desk.example>", False),
        ("Спасибо за ваше письмо. Выплата за март пропала из истории.", "Subject: Выплата", False),
        ("Спасибо за ваше письмо. Сбербанк.", "In-Reply-To: <1@desk.example>", False),
        ("Спасибо за ваше письмо. 12 мая.", "In-Reply-To: <1@desk.example>", False),
        ("Спасибо за ваше письмо. Да", "In-Reply-To: <1@desk.example>", False),
        ("Заявка 8812 создана, ответ ждём.", "In-Reply-To: <1@desk.example>", False),
        ("Спасибо за ваше сообщение, номер 5512", "In-Reply-To: <1@desk.example>", False),
        ("Мы получили ваше письмо, срок 5 дней прошёл", "In-Reply-To: <1@desk.example>", False),
        ("Заявка 8812 создана 3 марта", "In-Reply-To: <1@desk.example>", False),
        ("Обращение № 8812 принято", "In-Reply-To: <1@desk.example>", False),
        ("Номер вашей заявки 26-0012345-5", "In-Reply-To: <1@desk.example>", False),
        ("Сотрудник ответит завтра", "In-Reply-To: <1@desk.example>", False),
        ("Автоматическое уведомление пришло 3 марта", "In-Reply-To: <1@desk.example>", False),
        ("Спасибо за ваш ответ", "Subject: Re: Вход", False),
        ("Обращение 26/114 принято 3 марта, статус прежний.", "Subject: Вход", False),
        ("Заявка 8812 создана, ответа нет второй месяц.", "In-Reply-To: <1@desk.example>", False),
        ("Заявка 8812 создана мною в марте.", "In-Reply-To: <1@desk.example>", False),
        ("Специалист вам ответит, так сказали по телефону, номер вашей заявки 8812.", "Subject: Вход", False),
        ("1 марта 2026", "In-Reply-To: <1@desk.example>", False),
        ("12 мая 2026", "In-Reply-To: <1@desk.example>", False),
        ("Иванов Иван", "In-Reply-To: <1@desk.example>", False),
        ("Через Сбербанк", "In-Reply-To: <1@desk.example>", False),
        ("Версия 5.1, Android", "In-Reply-To: <1@desk.example>", False),
        ("Да, всё верно.", "In-Reply-To: <1@desk.example>", False),
        ("Записывала к терапевту, поликлиника на Мира", "In-Reply-To: <1@desk.example>", False),
        ("Ок", "In-Reply-To: <1@desk.example>", False),
        ("Chrome на Windows 11", "Subject: Re: [26-0012345-5] Вход", False),
        ("По номеру телефона, вечером 3 марта", "In-Reply-To: <1@desk.example>", False),
        ("Код не доходит.", "In-Reply-To: <1@desk.example>", False),
        ("Когда ответите?", "In-Reply-To: <1@desk.example>", False),
        ("55410973", "In-Reply-To: <1@desk.example>", False),
    ],
)
def test_a_mark_that_any_letter_bears_needs_a_robot_s_own_words(mark: str, text: str, ours: str, automatic: bool) -> None:
    raw = f"From: a@okrug.example\n{mark}\n{ours}\nContent-Type: text/plain; charset=utf-8\n\n{text}"
    assert screen(parse(raw.encode()), Desk()).automatic is automatic


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("desk.example", None),
        ("<alias@desk.example>", None),
        ("help@gov.example", None),
        ("GOV.example", None),
        ("other@gov.example (forwarded)", None),
        ("support@почта.рф", None),
        ("support@xn--80a1acny.xn--p1ai", None),
        ("no", None),
        ("other@mail.example", R.AUTO_SUBMITTED),
        ("other@sub.gov.example", R.AUTO_SUBMITTED),
    ],
)
def test_a_forwarder_of_any_domain_of_the_desk_marks_nothing(value: str, reason: R | None) -> None:
    raw = f"From: a@mail.example\nX-MS-Exchange-Inbox-Rules-Loop: {value}\nIn-Reply-To: <1@desk.example>\n\n"
    desk = Desk(own_addresses=frozenset({"hotline@gov.example", "vopros@почта.рф"}))
    assert screen(parse(f"{raw}Your ticket number is 5521.".encode()), desk).reason is reason


@pytest.mark.parametrize("mark", ["X-FC-Machinegenerated: true", "X-AMAZON-MAIL-RELAY-TYPE: notification"])
def test_a_mark_of_automatic_mail_needs_no_other_sign(mark: str) -> None:
    assert screen(parse(f"From: a@okrug.example\n{mark}\n\nText".encode()), Desk()).automatic


@pytest.mark.parametrize(
    ("headers", "automatic"),
    [
        ("Content-Type: text/calendar; method=REPLY", True),
        ("Content-Type: text/calendar; method=counter", True),
        ("Content-Type: text/calendar; method=REQUEST", False),
        ("Content-Type: text/calendar; method=REQUEST\nContent-Class: urn:content-classes:calendarmessage", False),
        ("Content-Class: urn:content-classes:calendarmessage", True),
        ("Content-Class: urn:content-classes:message", False),
    ],
)
def test_a_calendar_answers_and_a_person_invites(headers: str, automatic: bool) -> None:
    assert screen(parse(f"From: a@mail.example\n{headers}\n\nAccepted".encode()), Desk()).automatic is automatic


def test_a_calendar_s_answer_attached_to_a_person_s_letter_is_none_of_its_own() -> None:
    answer = "--b\nContent-Type: message/rfc822\n\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR"
    raw = f"From: a@mail.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nText\n{answer}\n--b--"
    assert not screen(parse(raw.encode()), Desk()).automatic


@pytest.mark.parametrize(
    ("address", "automatic"),
    [
        ("bounce", True),
        ("bounces+a=b", True),
        ("bounce-77", True),
        ("bounces_x", True),
        ("bounce=a", True),
        ("bounce.nik", False),
        ("bouncer", False),
    ],
)
def test_a_mailer_sets_the_recipient_behind_a_sign_of_its_own(address: str, automatic: bool) -> None:
    assert screen(parse(f"From: {address}@mail.example\n\nText".encode()), Desk()).automatic is automatic
