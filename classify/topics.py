"""The shipped topics, in the order of the staff's keys: id, Russian title."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """The fourteen topics (a desk may train its own; then ids come from the model)."""

    ACCESS = "access"
    IDENTITY = "identity"
    PROFILE = "profile"
    SUBMISSION = "submission"
    STATUS = "status"
    CERTIFICATES = "certificates"
    SIGNATURE = "signature"
    PAYMENTS = "payments"
    APPOINTMENTS = "appointments"
    BENEFITS = "benefits"
    BUSINESS = "business"
    MOBILE = "mobile"
    COMPLAINT = "complaint"
    OTHER = "other"


TITLES = {
    Topic.ACCESS: "Вход и восстановление доступа",
    Topic.IDENTITY: "Регистрация и подтверждение личности",
    Topic.PROFILE: "Изменение личных данных",
    Topic.SUBMISSION: "Ошибка при подаче заявления",
    Topic.STATUS: "Статус и сроки заявления",
    Topic.CERTIFICATES: "Справки и выписки",
    Topic.SIGNATURE: "Электронная подпись",
    Topic.PAYMENTS: "Оплата, пошлины, штрафы",
    Topic.APPOINTMENTS: "Запись на приём",
    Topic.BENEFITS: "Пособия и выплаты",
    Topic.BUSINESS: "Юридические лица и ИП",
    Topic.MOBILE: "Мобильное приложение",
    Topic.COMPLAINT: "Жалоба на обслуживание",
    Topic.OTHER: "Другое",
}


def title(topic: str) -> str:
    """The Russian title of a topic id; a desk's own topic without a title is shown by its id."""
    return TITLES[Topic(topic)] if topic in TITLES else topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """The topics of one desk, in the order of the staff's keys."""

    ids: tuple[str, ...]
    titles: Mapping[str, str]  # of the desk's own; the shipped ones have theirs

    def title(self, topic: str) -> str:
        """Its Russian title, also of a topic that the desk no longer has: tickets keep what they were."""
        return self.titles.get(topic) or title(topic)


SHIPPED = Topics(ids=tuple(topic.value for topic in Topic), titles={})
