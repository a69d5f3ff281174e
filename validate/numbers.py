"""Reads ИНН, СНИЛС and ОГРН.

A checksum alone is no proof: of random numbers every tenth of ten digits passes as ИНН, every tenth of thirteen
as ОГРН, and mobiles are no better. So a number counts by the word beside it; only a twelve-digit ИНН and a СНИЛС
in its printed form (NNN-NNN-NNN NN) may stand alone, and only where no other word claims them.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter

from intake.caseless import Caseless
from validate.at_numbers import at_numbers
from validate.check_digits import inn_is_valid, ogrn_is_valid, snils_is_valid
from validate.findings import Field, Found, Problem
from validate.legible import after, before
from validate.relatives import FAR, around
from validate.staff_lists import is_beside_another, is_in_staff_table
from validate.whose import DISOWNED, EMPLOYEE, FIRM, OTHERS_FIRM, OTHERS_PERSON, STRANGERS, Firms, is_for_kin

# A number "beside" its label: this many characters at most, none of them a digit, a sentence's end or another label.
_REACH = 60
_GROUP = re.compile(r"\d+")
_JOIN = re.compile(r"[ \t]?[-‐‑‒–—−.·/_][ \t]?|[ \t]{1,3}|,(?=\d)")

_INN = r"(?:[иiu]\s?\.?\s?[нnh]\s?\.?\s?[нnh](?:\.(?=[\s:№])|(?:а|у|ом|е|н)?)|иин|и/н/н|и-н-н|инн\s?фл|иннн|идентификационн\w{1,20}\s+номер\w{0,20}(?:\s+налогоплательщик\w{0,20})?|налогов\w{1,20}\s+номер\w{0,20})(?![а-яёa-z])(?:\s?/\s?кпп)?"
_SNILS = r"(?:[сc]\s?\.?\s?н\s?\.?\s?и\s?\.?\s?л\s?\.?\s?[сc](?:а|у|ом|е)?|снислс|снилис|сниллс|снлис|snils|страхов\w{1,20}\s+(?:номер|свидетельств)\w{0,20})(?![а-яёa-z])"
_OGRN = r"(?:[оo]\s?\.?\s?г\s?\.?\s?[рp]\s?\.?\s?н(?:\s?\.?\s?и\s?\.?\s?п)?\.?(?:а|у|ом|е)?|ogrn(?:ip)?|основн\w{1,20}\s+государственн\w{1,20}\s+регистрационн\w{1,20}\s+номер\w{0,20})(?![а-яёa-z])"
_LABELS = {
    Field.INN: Caseless(rf"(?<![а-яёa-z]){_INN}"),
    Field.SNILS: Caseless(rf"(?<![а-яёa-z]){_SNILS}"),
    Field.OGRN: Caseless(rf"(?<![а-яёa-z]){_OGRN}"),
}
# Words that claim the number after them for something else.
_OTHER = re.compile(
    r"(?<![а-яё])(?:снилс|огрн|инн|кпп|бик|окпо|октмо|окато|оквэд|уин|vin|вин|тел|моб|сот(?!р)|phone|паспорт|сери[яию]|"
    r"р/?с(?![а-яё])|к/?с(?![а-яё])|л/?с(?![а-яё])|сч[её]т|карт[аыуе]|договор|заявлени|заявк|обращени|заказ|кадастр|полис|омс|"
    r"аккаунт|кабинет|уч[её]тн|лк(?![а-яё])|ошибк|код|дат[аы]|постановлени|квитанци|чек(?![а-яё])|трек|накладн|номер телефона|удостоверени|свидетельств[оа](?! о постан))",
    re.I,
)
# "Вижу чужой ИНН. Мой настоящий …"
_MINE_INDEED = Caseless(r"(?<=мой )(?:настоящ|правильн|верн|реальн)\w{2,3}(?=[\s:—–-]{1,4}\d)")
# "ИНН не помню", "ИНН нет": what follows is another thing.
_DENIED = re.compile(r"(?<![а-яё])(?:не|нет|забыл\w*|потерял\w*|неизвест\w+|отсутству\w+)(?![а-яё])", re.I)
_STOP = re.compile(r"[!?;]|\.\s+[А-ЯЁA-Z]|\n\s*\n|\n.*:")
# "ИНН/СНИЛС: …": the next label stands between the first one and the numbers of both.
_BOTH = re.compile(
    r"^\s?(?:/|и|,|или)\s?(?:номер\w{0,20} )?(?:инн|снилс|огрн(?:ип)?|кпп|кабинет\w{0,20}|лк)(?![а-яё])", re.I
)
_BOTH_BEFORE = re.compile(r"(?:инн|снилс|огрн(?:ип)?)\s?(?:/|и|,)\s?$", re.I)


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


def find_inn(text: str, *, firms: Firms = Firms.UNTOLD, writer: str = "") -> Read:
    """The writer's ИНН; a person's before a firm's, the other way round where the letter is written for a firm."""
    read = _labelled(text, Field.INN, lengths=(12, 10), valid=inn_is_valid, writer=writer)
    good = [
        c for c in read.good if not OTHERS_PERSON.search(c.whose) and not _is_firms(c) and not _is_taken_back(text, c)
    ]
    if firms is Firms.EMPLOYERS:
        good = [c for c in good if len(c.digits) == 12]
    good += [c for c in _lone(text, 12, inn_is_valid) if all(c.digits != other.digits for other in read.good)]
    good = [c for c in good if not _is_strangers(text, c.start, c.end)]
    if not good and read.good and is_for_kin(text):
        good = [c for c in read.good if OTHERS_PERSON.search(c.whose)]
    if not good:
        return Read(problems=read.problems)

    def order(c: _Candidate) -> tuple[bool, bool, int]:
        firm = len(c.digits) == 10 or FIRM.search(c.whose) is not None
        fits = firm is (firms is Firms.WRITER)
        return not fits, EMPLOYEE.search(c.whose) is not None, c.start

    return _take(text, min(good, key=order), read.problems)


