"""The way of a letter, on one page.

    mailbox --intake--> letters --desk--> tickets + outbox --post--> SMTP

`judge` is pure and shared by `inspect` and the daemon. Everything below `main` joins the rooms; nobody
imports this page, it hands `judge` down.
"""

import sys
from dataclasses import dataclass
from functools import partial

from classify import model
from classify.prediction import Prediction
from commands import commands_for
from commands.line import House, run
from intake.letter import Desk, Letter, OwnWords
from intake.own_words import own_words
from intake.parse import parse
from intake.screen import screen
from service.nursery import Work
from service.settings import Settings
from tickets.conclude import conclude
from tickets.verdict import Judged
from validate import attachments, clamd, examine, kinds, requirements
from validate.findings import Field, Findings, Found
from validate.our_form import filled_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All that a judgement depends on beside the letter itself."""

    desk: Desk
    requirements: requirements.Requirements
    model: model.Model
    scan: attachments.Scan | None = None  # asks the virus scanner; None: not configured


def judge(raw: bytes, rules: Rules) -> Judged:
    """The verdict, which is all that `inspect` prints, and the clues that settling needs; never raises on any bytes
    short of the process's limits.
    """
    letter = parse(raw)
    words = filled_in(own_words(letter), subject=letter.subject)
    screened = screen(letter, rules.desk)
    found, problems = examine.read_fields(letter, words)
    prediction = _topic(letter, words, found, rules)
    kind = kinds.kind_of(letter, words, found, prediction.topic, doubtful=prediction.needs_review)
    findings = Findings(
        kind=kind,
        found=found,
        problems=problems,
        files=attachments.examine_files(letter.files, scan=rules.scan),
        missing=requirements.missing(kind, prediction.topic, found, rules.requirements),
        asks_status=kinds.asks_status(words),
        adds=kinds.adds(words),
    )
    return conclude(letter, screened, findings, prediction)


def _topic(letter: Letter, words: OwnWords, found: dict[Field, Found], rules: Rules) -> Prediction:
    account = found.get(Field.DESCRIPTION)
    return rules.model.predict(letter.subject, account.value if account else words.own)


def rules_of(settings: Settings) -> Rules:
    """The rules as the settings say; ConfigError when the model or the requirements cannot be used."""
    desk, mailbox, reading = settings.desk, settings.mailbox, settings.reading
    return Rules(
        desk=Desk(
            address=desk.address,
            own_addresses=frozenset(alias.lower() for alias in desk.aliases),
            trusted_authserv_id=mailbox.trusted_authserv_id,
            spam_header=mailbox.spam_header,
        ),
        requirements=requirements.load(reading.requirements),
        model=model.load(settings.classify.model, threshold=settings.classify.threshold),
        scan=clamd.scanner(reading.clamd, required=reading.clamd_required) if reading.clamd else None,
    )


_FIRST_LETTER = (
    "Subject: Не приходит код\n\nЯ, Иванова Анна Петровна, ИНН 500100732259, вчера в 10:30 не смогла войти в кабинет.\n"
).encode()


def reader(settings: Settings) -> Work:
    """What a worker process does all day: a letter's bytes in, the Judged record as JSON out.

    A first letter, nobody's, is read here: what is loaded by reading lies in the memory that all workers share.
    """
    rules = rules_of(settings)
    judge(_FIRST_LETTER, rules)
    return lambda raw: judge(raw, rules).model_dump_json().encode()


def main() -> int:
    """The command line; exit status as in the contract."""
    return run(sys.argv[1:], commands_for(sys.argv[1:]), House(reader=lambda settings: partial(reader, settings)))


if __name__ == "__main__":
    sys.exit(main())
