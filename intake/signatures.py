"""The signature in a stretch of the sender's own lines, kept apart since names and numbers stand in it."""

import re

from intake.quotes import LINE_LOOKED_AT
from intake.signers import LABEL, POSTSCRIPT, is_name, is_signer, names_things, says

SIGNATURE_LINES = 12  # nonblank lines a signature has at most
TRAILING_LINES = 8  # nonblank lines looked at for a bare name at the end
_SAID_WORDS = 4  # a name alone signs nothing: so much was said before it
_WRAPPED = range(56, 81)  # a line of that length without an end may go on in the next one; a longer one was not wrapped

SEPARATOR = re.compile(r"\s*(?:--\s?|[—–]{1,3}|_{2,60}|\*{3,60}|-{3,60}|={3,60})\s*$")
_STANDARD_SEPARATOR = "-- "  # RFC 3676 §4.3

# "С уважением" closes a letter by itself.
_RESPECT = re.compile(
    r"[-–—\s]{0,4}(?:с (?:(?:глубок|глубочайш|искренн|огромн|больш|бесконечн|неизменн|вс)\w{1,4}\s+)?уважени\w+"
    r"|с ув\b\.?|с\.\s?у\."
    r"|с наилучшими(?: пожеланиями)?|с почтением|с благодарностью|с приветом|с признательностью|искренне ваш[аи]?"
    r"|(?:best|kind|warm|with best|with kind|kindest|many)\s+(?:regards|wishes)|regards|sincerely(?: yours)?"
    r"|yours (?:sincerely|faithfully|truly)|br)\b(?: и (?:с )?[а-яё]{3,20}(?: на [а-яё]{3,20})?)?",
    re.IGNORECASE,
)
# Thanks and good wishes close one only when a name stands after them; alone they are the sender's words.
_THANKS = re.compile(
    r"[-–—\s]{0,4}(?:заранее (?:вам )?(?:большое |огромное |очень )?(?:спасибо|благодар\w+|признател\w+)|(?:спасибо"
    r"|благодарю) (?:вам )?заранее"
    r"|всего (?:вам )?(?:доброго|хорошего|наилучшего)|(?:хорошего|удачного|доброго|приятного) (?:вам )?(?:дня"
    r"|вечера|рабочего дня)|всех благ|до свидания|с надеждой(?: на \w+)?(?: и \w+)?"
    r"|(?:большое |огромное )?спасибо(?: большое| огромное| вам)?(?: за (?:внимание|помощь|понимание|ответ"
    r"|содействие))?"
    r"|благодарю(?: вас)?(?: за (?:внимание|помощь|понимание|ответ|содействие))?|жду (?:вашего )?ответа"
    r"|thanks(?: in advance)?|thank you(?: in advance)?|cheers)\b",
    re.IGNORECASE,
)

_ENDS_BY_NAME = re.compile(r"[.!?]\s+[А-ЯЁ][а-яё]+$")  # "… подать заявление. Муравьёва": the name goes on below
_ENDS_SENTENCE = re.compile(r"[.!?…)»\"]\s*$")
_WORD = re.compile(r"\w{2,}")


def split_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """(own lines, signature lines) of one stretch of the sender's lines. In doubt a line is own.

    1. What a separator or a closing phrase opens, as far as its lines look like a signature's; a postscript below it
    is own again. 2. A bare name, with the position, place and phone under it, as the last lines.
    """
    own: list[str] = []
    signature: list[str] = []
    at = 0
    while at < len(lines):
        end = _block_end(lines, at)
        if end > at:
            signature += lines[at:end]
        else:
            own.append(lines[at])
        at = max(end, at + 1)
    start, end = _trailing_name(own)
    return own[:start] + own[end:], own[start:end] + signature


def _block_end(lines: list[str], at: int) -> int:
    """The end of the signature that begins with this line; `at` when none does."""
    line = lines[at][:LINE_LOOKED_AT]
    if not line.strip():
        return at
    if SEPARATOR.match(line):
        return _after_separator(lines, at)
    if (closing := _RESPECT.match(line)) and _names_only(line[closing.end() :]):
        return _alike_end(lines, at + 1)
    if (closing := _THANKS.match(line)) and _names_only(rest := line[closing.end() :], capital=True):
        end = _alike_end(lines, at + 1)
        named = _WORD.search(rest) or any(is_name(below.strip()) for below in lines[at + 1 : end])
        return end if named else at
    return at


