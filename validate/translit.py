"""Russian written in Latin letters ("vchera ne smog vojti"), back to Cyrillic, near enough to read dates by."""

import re

_SOUNDS = {
    "shch": "щ", "sch": "щ", "zh": "ж", "kh": "х", "ts": "ц", "ch": "ч", "sh": "ш", "yu": "ю", "ju": "ю", "iu": "ю", "ya": "я", "ja": "я", "ia": "я",
    "yo": "ё", "jo": "ё", "a": "а", "b": "б", "c": "ц", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "х", "i": "и", "j": "й", "k": "к", "l": "л", "m": "м",
    "n": "н", "o": "о", "p": "п", "q": "к", "r": "р", "s": "с", "t": "т", "u": "у", "v": "в", "w": "в", "x": "х", "y": "ы", "z": "з",
}  # fmt: skip
_SOFT = {
    "понеделник": "понедельник",
    "воскресене": "воскресенье",
    "воскресенйе": "воскресенье",
}  # people leave out the soft sign
_SOFTENED = re.compile("|".join(_SOFT))
_SOUND = re.compile("|".join(sorted(_SOUNDS, key=len, reverse=True)))
_LATIN = re.compile(r"[a-z]{2,}", re.I)
_CYRILLIC = re.compile(r"[а-яё]", re.I)
_SAMPLE = 1000  # characters by which the script of a letter is told


def is_latin_russian(text: str) -> bool:
    """Whether a text is written in Latin letters with hardly a Cyrillic one."""
    sample = text[:_SAMPLE]
    latin = sum(map(len, _LATIN.findall(sample)))
    return latin > 20 and latin > 20 + 10 * len(_CYRILLIC.findall(sample))


def to_cyrillic(text: str) -> str:
    """The same text letter by letter, lower case."""
    out = _SOUND.sub(lambda m: _SOUNDS[m[0]], text.lower())
    return _SOFTENED.sub(lambda m: _SOFT[m[0]], out)
