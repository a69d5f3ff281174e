"""Keys of other programs for the intake API: `staff add-key NAME`, `staff keys`, `staff revoke-key NAME`."""

import re
import sys
from datetime import UTC, datetime

from commands.line import DONE, FAILED
from service.errors import ConfigError
from store import entered
from store.database import Store
from triage.access import hashed, new_token

KEY_ACTS = ("add-key", "keys", "revoke-key")
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)


def on_keys(store: Store, do: str, name: str | None) -> int:
    """Does it; a key is printed once and kept as a hash."""
    if do == "keys":
        with store.reading() as conn:
            for one in entered.keys(conn):
                made = datetime.fromtimestamp(one.made_ms / 1000, UTC).date().isoformat()
                print(f"{one.name:<24} made {made}{'' if one.revoked_ms is None else '  revoked'}")
        return DONE
    if not NAME.fullmatch(name or ""):
        raise ConfigError("name the program: small Latin letters, digits, dot, dash, at most 64")
    called = str(name)
    with store.writing() as conn:
        if do == "add-key":
            key = new_token()
            entered.add_key(conn, called, hashed(key))
        elif not entered.revoke_key(conn, called):
            print(f"priemnaya: no key {called} is in use; `priemnaya staff keys` shows them", file=sys.stderr)
            return FAILED
    print(f"{called}: key (shown once): {key}" if do == "add-key" else f"{called}: revoked")
    return DONE
