"""Finds the places of full names in a text, whosever they are.

Anchors, each cheap, so that few words are ever looked up:

1. "Фамилия: …", "Имя: …", "Отчество: …", each in its line or cell;
2. a patronymic (its ending shows it, capitals or none): the given name stands before it, the surname beside them;
3. two capitalised words in a row, one of them a known given name; without capitals only beside a label or alone on a line;
4. words in Latin letters, and names that no rule fits, beside a label or alone in the signature.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from validate.agreement import Agreed, agree, capital
from validate.dictionary import is_common_word, is_place_name
from validate.foreign_names import begins_east_asian, believed_name, latin_name
from validate.names import OGLU, Case, given_readings, is_listed_given, is_patronymic
from validate.surnames import looks_like_surname

_WORD = re.compile(r"[А-ЯЁа-яёA-Za-z’'`]+(?:[-‑–][А-ЯЁа-яёA-Za-z’'`]+)*")
_MOST_NAMES = 40  # a letter that names more people is a list of people
_NAMED = re.compile(
    r"(?:ф\.? ?и\.? ?о\.?|заявитель\w*|меня зовут|зовут|зовут меня|мо[её] имя|контакт\w{0,3}(?: лицо)?|пишет вам|вам пишет|беспокоит|обращается|с уважением|с ув\.?|"
    r"(?<![а-яё])я[,—–\-]?|(?<![а-яё])от|name|фамилия,? имя,? отчество|фамилия и имя|имя и фамилия|имя фамилия|подпись|fio|menya zovut|name is)"
    r"(?:\s\([^)\n]{0,20}\))?[ \t]{0,4}[:,=—–\-(\t]{0,3}[ \t]{0,4}\n?[ \t]{0,4}$"
)
_KEY = (
    r"(?:^|[\n,;|.!]|(?<=\s))\s{{0,4}}{}(?:\s(?:моя|мое|моё))?(?:\s?\([^)\n]{{0,30}}\))?\s{{0,4}}[:=\t—–|\- ]\s{{0,4}}"
)
_SURNAME_KEY = re.compile(_KEY.format("(?:моя )?фамилия") + r"(?P<v>[А-ЯЁа-яёA-Za-z\-]{2,40})", re.I)
_GIVEN_KEY = re.compile(
    _KEY.format("(?:(?:мо[её] )?имя|(?:меня )?зовут(?: меня)?)") + r"(?P<v>[А-ЯЁа-яёA-Za-z\-]{2,40})", re.I
)
_FATHER_KEY = re.compile(
    _KEY.format("(?:мо[её] )?отчество") + r"(?P<v>[А-ЯЁа-яёA-Za-z\-]{2,40}(?: (?:оглы|кызы|угли|гызы|оглу|углы))?)",
    re.I,
)
_NOTHING = frozenset("нет отсутствует не имя отчество фамилия - без".split())
# Words that begin with a capital and stand beside names without being one.
_NO_NAME = frozenset(
    "я мой моя мне меня от с и а но не это ваш ваша уважаемый уважаемая уважаемые здравствуйте добрый добрая день вечер утро спасибо прошу "
    "инн снилс фио телефон дата паспорт госуслуги госуслуг портал мфц россия москва оператор специалист врач доктор директор сотрудник "
    "сотрудница начальник гражданин гражданка гражданина гражданки пенсионер пенсионерка заявитель заявителя уважением зовут пишет вам беспокоит ип ооо муж "
    "жена сын дочь мама папа брат сестра бабушка дедушка наш наша когда как где что почему потому если для при по на в во из к за до или тел "
    "ребенок ребёнок инспектор менеджер консультант имени улица проспект область край республика город января февраля марта апреля мая июня июля "
    "августа сентября октября ноября декабря понедельник вторник среда четверг пятница суббота воскресенье помогите подскажите проверьте "
    "привет приветствую тема фамилия имя отчество адрес почта email номер кабинет личный служба поддержка поддержки технической администрация "
    "бухгалтер руководитель председатель инженер юрист заранее жду обращается гр ув судья нотариус пристав министр глава тетя тётя дядя "
    "ещё еще уже только очень пожалуйста коллеги господа сбербанк сбер тинькофф яндекс почты отправлено android iphone".split()  # a list of words reads as text
)  # fmt: skip


# The last letters of every patronymic, so that few words are looked at closely.
_FATHERLY = tuple(
    "ич ича ичу ичем ичом иче вна вны вне вну вной вною чна чны чне чну чной шна шны шне шну шной ыч ыча ычу ычем "
    "оглы оглу углы кызы гызы кизи угли угил уулу улы оглиз заде".split()  # a list of endings reads as text
)


class Source(StrEnum):
    """Which part of a letter a text is."""

    OWN = "own"
    SIGNATURE = "signature"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamePlace:
    """One full name where it stands."""

    fio: str
    written: str
    start: int
    end: int
    parts: int  # 2, or 3 with a patronymic
    case: Case
    starts_line: bool
    labelled: bool = False  # each part had its own label
    latin: bool = False


class _Word(NamedTuple):
    text: str
    start: int
    end: int
    capital: bool
    low: str


Wanted = Callable[[str, int], frozenset[Case]]


@dataclass(slots=True, kw_only=True)
class _Search:
    """One text being searched: its words, which of them are taken, what was found."""

    text: str
    source: Source
    wanted: Wanted
    words: list[_Word]
    taken: set[int] = field(default_factory=set)
    places: list[NamePlace] = field(default_factory=list)

    def full(self) -> bool:
        return len(self.places) >= _MOST_NAMES

    def take(self, first: int, last: int, fio: str, *, parts: int, case: Case, latin: bool = False) -> None:
        self.taken.update(range(first, last + 1))
        start, end = self.words[first].start, self.words[last].end
        above = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        self.places.append(
            NamePlace(
                fio=fio,
                written=self.text[start:end],
                start=start,
                end=end,
                parts=parts,
                case=case,
                starts_line=not above.strip(" \t-–—•*>"),
                latin=latin,
            )
        )


def places_in(text: str, source: Source, wanted: Wanted) -> list[NamePlace]:
    """Every full name of a text in the order they stand; `wanted` says which case the words before a place ask for."""
    if not text:
        return []
    words = [_Word(w := m[0], m.start(), m.end(), w[0].isupper(), w.lower()) for m in _WORD.finditer(text)]
    search = _Search(text=text, source=source, wanted=wanted, words=words)
    _by_keys(search)
    for index, word in enumerate(words):
        if (
            word.low.endswith(_FATHERLY)
            and not search.full()
            and (is_patronymic(word.text) or OGLU.fullmatch(word.text))
        ):
            _around_patronymic(search, index)
    _foreign(search, east_asian=True)
    shouting = _shouts(text)
    for index in range(len(words) - 1):
        if (
            index not in search.taken
            and index + 1 not in search.taken
            and _likely(words[index], words[index + 1], shouting)
        ):
            _two_words(search, index, shouting=shouting)
    if not shouting:
        _foreign(search, east_asian=False)
    return sorted(search.places, key=lambda p: p.start)


def _likely(a: _Word, b: _Word, shouting: bool) -> bool:  # asked for every pair of words, so kept bare
    """Whether a pair is worth a look: capitals, or a surname's ending where capitals tell nothing."""
    if a.capital and b.capital and not shouting:
        return True
    return a.low not in _NO_NAME and b.low not in _NO_NAME and (looks_like_surname(a.low) or looks_like_surname(b.low))


