"""What the quality page says, computed from what the store counted. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from classify import measure, plots
from classify.drift import MOVED, MUCH_MOVED, psi
from classify.topics import Topics
from store.quality import Arrived, Mix, ToldTopic, Unknown

FEWEST = 20  # told topics below which a diagram says nothing
BESIDE_HEAT, BESIDE_BARS = 17, 20  # characters of a topic's title that fit there
MISTAKES_SHOWN = 25

Row = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture and the table of the same figures."""

    name: str  # its anchor in the page
    title: str
    prose: str
    svg: str = ""  # made here, from numbers and escaped names
    head: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    empty: str = ""  # said instead when there is nothing to draw: what to do


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """How often people confirmed what the model said."""

    told: int
    right: int
    low: float  # 95 % interval of the share
    high: float


def confirmed(topics: Sequence[ToldTopic]) -> Confirmed:
    """Over these told topics."""
    right = sum(one.right for one in topics)
    low, high = measure.wilson(right, len(topics))
    return Confirmed(told=len(topics), right=right, low=low, high=high)


def letters_a_day(days: Sequence[tuple[date, Arrived]]) -> Chart:
    """Letters by the desk's days, oldest first, the empty ones too."""
    whole = sum(one.letters for _, one in days)
    named = [(day.strftime("%d.%m"), one.letters) for day, one in days]
    return Chart(
        name="letters",
        title="Письма по дням",
        prose=f"Всего {whole}, из них от роботов {sum(one.robots for _, one in days)}, "
        f"отложено сбоем {sum(one.parked for _, one in days)}.",
        svg=plots.columns("Письма по дням", named, up="писем"),
        head=("День", "Писем", "От роботов", "Отложено сбоем"),
        rows=tuple((day.strftime("%d.%m.%Y"), one.letters, one.robots, one.parked) for day, one in reversed(days)),
        empty=""
        if whole
        else "За этот срок писем не было. Если они должны быть, спросите дежурного: priemnaya doctor.",
    )


def confusion(topics: Sequence[ToldTopic], named: Topics) -> Chart:
    """Which topic the model said against which one people told; the table has the mistakes alone."""
    names = sorted({one.topic for one in topics} | {one.said for one in topics})
    place = {name: n for n, name in enumerate(names)}
    right = np.array([place[one.topic] for one in topics], dtype=np.int64)
    said = np.array([place[one.said] for one in topics], dtype=np.int64)
    counts = measure.confusion(right, said, len(names)).tolist() if topics else []
    mistakes = Counter((one.topic, one.said) for one in topics if not one.right)
    return Chart(
        name="confusion",
        title="Что с чем путает программа",
        prose="Строка — тема, которую назвал человек; столбец — которую назвала программа. На диагонали верные ответы.",
        svg=plots.heat(
            "Что с чем путает программа", [_short(named.title(name), BESIDE_HEAT) for name in names], counts
        ),
        head=("Верная тема", "Программа сказала", "Писем"),
        rows=tuple((right_one, said_one, n) for (right_one, said_one), n in mistakes.most_common(MISTAKES_SHOWN)),
        empty=_too_few(topics, 1),
    )


def reliability(topics: Sequence[ToldTopic]) -> Chart:
    """Whether of the letters given 0.8 eight in ten are right."""
    bins = measure.reliability(*_arrays(topics)) if topics else []
    points = [(one["confidence"], one["accuracy"]) for one in bins]
    error = measure.ece(*_arrays(topics)) if topics else 0.0
    return Chart(
        name="reliability",
        title="Можно ли верить процентам",
        prose=f"На диагонали проценты честные, ниже неё программа самоуверенна. Средняя ошибка {_percent(error)}.",
        svg=plots.lines("Надёжность процентов", points, across="уверенность", up="доля верных", diagonal=True),
        head=("Уверенность", "Верных", "Писем"),
        rows=tuple((_percent(one["confidence"]), _percent(one["accuracy"]), int(one["n"])) for one in bins),
        empty=_too_few(topics, FEWEST),
    )


