"""Letters that reckon up to today, name days to come, or write a day in a rarer way."""

import pytest
from whole_letters import fields_of

from validate.findings import Field

RECKONED = [  # sent on Thursday, 2026-03-19 at 18:40
    ("Подала на субсидию 12 февраля, сегодня уже 19 марта, ответа нет.", "2026-02-12"),
    ("Подала на субсидию 12 февраля, сегодня уже 19 марта, а решение не пришло.", "2026-02-12"),
    ("Заявление отправил 3 марта. Сегодня 19 марта, ни слуху ни духу.", "2026-03-03"),
    ("Оформила прописку 12 февраля, на дворе 19 марта, статус прежний.", "2026-02-12"),
    ("Оформила прописку 12 февраля, на календаре уже 19 марта, статус не изменился.", "2026-02-12"),
    ("Подала на субсидию 12 февраля. Сегодня 19 марта пришёл отказ.", "2026-03-19"),
    ("Сегодня, 19 марта, не могу войти. Регистрировалась 12 февраля.", "2026-03-19"),
    ("Сегодня уже 19 марта, портал не пускает.", "2026-03-19"),
]


@pytest.mark.parametrize(("text", "value"), RECKONED)
def test_the_day_of_the_matter_is_told_from_the_days_around_it(text: str, value: str | None) -> None:
    found = fields_of(text)
    assert (found[Field.DATE].value if Field.DATE in found else None) == value
