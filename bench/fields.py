"""What reading the fields costs: CPU a letter by reader on varied letters, and each reader on 1 MB of its worst case.

Run: python bench/fields.py [DIR of .eml]. Without a directory the letters are made up here. Bars: all readers together
2.5 ms median on letters of about a hundred words; 200 ms on any worst case.
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # before this folder, which has a file named as a room

from intake.letter import Letter, OwnWords
from intake.own_words import own_words
from intake.parse import parse
from validate.accounts import find_account
from validate.dates import find_date
from validate.description import find_description
from validate.dictated import dictated
from validate.examine import read_fields
from validate.fio import find_fio
from validate.legible import legible
from validate.numbers import find_inn, find_ogrn, find_snils
from validate.other_numbers import find_application, find_phone, find_service, find_ticket

SENT = datetime(2026, 3, 19, 15, 40, tzinfo=UTC)
ROUNDS = 7
MEDIAN_BAR_MS, WORST_BAR_MS = 2.5, 200.0
READERS: dict[str, Callable[[str], object]] = {
    "fio": lambda text: find_fio(text, signature=text[-300:], subject=text[:80]),
    "inn": find_inn,
    "snils": find_snils,
    "ogrn": find_ogrn,
    "account": find_account,
    "phone": find_phone,
    "ticket": find_ticket,
    "application": find_application,
    "service": find_service,
    "date": lambda text: find_date(text, SENT),
    "description": find_description,
    "dictated": dictated,
}
WORST = (
    "Иванов Иван Иванович ", "иванович ", "Аа Бб ", "от ", "ФИО: ", "Фамилия: ", "врач оглы ", "А-", "аов-", "ИНН ", "ИНН 123456789 ", "1 ", "1-", "12.03.2026 ",
    "12-го ", "5 марта ", "сегодня ", "вчера в 10:10 ", "в понедельник ", "два дня назад ", "в ", "кабинет ", "кабинет № ", "личный кабинет лк аккаунт ", "лк 1 ", "12:30 ",
    "26-0012345-5 ", "8 912 ", "заявление ", "услуга «", "Здравствуйте ", "здравствуйте", ".", ". А", "\n", " ", "а", "О0", "0.", "l1 ", "\u200b", "е\u0308", "«", "не ", "a@", "@", "с уважением ",
    "двадцать ", "в двадцать ", "минут ", "четверть ", "12 м", "12 мар", "12 мрат ", "12.I", "March ", "March 6 ", "кабинет за ", "Аа (Аа) ", "Аа А. ", "Имя ", "имя: ",
    "Иванов Иван Ивановичи мать ", "я мать ", "ИНН/СНИЛС ", "от водителя ", "а\t", " | ", "проживающей ", "Глава ", "Руководителю ", "«а» ", "обычно ", "с 1 до ", "в ночь с ", "семь ", "77 25 ",
    "Аа-аа ", "Фамилия\tИмя\tОтчество\n", "от а, ", "Аа Аа, муж ", "закон от ", "уважаемая ", "\t", "без десяти ", "в 1 ", "Ivanov Ivan ", "vchera ", "половина ", "прошлой неделе ", "договор ", "N ", "И.", "Дата: ",
    "заявка", "заявканомера", "запроса", "лицеваясчёта", "личный", "кабинета", "ответа", "основного", "налогового", "места", "\n ", "главе \n",
    "12.03.2026" + " " * 9000 + "x 10:10 13.03.2026", "дело" + " " * 9000 + "x", "от " + "я-" * 40 + "x Аа Ааович\n", "уважаемый" * 20 + "! Аа Ааович\n",
)  # fmt: skip


def letters(folder: Path | None) -> list[tuple[Letter, OwnWords]]:
    """The letters of a folder, or made-up ones of about a hundred words."""
    if folder:
        read = [parse(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]
        return [(letter, own_words(letter)) for letter in read]
    names = ("Соколова Ирина Викторовна", "Мамедов Рашад Эльдар оглы", "Черных Анна", "Дегтярь Пётр Ильич", "Ли Сергей")
    story = (
        "Вчера в 14:30 не смог подать заявление на замену паспорта, портал писал «Сервис временно недоступен». Пробовал в трёх "
        "браузерах, чистил историю, перезагружал телефон, всё то же самое. Фотография подходит по размеру, госпошлина оплачена, "
        "данные в профиле проверены, раньше такие заявления уходили за минуту. Оператор горячей линии сказал ждать и писать вам. "
        "Подскажите, пожалуйста, что делать и останется ли запись на приём, если я подам заявление позже? Очень прошу помочь."
    )
    made = []
    for number in range(60):
        text = f"Здравствуйте!\n{story}\n{names[number % 5]}, ИНН 772590548901, кабинет № {8820146 + number}\n"
        raw = f"From: a@b.example\nDate: Thu, 19 Mar 2026 18:40:00 +0300\nContent-Type: text/plain; charset=utf-8\n\n{text}"
        letter = parse(raw.encode())
        made.append((letter, own_words(letter)))
    return made


def cpu_ms(work: Callable[[], object]) -> float:
    """CPU milliseconds of one call."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def main() -> int:
    """Prints both tables; 1 when a bar is missed."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    read = letters(folder)
    for letter, words in read:
        read_fields(letter, words)
    whole = [cpu_ms(partial(read_fields, *pair)) for _ in range(ROUNDS) for pair in read]
    median = statistics.median(whole)
    print(
        f"{len(read)} letters, {ROUNDS} rounds: median {median:.2f} ms, p99 {statistics.quantiles(whole, n=100)[98]:.2f} ms"
    )
    texts = [legible(words.own).text for _, words in read]
    for name, reader in READERS.items():
        print(f"  {name:12} median {statistics.median(cpu_ms(partial(reader, t)) for t in texts):.3f} ms")
    slowest = 0.0
    for piece in WORST:
        text = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
        letter = Letter(
            message_id=None, sender=None, reply_to=None, return_path=None, recipients=(), subject=text, sent=SENT, in_reply_to=(),
            references=(), headers=(), content_type="text/plain", report_type=None, text=text, from_html=False, files=(), report="",
        )  # fmt: skip
        whole_ms = cpu_ms(partial(read_fields, letter, OwnWords(own=text, signature=text, quoted="")))
        page = legible(text).text
        worst = {name: cpu_ms(partial(reader, page)) for name, reader in READERS.items()}
        name = max(worst, key=lambda n: worst[n])
        slowest = max(slowest, worst[name])
        if worst[name] > WORST_BAR_MS / 4:
            print(
                f"  1 MB of {piece!r}: {name} {worst[name]:.0f} ms; all readers on three such texts {whole_ms:.0f} ms"
            )
    print(f"worst reader on 1 MB: {slowest:.0f} ms (bar {WORST_BAR_MS:.0f})")
    return int(median > MEDIAN_BAR_MS or slowest > WORST_BAR_MS)


if __name__ == "__main__":
    sys.exit(main())
