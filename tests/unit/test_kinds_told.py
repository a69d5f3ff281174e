"""Which kind a letter is, by its own words; the topic is given."""

import pytest
from whole_letters import fields_of, plain_letter

from intake.own_words import own_words
from pipeline import judge, rules_of
from service.settings import Settings
from validate.findings import Kind
from validate.kinds import kind_of

TOLD = [
    # appeals: 59-ФЗ, an addressee of an agency, the form of an official paper, a written answer asked for
    ("На основании 59-ФЗ прошу проверить начисление налога.", "", "payments", Kind.APPEAL),
    ("На основании ФЗ-59 прошу проверить начисление налога.", "", "payments", Kind.APPEAL),
    ("В соответствии с законом № 59-ФЗ «О порядке рассмотрения обращений» жду ответа.", "", "payments", Kind.APPEAL),
    ("Согласно закону об обращениях граждан прошу проверить начисление.", "", "payments", Kind.APPEAL),
    ("Прошу зарегистрировать моё обращение и дать ответ в установленный срок.", "", "payments", Kind.APPEAL),
    ("Прошу рассмотреть моё обращение и ответить письменно.", "", "payments", Kind.APPEAL),
    ("Обращаюсь к Вам в письменной форме: исправьте начисление.", "", "payments", Kind.APPEAL),
    ("Исправьте начисление. Ответ прошу дать в письменном виде.", "", "payments", Kind.APPEAL),
    ("Исправьте начисление. Прошу письменный ответ в течение 30 дней.", "", "payments", Kind.APPEAL),
    ("Исправьте начисление. Ответ направить по почте: Тула, Полевая 9.", "", "payments", Kind.APPEAL),
    ("Руководителю службы поддержки\nот Яшина Льва\nИсправьте начисление.", "", "payments", Kind.APPEAL),
    ("Начальнику налоговой инспекции\nИсправьте начисление.", "", "payments", Kind.APPEAL),
    ("В Минцифры России\nот Яшина Льва\nИсправьте начисление.", "", "payments", Kind.APPEAL),
    ("В управление социальной защиты\nИсправьте начисление.", "", "payments", Kind.APPEAL),
    ("от Яшина Льва\nЗАЯВЛЕНИЕ\nПрошу исправить начисление.", "", "payments", Kind.APPEAL),
    ("Исправьте начисление.", "Письменное обращение", "payments", Kind.APPEAL),
    ("Исправьте начисление.", "Обращение в порядке 59-ФЗ", "payments", Kind.APPEAL),
    # requests that only sound like it
    ("Исправьте начисление.", "Обращение", "payments", Kind.REQUEST),
    ("Исправьте начисление.", "Обращение гражданина", "payments", Kind.REQUEST),
    ("Исправьте начисление.", "Заявление", "payments", Kind.REQUEST),
    ("Подал заявление на загранпаспорт, статус не меняется.", "", "status", Kind.REQUEST),
    ("Моё обращение на портале не открывается.", "", "status", Kind.REQUEST),
    ("Руководитель организации не может войти в кабинет.", "", "business", Kind.REQUEST),
    ("Начальник сказал писать вам.", "", "access", Kind.REQUEST),
    ("Директору школы не приходит код.", "", "access", Kind.REQUEST),
    ("Жалоба в банк не отправляется через портал.", "", "submission", Kind.REQUEST),
    ("Не приходит письмо с ответом из ведомства.", "", "status", Kind.REQUEST),
    ("Мне нужен письменный перевод документа.", "", "other", Kind.REQUEST),
    # complaints about the service
    ("Жалуюсь на оператора, он бросил трубку.", "", "other", Kind.COMPLAINT),
    ("Жалоба на вашего сотрудника: нагрубил.", "", "other", Kind.COMPLAINT),
    ("Жалуюсь на девушку в МФЦ, окно 3.", "", "other", Kind.COMPLAINT),
    ("Хочу пожаловаться на службу поддержки.", "", "other", Kind.COMPLAINT),
    ("Оператор бросил трубку.", "", "complaint", Kind.COMPLAINT),
    ("Жалоба на соседа, шумит.", "", "other", Kind.REQUEST),
    ("Жалуюсь на управляющую компанию.", "", "other", Kind.REQUEST),
    # repeats name an earlier ticket
    ("Пишу снова по заявке 26-5458403-2.", "", "status", Kind.REPEAT),
    ("Пишу снова, ответа нет.", "Re: [№ 26-5458403-2] Вход", "status", Kind.REPEAT),
    ("На основании 59-ФЗ прошу ответить на 26-5458403-2.", "", "status", Kind.REPEAT),
    ("Оператор по 26-5458403-2 нагрубил.", "", "complaint", Kind.COMPLAINT),
    ("Повторно прошу: код не приходит.", "", "access", Kind.REQUEST),
]  # fmt: skip


