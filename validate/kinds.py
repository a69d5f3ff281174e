"""Tells what sort of letter it is."""

import re
from collections.abc import Mapping

from intake.caseless import Caseless
from intake.letter import Letter, OwnWords
from validate.findings import Field, Found, Kind

_COMPLAINT_TOPIC, _NO_TOPIC = "complaint", "other"
# The law, or an answer in writing within its term; wherever it stands.
_FORMAL = Caseless(
    r"59-?\s?фз|фз\s?[-№]?\s?59|о порядке рассмотрения обращений|закон\w{0,3}\s+об\s+обращениях|письменн\w{2,3}\s+обращени|в письменной форме|"
    r"в порядке\s+(?:статьи|ст\.)|(?:прошу|требую)\s+(?:рассмотреть|зарегистрировать|принять к рассмотрению)\s+(?:мо[её]\s+)?(?:обращени|заявлени)|"
    r"(?:официальн\w{2,3}|письменн\w{2,3}|мотивированн\w{2,3})\s+ответ\w{0,20}\s+(?:в установленн|в срок|в течение 30|по закону|почтой)|"
    r"ответ\w{0,20}\s+(?:прошу\s+)?(?:направить|дать|предоставить)\s+(?:в письменн|в установленн|письменн|почтой|по почте)|"
    r"ответ\w{0,20}\s+в\s+установленн\w{1,20}\s+(?:законом\s+)?срок",
)
# The head of an official paper: a line that says to whom and no more, or the word "заявление" alone under it.
_HEADED = Caseless(
    r"^[^\S\n]*(?:министру|руководителю|начальнику|директору|губернатору|главе|прокурору|в министерств\w|в минцифры|в администрацию|в управление|"
    r"в департамент|в инспекцию|в федеральн\w+ служб\w)(?: [^.!?,;\n]{0,60})?,?\s*$|^[^\S\n]*(?:обращение|заявление)\s*$",
    re.M,
)
_HAS_PREDICATE = re.compile(r"\sне\s|\s(?:пиш|сказал|приход|работа|открыва|отказ)\w*", re.I)
_OF_SERVICE = Caseless(
    r"(?:жалоба|жалобу|жалуюсь|пожаловаться)\s+на\s+(?:[а-яё]+\s+){0,2}(?:оператор|сотрудни|специалист|девушк|поддержк|служб|лини|чат|робот|бот|обслуживан|консультант|работни)",
)
# Words for how one was served: what a swindler who says "поддержка" or thanks to an operator do not bring along.
_SERVED_BADLY = Caseless(
    r"рассмотреть\s+(?:мою\s+)?жалоб|отпис(?:к|ыва|ал)|отфутбол|"
    r"перебива|на\s+полуслове|недовол(?:ен|ьна)|обрыв|не\s+дозвон|не\s+перезвони|разобраться\s+с\s+(?:оператор|консультант|сотрудни|специалист)|"
    r"трубк\w\s+(?:не\s+)?(?:бр[оа]|бер|вз|пове)|(?:бр[оа]с|пове[сш]|бер|вз)\w{0,5}\s+трубк|"
    r"(?:ни\s+(?:одного|единого)|никакого|внятного)\s+(?:живого\s+)?(?:ответ|слов|человек)|ждать\s+ответа|не\s+отвечаете|молчите|"
    r"(?:ужасн|плох|худш|отвратительн|безобразн)\w{1,3}\s+(?:поддержк|сервис|работ|отношен)|одни\s+(?:роботы|боты)|извин(?:ился|илась|ились)|"
    r"\b(?:нахами|нагруби|накрича|наора|оскорби|обхами)ли\b|\b(?:хамят|грубят|игнорируют|издеваются)\b|"
    r"(?:игнориру|обманыва|издева)ете(?:сь)?\b|(?:хами|груби|вр[её])те\b|"
    r"(?:жалоб|жалу[юе]|пожаловат)[^\n]{0,80}\b(?:оператор|консультант|поддержк|горяч\w{2,3}\s+лини|ваш\w{0,3}\s+(?:сотрудни|специалист|работни|девушк))|"
    r"(?:оператор|сотрудни[кц]|специалист|консультант|поддержк|лини)\w{0,2}\s+(?:[а-яё]+\s+){0,3}обман(?:ул|ыва)",
)
# Ill manners, met in buses and shops too: told of one ("водитель нахамил"), only together with somebody who serves here.
_ILL_MANNERS = Caseless(
    r"\b(?:нахами|нагруби|хам(?:ы|ств|ят|ит|к|л[оаи])|хам\b|груб(?:и[тл]|ят|ый|ая|ост|о\b)|невежлив|неуважит|равнодуш|безразли[чш]|издева|накрич|наора|"
    r"кричал|орал|оскорб|обругал|обозвал|унижа|унизи|соврал|солгал|наврал|врала?\b|вр[её]т|врут|лг(?:ал|[её]т|ут)|игнор|насмеха|смеял|сме[её]тся|смеются)",
)
_WHO_SERVES = Caseless(
    r"\b(?:оператор|консультант|диспетчер|поддержк|техподдержк|служб\w{1,2}\s+(?:поддержк|помощи)|горяч\w{2,3}\s+лини|(?:на|по|вашей)\s+лини[ию]\b|колл-?центр|"
    r"ваш\w{0,3}\s+(?:[а-яё]+\s+){0,2}(?:сотрудни|специалист|работни|девушк|человек|коллег|менеджер|служб|лини|бот|робот|чат)|"
    r"(?:у\s+вас|от\s+вас)\b|(?:сотрудни|специалист|девушк|менеджер)\w{0,3}\s+(?:на|по)\s+(?:телефон|лини|горяч)|на\s+(?:том|другом)\s+конце|"
    r"в\s+(?:вашем\s+)?чате|по\s+телефону)",
)

