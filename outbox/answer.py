"""What our letters say: from a case to the whole letter, ready to be stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from classify.desk_topics import topics_of
from classify.topics import Topic
from outbox.case import Case
from outbox.compose import Auto, Composed, Draft, Enclosed, Letterhead, compose
from reply_templates import words
from reply_templates.limited import Letters
from reply_templates.said import Said
from reply_templates.self_help import self_help
from service import logs
from service.errors import ConfigError
from service.settings import Settings
from service.signing import LINK_BITS, REMEDY, Keys, keys_from
from tickets.addresses import ANSWER, BOUNCE, SignedAddresses
from tickets.ticket import ANSWERS_A_LETTER, BY_THE_CLOCK, NEVER_CLOSED_BY_SILENCE, ReplyKind
from tickets.verdict import Attachment, ProblemSaid
from validate.findings import Kind
from validate.our_form import BUSINESS_FORM, FORM

APPEAL = (
    "Ваше письмо пришло в техническую поддержку, и мы ответим на него как служба поддержки. Если вам нужен ответ "
    "органа власти по закону об обращениях граждан, подайте обращение через Госуслуги или на сайте этого органа: "
    "там вы подтвердите свою личность."
)
SUBJECTS = {
    ReplyKind.ACKNOWLEDGEMENT: "Приняли вашу заявку",
    ReplyKind.MISSING_INFORMATION: "Нужны сведения",
    ReplyKind.TOO_LARGE: "Письмо слишком большое",
    ReplyKind.STATUS: "Что с вашей заявкой",
    ReplyKind.REMINDER: "Напоминаем: ждём ваш ответ",
    ReplyKind.CLOSING: "Закрыли вашу заявку",
    ReplyKind.CLOSED: "Закрыли вашу заявку",
    ReplyKind.REOPENED: "Снова открыли вашу заявку",
    ReplyKind.ANSWER: "Ответ на ваш вопрос",
}
STATUS = "status"  # what the signature of a link is for


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A letter of ours and how it leaves."""

    composed: Composed
    envelope_from: str


