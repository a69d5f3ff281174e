"""Names in a request's dative and behind a title in a letter's head, and those beside them that are nobody's own."""

import pytest

from validate.description import find_description
from validate.fio import find_fio
from validate.legible import legible

ASKED = [
    ("Прошу выдать Гафуровой Нурие Хамитовне справку о пенсии.", "Гафурова Нурия Хамитовна"),
    ("Прошу помочь Крыловой Анне Львовне войти в кабинет.", "Крылова Анна Львовна"),
    ("Прошу срочно вернуть пошлину Крылову Глебу Львовичу.", "Крылов Глеб Львович"),
    ("Прошу восстановить доступ Крыловой Анне Львовне.", "Крылова Анна Львовна"),
    ("Прошу направить ответ Крыловой Анне Львовне.", "Крылова Анна Львовна"),
    ("Помогите Крыловой Анне Львовне, пожалуйста.", "Крылова Анна Львовна"),
    ("Прошу разблокировать кабинет Крыловой Анны Львовны.", "Крылова Анна Львовна"),
    ("Прошу восстановить доступ к кабинету Крылова Глеба Львовича.", "Крылов Глеб Львович"),
    ("Моей бабушке, Крыловой Анне Львовне, не приходит код.", "Крылова Анна Львовна"),
    ("Прошу помочь моей маме, Крыловой Анне Львовне, ей 80 лет.", "Крылова Анна Львовна"),
    ("Прошу выдать справку Крыловой Анне Львовне. Гафуров Рамиль Ильич", "Гафуров Рамиль Ильич"),
    ("Прошу выдать справку Крыловой Анне Львовне. Гафуров Р. И.", None),
    ("Моему деду, Крылову Глебу Львовичу, не приходит код. Крылова А. Г.", "Крылов Глеб Львович"),
    ("Прошу направить ответ начальнику отдела Крылову Глебу Львовичу.", None),
    ("Прошу направить врачу Крылову Глебу Львовичу мою карту.", None),
    ("Прошу выдать предписание Крылову Глебу Львовичу.", None),
    ("Прошу выдать моему сыну Крылову Глебу Львовичу паспорт.", None),
    ("Прошу выдать Крылову Глебу Львовичу паспорт, он мой сын.", None),
    ("У нас в организации сменился кадровик, прошу предоставить доступ Крыловой Анне Львовне.", None),
    ("Прошу вернуть мужу Крылову Глебу Львовичу деньги.", None),
    ("Прошу наказать директора Крылова Глеба Львовича.", None),
    ("Не могу записаться в кабинет Крылова Глеба Львовича.", None),
]
TITLES = [
    ("от председателя районной организации ветеранов", "Крылова Глеба Львовича", "Крылов Глеб Львович"),
    ("от директора", "Крылова Глеба Львовича", "Крылов Глеб Львович"),
    ("от директора ООО «Ромашка»", "Крылова Глеба Львовича", "Крылов Глеб Львович"),
    ('от директора ООО "Ромашка"', "Крылова Глеба Львовича,", "Крылов Глеб Львович"),
    ("от председателя ТСЖ «Берёзка»", "Крыловой Анны Львовны", "Крылова Анна Львовна"),
    ("от директора школы № 5", "Крылова Глеба Львовича", "Крылов Глеб Львович"),
    ("от пенсионерки, ветерана труда", "Крыловой Анны Львовны", "Крылова Анна Львовна"),
    ("от матери троих детей", "Крыловой Анны Львовны", "Крылова Анна Львовна"),
    ("Заявление от главного бухгалтера", "Крыловой Анны Львовны", "Крылова Анна Львовна"),
    ("от директора школы имени", "Крылова Глеба Львовича", None),
    ("от жителей улицы", "Крылова Глеба Львовича", None),
    ("от моего отца", "Крылова Глеба Львовича", None),
    ("от родителей", "Крылова Глеба Львовича, ученика", None),
    ("Жду ответа\nот директора", "Крылова Глеба Львовича", None),
    ("Получена отписка\nот директора школы", "Крылова Глеба Львовича", None),
    ("Ответ\nот директора школы", "Крылова Глеба Львовича", None),
    ("Мне пришло письмо от директора", "Крылова Глеба Львовича", None),
    ("Директору", "Крылову Глебу Львовичу", None),
]
_TOLD = "Портал не открывается с пятницы, пишет ошибку."


@pytest.mark.parametrize(("text", "fio"), ASKED)
def test_whom_a_request_names_is_the_applicant_where_nobody_else_is(text: str, fio: str | None) -> None:
    found = find_fio(text)
    assert (found.value if found else None) == fio


@pytest.mark.parametrize(("title", "name", "fio"), TITLES)
def test_the_head_of_a_letter_says_by_a_title_who_writes(title: str, name: str, fio: str | None) -> None:
    found = find_fio(f"{title} {name}\n\n{_TOLD}")
    assert (found.value if found else None) == fio


@pytest.mark.parametrize(("title", "name", "fio"), [row for row in TITLES if row[2]])
def test_the_name_may_stand_under_the_title(title: str, name: str, fio: str) -> None:
    found = find_fio(f"{title}\n{name}\n\n{_TOLD}")
    assert found is not None and found.value == fio


def test_a_name_beside_its_label_goes_before_the_one_of_the_head() -> None:
    found = find_fio(f"от директора школы Крылова Глеба Львовича\n{_TOLD}\nФИО: Гафуров Рамиль Ильич")
    assert found is not None and found.value == "Гафуров Рамиль Ильич"


@pytest.mark.parametrize(("title", "name", "fio"), [row for row in TITLES if row[2]])
@pytest.mark.parametrize("joined", [" ", "\n"])
def test_the_line_that_says_who_writes_is_no_description(title: str, name: str, fio: str, joined: str) -> None:
    for written in (name, "Крылова Г. Л."):
        text = f"В службу поддержки портала\n{title}{joined}{written}\n\n{_TOLD}"
        found = find_fio(text)
        told = find_description(text, (found.written,) if found else ())
        assert told is not None and told.value == _TOLD


def test_a_line_from_an_official_that_goes_on_a_sentence_is_told() -> None:
    told = find_description(f"Вчера пришла отписка\nот директора школы Крылова Г. Л.\n{_TOLD}")
    assert told is not None and "от директора школы Крылова Г. Л." in told.value


def test_a_long_line_that_says_who_writes_is_not_joined_to_the_letter() -> None:
    text = "от председателя районной организации ветеранов Крыловой Анны Львовны\nПросим исправить портал, он не открывается с самой пятницы."
    assert legible(text).text == text
