"""Declension of surnames backwards: what a word may be as a surname, by its ending.

Endings are rules, for dictionaries lack most surnames; every word can be one, so weights tell the likely.
"""

import re
from functools import lru_cache
from typing import cast

from validate.dictionary import is_adjective
from validate.names import CASES, MOST_HYPHENS, Case, Gender, Reading

_HUSHING = "гкхжчшщ"
# (ending as written, replacement in the nominative, gender, cases, weight): the longest matching endings are tried first.

_SURNAME_RULES: tuple[tuple[str, str, Gender, str], ...] = (
    # Иванов, Медведев, Ильин, Птицын
    *((stem + end, stem, "m", cases) for stem in ("ов", "ев", "ёв", "ин", "ын") for end, cases in (("", "nom"), ("а", "gen acc"), ("у", "dat"), ("ым", "ins"), ("ом", "ins"), ("е", "loc"))),
    *((stem + end, stem + "а", "f", cases) for stem in ("ов", "ев", "ёв", "ин", "ын") for end, cases in (("а", "nom"), ("ой", "gen dat ins loc"), ("ою", "ins"), ("у", "acc"))),
    # Достоевский, Троцкий
    *((stem + end, stem + "ий", "m", cases) for stem in ("ск", "цк") for end, cases in (("ий", "nom"), ("ого", "gen acc"), ("ому", "dat"), ("им", "ins"), ("ом", "loc"))),
    *((stem + end, stem + "ая", "f", cases) for stem in ("ск", "цк") for end, cases in (("ая", "nom"), ("ой", "gen dat ins loc"), ("ою", "ins"), ("ую", "acc"))),
)  # fmt: skip
_ADJECTIVE: tuple[tuple[str, tuple[str, ...], Gender, str], ...] = (
    ("ый", ("ый",), "m", "nom"), ("ой", ("ой",), "m", "nom"), ("ий", ("ий",), "m", "nom"),
    ("ого", ("ой", "ый"), "m", "gen acc"), ("его", ("ий",), "m", "gen acc"),
    ("ому", ("ой", "ый"), "m", "dat"), ("ему", ("ий",), "m", "dat"),
    ("ым", ("ой", "ый"), "m", "ins"), ("им", ("ий",), "m", "ins"), ("ом", ("ой", "ый"), "m", "loc"), ("ем", ("ий",), "m", "loc"),
    ("ая", ("ая",), "f", "nom"), ("яя", ("яя",), "f", "nom"), ("ой", ("ая",), "f", "gen dat ins loc"), ("ей", ("яя",), "f", "gen dat ins loc"),
    ("ую", ("ая",), "f", "acc"), ("юю", ("яя",), "f", "acc"),
)  # fmt: skip
_INDECLINABLE = re.compile(r"(?:ко|ых|их|ово|аго|яго|[оэё]|дзе|швили|иа|уа)$")
_NEVER_DECLINED = frozenset(("дюма", "золя", "петипа", "дега"))  # French, stressed on the last vowel
_SELDOM_DECLINED = re.compile(r"[еиуыю]$")  # Гёте, Гарибальди, Гравелю: but Сороки, Глинке are oblique cases
_BOTH: tuple[Gender, ...] = ("m", "f")
_CONSONANT = "бвгджзклмнпрстфхцчшщ"
_FEMALE_FIXED = re.compile(rf"[{_CONSONANT}йь]$")


@lru_cache(maxsize=8192)
def surname_readings(word: str) -> tuple[Reading, ...]:
    """What a word may be as a surname, by its ending; every word can be one, so weights tell the likely."""
    low = word.lower()
    if "-" in low:
        return _double_surname(low) if low.count("-") <= MOST_HYPHENS else ()
    out = [
        Reading(gender=gender, case=case, nominative=low[: len(low) - len(ending)] + base, weight=3.0)  # type: ignore[arg-type]  # split() gives str
        for ending, base, gender, cases in _SURNAME_RULES
        if low.endswith(ending) and len(low) >= len(ending) + 1
        for case in cases.split()
    ]
    suffixed = bool(out)
    out += _adjective_readings(low, weight=0.5 if suffixed else 1.5)
    out += _noun_readings(low, weight=0.3 if suffixed else 1.0)
    if low.endswith(("ская", "цкая", "скую", "цкую")):
        out = [reading for reading in out if reading.gender == "f"]  # "Вишневская" is no man's, nor of a "Вишневскай"
    return tuple(dict.fromkeys(out))


def _double_surname(low: str) -> tuple[Reading, ...]:
    """ "петровой-водкиной": the halves agree; a first half may stand still ("Сквозник-Дмухановского")."""
    first, _, second = low.partition("-")
    whole_first = second.startswith("оол")  # "от Кара-оола": of a Tuvan name only the end is declined
    agreeing = [
        Reading(
            gender=a.gender, case=a.case, nominative=f"{a.nominative}-{b.nominative}", weight=min(a.weight, b.weight)
        )
        for b in surname_readings(second)
        for a in surname_readings(first)
        if (a.gender, a.case) == (b.gender, b.case) and not whole_first
    ]
    still = [
        Reading(gender=b.gender, case=b.case, nominative=f"{first}-{b.nominative}", weight=b.weight / 4)
        for b in surname_readings(second)
    ]
    return tuple(sorted([*agreeing, *still], key=lambda r: -r.weight))


_OBLIQUE_FEMALE = frozenset(("ой", "ей", "ую"))


