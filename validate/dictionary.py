"""The dictionary of Russian words (pymorphy3), asked only about words that may be names."""

from functools import lru_cache

import pymorphy3  # type: ignore[import-untyped]  # ships no stubs


@lru_cache(maxsize=1)
def morph() -> pymorphy3.MorphAnalyzer:
    """The analyser, loaded once (80 ms)."""
    return pymorphy3.MorphAnalyzer()


@lru_cache(maxsize=4096)
def is_adjective(word: str) -> bool:
    """Whether the dictionary knows a word as an adjective or an adjectival surname, in the nominative."""
    return any(
        "ADJF" in p.tag or "Surn" in p.tag
        for p in morph().parse(word)
        if p.is_known and p.normal_form.replace("ё", "е") == word.replace("ё", "е")
    )


@lru_cache(maxsize=4096)
def is_common_word(word: str) -> bool:
    """Whether the dictionary knows a word and does not know it as a name."""
    parses = [p for p in morph().parse(word.lower()) if p.is_known]
    return bool(parses) and not any(tag in p.tag for p in parses for tag in ("Name", "Surn", "Patr"))


@lru_cache(maxsize=8192)
def is_verb(word: str) -> bool:
    """Whether the likeliest reading of a word is a verb, a short participle or a word like "нельзя"."""
    best = morph().parse(word)[0]
    return any(tag in best.tag for tag in ("VERB", "INFN", "PRTS", "PRED"))


@lru_cache(maxsize=4096)
def is_place_name(word: str) -> bool:
    """Whether the dictionary knows a word as a town or a country and not as a surname."""
    parses = [p for p in morph().parse(word.lower()) if p.is_known]
    return any("Geox" in p.tag for p in parses) and not any("Surn" in p.tag for p in parses)