def _by_keys(search: _Search) -> None:
    """ "Фамилия: …", "Имя: …", "Отчество: …", each on its line or in its cell."""
    text = search.text
    s, g = _SURNAME_KEY.search(text), _GIVEN_KEY.search(text)
    if not s or not g or s["v"].lower() in _NOTHING or g["v"].lower() in _NOTHING:
        return
    if any(is_common_word(m["v"]) and not (m["v"][0].isupper() or looks_like_surname(m["v"])) for m in (s, g)):
        return
    p = _FATHER_KEY.search(text)
    fathers = tuple(p["v"].split()) if p and p["v"].lower() not in _NOTHING else ()
    agreed = agree(s["v"], g["v"], fathers)
    fio = (
        str(agreed)
        if agreed and agreed.case == "nom"
        else " ".join(capital(word) for word in (s["v"], g["v"], *fathers))
    )
    start, end = min(s.start("v"), g.start("v")), max(s.end("v"), g.end("v"), p.end("v") if p else 0)
    search.taken.update(i for i, word in enumerate(search.words) if start <= word.start < end)
    search.places.append(
        NamePlace(
            fio=fio,
            written=s["v"],
            start=start,
            end=end,
            parts=3 if fathers else 2,
            case="nom",
            starts_line=False,
            labelled=True,
        )
    )


