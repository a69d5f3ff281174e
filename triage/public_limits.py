"""How often a stranger may ask the public pages: counted in memory, by the address he comes from."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

ADDRESSES_MOST = 10_000  # remembered; the one not heard of longest is forgotten


class Bucket:
    """So many at once, and so many a second after that."""

    def __init__(self, *, burst: float, a_second: float, now: Callable[[], float] = time.monotonic) -> None:
        self._burst, self._a_second, self._now = burst, a_second, now
        self._left, self._at = burst, now()

    def take(self) -> bool:
        """Whether one more is allowed now; it is counted."""
        now = self._now()
        self._left = min(self._burst, self._left + (now - self._at) * self._a_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Limits:
    """One bucket for each address; an IPv6 customer has a whole /64."""

    def __init__(self, *, burst: float, a_second: float, now: Callable[[], float] = time.monotonic) -> None:
        self._burst, self._a_second, self._now = burst, a_second, now
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, address: str) -> bool:
        """Whether that address may ask once more now."""
        key = _network(address)
        bucket = self._buckets.pop(key, None) or Bucket(burst=self._burst, a_second=self._a_second, now=self._now)
        self._buckets[key] = bucket
        if len(self._buckets) > ADDRESSES_MOST:
            self._buckets.popitem(last=False)
        return bucket.take()


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
