"""The bytes of letters: written once under a fresh name, never changed, never shared between rows.

A folder is for one machine, an S3 bucket for many. Bytes come first: they are durable when `write_all` returns, then
the row is committed, then the letter moves on the server. What a crash leaves without a row is swept after a day.
Names begin with the day they were given, so that sweeping looks at few folders and none grows without end.

Bytes are said to be gone only by the blob store that had them. A folder bears our mark from its first use, so that the
empty mount point of a disk that is not there is told from it: there nothing is read, nothing written, nobody's bytes
are gone, and the work waits for the disk. A bucket that holds nothing of ours is likewise another than the right one.
"""

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from service.errors import ConfigError, Permanent, PriemnayaError, Temporary
from service.fault_points import Step, pass_by
from service.shred import shred

AT_ONCE = 8  # files, or requests, in flight: a journalling file system commits them together
NAME = re.compile(r"(\d{4}-\d\d-\d\d)/[0-9a-f]{32}", re.ASCII)
DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"  # a folder of a day, for glob
MARK = ".priemnaya-blobs"  # in a folder that is ours
MARKED = "The bytes of letters lie here. This file tells the folder from an empty mount point: keep it.\n"
SWEPT_BACK = timedelta(days=7)  # how far back sweeping looks; older blobs were looked at by then


T = TypeVar("T")
Expected = Callable[[], bool]


class Blobs(Protocol):
    """Where letters' bytes lie. Every call may raise Temporary; used from any thread."""

    def write_all(self, batch: Sequence[bytes]) -> list[str]:
        """Write each under a fresh name; all are durable when this returns. On an error none counts as written."""

    def read(self, name: str) -> bytes:
        """The bytes of that name. Permanent when they are gone."""

    def place(self, name: str) -> Path | None:
        """The file of that name on this machine, when blobs are files here. Permanent when it is gone."""

    def delete_all(self, names: Iterable[str]) -> None:
        """Delete these; a name that is gone already is passed over."""

    def put_back(self, batch: Sequence[tuple[str, bytes]]) -> None:
        """Write these under the names they had before they were lost; all are durable when this returns."""

    def older_than(self, age: timedelta) -> Iterator[str]:
        """Names given longer ago than `age`, within SWEPT_BACK, in no order."""


def open_blobs(
    url: str, *, credentials: Path | None = None, keys: str | None = None, expected: Expected = lambda: False
) -> Blobs:
    """The blob store of that URL: `file:///folder` (made when missing) or `s3://bucket/prefix`; sealed under `keys`,
    the text of a key file (sealed.py).

    `expected` says whether bytes of letters should lie there already; it is asked before a folder without any is taken
    for ours and marked. `credentials` is a TOML file with obstore's S3 keys: access_key_id,
    secret_access_key, region, endpoint, …. ConfigError for another kind of URL, an unreadable file, an unknown key.
    """
    if keys is not None:
        from store.sealed import SealedBlobs, keys_from  # noqa: PLC0415  # cryptography is 10 MB that few desks need

        return SealedBlobs(open_blobs(url, credentials=credentials, expected=expected), keys_from(keys))
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ConfigError("[store] blobs: not a URL; write file:///folder or s3://bucket/prefix") from None
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return FolderBlobs(Path(unquote(parts.path)), expected)
    if parts.scheme == "s3" and parts.netloc:
        return RemoteBlobs(_bucket(parts.netloc, parts.path.strip("/"), credentials))
    raise ConfigError("[store] blobs: write file:///folder or s3://bucket/prefix")


