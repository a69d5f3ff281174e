"""Which tickets hide the model's word until a person has chosen: the only unbiased measure of how right it is.

One in twenty, by the number's hash, so that the same ticket is hidden for everybody and nobody can choose.
"""

from hashlib import sha256

ONE_IN = 20


def is_hidden(number: str) -> bool:
    """Whether this ticket's prediction is hidden until its topic is told."""
    return int.from_bytes(sha256(b"hidden:" + number.encode()).digest()[:8]) % ONE_IN == 0
