"""Signatures, "sent from" lines, antivirus lines and disclaimers in the sender's own lines.

The signature is kept apart, since names and numbers stand in it; the rest is what no person wrote and is dropped.
"""

import re

LINE_LOOKED_AT = 400
_SIGNATURE_LINES = 12  # nonblank lines a signature has at most
_NAME_WORDS = 5

_SENT_FROM = re.compile(
    r"(?:--\s*)?(?:"
    r"отправлено (?:с|со|из|через|при помощи|с помощью) (?:моего |моей |мобильн\w+ |приложени\w+ |устройства |телефона |смартфона )*"
    r"(?:iphone|ipad|айфона|айпада|galaxy|samsung|huawei|honor|xiaomi|redmi|poco|realme|oppo|vivo|android|андроид\w*|планшета|смартфона|телефона"
    r"|почты|почтов\w+|яндекс|yandex|mail|outlook|windows|blackberry|nokia|thunderbird|k-9|k9|gmail|bluemail|aqua|my\s?mail|рамблер|rambler|mymail"
    r"|proton|tutanota|spark|telegram|myoffice|r7|р7|аврора|aurora|мобильн\w+|моего мобильного|устройства)"
    r"[^.!?]{0,60}[.!]?"
    r"|(?:get|скачать|установить|загрузить) outlook (?:for|для) \w+(?: <[^>]{1,80}>| \S{1,80})?"
    r"|sent (?:from|via|with|using) (?:my |the |a )?(?:iphone|ipad|samsung|galaxy|huawei|honor|xiaomi|redmi|mobile|android|phone|mail|outlook|yahoo|proton|yandex"
    r"|blackberry|windows|gmail|k-9|thunderbird|mi |[a-z]+ mobile)[^.!?]{0,60}[.!]?"
    r"|sent from \w+ on \w+"
    r"|простите за краткость.{0,80}|извините за краткость.{0,80}|please excuse my brevity.{0,40}"
    r"|-{5,} ?отправлено с .{1,60}"
    r")\s*$",
    re.IGNORECASE,
)
_ANTIVIRUS = re.compile(
    r"(?:(?:это|данное) (?:сообщение|письмо|электронное письмо|электронное сообщение) (?:было )?проверено на (?:наличие )?вирус.{0,120}"
    r"|(?:проверено|защищено) (?:антивирус\w* )?(?:avast|avg|kaspersky|касперск\w+|dr\.?\s?web|eset|nod32).{0,80}"
    r"|(?:без|вирусов нет|не содержит) вирусов.{0,60}(?:www\.\S+|avast|avg)?"
    r"|virus-free.{0,60}|checked by avg.{0,80}|this e-?mail has been (?:checked|scanned) (?:for viruses|by).{0,120}"
    r"|.{0,60}information from eset.{0,120}|https?://www\.avast\.\S{1,120}|www\.(?:avast|avg)\.\S{1,60}|https?://www\.avg\.\S{1,120}"
    r"|this message (?:was|has been) scanned.{0,100})\s*$",
    re.IGNORECASE,
)
_DISCLAIMER_START = re.compile(
    r"[\s*_-]{0,10}(?:внимание!?:?\s*)?(?:уведомление о конфиденциальности|confidentiality (?:notice|note)|disclaimer|отказ от ответственности"
    r"|(?:эт[оа]|данн[оа]е|настоящ(?:ее|ая)|содержание (?:данного|настоящего|этого))\s+(?:электронн\w+\s+)?(?:сообщени|письм|переписк|послани)"
    r"|информация,? (?:содержащаяся|изложенная|приведенная|в (?:этом|данном|настоящем))"
    r"|(?:любая )?информация в (?:этом|данном|настоящем) (?:сообщении|письме)"
    r"|если (?:вы|данное|это|настоящее)\b.{0,40}(?:не являетесь|получил[иа]?|было)"
    r"|this (?:e-?\s?mail|message|communication|transmission|electronic)|the (?:information|content)s? (?:contained )?(?:in|of) this"
    r"|if you (?:are not|have received)|пожалуйста,? (?:подумайте|берегите|не распечатывайте)|прежде чем (?:распечат|печат)"
    r"|please consider the environment|перед тем,? как распечатать|берегите природу|сохраним (?:лес|природу))",
    re.IGNORECASE,
)
_DISCLAIMER_CUE = re.compile(
    r"конфиденциальн|предназначен[оаы]?\s+(?:только|исключительно|для|лиц)|не являет(?:есь|ся)|адресат|ошибочно|по ошибке"
    r"|удалите|уведомьте|уничтож|коммерческую тайну|публичной офертой|оферт|юридическ\w+ обязатель|распечат|природ|\bлес"
    r"|confidential|intended (?:only|solely|for|recipient)|privileged|in error|notify|delete|environment|print",
    re.IGNORECASE,
)
_DISCLAIMER_LINES = 30  # of one paragraph joined to be judged

