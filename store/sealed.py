"""Letters sealed at rest: AES-256-GCM, each under a fresh nonce, before they are written; opened when they are read.

    MAGIC (8 bytes) · which key (8) · nonce (12) · ciphertext and its tag (16)

What lies there unsealed, from before a key was set, is read as it is. What this does not cover: the fields in the
tables, our letters in the outbox, the copy on the mail server, the memory of the processes.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.errors import ConfigError, Permanent
from store.blobs import Blobs

MAGIC = b"\x89PRMsl1\n"  # no letter begins so: headers are text
NAMED, NONCE, KEY = 8, 12, 32
HEAD = len(MAGIC) + NAMED + NONCE
REMEDY = "make one with: openssl rand -base64 32"


def keys_from(text: str) -> dict[bytes, bytes]:
    """The keys of a file, by what names each: one in base64 a line, the first seals, all open. Old ones stay in it
    until the last letter under them is purged. ConfigError for what is no key; never quotes it.
    """
    found: dict[bytes, bytes] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            key = base64.b64decode(line.strip(), validate=True)
        except binascii.Error:
            key = b""
        if len(key) != KEY:
            raise ConfigError(f"the key of letters at rest: line {number} is no {KEY} bytes in base64; {REMEDY}")
        found[hashlib.sha256(b"priemnaya key" + key).digest()[:NAMED]] = key
    if not found:
        raise ConfigError(f"the key of letters at rest: there is none in the file; {REMEDY}")
    return found


class SealedBlobs:
    """Blobs whose bytes nobody reads without the key."""

    def __init__(self, blobs: Blobs, keys: Mapping[bytes, bytes]) -> None:
        self._blobs = blobs
        self._open = {name: AESGCM(key) for name, key in keys.items()}
        self._first = next(iter(keys))

    def write_all(self, batch: Sequence[bytes]) -> list[str]:
        """See Blobs."""
        return self._blobs.write_all([self._sealed(data) for data in batch])

    def read(self, name: str) -> bytes:
        """See Blobs. Permanent when the key is not here, or the bytes were changed."""
        data = self._blobs.read(name)
        if not data.startswith(MAGIC):
            return data
        key = self._open.get(data[len(MAGIC) : len(MAGIC) + NAMED])
        if key is None:
            raise Permanent(f"{name} is sealed under a key that is not here: add it to store.blobs_key_file")
        try:
            return key.decrypt(data[HEAD - NONCE : HEAD], data[HEAD:], data[: HEAD - NONCE])
        except InvalidTag:
            raise Permanent(f"the bytes of {name} were changed: restore them from the backup") from None

    def place(self, _name: str) -> Path | None:
        """See Blobs. Never a file: nobody but `read` can open it."""
        return None

    def put_back(self, batch: Sequence[tuple[str, bytes]]) -> None:
        """See Blobs."""
        self._blobs.put_back([(name, self._sealed(data)) for name, data in batch])

    def delete_all(self, names: Iterable[str]) -> None:
        """See Blobs."""
        self._blobs.delete_all(names)

    def older_than(self, age: timedelta) -> Iterator[str]:
        """See Blobs."""
        return self._blobs.older_than(age)

    def _sealed(self, data: bytes) -> bytes:
        nonce = os.urandom(NONCE)  # 96 random bits: one key is good for 2**32 letters (NIST SP 800-38D §8.3)
        head = MAGIC + self._first
        return head + nonce + self._open[self._first].encrypt(nonce, data, head)
