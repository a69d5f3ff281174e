"""The words staff see for the codes of the store."""

from reply_templates.words import megabytes, plural

TAB_TITLES = {
    "doubtful": "Сомнительные",
    "new": "Новые",
    "waiting": "Ждут данных",
    "burning": "Срок горит",
    "mine": "Мои",
    "done": "Готово",
    "unanswered": "Без ответа",
    "parked": "Отложенные сбоем",
}
EMPTY = {  # an empty tab says whether that is good, and where to look next
    "doubtful": ("Сомнений нет", "Все темы ясны. Посмотрите «Новые»."),
    "new": ("Очередь пуста", "Новых заявок нет: всё разобрано."),
    "waiting": ("Никого не ждём", "Ни у кого не запрошены сведения."),
    "burning": ("Сроки в порядке", "Ни у одной заявки срок не подходит."),
    "mine": ("У вас нет заявок", "Возьмите заявку из «Новых» клавишей T."),
    "done": ("Готовых пока нет", "Здесь появятся отвеченные и закрытые заявки."),
    "unanswered": ("Все письма получили ответ", "Здесь видны письма роботов и те, на которые ответа нет, с причиной."),
    "parked": ("Сбоев нет", "Здесь лежат письма, которые не удалось прочитать."),
    "search": ("Ничего не найдено", "Проверьте слова или уберите одно из условий."),
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
    "confirm": "подтверждение адреса",
    "too_large": "письмо велико",
    "status": "состояние",
    "reminder": "напоминание",
    "closing": "закрытие",
    "answer": "ответ",
    "closed": "заявка закрыта",
    "reopened": "заявка открыта снова",
}
REPLY_STATES = {
    "queued": "ждёт отправки",
    "sent": "отправлено",
    "failed": "не доставлено",
    "held": "задержано",
    "dropped": "снято с отправки",
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
    "bounce-lifted": "на адрес снова можно писать",
    "files-added": "приложены файлы",
    "files-unscanned": "файлы не проверены антивирусом",
    "topic-told": "тема названа",
    "assigned": "передана",
    "snoozed": "отложена",
    "noted": "заметка",
    "spam": "отмечена как спам",
    "undone": "решение отменено",
    "raised": "гражданин написал ещё раз",
}
JOINED = {
    "reference": "ответ на наше письмо",
    "signed": "на подписанный адрес заявки",
    "number": "с номером заявки, с её адреса",
    "conversation": "продолжение письма, пришедшего только что",
}
WHO = {"desk": "программа", "post": "почта", "letter": "письмо", "clock": "расписание", "ops": "администратор сервера"}
DECIDED = {
    "confirm": "тема подтверждена",
    "topic": "тема изменена",
    "ask": "запрошены данные",
    "answer": "ответ поставлен в очередь",
    "note": "заметка записана",
    "assign": "заявка передана",
    "snooze": "заявка отложена",
    "link": "заявки связаны",
    "duplicate": "закрыта как дубль",
    "spam": "отмечена как спам",
    "close": "заявка закрыта",
    "reopen": "заявка открыта снова",
    "fields": "данные дополнены",
}
WHY = {  # a state changed
    "silence": "гражданин не ответил",
    "unasked": "наш вопрос не дошёл",
    "unreached": "наши письма не доходят",
    "unanswered": "наш ответ не дошёл",
    "restored": "восстановление из резервной копии",
}
REASONS = {
    "auto-submitted": "письмо робота",
    "bounce": "возврат нашего письма",
    "list": "рассылка",
    "loop": "наше же письмо",
    "no-reply-address": "адрес не принимает писем",
    "no-sender": "нет адреса отправителя",
    "spam": "спам",
    "dmarc": "отправитель не подтверждён",
    "unreadable": "не читается",
    "breaker": "слишком много ответов",
    "already-answered": "уже отвечено",
    "too-many": "слишком много писем на адрес",
    "bounced-address": "адрес возвращает письма",
    "dropped": "снято с отправки администратором",
    "undelivered": "ответ не доставлен",
    "overtaken": "не отправлено: заявка с тех пор изменилась",
}
PARKED = {  # by what stands before the colon; after it are words for ops
    "time": "чтение заняло слишком много времени",
    "memory": "чтение заняло слишком много памяти",
    "crash": "программа чтения упала на этом письме",
    "broke": "ошибка программы при записи письма",
    "claim-lapsed": "служба пять раз не довела письмо до конца",
    "fetch-failed": "почтовый сервер не отдаёт письмо",
}
UNKNOWN_REASON = "причину видит администратор сервера: priemnaya parked list"
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


HEADERS = {
    "from": "От кого",
    "to": "Кому",
    "cc": "Копия",
    "reply-to": "Отвечать на",
    "date": "Дата",
    "subject": "Тема письма",
    "message-id": "Message-ID",
    "return-path": "Обратный путь",
}
SEEN = {
    "logged-in": "вход",
    "logged-out": "выход",
    "login-failed": "неудачный вход",
    "session-ended": "вход завершён",
    "opened": "открыл",
    "downloaded": "скачал",
    "registered": "записал звонок или визит",
    "showed": "смотрел номера целиком",
    "searched": "искал",
    "account-changed": "изменил учётную запись",
    "bounce-lifted": "разрешил писать на адрес",
    "taken-again": "отдал письмо программе снова",
    "explained": "смотрел разбор письма",
    "parked-shown": "смотрел отложенное письмо",
    "letter-exported": "выгрузил письмо",
    "person-exported": "выгрузил данные гражданина",
    "reply-shown": "смотрел наше письмо",
    "backed-up": "сделал резервную копию",
}
ROLES = {"reader": "только просмотр", "triage": "разбор", "head": "руководитель", "admin": "администратор"}


def files(count: int) -> str:
    """How many, with its ending."""
    return plural(count, "файл", "файла", "файлов")


def reason(code: str) -> str:
    """Why a letter has no answer, or was set aside; never the code itself, which says nothing to staff."""
    known = code.partition(":")[0]
    return REASONS.get(known) or PARKED.get(known) or UNKNOWN_REASON


def size(value: int) -> str:
    """A file's size."""
    return megabytes(value)


def masked(value: str, *, field: str) -> str:
    """Numbers that name a person are shown by their last four digits."""
    if field in ("inn", "snils", "account") and len(value) > 4:
        return "•" * (len(value) - 4) + value[-4:]
    return value