@pytest.mark.parametrize(("text", "subject", "topic", "kind"), TOLD)
def test_the_kind_of_a_letter_is_told_by_its_words(text: str, subject: str, topic: str, kind: Kind) -> None:
    letter = plain_letter(text, subject=subject)
    assert kind_of(letter, own_words(letter), fields_of(text, subject=subject), topic) is kind


DOUBTFUL = [
    ("Звонил ваш оператор, спрашивал код из СМС. Это вы?", Kind.REQUEST),
    ("Девушка из поддержки всё объяснила, спасибо ей.", Kind.REQUEST),
    ("В центре обслуживания всё сделали, благодарю поддержку за качество.", Kind.REQUEST),
    ("Ваш специалист посоветовал другой браузер, не помогло.", Kind.REQUEST),
    ("Служба поддержки назвала номер 26-5458403-2, а код не приходит.", Kind.REPEAT),
    ("Обращение 26-5458403-2 осталось без ответа, паспорта нет.", Kind.REPEAT),
    ("Фонари во дворе не горят, на это и жалуюсь.", Kind.REQUEST),
    ("Прошу рассмотреть жалобу: тишина и на почте, и по телефону.", Kind.COMPLAINT),
    ("По 26-5458403-2 ни одного ответа, вы там живы?", Kind.COMPLAINT),
    ("На основании 59-ФЗ прошу исправить начисление.", Kind.APPEAL),
    ("Оператор бросил трубку.", Kind.COMPLAINT),
    ("Оператор нагрубил и отключился.", Kind.COMPLAINT),
    ("Опять отписка вместо дела.", Kind.COMPLAINT),
    ("Жалоба на работу вашей поддержки.", Kind.COMPLAINT),
    ("Жалоба. Специалист горячей линии оскорбил меня.", Kind.COMPLAINT),
    ("Ваш сотрудник соврал про сроки.", Kind.COMPLAINT),
    ("Поддержка игнорирует мои обращения третий месяц.", Kind.COMPLAINT),
    ("Жалоба. Специалист горячей линии назвал меня глупой.", Kind.COMPLAINT),
    ("Вы игнорируете меня с марта.", Kind.COMPLAINT),
    ("Консультант обманул меня: сказал, что документы не нужны.", Kind.COMPLAINT),
    ("Девушка на линии наорала и отключилась.", Kind.COMPLAINT),
    ("По телефону мне нахамили.", Kind.COMPLAINT),
    ("Звоню третий раз, и опять только нахамили.", Kind.COMPLAINT),
    ("Диспетчер обругал мою мать.", Kind.COMPLAINT),
    ("В чате бот смеётся надо мной, издевательство.", Kind.COMPLAINT),
    ("Водитель автобуса нахамил и не открыл дверь.", Kind.REQUEST),
    ("Врач была груба, номер кабинета 55410973.", Kind.REQUEST),
    ("Фонари не горят, на это подана жалоба, обещали ответить по телефону.", Kind.REQUEST),
    ("Сосед оскорбил меня, куда писать?", Kind.REQUEST),
    ("Жалоба на продавца: нагрубил у кассы.", Kind.REQUEST),
    ("Меня обманули мошенники, назвались вашим оператором.", Kind.REQUEST),
]


@pytest.mark.parametrize(("text", "kind"), DOUBTFUL)
def test_a_doubtful_topic_of_complaint_leaves_the_kind_to_the_words(text: str, kind: Kind) -> None:
    letter = plain_letter(text, subject="")
    assert kind_of(letter, own_words(letter), fields_of(text, subject=""), "complaint", doubtful=True) is kind


@pytest.mark.parametrize(("threshold", "kind"), [(0.0, Kind.COMPLAINT), (1.0, Kind.REQUEST)])
def test_the_desk_s_threshold_says_which_topics_are_in_doubt(threshold: float, kind: Kind) -> None:
    said = "Оператор поддержки велел ждать, специалист поддержки велел звонить, сотрудник поддержки велел писать."
    settings = Settings.model_validate({"classify": {"threshold": threshold}})
    verdict = judge(f"From: a@mail.example\nSubject: \n\n{said}\n".encode(), rules_of(settings)).verdict
    assert (verdict.topic, verdict.kind) == ("complaint", kind)
