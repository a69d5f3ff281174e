"""Writes the golden letters anew: python tests/golden/write.py. Then read what changed: citizens will."""

from pathlib import Path

from reply_templates.render import render_shipped
from reply_templates.samples import SAMPLES

PLACE = Path(__file__).parent / "letters"


def main() -> None:
    """Every kind and case, as text and as HTML; files of cases that are gone are removed."""
    PLACE.mkdir(exist_ok=True)
    for old in PLACE.iterdir():
        old.unlink()
    for kind, cases in SAMPLES.items():
        for case, said in cases.items():
            rendered = render_shipped(kind, said)
            (PLACE / f"{kind}.{case}.txt").write_text(rendered.text, encoding="utf-8")
            (PLACE / f"{kind}.{case}.html").write_text(rendered.html, encoding="utf-8")


if __name__ == "__main__":
    main()
