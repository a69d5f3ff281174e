"""Staff's corrections as examples: one JSON row a line, with who said it, when, of which model, and seeing what.

A row is an example like any other ("text", "subject", "topic", "sender"), so `train` reads the file as it is. Words
enter a vocabulary only from five senders or more (recipe.SENDERS). `forget` takes a person's letters out again.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from classify.measure import wilson
from service.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One letter whose topic a person has told."""

    id: str  # the ticket's number
    subject: str
    text: str  # the letter's own words, as the model was given them
    topic: str  # what the person says
    said: str  # what the model said
    model: str  # its version
    who: str  # login
    when: str  # ISO 8601
    hidden: bool  # the person had not been shown what the model said
    sender: str  # hash of the writer's address


def add(file: Path, corrections: Iterable[Correction]) -> None:
    """Appends; durable when it returns."""
    with file.open("a", encoding="utf-8") as rows:
        rows.writelines(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in corrections)
        rows.flush()
        os.fsync(rows.fileno())


def read(file: Path) -> list[Correction]:
    """All rows; ConfigError names the one that cannot be read."""
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found.append(Correction(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise ConfigError(f"{file}:{number}: not a correction: {error}") from error
    return found


def forget(file: Path, sender: str) -> int:
    """Removes a person's rows, the file written aside and renamed; how many went."""
    found = read(file)
    kept = [one for one in found if one.sender != sender]
    if len(kept) < len(found):
        aside = file.with_name(f"{file.name}.part")
        aside.unlink(missing_ok=True)
        add(aside, kept)
        aside.replace(file)
    return len(found) - len(kept)


def agreement(corrections: Iterable[Correction]) -> tuple[int, float, tuple[float, float]]:
    """Of the letters judged unseen: how many, the share in which the model was right, its 95 % interval.

    Only these are honest: whoever is shown an answer tends to agree with it.
    """
    blind = [one.said == one.topic for one in corrections if one.hidden]
    return len(blind), (sum(blind) / len(blind) if blind else 0.0), wilson(sum(blind), len(blind))
