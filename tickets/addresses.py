"""Addresses of ours that carry a ticket's number under our signature: nobody can make one for a ticket not his.

support+26-0012345-5-abcdefghijklmnop@desk.example is where the citizen's answer goes; with "b-" after the sign it is
where bounces come back to (VERP). Mail servers deliver both to the desk's own mailbox (RFC 5233).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from service.signing import ADDRESS_BITS, Keys
from tickets.number import check_number

ANSWER, BOUNCE = "answer", "bounce"  # what a signature is for
_MARKS = {ANSWER: "", BOUNCE: "b-"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAddresses:
    """The signed addresses of one desk."""

    address: str  # the desk's own
    delimiter: str  # between name and tag, mostly "+"
    keys: Keys

    def make(self, purpose: str, number: str) -> str:
        """The address of that ticket for that purpose."""
        local, _, domain = self.address.rpartition("@")
        signature = self.keys.sign(purpose, number, bits=ADDRESS_BITS)
        return f"{local}{self.delimiter}{_MARKS[purpose]}{number}-{signature}@{domain}"

    def number_in(self, purpose: str, recipients: Iterable[str]) -> str | None:
        """The ticket's number in the first address of ours that we signed for that purpose."""
        local, _, domain = self.address.lower().rpartition("@")
        head, tail = f"{local}{self.delimiter}{_MARKS[purpose]}".lower(), f"@{domain}"
        for recipient in recipients:
            written = recipient.lower()
            if written.startswith(head) and written.endswith(tail):
                number, _, signature = written[len(head) : -len(tail)].rpartition("-")
                if check_number(number) and self.keys.holds(purpose, number, signature, bits=ADDRESS_BITS):
                    return number
        return None