_TAKEN_BACK = re.compile(
    r"[\s,.(—–-]{0,4}(?:ой|нет|простите|извините|не тот|не мой|это)(?![а-яё])[^\d\n]{0,45}?(?:мой|моя|правильн\w+|верн\w+)(?:\s(?:инн|номер))?[\s:—–-]{0,3}(?=\d{4})", re.I
)  # fmt: skip


def _is_taken_back(text: str, c: _Candidate) -> bool:
    """ "… ой, это жены, мой 500100732259": the writer says that the number was the wrong one."""
    return _TAKEN_BACK.match(text[c.end : c.end + 80]) is not None


# "телефон не мой ИНН …": in letters without stops it is the thing before that is a stranger's, not the number
_OTHER_THING = re.compile(
    r"(?<![а-яё])(?:телефон|номер|адрес|паспорт|кабинет|фамилия|почта)"
    r"(?:\s(?!подст|подтяг|показ|выда)[а-яё]{1,10}){0,4}\s$",
    re.I,
)
_LABELS_ITSELF = re.compile(r"инн|снилс", re.I)


def _is_strangers(text: str, start: int, end: int) -> bool:
    """ "чужой ИНН …", "ИНН …, а это не мой": the writer says that it is somebody else's."""
    lead = before(text, start, 60)
    said = STRANGERS.search(lead)
    if said and _LABELS_ITSELF.search(said[0]) and _OTHER_THING.search(lead[: said.start()]):
        said = None
    return said is not None or DISOWNED.match(after(text, end, 60)) is not None


def _is_firms(c: _Candidate) -> bool:
    """ "ИНН банка …"; but in "026-я налоговая, ИНН …" a person's number stands beside the inspection."""
    words = c.whose.rpartition(",")[2] if len(c.digits) == 12 else c.whose
    return OTHERS_FIRM.search(words) is not None


def find_snils(text: str, *, writer: str = "") -> Read:
    """The writer's СНИЛС, by its word or in its printed form. A relative's only in a letter written for the relative in
    which no other stands; a stranger's never, nor an employee's but in a card that is about that person.
    """
    read = _labelled(text, Field.SNILS, lengths=(11,), valid=snils_is_valid, writer=writer)
    mine = [c for c in read.good if not OTHERS_PERSON.search(c.whose) and not EMPLOYEE.search(c.whose)]
    printed = [
        _Candidate(digits=digits, start=m.start(), end=m.end(), whose="")
        for m in at_numbers(_PRINTED_SNILS, text)
        if snils_is_valid(digits := re.sub(r"\D", "", m[0])) and not is_claimed(text, m.start(), besides="снилс")
    ]
    printed = [c for c in printed if all(c.digits != other.digits for other in read.good)]
    good = _writers(text, mine, writer) or _writers(text, printed, writer)
    if not good and is_for_kin(text):
        good = [c for c in read.good if OTHERS_PERSON.search(c.whose)]
    return _take(text, good[0], read.problems) if good else Read(problems=read.problems)


