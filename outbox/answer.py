"""What our automatic letters say: from an outcome to the words of the template."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from classify.topics import title
from outbox.compose import Composed, Draft, Letterhead, compose
from outbox.staff_letter import known
from reply_templates import words
from reply_templates.render import render
from service import logs
from service.settings import Settings
from tickets.settle import Outcome
from tickets.terms import Clocks
from tickets.ticket import ReplyKind
from tickets.verdict import Attachment, Clues, Verdict
from validate.findings import Kind

APPEAL = (
    "Это письмо поступило в техническую поддержку. Официальное обращение в орган власти подают через Госуслуги, "
    "государственную информационную систему или сайт этого органа, где можно подтвердить личность."
)
SUBJECTS = {
    ReplyKind.ACKNOWLEDGEMENT: "Принято",
    ReplyKind.MISSING_INFORMATION: "Нужны сведения",
    ReplyKind.TOO_LARGE: "Письмо слишком велико",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One letter that is answered."""

    verdict: Verdict
    clues: Clues
    outcome: Outcome
    number: str
    clocks: Clocks
    recipient: str
    known: Mapping[str, str]  # the ticket's fields after this letter
    now_ms: int


class Answers:
    """Writes the letters of one desk."""

    def __init__(self, settings: Settings) -> None:
        desk = settings.desk
        self._settings = settings
        self._zone = ZoneInfo(desk.timezone)
        envelope = settings.smtp.envelope_from
        self.head = Letterhead(
            address=desk.address, name=desk.name, envelope_from=desk.address if envelope is None else envelope
        )
        self._overrides: Path | None = settings.replies.templates

    def write(self, kind: ReplyKind, case: Case) -> Composed:
        """The whole letter, with a fresh Message-ID."""
        topic = "" if case.verdict.needs_review else title(case.verdict.topic)
        subject = f"[№ {case.number}] {SUBJECTS[kind]}" + (f": {topic}" if topic else "")
        rendered = render(kind.value, self._context(case, topic, subject), overrides=self._overrides)
        if rendered.fell_back:
            logs.error("template-broken", what=rendered.fell_back, remedy="mend the file in replies.templates")
        draft = Draft(
            recipient=case.recipient,
            subject=subject,
            text=rendered.text,
            html=rendered.html,
            answers=case.verdict.message_id,
            references=case.clues.references,
        )
        return compose(draft, self.head, now=datetime.fromtimestamp(case.now_ms / 1000, self._zone))

    def _context(self, case: Case, topic: str, subject: str) -> dict[str, object]:
        desk = self._settings.desk
        missing = [one.value for one in case.outcome.missing]
        taken = sum(one.accepted for one in case.verdict.attachments)
        return {
            "subject": subject,
            "number": case.number,
            "topic": topic,
            "due": self._day(case.clocks.first_due_ms),
            "until": self._day(case.clocks.waiting_until_ms),
            "missing": words.listed([words.MISSING[one] for one in missing]) if missing else "",
            "form": [words.FORM[one] for one in missing],
            "known": known(case.known),
            "wrong": _wrong(case.verdict),
            "files_taken": words.plural(taken, "файл", "файла", "файлов") if taken else "",
            "files_refused": [_refused(one) for one in case.verdict.attachments if one.reason],
            "self_help": "",
            "appeal": (desk.appeal_text or APPEAL) if case.verdict.kind is Kind.APPEAL else "",
            "desk_name": desk.name,
            "contacts": desk.contacts,
            "limit": words.megabytes(self._settings.mailbox.max_letter),
        }

    def _day(self, moment_ms: int) -> str:
        return words.day(datetime.fromtimestamp(moment_ms / 1000, self._zone))


def _wrong(verdict: Verdict) -> str:
    names = [words.KNOWN.get(one.field, one.field) for one in verdict.problems if one.field in words.KNOWN]
    return f"в номере ({', '.join(dict.fromkeys(names))}) есть ошибка" if names else ""


def _refused(file: Attachment) -> str:
    return f"{words.file_name(file.name)}: {words.remedy(str(file.reason), type_=file.type, size=file.size)}"
