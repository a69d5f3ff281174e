"""Every file with a secret is on the list, and `doctor` looks at each."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from commands.doctor_house import secrets
from commands.secret_files import secret_files
from service.errors import ConfigError
from service.settings import Settings
from service.settings_file import table_of

FORWARD = {"name": "crm", "kind": "webhook", "url": "https://127.0.0.1:9"}


def naming(key: str, path: Path) -> Settings:
    """Settings with that file."""
    table, *_, name = key.split(".")
    said = {name: str(path)}
    return Settings.model_validate({table: [FORWARD | said] if table == "forward" else said})


def keys() -> list[str]:
    return list(secret_files(Settings.model_validate({"forward": [FORWARD]})))


def test_the_list_has_every_setting_that_is_called_a_secret() -> None:
    """By what they are called: certificates to trust are no secret."""

    def files(table: str, model: type[BaseModel]) -> list[str]:
        return [f"{table}.{name}" for name in model.model_fields if name.endswith("_file") and name != "ca_file"]

    named = [key for table in Settings.model_fields for key in files(table, table_of(Settings, table))]
    assert {".".join(part for part in key.split(".") if not part.isdigit()) for key in keys()} == set(named)


@pytest.mark.parametrize("key", keys())
def test_doctor_looks_at_every_file_with_a_secret(key: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    settings = naming(key, path)
    with pytest.raises((ConfigError, FileNotFoundError), match=str(path)):
        list(secrets(settings))
    path.write_text("x" * 40)
    path.chmod(0o644)
    try:
        told = [f"{one.said} {one.remedy}" for one in secrets(settings) if one.remedy]
    except ConfigError as fault:
        told = [str(fault)]
    assert len(told) == 1
    assert "chmod" in told[0]
    path.chmod(0o600)
    assert [one.said for one in secrets(settings)] == ["1 files, closed to others"]
