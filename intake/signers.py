"""Lines as they stand in a signature: names, positions, places, phones. What says something is none."""

import re

MAX_SIGNER = 120  # characters of a line that names who signs

_CAPITALISED = r"(?:[А-ЯЁA-Z][а-яёa-z]+(?:-[А-ЯЁA-Zа-яёa-z][а-яёa-z]+){0,2}|[А-ЯЁA-Z]{2,20}(?:-[А-ЯЁA-Z]{2,20})?)"
_INITIALS = r"(?:[А-ЯЁA-Z]\.\s?){1,2}"
_NAME = re.compile(
    rf"(?:(?:проф|акад|канд|доц|инж|адв|адвокат|нотариус|ИП|директор|врач|председатель|староста)\.?\s+)?"
    rf"(?:{_INITIALS}{_CAPITALISED}|{_CAPITALISED}(?:\s{{1,3}}(?:{_CAPITALISED}|{_INITIALS}|[А-ЯЁA-Z]\b|оглы|кызы"
    rf"|угли|уулу)){{0,4}})"
)
_CONTACT = re.compile(
    r"(?:тел|моб|сот|факс|e-?mail|эл\. ?(?:почта|адрес)|почта|skype|telegram|tg|whatsapp|сайт|phone|mob|tel|fax|м\."
    r"|т\.)[\s.:/]|www\.|https?://"
    r"|\+?[78][\s(-]{0,3}\d{3}[\s)-]{0,3}\d{3}[\s-]?\d{2}[\s-]?\d{2}\b|\(\d{3,5}\)\s?\d"
    r"|^\s{0,3}[^\s<>@,;:]{1,64}@[^\s<>@,;:]{1,255}\s{0,3}$",
    re.IGNORECASE,
)
# A line with one of these says something; a signature's lines name things.
_SAYS = re.compile(
    r"\b(?:не|нет|я|мне|меня|мной|мы|нам|нас|вы|вам|вас|он|она|они|его|её|ее|их|это|что|чтобы|как|когда|почему|где"
    r"|куда|зачем|если|но|а|или|бы|уже|ещё|еще|так|там|тут"
    r"|дата|время|проблем\w*|описание|суть|тема|вопрос|причина|прошу|просим|хочу|хотел\w*|могу|может|можно|нельзя"
    r"|нужн\w+|надо|буду|был[аио]?|есть|помогите|подскажите|пожалуйста|спасибо|скажите|исправьте|верните|пишет"
    r"|пришл\w+|стоит|висит"
    r"|сегодня|вчера|позавчера|завтра|см|прилага\w+|приложен\w*|во вложении|сканы?|скрин\w*|пример|ошибк\w+"
    r"|заявлени\w+|(?:по)?дава?л[аи]?|подан[оа]?|отправ(?:ил|лял)[аи]?|обращал(?:ся|ась)|получ(?:ил|ал)[аи]?|звонил[аи]?|писал[аи]?|оплатил[аи]?|оплачено|пытал(?:ся|ась)|пробовал[аи]?)\b|[?!]",
    re.IGNORECASE,
)
_INITIAL = re.compile(r"\b[А-ЯЁA-Z]\.")

