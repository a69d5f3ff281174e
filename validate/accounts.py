"""Reads the number of the personal cabinet (личный кабинет), by the words around it alone.

It has no check digit and no fixed length, so nothing but its label tells it from a room number, a housing account
(лицевой счёт ЖКУ), an application or a phone: the label must stand right beside it, with only filler words between.
"""

import re

from intake.caseless import Caseless
from validate.findings import Found
from validate.legible import after, before, cell_under

_LABEL = (
    r"(?:(?:личн\w{1,20}|персональн\w{1,20}|моего|мой|моём|моем)\s+кабинет\w{0,20}|кабинет\w{0,20}|(?<![а-яё/])л\.?к\.?(?![а-яё])|л/к|"
    r"уч[её]тн\w{1,20}\s+запис\w{1,20}|уч[её]тк\w{1,20}|(?<![а-яё])уз(?![а-яё])|аккаунт\w{0,20}|акк(?![а-яё])|account|(?<![a-zа-яё])lk(?![a-zа-яё])|(?<![а-яё])каб\.?(?=\s?№?\s?\d{5})|lich?n\w{1,20}\s+kabinet\w{0,20}|kabinet\w{0,20}|"
    r"лиц(?:ев\w{1,20}|\.)\s*сч[её]т\w{0,20}(?:\s+(?:для\s+входа|личн\w{1,20}\s+кабинет\w{0,20}|лк|(?:на\s+)?портал\w{0,20}|кабинет\w{0,20}|на\s+госуслугах|уч[её]тн\w{1,20}\s+запис\w{1,20}))?|"
    r"(?<![а-яёa-z])(?:id|ид|идентификатор\w{0,20})(?:\s+(?:пользовател\w{1,20}|профил\w{1,20}|клиент\w{1,20}|кабинет\w{0,20}|уч[её]тн\w{1,20}\s+запис\w{1,20}))?(?![а-яёa-z]))"
)
# Words are taken whole (*+): "кабинеткабинеткабинет…" could else be cut into words in more ways than anybody waits for
_FILLER = (
    r"(?:[\s:=№#\-–—(,]|\([а-яё ]{2,20}\)|за(?=\s)|(?:мне\s)?(?:(?:внук|внучка|муж|жена|сын|дочь|дочка|оператор|вы|она|он)\s)?(?:записал|сказал|дал|прислал|показал|написал)\w{0,2}+|n(?![a-zа-я])|no\.?(?![a-zа-я])|number|номер\w{0,20}+|ном\.|под|по(?=\sномер)|с(?=\sномер)|у меня|мой|моя|моего|моей|такой|следующий|вот|это|имеет|указан\w{0,20}+|госуслуг\w{0,20}+|"
    r"(?:(?:на|в)\s+)?портал\w{0,20}+|гражданина|физ\w{0,20}+\s+лица|на\s+госуслугах|в\s+системе|лк(?![а-яё])|пользовател\w{1,20}+|личн\w{1,20}+|кабинет\w{0,20}+|id(?![a-z])|есиа)"
)
_NUMBER = r"(?:[a-zа-я]{1,3}-?)?(?!\d\d?\.\d\d\.\d\d(?!\d))(?P<n>\d{1,12}(?:(?:[ ]?[-–—‑][ ]?|[ ]|\.(?=\d\d\d?(?!\d)))\d{1,12}){0,11})(?![\d:]|[.,/]\d|[ ]?(?:ошиб|час|мин|дн|раз|руб|год))"
_AFTER = Caseless(rf"(?<![а-яё]){_LABEL}{_FILLER}{{0,12}}?{_NUMBER}")
_BEFORE = Caseless(
    r"(?<![\d\-./№])(?P<n>\d{5,12}|\d{2,4}(?:[- ]\d{2,4}){1,3})[ ]?(?:[-–—(,]|это|-)\s?\(?(?:это\s+|мой\s+|номер\s+){0,3}"
    r"(?:личн\w{1,20}\s+кабинет|моего\s+кабинет|кабинет|лк(?![а-яё])|уч[её]тн\w{1,20}\s+запис|аккаунт)",
)
# ЛС 44556677 в личном кабинете; вхожу под 44556677 в кабинет; "… кабинет. Его номер 44556677"
_CLAUSES = (
    Caseless(
        rf"(?<![а-яё])(?:лс|л/с|лиц(?:ев\w{{1,20}}|\.)\s*сч[её]т\w{{0,20}})[\s:№]{{0,3}}{_NUMBER}(?=\s(?:в|от|для)\s(?:личн\w{{1,20}}\s+кабинет|лк(?![а-яё])|кабинет))"
    ),
    Caseless(rf"(?:вхожу|захожу|вход|войти|зайти)\s(?:под|по)\s(?:номером?\s|номеру\s)?{_NUMBER}(?=\sв\s(?:личн\w{{1,20}}\s+|свой\s+)?кабинет)"),
    Caseless(rf"(?<![а-яё])кабинет\w{{0,2}}(?:\s[а-яё]{{1,12}}){{0,2}}\.\s(?:его\s)?номер(?:\sего|\sтакой)?\s?[:—–-]?\s?{_NUMBER}"),
)  # fmt: skip
_NO_CABINET_BEFORE = re.compile(
    r"(?:тел|моб|заявлени|обращени|инн|снилс|огрн|карт|паспорт|заказ)[а-яё.]*[\s:№]{0,3}$", re.I
)
_HOUSING = re.compile(
    r"(?:жк[ухс]|квартплат|коммунал|управляющ|электр|энергосбыт|(?<![а-яё])газ|вод[аыуо]|водоканал|теплосет|отоплен|квитанц|капремонт|капитальн|"
    r"ерц|еирц|епд|счётчик|счетчик|показани|тко|мусор|за свет|абонент|домофон|банк|сфр|пфр|пенсион)",
    re.I,
)
_MIN, _MAX = 5, 12  # digits; seen in practice 7 to 10


