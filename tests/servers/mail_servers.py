"""Postfix and OpenSMTPD on loopback, unpacked from Debian's packages; they deliver into one Maildir. They need root.

Postfix's queue outlives a kill, as on a disk.

As with Exim (servers/exim.py) recipients named busy@ are put off (451), nobody@ is refused (550).
"""

import contextlib
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from servers.certificates import Certificate
from servers.dovecot import free_ports, wait_for_port
from servers.exim import Exim
from servers.running import Running
from servers.unpacked import laid_over, libraries

_USERS = """
for user in {users}; do
  echo "$user:x:$number:$number::/nonexistent:/usr/sbin/nologin" >> /etc/passwd
  echo "$user:x:$number:" >> /etc/group
  number=$((number + 1))
done
"""
_POSTFIX = """number=61000
{users}
cat > /etc/postfix/main.cf <<END
compatibility_level = 3.6
myhostname = mx.post.example
queue_directory = {folder}/spool
mynetworks = 127.0.0.0/8
mydestination =
virtual_mailbox_domains = post.example
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_tls_cert_file = {folder}/chain.pem
smtpd_tls_key_file = {folder}/key.pem
smtpd_tls_security_level = may
smtpd_recipient_restrictions =
  check_recipient_access inline:{{ {{ busy@post.example = 451 4.2.1 busy }}, {{ nobody@post.example = 550 5.1.1 no such user }} }},
  permit_mynetworks, reject
alias_maps =
alias_database =
maillog_file = {folder}/log
maillog_file_prefixes = /
inet_interfaces = 127.0.0.1
END
cat > /etc/postfix/master.cf <<END
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{tls_port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 5 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
local unix - n n - - local
postlog unix-dgram n - n - 1 postlogd
END
mkdir -p {folder}/spool /var/lib/postfix
chown postfix /var/lib/postfix
postfix set-permissions 2>/dev/null || true
exec postfix start-fg
"""
_OPENSMTPD = """number=61000
{users}
cat > /etc/smtpd.conf <<END
pki own cert "{folder}/chain.pem"
pki own key "{folder}/key.pem"
filter busy phase rcpt-to match rcpt-to {{ "busy@post.example" }} reject "451 4.2.1 busy"
listen on 127.0.0.1 port {port} tls pki own filter busy
listen on 127.0.0.1 port {tls_port} smtps pki own filter busy
table all {{ "@" = "{user}" }}
action keep maildir "{folder}/mail/all" virtual <all>
match from any for rcpt-to "nobody@post.example" reject
match from any for any action keep
END
mkdir -p /var/spool/smtpd /var/lib/opensmtpd/empty
chmod 711 /var/spool/smtpd
exec smtpd -d -f /etc/smtpd.conf
"""


@contextlib.contextmanager
def postfix(certificate: Certificate) -> Iterator[Exim]:
    """Start it, wait for its greeting, stop it."""
    with _served(certificate, _POSTFIX, ("postfix",), users="postfix postdrop", tops=("etc", "usr", "var")) as server:
        yield server


@contextlib.contextmanager
def opensmtpd(certificate: Certificate) -> Iterator[Exim]:
    """Start it, wait for its greeting, stop it."""
    with _served(
        certificate, _OPENSMTPD, ("opensmtpd",), users="opensmtpd opensmtpq", tops=("etc", "usr", "var")
    ) as server:
        yield server


@contextlib.contextmanager
def _served(
    certificate: Certificate, start: str, packages: tuple[str, ...], *, users: str, tops: tuple[str, ...]
) -> Iterator[Exim]:
    with tempfile.TemporaryDirectory(prefix="mta-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        port, tls_port = free_ports(2)
        owner = pwd.getpwnam("mail")
        for path, source in (("chain.pem", certificate.chain), ("key.pem", certificate.key)):
            shutil.copyfile(source, folder / path)
            (folder / path).chmod(0o600)
        (folder / "mail").mkdir()
        shutil.chown(folder / "mail", owner.pw_uid, owner.pw_gid)
        words = start.format(
            folder=folder, port=port, tls_port=tls_port, uid=owner.pw_uid, gid=owner.pw_gid, user="mail",
            users=_USERS.format(users=users),
        )  # fmt: skip
        running = Running(
            laid_over(folder, packages, tops=tops, then=words),
            ready=lambda process: wait_for_port(port, process, folder / "log"),
            environment={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LD_LIBRARY_PATH": libraries(*packages)},
        )
        try:
            running.start()
            yield Exim(folder=folder, maildir=folder / "mail" / "all", port=port, tls_port=tls_port, running=running)
        finally:
            running.kill()
