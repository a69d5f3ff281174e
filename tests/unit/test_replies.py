"""Our letters as a citizen and a mail program read them."""

import email
import email.policy
from datetime import UTC, datetime
from pathlib import Path

import pytest

from outbox.compose import Draft, Letterhead, compose
from reply_templates import words
from reply_templates.render import render

CONTEXT: dict[str, object] = {
    "subject": "s", "number": "26-0000007-5", "topic": "Электронная подпись", "due": "16 марта 2026 г.",
    "until": "30 марта 2026 г.", "missing": "ИНН или номера личного кабинета и даты, когда это случилось",
    "form": ["ИНН (или номер личного кабинета):"], "known": "ФИО, ИНН ••••••••7890", "wrong": "", "files_taken": "2 файла",
    "files_refused": ["IMG_1.heic: формат HEIC не принимаем, пришлите JPG, PNG или PDF"], "self_help": "", "appeal": "",
    "desk_name": "Служба <поддержки>", "contacts": "", "limit": "40,0 МБ",
}  # fmt: skip
KINDS = ("acknowledgement", "missing_information", "too_large")


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_names_its_number_and_never_asks_for_a_password(kind: str) -> None:
    text = render(kind, CONTEXT, overrides=None).text
    assert "№ 26-0000007-5" in text
    assert "никогда не спрашиваем пароли" in text
    assert "IMG_1.heic" in text


def test_the_first_line_names_exactly_what_is_missing() -> None:
    first = render("missing_information", CONTEXT, overrides=None).text.splitlines()[0]
    assert first == "Не хватает: ИНН или номера личного кабинета и даты, когда это случилось."


@pytest.mark.parametrize("kind", KINDS)
def test_html_is_escaped_and_has_nothing_remote(kind: str) -> None:
    html = render(kind, CONTEXT, overrides=None).html
    assert "Служба &lt;поддержки&gt;" in html
    assert "http" not in html
    assert '<html lang="ru">' in html


@pytest.mark.parametrize("broken", ["{{ nobody }}", "{% for %}", "{{ ().__class__.__mro__ }}"])
def test_a_broken_override_falls_back_and_says_so(tmp_path: Path, broken: str) -> None:
    (tmp_path / "acknowledgement.txt.j2").write_text(broken)
    rendered = render("acknowledgement", CONTEXT, overrides=tmp_path)
    assert rendered.fell_back
    assert "№ 26-0000007-5" in rendered.text


def test_a_desks_own_text_is_used(tmp_path: Path) -> None:
    (tmp_path / "acknowledgement.txt.j2").write_text("Заявка {{ number }} открыта.")
    assert render("acknowledgement", CONTEXT, overrides=tmp_path).text == "Заявка 26-0000007-5 открыта.\n"


def composed(
    subject: str = "[№ 26-0000007-5] Принято: Электронная подпись", answers: str | None = "a@b.example"
) -> bytes:
    draft = Draft(
        recipient="ivan@post.example", subject=subject, text="Здравствуйте!\n" * 30, html="<p>Здравствуйте!</p>",
        answers=answers, references=("c@d.example",),
    )  # fmt: skip
    head = Letterhead(address="support@desk.example", name="Служба поддержки", envelope_from="support@desk.example")
    return compose(draft, head, now=datetime(2026, 3, 15, tzinfo=UTC)).raw


def test_a_mail_program_reads_what_we_wrote() -> None:
    letter = email.message_from_bytes(composed(), policy=email.policy.default)
    assert letter["Subject"] == "[№ 26-0000007-5] Принято: Электронная подпись"
    assert letter["From"].addresses[0].display_name == "Служба поддержки"
    assert letter["In-Reply-To"] == "<a@b.example>"
    assert letter["References"].split() == ["<c@d.example>", "<a@b.example>"]
    assert letter["Auto-Submitted"] == "auto-replied"
    assert letter["X-Auto-Response-Suppress"] == "All"
    body = letter.get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith("Здравствуйте!")
    assert not letter.defects


@pytest.mark.parametrize("subject", ["x\r\nBcc: victim@post.example", "y\nX: 1", "z\r\n Bcc: a@b", "\x00\r", "я" * 500])
def test_no_subject_breaks_the_headers(subject: str) -> None:
    letter = email.message_from_bytes(composed(subject), policy=email.policy.default)
    assert letter["Bcc"] is None
    assert letter["X"] is None
    assert letter["To"] == "ivan@post.example"
    assert all(len(line) <= 78 for line in composed(subject).split(b"\r\n"))


@pytest.mark.parametrize("answers", ["a@b\r\nBcc: x@y", "a b@c", "<x@y>", "x" * 300])
def test_an_unsafe_message_id_is_not_repeated(answers: str) -> None:
    letter = email.message_from_bytes(composed(answers=answers), policy=email.policy.default)
    assert letter["In-Reply-To"] is None
    assert letter["Bcc"] is None


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1 файл"), (2, "2 файла"), (5, "5 файлов"), (11, "11 файлов"), (21, "21 файл"), (112, "112 файлов")],
)
def test_grammar_agrees(number: int, said: str) -> None:
    assert words.plural(number, "файл", "файла", "файлов") == said


@pytest.mark.parametrize(
    ("name", "shown"),
    [(None, "файл без имени"), ("a.b.pdf", "a_b.pdf"), ("http://evil.example/x.png", "http___evil_example_x.png")],
)
def test_a_file_name_becomes_no_link(name: str | None, shown: str) -> None:
    assert words.file_name(name) == shown


def test_a_long_file_name_is_cut() -> None:
    assert len(words.file_name("о" * 100 + ".pdf")) <= 40


def test_numbers_are_masked() -> None:
    assert words.masked("500100732259") == "••••••••2259"
