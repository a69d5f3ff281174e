"""A real Courier IMAP server on loopback, unpacked from Debian's packages: the one without MOVE. Needs root.

It runs where its files are laid over the host's (servers/unpacked.py), without its locks between connections, for
which an APPEND waited seconds.
"""

import contextlib
import os
import pwd
import tempfile
from collections.abc import Iterator
from pathlib import Path

from servers.cyrus import PASSWORD, USER, Imap
from servers.dovecot import free_ports, wait_for_port
from servers.running import Running
from servers.unpacked import laid_over, libraries

_PARTS = ("courier-imap", "courier-base", "courier-authlib", "courier-authlib-userdb")
_START = """
mkdir -p /run/courier/authdaemon
cp {folder}/authdaemonrc {folder}/userdb /etc/courier/
chmod 700 /etc/courier
chmod 600 /etc/courier/userdb
hash=$(printf '%s\\n%s\\n' '{password}' '{password}' | userdbpw -md5 2>/dev/null)
userdb {user} set imappw="$hash"
makeuserdb
/usr/lib/courier/courier-authlib/authdaemond </dev/null >/dev/null 2>&1 &
set -a
. /etc/courier/imapd
IMAP_CAPABILITY="IMAP4rev1 UIDPLUS CHILDREN NAMESPACE IDLE"
IMAP_STARTTLS=NO
IMAP_USELOCKS=0
exec couriertcpd -address=127.0.0.1 -maxprocs=40 -maxperip=40 -nodnslookup -noidentlookup {port} \\
  /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir
"""


@contextlib.contextmanager
def courier() -> Iterator[Imap]:
    """Start it, wait for its greeting, stop it. It speaks without TLS."""
    with tempfile.TemporaryDirectory(prefix="courier-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        (port,) = free_ports(1)
        _prepare(folder)
        start = _START.format(folder=folder, password=PASSWORD, user=USER, port=port)
        running = Running(
            laid_over(folder, _PARTS, tops=("etc", "usr"), then=start),
            ready=lambda process: wait_for_port(port, process, folder / "log"),
            environment={
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                "LD_LIBRARY_PATH": libraries(*_PARTS, "libcourier-unicode4", "libidn12", "libgamin0", "libltdl7"),
            },
        )
        try:
            running.start()
            yield Imap(port=port, tls_port=0, user=USER, password=PASSWORD, running=running)
        finally:
            running.kill()


def _prepare(folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    for part in ("tmp", "new", "cur"):
        (folder / "home" / "Maildir" / part).mkdir(parents=True)
    for path in (folder / "home", *(folder / "home").rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    (folder / "authdaemonrc").write_text(
        'authmodulelist="authuserdb"\nauthmodulelistorig="authuserdb"\ndaemons=2\n'
        'authdaemonvar=/run/courier/authdaemon\nDEBUG_LOGIN=0\nDEFAULTOPTIONS=""\nLOGGEROPTS=""\n'
    )
    home = folder / "home"
    (folder / "userdb").write_text(f"{USER}\thome={home}|mail={home}/Maildir|uid={nobody.pw_uid}|gid={nobody.pw_gid}\n")
