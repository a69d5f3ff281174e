"""The floor: what no program can do without, and nothing else (rulings 37).

imaplib, the stdlib parser, one SQLite insert and commit a letter (synchronous=FULL), attachments written to files, one
reply a letter over one SMTP connection. `python bench/floor.py IMAP_PORT USER SMTP_PORT FOLDER`
"""

import email
import email.policy
import imaplib
import smtplib
import sqlite3
import sys
from email.message import EmailMessage
from pathlib import Path


def main(imap_port: int, user: str, smtp_port: int, folder: Path) -> None:
    """Takes every letter of the inbox."""
    print("floor started pid", file=sys.stderr, flush=True)
    password = 'open "sesame" \\ 1'  # noqa: S105  # the test server's
    mailbox = imaplib.IMAP4("127.0.0.1", imap_port)
    mailbox.login(user, password)  # imaplib quotes it
    mailbox.select("INBOX")
    store = sqlite3.connect(folder / "floor.db")
    store.execute("PRAGMA journal_mode = WAL")
    store.execute("PRAGMA synchronous = FULL")
    store.execute("CREATE TABLE ticket (id INTEGER PRIMARY KEY, sender TEXT, subject TEXT, body TEXT)")
    store.commit()
    post = smtplib.SMTP("127.0.0.1", smtp_port)
    uids = mailbox.uid("search", None, "ALL")[1][0].split()
    for uid in uids:
        raw = mailbox.uid("fetch", uid, "(BODY.PEEK[])")[1][0][1]
        letter = email.message_from_bytes(raw, policy=email.policy.default)
        body = letter.get_body(("plain", "html"))
        text = body.get_content() if body else ""
        for number, part in enumerate(letter.iter_attachments()):
            (folder / f"{uid.decode()}-{number}").write_bytes(part.get_payload(decode=True) or b"")
        store.execute(
            "INSERT INTO ticket (sender, subject, body) VALUES (?, ?, ?)", (letter["From"], letter["Subject"], text)
        )
        store.commit()
        post.sendmail("support@desk.example", [letter["From"].addresses[0].addr_spec], _reply(letter))
    post.quit()


def _reply(letter: EmailMessage) -> bytes:
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = "support@desk.example", letter["From"], "Принято"
    reply["In-Reply-To"] = letter["Message-ID"]
    reply.set_content("Мы получили ваше письмо и ответим на него.\n")
    return reply.as_bytes()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
