"""Staff's corrections as examples: one JSON row a line, with who said it, when, of which model, and seeing what.

A row is an example like any other ("text", "subject", "topic", "sender"), so `train` reads the file as it is. Words
enter a vocabulary only from five senders or more (recipe.SENDERS).
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


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
