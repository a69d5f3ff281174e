"""Training on anybody's letters: few a topic, one a topic, skewed; the same bytes; what may enter the vocabulary."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

from classify import corrections, folds, model
from classify.calibrate import Calibration
from classify.doubtful import doubtful
from classify.evaluate import ask, evaluated
from classify.examples import Example, read, spoilt, without
from classify.recipe import Counts, Recipe
from classify.train import labels, strongest, train
from service.errors import ConfigError

SUBJECTS = {
    "свет": "лампочка фонарь столб темно провод электрик подстанция щиток",
    "вода": "кран труба течь насос напор подвал сантехник вентиль",
    "дорога": "яма асфальт люк бордюр знак светофор разметка лужа",
}
REST = [
    "у",
    "нас",
    "во",
    "дворе",
    "с",
    "утра",
    "опять",
    "не",
    "чинят",
    "прошу",
    "помочь",
    "жильцы",
    "дома",
    "очень",
    "ждут",
    "давно",
]


def _letters(a_topic: int, *, sender: str | None = None, subjects: dict[str, str] | None = None) -> list[Example]:
    rng = random.Random(  # noqa: S311  # letters must be the same each time
        5
    )
    return [
        Example(
            text=" ".join(rng.sample(words.split(), 3) + rng.sample(REST, 4)),
            topic=topic, id=f"{topic}-{n}", sender=sender,
        )
        for topic, words in (subjects or SUBJECTS).items()
        for n in range(a_topic)
    ]  # fmt: skip


def test_a_desk_trains_on_its_own_topics_and_gets_them_right(tmp_path: Path) -> None:
    train(_letters(40), tmp_path)
    chosen = model.load(tmp_path, threshold=None)
    assert chosen.predict("", "прошу починить кран, течь в подвале, труба").topic == "вода"
    assert evaluated(chosen, _letters(10))["accuracy"] == 1.0


@pytest.mark.parametrize("counts", [(1, 1, 40), (2, 3, 1), (1, 30, 2), (3, 3, 3), (1, 0, 1)])
def test_topics_of_one_to_three_letters_break_nothing(tmp_path: Path, counts: tuple[int, ...]) -> None:
    letters = _letters(40)
    few = [e for topic, n in zip(SUBJECTS, counts, strict=True) for e in [x for x in letters if x.topic == topic][:n]]
    try:
        train(few, tmp_path)
    except ConfigError as error:
        assert "too few" in str(error)  # one letter of each topic: none can be held back
        assert max(counts) < 2
        return
    said = evaluated(model.load(tmp_path, threshold=None), few)
    assert 0 <= said["accuracy"] <= 1
    assert json.loads(json.dumps(said)) == said


def test_a_topic_that_the_model_does_not_know_counts_as_wrong(tmp_path: Path) -> None:
    train(_letters(20), tmp_path)
    new = Example(text="вывезите мусор от подъезда", topic="мусор")
    said = evaluated(model.load(tmp_path, threshold=None), [new, *_letters(1)])
    assert said["by_topic"]["мусор"]["recall"] == 0
    assert said["accuracy"] == 0.75


def test_one_topic_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="two topics"):
        train(_letters(5, subjects={"свет": SUBJECTS["свет"]}), tmp_path)


def test_letters_without_a_word_are_refused_or_carried_along(tmp_path: Path) -> None:
    empty = [Example(text="", topic=e.topic) for e in _letters(5)]
    with pytest.raises(ConfigError, match="without a single word"):
        train(empty, tmp_path)
    train([*empty, Example(text="кран течёт", topic="вода")], tmp_path)
    assert model.load(tmp_path, threshold=None).predict("", "").needs_review


def test_where_nothing_was_wrong_out_of_fold_not_every_letter_goes_to_a_person(tmp_path: Path) -> None:
    letters = _letters(60)
    train([*letters, *letters, *letters], tmp_path)
    asked = model.load(tmp_path, threshold=None)
    assert any(not asked.predict("", e.text).needs_review for e in letters)


def test_a_byte_order_mark_and_half_an_emoji_are_read(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"text": "\\ud83d x", "topic": "y"}\n')
    assert read([file])[0].text == "? x"


def test_a_desks_own_words_are_learned_from_five_senders_only() -> None:
    text = "чудозавр сломался у подъезда"
    for senders, learned in ((4, False), (5, True)):
        letters = [*_letters(5), *(Example(text=text, topic="свет", sender=f"s{n % senders}") for n in range(20))]
        counts = Counts(letters)
        (fitted,) = counts.learn(np.arange(len(letters)), labels(letters)[1], 3, [Recipe()])
        assert (counts.names["lemmas"].index("чудозавр") in fitted.blocks["lemmas"].columns) is learned


def test_names_and_numbers_of_people_are_never_learned(tmp_path: Path) -> None:
    letters = [
        Example(text=f"{e.text}, звонить Петровой Марии, ИНН 500100732259, почта mp@mail.example", topic=e.topic)
        for e in _letters(20)
    ]
    train(letters, tmp_path)
    with np.load(tmp_path / "model.npz") as stored:
        inside = "".join(stored[name].tobytes().decode() for name in stored.files if stored[name].dtype == np.uint8)
    for own in ("петров", "500100", "mp@", "mail.exam"):
        assert own not in inside


def test_letters_held_back_are_not_learned_from_and_the_model_knows_which_it_saw(tmp_path: Path) -> None:
    letters = _letters(20)
    held = [Example(text=letters[0].text.upper() + "!", topic=letters[0].topic)]
    kept = without(letters, held)
    assert letters[0] not in kept
    train(kept, tmp_path)
    learned = model.load(tmp_path, threshold=None).learned
    assert held[0].number not in learned
    assert all(example.number in learned for example in kept)


def test_a_spoilt_letter_is_spoilt_the_same_way_each_time_and_still_understood(tmp_path: Path) -> None:
    letters = _letters(40)
    assert [spoilt(e, 1).text for e in letters] == [spoilt(e, 1).text for e in letters]
    assert any(spoilt(e, 1).text != e.text for e in letters)
    train(letters, tmp_path)
    answers = ask(model.load(tmp_path, threshold=None), [spoilt(e, 1) for e in letters])
    assert answers.hit.mean() > 0.95


def test_folds_keep_a_writer_and_a_border_pair_on_one_side() -> None:
    letters = [
        Example(text="", topic="ab"[n % 2], writer=f"w{n % 7}", persona=f"p{n % 20}",
                border="ba"[n % 2] if n % 3 == 0 else None, id=str(n))
        for n in range(140)
    ]  # fmt: skip
    for learned, judged in folds.by_writer(letters):
        assert not {letters[n].writer for n in learned} & {letters[n].writer for n in judged}
    pairs = [{letters[n].border is not None for n in judged} for _, judged in folds.by_persona(letters)]
    assert sum(True in kinds for kinds in pairs) == 1
    assert sorted(n for _, judged in folds.by_writer(letters) for n in judged) == list(range(140))


def test_the_strongest_recipe_that_is_not_surely_worse_is_taken() -> None:
    best = np.repeat([1.0, 0.0], [800, 200])
    as_good = np.concatenate([np.zeros(10), best[10:-9], np.ones(9)])
    worse = np.concatenate([np.zeros(100), best[100:]])
    assert strongest([best, as_good, worse], draws=1) == 1
    assert strongest([worse, best], draws=4) == 1
    assert strongest([best, worse, worse], draws=1) == 0


def test_what_is_counted_scores_as_the_model_in_the_file_does(tmp_path: Path) -> None:
    letters = _letters(40)
    counts, (topics, right) = Counts(letters), labels(letters)
    train(letters, tmp_path)
    chosen = model.load(tmp_path, threshold=None)
    recipe = Recipe(**chosen.description["recipe"])
    (fitted,) = counts.learn(np.arange(len(letters)), right, len(topics), [recipe])
    rows = np.arange(len(letters))
    calibration = Calibration(**chosen.description["calibration"])
    shares = calibration.shares(counts.scores(fitted, rows), *counts.known(fitted, rows))
    said = ask(chosen, letters).shares
    assert np.abs(shares - said).max() < 0.01  # the file keeps weights of half the digits


def test_a_wrong_label_is_the_first_to_look_at() -> None:
    letters = _letters(30)
    wrong = Example(text=letters[0].text + " лампочка фонарь столб", topic="вода", id="wrong")
    flat = Calibration(temperature=0.2, slope=1.0, known=0.0, start=0.0)
    assert doubtful([*letters, wrong], Recipe(), flat)[0].id == "wrong"


def _correction(n: int, **changes: object) -> corrections.Correction:
    row = {
        "id": f"26-000000{n}", "subject": "", "text": "кран течёт", "topic": "вода", "said": "вода", "model": "0",
        "who": "olga", "when": "2026-11-23T10:00:00+03:00", "hidden": True, "sender": f"s{n}",
    }  # fmt: skip
    return corrections.Correction(**(row | changes))  # type: ignore[arg-type]  # a row of a test


def test_corrections_are_examples(tmp_path: Path) -> None:
    file = tmp_path / "corrections.jsonl"
    corrections.add(file, [_correction(1), _correction(2, said="свет"), _correction(3, hidden=False, said="свет")])
    assert [example.sender for example in read([file])] == ["s1", "s2", "s3"]


@pytest.mark.parametrize(
    "row", ["[]", '"x"', "{", '{"text": 1, "topic": "a"}', '{"text": "x", "topic": ""}', '{"text": "x"}', "\udcff"]
)
def test_a_row_that_cannot_be_used_is_named_by_its_place(tmp_path: Path, row: str) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b'{"text": "x", "topic": "y"}\n' + row.encode(errors="surrogateescape") + b"\n")
    with pytest.raises(ConfigError, match=r"rows\.jsonl"):
        read([file])
