"""The mailbox that a URL names."""

import pytest

from intake.imap import ImapMailbox
from intake.mailbox_url import mailbox_from_url
from intake.maildir import MaildirMailbox
from service.errors import ConfigError


@pytest.mark.parametrize(
    ("url", "identity"),
    [
        ("imaps://support%40Desk.Example@IMAP.desk.example/INBOX", "imap.desk.example/support@desk.example/INBOX"),
        (
            "imaps://support%40desk.example@imap.desk.example.:993/inbox/",
            "imap.desk.example/support@desk.example/INBOX",
        ),
        ("imap://Ivan@imap.desk.example", "imap.desk.example/Ivan/INBOX"),
        ("imap://ivan:@[::1]:1143/A%2FB%20%D0%AF", "%3A%3A1/ivan/A%2FB%20%D0%AF"),
        ("maildir:/srv/mail/a%20b/", "maildir/srv/mail/a b"),
        ("maildir:///srv/../mail", "maildir/mail"),
    ],
)
def test_one_mailbox_has_one_identity_however_it_is_written(url: str, identity: str) -> None:
    mailbox = mailbox_from_url(url, password=lambda: "secret")
    assert mailbox.identity == identity
    assert isinstance(mailbox, MaildirMailbox if url.startswith("maildir") else ImapMailbox)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "scheme '' is not known: write imaps://"),
        ("pop3://a@b/", "scheme 'pop3' is not known"),
        ("imaps://ivan:secret@host/", "holds a password.*password_file"),
        ("imaps://host/INBOX", "names no login"),
        ("imaps://ivan@/INBOX", "names no host"),
        ("imaps://ivan@host:port/", "is no URL"),
        ("imaps://ivan@host:99999/", "is no URL"),
        ("imaps://ivan@[::1/", "is no URL"),
        ("imaps://ivan@host/A?b", "%3F"),
        ("maildir:relative/path", "whole path"),
        ("maildir://host/path", "whole path"),
        ("maildir:", "whole path"),
    ],
)
def test_a_url_that_names_no_mailbox_is_refused_with_the_remedy(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        mailbox_from_url(url, password=lambda: "secret")
    assert "secret" not in str(caught.value)
