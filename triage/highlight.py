"""Marking in a letter's text where the fields stand and which words told the topic."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

WORDS_MOST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of the text; `mark` is "" for plain text, "why" for a word of the topic, else a field's name."""

    text: str
    mark: str = ""


def marked(text: str, written: Mapping[str, str], why: Iterable[str]) -> list[Stretch]:
    """The text cut into stretches. A field's words win over the topic's; of two fields the longer wins."""
    taken: list[tuple[int, int, str]] = []
    fields = sorted(written.items(), key=lambda item: -len(item[1]))
    for name, words in fields:
        for found in _as_written(words).finditer(text):
            _take(taken, found.start(), found.end(), name)
    for word in list(why)[:WORDS_MOST]:
        for found in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE):
            _take(taken, found.start(), found.end(), "why")
    stretches, at = [], 0
    for start, end, mark in sorted(taken):
        if start > at:
            stretches.append(Stretch(text=text[at:start]))
        stretches.append(Stretch(text=text[start:end], mark=mark))
        at = end
    if at < len(text):
        stretches.append(Stretch(text=text[at:]))
    return stretches


def _as_written(words: str) -> re.Pattern[str]:
    return re.compile(r"\s+".join(re.escape(word) for word in words.split()) or r"(?!)")


def _take(taken: list[tuple[int, int, str]], start: int, end: int, mark: str) -> None:
    if end > start and all(end <= begun or start >= ended for begun, ended, _ in taken):
        taken.append((start, end, mark))
