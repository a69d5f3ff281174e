"""Our letters as a spam filter sees them: every kind and case, by Debian's rspamd with its local rules."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from servers.rspamd import Rspamd, rspamd

from outbox.compose import Auto, Draft, Letterhead, compose
from reply_templates.render import render_shipped
from reply_templates.samples import SAMPLES
from tickets.ticket import BY_THE_CLOCK, ReplyKind

CASES = [(kind, case) for kind, cases in SAMPLES.items() for case in cases]
MOST = 2.0


@pytest.fixture(scope="module")
def filter_() -> Iterator[Rspamd]:
    with rspamd() as server:
        yield server


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_no_letter_looks_like_spam(filter_: Rspamd, kind: str, case: str) -> None:
    said = SAMPLES[kind][case]
    rendered = render_shipped(kind, said)
    signed = "support+26-0012345-5-abcdefghijklmnop@desk.example"
    staff = kind in (ReplyKind.ANSWER, ReplyKind.CLOSED, ReplyKind.REOPENED)
    draft = Draft(
        recipient="ivan@post.example", subject=said.subject, text=rendered.text, html=rendered.html,
        answers="1@post.example", references=(), reply_to=signed,
        auto=None if staff else Auto.GENERATED if kind in BY_THE_CLOCK else Auto.REPLIED,
    )  # fmt: skip
    head = Letterhead(address="support@desk.example", name="Служба поддержки")
    raw = compose(draft, head, now=datetime.now(UTC)).raw
    found = filter_.check(raw, envelope_from=signed, recipient="ivan@post.example")
    print(f"{kind}.{case}: {found.score:.2f} {found.symbols}")
    assert found.score < MOST, found.symbols


def test_the_filter_knows_spam_when_it_sees_it(filter_: Rspamd) -> None:
    gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
    raw = f"From: a@b.example\r\nSubject: x\r\n\r\n{gtube}\r\n".encode()
    assert filter_.check(raw, envelope_from="a@b.example", recipient="ivan@post.example").score >= 15