class FolderBlobs:
    """Blobs as files of a folder. Its file system must honour fsync."""

    def __init__(self, folder: Path, expected: Expected) -> None:
        self._folder, self._expected = folder, expected
        with _speaking_of(folder):
            folder.mkdir(parents=True, exist_ok=True)

    def write_all(self, batch: Sequence[bytes]) -> list[str]:
        """(1) Write each aside and sync it, (2) give them their names, (3) sync the folder, once."""
        if not batch:
            return []
        day = _today()
        folder = self._folder / day
        names = [uuid4().hex for _ in batch]
        aside = [folder / f"{name}.part" for name in names]
        with _speaking_of(self._folder):
            self._be_ours()
            self._make(folder)
            try:
                _for_each(_write_new, list(zip(aside, batch, strict=True)))
                pass_by(Step.BLOBS_ASIDE)
                for path in aside:
                    path.rename(path.with_suffix(""))
            except OSError:
                for path in aside:
                    path.unlink(missing_ok=True)
                raise
            pass_by(Step.BLOBS_NAMED)
            _sync(folder)
        return [f"{day}/{name}" for name in names]

    def put_back(self, batch: Sequence[tuple[str, bytes]]) -> None:
        """See Blobs."""
        with _speaking_of(self._folder):
            self._mark()
            paths = [self._folder / _checked(name) for name, _ in batch]
            aside = [path.with_suffix(".part") for path in paths]
            for path in aside:
                self._make(path.parent)
                path.unlink(missing_ok=True)
            _for_each(_write_new, [(path, data) for path, (_, data) in zip(aside, batch, strict=True)])
            for path in aside:
                path.rename(path.with_suffix(""))
            for folder in {path.parent for path in paths}:
                _sync(folder)

    def _make(self, folder: Path) -> None:
        try:
            folder.mkdir()
        except FileExistsError:
            return
        _sync(self._folder)

    def read(self, name: str) -> bytes:
        """See Blobs."""
        path = self._folder / _checked(name)
        with _speaking_of(self._folder):
            try:
                return path.read_bytes()
            except FileNotFoundError:
                raise self._gone_or_away(name) from None

    def place(self, name: str) -> Path | None:
        """See Blobs."""
        path = self._folder / _checked(name)
        with _speaking_of(self._folder):
            if not path.exists():
                raise self._gone_or_away(name)
        return path

    def _gone_or_away(self, name: str) -> PriemnayaError:
        """A folder that is not ours is a disk that is not mounted: the letters wait for it, none is set aside."""
        return _gone(name) if self._is_ours() else self._away()

    def _is_ours(self) -> bool:
        """It has our mark, or was filled before there were marks."""
        return (self._folder / MARK).exists() or next(self._folder.glob(DAY), None) is not None

    def _be_ours(self) -> None:
        """Marks the folder at its first use; Temporary when letters should have their bytes here and have none."""
        if (self._folder / MARK).exists():
            return
        if not self._is_ours() and self._expected():
            raise self._away()
        self._mark()

    def _mark(self) -> None:
        (self._folder / MARK).write_text(MARKED, encoding="utf-8")
        _sync(self._folder)

    def _away(self) -> Temporary:
        return Temporary(
            f"{self._folder} is not the blob folder that letters refer to: mount its disk; if the bytes are lost, "
            f"bring them back from the backup, or create the file {MARK} there to go on without them"
        )

    def delete_all(self, names: Iterable[str]) -> None:
        """See Blobs. Overwritten first. Not synced: after a power cut a deleted blob may be swept once more."""
        with _speaking_of(self._folder):
            for name in names:
                path = self._folder / _checked(name)
                if not self._is_ours():
                    raise self._away()
                shred(path)

    def older_than(self, age: timedelta) -> Iterator[str]:
        """See Blobs; what a crash left half written is deleted on the way."""
        before = datetime.now(UTC) - age
        with _speaking_of(self._folder):
            for day in _days(before):
                folder = self._folder / day
                for path in list(folder.iterdir()) if folder.is_dir() else []:
                    if path.stat().st_mtime >= before.timestamp():
                        continue
                    if path.suffix == ".part":
                        path.unlink(missing_ok=True)
                    elif NAME.fullmatch(f"{day}/{path.name}"):
                        yield f"{day}/{path.name}"


