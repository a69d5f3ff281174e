"""Puts the words of one person's name together: gender and case in common, nominative out."""

import re
from dataclasses import dataclass

from validate.names import OGLU, Case, Gender, Reading, given_readings, patronymic_readings
from validate.surnames import surname_readings

# Which case is likely when the words allow several; "от", "у", "за" and the like say otherwise by `wanted`.
_PRIOR: dict[Case, float] = {"nom": 1.0, "gen": 0.6, "dat": 0.5, "ins": 0.5, "acc": 0.45, "loc": 0.2}
_WANTED = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """A name in the nominative, as its parts agree."""

    words: tuple[str, ...]  # surname, given name, patronymic (one or two words) when there; capitalised
    gender: Gender
    case: Case
    weight: float

    def __str__(self) -> str:
        return " ".join(self.words)


def agree(
    surname: str,
    given: str,
    patronymic: tuple[str, ...] = (),
    *,
    wanted: frozenset[Case] = frozenset(),
    believe: bool = False,
) -> Agreed | None:
    """The likeliest common reading of the parts, or null when they cannot be one person's name.

    1. A patronymic, where there is one, gives gender and case. 2. The given name narrows them.
    3. The surname follows; a foreign one that no rule fits stays as it is written.
    4. A known name that does not fit the patronymic ("Вячеслава Яновна") is read as one that no list knows.
    With `believe` a given name that no list knows is declined as a noun (a label says that it is a name).
    """
    fathers = patronymic_readings(patronymic[-1]) if patronymic else ()
    if patronymic and not fathers:
        return None
    givens = given_readings(given)
    if believe and not givens and not fathers:
        givens = tuple(r for r in surname_readings(given) if _like_a_name(given, r, r.gender))
    return (_best(surname, givens, fathers, patronymic, wanted) if givens else None) or (
        _best(surname, _unknown_given(given, fathers), fathers, patronymic, wanted) if fathers else None
    )


def _best(
    surname: str,
    givens: tuple[Reading, ...],
    fathers: tuple[Reading, ...],
    patronymic: tuple[str, ...],
    wanted: frozenset[Case],
) -> Agreed | None:
    best: tuple[float, Agreed] | None = None
    for name in givens:
        father = _matching(fathers, name)
        if fathers and father is None:
            continue
        for family in surname_readings(surname):
            if (family.gender, family.case) != (name.gender, name.case):
                continue
            weight = name.weight * family.weight * _PRIOR[name.case] * (_WANTED if name.case in wanted else 1.0)
            if best is None or weight > best[0]:
                best = weight, _agreed(family, name, father, patronymic, weight)
    return best[1] if best else None


def _matching(fathers: tuple[Reading, ...], name: Reading) -> Reading | None:
    return next((f for f in fathers if (f.gender, f.case) == (name.gender, name.case)), None)


def _agreed(
    family: Reading, name: Reading, father: Reading | None, patronymic: tuple[str, ...], weight: float
) -> Agreed:
    last: tuple[str, ...] = ()
    if father is not None:
        last = (
            *(capital(word) for word in patronymic[:-1]),
            father.nominative if OGLU.fullmatch(patronymic[-1]) else _capital_father(father.nominative, patronymic[-1]),
        )
    return Agreed(
        words=(capital(family.nominative), capital(name.nominative), *last),
        gender=name.gender,
        case=name.case,
        weight=weight,
    )


def _unknown_given(given: str, fathers: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """A given name that no list knows, beside a patronymic: declined like a noun, its gender and case from the patronymic."""
    out = []
    low = given.lower()
    for father in fathers:
        for reading in surname_readings(given):
            if (reading.gender, reading.case) == (father.gender, father.case) and _like_a_name(
                given, reading, father.gender
            ):
                out.append(
                    Reading(
                        gender=father.gender,
                        case=father.case,
                        nominative=reading.nominative,
                        weight=0.1 if low[-1] in "еы" and reading.nominative == low else min(0.3, reading.weight),
                    )
                )
    return tuple(dict.fromkeys(out))


def _like_a_name(given: str, reading: Reading, gender: Gender) -> bool:
    """No name ends like an adjective or a surname in -ова; a man's is a noun, a woman's mostly ends in -а or -я."""
    low = reading.nominative
    return not low.endswith(("ый", "ая", "ой", "ский")) and (gender == "m" or low[-1] in "ая" or low == given.lower())


_PART = re.compile(r"[^\-'’]+")


def _capital_father(nominative: str, written: str) -> str:
    """Сайд-Магомедович has two capitals, Мерген-оолович and Вахид-кызы have one: as written, where capitals tell."""
    first, dash, second = capital(nominative).partition("-")
    half = written.partition("-")[2]
    small = OGLU.fullmatch(second) or (half.islower() and not written.islower())
    return first + dash + (second.lower() if small else second)


def capital(word: str) -> str:
    """Each half of a double name with a capital: "петрова-водкина" is "Петрова-Водкина", "о'коннор" is "О'Коннор"."""
    return _PART.sub(lambda m: m[0][:1].upper() + m[0][1:].lower(), word)