def _adjacent(search: _Search, left: int, *, newline: bool = True) -> bool:
    """Whether a word and the next stand together, over one line's end at most."""
    gap = search.text[search.words[left].end : search.words[left + 1].start]
    return len(gap) <= 8 and not gap.strip(" \t\n>") and "\t" not in gap and gap.count("\n") <= newline


def _around_patronymic(search: _Search, index: int) -> None:
    """The given name before a patronymic, the surname before or after them: the side that looks more like one wins."""
    words = search.words
    first = index - 1 if OGLU.fullmatch(words[index].text) else index  # "Эльдар оглы" is two words
    given = first - 1
    if (
        given < 0
        or words[given].low in _NO_NAME
        or {index, given} & search.taken
        or not all(_adjacent(search, i) for i in range(given, index))
    ):
        return
    if index + 1 < len(words) and given_readings(words[index + 1].text) and not given_readings(words[given].text):
        return  # "… от Абрамович Анны": a surname with a patronymic's ending
    fathers = tuple(words[i].text for i in range(first, index + 1))
    options: list[tuple[float, int, Agreed]] = []
    for place, favour in ((given - 1, 1.5), (index + 1, 1.0)):
        if not 0 <= place < len(words) or place in search.taken or not _may_be_surname(words[place], words[given]):
            continue
        over_lines = place < given or _alone_on_line(search, place)
        if not _adjacent(search, min(place, index), newline=over_lines):
            continue
        agreed = agree(
            words[place].text,
            words[given].text,
            fathers,
            wanted=search.wanted(search.text, words[min(place, given)].start),
        )
        if agreed:
            options.append((favour * (2.0 if looks_like_surname(words[place].text) else 1.0), place, agreed))
    if options:
        _, place, agreed = max(options, key=lambda o: o[0])
        search.take(min(place, given), max(place, index), str(agreed), parts=3, case=agreed.case)


def _alone_on_line(search: _Search, index: int) -> bool:
    """Whether a word stands alone on its line, as the last part of a name broken over lines does."""
    return _line_is(search.text, search.words[index].start, search.words[index].end)


def _may_be_surname(word: _Word, given: _Word) -> bool:
    if word.low in _NO_NAME or len(word.text) < 2:
        return False
    if is_patronymic(word.text) and not word.low.endswith(("ич", "ича", "ичу", "ичем")):
        return False
    if given.capital and not word.capital:
        return False
    return looks_like_surname(word.text) or (word.capital and not is_place_name(word.text))


