"""Names given in parts, each beside its label: "Фамилия: …", "Имя: …", "Отчество: …"."""

import re

from intake.caseless import Caseless
from validate.agreement import agree, capital
from validate.dictionary import is_common_word
from validate.name_words import NamePlace, Search
from validate.names import is_patronymic
from validate.surnames import looks_like_surname

_KEY = r"(?:^|[\n,;|.!]|(?<=\s))\s{{0,4}}{}(?:\s(?:мой|моя|мое|моё))?(?:\s?\([^)\n]{{0,30}}\))?(?:\s{{0,4}}[:=\t—–|\- ]|:?[ ]?\n)\s{{0,4}}"
_SURNAME_KEY = Caseless(_KEY.format("(?:моя )?фамилия") + r"(?P<v>[А-ЯЁа-яёA-Za-z\-]{2,40})")
_GIVEN_KEY = Caseless(
    _KEY.format("(?:(?:мо[её] )?имя(?: и отчество|,? отчество)?|(?:меня )?зовут(?: меня)?)")
    + r"(?P<v>[А-ЯЁа-яёA-Za-z\-]{2,40})(?:[ ](?P<f>[А-ЯЁа-яё\-]{5,40}))?",
)
_FATHER_KEY = Caseless(
    _KEY.format("(?:мо[её] )?отчество") + r"(?P<v>[А-ЯЁа-яёA-Za-z\-]{2,40}(?: (?:оглы|кызы|угли|гызы|оглу|углы))?)",
)
_NOTHING = frozenset(
    "нет нету мой моя моё мое отсутствует не имя отчество фамилия - без и инн".split()
)  # a list of words reads as text
_HEADINGS = Caseless(r"фамилия[\t|]+имя[\t|]+отчество[^\n]{0,80}\n")
_CELLS = re.compile(
    r"(?:\d{1,3}[\t|])?(?P<s>[А-ЯЁа-яё\-]{2,40})[\t|]+(?P<g>[А-ЯЁа-яё\-]{2,40})(?:[\t|]+(?P<f>[А-ЯЁа-яё\-]{5,40}))?"
)


def take_labelled(search: Search) -> None:
    """The name whose parts stand beside their labels, or in a table's columns under them."""
    s, g = _SURNAME_KEY.search(search.text), _GIVEN_KEY.search(search.text)
    heading = _HEADINGS.search(search.text)
    cells = _CELLS.match(search.text, heading.end()) if heading else None
    if cells:
        _take(search, (cells["s"], cells["g"], cells["f"]), cells.start("s"), cells.end(), cells["s"])
        return
    if not s or not g or s["v"].lower() in _NOTHING or g["v"].lower() in _NOTHING:
        return
    if any(is_common_word(m["v"]) and not (m["v"][0].isupper() or looks_like_surname(m["v"])) for m in (s, g)):
        return
    p = _FATHER_KEY.search(search.text)
    father = p["v"] if p and p["v"].lower() not in _NOTHING else None
    if g["f"] and is_patronymic(g["f"]):
        father = g["f"]
    ends = [m.end("v") for m in (s, g, p) if m]
    _take(search, (s["v"], g["v"], father), min(s.start("v"), g.start("v")), max(ends), s["v"])


def _take(search: Search, parts: tuple[str, str, str | None], start: int, end: int, written: str) -> None:
    surname, given, father = parts
    fathers = tuple(father.split()) if father else ()
    agreed = agree(surname, given, fathers)
    plain = " ".join(capital(word) for word in (surname, given, *fathers))
    search.taken.update(i for i, word in enumerate(search.words) if start <= word.start < end)
    search.places.append(
        NamePlace(
            fio=str(agreed) if agreed and agreed.case == "nom" else plain,
            written=written,
            start=start,
            end=end,
            parts=3 if fathers else 2,
            case="nom",
            starts_line=False,
            labelled=True,
        )
    )
