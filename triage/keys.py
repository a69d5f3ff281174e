"""The keys of the page: one table for the buttons' marks, the sheet behind «?» and the script.

They are bound to the place on the keyboard (`event.code`), so that they work on a Russian layout too, and never fire
in fields or with Ctrl, Alt or Meta. A topic has one key for good: muscle memory, never its rank.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key."""

    code: str  # event.code, with "Shift+" before it
    label: str  # as printed on the button
    does: str  # Russian, for the sheet


KEYS: dict[str, Key] = {
    "next": Key(code="KeyJ", label="J", does="следующая строка"),
    "previous": Key(code="KeyK", label="K", does="предыдущая строка"),
    "open": Key(code="Enter", label="Enter", does="открыть строку"),
    "tick": Key(code="KeyX", label="X", does="отметить строку"),
    "confirm": Key(code="KeyE", label="E", does="тема верна, дальше"),
    "answer": Key(code="KeyR", label="R", does="ответить"),
    "ask": Key(code="KeyM", label="M", does="запросить недостающее"),
    "take": Key(code="KeyT", label="T", does="взять себе"),
    "assign": Key(code="KeyA", label="A", does="передать сотруднику"),
    "note": Key(code="KeyN", label="N", does="заметка"),
    "fields": Key(code="KeyF", label="F", does="дополнить данные"),
    "snooze": Key(code="KeyH", label="H", does="отложить"),
    "duplicate": Key(code="KeyD", label="D", does="дубль другой заявки"),
    "link": Key(code="KeyL", label="L", does="связать с заявкой"),
    "spam": Key(code="KeyP", label="P", does="спам"),
    "close": Key(code="KeyC", label="C", does="закрыть"),
    "reopen": Key(code="KeyO", label="O", does="открыть снова"),
    "skip": Key(code="KeyS", label="S", does="пропустить"),
    "undo": Key(code="KeyZ", label="Z", does="отменить последнее решение"),
    "list": Key(code="KeyU", label="U", does="назад к списку"),
    "fresh": Key(code="KeyG", label="G", does="показать новые"),
    "search": Key(code="Slash", label="/", does="поиск"),
    "sheet": Key(code="Shift+Slash", label="?", does="эта подсказка"),
}
_DIGITS = [*(f"Digit{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 0)), *(f"Shift+Digit{n}" for n in range(1, 10))]
_LABELS = [*"1234567890", *(f"⇧{n}" for n in range(1, 10))]


def topic_keys(topics: tuple[str, ...]) -> dict[str, Key]:
    """The keys of the desk's topics, in their own fixed order; those past nineteen have none."""
    return {
        topic: Key(code=code, label=label, does="")
        for topic, code, label in zip(topics, _DIGITS, _LABELS, strict=False)
    }
