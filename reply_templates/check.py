"""What is wrong with a desk's own texts, before a citizen's letter finds it out."""

from pathlib import Path

from jinja2 import TemplateError

from reply_templates.limited import Letters
from reply_templates.render import environment_of
from reply_templates.samples import SAMPLES
from reply_templates.self_help import NAME, self_help
from service.errors import ConfigError


def broken(folder: Path) -> tuple[str, ...]:
    """Each fault: a file that is unreadable, no template, or of a name that is no letter of ours; a template that
    breaks on the sample letters or takes too long; a self-help file that is no such thing."""
    faults = _unread(folder)
    letters = Letters(folder, tell=faults.append)
    try:
        for kind, cases in SAMPLES.items():
            for said in cases.values():
                letters.render(kind, said)
    finally:
        letters.close()
    try:
        self_help(folder)
    except ConfigError as fault:
        faults.append(str(fault))
    return tuple(dict.fromkeys(faults))


def _unread(folder: Path) -> list[str]:
    known = set(environment_of(None).list_templates())
    environment, faults = environment_of(folder), []
    for path in sorted(folder.iterdir()):
        if path.name == NAME:
            continue
        if path.name not in known:
            faults.append(f"{path.name}: no letter is called so; known: {', '.join(sorted(known))}")
            continue
        try:
            environment.get_template(path.name)
        except (TemplateError, OSError, ValueError) as error:
            line = getattr(error, "lineno", None)
            faults.append(f"{path.name}{f':{line}' if line else ''}: {type(error).__name__}: {error}")
    return faults
