"""The words of which a text must hold one for a pattern to fit anywhere in it, read off the pattern itself.

Most patterns fit nothing in most letters, and to look whether a word stands in a text costs a fiftieth of trying a
pattern at each of its signs. A list of such words kept by hand beside a pattern would one day say less than it does.

re compiles from the same tree that is read here; the module is private, so a step that is not known needs no word.
"""

from collections.abc import Iterable
from re import _constants as steps  # type: ignore[attr-defined]  # private, without stubs
from re import _parser  # type: ignore[attr-defined]
from typing import Any

_MOST = 40  # words; to look for more costs as much as the pattern
_SPELLINGS = 8  # of one word: "зач[её]т" has two
_TAKE_NO_ROOM = {steps.AT, steps.ASSERT_NOT}
_REPEATS = {steps.MAX_REPEAT, steps.MIN_REPEAT, steps.POSSESSIVE_REPEAT}


def needed_words(pattern: str, flags: int = 0) -> tuple[str, ...]:
    """Words of which one at least stands in each text that the pattern fits, case as written; none: not known."""
    return tuple(sorted(_of_row(_parser.parse(pattern, flags))))


def _of_row(row: Iterable[tuple[Any, Any]]) -> set[str]:
    """Of steps that all must fit: the words of one of them, the longest for they are the rarest."""
    known: list[set[str]] = []
    word = {""}  # the spellings of the letters met in a row
    for step, what in row:
        signs = _signs(step, what)
        if signs and len(word) * len(signs) <= _SPELLINGS:
            word = {begun + sign for begun in word for sign in signs}
        elif step not in _TAKE_NO_ROOM:
            known += [word, _of_step(step, what)]
            word = {""}
    usable = [words for words in map(_without_longer, [*known, word]) if words and len(words) <= _MOST]
    return max(usable, key=lambda words: (min(map(len, words)), -len(words)), default=set())


def _signs(step: Any, what: Any) -> list[str]:
    """The signs of which one must stand at a step: of a letter itself, and of [её] two."""
    if step is steps.LITERAL:
        return [chr(what)]
    if step is steps.IN and all(kind is steps.LITERAL for kind, _ in what):
        return [chr(sign) for _, sign in what]
    return []


def _of_step(step: Any, what: Any) -> set[str]:
    if step is steps.BRANCH:
        ways = [_of_row(way) for way in what[1]]
        return set[str]().union(*ways) if all(ways) else set()
    if step is steps.SUBPATTERN:
        _, more_flags, fewer_flags, row = what
        return set() if more_flags or fewer_flags else _of_row(row)
    if step is steps.ASSERT:
        return _of_row(what[1])
    if step in _REPEATS and what[0]:
        return _of_row(what[2])
    return set()


def _without_longer(words: set[str]) -> set[str]:
    """Where "заявлени" stands, "заявление" need not be looked for; what has an empty word says nothing."""
    return set() if "" in words else {word for word in words if not any(w in word for w in words - {word})}
