"""Own words of the letters in tests/letters/words-*.eml: one mail client, one trap, one kind of signature a letter."""

from pathlib import Path

import pytest

from intake.own_words import own_words
from intake.parse import parse

LETTERS = Path(__file__).parent.parent / "letters"
CODE = "Код так и не пришёл, пробовала трижды и с другого телефона."
LOOK = "Посмотрите, пожалуйста, что мне прислали, я не понимаю ответа."

# letter, own words, signature
TABLE = [
    (
        "all-in-signature-block",
        (
            "Здравствуйте, Код так и не пришёл, пробовала трижды и с другого телефона. Помогите, пожалуйста, войти, кабинет 55410973, телефон прежний."
        ),
        "",
    ),
    (
        "answer-only-numbers",
        "55410973",
        "",
    ),
    (
        "antivirus",
        CODE,
        "",
    ),
    (
        "apple-html",
        CODE,
        "",
    ),
    (
        "apple-iphone",
        CODE,
        "",
    ),
    (
        "disclaimer-en",
        CODE,
        "",
    ),
    (
        "disclaimer-ru",
        CODE,
        "С уважением,\nАнна Лебедева",
    ),
    (
        "forward-apple",
        LOOK,
        "",
    ),
    (
        "forward-gmail",
        LOOK,
        "",
    ),
    (
        "forward-mailru",
        LOOK,
        "",
    ),
    (
        "forward-yandex-with-end",
        "Посмотрите, пожалуйста, что мне прислали, я не понимаю ответа.\n\nКабинет мой 55410973.",
        "",
    ),
    (
        "gmail-folded-attribution",
        CODE,
        "",
    ),
    (
        "gmail-html-answer-between",
        "Номер кабинета 55410973.\n\nНачалось в четверг девятнадцатого.",
        "",
    ),
    (
        "gmail-html-indent-is-own",
        (
            "На экране написано:\n"
            "Сервис временно недоступен\n"
            "Код так и не пришёл, пробовала трижды и с другого телефона."
        ),
        "",
    ),
    (
        "gmail-html-signature",
        CODE,
        "--\n--\n\nАнна Павловна Лебедева\nИНН 390500112233",
    ),
    (
        "gmail-ru",
        CODE,
        "",
    ),
    (
        "hidden-preheader",
        CODE,
        "",
    ),
    (
        "html-stub-plain",
        CODE,
        "",
    ),
    (
        "huawei",
        CODE,
        "",
    ),
    (
        "k9",
        CODE,
        "",
    ),
    (
        "layout-table-keeps-lines",
        (
            "Меню\n"
            "портала\n"
            "строка письма номер 1\n"
            "строка письма номер 2\n"
            "строка письма номер 3\n"
            "строка письма номер 4\n"
            "строка письма номер 5\n"
            "строка письма номер 6\n"
            "строка письма номер 7\n"
            "строка письма номер 8"
        ),
        "",
    ),
    (
        "mailru-app-unmarked",
        CODE,
        "",
    ),
    (
        "mailru-web",
        "Код так и не пришёл, пробовала трижды и с другого телефона.\nНомер кабинета 55410973.",
        "--\nАнна Лебедева",
    ),
    (
        "nothing-but-quote",
        "",
        "",
    ),
    (
        "outlook-answer-below",
        CODE,
        "",
    ),
    (
        "outlook-blue-line-html",
        ("Код так и не пришёл, пробовала трижды и с другого телефона.\n\nНиже добавлю: кабинет открыт в марте."),
        "",
    ),
    (
        "outlook-forward-unchanged",
        "",
        "",
    ),
    (
        "outlook-mobile",
        CODE,
        "",
    ),
    (
        "outlook-original-divider",
        CODE,
        "",
    ),
    (
        "outlook-ru",
        CODE,
        "С уважением,\nАнна Лебедева\nведущий бухгалтер\nтел. (4012) 55-01-73",
    ),
    (
        "outlook-values-below-keys",
        CODE,
        "",
    ),
    (
        "outlook-word-html",
        CODE,
        "С уважением,\n\nАнна Лебедева, ведущий бухгалтер",
    ),
    (
        "owa",
        CODE,
        "",
    ),
    (
        "rambler",
        CODE,
        "",
    ),
    (
        "samsung-answer-below-html",
        CODE,
        "",
    ),
    (
        "samsung",
        CODE,
        "",
    ),
    (
        "sent-from-yandex-app",
        CODE,
        "",
    ),
    (
        "signature-bare-name-phone",
        CODE,
        "Лебедева Анна Павловна\nпенсионерка, ветеран труда\n8 906 555-01-73",
    ),
    (
        "signature-firm-and-phone",
        CODE,
        "ООО «Сканер-Сервис»\nтел. +7 (846) 207-33-18",
    ),
    (
        "signature-role-and-name",
        CODE,
        "Староста подъезда № 3 Лебедева",
    ),
    (
        "signature-separator-and-respect",
        CODE,
        "--\nС уважением, Анна",
    ),
    (
        "signature-thanks-and-name",
        CODE,
        "Заранее спасибо, Анна",
    ),
    (
        "signature-then-postscript",
        (
            "Код так и не пришёл, пробовала трижды и с другого телефона.\n"
            "\n"
            "P.S. Забыла написать: кабинет открыт в марте, телефон я не меняла."
        ),
        "С уважением,\nЛебедева А. П.",
    ),
    (
        "signature-with-numbers",
        CODE,
        "С ув. Лебедева Анна Павловна, ИНН 390500112233",
    ),
    (
        "table-rows",
        (
            "Код так и не пришёл, пробовала трижды и с другого телефона.\n"
            "\n"
            "ФИО\tЛебедева Анна Павловна\n"
            "\n"
            "ИНН\t390500112233"
        ),
        "",
    ),
    (
        "the-bat-initials",
        "Здравствуйте!\n\nКод так и не пришёл, пробовала трижды и с другого телефона.",
        "",
    ),
    (
        "the-bat",
        "Здравствуйте, Служба.\n\nКод так и не пришёл, пробовала трижды и с другого телефона.",
        "--\nС уважением,\n Анна                          mailto:a.lebedeva@mail.example",
    ),
    (
        "thunderbird-flowed",
        "Номер кабинета 55410973, открыт на имя Лебедевой Анны Павловны.",
        "",
    ),
    (
        "thunderbird",
        "Номер кабинета 55410973.\n\nНачалось в четверг девятнадцатого.",
        "--\nАнна Лебедева",
    ),
    (
        "trap-broken-quote-line",
        "Кабинет 55410973, впервые в четверг.",
        "",
    ),
    (
        "trap-disclaimer-words",
        (
            "Это сообщение пришло мне на телефон в четверг, код в нём не подошёл.\n"
            "Если вы получили моё заявление, ответьте."
        ),
        "",
    ),
    (
        "trap-forwarding-said",
        (
            "Пересылаю вам письмо, которое пришло из банка: в нём сказано, что перевод отклонён.\n"
            "Исходное сообщение я удалила, к сожалению.\n"
            "Original message was in English."
        ),
        "",
    ),
    (
        "trap-list-of-colons",
        (
            "Что я пробовала:\n"
            "выйти и войти снова, сменить телефон\n"
            "19.03.2026, 10:15:\n"
            "код не пришёл\n"
            "19.03.2026, 18:40:\n"
            "код пришёл, но уже не подошёл"
        ),
        "",
    ),
    (
        "trap-operator-wrote",
        ("19 марта в 14:30 мне в чате оператор написал:\nждите три дня\nТри дня прошли, а код так и не пришёл."),
        "",
    ),
    (
        "trap-ot-menya",
        (
            "Здравствуйте!\n"
            "От: меня требуют полис, хотя я его уже прикладывала дважды.\n"
            "Кому: жаловаться на это, не знаю.\n"
            "Тема: та же, что в прошлый раз, полис.\n"
            "Прошу разобраться."
        ),
        "",
    ),
    (
        "trap-own-form",
        (
            "В службу поддержки портала\n"
            "От: Лебедева Анна Павловна\n"
            "Дата: 19 марта 2026\n"
            "Тема: не приходит код\n"
            "Код так и не пришёл, пробовала трижды и с другого телефона."
        ),
        "",
    ),
    (
        "trap-respect-in-sentence",
        (
            "С уважением отношусь к вашей работе, но второй месяц жду выписку.\n"
            "Спасибо, что хотя бы отвечаете на письма.\n"
            "Спасибо"
        ),
        "",
    ),
    (
        "trap-sections-by-rules",
        (
            "Вопрос первый\n"
            "--\n"
            "Почему код приходит через час, когда он уже не действует?\n"
            "--\n"
            "Вопрос второй\n"
            "Куда жаловаться на сотового оператора, если смс не доходят?"
        ),
        "",
    ),
    (
        "trap-sent-through-app",
        (
            "Здравствуйте.\n"
            "Отправлено через мобильное приложение 5 марта, статус не меняется.\n"
            "Отправлено с телефона заявление на справку, ответа нет."
        ),
        "",
    ),
    (
        "yandex-mobile-unmarked",
        CODE,
        "",
    ),
    (
        "yandex-web",
        CODE,
        "--\nАнна Лебедева",
    ),
]


@pytest.mark.parametrize(("letter", "own", "signature"), TABLE, ids=[row[0] for row in TABLE])
def test_own_words_and_signature_are_told_from_older_mail(letter: str, own: str, signature: str) -> None:
    words = own_words(parse((LETTERS / f"words-{letter}.eml").read_bytes()))
    assert (words.own, words.signature) == (own, signature)


def test_every_words_letter_has_its_row() -> None:
    assert {path.stem.removeprefix("words-") for path in LETTERS.glob("words-*.eml")} == {row[0] for row in TABLE}


QUOTING = sorted(p.stem for p in LETTERS.glob("words-*.eml") if "Уточните".encode() in p.read_bytes())


@pytest.mark.parametrize("letter", QUOTING)
def test_older_mail_is_kept_as_quoted(letter: str) -> None:
    words = own_words(parse((LETTERS / f"{letter}.eml").read_bytes()))
    assert "Уточните" in words.quoted
    assert "Уточните" not in words.own + words.signature
