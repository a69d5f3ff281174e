"""What is installed is one distribution, and every room is its own: other people's packages bear such names too."""

import subprocess
import sys
from importlib import resources
from importlib.metadata import entry_points, packages_distributions

import pytest

from commands import PLACES, every_command

ROOMS = (
    "pipeline", "service", "store", "intake", "validate", "classify", "tickets", "reply_templates", "outbox", "triage",
    "commands",
)  # fmt: skip


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_belongs_to_priemnaya_alone(room: str) -> None:
    assert set(packages_distributions()[room]) == {"priemnaya"}


def test_the_command_is_the_page() -> None:
    (script,) = entry_points(group="console_scripts", name="priemnaya")
    assert script.value == "pipeline:main"


@pytest.mark.parametrize(
    ("room", "file"),
    [
        ("commands", "sample_letters/01-access-complete.eml"),
        ("triage", "pages/work.html"),
        ("triage", "static/htmx.min.js"),
        ("triage", "static/style.css"),
        ("validate", "requirements.toml"),
        ("reply_templates", "self_help.toml"),
        ("tickets", "verdict.schema.json"),
    ],
)
def test_data_is_shipped_with_its_room(room: str, file: str) -> None:
    assert resources.files(room).joinpath(file).is_file()


def test_a_daemon_does_not_load_what_only_training_needs() -> None:
    asked = "import sys, pipeline; print({name.partition('.')[0] for name in sys.modules} & {'sklearn', 'scipy'})"
    said = subprocess.run([sys.executable, "-c", asked], cwd="/", capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"


def test_each_command_is_found_under_its_own_name() -> None:
    assert [command.NAME for command in every_command()] == list(PLACES)


def test_the_daemon_does_not_load_the_page() -> None:
    asked = "import sys; sys.argv = ['priemnaya', 'run', '--help']; import pipeline\ntry: pipeline.main()\nexcept SystemExit: print('starlette' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", asked], cwd="/", capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-1] == "False"
