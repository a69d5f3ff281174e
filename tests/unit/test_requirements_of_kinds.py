"""What each kind of letter must give, and which kind a letter is."""

from pathlib import Path

import pytest

from intake.letter import Letter, OwnWords
from service.errors import ConfigError
from validate.findings import Field, Found, Kind, Missing
from validate.kinds import adds, asks_status, kind_of
from validate.requirements import load, missing


def _found(*fields: Field) -> dict[Field, Found]:
    return {field: Found(value="x", written="x") for field in fields}


def _letter(subject: str = "") -> Letter:
    return Letter(
        message_id=None, sender=None, reply_to=None, return_path=None, recipients=(), subject=subject, sent=None, in_reply_to=(),
        references=(), headers=(), content_type="text/plain", report_type=None, text="", from_html=False, files=(), report="",
    )  # fmt: skip


ALL = (Field.FIO, Field.INN, Field.DATE, Field.DESCRIPTION)


@pytest.mark.parametrize(
    ("kind", "fields", "lacking"),
    [
        (Kind.REQUEST, ALL, ()),
        (Kind.REQUEST, (), (Missing.FIO, Missing.INN_OR_ACCOUNT, Missing.DATE, Missing.DESCRIPTION)),
        (Kind.REQUEST, (Field.FIO, Field.ACCOUNT, Field.DATE, Field.DESCRIPTION), ()),
        (Kind.REQUEST, (Field.FIO, Field.SNILS, Field.DATE, Field.DESCRIPTION), (Missing.INN_OR_ACCOUNT,)),
        (Kind.REQUEST, (Field.FIO, Field.OGRN, Field.DATE, Field.DESCRIPTION), (Missing.INN_OR_ACCOUNT,)),
        (Kind.COMPLAINT, (Field.FIO, Field.SNILS, Field.DATE, Field.DESCRIPTION), ()),
        (Kind.APPEAL, (Field.FIO, Field.SNILS, Field.DESCRIPTION), (Missing.INN_OR_ACCOUNT, Missing.DATE)),
        (Kind.REPEAT, (Field.INN, Field.TICKET, Field.DESCRIPTION), (Missing.FIO, Missing.DATE)),
    ],
)
def test_what_a_letter_lacks_is_named_in_the_order_it_is_asked(
    kind: Kind, fields: tuple[Field, ...], lacking: tuple[Missing, ...]
) -> None:
    assert missing(kind, "access", _found(*fields), load(None)) == lacking


def test_a_head_of_desk_may_ask_organisations_for_their_ogrn(tmp_path: Path) -> None:
    shipped = Path(load.__code__.co_filename).with_name("requirements.toml").read_text("utf-8")
    mine = tmp_path / "requirements.toml"
    mine.write_text(
        shipped.replace("[topics.business]", "[topics.business]\nneeds = ['ogrn'] #").replace("\nneeds = []\n", "\n"),
        "utf-8",
    )
    rules = load(mine)
    assert missing(Kind.REQUEST, "business", _found(*ALL), rules) == (Missing.OGRN,)
    assert missing(Kind.REQUEST, "access", _found(*ALL), rules) == ()
    assert missing(Kind.REQUEST, "business", _found(*ALL), load(None)) == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[request]\nneeds = ['fiо']\n", "request.needs"),
        ("[request\n", "no TOML"),
        ("[requests]\nneeds = []\n", "requests"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_place(tmp_path: Path, text: str, names: str) -> None:
    path = tmp_path / "requirements.toml"
    shipped = (
        "" if names == "no TOML" else "".join(f"[{kind}]\nneeds = []\n" for kind in ("appeal", "repeat", "complaint"))
    )
    path.write_text(text + shipped, "utf-8")
    with pytest.raises(ConfigError, match=r"requirements\.toml") as raised:
        load(path)
    assert names in str(raised.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "absent.toml")


@pytest.mark.parametrize(
    ("own", "subject", "fields", "topic", "kind"),
    [
        ("Не приходит код.", "", (), "access", Kind.REQUEST),
        ("Оператор нагрубил.", "", (), "complaint", Kind.COMPLAINT),
        ("Оператор нагрубил по обращению 26-5458403-2.", "", (Field.TICKET,), "complaint", Kind.COMPLAINT),
        ("По обращению 26-5458403-2 тишина.", "", (Field.TICKET,), "status", Kind.REPEAT),
        ("Прошу рассмотреть обращение в порядке 59-ФЗ.", "", (), "benefits", Kind.APPEAL),
        ("Прошу дать письменный ответ в установленный законом срок.", "", (), "benefits", Kind.APPEAL),
        (
            "В Министерство цифрового развития\nот Соколовой И. В.\nОБРАЩЕНИЕ\nПрошу помочь.",
            "",
            (),
            "status",
            Kind.APPEAL,
        ),
        ("Повторное обращение по 59-ФЗ, № 26-5458403-2", "", (Field.TICKET,), "status", Kind.REPEAT),
        ("Прошу помочь с входом, заявление не открывается.", "", (), "submission", Kind.REQUEST),
        ("ЖАЛОБА\nне работает портал", "", (), "submission", Kind.REQUEST),
    ],
)
def test_the_first_kind_that_fits_is_taken(
    own: str, subject: str, fields: tuple[Field, ...], topic: str, kind: Kind
) -> None:
    words = OwnWords(own=own, signature="", quoted="")
    assert kind_of(_letter(subject), words, _found(*fields), topic) is kind


@pytest.mark.parametrize(
    ("own", "asks", "more"),
    [
        ("Какой статус моей заявки?", True, False),
        ("Добрый день! Когда будет ответ?", True, False),
        ("До сих пор нет ответа на моё письмо.", True, False),
        ("Ответа до сих пор нет", True, False),
        ("Что с заявкой 26-0000001-8", True, False),
        ("Не приходит код, не могу войти.", False, False),
        ("Спасибо, всё получилось", False, False),
        ("Статус заявки? " + "Расскажу подробно, как было дело. " * 30, False, False),
        ("Забыла приложить снимок экрана", False, True),
        ("Вот скриншот", False, True),
        ("В дополнение к прошлому письму: ошибка 500", False, True),
        ("Прилагаю документы. " + "Расскажу подробно, как было дело. " * 30, False, False),
    ],
)
def test_a_letter_that_asks_how_things_stand_or_adds_something_is_told(own: str, asks: bool, more: bool) -> None:
    words = OwnWords(own=own, signature="", quoted="")
    assert (asks_status(words), adds(words)) == (asks, more)