def coverage(topics: Sequence[ToldTopic]) -> Chart:
    """What share could go without a person's look, at which share of mistakes."""
    points = measure.coverage_curve(*_arrays(topics), points=20) if topics else []
    return Chart(
        name="coverage",
        title="Сколько писем можно не проверять",
        prose="Если не смотреть самые уверенные ответы: по горизонтали их доля, по вертикали доля ошибок среди них.",
        svg=plots.lines("Доля без проверки и ошибки в ней", points, across="доля без проверки", up="доля ошибок"),
        head=("Без проверки", "Ошибок среди них"),
        rows=tuple((_percent(share), _percent(wrong)) for share, wrong in points),
        empty=_too_few(topics, FEWEST),
    )


def drift(then: Mix, now: Mix, named: Topics) -> Chart:
    """Last seven days against the four weeks before: does the mail still look like what it was?"""
    nothing = not then.topics or not now.topics
    topics, confidence = psi(then.topics, now.topics), psi(then.confidence, now.confidence)
    shares = _shares(then.topics), _shares(now.topics)
    names = sorted(set(then.topics) | set(now.topics), key=lambda name: -shares[1].get(name, 0.0))
    rows = [
        (named.title(name), _percent(shares[0].get(name, 0.0)), _percent(shares[1].get(name, 0.0))) for name in names
    ]
    return Chart(
        name="drift",
        title="Изменился ли поток",
        prose="Последние семь дней против четырёх недель до них. "
        f"Темы: {_moved(topics)} ({_number(topics)}); уверенность: {_moved(confidence)} ({_number(confidence)}).",
        svg=plots.bars(
            "Доли тем за семь дней",
            [(_short(named.title(name), BESIDE_BARS), shares[1].get(name, 0.0)) for name in names],
        ),
        head=("Тема", "Раньше", "Теперь"),
        rows=tuple(rows),
        empty="Сравнивать пока не с чем: нужны заявки за последние семь дней и за четыре недели до них."
        if nothing
        else "",
    )


def unknown_words(weeks: Sequence[tuple[date, Unknown]]) -> Chart:
    """The share of words that the model does not know, by weeks that begin on these days, oldest first."""
    shares = [one.share for _, one in weeks if one.share is not None]
    named = [(day.strftime("%d.%m"), round((one.share or 0.0) * 100, 1)) for day, one in weeks]
    said = (
        f"За последнюю неделю {_percent(shares[-1])}"
        + (f", раньше в среднем {_percent(sum(shares[:-1]) / len(shares[:-1]))}." if len(shares) > 1 else ".")
        if shares
        else ""
    )
    return Chart(
        name="unknown",
        title="Незнакомые слова",
        prose=f"Доля слов, которых модель не встречала. {said} Растёт — люди пишут о новом: пора учить модель.",
        svg=plots.columns("Незнакомые слова по неделям", named, up="% слов"),
        head=("Неделя с", "Заявок", "Незнакомых слов"),
        rows=tuple(
            (day.strftime("%d.%m.%Y"), one.tickets, "—" if one.share is None else _percent(one.share))
            for day, one in reversed(weeks)
        ),
        empty="" if shares else "Пока нет заявок, открытых по письмам. Первые дадут первую неделю.",
    )


def _arrays(topics: Sequence[ToldTopic]) -> tuple[measure.Floats, measure.Truths]:
    return np.array([one.confidence for one in topics]), np.array([one.right for one in topics], dtype=np.bool_)


def _too_few(topics: Sequence[ToldTopic], fewest: int) -> str:
    if len(topics) >= fewest:
        return ""
    told = f"подтверждено тем: {len(topics)}, нужно {fewest}" if topics else "тем ещё никто не подтверждал"
    return f"Пока {told}. Откройте «Сомнительные» и подтвердите или смените тему: каждое решение попадёт сюда."


def _moved(value: float) -> str:
    if value < MOVED:
        return "как было"
    return "заметно изменилось" if value < MUCH_MOVED else "сильно изменилось, прочтите несколько писем"


def _shares(counts: Counter[str]) -> dict[str, float]:
    whole = sum(counts.values())
    return {name: count / whole for name, count in counts.items()}


def _number(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")


def _percent(share: float) -> str:
    return f"{share * 100:.1f}\u00a0%".replace(".", ",")  # never parted at the end of a line


def _short(said: str, most: int) -> str:
    return said if len(said) <= most else said[: most - 1] + "…"
