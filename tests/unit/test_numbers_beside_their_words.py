"""ИНН, СНИЛС, ОГРН, account, ticket: read by the words beside them. All numbers are invented; check digits as stated."""

import pytest

from validate.accounts import find_account
from validate.check_digits import luhn_is_valid
from validate.findings import Field
from validate.legible import legible
from validate.numbers import find_inn, find_ogrn, find_snils
from validate.other_numbers import find_application, find_phone, find_service, find_ticket
from validate.whose import Firms, firms_in

PERSON, OTHER_PERSON, FIRM = "772590548901", "775236109210", "5488624381"
SNILS, OGRN, OGRNIP = "15304872955", "1368937073570", "332515972063179"

INN = [
    ("ИНН 772590548901", PERSON),
    ("инн:772590548901", PERSON),
    ("ИНН772590548901", PERSON),
    ("Инн - 772590548901.", PERSON),
    ("ИНН № 772590548901", PERSON),
    ("И.Н.Н. 772590548901", PERSON),
    ("и.н.н 772590548901", PERSON),
    ("INN 772590548901", PERSON),
    ("Inn: 772590548901", PERSON),
    ("мой ИНН 772590548901, помогите", PERSON),
    ("ИНН физлица: 772590548901", PERSON),
    ("ИНН (физ. лица) 772590548901", PERSON),
    ("ИНН заявителя 772590548901", PERSON),
    ("ИНН\t772590548901", PERSON),
    ("ИНН:\n772590548901", PERSON),
    ("ИНН 7725 9054 8901", PERSON),
    ("ИНН 77 25 905489 01", PERSON),
    ("ИНН 7725-9054-8901", PERSON),
    ("ИНН 772.590.548.901", PERSON),
    ("ИНН\u00a07725\u00a0905\u00a048901", PERSON),
    ("ИНН 77259О5489О1", PERSON),
    ("ИНН 772590548901\u200b", PERSON),
    ("ИНН 7725\u200b9054\u200b8901", PERSON),
    ("ИНН ７７２５９０５４８９０１", PERSON),
    ("ИНН 77259054890l", PERSON),
    ("ИНН: 772590548901, тел. 89120000000", PERSON),
    ("ИНН 772590548901 12.03.2026 не смог войти", PERSON),
    ("ИНН 772590548901 СНИЛС 153-048-729 55", PERSON),
    ("772590548901 - мой ИНН", PERSON),
    ("772590548901 (ИНН)", PERSON),
    ("номер ИНН у меня такой: 772590548901", PERSON),
    ("мой инн вот 772590548901", PERSON),
    ("идентификационный номер налогоплательщика 772590548901", PERSON),
    ("Соколова Ирина, 772590548901, не могу войти", PERSON),
    ("Не могу войти 772590548901", PERSON),
    ("тел 89120000000 инн 772590548901", PERSON),
    ("паспорт 4510 123456, ИНН 772590548901", PERSON),
    ("ИНН 5488624381", FIRM),
    ("ИНН/КПП 5488624381/548801001", FIRM),
    ("ИНН/КПП: 5488624381 / 548801001", FIRM),
    ("ИНН организации 5488624381", FIRM),
    ("ООО «Вега», ИНН 5488624381, КПП 548801001", FIRM),
    ("инн юрлица 54 8862 4381", FIRM),
    ("ИНН нашей компании ООО «Вега»: 5488624381", FIRM),
    ("ИНН ИП 772590548901", PERSON),
    ("ИНН компании 5488624381, мой ИНН 772590548901", PERSON),
    ("Мой ИНН 772590548901, ИНН работодателя 5488624381", PERSON),
    ("ИНН налоговой 5488624381", None),
    ("ИНН банка 5488624381", None),
    ("ИНН получателя платежа 5488624381", None),
    ("ИНН мужа 772590548901", None),
    ("ИНН ребёнка 772590548901", None),
    ("ИНН мужа 772590548901, мой ИНН 775236109210", OTHER_PERSON),
    ("ИНН не помню, телефон 9510520902", None),
    ("ИНН нет, СНИЛС 153-048-729 55", None),
    ("Не приходит ИНН. Телефон 9510520902", None),
    ("Телефон 9510520902", None),
    ("Заявление № 5488624381 висит", None),
    ("Номер заявления 484856927081 висит", None),
    ("КПП 548801001, БИК 045004001", None),
    ("р/с 40817810500000000001", None),
    ("лицевой счёт 484856927081", None),
    ("карта 4276 1234 5678 9012", None),
    ("УИН 18810502261004112233", None),
    ("VIN XTA21099012345678", None),
    ("кадастровый номер 77:01:0001001:1024", None),
    ("паспорт 5488 624381", None),
    ("договор 484856927081 от марта", None),
    ("квитанция № 484856927081", None),
    ("код ошибки 484856927081", None),
    ("ИНН 0000000000", None),
    ("Ошибка: поле ИНН заполнено неверно, код 404", None),
    ("5488624381", None),
]  # fmt: skip

