"""Letters that a decision of staff sends: an answer in their own words, a request for missing data, closed, reopened.

Nobody's words are a template: the answer goes into ours as plain text. `preview` is what is sent, word for word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from classify.topics import title
from outbox.compose import Composed, Draft, Enclosed, Letterhead, compose
from reply_templates import words
from reply_templates.render import Rendered, render
from service.settings import Settings
from store.records import Ticket
from tickets.ticket import ReplyKind

DELAY_MS = 20_000  # until a letter of staff may leave: so long it can be undone (rulings 14)
SUBJECTS = {
    ReplyKind.MISSING_INFORMATION: "Нужны сведения",
    ReplyKind.ANSWER: "Ответ",
    ReplyKind.CLOSED: "Заявка закрыта",
    ReplyKind.REOPENED: "Заявка снова открыта",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a letter of staff says beside its template."""

    kind: ReplyKind
    number: str
    topic: str  # "" while a person has not told it: the letter names none (rulings 20)
    fields: Mapping[str, str]
    missing: tuple[str, ...] = ()
    until_ms: int = 0
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The letter it answers."""

    message_id: str | None = None
    references: tuple[str, ...] = ()


class StaffLetters:
    """Writes the letters of one desk's staff."""

    def __init__(self, settings: Settings) -> None:
        desk = settings.desk
        self._desk = desk
        self._zone = ZoneInfo(desk.timezone)
        envelope = settings.smtp.envelope_from
        self.head = Letterhead(
            address=desk.address, name=desk.name, envelope_from=desk.address if envelope is None else envelope
        )
        self._overrides = settings.replies.templates
        self._limit = words.megabytes(settings.mailbox.max_letter)

    def subject(self, said: Said) -> str:
        """Our own words only, never the citizen's."""
        return f"[№ {said.number}] {SUBJECTS[said.kind]}" + (f": {said.topic}" if said.topic else "")

    def preview(self, said: Said) -> str:
        """The text as it will be sent."""
        return self._rendered(said).text

    def write(
        self, said: Said, *, recipient: str, thread: Thread, now_ms: int, files: tuple[Enclosed, ...] = ()
    ) -> Composed:
        """The whole letter, with a fresh Message-ID."""
        rendered = self._rendered(said)
        draft = Draft(
            recipient=recipient,
            subject=self.subject(said),
            text=rendered.text,
            html=rendered.html,
            answers=thread.message_id,
            references=thread.references,
            automatic=False,
            files=files,
        )
        return compose(draft, self.head, now=datetime.fromtimestamp(now_ms / 1000, self._zone))

    def _rendered(self, said: Said) -> Rendered:
        return render(said.kind.value, self._context(said), overrides=self._overrides)

    def _context(self, said: Said) -> dict[str, object]:
        until = datetime.fromtimestamp(said.until_ms / 1000, self._zone)
        return {
            "subject": self.subject(said),
            "number": said.number,
            "topic": said.topic,
            "answer": said.answer,
            "until": words.day(until),
            "missing": words.listed([words.MISSING[one] for one in said.missing]) if said.missing else "",
            "form": [words.FORM[one] for one in said.missing],
            "known": known(said.fields),
            "wrong": "",
            "files_taken": "",
            "files_refused": [],
            "appeal": "",
            "desk_name": self._desk.name,
            "contacts": self._desk.contacts,
            "limit": self._limit,
        }


def said_of(ticket: Ticket, kind: ReplyKind, **more: object) -> Said:
    """What a letter about that ticket says."""
    topic = "" if ticket.needs_review else title(ticket.topic)
    return Said(kind=kind, number=ticket.number, topic=topic, fields=ticket.fields, **more)  # type: ignore[arg-type]


def known(fields: Mapping[str, str]) -> str:
    """What the citizen need not send again; numbers masked, the rest not repeated: the sender may be forged."""
    parts = [
        f"{label} {words.masked(fields[name])}" if name in words.MASKED else label
        for name, label in words.KNOWN.items()
        if name in fields
    ]
    return ", ".join(parts)
