"""A letter's words: each as it stands there and in the one form that counts.

The form is lower case, ё as е, in one alphabet; numbers, dates, addresses, links and people's names become a mask, so
that the same trouble looks the same however it is typed, and nobody's data is learned.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from classify.alphabets import layout_mended, one_alphabet, sounded, spelled
from validate.dictionary import parses

LETTER_MOST = 6000  # characters of a letter that are looked at
LINK, MAIL, DATE, NUMBER, NAME = "ссылкамаска", "почтамаска", "датамаска", "0", "имямаска"
MASKS = frozenset({LINK, MAIL, DATE, NUMBER, NAME})
_MONTHS = "январ|феврал|март|апрел|ма[яй]|июн|июл|август|сентябр|октябр|ноябр|декабр"
_ADDRESSES = r"(?P<link>https?://\S+|www\.\S+)|(?P<mail>[\w.+-]{1,64}+@[\w.-]{1,100})"
_PLAIN = (
    r"(?P<word>[^\W\d_]+(?:-[^\W\d_]+)?)"
    rf"|(?P<date>\b\d{{1,2}}(?:-?го)?\s(?:{_MONTHS})\w{{0,3}}(?:\s\d{{4}})?)|(?P<number>\d[\d\s().,:/-]{{0,40}})"
)
_TOKEN, _PLAIN_TOKEN = re.compile(f"{_ADDRESSES}|{_PLAIN}"), re.compile(_PLAIN)
_MASK = {"link": LINK, "mail": MAIL, "date": DATE, "number": NUMBER}
_CYRILLIC, _LATIN = re.compile(r"[а-я]"), re.compile(r"[a-z]")
_PEOPLE = ("Name", "Surn", "Patr")
_MOSTLY = 0.5  # share of a Latin letter's words that must turn Russian for the rest to be spelled out too
_OURS = re.compile(r"\[?(?:№|N|No)\s?\d\d-\d{7,10}-\d")  # our ticket's number: the subject says our words
_ANY_LETTERS = (  # lemmas: a subject of these alone would go with any letter
    "в во для за из к на о об от по с у и же ли мой ваш наш это очень новый re fw fwd тема без обращение "
    "обращаться заявка письмо сообщение вопрос проблема просьба просить помощь помочь помогать пожалуйста "
    "срочно срочный важно поддержка техподдержка технический служба support help гражданин заявитель "
    "здравствуйте добрый день вечер утро время сутки привет"
)
_SAYS_NOTHING = frozenset(_ANY_LETTERS.split())


class Word(NamedTuple):
    """One word of a letter."""

    written: str  # as it stands in the letter
    form: str  # as it counts


def words(subject: str, text: str) -> list[Word]:
    """The words of a letter, the subject first, unless it is a letter of ours that is answered, or says nothing."""
    whole = (text if _OURS.search(subject) or _says_nothing(subject) else f"{subject}\n{text}")[:LETTER_MOST]
    lower = whole.lower()
    if len(lower) != len(whole):  # İ alone becomes two signs
        lower = "".join(map(_first_lower, whole))
    lower = lower.replace("ё", "е")
    lower = layout_mended(lower)  # of the same length as `whole`: places in one are places in the other
    found = list(_tokens(lower))
    latin = _wholly_latin(lower, [token[0] for token in found if token.lastgroup == "word"])
    said = []
    for token in found:
        start, end = token.span()
        if token.lastgroup == "word":
            said.append(Word(whole[start:end], _form(token[0], whole[start].isupper(), latin)))
        else:
            said.append(Word(whole[start:end].strip(), _MASK[token.lastgroup or ""]))
    return said


def _tokens(lower: str) -> Iterator[re.Match[str]]:
    """Most letters hold no address, and need not be asked for one at each word."""
    anywhere = "@" in lower or "http" in lower or "www." in lower
    return (_TOKEN if anywhere else _PLAIN_TOKEN).finditer(lower)


def _says_nothing(subject: str) -> bool:
    """«Обращение в поддержку», «Вопрос от гражданина», a date or a number alone."""
    lower = subject[:LETTER_MOST].lower().replace("ё", "е")
    found = [token for token in _tokens(lower) if token.lastgroup == "word"]
    return all(token[0] in _SAYS_NOTHING or reading(token[0])[0] in _SAYS_NOTHING for token in found)


def _first_lower(sign: str) -> str:
    return sign.lower()[0]


@lru_cache(maxsize=50_000)
def _form(word: str, capital: bool, latin: bool) -> str:
    form = spelled(word) if latin and _LATIN.search(word) else _one_form(word)
    return NAME if capital and reading(form)[1] else form


def _one_form(word: str) -> str:
    if not _LATIN.search(word):
        return word
    return one_alphabet(word) if _CYRILLIC.search(word) else sounded(word)


def _wholly_latin(lower: str, found: list[str]) -> bool:
    """Whether the letter is Russian in Latin letters: nothing Cyrillic, and most longer words turn Russian."""
    if _CYRILLIC.search(lower) or not _LATIN.search(lower):
        return False
    longer = [word for word in found if len(word) > 3]
    russian = sum(sounded(word) != word for word in longer)
    return russian >= 2 and russian >= _MOSTLY * len(longer)  # one may be chance: "line" is "лине"


@lru_cache(maxsize=100_000)
def reading(word: str) -> tuple[str, bool]:
    """A lower-case word's dictionary form, ё as е, and whether it is first of all somebody's name or surname."""
    first = parses(word)[0]
    return str(first.normal_form).replace("ё", "е"), first.is_known and any(kind in first.tag for kind in _PEOPLE)
