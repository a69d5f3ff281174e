"""Own words that stand right above the attribution of a quotation, with no blank line between, are kept."""

import pytest

from intake.own_words import own_words
from intake.parse import parse

OWN = "Здравствуйте!\n2 марта 2026 подавала заявку на справку.\nЛужина Вера Олеговна\nИНН 500100732259"
SHORT = "Мой кабинет 55410973"
QUOTE = "> Назовите, пожалуйста, номер кабинета.\n> Служба поддержки"

ATTRIBUTIONS = [
    "вт, 3 мар. 2026 г. в 11:20, Служба поддержки <help@desk.example>:",
    "вт, 3 мар. 2026 г. в 11:20,\nСлужба поддержки <help@desk.example>:",
    "вт, 3 мар. 2026 г.\nв 11:20, Служба поддержки <help@desk.example>:",
    '03.03.2026, 11:20, "Служба поддержки" <help@desk.example>:',
    "On Tue, Mar 3, 2026 at 11:20 AM Help Desk\n<help@desk.example> wrote:",
    "On Tue, Mar 3, 2026 at 11:20 AM\nHelp Desk <help@desk.example> wrote:",
    "On 3 Mar 2026, at 11:20, Help Desk <help@desk.example>\nwrote:",
    "Am 03.03.2026 um 11:20 schrieb Help Desk:",
    "Am Di., 3. März 2026 um 11:20 Uhr schrieb Help Desk <help@desk.example>:",
    "Am 03.03.2026 schrieb Help Desk:",
    "Help Desk schrieb am 03.03.2026:",
    "Am 03.03.26 um 11:20 schrieb Desk, Help <help@desk.example>:",
    "Am 03.03.26 um 11:20 schrieb help@desk.example:",
    "Am 03.03.2026 um 11:20 hat Help Desk <help@desk.example> geschrieben:",
    "Help Desk <help@desk.example> hat geschrieben:",
    "Le mardi 3 mars 2026 à 11h20, Help Desk a écrit :",
    "Help Desk <help@desk.example> schrieb am Di., 3. März 2026, 11:20:",
    "Le mar. 3 mars 2026 à 11:20, Help Desk <help@desk.example> a écrit\u00a0:",
    "Le 3 févr. 2026 à 11:20, Help Desk a écrit :",
    "El mar, 3 mar 2026 a las 11:20, Help Desk (<help@desk.example>) escribió:",
    "El 3 de marzo de 2026, Help Desk escribió:",
    "03.03.2026 11:20, Служба поддержки пишет:",
    "Вторник, 3 марта 2026, 11:20 +03:00 от Служба поддержки <help@desk.example>:",
    "Вы писали 3 марта 2026 г., 11:20:04:",
    "Служба поддержки <help@desk.example> написал(а) 03.03.2026 11:20:",
    "Служба поддержки\n<help@desk.example> написала:",
]


def _own(text: str, kind: str = "plain") -> str:
    words = own_words(parse(f"Content-Type: text/{kind}; charset=utf-8\n\n{text}\n".encode()))
    return f"{words.own}\n{words.signature}".strip("\n")


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize("own", [OWN, SHORT])
@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_nothing_above_an_attribution_is_lost_and_nothing_of_it_is_kept(
    own: str, attribution: str, between: str
) -> None:
    assert _own(f"{own}{between}{attribution}\n{QUOTE}") == own


def test_a_story_above_a_sentence_that_introduces_the_quotation_is_kept() -> None:
    story = "Во вторник меня не пустили в кабинет."
    assert _own(f"{story}\nИ вот что ваш оператор пишет:\n{QUOTE}") == story


def test_a_last_line_that_begins_by_a_date_is_no_part_of_the_attribution_below() -> None:
    story = "16 марта 2026, скорее ночью, сняли пенсию"
    assert _own(f"{story}\n17.03.2026 11:20, Служба поддержки <help@desk.example> пишет:\n{QUOTE}") == story


def test_a_line_in_the_first_person_is_no_attribution() -> None:
    line = "3 марта 2026 в 11:20 мне в чате оператор пишет:"
    assert _own(f"{line}\n{QUOTE}") == line


@pytest.mark.parametrize(
    "story",
    [
        "Am Montag war der Code da, Help Desk schrieb mir.\nKein Zugang:",
        "Am 3. März 2026 war der Code da, Help Desk schrieb dazu.\nKein Zugang:",
        "Am 3. März 2026 schrieb Help Desk nichts. Kein Zugang:",
        "Am 3. März 2026 schrieb der Help Desk mir:",
        "Help Desk schrieb am 3. März 2026, aber kein Code kam:",
        "Le code est venu lundi, Help Desk a écrit.\nPas d'accès :",
        "Le 3 mars 2026 pas de code. Help Desk a écrit deux fois.\nPas d'accès :",
        "Le 3 mars 2026 le code n'est pas venu et Help Desk a écrit :",
        "El lunes llegó el código, Help Desk escribió.\nSin acceso:",
        "El 3 de marzo de 2026 llegó el código, Help Desk escribió.\nSin acceso:",
        "El 3 de marzo de 2026 no llegó el código y Help Desk escribió:",
    ],
)
def test_a_sentence_with_the_verb_of_an_attribution_in_other_languages_is_kept(story: str) -> None:
    assert _own(f"{story}\n{QUOTE}") == story


def test_html_with_a_dated_line_above_the_blockquote_keeps_the_words_above_it() -> None:
    html = (
        f"<div>{SHORT}</div><div>03.03.2026, 11:20, Служба поддержки:</div>"
        "<blockquote><div>Назовите номер кабинета.</div></blockquote>"
    )
    assert _own(html, "html") == SHORT


@pytest.mark.parametrize(
    "attribution",
    [
        "Am Di., 3. März 2026 um 11:20 Uhr schrieb Help Desk <help@desk.example>:",
        "Am Dienstag, 3. März 2026 um 11:20 schrieb Help Desk:",
        "Le mar. 3 mars 2026 à 11:20, Help Desk <help@desk.example> a écrit :",
        "El mar, 3 mar 2026 a las 11:20, Help Desk (<help@desk.example>) escribió:",
    ],
)
def test_older_mail_without_marks_is_known_by_an_attribution_in_other_languages(attribution: str) -> None:
    assert _own(f"{SHORT}\n\n{attribution}\n\nНазовите номер кабинета.") == SHORT
