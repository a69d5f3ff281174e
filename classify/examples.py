"""The letters a model learns from or is measured on: rows of JSONL, read and checked.

A row needs "text" and "topic"; "subject" is optional. Two kinds of row say more. A letter written for a corpus names
its writer by the file, and has "persona", "difficulty" and "border" (the topic it stands near). A letter of the desk
itself has "sender" (a hash), and a correction by staff "who", "when", "model", "hidden" as well (see corrections.py).
"""

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from classify import features, words
from classify.noise import noisy
from service.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Example:
    """One letter and its topic."""

    text: str
    topic: str
    subject: str = ""
    id: str = ""
    writer: str | None = None  # whose file it came in, for letters written for a corpus
    persona: str | None = None
    difficulty: str | None = None
    border: str | None = None
    sender: str | None = None  # a hash; whose letters they are, for letters of the desk itself

    @cached_property
    def features(self) -> dict[str, list[str]]:
        """Its features by block."""
        return features.of_letter([word.form for word in words.words(self.subject, self.text)])

    @cached_property
    def number(self) -> int:
        """64 bits of a hash; the same for letters of the same words, however they are set."""
        said = " ".join(word.form for word in words.words(self.subject, self.text))
        return int.from_bytes(hashlib.sha256(said.encode()).digest()[:8])


def read(paths: Sequence[Path]) -> list[Example]:
    """The rows of JSONL files, or of the *.jsonl of folders; ConfigError names a row that cannot be used."""
    files = [file for path in paths for file in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])]
    examples = [example for file in files for example in _rows(file)]
    if not examples:
        raise ConfigError(f"{', '.join(map(str, paths))}: no letters there; rows of *.jsonl are wanted")
    return examples


def _rows(file: Path) -> list[Example]:
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read as UTF-8: {error}") from error
    return [_example(line, file, number) for number, line in enumerate(lines, 1) if line.strip()]


def _example(line: str, file: Path, number: int) -> Example:
    try:
        row = json.loads(line)
        text, topic = row["text"], row["topic"]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f'{file}:{number}: not a row {{"text", "topic"}}') from error
    if not isinstance(text, str) or not isinstance(topic, str) or not topic:
        raise ConfigError(f'{file}:{number}: "text" and "topic" must be strings, "topic" not empty')
    return Example(
        text=_whole(text),
        topic=_whole(topic),
        id=_string(row, "id") or f"{file.stem}:{number}",
        subject=_string(row, "subject") or "",
        writer=file.stem if "persona" in row else None,
        **{name: _string(row, name) for name in ("persona", "difficulty", "border", "sender")},
    )


def _string(row: dict[str, Any], name: str) -> str | None:
    value = row.get(name)
    return _whole(value) if isinstance(value, str) else None


def _whole(value: str) -> str:
    """Half a pair (\\ud83d cut off from its emoji), which cannot be written, becomes a question mark."""
    return value.encode("utf-8", "replace").decode()


def without(examples: Sequence[Example], held: Sequence[Example]) -> list[Example]:
    """The letters that do not stand among those held back for measuring."""
    known = {example.number for example in held}
    return [example for example in examples if example.number not in known]


def spoilt(example: Example, copy: int) -> Example:
    """A letter as a hasty telephone would have sent it; the same each time."""
    rng = random.Random(f"{copy} {example.subject} {example.text}")  # noqa: S311  # no secret: it must be repeatable
    return replace(example, subject=noisy(example.subject, rng), text=noisy(example.text, rng))


def checksum(examples: Sequence[Example]) -> str:
    """Of letters and labels, in their order."""
    rows = (f"{e.topic}\t{e.subject}\t{e.text}" for e in examples)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()
