"""Words, framing, faults: the pure part of the IMAP mailbox."""

import random
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

import intake.imap_framing
from intake.imap import by_bytes
from intake.imap_framing import Framing, Pieces
from intake.imap_words import (
    Malformed,
    body_of,
    fetch_facts,
    internal_date,
    number_sets,
    quoted,
    readable,
    response_code,
    server_name,
    to_utf7,
    tokens,
)
from intake.mailbox import Waiting


@pytest.mark.parametrize(
    ("name", "coded"),
    [
        ("INBOX", "INBOX"),
        ("Готово", "&BBMEPgRCBD4EMgQ+-"),
        ("R&D", "R&-D"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),  # RFC 3501 §5.1.3
        ("Hi 🙂!", "Hi &2D3eQg-!"),
        ("a\r\nb", "a&AA0ACg-b"),
        ("", ""),
    ],
)
def test_mailbox_names_are_written_in_modified_utf7(name: str, coded: str) -> None:
    assert to_utf7(name) == coded


def test_quoting_hides_quotes_and_refuses_line_ends() -> None:
    assert quoted('a"b\\c') == '"a\\"b\\\\c"'
    for hostile in ("a\rb", "a\nb", "a\0b"):
        with pytest.raises(ValueError, match="line end or NUL"):
            quoted(hostile)


@pytest.mark.parametrize(
    ("folder", "prefix", "delimiter", "name"),
    [
        ("inbox", "INBOX.", ".", '"INBOX"'),
        ("Processed", "", "/", '"Processed"'),
        ("Processed", "INBOX.", ".", '"INBOX.Processed"'),
        ("INBOX/Processed", "INBOX.", ".", '"INBOX.Processed"'),
        ("Inbox.Processed", "INBOX.", ".", '"Inbox.Processed"'),
        ("A/B", "", ".", '"A.B"'),
        ("A/B", "", "", '"A/B"'),
    ],
)
def test_folders_are_named_as_the_server_divides_them(folder: str, prefix: str, delimiter: str, name: str) -> None:
    assert server_name(folder, prefix=prefix, delimiter=delimiter) == name


@pytest.mark.parametrize(
    ("numbers", "most", "sets"),
    [
        ([], 5, []),
        ([7], 5, ["7"]),
        ([3, 1, 2, 2], 5, ["1:3"]),
        ([1, 2, 4, 5, 6, 9], 5, ["1:2,4:6", "9"]),
        (range(1, 7), 3, ["1:3", "4:6"]),
    ],
)
def test_sets_name_exactly_the_numbers(numbers: list[int], most: int, sets: list[str]) -> None:
    assert list(number_sets(numbers, most=most)) == sets


@pytest.mark.parametrize(
    ("pieces", "facts"),
    [
        ((b"1 FETCH (UID 7 RFC822.SIZE 12)",), {b"UID": b"7", b"RFC822.SIZE": b"12"}),
        ((b"1 fetch (uid 7)",), {b"UID": b"7"}),
        ((b"1 FETCH (BODY[] {3}", b"a)b", b" UID 7)"), {b"BODY[]": b"a)b", b"UID": b"7"}),
        (
            (b"1 FETCH (UID 7 body[header.fields (From Date)]<0> {3}", b"a)b", b")"),
            {b"UID": b"7", b"BODY[HEADER.FIELDS (FROM DATE)]<0>": b"a)b"},
        ),
        ((b"1 FETCH (BODY[] NIL UID 7)",), {b"BODY[]": None, b"UID": b"7"}),
        ((b"1 FETCH (FLAGS (\\Seen $Done) UID 7)",), {b"FLAGS": [b"\\Seen", b"$Done"], b"UID": b"7"}),
        (
            (b'1 FETCH (ENVELOPE ("plain * star * text)") UID 7)',),
            {b"ENVELOPE": [b"plain * star * text)"], b"UID": b"7"},
        ),
        ((b'1 FETCH (X "a \\"q\\" \\\\" UID 7)',), {b"X": b'a "q" \\', b"UID": b"7"}),
        ((b"7 EXISTS",), None),
        ((b"OK FETCH (done)",), None),
    ],
)
def test_a_fetch_response_is_read_as_it_was_written(pieces: Pieces, facts: dict[bytes, object] | None) -> None:
    assert fetch_facts(pieces) == facts


@pytest.mark.parametrize("name", [b"BODY[HEADER.FIELDS (FROM)]", b'BODY[HEADER.FIELDS ("From")]<0>'])
def test_a_section_is_found_however_the_server_names_it(name: bytes) -> None:
    facts = fetch_facts((b"1 FETCH (UID 7 " + name + b" {1}", b"x", b")"))
    assert facts is not None
    assert body_of(facts, b"HEADER.FIELDS (FROM)") == b"x"
    assert body_of(facts, b"HEADER") is None