def _after_separator(lines: list[str], at: int) -> int:
    below = next(filter(str.strip, lines[at + 1 : at + 4]), "")[:LINE_LOOKED_AT]
    if SEPARATOR.match(below) or _RESPECT.match(below):
        return at + 1  # the signature begins there: Gmail writes "-- " before the block that it marks
    if lines[at] == _STANDARD_SEPARATOR and (end := _short_rest(lines, at + 1)):
        return end
    end = _alike_end(lines, at + 1)
    # A rule in the middle of a letter parts its sections: only what reaches the end is a signature.
    return end if end > at + 1 and not _text_after(lines, end) else at


def _short_rest(lines: list[str], at: int) -> int:
    """The end of the stretch (or the postscript) when what stands below "-- " is as short as a signature, else 0."""
    taken = length = 0
    for i in range(at, min(at + 5 * SIGNATURE_LINES, len(lines))):
        if POSTSCRIPT.match(lines[i].strip()):
            return i if taken else 0
        taken += bool(lines[i].strip())
        length += len(lines[i])
        if taken > SIGNATURE_LINES or length > 1000:
            return 0
    return len(lines) if taken and len(lines) <= at + 5 * SIGNATURE_LINES else 0


def _names_only(rest: str, *, capital: bool = False) -> bool:
    """What follows the closing phrase on its line: nothing, or who signs. "С уважением отношусь к вам" goes on."""
    rest = rest.strip()
    bare = rest.strip(" ,.!;:)–—-")
    if not bare or bare.lower() in {"к вам", "ваш", "ваша"}:
        return True
    if len(bare) > 160 or len(bare.split()) > 14 or (len(bare) > 1 and says(bare)):
        return False
    if bare[0].isupper() or bare[0] in '«"(':
        return True
    return not capital and (rest[0] in ",–—-" or len(bare.split()) <= 3)


def _text_after(lines: list[str], at: int) -> bool:
    return any(line.strip() for line in lines[at : at + 3])


def _alike_end(lines: list[str], at: int) -> int:
    """The end of the lines from here that look like a signature's."""
    end, taken = at, 0
    for i in range(at, min(at + 3 * SIGNATURE_LINES, len(lines))):
        line = lines[i][:LINE_LOOKED_AT].strip()
        if not line:
            continue
        if taken >= SIGNATURE_LINES or SEPARATOR.match(line) or _RESPECT.match(line):
            break
        if not names_things(line, words=12):
            break
        taken += 1
        end = i + 1
    return end


def _trailing_name(own: list[str]) -> tuple[int, int]:
    """The range of a bare name at the end with the lines under it; an empty range when there is none."""
    end = len(own)
    while end and not own[end - 1].strip():
        end -= 1
    start, seen = end, 0
    for i in range(end - 1, -1, -1):
        line = own[i][:LINE_LOOKED_AT].strip()
        if not line:
            continue
        seen += 1
        if seen > TRAILING_LINES or not names_things(line, words=8):
            break
        if (is_name(line) or is_signer(line)) and _signs(own, i):
            start = i
    return start, end


def _signs(own: list[str], at: int) -> bool:
    """Whether the name there signs what was said before, and does not belong to a sentence or a list."""
    if sum(len(_WORD.findall(line[:LINE_LOOKED_AT])) for line in own[max(0, at - 8) : at]) < _SAID_WORDS:
        return False
    before = own[at - 1].strip()
    if not before or _ENDS_SENTENCE.search(before):
        return True
    goes_on = before[-1] in ":,;-–" or len(own[at - 1].rstrip()) in _WRAPPED
    if goes_on or _ENDS_BY_NAME.search(before) or LABEL.fullmatch(before):
        return False
    return len(own[at].split()) > 1 or names_things(before, words=8)
