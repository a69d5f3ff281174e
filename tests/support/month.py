"""A month of a desk with citizens of different habits, robots and forgers, under an injected clock.

The desk is the real one (boxed_desk); only time, the network and the people are made. Each citizen knows what he has
sent, so that the desk can be held to it: nobody is asked again for what he gave.
"""

import heapq
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from boxed_desk import DAY, HOUR, MINUTE, BoxedDesk, Sent
from citizens import write

from reply_templates import words
from store import rows
from store.records import TicketChange
from tickets.ticket import State

SETTINGS = """
[desk]
signing_key_file = "{key}"
[mailbox]
trusted_authserv_id = "mx.desk.example"
[smtp]
delimiter = "+"
[public]
base_url = "https://desk.example"
"""
DAYS = 30
SURNAMES = [
    "Абрамов",
    "Беляев",
    "Власов",
    "Громов",
    "Дорохов",
    "Ефимов",
    "Журавлёв",
    "Захаров",
    "Калинин",
    "Лапин",
    "Мельников",
    "Носов",
    "Орлов",
    "Поляков",
    "Рыбаков",
    "Суханов",
    "Тихонов",
    "Ушаков",
    "Филатов",
    "Широков",
]
MEN = [
    "Алексей",
    "Борис",
    "Виктор",
    "Григорий",
    "Дмитрий",
    "Егор",
    "Игорь",
    "Константин",
    "Леонид",
    "Михаил",
    "Николай",
    "Павел",
    "Роман",
    "Сергей",
    "Юрий",
]
WOMEN = [
    "Анна",
    "Валентина",
    "Галина",
    "Дарья",
    "Елена",
    "Зинаида",
    "Ирина",
    "Людмила",
    "Мария",
    "Надежда",
    "Ольга",
    "Раиса",
    "Светлана",
    "Татьяна",
    "Юлия",
]
FATHERS = ["Алексеевич Алексеевна", "Борисович Борисовна", "Викторович Викторовна", "Иванович Ивановна", "Николаевич Николаевна", "Петрович Петровна", "Сергеевич Сергеевна"]  # fmt: skip
TROUBLES = [
    "Не приходит код из СМС, войти в личный кабинет не могу, пробовала много раз.",
    "Забыл пароль, восстановить не получается, пишет, что телефон не найден.",
    "При отправке заявления на загранпаспорт появляется ошибка сервера, черновик пропадает.",
    "Заявление подано месяц назад, статус не меняется, ответа от ведомства нет.",
    "Не могу заказать справку о доходах, кнопка не нажимается.",
    "Оплатил госпошлину, деньги списали дважды, квитанция одна.",
    "Не получается записаться к врачу в поликлинику, свободного времени нет ни на один день.",
    "Пособие на ребёнка не назначили, причину отказа в уведомлении не понимаю.",
    "Приложение на телефоне закрывается сразу после входа, переустановка не помогла.",
    "Сертификат электронной подписи не виден, подписать документ не даёт.",
    "Сменила фамилию после свадьбы, новый паспорт в кабинете не проходит проверку.",
    "Регистрация остановилась на подтверждении личности, банк подтвердил, а портал нет.",
]
GIVES = {"fio": "Фамилия, имя, отчество", "inn_or_account": "ИНН (12 цифр)", "date": "Когда это случилось (дата и время)"}  # fmt: skip
ASKED = re.compile(r"[Нн]е хватает: ([^.]+)\.")
BY_WORDS = {said: name for name, said in words.MISSING.items()}


@dataclass(kw_only=True)
class Citizen:
    """A person with one matter."""

    address: str
    habit: str
    values: dict[str, str]
    trouble: str
    sent: set[str] = field(default_factory=set)  # what he gave, by its name
    letters: int = 0
    last: bytes = b""
    asked_again: list[str] = field(default_factory=list)  # what he was asked for though he had given it
    got: list[str] = field(default_factory=list)  # kinds of our letters