class RemoteBlobs:
    """Blobs as objects of a bucket; the service answers a put only when it is durable there."""

    def __init__(self, bucket: S3Store) -> None:
        self._bucket = bucket

    def write_all(self, batch: Sequence[bytes]) -> list[str]:
        """See Blobs."""
        day = _today()
        named = [(f"{day}/{uuid4().hex}", data) for data in batch]
        with _speaking_of_bucket():
            _for_each(lambda one: obstore.put(self._bucket, one[0], one[1]), named)
        return [name for name, _ in named]

    def put_back(self, batch: Sequence[tuple[str, bytes]]) -> None:
        """See Blobs."""
        with _speaking_of_bucket():
            _for_each(lambda one: obstore.put(self._bucket, _checked(one[0]), one[1]), list(batch))

    def read(self, name: str) -> bytes:
        """See Blobs."""
        with _speaking_of_bucket():
            try:
                return bytes(obstore.get(self._bucket, _checked(name)).bytes())
            except FileNotFoundError:
                raise self._gone_or_away(name) from None

    def _gone_or_away(self, name: str) -> PriemnayaError:
        """A missing bucket is answered like a missing key (404); nothing of ours in it: it is not the one we filled."""
        if any(page for page in obstore.list(self._bucket, chunk_size=1)):
            return _gone(name)
        return Temporary("the blob bucket holds nothing of ours: check [store] blobs and the endpoint, or restore it")

    def place(self, name: str) -> Path | None:
        """See Blobs."""
        return None

    def delete_all(self, names: Iterable[str]) -> None:
        """See Blobs."""
        wanted = [_checked(name) for name in names]
        if wanted:
            with _speaking_of_bucket():
                obstore.delete(self._bucket, wanted)

    def older_than(self, age: timedelta) -> Iterator[str]:
        """See Blobs."""
        before = datetime.now(UTC) - age
        with _speaking_of_bucket():
            for day in _days(before):
                for page in obstore.list(self._bucket, day):
                    for found in page:
                        if found["last_modified"] < before and NAME.fullmatch(found["path"]):
                            yield found["path"]


def _bucket(name: str, prefix: str, credentials: Path | None) -> S3Store:
    try:
        keys: Any = {} if credentials is None else tomllib.loads(credentials.read_text(encoding="utf-8"))
        return S3Store(
            name,
            prefix=prefix or None,
            config=keys,
            # A whole request: 40 s of silence and a loop's pause stay under a minute; 1 MB/s carries the largest letter
            client_options={"timeout": "40s", "connect_timeout": "10s", "allow_http": True},
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)},
        )
    except OSError as error:
        raise ConfigError(f"[store] blobs_credentials_file {credentials}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"[store] blobs_credentials_file {credentials}: no TOML: {error}") from None
    except (BaseError, TypeError) as error:  # an unknown key, a value of the wrong type; never quotes a value
        raise ConfigError(f"[store] blobs_credentials_file: {type(error).__name__}; see obstore's S3 keys") from None


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _days(before: datetime) -> Iterator[str]:
    """The days whose blobs are to be looked at, oldest first."""
    for back in range(SWEPT_BACK.days, -1, -1):
        yield (before - timedelta(days=back)).date().isoformat()


def _checked(name: str) -> str:
    if NAME.fullmatch(name) is None:
        raise Permanent("a blob's name in the store is none of ours: run `priemnaya verify`")
    return name


def _gone(name: str) -> Permanent:
    return Permanent(f"the bytes of {name} are gone from the blob store: restore them from the backup")


def _write_new(one: tuple[Path, bytes]) -> None:
    """A file that was not there, synced."""
    path, data = one
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o660)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _for_each(act: Callable[[T], object], items: Sequence[T]) -> None:
    """Do it for all, several at once; the first error is raised after all have ended."""
    if len(items) < 2:
        for item in items:
            act(item)
        return
    with ThreadPoolExecutor(min(AT_ONCE, len(items)), thread_name_prefix="blobs") as pool:
        for done in [pool.submit(act, item) for item in items]:
            done.result()


@contextmanager
def _speaking_of(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _told(folder, error) from None


def _told(folder: Path, error: OSError) -> PriemnayaError:
    if error.errno in {ENOSPC, EDQUOT}:
        return Temporary(f"the disk of {folder} is full: free some space, the work goes on by itself")
    return Temporary(f"the blob folder {folder}: {error.strerror}; is it there, and ours to read and write?")


@contextmanager
def _speaking_of_bucket() -> Iterator[None]:
    """obstore's texts carry whole answers of the service, so only the kind of the error is told."""
    try:
        yield
    except (BaseError, OSError) as error:
        kind = type(error).__name__
        raise Temporary(
            f"the blob bucket does not serve us ({kind}): check the service, its keys, the bucket"
        ) from None
