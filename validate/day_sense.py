"""Judges whether a day is the day of the trouble, by the words around it (the rules stand in dates.py)."""

import re
from datetime import datetime
from itertools import islice

from validate.day_calendar import Mention
from validate.dictionary import may_be_past
from validate.legible import after, before

_HABIT = re.compile(
    r"(?<![а-я])(?:обычно|всегда|как правило|ежемесячно|кажд\w{2,3})\s+(?:(?!пришл|отказ|не )[^\s.!?]+\s+){0,2}$"
)
_TO_DO = re.compile(
    r"[а-я]{3}(?:ть|ться|ти)\s+(?:(?:в|на|к|уже|до)\s+)?$"
)  # "перезвонить 23 марта", "сдавать 4 декабря"
_PROMISED = re.compile(
    r"(?:обещан|назначен|запланирован|перенес[её]н)\w*|(?:сказал|просил|обещал|предложил)\w*(?= [а-я]+(?:ть|ться|ти)(?![а-я]))"
)
_WISH = re.compile(
    r"(?<![а-я])(?:готов[аы]?|требу\w+|нужн\w+|надо|хочу|хотел[аи]? бы|прошу|можно|успеть|успею|кто|на смене|дайте|сделайте|ответьте|пришлите|жду|ждем)(?![а-я])"
)
_BLAME = re.compile(r"пожалова|жалоб|претензи|наказать|удалить|вернуть")
_RECKONED = re.compile(r"(?:сегодня уже|на дворе(?: уже)?|на календаре(?: уже)?) (?:\d|[а-я]+(?:ое|ье) )")
# "в понедельник еду с работы, смотрю в приложение": told as it happened
_SEES = re.compile(r"(?<![а-я])(?:смотрю|захожу|вижу|показываю|прихожу|звоню|а там|а мне)(?![а-я])")
_SILENCE = re.compile(
    r"[,.;:—–\-\s]{1,4}(?:а |и |но )?(?:(?:полная |все |одна )?(?:тишина|молчание|молчат|молчок|глухо)|ничего|"
    r"ни ответа[а-я, ]{0,20}|ни слуху[а-я, ]{0,14}|ни привета[а-я, ]{0,14}|никто не (?:ответил|отвечает|звонил|позвонил)|"
    r"(?:ответа|решения|результата|новостей|движения|изменений) (?:все |всё |еще |ещё |пока |так и ){0,2}(?:нет|не было|не видно|никакого|никаких|не поступило|не пришло))(?=\s*(?:[.,!;\n]|$))"
)
_STATED_ON = re.compile(r"по состоянию на\s*$")
_OLDEST_YEARS = 3  # a letter to a support desk tells of the last years; older dates are births and papers
_LABEL = re.compile(
    r"(?:дата(?:\s+и\s+время)?(?:\s+(?:и\s+время\s+)?(?:обращения|проблемы|события|происшествия|случая|возникновения(?:\s+\w+)?|инцидента|ошибки|сбоя|когда\s+\w+))?|"
    r"когда(?:\s+(?:это\s+)?(?:случилось|произошло|возникл[ао]|было|началось))?|день|число)\s*[:=\t—–-]\s*$"
)
_NOT_EVENT_BEFORE = re.compile(
    r"(?<![а-яё])(?:рожд\w*|родил\w+(?: \w+){0,2}|д\.? ?р\.?|года? рожд\w*|выдан[ао]?|выданн\w{2,3}|дата выдачи|паспорт\w*(?: \d{2} ?\d{2} ?\d{6})?,?(?: от)?|"
    r"(?:фз|закон\w{0,4}|приказ\w{0,3}|постановлени\w{1,3}|указ\w{0,3}|распоряжени\w{1,3}|кодекс\w{0,3}|регламент\w{0,3}|редакци\w{1,3}|"
    r"договор\w{0,3}|свидетельств\w{1,3}|справк\w{1,3}|доверенност\w{1,3}|лицензи\w{1,3}|полис\w{0,3}|сертификат\w{0,3}|диплом\w{0,3}|решени\w{1,3} суда)[^.!?;\n]{0,40}\sот|"
    r"до|не позднее|не позже|срок\w*(?: [а-я]{3,}[аыия])?(?: до| -| вышел| истек\w*| прошел| заверш\w+)?|к|ко|истека\w+|истек\w*|конч[аи]\w+|сгора\w+|просроч\w+(?: с)?|действ\w+(?: с| по| до)?|годен до|по|планир\w+(?: на)?|переда\w+ до|не раньше|"
    r"кажд\w{2,3} (?:год|месяц|неделю),?|ежегодно|ежемесячно|сейчас(?: уже)?|исполн(?:ил|ит|яет)\w+(?: \d+)?(?: лет| год\w*)?|заканчива\w+|законч\w+|зарегистрирован\w* по|состоится|будет|откро\w+|день рождения(?: у?\s?[а-я]{2,12}){0,2}|датой|хоть|род\.|завтра,?|послезавтра,?|(?:до|к|ко|на) (?:понедельника?у?|вторника?у?|сред[ыеу]|четверга?у?|пятниц[ыеу]|суббот[ыеу]|воскресень[яюе]))\s*[:—–-]?\s*$"
)
_APPOINTED_BEFORE = re.compile(
    r"(?:запис\w+|талон\w*|билет\w*|бронь|при[её]м\w*|назнач\w*|на)\s+(?:\w+\s+){0,2}?на\s*$|(?<![а-яё])на\s*$"
)
_WORD = re.compile(r"[а-я]{3,}+(?!-продаж)")
_TOLD = ("л", "ла", "ли", "ло", "лся", "лась", "лось", "лись")  # "пришёл": ends of a past tense
_PAST = (*_TOLD, *(vowel + end for vowel in "еая" for end in ("н", "на", "но", "ны")))  # "подана" too
_MOST_WORDS = 12  # of a clause that the dictionary is asked about
_LEAVING_AFTER = re.compile(
    r"^\s*(?:я |мы |у меня |мне |уже )*(?:у|вы|при|по)?(?:готов|приду|поеду|смогу|(?:мне |нам |ему |ей )[а-я]{2,20}(?:ть|ться|ти)(?![а-я])|лета|лечу|езжа|еду|едем|хожу|иду|ложусь|ложат|будет|нужно|надо|операци|свадьб|истека|суд(?![а-я])|экзамен|при[её]м(?![а-я])|встреча(?! не)|рейс(?![а-я]| не)|последний день)"
)
_TO_COME = re.compile(
    r"(?<![а-я])(?:лечу|летим|улета|вылета|едем|еду|уезжа|выезжа|поед|приед|иду|идем|ложусь|кладут|везу|встреча|рейс|поезд|самолет|суд(?![а-я])|заседани|"
    r"при[её]м(?![а-я])|операци[яюи](?![а-я])|сделк|экзамен|собеседовани|свадьб|похорон|последний день|крайний (?:день|срок)|дедлайн|срок|"
    r"будет|буду|надо|нужно|должн|записан)"
)
_BOOKED = re.compile(
    r"(?:выдадут|выдаст|будут?|приед[еу]т|прид[еу]т|записан\w{0,2}|талон\w{0,2}|запись)[^.!?;,]{0,30}\s*$"
)
_ENROLLED = re.compile(r"(?<![а-я])записан[аоы]? на [^.!?;,\n]{0,40}$")
_FROM_BEFORE = re.compile(r"(?<![а-яё])(?:с|со|после|в|во)\s*$")
_NOT_EVENT_AFTER = re.compile(
    r"^[\s,(]*(?:г\.?\s?р|года?\s+рожд|рожд|д\.?\s?р\.|года\s+выдачи|№\s?\d|n\s?\d+-фз|\d+-фз)|"
    r"^\s*(?:истека|заканчива|срок|дедлайн|крайний|состоится|будет|должны?\s+быть|(?:мне\s+|ему\s+|ей\s+)?исполн(?:ил|ит|яет)|мне\s+\d\d)"
)
# what happened that day is told of a day named for another thing
_SAME_DAY = re.compile(r"в (?:тот|этот) (?:же )?день")
_ANSWERED = re.compile(r"(?:отказ|ответ|отписк)\w*(?: от)?\s*$")  # "отказ от 13.03.2026 № 45" is what happened
_TROUBLE = re.compile(
    r"ошибк|немо[гж]|не (?:мо[гж]|могу|могла|смог|рабо|приход|приш|прош|загру|откры|отправ|пуска|пусти|зашл|захо|прин|получ|отобра|появ|видн|созда|вид|дозвон|отве[тч]|нажим|удал|сохр|подтв|подпис|запу)|"
    r"отказ|не (?:брал|оформлял|подавал|заказывал|просил)|узнал|увидел|заметил|обнаруж|выясни|отозв|аннулир|отклон|перенес|пропал|исчез|спис|заблок|вылет(?:ел|ает|аю)|вылеты|(?:само?|сразу|тут же|постоянно|сам[ао]й?|приложение|программа|страница|окно|вкладка) закрывается|выбрасыва|выкидыва|краш|подвиса|завис(?!и[тм]|ят)|не груз|взлом|слом|сбой|сбои|перест|отмен|сняли|потер|крути|обнул|сброс|недоступ|нахам|нагруб|груб|бросил|выкин|не\s+да|двойн|дважды|повторно|чужо|мошен|украл|начал|случил|произош|возник|пытал|пробов|попыт|вместо|закрыл|не верн|удалил|глюч|опять|снова|то же сам|(?<!за)висит|тормоз|падает|упал|слете|сняли|снял|(?<![а-я])рвет|обрыв|обрывал|отписк|не поступ|наруш|слетел|не найден|неверн|числится|значится"
)
_SAYS = re.compile(r"пиш[еу]т(?! вам)|ругается|выда[её]т|вылезает")
_FILING = re.compile(
    r"подал|подав|подписан|заключ[её]н|составлен|передал|брак|отправил|направил|оформил|оформля|заказал|заказыв|записал|оплатил|заплатил|обращал|обратил|звонил|писал|написал|регистрир|зарегистр|получил|сменил|поменял|купил|переехал|родил|вышла замуж|развел"
)
_PAPER = re.compile(r"паспорт|свидетельств|св-во|снилс|удостоверени|полис|сертификат|доверенност|загран|диплом|внж|рвп")
_LIFE = re.compile(
    r"купил|(?<![а-я])сменил|поменяла? (?:фамил|паспорт|телеф|номер)|уволил|переехал|замуж|женил|родил|(?:от|за)крыл\w* (?:заново )?(?:ип|ооо|счет)|(?<![а-я])(?:ип|ооо|счет) (?:от|за)крыл|заседани|операци[яюи](?![а-я])|свадьб|похорон"
)
CAME = re.compile(r"при(?:шл|шел|ехал|был)|яви(?:л|в)|отсидел|прождал|стоял")  # to a visit, which is past then
# "перенесли с 12 марта на 27 апреля"
_MOVED = re.compile(r"\sна\s\d{1,2}(?:-?[гео]|\.\d|\s(?:янв|фев|мар|апр|мая|ию|авг|сен|окт|ноя|дек))")
_NEW_PAPER = re.compile(r"(?:паспорт|удостоверени|прописк|регистраци|пенси)[а-я]{0,3}(?: новый)? (?:с|получ[а-я]+)\s$")
_DATED = re.compile(r"(?:датирован[оаы]?(?: от)?|(?:письм|уведомлени)[^.!?;\n]{0,20}\sот)\s$")
_CLOSING = re.compile(
    r"[\s\d./]{6,14}+(?:г\.?|года)?[\s,_]*+(?:(?:[А-ЯЁ][А-ЯЁа-яё.\-]*+|подпись|дата)[\s,./_]*+){0,4}+"
)
# A form that is filled in: its "Дата" answers a question
_FORM_LINE = re.compile(
    r"\s*(?:\d[.)] )?(?:ф\.?\s?и\.?\s?о|инн|снилс|телефон|тел|кабинет|описание|суть|проблема|вопрос|почта|адрес)"
    r"[а-яё ]{0,30}\.?\s?[:—–]",
    re.I,
)
_LETTERS_OWN = re.compile(r"\s*+[Дд]ата\s*+[:=—–-]\s*+[\d./ ]{6,14}+(?:г\.?|года)?\s*+")
_SIGNED = 60  # characters of a name and a number under a letter's date
_SINCE = re.compile(r"(?<![а-яё])(?:с|со)\s$")
_NO_MORE = re.compile(
    r"\s(?:уже\s|вдруг\s|с (?:\d{1,2}|самого) утра\s|с утра\s)?(?:нет|никак|ни в какую)(?=\s*(?:[.!,;\n]|$))"
)
# The looks back stand behind the first sign: a search skips to such signs only when they come first.
_ENDS = re.compile(r"[.!?…;\n](?:(?<=[;\n])|(?<!\sг.)(?=\s+[А-ЯЁA-Z«\"\d])|(?<=[а-яё]{4}.)(?=\s+[а-яё]))")
_COMMA = re.compile(r",| [—–-] | а | но | потом ")
FINE = re.compile(
    r"(?:запись|талон|заявление|все) был[ао]? |еще бы[лв]|работал|нормальн|все было|еще пускал|открывал|до этого|раньше|еще (?:мог|заход|пуск|вход|можно|видел)|последний раз (?:все |еще )?(?:заход|зашл|работал|вход|смог|пуска)"
)

