"""The letter that asks whether an address of the public form is its owner's: nothing else goes there before."""

from datetime import datetime
from zoneinfo import ZoneInfo

from outbox.compose import Auto, Draft, Letterhead, compose
from reply_templates.limited import Letters
from reply_templates.said import Said
from service.settings import Settings
from store.records import OutgoingMail

KIND = "confirm"  # in the outbox; it belongs to no ticket
SUBJECT = "Подтвердите заявку"


def confirmation(settings: Settings, letters: Letters, *, recipient: str, link: str, now_ms: int) -> OutgoingMail:
    """The letter, ready for the outbox. It carries no word of the citizen: the address may be anybody's."""
    desk = settings.desk
    said = Said(subject=SUBJECT, confirm_link=link, desk_name=desk.name, contacts=desk.contacts)
    written = letters.render(KIND, said)
    draft = Draft(
        recipient=recipient,
        subject=SUBJECT,
        text=written.text,
        html=written.html,
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
