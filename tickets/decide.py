"""What a decision of staff does to a ticket: pure, so that the page can show it before and undo it after.

Telling the topic (confirmed or changed) ends the doubt and hands the ticket to the topic's team. Asking for missing
data makes it wait; answering makes it answered; both send one letter. Taking or giving a ticket to a person opens it.
A duplicate and spam are closed without a letter; closing and reopening by hand send one, when the settings say so.
A note and a link change nothing else. Whatever a person decides wakes a snoozed ticket.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from store.records import KEEP, Ticket, TicketChange
from store.schema import TOLD
from tickets.merge import still_missing
from tickets.terms import Terms, after_waiting, clocks
from tickets.ticket import FOLLOWS, Event, ReplyKind, State
from validate.findings import Kind, Missing
from validate.requirements import Requirements


class Decided(StrEnum):
    """What staff may decide."""

    CONFIRM = "confirm"
    TOPIC = "topic"
    ASK = "ask"
    ANSWER = "answer"
    NOTE = "note"
    ASSIGN = "assign"
    SNOOZE = "snooze"
    LINK = "link"
    DUPLICATE = "duplicate"
    SPAM = "spam"
    CLOSE = "close"
    REOPEN = "reopen"
    FIELDS = "fields"


class Refused(Exception):
    """The ticket does not allow it; the text is Russian and for the person who asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person asks for; only what belongs to `what` is set."""

    what: Decided
    topic: str = ""
    assignee: str | None = None  # a login; None: nobody
    until_ms: int = 0
    other: int = 0  # id of the other ticket
    other_number: str = ""
    text: str = ""
    closes: bool = False  # the answer also closes
    missing: Sequence[str] = ()  # what to ask for
    each: bool = False  # of many tickets: ask each for what it lacks
    fields: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What else it depends on."""

    now_ms: int
    waiting_until_ms: int
    remind_ms: int
    teams: Mapping[str, str]  # topic to team
    writes: bool  # closing and reopening send a letter
    terms: Terms
    requirements: Requirements


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is recorded."""

    change: TicketChange
    event: Event
    data: dict[str, str]
    topic_told: str | None = None  # becomes training data
    letter: ReplyKind | None = None
    fields: Mapping[str, str] | None = None  # completed by staff


def decide(ticket: Ticket, decision: Decision, around: Around) -> Step:
    """The step; Refused when it cannot be taken."""
    return _STEPS[decision.what](ticket, decision, around)


def before(ticket: Ticket, step: Step) -> dict[str, object]:
    """The columns that the step changes, as they are now."""
    names = [name for name in TicketChange.__dataclass_fields__ if getattr(step.change, name) is not KEEP]
    if step.fields:
        names.append("fields")
    return {name: getattr(ticket, name) for name in names}


def _topic(ticket: Ticket, decision: Decision, around: Around) -> Step:
    topic = ticket.topic if decision.what is Decided.CONFIRM else decision.topic
    team = around.teams.get(topic, ticket.team)
    return Step(
        change=TicketChange(topic=topic, needs_review=False, margin=TOLD, team=team, snoozed_until_ms=None),
        event=Event.TOPIC_TOLD,
        data={"topic": topic, "was": ticket.topic},
        topic_told=topic,
    )


def _ask(ticket: Ticket, decision: Decision, around: Around) -> Step:
    wanted = list(ticket.missing if decision.each else decision.missing)
    if not wanted:
        raise Refused("У заявки всё есть." if decision.each else "Отметьте, чего не хватает.")
    _has_address(ticket)
    return Step(
        change=TicketChange(
            state=_to(ticket, State.WAITING),
            missing=wanted,
            waiting_until_ms=around.waiting_until_ms,
            waiting_since_ms=ticket.waiting_since_ms or around.now_ms,
            remind_ms=around.remind_ms,
            snoozed_until_ms=None,
        ),
        event=Event.REPLY_QUEUED,
        data={"kind": ReplyKind.MISSING_INFORMATION},
        letter=ReplyKind.MISSING_INFORMATION,
    )


def _answer(ticket: Ticket, decision: Decision, around: Around) -> Step:
    if not decision.text.strip():
        raise Refused("Напишите ответ.")
    _has_address(ticket)
    if decision.closes:
        state, closed_ms, closed_as = _to(ticket, State.CLOSED), around.now_ms, "done"
    else:
        state, closed_ms, closed_as = _to(ticket, State.ANSWERED), None, None
    return Step(
        change=TicketChange(
            state=state,
            needs_review=False,
            answered_ms=around.now_ms,
            closed_ms=closed_ms,
            closed_as=closed_as,
            waiting_until_ms=None,
            waiting_since_ms=None,
            remind_ms=None,
            snoozed_until_ms=None,
        ),
        event=Event.REPLY_QUEUED,
        data={"kind": ReplyKind.ANSWER, "text": decision.text.strip()},
        letter=ReplyKind.ANSWER,
    )


def _note(_ticket: Ticket, decision: Decision, _around: Around) -> Step:
    if not decision.text.strip():
        raise Refused("Напишите заметку.")
    return Step(change=TicketChange(), event=Event.NOTED, data={"text": decision.text.strip()})


def _assign(ticket: Ticket, decision: Decision, _around: Around) -> Step:
    state = State.OPEN if decision.assignee and ticket.state == State.NEW else ticket.state
    return Step(
        change=TicketChange(assignee=decision.assignee, state=state, snoozed_until_ms=None),
        event=Event.ASSIGNED,
        data={"to": decision.assignee or ""},
    )


def _snooze(_ticket: Ticket, decision: Decision, around: Around) -> Step:
    if decision.until_ms <= around.now_ms:
        raise Refused("Выберите время позже нынешнего.")
    return Step(
        change=TicketChange(snoozed_until_ms=decision.until_ms),
        event=Event.SNOOZED,
        data={"until": str(decision.until_ms)},
    )


def _link(ticket: Ticket, decision: Decision, _around: Around) -> Step:
    _is_other(ticket, decision)
    return Step(
        change=TicketChange(linked_to=decision.other),
        event=Event.LINKED,
        data={"number": decision.other_number},
    )


def _duplicate(ticket: Ticket, decision: Decision, around: Around) -> Step:
    _is_other(ticket, decision)
    change = _closed(ticket, "duplicate", around, linked_to=decision.other)
    return Step(change=change, event=Event.CLOSED, data={"as": "duplicate", "number": decision.other_number})


def _spam(ticket: Ticket, _decision: Decision, around: Around) -> Step:
    return Step(change=_closed(ticket, "spam", around), event=Event.SPAM, data={})


def _close(ticket: Ticket, _decision: Decision, around: Around) -> Step:
    letter = ReplyKind.CLOSED if around.writes and ticket.address else None
    return Step(change=_closed(ticket, "done", around), event=Event.CLOSED, data={"as": "done"}, letter=letter)


def _reopen(ticket: Ticket, _decision: Decision, around: Around) -> Step:
    """Taken up again, it has clocks of its own, as when the citizen's letter opens it again."""
    if ticket.state not in (State.CLOSED, State.ANSWERED):
        raise Refused("Заявка и так открыта.")
    times = clocks(around.now_ms, around.terms, kind=ticket.kind)
    told = around.writes and ticket.address and ticket.state == State.CLOSED and ticket.closed_as == "done"
    return Step(
        change=TicketChange(
            state=State.OPEN,
            first_due_ms=times.first_due_ms,
            final_due_ms=times.final_due_ms,
            answered_ms=None,
            closed_ms=None,
            closed_as=None,
            snoozed_until_ms=None,
            raised=0,  # what was written again before the answer had its answer
            escalated_ms=None,
        ),
        event=Event.REOPENED,
        data={},
        letter=ReplyKind.REOPENED if told else None,
    )


