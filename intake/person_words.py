"""What only people write: signs that no robot's answer has, by which a letter full of a robot's words is a person's.

An absence is told by robots and by people alike: "Я в отпуске до 10 мая" opens many a citizen's letter. A robot was
never told what goes wrong, never promises to send anything but an answer, and gives no data of its owner's case.
"""

import re

from intake.caseless import Caseless
from intake.robots import AWAY, MEANWHILE

_GAP = r"(?:\w{1,20} ){0,3}"
_TO_DO = (
    r"(?:войти|зайти|попасть|подать|подписать|записаться|оплатить|скачать|восстановить|подтвердить|сменить|поменять"
    r"|изменить|зарегистрироваться|авторизоваться|оформить|загрузить|прикрепить|привязать|найти|дозвониться|пройти)"
)
_CANNOT = (
    r"(?:не (?:могу|можем|смог(?:ла|ли)?|удалось|уда[её]тся|получается|получилось|выходит|да[её]т)|невозможно"
    r"|нельзя|никак)\b"
)
_PLACE = (
    r"(?:сайт|портал|кабинет|аккаунт|запись|карт|вход|доступ|кнопк|ссылк|форм|услуг|госуслуг|приложени|подпис)\w{0,3}"
)

# Asks, complains, or speaks of what the desk wrote.
_ASKS = re.compile(
    r"\?|\bпрошу (?!(?:вас )?(?:обращ|пис|направля|связ|звонить|не отвеч))|\b(?:мне|нам|я|мы) (?:\w+ )?(?:пришл\w+"
    r"|пришел|пришёл|прислал\w*|получил\w*(?! (?:его|ваш))|приход\w+|ответил\w*|не могу|хочу|хотел\w*)\b"
    r"|\b(?:вы|ваш\w*) (?:\w+ )?(?:прислали|присылаете|автоответ\w*|робот\w*|ответили|отвечаете)\b|отписк"
    r"|\bжд(?:у|[её]м) (?:от вас |вашего )?(?:скорого )?ответа|\b(?:нельзя|можно) ли\b|вместо ответа"
    r"|жалоб|помогите|подскажите|не приход|до сих пор|верните|увидел|\bинн\b|\bснилс\b|номер кабинета"
    r"|кабинет(?:а|е)? \d",
    re.IGNORECASE,
)
# Tells a fault, promises data or gives them, asks for what only a desk does.
_TELLS = Caseless(
    r"\bне (?:(?:приход|доход|проход|подход|груз|наход|вид)(?:ит|ят)(?:ся)?"
    r"|(?:меня|открыва|загружа|подгружа|скачива|нажима|отправля|сохраня|подтвержда|показыва|отобража|прикрепля|пуска"
    r"|впуска|срабатыва|появля|обновля|зачисля|начисля|узна)(?:ю|[её])т(?:ся)?"
    r"|пришл[аио]|приш[её]л|дошл[аио]|дош[её]л|прошл[аио]|прош[её]л|подошл[аио]|подош[её]л"
    r"|(?:верну|выда|перечисли|начисли|зачисли|выплати|засчита|сохрани|подтверди|откры)л[аио]?(?:сь)?)\b"
    rf"|\b{_CANNOT} {_GAP}{_TO_DO}\b|\b{_TO_DO} {_GAP}{_CANNOT}"
    rf"|\b{_PLACE} {_GAP}(?:не работа(?:ет|ют)|заблокирова|недоступ)|\b(?:не работа(?:ет|ют)|заблокирова\w{{1,6}})"
    rf" {_GAP}{_PLACE}\b"
    r"|\b(?:дочер|дочь\b|дочк|мужа?\b|жен[аыеу]\b|сын[ау]?\b|внук|внучк|мам[аыеу]\b|бабушк)"  # no robot has any
    r"|\b(?:does not|doesn't|did not|didn't) (?:come|arrive|work|open|load)\b"
    r"|\b(?:can't|cannot) (?:log|sign|enter|pay)\b"
    r"|\bошибк(?:а|у|ой)\b|\bзависа?(?:ет|ла|ло|ли)\b|\bотказ(?:али|ано|ывают)\b|\bотклон(?:или|ено|ена|[её]н|яют)\b"
    r"|\b(?:забыл|потерял|утерял)[аи]?\b"
    r"|\b(?:поищу|разыщу|пришлю|вышлю|дошлю|скину|сброшу|приложу|прикреплю|донесу|продиктую)\b(?! (?:вам )?ответ)"
    rf"|\b(?:отправлю|сообщу|напишу|назову|уточню|подготовлю|найду|посмотрю) {_GAP}(?:номер|дат[ауы]|данны|скан"
    r"|документ|копи|фото|скриншот|справк|паспорт|фамили)"
    r"|\b(?:прикладываю|прилагаю|высылаю|прикрепляю|посылаю|отправляю)\b"
    r"|\b(?:фамилия|отчество|фио|ф\.и\.о\.)\s?(?::|—|-|моя|мо[её]\b|у меня)|\bменя зовут\b"
    r"|\bдата (?:\w{1,20} )?(?:была?|было|—|-|:)|\b(?:случилось|произошло|дело было|это было)\b"
    r"|\b(?:я|мы|мне|нам) (?:\w{1,20} ){0,2}(?:нуж(?:ен|на|но|ны)|необходим\w{0,2}|надо|положен\w{0,2})\b"
    r"|\b(?:отмените|перенесите|восстановите|разблокируйте|исправьте|вышлите|продлите|объясните|ответьте|подождите"
    r"|снимите|поменяйте|смените|не закрывайте)\b"
    r"|\bверн(?:усь|[её]мся) (?:\w{1,10} )?не ?скоро\b"
    r"|\bответы? на (?:ваш\w{0,2} )?вопрос\w{0,2}\s?[:—–-]|\bотвечаю(?: на (?:ваш\w{0,2} )?вопрос\w{0,2})?\s?:"
    r"|\b(?:отвечу|готова? ответить) на люб(?:ые|ой) вопрос\w{0,2}\b(?! (?:после|по воз|когда|с \d|\d))"
    r"|(?<!\d)\d{4} ?\d{4} ?\d{4}(?!\d)|(?<!\d)\d{3}-\d{3}-\d{3}[ -]\d{2}(?!\d)"  # ИНН, СНИЛС: no telephone's form
)
# What the clauses of an absence note are made of, one such word at least in each; titles stand below it too.
_OF_ABSENCE = Caseless(
    r"\b(?:отпуск|командировк|на больничн|декрет|офис|отсутств|рабоч\w{2,3} мест|нахо(?:жусь|димся)|пребыва|отъезд"
    r"|отлуч|меня не|верн[уе]|возвра|выйд|выхож|буд[уе]|выходн|праздни|каникул|поход|экспедиц|рейс|плавани|уехал|уплыл"
    r"|улетел|отбыл|включительно|вопрос|обращ|пишите|писать|написать|звон|позвон|свяж|связ|тел\b|телефон|моб|доб\b|контакт"
    r"|e-?mail|замещ|замен|исполня|заместител|коллег|срочн|неотложн|экстренн|необходимост|доступ|почт|ящик|письм"
    r"|сообщени|ответ|отвеч|прочита|прочт|рассмотр|здравств|добр\w{2} (?:день|вечер|утро)|доброго|приветств|спасибо"
    r"|благодар|уважа|уважени|извин|сожалени|просьба|понимани|автомат|ооо|зао|оао|пао|график|режим|работаем|не работает"
    r"|хорошего|возможности|смогу|за рул|компьютера|передан|поручен"
    r"|ваш запрос|дело не терпит|наберите"
    r"|наступающ|новым годом|out of|away|vacation|leave|back|return|urgent|contact|reply|respond|office|regards"
    r"|thank|hello|dear|until)"
    r"|^\s*(?:\w{1,20} )?(?:начальник|директор|бухгалтер|отдел|специалист|инженер|менеджер|руководител|юрист)"
    r"|\S@\S|\d-\d\d"
)
_ASKED_OF_OTHERS = re.compile(r"\bпо\b[^.!?\n]{0,40}\bвопрос[^.!?\n]{0,300}", re.IGNORECASE)
_WORD = re.compile(r"\w\w")
_LOWER_WORD = re.compile(r"\b[а-яёa-z]{3,}")
_ABSENCE_CLAUSE = re.compile(r"[,;:!?\n(]|\.\s|\.$|\s[-–—]\s|\s(?:а|но)\s", re.IGNORECASE)
# What the clauses of a confirmation are made of. Whoever speaks of himself in one, or says what is not, says more.
_OF_CONFIRMATION = Caseless(
    r"\b(?:обращени|письм|сообщени|заявк|запрос|тикет|принят|приняли|получен|получили|зарегистр|создан"
    r"|рассмотр|ответ|отвеч|свяж|здравств|добр\w{2} (?:день|вечер|утро)|доброго|приветств|спасибо|благодар|уважа"
    r"|уважени|автомат|робот|рабоч\w{2,3} (?:дн|врем|час)|в течение|срок|ожида|режим|график|отслежива|перейдите|служб"
    r"|отдел\b|команд|ticket|request|received|message|thank|contact|reply|respond|hello|dear|regards|automat)"
)
# What a mailbox that is given up says.
_OF_A_NOTICE = Caseless(
    r"\b(?:ящик|почт|адрес|e-?mail|mail(?:box)?\b|inbox|пиш|писать|написать|напиш|направля|используй|обращ|звон|свяж"
    r"|связ|письм|сообщени|вопрос|здравств|добр\w{2} (?:день|вечер|утро)|доброго|приветств|спасибо|благодар|уважа"
    r"|уважени|извин|просьба|тел\b|телефон|please|contact|write|hello|dear|regards)"
    r"|\S@\S"
)
_OF_ONESELF = Caseless(
    r"\b(?:я|мне|меня|мною?|мо[йеёияю]\w{0,2}|жду|жд[её]м|нет|никто|никак\w*|ничего|молчи\w*"
    r"|уже|давно|прош(?:[её]л|л[аио])|ист[её]к\w{0,3})\b"
    r"|\bне (?!отвеча|нужно|надо|требу|меняй|удаляй|изменяй|позд|более|забуд|передава|сообщайте)"
    r"|\b(?:сказал|обещал|говор[ия]|велел|посоветовал)\w{0,3}\b"
)
_SHORT_ANSWER = re.compile(r"\s*(?:да|нет|ок|хорошо|верно|через|это|из|версия)\b", re.IGNORECASE)
_SAYS_MORE = 2  # words of three letters or more; one written large counts at the beginning alone, others are names
# Said by others than the writer: what a robot quotes of the letter it answers.
_QUOTED = re.compile(r"«[^«»]{0,300}»|\"[^\"\n]{0,300}\"|^\W{0,3}(?:тема|subject)\s?:.*$", re.IGNORECASE | re.MULTILINE)
_CLAUSE = re.compile(r"[,;:!?\n]|\.\s|\.$")
_SENTENCE = re.compile(r"[!?\n]|\.\s|\.$")
_SERVICE = Caseless(
    r"\b(?:госуслуг|(?:личн|мо)\w{1,3} кабинет|мчд\b|укэп\b|эцп\b|электронн\w{2,3} подпис|капч|смс|парол"
    r"|логин|есиа\b|пособи[еяй]|загранпаспорт|субсиди|детск\w{2,3} сад|пенси[яюи]\b|штраф|заявлени[еяю]|доверенност"
    r"|запис[ьи] к |код\w{0,2} (?:подтвержд|вход|доступ|из смс))"
)
# Where a robot, too, names a service: whom to ask about it, and what its footer warns of.
_DIRECTS = Caseless(
    r"\b(?:вопрос|обращ|замещ|звон|пишите|свяж|контакт|исполня|никому|воспользу"
    r"|(?:через|на) (?:портал|сайт|госуслуг|личн|кабинет))"
)
_FULL_NAME = re.compile(
    r"\s*(?:я |это )?(?:[А-ЯЁ][а-яё]{1,30} ){2}[А-ЯЁ][а-яё]{1,30}(?:вич|вна|ична|ич)[.\s]*"
    r"|\s*(?:я |это )?[А-ЯЁ][а-яё]{1,30} [А-ЯЁ][а-яё]{1,30}(?:вич|вна|ична) [А-ЯЁ][а-яё]{1,30}[.\s]*"
)
_DAY = re.compile(r"(?<![-–—\d.])\d{1,2}(?:\.\d{1,2}\b| (?:янв|фев|мар|апр|ма[яй]\b|июн|июл|авг|сен|окт|ноя|дек))")
_LONG_NUMBER = re.compile(r"(?<!\d)\d{8,12}(?!\d)")
_DAYS = re.compile(
    r"(?:янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|ноя|дек)[а-я]{0,5}|по|до|числа|года?|дн[яе]й?|недел[яиюь]|понедельник\w?"
    r"|вторник\w?|сред[аыу]|четверг\w?|пятниц[аыу]|суббот[аыу]|воскресень[яе]|завтра|сегодня|вечером|утром|позже|скоро"
)
_DAYS_AWAY = re.compile(r"\b(?:до|с|со|по|к|после|буду|будем|выйду|начиная|отпуск\w*)\b", re.IGNORECASE)


