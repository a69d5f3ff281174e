"""Words typed in the wrong alphabet, turned back: Latin look-alikes, the wrong keyboard layout, transliteration.

A word is turned back only where the result is Russian by the dictionary; a line typed in the wrong layout, or wholly in
Latin letters, is turned back whole once most of its words are.
"""

import re
from functools import lru_cache
from itertools import product

from validate.dictionary import morph

_LOOKALIKES = str.maketrans("aeopcxyktmhbnruё", "аеорсхуктмнвпгие")
_KEYS, _LETTERS = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`", "йцукенгшщзхъфывапролджэячсмитьбюё"
_LAYOUT = str.maketrans(_KEYS, _LETTERS.replace("ё", "е"))
LAYOUT_RUSSIAN = str.maketrans(_LETTERS, _KEYS)
_LATIN = re.compile(r"[a-z]")
_WORD = re.compile(r"[^а-я]")
_CHUNK = re.compile(r"[!-~]+")  # signs and letters of the Latin layout
_CYRILLIC = re.compile(r"[а-яё]")
_SOUNDS = (
    ("shch", ("щ",)), ("sch", ("щ",)), ("sh", ("ш", "щ")), ("ch", ("ч",)), ("zh", ("ж",)), ("kh", ("х",)),
    ("ts", ("ц", "тс")), ("ya", ("я",)), ("ja", ("я",)), ("ia", ("ия", "я")), ("yu", ("ю",)), ("ju", ("ю",)),
    ("yo", ("е",)), ("jo", ("е",)), ("ye", ("ые", "е", "ье")), ("iy", ("ий",)), ("ij", ("ий",)), ("yj", ("ый",)),
    ("yy", ("ый",)), ("a", ("а",)), ("b", ("б",)), ("c", ("ц", "к", "с")), ("d", ("д",)), ("e", ("е", "э")),
    ("f", ("ф",)), ("g", ("г",)), ("h", ("х", "г")), ("i", ("и", "й")), ("j", ("й", "ж", "дж")), ("k", ("к",)),
    ("l", ("л", "ль")), ("m", ("м",)), ("n", ("н", "нь")), ("o", ("о",)), ("p", ("п",)), ("q", ("к",)),
    ("r", ("р",)), ("s", ("с", "сь")), ("t", ("т", "ть")), ("u", ("у", "ю")), ("v", ("в",)), ("w", ("в", "ш")),
    ("x", ("х", "кс")), ("y", ("ы", "й", "и")), ("z", ("з",)), ("'", ("ь", "")),
)  # fmt: skip
_SOUND = re.compile("|".join(re.escape(latin) for latin, _ in _SOUNDS))
_RUSSIAN = dict(_SOUNDS)
_TRIES = 64  # readings of one transliterated word that are looked up
_LONGEST = 24  # letters of a word that may be transliterated
_MOST = 0.6  # share of a line's words that must turn Russian for the line to be turned back


@lru_cache(maxsize=50_000)
def is_russian(word: str) -> bool:
    """Whether a lower-case word stands in the dictionary."""
    return bool(morph().word_is_known(word))


def one_alphabet(word: str) -> str:
    """A lower-case word of both alphabets, its Latin look-alikes as Cyrillic."""
    return word.translate(_LOOKALIKES)


def layout_mended(text: str) -> str:
    """Lower-case text of the same length, lines typed in the Latin layout ("ghbdtn") as they were meant."""
    if not _LATIN.search(text):
        return text
    return "".join(_line_mended(line) for line in text.splitlines(keepends=True))


def _line_mended(line: str) -> str:
    chunks = [chunk for chunk in _CHUNK.findall(line) if _LATIN.search(chunk)]
    if not chunks or _CYRILLIC.search(line):
        return line
    russian = [is_russian(_WORD.sub("", _chunk_mended(chunk))) for chunk in chunks]
    # A short word may be Russian by chance ("vs" is "мы"): a line needs one of four letters or more.
    long_one = any(good and len(chunk) > 3 for good, chunk in zip(russian, chunks, strict=True))
    if not long_one or sum(russian) < _MOST * len(chunks) or _mostly_sounds(chunks):
        return line
    return _CHUNK.sub(lambda chunk: _chunk_mended(chunk[0]), line)


def _chunk_mended(chunk: str) -> str:
    """A last comma or full stop is a sign, unless the word is Russian only with the letter on that key."""
    whole = chunk.translate(_LAYOUT)
    if chunk[-1] in ",.;" and not is_russian(whole):
        return whole[:-1] + chunk[-1]
    return whole


def _mostly_sounds(chunks: list[str]) -> bool:
    return sum(is_russian(sounded(chunk.strip(".,!?;:'\""))) for chunk in chunks) > len(chunks) / 2


@lru_cache(maxsize=20_000)
def sounded(word: str) -> str:
    """A Latin lower-case word as Russian where the dictionary knows it so ("parol": "пароль"), else as it is."""
    if len(word) > _LONGEST or len(word) < 3:
        return word
    for letters in _readings(word):
        if is_russian(letters):
            return letters
    return word


def spelled(word: str) -> str:
    """A Latin lower-case word in Cyrillic letters, known to the dictionary or not."""
    known = sounded(word)
    return known if known != word else next(iter(_readings(word)), word)


def _readings(word: str) -> list[str]:
    choices = [_RUSSIAN[part] for part in _SOUND.findall(word)]
    found = []
    for reading in product(*choices):
        found.append("".join(reading))
        if len(found) == _TRIES:
            break
    return sorted(found, key=len)[:_TRIES]
