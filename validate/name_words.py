"""The words of a text as the search for names sees them, and what was found so far."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from validate.names import Case

_MOST_NAMES = 40  # a letter that names more people is a list of people
_LETTER = "А-ЯЁа-яёA-Za-zÀ-ɏ"
_WORD = re.compile(rf"[{_LETTER}’'`]+(?:[-‑–][{_LETTER}’'`]+)*")
_NAMED = re.compile(
    r"(?:ф\.? ?и\.? ?о\.?|заявитель\w*|меня зовут|зовут|зовут меня|меня звать|мо[её] имя|контакт\w{0,3}(?: лицо)?|пишет вам|вам пишет|пишет|(?:это|с вами) говорит|беспокоит|обращается|с уважением|с ув\.?|"
    r"(?<![а-яё])я[,—–\-]?|(?<![а-яё])это|(?<![а-яё])от|name|фамилия,? имя,? отчество|фамилия и имя|имя и фамилия|имя фамилия|подпись|fio|men(?:y|j|i)?a zovut|uvazheniem,?|regards,?|name is)"
    r"(?:\s\([^)\n]{0,20}\))?[ \t]{0,4}[:,=—–\-(\t]{0,3}[ \t]{0,4}\n?[ \t]{0,4}$"
)
# What may stand between the words of one name: a maiden name, initials. It is blanked by a sign that no text holds.
_BLANK = "\x00"
# The looks back stand behind the first sign: a search skips to such signs only when they come first.
_ASIDE = re.compile(
    r"[\s(](?<=[а-яёА-ЯЁ][\s(])(?:"
    r"(?:(?<=\()|(?<=\s)\()(?:[а-яё. ]{0,20})[А-ЯЁ][А-ЯЁа-яё\-]{2,25}\)(?=\s[А-ЯЁ][а-яё\-]+\s[А-ЯЁ][а-яё\-]+(?:ич|вна|чна|шна)\b)"  # Зуева (Крылова) Ада Павловна
    r"|(?<=\s)(?:(?:[А-ЯЁа-яё]\.\s?){1,2}\s?\(?|\()(?=[А-ЯЁа-яё][а-яё]{2,}\s[А-ЯЁа-яё][а-яё\-]+(?:ич|вна|чна|шна)\b))"  # Зуев А. П. (Аркадий Павлович)
)
_COMMA_ASIDE = re.compile(
    r"[А-ЯЁ](?<![^\n].)[а-яё\-]{2,25},(?=\s[А-ЯЁ][а-яё]{2,}\s[А-ЯЁ][а-яё\-]+(?:ич|вна|чна|шна)\b)"  # Кобзев, Валерий Степанович
)
_GAP = " \t\n>_" + _BLANK


class Source(StrEnum):
    """Which part of a letter a text is."""

    OWN = "own"
    SIGNATURE = "signature"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamePlace:
    """One full name where it stands."""

    fio: str
    written: str
    start: int
    end: int
    parts: int  # 2, or 3 with a patronymic
    case: Case
    starts_line: bool
    labelled: bool = False  # each part had its own label
    guessed: bool = False  # no Russian rule knows its words


class Word(NamedTuple):
    """A word where it stands."""

    text: str
    start: int
    end: int
    capital: bool
    low: str


Wanted = Callable[[str, int], frozenset[Case]]


@lru_cache(maxsize=1)
def no_names() -> frozenset[str]:
    """Words that begin with a capital and stand beside names without being one."""
    lines = files("validate").joinpath("name_lists/no_name.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@dataclass(slots=True, kw_only=True)
class Search:
    """One text being searched: its words, which of them are taken, what was found."""

    raw: str  # as it stands
    text: str  # of the same length, with what may stand inside a name blanked
    source: Source
    wanted: Wanted
    words: list[Word]
    shouting: bool
    taken: set[int] = field(default_factory=set)
    places: list[NamePlace] = field(default_factory=list)

    def full(self) -> bool:
        """Whether enough names were found."""
        return len(self.places) >= _MOST_NAMES

    def take(self, first: int, last: int, fio: str, *, parts: int, case: Case, guessed: bool = False) -> None:
        """Words first..last are a name."""
        self.taken.update(range(first, last + 1))
        start, end = self.words[first].start, self.words[last].end
        above = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        self.places.append(
            NamePlace(
                fio=fio,
                written=self.raw[start:end],
                start=start,
                end=end,
                parts=parts,
                case=case,
                starts_line=not above.strip(" \t-–—•*>"),
                guessed=guessed,
            )
        )

    def adjacent(self, left: int, *, newline: bool = True) -> bool:
        """Whether a word and the next stand together, over one line's end at most."""
        gap = self.text[self.words[left].end : self.words[left + 1].start]
        if len(gap) > 40 or gap.strip(_GAP) or gap.count("\n") > newline:
            return False
        return len(gap) <= 8 or _BLANK in gap

    def alone(self, index: int) -> bool:
        """Whether a word stands alone on its line, as the last part of a name broken over lines does."""
        return line_is(self.text, self.words[index].start, self.words[index].end)


def search_of(text: str, source: Source, wanted: Wanted) -> Search:
    """A text ready to be searched; what stands between the parts of a name is blanked."""
    blanked = _ASIDE.sub(lambda m: _BLANK * len(m[0]), _COMMA_ASIDE.sub(lambda m: m[0][:-1] + _BLANK, text))
    new = tuple.__new__  # a letter has two hundred words, and a NamedTuple's own costs as much as all the rest
    words = [new(Word, (w := m[0], *m.span(), w[0].isupper(), w.lower())) for m in _WORD.finditer(blanked)]
    return Search(raw=text, text=blanked, source=source, wanted=wanted, words=words, shouting=_shouts(text))


def is_labelled(text: str, start: int) -> bool:
    """Whether a word that introduces a name stands right before a place."""
    return _NAMED.search(text[max(0, start - 45) : start].lower()) is not None


def line_is(text: str, start: int, end: int) -> bool:
    """Whether nothing but start..end stands on the line."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    if start - line_start > 12 or line_end - end > 12:
        return False
    return not (text[line_start:start] + text[end:line_end]).strip(" \t.,;:!-–—•*()/|")


def _shouts(text: str) -> bool:
    """Whether the letter is written in capitals, where capitals mark no names."""
    head = text[:600]
    upper = sum(map(str.isupper, head))
    return upper > 40 and upper > 0.6 * sum(map(str.isalpha, head))
