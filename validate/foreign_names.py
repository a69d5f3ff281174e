"""Names that the Russian rules do not fit: in Latin letters, and East Asian and other names beside a label."""

import re
from functools import lru_cache

from validate.agreement import capital
from validate.dictionary import is_common_word
from validate.names import listed_given_names

_LATIN_PATRONYMIC = re.compile(r"[a-z]{2,}(?:vich|vitch|vna|ichna|yich|ich|evic|ovic)$")
_SKELETON = (
    ("shch", "w"), ("sch", "w"), ("sh", "w"), ("kh", "h"), ("zh", "0"), ("tch", "4"), ("ch", "4"), ("ph", "f"), ("x", "ks"), ("w", "w"),
    ("ts", "c"), ("tz", "c"), ("ck", "k"), ("y", "i"), ("j", "i"), ("q", "k"), ("'", ""), ("’", ""), ("`", ""),
)  # fmt: skip
_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e 0 z i i k l m n o p r s t u f h c 4 w w - i - e iu ia".split(),
        strict=True,
    )
)


_EAST_ASIAN = frozenset(
    "нгуен чан ле фам хоанг хюинь фан ву во данг буй до хо нго зыонг динь чинь дао лыонг чыонг "
    "ван ли чжан лю чэнь ян чжао хуан чжоу сюй сунь ма чжу ху го хэ линь гао лян чжэн ло сун се тан хань фэн юй дун сяо чэн "
    "ким пак чхве чон кан чо юн чан лим хан син со квон хван ан сон хон цой тен хегай".split()  # a list of words reads as text
)
_EAST_ASIAN_LATIN = frozenset(
    "nguyen tran le pham hoang huynh phan vu dang bui do ho ngo duong dinh li wang zhang liu chen yang zhao huang zhou xu sun ma zhu hu guo "
    "kim pak park lee choi jung kang cho yun jang lim han shin seo kwon hwang".split()  # a list of words reads as text
)


def begins_east_asian(word: str) -> bool:
    """Whether a word is a common Vietnamese, Chinese or Korean surname."""
    return word.lower() in _EAST_ASIAN or word.lower() in _EAST_ASIAN_LATIN


def is_middle_part(word: str) -> bool:
    """Whether a word stands in the middle of Vietnamese names."""
    return word.lower() in ("тхи", "ван", "дык", "минь", "куанг", "хыу", "нгок", "thi", "van", "duc", "minh")


def _skeleton(latin: str) -> str:
    """A spelling that the ways of transliterating agree on: Yuriy, Yury, Iurii are "iuri"."""
    for written, sound in _SKELETON:
        latin = latin.replace(written, sound)
    latin = re.sub(r"(.)\1+", r"\1", latin)
    return re.sub(r"^ie", "e", re.sub(r"er$", "r", latin))


@lru_cache(maxsize=1)
def _given_skeletons() -> frozenset[str]:
    sounds = ("".join(_CYRILLIC.get(c, c) for c in name).replace("-", "") for _, name in listed_given_names())
    return frozenset(
        _skeleton(
            sound.replace("4", "ch").replace("w", "sh").replace("0", "zh").replace("c", "ts").replace("tsh", "ch")
        )
        for sound in sounds
    )


@lru_cache(maxsize=2048)
def is_latin_given(word: str) -> bool:
    """Whether a word in Latin letters is a known given name: Sergey, Yulia, Aleksandr."""
    return _skeleton(word.lower()) in _given_skeletons()


def is_latin_patronymic(word: str) -> bool:
    """Whether a word in Latin letters ends as patronymics do: Igorevich, Petrovna."""
    return _LATIN_PATRONYMIC.fullmatch(word.lower()) is not None


def latin_name(words: tuple[str, ...], *, labelled: bool) -> str | None:
    """A name in Latin letters as "Familiya Imya [Otchestvo]"; null when the words need not be one.

    Without a label a given name must be known, or a patronymic must be there.
    """
    father = next(
        (i for i, word in enumerate(words) if i and _LATIN_PATRONYMIC.search(word.lower()) and len(words) == 3), None
    )
    if father == 2:
        return _spelt(words)
    if father == 1:
        return _spelt((words[2], words[0], words[1]))
    if begins_east_asian(words[0]):
        return _spelt(words)
    if len(words) == 2 and is_latin_given(words[1]):
        return _spelt(words)
    if len(words) == 2 and is_latin_given(words[0]):
        return _spelt((words[1], words[0]))
    return _spelt(words) if labelled else None


def believed_name(words: tuple[str, ...]) -> str | None:
    """Two to four words that are no common words: "Нгуен Ван Ань", "Чжан Вэй", kept as written."""
    if words[0].lower() in _EAST_ASIAN and len(words) in (2, 3):
        return _spelt(words)
    if not 2 <= len(words) <= 4 or any(is_common_word(word) for word in words):
        return None
    return _spelt(words)


def _spelt(words: tuple[str, ...]) -> str:
    return " ".join(capital(word) for word in words)
