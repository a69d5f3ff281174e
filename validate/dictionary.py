"""The dictionary of Russian words (pymorphy3), asked only about words that may be names."""

from functools import lru_cache

import pymorphy3  # type: ignore[import-untyped]  # ships no stubs

_LONGEST = 60  # letters
_LIKELY = 0.05  # share of a reading: "дела" is the past of "деть" in 0.003


@lru_cache(maxsize=1)
def morph() -> pymorphy3.MorphAnalyzer:
    """The analyser, loaded once (80 ms)."""
    return pymorphy3.MorphAnalyzer()


def parses(word: str) -> list[pymorphy3.analyzer.Parse]:
    """Every reading of a word, the likeliest first; of a longer one than any that people write, of its last letters.

    pymorphy3 takes known beginnings off one call deeper each: "безбезбез…" would run out of stack.
    """
    return list(morph().parse(word[-_LONGEST:]))


@lru_cache(maxsize=4096)
def is_adjective(word: str) -> bool:
    """Whether the dictionary knows a word as an adjective or an adjectival surname, in the nominative."""
    return any(
        "ADJF" in p.tag or "Surn" in p.tag
        for p in parses(word)
        if p.is_known and p.normal_form.replace("ё", "е") == word.replace("ё", "е")
    )


@lru_cache(maxsize=4096)
def is_common_word(word: str) -> bool:
    """Whether the dictionary knows a word and does not know it as a name."""
    known = [p for p in parses(word.lower()) if p.is_known]
    return bool(known) and not any(tag in p.tag for p in known for tag in ("Name", "Surn", "Patr"))


@lru_cache(maxsize=8192)
def is_verb(word: str) -> bool:
    """Whether the likeliest reading of a word is a verb, a short participle or a word like "нельзя"."""
    best = parses(word)[0]
    return any(tag in best.tag for tag in ("VERB", "INFN", "PRTS", "PRED"))


@lru_cache(maxsize=4096)
def is_short_adjective(word: str) -> bool:
    """Whether the likeliest reading of a word is one that only tells: "нужна", "невозможен"."""
    return "ADJS" in parses(word)[0].tag


@lru_cache(maxsize=4096)
def cases_of(word: str) -> frozenset[str]:
    """The cases that the likely readings of a known word stand in, by the dictionary's names: "nomn", "accs"."""
    return frozenset(p.tag.case for p in parses(word) if p.is_known and p.tag.case and p.score >= _LIKELY)


@lru_cache(maxsize=8192)
def may_be_past(word: str) -> bool:
    """Whether a word may be a past tense or a short participle: "начала" and "подана", never "портала" or "цена".

    A word that the dictionary does not know is taken for one: people write "незашол".
    """
    known = [p for p in parses(word) if p.is_known]
    return not known or any("PRTS" in p.tag or {"VERB", "past"} in p.tag for p in known if p.score >= _LIKELY)


@lru_cache(maxsize=4096)
def is_place_name(word: str) -> bool:
    """Whether the dictionary knows a word as a town or a country and not as a surname."""
    known = [p for p in parses(word.lower()) if p.is_known]
    return any("Geox" in p.tag for p in known) and not any("Surn" in p.tag for p in known)
