"""Rendering our letters: sandboxed, strict, escaped in HTML; a desk's own text that breaks falls back to ours."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

Context = dict[str, object]  # plain strings and lists of them; citizen text is never a template


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A letter's text in both forms."""

    text: str
    html: str
    fell_back: str | None  # what was wrong with the desk's own template


def render(kind: str, context: Context, *, overrides: Path | None) -> Rendered:
    """The letter of that kind; never raises for a broken override."""
    if overrides is not None:
        try:
            return _rendered(_environment(overrides), kind, context, fell_back=None)
        except (TemplateError, OSError, ValueError, TypeError, ArithmeticError) as error:
            return _rendered(_environment(None), kind, context, fell_back=f"{kind}: {type(error).__name__}")
    return _rendered(_environment(None), kind, context, fell_back=None)


def broken(overrides: Path) -> tuple[str, ...]:
    """What is wrong with the desk's own files: unreadable, no template, or of a name that is no letter of ours."""
    known = set(_environment(None).list_templates())
    faults: list[str] = []
    for path in sorted(overrides.iterdir()):
        if path.name not in known:
            faults.append(f"{path.name}: no letter is called so; known: {', '.join(sorted(known))}")
            continue
        try:
            _environment(overrides).get_template(path.name)
        except (TemplateError, OSError, ValueError) as error:
            line = getattr(error, "lineno", None)
            faults.append(f"{path.name}{f':{line}' if line else ''}: {type(error).__name__}: {error}")
    return tuple(faults)


def _rendered(environment: SandboxedEnvironment, kind: str, context: Context, *, fell_back: str | None) -> Rendered:
    text = environment.get_template(f"{kind}.txt.j2").render(context)
    html = environment.get_template("letter.html.j2").render(**context, blocks=_blocks(text))
    return Rendered(text=text.strip() + "\n", html=html, fell_back=fell_back)


def _blocks(text: str) -> list[list[str]]:
    """The paragraphs of a text, each by its lines: the HTML says the same as the text, always."""
    return [block.splitlines() for block in text.strip().split("\n\n") if block.strip()]


@lru_cache(maxsize=4)
def _environment(overrides: Path | None) -> SandboxedEnvironment:
    shipped = PackageLoader("reply_templates", "texts")
    loader = shipped if overrides is None else ChoiceLoader([FileSystemLoader(overrides), shipped])
    return SandboxedEnvironment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name and name.endswith(".html.j2")),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
