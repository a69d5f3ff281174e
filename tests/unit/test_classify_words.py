"""One form however it is typed: layout, transliteration, look-alikes, masks; and each word as it stands in the letter."""

import time

import pytest

from classify.alphabets import LAYOUT_RUSSIAN
from classify.words import DATE, LETTER_MOST, LINK, MAIL, NAME, NUMBER, words


def _forms(text: str, subject: str = "") -> list[str]:
    return [word.form for word in words(subject, text)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Ещё Ёлка", "еще елка"),
        ("пaроль нe пoдходит", "пароль не подходит"),
        ("ghbdtn, yt ghb[jlbn rjl gjlndth;ltybz", "привет не приходит код подтверждения"),
        ("yt vjue djqnb d kbxysq rf,bytn", "не могу войти в личный кабинет"),
        ("ne prihodit kod, ne mogu voyti v kabinet", "не приходит код не могу войти в кабинет"),
        ("zdravstvuyte, parol ne podhodit", "здравствуйте пароль не подходит"),
        ("пришла sms от банка", "пришла смс от банка"),
        ("ГОСУСЛУГИ НЕ РАБОТАЮТ", "госуслуги не работают"),
    ],
)
def test_the_same_words_have_the_same_form(typed: str, meant: str) -> None:
    assert _forms(typed) == meant.split()


@pytest.mark.parametrize(
    "text",
    [
        "please help me with my account", "the quick brown fox jumps over the lazy dog", "google chrome windows",
        "Guten Tag, ich habe eine Frage zu meinem Konto", "sql error 500 at line", "iPhone 15 Pro Max",
    ],
)  # fmt: skip
def test_another_language_stays_what_it_is(text: str) -> None:
    assert any(form.isascii() and form.isalpha() for form in _forms(text))


def test_a_russian_letter_in_the_wrong_layout_is_read_as_if_typed_right() -> None:
    text = "Не могу записаться к врачу: система пишет, что полис не найден. Что делать, подскажите!"
    assert _forms(text.lower().translate(LAYOUT_RUSSIAN)) == _forms(text)


@pytest.mark.parametrize(
    "subject",
    [
        "Обращение в поддержку", "ВОПРОС", "Re: Fwd:", "Прошу помочь, срочно!!!", "Добрый день",
        "Заявка в техподдержку № 12 от 3 июня",
    ],
)  # fmt: skip
def test_a_subject_that_would_go_with_any_letter_counts_for_nothing(subject: str) -> None:
    assert _forms("Забыл пароль", subject) == _forms("Забыл пароль")


@pytest.mark.parametrize("subject", ["Жалоба в поддержку", "Вопрос по штрафу", "не работает"])
def test_a_subject_that_says_something_counts(subject: str) -> None:
    assert _forms("Забыл пароль", subject) == _forms(f"{subject} Забыл пароль")


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("500100732259", NUMBER), ("12 марта 2026", DATE), ("3 июня", DATE), ("ivan@mail.example", MAIL),
        ("https://gosuslugi.example/pay?id=1", LINK), ("www.site.example/a", LINK), ("Иванович", NAME),
        ("Петрова", NAME), ("+7 (900) 123-45-67", NUMBER),
    ],
)  # fmt: skip
def test_what_is_somebodys_own_becomes_a_mask(text: str, mask: str) -> None:
    assert mask in _forms(text)
    assert not {"петрова", "иванович", "500100732259", "ivan"} & set(_forms(text))


def test_a_word_keeps_how_it_stands_in_the_letter() -> None:
    found = words("Вход", "ПАРОЛЬ не подходит, gjxtve")
    assert [word.written for word in found] == ["Вход", "ПАРОЛЬ", "не", "подходит", "gjxtve"]
    assert [word.written for word in words("", "gjxtve yt ghb[jlbn rjl")] == ["gjxtve", "yt", "ghb[jlbn", "rjl"]


def test_the_subject_of_our_own_letter_is_not_the_citizens_word() -> None:
    assert "оплата" not in _forms("пароль не подходит", subject="Re: [№ 26-0012345-5] Оплата")
    assert "оплата" in _forms("пароль не подходит", subject="Оплата")


@pytest.mark.parametrize(
    "text",
    ["a" * 200_000, "ab" * 50_000 + "@", "1 " * 100_000, "ghbdtn " * 20_000, "щsh" * 60_000, "İ" * 50_000, "́" * 9999,
     "zhshchyaiyy" * 9000, "\x00" * 50_000, "www." * 30_000, "a-" * 60_000, "\n" * 99_999],
)  # fmt: skip
def test_hostile_text_takes_no_longer_than_its_first_page(text: str) -> None:
    began = time.process_time()
    found = words("", text)
    assert time.process_time() - began < 2
    assert sum(len(word.written) for word in found) <= LETTER_MOST
