"""A letter whose commands go as one group: what the server says, in whatever pieces, means what it means one by one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from servers.certificates import Authority
from servers.scripted_smtp import ENDLESS, HANGS_UP, SILENCE, ScriptedSmtp

import outbox.send
from outbox.send import NoAnswer, RecipientRefused, Relay, ServerAway, SmtpSender, Tls
from service.errors import Permanent, Temporary

LETTER = b"From: support@desk.example\r\nSubject: hi\r\n\r\nhello\r\n"
GROUP = b"MAIL FROM:<support@desk.example>\r\nRCPT TO:<ivan@post.example>\r\nDATA\r\n"
OURS = (b"PIPELINING",)


def talk(
    server: ScriptedSmtp,
    then: Callable[[SmtpSender], Awaitable[object]],
    *,
    authority: Authority | None = None,
    tls: Tls = Tls.PLAIN,
    lmtp: bool = False,
) -> None:
    async def run() -> None:
        async with server:
            ca_file = authority.ca_file if authority is not None else None
            sender = SmtpSender(Relay(host="localhost", port=server.port, tls=tls, lmtp=lmtp, ca_file=ca_file))
            try:
                await asyncio.wait_for(then(sender), 20)
            finally:
                await sender.close()

    asyncio.run(run())


async def send(sender: SmtpSender, raw: bytes = LETTER, *, recipient: str = "ivan@post.example") -> str:
    return await sender.send(raw, envelope_from="support@desk.example", recipient=recipient)


def test_the_three_commands_come_as_one_piece_and_the_letter_as_the_next() -> None:
    server = ScriptedSmtp()
    talk(server, send)
    assert server.heard[1:3] == [GROUP, LETTER + b".\r\n"]
    assert server.letters == [LETTER]


@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
def test_over_tls_too_and_after_a_refusal_or_a_lost_connection_the_next_letter_goes(
    tls: Tls, authority: Authority
) -> None:
    offers = (b"STARTTLS", *OURS) if tls is Tls.STARTTLS else OURS
    server = ScriptedSmtp(offers=offers, certificate=authority.issue("localhost"))

    async def letters(sender: SmtpSender) -> None:
        await send(sender)
        assert GROUP in server.heard
        for wrong, fault in ((b"550 no", RecipientRefused), (HANGS_UP, NoAnswer)):
            server.wrong["RCPT"] = wrong
            with pytest.raises(fault):
                await send(sender)
            server.wrong.clear()
            await send(sender)

    talk(server, letters, authority=authority, tls=tls)
    assert server.letters == [LETTER] * 3


@pytest.mark.parametrize("offers", [(), (b"SIZE 1000000",)])
def test_a_server_that_offers_no_groups_gets_one_command_at_a_time(offers: Sequence[bytes]) -> None:
    server = ScriptedSmtp(offers=offers)
    talk(server, send)
    assert [said.partition(b" ")[0] for said in server.heard[1:4]] == [b"MAIL", b"RCPT", b"DATA\r\n"]
    assert server.letters == [LETTER]


def test_a_server_that_knows_no_ehlo_gets_helo_and_one_command_at_a_time() -> None:
    server = ScriptedSmtp()
    server.wrong["EHLO"] = b"502 what"
    talk(server, send)
    assert [said.partition(b" ")[0] for said in server.heard[1:3]] == [b"HELO", b"MAIL"]
    assert server.letters == [LETTER]


def test_lmtp_has_one_answer_after_the_dot_too() -> None:
    server = ScriptedSmtp()
    talk(server, send, lmtp=True)
    assert server.heard[0].startswith(b"LHLO ")
    assert server.heard[1] == GROUP
    assert server.letters == [LETTER]


@pytest.mark.parametrize("piece", [0, 1, 7])
@pytest.mark.parametrize("together", [False, True])
def test_answers_are_heard_in_whatever_pieces_they_come(piece: int, together: bool) -> None:
    server = ScriptedSmtp()
    server.piece, server.together = piece, together
    server.wrong |= {
        "MAIL": b"250-well\r\n250-let me see\r\n250 yes",
        "RCPT": b"251 elsewhere",
        "DATA": b"354-go\r\n354 on",
        "DOT": b"250-taken\r\n250 as 1\xd0\x96",
    }
    said: list[str] = []

    async def letters(sender: SmtpSender) -> None:
        said.extend([await send(sender), await send(sender)])

    talk(server, letters)
    assert said == ["taken\nas 1Ж"] * 2
    assert server.letters == [LETTER] * 2
    assert server.connections == 1


ANSWERS: dict[str, tuple[dict[str, bytes], type[Exception], str]] = {
    "no room": ({"MAIL": b"452 full", "RCPT": b"503 no MAIL", "DATA": b"503 no MAIL"}, ServerAway, "452"),
    "no room, but go on": ({"MAIL": b"452 full"}, ServerAway, "452"),
    "closing": ({"MAIL": b"421 bye", "RCPT": HANGS_UP}, ServerAway, "421"),
    "closing, and silent": ({"MAIL": b"421 bye", "RCPT": SILENCE, "DATA": SILENCE}, ServerAway, "421"),
    "no such sender": ({"MAIL": b"550 who", "RCPT": b"503 no MAIL", "DATA": b"503 no MAIL"}, Permanent, "550"),
    "no such sender, and gone": ({"MAIL": b"550 who", "RCPT": HANGS_UP}, Permanent, "550"),
    "come again": ({"RCPT": b"450 later", "DATA": b"554 no valid recipients"}, Temporary, "450"),
    "come again, but go on": ({"RCPT": b"451 later"}, Temporary, "451"),
    "no such recipient": ({"RCPT": b"550 no", "DATA": b"503 no RCPT"}, RecipientRefused, "550"),
    "no such recipient, on several lines": ({"RCPT": b"550-no\r\n550 such", "DATA": b"554 n"}, RecipientRefused, "550"),
    "no such recipient, but go on": ({"RCPT": b"550 no"}, RecipientRefused, "550"),
    "no such recipient, RSET refused": ({"RCPT": b"550 no", "DATA": b"503", "RSET": b"500"}, RecipientRefused, "550"),
    "no data now": ({"DATA": b"451 later"}, Temporary, "451"),
    "no data": ({"DATA": b"554 no"}, Permanent, "554"),
    "not taken now": ({"DOT": b"452 full"}, Temporary, "452"),
    "not taken": ({"DOT": b"550 spam"}, Permanent, "550"),
    "closing after the letter": ({"DOT": b"421 bye"}, Temporary, "421"),
    "garbage": ({"RCPT": b"\x00\xff\xfe garbage"}, Temporary, "-1"),
    "garbage after the letter": ({"DOT": b"taken"}, Temporary, "-1"),
    "a number that is none": ({"MAIL": b"2_5 ok"}, Temporary, "-1"),
    "a long line": ({"MAIL": b"250 " + b"x" * 9_000}, Temporary, "-1"),
    "a line without an end": ({"RCPT": ENDLESS}, Temporary, "-1"),
    "a long answer": ({"DATA": b"354-x\r\n" * 6_000 + b"354 x"}, Temporary, "-1"),
    "an answer too many": ({"DATA": b"354 go\r\n250 taken"}, Temporary, "-1"),
}  # fmt: skip


@pytest.mark.parametrize("piece", [0, 1_000])
@pytest.mark.parametrize("name", ANSWERS)
def test_what_is_refused_is_told_by_the_first_that_was_and_the_next_letter_goes(name: str, piece: int) -> None:
    wrong, fault, words = ANSWERS[name]
    server = ScriptedSmtp()
    server.piece, server.together = piece, not piece

    async def letters(sender: SmtpSender) -> None:
        server.wrong |= wrong
        with pytest.raises(fault, match=words) as raised:
            await send(sender)
        assert type(raised.value) is fault
        server.wrong.clear()
        await send(sender)

    talk(server, letters)
    assert server.letters == [LETTER], "what was refused was not delivered, the next was"


@pytest.mark.parametrize(
    ("wrong", "connections"),
    [({"RCPT": b"550 no", "DATA": b"503 no RCPT"}, 1), ({"DOT": b"550 spam"}, 1), ({"RCPT": b"550 no"}, 2)],
)
def test_after_a_refusal_the_connection_goes_on_unless_the_server_waits_for_a_letter(
    wrong: dict[str, bytes], connections: int
) -> None:
    server = ScriptedSmtp()

    async def letters(sender: SmtpSender) -> None:
        server.wrong |= wrong
        with pytest.raises(Permanent):
            await send(sender)
        server.wrong.clear()
        await send(sender)

    talk(server, letters)
    assert server.connections == connections
    assert (b"RSET\r\n" in server.heard) == (connections == 1)
    assert b".\r\n" not in server.heard
    assert server.letters == [LETTER]


@pytest.mark.parametrize("how", [HANGS_UP, SILENCE], ids=["lost", "silent"])
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "DOT"])
def test_a_connection_lost_or_silent_at_a_step_is_no_answer_and_the_next_letter_goes(
    step: str, how: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ScriptedSmtp()

    async def letters(sender: SmtpSender) -> None:
        await sender.ready()
        server.wrong[step] = how
        with monkeypatch.context() as hasty, pytest.raises(NoAnswer):
            hasty.setattr(outbox.send, "COMMAND_SECONDS", 0.1)
            await send(sender)
        server.wrong.clear()
        await send(sender)

    talk(server, letters)
    assert server.letters == [LETTER]
    assert server.connections == 2


@pytest.mark.parametrize("how", [HANGS_UP, b"421 busy", b"garbage", b"500 no"], ids=["lost", "421", "garbage", "500"])
def test_a_server_that_does_not_greet_is_away_and_no_letter_is_blamed(how: bytes) -> None:
    server = ScriptedSmtp()
    server.wrong |= {"EHLO": how, "HELO": how}

    async def letter(sender: SmtpSender) -> None:
        with pytest.raises(ServerAway):
            await send(sender)

    talk(server, letter)


SENT = {
    "as it is": (b"a\r\n\r\nb\r\n", b"a\r\n\r\nb\r\n"),
    "lone LF": (b"a\n\nb\n", b"a\r\n\r\nb\r\n"),
    "lone CR": (b"a\r\rb\r", b"a\r\n\r\nb\r\n"),
    "as many lone CR as lone LF": (b"a\rb\nc\r\n", b"a\r\nb\r\nc\r\n"),
    "no last line end": (b"a\r\nb", b"a\r\nb\r\n"),
    "dots": (b".\r\n..\r\na.\r\n.b\r\n", b"..\r\n...\r\na.\r\n..b\r\n"),
    "dots after a lone LF": (b"a\n.\nb\n", b"a\r\n..\r\nb\r\n"),
    "a last dot": (b"a\r\n.", b"a\r\n..\r\n"),
    "nothing": (b"", b"\r\n"),
}


@pytest.mark.parametrize("name", SENT)
@pytest.mark.parametrize("offers", [(), OURS], ids=["one by one", "as a group"])
def test_line_ends_and_dots_are_made_good_either_way(name: str, offers: Sequence[bytes]) -> None:
    raw, wire = SENT[name]
    server = ScriptedSmtp(offers=offers)
    talk(server, lambda sender: send(sender, raw))
    assert wire + b".\r\n" in server.heard


def test_the_size_is_told_where_the_server_asks_for_it() -> None:
    server = ScriptedSmtp(offers=(b"SIZE 1000000", *OURS))
    talk(server, lambda sender: send(sender, LETTER.replace(b"\r\n", b"\n") + b".\n"))
    assert server.heard[1].startswith(b"MAIL FROM:<support@desk.example> SIZE=%d\r\n" % (len(LETTER) + 3))


BAD = ["<<ivan@post.example>>", 'ivan@"post"', "i\x07van@post.example", '"a\x00b"@post.example', "иван@post.example"]


@pytest.mark.parametrize("recipient", BAD)
@pytest.mark.parametrize("offers", [(), OURS], ids=["one by one", "as a group"])
def test_an_address_that_cannot_be_said_is_told_at_once(recipient: str, offers: Sequence[bytes]) -> None:
    server = ScriptedSmtp(offers=offers)

    async def letter(sender: SmtpSender) -> None:
        with pytest.raises(RecipientRefused, match="cannot be said"):
            await send(sender, recipient=recipient)

    talk(server, letter)
    assert not any(b"RCPT" in said for said in server.heard)


def test_a_sending_that_is_called_off_leaves_no_connection_behind() -> None:
    """Else the answer to its letter would be taken for the next one's."""
    server = ScriptedSmtp()

    async def letters(sender: SmtpSender) -> None:
        server.wrong["DOT"] = SILENCE
        sending = asyncio.create_task(send(sender))
        while LETTER + b".\r\n" not in server.heard:
            await asyncio.sleep(0.01)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        server.wrong.clear()
        await send(sender)

    talk(server, letters)
    assert server.connections == 2