def _fields(ticket: Ticket, decision: Decision, around: Around) -> Step:
    new = {name: value for name, value in (decision.fields or {}).items() if value != ticket.fields.get(name)}
    if not new:
        raise Refused("Ничего не изменено.")
    known = {**ticket.fields, **new}
    asked = [Missing(one) for one in ticket.missing]
    missing = still_missing(asked, Kind(ticket.kind), known, around.requirements)
    change = TicketChange(missing=missing, state=State(ticket.state))
    if ticket.state == State.WAITING and not missing:
        change = _complete(ticket, around)
    return Step(
        change=change,
        event=Event.FIELD_CHANGED,
        data={"fields": ", ".join(new)},
        fields=new,
    )


def _complete(ticket: Ticket, around: Around) -> TicketChange:
    """The clocks stood still while we waited: the first answer is due anew, the last one later by the days that passed,
    as when the citizen's letter completes it.
    """
    now_ms, terms, since_ms = around.now_ms, around.terms, ticket.waiting_since_ms
    return TicketChange(
        state=State.NEW,
        missing=[],
        first_due_ms=clocks(now_ms, terms, kind=ticket.kind).first_due_ms,
        final_due_ms=after_waiting(
            ticket.final_due_ms, since_ms=since_ms, now_ms=now_ms, terms=terms, kind=ticket.kind
        ),
        waiting_until_ms=None,
        waiting_since_ms=None,
        remind_ms=None,
    )


_STEPS = {
    Decided.CONFIRM: _topic,
    Decided.TOPIC: _topic,
    Decided.ASK: _ask,
    Decided.ANSWER: _answer,
    Decided.NOTE: _note,
    Decided.ASSIGN: _assign,
    Decided.SNOOZE: _snooze,
    Decided.LINK: _link,
    Decided.DUPLICATE: _duplicate,
    Decided.SPAM: _spam,
    Decided.CLOSE: _close,
    Decided.REOPEN: _reopen,
    Decided.FIELDS: _fields,
}


def _closed(ticket: Ticket, closed_as: str, around: Around, *, linked_to: int | None = None) -> TicketChange:
    return TicketChange(
        state=_to(ticket, State.CLOSED),
        needs_review=False,
        closed_ms=around.now_ms,
        closed_as=closed_as,
        waiting_until_ms=None,
        waiting_since_ms=None,
        remind_ms=None,
        snoozed_until_ms=None,
        linked_to=KEEP if linked_to is None else linked_to,
    )


def _to(ticket: Ticket, state: State) -> State:
    now = State(ticket.state)
    if now is not state and state not in FOLLOWS[now]:
        raise Refused("Заявка закрыта. Сначала откройте её снова.")
    if now is state is State.CLOSED:
        raise Refused("Заявка уже закрыта.")
    return state


def _has_address(ticket: Ticket) -> None:
    if not ticket.address:
        raise Refused("У заявки нет адреса: письмо некуда послать. Запишите ответ заметкой.")


def _is_other(ticket: Ticket, decision: Decision) -> None:
    if not decision.other:
        raise Refused("Такой заявки нет. Проверьте номер.")
    if decision.other == ticket.id:
        raise Refused("Это номер этой же заявки.")
