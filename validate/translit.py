"""Russian written in Latin letters ("vchera ne smog vojti"), back to Cyrillic, near enough to read dates by."""

import re

from validate.legible import Legible

_SOUNDS = {
    "ponedelnik": "понедельник", "voskresene": "воскресенье", "voskresenje": "воскресенье", "voskresenie": "воскресенье",  # the soft sign is left out
    "shch": "щ", "sch": "щ", "zh": "ж", "kh": "х", "ts": "ц", "ch": "ч", "sh": "ш", "yu": "ю", "ju": "ю", "iu": "ю", "ya": "я", "ja": "я", "ia": "я",
    "yo": "ё", "jo": "ё", "a": "а", "b": "б", "c": "ц", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "х", "i": "и", "j": "й", "k": "к", "l": "л", "m": "м",
    "n": "н", "o": "о", "p": "п", "q": "к", "r": "р", "s": "с", "t": "т", "u": "у", "v": "в", "w": "в", "x": "х", "y": "ы", "z": "з",
}  # fmt: skip
_SOUND = re.compile("|".join(sorted(_SOUNDS, key=len, reverse=True)))
_LATIN = re.compile(r"[a-z]{2,}", re.I)
_CYRILLIC = re.compile(r"[а-яё]", re.I)
_SAMPLE = 1000  # characters by which the script of a letter is told


def is_latin_russian(text: str) -> bool:
    """Whether a text is written in Latin letters with hardly a Cyrillic one."""
    sample = text[:_SAMPLE]
    latin = sum(map(len, _LATIN.findall(sample)))
    return latin > 20 and latin > 20 + 10 * len(_CYRILLIC.findall(sample))


def to_cyrillic(text: str) -> Legible:
    """The same text sound by sound, lower case, and the way back to the letters it is written in."""
    low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    out: list[str] = []
    places: list[int] = []
    at = 0
    for m in _SOUND.finditer(low):
        sound = _SOUNDS[m[0]]
        out += [low[at : m.start()], sound]
        places += [*range(at, m.start()), *[m.start()] * len(sound)]
        at = m.end()
    out.append(low[at:])
    places += range(at, len(low) + 1)
    return Legible(text="".join(out), raw=text, places=tuple(places))
