"""Reading the settings file: every error at once, each with its line, and a suggestion for a wrong key."""

import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from service.errors import ConfigError
from service.settings import Settings


def load(path: Path) -> Settings:
    """The settings in the file; ConfigError names every fault with its line and the remedy."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}. Name the file with --config FILE.") from error
    return parse(text, where=str(path))


def parse(text: str, *, where: str) -> Settings:
    """The settings in a TOML text; `where` names it in errors."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: not TOML: {error}") from error
    try:
        return Settings.model_validate(tables)
    except ValidationError as error:
        faults = [_fault(text, where, item) for item in error.errors()]
        raise ConfigError("\n".join(faults)) from error


def _fault(text: str, where: str, item: Any) -> str:
    keys = tuple(str(part) for part in item["loc"])
    line = line_of(text, keys)
    place = f"{where}:{line}" if line else where
    name = ".".join(keys) or "settings"
    if item["type"] == "extra_forbidden":
        return f"{place}: {name}: no such key.{_suggestion(keys)}"
    if item["type"] == "missing":
        return f"{place}: {name}: is required. Add it; `priemnaya show-config --default` prints an example."
    message = str(item["msg"]).removeprefix("Value error, ")
    return f"{place}: {name}: {message}"


def _suggestion(keys: tuple[str, ...]) -> str:
    model: type[BaseModel] = Settings
    for key in keys[:-1]:
        model = model if key.isdigit() else table_of(model, key)
    near = difflib.get_close_matches(keys[-1], model.model_fields, n=1, cutoff=0.5)
    return f" Did you mean {near[0]!r}?" if near else f" Known here: {', '.join(model.model_fields)}."


def table_of(model: type[BaseModel], key: str) -> type[BaseModel]:
    """What stands under a table's name, [once] or [[again and again]]."""
    kind: Any = model.model_fields[key].annotation
    section: type[BaseModel] = next(iter(get_args(kind)), kind)
    return section


def repeats(key: str) -> bool:
    """Whether a table may be there several times, as [[forward]]."""
    return bool(get_args(Settings.model_fields[key].annotation))


def line_of(text: str, keys: tuple[str, ...]) -> int | None:
    """The line of a key, else of its table, for the error message; null when the text does not show it."""
    table: tuple[str, ...] = ()
    found, met = None, 0
    for number, line in enumerate(text.splitlines(), 1):
        if head := re.match(r"\s*(\[+)\s*([\w.\-]+)\s*\]+", line):
            table = tuple(head[2].split("."))
            if head[1] == "[[":  # of several tables of one name the place is the key
                met = met + 1 if keys[: len(table)] == table else met
                table = (*table, str(met - 1))
            if table == keys[: len(table)] and found is None:
                found = number
        elif (key := re.match(r"\s*([\w\-]+)\s*=", line)) and (*table, key[1]) == keys[: len(table) + 1]:
            return number
    return found


def example() -> str:
    """The commented example file: each key with its default, those without a default commented out."""
    parts = [
        "# Priemnaya's settings. Every key is shown with its default; [mailbox] url is the one you must fill in.\n"
        "# Generated from the program: `priemnaya show-config --default`.\n"
    ]
    for table in Settings.model_fields:
        model = table_of(Settings, table)
        several = repeats(table)
        parts.append(f"\n# {(model.__doc__ or '').strip()}\n{f'# [[{table}]]' if several else f'[{table}]'}\n")
        lines = [_example_line(key, field) for key, field in model.model_fields.items()]
        parts += [line.replace("\n", "\n# ", 1) if "\n# " not in line else line for line in lines] if several else lines
    return "".join(parts)


def _example_line(key: str, field: Any) -> str:
    if field.is_required():
        return f'# {field.description}\n{key} = "fill in"\n'
    value = field.default
    if value is None:
        return f"# {field.description}\n# {key} = \n"
    return f"# {field.description}\n{key} = {_toml(value)}\n"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def secret(file: Path | None, credential: str) -> str | None:
    """A secret from its file, else from $CREDENTIALS_DIRECTORY; null when neither is there, or it is empty.

    The file must not be readable by group or others unless it lies in the credentials directory
    (systemd makes that one). Raises ConfigError with the remedy.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    path = file or (Path(folder) / credential if folder else None)
    if path is None or (file is None and not path.exists()):
        return None
    try:
        mode = path.stat().st_mode
        if mode & 0o077 and not (folder and path.is_relative_to(folder)):
            raise ConfigError(f"{path}: others may read this secret. Run: chmod 600 {path}")
        return path.read_text(encoding="utf-8").strip("\r\n") or None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: the secret is not UTF-8. Write it anew, in that encoding") from error
    except OSError as error:
        absent = isinstance(error, FileNotFoundError)
        remedy = "put it there, or correct the path in the settings" if absent else "let the daemon's user read it"
        raise ConfigError(f"{path}: the secret cannot be read ({error.strerror}): {remedy}") from error
