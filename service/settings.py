"""The settings: one TOML file, every key with its default and its meaning beside it.

`deploy/priemnaya.example.toml` is generated from this page and a test holds the two together.
"""

import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"no such time zone: {name!r}; write it like Europe/Moscow") from error
    return name


def _port(address: str) -> str:
    host, _, port = address.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    if not bare or (":" in bare) != (host != bare) or "/" in bare or not re.fullmatch(r"[0-9]{1,5}", port):
        raise ValueError(f"{address!r} is no address and port; write it like 127.0.0.1:8080, or [::1]:8080")
    if not 0 < int(port) < 65536:
        raise ValueError(f"{address!r}: a port is 1 to 65535; write it like 127.0.0.1:8080")
    return address


AddressAndPort = Annotated[str, AfterValidator(_port)]


def _said_by_smtp(address: str) -> str:
    """No mail server takes another without SMTPUTF8 (RFC 6531), and most have none."""
    if not address.isascii():
        raise ValueError(f"{address!r}: write it in ASCII, a domain as in DNS: support@xn--80a1acny.xn--p1ai")
    return address


OwnAddress = Annotated[str, AfterValidator(_said_by_smtp)]


class Section(BaseModel):
    """A table of the file: frozen, unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DeskSettings(Section):
    """Who answers."""

    address: OwnAddress = Field(
        "support@desk.example",
        pattern=r"^[^@\s]+@[^@\s]+$",
        description="the From of every reply; letters from it are loops",
    )
    aliases: tuple[str, ...] = Field(
        (), description="other addresses of the same desk; letters from them are loops too"
    )
    name: str = Field("Служба поддержки", description="shown beside the address and under each letter")
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        "Europe/Moscow", description="zone of dates in letters and of working hours"
    )
    contacts: str = Field("", description="phone, address, hours to print in letters; nothing is printed without it")
    appeal_text: str = Field("", description="where a formal appeal under 59-FZ is filed, instead of the shipped text")
    teams: Path | None = Field(None, description='who gets a topic: file of lines like "Платежи" = ["payments"]')
    signing_key_file: Path | None = Field(None, description="key of signed reply addresses and status links")


class MailboxSettings(Section):
    """Where letters come from."""

    url: str | None = Field(None, description="imaps://user%40host@server/INBOX, imap:// (STARTTLS), maildir:/path")
    password_file: Path | None = Field(None, description="else $CREDENTIALS_DIRECTORY/imap-password")
    token_command: str | None = Field(None, description="prints an XOAUTH2 token; used instead of a password")
    ca_file: Path | None = Field(None, description="certificates to trust beside the system's")
    processed: str = Field("Processed", description="where letters go once they are durable here")
    by_topic: bool = Field(
        False, description="file settled letters into a folder a topic below `processed` (IMAP with UIDPLUS)"
    )
    too_large: str = Field("TooLarge", description="where letters over max_letter go")
    max_letter: int = Field(40_000_000, gt=0, description="bytes; a larger letter becomes a ticket from its headers")
    poll_seconds: float = Field(60, gt=0, description="the net under IDLE")
    since: datetime | date | None = Field(
        None, description="older letters stay untouched; read at the first start alone, which is its default"
    )
    trusted_authserv_id: str | None = Field(None, description="the MTA whose Authentication-Results count (DMARC)")
    spam_header: str | None = Field(None, description='the trusted MTA\'s verdict, like "X-Spam-Flag: YES"')


class SmtpSettings(Section):
    """How replies leave."""

    url: str = Field(
        "smtp://localhost:25",
        description="smtp:// (STARTTLS, plain only to loopback), smtps://, lmtp://, maildir:/path for trials",
    )
    password_file: Path | None = Field(None, description="else $CREDENTIALS_DIRECTORY/smtp-password")
    login: str | None = Field(None, description="user name; default: the one in the URL, else no login")
    ca_file: Path | None = Field(None, description="certificates to trust beside the system's")
    envelope_from: OwnAddress | None = Field(None, description='default: the desk\'s address; "" is the null path')
    delimiter: str | None = Field(None, description='sign between name and tag where the MTA takes it, mostly "+"')


class StoreSettings(Section):
    """Where everything is kept."""

    url: str = Field("sqlite:////var/lib/priemnaya/priemnaya.db", description="or postgresql+psycopg://…")
    blobs: str = Field("file:///var/lib/priemnaya/blobs", description="or s3://bucket/prefix")
    password_file: Path | None = Field(None, description="PostgreSQL password")
    blobs_credentials_file: Path | None = Field(None, description="TOML with the keys of the S3 store")
    blobs_key_file: Path | None = Field(
        None,
        description="seals letters at rest (AES-256-GCM); else $CREDENTIALS_DIRECTORY/blobs-key, else as they come",
    )


class ReadingSettings(Section):
    """The limits a letter is read under."""

    workers: int = Field(2, ge=1, le=64, description="worker processes of the desk")
    seconds: float = Field(10, gt=0, le=20, description="time limit a letter; under the lease of 30 s")
    memory_mb: int = Field(512, ge=128, description="memory a letter may take over the worker's own")
    requirements: Path | None = Field(None, description="which fields each kind of letter needs; default: the shipped")
    clamd: str | None = Field(None, description="clamd's socket: /run/clamav/clamd.ctl or host:port")
    clamd_required: bool = Field(False, description="unreachable clamd: wait (true) or go on unchecked (false)")


class ClassifySettings(Section):
    """Which model sorts the letters."""

    model: Path | None = Field(None, description="folder of the model; default: the one that is shipped")
    titles: Path | None = Field(
        None, description='titles of your own topics, in the order of their keys: lines like delivery = "Доставка"'
    )
    threshold: float | None = Field(None, ge=0, le=1, description="over the model's own; under it a person confirms")
    card: Path | None = Field(
        None, description="card.html of `evaluate --card`, shown by the quality page; default: beside the model"
    )


class RepliesSettings(Section):
    """What the letters say."""

    templates: Path | None = Field(None, description="folder whose files override the shipped texts")
    wait_days: int = Field(14, ge=1, description="how long we wait for missing data")
    remind_days: int = Field(7, ge=1, description="after how many days of silence we remind, once")
    close_answered_days: int = Field(14, ge=1, description="days of silence after which an answered ticket is closed")
    closed: Literal["reopen", "link"] = Field("reopen", description="what an answer to a closed ticket does")
    on_answered: bool = Field(True, description="write to the citizen when staff close or reopen a ticket")


class LimitsSettings(Section):
    """The bounds that end loops."""

    replies_per_minute: int = Field(600, ge=1, description="over it sending stops until ops release it")
    robot_letters_a_day: int = Field(5, ge=1, description="automatic letters to one address a day")
    robot_letters_a_ticket: int = Field(8, ge=1, description="automatic letters in a ticket's life")


class TermsSettings(Section):
    """The clocks; e-mail to a support desk is not a statutory appeal."""

    first_answer_working_days: int = Field(1, ge=0, description="first answer by the end of that working day")
    answer_days: int = Field(30, ge=1, description="final answer, calendar days")
    appeal_answer_days: int | None = Field(
        None,
        ge=1,
        description="final answer to the kind appeal (30 by article 12 of 59-FZ), runs on while we wait for data; not"
        " to a complaint or a repeat that invokes 59-FZ: it keeps its own kind; default: as for all others",
    )
    escalate_days: int = Field(30, ge=1, description="a ticket asked about again, unanswered so long, is escalated")
    calendar: Path | None = Field(None, description="TOML: days_off and working_days over the built-in calendar")


class RetentionSettings(Section):
    """How long what is kept, in days after the ticket was closed; without a number it is kept until you say."""

    letters_days: int | None = Field(None, ge=1, description="letters as they came, with their files")
    tickets_days: int | None = Field(None, ge=1, description="names, numbers, addresses and words of tickets")
    replies_days: int | None = Field(None, ge=1, description="our letters")
    access_days: int | None = Field(None, ge=1, description="the log of who opened which ticket, days after it was")
    backups_days: int | None = Field(None, ge=1, description="how long you keep backups; acts of destruction say it")
    operator: str = Field("", description="name and address of the operator of personal data, for these acts")
    system: str = Field("Приёмная", description="name of the information system, for these acts")


class WebSettings(Section):
    """The staff's page."""

    listen: AddressAndPort = Field("127.0.0.1:8080", description="address and port")
    idle_minutes: int = Field(30, ge=1, description="an unused session ends after so long")
    session_hours: int = Field(12, ge=1, description="every session ends after so long")


