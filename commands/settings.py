"""`check-config` and `show-config`: what the settings file says, and what is wrong with it."""

import argparse
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from classify import model
from classify.desk_topics import topics_of
from commands.line import DONE, House, add_config
from commands.rooms import mailbox_of, open_store, sender_of
from commands.secret_files import secret_files
from outbox.answer import Answers
from outbox.targets import target_of
from reply_templates.check import broken
from service import settings_file
from service.errors import ConfigError
from service.settings import Settings
from service.settings_file import line_of, repeats
from store.blobs import open_blobs
from tickets import teams
from tickets.terms import terms_of
from validate import clamd, requirements


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser, required=True)
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing when all is well")
    parser.epilog = (
        f"{parser.epilog}\n\nNothing is connected to; that is doctor's. Exit status 78 when there is a fault."
    )


def _check(args: argparse.Namespace, _house: House) -> int:
    """All faults at once as ConfigError (exit 78), else 0."""
    settings = settings_file.load(args.config)
    text = args.config.read_text(encoding="utf-8")
    found = sorted(faults_of(settings), key=lambda one: _line(text, one[0]) or 0)
    faults = [_placed(args.config, text, key, fault) for key, fault in found]
    if faults:
        raise ConfigError("\n".join(faults))
    if not args.quiet:
        print(f"{args.config}: in order")
    return DONE


def faults_of(settings: Settings) -> Iterator[tuple[str, str]]:
    """What cannot work though each value by itself is well-formed: the key, and what is wrong with it."""
    told = set()
    for key, look in _looks(settings).items():
        try:
            look()
        except ConfigError as fault:
            if str(fault) not in told:  # what reads several settings meets a fault that has its key already
                told.add(str(fault))
                yield key, str(fault)
        except OSError as fault:
            yield key, f"{fault.filename}: {fault.strerror}"


def _looks(settings: Settings) -> dict[str, Callable[[], object]]:
    """By key, what raises when it cannot be used; nothing here connects or writes."""
    secrets, reading = secret_files(settings), settings.reading
    authorities = {"mailbox.ca_file": settings.mailbox.ca_file, "smtp.ca_file": settings.smtp.ca_file}
    return {
        **{key: one.look for key, one in secrets.items() if key != "desk.signing_key_file"},  # below, with its use
        **{key: partial(_there, path) for key, path in authorities.items()},
        "mailbox.url": lambda: mailbox_of(settings),
        "smtp.url": lambda: sender_of(settings),
        "store.url": lambda: open_store(settings).close(),
        "store.blobs": lambda: _blobs(settings.store.blobs),
        "store.blobs_key_file": lambda: _keys(secrets["store.blobs_key_file"].look()),
        "classify.model": lambda: model.load(settings.classify.model, threshold=settings.classify.threshold),
        "classify.titles": lambda: topics_of(settings.classify),
        "desk.signing_key_file": lambda: Answers(settings).close(),  # links and signed addresses need it
        "desk.teams": lambda: teams.load(settings.desk.teams),
        "reading.requirements": lambda: requirements.load(reading.requirements),
        "reading.clamd": lambda: clamd.scanner(reading.clamd, required=False) if reading.clamd else None,
        "replies.templates": lambda: _texts(settings.replies.templates),
        "terms.calendar": lambda: terms_of(settings),
        **{f"forward.{place}.url": partial(target_of, one, settings) for place, one in enumerate(settings.forward)},
    }


def _placed(path: Path, text: str, key: str, fault: str) -> str:
    """The fault with its line, as faults of form are told; its own naming of the key is left out."""
    *table, name = key.split(".")
    line = _line(text, key)
    said = fault.removeprefix(f"{key}: ").removeprefix(f"{key} ").removeprefix(f"[{table[0]}] {name}: ")
    return f"{path}{f':{line}' if line else ''}: {key}: {said}"


def _line(text: str, key: str) -> int | None:
    return line_of(text, tuple(key.split(".")))


def _there(path: Path | None) -> None:
    if path is not None:
        with path.open("rb"):
            return


def _blobs(url: str) -> None:
    if not url.startswith("file:///"):  # such a folder is made when it is missing
        open_blobs(url)


def _keys(text: str | None) -> None:
    if text is not None:
        from store.sealed import keys_from  # noqa: PLC0415  # cryptography is 10 MB that few desks need

        keys_from(text)


def _texts(folder: Path | None) -> None:
    faults = broken(folder) if folder is not None else ()
    if faults:
        raise ConfigError("; ".join(faults))


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser, required=False)
    parser.add_argument("-n", "--non-default", action="store_true", help="only what differs from the defaults")
    parser.add_argument("--default", action="store_true", help="print a commented example file instead")
    parser.add_argument("--json", action="store_true", help="as JSON")


def _show(args: argparse.Namespace, _house: House) -> int:
    if args.default:
        print(settings_file.example(), end="")
        return DONE
    settings = settings_file.load(args.config) if args.config else Settings()
    values = settings.model_dump(mode="json", exclude_defaults=args.non_default)
    if args.json:
        print(json.dumps(values, ensure_ascii=False, indent=2))
        return DONE
    for table, keys in values.items():
        for one in keys if repeats(table) else [keys]:
            print(f"[[{table}]]" if repeats(table) else f"[{table}]")
            for key, value in one.items():
                print(f"# {key} is not set" if value is None else f"{key} = {json.dumps(value, ensure_ascii=False)}")
            print()
    return DONE


CHECK = SimpleNamespace(
    NAME="check-config",
    HELP="read the settings file and name every fault in it",
    EXAMPLE="priemnaya check-config --config /etc/priemnaya/priemnaya.toml",
    add_arguments=_check_arguments,
    run=_check,
)
SHOW = SimpleNamespace(
    NAME="show-config",
    HELP="print the settings in force, or a commented example",
    EXAMPLE="priemnaya show-config --default > priemnaya.toml",
    add_arguments=_show_arguments,
    run=_show,
)
