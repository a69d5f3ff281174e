"""Which team gets a topic's tickets: a TOML file that a head of desk can edit, `"Team" = ["topic", …]`."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from service.errors import ConfigError

SHIPPED = {"complaint": "Жалобы"}  # a complaint about the support is not for the one complained of


def load(path: Path | None) -> Mapping[str, str]:
    """Topic to team; without a file complaints alone have one. ConfigError names the place and the remedy."""
    if path is None:
        return SHIPPED
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except OSError as fault:
        raise ConfigError(f"{path}: cannot be read ({fault.strerror}); mend desk.teams or leave it out") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise ConfigError(
            f'{path}: is no TOML: {fault}; write lines like "Платежи" = ["payments", "benefits"]'
        ) from fault
    teams: dict[str, str] = {}
    for team, topics in tables.items():
        if not isinstance(topics, list) or not all(isinstance(one, str) for one in topics):
            raise ConfigError(f"{path}: {team}: must be a list of topic ids")
        for topic in topics:
            if teams.setdefault(topic, team) != team:
                raise ConfigError(f"{path}: {topic} has two teams, {teams[topic]} and {team}: leave one")
    return teams
