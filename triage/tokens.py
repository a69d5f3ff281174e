"""The tokens of a ticket and of a question: words as lemmas, everything else under a mark that no Russian word has.

A question is written as staff write it: `код не приходит`, `"личный кабинет"`, `-оплата`, `регистр*`,
`тема:платежи статус:новая от:post.example №26-0000012-3 есть:вложение нет:инн срок:<1д увер:<0.6`, with Latin aliases
for each word before the colon. A bare number of ten digits or more is an ИНН, an account or a СНИЛС.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from classify.topics import Topics
from classify.words import reading
from store.search import Term, Wanted
from triage.words import MISSING, STATES
from validate.dictionary import parses

TOKEN_MOST = 60  # characters of one token
WORDS_MOST = 2_000  # words of a ticket that are searched
TERMS_MOST = 12  # conditions of a question
ALL, FILE = "zzall", "zzfile"
STATE, TOPIC, LACK, FROM, DOMAIN, NUMBER, DIGITS, WHO, TEAM = (
    "zzstate", "zztopic", "zzlack", "zzfrom", "zzdomain", "zznumber", "zzdigits", "zzwho", "zzteam",
)  # fmt: skip
_WORD = re.compile(r"[^\W_]+")
_TICKET = re.compile(r"№?\s?(\d{2}-\d{7,10}-\d)")
_ASKED = re.compile(r'(-?)(?:([^\W\d_]+):)?(?:"([^"]{0,300})"|«([^»]{0,300})»|(\S+))')
_UNTIL = re.compile(r"<\s?(\d{1,3})\s?(ч|д|h|d)")
_BELOW = re.compile(r"<\s?([01](?:[.,]\d{1,3})?|\d{1,2}\s?%)")
HOUR_MS = 3_600_000
_NAMES = {
    "тема": "topic", "topic": "topic", "статус": "state", "status": "state", "от": "from", "from": "from",
    "есть": "has", "has": "has", "нет": "lack", "missing": "lack", "срок": "due", "due": "due", "увер": "sure",
    "sure": "sure", "ведёт": "who", "ведет": "who", "assignee": "who", "команда": "team", "team": "team",
    "инн": "digits", "inn": "digits", "номер": "number", "number": "number",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question as it was understood."""

    wanted: Wanted
    number: str | None = None  # it is a ticket's number and no more
    by_topic: bool = False  # a topic is among the conditions
    puzzling: tuple[str, ...] = ()  # what was not understood, for the person to see


def ticket_tokens(row: Mapping[str, Any]) -> list[str]:
    """All tokens of a ticket, the words first and in their order."""
    fields = row["fields"]
    said = [row["subject"], *(fields.get(name, "") for name in ("description", "fio", "service"))]
    tokens = [_lemma(word) for text in said for word in _WORD.findall(text or "")[:WORDS_MOST]]
    tokens += [ALL, STATE + row["state"], TOPIC + _plain(row["topic"]), NUMBER + _plain(row["number"])]
    tokens += [LACK + _plain(word) for word in row["missing"]]
    tokens += [
        DIGITS + _plain(fields[name])
        for name in ("inn", "account", "snils", "ogrn", "phone", "application")
        if fields.get(name)
    ]
    if row["address"]:
        tokens += [FROM + _plain(row["address"]), DOMAIN + _plain(row["address"].rpartition("@")[2])]
    for mark, value in ((WHO, row["assignee"]), (TEAM, row["team"]), (STATE, row["closed_as"])):
        if value:
            tokens.append(mark + _plain(value))
    if row["has_files"]:
        tokens.append(FILE)
    return [token[:TOKEN_MOST] for token in tokens]


