"""Man pages and bash completion, made from the command line itself: `python -m commands.manual FOLDER`.

What `--help` says is what the pages say. They are made when a package is built and are not kept in the tree.
"""

import argparse
import gzip
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from commands import every_command
from commands.line import parser
from service.settings import Settings
from service.settings_file import repeats, table_of

FILES = frozenset({"--config", "--out", "--acts", "--previous", "--copy", "--card", "--in-use", "--model", "--folder"})
EXITS = (
    ("0", "done"),
    ("1", "failed; the reason stands on standard error"),
    ("2", "the command line was wrong"),
    ("78", "the settings cannot be used; systemd does not start the daemon again on it"),
)
COMPLETION = """\
# bash completion for priemnaya(1), made from its parsers
_priemnaya() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} place="" word words="" files=""
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case "$place/$word" in
{places}
        esac
    done
    case "$place$prev" in
{choices}
        *{files}) files=yes ;;
        *) case "$place" in
{words}
        esac ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    if [[ -n $files || ( $cur != -* && $place == /?* ) ]]; then
        COMPREPLY+=($(compgen -f -- "$cur"))
    fi
}}
complete -o filenames -F _priemnaya priemnaya
"""


def main(folder: Path) -> None:
    """man/man1/*.1.gz, man/man5/priemnaya.toml.5.gz and bash-completion/completions/priemnaya, as under /usr/share."""
    for name, text in pages().items():
        place = folder / "man" / f"man{name[-1]}" / f"{name}.gz"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(gzip.compress(text.encode(), mtime=0))
    place = folder / "bash-completion" / "completions" / "priemnaya"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(completion(), encoding="utf-8")


def pages() -> dict[str, str]:
    """Every page by its name: the whole, one a command, the settings file."""
    made = {"priemnaya.toml.5": _settings_page()}
    for words, one in _parsers(parser(every_command()), ()):
        if len(words) < 2:  # a family stands on one page
            made[f"{'-'.join(('priemnaya', *words))}.1"] = _page(words, one)
    return made


def completion() -> str:
    """The script that bash sources."""
    places, choices, words = [], [], []
    for path, one in _parsers(parser(every_command()), ()):
        here = "".join(f"/{word}" for word in path)
        names = [name for action in one._actions for name in action.option_strings if name.startswith("--")]
        names += list(_choices(one))
        words.append(f'            "{here}") words="{" ".join(names)}" ;;')
        places += [f'            "{here}/{name}") place="{here}/{name}" ;;' for name in _choices(one)]
        for action in one._actions:
            if action.option_strings and action.choices:
                said = " ".join(map(str, action.choices))
                choices += [f'        "{here}{name}") words="{said}" ;;' for name in action.option_strings]
    return COMPLETION.format(
        places="\n".join(places), choices="\n".join(choices), words="\n".join(words), files="|*".join(sorted(FILES))
    )


def _parsers(
    one: argparse.ArgumentParser, words: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    yield words, one
    for name, inner in _choices(one).items():
        yield from _parsers(inner, (*words, name))


def _choices(one: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The commands below it."""
    for action in one._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _page(words: tuple[str, ...], one: argparse.ArgumentParser) -> str:
    name = "-".join(("priemnaya", *words))
    lines = [*_head(name, 1), _plain(f"{name} - {one.description}"), *_synopsis(one), ".SH OPTIONS", *_options(one)]
    inner = _choices(one)
    if inner:
        lines.append(".SH COMMANDS")
    for word, below in inner.items():
        lines += [".TP", rf"\fB{_plain(word)}\fR", _plain(f"{below.description}.")]
        lines += [line for option in _options(below) for line in (option,)] if words else []
    lines += [".SH EXIT STATUS", *(line for code, said in EXITS for line in (".TP", rf"\fB{code}\fR", _plain(said)))]
    if one.epilog:
        lines += [".SH EXAMPLE", ".nf", *map(_plain, one.epilog.removeprefix("example:\n").splitlines()), ".fi"]
    also = "priemnaya.toml(5)" if words == () else "priemnaya(1), priemnaya.toml(5)"
    return "\n".join([*lines, ".SH SEE ALSO", also, ""])


def _head(name: str, section: int) -> list[str]:
    return [f'.TH {_plain(name.upper())} {section} "" "Priemnaya {version("priemnaya")}"', ".SH NAME"]


def _synopsis(one: argparse.ArgumentParser) -> list[str]:
    return [
        ".SH SYNOPSIS",
        ".nf",
        *map(_plain, one.format_usage().removeprefix("usage: ").rstrip().splitlines()),
        ".fi",
    ]


def _options(one: argparse.ArgumentParser) -> list[str]:
    lines: list[str] = []
    for action in one._actions:
        if isinstance(action, argparse._SubParsersAction):
            continue
        names = ", ".join(action.option_strings) or str(action.metavar or action.dest)
        if action.option_strings and action.nargs != 0:
            names += f" {action.metavar or _values(action)}"
        lines += [".TP", rf"\fB{_plain(names)}\fR", _plain(action.help or "")]
    return lines


def _values(action: argparse.Action) -> str:
    return "|".join(map(str, action.choices)) if action.choices else action.dest.upper()


def _settings_page() -> str:
    lines = [*_head("priemnaya.toml", 5), r"priemnaya.toml \- settings of priemnaya(1)", ".SH DESCRIPTION"]
    lines.append(_plain("One TOML file. Every key has a default but [mailbox] url. Unknown keys are errors."))
    for table in Settings.model_fields:
        model = table_of(Settings, table)
        lines += [f".SH {f'[[{table}]]' if repeats(table) else f'[{table}]'}", _plain((model.__doc__ or "").strip())]
        for key, field in model.model_fields.items():
            default = "" if field.default is None or field.is_required() else f" Default: {field.default!r}."
            lines += [".TP", rf"\fB{_plain(key)}\fR", _plain(f"{field.description}.{default}")]
    return "\n".join([*lines, ".SH SEE ALSO", "priemnaya(1)", ""])


def _plain(text: str) -> str:
    r"""Text as troff takes it: its own signs said by name, a line never begun with one."""
    said = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{said}" if said.startswith((".", "'")) else said


if __name__ == "__main__":
    main(Path(sys.argv[1]))
