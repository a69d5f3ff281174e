"""The letter that asks whether an address of the public form is its owner's: nothing else goes there before."""

from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from outbox.compose import Auto, Draft, Letterhead, compose
from service.settings import Settings
from store.records import OutgoingMail

KIND = "confirm"  # in the outbox; it belongs to no ticket
SUBJECT = "Подтвердите заявку"
TEXT = """\
Здравствуйте!

На сайте оставили заявку в поддержку и указали этот адрес. Чтобы мы её приняли, откройте ссылку и нажмите «Подтвердить»:

{link}

Ссылка действует двое суток. Если вы ничего не отправляли, ничего не делайте: без подтверждения заявка удалится сама, \
и писем больше не будет.

Мы никогда не спрашиваем пароли и коды из СМС.

{desk}
"""


def confirmation(settings: Settings, *, recipient: str, link: str, now_ms: int) -> OutgoingMail:
    """The letter, ready for the outbox. It carries no word of the citizen: the address may be anybody's."""
    desk = settings.desk
    text = TEXT.format(link=link, desk=desk.name)
    draft = Draft(
        recipient=recipient,
        subject=SUBJECT,
        text=text,
        html="".join(f"<p>{_paragraph(one, link)}</p>" for one in text.strip().split("\n\n")),
        answers=None,
        references=(),
        auto=Auto.GENERATED,
    )
    now = datetime.fromtimestamp(now_ms / 1000, ZoneInfo(desk.timezone))
    made = compose(draft, Letterhead(address=desk.address, name=desk.name), now=now)
    given = settings.smtp.envelope_from
    return OutgoingMail(
        letter_id=None,
        ticket_id=None,
        kind=KIND,
        automatic=True,
        recipient=recipient,
        envelope_from=desk.address if given is None else given,
        message_id=made.message_id,
        raw=made.raw,
        counted=False,
    )


def _paragraph(text: str, link: str) -> str:
    return f'<a href="{escape(link)}">{escape(link)}</a>' if text == link else escape(text)
