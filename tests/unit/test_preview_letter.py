"""`preview-letter` shows what this desk would send, and says when its own text is broken."""

from pathlib import Path

import pytest

from commands import commands_for
from commands.line import House, run
from reply_templates.render import render_shipped
from reply_templates.samples import SAMPLES

HOUSE = House(reader=lambda _settings: lambda: lambda job: job)


def preview(*words: str) -> int:
    return run(["preview-letter", *words], commands_for(["preview-letter"]), HOUSE)


def test_without_a_name_all_letters_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert preview() == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(SAMPLES)


@pytest.mark.parametrize(("name", "case"), [("status.late", "late"), ("status", "new")])
def test_a_letter_is_shown_as_text_or_html(capsys: pytest.CaptureFixture[str], name: str, case: str) -> None:
    shipped = render_shipped("status", SAMPLES["status"][case])
    assert preview(name) == 0
    assert capsys.readouterr().out == shipped.text
    assert preview(name, "--html") == 0
    assert capsys.readouterr().out == shipped.html


def test_an_unknown_letter_is_a_usage_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert preview("thanks") == 2
    assert "acknowledgement" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "status"), [("Заявка {{ number }} открыта.", 0), ("{{ nobody }}", 1)])
def test_the_desks_own_text_is_used_and_a_broken_one_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, status: int
) -> None:
    (tmp_path / "acknowledgement.txt.j2").write_text(text, encoding="utf-8")
    config = tmp_path / "priemnaya.toml"
    config.write_text(f'[desk]\nname = "Своя служба"\n[replies]\ntemplates = "{tmp_path}"\n', encoding="utf-8")
    assert preview("acknowledgement", "--config", str(config)) == status
    said = capsys.readouterr()
    assert ("Своя служба" in said.out) is bool(status)
    assert ("UndefinedError at acknowledgement.txt.j2:1" in said.err) is bool(status)