class World:
    """Everybody who writes, and the desk."""

    def __init__(self, desk: BoxedDesk, *, citizens: int, seed: int = 1) -> None:
        self.desk = desk
        self._dice = random.Random(seed)  # noqa: S311  # makes people, guards nothing
        self._begun = desk.clock.ms
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._made = 0
        self._timed_at = desk.clock.ms
        self.readers: dict[str, Callable[[Sent], None]] = {}
        self.arrived: Counter[str] = Counter()  # letters that came, by who wrote them
        self.to_robots: Counter[str] = Counter()  # ours to robots, by robot
        self.citizens = [self._citizen(place) for place in range(citizens)]

    # ------------------------------------------------------------ time

    def at(self, ms: int, what: Callable[[], None]) -> None:
        """Something happens that long after the beginning of the month."""
        self._made += 1
        heapq.heappush(self._events, (self._begun + ms, self._made, what))

    def later(self, ms: int, what: Callable[[], None]) -> None:
        """Something happens that long from now."""
        self.at(self.desk.clock.ms - self._begun + ms, what)

    def run(self) -> None:
        """The month, and what the clock does in the weeks after it."""
        for day in range(DAYS + 20):
            self.at(day * DAY + 6 * HOUR, self._staff_work)
        while self._events:
            at_ms, _, what = heapq.heappop(self._events)
            self._go_on(at_ms)
            what()
            self._deliver()
        self._go_on(self._begun + (DAYS + 40) * DAY)
        self._deliver()

    def _go_on(self, at_ms: int) -> None:
        while self._timed_at + HOUR <= at_ms:
            self._timed_at += HOUR
            self.desk.pass_time(max(0, self._timed_at - self.desk.clock.ms))
            self._deliver()
        self.desk.clock.ms = max(self.desk.clock.ms, at_ms)

    def _deliver(self) -> None:
        for letter in self.desk.post():
            if reader := self.readers.get(letter.to):
                reader(letter)

    def _staff_work(self) -> None:
        """Staff answer most of what is new, every day; some they forget."""
        with self.desk.store.writing() as conn:
            found = self.desk.settings
            assert found is not None
            for row in conn.exec_driver_sql("SELECT id FROM tickets WHERE state IN ('new', 'open')").all():
                if self._dice.random() < 0.7:
                    change = TicketChange(state=State.ANSWERED, answered_ms=self.desk.clock.ms, needs_review=False)
                    rows.update_ticket(conn, row.id, change)

    # ------------------------------------------------------------ citizens

    def _citizen(self, place: int) -> Citizen:
        dice = self._dice
        man = dice.random() < 0.5
        father = dice.choice(FATHERS).split()
        surname = dice.choice(SURNAMES) + ("" if man else "а")
        name = f"{surname} {dice.choice(MEN if man else WOMEN)} {father[0] if man else father[1]}"
        habit = dice.choices(list(HABITS), [share for share, _ in HABITS.values()])[0]
        citizen = Citizen(
            address=f"c{place}@post.example",
            habit=habit,
            values={"fio": name, "inn_or_account": inn(dice), "date": f"{dice.randint(1, 28)} февраля 2026 года"},
            trouble=dice.choice(TROUBLES),
        )
        self.readers[citizen.address] = partial(self._read, citizen)
        self.at(dice.randrange(DAYS * DAY), partial(HABITS[habit][1], self, citizen))
        return citizen

    def write(self, citizen: Citizen, body: str, gives: set[str], **more: object) -> None:
        """A genuine letter of a citizen."""
        citizen.sent |= gives
        citizen.letters += 1
        self._made += 1
        self.arrived["citizens"] += 1
        raw = write(
            citizen.address, body, at_ms=self.desk.clock.ms, message_id=f"{self._made}@post.example",
            headers=(("Authentication-Results", "mx.desk.example; dmarc=pass"),), **more,
        )  # fmt: skip
        citizen.last = raw
        self.desk.take(raw)

    def first(self, citizen: Citizen, *, lacks: set[str]) -> None:
        """The first letter, without what it lacks."""
        gives = {"fio", "inn_or_account", "date"} - lacks
        told = self._dice.choice(
            [
                lambda v: (
                    f"Здравствуйте! {citizen.trouble}\n\n{v('date', 'Случилось {}.')}\n{v('inn_or_account', 'ИНН {}')}\n\nС уважением,\n{v('fio', '{}')}"
                ),
                lambda v: (
                    f"{v('fio', 'ФИО: {}')}\n{v('inn_or_account', 'ИНН: {}')}\n{v('date', 'Дата: {}')}\n\n{citizen.trouble}"
                ),
                lambda v: (
                    f"Добрый день. {v('fio', 'Меня зовут {}.')} {citizen.trouble} {v('date', 'Это было {}.')} {v('inn_or_account', 'Мой ИНН {}.')}"
                ),
            ]
        )
        body = told(lambda name, form: form.format(citizen.values[name]) if name in gives else "")
        self.write(citizen, body, gives, subject="Обращение в поддержку")

    def answer(self, citizen: Citizen, letter: Sent, gives: set[str], *, quotes: bool = True) -> None:
        """An answer to a letter of ours, as mail programs write it: the form filled in, or in his own words."""
        way = self._dice.random()
        values = {name: citizen.values[name] for name in sorted(gives) if name in citizen.values}
        if way < 0.4:
            body = "\n".join(f"{GIVES[name]}: {value}" for name, value in values.items())
        elif way < 0.5 and quotes and all(GIVES[name] in letter.text for name in values):  # into our form, below
            self._inside(citizen, letter, values)
            return
        else:
            forms = {"fio": "Меня зовут {}.", "inn_or_account": "ИНН {}.", "date": "Это случилось {}."}
            body = " ".join(forms[name].format(value) for name, value in values.items()) or "Спасибо."
        quoted = "\n".join(f"> {line}" for line in letter.text.splitlines())
        self._reply(citizen, letter, f"{body}\n\nВы писали:\n{quoted}" if quotes else body, gives)

    def _inside(self, citizen: Citizen, letter: Sent, values: dict[str, str]) -> None:
        lines = []
        for line in letter.text.splitlines():
            known = next((name for name, label in GIVES.items() if line.startswith(label)), None)
            lines.append(f"> {line} {values[known]}" if known in values else f"> {line}")
        body = "Заполнил ниже.\n\n3 марта 2026 г. в 12:00 Служба поддержки <support@desk.example> пишет:\n"
        self._reply(citizen, letter, body + "\n".join(lines), set(values))

    def _reply(self, citizen: Citizen, letter: Sent, body: str, gives: set[str]) -> None:
        strips = self._dice.random() < 0.3  # mail programs that lose References keep Reply-To
        self.write(
            citizen, body, gives, subject=f"Re: {letter.message['Subject']}",
            to=(str(letter.message["Reply-To"]),), answers=None if strips else str(letter.message["Message-ID"]),
        )  # fmt: skip

    def _read(self, citizen: Citizen, letter: Sent) -> None:
        citizen.got.append(letter.kind)
        asked = asked_for(letter.text)
        citizen.asked_again += [name for name in asked if name in citizen.sent]
        HABITS_ON_READING.get(citizen.habit, _ignores)(self, citizen, letter, asked)

    def soon(self, what: Callable[[], None], *, most: int = 4 * DAY) -> None:
        """A person gets to it within days."""
        self.later(self._dice.randrange(20 * MINUTE, most), what)

    def some(self, names: set[str]) -> set[str]:
        """One of them."""
        return {self._dice.choice(sorted(names))} if names else set()


