"""The form of our letters, filled in by citizens wherever they see it."""

import pytest
from whole_letters import plain_letter

from intake.own_words import own_words
from validate.examine import read_fields
from validate.findings import Field
from validate.our_form import BUSINESS_FORM, FORM, LABELS, filled_in

ABOVE = "\n\n2 марта 2026 г. в 12:00 Служба поддержки <support@desk.example> пишет:\n"
OURS = (
    "Не хватает: ИНН или номера личного кабинета и даты, когда это случилось.\n\nОтветьте на это письмо и впишите:\n\n"
)
OUTLOOK = "\n\nОт: Служба поддержки <support@desk.example>\nОтправлено: 2 марта 2026 г. 12:00\nТема: [№ 26-0000007-5] Нужны сведения\n\n"


def read(text: str) -> dict[str, str]:
    letter = plain_letter(text, subject="Re: [№ 26-0000007-5] Нужны сведения")
    found, _ = read_fields(letter, filled_in(own_words(letter), subject=letter.subject))
    return {field.value: one.value for field, one in found.items() if field is not Field.TICKET}


def form(inn: str = "", account: str = "", date: str = "") -> str:
    return f"ИНН (12 цифр):{inn}\nили номер личного кабинета:{account}\nКогда это случилось (дата и время):{date}\n"


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (form(" 500100732259", "", " 1 марта 2026"), {"inn": "500100732259", "date": "2026-03-01"}),
        (form("", " 8820146", "1 марта 2026 в 10:30"), {"account": "8820146", "date": "2026-03-01T10:30"}),
        (form("\n500100732259", "", "\n1 марта 2026"), {"inn": "500100732259", "date": "2026-03-01"}),
        (form("", "\n8820146"), {"account": "8820146"}),
        (f"Заполнила.{ABOVE}{quoted(OURS + form(' 500100732259', '', ' 1 марта 2026'))}", {"inn": "500100732259", "date": "2026-03-01"}),
        (f"{ABOVE}{quoted(OURS)}{form(' 500100732259')}", {"inn": "500100732259"}),
        (f"См. ниже{OUTLOOK}{OURS}{form('', ' 8820146', ' 1.03.2026')}", {"account": "8820146", "date": "2026-03-01"}),
        (f"Не знаю{ABOVE}{quoted(OURS + form())}", {}),
        ("8820146", {"account": "8820146"}),
        ("№ 8820146.\n1 марта 2026", {"account": "8820146", "date": "2026-03-01"}),
        ("500100732259", {"inn": "500100732259"}),
        (
            "Фамилия, имя, отчество: Соколова Мария Петровна\nЧто случилось: не приходит код из СМС, войти не могу",
            {"fio": "Соколова Мария Петровна", "description": "не приходит код из СМС, войти не могу"},
        ),
        ("ИНН организации или предпринимателя: 7707083893\nОГРН: 1027700132195", {"inn": "7707083893", "ogrn": "1027700132195"}),
    ],
)  # fmt: skip
def test_what_is_filled_in_is_read_wherever_it_stands(text: str, found: dict[str, str]) -> None:
    assert read(text) == found


def test_a_letter_without_the_form_is_left_as_it_is() -> None:
    words = own_words(plain_letter("Не приходит код.\n8820146\n\n> ИНН 500100732259"))
    assert filled_in(words, subject="Не приходит код") == words


def test_every_label_that_is_sent_can_be_read() -> None:
    assert {label for part in (*FORM.values(), *BUSINESS_FORM.values()) for label in part} == set(LABELS)
