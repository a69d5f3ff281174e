"""A worse candidate stays outside, an equal one comes in, one step leads back; the card is a card."""

import json
import random
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from classify import card, model, shelf
from classify.corpus_check import near_copies, repeated_runs, wrong_rows
from classify.evaluate import ask, evaluated
from classify.examples import Example, read
from classify.gate import compare
from classify.train import train
from commands.line import run
from service.errors import Permanent

KINDS = {"лифт": "кабина кнопка этаж трос застрял", "двор": "качели песочница лавка клумба забор"}
REST = ["пожалуйста", "у", "нас", "с", "утра", "опять", "прошу", "помочь", "жильцы", "ждут", "давно"]


def _letters(a_topic: int, seed: int, *, wrong: float = 0.0) -> list[Example]:
    rng = random.Random(  # noqa: S311  # letters must be the same each time
        seed
    )
    topics = list(KINDS)
    return [
        Example(
            text=" ".join(rng.sample(KINDS[topic].split(), 2) + rng.sample(REST, 5)),
            topic=topics[1 - topics.index(topic)] if rng.random() < wrong else topic,
            id=f"{topic}-{n}", difficulty="plain" if n % 2 else "hard",
        )
        for topic in topics
        for n in range(a_topic)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three models: good, as good, and one that learned from wrong labels."""
    folder = tmp_path_factory.mktemp("models")
    train(_letters(60, 1), folder / "good")
    train(_letters(60, 2), folder / "other")
    train(_letters(60, 3, wrong=0.45), folder / "bad")
    return folder


def _loaded(folder: Path) -> model.Model:
    return model.load(folder, threshold=None)


HOLDOUT = _letters(40, 9)


def test_an_equal_candidate_passes_and_a_worse_one_does_not(made: Path) -> None:
    good, other, bad = (_loaded(made / name) for name in ("good", "other", "bad"))
    assert compare(other, good, HOLDOUT, HOLDOUT[:3], size=1).passes
    failed = {one.name for one in compare(bad, good, HOLDOUT, HOLDOUT, size=1).conditions if not one.holds}
    assert {"macro-F1", "recall by topic", "must-pass letters"} <= failed


def test_a_candidate_that_learned_from_the_holdout_or_is_too_big_does_not_pass(made: Path) -> None:
    good, other = _loaded(made / "good"), _loaded(made / "other")
    assert not compare(other, good, _letters(60, 2), [], size=1).passes
    assert not compare(other, good, HOLDOUT, [], size=16_000_000).passes


def test_three_models_are_kept_and_one_step_leads_back(made: Path, tmp_path: Path) -> None:
    versions = [shelf.put_in_use(made / name, tmp_path) for name in ("good", "other", "good", "bad", "other")]
    assert len(list((tmp_path / "previous").iterdir())) == 3
    assert _loaded(tmp_path).version == versions[-1]
    assert [shelf.roll_back(tmp_path) for _ in range(3)] == versions[-2:-5:-1]
    assert _loaded(tmp_path).version == versions[1]
    with pytest.raises(Permanent, match="no earlier model"):
        shelf.roll_back(tmp_path)
    did = [json.loads(line)["did"] for line in (tmp_path / "history.jsonl").read_text().splitlines()]
    assert did == ["promote"] * 5 + ["rollback"] * 3


def _command(*arguments: object) -> int:
    from commands import promotion, training  # noqa: PLC0415  # after the fixtures, as the command line does

    commands = (training.TRAIN, training.EVALUATE, promotion.PROMOTE, promotion.ROLLBACK)
    return run([str(one) for one in arguments], commands, None)  # type: ignore[arg-type]  # these need no house


def _written(file: Path, letters: list[Example]) -> Path:
    rows = [{"text": e.text, "topic": e.topic, "id": e.id} for e in letters]
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return file


def test_the_commands_train_hold_against_promote_and_roll_back(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = _written(tmp_path / "corpus.jsonl", _letters(60, 5) + HOLDOUT[:5])
    holdout = _written(tmp_path / "holdout.jsonl", HOLDOUT)
    in_use, candidate = tmp_path / "in-use", tmp_path / "candidate"
    shutil.copytree(made / "good", in_use)
    assert _command("train", "--corpus", corpus, "--out", candidate, "--holdout", holdout, "--wanted-error", 0.1) == 0
    assert "held back: 5" in capsys.readouterr().out
    assert _command("evaluate", "--model", candidate, "--on", holdout, "--against", in_use) == 0
    assert "holds  macro-F1" in capsys.readouterr().out
    assert _command("promote", "--candidate", made / "bad", "--in-use", in_use, "--on", holdout) == 1
    assert _loaded(in_use).version == _loaded(made / "good").version
    assert _command("promote", "--candidate", candidate, "--in-use", in_use, "--on", holdout) == 0
    assert _loaded(in_use).version == _loaded(candidate).version
    assert _command("rollback", "--in-use", in_use) == 0
    assert _loaded(in_use).version == _loaded(made / "good").version
    assert _command("rollback", "--in-use", in_use) == 1
    assert _command("rollback") == 78
    assert _command("train", "--corpus", corpus, "--out", candidate, "--wanted-error", 2) == 78


def test_the_card_is_well_formed_and_escapes_what_it_is_given(made: Path, tmp_path: Path) -> None:
    chosen = _loaded(made / "good")
    letters = [*HOLDOUT, Example(text="качели", topic='<b>"&|', id="odd", difficulty="<i>")]
    parts = card.contents(chosen, evaluated(chosen, letters), ask(chosen, letters), _letters(30, 1))
    card.write(tmp_path, parts)
    page, text = (tmp_path / "card.html").read_text(), (tmp_path / "card.md").read_text()
    assert "<b>" not in page
    assert "<i>" not in page
    assert "rect" in page
    for part in parts:
        if part.plot:
            ET.fromstring(part.plot)  # noqa: S314  # our own
    for title in ("Надёжность", "Охват и ошибка", "Кривая обучения", "Ошибки", "Срез: трудность", "Скорость"):
        assert f"## {title}" in text
        assert f"<h2>{title}</h2>" in page


@pytest.mark.parametrize(
    ("texts", "runs", "copies"),
    [
        (("раз два три четыре пять шесть семь", "ноль, Раз два ТРИ четыре пять шесть"), 1, 1),
        (("раз два три четыре пять семь восемь", "совсем другое письмо о чём угодно ещё"), 0, 0),
        (("не приходит код на телефон уже третий день", "не приходит код на телефон, третий уже день"), 0, 1),
        (("", "слово"), 0, 0),
    ],
)
def test_copies_among_the_training_letters_are_found(texts: tuple[str, str], runs: int, copies: int) -> None:
    letters = [Example(text=text, topic="access", id=str(n)) for n, text in enumerate(texts)]
    assert len(list(repeated_runs(letters))) == runs
    assert len(list(near_copies(letters))) == copies


def test_the_shipped_training_letters_repeat_no_run_of_words_and_say_whose_they_are() -> None:
    shipped = read([Path(__file__).parents[2] / "classify" / "corpus"])
    assert len(shipped) > 4000
    assert [*repeated_runs(shipped), *wrong_rows(shipped)] == []


@pytest.mark.long
def test_no_two_of_the_shipped_training_letters_are_near_copies() -> None:
    assert list(near_copies(read([Path(__file__).parents[2] / "classify" / "corpus"]))) == []


def test_a_training_letter_says_whose_it_is() -> None:
    good = Example(text="x", topic="access", persona="p", difficulty="border", border="mobile", id="1")
    bad = Example(text=" ", topic="nothing", difficulty="easy", border="mobile", id="2")
    assert not list(wrong_rows([good]))
    (told,) = wrong_rows([bad])
    for fault in ("no persona", "no text", "difficulty", "topic", "border"):
        assert fault in told
