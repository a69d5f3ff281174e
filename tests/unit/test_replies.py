"""Our letters as a citizen and a mail program read them."""

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from outbox import confirming
from outbox.compose import Auto, Draft, Letterhead, compose
from reply_templates import words
from reply_templates.limited import Letters
from reply_templates.render import render_shipped
from reply_templates.said import Said
from reply_templates.samples import SAMPLES
from reply_templates.self_help import self_help
from service.errors import ConfigError
from tickets.ticket import ReplyKind
from validate.our_form import FORM

GOLDEN = Path(__file__).parents[1] / "golden" / "letters"
CASES = [(kind, case) for kind, cases in SAMPLES.items() for case in cases]
FULL = SAMPLES["acknowledgement"]["full"]


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_each_letter_reads_as_it_was_approved(kind: str, case: str) -> None:
    """After a change on purpose: python tests/golden/write.py, then read what changed."""
    rendered = render_shipped(kind, SAMPLES[kind][case])
    assert rendered.text == (GOLDEN / f"{kind}.{case}.txt").read_text("utf-8")
    assert rendered.html == (GOLDEN / f"{kind}.{case}.html").read_text("utf-8")


def test_each_kind_of_letter_has_samples() -> None:
    assert set(SAMPLES) == {kind.value for kind in ReplyKind} | {confirming.KIND}


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_a_letter_names_its_number_and_never_asks_for_a_password(kind: str, case: str) -> None:
    text = render_shipped(kind, SAMPLES[kind][case]).text
    assert ("№ 26-0012345-5" in text) is (kind != confirming.KIND), "the form's question is about no ticket yet"
    assert "никогда не спрашиваем пароли и коды" in text


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_a_letter_is_short(kind: str, case: str) -> None:
    assert len(render_shipped(kind, replace(SAMPLES[kind][case], self_help="")).text.split()) <= 150


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_punctuation_is_never_doubled(kind: str, case: str) -> None:
    text = render_shipped(kind, SAMPLES[kind][case]).text
    assert not any(wrong in text for wrong in ("..", " .", " ,", "::", ";.", "  ", "\n\n\n", "None"))


@pytest.mark.parametrize("case", SAMPLES["missing_information"])
def test_the_first_line_names_exactly_what_is_missing(case: str) -> None:
    first = render_shipped("missing_information", SAMPLES["missing_information"][case]).text.splitlines()[0]
    assert first == "Не хватает: ИНН или номера личного кабинета и даты, когда это случилось."


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_html_is_escaped_and_loads_nothing(kind: str, case: str) -> None:
    said = replace(SAMPLES[kind][case], desk_name="Служба <поддержки>", contacts="<img src=http://x.example/a>")
    html = render_shipped(kind, said).html
    assert "Служба &lt;поддержки&gt;" in html
    assert not any(remote in html for remote in ("<img", "<link", "<script", "url(", "@import"))
    assert '<html lang="ru">' in html


def test_only_our_own_link_can_be_clicked() -> None:
    html = render_shipped("acknowledgement", replace(FULL, files_refused=("http://evil.example/x",))).html
    assert html.count("<a ") == 1
    assert f'<a href="{FULL.status_link}">' in html


def test_the_number_is_not_broken_over_two_lines_and_stays_escaped() -> None:
    html = render_shipped("acknowledgement", replace(FULL, number="<1>", files_refused=("x<1>y",))).html
    assert '<span class="number">&lt;1&gt;</span>' in html
    assert "x<1>y" not in html


@pytest.fixture
def told() -> list[str]:
    return []


def letters_with(folder: Path, text: str, told: list[str]) -> Letters:
    (folder / "acknowledgement.txt.j2").write_text(text)
    return Letters(folder, tell=told.append)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("{{ nobody }}", "UndefinedError at acknowledgement.txt.j2:1"),
        ("\n{% for %}", "TemplateSyntaxError at acknowledgement.txt.j2:2"),
        ("{{ ().__class__.__mro__ }}", "SecurityError"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ("{{ number.nothing() }}", "UndefinedError"),
        ("{% include 'nowhere.j2' %}", "TemplateNotFound"),
        ("", "ValueError"),
        ("{{ number * 9000 }}", "ValueError"),
        ("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "over 1 s"),
        ("{{ number * 900000000 }}", "memory"),
    ],
)
def test_a_broken_template_of_the_desk_falls_back_to_ours_and_says_so_once(
    tmp_path: Path, told: list[str], broken: str, said: str
) -> None:
    letters = letters_with(tmp_path, broken, told)
    try:
        for _ in range(2):
            assert letters.render("acknowledgement", FULL).text == render_shipped("acknowledgement", FULL).text
        status = SAMPLES["status"]["new"]
        assert letters.render("status", status).text == render_shipped("status", status).text
    finally:
        letters.close()
    assert [said in one for one in told] == [True], told


