"""The shipped model: it loads, knows plain letters, doubts strange ones, and is refused when it does not fit."""

import json
import shutil
from importlib import resources
from pathlib import Path

import pytest

from classify.model import load
from classify.topics import TITLES
from classify.train import read, train
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
    assert set(prediction.why) <= set(text.lower().replace(",", "").split())
    assert sum(share for _, share in prediction.topics) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("text", ["", "The quick brown fox jumps over the lazy dog", "qwrtp zxcv", "😀😀😀", "0 0 0"])
def test_a_letter_unlike_any_goes_to_a_person(text: str) -> None:
    assert load(None, threshold=None).predict("", text).needs_review


def test_a_model_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    shutil.copytree(str(resources.files("classify").joinpath("model")), tmp_path / "model")
    described = tmp_path / "model" / "model.json"
    meta = json.loads(described.read_text())
    described.write_text(json.dumps(meta | {"format": 99}))
    with pytest.raises(ConfigError, match="format 99"):
        load(tmp_path / "model", threshold=None)
    described.write_text(json.dumps(meta | {"weights_sha256": "0"}))
    with pytest.raises(ConfigError, match="Train it anew"):
        load(tmp_path / "model", threshold=None)
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
    assert (tmp_path / "one/weights.npz").read_bytes() == (tmp_path / "two/weights.npz").read_bytes()
    assert load(tmp_path / "one", threshold=None).predict("", "опять сломался лифт").topic == "лифт"


def test_a_row_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"text": "x", "topic": "y"}\n{"text": 1}\n')
    with pytest.raises(ConfigError, match=r"bad\.jsonl:2"):
        read([tmp_path / "bad.jsonl"])
