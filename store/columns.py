"""What our columns are made of, the same on SQLite and PostgreSQL; and the clock, which is the database's."""

import json
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Dialect, Integer, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

SIMULATED = "priemnaya_simulated"  # set on an engine's dialect: its clock is the caller's (database.py)

Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only in an INTEGER PRIMARY KEY
Document = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Bytes = LargeBinary


class Clean(TypeDecorator[str]):
    """Text of any origin. What no database keeps (NUL, lone surrogates) becomes U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The value fit to be stored."""
        return value if value is None or (value.isascii() and "\0" not in value) else cleaned(value)


class Word(TypeDecorator[StrEnum]):
    """A word of a closed list: written as text, read back as the list's member."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The word itself; ValueError when the list has no such word."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """The list's member; ValueError when the list has no such word."""
        return None if value is None else self.words(value)


def cleaned(text: str) -> str:
    """The text without NUL and lone surrogates, each replaced by U+FFFD."""
    return text.replace("\0", "\ufffd").encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def to_json(value: Any) -> str:
    """JSON that both databases take: cleaned as in `Clean`, also inside; letters as they are."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if "\\u0000" not in written and _encodable(written):
        return written
    return json.dumps(_cleaned_within(value), ensure_ascii=False, separators=(",", ":"))


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _cleaned_within(value: Any) -> Any:
    if isinstance(value, str):
        return cleaned(value)
    if isinstance(value, dict):
        return {cleaned(str(key)): _cleaned_within(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned_within(inner) for inner in value]
    return value


class now_ms(FunctionElement[int]):
    """Milliseconds since the epoch, UTC, by the database's clock; one value a statement."""

    type = BigInteger()
    inherit_cache = True
    name = "now_ms"


@compiles(now_ms, "sqlite")
def _now_sqlite(_element: now_ms, compiler: SQLCompiler, **_kw: Any) -> str:
    if hasattr(compiler.dialect, SIMULATED):
        return "desk_now()"
    # unixepoch('subsec') needs SQLite 3.42; a Julian day holds a tenth of a millisecond
    return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"


@compiles(now_ms, "postgresql")
def _now_postgresql(_element: now_ms, compiler: SQLCompiler, **_kw: Any) -> str:
    if hasattr(compiler.dialect, SIMULATED):
        return "current_setting('priemnaya.now')::bigint"
    # not clock_timestamp(): it is volatile, so no index would be used to compare with it
    return "(extract(epoch FROM statement_timestamp()) * 1000)::bigint"
