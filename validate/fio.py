"""Reads who writes: surname and given name, the patronymic when there, in the nominative.

Every full name of the letter is collected with the words around it; then the writer is chosen:

1. A name beside a label or in the first person ("ФИО:", "Заявитель", "меня зовут", "я, …", "от …") is the writer's.
2. Next a full name alone on its line, then one in the signature: people write from each other's mailboxes,
   so what closes the letter's own text weighs more than what the mail program adds under it.
3. Next a name under a role of those who write ("собственник …", "пенсионерка …", "глава КФХ …"), one that begins or ends
   a line or is followed by field data ("…, ИНН …"), then one in the subject.
4. Never the person greeted, an operator, official or doctor, a relative, the name of a street, school or company.
5. Who writes for a relative is the applicant, unless the letter labels another: the mother of the child spoken of, the
   grandson who writes for his grandmother. The relative named after "за" or "от имени", and whom a request names ("прошу
   помочь …", "моей бабушке, …"), is taken only where nobody else is named.

Initials are no full name, nor is a given name with a patronymic alone. Quoted mail and the From header never count.
"""

from dataclasses import dataclass

from validate.findings import Found
from validate.name_leads import cases_by_lead
from validate.name_places import places_in
from validate.name_standing import Surroundings, standing
from validate.name_words import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    fio: str
    written: str
    score: int


def find_fio(own: str, *, signature: str = "", subject: str = "") -> Found | None:
    """The writer's name, "Фамилия Имя Отчество"; null where the letter states none in full."""
    told = Surroundings(own, signature)
    persons = [
        _Person(fio=place.fio, written=place.written, score=score)
        for source, text in ((Source.OWN, own), (Source.SIGNATURE, signature), (Source.SUBJECT, subject))
        for place in places_in(text, source, cases_by_lead)
        if (score := standing(text, place, source, told)) > 0
    ]
    if not persons:
        return None
    best = max(persons, key=lambda p: p.score)
    fullest = next((p for p in persons if p.fio.startswith(best.fio + " ")), best)
    return Found(value=fullest.fio, written=fullest.written)
