"""Fields as people give them in passing: numbers taken back, a cabinet in the next sentence, names for a group."""

from datetime import datetime, timedelta, timezone

import pytest

from validate.accounts import find_account
from validate.dates import find_date
from validate.description import find_description
from validate.fio import find_fio
from validate.numbers import find_inn
from validate.other_numbers import find_service, find_ticket

SENT = datetime(2026, 3, 12, 18, 30, tzinfo=timezone(timedelta(hours=3)))


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("Не открывается кабинет. Его номер 40556677.", "40556677"),
        ("Кабинет закрыт. Номер: 40556677", "40556677"),
        ("Вхожу под 40556677 в личный кабинет, пишет ошибку", "40556677"),
        ("ЛС 405-566-77 в личном кабинете", "40556677"),
        ("ЛС 405-566-77 за воду", None),
        ("Номер кабинета у меня такой: 40556677", "40556677"),
        ("личный кабинет гражданина 40556677", "40556677"),
        ("Номер кабинета в портале: 40-55-66-77", "40556677"),
        ("Телефон 84951234567, кабинет тот же", None),
        ("Не открывается кабинет. Номер заявления 40556677", None),
        ("номер личного кабинета 40.118.226", "40118226"),
        ("Личный кабинет 11.03.26 не открылся", None),
    ],
)
def test_a_cabinet_is_read_by_words_that_stand_further_off(text: str, account: str | None) -> None:
    found = find_account(text)
    assert (found.value if found else None) == account


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("10 марта около полудня пытался оплатить штраф, не получилось.", "2026-03-10T12:00"),
        ("Записался к хирургу: 3 апреля 9:40, во вторник талон исчез.", "2026-03-10"),
        ("Талон был 3 апреля в 9:40. Во вторник он исчез.", "2026-03-10"),
        ("В 9:40 во вторник талон исчез.", "2026-03-10T09:40"),
        ("Без четверти шесть вечера 8 марта сайт завис на оплате.", "2026-03-08T17:45"),
        ("11.03.26г 7.45 утра зайти не смог в кабинет.", "2026-03-11T07:45"),
        ("В час ночи с понедельника на вторник кто-то сменил пароль.", "2026-03-10T01:00"),
        ("В конце февраля, точнее 26-го, пропало заявление.", "2026-02-26"),
        ("Плачу вечером всегда без помех. 10 марта деньги списали дважды.", "2026-03-10"),
        ("Работали до полудня 10 марта, потом всё зависло.", "2026-03-10"),
    ],
)
def test_a_time_is_read_before_its_date_and_in_words(text: str, day: str) -> None:
    found = find_date(text, SENT)
    assert found is not None
    assert found.value == day


@pytest.mark.parametrize(
    ("text", "fio"),
    [
        ("Лифт стоит.\nОт всех соседей Зотова Фаина Юрьевна, кв. 5", "Зотова Фаина Юрьевна"),
        ("Пишу за соседку Зотову Фаину Юрьевну.\nКротов Глеб Ильич", "Кротов Глеб Ильич"),
        ("Код не приходит.\nЗотова Фаина Юрьевна, родилась 2 мая 1951 года", "Зотова Фаина Юрьевна"),
        ("Имя мой: Фируз, фамилия: Назаров, отчество нету", "Назаров Фируз"),
        ("здравствуйте это говорит назаров тимур код не приходит", "Назаров Тимур"),
        ("Мне говорит оператор Зотова Фаина Юрьевна, что всё работает.", None),
    ],
)
def test_a_name_is_the_writers_by_what_stands_around_it(text: str, fio: str | None) -> None:
    found = find_fio(text)
    assert (found.value if found else None) == fio


@pytest.mark.parametrize(
    ("text", "inn"),
    [
        ("ИНН 772095827107 ой, это жены, мой 500100732259", "500100732259"),
        ("ИНН 500100732259, это мой, верно", "500100732259"),
        ("Регистрирую бабушку. Бабушкин ИНН 500100732259", "500100732259"),
        ("Код не приходит. У бабушки ИНН 500100732259", None),
    ],
)
def test_an_inn_may_be_taken_back_or_be_a_wards(text: str, inn: str | None) -> None:
    found = find_inn(text).found
    assert (found.value if found else None) == inn


@pytest.mark.parametrize(
    ("text", "ticket"),
    [
        ("обращение № 26 0012345 5 так и лежит", "26-0012345-5"),
        ("обращение № 26 0012345 6 так и лежит", None),
        ("паспорт 26 0012345 5", None),
    ],
)
def test_a_ticket_in_spaces_is_read_beside_its_word(text: str, ticket: str | None) -> None:
    found = find_ticket(text).found
    assert (found.value if found else None) == ticket


def test_words_run_together_are_not_cut_in_every_way() -> None:
    """Found by fuzzing: three hundred characters took two minutes; a pattern that does so again never ends here."""
    assert find_account("Логин: 12 pm" + "вкабинет" * 40 + " 2 pm") is None
    assert find_account("личный кабинет " + "кабинет" * 40 + " pm") is None


def test_blanks_between_two_dates_are_not_parted_in_every_way() -> None:
    """Found by reading the patterns: three thousand blanks took minutes, nine thousand would take hours."""
    text = "12.03.2026" + " " * 9000 + "x 10:10 13.03.2026"
    found = find_date(text, SENT.replace(day=20))
    assert found is not None
    assert found.value == "2026-03-13T10:10"


def test_a_row_of_surnames_joined_by_hyphens_is_no_name() -> None:
    """Each hyphen made the ways to read it four times as many: of nine surnames it took two seconds, of fourteen an hour."""
    assert find_fio("Я, " + "-".join(["Иванова"] * 14) + " Анна Ивановна, пишу вам.") is None
    assert find_fio("Я, Иванова " + "-".join(["Анна"] * 2000) + " Ивановна, пишу вам.") is None
    found = find_fio("Я, Иванова-Петрова-Сидорова Анна-Мария Ивановна, пишу вам.")
    assert found is not None
    assert found.value == "Иванова-Петрова-Сидорова Анна-Мария Ивановна"


@pytest.mark.parametrize("word", ["безбез", "задезаде", "послепосле", "аа-"])
def test_a_word_longer_than_any_dictionary_has_is_only_read(word: str) -> None:
    """Taken apart beginning by beginning, it ran out of stack, and the letter was set aside as one that breaks us."""
    told = "Не могу войти в кабинет: " + word * 3000 + " стоит на странице"
    found = find_description(told)
    assert found is not None
    assert found.value == told
    assert find_fio("ФИО: " + word * 3000 + " " + word * 3000) is None


def test_blanks_in_quotation_marks_name_no_service() -> None:
    assert find_service("Услуга «     » не открывается") is None
