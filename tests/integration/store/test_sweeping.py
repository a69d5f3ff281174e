"""Sweeping runs beside the loops and outlives a store that is away."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from store import sweeping
from store.blobs import open_blobs
from store.database import Store


def test_it_sweeps_until_the_stop_and_outlives_a_fault(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blobs = open_blobs(f"file://{tmp_path}/blobs")
    (left,) = blobs.write_all([b"a crash left it"])
    found = sweeping.sweep
    asked: list[int] = []

    def young(store: Store, blobs: object) -> int:
        asked.append(1)
        if len(asked) == 1:
            raise sweeping.PriemnayaError("the store is away")
        return found(store, blobs, age=timedelta(seconds=-1))  # type: ignore[arg-type]  # as the test made them

    async def run() -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(sweeping.sweeping(store, blobs, stop, every=0.01))
        while (tmp_path / "blobs" / left).exists():
            await asyncio.sleep(0.01)
        stop.set()
        await task

    monkeypatch.setattr(sweeping, "sweep", young)
    asyncio.run(asyncio.wait_for(run(), 20))
    said = capsys.readouterr().err
    assert "sweep-fault" in said
    assert "swept blobs=1" in said
