"""A real Dovecot on loopback. Any user name gets in with PASSWORD, so a fresh name is a fresh mailbox."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from servers.certificates import Certificate
from servers.running import Running

PASSWORD = 'open "sesame" \\ 1'
TOKEN_KEY = b"only for tests on loopback, 32 b."
BINARY = "/usr/sbin/dovecot"

_SETTINGS = """
protocols = imap
listen = {host}
base_dir = {folder}/run
state_dir = {folder}/state
instance_name = {folder}
log_path = {folder}/log
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
ssl = {ssl}
ssl_cert = <{chain}
ssl_key = <{key}
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = plain login xoauth2
auth_username_chars =
auth_username_format = %u
mail_location = maildir:{folder}/mail/%u:UTF-8
first_valid_uid = 1
mail_max_userip_connections = 0
imap_capability = {capability}
passdb {{
  driver = static
  args = password={{PLAIN.b64}}{password}
  mechanisms = plain login
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2
}}
userdb {{
  driver = static
  args = uid={mail} gid={mail_group} home={folder}/home/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""


_OAUTH2 = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = sub
"""


@dataclass(frozen=True, kw_only=True)
class Dovecot:
    """A running server."""

    folder: Path
    port: int  # STARTTLS is offered
    tls_port: int
    owner: str  # whom the mail files belong to
    running: Running

    def maildir(self, user: str, folder: str = "") -> Path:
        """The user's Maildir, made when it is missing; write letters into its new/ before the user logs in."""
        made = self.folder / "mail" / user / ("." + folder.replace("/", ".") if folder else "")
        for place in (self.folder / "mail" / user, made):  # the inbox too: Dovecot may not have made it yet
            for name in ("tmp", "new", "cur"):
                (place / name).mkdir(parents=True, exist_ok=True)
        self._own(user)
        return made

    def deliver(self, user: str, *letters: bytes, folder: str = "") -> None:
        """Deliver letters as an MDA does: into tmp/, then renamed into new/."""
        maildir = self.maildir(user, folder)
        for letter in letters:
            name = f"{time.time_ns() // 10**9}.M{time.time_ns()}P{os.getpid()}.test"
            (maildir / "tmp" / name).write_bytes(letter)
            self.give(maildir / "tmp" / name)
            (maildir / "tmp" / name).rename(maildir / "new" / name)

    def kept(self, user: str, folder: str = "") -> list[bytes]:
        """The letters in a folder of the user (without one, the inbox), with \\n for line ends, sorted."""
        place = self.folder / "mail" / user / ("." + folder.replace("/", ".") if folder else "")
        files = [path for name in ("new", "cur") for path in (place / name).glob("*")]
        return sorted(path.read_bytes().replace(b"\r\n", b"\n") for path in files)

    def lying(self, user: str) -> int:
        """How many letters lie in the inbox; may be asked while the server moves them."""
        return sum(len(list((self.folder / "mail" / user / name).iterdir())) for name in ("new", "cur"))

    def give(self, path: Path) -> None:
        """To the mail user, whose all mail is: Dovecot must copy what it may not link (fs.protected_hardlinks)."""
        if os.geteuid() == 0:
            shutil.chown(path, self.owner)

    def _own(self, user: str) -> None:
        mine = self.folder / "mail" / user
        for path in (self.folder / "mail", mine, *mine.glob("*/"), *mine.glob(".*/"), *mine.glob(".*/*/")):
            self.give(path)


@contextlib.contextmanager
def dovecot(
    certificate: Certificate, *, capability: str = "", tls_offered: str = "yes", host: str = "127.0.0.1", more: str = ""
) -> Iterator[Dovecot]:
    """Start it, wait for its greeting, stop it. `capability` replaces what it says it can do, `more` are settings."""
    # In /tmp whatever TMPDIR says: the path of a unix socket may be 107 bytes long.
    with tempfile.TemporaryDirectory(prefix="dovecot-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        root = os.geteuid() == 0
        me = pwd.getpwuid(os.geteuid()).pw_name
        my_group = str(os.getegid())
        port, tls_port = free_ports(2)
        (folder / "mail").mkdir()
        (folder / "home").mkdir()
        keys = folder / "keys/default/HS256"
        keys.mkdir(parents=True)
        (keys / "default").write_bytes(base64.b64encode(TOKEN_KEY))
        (folder / "oauth2").write_text(_OAUTH2.format(folder=folder))
        settings = _SETTINGS.format(
            folder=folder, host=host, port=port, tls_port=tls_port, chain=certificate.chain, key=certificate.key, ssl=tls_offered,
            capability=capability, password=base64.b64encode(PASSWORD.encode()).decode(),
            internal="dovecot" if root else me, internal_group="dovecot" if root else my_group,
            login="dovenull" if root else me,
            mail="nobody" if root else me, mail_group="nogroup" if root else my_group,
        )  # fmt: skip
        (folder / "dovecot.conf").write_text(settings + more)
        if root:
            for path in (folder / "mail", folder / "home"):
                shutil.chown(path, "nobody", "nogroup")
        running = Running(
            [BINARY, "-F", "-c", str(folder / "dovecot.conf")],
            ready=lambda process: wait_for_port(port, process, folder / "log", host=host),
        )
        try:
            running.start()
            yield Dovecot(folder=folder, port=port, tls_port=tls_port, owner="nobody" if root else me, running=running)
        finally:
            running.stop()


def token(user: str, *, lives_seconds: int = 600) -> str:
    """A signed token that lets the user in by XOAUTH2 (a JWT, HS256)."""
    now = int(time.time())
    claims = {"sub": user, "iat": now - 10, "nbf": now - 10, "exp": now + lives_seconds}
    parts = [_coded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    signature = hmac.new(TOKEN_KEY, ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join([*parts, _coded(signature)])


def _coded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def wait_for_port(
    port: int, process: "subprocess.Popen[bytes]", log: Path, *, seconds: float = 10, host: str = "127.0.0.1"
) -> None:
    """Wait until a greeting comes; when the server dies instead, say what it said."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if process.poll() is not None:
            said = process.stderr.read().decode(errors="replace") if process.stderr else ""
            raise RuntimeError(
                f"the server ended with {process.returncode}: {said} {log.read_text() if log.exists() else ''}"
            )
        with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1) as sock:
            if sock.recv(1):
                return
        time.sleep(0.02)
    raise RuntimeError(f"no greeting on port {port} in {seconds} s; see {log}")