def asked_for(text: str) -> set[str]:
    """What a letter of ours asks for."""
    found = ASKED.search(text)
    return {name for said, name in BY_WORDS.items() if said in found[1]} if found else set()


def inn(dice: random.Random) -> str:
    """Twelve digits with the right check digits."""
    digits = [dice.randint(1, 9), *(dice.randint(0, 9) for _ in range(9))]
    for weights in ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)):
        digits.append(sum(w * d for w, d in zip(weights, digits, strict=True)) % 11 % 10)
    return "".join(map(str, digits))


# ---------------------------------------------------------------- habits: share, first act


def _complete(world: World, citizen: Citizen) -> None:
    world.first(citizen, lacks=set())


def _lacking(world: World, citizen: Citizen) -> None:
    world.first(citizen, lacks=world.some({"fio", "inn_or_account", "date"}) | world.some({"inn_or_account", "date"}))


def _twice_at_once(world: World, citizen: Citizen) -> None:
    world.first(citizen, lacks={"date"})
    more = f"Забыла указать дату: это случилось {citizen.values['date']}."
    world.later(3 * MINUTE, lambda: world.write(citizen, more, {"date"}, subject="Обращение в поддержку"))


def _comes_twice(world: World, citizen: Citizen) -> None:
    """One letter over two ways: the same words and Message-ID, other bytes."""
    world.first(citizen, lacks=set())
    raw = b"Received: from another.way.example\r\n" + citizen.last
    world.later(HOUR, lambda: world.desk.take(raw) and None)


def _complains(world: World, citizen: Citizen) -> None:
    trouble = "Жалоба на вашу службу поддержки: оператор нагрубил и бросил трубку, на мои письма отвечают отпиской."
    citizen.trouble = trouble
    world.first(citizen, lacks={"inn_or_account"})