_AGAINST = re.compile(r"(?:^|[\s,(—–-])(?:а|хотя)\s(?:еще\s)?$")
_WAS_SO = re.compile(
    r"\s(?:еще\s|уже\s)?был[аои]?\s(?:открыт|одобр|готов|доступ|актив|вид[е]?н|подтвержд|принят|назнач|предостав|оформ|зелен|на мест|запис|талон|кнопк|галочк|статус|там)"
)
_WORKED = re.compile(r"работал|нормальн|все было|еще (?:мог|заход|пуск|вход|открыва|видел|подпис)|было хорошо")


def rank(text: str, mention: Mention, mentions: list[Mention], sent: datetime | None, *, timed: bool) -> int | None:
    """How likely this day is the day of the trouble; null when it is surely another (docstring of the module)."""
    lead, follow = before(text, mention.start, 70), after(text, mention.end, 40)
    label = _LABEL.search(lead)
    if sent is not None and mention.day > sent.date():
        return None
    if label and not _NOT_EVENT_BEFORE.search(lead):
        return 3 if len(mentions) > 1 and mention.day == (sent and sent.date()) and _closes(text, mention) else 100
    paper = _NOT_EVENT_AFTER.search(follow) and not _ANSWERED.search(lead)
    if (_NOT_EVENT_BEFORE.search(lead) or paper or _HABIT.search(lead)) and not _SAME_DAY.search(follow):
        fine = sent is not None and lead.endswith("до ") and still_fine(text, mention, sent)
        return 1 if fine else None
    if lead.rstrip().endswith(("выдал", "выдали", "выдала", "выданы")) and _PAPER.search(_own_clause(text, mention)):
        return None
    if mention.may_come and _may_come(text, mention, mentions):
        return None
    if not mention.year_given and _LEAVING_AFTER.search(follow) and not told_past(text, mention.end):
        return None
    if mention.relative and _is_wish(text, mention, mentions):
        return None
    if sent is not None and _is_far(text, mention, lead, (sent.date() - mention.day).days):
        return None
    if sent is not None and mention.day == sent.date() and _reckons(text, mention, lead):
        return 10  # behind filing, and behind what changed in a life
    return _sense(text, mention, mentions, sent) + 6 * timed


