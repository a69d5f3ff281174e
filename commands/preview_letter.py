"""`preview-letter`: a letter of ours with invented data, as this desk would send it."""

import argparse
import sys

from commands.line import DONE, FAILED, USAGE, House, add_config
from reply_templates.limited import Letters
from reply_templates.samples import SAMPLES, sample
from service import settings_file
from service.settings import Settings

NAME = "preview-letter"
HELP = "show a letter to citizens with invented data, by the desk's own texts where it has some"
EXAMPLE = "priemnaya preview-letter missing_information.full --config /etc/priemnaya/priemnaya.toml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("letter", nargs="?", help="its kind, or kind.case; without it: which there are")
    parser.add_argument("--html", action="store_true", help="the HTML instead of the text")
    add_config(parser, required=False)


def run(args: argparse.Namespace, _house: House) -> int:
    """0; 1 when the desk's own text is broken and ours is shown; 2 for a letter there is not."""
    if args.letter is None:
        for kind, cases in SAMPLES.items():
            print(f"{kind:20} {' '.join(cases)}")
        return DONE
    kind, _, case = args.letter.partition(".")
    said = SAMPLES.get(kind, {}).get(case or next(iter(SAMPLES.get(kind, {})), ""))
    if said is None:
        print(f"priemnaya: there is no letter {args.letter!r}; known: {', '.join(SAMPLES)}", file=sys.stderr)
        return USAGE
    settings = settings_file.load(args.config) if args.config else Settings()
    faults: list[str] = []
    letters = Letters(settings.replies.templates, tell=faults.append)
    try:
        rendered = letters.render(kind, sample(said, settings.desk))
    finally:
        letters.close()
    print(rendered.html if args.html else rendered.text, end="")
    for fault in faults:
        print(f"priemnaya: your own text is broken, ours is shown: {fault}", file=sys.stderr)
    return FAILED if faults else DONE
