"""What went wrong with the IMAP server, in words for ops: where, what, what to do; and whether it may pass.

Pure. A refused password is Permanent here: the daemon alarms and goes on trying slowly (rulings 29).
"""

import socket
import ssl

from intake.imap_protocol import Refused
from intake.imap_words import Malformed, readable, response_code
from service.errors import Permanent, PriemnayaError, Temporary

# RFC 5530 §3: at a login or a SELECT these say "later", where NO otherwise means a wrong word in the settings.
PASSING = frozenset({"UNAVAILABLE", "INUSE", "SERVERBUG", "LIMIT", "CORRUPTION"})
# At any other command a NO may pass, but for these.
LASTING = frozenset({"NOPERM", "CANNOT"})

_CERTIFICATE = {
    10: "its certificate has expired: it must be renewed there",
    9: "its certificate is not valid yet: compare the clocks of both machines",
    18: "its certificate is self-signed: set mailbox.ca_file to that certificate, when it is the right one",
    19: "its certificate is signed by an authority unknown here: set mailbox.ca_file to that authority's certificate",
    20: "its certificate is signed by an authority unknown here: set mailbox.ca_file to that authority's certificate",
    62: "its certificate is for another name: use the name that the certificate bears in mailbox.url",
    64: "its certificate is for another address: use the name that the certificate bears in mailbox.url",
}


def explained(fault: BaseException, *, place: str, doing: str) -> PriemnayaError:
    """The fault of one operation ("read the letters") at one place ("imap.desk.example:993")."""
    if isinstance(fault, PriemnayaError):
        return fault
    kind, words = _kind_and_words(fault)
    return kind(f"{place}: could not {doing}: {words}")


def _kind_and_words(fault: BaseException) -> tuple[type[PriemnayaError], str]:
    match fault:
        case ssl.SSLError():
            return _tls(fault)
        case Refused():
            kind = Permanent if response_code(fault.text) in LASTING else Temporary
            return kind, f"the server refused: {readable(fault.text)}"
        case socket.gaierror():
            words = f"the host name is not known ({fault.strerror}): is it right in mailbox.url, does DNS work?"
        case ConnectionRefusedError():
            words = "nothing listens there: is the port right in mailbox.url, is the server up?"
        case Malformed() | UnicodeError():
            words = f"the answer is no sound IMAP ({fault}): is this an IMAP port?"
        case ValueError():
            return Permanent, str(fault)
        case _:
            words = f"{str(fault) or type(fault).__name__}; it is tried again over a new connection"
    return Temporary, words


def login_refused(fault: Refused, *, place: str, login: str, by_token: bool) -> PriemnayaError:
    """The server did not let us in."""
    words = f"{place}: the login {login!r} was refused: {readable(fault.text)}"
    if response_code(fault.text) in PASSING:
        return Temporary(words)
    remedy = "mailbox.token_command" if by_token else "mailbox.password_file"
    return Permanent(f"{words}. Check the login in mailbox.url and {remedy}")


def no_folder(fault: Refused, *, place: str, folder: str) -> PriemnayaError:
    """The folder could not be selected."""
    words = f"{place}: the folder {folder!r} cannot be opened: {readable(fault.text)}"
    if response_code(fault.text) in PASSING:
        return Temporary(words)
    return Permanent(f"{words}. Check the folder in mailbox.url; `doctor` lists those that are there")


def _tls(fault: ssl.SSLError) -> tuple[type[PriemnayaError], str]:
    if isinstance(fault, ssl.SSLCertVerificationError):
        unknown = f"its certificate was not accepted: {fault.verify_message}"
        return Permanent, _CERTIFICATE.get(fault.verify_code, unknown)
    if fault.reason in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"}:
        return Permanent, "no TLS is spoken there: for a STARTTLS port (143) write imap:// in mailbox.url"
    return Temporary, f"TLS failed: {fault.reason or fault}"
