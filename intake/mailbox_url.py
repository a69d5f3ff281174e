"""The mailbox that `[mailbox] url` names.

imaps://user%40desk.example@imap.desk.example/INBOX    TLS, port 993
imap://user@imap.desk.example:143/Support/Incoming     STARTTLS, required
maildir:/srv/mail/support                              a folder of this machine
"""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from intake.imap import ImapMailbox
from intake.imap_login import Account, Tls
from intake.mailbox import Mailbox
from intake.maildir import MaildirMailbox
from service.errors import ConfigError

PORTS = {Tls.IMPLICIT: 993, Tls.STARTTLS: 143}
FORMS = "imaps://LOGIN@HOST/FOLDER, imap://LOGIN@HOST/FOLDER or maildir:/PATH (an @ in the login is written %40)"


def mailbox_from_url(
    url: str,
    *,
    password: Callable[[], str] | None = None,
    token: Callable[[], str] | None = None,
    ca_file: Path | None = None,
    timeout_seconds: float = 40.0,
) -> Mailbox:
    """The mailbox, not yet opened. Raises ConfigError when the URL is none of FORMS; its text never holds a secret."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as fault:
        raise ConfigError(f"mailbox.url is no URL ({fault}): write {FORMS}") from fault
    if parts.scheme == "maildir":
        return MaildirMailbox(_maildir_path(parts))
    tls = {"imaps": Tls.IMPLICIT, "imap": Tls.STARTTLS}.get(parts.scheme)
    if tls is None:
        raise ConfigError(f"mailbox.url: the scheme {parts.scheme!r} is not known: write {FORMS}")
    login, _, secret = (parts.netloc.rpartition("@")[0]).partition(":")
    if secret:
        raise ConfigError("mailbox.url holds a password: put it into the file that mailbox.password_file names")
    if not login or not parts.hostname:
        raise ConfigError(f"mailbox.url names no {'host' if login else 'login'}: write {FORMS}")
    if parts.query or parts.fragment:
        raise ConfigError("mailbox.url ends in ? or #: write these signs as %3F and %23")
    return ImapMailbox(
        Account(
            host=parts.hostname,
            port=port or PORTS[tls],
            tls=tls,
            login=unquote(login),
            folder=unquote(parts.path.strip("/")) or "INBOX",
            password=password,
            token=token,
            ca_file=ca_file,
            timeout_seconds=timeout_seconds,
        )
    )


def _maildir_path(parts: SplitResult) -> Path:
    path = Path(unquote(parts.path))
    if parts.netloc or not path.is_absolute():
        raise ConfigError("mailbox.url: a Maildir is named by its whole path: maildir:/srv/mail/support")
    return path
