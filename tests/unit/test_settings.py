"""The settings file: every fault is told with its line and remedy, and the example is the program's own."""

import os
from pathlib import Path

import pytest

from service.errors import ConfigError
from service.settings_file import example, load, parse, secret

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[desk]\nadress = "a@b.example"', "x.toml:2: desk.adress: no such key. Did you mean 'address'?"),
        ("[mailbox]\npoll_seconds = 0", "x.toml:2: mailbox.poll_seconds: Input should be greater than 0"),
        ('[desk]\ntimezone = "Mars/Olympus"', "x.toml:2: desk.timezone: no such time zone: 'Mars/Olympus'"),
        ("[mailbx]\n", "x.toml:1: mailbx: no such key. Did you mean 'mailbox'?"),
        ("[replies]\nwait_days = 3\nremind_days = 5", "replies.remind_days must be less than replies.wait_days"),
        ("[desk\n", "x.toml: not TOML"),
        ("[reading]\nseconds = 25", "x.toml:2: reading.seconds"),
        (
            '[web]\nlisten = "unix:/run/priemnaya.sock"',
            "x.toml:2: web.listen: 'unix:/run/priemnaya.sock' is no address",
        ),
        ('[web]\nlisten = "8080"', "write it like 127.0.0.1:8080, or [::1]:8080"),
        ('[web]\nlisten = "::1:8080"', "x.toml:2: web.listen"),
        ('[public]\nlisten = "127.0.0.1:80800"', "x.toml:2: public.listen: '127.0.0.1:80800': a port is 1 to 65535"),
        ('[metrics]\nlisten = "127.0.0.1:http"', "x.toml:2: metrics.listen"),
        ('[desk]\naddress = "a@почта.рф"', "x.toml:2: desk.address: 'a@почта.рф': write it in ASCII"),
        ('[smtp]\nenvelope_from = "отбой@b.example"', "x.toml:2: smtp.envelope_from"),
    ],
)
def test_a_fault_names_its_line_and_the_remedy(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as fault:
        parse(text, where="x.toml")
    assert said in str(fault.value)


@pytest.mark.parametrize("address", ["127.0.0.1:8080", "[::1]:8080", "desk.example:1", "0.0.0.0:65535"])
def test_an_address_and_port_is_taken_as_it_is(address: str) -> None:
    assert parse(f'[web]\nlisten = "{address}"', where="x.toml").web.listen == address


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as fault:
        parse("[desk]\nadress = 1\n[mailbox]\nurl = 3\nfolder = 1\n", where="x.toml")
    assert str(fault.value).count("x.toml:") == 3


def test_an_empty_file_is_the_defaults() -> None:
    settings = parse("", where="x.toml")
    assert settings.desk.address == "support@desk.example"
    assert settings.mailbox.url is None


def test_the_example_in_deploy_is_the_programs_own_and_can_be_used() -> None:
    shipped = (ROOT / "deploy" / "priemnaya.example.toml").read_text(encoding="utf-8")
    assert shipped == example(), "run: priemnaya show-config --default > deploy/priemnaya.example.toml"
    assert parse(shipped, where="example") == parse("", where="empty")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml")


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("s3cret\n")
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        secret(path, "imap-password")
    path.chmod(0o600)
    assert secret(path, "imap-password") == "s3cret"


def test_a_secret_in_another_encoding_names_its_file(tmp_path: Path) -> None:
    """It would be said of each letter's recipient, and none would ever be written to again."""
    path = tmp_path / "password"
    path.write_bytes("пароль".encode("cp1251"))
    path.chmod(0o600)
    with pytest.raises(ConfigError, match=r"password: the secret is not UTF-8"):
        secret(path, "smtp-password")


def test_a_secret_comes_from_the_credentials_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "imap-password").write_text("from systemd")
    monkeypatch.setitem(os.environ, "CREDENTIALS_DIRECTORY", str(tmp_path))
    assert secret(None, "imap-password") == "from systemd"
    assert secret(None, "smtp-password") is None


def test_an_empty_secret_is_none(tmp_path: Path) -> None:
    """The package lays empty password files down, for the administrator to fill in."""
    path = tmp_path / "password"
    path.touch(mode=0o600)
    assert secret(path, "smtp-password") is None