def _writers(text: str, candidates: list[_Candidate], writer: str) -> list[_Candidate]:
    """Those that are no stranger's and no employee's; of several different ones, those beside no other name."""
    out = [
        c
        for c in candidates
        if not _is_strangers(text, c.start, c.end) and not is_in_staff_table(text, c.start, writer=writer)
    ]
    if len({c.digits for c in out}) < 2 or not writer:
        return out
    out.sort(key=lambda c: c.start)
    ends = [0, *(c.end for c in out)]
    return [
        c
        for c, since in zip(out, ends, strict=False)
        if not is_beside_another(text, c.start, since=since, writer=writer)
    ]


_PRINTED_SNILS = re.compile(r"(?<![\d\-.])\d{3}[-‑–—]\d{3}[-‑–—]\d{3}[ \-‑–—]\d{2}(?![\d\-])")
_FAR = 150  # characters from the word to a number further off: "Система просит ОГРНИП … Записан он так: …"


def find_ogrn(text: str) -> Read:
    """An ОГРН or ОГРНИП, by its word; one further off only where nothing else claims it."""
    read = _labelled(text, Field.OGRN, lengths=(15, 13), valid=ogrn_is_valid)
    good = read.good or [c for m in _LABELS[Field.OGRN].finditer(text) for c in _further(text, m.end())]
    return _take(text, good[0], read.problems) if good else Read(problems=read.problems)


def _further(text: str, position: int) -> list[_Candidate]:
    group = _GROUP.search(text, position, position + _FAR)
    if not group or is_claimed(text, group.start()):
        return []
    chain = _chain(text, group.start())
    if sum(end - start for start, end in chain) not in (13, 15):
        return []
    candidate = _fitting(text, chain, (15, 13), ogrn_is_valid, "")
    return [candidate] if candidate else []


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


def _labelled(
    text: str, field: Field, *, lengths: tuple[int, ...], valid: Callable[[str], bool], writer: str = ""
) -> _Labelled:
    """Every number beside the field's word: right ones, and wrong ones as problems."""
    good: list[_Candidate] = []
    problems: list[Problem] = []
    for label in _labels(text, field):
        both = _BOTH_BEFORE.search(before(text, label.start(), 12)) or _BOTH.match(text[label.end() : label.end() + 30])
        for chain in (_chain_after(text, label.end()), _chain_before(text, label.start())):
            if chain is None:
                continue
            whose = _whose(text, label, chain[0][0], writer)
            candidate = _fitting(text, chain, lengths, valid, whose) or (
                _among(text, chain, lengths, valid, whose) if both else None
            )
            if candidate:
                good.append(candidate)
                break
            problem = _wrong(text, chain, field, lengths) if not both or field is Field.INN else None
            if problem and not OTHERS_PERSON.search(whose) and not _is_strangers(text, chain[0][0], chain[-1][1]):
                problems.append(problem)
                break
    return _Labelled(good=good, problems=tuple(dict.fromkeys(problems)))


def _labels(text: str, field: Field) -> Iterator[re.Match[str]]:
    """The field's word wherever it stands; and "мой настоящий" in the sentences after it."""
    yield from _LABELS[field].finditer(text)
    mine = list(_MINE_INDEED.finditer(text))
    if not mine:
        return
    words = sorted((m.end(), other) for other, label in _LABELS.items() for m in label.finditer(text))
    for m in mine:
        last = bisect_right(words, m.start(), key=itemgetter(0)) - 1
        if last >= 0 and words[last][1] is field and m.start() - words[last][0] <= _FAR:
            yield m


def _whose(text: str, label: re.Match[str], number: int, writer: str) -> str:
    """The words before a label and between it and its number; "ИНН Милены 77…" says whose by itself."""
    gap = text[label.end() : number]
    if _NAMED.search(gap):
        return gap.lower()
    start = max(text.rfind("\n", 0, label.start()) + 1, label.start() - FAR)
    return around(text[start : label.start()], gap, writer=writer)