def _two_words(search: _Search, index: int, *, shouting: bool) -> None:
    """Surname and given name in either order; without capitals only beside a label or alone on the line."""
    a, b = search.words[index], search.words[index + 1]
    if min(len(a.text), len(b.text)) < 2 or a.low in _NO_NAME or b.low in _NO_NAME or is_patronymic(b.text):
        return
    if not (a.capital and b.capital) or shouting:
        if not _line_is(search.text, a.start, b.end) and not _labelled(search.text, a.start):
            return
        if not (looks_like_surname(a.text) or looks_like_surname(b.text)):
            return
    if not _adjacent(search, index, newline=False) and not (
        _alone_on_line(search, index) and _alone_on_line(search, index + 1) and _adjacent(search, index)
    ):
        return
    options: list[tuple[float, Agreed]] = []
    for family, given, favour in ((a, b, 1.5), (b, a, 1.0)):
        if _is_no_surname(search, family, a, b):
            continue
        if given_readings(given.text) and not (is_patronymic(family.text) and family is b):
            agreed = agree(family.text, given.text, wanted=search.wanted(search.text, a.start))
            if agreed:
                options.append((agreed.weight * favour, agreed))
    if options:
        agreed = max(options, key=lambda o: o[0])[1]
        search.take(index, index + 1, str(agreed), parts=2, case=agreed.case)


def _is_no_surname(search: _Search, family: _Word, a: _Word, b: _Word) -> bool:
    """ "Мальчик Платон", "мужского пола": without a patronymic a common word is a surname only alone on a line."""
    if not is_common_word(family.text):
        return False
    if not family.capital:
        return True
    return not (
        looks_like_surname(family.text) or _line_is(search.text, a.start, b.end) or _labelled(search.text, a.start)
    )


def _foreign(search: _Search, *, east_asian: bool) -> None:
    """Rows of capitalised words that no rule took, beside a label or alone on a line."""
    index = 0
    while index < len(search.words) - 1 and not search.full():
        last = index
        while last + 1 < len(search.words) and last - index < 3 and _goes_on(search, last):
            last += 1
        if not search.words[index].capital:
            index += 1
            continue
        if east_asian and not (
            begins_east_asian(search.words[index].text) and last - index == 2 and _no_given(search, index)
        ):
            index += 1
            continue
        if last > index and not set(range(index, last + 1)) & search.taken:
            _believe(search, index, last)
        index = last + 1


def _no_given(search: _Search, index: int) -> bool:
    return not any(is_listed_given(word.text) for word in search.words[index + 1 : index + 3])


def _goes_on(search: _Search, index: int) -> bool:
    return search.words[index].capital and search.words[index + 1].capital and _adjacent(search, index, newline=False)


def _believe(search: _Search, first: int, last: int) -> None:
    row = search.words[first : last + 1]
    words = tuple(word.text for word in row)
    labelled = _labelled(search.text, row[0].start)
    alone = _line_is(search.text, row[0].start, row[-1].end)
    if any(word.low in _NO_NAME or len(word.text) < 2 or is_patronymic(word.text) for word in row) or not (
        labelled or alone
    ):
        return
    if all(word.isascii() for word in words):
        name = latin_name(words, labelled=labelled)
        if name:
            search.take(first, last, name, parts=min(3, len(words)), case="nom", latin=True)
    elif len(words) == 2 and labelled and looks_like_surname(words[0]):
        agreed = agree(words[0], words[1], wanted=search.wanted(search.text, row[0].start), believe=True)
        if agreed:
            search.take(first, last, str(agreed), parts=2, case=agreed.case)
    elif (labelled or search.source is Source.SIGNATURE) and (name := believed_name(words)):
        search.take(first, last, name, parts=2, case="nom")


def _labelled(text: str, start: int) -> bool:
    return _NAMED.search(text[max(0, start - 45) : start].lower()) is not None


def _line_is(text: str, start: int, end: int) -> bool:
    """Whether nothing but start..end stands on the line."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    if start - line_start > 12 or line_end - end > 12:
        return False
    return not (text[line_start:start] + text[end:line_end]).strip(" \t.,;:!-–—•*()")


def _shouts(text: str) -> bool:
    """Whether the letter is written in capitals, where capitals mark no names."""
    head = text[:600]
    upper = sum(map(str.isupper, head))
    return upper > 40 and upper > 0.6 * sum(map(str.isalpha, head))