def _closes(text: str, mention: Mention) -> bool:
    """A line of nothing but "Дата: 13.05.2026" with no more than a name after it: the day the letter was written."""
    start, end = _line_of(text, mention)
    if _FORM_LINE.match(text[: max(0, start - 1)].rpartition("\n")[2]):
        return False
    return _LETTERS_OWN.fullmatch(text, start, end) is not None and len(text[end:].strip()) <= _SIGNED


def _reckons(text: str, mention: Mention, lead: str) -> bool:
    """ "Сегодня уже 20 ноября", "на дворе 20 ноября": up to when was waited, whatever the clause tells of the waiting."""
    named = lead[-20:] + text[mention.start : mention.end].lower()
    silent = "сегодня " in named and _SILENCE.match(after(text, mention.end, 40))
    return bool(silent or _RECKONED.search(named))


def _is_wish(text: str, mention: Mention, mentions: list[Mention]) -> bool:
    """ "Хозяин требует сегодня", "кто сегодня на смене": a day by which something is wanted, where nothing happened."""
    start, end = clause_of(text, mention, mentions)
    words = text[start:end].lower().replace("ё", "е")
    return _WISH.search(_own_clause(text, mention)) is not None and not (
        _BLAME.search(words) or _is_told(words, _PAST) or _TROUBLE.search(words)
    )