_ASKS_STATUS = Caseless(
    r"статус\w*|(?:что|как|как там)\s+(?:с|по)\s+(?:мо\w{1,3}\s+|наш\w{1,3}\s+)?(?:заявк|обращени|вопрос|письм|дел)\w*|"
    r"(?:на какой|в какой)\s+(?:стадии|фазе)|на каком\s+этапе|"
    r"(?:когда|скоро)\s+(?:ли\s+)?(?:вы\s+|мне\s+|будет\s+|жд\w+\s+|придёт\s+|придет\s+)*(?:ответ|решени|рассмотр)\w*|"
    r"(?:нет|не (?:было|получ\w+|пришло|пришёл|пришел|дожда\w+))\s+(?:до сих пор\s+|пока\s+|никакого\s+|ни одного\s+)*(?:ответ|реакци|решени)\w*|"
    r"(?:ответа|реакции|решения)\s+(?:до сих пор|так и|пока|всё ещё|все еще|по-прежнему)\s+(?:нет|не)|"
    r"(?:жду|ждём|ждем)\s+(?:уже\s+)?(?:ваш\w*\s+)?ответ\w*|рассмотрен\w?\s+ли|(?:заявк\w*|обращение)\s+(?:рассмотрен|выполнен|готов)\w*\s*\?",
)
_ADDS = Caseless(
    r"забыл[аи]?\s+(?:\w+\s+)?(?:приложить|прикрепить|вложить|добавить|указать|написать|сказать|прислать|отправить)|"
    r"(?:в|как)\s+дополнени\w|дополня\w+|дополнительно\s+(?:сообщаю|высылаю|направляю|прилагаю)|уточня\w+|уточнени\w|"
    r"(?:к|в)\s+(?:моему\s+|своему\s+)?(?:предыдущ|прошл|перв)\w+\s+(?:письм|обращени|сообщени)\w|"
    r"(?:вот|ещ[её]|это|высылаю|прилагаю|прикладываю|прикрепляю|отправляю|шлю)\s+(?:и\s+|мой\s+|сам\s+|сами\s+)?"
    r"(?:скрин|снимо?к|фото|файл|документ|чек|квитанц|паспорт|скан|картинк)\w*",
)
STATUS_LENGTH = 600  # characters: who asks how things stand is brief; a long letter brings something to be read
ADDITION_LENGTH = 400


def asks_status(words: OwnWords) -> bool:
    """Whether the letter asks how its ticket stands; only where it belongs to one is it told."""
    own = words.own.strip()
    return len(own) <= STATUS_LENGTH and bool(_ASKS_STATUS.search(own))


def adds(words: OwnWords) -> bool:
    """Whether the letter says that it adds to one before it: a file forgotten, a detail more."""
    own = words.own.strip()
    return len(own) <= ADDITION_LENGTH and bool(_ADDS.search(own))


def kind_of(
    letter: Letter, words: OwnWords, found: Mapping[Field, Found], topic: str | None, *, doubtful: bool = False
) -> Kind:
    """The kind of a letter; where several fit, the first of complaint, repeat, appeal, request (rulings 22).

    A complaint is one about the support's own service, which is what the topic of that name holds. A topic that a person
    must look at decides nothing: then, and where the topic is none in particular, the letter's own words must say so:
    one man's ill manners only together with one who serves here, since drivers and doctors are rude too. In doubt a complaint is
    the safer guess, for a request is closed by silence. A repeat names an earlier ticket by its number. An appeal is written to an agency in the form of 59-ФЗ; "Обращение" as
    a mere subject is none. All else is a request.
    """
    own = words.own[:20_000]
    if _complains(own, topic, doubtful=doubtful):
        return Kind.COMPLAINT
    if Field.TICKET in found:
        return Kind.REPEAT
    headed = any(not _HAS_PREDICATE.search(m[0]) for m in _HEADED.finditer(own))
    if headed or _FORMAL.search(own) or _FORMAL.search(letter.subject):
        return Kind.APPEAL
    return Kind.REQUEST


def _complains(own: str, topic: str | None, *, doubtful: bool) -> bool:
    if topic == _COMPLAINT_TOPIC:
        return not doubtful or bool(_SERVED_BADLY.search(own) or _OF_SERVICE.search(own)) or _ill_served(own)
    return topic in (None, _NO_TOPIC) and bool(_OF_SERVICE.search(own))


def _ill_served(own: str) -> bool:
    return bool(_ILL_MANNERS.search(own) and _WHO_SERVES.search(own))
