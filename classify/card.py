"""The model card: what the model is, how good it is on which letters, where it fails. Markdown, and HTML with plots."""

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

_HEAT_MOST = 30  # topics; a larger table is no picture
_DOUBTS_SHOWN = 50
_STYLE = "body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}td,th{padding:.2rem .6rem;text-align:left;border-bottom:1px solid #ccc}svg{max-width:100%;height:auto}"  # noqa: E501  # one line of CSS


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
        ("version", model.version),
        ("learned from", f"{sum(said['letters'].values())} letters of {len(model.topics)} topics"),
        ("letters' checksum", said["corpus_sha256"][:16]),
        ("recipe", ", ".join(f"{name} {value}" for name, value in said["recipe"].items())),
        ("calibration", ", ".join(f"{name} {value}" for name, value in said["calibration"].items())),
        ("scikit-learn · pymorphy3", f"{said['sklearn']} · {said['pymorphy3']}"),
        ("a person looks below", f"{model.threshold}"),
        ("on letters left out in turn", ", ".join(f"{name} {value}" for name, value in said["out_of_fold"].items())),
    ]
    prose = (
        "A linear model over lemmas, their pairs and pieces of words. It sorts letters to a support mailbox by topic, "
        "to be confirmed by a person where it doubts. Names, numbers and addresses are masked before it learns; words "
        "of a desk's own letters are learned from five senders or more."
    )
    return Part(title="Model", prose=prose, rows=(("", ""), *rows))


def _how_good(figures: dict[str, Any]) -> Part:
    names = ("letters", "accuracy", "accuracy_95", "macro_f1", "hit_at_3", "accuracy_top80", "ece10", "threshold",
             "coverage", "error_of_covered")  # fmt: skip
    rows = [(name, str(figures[name])) for name in names]
    rows += [(f"noise: {name}", str(value)) for name, value in figures["noise"].items()]
    rows += [(f"milliseconds: {name}", str(value)) for name, value in figures["milliseconds"].items()]
    return Part(title="Figures", rows=(("", ""), *rows))


def _topics(figures: dict[str, Any]) -> Part:
    head = ("topic", "letters", "precision", "recall", "F1")
    rows = [
        (topic, str(one["n"]), *(f"{one[name]:.3f}" for name in ("precision", "recall", "f1")))
        for topic, one in figures["by_topic"].items()
    ]
    return Part(title="By topic", rows=(head, *rows))


def _reliability(answers: Answers) -> Part:
    bins = measure.reliability(answers.best, answers.hit)
    rows = [(f"{one['confidence']:.3f}", f"{one['accuracy']:.3f}", str(one["n"])) for one in bins]
    points = [(one["confidence"], one["accuracy"]) for one in bins]
    plot = plots.lines("Reliability", points, across="confidence", up="accuracy", diagonal=True)
    return Part(title="Reliability", rows=(("confidence", "accuracy", "letters"), *rows), plot=plot)


def _coverage(answers: Answers, figures: dict[str, Any]) -> Part:
    rows = [
        (wanted, f"{one['threshold']:.4f}", f"{one['coverage']:.3f}", str(one["error"]))
        for wanted, one in figures["coverage_at_wanted_error"].items()
    ]
    points = measure.coverage_curve(answers.best, answers.hit)
    plot = plots.lines("Coverage against error", points, across="share that nobody looks at", up="of those wrong")
    head = ("wanted error", "threshold", "coverage", "error")
    return Part(title="Coverage against error", rows=(head, *rows), plot=plot)


def _confusion(answers: Answers, figures: dict[str, Any]) -> Part:
    rows = [(one["topic"], one["said"], str(one["n"])) for one in figures["confusions"]]
    counts = measure.confusion(answers.right, answers.said, len(answers.topics)).tolist()
    plot = plots.heat("Confusion", answers.topics, counts) if len(answers.topics) <= _HEAT_MOST else ""
    return Part(title="Mistakes", rows=(("right", "said", "letters"), *rows), plot=plot)


def _slices(figures: dict[str, Any]) -> list[Part]:
    return [
        Part(
            title=f"By {name}",
            rows=(("", "letters", "accuracy"), *((k, str(v["n"]), f"{v['accuracy']:.3f}") for k, v in found.items())),
            plot=plots.bars(f"Accuracy by {name}", [(k, v["accuracy"]) for k, v in found.items()]),
        )
        for name, found in figures["slices"].items()
    ]


def _of_corpus(model: Model, corpus: Sequence[Example]) -> list[Part]:
    recipe = Recipe(**model.description["recipe"])
    curve = learning_curve(corpus, Recipe(strength=recipe.strength, balance=recipe.balance))
    doubts = doubtful(corpus, recipe, Calibration(**model.description["calibration"]), most=_DOUBTS_SHOWN)
    return [
        Part(
            title="Learning curve",
            rows=(("letters a topic", "accuracy"), *((str(size), f"{accuracy:.3f}") for size, accuracy in curve)),
            plot=plots.lines("Learning curve", curve, across="letters a topic", up="accuracy, letters held back"),
        ),
        Part(
            title="Labels to look at again",
            prose="Letters whose label a model that had not seen them (nor their writer) holds unlikely.",
            rows=(
                ("letter", "label", "likely", "of the label", "of the likely one"),
                *((d.id, d.topic, d.likely, f"{d.given:.3f}", f"{d.likeliest:.3f}") for d in doubts),
            ),
        ),
    ]


def write(folder: Path, parts: Sequence[Part]) -> None:
    """Writes card.md and card.html into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "card.md").write_text("# Model card\n\n" + "\n".join(map(_markdown, parts)), encoding="utf-8")
    whole = "".join(map(_html, parts))
    (folder / "card.html").write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Model card</title><style>{_STYLE}</style>'
        f"<h1>Model card</h1>{whole}</html>\n",
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
