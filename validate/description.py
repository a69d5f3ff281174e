"""The account of the problem: the letter's own text without greeting, field lines and the names that only say who.

1. Whole lines go that are furniture: rows of tables, forms, addresses, headings, names of who signs (told_lines.py).
2. Of the rest sentences are kept or dropped whole. One is dropped when nothing of it is left to tell once labels,
numbers, names and dates of fields are taken out ("От Иванова Ивана, ИНН 500100732259."); a sentence that tells
something and happens to hold a field stays. 3. What is left counts only with four words or more.
"""

import re
from functools import lru_cache
from importlib.resources import files

from validate.dictionary import is_verb
from validate.findings import Found
from validate.told_lines import NAME, told_lines

_CAP = 50_000  # characters looked at; nobody reads further
_MIN_WORDS = 4
_DAY_PART = r"(?:добр(?:ый|ого|ое|ой)\s+(?:день|дня|вечер|вечера|утро|утра|ночи|времени\s+суток|здоровья)|(?:день|вечер|утро)\s+добр(?:ый|ое))"
_WHO_IS_GREETED = r"(?:,?\s+(?:уважаем\w{2}\s+)?(?:служба|команда|отдел|сотрудники|специалисты|господа|коллеги|друзья|поддержка|техподдержка)(?:\s+[а-яё]+){0,2})?"
_GREETING = re.compile(
    rf"^\s*(?:(?:ещ[её] раз |всем |коллеги,? |друзья,? |[а-яә]{{3,12}}(?:\s[а-я]{{3,8}})?,\s)?(?:здравствуй(?:те)?|здраствуй(?:те)?|здрасьте|здрасте|здравия желаю|"
    rf"приветствую(?: вас)?|привет(?:ик)?|{_DAY_PART}|"
    r"доброго|хай|салют|hello|hi|dear\s+\w{1,20}|good\s+(?:morning|day|afternoon|evening)|уважаем\w{2}\s+[^.!,\n]{2,60}|салам|сайн байна|исәнмесез|"
    rf"ассаламу? алейкум))(?![а-яё]){_WHO_IS_GREETED}[^.!,?:\n]{{0,40}}?(?:[.!,)]{{1,5}}|$|\n|(?=\s))\s*",
    re.I,
)
# The look back stands behind the first sign: a search skips to such signs only when they come first.
# No end is "ул. Мира", "д. 5", "т. е. Портал", nor "2026 г. 3 раза", "9 ч. 10 мин.", "300 руб. 2 раза".
_NEVER_ENDS = "".join(
    rf"(?<!\W{word}\.\s)" for word in ("ул", "пер", "просп", "д", "кв", r"т\.\sе", r"т\.е", r"т\.\sк")
)
_BEFORE_DIGITS = "|".join(rf"(?<=[\d\s]{word}\.\s)" for word in ("г", "ч", "час", "мин", "сек", "руб", "коп", "р"))
_SENTENCES = re.compile(
    rf"\s(?:(?<=[!?]\s)\s*|(?<=[.…]\s){_NEVER_ENDS}(?!(?:{_BEFORE_DIGITS})\s*\d)\s*+(?=[А-ЯЁA-Z«\"(\d{NAME}]))"
)
_FIVE_DIGITS = re.compile(r"\d(?:[ \-–.()]{0,2}\d){4}")
_MAIL = re.compile(r"[\w.+\-]{1,64}@[\w.\-]{1,80}")
_FIRM = re.compile(r"(?:ООО|АО|ЗАО|ПАО|ИП|АНО|СНТ|ТСЖ|МУП|ГБУ)\s*[«\"“„][^»\"”“\n]{1,80}[»\"”“]")
_NUMBER = re.compile(r"\d{1,2}[.)]\s+(?=[^\W\d_])")
_NUMBERED_LINE = re.compile(r"^[ \t]*\d{1,2}[.)]\s", re.M)
_WORD = re.compile(r"[^\W\d_]+(?:[-.][^\W\d_]+)*")
_LABEL = re.compile(r"^[\s\-–—•*\d.)|]{0,8}([^\W\d_]+(?:[ .\-][^\W\d_]+){0,3})\.?\s?(?:[:=\t]|[—–-]\s)")
_KEYWORD = re.compile(
    r"^[\s\-–—•*|]{0,8}(?:мо[йя] )?(?:инн|и\.\s?н\.\s?н|снилс|огрн|кпп|ф\.?\s?и\.?\s?о|фамилия|имя|отчество|дата|время|тел|моб|паспорт|"
    r"e-?mail|адрес|личный кабинет|номер|лк|уч[её]тная запись|аккаунт|заявител|контакт)(?![а-яё]{4})",
    re.I,
)


