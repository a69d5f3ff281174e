"""What the sender wrote in this letter, apart from older mail, signature and machine-written lines."""

import re
from itertools import groupby, islice

from intake.letter import Letter, OwnWords
from intake.machine_lines import without_machine_lines
from intake.quotes import quoted_lines
from intake.signatures import SEPARATOR, split_signature

_FORWARDS = re.compile(r"\s*(?:fwd?|пересл\w*|пер|tr|wg)\s*:", re.IGNORECASE)
_MANY_BLANKS = re.compile(r"\n{3,}")
_WORD = re.compile(r"\w{2,}")
MAX_LINES = 3_000  # lines told apart; what a log pasted below them says goes with the last one
_SAYS_SOMETHING = 4  # words (verdict.md)


def own_words(letter: Letter) -> OwnWords:
    """Each line of the letter's text goes to one of three: own, signature, quoted; or is dropped because no person
    wrote it. Where it is in doubt whose words they are, they are own. Linear in the text.

    1. Older mail is told by `quotes`. 2. From each stretch between it "sent from" lines, antivirus lines and
    disclaimers are dropped, and the signature is set apart. 3. A letter that is nothing but signature is own words
    (seen in practice: all typed into the signature block).
    """
    lines = letter.text.split("\n")
    rest = lines[MAX_LINES:]
    del lines[MAX_LINES:]
    own: list[str] = []
    signature: list[str] = []
    older: list[str] = []
    at = 0
    quoted = False
    for quoted, run in groupby(quoted_lines(lines, forwards=bool(_FORWARDS.match(letter.subject)))):
        stretch = lines[at : (at := at + len(list(run)))]
        if quoted:
            older += stretch
            continue
        mine, signed = split_signature(without_machine_lines(stretch))
        own += [*mine, ""]
        signature += signed
    (older if quoted else own).extend(rest)
    if not _says_something(own) and _says_something(signature, words=12):
        own, signature = [*own, *(line for line in signature if not SEPARATOR.match(line))], []
    return OwnWords(own=_text(own), signature=_text(signature), quoted=_text(older))


def _says_something(lines: list[str], *, words: int = _SAYS_SOMETHING) -> bool:
    found = _WORD.finditer("\n".join(lines)[:5000])
    return len(list(islice(found, words))) == words


def _text(lines: list[str]) -> str:
    return _MANY_BLANKS.sub("\n\n", "\n".join(line.rstrip() for line in lines)).strip("\n")
