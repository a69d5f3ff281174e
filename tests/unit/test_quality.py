"""The quality page's figures, by hand; and what it says when there are none."""

import xml.etree.ElementTree as ET
from collections import Counter
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from classify.topics import SHIPPED
from store.quality import Arrived, Mix, ToldTopic, Unknown
from triage import quality
from triage.figures import days as days_of
from triage.quality import Chart


def told(topic: str, said: str, *, confidence: float = 0.8, hidden: bool = False) -> ToldTopic:
    return ToldTopic(
        number="26-0000001-8",
        at_ms=1,
        who="olga",
        topic=topic,
        said=said,
        confidence=confidence,
        model="m",
        hidden=hidden,
    )


TWENTY = [told("access", "access")] * 16 + [told("mobile", "access")] * 4


def test_letters_a_day_are_drawn_oldest_first_and_listed_newest_first() -> None:
    days = [
        (date(2026, 11, 24), Arrived(letters=1, robots=0, parked=1)),
        (date(2026, 11, 25), Arrived(letters=5, robots=3, parked=0)),
    ]
    chart = quality.letters_a_day(days)
    assert chart.rows == (("25.11.2026", 5, 3, 0), ("24.11.2026", 1, 0, 1))
    assert chart.prose == "Всего 6, из них от роботов 3, отложено сбоем 1."
    assert chart.empty == ""


def test_the_share_confirmed_has_its_interval() -> None:
    found = quality.confirmed(TWENTY)
    assert (found.told, found.right) == (20, 16)
    assert found.low == pytest.approx(0.584, abs=0.001)
    assert found.high == pytest.approx(0.919, abs=0.001)


def test_the_confusion_lists_mistakes_alone_the_most_frequent_first() -> None:
    chart = quality.confusion([*TWENTY, told("status", "other")], SHIPPED)
    assert chart.rows == (("mobile", "access", 4), ("status", "other", 1))


def test_reliability_compares_confidence_with_what_was_right() -> None:
    chart = quality.reliability(TWENTY)
    assert chart.rows == (("80,0\u00a0%", "80,0\u00a0%", 20),)
    assert "Средняя ошибка 0,0\u00a0%" in chart.prose


def test_coverage_ends_with_all_letters_and_all_mistakes() -> None:
    assert quality.coverage(TWENTY).rows[-1] == ("100,0\u00a0%", "20,0\u00a0%")


def test_drift_tells_in_words_what_moved() -> None:
    then = Mix(topics=Counter(access=80, mobile=20), confidence=Counter({9: 100}))
    chart = quality.drift(then, Mix(topics=Counter(access=20, mobile=80), confidence=Counter({9: 100})), SHIPPED)
    assert "Темы: сильно изменилось, прочтите несколько писем (1,66)" in chart.prose
    assert "уверенность: как было (0,00)" in chart.prose
    assert chart.rows[0] == ("Мобильное приложение", "20,0\u00a0%", "80,0\u00a0%")


def test_unknown_words_are_told_week_by_week_the_newest_first() -> None:
    weeks = [
        (date(2026, 11, 3), Unknown(tickets=0, share=None)),
        (date(2026, 11, 10), Unknown(tickets=4, share=0.02)),
        (date(2026, 11, 17), Unknown(tickets=5, share=0.06)),
    ]
    chart = quality.unknown_words(weeks)
    assert chart.rows == (("17.11.2026", 5, "6,0\u00a0%"), ("10.11.2026", 4, "2,0\u00a0%"), ("03.11.2026", 0, "—"))
    assert "За последнюю неделю 6,0\u00a0%, раньше в среднем 2,0\u00a0%." in chart.prose
    assert "17.11: 6.0" in chart.svg


NOTHING = Mix(topics=Counter(), confidence=Counter())


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        (quality.letters_a_day([]), "priemnaya doctor"),
        (quality.confusion([], SHIPPED), "подтвердите или смените тему"),
        (quality.reliability([]), "подтвердите или смените тему"),
        (quality.coverage(TWENTY[:5]), "подтверждено тем: 5, нужно 20"),
        (quality.unknown_words([(date(2026, 11, 3), Unknown(tickets=0, share=None))]), "Первые дадут первую неделю"),
        (quality.drift(NOTHING, NOTHING, SHIPPED), "Сравнивать пока не с чем"),
    ],
)
def test_without_figures_it_says_what_to_do(chart: Chart, said: str) -> None:
    assert said in chart.empty


@pytest.mark.parametrize(
    "chart",
    [quality.confusion([*TWENTY, told("<b>", '"x"')], SHIPPED), quality.reliability(TWENTY), quality.coverage(TWENTY),
     quality.unknown_words([(date(2026, 11, 3), Unknown(tickets=3, share=0.5))]),
     quality.drift(Mix(topics=Counter(a=1), confidence=Counter({1: 1})), Mix(topics=Counter({"<i>": 2}), confidence=Counter({1: 2})), SHIPPED)],
)  # fmt: skip
def test_pictures_are_well_formed_have_a_title_and_carry_no_style_or_script(chart: Chart) -> None:
    root = ET.fromstring(chart.svg)  # noqa: S314  # our own picture
    assert root.get("role") == "img"
    assert root[0].tag.endswith("title")
    assert root[0].text
    kinds = {one.tag.rpartition("}")[2] for one in root.iter()}
    assert kinds <= {"svg", "title", "line", "text", "rect", "polyline", "circle"}
    assert not any("style" in one.attrib for one in root.iter())


def test_days_are_the_desks_own() -> None:
    moment = 1_795_642_200_000  # 2026-11-25 21:30 UTC: 00:30 of the 26th in Moscow
    days = days_of(moment, 2, ZoneInfo("Europe/Moscow"))
    assert [day.isoformat() for day, _, _ in days] == ["2026-11-25", "2026-11-26"]
    assert days[1][1] == moment - 30 * 60_000
    assert days[1][2] - days[1][1] == 86_400_000
