"""Whole letters: own words, signature and subject together give the fields."""

from datetime import datetime, timedelta, timezone

import pytest

from intake.letter import Address, Letter, OwnWords
from validate.examine import read_fields
from validate.findings import Field

SENT = datetime(2026, 3, 19, 18, 40, tzinfo=timezone(timedelta(hours=3)))

# subject, own words, signature, (fio, inn, account, date)
LETTERS = [
    ("Код не приходит","Добрый день! Я, Макаренко Юлия Андреевна (ИНН 772590548901), 17.03.2026 в 21:05 не смогла войти на портал: код из СМС так и не пришёл. Номер не менялся с 2019 года. Прошу помочь.","",("Макаренко Юлия Андреевна","772590548901",None,"2026-03-17T21:05")),
    ("","ФИО | Макаренко Юлия Андреевна\nИНН | 772590548901\nДата | 17.03.2026 21:05\nСуть | код не приходит, перезагрузка не помогла","",("Макаренко Юлия Андреевна","772590548901",None,"2026-03-17T21:05")),
    ("","1. Макаренко Юлия Андреевна\n2. 772590548901\n3. 17.03.2026\n4. Код не приходит, перезагрузка не помогла","",("Макаренко Юлия Андреевна","772590548901",None,"2026-03-17")),
    ("","ФИО\tЛичный кабинет\tДата\tОписание\nМакаренко Юлия Андреевна\t8820146\t17.03.2026\tНе приходит код на телефон","",("Макаренко Юлия Андреевна",None,"8820146","2026-03-17")),
    ("Обращение Макаренко Юлии Андреевны, ИНН 772590548901","Вчера в 8 вечера не пришёл код, и позавчера не приходил.","",("Макаренко Юлия Андреевна","772590548901",None,"2026-03-18T20:00")),
    ("","Здравствуйте, у меня не открывается справка о доходах с понедельника, хотя раньше всё открывалось.","С уважением,\nкадровик МБОУ СОШ № 5\nМакаренко Юлия Андреевна\nтел. 8 (495) 000-00-00\nИНН 772590548901",("Макаренко Юлия Андреевна","772590548901",None,"2026-03-16")),
    ("","макаренко юлия андреевна инн 772590548901 вчера около 9 вечера не зашла в госуслуги пишет неверный пароль","",("Макаренко Юлия Андреевна","772590548901",None,"2026-03-18T21:00")),
    ("","МАКАРЕНКО ЮЛИЯ АНДРЕЕВНА. ИНН 772590548901. ВЧЕРА В 21:00 НЕ ЗАШЛА В ГОСУСЛУГИ, ПИШЕТ НЕВЕРНЫЙ ПАРОЛЬ, ХОТЯ ПАРОЛЬ ВЕРНЫЙ","",("Макаренко Юлия Андреевна","772590548901",None,"2026-03-18T21:00")),
    ("","Прошу вернуть госпошлину: 02.03.2026 оплатила 3500 руб., 03.03.2026 услугу отменили, деньги не вернули. УИН 18810502261004112233.\nМакаренко Ю. А.","",(None,None,None,"2026-03-03")),
    ("","Ребёнок Макаренко Илья Олегович, 12.02.2026 г.р. 10 марта в 14:00 подала на пособие — отказ 12 марта. Макаренко Юлия Андреевна, СНИЛС 153-048-729 55","",("Макаренко Юлия Андреевна",None,None,"2026-03-12")),
    ("","Я ИП Макаренко Ю.А., ОГРНИП 332515972063179, ИНН 772590548901. Сегодня в 12-40 не смогла войти в кабинет ИП.","",(None,"772590548901",None,"2026-03-19T12:40")),
    ("","Мы, ООО «Вега» (ИНН 5488624381), не можем с 11 марта привязать сотрудника Кротова Олега Игоревича (ИНН 775236109210).","Генеральный директор\nМакаренко Юлия Андреевна",("Макаренко Юлия Андреевна","5488624381",None,"2026-03-11")),
]  # fmt: skip


def _letter(subject: str) -> Letter:
    return Letter(
        message_id=None, sender=Address(name="Пётр Чужой", email="a@b.example"), reply_to=None, return_path=None, recipients=(),
        subject=subject, sent=SENT, in_reply_to=(), references=(), headers=(), content_type="text/plain", report_type=None, text="",
        from_html=False, files=(), report="",
    )  # fmt: skip


@pytest.mark.parametrize(("subject", "own", "signature", "expected"), LETTERS)
def test_a_whole_letter_gives_its_fields(
    subject: str, own: str, signature: str, expected: tuple[str | None, ...]
) -> None:
    found, _ = read_fields(_letter(subject), OwnWords(own=own, signature=signature, quoted=""))
    wanted = (Field.FIO, Field.INN, Field.ACCOUNT, Field.DATE)
    assert tuple(found[field].value if field in found else None for field in wanted) == expected


def test_quoted_mail_and_the_from_header_give_nothing() -> None:
    quoted = "> Лапин Олег Юрьевич, ИНН 772590548901, вчера не пришёл код, кабинет 8820146"
    found, problems = read_fields(
        _letter("Re: код"), OwnWords(own="Всё ещё не приходит код.", signature="", quoted=quoted)
    )
    assert set(found) == {Field.DESCRIPTION}
    assert problems == ()


def test_the_subject_gives_fields_but_no_description() -> None:
    found, _ = read_fields(
        _letter("Не приходит код, Лапин Олег Юрьевич, ИНН 772590548901"),
        OwnWords(own="", signature="", quoted=""),
    )
    assert set(found) == {Field.FIO, Field.INN}


def test_a_wrong_number_is_a_problem_only_while_no_right_one_is_found() -> None:
    wrong = OwnWords(own="ИНН 772590548902, не приходит код на телефон", signature="", quoted="")
    found, problems = read_fields(_letter(""), wrong)
    assert Field.INN not in found
    assert [(p.field, p.value, p.reason) for p in problems] == [(Field.INN, "772590548902", "checksum")]
    found, problems = read_fields(_letter("ИНН 772590548901"), wrong)
    assert found[Field.INN].value == "772590548901"
    assert problems == ()


@pytest.mark.parametrize("year", [1, 1969, 9999])
def test_a_broken_date_header_breaks_no_reader(year: int) -> None:
    letter = _letter("")
    broken = datetime(year, 1, 1, tzinfo=timezone(timedelta(0)))
    letter = Letter(**{name: getattr(letter, name) for name in letter.__dataclass_fields__} | {"sent": broken})
    found, _ = read_fields(
        letter, OwnWords(own="вчера, 999 недель назад и 29 февраля не пришёл код", signature="", quoted="")
    )
    assert Field.DATE not in found