def _is_far(text: str, mention: Mention, lead: str, days: int) -> bool:
    """A day so far back that it is another's: the coming one of that name, a paper, a birth.

    1. "На 25 марта", "с 25 марта" written on the 20th is a day to come, not one of last year. 2. So is any day without
    a year that comes again sooner than it was, unless its own clause tells what happened.
    3. More than a year back only trouble or filing is told with its day.
    """
    if days > 366 * _OLDEST_YEARS:
        return True
    if mention.year_given:
        return days > 400 and not _happened(_own_clause(text, mention), paper=False)
    if days <= 200:
        return False
    to_come = (_APPOINTED_BEFORE, _ENROLLED, _FROM_BEFORE, _TO_DO)
    return any(p.search(lead) for p in to_come) or not _happened(_own_clause(text, mention), paper=True)


def _happened(words: str, *, paper: bool) -> bool:
    """Whether a clause tells of something that happened: trouble, filing, or with `paper` any past tense."""
    words = _PROMISED.sub(" ", words)
    return any(p.search(words) for p in (_TROUBLE, _FILING)) or (paper and _is_told(words))


def _own_clause(text: str, mention: Mention) -> str:
    """The words around a date up to the commas, 80 characters each way at most; a date alone takes what follows it."""
    low, high = max(0, mention.start - 80), min(len(text), mention.end + 80)
    head = re.split(r"[,.;:!?\n(—–]", text[low : mention.start].lower().replace("ё", "е"))[-1]
    tail = text[mention.end : high].lower().replace("ё", "е")
    pieces = re.split(r"[,.;:!?\n)—–]", tail)
    if not re.search("[а-я]{3}", head + pieces[0]) and len(pieces) > 1:
        return head + " " + " ".join(pieces[:3])
    return head + " " + pieces[0]