_SEPARATOR = re.compile(r"\s*(?:--\s?|—|–|__+|\*\*\*+|-{3,}|={3,})\s*$")
_CLOSING = re.compile(
    r"[-–—\s]{0,4}(?:с (?:(?:глубоким|глубочайшим|искренним|огромным|большим|бесконечным|неизменным)\s+)?уважением|с ув\b\.?|с\.\s?у\.|"
    r"с наилучшими(?: пожеланиями)?|с почтением|с благодарностью|с приветом|с надеждой(?: на (?:помощь|ответ|понимание))?|искренне (?:ваш[аи]?)|"
    r"(?:best|kind|warm|with best|with kind)\s+(?:regards|wishes)|regards|sincerely(?: yours)?|yours (?:sincerely|faithfully|truly)|br\b|cheers|"
    r"заранее (?:большое |огромное )?(?:спасибо|благодар[а-я]+|признател[а-я]+)|(?:спасибо|благодарю) заранее|"
    r"всего (?:доброго|хорошего|наилучшего)|хорошего дня|удачного дня|всех благ|до свидания|"
    r"(?:большое |огромное )?спасибо(?: большое| огромное| за (?:внимание|помощь|понимание|ответ|содействие))?|thanks(?: in advance)?|thank you(?: in advance)?|"
    r"благодарю(?: за (?:внимание|помощь|понимание|ответ|содействие))?)"
    r"(?P<rest>.*)$",
    re.IGNORECASE,
)
# Phrases that close a letter only when a signature follows; alone they are the sender's own words.
_THANKS = re.compile(r"[-–—\s]{0,4}(?:заранее|спасибо|благодарю|большое|огромное|thank|всего|хорошего|удачного|всех благ|до свидания|с надеждой)", re.IGNORECASE)
_REST = re.compile(r"[\s,.!;:)–—-]*(?:(?:к вам|ваш[аи]?)[\s,]*)?$|[\s]*[,.!–—-]+\s*\S|\s+[A-ZА-ЯЁ«\"]", re.IGNORECASE)
_CAPITAL_REST = re.compile(r"[\s,.!;:)–—-]*(?:(?:[Кк] [Вв]ам|[Вв]аш[аи]?)[\s,]*)?(?:$|[A-ZА-ЯЁ«\"(])|[\s]*[,–—-]+\s*[а-яё]")
_POSTSCRIPT = re.compile(r"(?:p\.?\s?\.?s\b|п\.?\s?с\b|з\.?\s?ы\b|ps\b)", re.IGNORECASE)

_NAME_LINE = re.compile(
    r"(?:[А-ЯЁA-Z][а-яёa-z]+(?:-[А-ЯЁA-Z][а-яёa-z]+)?|[А-ЯЁ]{2,}(?:-[А-ЯЁ]{2,})?|[А-ЯЁA-Z]\.\s?(?:[А-ЯЁA-Z]\.)?)"
    r"(?:\s+(?:[А-ЯЁA-Z][а-яёa-z]+(?:-[А-ЯЁA-Z][а-яёa-z]+)?|[А-ЯЁ]{2,}|[А-ЯЁA-Z]\.\s?(?:[А-ЯЁA-Z]\.)?|оглы|кызы)){0,4}\s*[.,]?$"
)
_CONTACT = re.compile(
    r"(?:тел|моб|сот|факс|e-?mail|эл\.? ?почта|почта|skype|telegram|tg|whatsapp|сайт|www\.|https?://|phone|mob|tel|fax|м\.|т\.)[\s.:/]"
    r"|\+?[78][\s(-]*\d{3}[\s)-]*\d{3}[\s-]?\d{2}[\s-]?\d{2}\b"
    rf"|[^\s<>@,;:]{{1,64}}@[^\s<>@,;:]{{1,255}}\s*$",
    re.IGNORECASE,
)
_POSITION = re.compile(
    r"(?:директор|генеральный|главный|ведущий|старший|бухгалтер|инженер|менеджер|специалист|юрист|адвокат|нотариус|помощник|начальник|заместитель|зам\.|"
    r"руководитель|председатель|секретарь|врач|учитель|преподаватель|пенсионер|ветеран|инвалид|индивидуальный предприниматель|ип\b|ооо\b|оао\b|пао\b|ао\b|"
    r"зао\b|гбоу|мбоу|мкоу|гбуз|муп\b|гуп\b|фгбу|фгуп|ано\b|нко\b|снт\b|тсж\b|отдел|департамент|администрация|компания|фирма|школа|г\.\s?[А-ЯЁ]|город\b|пос\.|дер\.|ул\.|\d{6},)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?…:)»\"]\s*$")


