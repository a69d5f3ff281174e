"""A name in what a letter asks for: "прошу выдать Сизовой Анне Борисовне справку", "моей бабушке, …, не приходит код".

The letter speaks of this person as of another, so the name counts only where nobody names himself: not when others
sign with initials, nor in a letter for a firm or about a child, where it is an employee's or the child's.
"""

import re

from validate.bystanders import is_others, words_before
from validate.names import Case

_ASK = r"(?<![а-яё])(?:прошу|просим|просьба|пожалуйста|помогите|нужно|необходимо|требую)(?: вас| вам)?,? (?:срочно |повторно |снова )?"
_DEED = (
    r"(?:помочь|выдать|вернуть|возвратить|направить|отправить|предоставить|восстановить|выслать|оформить|начислить|"
    r"назначить|выплатить|открыть|подтвердить|разблокировать)"
)
_DEED_NOW = r"(?:помогите|выдайте|верните|направьте|предоставьте|восстановите|вышлите|начислите|назначьте|выплатите|разблокируйте)"
_THINGS = (
    r"(?: [а-я]{2,14}(?:ую|ый|ой|ое|ые|ий|ии))?"
    r"(?: (?:доступ|вход|ответ|деньги|средства|сумму|пошлину|налог|вычет|справк[уи]|выписк[уи]|копи[юи]|документы?|паспорт|полис|снилс|"
    r"удостоверение|свидетельство|сертификат|пенсию|пособи[ея]|выплат[уы]|субсиди[юи]|льгот[уы]|статус|пароль|логин|код|письмо|талон|кабинет|"
    r"уведомление|решение))?"
)
_GIVEN_TO = re.compile(rf"(?:{_ASK}{_DEED}|(?<![а-яё]){_DEED_NOW}){_THINGS} $")
_CABINET_OF = re.compile(
    rf"(?:{_ASK}{_DEED}|(?<![а-яё]){_DEED_NOW})(?: (?:доступ|вход)(?: [вк])?)?(?: (?:личн\w{{2,3}}|учетн\w{{2,3}}))?"
    r" (?:кабинет\w?|запис[ьи]|профил[ьюя]|аккаунт\w?|доступ|пароль) $"
)
_ELDER = re.compile(
    rf"(?:^\s*|(?:{_ASK}{_DEED}|(?<![а-яё]){_DEED_NOW}) )(?:у мо(?:ей|его)|мо(?:ей|ему)) (?:старой |пожилой |больной |пожилому |старому |больному )?"
    r"(?:бабушк[еи]|бабул[еи]|дедушк[еи]|дед[уа]|мам[еы]|матери|отц[уа]|пап[еы]|тещ[еи]|свекров[ьи]|свекр[уа]|тест[юя]),? $"
)
_INITIALS = re.compile(
    r"(?:(?P<a>[А-ЯЁ][а-яё\-]+)\s[А-ЯЁ]\.\s?(?:[А-ЯЁ]\.)?|(?:[А-ЯЁ]\.\s?){1,2}(?P<b>[А-ЯЁ][а-яё\-]+))"
)
_STEM = 4  # letters that a surname keeps in its cases
_END = 200


def asks_for(sentence: str, case: Case) -> bool:
    """Whether a sentence before a name asks something for that person (lower case, ё as е)."""
    if case == "dat" and _GIVEN_TO.search(sentence):
        return not is_others(words_before(sentence), far=1)
    return case == "gen" and _CABINET_OF.search(sentence) is not None


def tells_of_elder(sentence: str, case: Case) -> bool:
    """Whether a sentence tells what an old relative of the writer met with: "моей бабушке, …"."""
    return case in ("dat", "gen") and _ELDER.search(sentence) is not None


def others_sign(ending: str, fio: str) -> bool:
    """Whether the end of a letter is signed with the initials of somebody else."""
    stem = fio[:_STEM].lower()
    return any(not (m["a"] or m["b"]).lower().startswith(stem) for m in _INITIALS.finditer(ending[-_END:]))
