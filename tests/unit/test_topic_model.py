"""The shipped model: it loads, knows plain letters, doubts strange ones, and is refused when it does not fit."""

import json
import shutil
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from classify.examples import read, spoilt
from classify.model import load
from classify.topics import TITLES
from classify.train import train
from service.errors import ConfigError


def test_the_shipped_model_knows_the_fourteen_topics() -> None:
    assert set(load(None, threshold=None).topics) == set(TITLES)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("не приходит код подтверждения, не могу войти, пароль не подходит", "access"),
        ("Госключ не выпускает подпись, сертификат электронной подписи не читается", "signature"),
        ("оплатил штраф дважды, верните лишние деньги", "payments"),
        ("не могу записаться к врачу, нет свободных мест", "appointments"),
        ("оператор поддержки нагрубил и бросил трубку, ответили отпиской", "complaint"),
    ],
)
def test_a_plain_letter_gets_its_topic_and_whole_words_as_the_reason(text: str, topic: str) -> None:
    prediction = load(None, threshold=None).predict("", text)
    assert prediction.topic == topic
    assert prediction.why
    assert set(prediction.why) <= set(text.replace(",", "").split())
    assert sum(share for _, share in prediction.topics) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(
    ("text", "topic"),
    [("Забыл пароль, не могу войти в кабинет.", "access"), ("Пособие не назначили, хотя доход маленький.", "benefits")],
)
def test_a_subject_of_any_letter_makes_no_complaint_of_it(text: str, topic: str) -> None:
    asked = load(None, threshold=None)
    assert asked.predict("Обращение в поддержку", text).topic == topic
    assert asked.predict("Обращение в поддержку", text).topics == asked.predict("", text).topics


@pytest.mark.parametrize(
    "text",
    [
        "", "нет", "😀😀😀", "0 0 0", "qwrtp zxcv", "The quick brown fox jumps over the lazy dog",
        "Құрметті әріптестер, ертең сағат онда жиналыс болады",
        "Взбейте белки с сахаром до крепкой пены и выпекайте безе полтора часа",
        "Кварки удерживаются внутри адронов глюонным полем, лептоны во взаимодействии не участвуют",
        "Во втором тайме нападающий гостей пробил со штрафного в штангу, добивание парировал вратарь",
    ],
)  # fmt: skip
def test_a_letter_unlike_any_goes_to_a_person(text: str) -> None:
    assert load(None, threshold=None).predict("", text).needs_review


@pytest.mark.parametrize("text", ["", "...", "фывапр олджэ"])
def test_a_letter_of_no_word_that_is_known_has_the_topic_of_empty_letters(text: str) -> None:
    asked = load(None, threshold=None).predict("", text)
    assert (asked.topic, asked.topics[0][1], asked.needs_review) == ("other", 0.5, True)


def test_plain_letters_keep_their_topic_when_typed_in_haste() -> None:
    asked = load(None, threshold=None)
    letters = read([Path(str(resources.files("classify").joinpath("must_pass.jsonl")))])
    assert [one.id for one in letters if asked.predict("", one.text).topic != one.topic] == []
    assert sum(asked.predict("", spoilt(one, 5).text).topic == one.topic for one in letters) >= 0.9 * len(letters)


def _described(place: Path, **changes: object) -> None:
    """Writes other words into a model's description."""
    with np.load(place / "model.npz") as stored:
        arrays = dict(stored)
    said = json.loads(arrays["description"].tobytes()) | changes
    arrays["description"] = np.frombuffer(json.dumps(said).encode(), dtype=np.uint8)
    np.savez_compressed(place / "model.npz", **arrays)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 99}, "format 99"),
        ({"arrays_sha256": "0"}, "damaged"),
        ({"pymorphy3": "0.1"}, "Train it anew"),
    ],
)
def test_a_model_that_does_not_fit_is_refused(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    shutil.copytree(str(resources.files("classify").joinpath("model")), tmp_path / "model")
    _described(tmp_path / "model", **changes)
    with pytest.raises(ConfigError, match=said):
        load(tmp_path / "model", threshold=None)


@pytest.mark.parametrize("raw", [b"", b"no archive", b"PK\x03\x04 cut off", b"\x93NUMPY\x01\x00v\x00{'descr': '|O'"])
def test_a_file_that_is_no_model_is_refused_with_the_remedy(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "model.npz").write_bytes(raw)
    with pytest.raises(ConfigError, match="priemnaya train"):
        load(tmp_path, threshold=None)
    with pytest.raises(ConfigError, match="no model"):
        load(tmp_path / "none", threshold=None)


def test_a_desk_trains_on_its_own_topics_and_the_same_letters_give_the_same_bytes(tmp_path: Path) -> None:
    rows = [
        {"text": f"{word} {n} сломался опять", "topic": word} for word in ("лифт", "кран", "свет") for n in range(4)
    ]
    corpus = tmp_path / "own.jsonl"
    corpus.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    first = train(read([corpus]), tmp_path / "one")
    second = train(read([corpus]), tmp_path / "two")
    assert first["version"] == second["version"]
    assert (tmp_path / "one/model.npz").read_bytes() == (tmp_path / "two/model.npz").read_bytes()
    trained = load(tmp_path / "one", threshold=None)
    assert trained.predict("", "опять сломался лифт").topic == "лифт"
    assert trained.predict("", "опять сломался лифт").unknown == 0.0
    assert trained.predict("", "опять мяукает кот").unknown == pytest.approx(2 / 3, abs=1e-4)
    assert trained.predict("", "").unknown is None


def test_a_row_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"text": "x", "topic": "y"}\n{"text": 1}\n')
    with pytest.raises(ConfigError, match=r"bad\.jsonl:2"):
        read([tmp_path / "bad.jsonl"])
