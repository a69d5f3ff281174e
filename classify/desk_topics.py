"""The topics of this desk: the labels of its model, and a file with their titles that a head of desk can edit.

The file's lines are `delivery = "Доставка"`. Their order is the order of the lists and of the keys, so that a key
stays where it was when a topic is added at the end. A topic that stands there and is not yet in the model can be told
by staff all the same: their word is how the next model learns it.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from classify import model_file
from classify.topics import SHIPPED, Topics
from service.errors import ConfigError
from service.settings import ClassifySettings

_ID = re.compile(r"[\w-]{1,40}")


def topics_of(settings: ClassifySettings) -> Topics:
    """The desk's topics; ConfigError names the place and the remedy."""
    titles = _titles(settings.titles) if settings.titles is not None else {}
    learned = model_file.topics(settings.model) if settings.model is not None else SHIPPED.ids
    first = titles or {topic: "" for topic in SHIPPED.ids if topic in learned}
    return Topics(ids=tuple(dict.fromkeys((*first, *learned))), titles=titles)


def _titles(path: Path) -> Mapping[str, str]:
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except OSError as fault:
        raise ConfigError(f"{path}: cannot be read ({fault.strerror}); mend classify.titles or leave it out") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise ConfigError(f'{path}: is no TOML: {fault}; write lines like delivery = "Доставка"') from fault
    for topic, said in found.items():
        if not _ID.fullmatch(topic) or not isinstance(said, str) or not said.strip():
            raise ConfigError(
                f'{path}: {topic}: write the id that letters are labelled with, "=", its title: delivery = "Доставка"'
            )
    return found