_NAMED = re.compile(r"^\s[А-ЯЁ][а-яё]{2,}")


def _chain_after(text: str, position: int) -> list[tuple[int, int]] | None:
    """Digit groups after a label, as far as they may belong to one number."""
    first = _GROUP.search(text, position, position + _REACH)
    if not first:
        return None
    gap = text[position : first.start()]
    gap = _BOTH.sub("", gap)
    if _OTHER.search(gap) or _DENIED.search(gap) or _STOP.search(gap):
        return None
    return _chain(text, first.start())


def _chain_before(text: str, position: int) -> list[tuple[int, int]] | None:
    """Digit groups right before a label: "500100732259 - мой ИНН"."""
    low = max(0, position - 45)
    head = re.search(r"(?<![\d])(\d[\d \-.]{8,22}\d)\W{0,4}(?:это|мой|наш|\W){0,3}\W{0,2}$", text[low:position])
    if not head or is_claimed(text, low + head.start(1)):
        return None
    return _chain(text, low + head.start(1), until=position)


def _chain(text: str, start: int, *, until: int | None = None) -> list[tuple[int, int]]:
    groups: list[tuple[int, int]] = []
    total = 0
    limit = until if until is not None else start + 60
    while total <= 26 and (group := _GROUP.match(text, start, limit + 20)):
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
    """The first groups of a chain that make a right number of a wanted length; all of them where they have one."""
    total = sum(end - start for start, end in chain)
    first = chain[0][1] - chain[0][0]
    for wanted in (total,) if total in lengths and first not in lengths else lengths:
        digits = ""
        for start, end in chain:
            digits += text[start:end]
            if len(digits) == wanted and valid(digits):
                return _Candidate(digits=digits, start=chain[0][0], end=end, whose=whose)
    return None


def _among(
    text: str, chain: list[tuple[int, int]], lengths: tuple[int, ...], valid: Callable[[str], bool], whose: str
) -> _Candidate | None:
    """The number of the second label: "ИНН/СНИЛС: 772590548901 / 153-048-729 55", joined or after a comma."""
    following = re.match(r"[\s,;/]{1,4}(?:и\s)?(?=\d)", text[chain[-1][1] : chain[-1][1] + 8])
    tails = [chain[i:] for i in range(1, len(chain))]
    if following:
        tails.append(_chain(text, chain[-1][1] + following.end()))
    return next((found for tail in tails if (found := _fitting(text, tail, lengths, valid, whose))), None)


def _wrong(text: str, chain: list[tuple[int, int]], field: Field, lengths: tuple[int, ...]) -> Problem | None:
    """A number of a wanted length is wrong by its check digits, another long one by its length."""
    sums: list[str] = [""]
    for start, end in chain:
        sums.append(sums[-1] + text[start:end])
    whole = [digits for digits in (sums[-1], *sums) if len(digits) in lengths]
    if whole:
        return Problem(field=field, value=whole[0], reason="checksum")
    first = sums[1] if len(sums[1]) >= 7 else sums[-1]
    if min(lengths) - 3 <= len(first) <= max(lengths) + 3:
        return Problem(field=field, value=first, reason="length")
    return None


_LONE = re.compile(
    r"(?<![\d\-./+№])(?:\d{12}(?![\d\-/]|\.\d)|\d{2,4}(?:[ -]\d{2,6}){1,5}(?=[ \t]*+[.,;]?[ \t]*+(?:\n|$)))"
)


def _lone(text: str, length: int, valid: Callable[[str], bool]) -> list[_Candidate]:
    """Right numbers of a length that no word claims; in groups only at the end of a line."""
    out = []
    for m in at_numbers(_LONE, text):
        digits = re.sub(r"\D", "", m[0])
        if len(digits) == length and valid(digits) and not is_claimed(text, m.start()):
            out.append(_Candidate(digits=digits, start=m.start(), end=m.end(), whose=""))
    return out


def is_claimed(text: str, position: int, *, besides: str = "инн") -> bool:
    """Whether a word of the same sentence before a number says that it is another thing."""
    words = re.split(r"[!?]\s|(?<=[а-яё]{4})\.\s", before(text, position, 40))[-1]
    return _OTHER.search(words.replace(besides, "")) is not None or "№" in words[-12:] or "+" in words[-3:]