INN_PROBLEMS = [
    ("ИНН 772590548902", "772590548902", "checksum"),
    ("ИНН: 7725 9054 8902", "772590548902", "checksum"),
    ("ИНН 5488624382", "5488624382", "checksum"),
    ("ИНН 77259054890", "77259054890", "length"),
    ("ИНН 548862438", "548862438", "length"),
    ("ИНН 7725905489011", "7725905489011", "length"),
]

SNILS_CASES = [
    ("СНИЛС 153-048-729 55", SNILS),
    ("снилс: 153-048-729-55", SNILS),
    ("СНИЛС 15304872955", SNILS),
    ("СНИЛС 153 048 729 55", SNILS),
    ("снилс №153-048-729 55", SNILS),
    ("СНИЛС\t153-048-729 55", SNILS),
    ("мой снилс 153.048.729.55", SNILS),
    ("С.Н.И.Л.С. 153-048-729 55", SNILS),
    ("СНИЛС 153–048–729 55", SNILS),
    ("страховой номер 153-048-729 55", SNILS),
    ("153-048-729 55", SNILS),
    ("Снилса номер 153-048-729 55", SNILS),
    ("SNILS 153-048-729 55", SNILS),
    ("СНИЛС 153-О48-729 55", SNILS),
    ("СНИЛС ребёнка 153-048-729 55", None),
    ("СНИЛС мамы 153-048-729 55", None),
    ("тел. 153-048-729 55", None),
    ("15304872955", None),
    ("8 912 000-00-00", None),
    ("СНИЛС не помню, тел 89120000000", None),
]  # fmt: skip

OGRN_CASES = [
    ("ОГРН 1368937073570", OGRN),
    ("огрн: 1 368 937 073 570", OGRN),
    ("ОГРНИП 332515972063179", OGRNIP),
    ("ОГРН ИП 332515972063179", OGRNIP),
    ("ОГРН\t1368937073570", OGRN),
    ("ИНН 5488624381, ОГРН 1368937073570", OGRN),
    ("О.Г.Р.Н. 1368937073570", OGRN),
    ("ОГРН 1368937073571", None),
    ("1368937073570", None),
    ("номер заказа 1368937073570", None),
]

ACCOUNTS = [
    ("номер личного кабинета 55410972", "55410972"),
    ("Номер личного кабинета: 554-109-72", "55410972"),
    ("личный кабинет № 1048823715", "1048823715"),
    ("личный кабинет N 77120458", "77120458"),
    ("личный кабинет 554 109 72", "55410972"),
    ("кабинет № 8820146", "8820146"),
    ("номер кабинета: 620-017-744", "620017744"),
    ("номер моего кабинета 8820146", "8820146"),
    ("ЛК 8820146", "8820146"),
    ("ЛК № 8820146", "8820146"),
    ("номер ЛК: 8820146", "8820146"),
    ("л/к 8820146", "8820146"),
    ("№ ЛК 8820146", "8820146"),
    ("учётная запись 8820146", "8820146"),
    ("номер учетной записи 8820146", "8820146"),
    ("учётка № 8820146", "8820146"),
    ("аккаунт 8820146", "8820146"),
    ("номер аккаунта - 8820146", "8820146"),
    ("мой аккаунт под номером 8820146", "8820146"),
    ("account 8820146", "8820146"),
    ("ID пользователя 8820146", "8820146"),
    ("id кабинета 8820146", "8820146"),
    ("лицевой счёт личного кабинета 8820146", "8820146"),
    ("лицевой счет ЛК 8820146", "8820146"),
    ("Личный кабинет\t8820146", "8820146"),
    ("личный кабинет на портале № 8820146", "8820146"),
    ("номер личного кабинета госуслуг 8820146", "8820146"),
    ("8820146 - номер личного кабинета", "8820146"),
    ("8820146 (личный кабинет)", "8820146"),
    ("кабинет 8820146, 12.03.2026 не вошёл", "8820146"),
    ("номер кабинета 8820146 12.03.2026", "8820146"),
    ("ЛК-8820146", "8820146"),
    ("НОМЕР КАБИНЕТА 8820146", "8820146"),
    ("кабинет врача № 305", None),
    ("записан в кабинет 214", None),
    ("не могу войти в личный кабинет 12.03.2026", None),
    ("в личном кабинете заявление № 4512345678", None),
    ("в личном кабинете ошибка 50012", None),
    ("лицевой счёт 1234567890 за свет", None),
    ("лицевой счёт ЖКУ 1234567890", None),
    ("лицевой счёт в управляющей компании 1234567890", None),
    ("оплачивал капремонт, лицевой счёт 1234567890", None),
    ("извещение о состоянии лицевого счёта СФР 153-048-729 55", None),
    ("вошёл в кабинет в 14:30", None),
    ("личный кабинет не открывается, телефон 89120000000", None),
    ("личный кабинет закрыт. 8820146", None),
    ("кабинет заблокирован 3 раза", None),
    ("расчётный счёт 40817810500000000001", None),
]  # fmt: skip

