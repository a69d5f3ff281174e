"""Finds the places of full names in a text, whosever they are.

Three anchors, each cheap, so that few words are ever looked up:

1. a patronymic (its ending shows it, capitals or none): the given name stands before it, the surname beside them;
2. two or three capitalised words in a row, one of them a known given name;
3. a label ("ФИО:", "меня зовут", "от"), after which capitals are not needed and foreign names are believed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from validate.agreement import Agreed, agree, capital
from validate.names import OGLU, Case, given_readings, is_patronymic, looks_like_surname

_WORD = re.compile(r"[А-ЯЁа-яёA-Za-z’'`]+(?:[-‑–][А-ЯЁа-яёA-Za-z’'`]+)*")
_GAP = re.compile(r"[ \t]{1,4}|[ \t]{0,3}\n[ \t>]{0,4}|,[ \t]|[ \t]?\n?[ \t]?")
_MOST_NAMES = 40  # a letter that names more people is a list of people
_NAMED = re.compile(
    r"(?<![а-яё])(?:ф\.? ?и\.? ?о\.?|заявитель\w*|меня зовут|зовут|пишет вам|вам пишет|беспокоит|обращается|с уважением|(?<![а-яё])я[,—–\-]?|от|name|фамилия,? имя,? отчество|фамилия и имя|имя и фамилия|подпись)"
    r"[^\S\n]*[:,=—–\-(]*[^\S\n]*\n?[^\S\n]*$"
)
_SURNAME_LINE = re.compile(r"(?:^|[\n,;|])\s*фамилия\s*[:=\t—–|\-]\s*(?P<s>[А-ЯЁа-яёA-Za-z\-]+)", re.I)
_GIVEN_LINE = re.compile(r"(?:^|[\n,;|])\s*имя\s*[:=\t—–|\-]\s*(?P<g>[А-ЯЁа-яёA-Za-z\-]+)", re.I)
_PATRONYMIC_LINE = re.compile(
    r"(?:^|[\n,;|])\s*отчество(?:\s*\(при наличии\))?\s*[:=\t—–|\-]\s*(?P<p>[А-ЯЁа-яёA-Za-z\-]+(?: (?:оглы|кызы|угли|гызы|оглу|углы))?)",
    re.I,
)
# Words that begin with a capital and stand beside names without being one.
_NO_NAME = frozenset(
    ["я", "мой", "моя", "мне", "меня", "от", "с", "и", "а", "но", "не", "это", "ваш", "ваша", "уважаемый", "уважаемая", "уважаемые", "здравствуйте", "добрый", "добрая", "день", "вечер", "утро", "спасибо", "прошу", "инн", "снилс", "фио", "телефон", "дата", "паспорт", "госуслуги", "госуслуг", "портал", "мфц", "россия", "москва", "оператор", "специалист", "врач", "доктор", "директор", "сотрудник", "сотрудница", "начальник", "гражданин", "гражданка", "пенсионер", "пенсионерка", "заявитель", "уважением", "меня", "зовут", "пишет", "вам", "беспокоит", "ип", "ооо", "муж", "жена", "сын", "дочь", "мама", "папа", "брат", "сестра", "бабушка", "дедушка", "мой", "моя", "наш", "наша", "когда", "как", "где", "что", "почему", "потому", "если", "для", "при", "по", "на", "в", "во", "из", "к", "за", "до", "или", "тел", "г", "ребенок", "ребёнок", "инспектор", "менеджер", "консультант", "имени", "улица", "проспект", "область", "край", "республика", "город", "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье", "помогите", "подскажите", "проверьте", "привет", "привествую", "тема", "фамилия", "имя", "отчество", "адрес", "почта", "email", "дата", "номер", "кабинет", "личный", "служба", "поддержка", "поддержки", "технической", "администрация"]
)  # fmt: skip


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    text: str
    start: int
    end: int

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def low(self) -> str:
        return self.text.lower()


Wanted = Callable[[str, int], frozenset[Case]]


def places_in(text: str, wanted: Wanted) -> list[NamePlace]:
    """Every full name of a text in the order they stand, none overlapping."""
    if not text:
        return []
    words = [_Word(text=m[0], start=m.start(), end=m.end()) for m in _WORD.finditer(text)]
    places: list[NamePlace] = []
    taken: set[int] = set()
    by_lines = _by_lines(text)
    if by_lines:
        places.append(by_lines)
    for index, word in enumerate(words):
        if len(places) >= _MOST_NAMES:
            break
        if is_patronymic(word.text) or OGLU.fullmatch(word.text):
            _around_patronymic(text, words, index, taken, wanted, places)
    shouting = _shouts(text)
    for index in range(len(words) - 1):
        if len(places) >= _MOST_NAMES:
            break
        if index in taken or index + 1 in taken or not _adjacent(text, words[index], words[index + 1], newline=False):
            continue
        _two_words(text, words, index, taken, wanted, places, shouting=shouting)
    return sorted(places, key=lambda p: p.start)


def _by_lines(text: str) -> NamePlace | None:
    """ "Фамилия: …", "Имя: …", "Отчество: …", each on its line or in its cell."""
    s, g, p = _SURNAME_LINE.search(text), _GIVEN_LINE.search(text), _PATRONYMIC_LINE.search(text)
    if not s or not g:
        return None
    fathers = tuple(p["p"].split()) if p else ()
    agreed = agree(s["s"], g["g"], fathers)
    fio = str(agreed) if agreed and agreed.case == "nom" else " ".join(capital(w) for w in (s["s"], g["g"], *fathers))
    start = min(s.start("s"), g.start("g"))
    end = max(s.end("s"), g.end("g"), p.end("p") if p else 0)
    return NamePlace(
        fio=fio,
        written=text[s.start("s") : s.end("s")],
        start=start,
        end=end,
        parts=3 if p else 2,
        case="nom",
        starts_line=False,
    )


def _adjacent(text: str, left: _Word, right: _Word, *, newline: bool = True) -> bool:
    gap = text[left.end : right.start]
    if "\n" in gap and not newline:
        return False
    return len(gap) <= 8 and gap.strip(" \t\n>") == "" and "\t" not in gap.strip(" ") and gap.count("\n") <= 1


def _around_patronymic(
    text: str, words: list[_Word], index: int, taken: set[int], wanted: Wanted, places: list[NamePlace]
) -> None:
    """The given name before a patronymic, the surname before or after them: the side that agrees better wins."""
    first = index - 1 if OGLU.fullmatch(words[index].text) else index  # "Эльдар оглы" is two words
    given = first - 1
    if given < 0 or index in taken or given in taken:
        return
    if any(not _adjacent(text, words[i], words[i + 1]) for i in range(given, index)):
        return
    fathers = tuple(words[i].text for i in range(first, index + 1))
    options: list[tuple[float, int, Agreed]] = []
    for side, place in ((0, given - 1), (1, index + 1)):
        if place < 0 or place >= len(words) or place in taken:
            continue
        near, far = (words[place], words[given]) if side == 0 else (words[index], words[place])
        if not _adjacent(text, near, far, newline=side == 0 or _short_line(text, words[place])) or not _may_be_surname(
            words[place], words[given]
        ):
            continue
        start = words[place].start if side == 0 else words[given].start
        agreed = agree(words[place].text, words[given].text, fathers, wanted=wanted(text, start))
        if agreed:
            likely = (2.0 if looks_like_surname(words[place].text) else 1.0) * (1.5 if side == 0 else 1.0)
            options.append((likely, place, agreed))
    if not options:
        return
    _, place, agreed = max(options, key=lambda o: o[0])
    low, high = min(place, given), max(place, index)
    taken.update(range(low, high + 1))
    places.append(_place(text, words[low].start, words[high].end, agreed, parts=3))


def _short_line(text: str, word: _Word) -> bool:
    """Whether a word stands alone on its line, as the last part of a name that was broken over lines does."""
    return (
        text[text.rfind("\n", 0, word.start) + 1 : word.start].strip() == ""
        and text[word.end : word.end + 40].partition("\n")[0].strip(" .,") == ""
    )


def _may_be_surname(word: _Word, given: _Word) -> bool:
    if (
        word.low in _NO_NAME
        or len(word.text) < 2
        or (is_patronymic(word.text) and not word.low.endswith(("ич", "ича", "ичу", "ичем")))
    ):
        return False
    if given.capital and not word.capital:
        return False
    return word.capital or looks_like_surname(word.text)


def _two_words(
    text: str,
    words: list[_Word],
    index: int,
    taken: set[int],
    wanted: Wanted,
    places: list[NamePlace],
    *,
    shouting: bool,
) -> None:
    """Surname and given name in either order; without capitals only beside a label or alone on the line."""
    a, b = words[index], words[index + 1]
    if a.low in _NO_NAME or b.low in _NO_NAME or (len(b.text) < 2 and len(a.text) < 2):
        return
    if not (a.capital and b.capital and not shouting):
        if not (_labelled(text, a.start) or _line_is(text, a.start, b.end)):
            return
        if not (looks_like_surname(a.text) or looks_like_surname(b.text)):
            return
    want = wanted(text, a.start)
    options = []
    if given_readings(b.text) and (agreed := agree(a.text, b.text, wanted=want)):
        options.append((agreed.weight * 1.5, agreed))
    if given_readings(a.text) and (agreed := agree(b.text, a.text, wanted=want)):
        options.append((agreed.weight, agreed))
    if not options:
        return
    taken.update((index, index + 1))
    places.append(_place(text, a.start, b.end, max(options, key=lambda o: o[0])[1], parts=2))


def _place(text: str, start: int, end: int, agreed: Agreed, *, parts: int) -> NamePlace:
    line_start = text.rfind("\n", 0, start) + 1
    return NamePlace(
        fio=str(agreed), written=text[start:end], start=start, end=end, parts=parts, case=agreed.case,
        starts_line=not text[line_start:start].strip(" \t-–—•*>"),
    )  # fmt: skip


def _labelled(text: str, start: int) -> bool:
    return _NAMED.search(text[max(0, start - 40) : start].lower()) is not None


def _line_is(text: str, start: int, end: int) -> bool:
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    return not (text[line_start:start] + text[end:line_end]).strip(" \t.,;:!-–—•*()")


def _shouts(text: str) -> bool:
    """Whether the letter is written in capitals, where capitals mark no names."""
    head = text[:2000]
    upper = sum(c.isupper() for c in head)
    return upper > 40 and upper > 0.6 * sum(c.isalpha() for c in head)
