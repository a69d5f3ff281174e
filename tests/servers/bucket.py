"""An S3 service on an address of ours (moto's, a process of its own), with the bucket `letters`."""

import contextlib
import sys
import time
from collections.abc import Iterator
from urllib.error import URLError
from urllib.request import Request, urlopen

from servers.dovecot import free_ports
from servers.running import Process, Running

KEYS = 'access_key_id = "test"\nsecret_access_key = "hush"\nregion = "us-east-1"\nendpoint = "http://{host}:{port}"\n'


@contextlib.contextmanager
def bucket(host: str) -> Iterator[str]:
    """The text of the credentials file that leads to it."""
    (port,) = free_ports(1)

    def ready(process: Process) -> None:
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            assert process.poll() is None, "the S3 service ended"
            with contextlib.suppress(URLError, OSError):
                urlopen(Request(f"http://{host}:{port}/letters", method="PUT"), timeout=10).close()
                return
            time.sleep(0.2)
        raise RuntimeError("the S3 service does not answer in 60 s")

    running = Running(
        [sys.executable, "-c", f"from moto.server import main; main(['-H', '{host}', '-p', '{port}'])"],
        ready=ready,
        quiet=True,
    )
    try:
        running.start()
        yield KEYS.format(host=host, port=port)
    finally:
        running.kill()
