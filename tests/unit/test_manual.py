"""Man pages and completion say what the command line says, and can be read by those who read such things."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from commands import every_command
from commands.manual import completion, pages
from service.settings import Settings

PAGES = pages()


def test_every_command_and_every_table_has_its_page() -> None:
    assert {f"priemnaya-{command.NAME}.1" for command in every_command()} <= set(PAGES)
    assert all(f"[{table}]" in PAGES["priemnaya.toml.5"] for table in Settings.model_fields)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_is_set_without_a_warning(name: str) -> None:
    done = subprocess.run(
        ["groff", "-man", "-Kutf8", "-Tutf8", "-ww", "-z"],
        input=PAGES[name],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["do"], {"doctor"}),
        (["queue", "re"], {"retry", "release"}),
        (["queue", "list", "--st"], {"--state"}),
        (["queue", "list", "--state", "h"], {"held"}),
        (["erase-person", "--a"], {"--address", "--acts"}),
        (["staff", "--role", "he"], {"head"}),
    ],
)
def test_bash_completes_what_is_typed(typed: list[str], offered: set[str], tmp_path: Path) -> None:
    words = " ".join(f"'{word}'" for word in ["priemnaya", *typed])
    asked = f"{completion()}\nCOMP_WORDS=({words}); COMP_CWORD={len(typed)}; _priemnaya; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    done = subprocess.run(["bash", "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == offered, done.stderr


def test_files_are_completed_where_a_file_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").touch()
    asked = (
        f'{completion()}\nCOMP_WORDS=(priemnaya status --config de); COMP_CWORD=3; _priemnaya; echo "${{COMPREPLY[@]}}"'
    )
    done = subprocess.run(["bash", "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["desk.toml"]


def test_a_packager_gets_them_as_files(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "commands.manual", str(tmp_path)], check=True, cwd=tmp_path)
    page = gzip.decompress((tmp_path / "man" / "man1" / "priemnaya-doctor.1.gz").read_bytes()).decode()
    assert "priemnaya doctor \\-\\-config" in page
    assert "complete -o filenames" in (tmp_path / "bash-completion" / "completions" / "priemnaya").read_text()