def _may_come(text: str, mention: Mention, mentions: list[Mention]) -> bool:
    """ "Ухожу в рейс в среду", "записан в четверг": a weekday is past only beside the past tense or trouble.

    Where its own words up to the comma name what is to come ("в среду на приём, а талон пропал"), only they count.
    """
    own = _own_clause(text, mention)
    told = _is_told(own, _PAST) or _TROUBLE.search(own) or _SEES.search(after(text, mention.end, 80))
    if _TO_COME.search(own) and not told:
        return True
    start, end = clause_of(text, mention, mentions)
    words = text[start:end].lower().replace("ё", "е")
    booked = _BOOKED.search(before(text, mention.start, 40))
    return not (_is_told(words, _PAST) or _TROUBLE.search(words)) or (booked is not None and not _is_told(booked[0]))


def _sense(text: str, mention: Mention, mentions: list[Mention], sent: datetime | None) -> int:
    """20, more for trouble in its clause or a time beside it, less for filing, a visit or a paper."""
    start, end = clause_of(text, mention, mentions)
    words = text[start:end].lower().replace("ё", "е")
    lead = before(text, mention.start, 40)
    own = _own_clause(text, mention)
    weight = 20
    if _CLOSING.fullmatch(text, *_line_of(text, mention)) and len(mentions) > 1:
        return 3
    if _NO_MORE.match(after(text, mention.end, 30)):
        weight += 10  # "вчера ещё открывалось, а сегодня нет"
    since = mention.relative and _SINCE.search(lead)  # "пишет так со вчерашнего дня"
    if mention.relative and not since and not _is_told(words, _PAST) and not _TROUBLE.search(words):
        weight -= 8
    if _LIFE.search(own):
        weight -= 7
    elif _TROUBLE.search(words) or _SAYS.search(own):
        weight += 10
    elif _FILING.search(words):
        weight -= 5
    if (
        mention.relative
        and re.search(r"(?:на|до|за|хоть|нуж[а-я]{1,3}|надо|срочно)\s*$", lead[-10:])
        and not CAME.search(after(text, mention.end, 60))
    ):
        weight -= 15  # "по состоянию на сегодня" says until when, not when
    if _STATED_ON.search(lead):
        weight -= 15
    if _APPOINTED_BEFORE.search(lead) and not CAME.search(after(text, mention.end, 60)):
        weight -= 8
    if _MOVED.match(after(text, mention.end, 14)) or _NEW_PAPER.search(lead) or _DATED.search(lead):
        weight -= 10
    if re.search(r"(?:от|за)\s*$", lead[-10:]):
        weight -= 6
    if FINE.search(words):
        weight -= 8
    return weight