class Answers:
    """Writes the letters of one desk."""

    def __init__(self, settings: Settings) -> None:
        desk = settings.desk
        self._settings = settings
        self._zone = ZoneInfo(desk.timezone)
        self.keys = keys_from(desk.signing_key_file)
        self.signed = _signed(settings, self.keys)
        if settings.public.base_url is not None and self.keys is None:
            raise ConfigError(f"public.base_url: status links need a key: set desk.signing_key_file. {REMEDY}")
        self._head = Letterhead(address=desk.address, name=desk.name)
        self._letters = Letters(settings.replies.templates, tell=template_broken)
        self._self_help = _self_help(settings)
        self.topics = topics_of(settings.classify)

    def preview(self, kind: ReplyKind, case: Case) -> str:
        """The text as it will be sent."""
        return self._letters.render(kind.value, self._said(case, self._subject(kind, case))).text

    def write(self, kind: ReplyKind, case: Case, *, files: tuple[Enclosed, ...] = ()) -> Written:
        """The whole letter, with a fresh Message-ID."""
        subject = self._subject(kind, case)
        rendered = self._letters.render(kind.value, self._said(case, subject))
        draft = Draft(
            recipient=case.recipient,
            subject=subject,
            text=rendered.text,
            html=rendered.html,
            answers=case.incoming.message_id,
            references=case.incoming.references,
            reply_to=self.signed.make(ANSWER, case.number) if self.signed else None,
            auto=None if case.by_person else _auto(kind),
            files=files,
        )
        now = datetime.fromtimestamp(case.now_ms / 1000, self._zone)
        return Written(composed=compose(draft, self._head, now=now), envelope_from=self._envelope(case.number))

    def _subject(self, kind: ReplyKind, case: Case) -> str:
        """Our own words only, never the citizen's (rulings 20)."""
        topic = self.topics.title(case.topic) if case.topic and kind is ReplyKind.ACKNOWLEDGEMENT else ""
        return f"[№ {case.number}] {SUBJECTS[kind]}" + (f": {topic}" if topic else "")

    def close(self) -> None:
        """Ends the process of the desk's own templates, where it has some."""
        self._letters.close()

    def _envelope(self, number: str) -> str:
        """Where a bounce comes back to: as set, else signed, so that only a bounce of ours counts (rulings 19)."""
        given = self._settings.smtp.envelope_from
        if given is not None:
            return given
        return self.signed.make(BOUNCE, number) if self.signed else self._settings.desk.address

    def _said(self, case: Case, subject: str) -> Said:
        settings, missing = self._settings, [one.value for one in case.missing]
        form = FORM | (BUSINESS_FORM if case.topic == Topic.BUSINESS else {})
        files = case.incoming.attachments
        taken = sum(one.accepted for one in files)
        return Said(
            subject=subject,
            number=case.number,
            topic=self.topics.title(case.topic) if case.topic else "",
            opened=self._day(case.opened_ms),
            due=self._day(case.first_due_ms),
            until=self._day(case.waiting_until_ms),
            silence="review" if case.kind in NEVER_CLOSED_BY_SILENCE else "close",
            missing=words.listed([words.MISSING[one] for one in missing]),
            wanted=words.listed([words.WANTED[one] for one in missing]),
            form=tuple(f"{label}:" for one in missing for label in form[one]),
            known=_known(case.known),
            wrong=_wrong(case),
            reviewed="yes" if case.by_person else "",
            again="yes" if case.asked_before else "",
            completed="yes" if case.completed else "",
            files_taken=words.plural(taken, "файл", "файла", "файлов") if taken else "",
            files_refused=tuple(_refused(one) for one in files if one.reason),
            self_help=self._help(case),
            appeal=(settings.desk.appeal_text or APPEAL) if case.kind is Kind.APPEAL else "",
            state=case.state.value,
            answered=self._day(case.answered_ms),
            late="yes" if case.late else "",
            reopens="yes" if settings.replies.closed == "reopen" else "",
            answer=case.words,
            status_link=self.status_link(case.number),
            desk_name=settings.desk.name,
            contacts=settings.desk.contacts,
            limit=words.megabytes(settings.mailbox.max_letter),
        )

    def status_link(self, number: str) -> str:
        """The page that shows how the ticket stands; empty where there is no such page."""
        base = self._settings.public.base_url
        if base is None or self.keys is None:
            return ""
        return f"{base.rstrip('/')}/s/{number}-{self.keys.sign(STATUS, number, bits=LINK_BITS)}"

    def _help(self, case: Case) -> str:
        """Who complains is not told to help himself; nor is anybody while the topic is in doubt."""
        return self._self_help.get(case.topic or "", "") if case.kind is not Kind.COMPLAINT else ""

    def _day(self, moment_ms: int | None) -> str:
        return words.day(datetime.fromtimestamp(moment_ms / 1000, self._zone)) if moment_ms is not None else ""


def _auto(kind: ReplyKind) -> Auto | None:
    if kind in BY_THE_CLOCK:
        return Auto.GENERATED
    return Auto.REPLIED if kind in ANSWERS_A_LETTER else None


def _known(fields: Mapping[str, str]) -> str:
    """What the citizen need not send again; numbers masked, the rest not repeated: the sender may be forged."""
    parts = [
        f"{label} {words.masked(fields[name])}" if name in words.MASKED else label
        for name, label in words.KNOWN.items()
        if fields.get(name)
    ]
    return ", ".join(parts)


def _wrong(case: Case) -> str:
    """Numbers whose digits are wrong, where no right one was given."""
    wrong: list[ProblemSaid] = [one for one in case.incoming.problems if not case.known.get(one.field)]
    names = [words.CHECK[one.field] for one in wrong if one.field in words.CHECK]
    return words.listed(list(dict.fromkeys(names)))


def _refused(file: Attachment) -> str:
    return f"{words.file_name(file.name)}: {words.remedy(str(file.reason), type_=file.type, size=file.size)}"


def _signed(settings: Settings, keys: Keys | None) -> SignedAddresses | None:
    delimiter = settings.smtp.delimiter
    if not delimiter:
        return None
    if keys is None:
        raise ConfigError(f"smtp.delimiter: signed addresses need a key: set desk.signing_key_file. {REMEDY}")
    return SignedAddresses(address=settings.desk.address, delimiter=delimiter, keys=keys)


def _self_help(settings: Settings) -> Mapping[str, str]:
    try:
        return self_help(settings.replies.templates)
    except ConfigError as fault:
        template_broken(str(fault))
        return self_help(None)


def template_broken(what: str) -> None:
    """Tells ops that a text of the desk's own cannot be used."""
    logs.error("template-broken", what=what, remedy="mend the file in replies.templates; until then ours is sent")
