"""What each kind of letter must give: read from a TOML file that a head of desk can edit."""

import tomllib
from collections.abc import Collection, Mapping
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Setting

from service.errors import ConfigError
from validate.findings import Field, Found, Kind, Missing


class Needs(BaseModel):
    """What one kind of letter needs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    needs: tuple[Missing, ...]
    number: tuple[Field, ...] = (Field.INN, Field.ACCOUNT)  # any of these counts as the number


class TopicNeeds(BaseModel):
    """What a topic needs on top of its kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    needs: tuple[Missing, ...] = ()


class Requirements(BaseModel):
    """The whole file: one table a kind, and what some topics add."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    request: Needs
    appeal: Needs
    repeat: Needs
    complaint: Needs
    topics: Mapping[str, TopicNeeds] = Setting(default_factory=dict)

    def of(self, kind: Kind) -> Needs:
        """The table of one kind."""
        table: Needs = getattr(self, kind.value)
        return table


def load(path: Path | None) -> Requirements:
    """The requirements of a file, the shipped ones without a path; ConfigError names the place and the remedy."""
    name = str(path) if path else "the shipped requirements.toml"
    try:
        text = path.read_text("utf-8") if path else files("validate").joinpath("requirements.toml").read_text("utf-8")
        return Requirements.model_validate(tomllib.loads(text))
    except OSError as fault:
        raise ConfigError(
            f"{name}: cannot be read ({fault.strerror}); give a readable file or leave the setting out"
        ) from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise ConfigError(f"{name}: is no TOML: {fault}; compare it with the shipped requirements.toml") from fault
    except ValidationError as fault:
        places = "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in fault.errors()[:5])
        raise ConfigError(f"{name}: {places}; the words allowed stand at the top of the shipped file") from fault


def missing(
    kind: Kind, topic: str | None, found: Mapping[Field, Found], requirements: Requirements
) -> tuple[Missing, ...]:
    """What the letter lacks, in the order in which it is asked for."""
    wanted = set(requirements.of(kind).needs)
    if topic is not None and topic in requirements.topics:
        wanted.update(requirements.topics[topic].needs)
    there = given(kind, found, requirements)
    return tuple(word for word in Missing if word in wanted and word not in there)


def given(kind: Kind, found: Collection[Field], requirements: Requirements) -> frozenset[Missing]:
    """What of all that can be asked for these fields answer; which of them count as the number, the kind says."""
    answered = frozenset(word for word, field in _ONE_FIELD.items() if field in found)
    number = any(field in found for field in requirements.of(kind).number)
    return answered | {Missing.INN_OR_ACCOUNT} if number else answered


_ONE_FIELD = {
    Missing.FIO: Field.FIO,
    Missing.DATE: Field.DATE,
    Missing.DESCRIPTION: Field.DESCRIPTION,
    Missing.OGRN: Field.OGRN,
}
