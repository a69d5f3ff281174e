"""A name in what a letter asks for: "прошу выдать Сизовой Анне Борисовне справку", "моей бабушке, …, не приходит код".

The letter speaks of this person as of another, so the name counts only where nobody names himself. "My grandmother" is
told to be the writer's; any other is taken only where the letter can be nobody else's: no "я" or "мой", no "он" or "она",
no relative, neighbour, official or office, no signature by another name, no firm and no child, and after the name only
what is asked for. A wrong name is worse than none.
"""

import re

from validate.bystanders import is_spoken_of_others, words_before
from validate.names import Case, is_listed_given

_ASK = r"прошу(?: вас)?,? (?:срочно |повторно |снова |пожалуйста,? )?"
_GREETING = r"\s*(?:(?:здравствуйте|добрый день|добрый вечер|доброе утро)[\s,]+)?"
_GIVEN_TO = re.compile(
    rf"{_GREETING}(?:{_ASK}(?:помочь|выдать|предоставить(?: доступ)?|восстановить доступ|направить ответ)|(?:пожалуйста,? )?помогите)\s"
)
_CABINET_OF = re.compile(
    rf"{_GREETING}{_ASK}(?:разблокировать|восстановить(?: доступ [вк])?) (?:личн\w{{2,3}} )?кабинет\w?\s"
)
_THING = (
    r"(?:доступ|вход|справк[уи]|выписк[уи]|паспорт|полис|снилс|удостоверение|свидетельство|сертификат|"
    r"дубликат|талон|пароль|код)"
)
# What may follow the name: nothing, a "please", her number, her age, or what she is to be given or to reach.
_GOES_ON = re.compile(
    r"[\s.!]*$|[.!]\s|\s*\n\s*\n|[\s,]{1,2}пожалуйста[\s.!]|[\s,]{1,2}(?:инн|снилс)(?![а-я])|, ей \d\d|, ему \d\d|"
    rf"\s(?:повторн\w{{2}} |новый |новую )?{_THING}(?![а-я])|"
    rf"\s(?:(?:войти|зайти|попасть|зарегистрироваться)(?![а-я])|(?:восстановить|получить) {_THING}(?![а-я]))"
)
# Somebody else who writes, what is told of the person, and where third persons come from.
_ANOTHER = re.compile(
    r"(?<![а-я])(?:я|меня|мне|мной|мною|мо(?:й|я|е|и|ю|их|им|его|ей|ему|ими|ем)|мы|нас|нам|нами|наш\w{0,3}|сам[аи]?|сво\w{1,3}|могу|можем|хочу|хотим|"
    r"пишу|пишем|обращаюсь|жалуюсь|считаю|сообщаю|подаю|он|она|они|эт(?:от|а|им|ой|ому)|котор\w{2,3}|которого|которому|"
    r"мошен\w+|аферист\w*|обман\w*|вор(?:а|у|ом)?|врет|лжет|хам\w*|груб\w*|(?<!не )работа(?:ет (?:в|на|у)|ющ\w+)|никому|не [а-я]+ть|украл\w*|угрож\w+|виновн\w*|наруш\w+|долг\w{0,2}|долж[ен]н?\w*|взят\w+|перев[её]л\w*|перевод\w*|"
    r"мфц|прокуратур\w*|полици\w*|суд\w{0,2}|банк\w{0,2}|налогов\w+|инспекци\w*|администраци\w*|отдел\w{0,3}|ведомств\w*|фонд\w{0,2}|"
    r"клиент\w*|чуж\w+|посторонн\w+|незнаком\w*|неизвестн\w*)(?![а-я])"
)
_ELDER_ASKED = (
    r"(?:(?:прошу|просьба|пожалуйста|помогите|нужно|необходимо)(?: вас)?,? (?:срочно |повторно |снова )?(?:помочь|выдать|предоставить|восстановить|вернуть|назначить|начислить|выплатить|оформить|направить)|помогите)"
)
_ELDER = re.compile(
    rf"(?:^\s*|{_ELDER_ASKED} )(?:у мо(?:ей|его)|мо(?:ей|ему)) (?:старой |пожилой |больной |пожилому |старому |больному )?"
    r"(?:бабушк[еи]|бабул[еи]|дедушк[еи]|дед[уа]|мам[еы]|матери|отц[уа]|пап[еы]|тещ[еи]|свекров[ьи]|свекр[уа]|тест[юя]),? $"
)
_INITIALS = re.compile(
    r"(?:(?P<a>[А-ЯЁ][а-яё\-]+)\s[А-ЯЁ]\.\s?(?:[А-ЯЁ]\.)?|(?:[А-ЯЁ]\.\s?){1,2}(?P<b>[А-ЯЁ][а-яё\-]+))"
)
_SIGNED = re.compile(
    r"(?:уважением|спасибо|благодарю|подпись)[\s,.!:—–\-]+(?P<a>[А-ЯЁ][а-яё]+)|(?:^|[.!?,]) *(?P<b>[А-ЯЁ][а-яё]+)[ .!)]*$",
    re.M,
)
_STEM = 4  # letters that a surname keeps in its cases


def asks_for(sentence: str, tail: str, case: Case) -> bool:
    """Whether a sentence asks something for the person it names, and says no more of him (lower case, ё as е)."""
    asked = _GIVEN_TO if case == "dat" else _CABINET_OF if case == "gen" else None
    return asked is not None and asked.fullmatch(sentence) is not None and _GOES_ON.match(tail) is not None


def tells_of_another(letter: str) -> bool:
    """Whether a letter (lower case, ё as е) has a word of its writer, or of any third person, office or fault."""
    return _ANOTHER.search(letter) is not None or is_spoken_of_others(words_before(letter))


def tells_of_elder(sentence: str, case: Case) -> bool:
    """Whether a sentence tells what an old relative of the writer met with: "моей бабушке, …"."""
    return case in ("dat", "gen") and _ELDER.search(sentence) is not None


def others_sign(ending: str, fio: str) -> bool:
    """Whether the end of a letter is signed with the initials of somebody else."""
    stem = fio[:_STEM].lower()
    return any(not (m["a"] or m["b"]).lower().startswith(stem) for m in _INITIALS.finditer(ending))


def signs_alone(ending: str, fio: str) -> bool:
    """Whether the end of a letter is signed with one name of somebody else: "Спасибо, Павел"."""
    stems = tuple(part[: _STEM - 1].lower() for part in fio.split())
    return any(
        not (m["a"] or m["b"]).lower().startswith(stems) and (m["a"] or is_listed_given(m["b"]))
        for m in _SIGNED.finditer(ending)
    )
