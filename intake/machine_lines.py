"""Lines that no person wrote: "sent from my phone", antivirus notes, confidentiality disclaimers. They are dropped."""

import re

from intake.quotes import LINE_LOOKED_AT

MAX_MACHINE_LINE = 200  # characters
_DISCLAIMER_LINES = 40  # lines of one paragraph joined to be judged

_SENT_FROM = re.compile(r"(?:-+\s*)?(?:отправлено|послано|написано) (?:с|со|из|через|при помощи|с помощью) |(?:-+\s*)?sent (?:from|via|with|using) ", re.IGNORECASE)
# After "Отправлено с …" a mailer names a device or a program and nothing else: a citizen's "Отправлено с телефона
# заявление" has other words. Latin letters and digits are names of devices and programs.
_DEVICE_WORD = re.compile(
    r"(?:мо(?:его|ей|их)|мобильн\w+|приложени\w+|устройств\w*|телефон\w*|смартфон\w*|планшет\w*|почт\w+|яндекс\w*|рамблер\w*|мейл\w*|майл\w*"
    r"|клиент\w*|программ\w*|айфон\w*|айпад\w*|андроид\w*|самсунг\w*|хуавей|хонор|ксиоми|сяоми|аврора|мойофис|р7-офис|версии?|сервис\w*|служб\w+|веб-\w+"
    r"|для|на|с|со|из|под|в|и|через|помощью|при|компьютера|ноутбука|устройстве|[\w.+/-]*[a-z0-9][\w.+/-]*|[()«»\"'®™:,.!|/-]+)[.,!:)»\"]*",
    re.IGNORECASE,
)
_DEVICE_WORDS = 14
_OTHER = re.compile(
    r"(?:(?:get|скачать|скачайте|установить|загрузить|загрузите) outlook (?:for|для) \w+.{0,120}"
    r"|(?:извините|простите) за (?:краткость|лаконичность|возможные опечатки).{0,60}|please (?:excuse|forgive) my (?:brevity|typos).{0,40}"
    r"|(?:это|данное) (?:сообщение|письмо|электронное письмо|электронное сообщение) (?:было )?проверено (?:на (?:наличие )?вирус|антивирус).{0,120}"
    r"|(?:проверено|защищено) (?:на вирусы )?(?:антивирус\w* )?(?:программ\w+ )?(?:avast|avg|kaspersky|касперск\w+|dr\.?\s?web|eset|nod32).{0,80}"
    r"|(?:без вирусов|вирусов нет|вирусы не обнаружены|вирусов не обнаружено)[.!]?(?: ?<?(?:https?://)?www\.\S{1,120})?"
    r"|virus-free.{0,120}|checked by avg.{0,80}|no virus found in this.{0,60}"
    r"|this (?:e-?mail|message) (?:was|has been) (?:checked|scanned) (?:for viruses|by).{0,120}"
    r"|_{3,} (?:information from|информация) (?:from )?eset.{0,160}|<?(?:https?://)?www\.(?:avast|avg)\.\S{1,160}"
    r"|сообщение (?:было )?проверено (?:почтовым )?антивирусом.{0,80})\s*",
    re.IGNORECASE,
)
_DISCLAIMER_START = re.compile(
    r"[\s*_•>-]{0,10}(?:(?:внимание|важно|примечание)\s?[!:.]+\s*)?(?:уведомление о конфиденциальности|confidentiality (?:notice|note|statement)"
    r"|(?:legal )?disclaimer|отказ от ответственности|конфиденциальность:"
    r"|(?:эт[оа]|данн[оа]е|настоящ(?:ее|ая)|содержание (?:данного|настоящего|этого)|содержимое (?:данного|настоящего|этого))\s+(?:электронн\w+\s+)?"
    r"(?:почтов\w+\s+)?(?:сообщени|письм|переписк|послани|отправлени)"
    r"|(?:вся )?информация,? (?:содержащаяся|изложенная|приведенная|приведённая|передаваемая|в (?:этом|данном|настоящем))"
    r"|если (?:вы|данное|это|настоящее)\b.{0,40}(?:не являетесь|получил[иа]?|было|адресат)"
    r"|this (?:e-?\s?mail|message|communication|transmission|electronic)|the (?:information|contents?)(?: contained)? (?:in|of) this"
    r"|if you (?:are not|have received)|пожалуйста,? (?:подумайте|берегите|не распечатывайте)|прежде чем (?:распечат|печат)"
    r"|please consider the environment|перед тем,? как (?:распечат|печат)|берегите (?:природу|лес)|сохраним (?:лес|природу|деревья))",
    re.IGNORECASE,
)
# Two different ones of these make it certain; each is a group of forms of one thought.
_CUES = tuple(
    re.compile(cue, re.IGNORECASE)
    for cue in (
        r"конфиденциал|confidential|privileged|коммерческ\w+ тайн|охраняем\w+ законом",
        r"предназнач|intended|адресован|адресат|получател[юья]м?\b|recipient",
        r"не являет\w+|are not the|ошибочно|по ошибке|in error",
        r"удалит|уничтож|уведомит|сообщите (?:об этом )?отправител|delete|destroy|notify",
        r"офертой|обязательств|официальн\w+ позици|не (?:всегда )?отража|точк\w зрения|views|does not represent",
        r"копирован|распростран|разглаш|раскрыти|запрещ|disclos|copying|distribution|prohibited",
        r"распечат|печат\w+ (?:это|письм)|природ|\bлес|деревь|окружающ|environment|print",
    )
)


def without_machine_lines(lines: list[str]) -> list[str]:
    """The lines without those of machines; a separator that only they stood under goes with them."""
    out: list[str] = []
    at = 0
    while at < len(lines):
        end = _machine_end(lines, at)
        if end == at:
            out.append(lines[at])
            at += 1
            continue
        while out and not out[-1].strip() and at == end:
            out.pop()
        if out and _is_rule(out[-1]) and not (end < len(lines) and lines[end].strip()):
            out.pop()
        at = end
    return out


def _machine_end(lines: list[str], at: int) -> int:
    """The line after the machine's own that begin here; `at` when they are a person's."""
    line = lines[at][:LINE_LOOKED_AT].strip()
    if not line:
        return at
    if len(line) <= MAX_MACHINE_LINE and (_OTHER.fullmatch(line) or is_sent_from(line)):
        return at + 1
    return _disclaimer_end(lines, at)


def is_sent_from(line: str) -> bool:
    """Whether the line names the device or program it was sent from, and says nothing else."""
    opening = _SENT_FROM.match(line)
    if not opening:
        return False
    words = line[opening.end() :].split()
    if opening[0].lstrip("- ").lower().startswith("sent"):
        return len(words) <= 10 and not line.rstrip().endswith("?")
    return 0 < len(words) <= _DEVICE_WORDS and all(_DEVICE_WORD.fullmatch(w) or _OTHER.fullmatch(w) for w in words)


def _is_rule(line: str) -> bool:
    return 2 <= len(bare := line.strip()) <= 60 and not bare.strip("-_—=*")


def _disclaimer_end(lines: list[str], at: int) -> int:
    """The end of the paragraph when it is a disclaimer, else `at`."""
    if not _DISCLAIMER_START.match(lines[at][:LINE_LOOKED_AT]):
        return at
    end = at
    while end < len(lines) and end - at < _DISCLAIMER_LINES and lines[end].strip():
        end += 1
    paragraph = " ".join(line[:2000] for line in lines[at:end])
    return end if sum(1 for cue in _CUES if cue.search(paragraph)) >= 2 else at
