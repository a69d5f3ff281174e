"""Declension of Russian names backwards: what each word of a name may be, in which case, and its nominative.

A name is read as a whole: surname, given name and patronymic must agree in gender and case, so the parts disambiguate one
another ("Александра" beside "Ивановна" is a nominative, beside "Ивановича" a genitive). Endings are rules (the surname
dictionaries lack most surnames); given names come from name_lists, with pymorphy3's dictionary for those not there.
Letters keep the ё or е that they are written with.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal, cast

import pymorphy3  # type: ignore[import-untyped]  # ships no stubs

Gender = Literal["m", "f"]
Case = Literal["nom", "gen", "dat", "acc", "ins", "loc"]
CASES: tuple[Case, ...] = ("nom", "gen", "dat", "acc", "ins", "loc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to read a word of a name."""

    gender: Gender
    case: Case
    nominative: str  # lower case
    weight: float = 1.0


def _five(gender: Gender, endings: dict[str, str]) -> list[tuple[Gender, Case, str]]:
    return [(gender, case, ending) for cases, ending in endings.items() for case in cases.split()]  # type: ignore[misc]  # split() gives str, the keys are literal cases


# ---- patronymics: (ending, cut, add, gender, cases)
_PATRONYMIC_ENDINGS: tuple[tuple[str, str, Gender, tuple[Case, ...]], ...] = (
    ("вич", "вич", "m", ("nom",)),
    ("вича", "вич", "m", ("gen", "acc")),
    ("вичу", "вич", "m", ("dat",)),
    ("вичем", "вич", "m", ("ins",)),
    ("вичом", "вич", "m", ("ins",)),
    ("виче", "вич", "m", ("loc",)),
    ("вна", "вна", "f", ("nom",)),
    ("вны", "вна", "f", ("gen",)),
    ("вне", "вна", "f", ("dat", "loc")),
    ("вну", "вна", "f", ("acc",)),
    ("вной", "вна", "f", ("ins",)),
    ("вною", "вна", "f", ("ins",)),
)
_SOFT = r"(?:иль|кузьм|фом|лук|никит|ник|сав|савв|яковл|ион|ипат|мин|карм|фрол|лаврент|иван|степан|михал|павл|силант|корнил)"
_ICH_ENDINGS: tuple[tuple[str, str, Gender, tuple[Case, ...]], ...] = (
    ("ич", "ич", "m", ("nom",)),
    ("ича", "ич", "m", ("gen", "acc")),
    ("ичу", "ич", "m", ("dat",)),
    ("ичем", "ич", "m", ("ins",)),
    ("ичом", "ич", "m", ("ins",)),
    ("иче", "ич", "m", ("loc",)),
    ("ична", "ична", "f", ("nom",)),
    ("ичны", "ична", "f", ("gen",)),
    ("ичне", "ична", "f", ("dat", "loc")),
    ("ичну", "ична", "f", ("acc",)),
    ("ичной", "ична", "f", ("ins",)),
    ("инична", "инична", "f", ("nom",)),
)
_SPOKEN_ENDINGS: tuple[tuple[str, str, Gender, tuple[Case, ...]], ...] = (
    ("ишна", "ишна", "f", ("nom",)),
    ("ишны", "ишна", "f", ("gen",)),
    ("ишне", "ишна", "f", ("dat", "loc")),
    ("ишну", "ишна", "f", ("acc",)),
    ("ишной", "ишна", "f", ("ins",)),
    ("ыч", "ыч", "m", ("nom",)),
    ("ыча", "ыч", "m", ("gen", "acc")),
    ("ычу", "ыч", "m", ("dat",)),
    ("ычем", "ыч", "m", ("ins",)),
)
_VICH = re.compile(r"[а-яё]{2,}(?:[оеё]|[ья])?(?:вич(?:а|у|ем|ом|е)?|вн(?:а|ы|е|у|ой|ою))$")
_ICH = re.compile(
    r"(?:иль|кузьм|фом|лук|никит|саввин?|савв|мин|ион|силыч|ипат|фок)(?:ич(?:а|у|ем|ом|е)?|иничн(?:а|ы|е|у|ой|ою)|ичн(?:а|ы|е|у|ой|ою))$"
)
_SPOKEN = re.compile(r"[а-яё]{2,}(?:ишн(?:а|ы|е|у|ой)|[аеи]?[лнтмр]ыч(?:а|у|ем|е)?)$")  # Саввишна, Иваныч
OGLU = re.compile(r"(?:оглы|оглу|углы|кызы|гызы|кизи|кызи|угли|угил|уулу|улы|оглиз|заде)$", re.I)
_FEMALE_OGLU = re.compile(r"(?:кызы|гызы|кизи|кызи)$", re.I)


