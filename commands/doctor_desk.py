"""What the desk thinks with: the model, the requirements, the letters' texts, the working calendar, the scanner."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from classify import model
from commands.finding import Finding, fail, fine, warn
from reply_templates.check import broken
from service.settings import Settings
from tickets.calendar import IsWorking, calendar
from validate import clamd, requirements
from validate.attachments import Scanned

DEFAULT_ADDRESS = "support@desk.example"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"  # found by every scanner, harms none


def desk(settings: Settings) -> Iterator[Finding]:
    """The desk says who it is, and how long it keeps what."""
    if settings.desk.address == DEFAULT_ADDRESS:
        yield warn("desk", f"desk.address is the example's, {DEFAULT_ADDRESS}", "write your own into [desk] address")
    else:
        yield fine("desk", settings.desk.address)
    kept = settings.retention
    if kept.letters_days is None or kept.tickets_days is None or kept.replies_days is None:
        yield warn("desk", "some of citizens' data is kept without a term", "set [retention], then run purge nightly")


def topic_model(settings: Settings) -> Iterator[Finding]:
    """The model loads, and its bytes are those it describes."""
    loaded = model.load(settings.classify.model, threshold=settings.classify.threshold)
    place = settings.classify.model or "the shipped one"
    yield fine(
        "model", f"{place}: version {loaded.version}, {len(loaded.topics)} topics, doubts under {loaded.threshold:.2f}"
    )


def needs(settings: Settings) -> Iterator[Finding]:
    """The file that says which fields each kind of letter must have."""
    requirements.load(settings.reading.requirements)
    yield fine("requirements", str(settings.reading.requirements or "the shipped ones"))


def texts(settings: Settings) -> Iterator[Finding]:
    """The desk's own letter texts can be used; where one cannot, ours goes out instead."""
    folder = settings.replies.templates
    faults = broken(folder) if folder is not None else ()
    for fault in faults:
        yield fail("texts", f"{folder}: {fault}", "mend the file: until then the shipped text goes out")
    if not faults:
        yield fine("texts", str(folder or "the shipped ones"))


def days_off(settings: Settings) -> Iterator[Finding]:
    """The working calendar knows the days off that are moved by decree, in this year and the next."""
    working = calendar(settings.terms.calendar)
    today = datetime.now(UTC).date()
    late = today.month == 12  # the decree for the next year is out by then
    for year in (today.year, today.year + 1):
        if _has_transfers(year, working):
            yield fine("calendar", f"{year}: days off and transfers known")
        elif year == today.year or late:
            remedy = "install a newer `holidays`, or name the days in a file by [terms] calendar"
            yield warn("calendar", f"{year}: no transfers of days off known, terms may be a day off", remedy)


def scanner(settings: Settings) -> Iterator[Finding]:
    """The virus scanner finds what it must find."""
    address = settings.reading.clamd
    if address is None:
        yield fine("scanner", "none is set (reading.clamd)")
        return
    said = clamd.scanner(address, required=True)(EICAR)
    if said is Scanned.FOUND:
        yield fine("scanner", f"{address} finds the test file")
    else:
        yield fail("scanner", f"{address} does not find the EICAR test file", "are its signatures loaded? freshclam")


def _has_transfers(year: int, working: IsWorking) -> bool:
    """Whether some weekday off, or working weekend, is there beyond the fixed holidays of the Labour Code, art. 112."""
    fixed = {(1, day) for day in range(1, 9)} | {(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)}
    days = (date(year, 1, 1) + timedelta(days=count) for count in range(365))
    return any(working(day) != (day.weekday() < 5 and (day.month, day.day) not in fixed) for day in days)


LOOKS = {
    "desk": desk,
    "model": topic_model,
    "requirements": needs,
    "texts": texts,
    "calendar": days_off,
    "scanner": scanner,
}
