"""Lines that no person wrote: "sent from my phone", antivirus notes, confidentiality disclaimers. They are dropped."""

import re

from intake.quotes import LINE_LOOKED_AT

MAX_MACHINE_LINE = 200  # characters
_DISCLAIMER_LINES = 40  # lines of one paragraph joined to be judged

_SENT_FROM = re.compile(
    r"(?:-+\s*)?(?:(?:отправлено|послано) (?:с|со|из|через|при помощи|с помощью)|sent (?:from|via|with|using)) ",
    re.IGNORECASE,
)
# After "Отправлено с …" a mailer names a device or a program and nothing else: a citizen's "Отправлено с телефона
# заявление" has other words. Latin letters and digits are names of devices and programs.
_DEVICE_WORD = re.compile(
    r"[«\"'(]?(?:мо(?:его|ей|их)|мобильн\w+|приложени\w+|устройств\w*|телефон\w*|смартфон\w*|планшет\w*|почт\w+"
    r"|яндекс[\w.]*+|рамблер[\w/.]*+|мейл\w*|майл\w*|клиент\w*|программ\w*|айфон\w*|айпад\w*|андроид\w*|самсунг\w*|хуавей|хонор"
    r"|ксиоми|сяоми|аврора|мойофис|р7-офис|версии?|сервис\w*|служб\w+|веб-\w+|компьютера|ноутбука"
    r"|для|на|с|со|из|под|в|и|через|помощью|при|(?:(?![a-z0-9])[\w.+/-])*+[a-z0-9][\w.+/-]*+|[()«»\"'®™:,.!|/-]++)[.,!:)»\"']*",
    re.IGNORECASE,
)
_LINK = re.compile(r"\s*[<(\[]?https?://\S{1,200}")
_DEVICE_WORDS = 14
_BREVITY = re.compile(r"[.,;\s]+(?:извините|простите|возможны|please) \S[^.]{0,60}\.?$", re.IGNORECASE)
_OTHER = re.compile(
    r"(?:(?:get|получить|получите|скачать|скачайте|установить|загрузить|загрузите) outlook (?:for|для) \w+.{0,120}"
    r"|(?:извините|простите) за (?:краткость|лаконичность|возможные опечатки).{0,60}|(?:(?:пишу|написано"
    r"|набрано) с (?:телефона|мобильного|смартфона|планшета)[,.;]? )?возможны опечатки[.!]?|please (?:excuse"
    r"|forgive) my (?:brevity|typos).{0,40}"
    r"|(?:это|этот|данное) (?:сообщение|письмо|электронное письмо|e-?mail"
    r"|электронное сообщение) (?:был[оа]? )?проверен[оа]? (?:на (?:наличие )?вирус|антивирус).{0,120}"
    r"|(?:проверено|защищено) (?:на вирусы )?(?:антивирус\w* )?(?:программ\w+ )?(?:avast|avg|kaspersky|касперск\w+"
    r"|dr\.?\s?web|eset|nod32).{0,80}"
    r"|(?:без вирусов|вирусов нет|вирусы не обнаружены|вирусов не обнаружено)[.!]?(?: ?<?(?:https?://)?www\.\S{1,120})?"
    r"|virus-free.{0,120}|checked by avg.{0,80}|no virus found in this.{0,60}"
    r"|this (?:e-?mail|message) (?:was|has been) (?:checked|scanned) (?:for viruses|by).{0,120}"
    r"|_{3,} (?:information from|информация) (?:from )?eset.{0,160}|<?(?:https?://)?www\.(?:avast|avg)\.\S{1,160}"
    r"|сообщение (?:было )?проверено (?:почтовым )?антивирусом.{0,80}"
    r"|подпись сформирована .{0,60}"
    r"|(?:это )?(?:письмо|сообщение) создано (?:автоматически )?(?:почтов|программ)\w+.{0,60}"
    r"|(?:это|данное|настоящее) (?:электронное )?(?:сообщение|письмо)(?:,? (?:и|а также|включая) (?:все |любые )?"
    r"(?:вложени|приложени)\w{1,3}(?: к нему)?,?)? (?:строго |является |являются )?конфиденциальн\w{1,4}[.!]?)\s*",
    re.IGNORECASE,
)
# A mail server's mark on what came from outside, and the warnings after it. Only these go: the rest of the line is
# the citizen's ("[External] Please help me"), whatever verb it begins by.
_WARNS = r"(?:внимание|осторожно|предупреждение|caution|warning|attention|external(?: e-?mail)?)[\])*!:.,\s]++"
_SENT = r"(?:было )?(?:(?:отправлен|получен|прислан)о|пришло|поступило) (?:(?:от|из|с) )?"
_OUTSIDE = r"(?:внешн\w{2,3} (?:отправител|источник|адрес|домен)\w*|извне)"
_TAG = r"внешн(?:ее|яя|ий) (?:письмо|сообщение|почта|отправитель)|external(?: (?:e-?mail|message|sender))?"
_FROM_ABROAD = (
    r"(?:an )?(?:external (?:sender|source|e-?mail|address|domain|system)"
    r"|outside(?: (?:of )?(?:\w{1,20} ){0,3}(?:organi[sz]ation|company|network|domain|institution))?)"
)
_MARKED = re.compile(
    rf"[\[(*_!\s]*+(?:(?P<led>{_WARNS}(?:(?:это|данное) )?(?:письмо|сообщение) {_SENT}{_OUTSIDE}"
    rf"|(?<=[\[(*])(?:{_TAG})(?=[\])*])"
    rf"|{_WARNS}(?:this is an )?external (?:e-?mail|message|sender)"
    rf"|{_WARNS}this (?:e-?mail|message) (?:originated|came|was sent|is) (?:from )?{_FROM_ABROAD})"
    rf"|(?:это|данное) (?:письмо|сообщение) {_SENT}{_OUTSIDE}"
    rf"|this (?:e-?mail|message) (?:originated|came|was sent|is) (?:from )?{_FROM_ABROAD})(?![^\W_])",
    re.IGNORECASE,
)
_STOP = re.compile(r"[\s\])*_:,—–-]*(?:[.!\])*][\s\])*!:.,—–-]*|$)")
_OF_WARNINGS = (
    r"ссыл|вложени|файл|парол|отправител|данны[ех]|на (?:(?:это|данное) )?(?:него|письмо|сообщение)"
    r"|links?|attach|sender|content|password|credential|information|e-?mail|message|source"
)
_BEWARE = re.compile(
    r"[\s,:—–-]*(?:не (?:открывайте|переходите|отвечайте|вводите|нажимайте|скачивайте|загружайте|сообщайте"
    r"|доверяйте|пересылайте)"
    r"|(?:будьте|проявляйте|соблюдайте) (?:предельно |особенно )?(?:осторожн|внимательн|бдительн)\w*"
    r"|проверьте|убедитесь|(?:please )?(?:do not|don't|never) (?:click|open|reply|respond|forward|follow|download|enter"
    r"|provide|share)|(?:please )?(?:be|stay) (?:very )?(?:careful|cautious|vigilant)"
    r"|(?:please )?(?:use|exercise|take) (?:\w{1,10} )?(?:caution|care)|think before)(?![^\W_])"
    rf"(?=\s*(?:[.!\])*]|$)|[^.!?\n]{{0,160}}?(?<![^\W_])(?:{_OF_WARNINGS}))"
    r"(?:(?!\b(?:я|мне|меня|мо[йяёи]|моего|моей|моих|мы|нам|нас|наш\w*|i|me|my|we|us)\b)[^.!?\n]){0,160}"
    r"(?:[.!\])*]++(?:\s++|$)|$)",
    re.IGNORECASE,
)
_DISCLAIMER_START = re.compile(
    r"[\s*_•>-]{0,10}(?:(?:внимание|важно|примечание)\s?[!:.]+\s*)?(?:уведомление о конфиденциальности"
    r"|confidentiality (?:notice|note|statement)"
    r"|(?:legal )?disclaimer|отказ от ответственности|(?:совершенно |строго )?конфиденциально(?:сть)?[.!:]"
    r"|(?:эт[оа]|данн[оа]е|настоящ(?:ее|ая)|содержание (?:данного|настоящего|этого)|содержимое (?:данного"
    r"|настоящего|этого))\s+(?:электронн\w+\s+)?"
    r"(?:почтов\w+\s+)?(?:сообщени|письм|переписк|послани|отправлени)"
    r"|(?:вся )?информация,? (?:содержащаяся|изложенная|приведенная|приведённая|передаваемая|в (?:этом|данном"
    r"|настоящем))"
    r"|если (?:вы|данное|это|настоящее)\b.{0,40}(?:не являетесь|получил[иа]?|было|адресат)"
    r"|this (?:e-?\s?mail|message|communication|transmission|electronic)|the (?:information"
    r"|contents?)(?: contained)? (?:in|of) this"
    r"|if you (?:are not|have received)|пожалуйста,? (?:подумайте|берегите|не распечатывайте)"
    r"|(?:сообщение|письмо) содержит|(?:этот|данный) документ|(?:по)?думайте (?:об экологии|о природе)"
    r"|прежде чем (?:распечат|печат)"
    r"|please consider the environment|перед тем,? как (?:распечат|печат)|берегите (?:природу|лес)|сохраним (?:лес"
    r"|природу|деревья))",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(r"\b(?:я|мо[йяёи]|моих|моего|моей|пришло мне)\b", re.IGNORECASE)  # no disclaimer says so
# Two different ones of these make it certain; each is a group of forms of one thought.
_CUES = tuple(
    re.compile(cue, re.IGNORECASE)
    for cue in (
        r"конфиденциал|confidential|privileged|коммерческ\w{1,20} тайн|охраняем\w{1,20} законом",
        r"предназнач|intended|адресован|адресат|получател[юья]м?\b|recipient",
        r"не являет\w+|are not the|ошибочно|по ошибке|in error",
        r"удалит|уничтож|уведомит|сообщите (?:об этом )?отправител|delete|destroy|notify",
        r"офертой|обязательств|официальн\w{1,20} позици|не (?:всегда )?отража|точк\w зрения|views|does not represent",
        r"копирован|распростран|разглаш|раскрыти|запрещ|disclos|copying|distribution|prohibited",
        r"распечат|печат\w{1,20} (?:это|письм)|print",
        r"природ|\bлес|деревь|окружающ|экологи|environment",
        r"содержит|содержащ|contain",
        r"отправлено с корпоративн|отправлено автоматически|sent automatically",
        r"не отслежива|не читаются|не проверяется|not monitored",
    )
)


def without_machine_lines(lines: list[str]) -> list[str]:
    """The lines without those of machines; a separator that only they stood under goes with them."""
    out: list[str] = []
    at = judged = 0  # lines before `judged` stand in a paragraph that is no disclaimer, nor is any end of it
    while at < len(lines):
        line = _without_warning(lines[at])
        end = at + 1 if (lines[at] and not line) or _is_machine(line) else at
        if end == at >= judged and _DISCLAIMER_START.match(lines[at][:LINE_LOOKED_AT]):
            judged, disclaimer = _paragraph(lines, at)
            end = judged if disclaimer else at
        if end == at:
            out.append(line)
            at += 1
            continue
        if out and _is_rule(out[-1]) and not (end < len(lines) and lines[end].strip()):
            out.pop()
        at = end
    return out


def _is_machine(line: str) -> bool:
    line = line[:LINE_LOOKED_AT].strip()
    return 0 < len(line) <= MAX_MACHINE_LINE and (bool(_OTHER.fullmatch(line)) or is_sent_from(line))


def _without_warning(line: str) -> str:
    """The line without a server's mark and warnings at its beginning; "" when nothing else stands on it.

    A sentence that a person may write too, with no "Внимание!" before it, goes only when it fills the line.
    """
    if not (mark := _MARKED.match(line[:LINE_LOOKED_AT])):
        return line
    at = mark.end()
    if not (ended := _STOP.match(line, at)) and not _BEWARE.match(line, at):
        return line
    at = ended.end() if ended else at
    while at < len(line) and (warning := _BEWARE.match(line, at)):
        at = warning.end()
    rest = line[at:].strip()
    return rest if mark["led"] or not rest else line


def is_sent_from(line: str) -> bool:
    """Whether the line names the device or program it was sent from, and says nothing else."""
    opening = _SENT_FROM.match(line)
    if not opening:
        return False
    words = _BREVITY.sub("", _LINK.sub("", line[opening.end() :])).split()
    if opening[0].lstrip("- ").lower().startswith("sent"):
        return len(words) <= 10 and not line.rstrip().endswith("?")
    if len(words) > 1 and words[-1].istitle():
        words.pop()  # "iPad Анны"
    return 0 < len(words) <= _DEVICE_WORDS and all(_DEVICE_WORD.fullmatch(word) for word in words)


def _is_rule(line: str) -> bool:
    return 2 <= len(bare := line.strip()) <= 60 and not bare.strip("-_—=*")


def _paragraph(lines: list[str], at: int) -> tuple[int, bool]:
    """The end of the paragraph from here, and whether it is a disclaimer."""
    end = at
    while end < len(lines) and end - at < _DISCLAIMER_LINES and lines[end].strip():
        end += 1
    paragraph = " ".join(line[:2000] for line in lines[at:end])
    return end, not _FIRST_PERSON.search(paragraph) and sum(1 for cue in _CUES if cue.search(paragraph)) >= 2