@lru_cache(maxsize=4096)
def is_patronymic(word: str) -> bool:
    """Whether a word has the form of a patronymic in any case and any capitals."""
    low = word.lower()
    return _VICH.match(low) is not None or _ICH.match(low) is not None or _SPOKEN.match(low) is not None


@lru_cache(maxsize=4096)
def patronymic_readings(word: str) -> tuple[Reading, ...]:
    """A patronymic's gender, cases and nominative, by its ending."""
    low = word.lower()
    if OGLU.fullmatch(low):
        gender: Gender = "f" if _FEMALE_OGLU.fullmatch(low) else "m"
        return tuple(Reading(gender=gender, case=case, nominative=low) for case in CASES)
    endings = (
        _PATRONYMIC_ENDINGS
        if _VICH.match(low)
        else _ICH_ENDINGS
        if _ICH.match(low)
        else _SPOKEN_ENDINGS
        if _SPOKEN.match(low)
        else ()
    )
    for ending, base, gender, cases in sorted(endings, key=lambda e: -len(e[0])):
        if low.endswith(ending):
            return tuple(Reading(gender=gender, case=case, nominative=low[: -len(ending)] + base) for case in cases)
    return ()


# ---- given names

_MALE: dict[str, dict[str, str]] = {
    "consonant": {"nom": "", "gen": "а", "dat": "у", "acc": "а", "ins": "ом", "loc": "е"},
    "й": {"nom": "й", "gen": "я", "dat": "ю", "acc": "я", "ins": "ем", "loc": "е"},
    "ий": {"nom": "ий", "gen": "ия", "dat": "ию", "acc": "ия", "ins": "ием", "loc": "ии"},
    "ь": {"nom": "ь", "gen": "я", "dat": "ю", "acc": "я", "ins": "ем", "loc": "е"},
    "а": {"nom": "а", "gen": "ы", "dat": "е", "acc": "у", "ins": "ой", "loc": "е"},
    "я": {"nom": "я", "gen": "и", "dat": "е", "acc": "ю", "ins": "ей", "loc": "е"},
    "ия": {"nom": "ия", "gen": "ии", "dat": "ии", "acc": "ию", "ins": "ией", "loc": "ии"},
    "fь": {"nom": "ь", "gen": "и", "dat": "и", "acc": "ь", "ins": "ью", "loc": "и"},
    "0": dict.fromkeys(CASES, ""),
}
_FLEETING = {"павел": "павл", "лев": "льв", "пётр": "петр"}
_HUSHING = "гкхжчшщ"


def _paradigm(name: str, gender: Gender) -> list[tuple[Case, str]]:
    """The six forms of a given name, lower case, and byforms (instrumental in -ою, soft masculine -ём)."""
    if gender == "m" and name in _FLEETING:
        stem = _FLEETING[name]
        table = dict(_MALE["consonant"])
        fleeting: list[tuple[Case, str]] = [(case, stem + table[case]) for case in CASES[1:]]
        return [("nom", name), *fleeting]
    kind, stem = _kind_of_name(name, gender)
    table = dict(_MALE[kind])
    if kind == "а" and stem[-1] in _HUSHING:
        table["gen"] = "и"
    if kind == "а" and stem[-1] in "жчшщц":
        table["ins"] = "ей"
    if kind == "consonant" and stem[-1] in "жчшщц":
        table["ins"] = "ем"
    forms: list[tuple[Case, str]] = [(case, stem + table[case]) for case in CASES]
    if kind in ("а", "я", "ия"):
        forms.append(("ins", stem + table["ins"][:-1] + "ю"))
    if kind == "ь":
        forms.append(("ins", stem + "ём"))
    if kind == "fь" and name == "любовь":
        forms.append(("gen", "любви"))
    return forms