def _line_of(text: str, mention: Mention) -> tuple[int, int]:
    """The line a date stands in; 80 characters at most, since a closing line is short."""
    start = text.rfind("\n", max(0, mention.start - 80), mention.start) + 1 or max(0, mention.start - 80)
    end = text.find("\n", mention.end, mention.end + 80)
    return start, end if end >= 0 else min(len(text), mention.end + 81)


def clause_of(text: str, mention: Mention, mentions: list[Mention]) -> tuple[int, int]:
    """The sentence around a date, 200 characters each way at most; where it names other dates, its own clause."""
    low, high = max(0, mention.start - 200), min(len(text), mention.end + 200)
    start = max(
        (m.end() for m in _ENDS.finditer(text, low, mention.start + 1) if m.end() <= mention.start), default=low
    )
    stop = _ENDS.search(text, mention.end - (text[mention.end - 1] == "."), high)  # "2 марта." takes the full stop
    end = max(stop.start(), mention.end) if stop else high
    earlier = max((m.end for m in mentions if start <= m.start and m.end <= mention.start), default=None)
    later = min((m.start for m in mentions if mention.end <= m.start < end), default=None)
    if earlier is not None:
        comma = _COMMA.search(text, earlier, mention.start)
        start = comma.end() if comma else earlier
    if later is not None:
        commas = list(_COMMA.finditer(text, mention.end, later))
        end = commas[-1].start() if commas else later
    return start, end


def still_fine(text: str, mention: Mention, sent: datetime) -> bool:
    """ "До вчерашнего дня всё работало", "вчера ещё подписывала нормально": the trouble came after, today.

    So it did where yesterday is only set against it: "пусто, а вчера было одобрено".
    """
    if not mention.relative or (sent.date() - mention.day).days != 1:
        return False
    if _AGAINST.search(before(text, mention.start, 12)) and _WAS_SO.match(after(text, mention.end, 40)):
        return True
    own = re.split(r" (?:а|но|и) (?:теперь|сегодня|сейчас|потом) ", _own_clause(text, mention))[0]
    return _WORKED.search(own) is not None and not _TROUBLE.search(own)


def _is_told(words: str, ends: tuple[str, ...] = _TOLD) -> bool:
    """Whether one of the words is a past tense, or with _PAST a short participle; nouns like "портала" are none."""
    alike = (word for word in _WORD.findall(words) if word.endswith(ends))
    return any(may_be_past(word) for word in islice(alike, _MOST_WORDS))


def told_past(text: str, position: int) -> bool:
    """Whether the words after a position, up to the next comma or stop, tell something as past."""
    return _is_told(re.split(r"[,.;!?\n—–]", after(text, position, 40))[0])
