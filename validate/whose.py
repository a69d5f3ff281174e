"""Whose a number or a letter is: the writer's, a firm's, a relative's, another's."""

import re
from enum import StrEnum

from intake.caseless import Caseless

OTHERS_FIRM = re.compile(
    r"(?<![а-яё])(?:банка?|получател(?!\w{0,3}\s(?:гос)?(?:услуг|пособи|пенси|выплат|субсиди|льгот))|налогов(?!ый номер)|инспекци|ифнс|фнс|работодател|продавц|магазин|поставщик|контрагент|больниц|поликлиник|школ|"
    r"садик|мфц|управляющ|застройщик|страхов\w+ компан|плательщик|ведомств|орган[аеу]? |бывш)",
    re.I,
)
OTHERS_PERSON = re.compile(
    r"(?<![а-яё])(?:реб[её]н|сын|доч|муж|жен[аыеу]|супруг|матери|мать|мам|отц|отец|пап|бабуш|дедуш|брат|сестр|внук|внуч|умерш|свекр|т[её]щ|сосед)",
    re.I,
)
EMPLOYEE = re.compile(r"(?<![а-яё])(?:сотрудни|работни)", re.I)  # the writer's own only where no better one stands
FIRM = re.compile(
    r"(?<![а-яё])(?:организаци|юр\.?\s?лиц|юридическ|предприят|фирм|компани|обществ|ооо|зао|пао|ао|нко|тсж|снт|гбу|мбоу|учреждени)",
    re.I,
)
_FOR_FIRM = Caseless(
    r"(?<![а-яё])(?:наш(?:а|ей|у|е|его|ему|ем)\s+(?:организаци|фирм|компани|предприят|учреждени|обществ|ооо|тсж|снт|школ|детск)|"
    r"(?:от имени|представляю|представитель|директор|бухгалтер|руководитель|кадровик|юрист|секретарь)\s+(?:ооо|зао|ао|пао|организаци|компани|фирм|общества|тсж|снт)|"
    r"кабинет\w{0,20}\s+(?:организаци|юр|ооо)|огрн(?!ип)|юр\.?\s?лиц|юридическ\w{1,20} лиц|мы,?\s+(?:ооо|зао|ао|тсж|снт))",
)
_FOR_KIN = Caseless(
    r"(?<![а-яё])(?:за|вместо|для|помогаю|по просьбе|от имени|регистриру(?:ю|ем)|зарегистрировать)\s+(?:сво\w{2,3}\s+|мо\w{2,3}\s+)?(?:мам|матер|отц|пап|бабуш|дедуш|деда|мужа|жен[уы]|супруг|свекр|т[её]щ|сосед)",
    re.I,
)
_HELP_KIN = Caseless(
    r"(?<![а-яё])помо(?:чь|гите|гаю)\s+(?:пожалуйста,?\s+)?(?:мо\w{2,3}\s+)?"
    r"(?:маме|матери|отцу|папе|бабушке|дедушке|мужу|жене|супругу|супруге|свекрови|свекру|т[её]ще|тестю|соседу|соседке)(?![а-яё])"
)
_EMPLOYERS = Caseless(
    r"работодател|мест\w{0,20} работы|стаж|трудов\w{1,20} книжк|электронной трудов|сведени\w{1,20} о трудовой|СТД-Р"
)


class Firms(StrEnum):
    """What the firms in a letter are to the writer."""

    WRITER = "writer"  # the letter is written for one
    EMPLOYERS = "employers"  # the letter is about places of work
    UNTOLD = "untold"


def firms_in(text: str) -> Firms:
    """What firms are in this letter, by the words people use then."""
    if _FOR_FIRM.search(text):
        return Firms.WRITER
    return Firms.EMPLOYERS if _EMPLOYERS.search(text) else Firms.UNTOLD


def is_for_kin(text: str) -> bool:
    """Whether the letter is written for a relative: the numbers are the relative's then."""
    return _FOR_KIN.search(text) is not None or _HELP_KIN.search(text) is not None
