"""The account of the problem: the letter's own text without greeting, field lines and the names that only say who.

Sentences are kept or dropped whole. One is dropped when nothing of it is left to tell once labels, numbers, names and
dates of fields are taken out ("От Иванова Ивана, ИНН 500100732259."); a sentence that tells something and happens to
hold a field stays. What is left counts only with four words or more.
"""

import re

from validate.findings import Found

_CAP = 50_000  # characters looked at; nobody reads further
_MIN_WORDS = 4
_GREETING = re.compile(
    r"^\s*(?:(?:еще раз |всем )?(?:здравствуй(?:те)?|здраствуй(?:те)?|здрасьте|здрасте|здравия желаю|приветствую(?: вас)?|привет(?:ик)?|добр(?:ый|ого|ое|ой)\s+(?:день|дня|вечер|вечера|утро|утра|ночи|времени\s+суток|здоровья)|доброго|хай|салют|"
    r"hello|hi|dear\s+\w+|good\s+(?:morning|day|afternoon|evening)|уважаем\w+\s+[^.!,\n]{2,60}|салам|ассаламу? алейкум))(?![а-яё])[^.!,?:\n]{0,40}?(?:[.!,)]+|$|\n|(?=\s))\s*",
    re.I,
)
_SENTENCES = re.compile(r"(?<=[.!?…])\s+(?=[А-ЯЁA-Z«\"(\d])|(?<=[!?])\s+")
_FIELD_WORDS = re.compile(
    r"(?<![а-яёa-z])(?:и\.?\s?н\.?\s?н\.?|инн|снилс|огрн(?:ип)?|кпп|ф\.?\s?и\.?\s?о\.?|фамилия|имя|отчество|дата(?:\s+(?:обращения|проблемы|события|происшествия|рождения|возникновения))?|время|"
    r"тел(?:ефон)?\w*|моб(?:ильный)?|сот(?:овый)?|e-?mail|почта|эл\.?\s?почта|электронная|адрес|паспорт|серия|номер\w*|№|личн\w+|кабинет\w*|лк|лс|л/с|л/к|уч[её]тн\w+|запис[ьи]|аккаунт\w*|account|"
    r"лицев\w+|сч[её]т\w*|заявитель\w*|от|мой|моя|мои|мое|моё|меня|зовут|это|я|г\.?\s?р\.?|год[а]?|рождения|данные|контактн\w+|связи|для|физлица|физ|лица|юрлица|организации|ип|ооо|пользовател\w+|гражданин\w*|гражданк\w+|подпись|"
    r"обращени\w+|госуслуг\w*|портал\w*|уважением|полностью|мск|около|утра|вечера|дня|ночи|снт|директор|бухгалтер|огрнип|проживающ\w+|город\w*|дом|кв|ул|id|n|на|по|и|с|в|г)(?![а-яёa-z])\.?",
    re.I,
)
_NUMBERS = re.compile(r"[\w.+\-]+@[\w.\-]+|[+(]?\d[\d\s()\-–—.:/]*")
_MONTHS = re.compile(
    r"(?<![а-яё])(?:января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря|сегодня|вчера|позавчера)(?![а-яё])",
    re.I,
)
_NAME_WORDS = re.compile(r"(?<![А-ЯЁа-яё])[А-ЯЁ][А-ЯЁа-яё]+(?:-[А-ЯЁ][а-яё]+)?")
_LABEL_START = re.compile(
    r"^\s*[\-–—•*\d.)]*\s*(?:инн|и\.н\.н|снилс|огрн|ф\.?и\.?о|фамилия|имя|отчество|дата|время|тел|моб|паспорт|e-?mail|почта|адрес|личный кабинет|номер|лк|уч[её]тная запись|аккаунт|заявитель|контакт)",
    re.I,
)


def find_description(text: str, names: tuple[str, ...] = ()) -> Found | None:
    """What the letter tells; `names` are names found in it. Null under four words."""
    kept: list[str] = []
    body = _without_greeting(text[:_CAP])
    for line in body.split("\n"):
        sentences = [s for s in _SENTENCES.split(line) if s.strip()]
        told = [s for s in sentences if _tells(s, names)]
        if told:
            kept.append(" ".join(s.strip() for s in told))
        elif not line.strip() and kept and kept[-1]:
            kept.append("")
    value = "\n".join(kept).strip()
    if len(re.findall(r"\w+", value)) < _MIN_WORDS:
        return None
    return Found(value=value, written=value)


def _without_greeting(text: str) -> str:
    """Greetings off the top, one after another: "Здравствуйте! Уважаемая поддержка!"."""
    for _ in range(3):
        m = _GREETING.match(text)
        if not m or not m[0]:
            break
        text = text[m.end() :]
    return text


def _tells(sentence: str, names: tuple[str, ...]) -> bool:
    """Whether anything is left of a sentence once its fields are taken out."""
    rest = sentence
    for name in names:
        rest = rest.replace(name, " ")
    has_field = rest != sentence or _NUMBERS.search(rest) is not None or _LABEL_START.match(rest) is not None
    if not has_field:
        return re.search(r"\w", rest) is not None
    labelled = _LABEL_START.match(rest) is not None
    rest = _MONTHS.sub(" ", _FIELD_WORDS.sub(" ", _NUMBERS.sub(" ", rest)))
    if labelled:
        rest = _NAME_WORDS.sub(" ", rest)
    left = len(re.findall(r"[^\W\d_]{2,}", rest))
    return left > (2 if labelled else 1)