@lru_cache(maxsize=1)
def _field_words() -> tuple[frozenset[str], tuple[str, ...]]:
    lines = files("validate").joinpath("name_lists/field_words.txt").read_text("utf-8").splitlines()
    words = [word for line in lines if not line.startswith("#") for word in line.split()]
    return frozenset(w for w in words if w[-1] != "*"), tuple(w[:-1] for w in words if w[-1] == "*")


def find_description(text: str, names: tuple[str, ...] = ()) -> Found | None:
    """What the letter tells; `names` are names found in it, as written. Null under four words."""
    body = _without_greeting(text[:_CAP])
    for name in names:
        body = body.replace(name, NAME)
    kept: list[str] = []
    for line in told_lines(body):
        told = [s.strip() for s in _SENTENCES.split(line) if s.strip() and _tells(s)]
        if told:
            kept.append(" ".join(told))
        elif not line.strip() and kept and kept[-1]:
            kept.append("")
    value = "\n".join(_without_number(kept, body)).strip()
    if names:
        value = value.replace(NAME, names[0])
    if len(re.findall(r"\w+", value)) < _MIN_WORDS:
        return None
    return Found(value=value, written=value)


def _without_number(kept: list[str], body: str) -> list[str]:
    """The one numbered line left of an answer to our numbered questions loses its number; no other figure goes."""
    numbered = [at for at, line in enumerate(kept) if _NUMBER.match(line)]
    if len(numbered) != 1 or len(_NUMBERED_LINE.findall(body)) < 2:
        return kept
    at = numbered[0]
    return [*kept[:at], _NUMBER.sub("", kept[at], count=1), *kept[at + 1 :]]


def _without_greeting(text: str) -> str:
    """Greetings off the top, one after another: "Здравствуйте! Уважаемая поддержка!"."""
    for _ in range(3):
        m = _GREETING.match(text)
        if not m or not m[0]:
            break
        text = text[m.end() :]
    return text


def _tells(sentence: str) -> bool:
    """Whether anything is left of a sentence once its fields are taken out: two words, three beside a label, a verb."""
    key, field = _KEYWORD.match(sentence), _holds_field(sentence)
    if not key and not field:
        return re.search(r"[^\W\d_]", sentence) is not None
    label = key or _LABEL.match(sentence)
    words = [
        word
        for word in _WORD.findall(_FIRM.sub(" ", _MAIL.sub(" ", sentence)))
        if len(word) > 1 and not _only_joins(word.lower())
    ]
    if any(is_verb(word.lower()) for word in words[:12]):
        return True
    if label and field:
        words = [word for word in words if not word[0].isupper()]
    return len(words) > (2 if label else 1) if field else bool(words)


def _holds_field(sentence: str) -> bool:
    """A name, five digits or an address."""
    if NAME in sentence or _FIVE_DIGITS.search(sentence):
        return True
    return "@" in sentence and _MAIL.search(sentence) is not None


def _only_joins(word: str) -> bool:
    whole, beginnings = _field_words()
    return word in whole or word.startswith(beginnings)
