"""The words staff see for the codes of the store."""

from reply_templates.words import megabytes

TAB_TITLES = {
    "doubtful": "Сомнительные",
    "new": "Новые",
    "waiting": "Ждут данных",
    "done": "Готово",
    "unanswered": "Без ответа",
    "parked": "Отложенные сбоем",
}
STATES = {
    "new": "новая",
    "waiting": "ждёт данных",
    "open": "в работе",
    "answered": "отвечено",
    "closed": "закрыта",
    "received": "в очереди",
    "settled": "принято",
    "automatic": "автомат",
    "duplicate": "повтор",
    "parked": "отложено",
}
MISSING = {"fio": "ФИО", "inn_or_account": "ИНН или кабинет", "date": "дата", "description": "описание", "ogrn": "ОГРН"}
REPLIES = {
    "acknowledgement": "подтверждение",
    "missing_information": "просьба дополнить",
    "too_large": "письмо велико",
    "status": "состояние",
    "reminder": "напоминание",
    "closing": "закрытие",
    "answer": "ответ",
}
FIELDS = {
    "fio": "ФИО",
    "inn": "ИНН",
    "account": "Личный кабинет",
    "snils": "СНИЛС",
    "ogrn": "ОГРН",
    "phone": "Телефон",
    "date": "Когда случилось",
    "ticket": "Прежняя заявка",
    "application": "Номер заявления",
    "service": "Услуга",
    "description": "Что случилось",
}
KINDS = {"request": "заявка", "repeat": "повторное", "complaint": "жалоба", "appeal": "обращение"}
EVENTS = {
    "opened": "заявка открыта",
    "letter-joined": "пришло письмо",
    "field-changed": "изменены данные",
    "state-changed": "изменено состояние",
    "reply-queued": "письмо поставлено в очередь",
    "reply-sent": "письмо отправлено",
    "reply-failed": "письмо не доставлено",
    "not-answered": "письмо не послано",
    "linked": "связана с заявкой",
    "escalated": "передана старшему",
    "reopened": "открыта снова",
    "closed": "закрыта",
    "bounced": "наше письмо вернулось",
    "files-added": "приложены файлы",
}
FAULTS = {
    "empty": "пустой",
    "type": "такой формат не принимаем",
    "mismatch": "содержимое не то, что в названии",
    "size": "больше 5 МБ",
    "encrypted": "закрыт паролем",
    "malware": "вирус",
    "active-content": "внутри программа",
    "corrupt": "повреждён",
}


ROLES = {"reader": "только просмотр", "triage": "разбор", "head": "руководитель", "admin": "администратор"}


def size(value: int) -> str:
    """A file's size."""
    return megabytes(value)


def masked(value: str, *, field: str) -> str:
    """Numbers that name a person are shown by their last four digits."""
    if field in ("inn", "snils", "account") and len(value) > 4:
        return "•" * (len(value) - 4) + value[-4:]
    return value
