"""`backup` and `restore` of a desk whose letters lie in a bucket: onto an empty one, twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.bucket import bucket
from servers.finished import Finished


@pytest.fixture(scope="module")
def keys() -> Iterator[str]:
    """The credentials file's text of an S3 service."""
    with bucket("127.0.0.1") as text:
        yield text


def in_bucket(desk: Finished, keys: str, prefix: str) -> None:
    """The desk's letters lie in the bucket from now on; none of them is there yet."""
    file = desk.folder / "s3.toml"
    file.write_text(keys)
    text = desk.config.read_text().replace(f"file://{desk.folder}/blobs", f"s3://letters/{prefix}")
    desk.config.write_text(text.replace("[store]", f'[store]\nblobs_credentials_file = "{file}"'))


def empty_place(desk: Finished, folder: Path) -> Finished:
    folder.mkdir()
    made = Finished(folder=folder)
    made.config.write_text(desk.config.read_text().replace(str(desk.folder), str(folder)))
    return made


def test_letters_come_back_onto_an_empty_bucket(finished: Finished, keys: str, tmp_path: Path) -> None:
    finished.run("backup", str(tmp_path / "one"))
    moved = empty_place(finished, tmp_path / "moved")
    in_bucket(moved, keys, "first")
    moved.run("restore", str(tmp_path / "one"), "--no-reread")
    assert moved.asked("verify")["flaws"] == []

    assert moved.asked("backup", str(tmp_path / "two"))["letters"] == 40
    again = empty_place(finished, tmp_path / "again")
    in_bucket(again, keys, "second")
    again.run("restore", str(tmp_path / "two"), "--no-reread")
    there = again.asked("verify")
    assert (there["letters"], there["flaws"]) == (moved.asked("verify")["letters"], [])
    assert again.asked("explain", "1")["letter"] == 1
