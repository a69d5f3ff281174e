"""`staff`: accounts of the page: add, list, reset a password, change a role, close."""

import argparse
import getpass
import secrets
import sys
from typing import Any

from commands.line import DONE, FAILED, House, add_config, settings_of
from commands.rooms import open_store
from commands.staff_keys import KEY_ACTS, on_keys
from service.errors import ConfigError
from store import staff
from store.database import Store
from store.upgrade import check_schema
from triage.access import Role
from triage.passwords import SHORTEST, password_hash
from triage.people_page import LOGIN

NAME = "staff"
HELP = "accounts of the staff's page: add, list, reset, change, close; keys of programs: add-key, keys, revoke-key"
EXAMPLE = "priemnaya staff add olga --name 'Ольга Мещерякова' --role triage --config /etc/priemnaya/priemnaya.toml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("do", choices=("add", "list", "reset", "change", "close", "open", *KEY_ACTS))
    parser.add_argument("login", nargs="?", help="as the person types it")
    parser.add_argument("--name", help="as colleagues read it")
    parser.add_argument("--role", choices=[role.value for role in Role], help="default for add: triage")
    parser.add_argument("--team", help="sees this team's tickets first")
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    add_config(parser, required=True)


def run(args: argparse.Namespace, _house: House) -> int:
    """Does it; a password that is not given is made and printed once."""
    store = open_store(settings_of(args))
    try:
        check_schema(store)
        if args.do in KEY_ACTS:
            return on_keys(store, args.do, args.login)
        return _listed(store) if args.do == "list" else _done(store, args)
    finally:
        store.close()


def _done(store: Store, args: argparse.Namespace) -> int:
    login = (args.login or "").lower()
    if not LOGIN.fullmatch(login):
        raise ConfigError("name the login: small Latin letters, digits, dot, dash, at most 64")
    if args.do == "add":
        return _added(store, args, login)
    values: dict[str, Any] = {"active": args.do == "open"} if args.do in ("open", "close") else {}
    made = ""
    if args.do == "reset":
        made, password = _password(args)
        values = {"password": password_hash(password)}
    if args.do == "change":
        given = {"name": args.name, "role": args.role, "team": args.team}
        values = {key: value for key, value in given.items() if value is not None}
        if not values:
            raise ConfigError("say what changes: --name, --role or --team")
    with store.writing() as conn:
        found = staff.change_person(conn, login, **values)
    if not found:
        print(f"priemnaya: there is no account {login}; `priemnaya staff list` shows them", file=sys.stderr)
        return FAILED
    print(f"{login}: done{made}")
    return DONE


def _added(store: Store, args: argparse.Namespace, login: str) -> int:
    made, password = _password(args)
    add(store, login=login, name=args.name or login, role=Role(args.role or Role.TRIAGE), team=args.team,
        password=password)  # fmt: skip
    print(f"{login}: added{made}")
    return DONE


def add(store: Store, *, login: str, name: str, role: Role, team: str | None, password: str) -> None:
    """A new account; the password is hashed before the transaction begins, for that takes long."""
    kept = password_hash(password)
    with store.writing() as conn:
        staff.add_person(conn, login=login, name=name, role=role, team=team, password=kept)


def _password(args: argparse.Namespace) -> tuple[str, str]:
    """What to print of it, and the password."""
    if args.password_stdin:
        given = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        given = getpass.getpass("Password (empty: one is made): ")
    else:
        given = ""
    if given and len(given) < SHORTEST:
        raise ConfigError(f"the password is too short: {SHORTEST} characters at least")
    if given:
        return "", given
    password = secrets.token_urlsafe(12)
    return f"; password (shown once): {password}", password


def _listed(store: Store) -> int:
    with store.reading() as conn:
        for one in staff.people(conn):
            state = "" if one.active else "  closed"
            print(f"{one.login:<24} {one.role:<8} {one.team or '—':<16} {one.name}{state}")
    return DONE
