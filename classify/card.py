"""The model card: what the model is, how good it is on which letters, where it fails. Markdown, and HTML with plots.

In Russian: the staff's quality page shows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from classify import measure, plots
from classify.calibrate import Calibration
from classify.curve import learning_curve
from classify.doubtful import doubtful
from classify.evaluate import Answers
from classify.examples import Example
from classify.model import Model
from classify.recipe import Recipe

_SLICES = {"difficulty": "трудность", "writer": "автор", "border": "граница тем", "words": "длина, слов"}
_HEAT_MOST = 30  # topics; a larger table is no picture
_DOUBTS_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the card."""

    title: str
    rows: tuple[tuple[str, ...], ...] = ()  # a table, its head first
    prose: str = ""
    plot: str = ""  # SVG


def contents(model: Model, figures: dict[str, Any], answers: Answers, corpus: Sequence[Example]) -> list[Part]:
    """The card's parts; with the corpus also the learning curve and the labels in doubt (trains several models)."""
    return [
        _what(model),
        _how_good(figures),
        _speed(figures),
        _topics(figures),
        _reliability(answers),
        _coverage(answers, figures),
        _confusion(answers, figures),
        *_slices(figures),
        *(_of_corpus(model, corpus) if corpus else []),
    ]


def _what(model: Model) -> Part:
    said = model.description
    rows = [
        ("версия", model.version),
        ("обучена на", f"писем: {sum(said['letters'].values())}, тем: {len(model.topics)}"),
        ("контрольная сумма писем", said["corpus_sha256"][:16]),
        ("рецепт", ", ".join(f"{name} {value}" for name, value in said["recipe"].items())),
        ("калибровка", ", ".join(f"{name} {value}" for name, value in said["calibration"].items())),
        ("scikit-learn · pymorphy3", f"{said['sklearn']} · {said['pymorphy3']}"),
        ("человек смотрит ниже", f"{model.threshold}"),
        (
            "на письмах, отложенных по очереди",
            ", ".join(f"{name} {value}" for name, value in said["out_of_fold"].items()),
        ),
    ]
    prose = (
        "Линейная модель по леммам, их парам и частям слов. Она раскладывает письма в поддержку по темам; где "
        "сомневается, решает человек. Имена, номера и адреса скрыты до обучения; слова из собственных писем приёмной "
        "берутся, если их написали пятеро или больше."
    )
    return Part(title="Модель", prose=prose, rows=(("", ""), *rows))


_FIGURES = {
    "letters": "писем", "accuracy": "точность", "accuracy_95": "точность, 95 %", "macro_f1": "macro-F1",
    "hit_at_3": "среди трёх первых", "accuracy_top80": "точность на 80 % самых уверенных",
    "ece10": "ошибка калибровки, 10 корзин", "threshold": "порог", "coverage": "доля без проверки",
    "error_of_covered": "ошибок среди них",
}  # fmt: skip


def _how_good(figures: dict[str, Any]) -> Part:
    rows = [(said, str(figures[name])) for name, said in _FIGURES.items()]
    rows += [(f"с помехами: {name}", str(value)) for name, value in figures["noise"].items()]
    return Part(title="Показатели", rows=(("", ""), *rows))


def _speed(figures: dict[str, Any]) -> Part:
    found = figures["milliseconds"]
    return Part(
        title="Скорость",
        rows=(("письмо, миллисекунд процессора", ""), *((name, str(value)) for name, value in found.items())),
        plot=plots.columns("Скорость", list(found.items()), up="мс на письмо"),
    )


def _topics(figures: dict[str, Any]) -> Part:
    head = ("тема", "писем", "точность", "полнота", "F1")
    rows = [
        (topic, str(one["n"]), *(f"{one[name]:.3f}" for name in ("precision", "recall", "f1")))
        for topic, one in figures["by_topic"].items()
    ]
    return Part(title="По темам", rows=(head, *rows))


def _reliability(answers: Answers) -> Part:
    bins = measure.reliability(answers.best, answers.hit)
    rows = [(f"{one['confidence']:.3f}", f"{one['accuracy']:.3f}", str(one["n"])) for one in bins]
    points = [(one["confidence"], one["accuracy"]) for one in bins]
    plot = plots.lines("Надёжность", points, across="уверенность", up="доля верных", diagonal=True)
    return Part(title="Надёжность", rows=(("уверенность", "доля верных", "писем"), *rows), plot=plot)


