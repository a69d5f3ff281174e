"""`python -m classify.corpus_check [FOLDER]`: are the training letters letters, or copies of one another?

Fails (exit 1) on a run of six words that stands in two letters, on two letters of which more than half of the pieces
are the same (Jaccard over five-character pieces), and on a row without id, persona, difficulty or a known topic. Shows
how many new words each hundred letters brings: when that falls to nothing, more letters teach nothing.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from classify.examples import Example, read
from classify.topics import TITLES
from service.errors import ConfigError

RUN = 6  # words
PIECE = 5  # characters
ALIKE = 0.5  # Jaccard
DIFFICULTIES = frozenset({"plain", "hard", "border"})
_WORD = re.compile(r"\w+")


def repeated_runs(examples: Sequence[Example]) -> Iterator[str]:
    """Each run of six words that stands in two letters or more, with their ids."""
    places: dict[str, set[str]] = defaultdict(set)
    for example in examples:
        words = _words(example.text)
        for at in range(len(words) - RUN + 1):
            places[" ".join(words[at : at + RUN])].add(example.id)
    for run, ids in places.items():
        if len(ids) > 1:
            yield f"six words twice: {run!r} in {', '.join(sorted(ids))}"


def near_copies(examples: Sequence[Example]) -> Iterator[str]:
    """Each pair of letters that share more than half of their pieces.

    Only letters that share enough rare pieces are compared: pieces are taken rarest first, and two sets over ALIKE must
    meet within the first (1 - ALIKE) share of each (prefix filter, Chaudhuri 2006).
    """
    pieces = {example.id: _pieces(example.text) for example in examples}
    often = Counter(piece for found in pieces.values() for piece in found)
    seen: dict[str, list[str]] = defaultdict(list)
    for name, found in pieces.items():
        rarest = sorted(found, key=lambda piece: (often[piece], piece))[: int(len(found) * (1 - ALIKE)) + 1]
        for other in sorted({before for piece in rarest for before in seen[piece]}):
            shared = len(found & pieces[other])
            alike = shared / (len(found) + len(pieces[other]) - shared)
            if alike > ALIKE:
                yield f"near copies ({alike:.2f}): {other} and {name}"
        for piece in rarest:
            seen[piece].append(name)


def wrong_rows(examples: Sequence[Example]) -> Iterator[str]:
    """Each row that does not say whose letter it is, or says a topic or difficulty that there is not."""
    ids = Counter(example.id for example in examples)
    for example in examples:
        faults = [
            *(["no persona"] if not example.persona else []),
            *(["no text"] if not example.text.strip() else []),
            *([f"difficulty {example.difficulty!r}"] if example.difficulty not in DIFFICULTIES else []),
            *([f"topic {example.topic!r}"] if example.topic not in TITLES else []),
            *([f"border {example.border!r}"] if (example.difficulty == "border") != (example.border in TITLES) else []),
            *([f"id used {ids[example.id]} times"] if ids[example.id] > 1 else []),
        ]
        if faults:
            yield f"{example.id}: {', '.join(faults)}"


def growth(examples: Sequence[Example]) -> list[tuple[int, int, float]]:
    """After each hundred letters, of all writers in turn: letters, lemmas known, share of lemmas that were new."""
    known: set[str] = set()
    found = []
    for start in range(0, len(examples), 100):
        part = [lemma for example in _mixed(examples)[start : start + 100] for lemma in example.features["lemmas"]]
        new = {lemma for lemma in part if " " not in lemma} - known
        share = len(new) / max(1, len({lemma for lemma in part if " " not in lemma}))
        known |= new
        found.append((min(start + 100, len(examples)), len(known), share))
    return found


def _mixed(examples: Sequence[Example]) -> list[Example]:
    return sorted(examples, key=lambda example: example.id.rpartition("-")[::-1])


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("ё", "е"))


def _pieces(text: str) -> frozenset[str]:
    joined = " ".join(_words(text))
    return frozenset(joined[at : at + PIECE] for at in range(max(1, len(joined) - PIECE + 1)))


def main(arguments: Sequence[str]) -> int:
    """Prints what was found; 1 when something must be mended."""
    folder = Path(arguments[0]) if arguments else Path(__file__).parent / "corpus"
    try:
        examples = read([folder])
    except ConfigError as error:
        print(f"corpus-check: {error}", file=sys.stderr)
        return ConfigError.EXIT
    faults = [*wrong_rows(examples), *repeated_runs(examples), *near_copies(examples)]
    for letters, lemmas, share in growth(examples):
        print(f"{letters:5} letters  {lemmas:6} lemmas  {share:.1%} of the last hundred's were new")
    print(json.dumps(dict(Counter(example.topic for example in examples).most_common()), ensure_ascii=False))
    print(*faults, sep="\n") if faults else print(f"{len(examples)} letters, no copies")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
