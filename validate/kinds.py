"""Tells what sort of letter it is."""

import re
from collections.abc import Mapping

from intake.letter import Letter, OwnWords
from validate.findings import Field, Found, Kind

_COMPLAINT_TOPIC = "complaint"
_APPEAL = re.compile(
    r"59-?\s?фз|о порядке рассмотрения обращений|письменн\w{2,3}\s+обращени|в порядке\s+(?:статьи|ст\.)|"
    r"(?:прошу|требую)\s+(?:рассмотреть|принять к рассмотрению)\s+(?:мо[её]\s+)?(?:обращени|заявлени)|"
    r"^\s*(?:министру|руководителю|начальнику|директору|губернатору|главе|в министерство|в министерств|в администрацию|в управление|в федеральн\w+ служб)\b|"
    r"^\s*(?:обращение|заявление)\s*$|(?:официальн\w{2,3}|письменн\w{2,3}|мотивированн\w{2,3})\s+ответ\w*\s+(?:в установленн|в срок|в течение 30|по закону|почтой)|ответ\w*\s+(?:прошу\s+)?(?:направить|дать|предоставить)\s+(?:в письменн|в установленн|письменн)",
    re.I | re.M,
)
_REPEAT = re.compile(
    r"повторн\w{2,3}\s+обращени|обращаюсь\s+(?:уже\s+)?(?:повторно|второй|третий)|пишу\s+(?:уже\s+)?(?:повторно|второй раз|третий раз|снова по)",
    re.I,
)


def kind_of(letter: Letter, words: OwnWords, found: Mapping[Field, Found], topic: str | None) -> Kind:
    """The kind of a letter; where several fit, the first of complaint, repeat, appeal, request (rulings 22).

    A complaint is one about the support's own service, which is what the topic of that name holds. A repeat names an
    earlier ticket by its number. An appeal is written to an agency in the form of 59-ФЗ. All else is a request.
    """
    if topic == _COMPLAINT_TOPIC:
        return Kind.COMPLAINT
    if Field.TICKET in found:
        return Kind.REPEAT
    if _APPEAL.search(words.own[:20_000]) or _APPEAL.search(letter.subject):
        return Kind.APPEAL
    return Kind.REQUEST
