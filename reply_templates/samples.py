"""Letters of ours with invented data: for `preview-letter`, the staff's page of letters, and the golden files."""

from dataclasses import replace

from reply_templates.said import Said
from service.settings import DeskSettings

DESK = {"desk_name": "Служба поддержки", "contacts": "Телефон и часы работы стоят здесь, если заданы в настройках"}
LINK = "https://desk.example.org/s/26-0012345-5.abcdefghijklmnopqrstuvwxyz"
CONFIRM = "https://desk.example.org/form/c/abcdefghijklmnopqrstuvwxyz"
TICKET = {"number": "26-0012345-5", "opened": "13 марта 2026 г.", "due": "16 марта 2026 г.", "reopens": "yes"}
ASKS: dict[str, str | tuple[str, ...]] = {
    "missing": "ИНН или номера личного кабинета и даты, когда это случилось",
    "wanted": "ИНН или номер личного кабинета и дату, когда это случилось",
    "form": (
        "ИНН (12 цифр):",
        "или номер личного кабинета:",
        "Когда это случилось (дата и время):",
    ),
    "until": "27 марта 2026 г.",
    "silence": "close",
}
HEIC = "IMG_1.heic: формат HEIC не принимаем, пришлите JPG, PNG или PDF"
BIG = "скан.pdf: размер 7,4 МБ, а принимаем до 5 МБ; уменьшите файл или пришлите по частям"
SELF_HELP = (
    "— Не приходит код из СМС? Выключите и включите телефон, подождите 15 минут и запросите код один раз: "
    "новый код отменяет прежний."
)
APPEAL = "Здесь сказано, куда подают официальное обращение."
ACCESS = "Вход и восстановление доступа"


def _said(subject: str, **words: str | tuple[str, ...]) -> Said:
    return Said(**{**DESK, **TICKET, **words}, subject=f"[№ 26-0012345-5] {subject}")  # type: ignore[arg-type]  # a test renders each


SAMPLES: dict[str, dict[str, Said]] = {
    "acknowledgement": {
        "plain": _said("Приняли вашу заявку"),
        "full": _said(
            f"Приняли вашу заявку: {ACCESS}", topic=ACCESS, files_taken="2 файла", files_refused=(HEIC, BIG),
            self_help=SELF_HELP, status_link=LINK,
        ),
        "completed": _said("Приняли вашу заявку", completed="yes", topic="Электронная подпись", files_taken="1 файл"),
        "appeal": _said("Приняли вашу заявку", topic="Статус и сроки заявления", appeal=APPEAL),
    },
    "missing_information": {
        "plain": _said("Нужны сведения", **ASKS),
        "full": _said(
            "Нужны сведения", **ASKS, known="ФИО, СНИЛС •••••••7890, что случилось", wrong="ИНН",
            files_taken="5 файлов", files_refused=(HEIC,),
        ),
        "again": _said("Нужны сведения", **{**ASKS, "again": "yes"}, known="ФИО, что случилось"),
        "staff": _said("Нужны сведения", **ASKS, reviewed="yes"),
        "complaint": _said("Нужны сведения", **{**ASKS, "silence": "review"}),
        "link": _said("Нужны сведения", **{**ASKS, "reopens": ""}),
    },
    "confirm": {
        "plain": Said(
            subject="Подтвердите заявку", confirm_link=CONFIRM, desk_name=DESK["desk_name"], contacts=DESK["contacts"],
        )
    },
    "too_large": {"plain": _said("Письмо слишком большое", limit="39 МБ", until="27 марта 2026 г.", silence="close")},
    "status": {
        "new": _said("Что с заявкой", state="new", status_link=LINK),
        "open": _said("Что с заявкой", state="open"),
        "late": _said("Что с заявкой", state="open", late="yes"),
        "waiting": _said("Что с заявкой", state="waiting", **ASKS),
        "staff": _said("Что с заявкой", state="waiting", until="27 марта 2026 г.", silence="close"),
        "answered": _said("Что с заявкой", state="answered", answered="15 марта 2026 г."),
        "closed": _said("Что с заявкой", state="closed"),
    },
    "reminder": {
        "plain": _said("Напоминаем: нужны сведения", **ASKS, known="ФИО, что случилось"),
        "staff": _said("Напоминаем: ждём ответа", until="27 марта 2026 г.", silence="close"),
    },
    "closing": {
        "plain": _said("Закрыли вашу заявку", **ASKS),
        "staff": _said("Закрыли вашу заявку"),
        "link": _said("Закрыли вашу заявку", **{**ASKS, "reopens": ""}),
    },
    "closed": {"plain": _said("Закрыли вашу заявку"), "link": _said("Закрыли вашу заявку", reopens="")},
    "reopened": {"plain": _said("Снова открыли заявку", status_link=LINK)},
    "answer": {
        "plain": _said(
            "Ответ", answer=("Мы проверили вашу учётную запись: она заблокирована после пяти неверных паролей.",
                             "Завтра в 10:00 блокировка снимется сама. Тогда восстановите пароль."),
        )
    },
}  # fmt: skip


def sample(said: Said, desk: DeskSettings) -> Said:
    """The letter as this desk would sign it; the example desk's signature stays as it is."""
    if desk == DeskSettings():
        return said
    return replace(said, desk_name=desk.name, contacts=desk.contacts)