class OidcSettings(Section):
    """The organisation's own login (OpenID Connect); off without issuer, needs `priemnaya[oidc]`."""

    issuer: str | None = Field(None, description="https://… exactly as the provider names itself")
    client_id: str = Field("priemnaya", description="as registered there")
    client_secret_file: Path | None = Field(None, description="else $CREDENTIALS_DIRECTORY/oidc-client-secret")
    base_url: str = Field("http://127.0.0.1:8080", description="of the staff's page; it comes back to /login/oidc/back")
    scope: str = Field("openid profile", description="what is asked of the provider")
    login_claim: str = Field("preferred_username", description="the claim that is the login here")
    groups_claim: str = Field("groups", description="the claim that lists the person's groups")
    roles: tuple[Annotated[str, Field(pattern=r"^.+=(reader|triage|head|admin)$")], ...] = Field(
        (), description='what each group may, like ["desk=triage", "desk-heads=head"]; nobody comes in without one'
    )


class PublicSettings(Section):
    """Pages for citizens; off without base_url."""

    listen: AddressAndPort = Field("127.0.0.1:8081", description="address and port of the public pages")
    base_url: str | None = Field(None, description="https://… as citizens reach it; without it no link is written")
    form: bool = Field(False, description="a form at base_url/form that does what a letter does")
    api: bool = Field(False, description="other programs hand over at base_url/api/v1; keys by `staff add-key NAME`")


