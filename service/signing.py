"""Signing with the desk's key: reply addresses and status links that nobody can guess or make (RFC 2104, SHA-256).

The key file has one key a line. The first signs; the others are still accepted, so that a key can be replaced: put the
new one on top, and take the old one away when nobody answers old letters any more. Daemon and web share the file.
"""

import base64
import hashlib
import hmac
from pathlib import Path

from service.errors import ConfigError
from service.settings_file import secret

SHORTEST_KEY = 32  # characters; `head -c 32 /dev/urandom | base64` gives 44
ADDRESS_BITS = 80  # of a reply address: a local part has 64 characters at most (RFC 5321 §4.5.3.1.1)
LINK_BITS = 130  # of a status link: the first multiple of 5 over 128
REMEDY = "Make one: (umask 077; head -c 32 /dev/urandom | base64 > FILE)"


class Keys:
    """The desk's keys, newest first; `purpose` keeps a signature for one thing from passing for another."""

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._keys = keys

    def sign(self, purpose: str, said: str, *, bits: int) -> str:
        """Lower-case base32 letters and digits that stand for these words."""
        return _signature(self._keys[0], purpose, said, bits)

    def holds(self, purpose: str, said: str, signature: str, *, bits: int) -> bool:
        """Whether any key made this signature; the time it takes tells nothing of how much of it is right."""
        given = signature.lower().encode("utf-8", "replace")
        made = [_signature(key, purpose, said, bits).encode() for key in self._keys]
        return sum(hmac.compare_digest(one, given) for one in made) > 0


def keys_from(file: Path | None) -> Keys | None:
    """The keys of `desk.signing_key_file`, else of the credential `signing-key`; null when neither is there.

    ConfigError when a key is too short to sign with.
    """
    text = secret(file, "signing-key")
    if text is None:
        return None
    keys = [line.strip().encode() for line in text.splitlines() if line.strip()]
    if not keys or any(len(key) < SHORTEST_KEY for key in keys):
        raise ConfigError(f"desk.signing_key_file: a key has at least {SHORTEST_KEY} characters. {REMEDY}")
    return Keys(tuple(keys))


def _signature(key: bytes, purpose: str, said: str, bits: int) -> str:
    digest = hmac.new(key, f"{purpose}\0{said}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode().lower()[: -(-bits // 5)]
