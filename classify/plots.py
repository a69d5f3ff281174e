"""Plots as SVG text, to stand inside a page: no script, no font of their own, each with a title for screen readers."""

from collections.abc import Sequence
from html import escape

_WIDE, _HIGH, _EDGE = 420, 280, 44
_INK, _FAINT, _BLUE = "#222", "#ccc", "#1a5fb4"
Points = Sequence[tuple[float, float]]
PAGE_STYLE = "body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}td,th{padding:.2rem .6rem;text-align:left;border-bottom:1px solid #ccc}svg{max-width:100%;height:auto}"  # noqa: E501  # one line of CSS


def lines(title: str, points: Points, *, across: str, up: str, diagonal: bool = False) -> str:
    """One line through points; both axes from the origin to their largest value (with a diagonal: to 1)."""
    right = 1.0 if diagonal else max((x for x, _ in points), default=1.0) or 1.0
    top = 1.0 if diagonal else max((y for _, y in points), default=1.0) or 1.0
    places = [(_EDGE + x / right * _inner_wide(), _HIGH - _EDGE - y / top * _inner_high()) for x, y in points]
    marks = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{_BLUE}"/>' for x, y in places)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    ideal = (
        f'<line x1="{_EDGE}" y1="{_HIGH - _EDGE}" x2="{_WIDE - _EDGE}" y2="{_EDGE}" stroke="{_FAINT}"/>'
        if diagonal
        else ""
    )
    drawn = f'{ideal}<polyline points="{path}" fill="none" stroke="{_BLUE}" stroke-width="2"/>{marks}'
    return _framed(title, _axes(across, up, right, top) + drawn, _WIDE, _HIGH)


def bars(title: str, named: Sequence[tuple[str, float]]) -> str:
    """Shares from 0 to 1 as bars, one a line, with name and value."""
    step, wide = 20, 200
    rows = "".join(
        f'<text x="150" y="{30 + n * step}" text-anchor="end">{escape(name)}</text>'
        f'<rect x="156" y="{19 + n * step}" width="{share * wide:.1f}" height="14" fill="{_BLUE}"/>'
        f'<text x="{162 + share * wide:.1f}" y="{30 + n * step}">{share:.0%}</text>'
        for n, (name, share) in enumerate(named)
    )
    return _framed(title, rows, _WIDE, 36 + step * len(named))


def columns(title: str, named: Sequence[tuple[str, float]], *, up: str) -> str:
    """Numbers as columns side by side, in order; a name under the first, the middle and the last."""
    most = max((count for _, count in named), default=1) or 1
    step = _inner_wide() / max(len(named), 1)
    foot = _HIGH - _EDGE
    drawn = "".join(
        f'<rect x="{_EDGE + n * step + step * 0.1:.1f}" y="{foot - count / most * _inner_high():.1f}" '
        f'width="{step * 0.8:.1f}" height="{count / most * _inner_high():.1f}" fill="{_BLUE}">'
        f"<title>{escape(name)}: {count}</title></rect>"
        for n, (name, count) in enumerate(named)
    )
    told = sorted({0, len(named) // 2, len(named) - 1}) if named else []
    names = "".join(
        f'<text x="{_EDGE + n * step + step / 2:.1f}" y="{foot + 16}" text-anchor="middle">{escape(named[n][0])}</text>'
        for n in told
    )
    axes = (
        f'<line x1="{_EDGE}" y1="{foot}" x2="{_WIDE - _EDGE}" y2="{foot}" stroke="{_INK}"/>'
        f'<text x="{_EDGE - 4}" y="{_EDGE + 4}" text-anchor="end">{most}</text>'
        f'<text x="{_EDGE - 4}" y="{foot}" text-anchor="end">0</text>'
        f'<text x="{_EDGE}" y="{_EDGE - 12}">{escape(up)}</text>'
    )
    return _framed(title, axes + drawn + names, _WIDE, _HIGH)


def heat(title: str, names: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """A square table of counts, darker the larger its share of the row; rows are right, columns are said."""
    cell, left = 30, 130
    most = [max(sum(row), 1) for row in counts]
    squares = "".join(
        f'<rect x="{left + x * cell}" y="{left + y * cell}" width="{cell}" height="{cell}" fill="{_BLUE}" '
        f'fill-opacity="{count / most[y]:.2f}" stroke="{_FAINT}"/>'
        + (
            f'<text x="{left + x * cell + cell / 2}" y="{left + y * cell + 19}" text-anchor="middle" '
            f'fill="{"#fff" if count / most[y] > 0.5 else _INK}">{count}</text>'
            if count
            else ""
        )
        for y, row in enumerate(counts)
        for x, count in enumerate(row)
    )
    rows = "".join(
        f'<text x="{left - 6}" y="{left + n * cell + 19}" text-anchor="end">{escape(name)}</text>'
        for n, name in enumerate(names)
    )
    columns = "".join(
        f'<text transform="translate({left + n * cell + 19} {left - 6}) rotate(-60)">{escape(name)}</text>'
        for n, name in enumerate(names)
    )
    side = left + cell * len(names) + 75  # so far does the last column's name lean over
    return _framed(title, squares + rows + columns, side, side)


def _axes(across: str, up: str, right: float, top: float) -> str:
    foot = _HIGH - _EDGE
    return (
        f'<line x1="{_EDGE}" y1="{foot}" x2="{_WIDE - _EDGE}" y2="{foot}" stroke="{_INK}"/>'
        f'<line x1="{_EDGE}" y1="{_EDGE}" x2="{_EDGE}" y2="{foot}" stroke="{_INK}"/>'
        f'<text x="{_WIDE - _EDGE}" y="{foot + 16}" text-anchor="end">{right:g}</text>'
        f'<text x="{_EDGE - 4}" y="{_EDGE + 4}" text-anchor="end">{top:.3g}</text>'
        f'<text x="{_EDGE - 4}" y="{foot + 16}" text-anchor="end">0</text>'
        f'<text x="{_WIDE / 2}" y="{foot + 32}" text-anchor="middle">{escape(across)}</text>'
        f'<text x="{_EDGE}" y="{_EDGE - 12}">{escape(up)}</text>'
    )


def _inner_wide() -> int:
    return _WIDE - 2 * _EDGE


def _inner_high() -> int:
    return _HIGH - 2 * _EDGE


def _framed(title: str, drawn: str, wide: int, high: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {wide} {high}" width="{wide}" '
        f'height="{high}" font-family="sans-serif" font-size="11" fill="{_INK}">'
        f"<title>{escape(title)}</title>{drawn}</svg>"
    )