def test_a_desks_own_text_is_used_and_says_the_same_in_html(tmp_path: Path, told: list[str]) -> None:
    letters = letters_with(tmp_path, "Заявка {{ number }} открыта.{% if wrong %} Проверьте.{% endif %}", told)
    try:
        rendered = letters.render("acknowledgement", FULL)
    finally:
        letters.close()
    assert rendered.text == "Заявка 26-0012345-5 открыта.\n"
    assert "открыта." in rendered.html
    assert not told


def test_a_citizens_words_are_never_a_template(tmp_path: Path, told: list[str]) -> None:
    letters = letters_with(tmp_path, "№ {{ number }} {{ files_refused[0] }}", told)
    try:
        text = letters.render("acknowledgement", replace(FULL, files_refused=("{{ 7 * 7 }}",))).text
    finally:
        letters.close()
    assert "{{ 7 * 7 }}" in text


def test_every_topic_but_complaint_and_other_has_its_self_help() -> None:
    texts = self_help(None)
    assert {topic for topic, text in texts.items() if not text} == {"complaint", "other"}
    assert not any("http" in text or "8 800" in text for text in texts.values())


@pytest.mark.parametrize("text", ["access = 5", "access = ", "[access]\nx = 1"])
def test_a_broken_self_help_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "self_help.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"self_help\.toml"):
        self_help(tmp_path)


def composed(
    subject: str = "[№ 26-0000007-5] Принято: Электронная подпись",
    answers: str | None = "a@b.example",
    auto: Auto | None = Auto.REPLIED,
) -> bytes:
    draft = Draft(
        recipient="ivan@post.example", subject=subject, text="Здравствуйте!\n" * 30, html="<p>Здравствуйте!</p>",
        answers=answers, references=("c@d.example",), auto=auto, reply_to="support+26-0000007-5-x@desk.example",
    )  # fmt: skip
    head = Letterhead(address="support@desk.example", name="Служба поддержки")
    return compose(draft, head, now=datetime(2026, 3, 15, tzinfo=UTC)).raw


def test_a_mail_program_reads_what_we_wrote() -> None:
    letter = email.message_from_bytes(composed(), policy=email.policy.default)
    assert letter["Subject"] == "[№ 26-0000007-5] Принято: Электронная подпись"
    assert letter["From"].addresses[0].display_name == "Служба поддержки"
    assert letter["In-Reply-To"] == "<a@b.example>"
    assert letter["References"].split() == ["<c@d.example>", "<a@b.example>"]
    assert letter["Reply-To"] == "support+26-0000007-5-x@desk.example"
    assert letter["Auto-Submitted"] == "auto-replied"
    assert letter["X-Auto-Response-Suppress"] == "All"
    body = letter.get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith("Здравствуйте!")
    assert not letter.defects


@pytest.mark.parametrize(("auto", "said"), [(Auto.GENERATED, "auto-generated"), (None, None)])
def test_a_letter_by_the_clock_says_so_and_a_persons_says_nothing(auto: Auto | None, said: str | None) -> None:
    letter = email.message_from_bytes(composed(auto=auto), policy=email.policy.default)
    assert letter["Auto-Submitted"] == said
    assert letter["X-Auto-Response-Suppress"] == ("All" if said else None)


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


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (["даты"], "даты"),
        (["ИНН", "даты"], "ИНН и даты"),
        (["фамилии, имени и отчества", "даты"], "фамилии, имени и отчества; даты"),
        (["ИНН", "даты", "рассказа"], "ИНН; даты; рассказа"),
        ([], ""),
    ],
)
def test_what_is_missing_reads_as_one_list(parts: list[str], said: str) -> None:
    assert words.listed(parts) == said


@pytest.mark.parametrize(
    ("size", "said"),
    [(5 * 1024 * 1024 + 1, "5,1 МБ"), (40_000_000, "38,2 МБ"), (40 * 1024 * 1024, "40 МБ"), (2048, "2 КБ")],
)
def test_a_size_is_never_rounded_down_to_what_is_allowed(size: int, said: str) -> None:
    assert words.megabytes(size) == said


def test_a_letters_words_are_plain_strings() -> None:
    assert all(isinstance(getattr(Said(), name), str | tuple) for name in Said.__slots__)


def test_the_samples_show_the_form_that_is_sent_and_read() -> None:
    sent = [f"{label}:" for part in ("inn_or_account", "date") for label in FORM[part]]
    assert SAMPLES["missing_information"]["plain"].form == tuple(sent)