TICKETS = [
    ("обращение № 26-5458403-2", "26-5458403-2"),
    ("[№ 26-4303320-8] Ваше обращение", "26-4303320-8"),
    ("26–1875187–5 так и не решено", "26-1875187-5"),
    ("по заявке 26-5458403-2 тишина", "26-5458403-2"),
    ("номер 26 - 5458403 - 2", "26-5458403-2"),
    ("обращение 26-5458403-3", None),
    ("телефон 26-54-58", None),
    ("дело 26-545840-2", None),
]


def _value(found: object) -> str | None:
    return getattr(found, "value", None)


@pytest.mark.parametrize(("text", "value"), INN)
def test_an_inn_counts_by_its_word_or_by_twelve_right_digits(text: str, value: str | None) -> None:
    assert _value(find_inn(legible(text).text).found) == value


@pytest.mark.parametrize(("text", "value", "reason"), INN_PROBLEMS)
def test_a_wrong_inn_beside_its_word_is_a_problem(text: str, value: str, reason: str) -> None:
    read = find_inn(text)
    assert read.found is None
    assert [(p.field, p.value, p.reason) for p in read.problems] == [(Field.INN, value, reason)]


def test_a_letter_written_for_a_firm_gives_the_firms_inn() -> None:
    text = "Директор ООО «Вега» Ребров А. Л., личный ИНН 772590548901. ИНН организации 5488624381, ОГРН 1368937073570"
    assert firms_in(text) is Firms.WRITER
    assert _value(find_inn(text, firms=Firms.WRITER).found) == FIRM
    assert _value(find_inn(text).found) == PERSON


@pytest.mark.parametrize(("text", "value"), SNILS_CASES)
def test_a_snils_counts_by_its_word_or_its_printed_form(text: str, value: str | None) -> None:
    assert _value(find_snils(legible(text).text).found) == value


@pytest.mark.parametrize(("text", "value"), OGRN_CASES)
def test_an_ogrn_counts_by_its_word_alone(text: str, value: str | None) -> None:
    assert _value(find_ogrn(legible(text).text).found) == value


@pytest.mark.parametrize(("text", "value"), ACCOUNTS)
def test_a_cabinet_number_counts_by_the_word_right_beside_it(text: str, value: str | None) -> None:
    assert _value(find_account(legible(text).text)) == value


@pytest.mark.parametrize(("text", "value"), TICKETS)
def test_a_ticket_number_needs_its_check_digit(text: str, value: str | None) -> None:
    assert _value(find_ticket(text).found) == value


def test_a_ticket_number_with_a_wrong_check_digit_is_a_problem() -> None:
    (problem,) = find_ticket("обращение 26-5458403-3").problems
    assert (problem.field, problem.value, problem.reason) == (Field.TICKET, "26-5458403-3", "checksum")


def test_luhn_finds_every_single_wrong_digit() -> None:
    right = "2654584032"
    assert luhn_is_valid(right)
    wrong = [right[:i] + d + right[i + 1 :] for i in range(len(right)) for d in "0123456789" if d != right[i]]
    assert not any(luhn_is_valid(number) for number in wrong)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("тел. 8 (912) 345-67-89", "+79123456789"),
        ("+7 912 345 67 89", "+79123456789"),
        ("мой телефон 9123456789", "+79123456789"),
        ("89123456789", "+79123456789"),
        ("ИНН 772590548901", None),
        ("СНИЛС 153-048-729 55", None),
    ],
)
def test_a_phone_is_read_as_plus_seven_and_ten_digits(text: str, value: str | None) -> None:
    assert _value(find_phone(text)) == value


def test_application_and_service_are_read_where_they_stand() -> None:
    text = "По услуге «Замена паспорта» моё заявление № 4512345678 висит."
    assert _value(find_application(text)) == "4512345678"
    assert _value(find_service(text)) == "Замена паспорта"


def test_what_was_written_is_given_back_with_its_invisible_characters() -> None:
    page = legible("мой ИНН 7725\u200b9О54\u200b8901 верный")
    found = find_inn(page.text).found
    assert found is not None
    assert found.value == PERSON
    assert page.as_written(found).written == "7725\u200b9О54\u200b8901"
