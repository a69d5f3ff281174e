"""The tables of the ways in beside mail: keys of programs, their requests, the form's letters before confirmation."""

from sqlalchemy import BigInteger, Column, ForeignKey, Table, Text, UniqueConstraint

from store.columns import Bytes, Clean, Id
from store.schema import metadata

api_keys = Table(  # who may hand over what people told elsewhere; a key is known by its hash alone
    "api_keys",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("hashed", Text, nullable=False, unique=True),  # SHA-256, hex
    Column("made_ms", BigInteger, nullable=False),
    Column("revoked_ms", BigInteger),
)

api_requests = Table(  # what each key handed over: the same idempotency key again is the same letter
    "api_requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key_id", Id, ForeignKey("api_keys.id"), nullable=False),
    Column("idempotency", Text, nullable=False),
    Column("body", Text, nullable=False),  # SHA-256 of the request, hex
    Column("token", Text, nullable=False, unique=True),  # by which it is asked about later
    Column("letter_id", BigInteger),  # null: not taken in yet; no reference: a letter may be erased
    Column("made_ms", BigInteger, nullable=False),
    UniqueConstraint("key_id", "idempotency"),
)

submissions = Table(  # letters of the public form whose address is not confirmed yet
    "submissions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("token", Text, nullable=False, unique=True),  # SHA-256 of the link's, hex
    Column("address", Clean, nullable=False, index=True),
    Column("raw", Bytes),  # the letter; null once it was taken in
    Column("size", BigInteger, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("taken_ms", BigInteger),  # confirmed and handed to the desk
)