def find_account(text: str) -> Found | None:
    """The personal-cabinet number, its digits alone."""
    for pattern in (_AFTER, _BEFORE, *_CLAUSES):
        for m in pattern.finditer(text):
            if _is_housing(text, m) or (pattern is _BEFORE and _NO_CABINET_BEFORE.search(before(text, m.start(), 20))):
                continue
            found = _digits(m)
            if found:
                return found
    return _in_table(text)


def _in_table(text: str) -> Found | None:
    """The cell under a heading "Личный кабинет"."""
    if "\t" not in text:
        return None
    for label in _HEADING.finditer(text):
        place = cell_under(text, label.start("h"))
        if place and (m := _CELL.fullmatch(text, *place)):
            return _digits(m)
    return None


_HEADING = Caseless(rf"(?:^|[\t\n])[ ]?(?:№ |номер )?(?P<h>{_LABEL})[^\t\n]{{0,20}}(?=[\t\n])")
_CELL = re.compile(r"[ №]{0,3}(?P<n>\d{1,12}(?:[ -]\d{1,12}){0,4})[ ]?")


def _digits(m: re.Match[str]) -> Found | None:
    """The groups that make one number: joined by dashes or dots, or by spaces when they are short."""
    written = m["n"]
    groups = re.split(r"[^\d]+", written)
    if len(groups) > 1 and len(groups[0]) >= _MIN and " " in written:
        written, groups = groups[0], groups[:1]
    value = "".join(groups)
    return Found(value=value, written=written) if _MIN <= len(value) <= _MAX else None


def _is_housing(text: str, m: re.Match[str]) -> bool:
    label = m[0].lower().replace("ё", "е")
    if not label.startswith("лиц") or re.search(r"кабинет|портал|вход|лк|госуслуг|учетн", label):
        return False
    return _HOUSING.search(before(text, m.start(), 80) + after(text, m.end(), 40)) is not None
