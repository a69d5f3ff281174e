"""Reads ИНН, СНИЛС, ОГРН, ticket, application and phone numbers.

A checksum alone is no proof: of random numbers every tenth of ten digits passes as ИНН, every tenth of thirteen
as ОГРН, and mobiles are no better. So a number counts by the word beside it; only a twelve-digit ИНН and a СНИЛС
in its printed form (NNN-NNN-NNN NN) may stand alone, and only where no other word claims them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from validate.findings import Field, Found, Problem
from validate.legible import before

# A number "beside" its label: this many characters at most, none of them a digit, a sentence's end or another label.
_REACH = 60
_GROUP = re.compile(r"\d+")
_JOIN = re.compile(r"[ \t]{1,3}|[ \t]?[-‐‑‒–—−.·/][ \t]?")

_INN = r"(?:[иiu]\s?\.?\s?[нnh]\s?\.?\s?[нnh](?:\.(?=[\s:№])|(?:а|у|ом|е|н)?)|иин|и/н/н|и-н-н|идентификационн\w+\s+номер\w*)(?![а-яёa-z])(?:\s?/\s?кпп)?"
_SNILS = r"(?:[сc]\s?\.?\s?н\s?\.?\s?и\s?\.?\s?л\s?\.?\s?[сc](?:а|у|ом|е)?|снислс|снилис|сниллс|снлис|snils|страхов\w+\s+(?:номер|свидетельств)\w*)(?![а-яёa-z])"
_OGRN = r"(?:[оo]\s?\.?\s?г\s?\.?\s?[рp]\s?\.?\s?н(?:\s?\.?\s?и\s?\.?\s?п)?\.?(?:а|у|ом|е)?|ogrn(?:ip)?)(?![а-яёa-z])"
_LABELS = {
    Field.INN: re.compile(rf"(?<![а-яёa-z]){_INN}", re.I),
    Field.SNILS: re.compile(rf"(?<![а-яёa-z]){_SNILS}", re.I),
    Field.OGRN: re.compile(rf"(?<![а-яёa-z]){_OGRN}", re.I),
}
# Words that claim the number after them for something else.
_OTHER = re.compile(
    r"(?<![а-яё])(?:снилс|огрн|инн|кпп|бик|окпо|октмо|окато|оквэд|уин|vin|вин|тел|моб|сот|phone|паспорт|сери[яию]|"
    r"р/?с(?![а-яё])|к/?с(?![а-яё])|л/?с(?![а-яё])|сч[её]т|карт[аыуе]|договор|заявлени|заявк|обращени|заказ|кадастр|полис|омс|"
    r"аккаунт|кабинет|уч[её]тн|лк(?![а-яё])|ошибк|код|дат[аы]|постановлени|квитанци|чек|номер телефона|удостоверени|свидетельств[оа](?! о постан))",
    re.I,
)
# "ИНН не помню", "ИНН нет": what follows is another thing.
_DENIED = re.compile(r"(?<![а-яё])(?:не|нет|забыл\w*|потерял\w*|неизвест\w+|отсутству\w+)(?![а-яё])", re.I)
_STOP = re.compile(r"[!?;]|\.\s+[А-ЯЁA-Z]|\n\s*\n|\n.*:")
_SINCE = re.compile(r"[\d;.!?]")  # words before a label belong to it only after these
# Whose number: another's is not the writer's.
_OTHERS_FIRM = re.compile(
    r"(?<![а-яё])(?:банка?|получател|налогов|инспекци|ифнс|фнс|работодател|продавц|магазин|поставщик|контрагент|больниц|поликлиник|школ|"
    r"садик|мфц|управляющ|застройщик|страхов\w+ компан|плательщик|сотрудник|ведомств|орган[аеу]? |бывш)",
    re.I,
)
_OTHERS_PERSON = re.compile(
    r"(?<![а-яё])(?:реб[её]н|сын|доч|муж|жен[аыеу]|супруг|матери|мать|мам|отц|отец|пап|бабуш|дедуш|брат|сестр|внук|внуч|умерш|свекр|т[её]щ|сосед)",
    re.I,
)
_FIRM = re.compile(
    r"(?<![а-яё])(?:организаци|юр\.?\s?лиц|юридическ|предприят|фирм|компани|обществ|ооо|зао|пао|ао|нко|тсж|снт|гбу|мбоу|учреждени)",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    digits: str
    start: int
    end: int
    whose: str  # what stands around: label, words between, words before, lower case


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What one number reader made of a text."""

    found: Found | None = None
    problems: tuple[Problem, ...] = ()


