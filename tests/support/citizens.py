"""Letters as citizens write them, for tests of the conversation. All people and numbers are invented."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

DESK = "support@desk.example"
INN = "500100732259"
TROUBLE = "Не приходит код из СМС, войти в личный кабинет не могу уже который день, помогите разобраться."
NAME = "Соколова Мария Петровна"


def write(
    sender: str,
    body: str,
    *,
    subject: str = "Не могу войти",
    at_ms: int,
    message_id: str,
    to: Sequence[str] = (DESK,),
    answers: str | None = None,
    headers: Sequence[tuple[str, str]] = (),
) -> bytes:
    """A letter as a mail program sends it."""
    letter = EmailMessage()
    letter["From"] = sender
    letter["To"] = ", ".join(to)
    letter["Subject"] = subject
    letter["Date"] = format_datetime(datetime.fromtimestamp(at_ms / 1000, UTC))
    letter["Message-ID"] = f"<{message_id}>"
    if answers:
        letter["In-Reply-To"] = letter["References"] = answers
    for name, value in headers:
        letter[name] = value
    letter.set_content(body)
    return letter.as_bytes()