POSTSCRIPT = re.compile(r"(?:p\.?\s?p?\.?\s?s\b|п\.?\s?с\b|з\.?\s?ы\b)", re.IGNORECASE)
# Small words that stand between names in a signature; a line with any other small word is the sender's own.
_ROLE_WORDS = """
ваш ваша ваши мой моя бабушка бабуля дедушка дед внук внучка сын дочь мама мать папа отец муж жена семья
родители житель жительница жители жильцы собственник собственники квартиры дома подъезда улицы села деревни
посёлка поселка города района области края республики пенсионер пенсионерка ветеран труда войны инвалид группы
многодетная одинокая домохозяйка студент студентка курса учитель учительница воспитатель преподаватель методист
педагог врач фельдшер медсестра директор генеральный исполнительный технический коммерческий заместитель зам
гл ст нач вед зав бух заведующий заведующая инспектор директора начальника председателя руководителя бухгалтера кадрами
главный ведущий старший младший начальник руководитель председатель секретарь помощник специалист менеджер
инженер бухгалтер экономист юрист юрисконсульт адвокат нотариус кадровик логист программист администратор
системный оператор мастер водитель предприниматель индивидуальный самозанятый самозанятая представитель староста
доверенность доверенности по отдел отдела служба службы группа управление департамент администрация бухгалтерия
канцелярия кадровая кадров продаж закупок поддержки снабжения компания фирма школа сад больница поликлиника и с
на г гор ул пр просп пер д кв пос дер с/п обл р-н стр корп оф тел моб сот факс телефон номер для связи почта
адрес эл email e-mail mail тлф подпись л/с рег no т м
"""
_ROLES = frozenset(_ROLE_WORDS.split())
_FIRM = re.compile(
    r"\b(?:ООО|ОАО|ЗАО|ПАО|АО|ИП|АНО|НКО|СНТ|ТСЖ|ТСН|МУП|ГУП|ФГУП|ФГБУ|ГБУЗ?|МБОУ|МКОУ|ГБОУ|МБДОУ|СОШ|УК)\b"
)
# "Гл. бухгалтер", "И. о. директора": the role is the word after; "Ст. 159" is none.
_FIRST_ROLE = re.compile(r"\W{0,2}(?:(?:гл|ст)\.\s?|и\.\s?о\.\s)?([А-Яа-яёЁ/-]+)", re.IGNORECASE)
_ACTING = re.compile(r"^\s{0,3}и\.\s?о\.\s", re.IGNORECASE)
LABEL = re.compile(
    r"\s*(?:фамилия|имя|отчество|ф\.?\s?и\.?\s?о|дата|инн|снилс)\b", re.IGNORECASE
)  # of a form, not of a signature
_EDGES = " ,.;:()«»\"'“”|№–—-"


def names_things(line: str, *, words: int) -> bool:
    """Whether the line could stand in a signature: a name, a position, a place, a number; no sentence."""
    if POSTSCRIPT.match(line) or len(line) > 160 or "\t" in line:
        return False
    return len(line.split()) <= words and (bool(_CONTACT.search(line)) or not says(line))


def says(line: str) -> bool:
    return bool(_SAYS.search(_INITIAL.sub("", line)))  # "А." is no "а"


def is_name(line: str) -> bool:
    """A person's name, alone or with a few words after it: ", ветеран труда, г. Калуга"."""
    found = _NAME.match(line)
    if not found or len(line) > 120 or LABEL.match(line):
        return False
    rest = line[found.end() :].strip()
    if not rest or rest in {".", ","}:
        return True
    if not found[0].strip().count(" ") and (rest[0].isdigit() or rest.endswith(".")):
        return False  # "Сборка 4.12, телефон старый."
    small = sum(1 for word in rest.split() if word.strip(' ,.()«»"').islower())
    return rest[0] in ",(–—-|/+0123456789" and small <= 3 and names_things(rest, words=10)


def is_signer(line: str) -> bool:
    """Whoever signs without a plain name before all else: "Ваша бабушка Нина", "ООО «Ромашка»", a phone alone."""
    if not line or len(line) > MAX_SIGNER or line[-1] in "?!:;," or not names_things(line, words=12):
        return False
    if not all(_stands_in_signature(token.strip(_EDGES)) for token in _ACTING.sub("", line, count=1).split()):
        return False
    first = _FIRST_ROLE.match(line)
    role = bool(first and first[1].lower() in _ROLES and len(first[1]) > 2)
    return role or bool(_FIRM.search(line)) or bool(_CONTACT.search(line))


def _stands_in_signature(token: str) -> bool:
    return not token or not token[0].islower() or token.lower() in _ROLES or "@" in token or "." in token