def inn_is_valid(digits: str) -> bool:
    """Check digits of a 10- or 12-digit ИНН (приказ ФНС ЕД-7-14/559@); all-equal digits are refused."""
    if len(set(digits)) == 1:
        return False
    numbers = [int(c) for c in digits]
    tail = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    if len(digits) == 10:
        return _control(numbers, tail) == numbers[9]
    if len(digits) == 12:
        return _control(numbers, (7, *tail)) == numbers[10] and _control(numbers, (3, 7, *tail)) == numbers[11]
    return False


def _control(numbers: list[int], weights: tuple[int, ...]) -> int:
    return sum(n * w for n, w in zip(numbers, weights, strict=False)) % 11 % 10


def snils_is_valid(digits: str) -> bool:
    """Check digits of an 11-digit СНИЛС; numbers up to 001-001-998 carry none and are refused."""
    if len(digits) != 11 or int(digits[:9]) <= 1_001_998:
        return False
    total = sum(int(c) * (9 - place) for place, c in enumerate(digits[:9]))
    return total % 101 % 100 == int(digits[9:])


def ogrn_is_valid(digits: str) -> bool:
    """Check digit of a 13-digit ОГРН or a 15-digit ОГРНИП; the first is no zero."""
    if len(digits) not in (13, 15) or digits[0] == "0":
        return False
    return int(digits[:-1]) % (len(digits) - 2) % 10 == int(digits[-1])


def find_inn(text: str, *, for_firm: bool = False) -> Read:
    """The writer's ИНН; a person's before a firm's, the other way round where the letter is written for a firm."""
    read = _labelled(text, Field.INN, lengths=(12, 10), valid=inn_is_valid)
    good = [c for c in read.good if not _OTHERS_PERSON.search(c.whose) and not _OTHERS_FIRM.search(c.whose)]
    good += [c for c in _lone(text, 12, inn_is_valid) if all(c.digits != other.digits for other in read.good)]
    if not good:
        return Read(problems=read.problems)
    best = min(
        good, key=lambda c: (len(c.digits) == (12 if for_firm else 10) or _FIRM.search(c.whose) is not None, c.start)
    )
    if for_firm:
        best = min(good, key=lambda c: (len(c.digits) == 12 and not _FIRM.search(c.whose), c.start))
    return _take(text, best, read.problems)


def find_snils(text: str) -> Read:
    """The writer's СНИЛС, by its word or in its printed form."""
    read = _labelled(text, Field.SNILS, lengths=(11,), valid=snils_is_valid)
    good = [c for c in read.good if not _OTHERS_PERSON.search(c.whose)]
    good = good or [
        _Candidate(digits=digits, start=m.start(), end=m.end(), whose="")
        for m in _PRINTED_SNILS.finditer(text)
        if snils_is_valid(digits := re.sub(r"\D", "", m[0])) and not _claimed(text, m.start())
    ]
    return _take(text, good[0], read.problems) if good else Read(problems=read.problems)


_PRINTED_SNILS = re.compile(r"(?<![\d\-.])\d{3}[-‑–—]\d{3}[-‑–—]\d{3}[ \-‑–—]\d{2}(?![\d\-])")


def find_ogrn(text: str) -> Read:
    """An ОГРН or ОГРНИП, by its word only."""
    read = _labelled(text, Field.OGRN, lengths=(15, 13), valid=ogrn_is_valid)
    return _take(text, read.good[0], read.problems) if read.good else Read(problems=read.problems)