def _kind_of_name(name: str, gender: Gender) -> tuple[str, str]:
    for ending in ("ий", "ия"):
        if name.endswith(ending) and len(name) > 3:
            return ending, name[:-2]
    if name[-1] in "йая":
        return name[-1], name[:-1]
    if name[-1] == "ь":
        return ("ь" if gender == "m" else "fь"), name[:-1]
    if name[-1] in "оеиуыюэё" or gender == "f":
        return "0", name
    return "consonant", name


@lru_cache(maxsize=1)
def listed_given_names() -> tuple[tuple[Gender, str], ...]:
    """The names of name_lists/given.txt, lower case, with their gender."""
    out: list[tuple[Gender, str]] = []
    for line in files("validate").joinpath("name_lists/given.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            gender: Gender = "m" if line[0] == "m" else "f"
            out += [(gender, name) for name in line[2:].lower().split()]
    return tuple(out)


@lru_cache(maxsize=1)
def _given_forms() -> dict[str, tuple[Reading, ...]]:
    """Every form of every listed name, with е for ё too."""
    forms: dict[str, set[Reading]] = {}
    for gender, name in listed_given_names():
        for case, form in _paradigm(name, gender):
            forms.setdefault(form, set()).add(Reading(gender=gender, case=case, nominative=name))
            if "ё" in form:
                plain = form.replace("ё", "е")
                forms.setdefault(plain, set()).add(Reading(gender=gender, case=case, nominative=name.replace("ё", "е")))
            elif "ё" in name:  # Пётр, Петра: the ё is lost in the oblique cases
                forms[form].add(Reading(gender=gender, case=case, nominative=name.replace("ё", "е"), weight=1.1))
    return {
        form: tuple(sorted(readings, key=lambda r: (r.gender, r.case, r.nominative)))
        for form, readings in forms.items()
    }


def is_listed_given(word: str) -> bool:
    """Whether a word is a form of a name in name_lists/given.txt."""
    return word.lower() in _given_forms()


@lru_cache(maxsize=1)
def _morph() -> pymorphy3.MorphAnalyzer:
    return pymorphy3.MorphAnalyzer()


_PYMORPHY_CASES: dict[str, Case] = {
    "nomn": "nom",
    "gent": "gen",
    "datv": "dat",
    "accs": "acc",
    "ablt": "ins",
    "loct": "loc",
}


@lru_cache(maxsize=8192)
def given_readings(word: str) -> tuple[Reading, ...]:
    """A given name's genders, cases and nominatives; empty when it is no known given name."""
    low = word.lower()
    listed = _given_forms().get(low)
    if listed:
        return listed
    if "-" in low:
        return _double_given(low)
    if not re.fullmatch("[а-яё]{2,20}", low):
        return ()
    out = []
    for parse in _morph().parse(low):
        tag = parse.tag
        if "Name" not in tag or not parse.is_known or "plur" in tag or "Geox" in tag:
            continue
        case = _PYMORPHY_CASES.get(str(tag.case))
        if case and tag.gender in ("masc", "femn"):
            nominative = keep_yo(low, parse.normal_form)
            out.append(
                Reading(gender="m" if tag.gender == "masc" else "f", case=case, nominative=nominative, weight=0.6)
            )
    return tuple(dict.fromkeys(out))


def _double_given(low: str) -> tuple[Reading, ...]:
    """ "анны-марии": both halves agree."""
    first, _, second = low.partition("-")
    return tuple(
        Reading(gender=a.gender, case=a.case, nominative=f"{a.nominative}-{b.nominative}")
        for a in given_readings(first)
        for b in given_readings(second)
        if (a.gender, a.case) == (b.gender, b.case)
    )


def keep_yo(written: str, nominative: str) -> str:
    """The nominative with ё only where the written form has it."""
    return "".join("е" if c == "ё" and written[i : i + 1] != "ё" else c for i, c in enumerate(nominative))


# ---- surnames
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
_INDECLINABLE = re.compile(r"(?:ко|ых|их|ово|аго|яго|[оэ]|дзе|швили|иа|уа)$")
_SELDOM_DECLINED = re.compile(r"[еиуыю]$")  # Гёте, Гарибальди, Гравелю: but Сороки, Глинке are oblique cases
_BOTH: tuple[Gender, ...] = ("m", "f")
_CONSONANT = "бвгджзклмнпрстфхцчшщ"
_FEMALE_FIXED = re.compile(rf"[{_CONSONANT}йь]$")


@lru_cache(maxsize=8192)
def surname_readings(word: str) -> tuple[Reading, ...]:
    """What a word may be as a surname, by its ending; every word can be one, so weights tell the likely."""
    low = word.lower()
    if "-" in low:
        return _double_surname(low)
    out = [
        Reading(gender=gender, case=case, nominative=low[: len(low) - len(ending)] + base, weight=3.0)  # type: ignore[arg-type]  # split() gives str
        for ending, base, gender, cases in _SURNAME_RULES
        if low.endswith(ending) and len(low) >= len(ending) + 1
        for case in cases.split()
    ]
    suffixed = bool(out)
    out += _adjective_readings(low, weight=0.5 if suffixed else 1.5)
    out += _noun_readings(low, weight=0.3 if suffixed else 1.0)
    return tuple(dict.fromkeys(out))


def _double_surname(low: str) -> tuple[Reading, ...]:
    """ "петровой-водкиной": the halves agree; a first half may stand still ("Сквозник-Дмухановского")."""
    first, _, second = low.partition("-")
    agreeing = [
        Reading(
            gender=a.gender, case=a.case, nominative=f"{a.nominative}-{b.nominative}", weight=min(a.weight, b.weight)
        )
        for b in surname_readings(second)
        for a in surname_readings(first)
        if (a.gender, a.case) == (b.gender, b.case)
    ]
    still = [
        Reading(gender=b.gender, case=b.case, nominative=f"{first}-{b.nominative}", weight=b.weight / 4)
        for b in surname_readings(second)
    ]
    return tuple(sorted([*agreeing, *still], key=lambda r: -r.weight))


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
            known = len(bases) > 1 and _is_adjective(stem + base)
            for case in cases.split():
                out.append(
                    Reading(
                        gender=gender,
                        case=cast(Case, case),
                        nominative=stem + base,
                        weight=weight + known * 0.4 - place * 0.1,
                    )
                )
    return out


@lru_cache(maxsize=4096)
def _is_adjective(word: str) -> bool:
    return any(
        "ADJF" in p.tag or "Surn" in p.tag
        for p in _morph().parse(word)
        if p.is_known and p.normal_form.replace("ё", "е") == word.replace("ё", "е")
    )


def _noun_readings(low: str, *, weight: float) -> list[Reading]:
    """Surnames that decline as nouns (Гончарук, Дегтярь, Гайдай, Сорока), stand still for women, or for all."""
    out: list[Reading] = []
    if _INDECLINABLE.search(low):
        out += [Reading(gender=g, case=c, nominative=low, weight=weight) for g in _BOTH for c in CASES]
    elif _SELDOM_DECLINED.search(low):
        out += [
            Reading(gender=g, case=c, nominative=low, weight=weight * (1.0 if c == "nom" else 0.4))
            for g in _BOTH
            for c in CASES
        ]
    if _FEMALE_FIXED.search(low):
        out += [Reading(gender="f", case=c, nominative=low, weight=weight) for c in CASES]
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


@lru_cache(maxsize=4096)
def is_common_word(word: str) -> bool:
    """Whether the dictionary knows a word and does not know it as a name."""
    parses = [p for p in _morph().parse(word.lower()) if p.is_known]
    return bool(parses) and not any(tag in p.tag for p in parses for tag in ("Name", "Surn", "Patr"))


@lru_cache(maxsize=4096)
def is_place_name(word: str) -> bool:
    """Whether the dictionary knows a word as a town or a country and not as a surname."""
    parses = [p for p in _morph().parse(word.lower()) if p.is_known]
    return any("Geox" in p.tag for p in parses) and not any("Surn" in p.tag for p in parses)
