"""Deleting a file so that its bytes are gone from where they lay."""

import os
from pathlib import Path

AT_ONCE = 1 << 20


def shred(path: Path) -> None:
    """Overwrites the bytes with zeros, synced, then deletes the file; one that is gone is passed over.

    A copy-on-write file system, a snapshot or a flash disk that spreads its writes keeps the old bytes: there only
    encryption helps (docs/operations.md).
    """
    try:
        with path.open("r+b", buffering=0) as file:
            left = os.fstat(file.fileno()).st_size
            while left > 0:
                left -= file.write(bytes(min(AT_ONCE, left))) or 0
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    path.unlink(missing_ok=True)
