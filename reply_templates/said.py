"""What a letter of ours may say: the words that every template is given.

A desk that writes its own templates finds here each word it may use. All are plain text; an empty one is not said.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The words of one letter."""

    subject: str = ""  # of the letter itself
    number: str = ""  # 26-0012345-5
    topic: str = ""  # its Russian title; empty while a person has still to tell it
    opened: str = ""  # 1 марта 2026 г.
    due: str = ""  # the day by which we answer
    until: str = ""  # the day until which we wait for the citizen
    silence: str = ""  # what happens when no answer comes by then: close, or review (a person goes on without it)
    missing: str = ""  # what is missing, in the genitive: after «Не хватает:»
    wanted: str = ""  # the same in the accusative: after «пришлите»
    form: tuple[str, ...] = ()  # the lines to fill in
    known: str = ""  # what need not be sent again, numbers masked
    wrong: str = ""  # whose number is wrong, in the accusative: after «Проверьте»
    again: str = ""  # not empty: we asked before, and something came
    reviewed: str = ""  # not empty: a person looked at it and asks
    completed: str = ""  # not empty: what was missing has come
    files_taken: str = ""  # 2 файла
    files_refused: tuple[str, ...] = ()  # name, why, and what to do; a line each
    self_help: str = ""  # what may solve the matter at once
    appeal: str = ""  # where a statutory appeal is filed
    state: str = ""  # how the ticket stands: new, waiting, open, answered, closed
    answered: str = ""  # the day of our answer
    late: str = ""  # not empty: the day is over and we have not answered
    reopens: str = ""  # not empty: an answer to a closed ticket opens it again
    answer: tuple[str, ...] = ()  # the paragraphs that a person wrote
    status_link: str = ""  # page with the state of the ticket
    confirm_link: str = ""  # page where the address of the public form is confirmed
    desk_name: str = ""
    contacts: str = ""  # phone, address, hours, as the settings give them
    limit: str = ""  # the largest letter we take: 40 МБ