def without_machine_lines(lines: list[str]) -> list[str]:
    """The lines without "sent from", antivirus lines and disclaimers; they are nobody's words."""
    out: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at][:LINE_LOOKED_AT].strip()
        if _is_machine_line(line):
            at += 1
            if out and _SEPARATOR.match(out[-1]) and not _text_before_blank(lines, at):
                out.pop()
        elif (end := _disclaimer_end(lines, at)) > at:
            at = end
        else:
            out.append(lines[at])
            at += 1
    return out


def _text_before_blank(lines: list[str], at: int) -> bool:
    return at < len(lines) and bool(lines[at].strip())


def _is_machine_line(line: str) -> bool:
    return bool(line) and len(line) <= 200 and bool(_SENT_FROM.match(line) or _ANTIVIRUS.match(line))


def _disclaimer_end(lines: list[str], at: int) -> int:
    """The end of the paragraph when it is a disclaimer, else `at`."""
    if not _DISCLAIMER_START.match(lines[at][:LINE_LOOKED_AT]):
        return at
    end = at
    while end < len(lines) and end - at < _DISCLAIMER_LINES and lines[end].strip():
        end += 1
    cues = set(m.lower() for m in _DISCLAIMER_CUE.findall(" ".join(line[:2000] for line in lines[at:end])))
    return end if len(cues) >= 2 else at


def split_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """(own lines, signature lines) of one stretch of the sender's lines. In doubt a line is own."""
    own, signature = _by_closing(lines)
    more_own, more = _by_trailing_name(own)
    return more_own, [*more, *signature]


def _by_closing(lines: list[str]) -> tuple[list[str], list[str]]:
    """Takes each block that a separator or a closing phrase opens, as far as its lines look like a signature."""
    own: list[str] = []
    signature: list[str] = []
    at = 0
    while at < len(lines):
        end = _block_end(lines, at)
        if end > at:
            signature += lines[at:end]
        else:
            own.append(lines[at])
            end = at + 1
        at = end
    return own, signature


def _block_end(lines: list[str], at: int) -> int:
    line = lines[at][:LINE_LOOKED_AT].strip()
    if not line:
        return at
    if _SEPARATOR.match(lines[at][:LINE_LOOKED_AT]):
        end = _signature_like_end(lines, at + 1)
        # A rule in the middle of a letter parts its sections: only what reaches the end is a signature.
        return end if end > at + 1 and not any(rest.strip() for rest in lines[end : end + 3]) else at
    closing = _CLOSING.match(line)
    if closing is None or not _closes(closing["rest"]):
        return at
    end = _signature_like_end(lines, at + 1)
    if _THANKS.match(line) and not any(rest.strip() for rest in lines[at + 1 : end]) and not closing["rest"].strip(" ,.!)"):
        return at
    return end


def _closes(rest: str) -> bool:
    return len(rest) <= 120 and len(rest.split()) <= 14 and bool(_CAPITAL_REST.match(rest))


def _signature_like_end(lines: list[str], at: int) -> int:
    """The end of the lines from here that look like a signature's; blank lines at its end are left outside."""
    end, taken = at, 0
    for i in range(at, min(at + 3 * _SIGNATURE_LINES, len(lines))):
        line = lines[i][:LINE_LOOKED_AT].strip()
        if not line:
            continue
        if taken >= _SIGNATURE_LINES or not _signature_like(line):
            break
        taken += 1
        end = i + 1
    return end


def _signature_like(line: str) -> bool:
    if _POSTSCRIPT.match(line) or len(line) > 160:
        return False
    if _CONTACT.search(line) or _NAME_LINE.match(line) or _SEPARATOR.match(line) or _POSITION.match(line):
        return True
    words = line.split()
    # A sentence has a small word after the first, and an end; "ИНН 7700…", "тел. …", "отдел продаж" have not.
    return len(words) <= 9 and not re.search(r"[.!?]$", line) or len(words) <= 3


def _by_trailing_name(lines: list[str]) -> tuple[list[str], list[str]]:
    """A bare name, a phone, a position as the last lines, when something was said before."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    start, named = end, False
    while start and end - start < 6:
        line = lines[start - 1][:LINE_LOOKED_AT].strip()
        name = bool(_NAME_LINE.match(line)) and len(line) <= 60
        if not line or not (name or (len(line) <= 100 and (_CONTACT.search(line) or _POSITION.match(line)) and not _is_sentence(line))):
            break
        named = named or name
        start -= 1
    if not named or not _said_before(lines, start):
        return lines, []
    return lines[:start], lines[start:end]


def _is_sentence(line: str) -> bool:
    return bool(re.search(r"[.!?]$", line)) and len(line.split()) > 4


def _said_before(lines: list[str], start: int) -> bool:
    """The line before ends what was said: it is blank or ends a sentence; and there is some text at all."""
    if not any(line.strip() for line in lines[:start]):
        return False
    before = lines[start - 1].strip()
    return not before or bool(_SENTENCE_END.search(before)) or len(before) > 40
