"""An SMTP server on loopback that takes everything and keeps nothing: `python bench/sink.py PORT COUNT_FILE`."""

import asyncio
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, Session


class Counting:
    """Counts messages into a file, so that the bench can see how many arrived."""

    def __init__(self, path: Path) -> None:
        self.path, self.count = path, 0

    async def handle_EHLO(  # aiosmtpd's name
        self, _server: object, session: Session, _envelope: object, host: str, answers: list[str]
    ) -> list[str]:
        """Offers PIPELINING, as Postfix, Exim and Exchange do; aiosmtpd takes commands in a group but does not say so."""
        session.host_name = host
        return [*answers[:-1], "250-PIPELINING", answers[-1]]

    async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:  # aiosmtpd's name
        """Takes a message."""
        self.count += 1
        self.path.write_text(str(self.count))
        return "250 taken"


async def main(port: int, path: Path) -> None:
    """Serves until killed."""
    handler = Counting(path)
    path.write_text("0")
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, hostname="localhost", enable_SMTPUTF8=True), "127.0.0.1", port
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