def _coverage(answers: Answers, figures: dict[str, Any]) -> Part:
    rows = [
        (wanted, f"{one['threshold']:.4f}", f"{one['coverage']:.3f}", str(one["error"]))
        for wanted, one in figures["coverage_at_wanted_error"].items()
    ]
    points = measure.coverage_curve(answers.best, answers.hit)
    plot = plots.lines("Охват и ошибка", points, across="доля, которую никто не проверяет", up="ошибок среди них")
    head = ("желаемая ошибка", "порог", "охват", "ошибка")
    return Part(title="Охват и ошибка", rows=(head, *rows), plot=plot)


def _confusion(answers: Answers, figures: dict[str, Any]) -> Part:
    rows = [(one["topic"], one["said"], str(one["n"])) for one in figures["confusions"]]
    counts = measure.confusion(answers.right, answers.said, len(answers.topics)).tolist()
    plot = plots.heat("Ошибки", answers.topics, counts) if len(answers.topics) <= _HEAT_MOST else ""
    return Part(title="Ошибки", rows=(("верно", "сказано", "писем"), *rows), plot=plot)


def _slices(figures: dict[str, Any]) -> list[Part]:
    return [
        Part(
            title=f"Срез: {_SLICES.get(name, name)}",
            rows=(("", "писем", "точность"), *((k, str(v["n"]), f"{v['accuracy']:.3f}") for k, v in found.items())),
            plot=plots.bars(f"Точность: {_SLICES.get(name, name)}", [(k, v["accuracy"]) for k, v in found.items()]),
        )
        for name, found in figures["slices"].items()
    ]


def _of_corpus(model: Model, corpus: Sequence[Example]) -> list[Part]:
    recipe = Recipe(**model.description["recipe"])
    curve = learning_curve(corpus, Recipe(strength=recipe.strength, balance=recipe.balance))
    doubts = doubtful(corpus, recipe, Calibration(**model.description["calibration"]), most=_DOUBTS_SHOWN)
    return [
        Part(
            title="Кривая обучения",
            rows=(("писем на тему", "точность"), *((str(size), f"{accuracy:.3f}") for size, accuracy in curve)),
            plot=plots.lines("Кривая обучения", curve, across="писем на тему", up="точность на отложенных"),
        ),
        Part(
            title="Метки, которые стоит перепроверить",
            prose="Письма, чью метку считает маловероятной модель, не видевшая ни их, ни других писем того же автора.",
            rows=(
                ("письмо", "метка", "вероятнее", "доля метки", "доля вероятной"),
                *((d.id, d.topic, d.likely, f"{d.given:.3f}", f"{d.likeliest:.3f}") for d in doubts),
            ),
        ),
    ]


def write(folder: Path, parts: Sequence[Part]) -> None:
    """Writes card.md and card.html into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "card.md").write_text("# Карточка модели\n\n" + "\n".join(map(_markdown, parts)), encoding="utf-8")
    whole = "".join(map(_html, parts))
    (folder / "card.html").write_text(
        '<!doctype html><html lang="ru"><meta charset="utf-8"><title>Карточка модели</title>'
        f"<style>{plots.PAGE_STYLE}</style><h1>Карточка модели</h1>{whole}</html>\n",
        encoding="utf-8",
    )


def _markdown(part: Part) -> str:
    lines = [f"## {part.title}", "", *([part.prose, ""] if part.prose else [])]
    for n, row in enumerate(part.rows):
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |")
        lines += ["|" + "---|" * len(row)] if n == 0 else []
    return "\n".join([*lines, ""])


def _html(part: Part) -> str:
    rows = [
        "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) + "</tr>"
        for row, tag in zip(part.rows, ["th"] + ["td"] * len(part.rows), strict=False)
    ]
    table = f"<table>{''.join(rows)}</table>" if rows else ""
    prose = f"<p>{escape(part.prose)}</p>" if part.prose else ""
    return f"<h2>{escape(part.title)}</h2>{prose}{part.plot}{table}"
