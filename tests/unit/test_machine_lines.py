"""Lines that a program or an employer's server put into the letter, and sentences like them that a person wrote."""

import pytest

from intake.machine_lines import without_machine_lines

OWN = "Справка не скачивается со вторника."

MACHINES = [
    "Думайте об экологии, прежде чем распечатать это письмо.",
    "Это сообщение и вложения конфиденциальны.",
    "Данное письмо и любые приложения к нему являются конфиденциальными",
    "Внимание! Это письмо отправлено внешним отправителем.",
    "ВНИМАНИЕ: письмо получено из внешнего источника. Не открывайте вложения.",
    "Данное сообщение пришло извне. Будьте осторожны со ссылками.",
    "[ВНЕШНЕЕ ПИСЬМО]",
    "[ВНЕШНЕЕ ПИСЬМО] Не переходите по ссылкам от незнакомых людей.",
    "*EXTERNAL*",
    "CAUTION: External email",
    "[CAUTION: External email. Do not click links.]",
    "CAUTION: This email originated from outside of the organization. Do not open attachments.",
    "Этот e-mail был проверен антивирусом Avast",
    "Этот e-mail был проверен на вирусы.",
    "Возможны опечатки.",
    "Написано с телефона, возможны опечатки",
    "Отправлено с iPhone, возможны опечатки",
]

PEOPLE = [
    "Внимание! Письмо из налоговой отправлено внешним почтовым ящиком, а не порталом.",
    "Письмо от внешнего отправителя портал не принимает.",
    "Это письмо получено извне кабинета, а должно было прийти в кабинет.",
    "[ВНЕШНЕЕ ПИСЬМО] Справка не скачивается.",
    "External email my code never reaches.",
    "Этот e-mail был проверен вами в марте.",
    "В справке возможны опечатки, проверьте фамилию.",
    "Это сообщение и вложения прошу считать жалобой.",
    "Думайте что хотите, а справка не скачивается.",
]


@pytest.mark.parametrize("line", MACHINES)
def test_a_line_of_a_machine_goes(line: str) -> None:
    assert without_machine_lines([line, "", OWN]) == ["", OWN]


def test_a_servers_warning_takes_nothing_of_the_line_below_it() -> None:
    assert without_machine_lines(["CAUTION: External email. Do not click links.", OWN]) == [OWN]


@pytest.mark.parametrize("line", PEOPLE)
def test_a_line_of_a_person_stays(line: str) -> None:
    assert without_machine_lines([line, "", OWN]) == [line, "", OWN]
