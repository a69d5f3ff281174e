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
    "This email is from an external sender. Please be careful with links.",
    "Внимание! Письмо получено от внешнего отправителя — будьте осторожны!",
    "[EXTERNAL EMAIL] Use caution. Do not open attachments unless you recognize the sender.",
    "CAUTION: External email",
    "[CAUTION: External email. Do not click links.]",
    "CAUTION: This email originated from outside of the organization. Do not open attachments.",
    "Этот e-mail был проверен антивирусом Avast",
    "Этот e-mail был проверен на вирусы.",
    "Возможны опечатки.",
    "Написано с телефона, возможны опечатки",
    "Отправлено с iPhone, возможны опечатки",
]

MARKED = [
    ("[Внешний отправитель] ", "Не приходит код подтверждения, помогите"),
    ("[ВНЕШНЕЕ ПИСЬМО] ", "Не скачивается справка"),
    ("[ВНЕШНЕЕ ПИСЬМО] ", "Проверьте, пожалуйста, мою заявку."),
    ("[ВНЕШНЕЕ ПИСЬМО] Не открывайте вложения. ", "Не открывается кабинет."),
    ("[ВНЕШНЕЕ ПИСЬМО] ", "Не отвечайте мне отпиской, код не приходит."),
    ("Внимание! Это письмо получено от внешнего отправителя. ", "Не могу войти в кабинет с мая"),
    ("Внимание! Письмо получено из внешнего источника, не переходите по ссылкам! ", "Код не приходит."),
    ("[External] ", "Please help me, I cannot log in to my account"),
    ("[External] ", "Будьте внимательны, проверьте наконец справку"),
    ("[External] ", "Не доверяйте порталу: код не приходит"),
    ("[External] ", "Never received the code."),
    ("[External] ", "Please do not reply to my old address, it is lost"),
    ("[External] Будьте осторожны, не вводите пароль. ", "Как сменить пароль?"),
    ("*EXTERNAL* ", "Be so kind, send the code again."),
    ("CAUTION: External email. Do not click links. ", "Do not close my ticket."),
    ("CAUTION: This email originated from outside of the organization. ", "Use of my account is not possible."),
]

PEOPLE = [
    "Внимание! Письмо из налоговой отправлено внешним почтовым ящиком, а не порталом.",
    "Письмо от внешнего отправителя портал не принимает.",
    "Это письмо получено извне кабинета, а должно было прийти в кабинет.",
    "Это письмо получено от внешнего отправителя. Не пойму, от кого.",
    "This message is external to my account and I cannot open it.",
    "Внимание! Это письмо получено от внешнего отправителя - вашего портала, открыть не могу.",
    "Возможны опечатки, код не приходит.",
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


@pytest.mark.parametrize(("mark", "told"), MARKED)
def test_a_servers_mark_takes_nothing_of_the_line_it_stands_on(mark: str, told: str) -> None:
    assert without_machine_lines([mark + told, "", OWN]) == [told, "", OWN]


@pytest.mark.parametrize("line", PEOPLE)
def test_a_line_of_a_person_stays(line: str) -> None:
    assert without_machine_lines([line, "", OWN]) == [line, "", OWN]
