"""What the staff of a help desk elsewhere read: the ticket's opening, and a note for each event that says something."""

from collections.abc import Callable
from dataclasses import dataclass

from classify.topics import Topics
from outbox.target import Telling
from reply_templates.words import KNOWN, listed
from store.forwarding import Happening
from store.records import Ticket
from tickets.ticket import Event, ReplyKind

SENT = {
    ReplyKind.ACKNOWLEDGEMENT: "подтверждение",
    ReplyKind.MISSING_INFORMATION: "просьба прислать недостающее",
    ReplyKind.TOO_LARGE: "письмо слишком велико",
    ReplyKind.STATUS: "как обстоят дела с заявкой",
    ReplyKind.REMINDER: "напоминание",
    ReplyKind.CLOSING: "заявка закрыта, потому что гражданин не ответил",
    ReplyKind.ANSWER: "ответ сотрудника",
    ReplyKind.CLOSED: "заявка закрыта",
    ReplyKind.REOPENED: "заявка снова в работе",
}
CLOSES = frozenset({Event.CLOSED, Event.SPAM})
OPENS = frozenset({Event.REOPENED, Event.LETTER_JOINED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What happened, for the staff there; its last line is the mark by which it is found again."""

    text: str
    mark: str
    by_citizen: bool = False  # the citizen's own words
    closed: bool | None = None  # what the ticket becomes with it; None: it stays as it is


def note_of(telling: Telling, topics: Topics) -> Note | None:
    """What is written down there; None: nothing."""
    event = telling.event
    said = _SAID.get(event.what)
    text = said(event, telling.words, topics) if said is not None else None
    if text is None:
        return None
    mark = f"[{event.ticket.number} {telling.key}]"
    closed = True if event.what in CLOSES else False if event.what in OPENS else None
    return Note(text=f"{text}\n\n{mark}", mark=mark, by_citizen=event.what == Event.LETTER_JOINED, closed=closed)


def opening_text(ticket: Ticket, topics: Topics) -> str:
    """The citizen's matter, what is known of it, and our number."""
    lines = [ticket.fields.get("description") or ticket.subject, ""]
    lines.append(f"Тема: {topics.title(ticket.topic)}{' (под вопросом)' if ticket.needs_review else ''}")
    lines += _known(ticket)
    return "\n".join([*lines, f"Заявка в Приёмной: {ticket.number}"])


def _known(ticket: Ticket) -> list[str]:
    return [
        f"{word}: {ticket.fields[name]}"
        for name, word in KNOWN.items()
        if name != "description" and name in ticket.fields
    ]


def _letter(_event: Happening, words: str | None, _topics: Topics) -> str:
    return f"Гражданин написал ещё:\n\n{words}" if words else "Гражданин прислал ещё письмо."


def _sent(event: Happening, words: str | None, _topics: Topics) -> str:
    kind = str(event.data.get("kind", ""))
    told = f"Отправлено письмо: {SENT[ReplyKind(kind)] if kind in SENT else kind}."
    return f"{told}\n\n{words}" if words else told


def _fields(event: Happening, _words: str | None, _topics: Topics) -> str:
    names = [KNOWN.get(name, name) for name in str(event.data.get("fields", "")).split(", ") if name]
    return "\n".join([f"Новые сведения: {listed(names)}.", *_known(event.ticket)])


def _topic(event: Happening, _words: str | None, topics: Topics) -> str:
    return f"Тема: {topics.title(str(event.data.get('topic', event.ticket.topic)))}."


def _closed(event: Happening, _words: str | None, _topics: Topics) -> str:
    why = {"silence": " после молчания", "duplicate": f" как повтор заявки {event.data.get('number', '')}".rstrip()}
    return f"Заявка закрыта{why.get(str(event.data.get('as', '')), '')}."


def _noted(event: Happening, _words: str | None, _topics: Topics) -> str | None:
    return f"Заметка: {event.data['text']}" if event.data.get("text") else None


def _always(text: str) -> Callable[[Happening, str | None, Topics], str]:
    return lambda _event, _words, _topics: text


_SAID: dict[str, Callable[[Happening, str | None, Topics], str | None]] = {
    Event.LETTER_JOINED: _letter,
    Event.REPLY_SENT: _sent,
    Event.FIELD_CHANGED: _fields,
    Event.TOPIC_TOLD: _topic,
    Event.CLOSED: _closed,
    Event.NOTED: _noted,
    Event.SPAM: _always("Заявка закрыта как спам."),
    Event.REOPENED: _always("Заявка снова в работе."),
    Event.REPLY_FAILED: _always("Письмо гражданину не доставлено."),
    Event.BOUNCED: _always("Письмо гражданину вернулось."),
    Event.ESCALATED: _always("О заявке спрашивали снова, ответа нет: передана старшему."),
    Event.RAISED: _always("Гражданин спрашивает о заявке ещё раз."),
    Event.UNDONE: _always("Последнее решение сотрудника отменено."),
}
WANTED = (Event.OPENED, *(Event(event) for event in _SAID))  # the others say nothing to staff elsewhere