def _adjective_readings(low: str, *, weight: float) -> list[Reading]:
    """Толстой, Белый, Горячий: of two possible nominatives the one the dictionary knows goes first."""
    out = []
    for ending, bases, gender, cases in _ADJECTIVE:
        if not low.endswith(ending) or len(low) < len(ending) + 2:
            continue
        stem = low[: len(low) - len(ending)]
        for place, base in enumerate(bases):
            if stem[-1] in _HUSHING and base == "ый":
                base = "ий"  # noqa: PLW2901  # spelling rule: no ы after г к х ж ч ш щ
            favour = 0.4 if len(bases) > 1 and is_adjective(stem + base) else 0.0
            if ending in _OBLIQUE_FEMALE and not any(is_adjective(stem + end) for end in ("ый", "ий", "ой")):
                favour = -1.0  # "Сорокой", "Скибой": no adjective has that stem
            for case in cases.split():
                out.append(
                    Reading(
                        gender=gender,
                        case=cast(Case, case),
                        nominative=stem + base,
                        weight=weight + favour - place * 0.1,
                    )
                )
    return out


def _noun_readings(low: str, *, weight: float) -> list[Reading]:
    """Surnames that decline as nouns (Гончарук, Дегтярь, Гайдай, Сорока), stand still for women, or for all."""
    out: list[Reading] = []
    if low in _NEVER_DECLINED:
        return [Reading(gender=g, case=c, nominative=low, weight=weight) for g in _BOTH for c in CASES]
    if _INDECLINABLE.search(low):
        out += [Reading(gender=g, case=c, nominative=low, weight=weight) for g in _BOTH for c in CASES]
    elif _SELDOM_DECLINED.search(low):
        out += [
            Reading(gender=g, case=c, nominative=low, weight=weight * (1.0 if c == "nom" else 0.4))
            for g in _BOTH
            for c in CASES
        ]
    if low[-1] in "ая":  # Дюма; and many leave Скиба and Кучма as they are
        out += [Reading(gender=g, case=c, nominative=low, weight=weight * 0.05) for g in _BOTH for c in CASES]
    if _FEMALE_FIXED.search(low):
        rare = 0.4 if low.endswith(("ой", "ей")) and len(low) > 4 else 1.0  # "Сорокой" is a case, "Цой" is not
        out += [Reading(gender="f", case=c, nominative=low, weight=weight * rare) for c in CASES]
        out.append(Reading(gender="m", case="nom", nominative=low, weight=weight))
    for case, ending, base in _MASCULINE_NOUN:
        stem = low[: len(low) - len(ending)]
        if low.endswith(ending) and len(stem) >= 2 and stem[-1] in _CONSONANT + "аеёиоуья":
            out += [
                Reading(gender="m", case=case, nominative=n, weight=w) for n, w in _noun_nominatives(stem, base, weight)
            ]
    for case, endings in _A_NOUN:
        for ending in endings:
            stem = low[: len(low) - len(ending)]
            if low.endswith(ending) and len(stem) >= 2 and stem[-1] in _CONSONANT + "иуеоь":
                base = "я" if ending in ("и", "ю", "ей", "я") and stem[-1] not in _HUSHING + "ц" else "а"
                out += [Reading(gender=g, case=case, nominative=stem + base, weight=weight * 0.6) for g in ("m", "f")]
    return out


_MASCULINE_NOUN: tuple[tuple[Case, str, str], ...] = (
    ("gen", "а", ""), ("acc", "а", ""), ("dat", "у", ""), ("ins", "ом", ""), ("ins", "ем", ""), ("loc", "е", ""),
    ("gen", "я", "ь"), ("acc", "я", "ь"), ("dat", "ю", "ь"), ("ins", "ем", "ь"), ("ins", "ём", "ь"), ("loc", "е", "ь"),
)  # fmt: skip
_A_NOUN: tuple[tuple[Case, tuple[str, ...]], ...] = (
    ("nom", ("а", "я")), ("gen", ("ы", "и")), ("dat", ("е",)), ("loc", ("е",)), ("acc", ("у", "ю")), ("ins", ("ой", "ей")),
)  # fmt: skip


def _noun_nominatives(stem: str, base: str, weight: float) -> list[tuple[str, float]]:
    """Nominatives of a masculine noun by its oblique stem: кравц- is Кравец, гайда- is Гайдай, дегтяр- is Дегтярь."""
    if base == "ь":
        if stem[-1] in "аеёиоуы":
            return [(stem + "й", weight)]
        if stem[-1] == "ь":  # Воробья, Соловья
            return [(stem[:-1] + "ей", weight)]
        return [(stem + "ь", weight)]
    if stem[-1] not in _CONSONANT:
        return []
    if stem[-1] == "ц" and len(stem) > 3 and stem[-2] not in "аеёиоуыюя":
        return [(stem[:-1].removesuffix("ь") + "ец", weight), (stem, weight / 2)]
    return [(stem, weight)]


@lru_cache(maxsize=8192)
def looks_like_surname(word: str) -> bool:
    """Whether a word has an ending that surnames have and few common words share."""
    return _SURNAME_SHAPE.search(word.lower()) is not None


_SURNAME_SHAPE = re.compile(
    r"(?:[оеё]в(?:а|у|ым|ой|ою|е)?|[иы]н(?:а|у|ым|ой|ою|е)?|[сц]к(?:ий|ого|ому|им|ая|ой|ую)|енко|[чщ]?[уюа]к(?:а|у|ом|е)?|[ыи]х|ян(?:а|у|ом|ц|ца)?|"
    r"дзе|швили|ия|ец|ль?ц[аеу]?м?|ук(?:а|у|ом)|юк(?:а|у|ом)|ейко|[аео]й(?:ко|ло)|[иы]дзе|мян|янц|ун|ий|ко|ман(?:а|у|ом)?|берг(?:а|у|ом)?|штейн(?:а|у|ом)?|ой|ый|ич(?:а|у|ем)?|ль|ей)$"
)
