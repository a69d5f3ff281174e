"""Rendering our letters: sandboxed, strict, escaped in HTML. The HTML says the same as the text, always.

The shipped texts are ours and are rendered here. A desk's own run in a process with limits (`limited`), since a loop in
a template would stop the desk; whatever goes wrong there, the shipped text leaves instead and ops are told.
"""

from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from reply_templates.said import Said

BROKEN = (TemplateError, OSError, ValueError, TypeError, ArithmeticError, AttributeError, LookupError, RecursionError)
ITEM = "— "  # begins an item of a list
LONGEST = 20_000  # characters of a letter; ours have 2,000 at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A letter's text in both forms."""

    text: str
    html: str
    fell_back: str | None = None  # what was wrong with the desk's own template


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One paragraph or list of the HTML."""

    lines: tuple[str, ...]
    listed: bool
    style: str  # "first", "small" or ""


def render_shipped(kind: str, said: Said) -> Rendered:
    """The letter of that kind as we ship it."""
    return rendered(_environment(None), kind, said)


def rendered(environment: SandboxedEnvironment, kind: str, said: Said) -> Rendered:
    """The letter by the templates of an environment; raises one of BROKEN."""
    words = asdict(said)
    text = _tidy(environment.get_template(f"{kind}.txt.j2").render(words))
    if not text or len(text) > LONGEST:
        raise ValueError(f"a letter of {len(text)} characters")
    html = environment.get_template("letter.html.j2").render(words, blocks=_blocks(text), link=said.status_link)
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
    )


def _tidy(text: str) -> str:
    """No blanks at the ends of lines, never more than one empty line, one full stop after «г.»: templates need not
    count theirs."""
    lines = [line.rstrip().replace("г..", "г.") for line in text.strip().splitlines()]
    return "\n".join(line for at, line in enumerate(lines) if line or lines[at - 1])


def _blocks(text: str) -> tuple[Block, ...]:
    parts = [part.splitlines() for part in text.split("\n\n")]
    last = len(parts) - 1
    return tuple(
        Block(
            lines=tuple(line.removeprefix(ITEM) for line in part) if _is_list(part) else tuple(part),
            listed=_is_list(part),
            style={0: "first", last: "small"}.get(at, ""),
        )
        for at, part in enumerate(parts)
    )


def _is_list(part: list[str]) -> bool:
    return all(line.startswith(ITEM) for line in part)


@lru_cache(maxsize=1)
def _environment(overrides: None) -> SandboxedEnvironment:
    return environment_of(overrides)
