"""docs/operations.md: each `priemnaya` line on it is run, in its order, on a desk that has worked the sample letters."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from servers.finished import COMMAND, Finished

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def _lines(page: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return [
        line for block in BLOCK.findall(text) for line in block.splitlines() if re.search(r"(^|\| )priemnaya ", line)
    ]


def test_every_line_of_the_page_does_what_it_says(finished: Finished, tmp_path: Path) -> None:
    restored = tmp_path / "restored"
    restored.mkdir()
    settings = finished.config.read_text().replace(f"{finished.folder}/priemnaya.db", f"{restored}/priemnaya.db")
    settings = settings.replace(f"{finished.folder}/blobs", f"{restored}/blobs")
    (restored / "priemnaya.toml").write_text(settings)
    (tmp_path / "backup").mkdir()
    for line in _lines("operations.md"):
        here = (
            line.replace("/etc/priemnaya/priemnaya.toml", str(finished.config))
            .replace("/etc/restored/priemnaya.toml", str(restored / "priemnaya.toml"))
            .replace("/backup/priemnaya", str(tmp_path / "backup"))
        )
        done = subprocess.run(
            ["sh", "-c", here], capture_output=True, text=True, check=False,
            env={**os.environ, "PATH": f"{Path(COMMAND).parent}:{os.environ['PATH']}"},
        )  # fmt: skip
        stopped = "doctor" in line and "is the daemon running?" in done.stdout  # it finds that none is, and is right
        assert done.returncode == int(stopped), f"{line}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("sign", ["```sh", "### ", "## "])
def test_both_languages_have_the_same_parts(sign: str) -> None:
    english, russian = ((DOCS / name).read_text(encoding="utf-8") for name in ("operations.md", "operations.ru.md"))
    assert english.count(sign) == russian.count(sign)


def test_both_languages_have_the_same_commands() -> None:
    def commands(page: str) -> list[str]:
        return [re.sub(r"'[^']*'", "''", line) for line in _lines(page)]

    assert commands("operations.md") == commands("operations.ru.md")
