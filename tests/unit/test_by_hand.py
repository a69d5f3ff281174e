"""What a person made by hand: missed after a loss."""

from pathlib import Path

from commands.by_hand import missed


def test_a_place_that_cannot_be_looked_at_is_missed_and_stops_no_restore(tmp_path: Path) -> None:
    places = {"here": str(tmp_path), "gone": str(tmp_path / "gone"), "no-place": str(tmp_path / ("x" * 300))}
    assert [name for name, _ in missed(places)] == ["gone", "no-place"]
