"""Which topics a desk has: those of its model, in the order of the file that names them."""

from pathlib import Path

import numpy as np
import pytest

from classify import model_file
from classify.desk_topics import topics_of
from classify.topics import SHIPPED, Topic
from service.errors import ConfigError
from service.settings import ClassifySettings


def model(folder: Path, *topics: str) -> Path:
    """A model of those topics that knows nothing."""
    nothing = model_file.Block(features=["слово"], idf=np.ones(1), weights=np.zeros((1, len(topics))))
    parts = model_file.Parts(
        blocks={"lemmas": nothing, "pieces": nothing}, bias=np.zeros(len(topics)), lemmas={}, learned=frozenset()
    )
    model_file.write(folder / "model", {"topics": list(topics)}, parts)
    return folder / "model"


def titles(folder: Path, words: str) -> Path:
    path = folder / "titles.toml"
    path.write_text(words, encoding="utf-8")
    return path


def test_without_settings_they_are_the_shipped_ones() -> None:
    assert topics_of(ClassifySettings()) == SHIPPED
    assert SHIPPED.ids[0] == "access"
    assert SHIPPED.title("access") == "Вход и восстановление доступа"


def test_the_models_labels_are_the_desks_topics(tmp_path: Path) -> None:
    found = topics_of(ClassifySettings(model=model(tmp_path, "heating", "other", "payments", "water")))
    assert found.ids == ("payments", "other", "heating", "water"), "the shipped ones in their order, then the desk's"
    assert [found.title(one) for one in found.ids[1:3]] == ["Другое", "heating"]


def test_the_file_of_titles_gives_names_and_order_and_may_be_ahead_of_the_model(tmp_path: Path) -> None:
    place, named = model(tmp_path, "heating", "other", "water"), titles(
        tmp_path, 'water = "Вода"\nheating = "Отопление"\nlifts = "Лифты"\n'
    )  # fmt: skip
    found = topics_of(ClassifySettings(model=place, titles=named))
    assert found.ids == ("water", "heating", "lifts", "other")
    assert [found.title(one) for one in found.ids] == ["Вода", "Отопление", "Лифты", "Другое"]
    assert found.title(Topic.MOBILE) == "Мобильное приложение", "old tickets keep what they were"
    assert found.title("gone") == "gone"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("water = 1", "water: write the id"),
        ('Вода = "Вода"', "is no TOML"),
        ('"a b" = "x"', "a b: write the id"),
        ('water = " "', "water: write the id"),
        ("[", "is no TOML"),
    ],
)
def test_a_file_that_names_nothing_says_where(tmp_path: Path, words: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        topics_of(ClassifySettings(titles=titles(tmp_path, words)))


def test_a_file_or_a_model_that_is_away_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"titles\.toml: cannot be read"):
        topics_of(ClassifySettings(titles=tmp_path / "titles.toml"))
    with pytest.raises(ConfigError, match="no model can be read there"):
        topics_of(ClassifySettings(model=tmp_path))