def _take(text: str, candidate: _Candidate, problems: tuple[Problem, ...]) -> Read:
    """A right number found makes a wrong spelling of the same field no problem worth a question."""
    return Read(
        found=Found(value=candidate.digits, written=text[candidate.start : candidate.end]),
        problems=tuple(p for p in problems if p.value != candidate.digits),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labelled:
    good: list[_Candidate]
    problems: tuple[Problem, ...]


def _labelled(text: str, field: Field, *, lengths: tuple[int, ...], valid: Callable[[str], bool]) -> _Labelled:
    """Every number beside the field's word: right ones, and wrong ones as problems."""
    good: list[_Candidate] = []
    problems: list[Problem] = []
    for label in _LABELS[field].finditer(text):
        for chain in (_chain_after(text, label.end()), _chain_before(text, label.start())):
            if chain is None:
                continue
            whose = _SINCE.split(before(text, label.start(), 30))[-1] + " " + text[label.end() : chain[0][0]].lower()
            candidate = _fitting(text, chain, lengths, valid, whose)
            if candidate:
                good.append(candidate)
                break
            problem = _wrong(text, chain, field, lengths)
            if problem and not _OTHERS_PERSON.search(whose):
                problems.append(problem)
                break
    return _Labelled(good=good, problems=tuple(dict.fromkeys(problems)))


def _chain_after(text: str, position: int) -> list[tuple[int, int]] | None:
    """Digit groups after a label, as far as they may belong to one number."""
    first = _GROUP.search(text, position, position + _REACH)
    if not first:
        return None
    gap = text[position : first.start()]
    if _OTHER.search(gap) or _DENIED.search(gap) or _STOP.search(gap):
        return None
    return _chain(text, first.start())


def _chain_before(text: str, position: int) -> list[tuple[int, int]] | None:
    """Digit groups right before a label: "500100732259 - мой ИНН"."""
    head = re.search(
        r"(?<![\d])(\d[\d \-.]{8,22}\d)\W{0,4}(?:это|мой|наш|\W){0,3}\W{0,2}$", text[max(0, position - 45) : position]
    )
    if not head or _claimed(text, max(0, position - 45) + head.start(1)):
        return None
    return _chain(text, max(0, position - 45) + head.start(1), until=position)


def _chain(text: str, start: int, *, until: int | None = None) -> list[tuple[int, int]]:
    groups: list[tuple[int, int]] = []
    total = 0
    limit = until if until is not None else start + 60
    while total <= 20 and (group := _GROUP.match(text, start, limit + 20)):
        groups.append(group.span())
        total += len(group[0])
        join = _JOIN.match(text, group.end(), limit)
        if not join:
            break
        start = join.end()
    return groups


def _fitting(
    text: str, chain: list[tuple[int, int]], lengths: tuple[int, ...], valid: Callable[[str], bool], whose: str
) -> _Candidate | None:
    """The first groups of a chain that make a right number of a wanted length."""
    for wanted in lengths:
        digits = ""
        for start, end in chain:
            digits += text[start:end]
            if len(digits) == wanted and valid(digits):
                return _Candidate(digits=digits, start=chain[0][0], end=end, whose=whose)
    return None


def _wrong(text: str, chain: list[tuple[int, int]], field: Field, lengths: tuple[int, ...]) -> Problem | None:
    """A number of a wanted length is wrong by its check digits, another long one by its length."""
    sums: list[str] = [""]
    for start, end in chain:
        sums.append(sums[-1] + text[start:end])
    for digits in sums:
        if len(digits) in lengths:
            return Problem(field=field, value=digits, reason="checksum")
    first = sums[1] if len(sums[1]) >= 7 else sums[-1]
    if min(lengths) - 3 <= len(first) <= max(lengths) + 3:
        return Problem(field=field, value=first, reason="length")
    return None


def _lone(text: str, length: int, valid: Callable[[str], bool]) -> list[_Candidate]:
    """Right numbers of a length that no word claims."""
    return [
        _Candidate(digits=m[0], start=m.start(), end=m.end(), whose="")
        for m in re.finditer(rf"(?<![\d\-./+№])\d{{{length}}}(?![\d\-/]|\.\d)", text)
        if valid(m[0]) and not _claimed(text, m.start())
    ]


def _claimed(text: str, position: int) -> bool:
    words = before(text, position, 40)
    return _OTHER.search(words.replace("инн", "")) is not None or "№" in words[-12:] or "+" in words[-3:]


_TICKET = re.compile(r"(?<![\d\-])(\d\d)\s?[-‑–—−]\s?(\d{7,10})\s?[-‑–—−]\s?(\d)(?![\d\-])")


def luhn_is_valid(digits: str) -> bool:
    """Luhn over all digits, the last one being the check digit (rulings 12)."""
    total = 0
    for place, c in enumerate(reversed(digits)):
        n = int(c) * (1 + place % 2)
        total += n - 9 if n > 9 else n
    return total % 10 == 0


def find_ticket(text: str) -> Read:
    """An earlier ticket's number, "26-0012345-5"; one with a wrong check digit is a problem."""
    problems = []
    for m in _TICKET.finditer(text):
        value = f"{m[1]}-{m[2]}-{m[3]}"
        if luhn_is_valid(m[1] + m[2] + m[3]):
            return Read(found=Found(value=value, written=m[0]))
        problems.append(Problem(field=Field.TICKET, value=value, reason="checksum"))
    return Read(problems=tuple(dict.fromkeys(problems)))


_PHONE = re.compile(
    r"(?<![\d\-.])(?:\+\s?7|8|7)[\s(\-]{0,3}(\d{3})[\s)\-]{0,3}(\d{3})[\s\-]?(\d{2})[\s\-]?(\d{2})(?![\d\-])"
)
_SHORT_PHONE = re.compile(r"(?<![\d\-.+])\(?(9\d\d)\)?[\s\-]{0,2}(\d{3})[\s\-]?(\d{2})[\s\-]?(\d{2})(?![\d\-])")
_PHONE_WORD = re.compile(r"(?:тел|моб|сот|звон|номер телефона|whatsapp|phone)", re.I)


def find_phone(text: str) -> Found | None:
    """A Russian phone number as +7 and ten digits; without a leading 7 or 8 only beside its word."""
    for m in _PHONE.finditer(text):
        compact = m[0].isdigit()
        if not compact or _PHONE_WORD.search(before(text, m.start(), 30)) or not _claimed(text, m.start()):
            return Found(value="+7" + "".join(m.groups()), written=m[0])
    for m in _SHORT_PHONE.finditer(text):
        if _PHONE_WORD.search(before(text, m.start(), 20)):
            return Found(value="+7" + "".join(m.groups()), written=m[0])
    return None


_APPLICATION = re.compile(
    r"(?:заявлени[еяюи]\w*|заявк[аиуе]\w*|дел[оау]\s)(?:[^\S\n]+[а-яё]+){0,3}[^\S\n]*[:—–-]?[^\S\n]*"
    r"(?:№|N|номер\w*|#|под номером)[^\S\n:]*(?P<a>[A-ZА-Я]{0,3}[-/]?\d[\d\-/]{3,24})"
    r"|номер\w*\s+заявлени[яй]\s*[:—–-]?\s*(?P<b>\d[\d\-/]{3,24})"
    r"|заявлени[еяю]\s+(?P<c>\d{6,14})(?![\d.])",
    re.I,
)
_SERVICE = re.compile(r"услуг[аиуе]й?\s*(?:[:—–-]\s*)?[«\"“„]([^«»\"“”„\n]{4,120})[»\"”“]", re.I)


def find_application(text: str) -> Found | None:
    """The number of an application filed with an agency, where it stands beside its word."""
    for m in _APPLICATION.finditer(text):
        written = (m["a"] or m["b"] or m["c"]).rstrip("-/")
        if not _TICKET.fullmatch(written):
            return Found(value=written, written=written)
    return None


def find_service(text: str) -> Found | None:
    """The name of a service, in quotation marks after the word."""
    m = _SERVICE.search(text)
    return Found(value=" ".join(m[1].split()), written=m[1]) if m else None


_FOR_FIRM = re.compile(
    r"(?<![а-яё])(?:наш(?:а|ей|у|е|его|ему|ем)\s+(?:организаци|фирм|компани|предприят|учреждени|обществ|ооо|тсж|снт|школ|детск)|"
    r"(?:от имени|представляю|представитель|директор|бухгалтер|руководитель|кадровик|юрист|секретарь)\s+(?:ооо|зао|ао|пао|организаци|компани|фирм|общества|тсж|снт)|"
    r"кабинет\w*\s+(?:организаци|юр|ооо)|огрн(?!ип)|юр\.?\s?лиц|юридическ\w+ лиц|мы,?\s+(?:ооо|зао|ао|тсж|снт))",
    re.I,
)


def is_for_firm(text: str) -> bool:
    """Whether the letter is written for an organisation, by the words people use then."""
    return _FOR_FIRM.search(text) is not None
