"""`check-config`: every fault at once, with its line; nothing is connected to and nothing is made."""

from pathlib import Path

from servers.finished import Finished

WRONG = """\
[mailbox]
url = "imaps://login:hush@host/INBOX"
password_file = "{folder}/open"
[smtp]
url = "smtpx://host"
ca_file = "/nowhere.pem"
[store]
url = "sqlite:////nowhere/at/all.db"
blobs = "ftp://host/x"
blobs_key_file = "{folder}/key"
[reading]
requirements = "/nowhere.toml"
clamd = "nowhere"
[classify]
model = "/nowhere"
[replies]
templates = "{folder}/texts"
"""
LINES = {
    2: "mailbox.url: ",
    3: "mailbox.password_file: ",
    5: "smtp.url: ",
    6: "smtp.ca_file: ",
    8: "store.url: ",
    9: "store.blobs: ",
    10: "store.blobs_key_file: ",
    12: "reading.requirements: ",
    13: "reading.clamd: ",
    15: "classify.model: ",
    17: "replies.templates: ",
}


def test_all_faults_are_told_at_once_each_with_its_line(tmp_path: Path) -> None:
    desk = Finished(folder=tmp_path)
    desk.config.write_text(WRONG.format(folder=tmp_path))
    for name, text, mode in (("open", "x", 0o644), ("key", "short", 0o600)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(mode)
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "acknowledgement.txt.j2").write_text("{{ ")
    before = sorted(tmp_path.rglob("*"))
    said = desk.run("check-config", status=78).removeprefix("priemnaya: ").splitlines()
    assert [
        line.startswith(f"{desk.config}:{number}: {key}")
        for line, (number, key) in zip(said, LINES.items(), strict=True)
    ] == [True] * len(LINES), said
    assert "hush" not in "".join(said)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_file_without_a_mailbox_is_not_in_order(tmp_path: Path) -> None:
    desk = Finished(folder=tmp_path)
    desk.config.write_text(f'[store]\nurl = "sqlite:///{tmp_path}/x.db"\n')
    assert "mailbox.url: is not set" in desk.run("check-config", status=78)


def test_a_file_in_order_is_said_to_be_or_passed_in_silence(finished: Finished) -> None:
    assert "in order" in finished.run("check-config")
    assert finished.run("check-config", "--quiet") == ""