@pytest.mark.parametrize(
    "line", [b"1 FETCH (UID", b"1 FETCH (UID 7))", b'1 FETCH (X "a)', b"1 FETCH (UID)", b"1 FETCH 7"]
)
def test_what_does_not_nest_is_malformed(line: bytes) -> None:
    with pytest.raises(Malformed):
        fetch_facts((line,))


def test_hostile_lines_take_linear_time() -> None:
    begun = time.process_time()
    for line in (
        b'"' + b"\\" * 500_000,
        b" " * 500_000 + b'"',
        b"a" * 500_000,
        b'"a" ' * 100_000,
        b'""' * 100_000 + b'"',
    ):
        try:
            tokens((line,))
        except Malformed:
            continue
    assert time.process_time() - begun < 3


def test_a_body_is_found_also_as_a_partial_one() -> None:
    assert body_of({b"BODY[]": b"x"}, b"") == b"x"
    assert body_of({b"BODY[HEADER]<0>": b"y"}, b"HEADER") == b"y"
    assert body_of({b"BODY[]": None}, b"") is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (
            b"17-Jul-2026 02:44:25 -0730",
            datetime(2026, 7, 17, 2, 44, 25, tzinfo=timezone(-timedelta(hours=7, minutes=30))),
        ),
        (b" 1-jan-2026 00:00:00 +0000", datetime(2026, 1, 1, tzinfo=UTC)),
        (b"31-Feb-2026 00:00:00 +0000", None),
        (b"01-anF-2026 00:00:00 +0000", None),
        (b"01-Jan-2026", None),
        (b"", None),
        (None, None),
    ],
)
def test_internal_dates_are_aware_or_null(written: bytes | None, read: datetime | None) -> None:
    assert internal_date(written) == read


def test_codes_and_words_of_a_status() -> None:
    assert response_code(b"[tryCreate] no such folder") == "TRYCREATE"
    assert response_code(b"[UIDVALIDITY 7] x") == "UIDVALIDITY"
    assert response_code(b"no [CODE]") == ""
    assert readable(b"\x1b[31m a\t\r\n b \xff") == "?[31m a b \ufffd"
    assert len(readable(b"x" * 1000)) == 200


CONVERSATION = (
    b"* OK hello {5}\r\n"
    b"* 1 FETCH (UID 1 BODY[] {12}\r\n* 2 {3}\r\nA B)\r\n"
    b"* 2 FETCH (BODY[HEADER] {0}\r\n BODY[] {2}\r\n\r\n UID 2)\r\n"
    b'* 3 FETCH (X "a).pdf{3}")\r\n'
    b"+ go {9}\r\nA1 OK done {7}\r\n* bare\n"
)
RESPONSES: list[Pieces] = [
    (b"* OK hello {5}",),
    (b"* 1 FETCH (UID 1 BODY[] {12}", b"* 2 {3}\r\nA B", b")"),
    (b"* 2 FETCH (BODY[HEADER] {0}", b"", b" BODY[] {2}", b"\r\n", b" UID 2)"),
    (b'* 3 FETCH (X "a).pdf{3}")',),
    (b"+ go {9}",),
    (b"A1 OK done {7}",),
    (b"* bare",),
]


@pytest.mark.parametrize("seed", range(50))
def test_framing_is_the_same_wherever_the_network_cuts(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  # where to cut, no secret
    framing, found, place = Framing(), [], 0
    while place < len(CONVERSATION):
        step = rng.choice((1, 2, 5, 40, 1000))
        found += list(framing.feed(CONVERSATION[place : place + step]))
        place += step
    assert found == RESPONSES


def test_framing_bounds_what_it_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake.imap_framing, "LINE_MOST", 1000)
    framing = Framing()
    framing.allowance = 10**6
    with pytest.raises(Malformed, match="no end"):
        for _ in range(20):
            list(framing.feed(b"x" * 100))
    framing = Framing()
    framing.allowance = 100
    with pytest.raises(Malformed, match="nobody asked for"):
        list(framing.feed(b"* 1 FETCH (BODY[] {77}\r\n"))
    with pytest.raises(Malformed, match="far larger"):
        list(framing.feed(b"x" * 100))


def test_framing_takes_linear_time() -> None:
    one = b"* 1 FETCH (UID 1 BODY[] {8000}\r\n" + b"x" * 8000 + b")\r\n"
    stream = one * 5000
    framing = Framing()
    framing.allowance = len(stream)
    begun = time.process_time()
    count = sum(len(list(framing.feed(stream[at : at + 65536]))) for at in range(0, len(stream), 65536))
    assert count == 5000
    assert time.process_time() - begun < 2  # 0.05 s measured


def test_batches_keep_to_bytes_and_a_large_letter_goes_alone() -> None:
    sizes = [3_000_000, 5_000_000, 1_000_000, 40_000_000, 10]
    letters = [Waiting(uid=n, size=size, arrived=datetime.now(UTC)) for n, size in enumerate(sizes)]
    assert [[w.uid for w in part] for part in by_bytes(letters)] == [[0, 1], [2], [3], [4]]
    assert list(by_bytes([])) == []
