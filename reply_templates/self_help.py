"""What may solve the matter at once: a text a topic, edited as data by the desk."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from service.errors import ConfigError

NAME = "self_help.toml"


def self_help(folder: Path | None) -> Mapping[str, str]:
    """The texts by topic: the desk's own in its templates folder, else the shipped; ConfigError names the fault."""
    own = folder / NAME if folder is not None else None
    if own is None or not own.exists():
        return _read(files("reply_templates").joinpath(NAME).read_text("utf-8"), where=NAME)
    try:
        text = own.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError(f"{own}: cannot be read: {fault}. Mend it or take it away; then ours is used.") from fault
    return _read(text, where=str(own))


def _read(text: str, *, where: str) -> Mapping[str, str]:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError(f"{where}: not TOML: {fault}") from fault
    wrong = [topic for topic, said in found.items() if not isinstance(said, str)]
    if wrong:
        raise ConfigError(f"{where}: {wrong[0]}: is no text; write {wrong[0]} = '''…'''")
    return {topic: said.strip() for topic, said in found.items()}
