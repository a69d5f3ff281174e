"""`check-config` and `show-config`: what the settings file says, and what is wrong with it."""

import argparse
import json
from pathlib import Path
from types import SimpleNamespace

from commands.line import DONE, House, add_config
from outbox.answer import Answers
from service import settings_file
from service.settings import Settings
from tickets import teams
from tickets.terms import terms_of
from validate import requirements


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser, required=True)
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing when all is well")


def _check(args: argparse.Namespace, _house: House) -> int:
    """All faults at once as ConfigError (exit 78), else 0."""
    settings = settings_file.load(args.config)
    for path, credential in _secrets(settings):
        settings_file.secret(path, credential)
    Answers(settings).close()  # the signing key, the desk's own texts
    terms_of(settings)
    requirements.load(settings.reading.requirements)
    teams.load(settings.desk.teams)
    if not args.quiet:
        print(f"{args.config}: in order")
    return DONE


def _secrets(settings: Settings) -> list[tuple[Path | None, str]]:
    return [
        (settings.mailbox.password_file, "imap-password"),
        (settings.smtp.password_file, "smtp-password"),
        (settings.store.password_file, "store-password"),
    ]


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
        print(f"[{table}]")
        for key, value in keys.items():
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
