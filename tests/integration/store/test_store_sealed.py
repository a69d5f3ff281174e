"""Letters sealed at rest: read back by the key alone, told when they were changed, keys renewed without rewriting."""

import base64
from pathlib import Path

import pytest

from service.errors import ConfigError, Permanent
from store.blobs import Blobs, open_blobs
from store.sealed import HEAD, MAGIC, SealedBlobs, keys_from

OLD, NEW = (base64.b64encode(bytes([number] * 32)).decode() for number in (1, 2))


@pytest.fixture
def plain(tmp_path: Path) -> Blobs:
    return open_blobs(f"file://{tmp_path}/blobs")


def test_what_lies_there_tells_nothing_and_is_read_back(plain: Blobs) -> None:
    sealed = SealedBlobs(plain, keys_from(OLD))
    batch = ["ФИО: Иванов Иван Иванович".encode(), b"", bytes(range(256)) * 9_000]
    names = sealed.write_all(batch)
    assert [sealed.read(name) for name in names] == batch
    assert all(plain.read(name).startswith(MAGIC) for name in names)
    assert "Иванов".encode() not in plain.read(names[0])
    assert len(plain.read(names[0])) == len(batch[0]) + HEAD + 16


def test_the_same_letter_never_looks_the_same(plain: Blobs) -> None:
    one, two = SealedBlobs(plain, keys_from(OLD)).write_all([b"x", b"x"])
    assert plain.read(one) != plain.read(two)


def test_letters_from_before_the_key_are_read_as_they_are(plain: Blobs) -> None:
    (name,) = plain.write_all([b"From: a@post.example"])
    assert SealedBlobs(plain, keys_from(OLD)).read(name) == b"From: a@post.example"


def test_a_new_key_seals_and_the_old_one_still_opens(plain: Blobs) -> None:
    (before,) = SealedBlobs(plain, keys_from(OLD)).write_all([b"old"])
    both = SealedBlobs(plain, keys_from(f"# renewed\n{NEW}\n\n{OLD}\n"))
    (after,) = both.write_all([b"new"])
    assert (both.read(before), both.read(after)) == (b"old", b"new")
    assert SealedBlobs(plain, keys_from(NEW)).read(after) == b"new"
    with pytest.raises(Permanent, match="add it to store"):
        SealedBlobs(plain, keys_from(OLD)).read(after)


@pytest.mark.parametrize("at", [len(MAGIC) + 8, HEAD, -1])
def test_bytes_that_were_changed_are_told(plain: Blobs, tmp_path: Path, at: int) -> None:
    sealed = SealedBlobs(plain, keys_from(OLD))
    (name,) = sealed.write_all([b"whole"])
    path = tmp_path / "blobs" / name
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)
    with pytest.raises(Permanent, match="were changed"):
        sealed.read(name)


@pytest.mark.parametrize("text", ["", "# nothing\n", "c2hvcnQ=", "not base64!", OLD + "\nxx?"])
def test_what_is_no_key_is_told_and_not_quoted(text: str) -> None:
    with pytest.raises(ConfigError, match="openssl rand") as fault:
        keys_from(text)
    last = text.splitlines()[-1] if text else "#"
    assert last.startswith("#") or last not in str(fault.value)