def asks(text: str) -> bool:
    """Somebody asks or complains; faults are told by bounces too ("ошибка 550")."""
    return bool(_ASKS.search(text))


def speaks(text: str) -> bool:
    """Somebody asks, complains, tells a fault, or gives or promises data, in words of his own."""
    return asks(text) or bool(_TELLS.search(_QUOTED.sub(" ", text)))


def tells_of_the_case(text: str) -> bool:
    """What a robot does not say: a service of the portal, unless one is sent to somebody about it; or a whole name that
    stands alone, with a day that is no day of an absence (an absence note is signed, and tells its days)."""
    named = (_SERVICE.search(part) and not _DIRECTS.search(part) for part in _SENTENCE.split(text))
    return any(named) or _name_and_day(text)


def says_more_than_an_absence(text: str) -> bool:
    """A clause in which none of the words stands that absence notes are made of: those are few, and what citizens
    have to say is not. What one is to ask others about is not looked at."""
    return any(map(_says_more, _ABSENCE_CLAUSE.split(_ASKED_OF_OTHERS.sub(" ", text))))


def says_more_than_a_confirmation(text: str) -> bool:
    """A clause without any word of what a help desk says of the letter that it got, be it one word or a day: the name
    of a bank may be all that a citizen answers. Or somebody speaks of himself."""
    clauses = _ABSENCE_CLAUSE.split(text)
    return bool(_OF_ONESELF.search(text)) or any(_WORD.search(c) and not _OF_CONFIRMATION.search(c) for c in clauses)


def says_more_than_a_notice(text: str) -> bool:
    """As above, of what a mailbox says that is read no more."""
    return any(_WORD.search(c) and not _OF_A_NOTICE.search(c) for c in _ABSENCE_CLAUSE.split(text))


def _says_more(clause: str) -> bool:
    words = [word for word in _LOWER_WORD.findall(clause) if not _DAYS.fullmatch(word)]
    begun = bool(words) and clause.lstrip()[:1].isupper()
    said = len(words) + begun >= _SAYS_MORE or bool(_SHORT_ANSWER.match(clause))
    return said and not _OF_ABSENCE.search(clause)


def gives_data(text: str) -> bool:
    """A whole name that stands alone, or a number as long as an account's: what we ask for, and nothing else."""
    return bool(_LONG_NUMBER.search(text)) or any(_FULL_NAME.fullmatch(part) for part in _CLAUSE.split(text))


def _name_and_day(text: str) -> bool:
    clauses = _CLAUSE.split(text)
    return any(_FULL_NAME.fullmatch(part) for part in clauses) and any(
        _DAY.search(part) and not (_DAYS_AWAY.search(part) or AWAY.search(part) or MEANWHILE.search(part))
        for part in clauses
    )
