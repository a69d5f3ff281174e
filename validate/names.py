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
from typing import Literal

from validate.dictionary import parses

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
_HALF = r"(?:[а-яё]{2,}[-‑])?"  # Сайд-Магомедович, Мерген-оолович
_VICH = re.compile(rf"{_HALF}[а-яё]{{2,}}(?:[оеё]|[ья])?(?:вич(?:а|у|ем|ом|е)?|вн(?:а|ы|е|у|ой|ою))$")
_ICH = re.compile(
    r"(?:иль|кузьм|фом|лук|никит|саввин?|савв|мин|ион|силыч|ипат|фок)(?:ич(?:а|у|ем|ом|е)?|иничн(?:а|ы|е|у|ой|ою)|ичн(?:а|ы|е|у|ой|ою))$"
)
_SPOKEN = re.compile(r"[а-яё]{2,}(?:ишн(?:а|ы|е|у|ой)|[аеи]?[лнтмр]ыч(?:а|у|ем|е)?)$")  # Саввишна, Иваныч
_SON_OR_DAUGHTER = r"(?:оглы|оглу|углы|кызы|гызы|кизи|кызи|угли|угил|угль|уулу|улы|оглиз|заде)"
OGLU = re.compile(rf"{_SON_OR_DAUGHTER}$", re.I)
JOINED_OGLU = re.compile(  # Вахид-кызы, Вахидоглы, Нурланулы: one word; "каникулы" is none
    rf"(?:[А-ЯЁа-яё]{{3,}}[-‑]{_SON_OR_DAUGHTER}|[А-ЯЁа-яё]{{3,}}(?:оглы|оглу|кызы|гызы|угли)|[А-ЯЁ][а-яё]{{3,}}(?:улы|уулу))$"
)
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
    if OGLU.fullmatch(low) or JOINED_OGLU.match(low.capitalize()):
        gender: Gender = "f" if _FEMALE_OGLU.search(low) else "m"
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
    if kind == "ия":  # "Алие", "Зульфиёй" beside "Алии", "Зульфией"
        forms += [("dat", stem + "ие"), ("loc", stem + "ие"), ("ins", stem + "иёй")]
    if kind == "fь":  # "от Айгуль" beside "от Айгули"
        forms += [(case, name) for case in CASES if name != "любовь"]
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


MOST_HYPHENS = 3  # of one name; with each the ways to read it multiply
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
        return _double_given(low) if low.count("-") <= MOST_HYPHENS else ()
    if not re.fullmatch("[а-яё]{2,20}", low):
        return ()
    out = []
    for parse in parses(low):
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
