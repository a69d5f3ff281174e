"""Which lines of a letter are older mail: quoted lines, the attribution above them, forwarded letters.

Each test looks at a bounded stretch of bounded lines, so that all of it is linear in the letter.
"""

import re

LINE_LOOKED_AT = 400  # characters of a line that the patterns see
_ATTRIBUTION_LINES = 4  # mailers fold an attribution over so many lines at most
_SIGNED_WITHIN = 60  # lines of unmarked older mail searched for its author's signature
_HEADER_LINES = 8  # a quoted header block shows its keys within so many lines

MARK = re.compile(r"\s{0,3}>")
_INITIALS_MARK = re.compile(r"\s?[A-ZА-ЯЁ][A-Za-zА-Яа-яЁё]{0,3}>")  # The Bat!: "ИП> текст"

_EMAIL = r"[^\s<>@,;:\"()\[\]]{1,64}@[^\s<>@,;:\"()\[\]]{1,255}"
_MONTH_BEGINS = (
    r"(?:янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
    r"|mär|mrz|mai|okt|dez|f[ée]v|avr|jui[nl]|ao[uû]t|déc|ene|abr|ago|dic)"
)
_MONTH = rf"{_MONTH_BEGINS}[а-яa-z]{{0,8}}\.?"
_DATE = (
    rf"(?:\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{2,4}}|\d{{1,2}}(?:\.?\s(?:de )?|-){_MONTH}(?:\s(?:de )?|-)\d{{2,4}}"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})"
)
_WEEKDAY = (
    r"(?:понедельник|вторник|среда|среду|четверг|пятница|пятницу|суббота|субботу|воскресенье|пн|вт|ср|чт|пт|сб|вс"
    r"|mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
)
_VERB = (
    r"(?:написал[аи]?(?:\s?\([аи]?\))?|писал[аи]?(?:\s?\(а\))?|пишет|сообщил[аи]?(?:\s?\(а\))?|wrote|writes|schrieb"
    r"|says)"
)
# Where mailers in other languages put their verb; anywhere else it is a sentence's. German has "Am <day> schrieb X:"
# and "X schrieb am <day>:"; French and Spanish end by the verb. Between day and name stands the hour alone.
_HOUR = r"(?:(?:um|à|a las?)\s)?\d{1,2}[:.h]\d{2}(?::\d{2})?(?:\sUhr)?"
_DAY_AND_HOUR = rf"(?:[^\W\d_]{{2,10}}[.,]{{0,2}}\s)?{_DATE}(?:,?\s{_HOUR})?"
_WRITER = rf"(?:(?-i:[A-ZÀ-ÝА-ЯЁ\"«<])(?:(?![.!?]\s)[^:,]){{0,80}}(?:(?![.!?]\s)[^:]{{1,40}}<{_EMAIL}>\)?)?|{_EMAIL})"
_FOREIGN = re.compile(
    rf"(?:^am\s{_DAY_AND_HOUR}\sschrieb\s{_WRITER}|^{_WRITER}\sschrieb\sam\s{_DAY_AND_HOUR}"
    rf"|(?:^(?:am|le|el)\s{_DAY_AND_HOUR},?\s{_WRITER}|^[^:]{{0,160}}{_EMAIL}>?\)?)"
    r",?\s(?:hat geschrieben|a écrit|escribió))\s*:$",
    re.IGNORECASE,
)
_HAS_DATE = re.compile(_DATE, re.IGNORECASE)
_HAS_EMAIL = re.compile(_EMAIL)
_HAS_TIME = re.compile(r"\b\d{1,2}[:.]\d{2}\b")
_ENDS_WITH_VERB = re.compile(rf"\b{_VERB}\s*:$", re.IGNORECASE)
_BY_DATE = rf"{_WEEKDAY}\b|{_DATE}|on\b|le\b|el\b|am\b|в письме от\b|в сообщении от\b"
_ON = ("on ", "am ", "le ", "el ")
_BEGINS_BY_DATE = re.compile(rf"(?:{_BY_DATE})", re.IGNORECASE)
# The line begins as a mailer begins it: by the date, a weekday, "On …", "В письме от …", or by the writer's address.
_BEGINS_AS_MAILER = re.compile(
    rf"(?:{_BY_DATE}|кому:|at \d|\"?[^\"<>:]{{1,80}}\"?\s*<{_EMAIL}>|{_EMAIL})",
    re.IGNORECASE,
)
_OF_SENDER = re.compile(  # no mailer says so
    r"\b(?:я|мне|меня|нам|нас|ich|mir|mich|wir|uns|je|moi|nous|yo|me|nos)\b", re.IGNORECASE
)
# By a word and its stop; "2026 г." and "апр." are a date's, one letter is an initial.
_ENDS_SENTENCE = re.compile(
    rf"[!?…]$|(?<![^\W\d_])(?!{_MONTH_BEGINS}[а-яa-z]{{0,2}}\.$)[^\W\d_]{{2,}}\.$|(?:\d{{5}}|[»)\"])\.$", re.IGNORECASE
)
_YOU_WROTE = re.compile(
    rf"(?:вы|ты) писали?\b.{{0,60}}(?:{_DATE}|{_EMAIL}).{{0,120}}:$|you wrote\b.{{0,120}}:$", re.IGNORECASE
)
_DATE_COMMA_TIME_NAME = re.compile(
    rf"(?:{_WEEKDAY},?\s+)?{_DATE}(?:\s?г\.)?,?\s+(?:в\s+|at\s+)?\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\s?[AP]M)?"
    r"(?:\s+(?:GMT|UTC|MSK|\+)\S{0,6})?,\s+[^,:]{1,80}\s" + _VERB + r"\s*:$",
    re.IGNORECASE,
)

