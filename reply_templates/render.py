"""Rendering our letters: sandboxed, strict, escaped in HTML. The HTML says the same as the text, always.

The shipped texts are ours and are rendered here. A desk's own run in a process with limits (`limited`), since a loop in
a template would stop the desk; whatever goes wrong there, the shipped text leaves instead and ops are told.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from reply_templates.said import Said

BROKEN = (TemplateError, OSError, ValueError, TypeError, ArithmeticError, AttributeError, LookupError, RecursionError)
ITEM = "— "  # begins an item of a list
LONGEST = 20_000  # characters of a letter; ours have 2,000 at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A letter's text in both forms."""

    text: str
    html: str


def render_shipped(kind: str, said: Said) -> Rendered:
    """The letter of that kind as we ship it."""
    return rendered(_environment(None), kind, said)


def rendered(environment: SandboxedEnvironment, kind: str, said: Said) -> Rendered:
    """The letter by the templates of an environment; raises one of BROKEN."""
    words = {name: getattr(said, name) for name in Said.__slots__}
    text = _tidy(environment.get_template(f"{kind}.txt.j2").render(words))
    if not text or len(text) > LONGEST:
        raise ValueError(f"a letter of {len(text)} characters")
    html = environment.get_template("letter.html.j2").render(words, body=_body(text, said))
    return Rendered(text=text + "\n", html=html)


def environment_of(overrides: Path | None) -> SandboxedEnvironment:
    """The shipped templates, those of the folder before them."""
    shipped = PackageLoader("reply_templates", "texts")
    return SandboxedEnvironment(
        loader=shipped if overrides is None else ChoiceLoader([FileSystemLoader(overrides), shipped]),
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name and name.endswith(".html.j2")),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,  # a changed file is taken with the settings
    )


def _tidy(text: str) -> str:
    """No blanks at the ends of lines, never more than one empty line, one full stop after «г.»: templates need not
    count theirs."""
    lines = [line.rstrip().replace("г..", "г.") for line in text.strip().splitlines()]
    return "\n".join(line for at, line in enumerate(lines) if line or lines[at - 1])


def _body(text: str, said: Said) -> Markup:
    """The text's paragraphs and lists as HTML. The first paragraph is what matters, the last is who we are."""
    parts = [part.split("\n") for part in text.split("\n\n")]
    blocks = []
    for at, lines in enumerate(parts):
        if all(line.startswith(ITEM) for line in lines):
            items = "".join(f"<li>{_line(line.removeprefix(ITEM), said)}</li>" for line in lines)
            blocks.append(f"<ul>{items}</ul>")
            continue
        style = ' class="first"' if at == 0 else ' class="small"' if at == len(parts) - 1 else ""
        blocks.append(f"<p{style}>{'<br>'.join(_line(line, said) for line in lines)}</p>")
    return Markup("\n".join(blocks))  # noqa: S704  # each line was escaped


def _line(line: str, said: Said) -> str:
    """Escaped. The ticket's number is never broken over two lines; a link is read aloud by what it does, not letter by
    letter (and rspamd counts one address in the text and one here).
    """
    links = {said.status_link: "Открыть страницу заявки", said.confirm_link: "Подтвердить заявку"}
    if line and line in links:
        return f'<a href="{escape(line)}">{links[line]}</a>'
    escaped, number = str(escape(line)), str(escape(said.number))
    return escaped.replace(number, f'<span class="number">{number}</span>') if number else escaped


@lru_cache(maxsize=1)
def _environment(overrides: None) -> SandboxedEnvironment:
    return environment_of(overrides)