HABITS: dict[str, tuple[float, Callable[[World, Citizen], None]]] = {
    "complete": (30, _complete),
    "answers": (25, _lacking),
    "answers by halves": (8, _lacking),
    "never answers": (7, _lacking),
    "answers after the close": (4, _lacking),
    "answers by the number": (4, _lacking),
    "asks for the status": (6, _complete),
    "writes again by the number": (3, _complete),
    "says thanks": (4, _complete),
    "writes twice at once": (3, _twice_at_once),
    "complains": (3, _complains),
    "is on vacation": (3, _lacking),
    "comes twice": (2, _comes_twice),
}


def _ignores(world: World, citizen: Citizen, letter: Sent, asked: set[str]) -> None:
    """Reads and does nothing."""


def _answers(world: World, citizen: Citizen, letter: Sent, asked: set[str]) -> None:
    if letter.kind == "missing_information":
        world.soon(lambda: world.answer(citizen, letter, asked))


def _by_halves(world: World, citizen: Citizen, letter: Sent, asked: set[str]) -> None:
    if letter.kind == "missing_information":
        gives = world.some(asked)
        world.soon(lambda: world.answer(citizen, letter, gives, quotes=False))


def _after_the_close(world: World, citizen: Citizen, letter: Sent, asked: set[str]) -> None:
    if letter.kind == "closing":
        lacks = {"fio", "inn_or_account", "date"} - citizen.sent
        world.soon(lambda: world.answer(citizen, letter, lacks))


def _by_the_number(world: World, citizen: Citizen, letter: Sent, asked: set[str]) -> None:
    if letter.kind == "missing_information":
        forms = {"fio": "Меня зовут {}.", "inn_or_account": "ИНН {}.", "date": "Это случилось {}."}
        body = f"По заявке {letter.number}. " + " ".join(
            forms[one].format(citizen.values[one]) for one in sorted(asked)
        )
        world.soon(lambda: world.write(citizen, body, asked, subject="Дополнение"))


def _asks_status(world: World, citizen: Citizen, letter: Sent, asked: set[str]) -> None:
    if letter.kind == "acknowledgement":
        body = f"Здравствуйте. Какой статус заявки {letter.number}?"
        world.later(2 * DAY, lambda: world.write(citizen, body, set(), subject="Статус заявки"))
        world.later(2 * DAY + HOUR, lambda: world.write(citizen, body + " Жду ответа.", set(), subject="Статус"))


def _again(world: World, citizen: Citizen, letter: Sent, asked: set[str]) -> None:
    if letter.kind == "acknowledgement":
        body = f"Пишу повторно по заявке {letter.number}: ничего не изменилось, всё по-прежнему не работает."
        world.later(9 * DAY, lambda: world.write(citizen, body, set(), subject="Повторно"))


def _thanks(world: World, citizen: Citizen, letter: Sent, asked: set[str]) -> None:
    if letter.kind == "acknowledgement":
        world.soon(lambda: world.answer(citizen, letter, set(), quotes=False))


def _vacation(world: World, citizen: Citizen, letter: Sent, asked: set[str]) -> None:
    """His mail program answers each letter of ours by itself; he answers when he is back."""
    world.arrived["vacation responders"] += 1
    raw = write(
        citizen.address, "Я в отпуске до 20 марта, отвечу по возвращении.", subject=f"Автоответ: {letter.message['Subject']}",
        at_ms=world.desk.clock.ms, message_id=f"vac{len(world.desk.sent)}.{citizen.address}", answers=str(letter.message["Message-ID"]),
        headers=(("Auto-Submitted", "auto-replied"), ("Authentication-Results", "mx.desk.example; dmarc=pass")),
    )  # fmt: skip
    world.desk.take(raw)
    if letter.kind == "missing_information":
        world.later(9 * DAY, lambda: world.answer(citizen, letter, asked))


HABITS_ON_READING: dict[str, Callable[[World, Citizen, Sent, set[str]], None]] = {
    "answers": _answers,
    "answers by halves": _by_halves,
    "answers after the close": _after_the_close,
    "answers by the number": _by_the_number,
    "asks for the status": _asks_status,
    "writes again by the number": _again,
    "says thanks": _thanks,
    "complains": _answers,
    "is on vacation": _vacation,
}