_DIVIDER_WORDS = (
    r"(?:исходное сообщение|исходное письмо|оригинальное сообщение|первоначальное сообщение|original message"
    r"|original appointment"
    r"|пересылаемое сообщение|пересланное сообщение|пересланное письмо|перенаправленное сообщение"
    r"|переадресованное сообщение"
    r"|пересылаемое письмо|forwarded message|forwarded by .{1,80}|forwarded letter|forward message|reply message"
    r"|ответ на сообщение"
    r"|исходное сообщение от .{1,80}|переслано .{1,80}|начало пересылаемого сообщения|перенаправлено .{1,80})"
)
_DIVIDER = re.compile(rf"{_DIVIDER_WORDS}\s?:?", re.IGNORECASE)
_DASHES = "-–—_*= \t"
_DIVIDER_DASHES = 4  # of these around the words of a divider at least
_BEGIN_FORWARD = re.compile(
    r"(?:начало (?:пересылаемого|переадресованного|перенаправленного) (?:сообщения|письма)|begin forwarded message"
    rf"|{_DIVIDER_WORDS})\s?:?$",
    re.IGNORECASE,
)
_END_FORWARD = re.compile(
    r"(?:конец|завершение|окончание) (?:пересылаемого|переадресованного|перенаправленного|исходного|пересланного)"
    r" (?:сообщения|письма)|end of (?:the )?(?:forwarded|original) message",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*(?:_{10,}|-{10,}|={10,}|\*{10,})\s*$")

_KEYS = {
    "from": ("от", "from", "отправитель", "от кого", "von", "de"),
    "sent": ("отправлено", "sent", "дата", "date", "дата отправки", "послано", "gesendet"),
    "to": ("кому", "to", "получатель", "an"),
    "cc": ("копия", "cc", "копии"),
    "subject": ("тема", "subject", "re", "betreff"),
    "reply": ("ответить", "reply-to"),
}
_KEY_OF = {word: key for key, words in _KEYS.items() for word in words}
_KEY_LINE = re.compile(r"[\s*>]{0,4}\*?([A-Za-zА-Яа-яёЁ][A-Za-zА-Яа-яёЁ -]{0,14}?)\*?\s?:\*?(?:\s+(.*)|)$")


def quoted_lines(lines: list[str], *, forwards: bool) -> list[bool]:
    """For each line whether it is older mail; `forwards`: the subject says that another's letter is passed on.
    What is not plainly older mail is not.

    1. Lines that carry a quotation mark. 2. An attribution above marked lines, or an unmistakable one: what follows
    it unmarked is older mail to the end. 3. A divider or a header block as Outlook writes it: likewise, up to the
    line that says the forwarded letter ends. 4. An answer under unmarked older mail with nothing above it is found
    where that mail is signed.
    """
    heads = [line[:LINE_LOOKED_AT] for line in lines]
    quoted = _marked(heads)
    at, total = 0, len(heads)
    while at < total:
        if quoted[at] or not heads[at].strip() or _ends_forward(heads[at]):
            quoted[at] = bool(heads[at].strip())
            at += 1
            continue
        end = _opening(heads, quoted, at)
        if end == at:
            at += 1
            continue
        quoted[at:end] = [True] * (end - at)
        opened, at = at, end
        follows = _next_text(heads, at)
        if follows < total and not quoted[follows]:
            stop = _tail_end(heads, at)
            if not forwards and not any(map(str.strip, heads[:opened])):
                stop = _signed(heads, opened, at, stop)
            quoted[at:stop] = [True] * (stop - at)
            at = stop
    return quoted


def _marked(heads: list[str]) -> list[bool]:
    quoted = [bool(MARK.match(h)) for h in heads]
    initials = [bool(_INITIALS_MARK.match(h)) for h in heads]
    for i, mine in enumerate(initials):
        if mine and (any(initials[max(0, i - 2) : i]) or any(initials[i + 1 : i + 3])):
            quoted[i] = True
    # A quoted line that a server broke: its tail stands unmarked between two marked lines.
    for i in range(1, len(heads) - 1):
        tail = heads[i].strip()
        between = not quoted[i] and quoted[i - 1] and quoted[i + 1] and len(heads[i - 1]) > 60
        if between and 0 < len(tail) < 40 and tail[0].islower():
            quoted[i] = True
    return quoted


def _next_text(heads: list[str], at: int) -> int:
    while at < len(heads) and not heads[at].strip():
        at += 1
    return at


def _opening(heads: list[str], quoted: list[bool], at: int) -> int:
    """The end of the attribution, divider or header block that begins here; `at` itself when none does."""
    line = heads[at].strip()
    bare = line.strip(_DASHES)
    if len(line) - len(bare) >= _DIVIDER_DASHES and _DIVIDER.fullmatch(bare):
        return _after_block(heads, _next_text(heads, at + 1)) or at + 1
    if (_BEGIN_FORWARD.match(line) or _RULE.match(line)) and (end := _after_block(heads, _next_text(heads, at + 1))):
        return end
    if _KEY_LINE.match(line) and (end := _after_block(heads, at)):
        return end
    return _attribution_end(heads, quoted, at)


def _attribution_end(heads: list[str], quoted: list[bool], at: int) -> int:
    """An attribution may be folded over some lines; it ends by a colon."""
    pieces: list[str] = []
    for end in range(at + 1, min(at + _ATTRIBUTION_LINES, len(heads)) + 1):
        piece = heads[end - 1].strip()
        if not piece or quoted[end - 1]:
            return at
        pieces.append(piece)
        if piece[-1] == ":":
            break
    else:
        return at
    follows = _next_text(heads, end)
    marked = follows < len(heads) and quoted[follows]
    if len(" ".join(pieces)) > LINE_LOOKED_AT or not _is_attribution(" ".join(pieces), marked=marked):
        return at
    later = any(
        _begins_anew(pieces, k) and _is_attribution(" ".join(pieces[k:]), marked=marked) for k in range(1, len(pieces))
    )
    return at if later else end


def _begins_anew(pieces: list[str], at: int) -> bool:
    """Whether these lines are not one folded attribution: the sender's words stand above the line there, with no
    blank line between, and it may begin one. In doubt it does: the words above are kept.
    """
    above, below = " ".join(pieces[:at]), " ".join(pieces[at:])
    if _ENDS_SENTENCE.search(above):
        return True
    if not _BEGINS_AS_MAILER.match(above):
        return below[0] != "<"  # the name stands above its address
    if _HAS_DATE.search(above) and _HAS_DATE.search(below) and _is_attribution(below, marked=True):
        return True
    if _HAS_EMAIL.search(above):
        return bool(_HAS_EMAIL.search(below))
    return bool(_BEGINS_BY_DATE.match(below))


def _is_attribution(text: str, *, marked: bool) -> bool:
    """`marked`: quoted lines follow, so weaker signs will do. "15 марта в 14:30 оператор написал:" is the sender's."""
    if _YOU_WROTE.match(text):
        return True
    dated = bool(_HAS_DATE.search(text))
    email = bool(_HAS_EMAIL.search(text))
    verb = bool(_ENDS_WITH_VERB.search(text) or _FOREIGN.search(text))
    if marked and (verb or (dated and (email or _HAS_TIME.search(text)))):
        return email or not _OF_SENDER.search(text)
    if not _BEGINS_AS_MAILER.match(text):
        return False
    if email and (verb or (dated and _HAS_TIME.search(text))):
        return True
    return bool(_DATE_COMMA_TIME_NAME.match(text)) or (verb and dated and text.lower().startswith(_ON))


def _after_block(heads: list[str], at: int) -> int:
    """The line after a quoted header block that begins here; 0 when it is none.

    A citizen's own form ("От: Иванов Иван", "Дата: 15 марта", "Тема: вход") has no address and no hour of sending.
    """
    keys: dict[str, str] = {}
    end, last = at, ""
    for i in range(at, min(at + _HEADER_LINES, len(heads))):
        line = heads[i].strip()
        shape = _KEY_LINE.match(line)
        key = _KEY_OF.get(shape[1].strip().lower()) if shape else None
        if key and shape and key not in keys:
            keys[key] = last_value = shape[2] or ""
            last, end = key if not last_value else "", i + 1
        elif line and last:
            keys[last], last, end = line, "", i + 1  # the value stands on the line below its key
        elif line or len(keys) >= 3:
            break
    if "from" not in keys and not {"sent", "to", "subject"} <= keys.keys():
        return 0
    addressed = any(_HAS_EMAIL.search(keys.get(k, "")) for k in ("from", "to"))
    timed = bool(_HAS_DATE.search(keys.get("sent", "")) and _HAS_TIME.search(keys.get("sent", "")))
    enough = len(keys) >= 3 if addressed or timed else False
    return end if enough or (len(keys) == 2 and addressed and timed) else 0


def _ends_forward(head: str) -> bool:
    return bool(_END_FORWARD.fullmatch(head.strip(_DASHES)))


def _signed(heads: list[str], opened: int, at: int, stop: int) -> int:
    """The line after the one by which the author named in lines `opened` to `at` signs; `stop` when he does not, or
    when nothing stands below."""
    author = " ".join(heads[opened:at]).lower()
    for i in range(at, min(at + _SIGNED_WITHIN, stop)):
        line = heads[i].strip(_DASHES + ",.")
        if 5 <= len(line) <= 60 and not line.isdigit() and line.lower() in author and _next_text(heads, i + 1) < stop:
            return i + 1
    return stop


def _tail_end(heads: list[str], at: int) -> int:
    """Where unmarked older mail ends: at the line that says so, else with the letter."""
    for i in range(at, len(heads)):
        if _ends_forward(heads[i]):
            return i + 1
    return len(heads)