class MetricsSettings(Section):
    """What Prometheus reads; off by default."""

    listen: AddressAndPort | None = Field(
        None, description="`web` serves /metrics, /healthz and /readyz there: 127.0.0.1:9108"
    )
    textfile: Path | None = Field(None, description="`run` writes its counters there, for node_exporter's textfiles")


class TracesSettings(Section):
    """Traces of OpenTelemetry; off without endpoint, needs `priemnaya[traces]`."""

    endpoint: str | None = Field(None, description="OTLP over HTTP: http://127.0.0.1:4318/v1/traces")


class ForwardSettings(Section):
    """A system that is told of every event on tickets; one [[forward]] for each, see docs/elsewhere.md."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$", description="what it is called here, in logs and metrics")
    kind: Literal["webhook", "zammad", "freescout"] = Field(description="webhook, zammad or freescout")
    url: str = Field(description="https://… where it listens; of a help desk its own address, without /api")
    secret_file: Path | None = Field(
        None, description="signing secrets, one a line, or the API token; else $CREDENTIALS_DIRECTORY/forward-NAME"
    )
    ca_file: Path | None = Field(None, description="certificates to trust beside the system's")
    personal: bool = Field(False, description="tell names, addresses and words too; a help desk needs them")
    events: tuple[str, ...] = Field((), description='only these, like ["opened", "closed"]; none named: all')
    group: str = Field("Users", description="Zammad: the group of new tickets")
    mailbox: int | None = Field(None, description="FreeScout: the mailbox's id")
    user: int | None = Field(None, description="FreeScout: the id of the user in whose name notes are written")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "ForwardSettings":
        if self.kind != "webhook" and not self.personal:
            raise ValueError("a help desk is told the citizen's address and words: say personal = true if it may be")
        if self.kind == "freescout" and (self.mailbox is None or self.user is None):
            raise ValueError("FreeScout needs mailbox and user")
        return self


class Settings(Section):
    """The whole file."""

    desk: DeskSettings = DeskSettings()
    mailbox: MailboxSettings = MailboxSettings()
    smtp: SmtpSettings = SmtpSettings()
    store: StoreSettings = StoreSettings()
    reading: ReadingSettings = ReadingSettings()
    classify: ClassifySettings = ClassifySettings()
    replies: RepliesSettings = RepliesSettings()
    limits: LimitsSettings = LimitsSettings()
    terms: TermsSettings = TermsSettings()
    retention: RetentionSettings = RetentionSettings()
    web: WebSettings = WebSettings()
    oidc: OidcSettings = OidcSettings()
    public: PublicSettings = PublicSettings()
    metrics: MetricsSettings = MetricsSettings()
    traces: TracesSettings = TracesSettings()
    forward: tuple[ForwardSettings, ...] = ()

    @model_validator(mode="after")
    def _fit_together(self) -> "Settings":
        if self.replies.remind_days >= self.replies.wait_days:
            raise ValueError("replies.remind_days must be less than replies.wait_days")
        if (self.public.form or self.public.api) and self.public.base_url is None:
            raise ValueError("public.form and public.api need public.base_url")
        if len({one.name for one in self.forward}) < len(self.forward):
            raise ValueError("two [[forward]] have the same name")
        return self
