"""A real Cyrus IMAP server on loopback, unpacked from Debian's packages; one user, PASSWORD gets in."""

import contextlib
import grp
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from servers.certificates import Certificate
from servers.dovecot import free_ports, wait_for_port
from servers.running import Running
from servers.unpacked import PACKAGES, libraries

USER, PASSWORD = "ivan", "open sesame 1"

_IMAPD = """
configdirectory: {folder}/conf
partition-default: {folder}/spool
defaultpartition: default
servername: localhost
syslog_prefix: cyrus
cyrus_user: {user}
cyrus_group: {group}
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {folder}/sasldb2
sasl_mech_list: PLAIN
allowplaintext: yes
unixhierarchysep: yes
altnamespace: {beside}
autocreate_quota: 0
autocreate_users: anyone
tls_server_cert: {folder}/chain.pem
tls_server_key: {folder}/key.pem
idlesocket: {folder}/conf/socket/idle
duplicate_db_path: {folder}/conf/deliver.db
"""
_SERVICES = """
START {{
  recover cmd="{common}/ctl_cyrusdb -C {folder}/imapd.conf -r"
}}
SERVICES {{
  imap cmd="{imapd}/imapd -C {folder}/imapd.conf" listen="127.0.0.1:{port}" prefork=1
  imaps cmd="{imapd}/imapd -C {folder}/imapd.conf -s" listen="127.0.0.1:{tls_port}" prefork=0
}}
DAEMON {{
  idled cmd="{imapd}/idled -C {folder}/imapd.conf"
}}
"""


@dataclass(frozen=True, kw_only=True)
class Imap:
    """A running server of which only IMAP is known."""

    port: int
    tls_port: int
    user: str
    password: str
    running: Running


@contextlib.contextmanager
def cyrus(certificate: Certificate, *, beside: bool = True) -> Iterator[Imap]:
    """Start it, wait for its greeting, stop it. `beside`: other folders lie beside the inbox, not below it."""
    with tempfile.TemporaryDirectory(prefix="cyrus-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        port, tls_port = free_ports(2)
        user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        environment = _prepare(folder, user, certificate, port=port, tls_port=tls_port, beside=beside)
        master = PACKAGES / "cyrus-common/usr/lib/cyrus/bin/master"
        running = Running(
            [str(master), "-C", f"{folder}/imapd.conf", "-M", f"{folder}/cyrus.conf", "-p", f"{folder}/pid"],
            ready=lambda process: wait_for_port(port, process, folder / "log"),
            environment=environment,
        )
        try:
            running.start()
            yield Imap(port=port, tls_port=tls_port, user=USER, password=PASSWORD, running=running)
        finally:
            running.kill()  # asked to end it waits for its children, which wait for their clients


def _prepare(
    folder: Path, user: pwd.struct_passwd, certificate: Certificate, *, port: int, tls_port: int, beside: bool
) -> dict[str, str]:
    common, imapd = PACKAGES / "cyrus-common/usr/lib/cyrus/bin", PACKAGES / "cyrus-imapd/usr/lib/cyrus/bin"
    if not imapd.exists():
        raise RuntimeError(f"{imapd} is missing; run: make servers")
    for part in ("conf/socket", "conf/db", "conf/proc", "conf/log", "conf/ptclient", "spool"):
        (folder / part).mkdir(parents=True)
    shutil.copyfile(certificate.chain, folder / "chain.pem")
    shutil.copyfile(certificate.key, folder / "key.pem")
    facts = {
        "folder": folder, "user": user.pw_name, "group": grp.getgrgid(user.pw_gid).gr_name, "port": port, "tls_port": tls_port,
        "common": common, "imapd": imapd, "beside": "yes" if beside else "no",
    }  # fmt: skip
    (folder / "imapd.conf").write_text(_IMAPD.format(**facts))
    (folder / "cyrus.conf").write_text(_SERVICES.format(**facts))
    environment = {
        "PATH": "/usr/bin:/bin",
        "LD_LIBRARY_PATH": libraries(
            "cyrus-common", "libical3", "libxapian30", "libzephyr4", "libjansson4", "libpcre3"
        ),
        "SASL_PATH": ":".join(str(path.parent) for path in PACKAGES.glob("libsasl2-modules*/usr/lib/*/sasl2/lib*b.so"))
        + ":"
        + ":".join(str(path.parent) for path in PACKAGES.glob("libsasl2-modules/usr/lib/*/sasl2/libplain.so")),
    }
    saslpasswd = PACKAGES / "sasl2-bin/usr/sbin/saslpasswd2"
    subprocess.run(
        [str(saslpasswd), "-p", "-c", "-f", f"{folder}/sasldb2", "-u", "localhost", USER],
        input=PASSWORD.encode(), env=environment, check=True, capture_output=True,
    )  # fmt: skip
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid)
        folder.chmod(0o755)
    return environment
