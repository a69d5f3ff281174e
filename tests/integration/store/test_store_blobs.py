"""Letters' bytes in a folder and in a bucket; sweeping, and reading back."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from moto.server import ThreadedMotoServer
from store_rows import letter, receive

from service.errors import ConfigError, Permanent, Temporary
from store.blobs import MARK, Blobs, open_blobs
from store.checks import sweep
from store.database import Store

NOT_YET = timedelta(days=1)
ALL = timedelta(seconds=-5)
KEYS = """
access_key_id = "test"
secret_access_key = "hush"
region = "us-east-1"
endpoint = "{endpoint}"
"""


@pytest.fixture(scope="session")
def bucket_server() -> Iterator[str]:
    """The endpoint of an S3 service with the bucket `letters`."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    urlopen(Request(f"http://{host}:{port}/letters", method="PUT"), timeout=10).close()
    yield f"http://{host}:{port}"
    server.stop()


@contextmanager
def answering(status: int) -> Iterator[str]:
    """The endpoint of a service that answers everything so."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(params=["folder", "bucket"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """An empty blob store."""
    if request.param == "folder":
        return open_blobs(f"file://{tmp_path}/blobs")
    keys = tmp_path / "keys.toml"
    keys.write_text(KEYS.format(endpoint=request.getfixturevalue("bucket_server")))
    return open_blobs(f"s3://letters/{tmp_path.name}", credentials=keys)


def test_what_is_written_is_read_back(blobs: Blobs) -> None:
    batch = [b"", b"x", bytes(range(256)) * 30_000]
    names = blobs.write_all(batch)
    assert [blobs.read(name) for name in names] == batch
    assert len(set(names)) == 3
    assert blobs.write_all([]) == []


def test_the_same_bytes_get_another_name_each_time(blobs: Blobs) -> None:
    first, second = blobs.write_all([b"x"]), blobs.write_all([b"x"])
    blobs.delete_all(first)
    assert blobs.read(second[0]) == b"x"


def test_what_is_gone_is_permanent_and_deleting_it_again_is_nothing(blobs: Blobs) -> None:
    names = blobs.write_all([b"x", b"y"])
    blobs.delete_all(names[:1])
    blobs.delete_all(names[:1])
    with pytest.raises(Permanent, match="gone"):
        blobs.read(names[0])


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "2027-01-15/..", "2027-01-15/" + "g" * 32, ""])
def test_a_name_that_is_none_of_ours_is_not_followed(blobs: Blobs, name: str) -> None:
    with pytest.raises(Permanent, match="none of ours"):
        blobs.read(name)
    with pytest.raises(Permanent, match="none of ours"):
        blobs.delete_all([name])


def test_only_what_is_old_is_listed(blobs: Blobs) -> None:
    names = blobs.write_all([b"x", b"y"])
    assert list(blobs.older_than(NOT_YET)) == []
    assert sorted(blobs.older_than(ALL)) == sorted(names)


def test_a_folder_syncs_each_file_before_its_name_and_the_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts: list[tuple[str, str]] = []
    fsync, rename = os.fsync, Path.rename

    def seen_fsync(descriptor: int) -> None:
        acts.append(("sync", Path(f"/proc/self/fd/{descriptor}").readlink().suffix))
        fsync(descriptor)

    def seen_rename(path: Path, target: Path) -> Path:
        acts.append(("name", path.suffix))
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(Path, "rename", seen_rename)
    blobs = open_blobs(f"file://{tmp_path}/blobs")
    blobs.write_all([b"x", b"y"])
    in_folder, file, named = ("sync", ""), ("sync", ".part"), ("name", ".part")
    assert acts == [in_folder, in_folder, file, file, named, named, in_folder]  # the mark, the day, the blobs
    acts.clear()
    blobs.write_all([b"z"])
    assert acts == [file, named, in_folder]


def test_a_full_disk_is_temporary_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = open_blobs(f"file://{tmp_path}/blobs")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Temporary, match="full"):
        blobs.write_all([b"x"])
    assert list((tmp_path / "blobs").glob("*/*")) == []


def test_one_file_of_many_that_cannot_be_written_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = open_blobs(f"file://{tmp_path}/blobs")
    blobs.write_all([b"before"])
    write, fsync, synced = os.write, os.fsync, []

    def full(descriptor: int, data: bytes) -> int:
        if bytes(data) == b"7":
            raise OSError(28, "No space left on device")
        return write(descriptor, data)

    def seen_fsync(descriptor: int) -> None:
        fsync(descriptor)
        synced.append(descriptor)

    monkeypatch.setattr(os, "write", full)
    monkeypatch.setattr(os, "fsync", seen_fsync)
    with pytest.raises(Temporary, match="full"):
        blobs.write_all([b"%d" % n for n in range(20)])
    assert len(synced) == 19, "the others are waited for: none comes into being later"
    assert [path.read_bytes() for path in (tmp_path / "blobs").glob("*/*")] == [b"before"]


def test_an_empty_mount_point_is_told_from_the_folder_and_nothing_is_gone_or_written(tmp_path: Path) -> None:
    place, disk = tmp_path / "blobs", tmp_path / "disk"
    blobs = open_blobs(f"file://{place}", expected=lambda: True)
    place.rmdir()
    disk.mkdir()
    (disk / MARK).touch()
    disk.rename(place)
    (name,) = blobs.write_all([b"x"])
    place.rename(disk)
    place.mkdir()
    (place / "lost+found").mkdir()  # another disk, or the bare mount point
    for act in (
        lambda: blobs.read(name),
        lambda: blobs.place(name),
        lambda: blobs.write_all([b"y"]),
        lambda: blobs.delete_all([name]),
    ):
        with pytest.raises(Temporary, match="mount its disk"):
            act()
    assert [path.name for path in place.iterdir()] == ["lost+found"]
    (place / "lost+found").rmdir()
    place.rmdir()
    disk.rename(place)
    assert blobs.read(name) == b"x"


def test_a_folder_is_marked_at_its_first_use_or_when_it_was_filled_before_there_were_marks(tmp_path: Path) -> None:
    blobs = open_blobs(f"file://{tmp_path}/blobs")
    (name,) = blobs.write_all([b"x"])
    assert (tmp_path / "blobs" / MARK).exists()
    (tmp_path / "blobs" / MARK).unlink()
    old = open_blobs(f"file://{tmp_path}/blobs", expected=lambda: True)
    old.delete_all([name])
    with pytest.raises(Permanent, match="gone"):
        old.read(name)
    old.write_all([b"y"])
    assert (tmp_path / "blobs" / MARK).exists()


def test_a_bucket_that_is_missing_empty_or_refuses_is_temporary(tmp_path: Path, bucket_server: str) -> None:
    name = "2027-01-15/" + "0" * 32
    keys = tmp_path / "keys.toml"
    keys.write_text(KEYS.format(endpoint=bucket_server))
    missing = open_blobs("s3://nowhere/x", credentials=keys)
    empty = open_blobs("s3://letters/another-prefix", credentials=keys)
    keys.write_text(KEYS.format(endpoint="http://127.0.0.1:1"))
    silent = open_blobs("s3://letters/x", credentials=keys)
    for blobs in (missing, empty, silent):
        with pytest.raises(Temporary):
            blobs.read(name)
    for blobs in (missing, silent):
        with pytest.raises(Temporary, match="does not serve us"):
            blobs.write_all([b"x"])


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 429, 500, 503])
def test_whatever_an_s3_service_answers_but_a_missing_key_is_temporary(tmp_path: Path, status: int) -> None:
    keys = tmp_path / "keys.toml"
    with answering(status) as endpoint:
        keys.write_text(KEYS.format(endpoint=endpoint))
        blobs = open_blobs("s3://letters/x", credentials=keys)
        with pytest.raises(Temporary) as caught:
            blobs.read("2027-01-15/" + "0" * 32)
    assert "hush" not in str(caught.value)


def test_a_bucket_that_does_not_answer_is_temporary_and_says_no_key(tmp_path: Path) -> None:
    keys = tmp_path / "keys.toml"
    keys.write_text(KEYS.format(endpoint="http://127.0.0.1:1"))
    blobs = open_blobs("s3://letters/x", credentials=keys)
    with pytest.raises(Temporary, match="does not serve us") as caught:
        blobs.write_all([b"x", b"y"])
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("url", ["ftp://host/x", "file://host/x", "file:x", "s3://", "/var/blobs"])
def test_another_kind_of_url_is_told(url: str) -> None:
    with pytest.raises(ConfigError, match=r"\[store\] blobs"):
        open_blobs(url)


@pytest.mark.parametrize("text", [None, "not = toml = at all", "colour = 'hush'"])
def test_credentials_that_cannot_be_used_are_told_without_their_values(tmp_path: Path, text: str | None) -> None:
    keys = tmp_path / "keys.toml"
    if text is not None:
        keys.write_text(text)
    with pytest.raises(ConfigError, match="blobs_credentials_file") as caught:
        open_blobs("s3://letters/x", credentials=keys)
    assert "hush" not in str(caught.value)


def test_sweeping_takes_what_no_row_refers_to(store: Store, blobs: Blobs) -> None:
    used, orphan = blobs.write_all([b"used", b"orphan"])
    receive(store, letter(1, blob=used))
    assert sweep(store, blobs) == 0
    assert sweep(store, blobs, age=ALL) == 1
    assert blobs.read(used) == b"used"
    with pytest.raises(Permanent):
        blobs.read(orphan)


def test_sweeping_takes_what_a_crash_left_half_written(tmp_path: Path, store: Store) -> None:
    blobs = open_blobs(f"file://{tmp_path}/blobs")
    (name,) = blobs.write_all([b"x"])
    half = tmp_path / "blobs" / f"{name}.part"
    half.write_bytes(b"ha")
    assert sweep(store, blobs, age=ALL) == 1
    assert not half.exists()
