"""A real Exim on loopback, unpacked from Debian's package: it takes letters and delivers them into one Maildir.

Recipients named busy@ are put off (451), nobody@ is refused (550). It runs without root: the package's user is made
known to it by nss_wrapper, and the copy of its binary is not set-uid.
"""

import contextlib
import os
import pwd
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from servers.certificates import Certificate
from servers.dovecot import free_ports, wait_for_port
from servers.running import Running

PACKAGES = Path(__file__).parents[2] / "build" / "servers"

_SETTINGS = """
primary_hostname = mx.post.example
daemon_smtp_ports = {port} : {tls_port}
tls_on_connect_ports = {tls_port}
tls_advertise_hosts = *
tls_certificate = {chain}
tls_privatekey = {key}
local_interfaces = {host}
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/pid
exim_path = {folder}/exim
exim_user = {user}
exim_group = {group}
never_users =
deliver_drop_privilege = true
message_size_limit = 50M
smtp_accept_queue_per_connection = 0
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_data
keep_environment = LD_LIBRARY_PATH : LD_PRELOAD : NSS_WRAPPER_PASSWD : NSS_WRAPPER_GROUP
begin acl
acl_rcpt:
  defer local_parts = busy
  deny local_parts = nobody
       message = 550 5.1.1 no such user
  accept
acl_data:
  accept
begin routers
all:
  driver = accept
  transport = maildir
begin transports
maildir:
  driver = appendfile
  directory = {folder}/mail
  create_directory
  maildir_format
  envelope_to_add
  return_path_add
  user = {user}
  group = {group}
begin retry
* * F,1h,10s
"""


@dataclass(frozen=True, kw_only=True)
class Exim:
    """A running server."""

    folder: Path
    maildir: Path  # whatever the recipient
    port: int  # STARTTLS is offered
    tls_port: int  # TLS from the first byte
    running: Running

    def delivered(self) -> list[bytes]:
        """The letters that reached their mailbox, in the order of arrival there."""
        return [path.read_bytes() for path in sorted((self.maildir / "new").glob("*"))]

    def wait(self, count: int, *, seconds: float = 20) -> list[bytes]:
        """The letters, once there are so many; what there is after `seconds` otherwise."""
        ends = time.monotonic() + seconds
        while len(found := self.delivered()) < count and time.monotonic() < ends:
            time.sleep(0.05)
        return found


@contextlib.contextmanager
def exim(certificate: Certificate, *, host: str = "127.0.0.1") -> Iterator[Exim]:
    """Start it, wait for its greeting, stop it."""
    with tempfile.TemporaryDirectory(prefix="exim-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        user = pwd.getpwnam("mail") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        port, tls_port = free_ports(2)
        _prepare(folder, user, certificate, host=host, port=port, tls_port=tls_port)
        command = [str(folder / "exim"), "-C", str(folder / "conf"), "-bdf", "-q10s"]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *command]
        running = Running(
            command,
            ready=lambda process: wait_for_port(port, process, folder / "log" / "mainlog", host=host),
            environment=_environment(folder),
        )
        try:
            running.start()
            yield Exim(folder=folder, maildir=folder / "mail", port=port, tls_port=tls_port, running=running)
        finally:
            running.stop()


def _prepare(
    folder: Path, user: pwd.struct_passwd, certificate: Certificate, *, host: str, port: int, tls_port: int
) -> None:
    binary = PACKAGES / "exim4-daemon-light/usr/sbin/exim4"
    if not binary.exists():
        raise RuntimeError(f"{binary} is missing; run: make servers")
    shutil.copyfile(binary, folder / "exim")
    (folder / "exim").chmod(0o755)
    for part in ("spool", "log", "mail"):
        (folder / part).mkdir()
    for name, path in (("chain.pem", certificate.chain), ("key.pem", certificate.key)):
        shutil.copyfile(path, folder / name)
    group = user.pw_gid
    (folder / "passwd").write_text(
        Path("/etc/passwd").read_text() + f"Debian-exim:x:{user.pw_uid}:{group}:exim:{folder}:/usr/sbin/nologin\n"
    )
    (folder / "group").write_text(Path("/etc/group").read_text() + f"Debian-exim:x:{group}:\n")
    (folder / "conf").write_text(
        _SETTINGS.format(
            folder=folder, host=host, port=port, tls_port=tls_port, user=user.pw_uid, group=group,
            chain=folder / "chain.pem", key=folder / "key.pem",
        )
    )  # fmt: skip
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid)


def _environment(folder: Path) -> dict[str, str]:
    libraries = next(PACKAGES.glob("libidn12/usr/lib/*"))
    wrapper = next(PACKAGES.glob("libnss-wrapper/usr/lib/*/libnss_wrapper.so"))
    return {
        "PATH": "/usr/bin:/bin",
        "LD_LIBRARY_PATH": str(libraries),
        "LD_PRELOAD": str(wrapper),
        "NSS_WRAPPER_PASSWD": str(folder / "passwd"),
        "NSS_WRAPPER_GROUP": str(folder / "group"),
    }