def question(written: str, *, topics: Topics, now_ms: int) -> Question:
    """What a person asks for."""
    if found := _TICKET.fullmatch(written.strip()):
        return Question(wanted=Wanted(terms=(_term(NUMBER + _plain(found[1])),)), number=found[1])
    terms: list[Term] = []
    puzzling = []
    due_before_ms, sure_below = None, None
    for minus, name, quoted, angled, word in _ASKED.findall(written)[:TERMS_MOST]:
        value, kind = quoted or angled or word, _NAMES.get(name.lower()) if name else None
        if name and kind is None:
            puzzling.append(f"{name}:{value}")
        elif kind == "due" and (until := _UNTIL.fullmatch(value)):
            due_before_ms = now_ms + int(until[1]) * (HOUR_MS if until[2] in "чh" else 24 * HOUR_MS)
        elif kind == "sure" and (below := _BELOW.fullmatch(value)):
            sure_below = _share(below[1])
        elif made := _terms(kind, value, topics, phrase=bool(quoted or angled)):
            terms += [Term(phrase=one.phrase, not_=bool(minus), prefix=one.prefix) for one in made]
        else:
            puzzling.append(f"{name}:{value}" if name else value)
    if all(one.not_ for one in terms):
        terms.append(_term(ALL))  # and only then: all tickets have it, and its list is as long as the store is
    rare = any(one.phrase[0][0].startswith((DIGITS, FROM)) for one in terms if not one.not_)
    wanted = Wanted(terms=tuple(terms), due_before_ms=due_before_ms, sure_below=sure_below, rare=rare)
    by_topic = any(one.phrase[0][0].startswith(TOPIC) for one in terms)
    return Question(wanted=wanted, puzzling=tuple(puzzling), by_topic=by_topic)


def _terms(kind: str | None, value: str, topics: Topics, *, phrase: bool) -> list[Term]:  # noqa: PLR0911  # one kind, one return
    match kind:
        case None:
            return _words(value, phrase=phrase)
        case "topic":
            return _one_of(
                TOPIC, [one for one in topics.ids if _begins(topics.title(one), value) or one == value.lower()]
            )
        case "state":
            known = [
                state for state, said in STATES.items() if said.startswith(value.lower()) or state == value.lower()
            ]
            return _one_of(STATE, [*known, *({"спам": "spam", "дубль": "duplicate"}.get(value.lower(), ""),)])
        case "lack":
            return _one_of(
                LACK, [name for name, said in MISSING.items() if _begins(said, value) or name == value.lower()]
            )
        case "from":
            return _one_of("", [FROM + _plain(value)] if "@" in value.strip("@") else [DOMAIN + _plain(value)])
        case "has":
            return [_term(FILE)] if value.lower() in ("вложение", "вложения", "файл", "файлы", "file", "files") else []
        case "who" | "team":
            return [_term((WHO if kind == "who" else TEAM) + _plain(value))]
        case "digits" | "number":
            return [_term((DIGITS if kind == "digits" else NUMBER) + _plain(value))]
    return []


def _words(value: str, *, phrase: bool) -> list[Term]:  # noqa: PLR0911  # one shape, one return
    if found := _TICKET.fullmatch(value):
        return [_term(NUMBER + _plain(found[1]))]
    if "@" in value.strip("@"):
        return [_term(FROM + _plain(value))]
    digits = re.sub(r"[\s-]", "", value)
    if digits.isdigit() and len(digits) >= 10:
        return [Term(phrase=((DIGITS + digits, digits),))]
    prefix = value.endswith("*")
    words = _WORD.findall(value)
    if not words:
        return []
    if prefix:
        return [Term(phrase=((words[0].lower().replace("ё", "е")[:TOKEN_MOST],),), prefix=True)]
    if phrase:
        return [Term(phrase=tuple(_forms(word) for word in words))]
    return [Term(phrase=(_forms(word),)) for word in words]


def _one_of(mark: str, values: Iterable[str]) -> list[Term]:
    tokens = tuple(dict.fromkeys((mark + _plain(value))[:TOKEN_MOST] for value in values if value))
    return [Term(phrase=(tokens,))] if tokens else []


def _term(token: str) -> Term:
    return Term(phrase=((token[:TOKEN_MOST],),))


def _begins(said: str, value: str) -> bool:
    return any(word.startswith(value.lower()) for word in re.split(r"\W+", said.lower()))


def _lemma(word: str) -> str:
    return _plain(reading(word.lower().replace("ё", "е"))[0])[:TOKEN_MOST] or ALL


def _forms(word: str) -> tuple[str, ...]:
    """The lemmas a word may belong to: the index has one of them, the person meant one of them."""
    lower = word.lower().replace("ё", "е")
    found = [_plain(str(one.normal_form)) for one in parses(lower)[:4]]
    return tuple(dict.fromkeys([_lemma(lower), *found]))


def _plain(text: str) -> str:
    return "".join(one for one in text.lower().replace("ё", "е") if one.isalnum())


def _share(written: str) -> float:
    number = float(written.replace(",", ".").rstrip("% "))
    return number / 100 if "%" in written else number
